//! Smoothed vote: every disputed pixel goes to the class with the most votes in its neighborhood, each worker's vote
//! weighted by how often the worker is right where workers disagree.
//!
//! Model: where a pixel is disputed, worker `w` gives the true class with probability `q_w` and each of the `K - 1` others
//! with equal probability, whence the optimal weight `ln(q_w (K - 1) / (1 - q_w))` (Nitzan and Paroush, "Optimal decision
//! rules in uncertain dichotomous choice situations", 1982). The true classes of neighbors are mostly equal, so the votes of
//! the `(2 · radius + 1)²` pixels around are added up before they are compared; beyond the edge of the image its edge goes
//! on. Pixels about which all agree stay as they are. Ground Truth describes its own consolidation of masks in these words
//! and publishes no formula; this one is ours.
//!
//! Steps:
//! 1. Start from the shares of the votes.
//! 2. Quality: the agreement of a worker in an object is the mean probability of the classes that the worker gave to its
//!    disputed pixels. A worker's quality `q_w` is the mean over objects, shrunken toward all workers' mean by
//!    `prior_objects`. Within an object it moves toward the agreement there as if that were `own_objects` more of them.
//! 3. Probability: the softmax of the weighted votes.
//! 4. Back to 2, `max_iterations` times or until no quality moves by more than `tolerance`; then smooth once.
//!
//! Objects, and not pixels, are counted as evidence, because the errors of one mask are anything but independent. That
//! keeps a batch of one object with three workers within noise of the plain vote, and no worker is ever shut out: a weight
//! is at least a small positive one and at most that of a quality of 0.98.
//!
//! **Left out**: confusion between particular classes ([`super::staple`] has it), and colors of the image.
//! **Cost**: O(patterns · workers) per iteration, then O(disputed pixels · window · workers) once. **Ties** are background.
//! **Confidence** as in [`super::mask_vote`], with the probability of a disputed pixel taken as the mean of its weighted
//! share of the votes around and of their softmax: the first is too modest with many workers, the second too sure. What is
//! trusted where all agree is learned here: each worker's expected overlap with the truth, all classes but the background
//! together, averaged over the masks of the batch that another worker's can be compared with. Ten masks are added, of the
//! crowd to each worker's own, and of [`EXPECTED_OVERLAP`] to the crowd's.

use super::StopReason;
use super::mask_overlay::{Overlay, Pattern};
use super::mask_vote::{ClassTally, EXPECTED_OVERLAP, ExpectedOverlap, FusedMap, trust_in_agreement};
use crate::geometry::mask::{LabelMap, Run};

/// How workers and neighbors count, in checked numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    radius: u32,
    prior_objects: f64,
    own_objects: f64,
    max_iterations: usize,
    tolerance: f64,
}

impl Params {
    /// What held on real and synthetic masks alike: windows of 3 by 3 pixels (5 by 5 blur thin shapes away), a prior of
    /// two objects, an object's own evidence worth a fifth of one, and five rounds: more of them reinforce what they
    /// found, until one worker decides for all.
    pub const STANDARD: Self =
        Self { radius: 1, prior_objects: 2.0, own_objects: 0.2, max_iterations: 5, tolerance: 1e-6 };

    /// The standard with another window of `2 · radius + 1` pixels a side; 0 leaves neighbors out.
    ///
    /// # Errors
    /// [`ParamsError`] when the radius is above 10.
    pub fn with_radius(radius: u32) -> Result<Self, ParamsError> {
        if radius <= 10 { Ok(Self { radius, ..Self::STANDARD }) } else { Err(ParamsError { radius }) }
    }
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// A window that is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`radius` must be at most 10 pixels, not {radius}")]
pub struct ParamsError {
    radius: u32,
}

/// One object of a batch: its masks, and who drew them.
#[derive(Debug, Clone)]
pub struct MaskedObject {
    /// The masks, laid over each other.
    pub overlay: Overlay,
    /// The index of each mask's worker in the batch.
    pub workers: Vec<usize>,
}

/// The result for a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// One map per object.
    pub maps: Vec<FusedMap>,
    /// Each worker's quality: the shrunken share of disputed pixels on which the worker is right, in [0, 1].
    pub quality: Vec<f64>,
    /// Each worker's expected intersection over union with the truth, in [0, 1].
    pub overlaps: Vec<f64>,
    /// How often step 2 ran.
    pub n_iterations: usize,
    /// Why it ran no more.
    pub stop: StopReason,
}

/// Votes are added up as whole multiples of this share of a natural logarithm, so that no order of workers, objects or
/// rows makes a difference and equal sums are ties.
const UNIT: f64 = 1.0 / 65_536.0;

