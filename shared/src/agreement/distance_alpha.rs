//! Krippendorff's alpha for any distance between answers: sets of boxes, spans, masks, rankings, texts.
//!
//! As in [`super::krippendorff_alpha`], one minus observed over expected disagreement: observed from the pairs of answers
//! to the same object, all of them; expected from the pairs of all answers. Of the latter there are quadratically many,
//! so beyond a stated number a sample of that many pairs is drawn (from a seed, with replacement), whose error falls with
//! its root: with a million pairs it lies near 0.001 of the expected disagreement. The distance stands in the formula as
//! it is: the `δ²` of the literature, not its root.
//!
//! Distances between shapes of different objects are nearly always 1, and then alpha is hardly more than one minus the
//! mean distance within objects. It still tells an interface in which everybody draws the same default from agreement.
//!
//! Cost: one distance per pair of answers to the same object, and at most `max_pairs` others; memory likewise. Distances
//! are measured once; replicates of the bootstrap weigh them anew.

use super::bootstrap::{Bootstrap, Interval};
use super::by_object::ByObject;
use super::{ColumnsError, Undefined, check_column};
use crate::dice::Dice;

/// How many pairs of answers the expected disagreement may rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    /// Up to so many pairs all are measured, beyond that so many are drawn. A million is usual: all pairs of 1414 answers.
    pub max_pairs: usize,
    /// Seed of the draw; equal seeds draw equal pairs.
    pub seed: u64,
}

/// Distances between the answers to one object, and between answers to any objects.
#[derive(Debug, Clone, PartialEq)]
pub struct Distances {
    /// The objects with at least two answers.
    within: Vec<Within>,
    /// Pairs of answers to the same or different objects.
    pairs: Vec<Pair>,
    /// Of how many pairs each of `pairs` speaks; 1 when all were measured.
    pairs_per_pair: f64,
}

#[derive(Debug, Clone, PartialEq)]
struct Within {
    n_answers: u64,
    /// The distances of all ordered pairs, summed.
    distance: f64,
}

/// Two answers, by the indices of their objects in `within`.
#[derive(Debug, Clone, PartialEq)]
struct Pair {
    object_a: u32,
    object_b: u32,
    distance: f64,
}

impl Distances {
    /// Measures distances between rows of the columns. `distance(a, b)` is symmetric, finite, at least 0, and 0 for equal
    /// answers; it sees each pair in one order only. Rows are sorted by object and worker first, so their order changes
    /// nothing; numbering the objects differently changes a sample.
    ///
    /// # Errors
    /// [`ColumnsError`] when the columns differ in length, an index is at or above `n_objects` or `n_workers`, or a
    /// distance is negative or not finite.
    pub fn measure(
        object_of: &[u32],
        worker_of: &[u32],
        n_objects: usize,
        n_workers: usize,
        distance: impl Fn(usize, usize) -> f64,
        params: &Params,
    ) -> Result<Self, ColumnsError> {
        check_column("worker", worker_of, n_workers, object_of.len())?;
        let by_object = ByObject::gather(object_of, n_objects, |row| (worker_of[row], row))?;
        let checked = |row_a: usize, row_b: usize| match distance(row_a, row_b) {
            distance if distance.is_finite() && distance >= 0.0 => Ok(distance),
            _ => Err(ColumnsError::NoDistance { row_a, row_b }),
        };
        // The answers that have another one beside them: the index of their object, and their row.
        let (mut within, mut pairable) = (Vec::new(), Vec::new());
        for answers in by_object.iter().filter(|answers| answers.len() > 1) {
            let mut distance = 0.0;
            for (a, b) in each_pair(answers.len()) {
                distance += 2.0 * checked(answers[a].1, answers[b].1)?;
            }
            pairable.extend(answers.iter().map(|(_, row)| (within.len() as u32, *row)));
            within.push(Within { n_answers: answers.len() as u64, distance });
        }
        let measured = |(a, b): (usize, usize)| {
            let ((object_a, row_a), (object_b, row_b)) = (pairable[a], pairable[b]);
            checked(row_a, row_b).map(|distance| Pair { object_a, object_b, distance })
        };
        let n_pairs = pairable.len() as f64 * (pairable.len() as f64 - 1.0) / 2.0;
        let pairs: Result<Vec<Pair>, ColumnsError> = if n_pairs <= params.max_pairs as f64 {
            each_pair(pairable.len()).map(measured).collect()
        } else {
            drawn_pairs(pairable.len(), params).map(measured).collect()
        };
        let pairs = pairs?;
        let pairs_per_pair = n_pairs / pairs.len().max(1) as f64;
        Ok(Self { within, pairs, pairs_per_pair })
    }

    /// Krippendorff's alpha, at most 1.
    ///
    /// # Errors
    /// [`Undefined`] without a pair of answers, or when no two answers that were compared differ.
    #[doc(alias("Krippendorff"))]
    pub fn alpha(&self) -> Result<f64, Undefined> {
        self.alpha_of(&vec![1; self.within.len()])
    }

    /// The bootstrap interval of alpha over the objects with at least two answers; `None` when no replicate has an alpha.
    pub fn interval(&self, bootstrap: &Bootstrap) -> Option<Interval> {
        let objects: Vec<u32> = (0..self.within.len() as u32).collect();
        bootstrap.interval(&objects, objects.len(), |times| self.alpha_of(times))
    }

    /// Alpha of a sample that holds each object so many times.
    fn alpha_of(&self, times: &[u32]) -> Result<f64, Undefined> {
        let (mut n_answers, mut observed) = (0.0, 0.0);
        for (within, times) in self.within.iter().zip(times) {
            n_answers += f64::from(*times) * within.n_answers as f64;
            observed += f64::from(*times) * within.distance / (within.n_answers - 1) as f64;
        }
        if n_answers < 2.0 {
            return Err(Undefined::NoPairs);
        }
        // An object that was drawn twice brings four times its pairs; its answers have no distance to their own copies.
        let times_of = |object: u32| f64::from(times[object as usize]);
        let weighted = self.pairs.iter().map(|pair| times_of(pair.object_a) * times_of(pair.object_b) * pair.distance);
        let expected = 2.0 * weighted.sum::<f64>() * self.pairs_per_pair;
        if expected > 0.0 { Ok(1.0 - (n_answers - 1.0) * observed / expected) } else { Err(Undefined::NoVariation) }
    }
}

/// Every two indices below `n`, once.
fn each_pair(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |a| (a + 1..n).map(move |b| (a, b)))
}

/// Two different indices below `n`, drawn so often as the parameters say.
fn drawn_pairs(n: usize, params: &Params) -> impl Iterator<Item = (usize, usize)> {
    let mut dice = Dice::named(params.seed, "pairs of answers");
    (0..params.max_pairs).map(move |_| {
        let (a, b) = (dice.below(n), dice.below(n - 1));
        // The second skips the first, so that every pair is equally likely.
        let b = if b < a { b } else { b + 1 };
        (a.min(b), a.max(b))
    })
}
