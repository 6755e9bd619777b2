//! One order out of several workers' orders, with ties and partial lists.
//!
//! - [`borda`]: an item's score is the number of items it is placed before, half for ties, averaged over the workers
//!   (Borda 1781; with weights and half points for ties as in Emerson, "The original Borda count and partial voting", 2013).
//! - [`kemeny`]: the order that contradicts the fewest pairwise preferences (Kemeny, "Mathematics without numbers", 1959):
//!   exact up to [`MAX_EXACT`] items by dynamic programming over sets, beyond that from the Borda order by moving single
//!   items until no move helps.
//! - [`pair_accuracies`]: how often each worker orders a pair as the others do, the weights for both.
//!
//! A worker's accuracy is measured against the Borda scores of all others, over all pairs of all objects, shrunk by
//! `prior_pairs` pairs toward the accuracy of all. Its log-odds are the worker's weight: 0 for a guess. Scores and weights
//! are found in turn, starting from equal weights. Left out: a difficulty per object, and negative weights for workers who
//! turn the order around (one or two objects would do that to a careful worker).
//!
//! Cost: the square of the items per answer and round; `kemeny` also `2^n n` steps up to ten items, and the square of the
//! items per pass beyond.

use super::StopReason;

/// Beyond this number of items the Kemeny order is searched for and not proven.
pub const MAX_EXACT: usize = 10;

/// How often the local search goes over all items.
const MAX_PASSES: usize = 100;

/// Scores that differ by less are equal: they come from sums in which rounding errors differ.
const SAME_SCORE: f64 = 1e-9;

/// One worker's order of an object's items: the rank of each, smaller is better, equal is tied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ranking {
    /// `None` for an item that the worker left out: it counts as tied behind all that have a rank.
    pub ranks: Vec<Option<u32>>,
}

impl Ranking {
    /// 1 when item `a` stands before item `b`, -1 when behind, 0 when they are tied.
    fn preference(&self, a: usize, b: usize) -> f64 {
        let rank = |item: usize| self.ranks[item].unwrap_or(u32::MAX);
        match rank(a).cmp(&rank(b)) {
            std::cmp::Ordering::Less => 1.0,
            std::cmp::Ordering::Equal => 0.0,
            std::cmp::Ordering::Greater => -1.0,
        }
    }

    /// The points of each item: how many items it stands before, half for ties.
    fn points(&self) -> impl Iterator<Item = f64> + '_ {
        let n = self.ranks.len();
        (0..n).map(move |item| {
            let others = (0..n).filter(|other| *other != item);
            others.map(|other| (self.preference(item, other) + 1.0) / 2.0).sum()
        })
    }
}

/// One object: its number of items, and who ranked them how. All rankings have that many ranks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RankedObject {
    /// How many items there are.
    pub n_items: usize,
    /// Each answer's worker, by index, and ranking.
    pub rankings: Vec<(usize, Ranking)>,
}

/// What the weights of workers depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How many pairs of the common accuracy are added to each worker's own, above 0.
    pub prior_pairs: f64,
    /// After how many rounds to stop, 1 or more.
    pub max_iterations: usize,
}

impl Params {
    /// What the kind `ranking` takes.
    pub const STANDARD: Self = Self { prior_pairs: 5.0, max_iterations: 50 };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// How good workers are at ordering pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct PairAccuracies {
    /// Per worker the probability that a pair is ordered right, in [0.5, 0.99].
    pub accuracies: Vec<f64>,
    /// Per worker the log-odds of that.
    pub weights: Vec<f64>,
    /// Whether the last round changed next to nothing.
    pub stop: StopReason,
}

/// The accuracy that is expected of a worker of whom nothing is known.
const EXPECTED_ACCURACY: f64 = 0.8;

/// How many pairs of that accuracy are added to those of all workers together.
const PRIOR_OF_ALL: f64 = 20.0;

