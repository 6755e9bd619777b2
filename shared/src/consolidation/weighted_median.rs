//! Weighted median on a scale of ordered categories: each worker errs to both sides, by one step oftener than by two (the
//! two-sided geometric distribution, which is the discrete Laplace distribution of Inusah and Kozubowski, 2006; its
//! maximum-likelihood center is the median, and with a spread per worker the weighted median).
//!
//! P(worker answers a | truth t) ∝ θ^|a - t| over the steps of the scale. θ follows from the worker's mean distance d to
//! the truth, θ = (√(1 + d²) - 1) / d, and d is shrunk toward the crowd's by `shrinkage` pseudo-answers, that of the crowd
//! by ten of half a step. Fitted by expectation maximization from the vote shares, with all categories equally probable
//! beforehand. What is returned is the mean of that posterior and of the vote shares with one more vote spread evenly, as in
//! [`auto`](super::auto), and the label is its median: the smallest category that has at least half of it on or below.
//!
//! Left out: workers who are always too high or too low; [`auto_scale`](super::auto_scale) sees them where they have
//! answered much.
//! Cost: a round takes time proportional to (votes + objects) · categories. Two answers that are apart fall to the
//! one nearer the middle of the scale, or between them; without that difference to the lower one.
//! Confidence: the returned probability of the label: that this category is right, not merely near.

use super::auto::mean;
use super::numerics::{distance, ln_on_grid, normalize_logs, on_grid};
use super::posteriors::{Fit, Posteriors, Stopping, fix_gold};
use super::votes::Votes;

/// How workers are shrunken toward the crowd, and when the fit ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How many answers at the crowd's mean distance are added to each worker's own.
    pub shrinkage: f64,
    /// When to stop.
    pub stopping: Stopping,
}

impl Params {
    /// Each worker's skill is shrunken by ten pseudo-answers.
    pub const STANDARD: Self = Self { shrinkage: 10.0, stopping: Stopping { tolerance: 1e-6, max_iterations: 100 } };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// Pseudo-answers of the crowd, and their distance in steps.
const CROWD_ANSWERS: f64 = 10.0;
const CROWD_DISTANCE: f64 = 0.5;

/// Fits the model and averages it with the vote shares. The categories of the votes are the steps of the scale, in their
/// order. A worker's skill is the probability of hitting a step of an endless scale.
pub fn fit(votes: &Votes, params: &Params) -> Fit {
    let model = discrete_laplace(votes, params);
    Fit { posteriors: mean(votes, &Posteriors::vote_shares(votes), model.posteriors), ..model }
}

/// Fits the model alone.
pub fn discrete_laplace(votes: &Votes, params: &Params) -> Fit {
    let sizes = votes.sizes();
    let n_votes = votes.n_votes_of_workers();
    let mut posteriors = Posteriors::vote_shares(votes);
    let mut theta = vec![0.0; sizes.n_workers];
    let (n_iterations, stop) = params.stopping.repeat(sizes.n_objects, || {
        theta = spreads(votes, &n_votes, &posteriors, params);
        e_step(votes, &theta, &mut posteriors)
    });
    let skill = theta.iter().map(|theta| (1.0 - theta) / (1.0 + theta)).collect();
    Fit { posteriors, skill, n_iterations, stop }
}

/// The smallest step that has at least half of the probability on or below it.
pub fn median_of(row: &[f64]) -> usize {
    let half = 0.5 * row.iter().sum::<f64>() - 1e-6;
    let mut below = 0.0;
    let reaches_half = |probability: &f64| {
        below += probability;
        below >= half
    };
    row.iter().position(reaches_half).unwrap_or(0)
}

/// Per worker θ, from the expected distance of the answers to the truth.
fn spreads(votes: &Votes, n_votes: &[usize], posteriors: &Posteriors, params: &Params) -> Vec<f64> {
    let mut distance = vec![0.0; n_votes.len()];
    for (of_object, row) in votes.by_object().zip(posteriors.rows()) {
        for vote in of_object {
            let steps = |truth: usize| truth.abs_diff(vote.category as usize) as f64;
            let expected: f64 = row.iter().enumerate().map(|(truth, probability)| probability * steps(truth)).sum();
            distance[vote.worker as usize] += on_grid(expected);
        }
    }
    let of_crowd =
        (distance.iter().sum::<f64>() + CROWD_ANSWERS * CROWD_DISTANCE) / (votes.len() as f64 + CROWD_ANSWERS);
    let theta = |(distance, n_votes): (&f64, &usize)| {
        let mean = (distance + params.shrinkage * of_crowd) / (*n_votes as f64 + params.shrinkage).max(1.0);
        let mean = mean.max(1e-3);
        ((1.0 + mean * mean).sqrt() - 1.0) / mean
    };
    distance.iter().zip(n_votes).map(theta).collect()
}

fn e_step(votes: &Votes, theta: &[f64], posteriors: &mut Posteriors) -> f64 {
    let n = posteriors.n_categories();
    // The logarithm of the answer's probability is steps · ln θ less that of the sum over the scale, which depends on the
    // truth: near an end there are fewer steps to err to.
    let logs: Vec<(f64, Vec<f64>)> = theta
        .iter()
        .map(|theta| {
            let of_truth = |truth: usize| {
                let sum: f64 = (0..n).map(|answer| theta.powi(truth.abs_diff(answer).min(1_000) as i32)).sum();
                ln_on_grid(sum)
            };
            (ln_on_grid(*theta), (0..n).map(of_truth).collect())
        })
        .collect();
    let mut change = 0.0;
    let mut before = vec![0.0; n];
    for ((object, of_object), row) in votes.by_object().enumerate().zip(posteriors.rows_mut()) {
        before.copy_from_slice(row);
        if !fix_gold(votes, object, row) {
            row.fill(0.0);
            for vote in of_object {
                let (step, sums) = &logs[vote.worker as usize];
                for (truth, (log, sum)) in row.iter_mut().zip(sums).enumerate() {
                    *log += step * truth.abs_diff(vote.category as usize) as f64 - sum;
                }
            }
            normalize_logs(row);
        }
        change += distance(row, &before);
    }
    change
}

#[cfg(test)]
mod tests {
    use super::super::posteriors::tests::votes;
    use super::*;

    fn check(text: &str, expected: &str) {
        let fit = fit(&votes(text), &Params::STANDARD);
        let label = |row: &[f64]| char::from(b'a' + median_of(row) as u8);
        assert_eq!(fit.posteriors.rows().map(label).collect::<String>(), expected, "{text}");
    }

    #[test]
    fn the_middle_wins() {
        check("ace aae aee", "cae");
        check("ab bc ac", "bbb");
        check("a- -- cc", "abc");
    }

    #[test]
    fn who_is_far_off_counts_less() {
        // The third and fourth worker are at odds with everybody.
        let text = ["aaeea", "bbaeb", "eeaae", "ddaad", "ccaec"].repeat(8).join(" ");
        let fit = fit(&votes(&(text + " ddaa-")), &Params::STANDARD);
        assert_eq!(median_of(fit.posteriors.row(40)), 3);
        assert!(fit.skill[0] > fit.skill[2]);
    }
}
