//! One shape from several workers' versions of it: a robust mean in which careful workers count more.
//!
//! **Model.** Worker *i*'s version of a shape is the true one, plus the worker's bias `b_i · s_c` (who always draws boxes
//! too wide), plus an error that follows Student's t distribution with `freedom` degrees of freedom and scale `σ_i · s_c`.
//! `s_c` is the size of the shape, so that a large one may be missed by more pixels, and `σ_i` the worker's looseness.
//! A bias that all workers share cannot be seen. Coordinates are taken in groups of `group`
//! (the two of a point, the three of a point in space, one edge of a box), whose members err together.
//!
//! **Fit.** Expectation-maximization over all shapes: each version weighs `u / (σ_i s_c)²`, where
//! `u = (freedom + group) / (freedom + r²)` falls with its distance `r` (in units of `σ_i s_c`) from the current center;
//! the center is the weighted mean of the versions without their biases; `b_i` is the worker's mean error, shrunken toward
//! none by `bias_strength` errors; `σ_i²` is the weighted mean square of the worker's errors, the center's own
//! uncertainty added (without it the heaviest worker would draw the centers, and win ever more weight), shrunken toward
//! the crowd's by `worker_strength` errors. It starts from the coordinate median. A far version thus loses its weight
//! wholly, unlike under Huber's function, where it keeps pulling with constant force.
//!
//! **Small batches.** With few shapes all workers count almost alike. **Ties** do not arise; two versions of equal weight
//! give their middle. **Cost** per round: the coordinates. **Left out**: errors that all versions of a shape share.
//!
//! Source: Lange, Little and Taylor, "Robust statistical modeling using the t distribution" (1989); worker variances as
//! in Raykar et al., "Learning from crowds" (2010), section 5.

use std::ops::Range;

use super::StopReason;

/// Several workers' versions of one shape.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Versions {
    /// Whose version each is, by index.
    pub workers: Vec<usize>,
    /// The coordinates, version after version.
    pub coordinates: Vec<f64>,
    /// The size of the shape, above 0.
    pub size: f64,
}

/// What is assumed, and when to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How many neighboring coordinates err together, from 1 to [`MAX_GROUP`].
    pub group: usize,
    /// Degrees of freedom of the error: the fewer, the less a far version counts.
    pub freedom: f64,
    /// How many errors the crowd's looseness is worth in the estimate of one worker's.
    pub worker_strength: f64,
    /// How many errors the assumed looseness is worth in the estimate of the crowd's.
    pub crowd_strength: f64,
    /// The looseness that is assumed before any error was seen, relative to the size of a shape.
    pub looseness: f64,
    /// How many errors speak for a worker having no bias; `None` where coordinates of different shapes do not compare.
    pub bias_strength: Option<f64>,
    /// At most this many rounds.
    pub max_iterations: usize,
    /// Stop when no center moves by more than this, relative to the size of its shape.
    pub tolerance: f64,
}

impl Params {
    /// How the edges of boxes err: in units of the square root of a box's mean side.
    pub const EDGES_OF_BOXES: Self = Self {
        group: 1,
        freedom: 8.0,
        worker_strength: 10.0,
        crowd_strength: 10.0,
        looseness: 0.4,
        bias_strength: Some(5.0),
        max_iterations: 50,
        tolerance: 1e-3,
    };
}

/// The fitted shapes.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Per shape the coordinates of its center.
    pub centers: Vec<Vec<f64>>,
    /// Per worker the looseness, relative to the size of a shape.
    pub looseness: Vec<f64>,
    /// How many rounds were made.
    pub n_iterations: usize,
    /// Why no more were made.
    pub stop: StopReason,
}

/// The least looseness that is believed: nobody's hand is exact, and a zero would make one worker's version the truth.
const MIN_LOOSENESS: f64 = 1e-4;

/// The most coordinates that err together.
pub const MAX_GROUP: usize = 3;

/// Fits all shapes together. `n_workers` is above every index in `shapes`; all versions of a shape have equally many
/// coordinates, a multiple of `params.group`.
pub fn fit(shapes: &[Versions], n_workers: usize, params: &Params) -> Fit {
    match params.group {
        0 | 1 => fit_groups::<1>(shapes, n_workers, params),
        2 => fit_groups::<2>(shapes, n_workers, params),
        _ => fit_groups::<MAX_GROUP>(shapes, n_workers, params),
    }
}

