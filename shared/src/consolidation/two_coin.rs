//! The two-coin model for answers that name any number of categories: each worker names a category that is there with one
//! probability, the hit rate, and one that is not there with another, the invention rate (Raykar et al., "Learning from
//! crowds", JMLR 11, 2010, without its classifier).
//!
//! Both rates are shared by all categories: workers miss categories far more often than they invent them, whichever it is,
//! and with rates of its own a rare category has too few answers to show it. For an object and a category
//! log-odds = ln(π / (1 - π)) + Σ over workers who named it of ln(hit / invention) + Σ over those who did not of
//! ln((1 - hit) / (1 - invention)), where π, the category's frequency, is learned. Fitted by expectation maximization from
//! twice the share of the vote. Rates of workers are shrunk toward the crowd's, those of the crowd and the frequencies
//! toward a cautious guess, so that one object with one answer has a sensible posterior too.
//!
//! Left out: categories that exclude or imply each other. Cost: a round takes time proportional to answers + named
//! categories + objects · categories, and so does the memory.
//! Confidence: the mean of the posterior and of the vote share with one more vote cut in half, as in
//! [`auto`](super::auto), because workers err together. Of two categories a lone worker's has 0.78, that of three
//! unanimous workers 0.94, one named by one of two 0.52, by one of three 0.30.

use std::collections::BTreeMap;

use super::StopReason;
use super::numerics::{exp_of_negative, on_grid};
use super::posteriors::Stopping;

/// One worker's answer to one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Index of the worker.
    pub worker: u32,
    /// Indices of the categories, each once.
    pub chosen: Vec<u32>,
}

/// Parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How many hits, and inventions, at the crowd's rate are added to each worker's own.
    pub shrinkage: f64,
    /// When to stop.
    pub stopping: Stopping,
}

impl Params {
    /// Ten pseudo-answers of either sort.
    pub const STANDARD: Self = Self { shrinkage: 10.0, stopping: Stopping { tolerance: 1e-6, max_iterations: 100 } };
}

/// What was made of the answers.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoCoinFit {
    /// Per object and category how probable it is that the category holds, row after row.
    pub probabilities: Vec<f64>,
    /// Per worker the hit rate and the invention rate.
    pub rates: Vec<(f64, f64)>,
    /// How many rounds were made.
    pub iterations: usize,
    /// Why no more were made.
    pub stop: StopReason,
}

/// Pseudo-answers of the crowd: seven hits of ten categories that are there, one invention among twenty that are not; and
/// pseudo-objects: each category holds for two of ten.
const HITS_OF_CROWD: (f64, f64) = (7.0, 10.0);
const INVENTIONS_OF_CROWD: (f64, f64) = (1.0, 20.0);
const OBJECTS_WITH_CATEGORY: (f64, f64) = (2.0, 10.0);

/// The categories that are known to hold for some objects, by the object's index; of these objects no other holds.
pub type KnownCategories = BTreeMap<usize, Vec<u32>>;

/// Fits the model to the answers of each object. Known categories are kept and judge workers. Indices outside `n_workers`
/// or `n_categories` are passed over.
pub fn two_coin(
    objects: &[Vec<Selection>],
    known: &KnownCategories,
    n_workers: usize,
    n_categories: usize,
    params: &Params,
) -> TwoCoinFit {
    let n = n_categories.max(1);
    let shares = shares(objects, n_categories);
    let mut posteriors: Vec<f64> = shares.iter().map(|share| on_grid((2.0 * share).min(1.0))).collect();
    fix_known(known, n, &mut posteriors);
    let mut rates = vec![(0.0, 0.0); n_workers];
    let (iterations, stop) = params.stopping.repeat(objects.len(), || {
        rates = worker_rates(objects, n_workers, n_categories, &posteriors, params);
        e_step(objects, known, n_categories, &rates, &mut posteriors)
    });
    let smoothed = objects.iter().zip(shares.chunks(n)).flat_map(|(answers, row)| {
        let n_answers = answers.len() as f64;
        row.iter().map(move |share| (share * n_answers + 0.5) / (n_answers + 1.0))
    });
    let mut probabilities: Vec<f64> =
        posteriors.iter().zip(smoothed).map(|(posterior, share)| on_grid(0.5 * (posterior + share))).collect();
    fix_known(known, n, &mut probabilities);
    TwoCoinFit { probabilities, rates, iterations, stop }
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

/// Per worker hit and invention rate, given how probable each category is.
fn worker_rates(
    objects: &[Vec<Selection>],
    n_workers: usize,
    n_categories: usize,
    posteriors: &[f64],
    params: &Params,
) -> Vec<(f64, f64)> {
    let mut counts = vec![Counts::default(); n_workers];
    for (answers, row) in objects.iter().zip(posteriors.chunks(n_categories.max(1))) {
        let there: f64 = row.iter().sum();
        for answer in answers {
            let Some(counts) = counts.get_mut(answer.worker as usize) else { continue };
            let named = || answer.chosen.iter().filter_map(|category| row.get(*category as usize));
            let hits: f64 = named().sum();
            counts.hits += hits;
            counts.inventions += named().count() as f64 - hits;
            counts.there += there;
            counts.absent += n_categories as f64 - there;
        }
    }
    let sum = |count: fn(&Counts) -> f64| counts.iter().map(count).sum::<f64>();
    let hit = (sum(|c| c.hits) + HITS_OF_CROWD.0) / (sum(|c| c.there) + HITS_OF_CROWD.1);
    let invention = (sum(|c| c.inventions) + INVENTIONS_OF_CROWD.0) / (sum(|c| c.absent) + INVENTIONS_OF_CROWD.1);
    let shrunken = |n: f64, of: f64, crowd: f64| {
        ((n + params.shrinkage) / (of + params.shrinkage / crowd.max(1e-3)).max(1.0)).clamp(1e-3, 0.99)
    };
    counts.iter().map(|c| (shrunken(c.hits, c.there, hit), shrunken(c.inventions, c.absent, invention))).collect()
}

/// How many categories a worker named, and how many they could have, by whether the category is there.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    hits: f64,
    there: f64,
    inventions: f64,
    absent: f64,
}

