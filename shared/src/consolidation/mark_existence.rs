//! Which clusters of marks stand for something real, and how surely: a capture-recapture model with one hit rate and one
//! rate of false marks per worker.
//!
//! **Model.** An object holds a Poisson number of real things (mean λ), each easy or hard to see. Worker *i* marks an
//! easy thing with probability `h_i`, a hard or very hard one with lower odds (`logit h_i` less one or two steps). Besides, each worker
//! makes a Poisson number of false marks per object (mean φ_i); another worker repeats a false mark with a small
//! probability *f*, which all workers share. With `S` the workers of a cluster and `W` those who answered the object, the
//! cluster is real with intensity `λ · Σ_d w_d · Π_{i∈S} h_id · Π_{i∈W∖S} (1 − h_id)` (*d*: easy, hard, very hard) and false with
//! intensity `Σ_{i∈S} φ_i · f^(|S|−1) · (1 − f)^(|W|−|S|)`; existence is the first over their sum.
//!
//! **Fit.** Expectation-maximization over the whole batch. Things that nobody marked are part of the expectation
//! (`λ · Σ_d w_d · Π_{i∈W} (1 − h_id)` per object): without them hit rates come out too high, and clusters of few workers
//! look false. Objects in which nobody marked anything tell nothing about any cluster and are passed over.
//!
//! **Small batches.** Hit rates (in log-odds, normal prior around their common mean) and rates of false marks (gamma prior
//! around theirs) are shrunken toward the crowd's, and the crowd's toward fixed ones: [`Params`]. A batch of one object is
//! judged by these priors almost alone. The prior on *f*, and its bound, keep the false class from explaining what several
//! workers saw, which is how an unguarded model loses most real things.
//!
//! **Confidence.** The posterior probability that the cluster is real, in (0, 1). **Ties** do not arise. **Cost** per
//! round: the marks plus the answers, those of clusters and objects that are alike counted once. **Left out**: false marks
//! that depend on the object; hit rates per category.
//!
//! Sources: Dawid and Skene, "Maximum likelihood estimation of observer error-rates using the EM algorithm" (1979), for
//! rates by expectation-maximization; Otis, Burnham, White and Anderson, "Statistical inference from capture data on
//! closed animal populations" (1978), for unseen things and things of unequal catchability.

mod patterns;
#[cfg(test)]
mod tests;

use self::patterns::Patterns;
use super::StopReason;

/// One object: who answered, and the clusters of their marks.
#[derive(Debug, Clone, Default)]
pub struct ObjectClusters {
    /// The workers who answered, by index, each once.
    pub workers: Vec<usize>,
    /// Per cluster the workers who have a mark in it: some of `workers`, each once.
    pub clusters: Vec<Vec<usize>>,
}

/// What is assumed before any answer, and when to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How often a worker marks an easy thing, before any evidence.
    pub hit_rate: f64,
    /// False marks per real thing and worker, before any evidence.
    pub false_marks: f64,
    /// How many real things the assumptions about the crowd are worth.
    pub crowd_strength: f64,
    /// How many real things the crowd's rates are worth in the estimate of one worker's.
    pub worker_strength: f64,
    /// By how much a hard thing lowers the log-odds of a hit; a very hard one lowers them by twice as much.
    pub hard_step: f64,
    /// The share of hard things before any evidence, a third of them very hard.
    pub hard_share: f64,
    /// The probability that a worker repeats another's false mark, before any evidence.
    pub repeat_rate: f64,
    /// At most this many rounds.
    pub max_iterations: usize,
    /// Stop when no existence changes by more than this.
    pub tolerance: f64,
}

impl Params {
    /// What is assumed of a crowd before it has answered. Chosen on three real and four synthetic crowds together, whole and
    /// in batches of ten. Half or twice the false marks, and a third or three times a strength, moved F1 by less than 0.005
    /// on crowds of a hundred objects and more (by up to 0.02 on fourteen videos); `hard_step` matters more: without hard
    /// things (a step of 0) real marks of few workers are lost, from 2 on false ones of two workers are kept.
    pub const STANDARD: Self = Self {
        hit_rate: 0.8,
        false_marks: 0.1,
        crowd_strength: 10.0,
        worker_strength: 10.0,
        hard_step: 1.5,
        hard_share: 0.3,
        repeat_rate: 0.03,
        max_iterations: 200,
        tolerance: 1e-4,
    };

