//! Closed outlines.

use super::point::{Point, turn};

/// The area that an outline encloses: positive when it runs clockwise on the screen; parts that it winds around the other
/// way count negative.
pub fn signed_area(outline: &[Point]) -> f64 {
    let Some(first) = outline.first() else { return 0.0 };
    // Relative to the first point, so that far outlines keep their digits.
    outline.windows(2).map(|pair| turn(*first, pair[0], pair[1])).sum::<f64>() / 2.0
}

/// The least and the largest coordinates: left, top, right, bottom. `None` without points.
pub fn bounds(points: &[Point]) -> Option<[f64; 4]> {
    let first = points.first()?;
    Some(points.iter().fold([first.x, first.y, first.x, first.y], |[left, top, right, bottom], point| {
        [left.min(point.x), top.min(point.y), right.max(point.x), bottom.max(point.y)]
    }))
}

/// The most rows and columns that an outline is cut into: the error of an overlap is then about a thousandth.
const MAX_CELLS: f64 = 1024.0;

/// The fewest: smaller outlines are cut finer than pixels.
const MIN_CELLS: f64 = 512.0;

/// The size of a cell, a power of two, with which an outline's larger side has 512 to 1024 of them; not below a 64th of
/// a pixel.
pub fn cell_size(outline: &[Point]) -> f64 {
    let side = bounds(outline).map_or(0.0, |[left, top, right, bottom]| (right - left).max(bottom - top));
    let mut cell = 1.0;
    while side / cell > MAX_CELLS {
        cell *= 2.0;
    }
    while side / cell < MIN_CELLS && cell > 1.0 / 64.0 {
        cell /= 2.0;
    }
    cell
}

/// A closed outline with fewer points: none of the points left out lies further than `tolerance` from the result (Douglas
/// and Peucker 1973, from the two points farthest apart among the first and its opposite).
pub fn simplify(outline: &[Point], tolerance: f64) -> Vec<Point> {
    let Some(first) = outline.first() else { return Vec::new() };
    let farthest = |a: &(usize, &Point), b: &(usize, &Point)| {
        first.distance(*a.1).total_cmp(&first.distance(*b.1)).then(b.0.cmp(&a.0))
    };
    let opposite = outline.iter().enumerate().max_by(farthest).map_or(0, |(idx, _)| idx);
    let mut around = outline.to_vec();
    around.push(*first);
    let mut simple = super::polyline::simplify(&around[..=opposite], tolerance);
    simple.pop();
    simple.extend(super::polyline::simplify(&around[opposite..], tolerance));
    simple.pop();
    simple
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(side: f64) -> Vec<Point> {
        [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)].map(|(x, y)| Point { x, y }).to_vec()
    }

    #[test]
    fn areas_have_a_direction() {
        let mut outline = square(4.0);
        assert!((signed_area(&outline) - 16.0).abs() < 1e-12);
        outline.reverse();
        assert!((signed_area(&outline) + 16.0).abs() < 1e-12);
        assert!(signed_area(&[]).abs() < 1e-12);
    }

    #[test]
    fn cells_suit_the_outline() {
        let cells = [1.0, 20.0, 64.0, 1000.0, 5000.0, 1e7].map(|side| cell_size(&square(side)));
        assert_eq!(cells.map(|cell| cell.log2() as i64), [-6, -5, -3, 0, 3, 14]);
    }

    #[test]
    fn points_on_a_straight_edge_are_left_out() {
        let mut outline = square(4.0);
        outline.insert(1, Point { x: 2.0, y: 0.1 });
        outline.push(Point { x: 0.0, y: 2.0 });
        assert_eq!(simplify(&outline, 0.5), square(4.0));
        assert_eq!(simplify(&outline, 0.01).len(), 5);
        assert_eq!(simplify(&[], 1.0), []);
    }
}
