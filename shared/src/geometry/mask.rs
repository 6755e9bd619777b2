//! Masks and label maps as run lengths. The pixels of an image are counted row by row from its top left corner, so that
//! every row continues in the next and one list of runs holds the whole image. Masks drawn by hand have a few runs per
//! row: all work here is linear in runs, none in pixels.

use std::collections::BTreeSet;
use std::ops::Range;

/// The most pixels an image may have.
pub const MAX_PIXELS: u32 = 100_000_000;

/// The most runs a mask or a label map may have: far more than any drawn one, and a bound on what noise can cost.
pub const MAX_RUNS: usize = 2_000_000;

/// The size of an image in pixels: neither side is 0, and all pixels are at most [`MAX_PIXELS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageSize {
    width: u32,
    height: u32,
}

impl ImageSize {
    /// Checks the size once, for good.
    ///
    /// # Errors
    /// [`MaskError::NoSize`] when the image has no pixel, or too many.
    pub fn new(width: u32, height: u32) -> Result<Self, MaskError> {
        let n_pixels = u64::from(width) * u64::from(height);
        if (1..=u64::from(MAX_PIXELS)).contains(&n_pixels) {
            Ok(Self { width, height })
        } else {
            Err(MaskError::NoSize { width, height })
        }
    }

    /// Pixels per row, above 0.
    pub fn width(self) -> u32 {
        self.width
    }

    /// Number of rows, above 0.
    pub fn height(self) -> u32 {
        self.height
    }

    /// Number of pixels, above 0.
    pub fn n_pixels(self) -> u32 {
        self.width * self.height
    }
}

/// Neighboring pixels of one class: those from the end of the run before (or the first pixel) up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// The first pixel after the run.
    pub end: u32,
    /// The class of its pixels, counted from 0, which is the background.
    pub class: u16,
}

/// The class of every pixel of an image. Equal pixels give equal runs: none is empty, neighbors differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelMap {
    size: ImageSize,
    runs: Vec<Run>,
}

impl LabelMap {
    /// The class of pixels that have no label.
    pub const BACKGROUND: u16 = 0;

    /// An image of background alone.
    pub fn blank(size: ImageSize) -> Self {
        Self { size, runs: vec![Run { end: size.n_pixels(), class: Self::BACKGROUND }] }
    }

    /// The map whose pixels are given as `(class, length)` in row-major order. Empty runs and neighbors of one class are
    /// allowed, and joined.
    ///
    /// # Errors
    /// [`MaskError`] when the lengths do not add up to the image, or for too many runs.
    pub fn from_runs(size: ImageSize, runs: impl IntoIterator<Item = (u16, u32)>) -> Result<Self, MaskError> {
        let (mut joined, mut end): (Vec<Run>, u64) = (Vec::new(), 0);
        for (class, length) in runs {
            end += u64::from(length);
            if end > u64::from(size.n_pixels()) {
                return Err(MaskError::WrongLength { n_pixels: size.n_pixels() });
            }
            push_run(&mut joined, Run { end: end as u32, class });
            if joined.len() > MAX_RUNS {
                return Err(MaskError::TooManyRuns);
            }
        }
        if end != u64::from(size.n_pixels()) {
            return Err(MaskError::WrongLength { n_pixels: size.n_pixels() });
        }
        Ok(Self { size, runs: joined })
    }

    /// The map whose runs end where these do. The caller's runs ascend and end with the image.
    pub(crate) fn from_ends(size: ImageSize, runs: impl IntoIterator<Item = Run>) -> Self {
        let mut joined = Vec::new();
        for run in runs {
            push_run(&mut joined, run);
        }
        Self { size, runs: joined }
    }

    /// The size of the image.
    pub fn size(&self) -> ImageSize {
        self.size
    }

    /// The runs in the order of the pixels; the last ends with the image.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Each run's class and the pixels it covers.
    pub fn spans(&self) -> impl Iterator<Item = (u16, Range<u32>)> {
        let starts = std::iter::once(0).chain(self.runs.iter().map(|run| run.end));
        self.runs.iter().zip(starts).map(|(run, start)| (run.class, start..run.end))
    }

    /// How many pixels each class has, by class; as long as the largest class asks for.
    pub fn areas(&self) -> Vec<u32> {
        let largest = self.runs.iter().map(|run| run.class).max().unwrap_or(Self::BACKGROUND);
        let mut areas = vec![0; usize::from(largest) + 1];
        for (class, span) in self.spans() {
            areas[usize::from(class)] += span.end - span.start;
        }
        areas
    }

