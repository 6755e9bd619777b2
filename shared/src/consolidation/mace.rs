//! MACE: each worker either knows the answer or spams, and a spammer has favorite categories (Hovy, Berg-Kirkpatrick,
//! Vaswani and Hovy, "Learning whom to trust with MACE", NAACL 2013).
//!
//! P(answer a | true category c) = θⱼ·[a = c] + (1 - θⱼ)·ξⱼ(a): θⱼ is the worker's competence, ξⱼ the spamming strategy; the
//! categories are equally probable. Fitted by variational Bayes with the paper's priors: Beta(0.5, 0.5) on competence,
//! Dirichlet(10) on the strategy.
//!
//! Different from the paper: one start, from equal competence and even strategies, instead of the best of many random
//! ones, so that there is one result.
//! Cost: a round takes time proportional to votes + objects · categories. Ties fall to the first category.
//! Confidence: the posterior; a worker's competence is their skill.

use super::confusion::Cells;
use super::numerics::{digamma, distance, ln_on_grid, normalize_logs};
use super::posteriors::{Fit, Posteriors, Stopping, fix_gold};
use super::votes::Votes;

/// Parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// Pseudo-answers that are known, and as many that are spammed.
    pub competence_prior: f64,
    /// Pseudo-answers per category of a spammer.
    pub strategy_prior: f64,
    /// When to stop.
    pub stopping: Stopping,
}

impl Params {
    /// As in the paper.
    pub const STANDARD: Self = Self {
        competence_prior: 0.5,
        strategy_prior: 10.0,
        stopping: Stopping { tolerance: 1e-6, max_iterations: 50 },
    };
}

/// Fits the model.
pub fn mace(votes: &Votes, params: &Params) -> Fit {
    let sizes = votes.sizes();
    let n = sizes.n_categories;
    let cells = Cells::of(votes);
    let n_votes = votes.n_votes_of_workers();
    let mut posteriors = Posteriors::shares(votes, |_| 1.0);
    let mut before = vec![0.0; n];
    // Per worker, and per cell the strategy's probability of that answer.
    let mut competence = vec![0.5; sizes.n_workers];
    let mut strategy = vec![1.0 / n as f64; cells.len()];
    let (iterations, stop) = params.stopping.repeat(sizes.n_objects, || {
        let knows = |worker: usize, cell: usize| {
            let spams = (1.0 - competence[worker]) * strategy[cell];
            competence[worker] / (competence[worker] + spams).max(1e-12)
        };
        let knowing: Vec<f64> = (0..sizes.n_workers)
            .flat_map(|worker| cells.of_worker(worker).map(move |cell| (worker, cell)))
            .map(|(w, c)| knows(w, c))
            .collect();
        // ln((θ + (1 - θ)·ξ) / ((1 - θ)·ξ)) is -ln of the probability that a fitting answer was spammed.
        let weights: Vec<f64> = knowing.iter().map(|knowing| -ln_on_grid(1.0 - knowing)).collect();
        let mut fitting = vec![0.0; cells.len()];
        let mut answered = vec![0.0; cells.len()];
        let mut change = 0.0;
        let mut next = cells.of_votes().iter();
        for ((object, of_object), row) in votes.by_object().enumerate().zip(posteriors.rows_mut()) {
            let of_object_cells = &next.as_slice()[..of_object.len()];
            next = next.as_slice()[of_object.len()..].iter();
            before.copy_from_slice(row);
            if !fix_gold(votes, object, row) {
                row.fill(0.0);
                for (vote, cell) in of_object.iter().zip(of_object_cells) {
                    row[vote.category as usize] += weights[*cell as usize];
                }
                normalize_logs(row);
            }
            change += distance(row, &before);
            for (vote, cell) in of_object.iter().zip(of_object_cells) {
                fitting[*cell as usize] += row[vote.category as usize];
                answered[*cell as usize] += 1.0;
            }
        }
        for worker in 0..sizes.n_workers {
            let of_worker = cells.of_worker(worker);
            let known: f64 = of_worker.clone().map(|cell| fitting[cell] * knowing[cell]).sum();
            let all = n_votes[worker] as f64;
            let whole = digamma(all - known + params.strategy_prior * n as f64);
            for cell in of_worker {
                let spammed = answered[cell] - fitting[cell] * knowing[cell];
                strategy[cell] = (digamma(spammed + params.strategy_prior) - whole).exp();
            }
            // Mean-field gives both an exponential of a digamma; their ratio is the competence.
            let competent = digamma(known + params.competence_prior).exp();
            let incompetent = digamma(all - known + params.competence_prior).exp();
            competence[worker] = competent / (competent + incompetent).max(1e-12);
        }
        change
    });
    Fit { posteriors, skill: competence, iterations, stop }
}
