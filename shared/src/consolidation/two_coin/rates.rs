//! How often each worker hits and invents, and how plain categories are to see.

use super::super::numerics::{ln_on_grid, on_grid};
use super::{LEVEL_SHARES, LEVEL_STRENGTH, LEVELS, Params, STEPS, Selection, probability};

/// What is assumed of any crowd: seven hits among ten categories that are plain to see, one invention among twenty that
/// are not there.
const HIT_LOG_ODDS: f64 = 0.847_297_860_387_203_7;
const HITS_OF_CROWD: f64 = 10.0;
const INVENTIONS_OF_CROWD: (f64, f64) = (1.0, 20.0);

/// What one category tells about the log-odds of a hit, at a hit rate of three in four.
const LOGIT_INFORMATION: f64 = 0.1875;

/// Beyond this nothing is believed of a hit rate's log-odds: 0.25 % or 99.75 %.
const MAX_LOG_ODDS: f64 = 6.0;

/// The current estimates.
#[derive(Debug, Clone)]
pub(super) struct Rates {
    /// Per worker the log-odds of naming a category that is plain to see.
    hit_log_odds: Vec<f64>,
    inventions: Vec<f64>,
    level_shares: [f64; LEVELS],
}

/// What naming a category adds to its log-odds, level by level, and what every answer adds, by a worker's silence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weights {
    pub(super) silent: [f64; LEVELS],
    pub(super) named: [f64; LEVELS],
}

/// Per worker what was named, and what could have been.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    hits: f64,
    there: [f64; LEVELS],
    inventions: f64,
    absent: f64,
}

impl Tally {
    /// Counts for each worker, given how probable each category is.
    pub(super) fn of(
        objects: &[Vec<Selection>],
        n_workers: usize,
        n_categories: usize,
        posteriors: &[f64],
        at_levels: &[[f64; LEVELS]],
    ) -> Vec<Self> {
        let mut tallies = vec![Self::default(); n_workers];
        let rows = posteriors.chunks(n_categories.max(1)).zip(at_levels);
        for (answers, (row, at_levels)) in objects.iter().zip(rows) {
            let absent = n_categories as f64 - row.iter().sum::<f64>();
            for answer in answers {
                let Some(tally) = tallies.get_mut(answer.worker as usize) else { continue };
                let named = || answer.chosen.iter().filter_map(|category| row.get(*category as usize));
                let hits: f64 = named().sum();
                tally.hits += hits;
                tally.inventions += named().count() as f64 - hits;
                tally.absent += absent;
                for (there, at_level) in tally.there.iter_mut().zip(at_levels) {
                    *there += at_level;
                }
            }
        }
        tallies
    }
}

impl Rates {
    pub(super) fn new(n_workers: usize) -> Self {
        Self {
            hit_log_odds: vec![on_grid(HIT_LOG_ODDS); n_workers],
            inventions: vec![0.0; n_workers],
            level_shares: LEVEL_SHARES,
        }
    }

    /// Per worker the hit rate of plain categories, and the invention rate.
    pub(super) fn of_workers(&self) -> Vec<(f64, f64)> {
        let hits = self.hit_log_odds.iter().map(|log_odds| probability(*log_odds));
        hits.zip(&self.inventions).map(|(hit, invention)| (hit, *invention)).collect()
    }

    pub(super) fn log_level_shares(&self) -> [f64; LEVELS] {
        self.level_shares.map(ln_on_grid)
    }

    /// Per worker what answers say about a category.
    pub(super) fn weights(&self) -> Vec<Weights> {
        let of_worker = |(log_odds, invention): (&f64, &f64)| {
            let (invented, left_out) = (ln_on_grid(*invention), ln_on_grid(1.0 - invention));
            let hits = STEPS.map(|step| probability(log_odds - step));
            let silent = hits.map(|hit| ln_on_grid(1.0 - hit) - left_out);
            let named = std::array::from_fn(|level| ln_on_grid(hits[level]) - invented - silent[level]);
            Weights { silent, named }
        };
        self.hit_log_odds.iter().zip(&self.inventions).map(of_worker).collect()
    }

    /// Estimates all rates from the tallies of the last round.
    pub(super) fn update(&mut self, tallies: &[Tally], at_levels: &[[f64; LEVELS]], params: &Params) {
        let there: [f64; LEVELS] = std::array::from_fn(|level| at_levels.iter().map(|row| row[level]).sum());
        let of_all: f64 = there.iter().sum();
        self.level_shares = std::array::from_fn(|level| {
            (there[level] + LEVEL_STRENGTH * LEVEL_SHARES[level]) / (of_all + LEVEL_STRENGTH)
        });
        let sum = |count: fn(&Tally) -> f64| tallies.iter().map(count).sum::<f64>();
        let crowd = (sum(|t| t.inventions) + INVENTIONS_OF_CROWD.0) / (sum(|t| t.absent) + INVENTIONS_OF_CROWD.1);
        let shrunken = |tally: &Tally| {
            let of = tally.absent + params.shrinkage / crowd.max(1e-3);
            ((tally.inventions + params.shrinkage) / of.max(1.0)).clamp(1e-3, 0.99)
        };
        self.inventions = tallies.iter().map(shrunken).collect();
        // Newton's method; the next round goes on where this one ends.
        for _ in 0..2 {
            self.step_hits(tallies, params.shrinkage);
        }
    }

    /// One step of every worker's log-odds of a hit toward their most probable value, with a normal prior around the
    /// crowd's mean, in which a worker counts as far as the answers tell about them.
    fn step_hits(&mut self, tallies: &[Tally], shrinkage: f64) {
        let precision = shrinkage * LOGIT_INFORMATION;
        let slopes: Vec<(f64, f64)> = tallies.iter().zip(&self.hit_log_odds).map(Tally::slopes).collect();
        let (mut sum, mut weight) = (HIT_LOG_ODDS * HITS_OF_CROWD, HITS_OF_CROWD);
        for ((_, curvature), log_odds) in slopes.iter().zip(&self.hit_log_odds) {
            let evidence = on_grid(curvature / (curvature + precision).max(f64::MIN_POSITIVE) * shrinkage);
            sum += on_grid(evidence * log_odds);
            weight += evidence;
        }
        let mean = sum / weight;
        for ((gradient, curvature), log_odds) in slopes.iter().zip(&mut self.hit_log_odds) {
            let step = (gradient - precision * (*log_odds - mean)) / (curvature + precision).max(f64::MIN_POSITIVE);
            *log_odds = on_grid((*log_odds + step.clamp(-1.0, 1.0)).clamp(-MAX_LOG_ODDS, MAX_LOG_ODDS));
        }
    }
}

impl Tally {
    /// The first derivative of the log-likelihood by the log-odds of a hit, and minus the second.
    fn slopes((tally, log_odds): (&Self, &f64)) -> (f64, f64) {
        let (mut gradient, mut curvature) = (tally.hits, 0.0);
        for (there, step) in tally.there.iter().zip(STEPS) {
            let hit = probability(log_odds - step);
            gradient -= there * hit;
            curvature += there * hit * (1.0 - hit);
        }
        (gradient, curvature)
    }
}
