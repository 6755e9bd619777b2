//! Boxes that stand askew.

use super::point::{Point, turn};
use super::rect::Rect;

/// A box turned clockwise about its center.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RotatedRect {
    /// The box before it is turned.
    pub rect: Rect,
    /// Degrees clockwise, in [0, 180): a box turned by half a turn is the same box.
    pub degrees: f64,
}

impl RotatedRect {
    /// The box `rect` turned by `degrees`, which may be any finite number.
    pub fn new(rect: Rect, degrees: f64) -> Self {
        let turned = degrees.rem_euclid(180.0);
        // A tiny negative angle comes out as exactly 180.
        Self { rect, degrees: if turned < 180.0 { turned } else { 0.0 } }
    }

    /// The center, about which the rectangle is turned.
    pub fn center(&self) -> Point {
        Point { x: (self.rect.left() + self.rect.right()) / 2.0, y: (self.rect.top() + self.rect.bottom()) / 2.0 }
    }

    /// The corners, clockwise on the screen.
    pub fn corners(&self) -> [Point; 4] {
        let (center, (sin, cos)) = (self.center(), self.degrees.to_radians().sin_cos());
        let (x, y) = (self.rect.width() / 2.0, self.rect.height() / 2.0);
        [(-x, -y), (x, -y), (x, y), (-x, y)]
            .map(|(x, y)| Point { x: center.x + x * cos - y * sin, y: center.y + x * sin + y * cos })
    }

    /// The least and the largest x.
    pub fn reach(&self) -> (f64, f64) {
        if !self.is_rotated() {
            return (self.rect.left(), self.rect.right());
        }
        let xs = self.corners().map(|corner| corner.x);
        (xs.into_iter().fold(f64::INFINITY, f64::min), xs.into_iter().fold(f64::NEG_INFINITY, f64::max))
    }

    /// Whether it is turned at all.
    pub fn is_rotated(&self) -> bool {
        self.degrees > 0.0
    }

    /// Intersection over union, in [0, 1].
    pub fn iou(&self, other: &Self) -> f64 {
        if !self.is_rotated() && !other.is_rotated() {
            return self.rect.iou(&other.rect);
        }
        let intersection = convex_intersection(&self.corners(), &other.corners());
        (intersection / (self.rect.area() + other.rect.area() - intersection)).clamp(0.0, 1.0)
    }
}

/// The area that two convex polygons share, both clockwise on the screen: one is cut by each edge of the other (Sutherland
/// and Hodgman 1974).
fn convex_intersection(subject: &[Point], clip: &[Point]) -> f64 {
    let mut rest = subject.to_vec();
    for (n, from) in clip.iter().enumerate() {
        let to = clip[(n + 1) % clip.len()];
        let whole = std::mem::take(&mut rest);
        for (n, point) in whole.iter().enumerate() {
            let next = whole[(n + 1) % whole.len()];
            let (here, there) = (turn(*from, to, *point), turn(*from, to, next));
            if here >= 0.0 {
                rest.push(*point);
            }
            if (here > 0.0 && there < 0.0) || (here < 0.0 && there > 0.0) {
                rest.push(point.toward(next, here / (here - there)));
            }
        }
    }
    let Some(first) = rest.first().copied() else { return 0.0 };
    let triangles = rest.windows(2).map(|pair| turn(first, pair[0], pair[1]));
    (triangles.sum::<f64>() / 2.0).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rotated(left: f64, top: f64, width: f64, height: f64, degrees: f64) -> RotatedRect {
        RotatedRect::new(Rect::new(left, top, width, height).expect("a box"), degrees)
    }

    #[test]
    fn overlap_is_measured_after_turning() {
        let check = |a: RotatedRect, b: RotatedRect, expected: f64| {
            assert!((a.iou(&b) - expected).abs() < 1e-9, "{a:?} {b:?}: {}", a.iou(&b));
            assert!((b.iou(&a) - expected).abs() < 1e-9, "{b:?} {a:?}");
        };
        let square = rotated(0.0, 0.0, 10.0, 10.0, 0.0);
        check(square, rotated(0.0, 0.0, 10.0, 10.0, 90.0), 1.0);
        check(square, rotated(0.0, 0.0, 10.0, 10.0, 180.0), 1.0);
        // A square and itself turned by 45 degrees share a regular octagon: 2 (√2 − 1) of its area.
        let octagon = 2.0 * (2.0_f64.sqrt() - 1.0);
        check(square, rotated(0.0, 0.0, 10.0, 10.0, 45.0), octagon / (2.0 - octagon));
        check(rotated(0.0, 0.0, 20.0, 10.0, 90.0), rotated(5.0, -5.0, 10.0, 20.0, 0.0), 1.0);
        check(square, rotated(30.0, 0.0, 10.0, 10.0, 30.0), 0.0);
    }

    #[test]
    fn the_reach_holds_the_corners() {
        let (from, to) = rotated(0.0, 0.0, 20.0, 10.0, 90.0).reach();
        assert!((from - 5.0).abs() < 1e-9 && (to - 15.0).abs() < 1e-9, "{from} {to}");
    }
}