    /// The pixels of one class.
    pub fn mask_of(&self, class: u16) -> Mask {
        let spans = self.spans().filter(|(of, _)| *of == class).map(|(_, span)| span);
        Mask { size: self.size, spans: spans.collect() }
    }

    /// The pixels of every class, by class; as many as the largest class asks for.
    pub fn masks(&self) -> Vec<Mask> {
        let mut masks: Vec<Mask> = self.areas().iter().map(|_| Mask { size: self.size, spans: Vec::new() }).collect();
        for (class, span) in self.spans() {
            masks[usize::from(class)].spans.push(span);
        }
        masks
    }

    /// The map that shows these masks of one image, mask `n` as class `n + 1`. Where masks overlap, the first one shows;
    /// of more masks than there are classes, the last ones do not.
    pub fn painted<'a>(size: ImageSize, masks: impl IntoIterator<Item = &'a Mask>) -> Self {
        let of_mask = |(mask, class): (&'a Mask, u16)| {
            let edges = move |span: &Range<u32>| [(span.start, class, true), (span.end, class, false)];
            mask.spans.iter().flat_map(edges)
        };
        let mut edges: Vec<(u32, u16, bool)> = masks.into_iter().zip(1..=u16::MAX).flat_map(of_mask).collect();
        edges.sort_unstable();
        let (mut covering, mut runs) = (BTreeSet::new(), Vec::new());
        for (end, class, is_start) in edges {
            push_run(&mut runs, Run { end, class: covering.first().copied().unwrap_or(Self::BACKGROUND) });
            if is_start {
                covering.insert(class);
            } else {
                covering.remove(&class);
            }
        }
        push_run(&mut runs, Run { end: size.n_pixels(), class: Self::BACKGROUND });
        Self { size, runs }
    }

    /// The same pixels with other classes.
    #[must_use]
    pub fn recoded(&self, class_of: impl Fn(u16) -> u16) -> Self {
        Self::from_ends(self.size, self.runs.iter().map(|run| Run { end: run.end, class: class_of(run.class) }))
    }
}

fn push_run(runs: &mut Vec<Run>, run: Run) {
    let start = runs.last().map_or(0, |last| last.end);
    match runs.last_mut() {
        _ if run.end <= start => {}
        Some(last) if last.class == run.class => last.end = run.end,
        _ => runs.push(run),
    }
}

/// A set of pixels of one image, as ascending spans that neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    size: ImageSize,
    spans: Vec<Range<u32>>,
}

/// The smallest rectangle that holds every pixel of a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelBounds {
    /// First column.
    pub left: u32,
    /// First row.
    pub top: u32,
    /// Number of columns, above 0.
    pub width: u32,
    /// Number of rows, above 0.
    pub height: u32,
}

