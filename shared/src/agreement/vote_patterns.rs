//! How many objects got which votes: all that agreement needs of answers on a scale, whoever gave them.
//!
//! Three workers and four categories make twenty patterns, however many objects there are; so statistics, and a thousand
//! bootstrap replicates of them, cost little. Where nearly every object has a pattern of its own (numbers), memory is
//! still linear in the answers. Gathering takes time linear in the answers plus a sort of the objects by their votes.

use super::by_object::ByObject;
use super::{ColumnsError, check_column, check_length};
use crate::consolidation::votes;

/// How many objects got which votes. Objects without answers are left out. A worker who answered an object twice counts
/// twice: keep one answer of each.
#[derive(Debug, Clone, PartialEq)]
pub struct VotePatterns {
    /// Where the votes of each pattern start, and at last where all end.
    starts: Vec<usize>,
    /// Category and number of answers, ascending by category within a pattern.
    votes: Vec<(u32, u32)>,
    /// How many objects have each pattern.
    n_objects_with: Vec<u32>,
    /// The pattern of each object, ascending: objects are told apart by their votes alone.
    pattern_of: Vec<u32>,
    /// What each category stands for on an interval or ratio scale, ascending.
    values: Vec<f64>,
}

impl VotePatterns {
    /// Patterns of categories. On an ordinal scale their indices are their order, on an interval or ratio scale their
    /// values: 0, 1, 2 and so on.
    ///
    /// # Errors
    /// [`ColumnsError`] when the columns differ in length or hold an index at or above `n_objects` or `n_categories`.
    pub fn of_categories(
        object_of: &[u32],
        category_of: &[u32],
        n_objects: usize,
        n_categories: usize,
    ) -> Result<Self, ColumnsError> {
        check_column("category", category_of, n_categories, object_of.len())?;
        let values = (0..n_categories).map(|category| category as f64).collect();
        Self::gather(object_of, n_objects, |row| category_of[row], values)
    }

