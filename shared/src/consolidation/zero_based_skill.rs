//! Zero-based skill: worker skill found by small steps from "nobody knows anything" (the method of that name in Toloka's
//! crowd-kit, its parameters as there).
//!
//! Skill starts a hair above guessing, 1 / K. Each round takes a vote weighted by skill and moves each skill toward the
//! worker's agreement with that vote's labels, by a learning rate that is halved every twenty rounds.
//!
//! Left out: stopping early. Cost: a hundred rounds, each of votes + objects · categories. Ties fall to the first category.
//! Confidence: the weighted share, and no probability: as [`wawa`](super::wawa)'s, 1 for unanimity, for a lone worker,
//! and in a batch of one object even for one against one.

use super::StopReason;
use super::posteriors::{Fit, Posteriors};
use super::votes::Votes;
use super::wawa::agreement;

/// How far a round moves skills, and how many are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How many rounds are made: there is no early stop.
    pub n_iterations: usize,
    /// The first learning rate.
    pub learning_rate: f64,
    /// After how many rounds it is halved.
    pub halved_every: usize,
}

impl Params {
    /// The defaults of crowd-kit's `ZeroBasedSkill`.
    pub const STANDARD: Self = Self { n_iterations: 100, learning_rate: 1.0, halved_every: 20 };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// Fits skills from guessing on, with labels by weighted vote.
pub fn fit(votes: &Votes, params: &Params) -> Fit {
    let sizes = votes.sizes();
    let n_votes = votes.n_votes_of_workers();
    let mut skill = vec![1.0 / sizes.n_categories as f64 + 1e-5; sizes.n_workers];
    let mut rate = params.learning_rate;
    for iteration in 1..=params.n_iterations {
        if iteration % params.halved_every.max(1) == 0 {
            rate *= 0.5;
        }
        let shares = Posteriors::shares(votes, |worker| skill[worker as usize]);
        for (skill, agreed) in skill.iter_mut().zip(agreement(votes, &shares, &n_votes)) {
            *skill += rate * (agreed - *skill);
        }
    }
    let posteriors = Posteriors::shares(votes, |worker| skill[worker as usize]);
    Fit { posteriors, skill, n_iterations: params.n_iterations, stop: StopReason::MaxIterations }
}
