//! Which category a cluster of marks has: confusion tables of each worker, shrunken toward a coin of the worker's accuracy
//! whose errors fall as those of the crowd do.
//!
//! **Model.** Worker *i* names the right category with probability `p_i`, and a wrong one with probability
//! `(1 − p_i) · q(named | right)`, where `q` is estimated from all workers together and uniform when there are more than
//! [`MAX_CONFUSED`] categories. Where the marks outnumber the cells of all workers' tables, each worker has a table of
//! such probabilities, with that coin as a prior.
//!
//! **Fit.** Expectation-maximization, each cluster weighed by the probability that it stands for something real. Starts
//! from the vote shares. `p_i` is shrunken toward the crowd's accuracy by `worker_strength` marks, that toward
//! `accuracy` by `crowd_strength` marks; `q` toward uniform and the shares of categories toward equal ones by as many per
//! category (shares that are learned freely snowball on small batches).
//!
//! **Confidence.** The posterior of the category, given that the thing is real. **Ties** (within rounding error) go to
//! the category with the smaller index. **Cost** per round: the marks times the categories named in their cluster, clusters
//! that are alike counted once.
//!
//! Source: Dawid and Skene, "Maximum likelihood estimation of observer error-rates using the EM algorithm" (1979), with
//! priors as in Kim and Ghahramani, "Bayesian classifier combination" (2012).

use std::collections::HashMap;

use super::StopReason;

/// A cluster of marks: who named which category, and how surely it stands for something.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NamedCluster {
    /// Worker and category of each mark that names one, both by index.
    pub votes: Vec<(usize, usize)>,
    /// The probability that the cluster is real.
    pub existence: f64,
}

/// What is assumed before any answer, and when to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How often a worker names the right category, before any evidence.
    pub accuracy: f64,
    /// How many marks that assumption is worth.
    pub crowd_strength: f64,
    /// How many marks the crowd's accuracy is worth in the estimate of one worker's.
    pub worker_strength: f64,
    /// At most this many rounds.
    pub max_iterations: usize,
    /// Stop when no worker's accuracy changes by more than this.
    pub tolerance: f64,
}

impl Params {
    /// What is assumed of a crowd before it has answered; chosen with
    /// [that of existence](super::mark_existence::Params::STANDARD).
    pub const STANDARD: Self =
        Self { accuracy: 0.9, crowd_strength: 10.0, worker_strength: 10.0, max_iterations: 100, tolerance: 1e-6 };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// The fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Per cluster the most probable category and its probability; `None` where nobody named one.
    pub categories: Vec<Option<(usize, f64)>>,
    /// Per worker the estimated probability of naming the right category.
    pub accuracies: Vec<f64>,
    /// How many rounds were made.
    pub n_iterations: usize,
    /// Why no more were made.
    pub stop: StopReason,
}

/// The most categories whose confusions are learned; the table has a square of them.
pub const MAX_CONFUSED: usize = 64;

/// Fits the model. `n_workers` and `n_categories` are above every index in `clusters`.
pub fn fit(clusters: &[NamedCluster], n_workers: usize, n_categories: usize, params: &Params) -> Fit {
    let (mut patterns, pattern_of) = gather(clusters);
    let mut coins = Coins::new(clusters, n_workers, n_categories, params);
    let (mut n_iterations, mut stop) = (0, StopReason::MaxIterations);
    while n_iterations < params.max_iterations {
        n_iterations += 1;
        let change = coins.m_step(&patterns, params);
        for pattern in &mut patterns {
            coins.e_step(pattern);
        }
        if change <= params.tolerance {
            stop = StopReason::Converged;
            break;
        }
    }
    let winners: Vec<Option<(usize, f64)>> = patterns.iter().map(Pattern::winner).collect();
    let categories = pattern_of.into_iter().map(|pattern| winners[pattern]).collect();
    Fit { categories, accuracies: coins.accuracies, n_iterations, stop }
}

/// Clusters in which the same workers named the same categories, and which are equally sure to be real.
struct Pattern<'a> {
    votes: &'a [(usize, usize)],
    /// How many they are, each as far as it is real.
    weight: f64,
    /// The categories that somebody named; all others are equally improbable.
    candidates: Vec<usize>,
    /// The probability of each candidate.
    posterior: Vec<f64>,
}

/// What clusters of one pattern have in common: their votes, and the bits of their existence.
type Likeness<'a> = (&'a [(usize, usize)], u64);

