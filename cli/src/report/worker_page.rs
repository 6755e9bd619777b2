//! What the page says about each worker: the figures of `gtruth workers`, and when they were there.

use serde::Serialize;

use super::names::WorkerNames;
use crate::crowd::workers::Worker;
use crate::finished_job::FinishedJob;

/// What the page of one worker shows beyond the figures of `gtruth workers`.
#[derive(Debug, Serialize)]
pub(super) struct WorkerPage {
    #[serde(flatten)]
    figures: Worker,
    /// Unix time of the first and the last answer, where times are on file.
    present: Option<(i64, i64)>,
}

impl WorkerPage {
    /// Every worker, in the order of the names.
    pub(super) fn of_all(job: &FinishedJob, mut figures: Vec<Worker>, names: &WorkerNames) -> Vec<Self> {
        let mut present: Vec<Option<(i64, i64)>> = vec![None; names.len()];
        for (object, details) in job.batch.objects.iter().zip(&job.details) {
            for (answer, timing) in object.answers.iter().zip(&details.timings) {
                let (Some(idx), Some(at)) = (names.index_of(&answer.worker_id), timing.submitted) else { continue };
                let at = at.unix_timestamp();
                let (first, last) = present[idx].unwrap_or((at, at));
                present[idx] = Some((first.min(at), last.max(at)));
            }
        }
        figures.sort_by(|a, b| a.worker.cmp(&b.worker));
        figures.into_iter().zip(present).map(|(figures, present)| Self { figures, present }).collect()
    }
}
