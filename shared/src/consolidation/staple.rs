//! STAPLE: simultaneous truth and performance level estimation of one image (Warfield, Zou and Wells, 2004), with any
//! number of classes (Rohlfing, Russakoff and Maurer, 2003, and section V of the paper of 2004).
//!
//! Model: every pixel has a hidden true class; worker `w` gives class `b` to a pixel of true class `a` with probability
//! `θ_w[a][b]`, independently at every pixel. With two classes `θ_w[1][1]` is the worker's sensitivity and `θ_w[0][0]` the
//! specificity. Expectation maximization:
//! - start: the probability of a class is its share of a pixel's votes, and its prior (`class_prior`) its share of all
//!   votes, which stays fixed;
//! - M step: `θ_w[a][b]` is the sum of the probabilities of `a` over the pixels to which `w` gave `b`, over the same sum
//!   over all pixels;
//! - E step: the probability of `a` at a pixel is proportional to its prior times the product of `θ_w[a][vote of w]`.
//!
//! Pixels with the same votes have the same probabilities, so both steps run over the patterns of an overlay and not over
//! pixels. That is exact.
//!
//! Two departures, both off in [`Params::PAPER`]:
//! - `is_banded` leaves the pixels out about which all agree. Otherwise a large background makes everybody's specificity
//!   1, and the result depends on how much of it the image shows.
//! - `prior_share` adds pseudo-counts to every row of `θ_w`: so large a share of the pixels that count, spread as all
//!   workers' rows are at the start. Without it three workers are judged by a few dozen pixels, and one of them may end up
//!   deciding alone.
//!
//! **Left out**: the Markov random field of the paper's section II.G ([`super::smoothed_mask_vote`] looks at neighbors).
//! **Cost**: O(patterns · classes · workers) per iteration. **Ties**, and pixels that no class can explain, are background.
//! **Confidence** as in [`super::mask_vote`], with the model's probabilities: too sure of themselves, because the errors of
//! neighboring pixels are not independent.

use super::StopReason;
use super::mask_overlay::{Overlay, Pattern};
use super::mask_vote::{ExpectedOverlap, FusedMap, trust_in_strangers};
use crate::geometry::mask::LabelMap;

/// How workers are judged, in checked numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    is_banded: bool,
    prior_share: f64,
    max_iterations: usize,
    tolerance: f64,
}

impl Params {
    /// As in the paper: all pixels, no prior.
    pub const PAPER: Self = Self { is_banded: false, prior_share: 0.0, max_iterations: 1000, tolerance: 1e-9 };

    /// Banded, with a prior worth twice the disputed pixels: with less, one of three workers decides alone on real masks.
    pub const STANDARD: Self = Self { is_banded: true, prior_share: 2.0, max_iterations: 100, tolerance: 1e-6 };

    /// The standard with another `prior_share`.
    ///
    /// # Errors
    /// [`ParamsError`] when it is below 0, infinite or NaN.
    pub fn with_prior_share(prior_share: f64) -> Result<Self, ParamsError> {
        let is_share = prior_share >= 0.0 && prior_share.is_finite();
        if is_share { Ok(Self { prior_share, ..Self::STANDARD }) } else { Err(ParamsError { prior_share }) }
    }
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// A `prior_share` below 0, infinite or NaN.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("`prior_share` must be 0 or more, not {prior_share}")]
pub struct ParamsError {
    prior_share: f64,
}

/// What one image says about itself and its workers.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The most probable class of every pixel.
    pub fused: FusedMap,
    /// `confusion[worker][true_class][given_class]`: `θ`.
    pub confusion: Vec<Vec<Vec<f64>>>,
    /// The probability of every class at the pixels of every pattern, in the overlay's order of patterns.
    pub posterior: Vec<Vec<f64>>,
    /// How many M steps ran.
    pub n_iterations: usize,
    /// Why no more of them ran.
    pub stop: StopReason,
}