/// Measures every worker against the others.
pub fn pair_accuracies(objects: &[RankedObject], n_workers: usize, params: &Params) -> PairAccuracies {
    let mut accuracies = vec![EXPECTED_ACCURACY; n_workers];
    let mut stop = StopReason::MaxIterations;
    for _ in 0..params.max_iterations {
        let weights = log_odds(&accuracies);
        let (mut right, mut pairs) = (vec![0.0; n_workers], vec![0.0; n_workers]);
        for object in objects.iter().filter(|object| object.rankings.len() > 1) {
            let scores = weighted_points(object, &weights);
            for (worker, ranking) in &object.rankings {
                let of_others: Vec<f64> =
                    scores.iter().zip(ranking.points()).map(|(sum, own)| sum - weights[*worker] * own).collect();
                for (a, b) in pairs_of(object.n_items) {
                    let preference = ranking.preference(a, b);
                    let margin = of_others[a] - of_others[b];
                    if preference.abs() > 0.5 && margin.abs() > SAME_SCORE {
                        right[*worker] += f64::from(u8::from(preference * margin > 0.0));
                        pairs[*worker] += 1.0;
                    }
                }
            }
        }
        let all =
            (right.iter().sum::<f64>() + PRIOR_OF_ALL * EXPECTED_ACCURACY) / (pairs.iter().sum::<f64>() + PRIOR_OF_ALL);
        let shrunk = |(right, n): (&f64, &f64)| (right + params.prior_pairs * all) / (n + params.prior_pairs);
        let next: Vec<f64> = right.iter().zip(&pairs).map(shrunk).map(|accuracy| accuracy.clamp(0.5, 0.99)).collect();
        let farthest = next.iter().zip(&accuracies).map(|(next, now)| (next - now).abs()).fold(0.0, f64::max);
        accuracies = next;
        if farthest < 1e-6 {
            stop = StopReason::Converged;
            break;
        }
    }
    PairAccuracies { weights: log_odds(&accuracies), accuracies, stop }
}

fn log_odds(accuracies: &[f64]) -> Vec<f64> {
    // Rounded, so that the order in which sums were taken leaves no trace.
    accuracies.iter().map(|accuracy| ((accuracy / (1.0 - accuracy)).ln() * 1e9).round() / 1e9).collect()
}

fn pairs_of(n_items: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n_items).flat_map(move |a| (a + 1..n_items).map(move |b| (a, b)))
}

fn weighted_points(object: &RankedObject, weights: &[f64]) -> Vec<f64> {
    let mut scores = vec![0.0; object.n_items];
    for (worker, ranking) in &object.rankings {
        for (score, points) in scores.iter_mut().zip(ranking.points()) {
            *score += weights[*worker] * points;
        }
    }
    scores
}

/// The Borda score of each item: its weighted mean points, from 0 to one less than the number of items. All items have the
/// same when no worker has any weight.
pub fn borda(object: &RankedObject, weights: &[f64]) -> Vec<f64> {
    let total: f64 = object.rankings.iter().map(|(worker, _)| weights[*worker]).sum();
    let scores = weighted_points(object, weights);
    let even = object.n_items.saturating_sub(1) as f64 / 2.0;
    scores.into_iter().map(|score| if total > 0.0 { score / total } else { even }).collect()
}

/// The items by falling score; equal scores in the order of the items.
pub fn by_score(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    // In hundred-millionths, so that equal scores with different rounding errors are equal.
    let coarse = |item: usize| (scores[item] * 1e8).round();
    order.sort_by(|a, b| coarse(*b).total_cmp(&coarse(*a)).then(a.cmp(b)));
    order
}

/// The rank of each item by its score, 1 for the best; items with the same score share one, and leave out the next.
pub fn ranks_of(scores: &[f64]) -> Vec<usize> {
    let order = by_score(scores);
    let mut ranks = vec![1; scores.len()];
    for (rank, pair) in (2..).zip(order.windows(2)) {
        let tied = (scores[pair[0]] - scores[pair[1]]).abs() <= 1e-7;
        ranks[pair[1]] = if tied { ranks[pair[0]] } else { rank };
    }
    ranks
}

/// The weight of workers that is for `a` before `b` less the weight that is against it, per pair.
fn margins(object: &RankedObject, weights: &[f64]) -> Vec<Vec<f64>> {
    let n = object.n_items;
    let mut margins = vec![vec![0.0; n]; n];
    for (worker, ranking) in &object.rankings {
        for (a, b) in pairs_of(n) {
            let weight = weights[*worker] * ranking.preference(a, b);
            margins[a][b] += weight;
            margins[b][a] -= weight;
        }
    }
    margins
}

/// The Kemeny order, the best item first. Among equally good orders the one that keeps nearest to the Borda order.
pub fn kemeny(object: &RankedObject, weights: &[f64]) -> Vec<usize> {
    let start = by_score(&borda(object, weights));
    let margins = margins(object, weights);
    if object.n_items <= MAX_EXACT { exact(&start, &margins) } else { local_search(start, &margins) }
}

