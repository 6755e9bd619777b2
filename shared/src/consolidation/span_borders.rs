//! The borders of a span from several workers' versions of it: a vote in which careful workers count more.
//!
//! **Model.** The candidates of a border (start and end apart) are the values that somebody gave. Worker *i* hits it with
//! probability `p_i`; a miss falls on any other candidate alike. Start and end are voted apart, because a worker who errs
//! at one border is right at the other more often than not.
//!
//! **Fit.** Expectation-maximization over all spans, from the vote shares; `p_i` is shrunken toward the crowd's by
//! `worker_strength` borders, that toward `accuracy` by `crowd_strength` borders. **Ties** go to the wider span: of two
//! workers, one who overlooked a part is likelier than one who invented it. **Confidence** is
//! the posterior of both borders, where some value that nobody gave is as likely as one that was. **Cost** per round: the versions times the candidates of their span.
//!
//! Source: Dawid and Skene (1979) with one rate per worker; the mode as Ground Truth tells of its own spans.

use super::StopReason;

/// One worker's version of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Index of the worker.
    pub worker: usize,
    /// The first unit: a character or a token, counted from 0.
    pub start: u64,
    /// One past the last unit.
    pub end: u64,
}

/// What is assumed before any answer, and when to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How often a worker hits a border, before any evidence.
    pub accuracy: f64,
    /// How many borders that assumption is worth.
    pub crowd_strength: f64,
    /// How many borders the crowd's accuracy is worth in the estimate of one worker's.
    pub worker_strength: f64,
    /// At most this many rounds.
    pub max_iterations: usize,
    /// Stop when no worker's accuracy changes by more than this.
    pub tolerance: f64,
}

/// Where the spans start and end, and how often each worker hits a border.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Per span its borders; `None` for a span without versions, or whose borders cross.
    pub borders: Vec<Option<Borders>>,
    /// Per worker how often a border is hit.
    pub accuracies: Vec<f64>,
    /// How many rounds were made.
    pub n_iterations: usize,
    /// Why no more were made.
    pub stop: StopReason,
}

/// The borders of one span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Borders {
    /// The first unit: a character or a token, counted from 0.
    pub start: u64,
    /// One past the last unit.
    pub end: u64,
    /// The probability that both are right, given that the span is there.
    pub probability: f64,
}

/// The values that were given for one border, each with its probability.
struct Border {
    votes: Vec<(usize, u64)>,
    candidates: Vec<u64>,
    posterior: Vec<f64>,
}

impl Border {
    fn new(votes: Vec<(usize, u64)>) -> Self {
        let mut candidates: Vec<u64> = votes.iter().map(|(_, value)| *value).collect();
        candidates.sort_unstable();
        candidates.dedup();
        let share =
            |candidate: &u64| votes.iter().filter(|(_, value)| value == candidate).count() as f64 / votes.len() as f64;
        let posterior = candidates.iter().map(share).collect();
        Self { votes, candidates, posterior }
    }

    fn judge(&mut self, accuracies: &[f64]) {
        // Some value that nobody gave is one more candidate, so that a lone version is not certain.
        let others = self.candidates.len() as f64;
        for (candidate, probability) in self.candidates.iter().zip(&mut self.posterior) {
            let of_vote = |(worker, value): &(usize, u64)| {
                let accuracy = accuracies[*worker];
                if value == candidate { accuracy.ln() } else { ((1.0 - accuracy) / others).ln() }
            };
            *probability = self.votes.iter().map(of_vote).sum();
        }
        let highest = self.posterior.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.posterior.iter_mut().for_each(|probability| *probability = (*probability - highest).exp());
        let nowhere: f64 = self.votes.iter().map(|(worker, _)| ((1.0 - accuracies[*worker]) / others).ln()).sum();
        let total = self.posterior.iter().sum::<f64>() + (nowhere - highest).exp();
        self.posterior.iter_mut().for_each(|probability| *probability /= total);
    }

    /// The likeliest candidates, up to rounding error.
    fn winners(&self) -> impl DoubleEndedIterator<Item = (u64, f64)> {
        let highest = self.posterior.iter().copied().fold(0.0, f64::max);
        let wins = move |(_, probability): &(&u64, &f64)| **probability >= highest * (1.0 - 1e-9);
        self.candidates
            .iter()
            .zip(&self.posterior)
            .filter(wins)
            .map(|(candidate, probability)| (*candidate, *probability))
    }
}