/// Estimates the true classes of one image.
#[doc(alias("STAPLE"))]
pub fn fit(overlay: &Overlay, params: &Params) -> Fit {
    let n_classes = overlay.n_classes();
    let patterns: Vec<Pattern<'_>> = overlay.patterns().collect();
    let counted: Vec<bool> = patterns.iter().map(|pattern| !params.is_banded || pattern.is_disputed()).collect();
    let class_prior = class_prior(&patterns, &counted, n_classes);
    let mut posterior: Vec<Vec<f64>> = patterns.iter().map(|pattern| shares(pattern, n_classes)).collect();
    let prior_counts = prior_counts(&patterns, &counted, &posterior, n_classes, params.prior_share);
    let mut confusion = Vec::new();
    let (mut n_iterations, mut stop) = (0, StopReason::MaxIterations);
    while n_iterations < params.max_iterations {
        let before = std::mem::take(&mut confusion);
        confusion = m_step(&patterns, &counted, &posterior, &prior_counts, overlay.n_workers());
        n_iterations += 1;
        e_step(&patterns, &counted, &class_prior, &confusion, &mut posterior);
        if largest_change(&before, &confusion) <= params.tolerance {
            stop = StopReason::Converged;
            break;
        }
    }
    let fused = decide(overlay, &patterns, &posterior);
    Fit { fused, confusion, posterior, n_iterations, stop }
}