/// The patterns in the order of their first clusters, and per cluster its pattern.
fn gather(clusters: &[NamedCluster]) -> (Vec<Pattern<'_>>, Vec<usize>) {
    let (mut patterns, mut pattern_of) = (Vec::new(), Vec::with_capacity(clusters.len()));
    let mut known: HashMap<Likeness<'_>, usize> = HashMap::new();
    for cluster in clusters {
        let pattern = *known.entry((&cluster.votes, cluster.existence.to_bits())).or_insert_with(|| {
            patterns.push(Pattern::of(&cluster.votes));
            patterns.len() - 1
        });
        patterns[pattern].weight += cluster.existence;
        pattern_of.push(pattern);
    }
    (patterns, pattern_of)
}

impl<'a> Pattern<'a> {
    /// Begins with the vote shares.
    fn of(votes: &'a [(usize, usize)]) -> Self {
        let mut candidates: Vec<usize> = votes.iter().map(|(_, named)| *named).collect();
        candidates.sort_unstable();
        candidates.dedup();
        let n_votes = |right: &usize| votes.iter().filter(|(_, named)| named == right).count();
        let posterior = candidates.iter().map(|right| n_votes(right) as f64 / votes.len() as f64).collect();
        Self { votes, weight: 0.0, candidates, posterior }
    }

    fn winner(&self) -> Option<(usize, f64)> {
        let highest = self.posterior.iter().copied().fold(0.0, f64::max);
        let first = self.posterior.iter().position(|probability| *probability >= highest * (1.0 - 1e-9))?;
        Some((*self.candidates.get(first)?, self.posterior[first].clamp(0.0, 1.0)))
    }
}

/// How workers answer: by their accuracy and the crowd's direction of errors, and where marks abound by a table of their
/// own around it.
struct Coins {
    n_categories: usize,
    accuracies: Vec<f64>,
    /// `directions[right * n_categories + named]`: how errors about a category fall; empty when taken as uniform.
    directions: Vec<f64>,
    /// `tables[(worker * n_categories + right) * n_categories + named]`; empty without tables.
    tables: Vec<f64>,
    /// The logarithm of each category's share.
    log_priors: Vec<f64>,
    has_tables: bool,
}

impl Coins {
    fn new(clusters: &[NamedCluster], n_workers: usize, n_categories: usize, params: &Params) -> Self {
        let n_votes: usize = clusters.iter().map(|cluster| cluster.votes.len()).sum();
        let n_cells = n_workers.saturating_mul(n_categories).saturating_mul(n_categories);
        Self {
            n_categories,
            accuracies: vec![params.accuracy; n_workers],
            directions: Vec::new(),
            tables: Vec::new(),
            log_priors: vec![0.0; n_categories],
            has_tables: n_categories <= MAX_CONFUSED && n_cells <= n_votes,
        }
    }

