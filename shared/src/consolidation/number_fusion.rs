//! One number out of several workers' numbers: the median, a trimmed mean, and a mean that weighs steady workers more and
//! cuts gross errors.
//!
//! The robust mean (Huber, "Robust estimation of a location parameter", 1964; worker variances after Raykar et al.,
//! "Learning from crowds", JMLR 2010) starts from the medians and repeats steps 2 to 4:
//! 1. The common deviation is that of a normal distribution whose 9th decile is that of all distances from the medians, so
//!    that up to a tenth of the answers may be nonsense. It is 0 where nine in ten answers are equal.
//! 2. The reach, how many common deviations an answer may lie off before it pulls no harder, is that of [`REACHES`] with the
//!    least estimated variance of the centers (Hogg, "Adaptive robust procedures", 1974; Huber's formula for the variance):
//!    wide where errors look normal, narrow where gross ones are frequent.
//! 3. A worker's weight is the cube root of the common over the worker's own variance, each residual cut at the reach, the
//!    variance shrunk by `prior_answers` common answers, and the weight held within [1/3, 3]. That stands between equal
//!    weights and the inverse variance of theory: a worker's residuals also hold how hard the objects were.
//! 4. The center of an object is its Huber mean: answers farther from it than the reach pull no harder than one that stands
//!    there. With a common deviation of 0 it is the weighted median.
//!
//! Residuals are taken from the others' center: those from a common one, times `n / (n - 1)`. A lone answer says nothing
//! about its worker. Left out: a bias per worker, which made the results worse on real data.
//!
//! Cost: linear in the answers per round, and a sort.

use super::StopReason;

/// What the robust mean depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How many common answers are added to each worker's own, 0 or more; infinitely many give equal weights.
    pub prior_answers: f64,
    /// After how many rounds to stop, 1 or more.
    pub max_iterations: usize,
}

impl Params {
    /// What the kind `number` takes: a worker is judged slowly, over some fifty answers.
    pub const STANDARD: Self = Self { prior_answers: 50.0, max_iterations: 20 };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// The fused numbers of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Per object; `None` for one without answers.
    pub centers: Vec<Option<Center>>,
    /// Per worker, in [1/3, 3]; 1 for a worker of whom nothing is known.
    pub worker_weights: Vec<f64>,
    /// The standard deviation of a common answer from the others, gross errors cut. 0 when no object has two answers.
    pub common_deviation: f64,
    /// How many common deviations an answer may lie off before it pulls no harder: one of [`REACHES`].
    pub reach: f64,
    /// Whether the last round changed next to nothing.
    pub stop: StopReason,
}

/// Where an object's number lies, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Center {
    /// The fused number.
    pub value: f64,
    /// The standard deviation of the object's answers, shrunk toward the common one.
    pub deviation: f64,
    /// How many answers of equal weight would hold as much: from 1 to their number.
    pub n_effective: f64,
}

/// One object: each answer's worker, by index, and number.
pub type NumberAnswers = Vec<(usize, f64)>;

/// The reaches that are tried; between equally good ones the first has it, and so where no object has two answers.
pub const REACHES: [f64; 6] = [3.0, 4.0, 6.0, 2.0, 1.5, 1.0];

const MAX_WEIGHT: f64 = 3.0;

/// The 9th decile of the absolute value of a standard normal deviate.
const NORMAL_DECILE: f64 = 1.644_853_626_951_472_7;

/// How many common answers an object's own deviation is shrunk by.
const PRIOR_OF_DEVIATION: f64 = 2.0;

/// Beyond how many common deviations an answer tells no more about its object's deviation.
const GROSS: f64 = 3.0;

/// A center that moves by less than this share of the common deviation stands still.
const TOLERANCE: f64 = 1e-9;

const HUBER_STEPS: usize = 100;

/// In how many rounds the reach may change.
const ROUNDS_OF_REACH: usize = 6;