/// The same where the compiler knows the size of a group: most of the time goes into the loops over it.
fn fit_groups<const GROUP: usize>(shapes: &[Versions], n_workers: usize, params: &Params) -> Fit {
    let mut centers: Vec<Vec<f64>> = shapes.iter().map(coordinate_median).collect();
    let n_coordinates = centers.iter().map(Vec::len).max().unwrap_or_default();
    let mut offsets = Offsets::of(shapes, &centers);
    let mut workers = Workers::assumed(n_workers, n_coordinates, params);
    let mut sums = Sums::zeros(n_coordinates);
    let (mut n_iterations, mut stop) = (0, StopReason::MaxIterations);
    while n_iterations < params.max_iterations {
        n_iterations += 1;
        let mut errors = Errors::none(&workers, params);
        let mut movement = 0.0_f64;
        for (shape, ranges) in shapes.iter().zip(&offsets.ranges) {
            let versions = &offsets.versions[ranges.versions.clone()];
            let center = &mut offsets.centers[ranges.center.clone()];
            movement = movement.max(sums.refine::<GROUP>(&shape.workers, versions, center, &workers, params));
            if shape.workers.len() > 1 {
                let uncertainty = sums.uncertainty::<GROUP>(center.len());
                errors.add::<GROUP>(&shape.workers, versions, center, uncertainty, &workers, params);
            }
        }
        workers.estimate(errors, params);
        if movement <= params.tolerance {
            stop = StopReason::Converged;
            break;
        }
    }
    for ((center, shape), ranges) in centers.iter_mut().zip(shapes).zip(&offsets.ranges) {
        let moved = &offsets.centers[ranges.center.clone()];
        center.iter_mut().zip(moved).for_each(|(center, offset)| *center += offset * shape.size);
    }
    Fit { centers, looseness: workers.variances.into_iter().map(f64::sqrt).collect(), n_iterations, stop }
}

/// All coordinates by how far they lie from where the center of their shape began, relative to the shape's size.
struct Offsets {
    versions: Vec<f64>,
    centers: Vec<f64>,
    ranges: Vec<Ranges>,
}

/// Where [`Offsets`] holds one shape.
struct Ranges {
    versions: Range<usize>,
    center: Range<usize>,
}

impl Offsets {
    fn of(shapes: &[Versions], origins: &[Vec<f64>]) -> Self {
        let mut versions = Vec::with_capacity(shapes.iter().map(|shape| shape.coordinates.len()).sum());
        let mut ranges = Vec::with_capacity(shapes.len());
        let mut n_before = 0;
        for (shape, origin) in shapes.iter().zip(origins) {
            let start = versions.len();
            for version in shape.coordinates.chunks_exact(origin.len().max(1)) {
                versions.extend(version.iter().zip(origin).map(|(x, origin)| (x - origin) / shape.size));
            }
            ranges.push(Ranges { versions: start..versions.len(), center: n_before..n_before + origin.len() });
            n_before += origin.len();
        }
        Self { versions, centers: vec![0.0; n_before], ranges }
    }
}

/// What is believed of the workers.
struct Workers {
    variances: Vec<f64>,
    /// How many coordinates have a bias: those of a shape, or none.
    n_biased: usize,
    /// Per worker and coordinate the error that comes back in every shape, relative to its size; zeros at the end, for
    /// coordinates without.
    biases: Vec<f64>,
}

impl Workers {
    fn assumed(n_workers: usize, n_coordinates: usize, params: &Params) -> Self {
        let n_biased = if params.bias_strength.is_some() { n_coordinates } else { 0 };
        Self {
            variances: vec![params.looseness * params.looseness; n_workers],
            n_biased,
            biases: vec![0.0; n_biased * n_workers + n_coordinates],
        }
    }

    fn biases_of(&self, worker: usize, n_coordinates: usize) -> &[f64] {
        let start = worker * self.n_biased;
        let start = if self.n_biased > 0 { start } else { self.biases.len() - n_coordinates };
        &self.biases[start..start + n_coordinates]
    }

