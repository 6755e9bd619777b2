//! Single choices by the million: three columns in, columns out; in between, eight bytes per answer and the ids.
//!
//! [`classification`](crate::annotation_kinds::classification) takes an answer at a time and explains every label; this takes
//! columns of any ids and gives label, confidence and skill by index. Both fit the same models. Whoever numbers objects,
//! workers and categories from 0 without gaps can do without the table, and build [`Votes`] directly.

use std::collections::HashMap;
use std::hash::Hash;

use crate::annotation_kinds::categorical::Method;
use crate::consolidation::posteriors::best_of;
use crate::consolidation::votes::{Sizes, Vote, Votes, VotesError, WorkerPrior};

/// Choices of workers among categories, with ids of any type: text, numbers, anything that can be compared and hashed.
///
/// ```
/// use ground_truth::ChoiceTable;
/// use ground_truth::annotation_kinds::categorical::Method;
///
/// let objects = ["photo-1", "photo-1", "photo-1", "photo-2", "photo-2"];
/// let workers = ["ana", "bo", "cy", "ana", "cy"];
/// let categories = ["otter", "otter", "heron", "heron", "heron"];
///
/// let table = ChoiceTable::from_columns(&objects, &workers, &categories, &["otter", "heron"])?;
/// let result = table.consolidate(Method::Auto);
/// let labels: Vec<&str> = result.labels.iter().map(|label| table.categories()[*label as usize]).collect();
/// assert_eq!((table.objects(), labels), (&["photo-1", "photo-2"][..], vec!["otter", "heron"]));
/// assert!(result.confidences[0] > 0.5 && result.skill[0] > result.skill[2]);
/// # Ok::<(), ground_truth::choice_table::ChoiceTableError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ChoiceTable<O, W, C> {
    objects: Vec<O>,
    workers: Vec<W>,
    categories: Vec<C>,
    votes: Votes,
}

/// Columns that do not make a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChoiceTableError {
    /// The columns do not belong together, or are too long.
    #[error(transparent)]
    Columns(VotesError),
    /// A worker has two answers to one object.
    #[error(
        "row {row}: the worker of this row has answered the same object in row {earlier} already; keep one of them"
    )]
    AnsweredTwice {
        /// The second row, from 0.
        row: usize,
        /// The first row, from 0.
        earlier: usize,
    },
}

/// What a method makes of a table, by index.
#[derive(Debug, Clone, PartialEq)]
pub struct ChoiceResult {
    /// Per object the index of its label in [`ChoiceTable::categories`].
    pub labels: Vec<u32>,
    /// Per object the estimated probability that the label is right; where votes were counted, the label's share of them.
    pub confidences: Vec<f64>,
    /// Per worker, in [0, 1]: how often the method expects the worker's answer to be right; where votes were counted, the
    /// share of answers that are the object's label.
    pub skill: Vec<f64>,
    /// Which models [`Method::Auto`] used.
    pub model: Option<&'static str>,
}

impl<O: Eq + Hash + Clone, W: Ord + Hash + Clone, C: Ord + Hash + Clone> ChoiceTable<O, W, C> {
    /// Numbers the ids of three columns: row `i` says that worker `workers[i]` chose `categories[i]` for `objects[i]`. Rows may
    /// stand in any order.
    ///
    /// Objects are numbered as they first appear, workers by their ids. Categories that are `declared` come first, also
    /// those that nobody chose; others follow by their ids. Ties fall to the first.
    ///
    /// # Errors
    /// [`ChoiceTableError`] when the columns are not equally long, longer than indices can count, or hold two answers of one
    /// worker to one object.
    pub fn from_columns(
        objects: &[O],
        workers: &[W],
        categories: &[C],
        declared: &[C],
    ) -> Result<Self, ChoiceTableError> {
        let mut numbered_objects = Numbers::default();
        let object_column = numbered_objects.column(objects);
        let mut numbered_workers = Numbers::default();
        let worker_column = numbered_workers.column(workers);
        let (worker_ids, worker_column) = numbered_workers.sorted(worker_column, 0);
        let mut numbered_categories = Numbers::default();
        numbered_categories.column(declared);
        let n_declared = numbered_categories.ids.len();
        let category_column = numbered_categories.column(categories);
        let (category_ids, category_column) = numbered_categories.sorted(category_column, n_declared);
        let sizes = Sizes {
            n_objects: numbered_objects.ids.len(),
            n_workers: worker_ids.len(),
            // Where only one category is known, there is at least one more that nobody has chosen so far.
            n_categories: category_ids.len().max(2),
        };
        let votes =
            Votes::new(sizes, &object_column, &worker_column, &category_column).map_err(|error| match error {
                VotesError::VotedTwice { object, worker } => {
                    let ids = object_column.iter().zip(&worker_column);
                    let is_pair =
                        |(row, vote): (usize, (&u32, &u32))| (vote == (&(object as u32), &worker)).then_some(row);
                    let mut rows = ids.enumerate().filter_map(is_pair);
                    let (earlier, row) = (rows.next().unwrap_or_default(), rows.next().unwrap_or_default());
                    ChoiceTableError::AnsweredTwice { row, earlier }
                }
                error => ChoiceTableError::Columns(error),
            })?;
        Ok(Self { objects: numbered_objects.ids, workers: worker_ids, categories: category_ids, votes })
    }
}

