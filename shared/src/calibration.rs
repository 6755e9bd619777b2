//! Whether confidences come true, and how to make them: measures and maps fitted on objects whose right label is known
//! (gold).
//!
//! A confidence is calibrated when of all labels with confidence 0.8 four in five are right. Everything here reads pairs
//! of a confidence and whether the label was right ([`Judged`]), and the order of the pairs changes nothing.
//!
//! - [`reliability_table`], [`expected_calibration_error`]: Naeini, Cooper and Hauskrecht, "Obtaining well calibrated
//!   probabilities using Bayesian binning", AAAI 2015.
//! - [`brier_score`]: Brier, "Verification of forecasts expressed in terms of probability", 1950; [`log_loss`].
//! - [`Isotonic`]: the best map that keeps the order of confidences. Zadrozny and Elkan, "Transforming classifier scores
//!   into accurate multiclass probability estimates", KDD 2002. It follows any shape and needs some hundred pairs.
//! - [`Temperature`]: one number that makes all confidences bolder or more careful. Guo, Pleiss, Sun and Weinberger, "On
//!   calibration of modern neural networks", ICML 2017. It needs some dozen pairs, and leaves 0.5 where it is.
//!
//! Measure a map on other objects than those it was fitted on: on its own ones every map looks good.
//!
//! ```
//! use ground_truth::Confidence;
//! use ground_truth::calibration::{Judged, Temperature, expected_calibration_error};
//!
//! // Labels that claim 0.95, of which three in four are right.
//! let claimed = Confidence::new(0.95)?;
//! let judged: Vec<Judged> = (0..40).map(|n| Judged { confidence: claimed, is_right: n % 4 != 0 }).collect();
//! assert!(expected_calibration_error(&judged).is_some_and(|error| (error - 0.2).abs() < 1e-9));
//!
//! let temperature = Temperature::fit(&judged).ok_or("there are labels to learn from")?;
//! assert!((temperature.apply(claimed).value() - 0.75).abs() < 0.01);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::vocabulary::Confidence;

#[cfg(test)]
mod tests;

/// A confidence, and whether the label that had it was right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The label's confidence.
    pub confidence: Confidence,
    /// Whether the label is the known answer.
    pub is_right: bool,
}

impl Judged {
    fn outcome(self) -> f64 {
        f64::from(u8::from(self.is_right))
    }
}

/// The labels whose confidence lies between two bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Above this; the lowest bin holds confidence 0 as well.
    pub above: f64,
    /// Up to and including this.
    pub up_to: f64,
    /// Number of labels in the bin.
    pub n: usize,
    /// Their mean confidence; 0 in an empty bin.
    pub mean_confidence: f64,
    /// The share of them that is right; 0 in an empty bin.
    pub share_right: f64,
}

/// How many bins the expected calibration error has.
pub const N_BINS: usize = 10;

/// [`N_BINS`] bins of equal width over [0, 1], ascending: what a reliability diagram shows.
pub fn reliability_table(judged: &[Judged]) -> [Bin; N_BINS] {
    let sorted = ascending(judged);
    let mut bins = std::array::from_fn(|idx| {
        let bound = |idx: usize| idx as f64 / N_BINS as f64;
        Bin { above: bound(idx), up_to: bound(idx + 1), n: 0, mean_confidence: 0.0, share_right: 0.0 }
    });
    for judged in sorted {
        let value = judged.confidence.value();
        let bin: &mut Bin = &mut bins[((value * N_BINS as f64).ceil() as usize).clamp(1, N_BINS) - 1];
        bin.n += 1;
        bin.mean_confidence += value;
        bin.share_right += judged.outcome();
    }
    for bin in bins.iter_mut().filter(|bin| bin.n > 0) {
        bin.mean_confidence /= bin.n as f64;
        bin.share_right /= bin.n as f64;
    }
    bins
}

