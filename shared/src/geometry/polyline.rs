//! Open lines of straight pieces.

use super::point::Point;

/// The summed length of the segments; 0 for fewer than two points.
pub fn length(line: &[Point]) -> f64 {
    line.windows(2).map(|pair| pair[0].distance(pair[1])).sum()
}

/// `n` points at equal distances along the line, its ends among them. The line itself when it has no length, repeated;
/// empty for an empty line.
pub fn resample(line: &[Point], n: usize) -> Vec<Point> {
    let (Some(first), Some(last)) = (line.first(), line.last()) else { return Vec::new() };
    let step = length(line) / (n.max(2) - 1) as f64;
    let mut points = Vec::with_capacity(n);
    let (mut passed, mut pieces) = (0.0, line.windows(2).peekable());
    for idx in 0..n.saturating_sub(1) {
        let at = step * idx as f64;
        while let Some(piece) = pieces.peek() {
            let piece_length = piece[0].distance(piece[1]);
            if passed + piece_length >= at {
                break;
            }
            passed += piece_length;
            pieces.next();
        }
        points.push(match pieces.peek() {
            Some(piece) => {
                let piece_length = piece[0].distance(piece[1]);
                piece[0].toward(piece[1], if piece_length > 0.0 { (at - passed) / piece_length } else { 0.0 })
            }
            None => *last,
        });
    }
    points.push(if n > 1 { *last } else { *first });
    points
}

/// The distance of a point from a line; infinite for an empty one.
pub fn distance(point: Point, line: &[Point]) -> f64 {
    let from_piece = |pair: &[Point]| {
        let (a, b) = (pair[0], pair[1]);
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let squared = dx * dx + dy * dy;
        let along = if squared > 0.0 { ((point.x - a.x) * dx + (point.y - a.y) * dy) / squared } else { 0.0 };
        point.distance(a.toward(b, along.clamp(0.0, 1.0)))
    };
    match line {
        [only] => point.distance(*only),
        line => line.windows(2).map(from_piece).fold(f64::INFINITY, f64::min),
    }
}

/// The mean distance of the points of each line from the other line, the mean of both directions. Give resampled lines:
/// then every part counts by its length.
pub fn mean_distance(a: &[Point], b: &[Point]) -> f64 {
    let directed = |from: &[Point], to: &[Point]| {
        from.iter().map(|point| distance(*point, to)).sum::<f64>() / from.len().max(1) as f64
    };
    (directed(a, b) + directed(b, a)) / 2.0
}

/// The line with fewer points: none of the points left out lies further than `tolerance` from it (Douglas and Peucker
/// 1973). The ends stay.
pub fn simplify(line: &[Point], tolerance: f64) -> Vec<Point> {
    let mut keep = vec![false; line.len()];
    let mut stretches = vec![(0, line.len().saturating_sub(1))];
    while let Some((from, to)) = stretches.pop() {
        for end in [from, to] {
            if let Some(keep) = keep.get_mut(end) {
                *keep = true;
            }
        }
        let inner = (from + 1..to).map(|idx| (idx, distance(line[idx], &[line[from], line[to]])));
        let farthest = inner.fold((from, tolerance), |best, here| if here.1 > best.1 { here } else { best });
        if farthest.0 > from {
            stretches.extend([(from, farthest.0), (farthest.0, to)]);
        }
    }
    line.iter().zip(keep).filter(|(_, keep)| *keep).map(|(point, _)| *point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(f64, f64)]) -> Vec<Point> {
        points.iter().map(|(x, y)| Point { x: *x, y: *y }).collect()
    }

    #[test]
    fn points_stand_at_equal_distances() {
        let bent = line(&[(0.0, 0.0), (3.0, 0.0), (3.0, 1.0)]);
        assert_eq!(resample(&bent, 5), line(&[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (3.0, 1.0)]));
        assert_eq!(resample(&line(&[(1.0, 1.0), (1.0, 1.0)]), 3), line(&[(1.0, 1.0); 3]));
        assert_eq!(resample(&[], 3), []);
    }

    #[test]
    fn distances_are_those_of_the_nearest_part() {
        let flat = line(&[(0.0, 0.0), (10.0, 0.0)]);
        assert!((distance(Point { x: 5.0, y: 2.0 }, &flat) - 2.0).abs() < 1e-12);
        assert!((distance(Point { x: 13.0, y: 4.0 }, &flat) - 5.0).abs() < 1e-12);
        assert!((mean_distance(&flat, &line(&[(0.0, 3.0), (10.0, 3.0)])) - 3.0).abs() < 1e-12);
        assert!(mean_distance(&flat, &line(&[(10.0, 0.0), (0.0, 0.0)])).abs() < 1e-12);
    }

    #[test]
    fn what_lies_on_the_line_is_left_out() {
        let bent = line(&[(0.0, 0.0), (1.0, 0.1), (2.0, 0.0), (2.0, 5.0)]);
        assert_eq!(simplify(&bent, 0.5), line(&[(0.0, 0.0), (2.0, 0.0), (2.0, 5.0)]));
        assert_eq!(simplify(&bent, 0.01), bent);
        assert_eq!(simplify(&[], 1.0), []);
    }
}