impl<O, W, C> ChoiceTable<O, W, C> {
    /// The objects' ids by index.
    pub fn objects(&self) -> &[O] {
        &self.objects
    }

    /// The workers' ids by index.
    pub fn workers(&self) -> &[W] {
        &self.workers
    }

    /// The categories' ids by index.
    pub fn categories(&self) -> &[C] {
        &self.categories
    }

    /// The answers by index, for methods that are called with parameters of their own, and for
    /// [agreement](crate::agreement::vote_patterns::VotePatterns::of_votes).
    pub fn votes(&self) -> &Votes {
        &self.votes
    }

    /// Decides about every object. Memory beside the table: eight bytes per object and category (not for
    /// [`Method::MajorityVote`], which counts), or a few times that in methods of several models.
    pub fn consolidate(&self, method: Method) -> ChoiceResult {
        match method.fit(&self.votes, &WorkerPrior::none(self.workers.len())) {
            Some((fit, model)) => {
                let best = |row: &[f64]| (best_of(row) as u32, row[best_of(row)]);
                let (labels, confidences) = fit.posteriors.rows().map(best).unzip();
                ChoiceResult { labels, confidences, skill: fit.skill, model: model.map(|model| model.name) }
            }
            None => self.count(method),
        }
    }

    fn count(&self, method: Method) -> ChoiceResult {
        let (labels, confidences): (Vec<u32>, Vec<f64>) = self.votes.by_object().map(most_voted).unzip();
        let mut counts = vec![(0_u32, 0_u32); self.workers.len()];
        for (of_object, label) in self.votes.by_object().zip(&labels) {
            for vote in of_object {
                let (right, asked) = &mut counts[vote.worker as usize];
                *right += u32::from(vote.category == *label);
                *asked += 1;
            }
        }
        let skill = counts.into_iter().map(|(right, asked)| f64::from(right) / f64::from(asked.max(1))).collect();
        ChoiceResult { labels, confidences, skill, model: method.model_when_counted().map(|model| model.name) }
    }
}

/// The category with the most votes, of equals the first, and its share.
fn most_voted(votes: &[Vote]) -> (u32, f64) {
    let mut named: Vec<u32> = votes.iter().map(|vote| vote.category).collect();
    named.sort_unstable();
    let most = named.chunk_by(|a, b| a == b).rev().max_by_key(|run| run.len());
    most.map_or((0, 0.0), |run| (run[0], run.len() as f64 / votes.len() as f64))
}

/// Ids in the order in which they first appear.
struct Numbers<T> {
    ids: Vec<T>,
    number_of: HashMap<T, u32>,
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self { ids: Vec::new(), number_of: HashMap::new() }
    }
}

impl<T: Eq + Hash + Clone> Numbers<T> {
    fn column(&mut self, ids: &[T]) -> Vec<u32> {
        let number = |id: &T| match self.number_of.get(id) {
            Some(number) => *number,
            None => {
                // Votes refuse more rows than this can count.
                let number = self.ids.len() as u32;
                self.ids.push(id.clone());
                self.number_of.insert(id.clone(), number);
                number
            }
        };
        ids.iter().map(number).collect()
    }
}