/// Qualities are added up as multiples of this, for the same reason.
const QUALITY_UNIT: f64 = 1.0 / 4_294_967_296.0;

/// The least weight of a worker's vote, as a natural logarithm of odds.
const MIN_WEIGHT: f64 = 0.05;

/// How many masks of the assumed overlap are added to a worker's and to the crowd's.
const PRIOR_MASKS: f64 = 10.0;

/// No worker is taken to be better than this.
const BEST_QUALITY: f64 = 0.98;

/// Consolidates a batch; `n_workers` is the number of workers in it.
pub fn fit(objects: &[MaskedObject], n_workers: usize, params: &Params) -> Fit {
    let (fit, n_iterations, stop) = qualities(objects, n_workers, params);
    let overlaps = fit.overlaps(objects);
    let smooth = |(object_idx, object): (usize, &MaskedObject)| {
        let trust = trust_in_agreement(object.workers.iter().map(|worker_idx| overlaps[*worker_idx]));
        smooth(&object.overlay, &fit.weights(object_idx, &object.workers), params.radius, trust)
    };
    let maps = objects.iter().enumerate().map(smooth).collect();
    Fit { maps, quality: fit.quality, overlaps, n_iterations, stop }
}

/// Steps 1 to 3 alone: the weight of each mask in each object, above 0.
pub fn mask_weights(objects: &[MaskedObject], n_workers: usize, params: &Params) -> Vec<Vec<f64>> {
    let (fit, _, _) = qualities(objects, n_workers, params);
    let of_object = |(object_idx, object): (usize, &MaskedObject)| {
        fit.weights(object_idx, &object.workers).into_iter().map(|weight| weight as f64 * UNIT).collect()
    };
    objects.iter().enumerate().map(of_object).collect()
}

fn qualities<'a>(objects: &[MaskedObject], n_workers: usize, params: &'a Params) -> (Qualities<'a>, usize, StopReason) {
    let n_classes = objects.iter().map(|object| object.overlay.n_classes()).max().unwrap_or(1).max(2);
    let mut fit = Qualities { n_classes, params, quality: vec![0.0; n_workers], agreement: vec![None; objects.len()] };
    fit.update(objects, None);
    let (mut n_iterations, mut stop) = (1, StopReason::MaxIterations);
    while n_iterations < params.max_iterations {
        let before = fit.clone();
        fit.update(objects, Some(&before));
        n_iterations += 1;
        let moves = before.quality.iter().zip(&fit.quality).map(|(old, new)| (old - new).abs());
        if moves.fold(0.0, f64::max) <= params.tolerance {
            stop = StopReason::Converged;
            break;
        }
    }
    (fit, n_iterations, stop)
}

#[derive(Debug, Clone)]
struct Qualities<'a> {
    n_classes: usize,
    params: &'a Params,
    quality: Vec<f64>,
    /// Per object its workers' agreement with what it is taken to show; `None` where nothing is disputed.
    agreement: Vec<Option<Vec<f64>>>,
}

