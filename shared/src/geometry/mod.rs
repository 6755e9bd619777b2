//! Shapes and their overlap, in image pixels: origin top left, x to the right, y down.

pub mod mask;
pub mod rect;
