//! How long workers took, against the others who answered the same object.

use serde::Serialize;

use crate::finished_job::{FinishedJob, Timing};

/// How many others must have a time before an answer is called fast or slow.
const MIN_OTHERS: usize = 2;

/// By what factor the time must differ from that of the others.
const FACTOR: f64 = 3.0;

/// The time that one worker took.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Times {
    /// The median of the seconds per answer, where times are on file.
    pub(crate) median_seconds: Option<f64>,
    /// The share of the compared answers that took less than a third of the others' median for the same object.
    pub(crate) too_fast: Option<f64>,
    /// The share that took more than three times as long.
    pub(crate) too_slow: Option<f64>,
    /// How many answers could be compared: at least two others have a time for the object.
    pub(crate) compared: usize,
}

/// Active seconds, or else those from taking the task to sending the answer.
pub(crate) fn seconds(timing: &Timing) -> Option<f64> {
    let elapsed = || Some((timing.submitted? - timing.accepted?).as_seconds_f64());
    timing.seconds.or_else(elapsed).filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
}

/// The times of each worker. `worker_of` tells the index of the worker of an answer, by the indices of object and answer.
pub(super) fn of_workers(job: &FinishedJob, worker_of: &[Vec<usize>], n_workers: usize) -> Vec<Times> {
    let mut seconds_of: Vec<Vec<f64>> = vec![Vec::new(); n_workers];
    let (mut n_fast, mut n_slow, mut n_compared) = (vec![0; n_workers], vec![0; n_workers], vec![0; n_workers]);
    for (details, workers) in job.details.iter().zip(worker_of) {
        let timed =
            details.timings.iter().zip(workers).filter_map(|(timing, worker)| Some((seconds(timing)?, *worker)));
        let mut timed: Vec<(f64, usize)> = timed.collect();
        timed.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (idx, (seconds, worker)) in timed.iter().enumerate() {
            seconds_of[*worker].push(*seconds);
            if timed.len() <= MIN_OTHERS {
                continue;
            }
            let others = |n: usize| timed[if n < idx { n } else { n + 1 }].0;
            let others = median_of(timed.len() - 1, others);
            n_compared[*worker] += 1;
            n_fast[*worker] += usize::from(seconds * FACTOR < others);
            n_slow[*worker] += usize::from(*seconds > others * FACTOR);
        }
    }
    let share = |n: usize, of: usize| (of > 0).then(|| n as f64 / of as f64);
    let times = seconds_of.into_iter().enumerate().map(|(worker, mut seconds)| Times {
        median_seconds: median(&mut seconds),
        too_fast: share(n_fast[worker], n_compared[worker]),
        too_slow: share(n_slow[worker], n_compared[worker]),
        compared: n_compared[worker],
    });
    times.collect()
}

/// The median; `None` of none.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    (!values.is_empty()).then(|| median_of(values.len(), |n| values[n]))
}

/// The median of `n` ascending values, at least one.
fn median_of(n: usize, value: impl Fn(usize) -> f64) -> f64 {
    (value((n - 1) / 2) + value(n / 2)) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_between_the_middle_values() {
        let median = |values: &[f64]| median_of(values.len(), |n| values[n]);
        assert_eq!(
            [median(&[3.0]), median(&[1.0, 2.0]), median(&[1.0, 2.0, 9.0])].map(|m| m.to_string()),
            ["3", "1.5", "2"]
        );
    }

    #[test]
    fn answers_are_compared_with_those_of_at_least_two_others() {
        let timing = |seconds: f64| Timing { seconds: Some(seconds), ..Timing::default() };
        let mut job = crate::finished_job::testing::JobFolder::new("survey")
            .file("manifests/output/output.manifest", "{\"source\":\"a\"}\n{\"source\":\"b\"}\n")
            .open();
        job.details[0].timings = [2.0, 20.0, 30.0, 95.0].map(timing).to_vec();
        job.details[1].timings = [1.0, 500.0].map(timing).to_vec();
        let times = of_workers(&job, &[vec![0, 1, 2, 3], vec![0, 1]], 4);
        let shown = |times: &Times| {
            format!("{:?} {:?} {:?} {}", times.median_seconds, times.too_fast, times.too_slow, times.compared)
        };
        assert_eq!(
            times.iter().map(shown).collect::<Vec<_>>(),
            [
                "Some(1.5) Some(1.0) Some(0.0) 1",
                "Some(260.0) Some(0.0) Some(0.0) 1",
                "Some(30.0) Some(0.0) Some(0.0) 1",
                "Some(95.0) Some(0.0) Some(1.0) 1",
            ]
        );
    }
}