    fn level_shares(&self) -> [f64; N_LEVELS] {
        [1.0 - self.hard_share, self.hard_share * 2.0 / 3.0, self.hard_share / 3.0]
    }
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// The fitted model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fit {
    /// Per object and cluster the probability that it stands for something real.
    pub existence: Vec<Vec<f64>>,
    /// Per object the expected number of real things that nobody marked.
    pub unseen: Vec<f64>,
    /// Per worker the estimated probability of marking an easy thing.
    pub hit_rates: Vec<f64>,
    /// Per worker the estimated number of false marks per object.
    pub false_marks: Vec<f64>,
    /// How many rounds were made.
    pub n_iterations: usize,
    /// Why no more were made.
    pub stop: StopReason,
}

/// Easy, hard and very hard things.
const N_LEVELS: usize = 3;

/// The largest probability of repeating a false mark that is believed.
const MAX_REPEAT_RATE: f64 = 0.25;

/// What one thing tells about the log-odds of a hit, at a hit rate of three in four.
const LOGIT_INFORMATION: f64 = 0.1875;

/// The current estimates.
struct Rates {
    hit_logits: Vec<f64>,
    false_marks: Vec<f64>,
    real_things: f64,
    level_shares: [f64; N_LEVELS],
    repeat_rate: f64,
}

/// Fits the model. `n_workers` is above every index in `objects`.
pub fn fit(objects: &[ObjectClusters], n_workers: usize, params: &Params) -> Fit {
    let patterns = Patterns::of(objects);
    // Clusters of one worker can be the false marks of a watchful crowd or the real things of a sleepy one, and either
    // reading confirms itself. Both are tried; the assumed hit rate wins ties.
    let mut fits = STARTS.map(|start| fit_from(start, &patterns, n_workers, params));
    let best = usize::from(fits[1].0 > fits[0].0 + 1e-6);
    let (_, fitted) = std::mem::take(&mut fits[best]);
    fitted.unfold(&patterns, objects)
}

/// How watchful the crowd is at the start, relative to the assumed hit rate.
const STARTS: [f64; 2] = [1.0, 0.4];

/// What was fitted, by crowd and pattern.
#[derive(Default)]
struct Fitted {
    existence: Vec<f64>,
    unseen: Vec<f64>,
    hit_rates: Vec<f64>,
    false_marks: Vec<f64>,
    n_iterations: usize,
    stop: StopReason,
}

impl Fitted {
    /// The same by object and cluster.
    fn unfold(self, patterns: &Patterns<'_>, objects: &[ObjectClusters]) -> Fit {
        let mut existence = patterns.pattern_of.iter().map(|pattern| self.existence[*pattern]);
        Fit {
            existence: objects.iter().map(|object| existence.by_ref().take(object.clusters.len()).collect()).collect(),
            unseen: patterns.crowd_of.iter().map(|crowd| self.unseen[*crowd]).collect(),
            hit_rates: self.hit_rates,
            false_marks: self.false_marks,
            n_iterations: self.n_iterations,
            stop: self.stop,
        }
    }
}

/// The fit that is reached from a start, after the logarithm of its posterior density, up to a constant.
fn fit_from(start: f64, patterns: &Patterns<'_>, n_workers: usize, params: &Params) -> (f64, Fitted) {
    let n_clusters: f64 = patterns.clusters.iter().map(|pattern| pattern.n_clusters).sum();
    let n_objects: f64 = patterns.crowds.iter().map(|crowd| crowd.n_marked).sum();
    let real_things = n_clusters / n_objects.max(1.0);
    let mut rates = Rates {
        hit_logits: vec![logit(params.hit_rate * start); n_workers],
        false_marks: vec![params.false_marks * real_things; n_workers],
        real_things,
        level_shares: params.level_shares(),
        repeat_rate: params.repeat_rate,
    };
    let mut existence = vec![1.0; patterns.clusters.len()];
    let mut unseen = vec![0.0; patterns.crowds.len()];
    let (mut n_iterations, mut stop) = (0, StopReason::MaxIterations);
    let mut density = f64::NEG_INFINITY;
    while n_iterations < params.max_iterations {
        n_iterations += 1;
        let mut expected = Expected::new(n_workers);
        let change = expected.e_step(patterns, &rates, params, &mut existence, &mut unseen);
        density = expected.log_likelihood + rates.log_prior(params);
        if change <= params.tolerance {
            stop = StopReason::Converged;
            break;
        }
        rates.m_step(&expected, params);
    }
    let hit_rates = rates.hit_logits.iter().map(|logit| logistic(*logit)).collect();
    (density, Fitted { existence, unseen, hit_rates, false_marks: rates.false_marks, n_iterations, stop })
}

