//! Marks that are lists of points: how such a list is read, written and redrawn.

use serde::Serialize;

use super::{ReadError, ShapeError, settled};
use crate::dice::Dice;
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::geometry::point::Point;
use crate::vocabulary::Pixels;

/// A point in a label.
#[derive(Serialize)]
struct Vertex {
    x: Pixels,
    y: Pixels,
}

impl Vertex {
    fn of(point: &Point) -> Self {
        Self { x: Pixels(settled(point.x)), y: Pixels(settled(point.y)) }
    }
}

/// A list of points in a label.
#[derive(Serialize)]
pub(in super::super) struct Vertices {
    vertices: Vec<Vertex>,
}

impl Vertices {
    pub(in super::super) fn of(points: &[Point]) -> Self {
        Self { vertices: points.iter().map(Vertex::of).collect() }
    }
}

/// Whether these are points of an image, and no more than can be compared.
pub(in super::super) fn check_points(points: &[Point], max: usize) -> Result<(), ShapeError> {
    check_n_points(points.len(), max)?;
    let are_points = points.iter().all(|point| Point::new(point.x, point.y).is_some());
    if are_points { Ok(()) } else { Err(ShapeError::NoPoint) }
}

fn check_n_points(n: usize, max: usize) -> Result<(), ShapeError> {
    if n > max { Err(ShapeError::TooMany { n, parts: "vertices", max }) } else { Ok(()) }
}

/// The points under `vertices`, each an object with `x` and `y` or a pair of numbers.
pub(in super::super) fn points(drawn: FieldValue<'_>, max: usize) -> Result<Vec<Point>, ReadError> {
    let list = drawn.member("vertices").and_then(FieldValue::elements).ok_or("vertices are missing")?;
    check_n_points(list.clone().count(), max)?;
    let point = |vertex: FieldValue<'_>| {
        let coordinate = |name, idx| vertex.member(name).or_else(|| vertex.elements()?.nth(idx))?.number();
        Point::new(coordinate("x", 0)?, coordinate("y", 1)?)
    };
    let points: Option<Vec<Point>> = list.map(point).collect();
    points.ok_or_else(|| ShapeError::NoPoint.into())
}

/// The mark with every vertex moved by up to `looseness` pixels.
pub(in super::super) fn redraw_points(drawn: FieldValue<'_>, looseness: f64, dice: &mut Dice) -> FieldValueBuf {
    let Ok(points) = points(drawn, usize::MAX) else { return drawn.to_buf() };
    let mut moved = |coordinate: f64| Pixels(coordinate + dice.noise() * looseness);
    let vertices: Vec<Vertex> = points.iter().map(|point| Vertex { x: moved(point.x), y: moved(point.y) }).collect();
    drawn.to_buf().with_member("vertices", vertices)
}
