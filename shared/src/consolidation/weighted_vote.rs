//! Vote weighted by the shrunken log-odds of worker skill (the weights are those of Nitzan and Paroush, "Optimal decision
//! rules in uncertain dichotomous choice situations", 1982; the iteration is that of weighted majority voting, as in Li
//! and Yu, "Error rate bounds and iterative weighted majority voting for crowdsourcing", 2014; the shrinkage is ours).
//!
//! A worker's skill is the mean share that the other workers' weighted votes give to their answers, shrunk as in
//! [`one_coin`](super::one_coin); the weight of a vote is ln(skill · (K - 1) / (1 - skill)), never below nearly nothing.
//! Both are repeated until they settle. Different from one-coin, workers are judged by *shares* and not by posteriors:
//! whoever agrees with a near-unanimous object gains more than by tipping a close one, and no loop of certainty starts.
//!
//! Left out: difficulty, confusions; a worker who is always wrong is silenced, not inverted.
//! Cost: a round takes time proportional to votes + objects · categories. Ties fall to the first category.
//! Confidence: the weighted share. Unanimity and a lone worker have 1: average it with a posterior where that matters, as
//! [`auto`](super::auto) does.

use super::numerics::distance;
use super::one_coin::{shrunken_skill, vote_weight};
use super::posteriors::{Fit, Posteriors, Stopping};
use super::votes::{Votes, WorkerPrior};

/// How workers are shrunken toward the crowd, and when the fit ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How many answers of the crowd's quality are added to each worker's own.
    pub shrinkage: f64,
    /// When to stop.
    pub stopping: Stopping,
}

impl Params {
    /// Each worker's skill is shrunken by ten pseudo-answers.
    pub const STANDARD: Self = Self { shrinkage: 10.0, stopping: Stopping { tolerance: 1e-6, max_iterations: 20 } };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// Weighs workers by how often they are right, and counts their votes with these weights.
pub fn fit(votes: &Votes, prior: &WorkerPrior, params: &Params) -> Fit {
    let sizes = votes.sizes();
    let n_votes = votes.n_votes_of_workers();
    let mut posteriors = Posteriors::shares(votes, |_| 1.0);
    let mut weights = vec![1.0; sizes.n_workers];
    let mut skill = Vec::new();
    let (n_iterations, stop) = params.stopping.repeat(sizes.n_objects, || {
        let mut right = vec![0.0; sizes.n_workers];
        for (of_object, row) in votes.by_object().zip(posteriors.rows()) {
            for vote in of_object {
                right[vote.worker as usize] += row[vote.category as usize];
            }
        }
        skill = shrunken_skill(&right, &n_votes, prior, sizes.n_categories, params.shrinkage);
        for (weight, skill) in weights.iter_mut().zip(&skill) {
            *weight = vote_weight(*skill, sizes.n_categories).max(0.001);
        }
        let shares = Posteriors::shares(votes, |worker| weights[worker as usize]);
        let change = distance(shares.as_flat(), posteriors.as_flat());
        posteriors = shares;
        change
    });
    Fit { posteriors, skill, n_iterations, stop }
}
