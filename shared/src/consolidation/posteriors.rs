//! What every categorical method returns: per object a probability for each category, and per worker a skill.

use std::ops::Range;

use super::StopReason;
use super::numerics::{GRID_STEP, on_grid};
use super::votes::Votes;
use crate::parallel;

/// Per object a probability for each category, row after row.
#[derive(Debug, Clone, PartialEq)]
pub struct Posteriors {
    n_categories: usize,
    flat: Vec<f64>,
}

impl Posteriors {
    /// Rows of `n_categories` (at least 1) probabilities each.
    pub(super) fn from_flat(n_categories: usize, flat: Vec<f64>) -> Self {
        Self { n_categories, flat }
    }

    /// Each category's share of an object's votes: the plain vote. Equal shares where nobody voted, and all of it for a
    /// known category.
    pub fn vote_shares(votes: &Votes) -> Self {
        Self::shares(votes, |_| 1.0)
    }

    /// Each category's share of an object's votes, where a vote counts as much as `weight` says; equal shares for an
    /// object without votes (or without any weight). A known category has all of its object's share.
    pub(super) fn shares(votes: &Votes, weight: impl Fn(u32) -> f64) -> Self {
        let n_categories = votes.sizes().n_categories;
        let mut flat = vec![0.0; votes.sizes().n_objects * n_categories];
        for ((object, of_object), row) in votes.by_object().enumerate().zip(flat.chunks_exact_mut(n_categories)) {
            if fix_gold(votes, object, row) {
                continue;
            }
            let mut sum = 0.0;
            for vote in of_object {
                let weight = on_grid(weight(vote.worker));
                row[vote.category as usize] += weight;
                sum += weight;
            }
            if sum < GRID_STEP {
                row.fill(on_grid(1.0 / n_categories as f64));
            } else {
                row.iter_mut().for_each(|share| *share = on_grid(*share / sum));
            }
        }
        Self { n_categories, flat }
    }

    /// How many categories a row has.
    pub fn n_categories(&self) -> usize {
        self.n_categories
    }

    /// The probabilities of one object's categories.
    #[inline]
    pub fn row(&self, object: usize) -> &[f64] {
        &self.flat[object * self.n_categories..][..self.n_categories]
    }

    /// Every object's probabilities, in the order of objects.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.flat.chunks_exact(self.n_categories)
    }

    pub(super) fn rows_mut(&mut self) -> impl ExactSizeIterator<Item = &mut [f64]> {
        self.flat.chunks_exact_mut(self.n_categories)
    }

    pub(super) fn flat_mut(&mut self) -> &mut [f64] {
        &mut self.flat
    }

    /// All rows, one behind the other.
    pub fn as_flat(&self) -> &[f64] {
        &self.flat
    }

    /// The most probable category of one object; the first of equals.
    pub fn best(&self, object: usize) -> usize {
        best_of(self.row(object))
    }
}

/// The index of the largest probability; the first of those that the grid cannot tell apart.
pub fn best_of(row: &[f64]) -> usize {
    let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    row.iter().position(|probability| *probability > largest - 2.0 * GRID_STEP).unwrap_or(0)
}

/// Whether more than one probability is the largest, as far as the grid can tell.
pub fn is_tied(row: &[f64]) -> bool {
    row.iter().skip(best_of(row) + 1).any(|probability| *probability > row[best_of(row)] - 2.0 * GRID_STEP)
}

/// The objects in parts, one for each thread, with their rows of `n` numbers. A part has at least two thousand objects:
/// fewer are done before another thread has begun.
pub(super) fn parts(n_objects: usize, rows: &mut [f64], n: usize) -> Vec<(Range<usize>, &mut [f64])> {
    let objects_of_a_part = n_objects.div_ceil(parallel::n_parts(n_objects, 2_000)).max(1);
    let range = |part: usize| part * objects_of_a_part..((part + 1) * objects_of_a_part).min(n_objects);
    rows.chunks_mut(objects_of_a_part * n).enumerate().map(|(part, rows)| (range(part), rows)).collect()
}

/// Puts all probability on an object's known category; says whether there is one.
#[inline]
pub(super) fn fix_gold(votes: &Votes, object: usize, row: &mut [f64]) -> bool {
    let gold = votes.gold(object);
    if let Some(category) = gold {
        row.fill(0.0);
        row[category] = 1.0;
    }
    gold.is_some()
}

/// What a method made of the votes.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Per object a probability for each category.
    pub posteriors: Posteriors,
    /// Per worker, in [0, 1]: how often the method expects the worker's answer to be right, unless it says otherwise.
    pub skill: Vec<f64>,
    /// How many rounds were made.
    pub n_iterations: usize,
    /// Why no more were made.
    pub stop: StopReason,
}

/// When rounds end: at whichever bound comes first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stopping {
    /// They end when the probabilities of an object change by less than this in sum, on average over the objects.
    pub tolerance: f64,
    /// They end after this many rounds.
    pub max_iterations: usize,
}

impl Stopping {
    /// Repeats `round`, which returns the summed change of all objects' probabilities.
    pub(super) fn repeat(self, n_objects: usize, mut round: impl FnMut() -> f64) -> (usize, StopReason) {
        for iteration in 1..=self.max_iterations {
            if round() <= self.tolerance * n_objects as f64 {
                return (iteration, StopReason::Converged);
            }
        }
        (self.max_iterations, StopReason::MaxIterations)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::votes::Sizes;
    use super::*;

    /// Votes as text, one letter per worker and a blank between objects: `aab a-c` are two objects, three workers and
    /// three categories, where the second worker skipped the second object.
    pub(in super::super) fn votes(text: &str) -> Votes {
        let (mut objects, mut workers, mut categories) = (Vec::new(), Vec::new(), Vec::new());
        let mut sizes = Sizes { n_objects: 0, n_workers: 0, n_categories: 2 };
        for (object, answers) in (0..).zip(text.split_whitespace()) {
            sizes.n_objects += 1;
            for (worker, letter) in (0..).zip(answers.bytes()) {
                sizes.n_workers = sizes.n_workers.max(worker as usize + 1);
                if letter.is_ascii_lowercase() {
                    let category = u32::from(letter - b'a');
                    sizes.n_categories = sizes.n_categories.max(category as usize + 1);
                    objects.push(object);
                    workers.push(worker);
                    categories.push(category);
                }
            }
        }
        Votes::new(sizes, &objects, &workers, &categories).expect("votes")
    }

    /// The best categories as letters, and their probabilities in percent.
    pub(in super::super) fn labels(posteriors: &Posteriors) -> String {
        let label = |row: &[f64]| {
            let best = best_of(row);
            format!("{}{:.0}", char::from(b'a' + best as u8), 100.0 * row[best])
        };
        posteriors.rows().map(label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn shares_add_up_and_gold_has_them_all() {
        assert_eq!(labels(&Posteriors::shares(&votes("aab aac ---"), |_| 1.0)), "a67 a67 a33");
        assert_eq!(labels(&Posteriors::shares(&votes("aab --- bca"), f64::from)), "b67 a33 a67");
        let gold = votes("aab aab").with_gold(&[(1, 1)]).expect("gold");
        assert_eq!(labels(&Posteriors::shares(&gold, |_| 1.0)), "a67 b100");
    }

    #[test]
    fn the_first_of_equals_is_best() {
        assert_eq!(best_of(&[0.2, 0.4, 0.4]), 1);
        assert_eq!(best_of(&[]), 0);
    }
}
