//! The masks of several workers laid over each other: pixels with the same votes fall together.
//!
//! A few workers give few different votes (a *pattern*: one class per worker), and neighboring pixels mostly have the same
//! one. So an image becomes segments, each with the index of its pattern, and what an algorithm works out per pixel it
//! works out once per pattern. Building costs O(runs · workers), and so does the memory.

use std::collections::HashMap;

use crate::geometry::mask::{ImageSize, LabelMap, Run};

/// The label maps of one image, laid over each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlay {
    size: ImageSize,
    n_workers: usize,
    segments: Vec<Segment>,
    /// The votes of every pattern, one after the other, in the order in which the patterns first appear in the image.
    votes: Vec<u16>,
    n_pixels: Vec<u32>,
}

/// Neighboring pixels with the same votes, up to `end`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Segment {
    end: u32,
    pattern: u32,
}

/// The votes that some pixels of an image got.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pattern<'a> {
    /// The class that each worker gave them.
    pub votes: &'a [u16],
    /// How many pixels have these votes.
    pub n_pixels: u32,
}

impl Pattern<'_> {
    /// Whether some worker disagrees with another one.
    pub fn is_disputed(&self) -> bool {
        self.votes.iter().any(|class| *class != self.votes[0])
    }
}

impl Overlay {
    /// Lays the maps of one image over each other, one map per worker.
    ///
    /// # Errors
    /// [`OverlayError`] for no map, or for maps of different sizes.
    pub fn new(maps: &[&LabelMap]) -> Result<Self, OverlayError> {
        let size = maps.first().ok_or(OverlayError::NoMap)?.size();
        if maps.iter().any(|map| map.size() != size) {
            return Err(OverlayError::SizesDiffer);
        }
        let mut overlay =
            Self { size, n_workers: maps.len(), segments: Vec::new(), votes: Vec::new(), n_pixels: Vec::new() };
        let mut interner = Interner::default();
        let mut votes: Vec<u16> = maps.iter().map(|map| map.runs()[0].class).collect();
        let mut ahead: Vec<(u32, &[Run])> = maps.iter().map(|map| (map.runs()[0].end, &map.runs()[1..])).collect();
        let (mut start, mut previous) = (0, 0);
        let mut end = ahead.iter().map(|(end, _)| *end).min().unwrap_or_default();
        while start < size.n_pixels() {
            let pattern = interner.pattern_after(previous, &votes, &mut overlay);
            overlay.n_pixels[pattern as usize] += end - start;
            overlay.segments.push(Segment { end, pattern });
            (start, previous) = (end, pattern);
            end = size.n_pixels();
            for ((run_end, rest), vote) in ahead.iter_mut().zip(&mut votes) {
                if let (true, [next, others @ ..]) = (*run_end == start, *rest) {
                    (*run_end, *rest, *vote) = (next.end, others, next.class);
                }
                end = end.min(*run_end);
            }
        }
        Ok(overlay)
    }

    /// The size of the image.
    pub fn size(&self) -> ImageSize {
        self.size
    }

    /// How many maps were laid over each other, above 0.
    pub fn n_workers(&self) -> usize {
        self.n_workers
    }

    /// Every pattern of votes, in the order in which they first appear in the image.
    pub fn patterns(&self) -> impl Iterator<Item = Pattern<'_>> {
        self.votes
            .chunks_exact(self.n_workers)
            .zip(&self.n_pixels)
            .map(|(votes, n_pixels)| Pattern { votes, n_pixels: *n_pixels })
    }

    /// One more than the largest class that any worker gave.
    pub fn n_classes(&self) -> usize {
        self.votes.iter().max().map_or(1, |class| usize::from(*class) + 1)
    }

    /// How many pixels are disputed.
    pub fn n_disputed(&self) -> u32 {
        self.patterns().filter(Pattern::is_disputed).map(|pattern| pattern.n_pixels).sum()
    }

    /// The map in which all pixels of a pattern have one class: `class_of[pattern]`.
    pub(super) fn map_by_pattern(&self, class_of: &[u16]) -> LabelMap {
        let run = |segment: &Segment| Run { end: segment.end, class: class_of[segment.pattern as usize] };
        LabelMap::from_ends(self.size, self.segments.iter().map(run))
    }

    /// Every segment as the index of its pattern and the pixels from `start` to `end`.
    pub(super) fn segments(&self) -> impl Iterator<Item = (usize, u32, u32)> {
        let starts = std::iter::once(0).chain(self.segments.iter().map(|segment| segment.end));
        self.segments.iter().zip(starts).map(|(segment, start)| (segment.pattern as usize, start, segment.end))
    }

    /// Writes the pattern of every pixel of row `y` into `row`, which is as long as the image is wide.
    pub(super) fn read_row(&self, y: u32, row: &mut [u32]) {
        let (first, width) = (y * self.size.width(), self.size.width());
        let idx = self.segments.partition_point(|segment| segment.end <= first);
        let mut x = 0;
        for segment in &self.segments[idx..] {
            let end = (segment.end - first).min(width);
            row[x as usize..end as usize].fill(segment.pattern);
            if end == width {
                return;
            }
            x = end;
        }
    }

    fn votes_of(&self, pattern: u32) -> &[u16] {
        let start = pattern as usize * self.n_workers;
        &self.votes[start..start + self.n_workers]
    }
}

/// Finds the index of a pattern. Borders go on from row to row, so the patterns that followed the same one before are
/// tried first, the latest of them first.
#[derive(Default)]
struct Interner {
    /// Only looked up, never walked through: the order of hashes shows nowhere.
    patterns: HashMap<Vec<u16>, u32>,
    successors: Vec<Vec<u32>>,
}

