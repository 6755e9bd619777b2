//! Bradley-Terry scores from workers of different reliability (Chen, Bennett, Collins-Thompson and Horvitz, "Pairwise
//! ranking aggregation in a crowdsourced setting", WSDM 2013).
//!
//! With the probability `reliability[worker]` a worker answers as the Bradley-Terry model says, else the other way round.
//! Scores have a standard normal prior unless the precision says otherwise, reliabilities a Beta prior worth
//! `prior_comparisons` comparisons of the reliability `prior_reliability`. Both are the most probable ones, found by
//! expectation maximization: each comparison counts for its winner with the probability that the worker meant it, and for
//! its loser with the rest; then the scores are fitted to these weights ([`bradley_terry`]). Chen et al. update their
//! estimates comparison by comparison and choose the next pair to ask about; a batch is given at once, so both is left
//! out.
//!
//! A reliability below one half turns a worker's answers around; the prior lets that happen only on much evidence.
//! Cost: linear in the comparisons per round.

use super::StopReason;
use super::bradley_terry::{self, Comparison, preference};

/// One worker's comparison of two items. A tie counts half each way and says nothing about the worker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorkerComparison {
    /// Index of the worker.
    pub worker: usize,
    /// Index of the preferred item; of a tie, of either.
    pub winner: usize,
    /// Index of the other item.
    pub loser: usize,
    /// Whether the worker preferred neither.
    pub is_tie: bool,
}

/// What scores and reliabilities depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// The precision of the scores' prior, above 0.
    pub precision: f64,
    /// The reliability that is expected of a worker, in (0, 1).
    pub prior_reliability: f64,
    /// How many comparisons that expectation is worth, above 0; infinitely many make all workers alike.
    pub prior_comparisons: f64,
    /// The largest change of a score in the last round, above 0.
    pub tolerance: f64,
    /// After how many rounds to stop, 1 or more.
    pub max_iterations: usize,
}

impl Params {
    /// Scores of unit variance; ten comparisons of eleven meant as they are given, worth as many comparisons (Beta(10, 1)).
    pub const STANDARD: Self = Self {
        precision: 1.0,
        prior_reliability: 10.0 / 11.0,
        prior_comparisons: 11.0,
        tolerance: 1e-6,
        max_iterations: 200,
    };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// Scores and reliabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Per item, with mean 0.
    pub scores: Vec<f64>,
    /// Per item how much the comparisons tell about its score, the prior included: the diagonal of the information matrix.
    pub information: Vec<f64>,
    /// Per worker, in (0, 1).
    pub reliability: Vec<f64>,
    /// Whether the scores stand still to within the tolerance.
    pub stop: StopReason,
}

/// Fits scores and reliabilities to all comparisons of a batch.
#[doc(alias("Crowd-BT"))]
pub fn fit(comparisons: &[WorkerComparison], n_items: usize, n_workers: usize, params: &Params) -> Fit {
    let of_scores =
        bradley_terry::Params { precision: params.precision, tolerance: params.tolerance / 10.0, max_iterations: 50 };
    let mut scores = vec![0.0; n_items];
    let mut reliability = vec![params.prior_reliability; n_workers];
    let mut stop = StopReason::MaxIterations;
    for _ in 0..params.max_iterations {
        let meant = e_step(comparisons, &scores, &reliability);
        reliability = reliabilities(comparisons, &meant, n_workers, params);
        let weighted: Vec<Comparison> = comparisons
            .iter()
            .zip(&meant)
            .flat_map(|(comparison, meant)| {
                let WorkerComparison { winner, loser, .. } = *comparison;
                let forward = Comparison { winner, loser, weight: *meant };
                [forward, Comparison { winner: loser, loser: winner, weight: 1.0 - meant }]
            })
            .collect();
        let next = bradley_terry::fit(&weighted, scores.clone(), &of_scores).scores;
        let farthest = next.iter().zip(&scores).map(|(next, now)| (next - now).abs()).fold(0.0, f64::max);
        scores = next;
        if farthest <= params.tolerance {
            stop = StopReason::Converged;
            break;
        }
    }
    let mut information = vec![params.precision; n_items];
    for comparison in comparisons {
        let of_one = information_of(comparison, &scores, &reliability);
        information[comparison.winner] += of_one;
        information[comparison.loser] += of_one;
    }
    Fit { scores, information, reliability, stop }
}

/// The probability that each comparison was meant.
fn e_step(comparisons: &[WorkerComparison], scores: &[f64], reliability: &[f64]) -> Vec<f64> {
    let meant = |comparison: &WorkerComparison| {
        if comparison.is_tie {
            return 0.5;
        }
        let right = preference(scores[comparison.winner] - scores[comparison.loser]);
        let reliable = reliability[comparison.worker];
        reliable * right / (reliable * right + (1.0 - reliable) * (1.0 - right))
    };
    comparisons.iter().map(meant).collect()
}

/// The mean of what was meant per worker, with the prior.
fn reliabilities(comparisons: &[WorkerComparison], meant: &[f64], n_workers: usize, params: &Params) -> Vec<f64> {
    let (mut sums, mut counts) = (vec![0.0; n_workers], vec![0.0; n_workers]);
    for (comparison, meant) in comparisons.iter().zip(meant).filter(|(comparison, _)| !comparison.is_tie) {
        sums[comparison.worker] += meant;
        counts[comparison.worker] += 1.0;
    }
    let prior = params.prior_comparisons;
    let shrunk = |(sum, n): (&f64, &f64)| {
        // Rounded, so that the order in which the sums were taken leaves no trace.
        ((sum + prior * params.prior_reliability) / (n + prior) * 1e9).round() / 1e9
    };
    sums.iter().zip(&counts).map(shrunk).map(|reliability| reliability.clamp(0.01, 0.99)).collect()
}

