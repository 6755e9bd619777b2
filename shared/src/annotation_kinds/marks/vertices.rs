//! Marks that are lists of points: how such a list is read, written and redrawn.

use serde::Serialize;
use serde_json::{Value, json};

use super::{ReadError, ShapeError, number, settled};
use crate::dice::Dice;
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
pub(in super::super) fn check_points(points: &[Point], most: usize) -> Result<(), ShapeError> {
    check_n_points(points.len(), most)?;
    let are_points = points.iter().all(|point| Point::new(point.x, point.y).is_some());
    if are_points { Ok(()) } else { Err(ShapeError::NoPoint) }
}

fn check_n_points(n: usize, most: usize) -> Result<(), ShapeError> {
    if n > most { Err(ShapeError::TooMany { n, parts: "vertices", most }) } else { Ok(()) }
}

/// The points under `vertices`, each an object with `x` and `y` or a pair of numbers.
pub(in super::super) fn points(drawn: &Value, most: usize) -> Result<Vec<Point>, ReadError> {
    let list = drawn.get("vertices").and_then(Value::as_array).ok_or("vertices are missing")?;
    check_n_points(list.len(), most)?;
    let point = |vertex: &Value| {
        let coordinate = |name, place| vertex.get(name).or_else(|| vertex.get(place)).and_then(number);
        Point::new(coordinate("x", 0)?, coordinate("y", 1)?)
    };
    let points: Option<Vec<Point>> = list.iter().map(point).collect();
    points.ok_or_else(|| ShapeError::NoPoint.into())
}

/// The mark with every vertex moved by up to `looseness` pixels.
pub(in super::super) fn redraw_points(drawn: &Value, looseness: f64, dice: &mut Dice) -> Value {
    let mut redrawn = drawn.clone();
    let Ok(vertices) = points(drawn, usize::MAX) else { return redrawn };
    let mut moved = |coordinate: f64| Pixels(coordinate + dice.wobble() * looseness);
    let moved: Vec<Value> = vertices.iter().map(|point| json!({ "x": moved(point.x), "y": moved(point.y) })).collect();
    redrawn["vertices"] = moved.into();
    redrawn
}
