//! How each worker of a finished job did.

use std::collections::{BTreeSet, HashMap};

use ground_truth::annotation_kinds::AnnotationKind;
use ground_truth::field_value::{FieldValue, FieldValueBuf};
use ground_truth::plan::{ConsolidationPlan, Outcome};
use ground_truth::vocabulary::WorkerId;
use serde::Serialize;

use super::consensus::OthersConsensus;
use super::names::WorkerNames;
use super::{Crowd, CrowdField, References, Row, workers_of};
use crate::console::progress::Progress;
use crate::finished_job::FinishedJob;

mod field;
mod gold;
mod times;

pub(crate) use field::{CategoryBias, Confusion, Drift, Mean, MeanError, WorkerField};
pub(crate) use gold::GoldLabels;
pub(crate) use times::{median, seconds};

use times::Times;

/// What each worker is compared with: the consensus of the others, and known answers.
struct WorkerReferences<'a> {
    plan: &'a ConsolidationPlan,
    consensus: &'a OthersConsensus,
    gold: &'a GoldLabels,
    /// The fields of the form.
    kinds: Vec<(String, &'static str)>,
}

impl References for WorkerReferences<'_> {
    fn consensus(&self, field: &str, object: usize, worker: usize) -> Option<(usize, FieldValue<'_>)> {
        self.consensus.of_answer(field, object, worker)
    }

    fn gold(&self, field: &str, kind: &AnnotationKind, object: usize) -> Option<FieldValueBuf> {
        let is_only = self.kinds.iter().filter(|(_, other)| *other == kind.name).count() == 1;
        self.gold.answer(self.plan, field, kind, object, is_only)
    }
}

/// What is known of a job's workers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) labeling_job_name: Option<String>,
    pub(crate) objects: usize,
    /// How many groups of workers were left out of the consensus in turn; a worker's own group is left out of what the
    /// worker is compared with.
    pub(crate) groups: usize,
    /// In the order of their ids.
    pub(crate) workers: Vec<Worker>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Worker {
    pub(crate) worker: String,
    /// All that were sent.
    pub(crate) answers: usize,
    /// Data objects with an answer that can be read.
    pub(crate) objects: usize,
    /// Answers that were set aside, in whole or in part.
    pub(crate) set_aside: usize,
    /// Answers that a newer one of the same worker replaced.
    pub(crate) replaced: usize,
    pub(crate) time: Times,
    pub(crate) fields: Vec<WorkerField>,
}

impl Report {
    /// Compares every answer with what the other workers say and with what is known. That consolidates the job several
    /// times. The job is left as it was.
    pub(crate) fn of(
        job: &mut FinishedJob,
        plan: &ConsolidationPlan,
        outcomes: &[Outcome],
        gold: &GoldLabels,
        names: &WorkerNames,
        progress: Progress,
    ) -> Self {
        let workers = workers_of(&job.batch);
        let consensus = OthersConsensus::of(plan, &mut job.batch, &workers, progress);
        let kinds = plan.map_fields(&job.batch, |name, kind, _| (name.to_owned(), kind.name));
        let references = WorkerReferences { plan, consensus: &consensus, gold, kinds };
        let crowd = Crowd::read(plan, &job.batch, outcomes, &references);
        Self::sum_up(job, outcomes, &crowd, &consensus, names)
    }

    fn sum_up(
        job: &FinishedJob,
        outcomes: &[Outcome],
        crowd: &Crowd,
        consensus: &OthersConsensus,
        names: &WorkerNames,
    ) -> Self {
        let worker_indices: HashMap<&WorkerId, usize> = crowd.workers.iter().zip(0..).collect();
        let index_of = |worker_id: &WorkerId| worker_indices.get(worker_id).copied();
        let workers_of_objects: Vec<Vec<usize>> = job
            .batch
            .objects
            .iter()
            .map(|object| object.answers.iter().filter_map(|one| index_of(&one.worker_id)).collect())
            .collect();
        let n_workers = crowd.workers.len();
        let mut workers: Vec<Worker> = times::of_workers(job, &workers_of_objects, n_workers)
            .into_iter()
            .zip(&crowd.workers)
            .map(|(time, id)| Worker {
                worker: names.of(id),
                answers: 0,
                objects: 0,
                set_aside: 0,
                replaced: 0,
                time,
                fields: Vec::new(),
            })
            .collect();
        for (outcome, (details, of_object)) in outcomes.iter().zip(job.details.iter().zip(&workers_of_objects)) {
            for worker in of_object {
                workers[*worker].answers += 1;
                workers[*worker].objects += 1;
            }
            for worker in details.replaced.iter().filter_map(index_of) {
                workers[worker].answers += 1;
                workers[worker].replaced += 1;
            }
            for worker in outcome.unreadable.iter().filter_map(|one| index_of(one.worker_id.as_ref()?)) {
                workers[worker].answers += 1;
                workers[worker].set_aside += 1;
            }
            let of_fields = outcome.fields.iter().flat_map(|field| &field.outcome.rejected);
            let set_aside: BTreeSet<usize> = of_fields.filter_map(|one| index_of(one.worker_id.as_ref()?)).collect();
            for worker in set_aside {
                workers[worker].set_aside += 1;
            }
        }
        for field in &crowd.fields {
            for (rows, worker) in rows_of_workers(field, n_workers).iter().zip(&mut workers) {
                let submitted = |row: &Row| {
                    let answer = workers_of_objects[row.object].iter().position(|worker| *worker == row.worker)?;
                    job.details[row.object].timings.get(answer)?.submitted
                };
                if !rows.is_empty() {
                    worker.fields.push(WorkerField::of(field, rows, submitted));
                }
            }
        }
        Self {
            labeling_job_name: job.name.clone(),
            objects: job.batch.objects.len(),
            groups: consensus.n_groups(),
            workers,
        }
    }
}

/// The answers of each worker, in the order of objects.
fn rows_of_workers(field: &CrowdField, n_workers: usize) -> Vec<Vec<Row>> {
    let mut rows: Vec<Vec<Row>> = vec![Vec::new(); n_workers];
    for row in &field.rows {
        rows[row.worker].push(*row);
    }
    rows
}
