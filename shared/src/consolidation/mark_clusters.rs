//! Which marks of different workers mean the same thing: greedy average-linkage clustering in which no worker stands
//! twice in a cluster.
//!
//! Pairs of marks are taken from the most similar down. Their two clusters are joined when they have no worker in common
//! and the mean similarity over all pairs between them is at least the threshold. The mean keeps a row of neighbors from
//! being chained into one (as joining by the best pair alone would); the rule about workers keeps two objects apart that
//! stand so close that every mark of one resembles every mark of the other. The categories of the marks play no part, so
//! that two workers who disagree about the category still mark one thing.
//!
//! Greedy and not optimal; how much an optimal matching would gain was not measured. Where a real and a synthetic crowd of
//! boxes went wrong, most cases were things drawn twice by somebody, which [`join_doubles`] mends, disputed categories, and
//! boxes that all workers had placed unlike the expert.
//!
//! The result does not depend on the order of workers; pairs of equal similarity are taken in the order of their
//! indices, so the caller sorts the marks by their content first.

/// Two marks that might mean the same, and how similar they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Index of one mark.
    pub a: usize,
    /// Index of the other.
    pub b: usize,
    /// In [0, 1].
    pub similarity: f64,
}

/// Clusters marks: each mark in exactly one cluster, the members of a cluster in ascending order, the clusters in the
/// order of their first members.
///
/// - `worker_of[mark]` is the index of the worker who made the mark.
/// - `pairs` holds every pair of marks whose similarity is at least `threshold`; pairs below it, of one worker, or of a
///   mark with itself are passed over.
/// - `similarity(a, b)` gives the similarity of any two marks: symmetric, in [0, 1].
pub fn cluster(
    worker_of: &[usize],
    mut pairs: Vec<Pair>,
    similarity: impl Fn(usize, usize) -> f64,
    threshold: f64,
) -> Vec<Vec<usize>> {
    let by_similarity = |x: &Pair, y: &Pair| y.similarity.total_cmp(&x.similarity);
    pairs.sort_by(|x, y| by_similarity(x, y).then((x.a, x.b).cmp(&(y.a, y.b))));
    let mut cluster_of: Vec<usize> = (0..worker_of.len()).collect();
    let mut clusters: Vec<Vec<usize>> = (0..worker_of.len()).map(|mark| vec![mark]).collect();
    for Pair { a, b, similarity: _ } in pairs.into_iter().filter(|pair| pair.similarity >= threshold) {
        let (kept, joined) = (cluster_of[a].min(cluster_of[b]), cluster_of[a].max(cluster_of[b]));
        if kept == joined || share_a_worker(&clusters[kept], &clusters[joined], worker_of) {
            continue;
        }
        if mean_similarity(&clusters[kept], &clusters[joined], &similarity) >= threshold {
            let members = std::mem::take(&mut clusters[joined]);
            for mark in &members {
                cluster_of[*mark] = kept;
            }
            clusters[kept].extend(members);
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

    /// Marks on a line, given as `worker@place`; similar marks are near.
    fn check(marks: &str, expected: &str) {
        let marks: Vec<(usize, f64)> = marks
            .split_whitespace()
            .map(|mark| {
                let (worker, place) = mark.split_once('@').expect("worker@place");
                (worker.len(), place.parse().expect("a place"))
            })
            .collect();
        let similarity = |a: usize, b: usize| (1.0 - f64::abs(marks[a].1 - marks[b].1) / 10.0).max(0.0);
        let pairs = (0..marks.len())
            .flat_map(|a| (a + 1..marks.len()).map(move |b| (a, b)))
            .map(|(a, b)| Pair { a, b, similarity: similarity(a, b) })
            .collect();
        let worker_of: Vec<usize> = marks.iter().map(|(worker, _)| *worker).collect();
        let clusters = cluster(&worker_of, pairs, similarity, 0.5);
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
