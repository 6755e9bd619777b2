//! GLAD: worker ability and object difficulty (Whitehill et al., "Whose vote should count more", NIPS 2009).
//!
//! P(worker j is right about object i) = 1 / (1 + exp(-αⱼ·βᵢ)): αⱼ is the ability (negative for an adversary), βᵢ = exp(bᵢ)
//! the ease of the object; a wrong answer is any other category alike. αⱼ and bᵢ have the paper's normal priors of mean 1
//! and variance 1, the categories are equally probable.
//!
//! Fitted by generalized expectation maximization: instead of the paper's conjugate gradients each round makes one
//! Newton step per parameter (for b with the expected second derivative), which climbs the same hill in far fewer passes,
//! to crowd-kit's numbers.
//!
//! Left out: known difficulties. Cost: a round takes time proportional to votes + objects · categories, with two
//! exponentials per vote. Ties fall to the first category.
//! Confidence: the posterior; too sure where workers err together. Skill is the probability of being right about an object
//! of the prior's mean ease.

use super::numerics::{distance, exp_of_negative, normalize_logs, on_grid};
use super::posteriors::{Fit, Posteriors, Stopping, fix_gold};
use super::votes::{Vote, Votes};

/// When the fit ends; the priors are the paper's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// When to stop.
    pub stopping: Stopping,
}

impl Params {
    /// A hundred rounds at most.
    pub const STANDARD: Self = Self { stopping: Stopping { tolerance: 1e-5, max_iterations: 100 } };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

const PRIOR_MEAN: f64 = 1.0;

/// A Newton step is cut to this length, and parameters to this size: far outside what the priors let them reach.
const MAX_STEP: f64 = 1.0;
const MAX_ABILITY: f64 = 20.0;
const MAX_LOG_EASE: f64 = 4.0;

/// Fits abilities and difficulties; the posteriors are those of the last round.
#[doc(alias("GLAD"))]
pub fn fit(votes: &Votes, params: &Params) -> Fit {
    let sizes = votes.sizes();
    let n = sizes.n_categories;
    let ln_others = (n.max(2) as f64 - 1.0).ln();
    let mut ability = vec![PRIOR_MEAN; sizes.n_workers];
    let mut log_ease = vec![PRIOR_MEAN; sizes.n_objects];
    let mut posteriors = Posteriors::shares(votes, |_| 1.0);
    let mut before = vec![0.0; n];
    let (n_iterations, stop) = params.stopping.repeat(sizes.n_objects, || {
        let mut change = 0.0;
        let mut slopes = vec![Slope::default(); sizes.n_workers];
        for (((object, of_object), row), log_ease) in
            votes.by_object().enumerate().zip(posteriors.rows_mut()).zip(&mut log_ease)
        {
            before.copy_from_slice(row);
            if !fix_gold(votes, object, row) {
                row.fill(0.0);
                for vote in of_object {
                    row[vote.category as usize] += on_grid(ability[vote.worker as usize] * log_ease.exp() + ln_others);
                }
                normalize_logs(row);
            }
            change += distance(row, &before);
            *log_ease = eased(*log_ease, of_object, row, &ability);
            let ease = log_ease.exp();
            for vote in of_object {
                let probability = logistic(ability[vote.worker as usize] * ease);
                let surprise = row[vote.category as usize] - probability;
                slopes[vote.worker as usize].add(ease * surprise, ease * ease * probability * (1.0 - probability));
            }
        }
        for (ability, slope) in ability.iter_mut().zip(&slopes) {
            *ability = slope.climb(*ability).clamp(-MAX_ABILITY, MAX_ABILITY);
        }
        change
    });
    let skill = ability.iter().map(|ability| logistic(ability * PRIOR_MEAN.exp())).collect();
    Fit { posteriors, skill, n_iterations, stop }
}

/// First and (negated) second derivative of the expected log-likelihood, summed over answers.
#[derive(Debug, Clone, Copy, Default)]
struct Slope {
    first: f64,
    second: f64,
}

impl Slope {
    fn add(&mut self, first: f64, second: f64) {
        self.first += on_grid(first);
        self.second += on_grid(second);
    }

    /// One Newton step for a parameter with the normal prior.
    fn climb(self, value: f64) -> f64 {
        let step = (self.first - (value - PRIOR_MEAN)) / (self.second + 1.0);
        value + step.clamp(-MAX_STEP, MAX_STEP)
    }
}

/// The object's log ease after one step.
fn eased(log_ease: f64, of_object: &[Vote], row: &[f64], ability: &[f64]) -> f64 {
    let ease = log_ease.exp();
    let mut slope = Slope::default();
    for vote in of_object {
        let strength = ability[vote.worker as usize] * ease;
        let probability = logistic(strength);
        let surprise = row[vote.category as usize] - probability;
        slope.add(strength * surprise, strength * strength * probability * (1.0 - probability));
    }
    slope.climb(log_ease).clamp(-MAX_LOG_EASE, MAX_LOG_EASE)
}

fn logistic(x: f64) -> f64 {
    let small = exp_of_negative(-x.abs());
    if x < 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) }
}
