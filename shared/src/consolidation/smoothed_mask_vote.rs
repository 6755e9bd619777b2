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
//! share of the votes around and of their softmax: the first is too modest with many workers, the second too sure. It is 1
//! where all agree, and so for a lone worker.

use super::StopReason;
use super::mask_overlay::{Overlay, Pattern};
use super::mask_vote::{ClassTally, ExpectedOverlap, FusedMap};
use crate::geometry::mask::{LabelMap, Run};

/// Checked parameters.
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

/// A window that is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a smoothing radius of {radius} pixels is above 10")]
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
pub struct SmoothedVote {
    /// One map per object.
    pub maps: Vec<FusedMap>,
    /// Each worker's quality: the shrunken share of disputed pixels on which the worker is right, in [0, 1].
    pub quality: Vec<f64>,
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
const LEAST_WEIGHT: f64 = 0.05;

/// No worker is taken to be better than this.
const BEST_QUALITY: f64 = 0.98;

/// Consolidates a batch; `n_workers` is the number of workers in it.
pub fn fuse(objects: &[MaskedObject], n_workers: usize, params: &Params) -> SmoothedVote {
    let n_classes = objects.iter().map(|object| object.overlay.n_classes()).max().unwrap_or(1).max(2);
    let mut fit = Fit { n_classes, params, quality: vec![0.0; n_workers], agreement: vec![None; objects.len()] };
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
    let smooth = |(object_idx, object): (usize, &MaskedObject)| {
        smooth(&object.overlay, &fit.weights(object_idx, &object.workers), params.radius)
    };
    SmoothedVote { maps: objects.iter().enumerate().map(smooth).collect(), quality: fit.quality, n_iterations, stop }
}

#[derive(Debug, Clone)]
struct Fit<'a> {
    n_classes: usize,
    params: &'a Params,
    quality: Vec<f64>,
    /// Per object its workers' agreement with what it is taken to show; `None` where nothing is disputed.
    agreement: Vec<Option<Vec<f64>>>,
}

impl Fit<'_> {
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

    /// The weight of each worker's votes in one object, in multiples of [`UNIT`].
    fn weights(&self, object_idx: usize, workers: &[usize]) -> Vec<u64> {
        let own = self.params.own_objects;
        let weight = |(place, worker_idx): (usize, &usize)| {
            let over_all = self.quality[*worker_idx];
            let here = self.agreement[object_idx].as_ref().map_or(over_all, |agreement| agreement[place]);
            let quality = ((over_all + own * here) / (1.0 + own)).clamp(1.0 - BEST_QUALITY, BEST_QUALITY);
            let odds = quality * (self.n_classes - 1) as f64 / (1.0 - quality);
            (odds.ln().max(LEAST_WEIGHT) / UNIT).round() as u64
        };
        workers.iter().enumerate().map(weight).collect()
    }
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

/// The votes of a pattern, added up by class.
struct PatternVotes {
    is_disputed: bool,
    votes: Vec<(u16, u64)>,
}

fn smooth(overlay: &Overlay, weights: &[u64], radius: u32) -> FusedMap {
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
            let sum: u64 = tally.votes().map(|(_, votes)| votes).sum();
            softmax(&tally, unit, &mut probabilities);
            for (of, votes) in tally.votes() {
                let share = votes as f64 / sum as f64;
                overlap.add(class, of, (probability_of(of, &probabilities) + share) / 2.0, 1.0);
            }
            runs.push(Run { end: pixel + 1, class });
        }
    }
    overlap.fused(LabelMap::from_ends(overlay.size(), runs))
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
        for place in n_rows - n_new..n_rows {
            let row = (y + place).saturating_sub(self.radius).min(height - 1);
            self.overlay.read_row(row, &mut self.rows[place as usize]);
        }
        self.held = Some(y);
    }
}

#[cfg(test)]
mod tests {
    use super::super::mask_overlay::tests::{overlay, text};
    use super::*;

