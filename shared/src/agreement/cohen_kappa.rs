//! Cohen's kappa of every two workers who answered the same objects.
//!
//! `kappa = (p_o − p_e) / (1 − p_e)`: `p_o` is the share of common objects on which the two agree, `p_e` what two workers
//! with the same shares of categories would agree on by chance; shares are each worker's own, over the common objects.
//! Source: Cohen, "A coefficient of agreement for nominal scales", 1960.
//!
//! Cost: the number of pairs of answers to the same object, times the logarithm of one worker's; memory linear in the
//! answers and in the pairs of workers.

use std::cmp::Ordering;

use super::by_object::ByObject;
use super::{ColumnsError, Undefined, check_column, check_length};

/// Two workers and how they agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorkerPair {
    /// The index of one worker.
    pub worker_a: u32,
    /// The index of the other, above that of the first.
    pub worker_b: u32,
    /// How many objects both answered, at least 1.
    pub n_common: u64,
    /// On how many of them they agree.
    pub n_equal: u64,
    /// Of all pairs of an answer of one and an answer of the other to common objects, how many are equal.
    n_equal_by_chance: u64,
}

impl WorkerPair {
    /// The share of common objects on which the two agree, in [0, 1].
    pub fn agreement(&self) -> f64 {
        self.n_equal as f64 / self.n_common as f64
    }

    /// Cohen's kappa, at most 1.
    ///
    /// # Errors
    /// [`Undefined::NoVariation`] when both gave the same one category throughout.
    #[doc(alias("Cohen"))]
    pub fn kappa(&self) -> Result<f64, Undefined> {
        let n_unequal = self.n_common - self.n_equal;
        let n_unequal_by_chance = self.n_common * self.n_common - self.n_equal_by_chance;
        if n_unequal_by_chance == 0 {
            return Err(Undefined::NoVariation);
        }
        Ok(1.0 - (n_unequal * self.n_common) as f64 / n_unequal_by_chance as f64)
    }
}

/// Every two workers with a common object, in ascending order. A worker who answered an object twice counts twice there,
/// and is not compared with himself.
///
/// # Errors
/// [`ColumnsError`] when the columns differ in length, or an index is at or above `n_objects` or `n_workers`.
pub fn worker_pairs(
    object_of: &[u32],
    worker_of: &[u32],
    category_of: &[u32],
    n_objects: usize,
    n_workers: usize,
) -> Result<Vec<WorkerPair>, ColumnsError> {
    check_column("worker", worker_of, n_workers, object_of.len())?;
    check_length("category", category_of.len(), object_of.len())?;
    let by_object = ByObject::gather(object_of, n_objects, |row| (worker_of[row], category_of[row]))?;
    let by_worker = ByObject::gather(worker_of, n_workers, |row| (object_of[row], category_of[row]))?;
    let mut pairs = Vec::new();
    let mut joint: Vec<Joint> = Vec::new();
    for (worker_a, answers) in by_worker.iter().enumerate() {
        let worker_a = worker_a as u32;
        joint.clear();
        for (object, category_a) in answers {
            let others = by_object.rows_of(*object as usize);
            let later = others.partition_point(|(worker, _)| *worker <= worker_a);
            joint.extend(others[later..].iter().map(|(worker_b, category_b)| Joint {
                worker_b: *worker_b,
                category_a: *category_a,
                category_b: *category_b,
            }));
        }
        joint.sort_unstable();
        for common in joint.chunk_by(|x, y| x.worker_b == y.worker_b) {
            pairs.push(WorkerPair {
                worker_a,
                worker_b: common[0].worker_b,
                n_common: common.len() as u64,
                n_equal: common.iter().filter(|answers| answers.category_a == answers.category_b).count() as u64,
                n_equal_by_chance: n_equal_by_chance(common),
            });
        }
    }
    Ok(pairs)
}

/// What two workers answered to one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Joint {
    worker_b: u32,
    category_a: u32,
    category_b: u32,
}

/// The sum over categories of how often one gave it times how often the other did. `common` ascends by the first's.
fn n_equal_by_chance(common: &[Joint]) -> u64 {
    let mut of_b: Vec<u32> = common.iter().map(|answers| answers.category_b).collect();
    of_b.sort_unstable();
    let mut runs_a = common.chunk_by(|x, y| x.category_a == y.category_a).peekable();
    let mut runs_b = of_b.chunk_by(|x, y| x == y).peekable();
    let mut sum = 0;
    while let (Some(run_a), Some(run_b)) = (runs_a.peek(), runs_b.peek()) {
        match run_a[0].category_a.cmp(&run_b[0]) {
            Ordering::Less => drop(runs_a.next()),
            Ordering::Greater => drop(runs_b.next()),
            Ordering::Equal => {
                sum += (run_a.len() * run_b.len()) as u64;
                runs_a.next();
                runs_b.next();
            }
        }
    }
    sum
}
