//! Single-choice answers as columns of numbers: what every categorical method reads. Eight bytes per answer, and four
//! more for those methods that walk by worker; made for one object with three answers as for tens of millions.

/// How many objects, workers and categories there are. Those without a vote count too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// How many objects: their indices are below this.
    pub n_objects: usize,
    /// How many workers: their indices are below this.
    pub n_workers: usize,
    /// Categories, at least one.
    pub n_categories: usize,
}

/// One worker's vote on some object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vote {
    /// Index of the worker.
    pub worker: u32,
    /// Index of the category.
    pub category: u32,
}

/// Votes, at most one per worker and object, and the categories that are known beforehand.
///
/// ```
/// use ground_truth::consolidation::votes::{Sizes, Vote, Votes};
///
/// let sizes = Sizes { n_objects: 2, n_workers: 2, n_categories: 3 };
/// let votes = Votes::new(sizes, &[1, 0, 1], &[0, 0, 1], &[2, 0, 2])?;
/// assert_eq!(votes.of_object(0), [Vote { worker: 0, category: 0 }]);
/// assert_eq!(votes.of_object(1).len(), 2);
/// # Ok::<(), ground_truth::consolidation::votes::VotesError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Votes {
    sizes: Sizes,
    /// The votes of object `o` are `votes[starts[o]..starts[o + 1]]`, in the order of workers.
    starts: Vec<usize>,
    votes: Vec<Vote>,
    /// Per object, or empty when nothing is known.
    gold: Vec<Option<u32>>,
}

/// Why columns are not votes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VotesError {
    /// There is nothing to choose from.
    #[error("there must be at least one category")]
    NoCategory,
    /// The columns do not belong together.
    #[error("the columns have different lengths: {objects} objects, {workers} workers, {categories} categories")]
    UnequalColumns {
        /// Length of the column of objects.
        objects: usize,
        /// Length of the column of workers.
        workers: usize,
        /// Length of the column of categories.
        categories: usize,
    },
    /// More rows than indices can count.
    #[error("{rows} votes are more than 4294967295")]
    TooMany {
        /// Number of rows.
        rows: usize,
    },
    /// A row points outside the sizes.
    #[error("row {row}: {what} {index} is not below {size}")]
    OutOfRange {
        /// The row, counted from 0.
        row: usize,
        /// `object`, `worker` or `category`.
        what: &'static str,
        /// The index in that row.
        index: u32,
        /// The stated number of objects, workers or categories.
        size: usize,
    },
    /// A worker voted twice on one object.
    #[error("worker {worker} voted more than once on object {object}; keep one of the votes")]
    VotedTwice {
        /// Index of the object.
        object: usize,
        /// Index of the worker.
        worker: u32,
    },
}

impl Votes {
    /// Builds votes from rows in any order: row `i` says that worker `workers[i]` chose `categories[i]` for `objects[i]`.
    ///
    /// # Errors
    /// [`VotesError`], for the first row that is wrong.
    pub fn new(sizes: Sizes, objects: &[u32], workers: &[u32], categories: &[u32]) -> Result<Self, VotesError> {
        let rows = objects.len();
        if sizes.n_categories == 0 {
            return Err(VotesError::NoCategory);
        }
        if rows != workers.len() || rows != categories.len() {
            let (workers, categories) = (workers.len(), categories.len());
            return Err(VotesError::UnequalColumns { objects: rows, workers, categories });
        }
        if u32::try_from(rows).is_err() {
            return Err(VotesError::TooMany { rows });
        }
        check_range("object", objects, sizes.n_objects)?;
        check_range("worker", workers, sizes.n_workers)?;
        check_range("category", categories, sizes.n_categories)?;
        let starts = starts(sizes.n_objects, objects.iter().copied());
        let mut votes = vec![Vote { worker: 0, category: 0 }; rows];
        let mut next = starts.clone();
        for ((object, worker), category) in objects.iter().zip(workers).zip(categories) {
            let slot = &mut next[*object as usize];
            votes[*slot] = Vote { worker: *worker, category: *category };
            *slot += 1;
        }
        for object in 0..sizes.n_objects {
            let of_object = &mut votes[starts[object]..starts[object + 1]];
            of_object.sort_unstable();
            if let Some(twice) = of_object.windows(2).find(|pair| pair[0].worker == pair[1].worker) {
                return Err(VotesError::VotedTwice { object, worker: twice[0].worker });
            }
        }
        Ok(Self { sizes, starts, votes, gold: Vec::new() })
    }