/// Dynamic programming over the sets of items that stand behind: the best first item for each.
fn exact(start: &[usize], margins: &[Vec<f64>]) -> Vec<usize> {
    let n = start.len();
    // Per set of indices into `start`: the least contradiction among its items, and which of them comes first then.
    let mut best: Vec<(f64, usize)> = vec![(0.0, 0); 1 << n];
    for set in 1..best.len() {
        let members = (0..n).filter(|idx| set >> idx & 1 == 1);
        let cost = |first: usize| {
            let rest = (0..n).filter(|idx| set >> idx & 1 == 1 && *idx != first);
            let against: f64 = rest.map(|idx| (-margins[start[first]][start[idx]]).max(0.0)).sum();
            against + best[set & !(1 << first)].0
        };
        let costs: Vec<(f64, usize)> = members.map(|first| (cost(first), first)).collect();
        let least = |least: (f64, usize), next: (f64, usize)| if next.0 < least.0 - SAME_SCORE { next } else { least };
        best[set] = costs.into_iter().reduce(least).unwrap_or((0.0, 0));
    }
    let mut set = best.len() - 1;
    let mut order = Vec::with_capacity(n);
    while set != 0 {
        let first = best[set].1;
        order.push(start[first]);
        set &= !(1 << first);
    }
    order
}

