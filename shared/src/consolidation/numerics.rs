//! Arithmetic that gives the same bits in any order.
//!
//! A sum of floating-point numbers depends on the order of its addends; over workers and objects that order carries no
//! meaning. So whatever is summed over them lies on a grid of multiples of 2⁻²⁸ ([`on_grid`]): such sums are exact while
//! they stay below 2²⁵ (33 million), and an exact sum has no order. The price is an error of 2·10⁻⁹ per addend, far
//! below what any posterior means.
//!
//! From machine to machine the bits are nearly always the same too. [`exp_of_negative`] uses additions and multiplications
//! alone, which every machine rounds alike. But [`ln_on_grid`] and [`digamma`] call the platform's logarithm, whose last bit
//! differs between C libraries; the grid, eight digits coarser, rarely lets that show.

/// 1.5 · 2²⁴: adding it leaves 28 bits behind the point, because a double of this size has no more.
const GRID_SHIFT: f64 = 25_165_824.0;

/// The smallest step of the grid, 2⁻²⁸.
pub(super) const GRID_STEP: f64 = 1.0 / 268_435_456.0;

/// The nearest multiple of 2⁻²⁸. For numbers between -2²³ and 2²³.
#[inline]
pub(super) fn on_grid(number: f64) -> f64 {
    (number + GRID_SHIFT) - GRID_SHIFT
}

/// The natural logarithm, by the platform, on the grid; that of a number below 10⁻¹⁰ is that of 10⁻¹⁰.
#[inline]
pub(super) fn ln_on_grid(number: f64) -> f64 {
    on_grid(number.max(1e-10).ln())
}

/// eˣ for x ≤ 0, and e⁻³⁰ below -30: the grid has nothing but 0 there. Relative error below 10⁻¹⁰, which the grid does
/// not show either. Free of branches and calls, so that a row of them is computed side by side.
#[inline]
pub(super) fn exp_of_negative(x: f64) -> f64 {
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    /// 1.5 · 2⁵²: adding it rounds to a whole number, which then stands in the lowest bits.
    const WHOLE_SHIFT: f64 = 6_755_399_441_055_744.0;
    let x = if x > -30.0 { x } else { -30.0 };
    // eˣ = 2ᵏ·eʳ with k whole and |r| at most half of ln 2.
    let shifted = x * std::f64::consts::LOG2_E + WHOLE_SHIFT;
    let k = shifted - WHOLE_SHIFT;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    // The series up to r⁹, in pairs that do not wait for each other.
    let (r2, r4) = (r * r, r * r * r * r);
    let low = (1.0 + r) + r2 * (0.5 + r * (1.0 / 6.0));
    let middle = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5_040.0));
    let high = 1.0 / 40_320.0 + r * (1.0 / 362_880.0);
    let series = low + r4 * (middle + r4 * high);
    let power_of_two = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    series * power_of_two
}

/// Turns logarithms of unnormalized probabilities into probabilities on the grid.
#[inline]
pub(super) fn normalize_logs(row: &mut [f64]) {
    let n = row.len();
    normalize_rows(row, n);
}

/// [`normalize_logs`] of rows of `n` numbers, which stand one behind the other. Step by step over all of them: the
/// exponentials of many rows do not wait for each other.
#[inline]
pub(super) fn normalize_rows(rows: &mut [f64], n: usize) {
    for row in rows.chunks_exact_mut(n) {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, |a, b| if b > a { b } else { a });
        row.iter_mut().for_each(|value| *value -= largest);
    }
    rows.iter_mut().for_each(|value| *value = exp_of_negative(*value));
    for row in rows.chunks_exact_mut(n) {
        let scale = 1.0 / row.iter().sum::<f64>();
        row.iter_mut().for_each(|value| *value = on_grid(*value * scale));
    }
}

/// How many rows of `n` numbers [`normalize_rows`] had best be given at once: as many as stay in the fastest cache.
pub(super) fn rows_at_once(n: usize) -> usize {
    (128 / n).max(1)
}

/// The summed differences of two rows on the grid, which lie on it too.
#[inline]
pub(super) fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum()
}

/// The digamma function ψ for positive numbers: recurrence up to 6, then the asymptotic series, with the platform's
/// logarithm. Error below 10⁻⁹.
pub(super) fn digamma(mut x: f64) -> f64 {
    let mut value = 0.0;
    while x < 6.0 {
        value -= 1.0 / x;
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = square * (1.0 / 12.0 - square * (1.0 / 120.0 - square * (1.0 / 252.0 - square / 240.0)));
    value + x.ln() - 0.5 / x - series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_on_the_grid_have_no_order() {
        let addends: Vec<f64> = (1..2_000).map(|n| on_grid(1.0 / f64::from(n))).collect();
        let forward: f64 = addends.iter().sum();
        let backward: f64 = addends.iter().rev().sum();
        assert_eq!(forward.to_bits(), backward.to_bits());
        assert!((on_grid(0.1) - 0.1).abs() <= GRID_STEP / 2.0);
    }

    #[test]
    fn exponentials_agree_with_the_library() {
        for n in 0..3_000 {
            let x = -0.01 * f64::from(n);
            assert!((exp_of_negative(x) / x.exp() - 1.0).abs() < 1e-10, "{x}");
        }
        assert!(exp_of_negative(f64::NEG_INFINITY) < GRID_STEP / 1_000.0);
    }

    /// Values from Abramowitz and Stegun, table 6.1, and ψ(1/2) = -γ - 2 ln 2.
    #[test]
    fn digamma_has_its_known_values() {
        for (x, expected) in
            [(1.0, -0.577_215_664_9), (0.5, -1.963_510_026_0), (2.0, 0.422_784_335_1), (10.0, 2.251_752_589_1)]
        {
            assert!((digamma(x) - expected).abs() < 1e-8, "{x}");
        }
    }
}