/// The mean over labels of how far their bin's mean confidence is from its share of right ones, in [0, 1]; `None` without
/// labels. 0 is perfect; some hundredths are noise in a few hundred labels.
pub fn expected_calibration_error(judged: &[Judged]) -> Option<f64> {
    let gaps = reliability_table(judged).map(|bin| bin.n as f64 * (bin.mean_confidence - bin.share_right).abs());
    (!judged.is_empty()).then(|| gaps.iter().sum::<f64>() / judged.len() as f64)
}

/// The mean squared difference of confidence and outcome, in [0, 1]; `None` without labels. Lower is better.
pub fn brier_score(judged: &[Judged]) -> Option<f64> {
    mean(judged, |judged| (judged.confidence.value() - judged.outcome()).powi(2))
}

/// The mean negative logarithm of the probability that was given to what came true; `None` without labels. Lower is
/// better. Confidences are kept [`f64::EPSILON`] away from 0 and 1, so that one certain mistake costs 36 and not infinity.
pub fn log_loss(judged: &[Judged]) -> Option<f64> {
    mean(judged, |judged| {
        let confidence = judged.confidence.value().clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        -(if judged.is_right { confidence } else { 1.0 - confidence }).ln()
    })
}

fn mean(judged: &[Judged], of: impl Fn(Judged) -> f64) -> Option<f64> {
    let sum: f64 = ascending(judged).into_iter().map(of).sum();
    (!judged.is_empty()).then(|| sum / judged.len() as f64)
}

/// Sorted by content, so that sums come out the same whatever the order of the pairs.
fn ascending(judged: &[Judged]) -> Vec<Judged> {
    let mut sorted = judged.to_vec();
    sorted.sort_by(|a, b| a.confidence.value().total_cmp(&b.confidence.value()).then(a.is_right.cmp(&b.is_right)));
    sorted
}

/// A map that never lowers a higher confidence below a lower one: the least squares fit of that kind, found by pooling
/// adjacent violators. Between the fitted confidences it is linear, beyond them constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Isotonic {
    /// Confidence and share of right labels, both ascending, at least one.
    knots: Vec<(f64, f64)>,
}

/// What becomes of the lowest labels when all of them are wrong, and of the highest when all are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// The confidences 0 and 1, however few labels say so: the literature's fit.
    AsCounted,
    /// As if one more label of each outcome had been seen (Laplace's rule of succession): three right labels make 4/5.
    /// The order of confidences stays. For gold that is scarce.
    Shrunk,
}

/// Neighboring labels with one share of right ones.
struct Block {
    lowest: f64,
    highest: f64,
    n: usize,
    n_right: usize,
}

impl Isotonic {
    /// Fits the map; `None` without labels. Time: that of sorting.
    pub fn fit(judged: &[Judged], ends: Ends) -> Option<Self> {
        let mut blocks: Vec<Block> = Vec::new();
        for equal in ascending(judged).chunk_by(|a, b| a.confidence == b.confidence) {
            let confidence = equal[0].confidence.value();
            let n_right = equal.iter().filter(|judged| judged.is_right).count();
            let mut block = Block { lowest: confidence, highest: confidence, n: equal.len(), n_right };
            // Shares compared as products of whole numbers: equal ones are pooled too, which changes no value.
            while let Some(before) = blocks.pop_if(|before| before.n_right * block.n >= block.n_right * before.n) {
                block.lowest = before.lowest;
                block.n += before.n;
                block.n_right += before.n_right;
            }
            blocks.push(block);
        }
        let mut shares: Vec<f64> = blocks.iter().map(|block| block.n_right as f64 / block.n as f64).collect();
        if ends == Ends::Shrunk {
            shrink_ends(&blocks, &mut shares);
        }
        let mut knots = Vec::with_capacity(2 * blocks.len());
        for (block, share) in blocks.iter().zip(shares) {
            knots.push((block.lowest, share));
            if block.highest > block.lowest {
                knots.push((block.highest, share));
            }
        }
        (!knots.is_empty()).then_some(Self { knots })
    }