/// Expected counts under the current estimates.
struct Expected {
    /// Per worker the real things marked, minus those expected: the gradient of the log-likelihood by the hit's log-odds.
    surplus: Vec<f64>,
    /// Per worker the variance of the number of real things marked: minus the second derivative.
    variance: Vec<f64>,
    /// Per worker the false marks that the worker made first.
    false_marks: Vec<f64>,
    /// Per worker the objects with a mark that the worker answered.
    answered: Vec<f64>,
    real_things: f64,
    by_level: [f64; N_LEVELS],
    n_objects: f64,
    repeats: f64,
    chances_to_repeat: f64,
    log_likelihood: f64,
}

impl Expected {
    fn new(n_workers: usize) -> Self {
        Self {
            surplus: vec![0.0; n_workers],
            variance: vec![0.0; n_workers],
            false_marks: vec![0.0; n_workers],
            answered: vec![0.0; n_workers],
            real_things: 0.0,
            by_level: [0.0; N_LEVELS],
            n_objects: 0.0,
            repeats: 0.0,
            chances_to_repeat: 0.0,
            log_likelihood: 0.0,
        }
    }

    /// Judges every cluster, counts, and gives the largest change of an existence.
    fn e_step(
        &mut self,
        patterns: &Patterns<'_>,
        rates: &Rates,
        params: &Params,
        existence: &mut [f64],
        unseen: &mut [f64],
    ) -> f64 {
        let steps = [0.0, params.hard_step, 2.0 * params.hard_step];
        // Log-odds of a hit add up over a cluster's members; log-probabilities of a miss over the object's workers.
        let misses: Vec<[f64; N_LEVELS]> =
            rates.hit_logits.iter().map(|logit| steps.map(|step| -softplus(logit - step))).collect();
        let hits: Vec<[f64; N_LEVELS]> =
            rates.hit_logits.iter().map(|logit| steps.map(|step| logistic(logit - step))).collect();
        let (repeat, no_repeat) = (rates.repeat_rate.ln(), (1.0 - rates.repeat_rate).ln());
        let mut change = 0.0_f64;
        for (crowd, unseen) in patterns.crowds.iter().zip(unseen) {
            let mut nobody = rates.level_shares.map(|share| (rates.real_things * share).ln());
            for worker in crowd.workers {
                for (nobody, miss) in nobody.iter_mut().zip(misses[*worker]) {
                    *nobody += miss;
                }
            }
            let by_nobody = nobody.map(f64::exp);
            *unseen = by_nobody.iter().sum();
            if crowd.n_marked <= 0.0 {
                continue;
            }
            let mut at_level = by_nobody.map(|n| n * crowd.n_marked);
            self.n_objects += crowd.n_marked;
            let false_marks: f64 = crowd.workers.iter().map(|worker| rates.false_marks[*worker]).sum();
            self.log_likelihood -= crowd.n_marked * (rates.real_things - *unseen + false_marks);
            for pattern in crowd.clusters.clone() {
                let (existence, pattern) = (&mut existence[pattern], &patterns.clusters[pattern]);
                let (members, n_clusters) = (&patterns.members[pattern.members.clone()], pattern.n_clusters);
                let logits: f64 = members.iter().map(|worker| rates.hit_logits[*worker]).sum();
                let n_members = members.len() as f64;
                let real: [f64; N_LEVELS] =
                    std::array::from_fn(|level| (nobody[level] + logits - n_members * steps[level]).exp());
                let founders: f64 = members.iter().map(|worker| rates.false_marks[*worker]).sum();
                let n_others = crowd.workers.len() as f64 - n_members;
                let false_mark = founders * ((n_members - 1.0) * repeat + n_others * no_repeat).exp();
                let total = real.iter().sum::<f64>() + false_mark;
                self.log_likelihood += n_clusters * total.ln();
                let is_real = real.iter().sum::<f64>() / total;
                change = change.max((is_real - *existence).abs());
                *existence = is_real;
                for (at_level, real) in at_level.iter_mut().zip(real) {
                    *at_level += n_clusters * real / total;
                }
                let (n_real, n_false) = (n_clusters * is_real, n_clusters * false_mark / total);
                for worker in members {
                    self.surplus[*worker] += n_real;
                    self.false_marks[*worker] += n_false * rates.false_marks[*worker] / founders;
                }
                self.repeats += n_false * (n_members - 1.0);
                self.chances_to_repeat += n_false * (n_members - 1.0 + n_others);
            }
            for worker in crowd.workers {
                self.answered[*worker] += crowd.n_marked;
                for (n, hit) in at_level.iter().zip(hits[*worker]) {
                    self.surplus[*worker] -= n * hit;
                    self.variance[*worker] += n * hit * (1.0 - hit);
                }
            }
            for (sum, n) in self.by_level.iter_mut().zip(at_level) {
                *sum += n;
                self.real_things += n;
            }
        }
        change
    }
}

