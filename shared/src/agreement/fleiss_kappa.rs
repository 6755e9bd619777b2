//! Fleiss' kappa: how far agreement of pairs exceeds that of answers drawn at random with the categories' own shares.
//!
//! `kappa = (p_a − p_e) / (1 − p_e)`, where `p_a` is percentage agreement ([`super::pairwise`]) and `p_e` the sum of the
//! squared shares of the categories. Source: Fleiss, "Measuring nominal scale agreement among many raters", 1971, who has
//! the same number of answers to every object. For varying numbers the generalization of Gwet (2014, section 2.3): `p_a`
//! is the mean over objects with at least two answers, and a category's share the mean over all objects.

use super::Undefined;
use super::pairwise::{agreement, category_shares};
use super::vote_patterns::Sample;

/// Fleiss' kappa, at most 1; below 0 when workers agree less than by chance.
///
/// # Errors
/// [`Undefined`] without a pair of answers or a second category.
#[doc(alias("Fleiss"))]
pub fn kappa(sample: Sample<'_>) -> Result<f64, Undefined> {
    let observed = agreement(sample)?;
    let shares = category_shares(sample);
    if shares.iter().filter(|share| **share > 0.0).count() < 2 {
        return Err(Undefined::NoVariation);
    }
    // Written with the disagreement by chance, which has no cancellation when one category is rare.
    let disagreement_by_chance: f64 = shares.iter().map(|share| share * (1.0 - share)).sum();
    Ok(1.0 - (1.0 - observed) / disagreement_by_chance)
}
