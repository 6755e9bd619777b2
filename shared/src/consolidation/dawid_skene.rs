//! Dawid-Skene: each worker has a confusion matrix, fitted by expectation maximization (Dawid and Skene, "Maximum
//! likelihood estimation of observer error-rates using the EM algorithm", Applied Statistics 28, 1979).
//!
//! P(object's votes | true category k) = ∏ over its voters of `confusion[worker][k][answered]`, with a class prior learned
//! from the objects. Two fits:
//! - [`fit`] is the paper's: maximum likelihood, from the vote shares. With few answers per worker it believes
//!   accidents, and loses to the plain vote; it wants dozens of answers per worker and category.
//! - [`fit_map`] is hierarchical: each row of a worker's matrix has a Dirichlet prior of `pooling` pseudo-answers,
//!   divided as the whole crowd divides its answers in that category, and the crowd's row has one of its own, from the
//!   one-coin model. A worker with few answers behaves like the crowd, one with many like themselves (after Kim and
//!   Ghahramani, "Bayesian classifier combination", 2012, whose prior is fixed where ours is learned). It starts from the
//!   one-coin posteriors, from which it climbs to better optima than from the vote where experts are few.
//!
//! Left out: answers of one worker to one object more than once, which the paper allows.
//! Cost: a round takes time and memory proportional to votes · categories. Ties fall to the first category.
//! Confidence: the posterior, which believes that workers err independently: too sure (an expected calibration error of
//! 0.1 to 0.2 on real crowds). A lone unknown worker gives class prior times crowd confusion in the
//! hierarchical fit, and 1 in the other one.

use super::confusion::{Cells, Counts, States, round};
use super::numerics::{ln_on_grid, on_grid};
use super::posteriors::{Fit, Posteriors, Stopping};
use super::votes::{Votes, WorkerPrior};

/// A fit with what was learned about confusions.
#[derive(Debug, Clone, PartialEq)]
pub struct DawidSkeneFit {
    /// Posteriors, and as skill the probability that the worker is right about an object of this crowd's mix.
    pub fit: Fit,
    /// Probability of each category.
    pub class_prior: Vec<f64>,
    /// What the crowd as a whole answers, `crowd_confusion[true_category * n_categories + answered_category]`; for the
    /// maximum-likelihood fit too.
    pub crowd_confusion: Vec<f64>,
    /// Per worker the diagonal of their matrix, `recall[worker * n_categories + true_category]`: the probability that they
    /// recognize the category.
    pub recall: Vec<f64>,
}

/// Parameters of the maximum-likelihood fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// When to stop.
    pub stopping: Stopping,
}

impl Params {
    /// Where crowd-kit and most others stop too: after a hundred rounds, or when nothing moves.
    pub const STANDARD: Self = Self { stopping: Stopping { tolerance: 1e-6, max_iterations: 100 } };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// Parameters of the hierarchical fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapParams {
    /// Pseudo-answers per true category that each worker has from the crowd.
    pub pooling: f64,
    /// Pseudo-answers per true category that the crowd has from the one-coin model.
    pub crowd_pooling: f64,
    /// Pseudo-objects per category.
    pub class_pooling: f64,
    /// When to stop.
    pub stopping: Stopping,
}

impl MapParams {
    /// Chosen on nine public crowds, whole and in batches, where neighboring values did nearly as well. The large numbers
    /// are the point: they let a batch of fifty objects behave like the one-coin model with a flat prior, and are forgotten
    /// in a whole data set.
    pub const STANDARD: Self =
        Self { pooling: 3.0, crowd_pooling: 100.0, class_pooling: 50.0, stopping: Params::STANDARD.stopping };
}

impl Default for MapParams {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// The fit of 1979: maximum likelihood, from the vote shares.
#[doc(alias("Dawid-Skene", "expectation maximization"))]
pub fn fit(votes: &Votes, params: &Params) -> DawidSkeneFit {
    expectation_maximization(votes, Posteriors::shares(votes, |_| 1.0), None, params.stopping)
}

/// The hierarchical fit, from the posteriors and skills of another one, best [`one_coin`](super::one_coin)'s. What is
/// known of workers counts as answers given evenly in all categories.
#[doc(alias("hierarchical Dawid-Skene", "BCC"))]
pub fn fit_map(votes: &Votes, start: &Fit, prior: &WorkerPrior, params: &MapParams) -> DawidSkeneFit {
    let n_votes = votes.n_votes_of_workers();
    let skills = start.skill.iter().zip(&n_votes);
    let right: f64 = skills.map(|(skill, n_votes)| on_grid(skill * *n_votes as f64)).sum();
    let pooling = Pooling { params: *params, skill: right / votes.len().max(1) as f64, prior };
    expectation_maximization(votes, start.posteriors.clone(), Some(pooling), params.stopping)
}

#[derive(Clone, Copy)]
struct Pooling<'a> {
    params: MapParams,
    /// How often the crowd is right in the one-coin model.
    skill: f64,
    prior: &'a WorkerPrior,
}

