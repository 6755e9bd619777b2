//! The one-coin model: each worker is right with a probability of their own, whatever the true category, and errs evenly
//! among the others (Ghosh, Kale and McAfee, "Who moderates the moderators?", EC 2011; the one-coin model of Zhang et al.,
//! JMLR 17, 2016, after Dawid and Skene 1979).
//!
//! P(votes | category c) = ∏ over workers of skill if they voted c, and of (1 - skill) / (K - 1) if not. Fitted by
//! expectation maximization from the vote shares. Two things make it safe for a handful of answers:
//! - All categories are equally probable beforehand. A class prior that is learned reinforces itself: with few answers per
//!   object it can drag everything into the most frequent category.
//! - A worker's skill is shrunk toward the crowd's, as if they had given `shrinkage` more answers of the crowd's quality;
//!   the crowd's is shrunk in the same way toward [`expected_skill`].
//!
//! Left out: difficulty of objects (GLAD has it), confusions (Dawid-Skene has them).
//! Cost: a round takes time proportional to votes + objects · categories. Ties fall to the first category.
//! Confidence: the posterior, which believes that workers err independently; they do not, so that it is too sure where
//! many agree. A lone unknown worker gives the expected skill.

use std::ops::Range;

use super::numerics::{distance, ln_on_grid, normalize_logs};
use super::posteriors::{Fit, Posteriors, Stopping, fix_gold, parts};
use super::votes::{Votes, WorkerPrior};
use crate::parallel;

/// How workers are shrunken toward the crowd, and when the fit ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How many answers of the crowd's quality are added to each worker's own.
    pub shrinkage: f64,
    /// When to stop.
    pub stopping: Stopping,
}

impl Params {
    /// What held across all sets we tried: ten pseudo-answers.
    pub const STANDARD: Self = Self { shrinkage: 10.0, stopping: Stopping { tolerance: 1e-6, max_iterations: 100 } };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// What is expected of a crowd that nothing is known about: seven tenths of the way from guessing to perfection.
pub fn expected_skill(n_categories: usize) -> f64 {
    let guessing = 1.0 / n_categories.max(2) as f64;
    guessing + 0.7 * (1.0 - guessing)
}

/// Fits one accuracy per worker. What is known of workers counts as answers that were judged already.
#[doc(alias("one-coin"))]
pub fn fit(votes: &Votes, prior: &WorkerPrior, params: &Params) -> Fit {
    let sizes = votes.sizes();
    let mut posteriors = Posteriors::shares(votes, |_| 1.0);
    let n_votes = votes.n_votes_of_workers();
    let mut skill = vec![0.0; sizes.n_workers];
    let mut right = right_answers(votes, 0..sizes.n_objects, posteriors.as_flat());
    let mut log_odds = vec![0.0; sizes.n_workers];
    let (n_iterations, stop) = params.stopping.repeat(sizes.n_objects, || {
        skill = shrunken_skill(&right, &n_votes, prior, sizes.n_categories, params.shrinkage);
        for (log_odds, skill) in log_odds.iter_mut().zip(&skill) {
            *log_odds = vote_weight(*skill, sizes.n_categories);
        }
        let (change, counted) = e_step(votes, &log_odds, &mut posteriors);
        right = counted;
        change
    });
    Fit { posteriors, skill, n_iterations, stop }
}

/// The logarithm of how much likelier a worker's answer is when it is right than when some other category is.
pub(super) fn vote_weight(skill: f64, n_categories: usize) -> f64 {
    let others = n_categories.max(2) as f64 - 1.0;
    ln_on_grid(skill) - ln_on_grid((1.0 - skill) / others)
}

/// Each worker's share of right answers, shrunk toward the crowd's, which is shrunk toward what is expected of any.
/// `right[worker]` is the expected number of right answers, on the grid.
pub(super) fn shrunken_skill(
    right: &[f64],
    n_votes: &[usize],
    prior: &WorkerPrior,
    n_categories: usize,
    shrinkage: f64,
) -> Vec<f64> {
    let counts = || {
        right.iter().zip(n_votes).enumerate().map(|(worker, (right, n_votes))| {
            let (right_before, asked_before) = prior.of_worker(worker);
            (right + right_before, *n_votes as f64 + asked_before)
        })
    };
    let (right_of_crowd, asked_of_crowd) = counts().fold((0.0, 0.0), |(x, y), (right, asked)| (x + right, y + asked));
    // The crowd is shrunk by ten answers even when the workers are not shrunk at all: nothing is then divided by zero.
    let expected = expected_skill(n_categories);
    let crowd = (right_of_crowd + 10.0 * expected) / (asked_of_crowd + 10.0);
    counts()
        .map(|(right, asked)| {
            let skill = (right + shrinkage * crowd) / (asked + shrinkage).max(1.0);
            skill.clamp(1e-6, 1.0 - 1e-6)
        })
        .collect()
}

/// Per worker the expected number of right answers to these objects, on the grid.
fn right_answers(votes: &Votes, objects: Range<usize>, posteriors: &[f64]) -> Vec<f64> {
    let sizes = votes.sizes();
    let mut right = vec![0.0; sizes.n_workers];
    for (object, row) in objects.zip(posteriors.chunks_exact(sizes.n_categories)) {
        for vote in votes.of_object(object) {
            right[vote.worker as usize] += row[vote.category as usize];
        }
    }
    right
}

/// Weighs the votes of every object; returns the summed change of the posteriors, and per worker the right answers by the
/// new ones. Both lie on the grid, so that their sums over parts are the same however the objects are divided.
fn e_step(votes: &Votes, log_odds: &[f64], posteriors: &mut Posteriors) -> (f64, Vec<f64>) {
    let sizes = votes.sizes();
    let parts = parts(sizes.n_objects, posteriors.flat_mut(), sizes.n_categories);
    let of_parts = parallel::map(parts, |(objects, posteriors)| {
        let change = weigh(votes, log_odds, objects.clone(), posteriors);
        (change, right_answers(votes, objects, posteriors))
    });
    let nothing = (0.0, vec![0.0; sizes.n_workers]);
    of_parts.into_iter().fold(nothing, |(change, mut right), (of_part, right_of_part)| {
        right.iter_mut().zip(right_of_part).for_each(|(sum, right)| *sum += right);
        (change + of_part, right)
    })
}

fn weigh(votes: &Votes, log_odds: &[f64], objects: Range<usize>, posteriors: &mut [f64]) -> f64 {
    let n = votes.sizes().n_categories;
    let mut change = 0.0;
    let mut before = vec![0.0; n];
    for (object, row) in objects.zip(posteriors.chunks_exact_mut(n)) {
        if fix_gold(votes, object, row) {
            continue;
        }
        before.copy_from_slice(row);
        row.fill(0.0);
        for vote in votes.of_object(object) {
            row[vote.category as usize] += log_odds[vote.worker as usize];
        }
        normalize_logs(row);
        change += distance(row, &before);
    }
    change
}
