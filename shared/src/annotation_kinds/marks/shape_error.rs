//! Why numbers make no shape.

use crate::geometry::rect::RectError;

/// Why numbers make no shape: what workers draw is checked once, where it is made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeError {
    /// A box without area, or outside any image.
    #[error(transparent)]
    Rect(#[from] RectError),
    /// An angle that is not a finite number.
    #[error("the {0} is not a number")]
    NoNumber(&'static str),
    /// A coordinate that is not a number, or too large.
    #[error("a vertex is not a point of an image")]
    NoPoint,
    /// A key point whose coordinate is not a number, or too large.
    #[error("the point lies outside any image")]
    PointOutside,
    /// A polygon with two corners or fewer.
    #[error("fewer than three vertices")]
    TooFewVertices,
    /// More than can be compared with others.
    #[error("{n} {parts}, more than {max}")]
    TooMany {
        /// Number of vertices or boxes found.
        n: usize,
        /// `vertices` or `boxes`.
        parts: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// A polygon that is a line or a point.
    #[error("the polygon has no area")]
    NoArea,
    /// A line that is a point.
    #[error("the line has no length")]
    NoLength,
    /// A span that ends where it starts, or before.
    #[error("the span holds nothing")]
    EmptySpan,
    /// An offset beyond any text.
    #[error("an offset is not a whole number from 0")]
    NoOffset,
    /// A segment that ends when it starts, or before.
    #[error("the segment does not last")]
    NoDuration,
    /// A time beyond any recording.
    #[error("the segment lies outside any recording")]
    TimeOutside,
    /// A track without a box.
    #[error("the track has no box")]
    EmptyTrack,
    /// A cuboid whose center is not a point of the scene.
    #[error("the center is missing")]
    NoCenter,
    /// A cuboid with a side that is not above 0.
    #[error("length, width or height is missing or not above 0")]
    NoDimensions,
}
