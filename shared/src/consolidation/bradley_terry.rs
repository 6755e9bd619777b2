//! Scores of items from comparisons of two: item `a` is preferred to `b` with the probability
//! `1 / (1 + exp(score_b - score_a))` (Bradley and Terry, "Rank analysis of incomplete block designs", Biometrika 1952).
//!
//! The scores are the most probable ones under a normal prior around 0 whose precision is given, so that they exist and
//! are unique however few or one-sided the comparisons are. They are found by Newton's method, each step by conjugate
//! gradients on the sparse matrix of second derivatives, and halved while it does not improve. Left out: ties as a third
//! outcome (count half a comparison each way), and an advantage of the item shown first.
//!
//! Cost: a few passes over the comparisons per step, rarely more than ten steps; memory linear in the comparisons.

use super::StopReason;

/// One comparison of two items.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Index of the preferred item.
    pub winner: usize,
    /// Index of the other item.
    pub loser: usize,
    /// How often, 0 or more; need not be whole.
    pub weight: f64,
}

/// What the scores depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// The precision of the prior, above 0: 1 over its variance.
    pub precision: f64,
    /// The largest change of a score in the last step, above 0.
    pub tolerance: f64,
    /// After how many steps to stop, 1 or more.
    pub max_iterations: usize,
}

impl Params {
    /// Scores of unit variance.
    pub const STANDARD: Self = Self { precision: 1.0, tolerance: 1e-7, max_iterations: 50 };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// The fitted scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Per item, with mean 0.
    pub scores: Vec<f64>,
    /// Whether the scores stand still to within the tolerance.
    pub stop: StopReason,
}

/// The probability that an item of score `difference` above another one is preferred to it.
pub fn preference(difference: f64) -> f64 {
    1.0 / (1.0 + (-difference).exp())
}

/// Fits the scores, from those in `start`, one per item.
#[doc(alias("Bradley-Terry"))]
pub fn fit(comparisons: &[Comparison], start: Vec<f64>, params: &Params) -> Fit {
    let mut scores = start;
    let mut loss = loss_of(comparisons, &scores, params.precision);
    for _ in 0..params.max_iterations {
        let mut gradient: Vec<f64> = scores.iter().map(|score| -params.precision * score).collect();
        let mut curvatures = Vec::with_capacity(comparisons.len());
        for Comparison { winner, loser, weight } in comparisons {
            let probability = preference(scores[*winner] - scores[*loser]);
            gradient[*winner] += weight * (1.0 - probability);
            gradient[*loser] -= weight * (1.0 - probability);
            curvatures.push(weight * probability * (1.0 - probability));
        }
        let step = solve(comparisons, &curvatures, params.precision, &gradient);
        let largest = step.iter().fold(0.0, |largest: f64, part| largest.max(part.abs()));
        let mut length = 1.0;
        loop {
            let next: Vec<f64> = scores.iter().zip(&step).map(|(score, part)| score + length * part).collect();
            let next_loss = loss_of(comparisons, &next, params.precision);
            if next_loss <= loss || length * largest <= params.tolerance {
                (scores, loss) = (next, next_loss.min(loss));
                break;
            }
            length /= 2.0;
        }
        if length * largest <= params.tolerance {
            return Fit { scores, stop: StopReason::Converged };
        }
    }
    Fit { scores, stop: StopReason::MaxIterations }
}

/// The negative logarithm of the posterior, up to a constant.
fn loss_of(comparisons: &[Comparison], scores: &[f64], precision: f64) -> f64 {
    let of_comparison = |Comparison { winner, loser, weight }: &Comparison| {
        let difference = scores[*winner] - scores[*loser];
        // ln(1 + exp(-difference)), without overflow.
        weight * ((-difference).max(0.0) + (-difference.abs()).exp().ln_1p())
    };
    let of_prior: f64 = scores.iter().map(|score| score * score).sum();
    comparisons.iter().map(of_comparison).sum::<f64>() + precision / 2.0 * of_prior
}