/// Fuses the numbers of a batch. All must be finite.
pub fn fit(objects: &[NumberAnswers], n_workers: usize, params: &Params) -> Fit {
    let mut weights = vec![1.0; n_workers];
    let mut values: Vec<Option<f64>> = objects.iter().map(|answers| weighted_median(answers, &weights)).collect();
    // Measured once, from the medians: measured again it would grow with every step toward a gross error.
    let deviation = common_deviation(objects, &values);
    let mut reach = REACHES[0];
    let mut stop = StopReason::MaxIterations;
    for round in 0..params.max_iterations {
        // Two reaches that are about as good would take turns, so after a few rounds the last one stays.
        if round < ROUNDS_OF_REACH {
            reach = best_reach(objects, &values, &weights, deviation);
        }
        weights = worker_weights(objects, &values, n_workers, reach * deviation, params);
        let next: Vec<Option<f64>> = objects
            .iter()
            .zip(&values)
            .map(|(answers, value)| huber_mean(answers, &weights, reach * deviation, (*value)?))
            .collect();
        let moved = next.iter().zip(&values).filter_map(|(next, value)| Some((next.as_ref()? - value.as_ref()?).abs()));
        let farthest = moved.fold(0.0, f64::max);
        values = next;
        if farthest <= TOLERANCE * deviation {
            stop = StopReason::Converged;
            break;
        }
    }
    let center = |(answers, value): (&NumberAnswers, &Option<f64>)| {
        value.map(|value| center(answers, value, &weights, deviation))
    };
    let centers = objects.iter().zip(&values).map(center).collect();
    Fit { centers, worker_weights: weights, common_deviation: deviation, reach, stop }
}

fn center(answers: &[(usize, f64)], value: f64, weights: &[f64], deviation: f64) -> Center {
    let total: f64 = answers.iter().map(|(worker, _)| weights[*worker]).sum();
    let squares: f64 = answers.iter().map(|(worker, _)| weights[*worker].powi(2)).sum();
    let residuals = answers.iter().map(|(_, number)| (number - value).abs().min(GROSS * deviation).powi(2));
    let n_prior = PRIOR_OF_DEVIATION + answers.len() as f64 - 1.0;
    let variance = (PRIOR_OF_DEVIATION * deviation.powi(2) + residuals.sum::<f64>()) / n_prior;
    Center { value, deviation: variance.sqrt(), n_effective: total * total / squares }
}

/// Each answer's distance from its object's value, as from the other answers' value.
fn residuals<'a>(objects: &'a [NumberAnswers], values: &'a [Option<f64>]) -> impl Iterator<Item = (usize, f64)> + 'a {
    objects.iter().zip(values).filter(|(answers, _)| answers.len() > 1).flat_map(|(answers, value)| {
        let n = answers.len() as f64;
        let value = value.unwrap_or(0.0);
        answers.iter().map(move |(worker, number)| (*worker, (number - value).abs() * (n / (n - 1.0))))
    })
}

fn common_deviation(objects: &[NumberAnswers], values: &[Option<f64>]) -> f64 {
    let mut sizes: Vec<f64> = residuals(objects, values).map(|(_, size)| size).collect();
    sizes.sort_by(f64::total_cmp);
    let idx = (sizes.len().saturating_sub(1) as f64 * 0.9) as usize;
    sizes.get(idx).copied().unwrap_or(0.0) / NORMAL_DECILE
}

/// The reach, in common deviations, that leaves the centers the least variance. Huber's estimate of one center's: the
/// squares of what the answers pull, over the square of how many are not cut.
fn best_reach(objects: &[NumberAnswers], values: &[Option<f64>], weights: &[f64], deviation: f64) -> f64 {
    let variance = |(answers, value): (&NumberAnswers, &Option<f64>), reach: f64| {
        let value = huber_mean(answers, weights, reach, (*value)?)?;
        let (mut pulls, mut uncut, mut least) = (0.0, 0.0, f64::INFINITY);
        for (worker, number) in answers {
            let (weight, size) = (weights[*worker], (number - value).abs());
            pulls += (weight * size.min(reach)).powi(2);
            uncut += if size <= reach { weight } else { 0.0 };
            least = weight.min(least);
        }
        let n = answers.len() as f64;
        Some(pulls * n / (n - 1.0) / uncut.max(least).powi(2))
    };
    let total = |reach: f64| -> f64 {
        let judged = objects.iter().zip(values).filter(|(answers, _)| answers.len() > 1);
        judged.filter_map(|one| variance(one, reach * deviation)).sum()
    };
    // The tolerance keeps rounding errors, in which the order of objects shows, from deciding.
    let better = |best: (f64, f64), next: (f64, f64)| if next.1 < best.1 * (1.0 - TOLERANCE) { next } else { best };
    REACHES.into_iter().map(|reach| (reach, total(reach))).reduce(better).map_or(REACHES[0], |(reach, _)| reach)
}