    /// Estimates accuracies and confusions from the posteriors; gives the largest change of an accuracy.
    fn m_step(&mut self, patterns: &[Pattern<'_>], params: &Params) -> f64 {
        let (n_workers, n) = (self.accuracies.len(), self.n_categories);
        let (mut right, mut all) = (vec![0.0; n_workers], vec![0.0; n_workers]);
        let knows_directions = n <= MAX_CONFUSED;
        let mut directions =
            vec![params.crowd_strength * self.uniform_share(); if knows_directions { n * n } else { 0 }];
        let mut tables = vec![0.0; if self.has_tables { n_workers * n * n } else { 0 }];
        let mut shares = vec![params.crowd_strength; n];
        // One mark alone says nothing about its maker.
        for pattern in patterns.iter().filter(|pattern| pattern.votes.len() > 1) {
            for (candidate, probability) in pattern.candidates.iter().zip(&pattern.posterior) {
                let weight = pattern.weight * probability;
                shares[*candidate] += weight;
                for (worker, named) in pattern.votes {
                    all[*worker] += weight;
                    if candidate == named {
                        right[*worker] += weight;
                    } else if knows_directions {
                        directions[candidate * n + named] += weight;
                    }
                    if self.has_tables {
                        tables[(worker * n + candidate) * n + named] += weight;
                    }
                }
            }
        }
        let crowd = (right.iter().sum::<f64>() + params.accuracy * params.crowd_strength)
            / (all.iter().sum::<f64>() + params.crowd_strength);
        let mut change = 0.0_f64;
        for ((accuracy, right), all) in self.accuracies.iter_mut().zip(right).zip(all) {
            let shrunken = (right + crowd * params.worker_strength) / (all + params.worker_strength);
            let shrunken = shrunken.clamp(1e-6, 1.0 - 1e-6);
            change = change.max((shrunken - *accuracy).abs());
            *accuracy = shrunken;
        }
        for (right, row) in directions.chunks_mut(n.max(1)).enumerate() {
            row[right] = 0.0;
            normalize(row);
        }
        self.directions = directions;
        for (row_idx, row) in tables.chunks_mut(n.max(1)).enumerate() {
            let (worker, right) = (row_idx / n, row_idx % n);
            for (named, cell) in row.iter_mut().enumerate() {
                *cell += params.worker_strength * self.coin(worker, right, named);
            }
            normalize(row);
        }
        self.tables = tables;
        normalize(&mut shares);
        self.log_priors = shares.into_iter().map(f64::ln).collect();
        change
    }

    fn e_step(&self, pattern: &mut Pattern<'_>) {
        let Pattern { votes, candidates, posterior, .. } = pattern;
        for (probability, right) in posterior.iter_mut().zip(candidates.iter()) {
            let of_vote = |(worker, named): &(usize, usize)| self.probability(*worker, *right, *named).ln();
            *probability = self.log_priors[*right] + votes.iter().map(of_vote).sum::<f64>();
        }
        let highest = posterior.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // About a category that nobody named everybody is wrong, in whatever direction.
        let wrong = |(worker, _): &(usize, usize)| ((1.0 - self.accuracies[*worker]) * self.uniform_share()).ln();
        let unnamed: f64 = votes.iter().map(wrong).sum::<f64>() - (self.n_categories as f64).ln();
        let n_unnamed = (self.n_categories - candidates.len()) as f64;
        posterior.iter_mut().for_each(|probability| *probability = (*probability - highest).exp());
        let total = posterior.iter().sum::<f64>() + n_unnamed * (unnamed - highest).exp();
        posterior.iter_mut().for_each(|probability| *probability /= total);
    }

    /// How probably a worker names a category where another is right.
    fn probability(&self, worker: usize, right: usize, named: usize) -> f64 {
        let cell = (worker * self.n_categories + right) * self.n_categories + named;
        self.tables.get(cell).copied().unwrap_or_else(|| self.coin(worker, right, named))
    }

    /// The same by the worker's accuracy alone.
    fn coin(&self, worker: usize, right: usize, named: usize) -> f64 {
        let accuracy = self.accuracies[worker];
        if right == named {
            return accuracy;
        }
        let direction = self.directions.get(right * self.n_categories + named).copied();
        (1.0 - accuracy) * direction.unwrap_or(self.uniform_share())
    }

    fn uniform_share(&self) -> f64 {
        1.0 / (self.n_categories.max(2) - 1) as f64
    }
}

fn normalize(row: &mut [f64]) {
    let total: f64 = row.iter().sum();
    if total > 0.0 {
        row.iter_mut().for_each(|share| *share /= total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    const PARAMS: Params =
        Params { accuracy: 0.9, crowd_strength: 10.0, worker_strength: 10.0, max_iterations: 100, tolerance: 1e-6 };

    /// One cluster; vote `n` is worker `n`'s. The category and its probability in percent.
    fn check(votes: &[usize], n_categories: usize, expected: Option<(usize, i64)>) {
        let votes: Vec<(usize, usize)> = votes.iter().copied().enumerate().collect();
        let fit = fit(&[NamedCluster { votes, existence: 1.0 }], 5, n_categories, &PARAMS);
        let percent = fit.categories[0].map(|(category, probability)| (category, (probability * 100.0).round() as i64));
        assert_eq!(percent, expected);
    }

    #[test]
    fn a_lone_cluster_is_judged_by_what_is_assumed() {
        check(&[], 2, None);
        check(&[1], 2, Some((1, 90)));
        check(&[0], 1, Some((0, 100)));
        check(&[1, 0], 2, Some((0, 50)));
        check(&[2, 2, 0], 3, Some((2, 95)));
        check(&[1, 1, 1], 2, Some((1, 100)));
        check(&[199, 0], 200, Some((0, 45)));
    }

    /// Clusters of three categories, named by four workers: one always right, one who calls every 0 a 1, one right in seven
    /// cases of ten, one who guesses.
    fn crowd() -> (Vec<NamedCluster>, Vec<usize>) {
        let mut dice = Dice::new(11);
        let cluster = |_| {
            let right = dice.below(3);
            let sloppy = if dice.chance(0.7) { right } else { dice.below(3) };
            let votes = vec![(0, right), (1, if right == 0 { 1 } else { right }), (2, sloppy), (3, dice.below(3))];
            (NamedCluster { votes, existence: 1.0 }, right)
        };
        (0..400).map(cluster).unzip()
    }

    #[test]
    fn planted_categories_are_recovered() {
        let (clusters, right) = crowd();
        let fit = fit(&clusters, 4, 3, &PARAMS);
        let n_right = fit.categories.iter().zip(&right).filter(|(found, right)| found.is_some_and(|f| f.0 == **right));
        assert!(n_right.count() >= 390);
        assert!(fit.accuracies[0] > 0.95 && fit.accuracies[3] < 0.45, "{:?}", fit.accuracies);
    }
}
