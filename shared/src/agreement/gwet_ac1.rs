//! Gwet's AC1: agreement beyond chance that stays meaningful where one category is far more frequent than the others,
//! where kappa and alpha fall towards 0 although nearly all answers agree.
//!
//! `AC1 = (p_a − p_e) / (1 − p_e)`, where `p_a` is percentage agreement, `p_e = Σ π_c (1 − π_c) / (q − 1)`, `π_c` a
//! category's share and `q` the number of categories that workers could choose. Source: Gwet, "Computing inter-rater
//! reliability and its variance in the presence of high agreement", 2008.

use super::Undefined;
use super::pairwise::{agreement, category_shares};
use super::vote_patterns::Sample;

/// AC1, at most 1. Categories that nobody chose count too: `q` is the number that the patterns were made with.
///
/// # Errors
/// [`Undefined`] without a pair of answers, or with a single category to choose.
#[doc(alias("Gwet"))]
pub fn ac1(sample: Sample<'_>) -> Result<f64, Undefined> {
    let observed = agreement(sample)?;
    let shares = category_shares(sample);
    if shares.len() < 2 {
        return Err(Undefined::NoVariation);
    }
    let by_chance = shares.iter().map(|share| share * (1.0 - share)).sum::<f64>() / (shares.len() - 1) as f64;
    // At most 1/2 of the pairs agree by chance, so there is no division by 0.
    Ok(1.0 - (1.0 - observed) / (1.0 - by_chance))
}