fn worker_weights(
    objects: &[NumberAnswers],
    values: &[Option<f64>],
    n_workers: usize,
    reach: f64,
    params: &Params,
) -> Vec<f64> {
    let (mut sums, mut counts) = (vec![0.0; n_workers], vec![0.0; n_workers]);
    for (worker, size) in residuals(objects, values) {
        sums[worker] += size.min(reach).powi(2);
        counts[worker] += 1.0;
    }
    let common = sums.iter().sum::<f64>() / counts.iter().sum::<f64>().max(1.0);
    let weight = |(sum, n): (&f64, &f64)| {
        let variance = (sum + params.prior_answers * common) / (n + params.prior_answers);
        let weight = (common / variance).cbrt().clamp(1.0 / MAX_WEIGHT, MAX_WEIGHT);
        // Rounded, so that the order in which the sums were taken leaves no trace; 0 / 0 where all agree.
        if weight.is_nan() { 1.0 } else { (weight * 1e9).round() / 1e9 }
    };
    sums.iter().zip(&counts).map(weight).collect()
}

/// The weighted mean in which what is farther than `reach` counts as if it stood there; the weighted median when `reach`
/// is 0.
fn huber_mean(answers: &[(usize, f64)], weights: &[f64], reach: f64, start: f64) -> Option<f64> {
    if reach <= 0.0 {
        return weighted_median(answers, weights);
    }
    let mut center = start;
    for _ in 0..HUBER_STEPS {
        let pull = |number: f64| (reach / (number - center).abs()).min(1.0);
        let (sum, total) = answers.iter().fold((0.0, 0.0), |(sum, total), (worker, number)| {
            let weight = weights[*worker] * pull(*number);
            (sum + weight * (number - center), total + weight)
        });
        if total <= 0.0 {
            return None;
        }
        center += sum / total;
        if (sum / total).abs() <= TOLERANCE * reach {
            break;
        }
    }
    Some(center)
}

/// The number with half of the weight on either side; the middle between two when both qualify. `None` without answers.
pub fn weighted_median(answers: &[(usize, f64)], weights: &[f64]) -> Option<f64> {
    let mut sorted: Vec<(f64, f64)> = answers.iter().map(|(worker, number)| (*number, weights[*worker])).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let half = sorted.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut below = 0.0;
    for (idx, (number, weight)) in sorted.iter().enumerate() {
        below += weight;
        if below > half + 1e-9 {
            return Some(*number);
        }
        if (below - half).abs() <= 1e-9 {
            return Some(sorted.get(idx + 1).map_or(*number, |(next, _)| number / 2.0 + next / 2.0));
        }
    }
    None
}

