//! Sorts of objects, in each of which categories have frequencies of their own.

use super::super::numerics::{ln_on_grid, normalize_logs, on_grid};
use super::{Evidence, Selection};

/// The most themes. More did no better, and each costs as much as the first.
const MAX_THEMES: usize = 8;

/// What a theme has before any object: one of them.
const THEME_PRIOR: f64 = 1.0;

/// Each category holds for two objects of ten, before any evidence.
const OBJECTS_WITH_CATEGORY: (f64, f64) = (2.0, 10.0);

/// No frequency is believed to be nearer to 0 or 1.
const MIN_FREQUENCY: f64 = 1e-4;

/// How many factors of at least [`MIN_FREQUENCY`] fit into a double before their logarithm must be taken.
const FACTORS: usize = 64;

/// The themes of a batch, and what the last round made of them.
#[derive(Debug, Clone)]
pub(super) struct Themes {
    n_objects: usize,
    n_categories: usize,
    pooling: f64,
    /// Per theme the objects that belong to it, and per theme and category those of them in which it holds.
    objects: Vec<f64>,
    holding: Vec<f64>,
    /// Per theme the logarithm of its share of the objects, and per theme and category its frequency.
    log_shares: Vec<f64>,
    frequencies: Vec<f64>,
    /// Per theme its probability for one object, and per theme and category that of holding in it.
    of_object: Vec<f64>,
    of_categories: Vec<f64>,
}

impl Themes {
    /// One theme for each of the categories that are named most, the first of equals; an object belongs to those that it
    /// was named for.
    pub(super) fn of(objects: &[Vec<Selection>], n_categories: usize, posteriors: &[f64], pooling: f64) -> Self {
        let mut n_named = vec![0_usize; n_categories];
        for category in objects.iter().flatten().flat_map(|answer| &answer.chosen) {
            if let Some(n_named) = n_named.get_mut(*category as usize) {
                *n_named += 1;
            }
        }
        let mut leading: Vec<usize> = (0..n_categories).collect();
        leading.sort_by_key(|category| std::cmp::Reverse(n_named[*category]));
        leading.truncate(MAX_THEMES);
        let n_themes = leading.len();
        let mut themes = Self {
            n_objects: objects.len(),
            n_categories,
            pooling,
            objects: vec![0.0; n_themes],
            holding: vec![0.0; n_themes * n_categories],
            log_shares: vec![0.0; n_themes],
            frequencies: vec![0.0; n_themes * n_categories],
            of_object: vec![0.0; n_themes],
            of_categories: vec![0.0; n_themes * n_categories],
        };
        for row in posteriors.chunks(n_categories.max(1)) {
            let weight = |category: &usize| row[*category] + 0.01;
            let sum: f64 = leading.iter().map(weight).sum();
            for (theme, category) in leading.iter().enumerate() {
                let share = on_grid(weight(category) / sum);
                themes.objects[theme] += share;
                let holding = themes.holding[theme * n_categories..].iter_mut();
                holding.zip(row).for_each(|(holding, posterior)| *holding += on_grid(share * posterior));
            }
        }
        themes
    }

    /// Estimates shares and frequencies from the last round, and begins to count anew.
    pub(super) fn update(&mut self) {
        let n = self.n_categories;
        let n_themes = self.objects.len() as f64;
        let of_all = |category: usize| {
            let holding: f64 = self.holding.iter().skip(category).step_by(n).sum();
            (holding + OBJECTS_WITH_CATEGORY.0) / (self.n_objects as f64 + OBJECTS_WITH_CATEGORY.1)
        };
        let of_all: Vec<f64> = (0..n).map(of_all).collect();
        for (theme, objects) in self.objects.iter_mut().enumerate() {
            let share = (*objects + THEME_PRIOR) / (self.n_objects as f64 + THEME_PRIOR * n_themes);
            self.log_shares[theme] = ln_on_grid(share);
            let all = (*objects + self.pooling).max(f64::MIN_POSITIVE);
            let holding = self.holding[theme * n..].iter().zip(&of_all);
            for (frequency, (holding, of_all)) in self.frequencies[theme * n..].iter_mut().zip(holding) {
                *frequency = ((holding + self.pooling * of_all) / all).clamp(MIN_FREQUENCY, 1.0 - MIN_FREQUENCY);
            }
            *objects = 0.0;
        }
        self.holding.fill(0.0);
    }

    /// Judges one object: which theme it has and which categories hold.
    pub(super) fn judge(&mut self, evidence: &[Evidence], posteriors: &mut [f64]) {
        let n = self.n_categories;
        if n == 0 {
            return;
        }
        let rows = self.frequencies.chunks(n).zip(self.of_categories.chunks_mut(n));
        for ((frequencies, of_categories), (of_object, log_share)) in
            rows.zip(self.of_object.iter_mut().zip(&self.log_shares))
        {
            *of_object = *log_share;
            let factors = frequencies.chunks(FACTORS).zip(evidence.chunks(FACTORS));
            for ((frequencies, evidence), of_categories) in factors.zip(of_categories.chunks_mut(FACTORS)) {
                let mut product = 1.0_f64;
                for ((frequency, evidence), holds) in frequencies.iter().zip(evidence).zip(of_categories) {
                    let there = frequency * evidence.probability;
                    let factor = there + (1.0 - frequency) * (1.0 - evidence.probability);
                    *holds = there / factor;
                    product *= factor;
                }
                *of_object += product.ln();
            }
        }
        normalize_logs(&mut self.of_object);
        posteriors.fill(0.0);
        let rows = self.of_categories.chunks(n).zip(self.holding.chunks_mut(n));
        for ((of_categories, holding), (of_object, objects)) in rows.zip(self.of_object.iter().zip(&mut self.objects)) {
            if *of_object > 0.0 {
                *objects += of_object;
                for ((holds, holding), posterior) in of_categories.iter().zip(holding).zip(posteriors.iter_mut()) {
                    let both = on_grid(of_object * holds);
                    *holding += both;
                    *posterior += both;
                }
            }
        }
        posteriors.iter_mut().for_each(|posterior| *posterior = posterior.min(1.0));
    }
}
