//! The best partition of a few marks into clusters: the exact counterpart of greedy clustering
//! ([`mark_clusters`](super::mark_clusters)), for groups of marks that are small enough.
//!
//! **Objective.** The sum of `similarity − threshold` over all pairs of marks that stand in one cluster, where no worker
//! stands twice in a cluster (correlation clustering after Bansal, Blum and Chawla 2004, with that rule). A mark that
//! resembles nobody enough gains nothing anywhere and stays alone. No best partition joins marks between which there is no
//! chain of similar pairs, so each group that hangs together is looked at by itself.
//!
//! **Search.** With two workers this is the assignment problem, solved by shortest augmenting paths (Jonker and
//! Volgenant 1987) in cubic time. With more it is as hard as any problem of its class, and searched by branch and bound: marks
//! come one after another, each into a cluster that lacks its worker or into a new one, the most gainful first. A branch
//! ends when what is left cannot beat the best so far. What is left gains at most, for each mark to come, its best
//! similarity to each other worker's marks, or the best of the clusters there are.
//!
//! **Bounds.** Two workers: [`MAX_ASSIGNED`] marks. More: [`MAX_SEARCHED`] marks, and [`MAX_STEPS`] marks placed before
//! the search gives up. Beyond either, the greedy clusters stay as they are. **Ties** (within 10⁻⁹) go to the greedy
//! clusters, then to the partition found first, which the order of the marks decides.

/// The most marks of two workers that are assigned to each other.
pub const MAX_ASSIGNED: usize = 200;

/// The most marks of three and more workers that are searched for their best partition.
pub const MAX_SEARCHED: usize = 32;

/// The most marks that a search assigns before it gives up.
pub const MAX_STEPS: usize = 20_000;

/// Gains that differ by less are equal: they come from sums in which rounding errors differ.
const SAME_GAIN: f64 = 1e-9;

/// The best clusters of `members` (mark indices, ascending), where they are better than the `known` ones; `None` where
/// they are not, or where the bounds of the search are passed.
pub(super) fn better_than(
    known: &[Vec<usize>],
    members: &[usize],
    worker_of: &[usize],
    similarity: impl Fn(usize, usize) -> f64,
    threshold: f64,
) -> Option<Vec<Vec<usize>>> {
    let mut workers: Vec<usize> = members.iter().map(|mark| worker_of[*mark]).collect();
    workers.sort_unstable();
    workers.dedup();
    let most = if workers.len() <= 2 { MAX_ASSIGNED } else { MAX_SEARCHED };
    if members.len() > most {
        return None;
    }
    let worker_of_mark = |mark: &usize| workers.binary_search(&worker_of[*mark]).unwrap_or_default();
    let mut group = Group { worker: members.iter().map(worker_of_mark).collect(), gains: Vec::new() };
    group.gains = vec![f64::NEG_INFINITY; members.len() * members.len()];
    for (a, mark) in members.iter().enumerate() {
        for (b, other) in members.iter().enumerate().skip(a + 1) {
            if group.worker[a] != group.worker[b] {
                let gain = similarity(*mark, *other) - threshold;
                group.gains[a * members.len() + b] = gain;
                group.gains[b * members.len() + a] = gain;
            }
        }
    }
    let idx = |mark: &usize| members.binary_search(mark).unwrap_or_default();
    let known: Vec<Vec<usize>> = known.iter().map(|marks| marks.iter().map(idx).collect()).collect();
    let found = if workers.len() <= 2 { group.assignment() } else { Branches::search(&group, group.value(&known))? };
    if group.value(&found) <= group.value(&known) + SAME_GAIN {
        return None;
    }
    let mut clusters: Vec<Vec<usize>> =
        found.into_iter().map(|indices| indices.into_iter().map(|idx| members[idx]).collect()).collect();
    for marks in &mut clusters {
        marks.sort_unstable();
    }
    clusters.sort_unstable();
    Some(clusters)
}

/// Marks that hang together, by their indices.
struct Group {
    /// Whose each is, counted from 0.
    worker: Vec<usize>,
    /// What a pair gains in one cluster, row by row; minus infinity for two marks of a worker.
    gains: Vec<f64>,
}

impl Group {
    fn gain(&self, a: usize, b: usize) -> f64 {
        self.gains[a * self.worker.len() + b]
    }

    fn value(&self, clusters: &[Vec<usize>]) -> f64 {
        let of_cluster = |marks: &Vec<usize>| -> f64 {
            let with_earlier = |n: usize| marks[..n].iter().map(|earlier| self.gain(*earlier, marks[n])).sum::<f64>();
            (1..marks.len()).map(with_earlier).sum()
        };
        clusters.iter().map(of_cluster).sum()
    }

