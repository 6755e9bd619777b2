//! The plain vote over columns of answers, for millions of them: only counts are kept, one per object and category, and
//! nothing is gathered or sorted.
//!
//! The promises are those of [`Votes`]: indices lie within their sizes, and a worker counts once per object, so that a
//! second vote is an error and never a louder voice. In rows that list each worker's objects in ascending order, as all
//! rows do that are sorted by object, by worker and object, or by time where everybody works through one queue, a second
//! vote shows in passing. Rows in any other order are gathered once to look for one, which takes about ten times longer.
//!
//! Left out: known answers, which no count can learn from.
//! Cost: rows + objects · categories; four bytes per object and category, four per worker. Ties fall to the first category.
//! Confidence: a share of the workers and no probability; see [`Majority::share`].

use super::votes::{Sizes, Votes, VotesError};

/// How many workers chose which category, per object.
///
/// ```
/// use ground_truth::consolidation::vote_counts::VoteCounts;
/// use ground_truth::consolidation::votes::Sizes;
///
/// let sizes = Sizes { n_objects: 3, n_workers: 3, n_categories: 2 };
/// let counts = VoteCounts::new(sizes, &[0, 0, 0, 1, 1], &[0, 1, 2, 0, 1], &[1, 0, 1, 1, 0])?;
/// assert_eq!(counts.of_object(0), [1, 2]);
/// let labels: Vec<_> = counts.majorities().collect();
/// let first = labels[0].expect("three voted");
/// assert_eq!((first.category, first.votes, first.workers, first.is_tied), (1, 2, 3, false));
/// assert!(labels[1].expect("two voted").is_tied);
/// assert_eq!(labels[2], None);
/// # Ok::<(), ground_truth::consolidation::votes::VotesError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteCounts {
    n_categories: usize,
    flat: Vec<u32>,
}

/// The category that most workers chose for an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Majority {
    /// Index of the category; the first of equals.
    pub category: u32,
    /// How many workers chose it, at least 1.
    pub votes: u32,
    /// How many workers chose any.
    pub workers: u32,
    /// Whether another category has as many votes.
    pub is_tied: bool,
}

impl Majority {
    /// The category's share of the workers, in (0, 1]: 1 for a lone worker, and 1 / K where K workers choose K categories.
    pub fn share(&self) -> f64 {
        f64::from(self.votes) / f64::from(self.workers)
    }
}

impl VoteCounts {
    /// Counts rows in any order: row `i` says that worker `workers[i]` chose `categories[i]` for `objects[i]`.
    ///
    /// # Errors
    /// As [`Votes::new`].
    pub fn new(sizes: Sizes, objects: &[u32], workers: &[u32], categories: &[u32]) -> Result<Self, VotesError> {
        match count_in_passing(sizes, objects, workers, categories) {
            Some(flat) => Ok(Self { n_categories: sizes.n_categories, flat }),
            None => Ok(Self::of(&Votes::new(sizes, objects, workers, categories)?)),
        }
    }

    /// Counts votes that are gathered already.
    pub fn of(votes: &Votes) -> Self {
        let Sizes { n_objects, n_categories, .. } = votes.sizes();
        let mut flat = vec![0; n_objects * n_categories];
        for (of_object, counts) in votes.by_object().zip(flat.chunks_exact_mut(n_categories)) {
            for vote in of_object {
                counts[vote.category as usize] += 1;
            }
        }
        Self { n_categories, flat }
    }

    /// The votes for each category of one object.
    pub fn of_object(&self, object: usize) -> &[u32] {
        &self.flat[object * self.n_categories..][..self.n_categories]
    }

    /// Every object's votes, in the order of objects.
    pub fn by_object(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.flat.chunks_exact(self.n_categories)
    }

    /// What most workers chose, per object; `None` where nobody voted.
    pub fn majorities(&self) -> impl ExactSizeIterator<Item = Option<Majority>> {
        self.by_object().map(majority)
    }
}

fn majority(counts: &[u32]) -> Option<Majority> {
    let (mut category, mut votes, mut workers, mut is_tied) = (0, 0, 0, false);
    for (idx, count) in (0..).zip(counts) {
        workers += count;
        is_tied = if *count > votes { false } else { is_tied || *count == votes };
        category = if *count > votes { idx } else { category };
        votes = votes.max(*count);
    }
    (workers > 0).then_some(Majority { category, votes, workers, is_tied })
}