impl Pooling<'_> {
    /// Pseudo-answers of a worker in each true category: how many, and how many of them `answered` as they are.
    fn of_worker(&self, worker: usize, n_categories: usize) -> PseudoAnswers {
        let (right, asked) = self.prior.of_worker(worker);
        let n = n_categories as f64;
        PseudoAnswers {
            pooled: self.params.pooling,
            right: right / n,
            wrong: (asked - right) / (n * (n - 1.0).max(1.0)),
            all: self.params.pooling + asked / n,
        }
    }
}

/// What a worker's row of the matrix has before any vote.
#[derive(Clone, Copy, Default)]
struct PseudoAnswers {
    pooled: f64,
    right: f64,
    wrong: f64,
    all: f64,
}

impl PseudoAnswers {
    fn of_answer(self, is_right: bool, crowd_confusion: f64) -> f64 {
        self.pooled * crowd_confusion + if is_right { self.right } else { self.wrong }
    }
}

fn expectation_maximization(
    votes: &Votes,
    start: Posteriors,
    pooling: Option<Pooling<'_>>,
    stopping: Stopping,
) -> DawidSkeneFit {
    let sizes = votes.sizes();
    let n = sizes.n_categories;
    let states = States { n_categories: n, subtypes: 1 };
    let cells = Cells::of(votes);
    let mut posteriors = start;
    let mut counts = Counts::of(votes, &cells, states, posteriors.as_flat());
    let mut model = Model::default();
    let (n_iterations, stop) = stopping.repeat(sizes.n_objects, || {
        model = m_step(&cells, &counts, sizes.n_workers, n, pooling);
        round(votes, &cells, states, &model.log_of_cells, &model.log_prior, posteriors.flat_mut(), &mut counts)
    });
    let model = m_step(&cells, &counts, sizes.n_workers, n, pooling);
    let class_prior = model.prior;
    let skill =
        model.recall.chunks_exact(n).map(|row| row.iter().zip(&class_prior).map(|(r, p)| r * p).sum()).collect();
    let fit = Fit { posteriors, skill, n_iterations, stop };
    DawidSkeneFit { fit, class_prior, crowd_confusion: model.crowd_confusion, recall: model.recall }
}

#[derive(Default)]
struct Model {
    log_of_cells: Vec<f64>,
    log_prior: Vec<f64>,
    prior: Vec<f64>,
    crowd_confusion: Vec<f64>,
    recall: Vec<f64>,
}

/// The most probable confusions and class prior, given the expected counts.
fn m_step(cells: &Cells, counts: &Counts, n_workers: usize, n: usize, pooling: Option<Pooling<'_>>) -> Model {
    let pseudo = pooling.map_or(0.0, |pooling| pooling.params.class_pooling);
    let n_objects: f64 = counts.of_states.iter().sum::<f64>() + pseudo * n as f64;
    let prior: Vec<f64> = counts.of_states.iter().map(|count| (count + pseudo) / n_objects.max(1e-9)).collect();
    let crowd_confusion = crowd_confusion(cells, counts, n, pooling);
    let mut log_of_cells = vec![0.0; cells.len() * n];
    let mut recall = vec![0.0; n_workers * n];
    let mut answered_in = vec![0.0; n];
    for worker in 0..n_workers {
        let pseudo = pooling.map_or(PseudoAnswers::default(), |pooling| pooling.of_worker(worker, n));
        answered_in.fill(pseudo.all);
        for cell in cells.of_worker(worker) {
            for (sum, count) in answered_in.iter_mut().zip(&counts.of_cells[cell * n..][..n]) {
                *sum += count;
            }
        }
        for category in 0..n {
            let right = pseudo.of_answer(true, crowd_confusion[category * n + category]);
            recall[worker * n + category] = right / answered_in[category].max(1e-9);
        }
        for cell in cells.of_worker(worker) {
            let answered = cells.answered[cell] as usize;
            for category in 0..n {
                let before = pseudo.of_answer(answered == category, crowd_confusion[category * n + answered]);
                let probability = (counts.of_cells[cell * n + category] + before) / answered_in[category].max(1e-9);
                log_of_cells[cell * n + category] = ln_on_grid(probability);
                if answered == category {
                    recall[worker * n + category] = probability;
                }
            }
        }
    }
    let log_prior = prior.iter().map(|probability| ln_on_grid(*probability)).collect();
    Model { log_of_cells, log_prior, prior, crowd_confusion, recall }
}

/// How the crowd divides its answers in each true category.
fn crowd_confusion(cells: &Cells, counts: &Counts, n: usize, pooling: Option<Pooling<'_>>) -> Vec<f64> {
    let mut confusion = vec![0.0; n * n];
    for (answered, of_cell) in cells.answered.iter().zip(counts.of_cells.chunks_exact(n)) {
        for (category, count) in of_cell.iter().enumerate() {
            confusion[category * n + *answered as usize] += count;
        }
    }
    for (category, row) in confusion.chunks_exact_mut(n).enumerate() {
        if let Some(pooling) = pooling {
            for (answered, count) in row.iter_mut().enumerate() {
                let wrong = (1.0 - pooling.skill) / (n.max(2) - 1) as f64;
                *count += pooling.params.crowd_pooling * if answered == category { pooling.skill } else { wrong };
            }
        }
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|count| *count /= sum.max(1e-9));
    }
    confusion
}