/// Moves single items to where they contradict least, until a pass over all items moves none.
fn local_search(mut order: Vec<usize>, margins: &[Vec<f64>]) -> Vec<usize> {
    for _ in 0..MAX_PASSES {
        let mut moved = false;
        for item in order.clone() {
            let Some(from) = order.iter().position(|other| *other == item) else { continue };
            let mut best = (0.0, from);
            // Moving step by step, the item passes one neighbor after the other; what it gains adds up.
            let mut gain = 0.0;
            for to in (0..from).rev() {
                gain += margins[item][order[to]];
                best = if gain > best.0 + SAME_SCORE { (gain, to) } else { best };
            }
            gain = 0.0;
            for (to, other) in order.iter().enumerate().skip(from + 1) {
                gain += margins[*other][item];
                best = if gain > best.0 + SAME_SCORE { (gain, to) } else { best };
            }
            if best.1 != from {
                order.remove(from);
                order.insert(best.1, item);
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    order
}

/// How likely each pair of items is ordered right, given the rank of each item; in the order of the items. The evidence for
/// one before the other is the weight for it less the weight against it, as log-odds; its probability is averaged with the
/// smoothed share of the weight for it (half for ties), because workers err together. A pair that is tied in the result
/// has the smoothed share of the weight that tied it. Smoothed means that one more answer is half for and half against.
pub fn pair_probabilities(object: &RankedObject, weights: &[f64], ranks: &[usize]) -> Vec<f64> {
    let total: f64 = object.rankings.iter().map(|(worker, _)| weights[*worker]).sum();
    let n = object.rankings.len() as f64;
    let smoothed = |weight: f64| (if total > 0.0 { weight / total * n } else { n / 2.0 } + 0.5) / (n + 1.0);
    let margins = margins(object, weights);
    let probability = |(a, b): (usize, usize)| {
        if ranks[a] == ranks[b] {
            let tied = object.rankings.iter().filter(|(_, ranking)| ranking.preference(a, b).abs() < 0.5);
            return smoothed(tied.map(|(worker, _)| weights[*worker]).sum());
        }
        let margin = if ranks[a] < ranks[b] { margins[a][b] } else { margins[b][a] };
        let posterior = 1.0 / (1.0 + (-margin).exp());
        (posterior + smoothed((total + margin) / 2.0)) / 2.0
    };
    pairs_of(ranks.len()).map(probability).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    const PARAMS: Params = Params { prior_pairs: 15.0, max_iterations: 30 };

    /// Rankings of the items a, b, c … separated by `/`; items in parentheses-free groups like `ab` are tied.
    fn object(n_items: usize, rankings: &str) -> RankedObject {
        let ranking = |(worker, text): (usize, &str)| {
            let mut ranks = vec![None; n_items];
            for (rank, group) in (1..).zip(text.split_whitespace()) {
                for item in group.bytes() {
                    ranks[usize::from(item - b'a')] = Some(rank);
                }
            }
            (worker, Ranking { ranks })
        };
        RankedObject { n_items, rankings: rankings.split('/').enumerate().map(ranking).collect() }
    }

    fn letters(order: &[usize]) -> String {
        order.iter().map(|item| char::from(b'a' + *item as u8)).collect()
    }

    #[test]
    fn borda_counts_points() {
        let check = |rankings: &str, scores: &[f64], ranks: &[usize]| {
            let found = borda(&object(scores.len(), rankings), &[1.0; 9]);
            assert!(found.iter().zip(scores).all(|(a, b)| (a - b).abs() < 1e-12), "{rankings}: {found:?}");
            assert_eq!(ranks_of(&found), ranks, "{rankings}");
        };
        check("a b c", &[2.0, 1.0, 0.0], &[1, 2, 3]);
        check("a b c / b a c", &[1.5, 1.5, 0.0], &[1, 1, 3]);
        check("a bc", &[2.0, 0.5, 0.5], &[1, 2, 2]);
        // Who is left out is tied behind.
        check("b", &[0.5, 2.0, 0.5], &[2, 1, 2]);
        check("a b / b a", &[0.5, 0.5], &[1, 1]);
    }

    #[test]
    fn kemeny_contradicts_least() {
        let check = |n_items: usize, rankings: &str, expected: &str| {
            assert_eq!(letters(&kemeny(&object(n_items, rankings), &[1.0; 9])), expected, "{rankings}");
        };
        check(3, "a b c / b c a / a b c", "abc");
        // Borda would put b first, three of five put a first.
        check(3, "a b c / a b c / a b c / b c a / b c a", "abc");
        check(2, "a b / b a", "ab");
        check(1, "a", "a");
    }

    #[test]
    fn the_exact_order_is_no_worse_than_any() {
        let mut dice = Dice::new(9);
        for _ in 0..40 {
            let rankings: Vec<(usize, Ranking)> = (0..5)
                .map(|worker| (worker, Ranking { ranks: (0..6).map(|_| Some(dice.below(6) as u32)).collect() }))
                .collect();
            let object = RankedObject { n_items: 6, rankings };
            let margins = margins(&object, &[1.0; 5]);
            let cost =
                |order: &[usize]| -> f64 { pairs_of(6).map(|(a, b)| (-margins[order[a]][order[b]]).max(0.0)).sum() };
            let exact = cost(&kemeny(&object, &[1.0; 5]));
            let searched = cost(&local_search((0..6).collect(), &margins));
            let mut least = f64::INFINITY;
            permutations(&mut [0, 1, 2, 3, 4, 5], 0, &mut |order| least = least.min(cost(order)));
            assert!((exact - least).abs() < 1e-9 && searched < least + 4.0, "{exact} {searched} {least}");
        }
    }

    fn permutations(items: &mut [usize], from: usize, visit: &mut dyn FnMut(&[usize])) {
        if from == items.len() {
            return visit(items);
        }
        for idx in from..items.len() {
            items.swap(from, idx);
            permutations(items, from + 1, visit);
            items.swap(from, idx);
        }
    }

    #[test]
    fn many_items_are_ordered_by_search() {
        let right: Vec<Option<u32>> = (0..30).map(Some).collect();
        let mut swapped = right.clone();
        swapped.swap(3, 4);
        let rankings = vec![right.clone(), right, swapped].into_iter().map(|ranks| Ranking { ranks }).enumerate();
        let object = RankedObject { n_items: 30, rankings: rankings.collect() };
        assert_eq!(kemeny(&object, &[1.0; 3]), (0..30).collect::<Vec<_>>());
    }

    #[test]
    fn careless_workers_lose_their_weight() {
        let mut dice = Dice::new(2);
        let noisy = |noise: f64, dice: &mut Dice| -> Ranking {
            let scores: Vec<f64> = (0..6).map(|item| f64::from(item) + noise * dice.noise()).collect();
            Ranking { ranks: scores.iter().map(|score| Some((score * 1000.0 + 1e6) as u32)).collect() }
        };
        let noises = [0.5, 2.0, 3.0, 1000.0];
        let objects: Vec<RankedObject> = (0..60)
            .map(|_| RankedObject {
                n_items: 6,
                rankings: noises.iter().map(|noise| noisy(*noise, &mut dice)).enumerate().collect(),
            })
            .collect();
        let found = pair_accuracies(&objects, 4, &PARAMS);
        assert_eq!(found.stop, StopReason::Converged);
        assert!(found.accuracies[0] > 0.9 && found.accuracies[3] < 0.6, "{:?}", found.accuracies);
        assert!(found.weights[0] > found.weights[1] && found.weights[1] > found.weights[2], "{:?}", found.weights);
    }

    #[test]
    fn a_lone_answer_says_nothing_about_its_worker() {
        let found = pair_accuracies(&[object(3, "a b c")], 1, &PARAMS);
        assert_eq!(found.accuracies, [EXPECTED_ACCURACY]);
    }
}
