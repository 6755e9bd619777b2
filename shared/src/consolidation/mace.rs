//! MACE: each worker either knows the answer or spams, and a spammer has favorite categories (Hovy, Berg-Kirkpatrick,
//! Vaswani and Hovy, "Learning whom to trust with MACE", NAACL 2013).
//!
//! P(answer a | true category c) = θⱼ·[a = c] + (1 - θⱼ)·ξⱼ(a): θⱼ is the worker's competence, ξⱼ the spamming strategy; the
//! categories are equally probable. Fitted by variational Bayes with the paper's priors: Beta(0.5, 0.5) on competence,
//! Dirichlet(10) on the strategy.
//!
//! Different from the paper: one start, from equal competence and even strategies, instead of the best of many random
//! ones, so that there is one result. From that start it has crowd-kit's numbers, round by round.
//! Cost: a round takes time proportional to votes + objects · categories. Ties fall to the first category.
//! Confidence: the posterior; a worker's competence is their skill.

use super::confusion::Cells;
use super::numerics::{digamma, distance, ln_on_grid, normalize_rows, rows_at_once};
use super::posteriors::{Fit, Posteriors, Stopping, fix_gold};
use super::votes::Votes;

/// The priors, and when the fit ends.
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
    /// The paper's priors and number of rounds.
    pub const STANDARD: Self = Self {
        competence_prior: 0.5,
        strategy_prior: 10.0,
        stopping: Stopping { tolerance: 1e-6, max_iterations: 50 },
    };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// Fits competences and strategies of spamming.
#[doc(alias("MACE"))]
pub fn fit(votes: &Votes, params: &Params) -> Fit {
    let sizes = votes.sizes();
    let cells = Cells::of(votes);
    let n_votes = votes.n_votes_of_workers();
    let answered = cells.n_votes();
    let mut posteriors = Posteriors::shares(votes, |_| 1.0);
    // Per worker, and per cell the strategy's probability of that answer.
    let mut competence = vec![0.5; sizes.n_workers];
    let mut strategy = vec![1.0 / sizes.n_categories as f64; cells.len()];
    // Per cell how probably a fitting answer was known, what it weighs, and how many of them are expected to fit.
    let mut knowing = vec![0.0; cells.len()];
    let mut weights = vec![0.0; cells.len()];
    let mut fitting = vec![0.0; cells.len()];
    let terms = terms(votes, &cells);
    let (n_iterations, stop) = params.stopping.repeat(sizes.n_objects, || {
        for (worker, competence) in competence.iter().enumerate() {
            for cell in cells.of_worker(worker) {
                let spams = (1.0 - competence) * strategy[cell];
                knowing[cell] = competence / (competence + spams).max(1e-12);
                // ln((θ + (1 - θ)·ξ) / ((1 - θ)·ξ)) is -ln of the probability that a fitting answer was spammed.
                weights[cell] = -ln_on_grid(1.0 - knowing[cell]);
            }
        }
        let change = e_step(votes, &terms, &weights, &mut posteriors, &mut fitting);
        for worker in 0..sizes.n_workers {
            let of_worker = cells.of_worker(worker);
            let known: f64 = of_worker.clone().map(|cell| fitting[cell] * knowing[cell]).sum();
            let all = n_votes[worker] as f64;
            let whole = digamma(all - known + params.strategy_prior * sizes.n_categories as f64);
            for cell in of_worker {
                let spammed = answered[cell] as f64 - fitting[cell] * knowing[cell];
                strategy[cell] = (digamma(spammed + params.strategy_prior) - whole).exp();
            }
            // Mean-field gives both an exponential of a digamma; their ratio is the competence.
            let competent = digamma(known + params.competence_prior).exp();
            let incompetent = digamma(all - known + params.competence_prior).exp();
            competence[worker] = competent / (competent + incompetent).max(1e-12);
        }
        change
    });
    Fit { posteriors, skill: competence, n_iterations, stop }
}

/// Weighs the votes of every object, and counts per cell how many answers are expected to fit; returns the summed change
/// of the posteriors.
fn e_step(votes: &Votes, terms: &[Term], weights: &[f64], posteriors: &mut Posteriors, fitting: &mut [f64]) -> f64 {
    // With the number of categories known to the compiler, a row stays in registers.
    match posteriors.n_categories() {
        2 => e_step_of::<2>(votes, terms, weights, posteriors, fitting),
        3 => e_step_of::<3>(votes, terms, weights, posteriors, fitting),
        4 => e_step_of::<4>(votes, terms, weights, posteriors, fitting),
        5 => e_step_of::<5>(votes, terms, weights, posteriors, fitting),
        _ => e_step_of::<0>(votes, terms, weights, posteriors, fitting),
    }
}

/// [`e_step`] for `N` categories; 0 stands for any number.
fn e_step_of<const N: usize>(
    votes: &Votes,
    terms: &[Term],
    weights: &[f64],
    posteriors: &mut Posteriors,
    fitting: &mut [f64],
) -> f64 {
    let n = if N == 0 { posteriors.n_categories() } else { N };
    let mut rows = vec![0.0; rows_at_once(n) * n];
    let mut change = 0.0;
    let (mut objects, mut terms) = (votes.by_object().enumerate(), terms);
    fitting.fill(0.0);
    for before in posteriors.flat_mut().chunks_mut(rows.len()) {
        let rows = &mut rows[..before.len()];
        let of_block = objects.clone().take(rows.len() / n).map(|(_, of_object)| of_object.len()).sum();
        let (of_block, rest) = terms.split_at(of_block);
        terms = rest;
        rows.fill(0.0);
        for term in of_block {
            rows[term.in_block as usize] += weights[term.cell as usize];
        }
        normalize_rows(rows, n);
        for ((row, before), (object, _)) in rows.chunks_exact_mut(n).zip(before.chunks_exact_mut(n)).zip(&mut objects) {
            fix_gold(votes, object, row);
            change += distance(row, before);
            before.copy_from_slice(row);
        }
        for term in of_block {
            fitting[term.cell as usize] += rows[term.in_block as usize];
        }
    }
    change
}

/// A vote, as the indices by which the rounds read it.
struct Term {
    cell: u32,
    /// Where its category stands among the probabilities of [`rows_at_once`] objects.
    in_block: u32,
}

/// The terms of all votes, in the order of objects.
fn terms(votes: &Votes, cells: &Cells) -> Vec<Term> {
    let n = votes.sizes().n_categories;
    let mut cells = cells.of_votes().iter();
    let mut terms = Vec::with_capacity(votes.len());
    for (object, of_object) in votes.by_object().enumerate() {
        let row = object % rows_at_once(n) * n;
        let of_object = of_object.iter().zip(&mut cells);
        terms.extend(of_object.map(|(vote, cell)| Term { cell: *cell, in_block: row as u32 + vote.category }));
    }
    terms
}