    /// Adds known categories, as pairs of object and category; the last one given for an object holds. Methods take them
    /// for the truth and judge workers by them.
    ///
    /// # Errors
    /// [`VotesError::OutOfRange`], where the row is the index of the pair.
    pub fn with_gold(mut self, gold: &[(u32, u32)]) -> Result<Self, VotesError> {
        let (objects, categories): (Vec<u32>, Vec<u32>) = gold.iter().copied().unzip();
        check_range("object", &objects, self.sizes.n_objects)?;
        check_range("category", &categories, self.sizes.n_categories)?;
        self.gold.resize(self.sizes.n_objects, None);
        for (object, category) in gold {
            self.gold[*object as usize] = Some(*category);
        }
        Ok(self)
    }

    /// How many objects, workers and categories there are.
    pub fn sizes(&self) -> Sizes {
        self.sizes
    }

    /// How many votes there are.
    pub fn len(&self) -> usize {
        self.votes.len()
    }

    /// Whether nobody voted.
    pub fn is_empty(&self) -> bool {
        self.votes.is_empty()
    }

    /// The votes on one object, in the order of workers.
    #[inline]
    pub fn of_object(&self, object: usize) -> &[Vote] {
        &self.votes[self.starts[object]..self.starts[object + 1]]
    }

    /// The index in [`Votes::all`] of the first vote on this object.
    pub(super) fn start_of(&self, object: usize) -> usize {
        self.starts[object]
    }

    /// Every object's votes, in the order of objects.
    pub fn by_object(&self) -> impl ExactSizeIterator<Item = &[Vote]> + Clone {
        self.starts.windows(2).map(|bounds| &self.votes[bounds[0]..bounds[1]])
    }

    /// The indices of each worker's votes, for methods that walk by worker.
    pub fn by_worker(&self) -> ByWorker {
        let starts = starts(self.sizes.n_workers, self.votes.iter().map(|vote| vote.worker));
        let mut next = starts.clone();
        let mut indices = vec![0_u32; self.votes.len()];
        for (idx, vote) in (0_u32..).zip(&self.votes) {
            let slot = &mut next[vote.worker as usize];
            indices[*slot] = idx;
            *slot += 1;
        }
        ByWorker { starts, indices }
    }

    /// All votes, object by object: what [`ByWorker`]'s indices point into.
    pub fn all(&self) -> &[Vote] {
        &self.votes
    }

    /// The known category of an object.
    #[inline]
    pub fn gold(&self, object: usize) -> Option<usize> {
        self.gold.get(object).copied().flatten().map(|category| category as usize)
    }

    /// How many votes each worker gave.
    pub fn n_votes_of_workers(&self) -> Vec<usize> {
        let mut n_votes = vec![0; self.sizes.n_workers];
        for vote in &self.votes {
            n_votes[vote.worker as usize] += 1;
        }
        n_votes
    }
}

/// The votes of each worker, as indices into [`Votes::all`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByWorker {
    starts: Vec<usize>,
    indices: Vec<u32>,
}

impl ByWorker {
    /// The indices of one worker's votes, ascending.
    pub fn indices(&self, worker: usize) -> &[u32] {
        &self.indices[self.starts[worker]..self.starts[worker + 1]]
    }
}

/// What is known about workers before the votes at hand, as from earlier batches of the job: of how many answers
/// (`asked`) how many were right. Both may be fractions, for answers that are only probably right. Workers that nothing is
/// known about have 0 of 0.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerPrior {
    right: Vec<f64>,
    asked: Vec<f64>,
}

/// A number of right answers that cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("worker {worker}: {right} right of {asked} asked is impossible; give 0 <= right <= asked <= 1000000")]
pub struct WorkerPriorError {
    worker: usize,
    right: f64,
    asked: f64,
}

impl WorkerPrior {
    /// Nothing is known about any of `n_workers`.
    pub fn none(n_workers: usize) -> Self {
        Self { right: vec![0.0; n_workers], asked: vec![0.0; n_workers] }
    }