    /// Each worker's biases, shrunken toward none, and variance, shrunken toward the crowd's.
    fn estimate(&mut self, errors: Errors, params: &Params) {
        let n_biased = self.n_biased.max(1);
        let of_workers = self.biases.chunks_exact_mut(n_biased).zip(errors.sums.chunks_exact(n_biased));
        for ((biases, sums), weight) in of_workers.zip(&errors.weights) {
            biases.iter_mut().zip(sums).for_each(|(bias, sum)| *bias = sum / weight);
        }
        let crowd = crowd_variance(&self.variances, &errors.counts, params);
        for ((variance, squares), count) in self.variances.iter_mut().zip(errors.squares).zip(errors.counts) {
            let shrunken = (squares + params.worker_strength * crowd) / (count + params.worker_strength);
            *variance = shrunken.max(MIN_LOOSENESS * MIN_LOOSENESS);
        }
    }
}

/// The crowd's variance: the geometric mean of the workers', each counting by what is known of it, and of the assumed one.
/// An arithmetic mean would follow the loosest worker, whose errors then pass for ordinary, and so on without end.
fn crowd_variance(variances: &[f64], counts: &[f64], params: &Params) -> f64 {
    let (mut sum, mut weight) = (params.crowd_strength * 2.0 * params.looseness.ln(), params.crowd_strength);
    for (variance, count) in variances.iter().zip(counts) {
        let evidence = count * params.worker_strength / (count + params.worker_strength);
        sum += evidence * variance.ln();
        weight += evidence;
    }
    (sum / weight).exp()
}

/// Weighted sums over the versions of one shape, per coordinate.
struct Sums {
    weights: Vec<f64>,
    weighted: Vec<f64>,
}

impl Sums {
    fn zeros(n_coordinates: usize) -> Self {
        Self { weights: vec![0.0; n_coordinates], weighted: vec![0.0; n_coordinates] }
    }

    /// Moves the center of a shape to the weighted mean of its versions, and tells how far it moved.
    fn refine<const GROUP: usize>(
        &mut self,
        of_versions: &[usize],
        versions: &[f64],
        center: &mut [f64],
        workers: &Workers,
        params: &Params,
    ) -> f64 {
        let n = center.len();
        let (weights, weighted) = (&mut self.weights[..n], &mut self.weighted[..n]);
        weights.fill(0.0);
        weighted.fill(0.0);
        for (worker, version) in of_versions.iter().zip(versions.chunks_exact(n.max(1))) {
            let spread = params.freedom * workers.variances[*worker];
            let biases = workers.biases_of(*worker, n);
            let groups = version.chunks_exact(GROUP).zip(biases.chunks_exact(GROUP)).zip(center.chunks_exact(GROUP));
            let sums = weights.chunks_exact_mut(GROUP).zip(weighted.chunks_exact_mut(GROUP));
            for (((version, biases), center), (weights, weighted)) in groups.zip(sums) {
                let squared = squared_error::<GROUP>(version, biases, center);
                let weight = (params.freedom + GROUP as f64) / (spread + squared);
                for axis in 0..GROUP {
                    weights[axis] += weight;
                    weighted[axis] += weight * (version[axis] - biases[axis]);
                }
            }
        }
        let mut movement = 0.0_f64;
        for ((center, weight), weighted) in center.iter_mut().zip(weights).zip(weighted) {
            let mean = *weighted / *weight;
            movement = movement.max((mean - *center).abs());
            *center = mean;
        }
        movement
    }

    /// The variances of the refined center's groups, added up.
    fn uncertainty<const GROUP: usize>(&self, n_coordinates: usize) -> f64 {
        self.weights[..n_coordinates].iter().step_by(GROUP).map(|weight| GROUP as f64 / weight).sum()
    }
}

/// How far a version lies from the center when its worker's bias is taken out.
fn squared_error<const GROUP: usize>(version: &[f64], biases: &[f64], center: &[f64]) -> f64 {
    (0..GROUP).map(|axis| (version[axis] - biases[axis] - center[axis]).powi(2)).sum()
}

