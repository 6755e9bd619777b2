//! How far two workers' sets of marks on one object are apart: one minus the mean overlap of every mark of either with
//! its best match among the other's.
//!
//! `1 − (Σ_a max_b IoU(a, b) + Σ_b max_a IoU(a, b)) / (|A| + |B|)`. It is symmetric, lies in [0, 1], is 0 for equal sets
//! and does not depend on the order of marks. Two workers who marked nothing agree (0); where only one did, nothing of it
//! is matched (1). A mark can be the best match of several: drawing one thing twice costs little. Cost: every mark with
//! every other.

use std::ops::Range;

use crate::geometry::rect::Rect;

/// The distance between two sets of boxes. Pixels.
pub fn boxes(a: &[Rect], b: &[Rect]) -> f64 {
    marks(a, b, Rect::iou)
}

/// The distance between two sets of spans: offsets in a text, or times. A span without length overlaps nothing.
pub fn spans(a: &[Range<f64>], b: &[Range<f64>]) -> f64 {
    marks(a, b, span_iou)
}

/// The distance between two sets of any marks; `iou(a, b)` is symmetric and in [0, 1]. Give 0 for marks of different
/// categories where these matter.
pub fn marks<T>(a: &[T], b: &[T], iou: impl Fn(&T, &T) -> f64) -> f64 {
    if a.is_empty() && b.is_empty() {
        return 0.0;
    }
    let mut best_of_b = vec![0.0_f64; b.len()];
    let mut sum = 0.0;
    for mark_a in a {
        let mut best = 0.0_f64;
        for (mark_b, best_of_b) in b.iter().zip(&mut best_of_b) {
            let iou = iou(mark_a, mark_b);
            best = best.max(iou);
            *best_of_b = best_of_b.max(iou);
        }
        sum += best;
    }
    sum += best_of_b.iter().sum::<f64>();
    1.0 - sum / (a.len() + b.len()) as f64
}

fn span_iou(a: &Range<f64>, b: &Range<f64>) -> f64 {
    let shared = a.end.min(b.end) - a.start.max(b.start);
    if shared > 0.0 { (shared / (a.end - a.start + b.end - b.start - shared)).min(1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_compared_with_their_best_match() {
        let check = |a: &[Range<f64>], b: &[Range<f64>], expected: f64| {
            assert!((spans(a, b) - expected).abs() < 1e-12, "{a:?} {b:?}: {}", spans(a, b));
            assert!((spans(b, a) - expected).abs() < 1e-12, "{b:?} {a:?}: {}", spans(b, a));
        };
        check(&[], &[], 0.0);
        check(&[], &[0.0..4.0], 1.0);
        check(&[0.0..4.0, 10.0..12.0], &[10.0..12.0, 0.0..4.0], 0.0);
        check(&[0.0..4.0], &[4.0..8.0], 1.0);
        // Best matches: 1/2 and 0 on one side, 1/2 on the other.
        check(&[0.0..4.0, 20.0..21.0], &[0.0..2.0], 2.0 / 3.0);
        // The same thing twice.
        check(&[0.0..4.0, 0.0..4.0], &[0.0..4.0], 0.0);
        check(&[3.0..3.0], &[3.0..3.0], 1.0);
    }

    #[test]
    fn boxes_are_compared_by_area() {
        let rect = |left: f64| Rect::new(left, 0.0, 10.0, 10.0).expect("a box");
        let distance = boxes(&[rect(0.0), rect(100.0)], &[rect(5.0), rect(100.0)]);
        assert!((distance - (1.0 - (1.0 / 3.0 + 1.0 + 1.0 / 3.0 + 1.0) / 4.0)).abs() < 1e-12);
    }

    #[test]
    fn categories_can_matter() {
        let (a, b) = ([("otter", 1.0), ("heron", 2.0)], [("otter", 1.0)]);
        let same = |a: &(&str, f64), b: &(&str, f64)| if a.0 == b.0 { a.1.min(b.1) } else { 0.0 };
        assert!((marks(&a, &b, same) - 1.0 / 3.0).abs() < 1e-12);
    }
}