impl Interner {
    const MAX_SUCCESSORS: usize = 4;

    /// The index of the pattern with these votes, which stands right of the pattern `previous`; a new one is added.
    fn pattern_after(&mut self, previous: u32, votes: &[u16], overlay: &mut Overlay) -> u32 {
        let known = self.successors.get_mut(previous as usize).map_or(&mut [][..], Vec::as_mut_slice);
        if let Some(idx) = known.iter().position(|pattern| overlay.votes_of(*pattern).iter().eq(votes)) {
            known.swap(0, idx);
            return known[0];
        }
        let n_patterns = self.successors.len() as u32;
        let pattern = self.patterns.get(votes).copied().unwrap_or(n_patterns);
        if pattern == n_patterns {
            self.patterns.insert(votes.to_vec(), pattern);
            self.successors.push(Vec::new());
            overlay.votes.extend(votes);
            overlay.n_pixels.push(0);
        }
        let successors = &mut self.successors[previous as usize];
        if successors.len() < Self::MAX_SUCCESSORS {
            successors.push(pattern);
        }
        pattern
    }
}

/// Maps that cannot be laid over each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OverlayError {
    /// No masks were given.
    #[error("there is no mask to lay over another")]
    NoMap,
    /// They are of images of different sizes.
    #[error("the masks differ in size")]
    SizesDiffer,
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Workers' maps as text: one text per worker, one digit per pixel, rows separated by `/`.
    pub(crate) fn overlay(workers: &[&str]) -> Overlay {
        let maps: Vec<LabelMap> = workers.iter().map(|worker| map(worker)).collect();
        Overlay::new(&maps.iter().collect::<Vec<_>>()).expect("maps of one size")
    }

    pub(crate) fn map(text: &str) -> LabelMap {
        let rows: Vec<&str> = text.split('/').collect();
        let size = ImageSize::new(rows[0].len() as u32, rows.len() as u32).expect("a size");
        let class = |pixel: char| (pixel.to_digit(36).expect("a digit") as u16, 1);
        LabelMap::from_runs(size, text.chars().filter(|pixel| *pixel != '/').map(class)).expect("a map")
    }

    /// The overlay in which so many pixels have each pattern of votes, in one row.
    pub(crate) fn counted(patterns: &[(&[u16], u32)]) -> Overlay {
        let n_pixels = patterns.iter().map(|(_, n)| n).sum();
        let size = ImageSize::new(n_pixels, 1).expect("a size");
        let map_of = |worker: usize| {
            LabelMap::from_runs(size, patterns.iter().map(|(votes, n)| (votes[worker], *n))).expect("a map")
        };
        let maps: Vec<LabelMap> = (0..patterns[0].0.len()).map(map_of).collect();
        Overlay::new(&maps.iter().collect::<Vec<_>>()).expect("maps of one size")
    }

    /// A map as text again.
    pub(crate) fn text(map: &LabelMap) -> String {
        let mut text = String::new();
        for (class, span) in map.spans() {
            for pixel in span {
                if pixel > 0 && pixel % map.size().width() == 0 {
                    text.push('/');
                }
                text.push(char::from_digit(u32::from(class), 36).expect("a digit"));
            }
        }
        text
    }

    #[test]
    fn pixels_with_the_same_votes_fall_together() {
        let overlay = overlay(&["0011/0010", "0111/0000"]);
        let patterns: Vec<(Vec<u16>, u32)> =
            overlay.patterns().map(|pattern| (pattern.votes.to_vec(), pattern.n_pixels)).collect();
        assert_eq!(patterns, [(vec![0, 0], 4), (vec![0, 1], 1), (vec![1, 1], 2), (vec![1, 0], 1)]);
        assert_eq!((overlay.n_disputed(), overlay.n_classes()), (2, 2));
    }

    #[test]
    fn maps_must_be_of_one_image() {
        assert_eq!(Overlay::new(&[]), Err(OverlayError::NoMap));
        assert_eq!(Overlay::new(&[&map("01"), &map("0/1")]), Err(OverlayError::SizesDiffer));
    }

    proptest! {
        #[test]
        fn rows_and_segments_tell_the_same(
            pixels in prop::collection::vec((0_u16..3, 0_u16..3), 1..40),
            width in 1_u32..7,
        ) {
            let height = pixels.len() as u32 / width;
            prop_assume!(height > 0);
            let size = ImageSize::new(width, height).expect("a size");
            let pixels = &pixels[..(width * height) as usize];
            let of = |choose: &dyn Fn(&(u16, u16)) -> u16| {
                LabelMap::from_runs(size, pixels.iter().map(|pixel| (choose(pixel), 1))).expect("a map")
            };
            let (a, b) = (of(&|pixel| pixel.0), of(&|pixel| pixel.1));
            let overlay = Overlay::new(&[&a, &b]).expect("one size");
            let mut row = vec![0; width as usize];
            for y in 0..height {
                overlay.read_row(y, &mut row);
                for (x, pattern) in row.iter().enumerate() {
                    let (of_a, of_b) = pixels[(y * width) as usize + x];
                    prop_assert_eq!(overlay.votes_of(*pattern), [of_a, of_b]);
                }
            }
            let first: Vec<u16> = overlay.patterns().map(|pattern| pattern.votes[0]).collect();
            prop_assert_eq!(overlay.map_by_pattern(&first), a);
        }
    }
}
