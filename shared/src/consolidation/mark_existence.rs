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
//! round: the marks plus the answers. **Left out**: false marks that depend on the object; hit rates per category.
//!
//! Sources: Dawid and Skene, "Maximum likelihood estimation of observer error-rates using the EM algorithm" (1979), for
//! rates by expectation-maximization; Otis, Burnham, White and Anderson, "Statistical inference from capture data on
//! closed animal populations" (1978), for unseen things and things of unequal catchability.

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
    fn level_shares(&self) -> [f64; N_LEVELS] {
        [1.0 - self.hard_share, self.hard_share * 2.0 / 3.0, self.hard_share / 3.0]
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
    /// Rounds made.
    pub n_iterations: usize,
    /// Why the fit ended.
    pub stop: StopReason,
}

/// Easy, hard and very hard things.
const N_LEVELS: usize = 3;

/// The largest probability of repeating a false mark that is believed.
const LARGEST_REPEAT_RATE: f64 = 0.25;

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
    // Clusters of one worker can be the false marks of a watchful crowd or the real things of a sleepy one, and either
    // reading confirms itself. Both are tried; the assumed hit rate wins ties.
    let mut fits = STARTS.map(|start| fit_from(start, objects, n_workers, params));
    let best = usize::from(fits[1].0 > fits[0].0 + 1e-6);
    std::mem::take(&mut fits[best].1)
}

/// How watchful the crowd is at the start, relative to the assumed hit rate.
const STARTS: [f64; 2] = [1.0, 0.4];