    /// Per worker how many answers were right, and of how many.
    ///
    /// # Errors
    /// [`WorkerPriorError`] for the first worker with fewer than 0 or more than all answers right, or more than a million.
    pub fn new(counts: impl IntoIterator<Item = (f64, f64)>) -> Result<Self, WorkerPriorError> {
        let (mut right_of_workers, mut asked_of_workers) = (Vec::new(), Vec::new());
        for (worker, (right, asked)) in counts.into_iter().enumerate() {
            if !(0.0..=1e6).contains(&asked) || !(0.0..=asked).contains(&right) {
                return Err(WorkerPriorError { worker, right, asked });
            }
            right_of_workers.push(super::numerics::on_grid(right));
            asked_of_workers.push(super::numerics::on_grid(asked));
        }
        Ok(Self { right: right_of_workers, asked: asked_of_workers })
    }

    /// Right answers and all answers of a worker; 0 of 0 for a worker beyond those given.
    pub fn of_worker(&self, worker: usize) -> (f64, f64) {
        let of = |counts: &[f64]| counts.get(worker).copied().unwrap_or(0.0);
        (of(&self.right), of(&self.asked))
    }
}

fn check_range(what: &'static str, indices: &[u32], size: usize) -> Result<(), VotesError> {
    match indices.iter().position(|index| *index as usize >= size) {
        Some(row) => Err(VotesError::OutOfRange { row, what, index: indices[row], size }),
        None => Ok(()),
    }
}

/// Where the runs of a counting sort begin: `n + 1` indices.
fn starts(n: usize, keys: impl Iterator<Item = u32>) -> Vec<usize> {
    let mut starts = vec![0; n + 1];
    for key in keys {
        starts[key as usize + 1] += 1;
    }
    for idx in 0..n {
        starts[idx + 1] += starts[idx];
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes { n_objects: 3, n_workers: 2, n_categories: 2 };

    #[test]
    fn rows_come_in_any_order() {
        let votes = Votes::new(SIZES, &[2, 0, 2], &[1, 0, 0], &[1, 0, 0]).expect("votes");
        let reordered = Votes::new(SIZES, &[2, 2, 0], &[0, 1, 0], &[0, 1, 0]).expect("votes");
        assert_eq!(votes, reordered);
        assert_eq!(votes.by_object().map(<[Vote]>::len).collect::<Vec<_>>(), [1, 0, 2]);
        assert_eq!(votes.n_votes_of_workers(), [2, 1]);
        let by_worker = votes.by_worker();
        assert_eq!([by_worker.indices(0), by_worker.indices(1)], [&[0, 1][..], &[2]]);
    }

    #[test]
    fn every_misfit_is_named() {
        let check = |sizes, objects: &[u32], workers: &[u32], categories: &[u32], expected: &str| {
            let error = Votes::new(sizes, objects, workers, categories).expect_err("a misfit");
            assert_eq!(error.to_string(), expected);
        };
        check(Sizes { n_categories: 0, ..SIZES }, &[], &[], &[], "there must be at least one category");
        check(SIZES, &[0], &[], &[0], "the columns have different lengths: 1 objects, 0 workers, 1 categories");
        check(SIZES, &[0, 3], &[0, 0], &[0, 0], "row 1: object 3 is not below 3");
        check(SIZES, &[0], &[2], &[0], "row 0: worker 2 is not below 2");
        check(SIZES, &[0], &[0], &[9], "row 0: category 9 is not below 2");
        let twice = "worker 1 voted more than once on object 2; keep one of the votes";
        check(SIZES, &[2, 2], &[1, 1], &[0, 1], twice);
        let votes = Votes::new(SIZES, &[], &[], &[]).expect("no votes");
        let error = votes.with_gold(&[(0, 1), (1, 2)]).expect_err("a misfit");
        assert_eq!(error.to_string(), "row 1: category 2 is not below 2");
    }

    #[test]
    fn gold_is_kept_per_object() {
        let votes = Votes::new(SIZES, &[], &[], &[]).expect("no votes").with_gold(&[(1, 1)]).expect("gold");
        assert_eq!([votes.gold(0), votes.gold(1)], [None, Some(1)]);
    }

    #[test]
    fn what_is_known_of_workers_must_be_possible() {
        for impossible in [(2.0, 1.0), (-1.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            assert!(WorkerPrior::new([impossible]).is_err(), "{impossible:?}");
        }
        let prior = WorkerPrior::new([(3.0, 4.0)]).expect("possible");
        assert_eq!(format!("{:?} {:?}", prior.of_worker(0), prior.of_worker(7)), "(3.0, 4.0) (0.0, 0.0)");
    }
}
