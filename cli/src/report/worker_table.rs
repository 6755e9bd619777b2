//! What the page says about each worker.

use std::collections::{BTreeMap, BTreeSet};

use ground_truth::plan::Outcome;
use serde::Serialize;
use serde_json::{Map, Value};

use super::alone::Said;
use super::names::WorkerNames;
use super::overview::median;
use crate::finished_job::FinishedJob;
use crate::label_diff::{self, Decision};

/// Kinds whose answers are the label or are not.
const CATEGORICAL: &[&str] = &["classification", "multi-label", "ordinal", "pairwise"];

/// How many mistakes of a field are told: those that happen most.
const N_CONFUSIONS: usize = 5;

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
    /// The same by field, in alphabetical order.
    fields: Vec<WorkerField>,
}

/// One worker and one categorical field.
#[derive(Debug, Default, Serialize)]
struct WorkerField {
    name: String,
    compared: usize,
    same: usize,
    /// What the worker said, what the result is instead, and how often.
    confusions: Vec<(String, String, usize)>,
}

/// The same while it is counted.
#[derive(Debug, Default, Clone)]
struct Tally {
    compared: usize,
    same: usize,
    confusions: BTreeMap<(String, String), usize>,
}

impl Tally {
    fn count(&mut self, said: &Decision, label: &Decision) {
        self.compared += 1;
        if said.decides_as(label) {
            self.same += 1;
            return;
        }
        let choice = |decision: &Decision| decision.members.get("label")?.as_str().map(str::to_owned);
        if let (Some(said), Some(label)) = (choice(said), choice(label)) {
            *self.confusions.entry((said, label)).or_default() += 1;
        }
    }

    fn field(self, name: &str) -> WorkerField {
        let mut confusions: Vec<_> = self.confusions.into_iter().map(|((said, label), n)| (said, label, n)).collect();
        // A stable sort: of equals the first by name.
        confusions.sort_by_key(|(_, _, n)| std::cmp::Reverse(*n));
        confusions.truncate(N_CONFUSIONS);
        WorkerField { name: name.to_owned(), compared: self.compared, same: self.same, confusions }
    }
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
        let mut tallies = vec![BTreeMap::<&str, Tally>::new(); names.len()];
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
                fields: Vec::new(),
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
                        tallies[worker].entry(name).or_default().count(said, label);
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
        for ((row, seconds), tallies) in rows.iter_mut().zip(&mut seconds).zip(tallies) {
            row.median_seconds = median(seconds);
            row.fields = tallies.into_iter().map(|(name, tally)| tally.field(name)).collect();
            row.compared = row.fields.iter().map(|field| field.compared).sum();
            row.same = row.fields.iter().map(|field| field.same).sum();
        }
        rows
    }
}