/// Counts rows in which each worker's objects ascend strictly and that are right otherwise, too; `None` for all others.
fn count_in_passing(sizes: Sizes, objects: &[u32], workers: &[u32], categories: &[u32]) -> Option<Vec<u32>> {
    let Sizes { n_objects, n_workers, n_categories } = sizes;
    let rows = objects.len();
    let fit = |n: usize| u32::try_from(n).is_ok();
    // So no count, no index and no object's successor overflows.
    if ![rows, n_objects, n_categories].into_iter().all(fit) || rows != workers.len() || rows != categories.len() {
        return None;
    }
    if n_categories == 0 {
        return None;
    }
    let mut counts = vec![0; n_objects.checked_mul(n_categories)?];
    // Per worker the first object that they have not passed yet.
    let mut next_object = vec![0; n_workers];
    for ((object, worker), category) in objects.iter().zip(workers).zip(categories) {
        let next = next_object.get_mut(*worker as usize)?;
        let count: &mut u32 = counts.get_mut(*object as usize * n_categories + *category as usize)?;
        if object < next || *category as usize >= n_categories {
            return None;
        }
        *next = object + 1;
        *count += 1;
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    /// Rows as text: `0a1` says that worker a chose category 1 for object 0. Three objects, workers and categories.
    fn count(rows: &str) -> Result<VoteCounts, VotesError> {
        let column = |idx: usize, zero: u8| -> Vec<u32> {
            rows.split_whitespace().map(|row| u32::from(row.as_bytes()[idx] - zero)).collect()
        };
        let sizes = Sizes { n_objects: 3, n_workers: 3, n_categories: 3 };
        VoteCounts::new(sizes, &column(0, b'0'), &column(1, b'a'), &column(2, b'0'))
    }

    #[test]
    fn most_votes_win_and_the_first_of_equals() {
        let check = |rows: &str, expected: &str| {
            let label = |majority: Option<Majority>| match majority {
                Some(found) if found.is_tied => format!("{}={:.2}, tied", found.category, found.share()),
                Some(found) => format!("{}={:.2}", found.category, found.share()),
                None => "nobody".to_owned(),
            };
            let labels: Vec<String> = count(rows).expect("votes").majorities().map(label).collect();
            assert_eq!(labels.join(" | "), expected, "{rows}");
        };
        check("", "nobody | nobody | nobody");
        check("0a2", "2=1.00 | nobody | nobody");
        check("0a2 0b2 0c1 2a0", "2=0.67 | nobody | 0=1.00");
        check("0a2 0b1 1a0 1b1 1c2", "1=0.50, tied | 0=0.33, tied | nobody");
    }

    #[test]
    fn the_order_of_rows_changes_nothing() {
        let by_object = count("0a2 0b1 0c2 1a0 1c0 2b1").expect("votes");
        for rows in ["0a2 1a0 0b1 2b1 0c2 1c0", "2b1 1c0 1a0 0c2 0b1 0a2", "0c2 1a0 0a2 2b1 0b1 1c0"] {
            assert_eq!(count(rows), Ok(by_object.clone()), "{rows}");
        }
    }

    #[test]
    fn misfits_are_named_as_those_of_votes() {
        let check = |rows: &str, expected: &str| {
            assert_eq!(count(rows).expect_err("a misfit").to_string(), expected, "{rows}");
        };
        let twice = "worker 1 voted more than once on object 2; keep one of the votes";
        check("2b1 2b0", twice);
        check("2b1 0b1 2b1", twice);
        check("1a0 2b1 0b1 0a0 2b1", twice);
        check("0a0 3a0", "row 1: object 3 is not below 3");
        check("0a0 0d0", "row 1: worker 3 is not below 3");
        check("0a0 0b3", "row 1: category 3 is not below 3");
        // The index of this one lies within the counts.
        check("1a7", "row 0: category 7 is not below 3");
        let nothing = VoteCounts::new(Sizes { n_objects: 0, n_workers: 0, n_categories: 0 }, &[], &[], &[]);
        assert_eq!(nothing, Err(VotesError::NoCategory));
        let sizes = Sizes { n_objects: 1, n_workers: 1, n_categories: 1 };
        assert!(matches!(VoteCounts::new(sizes, &[0], &[0], &[]), Err(VotesError::UnequalColumns { .. })));
    }

    /// Both ways, on rows of a crowd in order and shuffled.
    #[test]
    fn counting_in_passing_equals_counting_what_was_gathered() {
        let mut dice = Dice::new(5);
        let sizes = Sizes { n_objects: 50, n_workers: 7, n_categories: 4 };
        let mut rows: Vec<[u32; 3]> = Vec::new();
        for object in 0..50 {
            rows.extend((0..7).filter(|_| dice.chance(0.6)).map(|worker| [object, worker, 0]));
        }
        rows.iter_mut().for_each(|row| row[2] = dice.below(4) as u32);
        let columns =
            |rows: &[[u32; 3]]| [0, 1, 2].map(|column| rows.iter().map(|row| row[column]).collect::<Vec<u32>>());
        let [objects, workers, categories] = columns(&rows);
        assert!(count_in_passing(sizes, &objects, &workers, &categories).is_some());
        let counted = VoteCounts::new(sizes, &objects, &workers, &categories);
        assert_eq!(counted, Votes::new(sizes, &objects, &workers, &categories).map(|votes| VoteCounts::of(&votes)));
        for last in (1..rows.len()).rev() {
            rows.swap(last, dice.below(last + 1));
        }
        let [objects, workers, categories] = columns(&rows);
        assert!(count_in_passing(sizes, &objects, &workers, &categories).is_none());
        assert_eq!(VoteCounts::new(sizes, &objects, &workers, &categories), counted);
    }
}