/// Each class's share of the votes on the pixels that count; even shares when none does.
fn class_prior(patterns: &[Pattern<'_>], counted: &[bool], n_classes: usize) -> Vec<f64> {
    let mut votes = vec![0.0; n_classes];
    for (pattern, _) in patterns.iter().zip(counted).filter(|(_, counts)| **counts) {
        for class in pattern.votes {
            votes[usize::from(*class)] += f64::from(pattern.n_pixels);
        }
    }
    normalized(votes)
}

fn shares(pattern: &Pattern<'_>, n_classes: usize) -> Vec<f64> {
    let mut votes = vec![0.0; n_classes];
    for class in pattern.votes {
        votes[usize::from(*class)] += 1.0;
    }
    normalized(votes)
}

fn normalized(mut row: Vec<f64>) -> Vec<f64> {
    let (sum, even) = (row.iter().sum::<f64>(), 1.0 / row.len() as f64);
    for value in &mut row {
        *value = if sum > 0.0 { *value / sum } else { even };
    }
    row
}

/// The pseudo-counts of every row: the rows of all workers together at the start, scaled to the share of the pixels.
fn prior_counts(
    patterns: &[Pattern<'_>],
    counted: &[bool],
    posterior: &[Vec<f64>],
    n_classes: usize,
    prior_share: f64,
) -> Vec<Vec<f64>> {
    let mut counts = vec![vec![0.0; n_classes]; n_classes];
    let n_counted: f64 = patterns
        .iter()
        .zip(counted)
        .filter(|(_, counts)| **counts)
        .map(|(pattern, _)| f64::from(pattern.n_pixels))
        .sum();
    for ((pattern, posterior), _) in patterns.iter().zip(posterior).zip(counted).filter(|(_, counts)| **counts) {
        for given in pattern.votes {
            for (row, probability) in counts.iter_mut().zip(posterior) {
                row[usize::from(*given)] += probability * f64::from(pattern.n_pixels);
            }
        }
    }
    let strength = prior_share * n_counted / n_classes as f64;
    counts.into_iter().map(|row| normalized(row).into_iter().map(|share| share * strength).collect()).collect()
}

fn m_step(
    patterns: &[Pattern<'_>],
    counted: &[bool],
    posterior: &[Vec<f64>],
    prior_counts: &[Vec<f64>],
    n_workers: usize,
) -> Vec<Vec<Vec<f64>>> {
    let mut counts = vec![prior_counts.to_vec(); n_workers];
    for ((pattern, posterior), _) in patterns.iter().zip(posterior).zip(counted).filter(|(_, counts)| **counts) {
        for (worker_counts, given) in counts.iter_mut().zip(pattern.votes) {
            for (row, probability) in worker_counts.iter_mut().zip(posterior) {
                row[usize::from(*given)] += probability * f64::from(pattern.n_pixels);
            }
        }
    }
    counts.into_iter().map(|rows| rows.into_iter().map(normalized).collect()).collect()
}

/// In logarithms, because a product over many workers would vanish. Pixels that no class can explain keep their
/// probabilities.
fn e_step(
    patterns: &[Pattern<'_>],
    counted: &[bool],
    class_prior: &[f64],
    confusion: &[Vec<Vec<f64>>],
    posterior: &mut [Vec<f64>],
) {
    // Per worker and given class the logarithm for every true class, side by side.
    let by_given = |rows: &Vec<Vec<f64>>| -> Vec<Vec<f64>> {
        (0..class_prior.len()).map(|given| rows.iter().map(|row| row[given].ln()).collect()).collect()
    };
    let log_confusion: Vec<Vec<Vec<f64>>> = confusion.iter().map(by_given).collect();
    let log_prior: Vec<f64> = class_prior.iter().map(|prior| prior.ln()).collect();
    let mut logs = log_prior.clone();
    for ((pattern, posterior), _) in patterns.iter().zip(posterior).zip(counted).filter(|(_, counts)| **counts) {
        logs.copy_from_slice(&log_prior);
        for (given, by_given) in pattern.votes.iter().zip(&log_confusion) {
            for (log, term) in logs.iter_mut().zip(&by_given[usize::from(*given)]) {
                *log += term;
            }
        }
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if most.is_finite() {
            for (probability, log) in posterior.iter_mut().zip(&logs) {
                *probability = (log - most).exp();
            }
            let sum: f64 = posterior.iter().sum();
            posterior.iter_mut().for_each(|probability| *probability /= sum);
        }
    }
}

fn largest_change(before: &[Vec<Vec<f64>>], after: &[Vec<Vec<f64>>]) -> f64 {
    let changes = before.iter().flatten().flatten().zip(after.iter().flatten().flatten());
    let largest = changes.map(|(old, new)| (old - new).abs()).fold(0.0, f64::max);
    if before.is_empty() { f64::INFINITY } else { largest }
}

/// Two probabilities nearer than this are a tie: they differ by rounding alone.
const TIE: f64 = 1e-9;

fn decide(overlay: &Overlay, patterns: &[Pattern<'_>], posterior: &[Vec<f64>]) -> FusedMap {
    let mut overlap = ExpectedOverlap::new(overlay.n_classes());
    let winner = |probabilities: &Vec<f64>| {
        let most = probabilities.iter().copied().fold(0.0, f64::max);
        let mut first = (0..probabilities.len()).filter(|class| probabilities[*class] >= most - TIE);
        match (first.next(), first.next()) {
            (Some(class), None) => class as u16,
            _ => LabelMap::BACKGROUND,
        }
    };
    let class_of: Vec<u16> = posterior.iter().map(winner).collect();
    for ((pattern, probabilities), labeled) in patterns.iter().zip(posterior).zip(&class_of) {
        for (class, probability) in probabilities.iter().enumerate() {
            overlap.add(*labeled, class as u16, *probability, f64::from(pattern.n_pixels));
        }
    }
    overlap.fused(overlay.map_by_pattern(&class_of), trust_in_strangers(overlay.n_workers()))
}

#[cfg(test)]
mod tests {
    use super::super::mask_overlay::tests::{counted, overlay, text};
    use super::*;

    fn assert_near(found: impl IntoIterator<Item = f64>, expected: &[f64], tolerance: f64) {
        let found: Vec<f64> = found.into_iter().collect();
        assert_eq!(found.len(), expected.len());
        for (found_one, expected_one) in found.iter().zip(expected) {
            assert!((found_one - expected_one).abs() < tolerance, "{found:?} is not {expected:?}");
        }
    }

    /// The probabilities, sensitivities and specificities of `STAPLEImageFilter` in SimpleITK 2.5.7, which stops after
    /// fewer rounds.
    #[test]
    fn two_classes_give_simple_itks_numbers() {
        let overlay = counted(&[
            (&[1, 1, 1], 200),
            (&[1, 1, 0], 60),
            (&[1, 0, 1], 30),
            (&[0, 1, 1], 20),
            (&[1, 0, 0], 25),
            (&[0, 1, 0], 15),
            (&[0, 0, 1], 40),
            (&[0, 0, 0], 610),
        ]);
        let staple = fit(&overlay, &Params::PAPER);
        assert_eq!(staple.stop, StopReason::Converged);
        let rate = |class: usize| staple.confusion.iter().map(move |rows| rows[class][class]).collect::<Vec<_>>();
        assert_near(rate(1), &[0.916_794_417_2, 0.880_136_562_9, 0.776_420_950_7], 1e-6);
        assert_near(rate(0), &[0.971_022_848_8, 0.983_105_643_9, 0.941_187_760_7], 1e-6);
        let expected = [
            0.999_892_78,
            0.994_075_976,
            0.956_188_516,
            0.961_915_118,
            0.281_979_58,
            0.312_466_418,
            0.055_811_167,
            0.001_062_492,
        ];
        assert_near(staple.posterior.iter().map(|row| row[1]), &expected, 2e-6);
    }

    /// The labels and confusion matrices (transposed: its columns are true classes) of `MultiLabelSTAPLEImageFilter` in
    /// SimpleITK 2.5.7, which starts from the plurality of the votes. With every confusion seen by it, both end at the
    /// same point.
    #[test]
    fn several_classes_give_simple_itks_numbers() {
        let n_pixels =
            [500, 40, 8, 18, 21, 6, 16, 5, 11, 12, 9, 4, 10, 150, 30, 3, 14, 13, 7, 2, 9, 6, 22, 15, 8, 13, 120];
        let votes: Vec<[u16; 3]> = (0..27).map(|idx| [idx / 9, idx / 3 % 3, idx % 3]).collect();
        let patterns: Vec<(&[u16], u32)> = votes.iter().map(|votes| &votes[..]).zip(n_pixels).collect();
        let staple = fit(&counted(&patterns), &Params::PAPER);
        let expected = [
            [
                0.965_911_2,
                0.022_098_414,
                0.011_990_387,
                0.106_325_879,
                0.783_715_824,
                0.109_958_296,
                0.079_886_493,
                0.086_311_869,
                0.833_801_638,
            ],
            [
                0.940_011_629,
                0.031_256_363,
                0.028_732_008,
                0.049_216_542,
                0.876_397_611,
                0.074_385_847,
                0.065_700_98,
                0.097_004_886,
                0.837_294_134,
            ],
            [
                0.915_800_269,
                0.071_449_762,
                0.012_749_969,
                0.060_120_634,
                0.789_361_881,
                0.150_517_484,
                0.068_504_303,
                0.085_372_572,
                0.846_123_125,
            ],
        ];
        for (confusion, expected) in staple.confusion.iter().zip(&expected) {
            assert_near(confusion.iter().flatten().copied(), expected, 1e-6);
        }
        let labels = text(&staple.fused.map);
        let firsts = n_pixels.iter().scan(0, |start, n| Some(std::mem::replace(start, *start + *n as usize)));
        let labels: String = firsts.map(|first| &labels[first..=first]).collect();
        assert_eq!(labels, "000011012011111212012112222");
    }

    #[test]
    fn the_band_does_not_see_the_background() {
        let small = overlay(&["00111000", "01111100", "00011000"]);
        let large = overlay(&["0011100000000000", "0111110000000000", "0001100000000000"]);
        let confusion = |overlay: &Overlay, params: &Params| fit(overlay, params).confusion;
        assert_eq!(confusion(&small, &Params::STANDARD), confusion(&large, &Params::STANDARD));
        assert_ne!(confusion(&small, &Params::PAPER), confusion(&large, &Params::PAPER));
    }

    #[test]
    fn nothing_to_learn_leaves_the_votes() {
        for params in [Params::PAPER, Params::STANDARD] {
            for workers in [&["0110"][..], &["0110", "0110"], &["222"], &["0"]] {
                let staple = fit(&overlay(workers), &params);
                assert_eq!(text(&staple.fused.map), workers[0]);
                assert_eq!(staple.stop, StopReason::Converged);
            }
        }
        assert_eq!(text(&fit(&overlay(&["01", "10"]), &Params::STANDARD).fused.map), "00");
        for wrong in [-0.5, f64::INFINITY] {
            assert_eq!(Params::with_prior_share(wrong), Err(ParamsError { prior_share: wrong }));
        }
    }
}
