//! Which marks of different workers mean the same thing: average-linkage clustering in which no worker stands twice in a
//! cluster; greedy, or the best partition where that can be found ([`Search`]).
//!
//! Pairs of marks are taken from the most similar down. Their two clusters are joined when they have no worker in common
//! and the mean similarity over all pairs between them is at least the threshold. The mean keeps a row of neighbors from
//! being chained into one (as joining by the best pair alone would); the rule about workers keeps two objects apart that
//! stand so close that every mark of one resembles every mark of the other. The categories of the marks play no part, so
//! that two workers who disagree about the category still mark one thing.
//!
//! Greedy is the default because on real crowds of boxes and key points the best partition did slightly worse
//! (`docs/METHODS.md` has the figures). Where a real and a synthetic crowd of boxes went wrong, most cases were things drawn
//! twice by somebody, which [`join_doubles`] mends, disputed categories, and boxes that all workers had placed unlike the
//! expert.
//!
//! The result does not depend on the order of workers; pairs of equal similarity are taken in the order of their
//! indices, so the caller sorts the marks by their content first.

use super::best_clusters;

/// Two marks that might mean the same, and how similar they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Index of one mark of the pair.
    pub a: usize,
    /// Index of the other mark.
    pub b: usize,
    /// In [0, 1].
    pub similarity: f64,
}

/// How the clusters are looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Search {
    /// Joining the most similar first.
    #[default]
    Greedy,
    /// The best partition of each group of resembling marks that is small enough, else the greedy one: see
    /// [`best_clusters`].
    Optimal,
}

/// Clusters marks: each mark in exactly one cluster, the members of a cluster in ascending order, the clusters in the
/// order of their first members.
///
/// - `worker_of[mark]` is the index of the worker who made the mark.
/// - `pairs` holds every pair of marks whose similarity is at least `threshold`, once; pairs below it, of one worker, or
///   of a mark with itself are passed over.
/// - `similarity(a, b)` gives the similarity of any two marks: symmetric, in [0, 1].
pub fn cluster(
    worker_of: &[usize],
    mut pairs: Vec<Pair>,
    similarity: impl Fn(usize, usize) -> f64,
    threshold: f64,
    search: Search,
) -> Vec<Vec<usize>> {
    pairs.retain(|pair| pair.similarity >= threshold && worker_of[pair.a] != worker_of[pair.b]);
    let Components { root_of, n_pairs } = Components::of(worker_of.len(), &pairs);
    let mut clusters: Vec<Vec<usize>> = vec![Vec::new(); worker_of.len()];
    for (mark, root) in root_of.iter().enumerate() {
        clusters[*root].push(mark);
    }
    // Where everybody resembles everybody nothing is left to decide, which is so of most things.
    let is_settled =
        |root: usize, members: &[usize]| 2 * n_pairs[root] == members.len() * members.len().saturating_sub(1);
    let mut rest = pairs;
    rest.retain(|pair| !is_settled(root_of[pair.a], &clusters[root_of[pair.a]]));
    if !rest.is_empty() {
        rest.sort_unstable_by(|x, y| {
            let by_similarity = y.similarity.total_cmp(&x.similarity);
            root_of[x.a].cmp(&root_of[y.a]).then(by_similarity).then((x.a, x.b).cmp(&(y.a, y.b)))
        });
        for pairs in rest.chunk_by(|x, y| root_of[x.a] == root_of[y.a]) {
            let members = std::mem::take(&mut clusters[root_of[pairs[0].a]]);
            let greedy = join_greedily(&members, pairs, worker_of, &similarity, threshold);
            let better = (search == Search::Optimal)
                .then(|| best_clusters::better_than(&greedy, &members, worker_of, &similarity, threshold));
            clusters.extend(better.flatten().unwrap_or(greedy));
        }
    }
    clusters.retain(|members| !members.is_empty());
    clusters.sort_unstable_by_key(|members| members[0]);
    clusters
}

/// The groups of marks that hang together by similar pairs.
struct Components {
    /// Per mark the first mark of its group.
    root_of: Vec<usize>,
    /// Per first mark of a group the pairs in it.
    n_pairs: Vec<usize>,
}

