//! The two-coin model for answers that name any number of categories: each worker names a category that is there with one
//! probability, the hit rate, and one that is not there with another, the invention rate (Raykar et al., "Learning from
//! crowds", JMLR 11, 2010, without its classifier). Two things are added, because crowds that tick boxes need them:
//!
//! - **Visibility.** A category that holds is plain, hard or very hard to see; a hard one lowers the log-odds of a hit by
//!   one and a half, a very hard one by three, for every worker alike, as in [`mark_existence`](super::mark_existence).
//!   Without it the model takes the silence of many as proof: where most workers tick one box and stop, a second category
//!   that a fifth of them names would be ruled out.
//! - **Themes.** Objects fall into a few sorts, each with frequencies of its own, so that categories that come together
//!   support each other and others exclude each other (a mixture of independent categories; Li et al., "Multi-label
//!   inference for crowdsourcing", KDD 2018, have the same idea). There are as many as frequently named categories, at
//!   most eight; those that the answers do not bear out die away or become like the whole.
//!
//! Both rates are shared by all categories: workers miss categories far more often than they invent them, whichever it is,
//! and with rates of its own a rare category has too few answers to show it. Fitted by expectation maximization from
//! twice the share of the vote. Rates of workers are shrunk toward the crowd's, those of the crowd, the frequencies and the
//! shares of the levels toward a cautious guess, frequencies within a theme toward those of all objects, so that one
//! object with one answer has a sensible posterior too.
//!
//! Left out: rates per category, and a worker's habit of ticking one box only. Cost: a round takes time proportional to
//! answers + named categories + objects · categories · themes; memory to answers + objects · categories.
//! Confidence: the mean of the posterior and of the vote share with one more vote cut in half, as in
//! [`auto`](super::auto), because workers err together.

use std::collections::BTreeMap;

use super::StopReason;
use super::numerics::{exp_of_negative, on_grid};
use super::posteriors::Stopping;

mod rates;
mod themes;

use rates::{Rates, Tally};
use themes::Themes;

/// One worker's answer to one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Index of the worker.
    pub worker: u32,
    /// Indices of the categories, each once.
    pub chosen: Vec<u32>,
}

/// How workers and themes are shrunken, and when the fit ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How many hits, and inventions, at the crowd's rate are added to each worker's own.
    pub shrinkage: f64,
    /// How many objects of the whole batch's frequencies are added to each theme.
    pub theme_pooling: f64,
    /// When to stop.
    pub stopping: Stopping,
}

impl Params {
    /// Ten pseudo-answers of either sort, ten pseudo-objects. A posterior that still creeps after fifty rounds moves no
    /// label.
    pub const STANDARD: Self =
        Self { shrinkage: 10.0, theme_pooling: 10.0, stopping: Stopping { tolerance: 1e-4, max_iterations: 50 } };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// What was made of the answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Per object and category how probable it is that the category holds, row after row.
    pub probabilities: Vec<f64>,
    /// Per worker the hit rate, of categories that are plain to see, and the invention rate.
    pub rates: Vec<(f64, f64)>,
    /// How many rounds were made.
    pub n_iterations: usize,
    /// Why no more were made.
    pub stop: StopReason,
}

/// Plain, hard and very hard to see: how far each lowers the log-odds of a hit, and how common it is before any evidence,
/// which ten categories of objects are worth. The same as for marks.
const LEVELS: usize = 3;
const STEPS: [f64; LEVELS] = [0.0, 1.5, 3.0];
const LEVEL_SHARES: [f64; LEVELS] = [0.7, 0.2, 0.1];
const LEVEL_STRENGTH: f64 = 10.0;

/// The categories that are known to hold for some objects, by the object's index; of these objects no other holds.
pub type KnownCategories = BTreeMap<usize, Vec<u32>>;

/// Fits the model to the answers of each object. Known categories are kept and judge workers. Indices outside `n_workers`
/// or `n_categories` are passed over.
#[doc(alias("two-coin"))]
pub fn fit(
    objects: &[Vec<Selection>],
    known: &KnownCategories,
    n_workers: usize,
    n_categories: usize,
    params: &Params,
) -> Fit {
    let n = n_categories.max(1);
    let shares = shares(objects, n_categories);
    let mut posteriors: Vec<f64> = shares.iter().map(|share| on_grid((2.0 * share).min(1.0))).collect();
    fix_known(known, n, &mut posteriors);
    let mut themes = Themes::of(objects, n_categories, &posteriors, params.theme_pooling);
    let mut at_levels: Vec<[f64; LEVELS]> =
        posteriors.chunks(n).map(|row| LEVEL_SHARES.map(|share| on_grid(share * row.iter().sum::<f64>()))).collect();
    let mut rates = Rates::new(n_workers);
    let (n_iterations, stop) = params.stopping.repeat(objects.len(), || {
        let tally = Tally::of(objects, n_workers, n_categories, &posteriors, &at_levels);
        rates.update(&tally, &at_levels, params);
        themes.update();
        e_step(objects, known, n_categories, &rates, &mut themes, &mut posteriors, &mut at_levels)
    });
    let smoothed = objects.iter().zip(shares.chunks(n)).flat_map(|(answers, row)| {
        let n_answers = answers.len() as f64;
        row.iter().map(move |share| (share * n_answers + 0.5) / (n_answers + 1.0))
    });
    let mut probabilities: Vec<f64> =
        posteriors.iter().zip(smoothed).map(|(posterior, share)| on_grid(0.5 * (posterior + share))).collect();
    fix_known(known, n, &mut probabilities);
    Fit { probabilities, rates: rates.of_workers(), n_iterations, stop }
}

