//! Krippendorff's alpha on the four classical scales: one minus observed over expected disagreement.
//!
//! Observed is the mean over answers of their disagreement with the other answers to the same object; expected the mean
//! over all pairs of answers, whatever their objects. Answers to an object that has no second one are passed over.
//! Source: Krippendorff, "Computing Krippendorff's alpha-reliability", 2011. The matrix of coincidences is never written
//! out, because only sums over it are needed:
//!
//! - nominal: counts of unequal pairs, in whole numbers;
//! - interval: sums of squared differences are sums of squares around a mean;
//! - ordinal: the squared number of answers between two categories is the squared difference of their mid-ranks, so this
//!   is the interval scale on mid-ranks;
//! - ratio: over all pairs of values.
//!
//! Cost: linear in the patterns of votes; on a ratio scale quadratic in the number of distinct values as well, so round
//! numbers of which there are more than some ten thousand different ones.

use super::Undefined;
use super::vote_patterns::{Sample, Votes};

/// What the distance between two categories is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// 1 between any two categories.
    Nominal,
    /// The number of answers between them, half of their own included, squared.
    Ordinal,
    /// The difference of their values, squared.
    Interval,
    /// The difference of their values over its sum, squared. There are no negative values.
    Ratio,
}

/// Krippendorff's alpha, at most 1: 0 for what chance would give, below 0 for systematic disagreement.
///
/// # Errors
/// [`Undefined`] without a pair of answers or a second value among the pairable answers, and on a ratio scale with a
/// value below 0.
#[doc(alias("Krippendorff", "inter-annotator agreement", "inter-rater reliability"))]
pub fn alpha(sample: Sample<'_>, scale: Scale) -> Result<f64, Undefined> {
    let mut totals = vec![0_u64; sample.values().len()];
    for votes in sample.pairable() {
        for (category, n) in votes.by_category {
            totals[*category as usize] += votes.times * u64::from(*n);
        }
    }
    match totals.iter().filter(|total| **total > 0).count() {
        0 => Err(Undefined::NoPairs),
        1 => Err(Undefined::NoVariation),
        _ => match scale {
            Scale::Nominal => Ok(nominal(sample, &totals)),
            Scale::Ordinal => squared_differences(sample, &totals, &mid_ranks(&totals)),
            Scale::Interval => squared_differences(sample, &totals, &within_unit_range(sample.values())),
            Scale::Ratio => squared_ratios(sample, &totals),
        },
    }
}

fn nominal(sample: Sample<'_>, totals: &[u64]) -> f64 {
    let n_answers: u64 = totals.iter().sum();
    let observed = sum_over_objects(sample, |votes| votes.n_unequal_pairs() as f64);
    // Products in floating point: that of ten billion answers with themselves exceeds 64 bits.
    let expected: f64 = totals.iter().map(|total| *total as f64 * (n_answers - total) as f64).sum();
    1.0 - (n_answers - 1) as f64 * observed / expected
}

fn squared_differences(sample: Sample<'_>, totals: &[u64], values: &[f64]) -> Result<f64, Undefined> {
    let n_answers: u64 = totals.iter().sum();
    let all = || totals.iter().zip(values).map(|(n, value)| (*n as f64, *value));
    let observed = sum_over_objects(sample, |votes| {
        let votes_with_values =
            || votes.by_category.iter().map(|(category, n)| (f64::from(*n), values[*category as usize]));
        // The differences of all ordered pairs, squared and summed.
        2.0 * votes.n_answers as f64 * squares_around_the_mean(votes_with_values)
    });
    let expected = 2.0 * squares_around_the_mean(all);
    ratio(observed, expected * n_answers as f64, n_answers)
}

fn squared_ratios(sample: Sample<'_>, totals: &[u64]) -> Result<f64, Undefined> {
    let values = sample.values();
    if values.first().is_some_and(|lowest| *lowest < 0.0) {
        return Err(Undefined::NegativeValue);
    }
    let n_answers: u64 = totals.iter().sum();
    let observed = sum_over_objects(sample, |votes| {
        let weighted = votes.by_category.iter().map(|(category, n)| (f64::from(*n), values[*category as usize]));
        ratios_of_all_pairs(&weighted.collect::<Vec<_>>())
    });
    let used = totals.iter().zip(values).filter(|(n, _)| **n > 0).map(|(n, value)| (*n as f64, *value));
    ratio(observed, ratios_of_all_pairs(&used.collect::<Vec<_>>()), n_answers)
}

/// Sums over objects what the ordered pairs of their answers disagree, each object's share divided so that every answer
/// counts once.
fn sum_over_objects(sample: Sample<'_>, disagreement: impl Fn(&Votes<'_>) -> f64) -> f64 {
    let of_patterns = sample.pairable().filter(|votes| votes.by_category.len() > 1);
    of_patterns.map(|votes| votes.times as f64 * disagreement(&votes) / (votes.n_answers - 1) as f64).sum()
}

/// Alpha from the two sums over ordered pairs.
fn ratio(observed: f64, expected: f64, n_answers: u64) -> Result<f64, Undefined> {
    // Values so near to each other that their squared differences vanish are one value.
    if expected > 0.0 { Ok(1.0 - (n_answers - 1) as f64 * observed / expected) } else { Err(Undefined::NoVariation) }
}

/// The sum of weighted squared differences from the weighted mean.
fn squares_around_the_mean<I: Iterator<Item = (f64, f64)>>(weighted: impl Fn() -> I) -> f64 {
    let (n, sum) = weighted().fold((0.0, 0.0), |(n, sum), (weight, value)| (n + weight, sum + weight * value));
    let mean = sum / n;
    weighted().map(|(weight, value)| weight * (value - mean) * (value - mean)).sum()
}

/// The squared ratios of difference and sum of all ordered pairs, summed. The values ascend, and none is below 0.
fn ratios_of_all_pairs(weighted: &[(f64, f64)]) -> f64 {
    let mut sum = 0.0;
    for (idx, (weight, value)) in weighted.iter().enumerate() {
        for (other_weight, other) in &weighted[idx + 1..] {
            // Halves, so that the sum of two huge numbers stays finite.
            let difference = (other / 2.0 - value / 2.0) / (other / 2.0 + value / 2.0);
            sum += 2.0 * weight * other_weight * difference * difference;
        }
    }
    sum
}

/// How many answers stand below each category, half of its own included.
fn mid_ranks(totals: &[u64]) -> Vec<f64> {
    let mut n_below = 0;
    let ranks = totals.iter().map(|total| {
        let rank = n_below as f64 + *total as f64 / 2.0;
        n_below += total;
        rank
    });
    ranks.collect()
}

/// Ascending values, shifted and scaled to [0, 1]: alpha does not change, and no square overflows.
fn within_unit_range(values: &[f64]) -> Vec<f64> {
    let (Some(lowest), Some(highest)) = (values.first(), values.last()) else { return Vec::new() };
    let range = highest / 2.0 - lowest / 2.0;
    values.iter().map(|value| if range > 0.0 { (value / 2.0 - lowest / 2.0) / range } else { 0.0 }).collect()
}