    /// The best pairs of the marks of two workers, and the marks that are left alone.
    fn assignment(&self) -> Vec<Vec<usize>> {
        let of_worker = |worker| (0..self.worker.len()).filter(|mark| self.worker[*mark] == worker).collect::<Vec<_>>();
        let (rows, columns) = (of_worker(0), of_worker(1));
        // A mark may stay alone: its row has a column of its own, which gains nothing.
        let cost = |row: usize, column: usize| match columns.get(column) {
            Some(mark) => -self.gain(rows[row], *mark).max(0.0),
            None => 0.0,
        };
        let column_of = assign(rows.len(), columns.len() + rows.len(), cost);
        let mut clusters: Vec<Vec<usize>> = Vec::with_capacity(rows.len() + columns.len());
        let mut is_alone = vec![true; columns.len()];
        for (row, column) in column_of.into_iter().enumerate() {
            let partner = columns.get(column).filter(|mark| self.gain(rows[row], **mark) > 0.0);
            if partner.is_some() {
                is_alone[column] = false;
            }
            clusters.push(std::iter::once(rows[row]).chain(partner.copied()).collect());
        }
        clusters.extend(columns.iter().zip(is_alone).filter(|(_, is_alone)| *is_alone).map(|(mark, _)| vec![*mark]));
        clusters
    }
}

/// Gives every row a column of its own so that the sum of costs is least; there are at least as many columns as rows. Rows
/// come one after another, and each takes the cheapest path of exchanges to a free column.
fn assign(n_rows: usize, n_columns: usize, cost: impl Fn(usize, usize) -> f64) -> Vec<usize> {
    let (mut of_rows, mut of_columns) = (vec![0.0; n_rows], vec![0.0; n_columns]);
    let mut row_of: Vec<Option<usize>> = vec![None; n_columns];
    for new_row in 0..n_rows {
        let mut distances = vec![f64::INFINITY; n_columns];
        let mut from: Vec<Option<usize>> = vec![None; n_columns];
        let mut is_reached = vec![false; n_columns];
        let (mut row, mut column, mut length) = (new_row, None, 0.0);
        let free = loop {
            let mut nearest: Option<usize> = None;
            for next in (0..n_columns).filter(|next| !is_reached[*next]) {
                let distance = length + cost(row, next) - of_rows[row] - of_columns[next];
                if distance < distances[next] {
                    (distances[next], from[next]) = (distance, column);
                }
                if nearest.is_none_or(|nearest| distances[next] < distances[nearest]) {
                    nearest = Some(next);
                }
            }
            // There are enough columns, so one is always left.
            let Some(nearest) = nearest else { break None };
            (is_reached[nearest], length, column) = (true, distances[nearest], Some(nearest));
            match row_of[nearest] {
                Some(next_row) => row = next_row,
                None => break Some(nearest),
            }
        };
        of_rows[new_row] += length;
        for reached in (0..n_columns).filter(|reached| is_reached[*reached]) {
            let slack = length - distances[reached];
            of_columns[reached] -= slack;
            if let Some(row) = row_of[reached] {
                of_rows[row] += slack;
            }
        }
        let mut end = free;
        while let Some(column) = end {
            let before = from[column];
            row_of[column] = before.map_or(Some(new_row), |before| row_of[before]);
            end = before;
        }
    }
    let mut column_of = vec![0; n_rows];
    for (column, row) in row_of.into_iter().enumerate() {
        if let Some(row) = row {
            column_of[row] = column;
        }
    }
    column_of
}

/// The search among all partitions.
struct Branches<'a> {
    group: &'a Group,
    /// `to_come[n]`: the most that the marks from `n` on can gain among each other.
    to_come: Vec<f64>,
    clusters: Vec<Vec<usize>>,
    best: Option<Vec<Vec<usize>>>,
    best_value: f64,
    steps_left: usize,
}

impl<'a> Branches<'a> {
    /// The best partition, or an empty one where none is better than `known_value`; `None` when the search gave up.
    fn search(group: &'a Group, known_value: f64) -> Option<Vec<Vec<usize>>> {
        let n = group.worker.len();
        let n_workers = group.worker.iter().max().map_or(0, |last| last + 1);
        let mut to_come = vec![0.0; n + 1];
        for first in (0..n).rev() {
            // The best similarity of each mark to each worker's marks between `first` and itself.
            let of_mark = |mark: usize| -> f64 {
                let mut best = vec![0.0_f64; n_workers];
                for earlier in first..mark {
                    let best = &mut best[group.worker[earlier]];
                    *best = best.max(group.gain(earlier, mark));
                }
                best.iter().sum()
            };
            to_come[first] = (first + 1..n).map(of_mark).sum();
        }
        let (clusters, best_value) = (Vec::new(), known_value + SAME_GAIN);
        let mut branches = Self { group, to_come, clusters, best: None, best_value, steps_left: MAX_STEPS };
        branches.assign(0, 0.0)?;
        Some(branches.best.unwrap_or_default())
    }

