//! Percentage agreement: the share of pairs of answers to the same object that are equal.

use super::Undefined;
use super::vote_patterns::Sample;

/// The share of equal pairs, in [0, 1]; the mean over objects with at least two answers, each of the same weight.
///
/// # Errors
/// [`Undefined::NoPairs`].
pub fn agreement(sample: Sample<'_>) -> Result<f64, Undefined> {
    let (mut disagreement, mut n_objects) = (0.0, 0);
    for votes in sample.pairable() {
        let n_pairs = votes.n_answers * (votes.n_answers - 1);
        disagreement += (votes.times * votes.n_unequal_pairs()) as f64 / n_pairs as f64;
        n_objects += votes.times;
    }
    if n_objects == 0 { Err(Undefined::NoPairs) } else { Ok(1.0 - disagreement / n_objects as f64) }
}

/// Each category's share of the answers: the mean over all objects of its share of the object's answers.
pub(super) fn category_shares(sample: Sample<'_>) -> Vec<f64> {
    let mut shares = vec![0.0; sample.values().len()];
    let mut n_objects = 0;
    for votes in sample.votes() {
        n_objects += votes.times;
        for (category, n) in votes.by_category {
            shares[*category as usize] += (votes.times * u64::from(*n)) as f64 / votes.n_answers as f64;
        }
    }
    for share in &mut shares {
        *share /= n_objects as f64;
    }
    shares
}