/// Fits all spans together. `n_workers` is above every index.
pub fn fit(spans: &[Vec<Version>], n_workers: usize, params: &Params) -> Fit {
    let border = |span: &Vec<Version>, of: fn(&Version) -> u64| {
        Border::new(span.iter().map(|version| (version.worker, of(version))).collect())
    };
    let mut starts: Vec<Border> = spans.iter().map(|span| border(span, |version| version.start)).collect();
    let mut ends: Vec<Border> = spans.iter().map(|span| border(span, |version| version.end)).collect();
    let mut accuracies = vec![params.accuracy; n_workers];
    let (mut n_iterations, mut stop) = (0, StopReason::MaxIterations);
    while n_iterations < params.max_iterations {
        n_iterations += 1;
        let change = estimate(starts.iter().chain(&ends), &mut accuracies, params);
        starts.iter_mut().chain(&mut ends).for_each(|border| border.judge(&accuracies));
        if change <= params.tolerance {
            stop = StopReason::Converged;
            break;
        }
    }
    let widest = |(starts, ends): (&Border, &Border)| {
        let (start, of_start) = starts.winners().next()?;
        let (end, of_end) = ends.winners().next_back()?;
        (start < end).then_some(Borders { start, end, probability: of_start * of_end })
    };
    let borders = starts.iter().zip(&ends).map(widest).collect();
    Fit { borders, accuracies, n_iterations, stop }
}

/// Estimates every worker's accuracy; gives the largest change.
fn estimate<'a>(borders: impl Iterator<Item = &'a Border>, accuracies: &mut [f64], params: &Params) -> f64 {
    let (mut hits, mut all) = (vec![0.0; accuracies.len()], vec![0.0; accuracies.len()]);
    // One version alone says nothing about its maker.
    for border in borders.filter(|border| border.votes.len() > 1) {
        for (worker, value) in &border.votes {
            all[*worker] += 1.0;
            let idx = border.candidates.binary_search(value);
            hits[*worker] += idx.ok().and_then(|idx| border.posterior.get(idx)).copied().unwrap_or_default();
        }
    }
    let crowd = (hits.iter().sum::<f64>() + params.accuracy * params.crowd_strength)
        / (all.iter().sum::<f64>() + params.crowd_strength);
    let mut change = 0.0_f64;
    for ((accuracy, hits), all) in accuracies.iter_mut().zip(hits).zip(all) {
        let shrunken = (hits + crowd * params.worker_strength) / (all + params.worker_strength);
        let shrunken = shrunken.clamp(1e-6, 1.0 - 1e-6);
        change = change.max((shrunken - *accuracy).abs());
        *accuracy = shrunken;
    }
    change
}

/// Each border by itself: the value that most versions give; where several lead, the lower median of all. `None` for no
/// version, or when the borders cross.
pub fn mode(span: &[Version]) -> Option<(u64, u64)> {
    let border = |of: fn(&Version) -> u64| {
        let mut values: Vec<u64> = span.iter().map(of).collect();
        values.sort_unstable();
        let runs = || values.chunk_by(|a, b| a == b);
        let most = runs().map(<[u64]>::len).max()?;
        let mut leading = runs().filter(|run| run.len() == most);
        match (leading.next(), leading.next()) {
            (Some(run), None) => run.first().copied(),
            _ => values.get((values.len() - 1) / 2).copied(),
        }
    };
    let (start, end) = (border(|version| version.start)?, border(|version| version.end)?);
    (start < end).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: Params =
        Params { accuracy: 0.8, crowd_strength: 10.0, worker_strength: 10.0, max_iterations: 50, tolerance: 1e-6 };

    /// Versions as `start-end`, the n-th by worker n.
    fn span(text: &str) -> Vec<Version> {
        let version = |(worker, pair): (usize, &str)| {
            let (start, end) = pair.split_once('-').expect("start-end");
            Version { worker, start: start.parse().expect("a number"), end: end.parse().expect("a number") }
        };
        text.split_whitespace().enumerate().map(version).collect()
    }

    #[test]
    fn the_mode_leads_and_else_the_lower_median() {
        let check = |text: &str, expected| assert_eq!(mode(&span(text)), expected, "{text}");
        check("4-9 4-9 4-12", Some((4, 9)));
        check("4-9 5-12", Some((4, 9)));
        check("1-9 2-9 3-9", Some((2, 9)));
        check("1-5 1-5 6-9 6-8", Some((1, 5)));
        check("", None);
    }

    #[test]
    fn borders_are_voted_and_ties_go_to_the_wider_span() {
        let check = |text: &str, expected| {
            let borders = fit(&[span(text)], 4, &PARAMS).borders[0];
            assert_eq!(borders.map(|borders| (borders.start, borders.end)), expected, "{text}");
        };
        check("4-9 4-9 4-12", Some((4, 9)));
        check("4-9 5-12", Some((4, 12)));
        check("4-9", Some((4, 9)));
        check("", None);
    }

    #[test]
    fn careful_workers_outvote_careless_ones() {
        let mut spans: Vec<Vec<Version>> =
            (0..40).map(|n| span(&format!("{n}-60 {n}-60 {n}-60 {}-{}", n + 1, 61 + n % 7))).collect();
        spans.push([(0, 5), (3, 6)].map(|(worker, end)| Version { worker, start: 1, end }).to_vec());
        let fit = fit(&spans, 4, &PARAMS);
        assert_eq!(fit.borders[40].map(|borders| borders.end), Some(5));
        assert_eq!(fit.stop, StopReason::Converged);
    }
}