/// Solves `(L + precision I) step = gradient` by conjugate gradients (Hestenes and Stiefel 1952), where `L` is the
/// Laplacian of the comparisons with these curvatures.
fn solve(comparisons: &[Comparison], curvatures: &[f64], precision: f64, gradient: &[f64]) -> Vec<f64> {
    let times = |vector: &[f64]| -> Vec<f64> {
        let mut product: Vec<f64> = vector.iter().map(|part| precision * part).collect();
        for (Comparison { winner, loser, .. }, curvature) in comparisons.iter().zip(curvatures) {
            let flow = curvature * (vector[*winner] - vector[*loser]);
            product[*winner] += flow;
            product[*loser] -= flow;
        }
        product
    };
    let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let mut step = vec![0.0; gradient.len()];
    let mut rest = gradient.to_vec();
    let mut direction = rest.clone();
    let mut norm = dot(&rest, &rest);
    let small = norm * 1e-20;
    for _ in 0..gradient.len().saturating_add(10) {
        if norm <= small || norm <= f64::MIN_POSITIVE {
            break;
        }
        let image = times(&direction);
        let length = norm / dot(&direction, &image);
        for (((step, rest), direction), image) in step.iter_mut().zip(&mut rest).zip(&direction).zip(&image) {
            *step += length * direction;
            *rest -= length * image;
        }
        let next_norm = dot(&rest, &rest);
        for (direction, rest) in direction.iter_mut().zip(&rest) {
            *direction = rest + next_norm / norm * *direction;
        }
        norm = next_norm;
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: Params = Params { precision: 0.02, tolerance: 1e-10, max_iterations: 100 };

    fn comparisons(pairs: &[(usize, usize)]) -> Vec<Comparison> {
        pairs.iter().map(|(winner, loser)| Comparison { winner: *winner, loser: *loser, weight: 1.0 }).collect()
    }

    #[test]
    fn a_single_comparison_has_a_closed_form() {
        let fit = fit(&comparisons(&[(0, 1)]), vec![0.0; 2], &Params { precision: 1.0, ..PARAMS });
        let [winner, loser] = fit.scores[..] else { panic!("two items") };
        assert!((winner + loser).abs() < 1e-12);
        // Where the derivative is zero: 1 - preference(2 s) = s.
        assert!((1.0 - preference(2.0 * winner) - winner).abs() < 1e-9);
        assert_eq!(fit.stop, StopReason::Converged);
    }

    #[test]
    fn nothing_moves_nothing() {
        assert_eq!(fit(&[], vec![0.0; 3], &PARAMS).scores, [0.0; 3]);
        assert!(fit(&[], Vec::new(), &PARAMS).scores.is_empty());
    }

    #[test]
    fn extreme_numbers_of_comparisons_stay_finite() {
        let many = [Comparison { winner: 0, loser: 1, weight: 1e9 }];
        let fit = fit(&many, vec![0.0; 2], &PARAMS);
        assert!(fit.scores[0].is_finite() && fit.scores[0] > 5.0, "{:?}", fit.scores);
    }

    /// The numbers of `choix.opt_pairwise(5, data, alpha=0.01)`, choix 0.4.1, whose penalty is `alpha` times the sum of
    /// the squared scores: half of our precision.
    #[test]
    fn scores_are_those_of_choix() {
        let data = [(0, 1), (0, 1), (1, 0), (1, 2), (2, 3), (3, 1), (0, 4), (4, 3), (2, 0), (4, 2), (3, 2), (0, 3)];
        let fit = fit(&comparisons(&data), vec![0.0; 5], &PARAMS);
        let expected = [0.522_387_383_9, -0.274_745_123_9, -0.422_165_915_7, -0.422_165_915_7, 0.596_689_571_4];
        for (score, expected) in fit.scores.iter().zip(expected) {
            assert!((score - expected).abs() < 1e-8, "{score} {expected}");
        }
    }
}