/// How much one comparison tells about the difference of its items' scores: its Fisher information.
fn information_of(comparison: &WorkerComparison, scores: &[f64], reliability: &[f64]) -> f64 {
    let right = preference(scores[comparison.winner] - scores[comparison.loser]);
    let reliable = reliability[comparison.worker];
    let observed = reliable * right + (1.0 - reliable) * (1.0 - right);
    let slope = (2.0 * reliable - 1.0) * right * (1.0 - right);
    slope * slope / (observed * (1.0 - observed)).max(f64::MIN_POSITIVE)
}

impl Fit {
    /// The probability that item `a` has the higher score, given all comparisons. The difference of the scores is taken to
    /// be normal, with the variance that the two items' information leaves when all other items' scores are known, and the
    /// normal distribution function to be a logistic one (of 1.702 times the argument).
    ///
    /// `direct` are the comparisons of `a` with `b` themselves.
    pub fn probability_above<'a>(
        &self,
        a: usize,
        b: usize,
        direct: impl IntoIterator<Item = &'a WorkerComparison>,
    ) -> f64 {
        let shared: f64 =
            direct.into_iter().map(|comparison| information_of(comparison, &self.scores, &self.reliability)).sum();
        let (of_a, of_b) = (self.information[a], self.information[b]);
        let variance = (of_a + of_b - 2.0 * shared) / (of_a * of_b - shared * shared);
        preference(1.702 * (self.scores[a] - self.scores[b]) / variance.max(f64::MIN_POSITIVE).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    const PARAMS: Params = Params {
        precision: 1.0,
        prior_reliability: 0.9,
        prior_comparisons: 10.0,
        tolerance: 1e-6,
        max_iterations: 200,
    };

    fn comparison(worker: usize, winner: usize, loser: usize) -> WorkerComparison {
        WorkerComparison { worker, winner, loser, is_tie: false }
    }

    #[test]
    fn perfect_workers_give_the_scores_of_bradley_and_terry() {
        let pairs = [(0, 1), (0, 1), (1, 2), (2, 0), (0, 2)];
        let given: Vec<WorkerComparison> = pairs.iter().map(|(winner, loser)| comparison(0, *winner, *loser)).collect();
        let plain: Vec<Comparison> =
            pairs.iter().map(|(winner, loser)| Comparison { winner: *winner, loser: *loser, weight: 1.0 }).collect();
        let sure = Params { prior_reliability: 1.0 - 1e-9, prior_comparisons: 1e15, ..PARAMS };
        let fit = fit(&given, 3, 1, &sure);
        let reference = bradley_terry::fit(
            &plain,
            vec![0.0; 3],
            &bradley_terry::Params { precision: 1.0, tolerance: 1e-9, max_iterations: 50 },
        );
        // Reliabilities end at 0.99.
        assert!(fit.scores.iter().zip(&reference.scores).all(|(a, b)| (a - b).abs() < 0.02), "{fit:?} {reference:?}");
    }

    #[test]
    fn planted_scores_and_spammers_are_found() {
        let mut dice = Dice::new(11);
        let truths: Vec<f64> = (0..20).map(|_| 3.0 * dice.noise()).collect();
        let reliable = [0.98, 0.95, 0.9, 0.5, 0.1];
        let comparisons: Vec<WorkerComparison> = (0..3000)
            .map(|n| {
                let (a, b) = (dice.below(20), dice.below(19));
                let b = if b >= a { b + 1 } else { b };
                let worker = n % reliable.len();
                let a_is_better = dice.chance(preference(truths[a] - truths[b])) == dice.chance(reliable[worker]);
                if a_is_better { comparison(worker, a, b) } else { comparison(worker, b, a) }
            })
            .collect();
        let fit = fit(&comparisons, 20, 5, &PARAMS);
        assert_eq!(fit.stop, StopReason::Converged);
        assert!(
            fit.reliability[0] > 0.85 && fit.reliability[3] < 0.65 && fit.reliability[4] < 0.3,
            "{:?}",
            fit.reliability
        );
        let in_order = (0..20).flat_map(|a| (a + 1..20).map(move |b| (a, b)));
        let wrong =
            in_order.filter(|(a, b)| (truths[*a] - truths[*b]) * (fit.scores[*a] - fit.scores[*b]) < 0.0).count();
        assert!(wrong < 15, "{wrong} of 190 pairs");
    }

    #[test]
    fn ties_and_balance_decide_nothing() {
        let tie = WorkerComparison { is_tie: true, ..comparison(0, 0, 1) };
        let of_tie = fit(&[tie], 2, 1, &PARAMS);
        assert!((of_tie.probability_above(0, 1, &[tie]) - 0.5).abs() < 1e-9);
        assert_eq!(of_tie.reliability, [0.9]);
        let balanced = [comparison(0, 0, 1), comparison(1, 1, 0)];
        let of_balance = fit(&balanced, 2, 2, &PARAMS);
        assert!((of_balance.probability_above(0, 1, &balanced) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn more_agreement_is_surer() {
        let sure = |n: usize| {
            let comparisons: Vec<WorkerComparison> = (0..n).map(|worker| comparison(worker, 0, 1)).collect();
            fit(&comparisons, 2, n, &PARAMS).probability_above(0, 1, &comparisons)
        };
        let [one, three, nine] = [1, 3, 9].map(sure);
        assert!(0.6 < one && one < three && three < nine && nine < 1.0, "{one} {three} {nine}");
    }
}