impl<T: Ord> Numbers<T> {
    /// The ids in their order, beyond the first `n_fixed`, and a column renumbered to match.
    fn sorted(self, mut column: Vec<u32>, n_fixed: usize) -> (Vec<T>, Vec<u32>) {
        let mut ids: Vec<(T, usize)> = self.ids.into_iter().zip(0..).collect();
        ids[n_fixed..].sort_unstable();
        let mut sorted_idx = vec![0_u32; ids.len()];
        ids.iter().zip(0..).for_each(|((_, number), sorted)| sorted_idx[*number] = sorted);
        column.iter_mut().for_each(|number| *number = sorted_idx[*number as usize]);
        (ids.into_iter().map(|(id, _)| id).collect(), column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation_kinds::classification::{self, Params};
    use crate::dice::Dice;
    use crate::typed::Answers;
    use crate::vocabulary::LabelCategory;

    #[test]
    fn rows_come_in_any_order_and_ids_of_any_type() {
        let table =
            ChoiceTable::from_columns(&[7_u32, 900, 7], &["bo", "ana", "ana"], &['b', 'a', 'a'], &[]).expect("a table");
        assert_eq!(
            (table.objects(), table.workers(), table.categories()),
            (&[7, 900][..], &["ana", "bo"][..], &['a', 'b'][..])
        );
        let result = table.consolidate(Method::MajorityVote);
        assert_eq!((result.labels, result.confidences, result.skill), (vec![0, 0], vec![0.5, 1.0], vec![1.0, 0.0]));
    }

    #[test]
    fn declared_categories_come_first() {
        let table = ChoiceTable::from_columns(&[1, 1], &[1, 2], &["a", "z"], &["z", "y"]).expect("a table");
        assert_eq!((table.categories(), table.consolidate(Method::Auto).labels), (&["z", "y", "a"][..], vec![0]));
    }

    #[test]
    fn misfits_are_named_by_their_rows() {
        let check = |objects: &[u8], workers: &[u8], expected: &str| {
            let error = ChoiceTable::from_columns(objects, workers, &["a", "b", "a"], &[]).expect_err("a misfit");
            assert_eq!(error.to_string(), expected);
        };
        check(
            &[5, 6, 5],
            &[1, 1, 1],
            "row 2: the worker of this row has answered the same object in row 0 already; keep one of them",
        );
        check(&[5], &[1], "the columns have different lengths: 1 objects, 1 workers, 3 categories");
        let nothing = ChoiceTable::<u8, u8, u8>::from_columns(&[], &[], &[], &[]).expect("an empty table");
        assert!(nothing.consolidate(Method::Auto).labels.is_empty());
    }

    /// The table, and an answer at a time, are two ways to one result.
    #[test]
    fn a_table_decides_as_the_kind_does() {
        let mut dice = Dice::new(7);
        let mut rows = Vec::new();
        for object in 0..60 {
            for worker in 0..5 {
                let right = ["ant", "bee", "cat"][object % 3];
                let category = if dice.chance(0.15 * f64::from(worker)) { "dog" } else { right };
                rows.push((format!("o{object}"), format!("w{worker}"), category));
            }
        }
        let column = |of: fn(&(String, String, &'static str)) -> String| rows.iter().map(of).collect::<Vec<_>>();
        let (objects, workers) = (column(|row| row.0.clone()), column(|row| row.1.clone()));
        let table =
            ChoiceTable::from_columns(&objects, &workers, &column(|row| row.2.to_owned()), &[]).expect("a table");
        let answers = Answers::from_rows(rows);
        for method in [Method::Auto, Method::MajorityVote, Method::DawidSkene] {
            let result = table.consolidate(method);
            let consensus = classification::consolidate(&answers, &Params { method, ..Params::STANDARD });
            let label = |idx: &u32| LabelCategory::new(table.categories()[*idx as usize].clone());
            assert!(result.labels.iter().map(label).eq(consensus.iter().filter_map(|one| one.label.label.clone())));
            let of_kind: Vec<f64> = consensus.iter().filter_map(|one| Some(one.confidence?.value())).collect();
            assert_eq!((result.confidences, result.skill.len()), (of_kind, 5), "{method:?}");
        }
    }
}