/// Puts 1 on what is known to hold, and 0 on the other categories of these objects.
fn fix_known(known: &KnownCategories, n: usize, probabilities: &mut [f64]) {
    for (object, categories) in known {
        let Some(row) = probabilities.chunks_mut(n).nth(*object) else { continue };
        row.fill(0.0);
        for category in categories {
            if let Some(probability) = row.get_mut(*category as usize) {
                *probability = 1.0;
            }
        }
    }
}

fn shares(objects: &[Vec<Selection>], n_categories: usize) -> Vec<f64> {
    let mut shares = vec![0.0; objects.len() * n_categories];
    for (answers, row) in objects.iter().zip(shares.chunks_mut(n_categories.max(1))) {
        for category in answers.iter().flat_map(|answer| &answer.chosen) {
            if let Some(share) = row.get_mut(*category as usize) {
                *share += 1.0;
            }
        }
        row.iter_mut().for_each(|share| *share /= answers.len().max(1) as f64);
    }
    shares
}

/// Weighs what was named and what was not; returns the summed change. `at_levels` becomes, per object, how many of its
/// categories are expected at each level of visibility.
fn e_step(
    objects: &[Vec<Selection>],
    known: &KnownCategories,
    n_categories: usize,
    rates: &Rates,
    themes: &mut Themes,
    posteriors: &mut [f64],
    at_levels: &mut [[f64; LEVELS]],
) -> f64 {
    let weights = rates.weights();
    let mut change = 0.0;
    let mut log_odds = vec![[0.0; LEVELS]; n_categories];
    let mut evidence = vec![Evidence::default(); n_categories];
    let mut before = vec![0.0; n_categories];
    let rows = posteriors.chunks_mut(n_categories.max(1)).zip(at_levels);
    for ((object, answers), (posteriors, at_levels)) in objects.iter().enumerate().zip(rows) {
        log_odds.fill([0.0; LEVELS]);
        let mut silence = rates.log_level_shares();
        for answer in answers {
            let Some(weights) = weights.get(answer.worker as usize) else { continue };
            add(&mut silence, weights.silent);
            for category in &answer.chosen {
                if let Some(log_odds) = log_odds.get_mut(*category as usize) {
                    add(log_odds, weights.named);
                }
            }
        }
        // Most categories were named by nobody, and all of these have the same evidence.
        let unnamed = Evidence::of(silence);
        for (evidence, named) in evidence.iter_mut().zip(&log_odds) {
            let is_unnamed = named.iter().all(|log_odds| *log_odds == 0.0);
            *evidence = if is_unnamed { unnamed } else { Evidence::of(std::array::from_fn(|n| silence[n] + named[n])) };
        }
        if let Some(known) = known.get(&object) {
            for (category, evidence) in (0..).zip(&mut evidence) {
                evidence.probability = f64::from(u8::from(known.contains(&category)));
            }
        }
        before.copy_from_slice(posteriors);
        themes.judge(&evidence, posteriors);
        *at_levels = [0.0; LEVELS];
        for ((posterior, evidence), before) in posteriors.iter().zip(&evidence).zip(&before) {
            change += (posterior - before).abs();
            for (at_level, share) in at_levels.iter_mut().zip(evidence.of_levels) {
                *at_level += on_grid(posterior * share);
            }
        }
    }
    change
}

fn add(sums: &mut [f64; LEVELS], addends: [f64; LEVELS]) {
    sums.iter_mut().zip(addends).for_each(|(sum, addend)| *sum += addend);
}

/// What the answers say about one category of one object.
#[derive(Debug, Clone, Copy, Default)]
struct Evidence {
    /// How probable it would be that the category holds, if that were as likely as not beforehand.
    probability: f64,
    /// How probable each level of visibility is, if it holds.
    of_levels: [f64; LEVELS],
}

impl Evidence {
    /// From the log-odds at each level, its share included.
    fn of(log_odds: [f64; LEVELS]) -> Self {
        let highest = log_odds.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let relative = log_odds.map(|log_odds| exp_of_negative(log_odds - highest));
        let sum: f64 = relative.iter().sum();
        Self { probability: probability(highest + sum.ln()), of_levels: relative.map(|relative| relative / sum) }
    }
}

fn probability(log_odds: f64) -> f64 {
    let small = exp_of_negative(-log_odds.abs());
    if log_odds < 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) }
}

#[cfg(test)]
mod tests;