/// The errors of the workers, over all shapes that have several versions.
struct Errors {
    /// Per worker the squares, far ones counting less, and the uncertainty of the centers.
    squares: Vec<f64>,
    /// Per worker the number of groups of coordinates.
    counts: Vec<f64>,
    /// Per worker and coordinate the errors, those of far versions counting less.
    sums: Vec<f64>,
    /// Per worker what those versions count, after what speaks for no bias.
    weights: Vec<f64>,
}

impl Errors {
    fn none(workers: &Workers, params: &Params) -> Self {
        let n_workers = workers.variances.len();
        Self {
            squares: vec![0.0; n_workers],
            counts: vec![0.0; n_workers],
            sums: vec![0.0; workers.n_biased * n_workers],
            weights: vec![params.bias_strength.unwrap_or_default(); n_workers],
        }
    }

    fn add<const GROUP: usize>(
        &mut self,
        of_versions: &[usize],
        versions: &[f64],
        center: &[f64],
        uncertainty: f64,
        workers: &Workers,
        params: &Params,
    ) {
        let n = center.len();
        for (worker, version) in of_versions.iter().zip(versions.chunks_exact(n.max(1))) {
            let variance = workers.variances[*worker];
            let biases = workers.biases_of(*worker, n);
            let (mut unexplained, mut squares) = (0.0, 0.0);
            let groups = version.chunks_exact(GROUP).zip(biases.chunks_exact(GROUP)).zip(center.chunks_exact(GROUP));
            for ((version, biases), center) in groups {
                let squared = squared_error::<GROUP>(version, biases, center);
                unexplained += squared;
                squares += squared / (params.freedom * variance + squared);
            }
            squares *= (params.freedom + GROUP as f64) * variance;
            self.squares[*worker] += (squares + uncertainty) / GROUP as f64;
            self.counts[*worker] += (n / GROUP) as f64;
            if workers.n_biased > 0 {
                let weight = params.freedom / (params.freedom + unexplained / n as f64 / variance);
                self.weights[*worker] += weight;
                let sums = &mut self.sums[worker * n..(worker + 1) * n];
                sums.iter_mut().zip(version.iter().zip(center)).for_each(|(sum, (x, c))| *sum += weight * (x - c));
            }
        }
    }
}

/// The median of each coordinate; of an even number of versions the mean of the two middle ones.
pub fn coordinate_median(shape: &Versions) -> Vec<f64> {
    let n_versions = shape.workers.len();
    let n_coordinates = shape.coordinates.len().checked_div(n_versions).unwrap_or_default();
    let mut column = Vec::with_capacity(n_versions);
    (0..n_coordinates)
        .map(|idx| {
            column.clear();
            column.extend(shape.coordinates[idx..].iter().step_by(n_coordinates));
            median(&mut column)
        })
        .collect()
}

/// The middle value, or the mean of the two middle ones; 0 of nothing. Sorts `values`.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    match (values.len() / 2, values.len() % 2) {
        (0, 0) => 0.0,
        (upper, 0) => (values[upper - 1] + values[upper]) / 2.0,
        (middle, _) => values[middle],
    }
}

/// The point with the least sum of distances to all versions, per group of `group` coordinates: Weiszfeld's algorithm
/// (1937) from the coordinate median, with the distance bounded below so that a version can be the answer.
pub fn geometric_median(shape: &Versions, group: usize) -> Vec<f64> {
    let mut center = coordinate_median(shape);
    let n_coordinates = center.len();
    let nearest = shape.size * 1e-9;
    for start in (0..n_coordinates).step_by(group.max(1)) {
        let group = start..(start + group.max(1)).min(n_coordinates);
        let mut mean = vec![0.0; group.len()];
        for _ in 0..WEISZFELD_ROUNDS {
            mean.fill(0.0);
            let mut total = 0.0;
            for version in shape.coordinates.chunks(n_coordinates) {
                let (version, center) = (&version[group.clone()], &center[group.clone()]);
                let distance = version.iter().zip(center).map(|(x, c)| (x - c) * (x - c)).sum::<f64>().sqrt();
                let weight = 1.0 / distance.max(nearest);
                total += weight;
                mean.iter_mut().zip(version).for_each(|(mean, x)| *mean += weight * x);
            }
            for (center, mean) in center[group.clone()].iter_mut().zip(&mean) {
                *center = mean / total;
            }
        }
    }
    center
}

