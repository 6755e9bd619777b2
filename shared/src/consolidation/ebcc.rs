//! Enhanced Bayesian classifier combination: every category falls into a few subtypes of objects, and within a subtype
//! workers err independently (Li, Rubinstein and Cohn, "Exploiting worker correlation for label aggregation in
//! crowdsourcing", ICML 2019).
//!
//! Each worker has one row of answer probabilities per subtype, so that workers who are fooled by the same objects are seen
//! to be fooled together, and their agreement there counts for less. Fitted by mean-field variational Bayes with the
//! paper's priors: Dirichlet(`subtype_prior`) over a category's subtypes, Dirichlet(1) over categories, and for a worker's
//! row `right_prior` pseudo-answers on the category itself and `wrong_prior` on each other.
//!
//! Different from the paper's: it starts from given posteriors, best [`one_coin`](super::one_coin)'s, rather than from
//! random ones, and has three subtypes with the prior 0.1 each, not ten that share it (as they do in the authors'
//! program). An object starts mostly in the subtype that belongs to its rank by certainty among the objects of its
//! category (easy ones together, hard ones together): the start that needs no dice.
//!
//! Cost: a round takes time and memory proportional to votes · categories · subtypes. Ties fall to the first category.
//! Confidence: the posterior, less overconfident than Dawid-Skene's where workers err alike, and still too sure.

use super::confusion::{Cells, Counts, States, round};
use super::numerics::{digamma, on_grid};
use super::posteriors::{Fit, Posteriors, Stopping};
use super::votes::Votes;

/// The priors, and when the fit ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How many subtypes a category has, at least 1.
    pub n_subtypes: usize,
    /// Pseudo-objects per subtype.
    pub subtype_prior: f64,
    /// Pseudo-answers that are right, per worker and category.
    pub right_prior: f64,
    /// Pseudo-answers in each wrong category.
    pub wrong_prior: f64,
    /// When to stop.
    pub stopping: Stopping,
}

impl Params {
    /// Three subtypes, else as in the paper.
    pub const STANDARD: Self = Self {
        n_subtypes: 3,
        subtype_prior: 0.1,
        right_prior: 4.0,
        wrong_prior: 1.0,
        stopping: Stopping { tolerance: 1e-6, max_iterations: 200 },
    };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// Fits the model, from the posteriors of another one.
#[doc(alias("EBCC"))]
pub fn fit(votes: &Votes, start: &Posteriors, params: &Params) -> Fit {
    let sizes = votes.sizes();
    let states = States { n_categories: sizes.n_categories, subtypes: params.n_subtypes.max(1) };
    let cells = Cells::of(votes);
    let mut posteriors = split(start, states);
    let mut counts = Counts::of(votes, &cells, states, &posteriors);
    let mut log_of_cells = vec![0.0; cells.len() * states.len()];
    let mut log_of_states = vec![0.0; states.len()];
    let (n_iterations, stop) = params.stopping.repeat(sizes.n_objects, || {
        expect_cells(&cells, &counts, sizes.n_workers, states, params, &mut log_of_cells);
        expect_states(&counts, states, params, &mut log_of_states);
        round(votes, &cells, states, &log_of_cells, &log_of_states, &mut posteriors, &mut counts)
    });
    let skill = (0..sizes.n_workers).map(|worker| skill(&cells, &counts, states, worker, params)).collect();
    let flat = posteriors.chunks_exact(states.subtypes).map(|of_category| of_category.iter().sum()).collect();
    Fit { posteriors: Posteriors::from_flat(sizes.n_categories, flat), skill, n_iterations, stop }
}

/// How much of a category's probability an object starts with in the subtype of its rank; the rest is spread evenly.
const OWN_SHARE: f64 = 0.9;

/// Spreads each category's probability over its subtypes: by far the most on the one of the object's rank.
fn split(start: &Posteriors, states: States) -> Vec<f64> {
    let n = states.n_categories;
    let mut flat = vec![0.0; start.as_flat().len() * states.subtypes];
    for category in 0..n {
        let mut sorted: Vec<f64> =
            start.as_flat().iter().skip(category).step_by(n).copied().filter(|p| *p > 0.5 / n as f64).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        for (object, row) in start.rows().enumerate() {
            let first = sorted.partition_point(|p| *p < row[category]);
            let last = sorted.partition_point(|p| *p <= row[category]);
            let rank = (first + last) as f64 / (2 * sorted.len()).max(1) as f64;
            let own = ((rank * states.subtypes as f64) as usize).min(states.subtypes - 1);
            for subtype in 0..states.subtypes {
                let base = (1.0 - OWN_SHARE) / states.subtypes as f64;
                let share = if subtype == own { base + OWN_SHARE } else { base };
                flat[(object * n + category) * states.subtypes + subtype] = on_grid(row[category] * share);
            }
        }
    }
    flat
}

/// Per cell and state the expected logarithm of the answer's probability.
fn expect_cells(cells: &Cells, counts: &Counts, n_workers: usize, states: States, params: &Params, logs: &mut [f64]) {
    let n = states.len();
    let prior_of_row = params.right_prior + params.wrong_prior * (states.n_categories as f64 - 1.0);
    let mut of_rows = vec![0.0; n];
    for worker in 0..n_workers {
        of_rows.fill(prior_of_row);
        for cell in cells.of_worker(worker) {
            for (sum, count) in of_rows.iter_mut().zip(&counts.of_cells[cell * n..][..n]) {
                *sum += count;
            }
        }
        of_rows.iter_mut().for_each(|sum| *sum = digamma(*sum));
        for cell in cells.of_worker(worker) {
            for state in 0..n {
                let prior = prior_of(cells.answered[cell], state, states, params);
                logs[cell * n + state] = on_grid(digamma(counts.of_cells[cell * n + state] + prior) - of_rows[state]);
            }
        }
    }
}

fn prior_of(answered: u32, state: usize, states: States, params: &Params) -> f64 {
    if answered as usize == state / states.subtypes { params.right_prior } else { params.wrong_prior }
}

/// Per state the expected logarithm of its probability: that of the category, and of the subtype within it.
fn expect_states(counts: &Counts, states: States, params: &Params, logs: &mut [f64]) {
    let n_objects: f64 = counts.of_states.iter().sum();
    for (of_category, logs) in
        counts.of_states.chunks_exact(states.subtypes).zip(logs.chunks_exact_mut(states.subtypes))
    {
        let in_category: f64 = of_category.iter().sum();
        let category = digamma(in_category + 1.0) - digamma(n_objects + states.n_categories as f64);
        let subtypes = digamma(in_category + params.subtype_prior * states.subtypes as f64);
        for (log, count) in logs.iter_mut().zip(of_category) {
            *log = on_grid(category + digamma(count + params.subtype_prior) - subtypes);
        }
    }
}

/// The expected share of a worker's answers that are right; the prior's where there are none.
fn skill(cells: &Cells, counts: &Counts, states: States, worker: usize, params: &Params) -> f64 {
    let prior_of_row = params.right_prior + params.wrong_prior * (states.n_categories as f64 - 1.0);
    let (mut right, mut all) = (params.right_prior, prior_of_row);
    for cell in cells.of_worker(worker) {
        for (state, count) in counts.of_cells[cell * states.len()..][..states.len()].iter().enumerate() {
            all += count;
            if state / states.subtypes == cells.answered[cell] as usize {
                right += count;
            }
        }
    }
    right / all
}