    /// Assigns all marks from `mark` on, after clusters worth `value`; `None` when the steps are used up.
    fn assign(&mut self, mark: usize, value: f64) -> Option<()> {
        let n = self.group.worker.len();
        if mark == n {
            if value > self.best_value {
                (self.best_value, self.best) = (value, Some(self.clusters.clone()));
            }
            return Some(());
        }
        let gain = |mark: usize, cluster: &Vec<usize>| -> f64 {
            cluster.iter().map(|member| self.group.gain(*member, mark)).sum()
        };
        let best_gain = |mark: usize| self.clusters.iter().map(|cluster| gain(mark, cluster)).fold(0.0, f64::max);
        if value + self.to_come[mark] + (mark..n).map(best_gain).sum::<f64>() <= self.best_value {
            return Some(());
        }
        let mut choices: Vec<(usize, f64)> =
            self.clusters.iter().map(|cluster| gain(mark, cluster)).enumerate().collect();
        choices.retain(|(_, gain)| *gain > f64::NEG_INFINITY);
        choices.push((self.clusters.len(), 0.0));
        choices.sort_by(|a, b| b.1.total_cmp(&a.1));
        for (idx, gain) in choices {
            self.steps_left = self.steps_left.checked_sub(1)?;
            if idx == self.clusters.len() {
                self.clusters.push(vec![mark]);
                self.assign(mark + 1, value)?;
                self.clusters.pop();
            } else {
                self.clusters[idx].push(mark);
                self.assign(mark + 1, value + gain)?;
                self.clusters[idx].pop();
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    /// The value of the best partition, by trying all.
    fn by_brute_force(group: &Group, clusters: &mut Vec<Vec<usize>>, mark: usize) -> f64 {
        if mark == group.worker.len() {
            return group.value(clusters);
        }
        let mut best = f64::NEG_INFINITY;
        for idx in 0..=clusters.len() {
            if idx == clusters.len() {
                clusters.push(Vec::new());
            } else if clusters[idx].iter().any(|member| group.worker[*member] == group.worker[mark]) {
                continue;
            }
            clusters[idx].push(mark);
            best = best.max(by_brute_force(group, clusters, mark + 1));
            clusters[idx].pop();
            clusters.retain(|members| !members.is_empty());
        }
        best
    }

    /// Marks of these workers at random distances.
    fn random(dice: &mut Dice, n_marks: usize, n_workers: usize) -> (Vec<usize>, Vec<f64>) {
        let workers = (0..n_marks).map(|_| dice.below(n_workers)).collect();
        let similarities: Vec<f64> = (0..n_marks * n_marks).map(|_| dice.unit()).collect();
        let symmetric = |idx: usize| {
            let (a, b) = (idx / n_marks, idx % n_marks);
            similarities[a.min(b) * n_marks + a.max(b)]
        };
        (workers, (0..n_marks * n_marks).map(symmetric).collect())
    }

    #[test]
    fn nothing_is_better() {
        let mut dice = Dice::new(5);
        for case in 0..300 {
            let n_marks = 2 + case % 7;
            let (workers, similarities) = random(&mut dice, n_marks, 2 + case % 3);
            let members: Vec<usize> = (0..n_marks).collect();
            let alone: Vec<Vec<usize>> = members.iter().map(|mark| vec![*mark]).collect();
            let similarity = |a: usize, b: usize| similarities[a * n_marks + b];
            let found = better_than(&alone, &members, &workers, similarity, 0.5).unwrap_or(alone);
            let gain =
                |a: usize, b: usize| if workers[a] == workers[b] { f64::NEG_INFINITY } else { similarity(a, b) - 0.5 };
            let gains = members.iter().flat_map(|a| members.iter().map(move |b| (*a, *b))).map(|(a, b)| gain(a, b));
            let group = Group { gains: gains.collect(), worker: workers.clone() };
            let best = by_brute_force(&group, &mut Vec::new(), 0);
            assert!((group.value(&found) - best).abs() < 1e-9, "{case}: {found:?}, and {best} is possible");
            let mut marks = found.concat();
            marks.sort_unstable();
            assert_eq!(marks, members, "{case}");
        }
    }

    #[test]
    fn the_best_pairs_are_not_always_the_nearest() {
        // The nearest pair would leave both others alone.
        let similarity = |a: usize, b: usize| match (a.min(b), a.max(b)) {
            (0, 2) => 0.9,
            (0, 3) | (1, 2) => 0.8,
            _ => 0.0,
        };
        let greedy = [vec![0, 2], vec![1], vec![3]];
        let found = better_than(&greedy, &[0, 1, 2, 3], &[0, 0, 1, 1], similarity, 0.5);
        assert_eq!(found, Some(vec![vec![0, 3], vec![1, 2]]));
        assert_eq!(better_than(&[vec![0, 3], vec![1, 2]], &[0, 1, 2, 3], &[0, 0, 1, 1], similarity, 0.5), None);
    }

    #[test]
    fn large_groups_stay_as_they_are() {
        let check = |n_marks: usize, n_workers: usize| {
            let members: Vec<usize> = (0..n_marks).collect();
            let workers: Vec<usize> = (0..n_marks).map(|mark| mark % n_workers).collect();
            let alone: Vec<Vec<usize>> = members.iter().map(|mark| vec![*mark]).collect();
            better_than(&alone, &members, &workers, |_, _| 1.0, 0.5).is_some()
        };
        assert!(check(MAX_ASSIGNED, 2) && !check(MAX_ASSIGNED + 1, 2));
        assert!(check(6, 3) && !check(MAX_SEARCHED + 1, 3));
    }
}