impl Rates {
    /// The logarithm of the prior's density, up to a constant: normal around the crowd's mean log-odds and that around the
    /// assumed one, gamma around the crowd's rate of false marks.
    fn log_prior(&self, params: &Params) -> f64 {
        let n_workers = self.hit_logits.len().max(1) as f64;
        let precision = params.worker_strength * LOGIT_INFORMATION;
        let mean = self.hit_logits.iter().sum::<f64>() / n_workers;
        let spread: f64 = self.hit_logits.iter().map(|logit| (logit - mean).powi(2)).sum();
        let shift = (mean - logit(params.hit_rate)).powi(2);
        let rate = self.false_marks.iter().sum::<f64>() / n_workers;
        let worth = params.worker_strength / self.real_things.max(f64::MIN_POSITIVE);
        let of_rate = |own: &f64| worth * (rate * own.max(f64::MIN_POSITIVE).ln() - own);
        self.false_marks.iter().map(of_rate).sum::<f64>()
            - precision / 2.0 * spread
            - params.crowd_strength * LOGIT_INFORMATION / 2.0 * shift
    }

    fn m_step(&mut self, expected: &Expected, params: &Params) {
        let crowd = params.crowd_strength;
        self.real_things = expected.real_things / expected.n_objects.max(1.0);
        let level_priors = params.level_shares();
        let level_shares = std::array::from_fn(|level| expected.by_level[level] + crowd * level_priors[level]);
        let total: f64 = level_shares.iter().sum();
        self.level_shares = level_shares.map(|share| share / total);

        // The assumed rates count as real things among others, so their worth in objects depends on how many those hold.
        let things = self.real_things.max(f64::MIN_POSITIVE);
        let crowd_false = (expected.false_marks.iter().sum::<f64>() + params.false_marks * crowd)
            / (expected.answered.iter().sum::<f64>() + crowd / things);
        let worth = params.worker_strength / things;
        for (worker, false_marks) in self.false_marks.iter_mut().enumerate() {
            *false_marks = (expected.false_marks[worker] + crowd_false * worth) / (expected.answered[worker] + worth);
        }
        let assumed = crowd / params.repeat_rate.recip();
        self.repeat_rate =
            ((expected.repeats + assumed) / (expected.chances_to_repeat + crowd)).clamp(1e-6, MAX_REPEAT_RATE);

        let precision = params.worker_strength * LOGIT_INFORMATION;
        let prior = logit(params.hit_rate);
        let (mut sum, mut weight) = (prior * crowd, crowd);
        for (logit, variance) in self.hit_logits.iter().zip(&expected.variance) {
            let evidence = variance / (variance + precision) * params.worker_strength;
            sum += logit * evidence;
            weight += evidence;
        }
        let mean = sum / weight;
        for (worker, logit) in self.hit_logits.iter_mut().enumerate() {
            let gradient = expected.surplus[worker] - precision * (*logit - mean);
            let step = gradient / (expected.variance[worker] + precision);
            *logit = (*logit + step.clamp(-1.0, 1.0)).clamp(-6.0, 6.0);
        }
    }
}

fn logit(probability: f64) -> f64 {
    (probability / (1.0 - probability)).ln()
}

fn logistic(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// `ln(1 + e^x)` without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}
