//! Shapes and their overlap, in image pixels: origin top left, x to the right, y down.

pub mod angle;
pub mod field;
pub mod mask;
pub mod point;
pub mod polygon;
pub mod polyline;
pub mod raster;
pub mod rect;
pub mod rotated_rect;