/// Enough for a pixel's hundredth, whatever the points.
const WEISZFELD_ROUNDS: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    const PARAMS: Params = Params {
        group: 1,
        freedom: 8.0,
        worker_strength: 10.0,
        crowd_strength: 10.0,
        looseness: 0.1,
        bias_strength: Some(5.0),
        max_iterations: 100,
        tolerance: 1e-6,
    };

    fn numbers(values: &[f64]) -> Versions {
        Versions { workers: (0..values.len()).collect(), coordinates: values.to_vec(), size: 1.0 }
    }

    #[test]
    fn a_far_version_counts_little() {
        let center = |values: &[f64]| fit(&[numbers(values)], values.len(), &PARAMS).centers[0][0];
        assert!((center(&[3.0]) - 3.0).abs() < 1e-12);
        assert!((center(&[3.0, 5.0]) - 4.0).abs() < 1e-9);
        // The mean is 2.604.
        let robust = center(&[1.0, 1.02, 1.01, 0.99, 9.0]);
        assert!((robust - 1.005).abs() < 0.25, "{robust}");
    }

    /// A careful worker, a loose one, one who is always off by 0.5, on 200 numbers.
    #[test]
    fn careful_workers_count_more_and_biases_are_taken_out() {
        let mut dice = Dice::new(3);
        let mut squares = [0.0, 0.0];
        let truths: Vec<f64> = (0..200).map(|_| dice.unit() * 100.0).collect();
        let shapes: Vec<Versions> = truths
            .iter()
            .map(|truth| {
                let errors = [0.05, 0.05, 0.05, 1.0, 0.05].map(|looseness| dice.noise() * looseness);
                let versions: Vec<f64> = errors.iter().map(|error| truth + error).collect();
                numbers(&[versions[0], versions[1], versions[2], versions[3], versions[4] + 0.5])
            })
            .collect();
        let fit = fit(&shapes, 5, &PARAMS);
        for ((shape, center), truth) in shapes.iter().zip(&fit.centers).zip(&truths) {
            squares[0] += (center[0] - truth).powi(2);
            squares[1] += (shape.coordinates.iter().sum::<f64>() / 5.0 - truth).powi(2);
        }
        assert!(squares[0] < 0.5 * squares[1], "{squares:?}");
        assert!(fit.looseness[3] > 4.0 * fit.looseness[4], "{:?}", fit.looseness);
    }

    #[test]
    fn coordinates_of_a_group_stand_or_fall_together() {
        let point = |points: &[(f64, f64)]| Versions {
            workers: (0..points.len()).collect(),
            coordinates: points.iter().flat_map(|(x, y)| [*x, *y]).collect(),
            size: 1.0,
        };
        let shape = point(&[(0.0, 0.0), (0.02, 0.0), (0.0, 0.02), (0.5, 5.0)]);
        let center = |group| fit(std::slice::from_ref(&shape), 4, &Params { group, ..PARAMS }).centers[0][0];
        assert!(center(2) < 0.5 * center(1), "{} {}", center(2), center(1));
    }

    #[test]
    fn medians_are_those_of_the_textbook() {
        let versions = |coordinates: &[f64]| Versions {
            workers: (0..coordinates.len() / 2).collect(),
            coordinates: coordinates.to_vec(),
            size: 1.0,
        };
        assert_eq!(coordinate_median(&versions(&[0.0, 3.0, 1.0, 9.0, 5.0, 4.0])), [1.0, 4.0]);
        assert_eq!(coordinate_median(&versions(&[0.0, 3.0, 1.0, 9.0])), [0.5, 6.0]);
        assert_eq!(coordinate_median(&versions(&[])), Vec::<f64>::new());
        // The Fermat point of a triangle without a wide angle sees every side under 120 degrees.
        let fermat = geometric_median(&versions(&[0.0, 0.0, 4.0, 0.0, 2.0, 3.0]), 2);
        assert!((fermat[0] - 2.0).abs() < 1e-6 && (fermat[1] - 2.0 / 3.0_f64.sqrt()).abs() < 1e-6, "{fermat:?}");
    }
}