impl Mask {
    /// The mask of these pixels: spans in any order, empty and overlapping ones allowed.
    ///
    /// # Errors
    /// [`MaskError`] when a span ends outside the image, or for too many spans.
    pub fn from_spans(size: ImageSize, spans: impl IntoIterator<Item = Range<u32>>) -> Result<Self, MaskError> {
        let mut spans: Vec<Range<u32>> = spans.into_iter().filter(|span| span.start < span.end).collect();
        if spans.len() > MAX_RUNS {
            return Err(MaskError::TooManyRuns);
        }
        spans.sort_unstable_by_key(|span| (span.start, span.end));
        if spans.iter().any(|span| span.end > size.n_pixels()) {
            return Err(MaskError::WrongLength { n_pixels: size.n_pixels() });
        }
        let mut joined: Vec<Range<u32>> = Vec::with_capacity(spans.len());
        for span in spans {
            match joined.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => joined.push(span),
            }
        }
        Ok(Self { size, spans: joined })
    }

    /// The mask whose run lengths alternate between background and mask, background first (0 where the first pixel
    /// belongs to the mask).
    ///
    /// # Errors
    /// [`MaskError`] when the lengths do not add up to the image, or for too many runs.
    pub fn from_counts(size: ImageSize, counts: &[u32]) -> Result<Self, MaskError> {
        let classes = [LabelMap::BACKGROUND, 1].into_iter().cycle();
        LabelMap::from_runs(size, classes.zip(counts.iter().copied())).map(|map| map.mask_of(1))
    }

    /// The run lengths that [`Mask::from_counts`] reads.
    pub fn counts(&self) -> Vec<u32> {
        let mut counts: Vec<u32> = Vec::with_capacity(2 * self.spans.len() + 1);
        let mut end = 0;
        for span in &self.spans {
            counts.extend([span.start - end, span.end - span.start]);
            end = span.end;
        }
        if end < self.size.n_pixels() {
            counts.push(self.size.n_pixels() - end);
        }
        counts
    }

    /// The size of the image.
    pub fn size(&self) -> ImageSize {
        self.size
    }

    /// The spans of pixel numbers, row by row, ascending and apart.
    pub fn spans(&self) -> &[Range<u32>] {
        &self.spans
    }

    /// Number of pixels.
    pub fn area(&self) -> u32 {
        self.spans.iter().map(|span| span.end - span.start).sum()
    }

    /// The smallest rectangle around the mask; `None` for an empty one.
    pub fn bounds(&self) -> Option<PixelBounds> {
        let width = self.size.width;
        let (first, last) = (self.spans.first()?, self.spans.last()?);
        let (top, bottom) = (first.start / width, (last.end - 1) / width);
        let (mut left, mut right) = (width - 1, 0);
        for span in &self.spans {
            // A span that reaches into the next row touches the right edge and the left one.
            let is_broken = span.start / width != (span.end - 1) / width;
            left = left.min(if is_broken { 0 } else { span.start % width });
            right = right.max(if is_broken { width - 1 } else { (span.end - 1) % width });
        }
        Some(PixelBounds { left, top, width: right - left + 1, height: bottom - top + 1 })
    }

    /// How many pixels two masks of one image share.
    pub fn intersection_area(&self, other: &Self) -> u32 {
        self.shared_spans(other).map(|span| span.end - span.start).sum()
    }

    /// The pixels that both masks of one image have.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { size: self.size, spans: self.shared_spans(other).collect() }
    }

    /// The pixels that either of two masks of one image has.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut spans: Vec<Range<u32>> = Vec::with_capacity(self.spans.len() + other.spans.len());
        let (mut mine, mut theirs) = (self.spans.iter().peekable(), other.spans.iter().peekable());
        while let Some(span) = match (mine.peek(), theirs.peek()) {
            (Some(a), Some(b)) if a.start <= b.start => mine.next(),
            (Some(_), None) => mine.next(),
            _ => theirs.next(),
        } {
            match spans.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => spans.push(span.clone()),
            }
        }
        Self { size: self.size, spans }
    }

    /// Intersection over union (Jaccard index), in [0, 1]; 1 for two empty masks, which agree.
    pub fn iou(&self, other: &Self) -> f64 {
        let intersection = f64::from(self.intersection_area(other));
        let union = f64::from(self.area()) + f64::from(other.area()) - intersection;
        if union > 0.0 { intersection / union } else { 1.0 }
    }

    /// Dice coefficient (the F1 score of the pixels), in [0, 1]; 1 for two empty masks, which agree.
    pub fn dice(&self, other: &Self) -> f64 {
        let sum = f64::from(self.area()) + f64::from(other.area());
        if sum > 0.0 { 2.0 * f64::from(self.intersection_area(other)) / sum } else { 1.0 }
    }

    fn shared_spans<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = Range<u32>> + 'a {
        let (mut mine, mut theirs) = (0, 0);
        std::iter::from_fn(move || {
            while let (Some(a), Some(b)) = (self.spans.get(mine), other.spans.get(theirs)) {
                if a.end <= b.end {
                    mine += 1;
                } else {
                    theirs += 1;
                }
                let shared = a.start.max(b.start)..a.end.min(b.end);
                if shared.start < shared.end {
                    return Some(shared);
                }
            }
            None
        })
    }
}

impl From<&Mask> for LabelMap {
    /// The map whose class 1 is the mask.
    fn from(mask: &Mask) -> Self {
        let of_span =
            |span: &Range<u32>| [Run { end: span.start, class: Self::BACKGROUND }, Run { end: span.end, class: 1 }];
        let rest = Run { end: mask.size.n_pixels(), class: Self::BACKGROUND };
        Self::from_ends(mask.size, mask.spans.iter().flat_map(of_span).chain([rest]))
    }
}