impl Qualities<'_> {
    /// Step 2, with the probabilities of step 3 after the fit `before`, or of step 1 without one.
    fn update(&mut self, objects: &[MaskedObject], before: Option<&Self>) {
        let (mut sums, mut n_objects) = (vec![0_u64; self.quality.len()], vec![0_u32; self.quality.len()]);
        let mut probabilities = Vec::new();
        for (object_idx, object) in objects.iter().enumerate() {
            let n_disputed = object.overlay.n_disputed();
            if n_disputed == 0 {
                continue;
            }
            let n_workers = object.workers.len();
            let weights = before.map_or(vec![1; n_workers], |before| before.weights(object_idx, &object.workers));
            let mut agreement = vec![0.0; n_workers];
            each_disputed(&object.overlay, &weights, |pattern, tally| {
                match before {
                    Some(_) => softmax(tally, UNIT, &mut probabilities),
                    None => shares(tally, &mut probabilities),
                }
                let pixels = f64::from(pattern.n_pixels) / f64::from(n_disputed);
                for (sum, vote) in agreement.iter_mut().zip(pattern.votes) {
                    *sum += pixels * probability_of(*vote, &probabilities);
                }
            });
            for (worker_idx, agreement) in object.workers.iter().zip(&agreement) {
                sums[*worker_idx] += (agreement / QUALITY_UNIT).round() as u64;
                n_objects[*worker_idx] += 1;
            }
            self.agreement[object_idx] = Some(agreement);
        }
        let n_all: u32 = n_objects.iter().sum();
        let mean = if n_all == 0 { 0.5 } else { sums.iter().sum::<u64>() as f64 * QUALITY_UNIT / f64::from(n_all) };
        let prior = self.params.prior_objects;
        for ((quality, sum), n) in self.quality.iter_mut().zip(sums).zip(n_objects) {
            *quality = (sum as f64 * QUALITY_UNIT + prior * mean) / (f64::from(n) + prior);
        }
    }

    /// Each worker's expected overlap with the truth.
    fn overlaps(&self, objects: &[MaskedObject]) -> Vec<f64> {
        let (mut sums, mut n_masks) = (vec![0_u64; self.quality.len()], vec![0_u32; self.quality.len()]);
        for (object_idx, object) in objects.iter().enumerate().filter(|(_, object)| object.workers.len() > 1) {
            let weights = self.weights(object_idx, &object.workers);
            for (worker_idx, overlap) in object.workers.iter().zip(own_overlaps(&object.overlay, &weights)) {
                if let Some(overlap) = overlap {
                    sums[*worker_idx] += (overlap / QUALITY_UNIT).round() as u64;
                    n_masks[*worker_idx] += 1;
                }
            }
        }
        let shrunk = |sum: u64, n: u32, toward: f64| {
            (sum as f64 * QUALITY_UNIT + PRIOR_MASKS * toward) / (f64::from(n) + PRIOR_MASKS)
        };
        let of_crowd = shrunk(sums.iter().sum(), n_masks.iter().sum(), EXPECTED_OVERLAP);
        sums.into_iter().zip(n_masks).map(|(sum, n)| shrunk(sum, n, of_crowd)).collect()
    }

    /// The weight of each worker's votes in one object, in multiples of [`UNIT`].
    fn weights(&self, object_idx: usize, workers: &[usize]) -> Vec<u64> {
        let own = self.params.own_objects;
        let weight = |(idx, worker_idx): (usize, &usize)| {
            let over_all = self.quality[*worker_idx];
            let here = self.agreement[object_idx].as_ref().map_or(over_all, |agreement| agreement[idx]);
            let quality = ((over_all + own * here) / (1.0 + own)).clamp(1.0 - BEST_QUALITY, BEST_QUALITY);
            let odds = quality * (self.n_classes - 1) as f64 / (1.0 - quality);
            (odds.ln().max(MIN_WEIGHT) / UNIT).round() as u64
        };
        workers.iter().enumerate().map(weight).collect()
    }
}

/// How far each worker's own mask is expected to overlap with the truth, all classes but the background together; `None`
/// where neither holds anything.
fn own_overlaps(overlay: &Overlay, weights: &[u64]) -> Vec<Option<f64>> {
    let (mut shared, mut either) = (vec![0.0; weights.len()], vec![0.0; weights.len()]);
    let mut tally = ClassTally::new(overlay.n_classes());
    let mut probabilities = Vec::new();
    for pattern in overlay.patterns() {
        tally.clear();
        for (class, weight) in pattern.votes.iter().zip(weights) {
            tally.add(*class, *weight);
        }
        believed(&tally, UNIT, &mut probabilities);
        let of_background = probability_of(LabelMap::BACKGROUND, &probabilities);
        for ((shared, either), class) in shared.iter_mut().zip(&mut either).zip(pattern.votes) {
            let (painted, right) = match *class {
                LabelMap::BACKGROUND => (0.0, 0.0),
                class => (1.0, probability_of(class, &probabilities)),
            };
            *shared += right * f64::from(pattern.n_pixels);
            *either += (painted + 1.0 - of_background - right) * f64::from(pattern.n_pixels);
        }
    }
    shared.into_iter().zip(either).map(|(shared, either)| (either > 0.0).then(|| shared / either)).collect()
}