/// Weighs what was named and what was not; returns the summed change.
fn e_step(
    objects: &[Vec<Selection>],
    known: &KnownCategories,
    n_categories: usize,
    rates: &[(f64, f64)],
    posteriors: &mut [f64],
) -> f64 {
    let n = n_categories.max(1);
    let log_odds_of_categories: Vec<f64> = (0..n_categories)
        .map(|category| {
            let there: f64 = posteriors.iter().skip(category).step_by(n).sum();
            let frequency = (there + OBJECTS_WITH_CATEGORY.0) / (objects.len() as f64 + OBJECTS_WITH_CATEGORY.1);
            on_grid((frequency / (1.0 - frequency)).ln())
        })
        .collect();
    // What not naming a category says, and what naming it says beyond that.
    let weights: Vec<(f64, f64)> = rates
        .iter()
        .map(|(hit, invention)| {
            let silent = on_grid(((1.0 - hit) / (1.0 - invention)).ln());
            (silent, on_grid((hit / invention).ln()) - silent)
        })
        .collect();
    let mut change = 0.0;
    let mut row = vec![0.0; n_categories];
    let objects = objects.iter().zip(posteriors.chunks_mut(n)).enumerate();
    for (_, (answers, posteriors)) in objects.filter(|(object, _)| !known.contains_key(object)) {
        row.copy_from_slice(&log_odds_of_categories);
        let mut silence = 0.0;
        for answer in answers {
            let Some((silent, named)) = weights.get(answer.worker as usize) else { continue };
            silence += silent;
            for category in &answer.chosen {
                if let Some(log_odds) = row.get_mut(*category as usize) {
                    *log_odds += named;
                }
            }
        }
        for (posterior, log_odds) in posteriors.iter_mut().zip(&row) {
            let now = on_grid(probability(log_odds + silence));
            change += (now - *posterior).abs();
            *posterior = now;
        }
    }
    change
}

fn probability(log_odds: f64) -> f64 {
    let small = exp_of_negative(-log_odds.abs());
    if log_odds < 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers as text: objects separated by blanks, workers by `/`, each the letters of the categories they named.
    fn fit(text: &str, n_categories: usize) -> TwoCoinFit {
        fit_knowing(&KnownCategories::new(), text, n_categories)
    }

    fn fit_knowing(known: &KnownCategories, text: &str, n_categories: usize) -> TwoCoinFit {
        let chosen = |letters: &str| letters.bytes().map(|letter| u32::from(letter - b'a')).collect();
        let answers = |object: &str| {
            (0..)
                .zip(object.split('/'))
                .map(|(worker, letters)| Selection { worker, chosen: chosen(letters) })
                .collect()
        };
        let objects: Vec<Vec<Selection>> = text.split_whitespace().map(answers).collect();
        let n_workers = objects.iter().map(Vec::len).max().unwrap_or(0);
        two_coin(&objects, known, n_workers, n_categories, &Params::STANDARD)
    }

    fn check(text: &str, n_categories: usize, expected: &str) {
        let percent: Vec<String> =
            fit(text, n_categories).probabilities.iter().map(|p| format!("{:.0}", 100.0 * p)).collect();
        assert_eq!(percent.join(" "), expected, "{text}");
    }

    #[test]
    fn few_answers_have_the_stated_values() {
        check("a", 2, "78 16");
        check("a/a/a", 2, "94 6");
        check("a/", 2, "52 10");
        check("a//", 2, "30 7");
        check("", 3, "");
        check("a", 0, "");
    }

    #[test]
    fn a_crowd_that_misses_much_is_believed_at_a_lower_share() {
        // Ten workers; each category that is there is named by four of them, and nothing is ever invented.
        let object = "a/a/a/a/b/b/b/b//";
        let text = [object; 20].join(" ");
        let probabilities = fit(&text, 4).probabilities;
        assert!(probabilities[0] > 0.6 && probabilities[1] > 0.6, "{probabilities:?}");
        assert!(probabilities[2] < 0.1 && probabilities[3] < 0.1, "{probabilities:?}");
    }

    #[test]
    fn known_categories_are_kept_and_judge_workers() {
        let text = ["a/b"; 9].join(" ");
        let known: KnownCategories = (0..8).map(|object| (object, vec![1])).collect();
        let fit = fit_knowing(&known, &text, 2);
        assert_eq!(fit.probabilities[..2], [0.0, 1.0]);
        assert!(fit.probabilities[17] > 0.6 && fit.probabilities[16] < 0.4, "{:?}", &fit.probabilities[16..]);
        assert!(fit.rates[0].0 < fit.rates[1].0 && fit.rates[0].1 > fit.rates[1].1, "{:?}", fit.rates);
    }

    #[test]
    fn who_names_everything_counts_for_little() {
        let text = ["ab/a/a/a"; 30].join(" ") + " ab/b/b/b ab///";
        let fit = fit(&text, 2);
        let (hit, invention) = fit.rates[0];
        assert!(hit > 0.9 && invention > 0.3, "{hit} {invention}");
        assert!(fit.probabilities[30 * 2] < 0.5 && fit.probabilities[31 * 2] < 0.5, "named by that worker alone");
    }
}
