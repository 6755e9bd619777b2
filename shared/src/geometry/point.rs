//! Points of the plane.

/// A point of an image, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Pixels from the left edge.
    pub x: f64,
    /// Pixels from the top edge.
    pub y: f64,
}

/// The largest coordinate that is taken for one: far beyond any image, and small enough for exact areas.
pub const MAX_COORDINATE: f64 = 1e7;

impl Point {
    /// The point, unless a coordinate is not a number or lies ten million pixels away.
    pub fn new(x: f64, y: f64) -> Option<Self> {
        [x, y].iter().all(|coordinate| coordinate.abs() <= MAX_COORDINATE).then_some(Self { x, y })
    }

    /// Euclidean distance.
    pub fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The point that lies `share` of the way to `other`.
    pub fn toward(self, other: Self, share: f64) -> Self {
        Self { x: self.x + (other.x - self.x) * share, y: self.y + (other.y - self.y) * share }
    }
}

/// Twice the signed area of the triangle `a`, `b`, `c`: positive when they turn clockwise on the screen.
pub(super) fn turn(a: Point, b: Point, c: Point) -> f64 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}