    /// The share of right labels that this confidence stands for.
    pub fn apply(&self, confidence: Confidence) -> Confidence {
        let value = confidence.value();
        let above = self.knots.partition_point(|(knot, _)| *knot < value);
        let mapped = match (above.checked_sub(1).and_then(|below| self.knots.get(below)), self.knots.get(above)) {
            (Some((x0, y0)), Some((x1, y1))) => y0 + (y1 - y0) * (value - x0) / (x1 - x0),
            (Some((_, share)), None) | (None, Some((_, share))) => *share,
            (None, None) => value,
        };
        Confidence::new(mapped.clamp(0.0, 1.0)).unwrap_or(confidence)
    }
}

/// Moves the share of a first block without right labels, and of a last one without wrong labels, away from 0 and 1, but
/// not past its neighbor.
fn shrink_ends(blocks: &[Block], shares: &mut [f64]) {
    let succession = |block: &Block| (block.n_right + 1) as f64 / (block.n + 2) as f64;
    if let Some(first) = blocks.first().filter(|block| block.n_right == 0) {
        shares[0] = shares.get(1).map_or(1.0, |second| *second).min(succession(first));
    }
    if let Some(last) = blocks.last().filter(|block| block.n_right == block.n) {
        let idx = blocks.len() - 1;
        shares[idx] = idx.checked_sub(1).map_or(0.0, |before| shares[before]).max(succession(last));
    }
}

/// A map that divides the log-odds of a confidence by one number: above 1 it makes confidences more careful, below 1
/// bolder. The order of confidences stays, and so does 0.5.
///
/// It mends confidences that are too bold or too careful on both sides of 0.5. Where a label's confidence is the largest
/// of several shares, and so hardly below 0.5, [`Isotonic`] fits better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Temperature {
    temperature: f64,
}

impl Temperature {
    /// Between which temperatures the best one is sought. Labels that are all right would ask for the temperature 0, and
    /// labels no better than chance for infinity; few labels do so easily, and being too bold harms more.
    pub const RANGE: (f64, f64) = (0.1, 100.0);

    /// How near to 0 and 1 a confidence counts. A confidence of exactly 1, such as a vote gives when all agree, has
    /// infinite log-odds, and one mistake there would outweigh everything.
    const NEAREST: f64 = 1e-3;

    /// Fits the temperature with the least log loss; `None` without labels whose confidence differs from 0.5.
    pub fn fit(judged: &[Judged]) -> Option<Self> {
        let labels = ascending(judged).into_iter().map(|judged| (Self::log_odds(judged.confidence), judged.is_right));
        let labels: Vec<(f64, bool)> = labels.filter(|(odds, _)| odds.abs() > 0.0).collect();
        if labels.is_empty() {
            return None;
        }
        // The log loss is convex in the inverse temperature, so its slope ascends and has one root at most.
        let slope = |inverse: f64| {
            let of_label = |(odds, is_right): &(f64, bool)| {
                // Not the difference of two numbers near 1, which would vanish too early.
                if *is_right { -odds * logistic(-inverse * odds) } else { odds * logistic(inverse * odds) }
            };
            labels.iter().map(of_label).sum()
        };
        Some(Self { temperature: 1.0 / root_of_ascending(slope, 1.0 / Self::RANGE.1, 1.0 / Self::RANGE.0) })
    }

    /// The number by which log-odds are divided.
    pub fn value(self) -> f64 {
        self.temperature
    }

    /// The confidence with its log-odds divided by the temperature.
    pub fn apply(self, confidence: Confidence) -> Confidence {
        Confidence::new(logistic(Self::log_odds(confidence) / self.temperature)).unwrap_or(confidence)
    }

    fn log_odds(confidence: Confidence) -> f64 {
        let value = confidence.value().clamp(Self::NEAREST, 1.0 - Self::NEAREST);
        (value / (1.0 - value)).ln()
    }
}

fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// Where an ascending function crosses 0, by halving until the two ends are neighbors; an end where it does not.
fn root_of_ascending(function: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    loop {
        let middle = low / 2.0 + high / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if function(middle) < 0.0 { low = middle } else { high = middle }
    }
}