    /// Patterns of numbers: each distinct number is a category of its own.
    ///
    /// # Errors
    /// [`ColumnsError`] when the columns differ in length, an index is at or above `n_objects`, or a number is NaN or
    /// infinite.
    pub fn of_numbers(object_of: &[u32], numbers: &[f64], n_objects: usize) -> Result<Self, ColumnsError> {
        check_length("number", numbers.len(), object_of.len())?;
        if let Some(row) = numbers.iter().position(|number| !number.is_finite()) {
            return Err(ColumnsError::NotFinite { row });
        }
        // Adding 0 turns the negative zero into the other one.
        let mut ascending: Vec<(f64, usize)> = numbers.iter().map(|number| number + 0.0).zip(0..).collect();
        ascending.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let (mut values, mut category_of) = (Vec::new(), vec![0; numbers.len()]);
        for equal in ascending.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
            for (_, row) in equal {
                category_of[*row] = values.len() as u32;
            }
            values.push(equal[0].0);
        }
        Self::gather(object_of, n_objects, |row| category_of[row], values)
    }

    /// Patterns of votes that are gathered already, such as those of a [`ChoiceTable`](crate::choice_table::ChoiceTable),
    /// whose ids can be texts. Scales as for [categories](Self::of_categories).
    ///
    /// ```
    /// use ground_truth::ChoiceTable;
    /// use ground_truth::agreement::krippendorff_alpha::{Scale, alpha};
    /// use ground_truth::agreement::vote_patterns::VotePatterns;
    ///
    /// let photos = ["photo-1", "photo-1", "photo-2", "photo-2", "photo-3", "photo-3"];
    /// let workers = ["ana", "bo", "ana", "bo", "ana", "bo"];
    /// let animals = ["otter", "otter", "heron", "heron", "heron", "otter"];
    ///
    /// let table = ChoiceTable::from_columns(&photos, &workers, &animals, &[])?;
    /// let agreement = alpha(VotePatterns::of_votes(table.votes()).all(), Scale::Nominal)?;
    /// assert!((agreement - 4.0 / 9.0).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_votes(votes: &votes::Votes) -> Self {
        let mut categories: Vec<u32> = votes.all().iter().map(|vote| vote.category).collect();
        let mut objects: Vec<&[u32]> = Vec::with_capacity(votes.sizes().n_objects);
        let mut rest = categories.as_mut_slice();
        for of_object in votes.by_object().filter(|of_object| !of_object.is_empty()) {
            let (own, others) = rest.split_at_mut(of_object.len());
            own.sort_unstable();
            objects.push(own);
            rest = others;
        }
        Self::of_objects(objects, (0..votes.sizes().n_categories).map(|category| category as f64).collect())
    }

    fn gather(
        object_of: &[u32],
        n_objects: usize,
        category: impl Fn(usize) -> u32,
        values: Vec<f64>,
    ) -> Result<Self, ColumnsError> {
        let answers = ByObject::gather(object_of, n_objects, category)?;
        Ok(Self::of_objects(answers.iter().filter(|categories| !categories.is_empty()).collect(), values))
    }

    /// Patterns of objects by their answers' categories, which ascend.
    fn of_objects(mut objects: Vec<&[u32]>, values: Vec<f64>) -> Self {
        objects.sort_unstable();
        let mut patterns =
            Self { starts: vec![0], votes: Vec::new(), n_objects_with: Vec::new(), pattern_of: Vec::new(), values };
        for same_votes in objects.chunk_by(|a, b| a == b) {
            let pattern = patterns.n_objects_with.len() as u32;
            let votes = same_votes[0].chunk_by(|a, b| a == b);
            patterns.votes.extend(votes.map(|answers| (answers[0], answers.len() as u32)));
            patterns.starts.push(patterns.votes.len());
            patterns.n_objects_with.push(same_votes.len() as u32);
            patterns.pattern_of.extend(same_votes.iter().map(|_| pattern));
        }
        patterns
    }

    /// The sample that holds every object once: the data themselves.
    pub fn all(&self) -> Sample<'_> {
        Sample { patterns: self, times: &self.n_objects_with }
    }

    /// Number of different patterns; objects with equal votes share one.
    pub fn n_patterns(&self) -> usize {
        self.n_objects_with.len()
    }

    /// The pattern of each object, ascending.
    pub(super) fn pattern_of(&self) -> &[u32] {
        &self.pattern_of
    }

    /// Each pattern as often as `times` says.
    pub(super) fn drawn<'a>(&'a self, times: &'a [u32]) -> Sample<'a> {
        Sample { patterns: self, times }
    }
}

/// Objects with their votes: all of them, or those that a bootstrap drew.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    patterns: &'a VotePatterns,
    /// How often each pattern occurs.
    times: &'a [u32],
}

/// The votes of some objects.
#[derive(Debug, Clone, Copy)]
pub(super) struct Votes<'a> {
    /// How many objects have them.
    pub(super) times: u64,
    /// How many answers each of these objects has, at least 1.
    pub(super) n_answers: u64,
    /// Category and number of answers, ascending by category.
    pub(super) by_category: &'a [(u32, u32)],
}

impl Votes<'_> {
    /// How many ordered pairs of answers to one of the objects differ.
    pub(super) fn n_unequal_pairs(&self) -> u64 {
        self.by_category.iter().map(|(_, n)| u64::from(*n) * (self.n_answers - u64::from(*n))).sum()
    }
}

impl<'a> Sample<'a> {
    /// The patterns that occur, in their own order.
    pub(super) fn votes(self) -> impl Iterator<Item = Votes<'a>> {
        let Self { patterns, times } = self;
        times.iter().zip(patterns.starts.windows(2)).filter(|(times, _)| **times > 0).map(|(times, ends)| {
            let by_category = &patterns.votes[ends[0]..ends[1]];
            let n_answers = by_category.iter().map(|(_, n)| u64::from(*n)).sum();
            Votes { times: u64::from(*times), n_answers, by_category }
        })
    }

    /// The patterns of objects with at least two answers.
    pub(super) fn pairable(self) -> impl Iterator<Item = Votes<'a>> {
        self.votes().filter(|votes| votes.n_answers > 1)
    }

    /// What each category stands for, ascending.
    pub(super) fn values(self) -> &'a [f64] {
        &self.patterns.values
    }
}