/// The fit that is reached from a start, after the logarithm of its posterior density, up to a constant.
fn fit_from(start: f64, objects: &[ObjectClusters], n_workers: usize, params: &Params) -> (f64, Fit) {
    let n_clusters: usize = objects.iter().map(|object| object.clusters.len()).sum();
    let n_objects = objects.iter().filter(|object| !object.clusters.is_empty()).count().max(1);
    let real_things = n_clusters as f64 / n_objects as f64;
    let mut rates = Rates {
        hit_logits: vec![logit(params.hit_rate * start); n_workers],
        false_marks: vec![params.false_marks * real_things; n_workers],
        real_things,
        level_shares: params.level_shares(),
        repeat_rate: params.repeat_rate,
    };
    let mut existence: Vec<Vec<f64>> = objects.iter().map(|object| vec![1.0; object.clusters.len()]).collect();
    let mut unseen = vec![0.0; objects.len()];
    let (mut n_iterations, mut stop) = (0, StopReason::MaxIterations);
    let mut density = f64::NEG_INFINITY;
    while n_iterations < params.max_iterations {
        n_iterations += 1;
        let mut expected = Expected::new(n_workers);
        let change = expected.e_step(objects, &rates, params, &mut existence, &mut unseen);
        density = expected.log_likelihood + rates.log_prior(params);
        if change <= params.tolerance {
            stop = StopReason::Converged;
            break;
        }
        rates.m_step(&expected, params);
    }
    let hit_rates = rates.hit_logits.iter().map(|logit| logistic(*logit)).collect();
    (density, Fit { existence, unseen, hit_rates, false_marks: rates.false_marks, n_iterations, stop })
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
        objects: &[ObjectClusters],
        rates: &Rates,
        params: &Params,
        existence: &mut [Vec<f64>],
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
        for ((object, existence), unseen) in objects.iter().zip(existence).zip(unseen) {
            let mut nobody = rates.level_shares.map(|share| (rates.real_things * share).ln());
            for worker in &object.workers {
                for (nobody, miss) in nobody.iter_mut().zip(misses[*worker]) {
                    *nobody += miss;
                }
            }
            let mut at_level = nobody.map(f64::exp);
            *unseen = at_level.iter().sum();
            if object.clusters.is_empty() {
                continue;
            }
            self.n_objects += 1.0;
            let false_marks: f64 = object.workers.iter().map(|worker| rates.false_marks[*worker]).sum();
            self.log_likelihood -= rates.real_things - *unseen + false_marks;
            for (members, existence) in object.clusters.iter().zip(existence) {
                let logits: f64 = members.iter().map(|worker| rates.hit_logits[*worker]).sum();
                let n_members = members.len() as f64;
                let real: [f64; N_LEVELS] =
                    std::array::from_fn(|level| (nobody[level] + logits - n_members * steps[level]).exp());
                let founders: f64 = members.iter().map(|worker| rates.false_marks[*worker]).sum();
                let n_others = object.workers.len() as f64 - n_members;
                let false_mark = founders * ((n_members - 1.0) * repeat + n_others * no_repeat).exp();
                let total = real.iter().sum::<f64>() + false_mark;
                self.log_likelihood += total.ln();
                let is_real = real.iter().sum::<f64>() / total;
                change = change.max((is_real - *existence).abs());
                *existence = is_real;
                for (at_level, real) in at_level.iter_mut().zip(real) {
                    *at_level += real / total;
                }
                let is_false = false_mark / total;
                for worker in members {
                    self.surplus[*worker] += is_real;
                    self.false_marks[*worker] += is_false * rates.false_marks[*worker] / founders;
                }
                self.repeats += is_false * (n_members - 1.0);
                self.chances_to_repeat += is_false * (n_members - 1.0 + n_others);
            }
            for worker in &object.workers {
                self.answered[*worker] += 1.0;
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
            ((expected.repeats + assumed) / (expected.chances_to_repeat + crowd)).clamp(1e-6, LARGEST_REPEAT_RATE);

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    const PARAMS: Params = Params {
        hit_rate: 0.8,
        false_marks: 0.1,
        crowd_strength: 10.0,
        worker_strength: 10.0,
        hard_step: 1.5,
        hard_share: 0.3,
        repeat_rate: 0.03,
        max_iterations: 200,
        tolerance: 1e-6,
    };

    /// Existence of each cluster of one object with this many workers, in percent.
    fn check(n_workers: usize, clusters: &[&[usize]], expected: &[i64]) {
        let clusters = clusters.iter().map(|members| members.to_vec()).collect();
        let fit = fit(&[ObjectClusters { workers: (0..n_workers).collect(), clusters }], n_workers, &PARAMS);
        let percent: Vec<i64> = fit.existence[0].iter().map(|existence| (existence * 100.0).round() as i64).collect();
        assert_eq!(percent, expected);
    }

    #[test]
    fn a_lone_object_is_judged_by_what_is_assumed() {
        check(1, &[&[0]], &[87]);
        check(2, &[&[0]], &[58]);
        check(2, &[&[0, 1]], &[99]);
        check(3, &[&[0]], &[23]);
        check(3, &[&[0, 1]], &[97]);
        check(3, &[&[0, 1, 2], &[0]], &[100, 28]);
        check(3, &[], &[]);
    }

    /// Objects with `n_things` things each, marked by five workers with these hit rates and these numbers of false marks
    /// per object; real clusters come first, as many as the second value says.
    fn crowd(seed: u64, hit_rates: [f64; 5], false_marks: [f64; 5]) -> (Vec<ObjectClusters>, Vec<usize>) {
        let mut dice = Dice::new(seed);
        let object = |_| {
            let mut object = ObjectClusters { workers: (0..5).collect(), clusters: Vec::new() };
            for _ in 0..4 {
                let members: Vec<usize> = (0..5).filter(|worker| dice.chance(hit_rates[*worker])).collect();
                object.clusters.extend(Some(members).filter(|members| !members.is_empty()));
            }
            let n_real = object.clusters.len();
            object
                .clusters
                .extend((0..5).filter(|worker| dice.chance(false_marks[*worker])).map(|worker| vec![worker]));
            (object, n_real)
        };
        (0..300).map(object).unzip()
    }

    #[test]
    fn planted_rates_are_recovered() {
        let (hit_rates, false_marks) = ([0.9, 0.8, 0.8, 0.5, 0.2], [0.05, 0.1, 0.0, 0.3, 0.9]);
        let (objects, _) = crowd(7, hit_rates, false_marks);
        // All things of this crowd are equally easy to see.
        let fit = fit(&objects, 5, &Params { hard_step: 0.0, ..PARAMS });
        assert_eq!(fit.stop, StopReason::Converged);
        for worker in 0..5 {
            assert!((fit.hit_rates[worker] - hit_rates[worker]).abs() < 0.05, "{:?}", fit.hit_rates);
            assert!((fit.false_marks[worker] - false_marks[worker]).abs() < 0.1, "{:?}", fit.false_marks);
        }
    }

    /// However careless the crowd, most of what is there is kept, and existence is right about as often as it says.
    #[test]
    fn no_crowd_makes_the_model_collapse() {
        for (seed, hit_rates, false_marks) in [
            (1, [0.3; 5], [0.1; 5]),
            (2, [0.9, 0.9, 0.05, 0.05, 0.05], [0.0, 0.0, 0.9, 0.9, 0.9]),
            (3, [0.5; 5], [0.9; 5]),
            (4, [1.0; 5], [0.0; 5]),
        ] {
            let (objects, n_real) = crowd(seed, hit_rates, false_marks);
            let fit = fit(&objects, 5, &PARAMS);
            let (mut n_seen, mut n_believed, mut expected) = (0.0, 0.0, 0.0);
            for (existence, n_real) in fit.existence.iter().zip(&n_real) {
                n_seen += *n_real as f64;
                n_believed += existence[..*n_real].iter().filter(|existence| **existence >= 0.45).count() as f64;
                expected += existence.iter().sum::<f64>();
            }
            assert!(n_believed / n_seen > 0.6, "{seed}: {n_believed} of {n_seen}");
            assert!((expected / n_seen - 1.0).abs() < 0.3, "{seed}: {expected} expected, {n_seen} seen");
        }
    }

    #[test]
    fn objects_without_marks_tell_nothing() {
        let marked = ObjectClusters { workers: vec![0, 1, 2], clusters: vec![vec![0, 1], vec![2]] };
        let empty = ObjectClusters { workers: vec![0, 1, 2], clusters: Vec::new() };
        let alone = fit(std::slice::from_ref(&marked), 3, &PARAMS);
        let among = fit(&[marked, empty], 3, &PARAMS);
        assert_eq!(alone.existence[0], among.existence[0]);
    }
}