/// The disputed patterns with their weighted votes.
fn each_disputed(overlay: &Overlay, weights: &[u64], mut visit: impl FnMut(Pattern<'_>, &ClassTally)) {
    let mut tally = ClassTally::new(overlay.n_classes());
    for pattern in overlay.patterns().filter(Pattern::is_disputed) {
        tally.clear();
        for (class, weight) in pattern.votes.iter().zip(weights) {
            tally.add(*class, *weight);
        }
        visit(pattern, &tally);
    }
}

fn probability_of(class: u16, probabilities: &[(u16, f64)]) -> f64 {
    probabilities.iter().find(|(of, _)| *of == class).map_or(0.0, |(_, probability)| *probability)
}

/// Step 1: each class's share of the votes.
fn shares(tally: &ClassTally, probabilities: &mut Vec<(u16, f64)>) {
    let sum: u64 = tally.votes().map(|(_, votes)| votes).sum();
    probabilities.clear();
    probabilities.extend(tally.votes().map(|(class, votes)| (class, votes as f64 / sum as f64)));
}

/// Step 3: the probability of each class that has votes, `exp(unit · votes)`, normalized; in the order of classes, so that the
/// sum does not depend on who voted first.
fn softmax(tally: &ClassTally, unit: f64, probabilities: &mut Vec<(u16, f64)>) {
    probabilities.clear();
    let most = tally.votes().map(|(_, votes)| votes).max().unwrap_or_default();
    probabilities.extend(tally.votes().map(|(class, votes)| (class, (-unit * (most - votes) as f64).exp())));
    probabilities.sort_unstable_by_key(|(class, _)| *class);
    let sum: f64 = probabilities.iter().map(|(_, p)| p).sum();
    for (_, p) in probabilities {
        *p /= sum;
    }
}

/// What is believed of a pixel: the mean of each class's share of the votes and of their softmax.
fn believed(tally: &ClassTally, unit: f64, probabilities: &mut Vec<(u16, f64)>) {
    let sum: u64 = tally.votes().map(|(_, votes)| votes).sum();
    softmax(tally, unit, probabilities);
    for (class, votes) in tally.votes() {
        let share = votes as f64 / sum as f64;
        probabilities.iter_mut().filter(|(of, _)| *of == class).for_each(|(_, p)| *p = (*p + share) / 2.0);
    }
}

/// The votes of a pattern, added up by class.
struct PatternVotes {
    is_disputed: bool,
    votes: Vec<(u16, u64)>,
}

fn smooth(overlay: &Overlay, weights: &[u64], radius: u32, trust: f64) -> FusedMap {
    let (width, height) = (overlay.size().width(), overlay.size().height());
    let patterns = patterns_with_votes(overlay, weights);
    let window = radius as usize * 2 + 1;
    let unit = UNIT / (window * window) as f64;
    let mut rows = RowWindow::new(overlay, radius);
    let mut overlap = ExpectedOverlap::new(overlay.n_classes());
    let mut tally = ClassTally::new(overlay.n_classes());
    let (mut runs, mut probabilities) = (Vec::new(), Vec::new());
    for (pattern, start, end) in overlay.segments() {
        let PatternVotes { is_disputed, votes } = &patterns[pattern];
        if !is_disputed {
            let class = votes.first().map_or(LabelMap::BACKGROUND, |(class, _)| *class);
            overlap.add(class, class, 1.0, f64::from(end - start));
            runs.push(Run { end, class });
            continue;
        }
        for pixel in start..end {
            let (x, y) = (pixel % width, pixel / width);
            if x == 0 || pixel == start {
                rows.move_to(y, height);
            }
            tally.clear();
            for row in &rows.rows {
                for step in 0..window {
                    let column = (x as usize + step).saturating_sub(radius as usize).min(width as usize - 1);
                    for (class, votes) in &patterns[row[column] as usize].votes {
                        tally.add(*class, *votes);
                    }
                }
            }
            let class = tally.winner();
            believed(&tally, unit, &mut probabilities);
            for (of, probability) in &probabilities {
                overlap.add(class, *of, *probability, 1.0);
            }
            runs.push(Run { end: pixel + 1, class });
        }
    }
    overlap.fused(LabelMap::from_ends(overlay.size(), runs), trust)
}

fn patterns_with_votes(overlay: &Overlay, weights: &[u64]) -> Vec<PatternVotes> {
    let mut tally = ClassTally::new(overlay.n_classes());
    let votes = |pattern: Pattern<'_>| {
        tally.clear();
        for (class, weight) in pattern.votes.iter().zip(weights) {
            tally.add(*class, *weight);
        }
        let mut votes: Vec<(u16, u64)> = tally.votes().collect();
        votes.sort_unstable();
        PatternVotes { is_disputed: pattern.is_disputed(), votes }
    };
    overlay.patterns().map(votes).collect()
}

/// The rows around the one that is being smoothed, as patterns.
struct RowWindow<'a> {
    overlay: &'a Overlay,
    radius: u32,
    rows: Vec<Vec<u32>>,
    /// The rows that `rows` hold, once any do.
    held: Option<u32>,
}

impl<'a> RowWindow<'a> {
    fn new(overlay: &'a Overlay, radius: u32) -> Self {
        let rows = vec![vec![0; overlay.size().width() as usize]; radius as usize * 2 + 1];
        Self { overlay, radius, rows, held: None }
    }

    /// Centers the window on row `y`; rows are visited from the top down.
    fn move_to(&mut self, y: u32, height: u32) {
        let n_rows = self.rows.len() as u32;
        let n_new = self.held.map_or(n_rows, |held| (y - held).min(n_rows));
        self.rows.rotate_left((n_new % n_rows) as usize);
        for idx in n_rows - n_new..n_rows {
            let row = (y + idx).saturating_sub(self.radius).min(height - 1);
            self.overlay.read_row(row, &mut self.rows[idx as usize]);
        }
        self.held = Some(y);
    }
}

#[cfg(test)]
mod tests;
