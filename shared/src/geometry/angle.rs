//! Means of angles, which have no beginning and no end.

/// The mean direction of weighted angles that repeat after `period`: the direction of the weighted sum of unit vectors
/// (Mardia and Jupp, "Directional Statistics", 2000), in [0, `period`). `None` when they cancel out or there is none.
pub fn circular_mean(angles: impl IntoIterator<Item = (f64, f64)>, period: f64) -> Option<f64> {
    let turn = std::f64::consts::TAU / period;
    let (mut sin, mut cos, mut total) = (0.0, 0.0, 0.0);
    for (angle, weight) in angles {
        sin += weight * (angle * turn).sin();
        cos += weight * (angle * turn).cos();
        total += weight;
    }
    if sin.hypot(cos) <= 1e-9 * total {
        return None;
    }
    let mean = (sin.atan2(cos) / turn).rem_euclid(period);
    Some(if mean < period { mean } else { 0.0 })
}

/// By how much `angle` is ahead of `other` the shorter way round, in (−`period` / 2, `period` / 2].
pub fn difference(angle: f64, other: f64, period: f64) -> f64 {
    let ahead = (angle - other).rem_euclid(period);
    if ahead > period / 2.0 { ahead - period } else { ahead }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_goes_the_shorter_way_round() {
        let check = |angles: &[f64], period: f64, expected: Option<f64>| {
            let mean = circular_mean(angles.iter().map(|angle| (*angle, 1.0)), period);
            let is_near = match (mean, expected) {
                (Some(mean), Some(expected)) => difference(mean, expected, period).abs() < 1e-9,
                (None, None) => true,
                _ => false,
            };
            assert!(is_near, "{angles:?}: {mean:?}");
        };
        check(&[350.0, 10.0], 360.0, Some(0.0));
        check(&[170.0, 10.0], 180.0, Some(0.0));
        check(&[80.0, 100.0], 360.0, Some(90.0));
        check(&[0.0, 180.0], 360.0, None);
        check(&[], 360.0, None);
    }

    #[test]
    fn differences_are_at_most_half_a_turn() {
        assert!((difference(350.0, 10.0, 360.0) + 20.0).abs() < 1e-9);
        assert!((difference(10.0, 350.0, 360.0) - 20.0).abs() < 1e-9);
    }
}