/// Why a size and runs do not make a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MaskError {
    /// The image has no pixel, or more than [`MAX_PIXELS`].
    #[error("an image must have 1 to {MAX_PIXELS} pixels, not {width} × {height}")]
    NoSize {
        /// Width of the image in pixels.
        width: u32,
        /// Height of the image in pixels.
        height: u32,
    },
    /// The runs do not add up to the image.
    #[error("the runs do not cover the image's {n_pixels} pixels exactly")]
    WrongLength {
        /// Number of pixels of the image.
        n_pixels: u32,
    },
    /// More than [`MAX_RUNS`] runs.
    #[error("the mask has more than {MAX_RUNS} runs: it is noise, or not a mask")]
    TooManyRuns,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A mask of one row, drawn as text: `.` is background.
    fn mask(row: &str) -> Mask {
        let size = ImageSize::new(row.len() as u32, 1).expect("a size");
        let class = |pixel: char| (u16::from(pixel != '.'), 1);
        LabelMap::from_runs(size, row.chars().map(class)).expect("a map").mask_of(1)
    }

    #[test]
    fn overlap_counts_pixels() {
        let check = |a: &str, b: &str, iou: f64, dice: f64| {
            let (a, b) = (mask(a), mask(b));
            assert!((a.iou(&b) - iou).abs() < 1e-12 && (b.iou(&a) - iou).abs() < 1e-12, "{a:?} {b:?}");
            assert!((a.dice(&b) - dice).abs() < 1e-12, "{a:?} {b:?}");
        };
        check("##..", "##..", 1.0, 1.0);
        check("##..", ".##.", 1.0 / 3.0, 0.5);
        check("#.#.#", "##.##", 0.4, 4.0 / 7.0);
        check("#...", "...#", 0.0, 0.0);
        check("....", "....", 1.0, 1.0);
    }

    #[test]
    fn spans_run_on_from_row_to_row() {
        let size = ImageSize::new(4, 3).expect("a size");
        let check = |spans: &[(u32, u32)], expected: Option<[u32; 4]>| {
            let bounds = Mask::from_spans(size, spans.iter().map(|(a, b)| *a..*b)).expect("a mask").bounds();
            assert_eq!(bounds.map(|b| [b.left, b.top, b.width, b.height]), expected, "{spans:?}");
        };
        check(&[], None);
        check(&[(5, 7)], Some([1, 1, 2, 1]));
        check(&[(3, 5)], Some([0, 0, 4, 2]));
        check(&[(9, 10), (2, 3)], Some([1, 0, 2, 3]));
    }

    #[test]
    fn runs_must_cover_the_image() {
        let size = ImageSize::new(2, 2).expect("a size");
        let runs = |runs: &[(u16, u32)]| LabelMap::from_runs(size, runs.iter().copied());
        assert_eq!(runs(&[(1, 1), (1, 0), (1, 2), (0, 1)]), runs(&[(1, 3), (0, 1)]));
        for wrong in [&[(0, 3)][..], &[(0, 5)], &[(0, u32::MAX), (1, u32::MAX)], &[]] {
            assert_eq!(runs(wrong), Err(MaskError::WrongLength { n_pixels: 4 }), "{wrong:?}");
        }
        assert_eq!(Mask::from_spans(size, [0..1, 3..5]), Err(MaskError::WrongLength { n_pixels: 4 }));
        for (width, height) in [(0, 5), (5, 0), (10_001, 10_000), (u32::MAX, u32::MAX)] {
            assert_eq!(ImageSize::new(width, height), Err(MaskError::NoSize { width, height }));
        }
    }

    #[test]
    fn the_first_mask_shows_where_masks_overlap() {
        let masks = [mask("..##..#"), mask(".####.."), mask("#.....#")];
        let map = LabelMap::painted(masks[0].size(), &masks);
        let classes: Vec<u16> = map.spans().flat_map(|(class, span)| span.map(move |_| class)).collect();
        assert_eq!(classes, [3, 2, 1, 1, 2, 0, 1]);
        assert_eq!(map.masks(), [0, 1, 2, 3].map(|class| map.mask_of(class)));
        assert_eq!(LabelMap::painted(masks[0].size(), []), LabelMap::blank(masks[0].size()));
    }

    proptest! {
        /// The run lengths know the same arithmetic as pixels taken one by one.
        #[test]
        fn sets_of_pixels_and_runs_agree(pixels in prop::collection::vec((any::<bool>(), any::<bool>()), 1..60)) {
            let size = ImageSize::new(pixels.len() as u32, 1).expect("a size");
            let of = |choose: &dyn Fn(&(bool, bool)) -> bool| {
                let runs = pixels.iter().map(|pixel| (u16::from(choose(pixel)), 1));
                LabelMap::from_runs(size, runs).expect("a map").mask_of(1)
            };
            let (a, b) = (of(&|pixel| pixel.0), of(&|pixel| pixel.1));
            prop_assert_eq!(a.intersection(&b), of(&|pixel| pixel.0 && pixel.1));
            prop_assert_eq!(a.union(&b), of(&|pixel| pixel.0 || pixel.1));
            prop_assert_eq!(a.area() as usize, pixels.iter().filter(|pixel| pixel.0).count());
            prop_assert_eq!(&Mask::from_counts(size, &a.counts()).expect("counts"), &a);
            prop_assert_eq!(&LabelMap::from(&a).mask_of(1), &a);
            prop_assert_eq!(Mask::from_spans(size, b.spans().iter().rev().cloned()).expect("spans"), b);
        }
    }
}