    /// A batch of objects, each with its workers' masks; worker `n` draws mask `n`.
    fn fused(objects: &[&[&str]], radius: u32) -> (Vec<String>, SmoothedVote) {
        let object = |masks: &&[&str]| MaskedObject { overlay: overlay(masks), workers: (0..masks.len()).collect() };
        let objects: Vec<MaskedObject> = objects.iter().map(object).collect();
        let n_workers = objects.iter().map(|object| object.workers.len()).max().unwrap_or_default();
        let vote = fuse(&objects, n_workers, &Params::with_radius(radius).expect("parameters"));
        (vote.maps.iter().map(|fused| text(&fused.map)).collect(), vote)
    }

    #[test]
    fn neighbors_speak_for_a_disputed_pixel() {
        let masks = ["000/010/000", "000/010/000", "000/000/000"];
        assert_eq!(fused(&[&masks], 0).0, ["000/010/000"]);
        assert_eq!(fused(&[&masks], 1).0, ["000/000/000"]);
        let agreed = ["000/010/000"; 3];
        assert_eq!(fused(&[&agreed], 1).0, ["000/010/000"]);
    }

    #[test]
    fn a_worker_who_was_right_elsewhere_counts_more() {
        let good = "0001111000";
        let bad = ["1100111000", "0001100011", "0101111100"];
        let (_, vote) = fused(&[&[good, bad[0], good], &[good, bad[1], good], &[good, bad[2], good]], 0);
        assert!(vote.quality[0] > 0.8 && vote.quality[1] < 0.3, "{:?}", vote.quality);
        assert_eq!((vote.n_iterations, vote.stop), (5, StopReason::MaxIterations));
    }

    #[test]
    fn without_dispute_there_is_nothing_to_learn() {
        let (maps, vote) = fused(&[&["0110"], &["11/00", "11/00"], &["2"]], 1);
        assert_eq!(maps, ["0110", "11/00", "2"]);
        assert_eq!(vote.stop, StopReason::Converged);
        assert_eq!(vote.maps[2].confidences.iter().flatten().count(), 1);
        assert!(vote.maps.iter().flat_map(|map| map.confidences.iter().flatten()).all(|c| c.value() >= 1.0));
    }

    #[test]
    fn ties_are_background() {
        assert_eq!(fused(&[&["01", "10"]], 0).0, ["00"]);
        assert_eq!(fused(&[&["1", "2"]], 1).0, ["0"]);
        assert!(fuse(&[], 0, &Params::STANDARD).maps.is_empty());
        assert_eq!(Params::with_radius(11), Err(ParamsError { radius: 11 }));
    }

    /// Smoothing row by row equals smoothing pixel by pixel.
    #[test]
    fn a_window_ends_where_the_image_does() {
        let masks = ["01102/01100/00120", "01100/01100/00000", "11100/00011/00022"];
        let overlay = overlay(&masks);
        let map = smooth(&overlay, &[3, 2, 2], 1).map;
        let pixel = |mask: &str, x: usize, y: usize| mask.as_bytes()[y * 6 + x] - b'0';
        let mut expected = String::new();
        for y in 0..3_usize {
            expected.push_str(if y > 0 { "/" } else { "" });
            for x in 0..5_usize {
                let mut votes = [0; 3];
                for (dx, dy) in (0..3).flat_map(|dx| (0..3).map(move |dy| (dx, dy))) {
                    let (x, y) = ((x + dx).saturating_sub(1).min(4), (y + dy).saturating_sub(1).min(2));
                    for (mask, weight) in masks.iter().zip([3, 2, 2]) {
                        votes[usize::from(pixel(mask, x, y))] += weight;
                    }
                }
                let is_agreed = masks.iter().all(|mask| pixel(mask, x, y) == pixel(masks[0], x, y));
                let most = votes.iter().max().expect("votes");
                let first = votes.iter().position(|votes| votes == most).expect("a class");
                let is_tied = votes.iter().filter(|votes| *votes == most).count() > 1;
                let class = if is_agreed {
                    usize::from(pixel(masks[0], x, y))
                } else if is_tied {
                    0
                } else {
                    first
                };
                expected.push_str(&class.to_string());
            }
        }
        assert_eq!(text(&map), expected);
    }
}
