//! Pixel vote: every pixel gets the class with the most votes; on ties it is background.
//!
//! Model: workers err independently at every pixel, all equally often, so that the plurality is the most probable class.
//! Source: the usual baseline of label fusion (Rohlfing and others, "Evaluation of atlas selection strategies", 2004; the
//! developer guide of Ground Truth describes its own masks as such a vote). Cost: O(runs · workers), whatever the number
//! of pixels. The neighborhood and who voted play no part; [`super::smoothed_mask_vote`] looks at both.
//!
//! **Confidence** of a class is the expected intersection over union of its pixels with the true ones: with `p` the
//! probability that a pixel belongs to the class (here its share of the votes), the sum of `p` over the pixels that got
//! the class, over their number plus the sum of `p` over all others. In words: how probable it is that a pixel which
//! belongs to the class here or in truth does so in both.
//!
//! Votes tell nothing about what all workers get wrong together, so that sum is multiplied by the probability that not all
//! of them are wrong where they agree: one less the product of `1 - overlap` over the workers. `overlap` is the expected
//! intersection over union of a worker's own mask with the truth, [`EXPECTED_OVERLAP`] where nothing is known. Unanimity
//! has 0.8 for a lone worker, 0.96 for two workers, 0.99 for three.

use super::mask_overlay::Overlay;
use crate::geometry::mask::LabelMap;
use crate::vocabulary::Confidence;

/// How far the mask of a worker of whom nothing is known overlaps with the truth: the probability of a hit that is assumed
/// of other marks, too.
pub const EXPECTED_OVERLAP: f64 = 0.8;

/// The probability that not all workers are wrong where they agree, given each one's expected overlap with the truth.
pub(super) fn trust_in_agreement(overlaps: impl IntoIterator<Item = f64>) -> f64 {
    let mut wrong: Vec<f64> = overlaps.into_iter().map(|overlap| 1.0 - overlap).collect();
    // In order of size, so that the order of workers leaves no trace.
    wrong.sort_by(f64::total_cmp);
    1.0 - wrong.iter().product::<f64>()
}

/// The same for so many workers of whom nothing is known.
pub(super) fn trust_in_strangers(n_workers: usize) -> f64 {
    trust_in_agreement(std::iter::repeat_n(EXPECTED_OVERLAP, n_workers))
}

/// A consolidated label map.
#[derive(Debug, Clone, PartialEq)]
pub struct FusedMap {
    /// The class of every pixel.
    pub map: LabelMap,
    /// How many pixels each class has, by class.
    pub n_pixels: Vec<u64>,
    /// The expected intersection over union of each class with the truth, by class; `None` for a class without pixels.
    pub confidences: Vec<Option<Confidence>>,
}

/// Votes on every pattern of an overlay.
pub fn vote(overlay: &Overlay) -> FusedMap {
    let mut overlap = ExpectedOverlap::new(overlay.n_classes());
    let mut tally = ClassTally::new(overlay.n_classes());
    let mut class_of = Vec::new();
    for pattern in overlay.patterns() {
        tally.clear();
        for class in pattern.votes {
            tally.add(*class, 1);
        }
        let winner = tally.winner();
        class_of.push(winner);
        for (class, votes) in tally.votes() {
            let share = votes as f64 / overlay.n_workers() as f64;
            overlap.add(winner, class, share, f64::from(pattern.n_pixels));
        }
    }
    overlap.fused(overlay.map_by_pattern(&class_of), trust_in_strangers(overlay.n_workers()))
}

/// Votes on one pixel or pattern, counted by class. Weights are whole numbers, so that equal sums are equal in whatever
/// order they were added up.
#[derive(Debug)]
pub(super) struct ClassTally {
    votes: Vec<u64>,
    voted: Vec<u16>,
}

impl ClassTally {
    pub(super) fn new(n_classes: usize) -> Self {
        Self { votes: vec![0; n_classes], voted: Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        for class in self.voted.drain(..) {
            self.votes[usize::from(class)] = 0;
        }
    }

    pub(super) fn add(&mut self, class: u16, weight: u64) {
        let votes = &mut self.votes[usize::from(class)];
        if *votes == 0 && weight > 0 {
            self.voted.push(class);
        }
        *votes += weight;
    }

    /// Every class with a vote, and its votes.
    pub(super) fn votes(&self) -> impl Iterator<Item = (u16, u64)> {
        self.voted.iter().map(|class| (*class, self.votes[usize::from(*class)]))
    }

    /// The class with the most votes; the background when several have them, or nobody voted.
    pub(super) fn winner(&self) -> u16 {
        let most = self.votes().map(|(_, votes)| votes).max().unwrap_or_default();
        let mut first = self.votes().filter(|(_, votes)| *votes == most).map(|(class, _)| class);
        match (first.next(), first.next()) {
            (Some(class), None) => class,
            _ => LabelMap::BACKGROUND,
        }
    }
}

/// Sums up the expected intersection over union of each class while pixels get theirs.
#[derive(Debug)]
pub(super) struct ExpectedOverlap {
    inside: Vec<f64>,
    outside: Vec<f64>,
}

impl ExpectedOverlap {
    pub(super) fn new(n_classes: usize) -> Self {
        Self { inside: vec![0.0; n_classes], outside: vec![0.0; n_classes] }
    }

    /// Of `n_pixels` pixels that were labeled `labeled`, each belongs to `class` with this probability.
    pub(super) fn add(&mut self, labeled: u16, class: u16, probability: f64, n_pixels: f64) {
        let sums = if labeled == class { &mut self.inside } else { &mut self.outside };
        sums[usize::from(class)] += probability * n_pixels;
    }

    /// The map with its confidences; `trust` is the probability that agreement is right.
    pub(super) fn fused(self, map: LabelMap, trust: f64) -> FusedMap {
        let mut n_pixels: Vec<u64> = map.areas().into_iter().map(u64::from).collect();
        n_pixels.resize(self.inside.len().max(n_pixels.len()), 0);
        let confidence = |class: usize| {
            let union = n_pixels[class] as f64 + self.outside.get(class)?;
            Confidence::new((trust * self.inside.get(class)? / union).clamp(0.0, 1.0))
                .ok()
                .filter(|_| n_pixels[class] > 0)
        };
        let confidences = (0..n_pixels.len()).map(confidence).collect();
        FusedMap { map, n_pixels, confidences }
    }
}

#[cfg(test)]
mod tests {
    use super::super::mask_overlay::tests::{overlay, text};
    use super::*;

    fn check(workers: &[&str], expected: &str, confidences: &[Option<f64>]) {
        let fused = vote(&overlay(workers));
        assert_eq!(text(&fused.map), expected, "{workers:?}");
        let rounded: Vec<Option<f64>> =
            fused.confidences.iter().map(|confidence| confidence.map(Confidence::rounded)).collect();
        assert_eq!(rounded, confidences, "{workers:?}");
    }

    #[test]
    fn the_most_votes_win_and_ties_are_background() {
        check(&["0011", "0110", "1110"], "0110", &[Some(0.57), Some(0.62)]);
        check(&["01", "10"], "00", &[Some(0.48), None]);
        check(&["12", "12", "11"], "12", &[None, Some(0.74), Some(0.66)]);
        check(&["123"], "123", &[None, Some(0.8), Some(0.8), Some(0.8)]);
        check(&["1", "2", "3", "3"], "3", &[None, None, None, Some(0.5)]);
        check(&["1", "2", "2", "1"], "0", &[Some(0.0), None, None]);
    }
}
