//! Axis-aligned boxes.

/// A box with a positive area and finite edges, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

/// The largest coordinate that is taken for one, in pixels: far beyond any image, and small enough for exact areas.
const MAX_COORDINATE: f64 = 1e7;

impl Rect {
    /// The box with this corner and this size.
    ///
    /// # Errors
    /// [`RectError`] when it has no area, or when an edge is not a number below ten million.
    pub fn new(left: f64, top: f64, width: f64, height: f64) -> Result<Self, RectError> {
        let rect = Self { left, top, right: left + width, bottom: top + height };
        if ![rect.left, rect.top, rect.right, rect.bottom].iter().all(|edge| edge.abs() <= MAX_COORDINATE) {
            return Err(RectError::OutOfRange);
        }
        // Compared after the addition: a width too small to move the edge is not a width.
        if rect.right > rect.left && rect.bottom > rect.top { Ok(rect) } else { Err(RectError::NoArea) }
    }

    /// Left edge.
    pub fn left(&self) -> f64 {
        self.left
    }

    /// Top edge.
    pub fn top(&self) -> f64 {
        self.top
    }

    /// Right edge.
    pub fn right(&self) -> f64 {
        self.right
    }

    /// Bottom edge.
    pub fn bottom(&self) -> f64 {
        self.bottom
    }

    /// Width, above 0.
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Height, above 0.
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// Area in square pixels, above 0.
    pub fn area(&self) -> f64 {
        self.width() * self.height()
    }

    /// Intersection over union (Jaccard index) with another box, in [0, 1]: 1 for equal boxes, 0 for boxes that share
    /// no area.
    pub fn iou(&self, other: &Self) -> f64 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        if width <= 0.0 || height <= 0.0 {
            return 0.0;
        }
        let intersection = width * height;
        (intersection / (self.area() + other.area() - intersection)).min(1.0)
    }

    /// The box whose four edges are the medians of the given boxes' edges; `None` for no box. Of an even number the mean
    /// of the two middle edges. It has an area, because the left edge of every box is left of its right one.
    pub fn median(rects: &[Self]) -> Option<Self> {
        let edge = |of: fn(&Self) -> f64| median(rects.iter().map(of).collect());
        Some(Self {
            left: edge(|rect| rect.left)?,
            top: edge(|rect| rect.top)?,
            right: edge(|rect| rect.right)?,
            bottom: edge(|rect| rect.bottom)?,
        })
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    Some(if values.len() % 2 == 1 { upper } else { (values[values.len() / 2 - 1] + upper) / 2.0 })
}

/// Why four numbers do not make a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RectError {
    /// Width or height is zero or negative.
    #[error("the box has no area")]
    NoArea,
    /// An edge lies ten million pixels away, or more.
    #[error("the box lies outside any image")]
    OutOfRange,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(left: f64, top: f64, width: f64, height: f64) -> Rect {
        Rect::new(left, top, width, height).expect("a box")
    }

    #[test]
    fn overlap_is_measured_against_the_union() {
        let check = |a: Rect, b: Rect, expected: f64| {
            assert!((a.iou(&b) - expected).abs() < 1e-12, "{a:?} {b:?}");
            assert!((b.iou(&a) - expected).abs() < 1e-12, "{b:?} {a:?}");
        };
        let unit = rect(0.0, 0.0, 10.0, 10.0);
        check(unit, unit, 1.0);
        check(unit, rect(5.0, 0.0, 10.0, 10.0), 1.0 / 3.0);
        check(unit, rect(10.0, 0.0, 10.0, 10.0), 0.0);
        check(unit, rect(2.0, 2.0, 5.0, 5.0), 0.25);
    }

    #[test]
    fn a_box_has_an_area_and_a_location() {
        let check = |numbers: [f64; 4], expected: RectError| {
            let [left, top, width, height] = numbers;
            assert_eq!(Rect::new(left, top, width, height), Err(expected), "{numbers:?}");
        };
        check([0.0, 0.0, 0.0, 5.0], RectError::NoArea);
        check([0.0, 0.0, 5.0, -1.0], RectError::NoArea);
        check([1e6, 0.0, 1e-12, 5.0], RectError::NoArea);
        check([f64::NAN, 0.0, 5.0, 5.0], RectError::OutOfRange);
        check([0.0, f64::INFINITY, 5.0, 5.0], RectError::OutOfRange);
        check([0.0, 0.0, 1e300, 5.0], RectError::OutOfRange);
    }

    #[test]
    fn the_median_takes_each_edge_alone() {
        let median = Rect::median(&[rect(0.0, 0.0, 10.0, 10.0), rect(2.0, 1.0, 10.0, 8.0), rect(1.0, 9.0, 20.0, 2.0)]);
        assert_eq!(median, Some(rect(1.0, 1.0, 11.0, 9.0)));
        let even = Rect::median(&[rect(0.0, 0.0, 10.0, 10.0), rect(3.0, 1.0, 10.0, 10.0)]);
        assert_eq!(even, Some(rect(1.5, 0.5, 10.0, 10.0)));
        assert_eq!(Rect::median(&[]), None);
    }
}