impl Components {
    fn of(n_marks: usize, pairs: &[Pair]) -> Self {
        let mut root_of: Vec<usize> = (0..n_marks).collect();
        let find = |root_of: &mut [usize], mut mark: usize| {
            while root_of[mark] != mark {
                root_of[mark] = root_of[root_of[mark]];
                mark = root_of[mark];
            }
            mark
        };
        for pair in pairs {
            let (a, b) = (find(&mut root_of, pair.a), find(&mut root_of, pair.b));
            root_of[a.max(b)] = a.min(b);
        }
        // A root is the first of its group, so every mark's parent is final before the mark is.
        for mark in 0..n_marks {
            root_of[mark] = root_of[root_of[mark]];
        }
        let mut n_pairs = vec![0; n_marks];
        for pair in pairs {
            n_pairs[root_of[pair.a]] += 1;
        }
        Self { root_of, n_pairs }
    }
}

/// The clusters of one group; `pairs` are its pairs from the most similar down.
fn join_greedily(
    members: &[usize],
    pairs: &[Pair],
    worker_of: &[usize],
    similarity: impl Fn(usize, usize) -> f64,
    threshold: f64,
) -> Vec<Vec<usize>> {
    let idx = |mark: usize| members.binary_search(&mark).unwrap_or_default();
    let mut cluster_of: Vec<usize> = (0..members.len()).collect();
    let mut clusters: Vec<Vec<usize>> = members.iter().map(|mark| vec![*mark]).collect();
    for Pair { a, b, similarity: _ } in pairs {
        let (a, b) = (cluster_of[idx(*a)], cluster_of[idx(*b)]);
        let (kept, joined) = (a.min(b), a.max(b));
        if kept == joined || share_a_worker(&clusters[kept], &clusters[joined], worker_of) {
            continue;
        }
        if mean_similarity(&clusters[kept], &clusters[joined], &similarity) >= threshold {
            let moved = std::mem::take(&mut clusters[joined]);
            for mark in &moved {
                cluster_of[idx(*mark)] = kept;
            }
            clusters[kept].extend(moved);
        }
    }
    clusters.retain(|members| !members.is_empty());
    for members in &mut clusters {
        members.sort_unstable();
    }
    clusters
}

/// Joins clusters that are one thing drawn twice by some workers: the mean similarity between two clusters is at least
/// `threshold`, and fewer than half of the larger one's workers stand in both. (Where most workers drew both, there are
/// two things.) A worker who stands in both keeps the mark in the larger cluster, between equal ones in the first; the
/// other mark is in no cluster afterwards. Clusters in the order of [`cluster`], and so are the results.
///
/// `reach(mark)` is an interval: marks whose intervals do not meet are not alike. Marks are in the order of its start.
pub fn join_doubles(
    clusters: Vec<Vec<usize>>,
    worker_of: &[usize],
    reach: impl Fn(usize) -> (f64, f64),
    similarity: impl Fn(usize, usize) -> f64,
    threshold: f64,
) -> Vec<Vec<usize>> {
    let mut clusters = clusters;
    let reaches: Vec<(f64, f64)> =
        clusters.iter().filter_map(|members| members.first()).map(|mark| reach(*mark)).collect();
    for x in 0..clusters.len() {
        for y in x + 1..clusters.len() {
            if reaches[y].0 > reaches[x].1 {
                break;
            }
            let (a, b) = (&clusters[x], &clusters[y]);
            let n_larger = a.len().max(b.len());
            let in_both = |mark: &&usize| b.iter().any(|other| worker_of[*other] == worker_of[**mark]);
            let n_shared = a.iter().filter(in_both).count();
            let are_doubles = n_shared > 0 && 2 * n_shared < n_larger;
            if !are_doubles || mean_similarity(a, b, &similarity) < threshold {
                continue;
            }
            let (kept, joined) = if b.len() > a.len() { (y, x) } else { (x, y) };
            let members = std::mem::take(&mut clusters[joined]);
            let of_others = members
                .into_iter()
                .filter(|mark| clusters[kept].iter().all(|other| worker_of[*other] != worker_of[*mark]));
            let of_others: Vec<usize> = of_others.collect();
            clusters[kept].extend(of_others);
        }
    }
    clusters.retain(|members| !members.is_empty());
    for members in &mut clusters {
        members.sort_unstable();
    }
    clusters.sort_unstable();
    clusters
}

