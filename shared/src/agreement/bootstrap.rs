//! Intervals by the bootstrap: the objects are drawn anew, as many as there are and with replacement, and the statistic
//! is taken of each such replicate. The interval lies between two of its quantiles (percentile method). Source: Efron,
//! "Bootstrap methods: another look at the jackknife", 1979.
//!
//! Objects are drawn, not answers, because answers to one object depend on each other. The same seed gives the same
//! interval on every machine. Cost: per replicate one draw per object, and the statistic.

use super::Undefined;
use super::vote_patterns::{Sample, VotePatterns};
use crate::dice::Dice;

/// Parameters of a bootstrap, checked by [`Bootstrap::new`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    n_replicates: usize,
    level: f64,
    seed: u64,
}

impl Bootstrap {
    /// `n_replicates` samples (a thousand are usual) drawn from `seed`, and an interval that holds the share `level` of
    /// them (0.95 is usual).
    ///
    /// # Errors
    /// [`BootstrapError`] when there is no replicate, or `level` does not lie between 0 and 1.
    pub fn new(n_replicates: usize, level: f64, seed: u64) -> Result<Self, BootstrapError> {
        if n_replicates == 0 {
            return Err(BootstrapError::NoReplicates);
        }
        if level > 0.0 && level < 1.0 {
            Ok(Self { n_replicates, level, seed })
        } else {
            Err(BootstrapError::Level { level })
        }
    }

    /// Draws from objects, each of one of `n_strata` strata. The statistic gets how often each stratum was drawn.
    pub(super) fn interval(
        &self,
        stratum_of: &[u32],
        n_strata: usize,
        statistic: impl Fn(&[u32]) -> Result<f64, Undefined>,
    ) -> Option<Interval> {
        // A stream of its own: whoever drew something else from the same seed must not meet the same numbers here.
        let mut dice = Dice::named(self.seed, "bootstrap");
        let mut times = vec![0_u32; n_strata];
        let mut values = Vec::new();
        for _ in 0..self.n_replicates {
            times.fill(0);
            for _ in stratum_of {
                times[stratum_of[dice.below(stratum_of.len())] as usize] += 1;
            }
            values.extend(statistic(&times));
        }
        values.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - self.level) / 2.0;
        Some(Interval {
            low: quantile(&values, tail)?,
            high: quantile(&values, 1.0 - tail)?,
            n_undefined: self.n_replicates - values.len(),
        })
    }
}

/// The interval in which a statistic lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end, a percentile of the replicates.
    pub low: f64,
    /// The upper end, a percentile of the replicates.
    pub high: f64,
    /// Replicates in which the statistic has no value; they are left out. When they are many, the interval says little.
    pub n_undefined: usize,
}

/// The interval of a statistic; `None` when no replicate gives it a value.
pub fn interval(
    patterns: &VotePatterns,
    statistic: impl Fn(Sample<'_>) -> Result<f64, Undefined>,
    bootstrap: &Bootstrap,
) -> Option<Interval> {
    bootstrap.interval(patterns.pattern_of(), patterns.n_patterns(), |times| statistic(patterns.drawn(times)))
}

/// The quantile of ascending values, linear between neighbors; `None` for no value.
fn quantile(values: &[f64], probability: f64) -> Option<f64> {
    let rank = probability * (values.len().checked_sub(1)?) as f64;
    let below = values.get(rank as usize)?;
    let above = values.get(rank as usize + 1).unwrap_or(below);
    Some(below + (above - below) * rank.fract())
}

/// Parameters that [`Bootstrap::new`] refuses.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BootstrapError {
    /// The number of replicates is 0.
    #[error("a bootstrap needs at least one replicate; a thousand are usual")]
    NoReplicates,
    /// The level is not between 0 and 1, both excluded.
    #[error("the level {level} must lie between 0 and 1; 0.95 is usual")]
    Level {
        /// The level as given.
        level: f64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against numpy 1.26.4, `quantile`.
    #[test]
    fn quantiles_lie_between_neighbors() {
        let mut values = [0.3, 0.1, 0.9, 0.4, 0.6, 0.2, 0.75];
        values.sort_by(f64::total_cmp);
        for (probability, expected) in [(0.025, 0.115), (0.5, 0.4), (0.975, 0.8775), (0.0, 0.1), (1.0, 0.9)] {
            let found = quantile(&values, probability).expect("there are values");
            assert!((found - expected).abs() < 1e-12, "{probability}: {found}");
        }
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn parameters_are_checked() {
        assert_eq!(Bootstrap::new(0, 0.95, 1), Err(BootstrapError::NoReplicates));
        for level in [0.0, 1.0, -0.5] {
            assert_eq!(Bootstrap::new(10, level, 1), Err(BootstrapError::Level { level }));
        }
        assert!(Bootstrap::new(10, f64::NAN, 1).is_err());
    }

    #[test]
    fn the_interval_of_a_share_is_that_of_the_binomial_distribution() {
        let is_one: Vec<u32> = (0..400).map(|object| u32::from(object >= 280)).collect();
        let share = |times: &[u32]| Ok(f64::from(times[1]) / 400.0);
        let bootstrap = Bootstrap::new(4000, 0.95, 1).expect("parameters");
        let interval = bootstrap.interval(&is_one, 2, share).expect("an interval");
        // 0.3 ± 1.96 √(0.3 · 0.7 / 400)
        assert!((interval.low - 0.2551).abs() < 0.006 && (interval.high - 0.3449).abs() < 0.006, "{interval:?}");
        assert_eq!(Some(interval), bootstrap.interval(&is_one, 2, share));
    }

    #[test]
    fn replicates_without_a_value_are_counted() {
        let bootstrap = Bootstrap::new(200, 0.9, 3).expect("parameters");
        let defined = |times: &[u32]| if times[0] > 0 { Ok(1.0) } else { Err(Undefined::NoPairs) };
        let interval = bootstrap.interval(&[0, 1], 2, defined).expect("an interval");
        assert!((20..80).contains(&interval.n_undefined), "a quarter of 200 draws, but {}", interval.n_undefined);
        assert_eq!(bootstrap.interval(&[], 0, |_| Err(Undefined::NoPairs)), None);
    }
}
