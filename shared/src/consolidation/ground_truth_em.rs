//! The variant of Dawid-Skene that AWS published as an example of Ground Truth's own consolidation of classifications, for
//! comparison ("Use the wisdom of crowds with Amazon SageMaker Ground Truth to annotate data more accurately", AWS machine
//! learning blog, 2019). Model and rounds are Dawid-Skene's; the parameters are AWS's:
//!
//! - It starts from confusion matrices with 0.7 on the diagonal and the rest spread evenly, and from equal class priors.
//! - To the expected counts of worker j, who gave nⱼ answers, it adds in every row nⱼ times the row of a matrix with the
//!   worker's own estimated accuracy on the diagonal, and nⱼ / 2 times that of one with the mean accuracy of all workers.
//! - At most 20 rounds.
//!
//! Different from the example: it stops early when no posterior moves, rather than when the likelihood hardly does. Left
//! out: the store in which the service keeps workers between batches. The service itself may do otherwise than the example.
//! Cost: as [`dawid_skene`](super::dawid_skene). Ties fall to the first category. Confidence: the posterior, 1 for a
//! lone worker and next to 1 for two against one.

use super::confusion::{Cells, Counts, States, round};
use super::numerics::{ln_on_grid, on_grid};
use super::posteriors::{Fit, Posteriors, Stopping};
use super::votes::Votes;

const FIRST_ACCURACY: f64 = 0.7;

const STOPPING: Stopping = Stopping { tolerance: 1e-8, max_iterations: 20 };

/// Fits with AWS's parameters; there is nothing to choose.
pub fn fit(votes: &Votes) -> Fit {
    fit_until(votes, STOPPING)
}

pub(super) fn fit_until(votes: &Votes, stopping: Stopping) -> Fit {
    let sizes = votes.sizes();
    let n = sizes.n_categories;
    let states = States { n_categories: n, subtypes: 1 };
    let cells = Cells::of(votes);
    let n_votes = votes.n_votes_of_workers();
    let mut posteriors = vec![on_grid(1.0 / n as f64); sizes.n_objects * n];
    let mut counts = Counts::of(votes, &cells, states, &posteriors);
    let mut accuracy = vec![FIRST_ACCURACY; sizes.n_workers];
    let mut log_of_cells = vec![0.0; cells.len() * n];
    for (answered, logs) in cells.answered.iter().zip(log_of_cells.chunks_exact_mut(n)) {
        for (category, log) in logs.iter_mut().enumerate() {
            *log = ln_on_grid(even_error(FIRST_ACCURACY, n, category == *answered as usize));
        }
    }
    let mut log_prior = vec![ln_on_grid(1.0 / n as f64); n];
    let (n_iterations, stop) = stopping.repeat(sizes.n_objects, || {
        let change = round(votes, &cells, states, &log_of_cells, &log_prior, &mut posteriors, &mut counts);
        for (log, count) in log_prior.iter_mut().zip(&counts.of_states) {
            *log = ln_on_grid(count / sizes.n_objects.max(1) as f64);
        }
        for worker in 0..sizes.n_workers {
            let right = |cell: usize| counts.of_cells[cell * n + cells.answered[cell] as usize];
            let right: f64 = cells.of_worker(worker).map(right).sum();
            accuracy[worker] = on_grid(right / n_votes[worker].max(1) as f64);
        }
        let n_active = n_votes.iter().filter(|n_votes| **n_votes > 0).count();
        let of_crowd = accuracy.iter().sum::<f64>() / n_active.max(1) as f64;
        for worker in 0..sizes.n_workers {
            let weight = n_votes[worker] as f64;
            for category in 0..n {
                let answered_in: f64 = cells.of_worker(worker).map(|cell| counts.of_cells[cell * n + category]).sum();
                for cell in cells.of_worker(worker) {
                    let is_right = cells.answered[cell] as usize == category;
                    let own = weight * even_error(accuracy[worker], n, is_right);
                    let shared = 0.5 * weight * even_error(of_crowd, n, is_right);
                    let expected = counts.of_cells[cell * n + category] + own + shared;
                    log_of_cells[cell * n + category] = ln_on_grid(expected / (answered_in + 1.5 * weight));
                }
            }
        }
        change
    });
    Fit { posteriors: Posteriors::from_flat(n, posteriors), skill: accuracy, n_iterations, stop }
}

/// The entry of a confusion matrix whose errors are spread evenly.
fn even_error(accuracy: f64, n_categories: usize, is_right: bool) -> f64 {
    if is_right { accuracy } else { (1.0 - accuracy) / (n_categories.max(2) - 1) as f64 }
}