/// The mean of what is left when this share of the answers, rounded down, is cut off at either end; at least the middle
/// one or two are left. `None` without answers.
pub fn trimmed_mean(answers: &[(usize, f64)], trim: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = answers.iter().map(|(_, number)| *number).collect();
    sorted.sort_by(f64::total_cmp);
    let n_cut = ((trim * sorted.len() as f64 + 1e-9) as usize).min(sorted.len().saturating_sub(1) / 2);
    let kept = &sorted[n_cut..sorted.len() - n_cut];
    let n = kept.len() as f64;
    // Divided first: the sum of two finite numbers need not be finite.
    (!kept.is_empty()).then(|| kept.iter().map(|number| number / n).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    fn answers(numbers: &[f64]) -> NumberAnswers {
        numbers.iter().copied().enumerate().collect()
    }

    #[test]
    fn medians_and_trimmed_means() {
        let median = |numbers: &[f64]| weighted_median(&answers(numbers), &[1.0; 9]);
        assert_eq!(
            [median(&[]), median(&[7.0]), median(&[3.0, 1.0]), median(&[9.0, 1.0, 2.0])],
            [None, Some(7.0), Some(2.0), Some(2.0)]
        );
        assert_eq!(weighted_median(&answers(&[1.0, 2.0, 9.0]), &[1.0, 1.0, 3.0]), Some(9.0));
        let trimmed = |trim, numbers: &[f64]| trimmed_mean(&answers(numbers), trim);
        assert_eq!(trimmed(0.2, &[1.0, 2.0, 3.0, 4.0, 90.0]), Some(3.0));
        assert_eq!(trimmed(0.5, &[1.0, 2.0, 4.0, 90.0]), Some(3.0));
        assert_eq!(trimmed(0.0, &[1.0, 2.0]), Some(1.5));
        assert_eq!(trimmed(0.5, &[]), None);
    }

    #[test]
    fn agreement_gives_its_number() {
        let fused = fit(&[answers(&[5.0; 3]), answers(&[7.5]), Vec::new()], 3, &Params::STANDARD);
        let values: Vec<Option<f64>> = fused.centers.iter().map(|center| center.map(|center| center.value)).collect();
        assert_eq!(values, [Some(5.0), Some(7.5), None]);
        assert_eq!((fused.stop, fused.worker_weights), (StopReason::Converged, vec![1.0; 3]));
    }

    #[test]
    fn a_gross_error_pulls_no_harder_than_a_near_one() {
        let fused = fit(&[answers(&[10.0, 11.0, 1e12])], 3, &Params::STANDARD);
        let value = fused.centers[0].expect("a center").value;
        assert!((10.0..=14.0).contains(&value), "{value}");
    }

    #[test]
    fn steady_workers_weigh_more() {
        let mut dice = Dice::new(5);
        let (mut error_of_mean, mut error) = (0.0, 0.0);
        let truths: Vec<f64> = (0..400).map(|_| 100.0 * dice.unit()).collect();
        let spreads = [2.0, 4.0, 10.0, 20.0, 30.0];
        let objects: Vec<NumberAnswers> =
            truths.iter().map(|truth| answers(&spreads.map(|spread| truth + spread * dice.noise()))).collect();
        let fused = fit(&objects, 5, &Params::STANDARD);
        for ((truth, answers), center) in truths.iter().zip(&objects).zip(&fused.centers) {
            error_of_mean += (trimmed_mean(answers, 0.0).expect("answers") - truth).abs();
            error += (center.expect("a center").value - truth).abs();
        }
        assert!(error < 0.7 * error_of_mean, "{error} {error_of_mean}");
        assert!(fused.worker_weights.windows(2).all(|pair| pair[0] > pair[1]), "{:?}", fused.worker_weights);
    }

    /// Crowds of another make than the sets that the method was chosen on: errors of two shapes, a fifth of spammers, and
    /// answers whose decimal point slipped; large batches and small ones.
    #[test]
    fn no_crowd_is_served_worse_than_by_the_mean() {
        let mut dice = Dice::new(17);
        let spreads = [3.0, 6.0, 12.0, 24.0];
        for (n_objects, n_answers, n_batches) in [(100, 5, 3), (10, 3, 20)] {
            for (n_spammers, slips, is_heavy) in [(0, 0.0, false), (0, 0.0, true), (3, 0.0, false), (0, 0.05, false)] {
                let (mut error_of_mean, mut error) = (0.0, 0.0);
                for _ in 0..n_batches {
                    let truths: Vec<f64> = (0..n_objects).map(|_| 100.0 * dice.unit()).collect();
                    let objects: Vec<NumberAnswers> = truths
                        .iter()
                        .map(|truth| {
                            let first = dice.below(15);
                            let answer = |n: usize, dice: &mut Dice| {
                                let worker = (first + 2 * n) % 15;
                                let scale = if is_heavy && dice.chance(0.2) { 3.0 } else { 1.0 };
                                let near = truth + scale * spreads[worker % 4] * dice.noise();
                                let slipped = if dice.chance(slips) { 100.0 * near } else { near };
                                (worker, if worker < n_spammers { 100.0 * dice.unit() } else { slipped })
                            };
                            (0..n_answers).map(|n| answer(n, &mut dice)).collect()
                        })
                        .collect();
                    let fused = fit(&objects, 15, &Params::STANDARD);
                    for ((truth, answers), center) in truths.iter().zip(&objects).zip(&fused.centers) {
                        error_of_mean += (trimmed_mean(answers, 0.0).expect("answers") - truth).abs();
                        error += (center.expect("a center").value - truth).abs();
                    }
                }
                // A slipped answer is worth nothing, and the mean is at its mercy.
                let most = if slips > 0.0 { 0.5 } else { 1.01 };
                let case = format!("{n_objects} {n_spammers} {slips} {is_heavy}: {error} {error_of_mean}");
                assert!(error < most * error_of_mean, "{case}");
            }
        }
    }

    #[test]
    fn the_reach_is_learned() {
        let mut dice = Dice::new(8);
        let mut reach = |slips: f64| {
            let mut answer = |_| if dice.chance(slips) { 40.0 * dice.noise() } else { dice.noise() };
            let objects: Vec<NumberAnswers> = (0..200).map(|_| answers(&[0, 1, 2, 3, 4].map(&mut answer))).collect();
            fit(&objects, 5, &Params::STANDARD).reach
        };
        assert!(reach(0.0) >= 2.0 && reach(0.1) < 2.0);
    }
}
