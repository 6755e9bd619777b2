//! What the page says about each worker.

use std::collections::BTreeSet;

use ground_truth::plan::Outcome;
use serde::Serialize;
use serde_json::{Map, Value};

use super::alone::Said;
use super::names::WorkerNames;
use super::overview::median;
use crate::finished_job::FinishedJob;
use crate::label_diff;

/// Kinds whose answers are the label or are not.
const CATEGORICAL: &[&str] = &["classification", "multi-label", "ordinal", "pairwise"];

/// One worker.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WorkerRow {
    name: String,
    answers: usize,
    /// Values of categorical fields that have a label, and how many of them are as the label. The worker's own vote is in
    /// the label.
    compared: usize,
    same: usize,
    median_seconds: Option<f64>,
    /// Objects of which something that the worker sent was set aside.
    rejected: usize,
    /// Unix time of the first and last answer.
    first: Option<i64>,
    last: Option<i64>,
}

impl WorkerRow {
    /// Everybody, in the order of the names.
    pub(super) fn of_all(
        job: &FinishedJob,
        outcomes: &[Outcome],
        labels: &[Map<String, Value>],
        said: &[Vec<Said>],
        names: &WorkerNames,
    ) -> Vec<Self> {
        let mut seconds = vec![Vec::new(); names.len()];
        let mut rows: Vec<Self> = (0..names.len())
            .map(|place| Self {
                name: names.name(place).to_owned(),
                answers: 0,
                compared: 0,
                same: 0,
                median_seconds: None,
                rejected: 0,
                first: None,
                last: None,
            })
            .collect();
        for (place, (outcome, labels)) in outcomes.iter().zip(labels).enumerate() {
            let decided = label_diff::of_fields(labels);
            let fields: Vec<_> = outcome
                .fields
                .iter()
                .filter(|field| CATEGORICAL.contains(&field.kind.name))
                .filter_map(|field| Some((&field.name, decided.get(&field.name)?)))
                .collect();
            let timings = &job.details[place].timings;
            for ((answer, timing), said) in job.batch.objects[place].answers.iter().zip(timings).zip(&said[place]) {
                let Some(worker) = names.place(&answer.worker_id) else { continue };
                let row = &mut rows[worker];
                row.answers += 1;
                for (name, label) in &fields {
                    if let Some(said) = said.get(*name) {
                        row.compared += 1;
                        row.same += usize::from(said.decides_as(label));
                    }
                }
                seconds[worker].extend(timing.seconds.filter(|seconds| seconds.is_finite()));
                if let Some(at) = timing.submitted.map(|at| at.unix_timestamp()) {
                    row.first = Some(row.first.map_or(at, |first| first.min(at)));
                    row.last = Some(row.last.map_or(at, |last| last.max(at)));
                }
            }
            let of_fields = outcome.fields.iter().flat_map(|field| &field.outcome.rejected);
            let rejected = outcome.unreadable.iter().chain(of_fields);
            let whose: BTreeSet<usize> = rejected.filter_map(|one| names.place(one.worker_id.as_ref()?)).collect();
            whose.into_iter().for_each(|worker| rows[worker].rejected += 1);
        }
        for (row, seconds) in rows.iter_mut().zip(&mut seconds) {
            row.median_seconds = median(seconds);
        }
        rows
    }
}