fn share_a_worker(x: &[usize], y: &[usize], worker_of: &[usize]) -> bool {
    x.iter().any(|a| y.iter().any(|b| worker_of[*a] == worker_of[*b]))
}

fn mean_similarity(x: &[usize], y: &[usize], similarity: impl Fn(usize, usize) -> f64) -> f64 {
    let sum: f64 = x.iter().flat_map(|a| y.iter().map(|b| similarity(*a, *b))).sum();
    sum / (x.len() * y.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(marks: &str, expected: &str) {
        check_with(Search::Greedy, marks, expected);
    }

    /// Marks on a line, given as `worker@coordinate`; similar marks are near.
    fn check_with(search: Search, marks: &str, expected: &str) {
        let marks: Vec<(usize, f64)> = marks
            .split_whitespace()
            .map(|mark| {
                let (worker, coordinate) = mark.split_once('@').expect("worker@coordinate");
                (worker.len(), coordinate.parse().expect("a number"))
            })
            .collect();
        let similarity = |a: usize, b: usize| (1.0 - f64::abs(marks[a].1 - marks[b].1) / 10.0).max(0.0);
        let pairs = (0..marks.len())
            .flat_map(|a| (a + 1..marks.len()).map(move |b| (a, b)))
            .map(|(a, b)| Pair { a, b, similarity: similarity(a, b) })
            .collect();
        let worker_of: Vec<usize> = marks.iter().map(|(worker, _)| *worker).collect();
        let clusters = cluster(&worker_of, pairs, similarity, 0.5, search);
        let text: Vec<String> =
            clusters.iter().map(|members| members.iter().map(usize::to_string).collect::<Vec<_>>().join("+")).collect();
        assert_eq!(text.join(" "), expected);
    }

    #[test]
    fn near_marks_of_different_workers_join() {
        check("a@0 bb@1 ccc@2 a@50 bb@52", "0+1+2 3+4");
    }

    #[test]
    fn a_worker_stands_in_a_cluster_once() {
        check("a@0 a@1 bb@0 bb@1", "0+2 1+3");
        check("a@0 a@1", "0 1");
    }

    #[test]
    fn a_row_of_neighbors_is_not_chained() {
        check("a@0 bb@4 ccc@8", "0+1 2");
    }

    #[test]
    fn the_best_partition_can_give_up_the_nearest_pair() {
        let marks = "a@0 a@5 bb@2 bb@-3 ccc@80 a@81";
        check_with(Search::Greedy, marks, "0+2 1 3 4+5");
        check_with(Search::Optimal, marks, "0+3 1+2 4+5");
        // As good as the greedy one: it stays.
        check_with(Search::Optimal, "a@0 bb@4 ccc@8", "0+1 2");
    }

    #[test]
    fn a_thing_drawn_twice_by_few_is_one_thing() {
        let check = |clusters: &[&[usize]], worker_of: &[usize], expected: &[&[usize]]| {
            let clusters = clusters.iter().map(|members| members.to_vec()).collect();
            let joined = join_doubles(clusters, worker_of, |_| (0.0, 1.0), |_, _| 0.7, 0.6);
            assert_eq!(joined, expected);
        };
        // Worker 0 drew it twice, and worker 4 only the second time.
        check(&[&[0, 1, 2, 3], &[4, 5]], &[0, 1, 2, 3, 0, 4], &[&[0, 1, 2, 3, 5]]);
        // Two workers of three drew both: these are two things.
        check(&[&[0, 1, 2], &[3, 4]], &[0, 1, 2, 0, 1], &[&[0, 1, 2], &[3, 4]]);
        // Nobody drew both: matching has its reasons.
        check(&[&[0, 1], &[2]], &[0, 1, 2], &[&[0, 1], &[2]]);
    }

    #[test]
    fn nothing_gives_nothing() {
        check("", "");
    }
}
