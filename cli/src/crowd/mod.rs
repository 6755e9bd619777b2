//! The answers of a finished job field by field, each read once: what statistics about its workers rest on.
//!
//! - [`Crowd::read`]: the usable answers of every field, and beside them what the caller compares them with.
//! - `single_answers`: what each answer says by itself. `consensus`: what the other workers say. `names`: how workers are called in a report.
//! - `agreement`: how far the workers agree. `workers`: how each of them did.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use ground_truth::annotation_kinds::{AnnotationKind, ReadValues};
use ground_truth::batch::{Batch, FieldBatch};
use ground_truth::field_value::{FieldValue, FieldValueBuf};
use ground_truth::plan::{ConsolidationPlan, Outcome};
use ground_truth::vocabulary::WorkerId;

pub(crate) mod agreement;
pub(crate) mod consensus;
pub(crate) mod names;
pub(crate) mod single_answers;
pub(crate) mod workers;

/// Everybody who answered, and what.
#[derive(Debug)]
pub(crate) struct Crowd {
    /// The workers in the order of their ids.
    pub(crate) workers: Vec<WorkerId>,
    /// Every field of the form, in alphabetical order.
    pub(crate) fields: Vec<CrowdField>,
}

/// The usable answers of one field.
#[derive(Debug)]
pub(crate) struct CrowdField {
    pub(crate) name: String,
    pub(crate) kind: &'static AnnotationKind,
    /// The answers, in the order of objects and workers.
    pub(crate) rows: Vec<Row>,
    /// All values: those of the answers, and after them those that the caller added.
    pub(crate) values: ReadValues,
}

/// An answer of one worker to one object, by indices, with what it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// Index of its object in the job.
    pub(crate) object: usize,
    /// Index of its worker among all.
    pub(crate) worker: usize,
    /// Index of its value among the values.
    pub(crate) value: usize,
    /// Index among the values of what it is compared with, which the caller added.
    pub(crate) consensus: Option<usize>,
    /// Index among the values of the known answer, which the caller added.
    pub(crate) gold: Option<usize>,
}

/// What the answers of a field are compared with.
pub(crate) trait References {
    /// What the other workers say of an object, for an answer of one of them; with a number that equal values may share.
    fn consensus(&self, field: &str, object: usize, worker: usize) -> Option<(usize, FieldValue<'_>)>;
    /// What is known to be right.
    fn gold(&self, field: &str, kind: &AnnotationKind, object: usize) -> Option<FieldValueBuf>;
}

/// Nothing to compare answers with but each other.
pub(crate) struct NoReferences;

impl References for NoReferences {
    fn consensus(&self, _: &str, _: usize, _: usize) -> Option<(usize, FieldValue<'_>)> {
        None
    }

    fn gold(&self, _: &str, _: &AnnotationKind, _: usize) -> Option<FieldValueBuf> {
        None
    }
}

/// The workers of a job in the order of their ids: those who answered, and those whose answers are not forms.
pub(crate) fn workers_of(batch: &Batch) -> Vec<WorkerId> {
    let answered = batch.objects.iter().flat_map(|object| &object.answers).map(|one| &one.worker_id);
    let rejected = batch.objects.iter().flat_map(|object| &object.rejected).filter_map(|one| one.worker_id.as_ref());
    let mut workers: Vec<WorkerId> = answered.chain(rejected).collect::<HashSet<_>>().into_iter().cloned().collect();
    workers.sort_unstable();
    workers
}

impl Crowd {
    /// Reads the answers of every field. What consolidation sets aside as a whole (`outcomes` tells) is not among them.
    pub(crate) fn read(
        plan: &ConsolidationPlan,
        batch: &Batch,
        outcomes: &[Outcome],
        references: &impl References,
    ) -> Self {
        let workers = workers_of(batch);
        let worker_indices: HashMap<&WorkerId, usize> = workers.iter().zip(0..).collect();
        let fields = plan.map_fields(batch, |name, kind, field| {
            CrowdField::read(name, kind, field, outcomes, &worker_indices, references)
        });
        Self { workers, fields }
    }
}

impl CrowdField {
    fn read(
        name: &str,
        kind: &'static AnnotationKind,
        field: &FieldBatch<'_>,
        outcomes: &[Outcome],
        worker_indices: &HashMap<&WorkerId, usize>,
        references: &impl References,
    ) -> Self {
        let (mut rows, mut values): (Vec<Row>, Vec<FieldValue<'_>>) = (Vec::new(), Vec::new());
        for (object, of_object) in field.objects.iter().enumerate() {
            for (worker_id, value) in &of_object.values {
                let Some(worker) = worker_indices.get(worker_id).copied() else { continue };
                rows.push(Row { object, worker, value: values.len(), consensus: None, gold: None });
                values.push(*value);
            }
        }
        let mut consensus_indices: BTreeMap<usize, usize> = BTreeMap::new();
        for row in &mut rows {
            let Some((number, consensus)) = references.consensus(name, row.object, row.worker) else { continue };
            row.consensus = Some(*consensus_indices.entry(number).or_insert_with(|| {
                values.push(consensus);
                values.len() - 1
            }));
        }
        let known: Vec<Option<FieldValueBuf>> =
            (0..field.objects.len()).map(|object| references.gold(name, kind, object)).collect();
        let mut gold_indices = vec![None; known.len()];
        for (object, known) in known.iter().enumerate() {
            if let Some(known) = known.as_ref().map(FieldValueBuf::view).or(field.objects[object].gold) {
                gold_indices[object] = Some(values.len());
                values.push(known);
            }
        }
        let read = (kind.read_values)(&values, field.categories);
        let mut set_aside = BTreeSet::new();
        if !matches!(read, ReadValues::Others(_)) {
            // Of categories and numbers nothing is set aside but the whole.
            set_aside = rejected(name, outcomes, worker_indices);
        }
        rows.retain(|row| read.is_usable(row.value) && !set_aside.contains(&(row.object, row.worker)));
        for row in &mut rows {
            row.consensus = row.consensus.filter(|idx| read.is_usable(*idx));
            row.gold = gold_indices[row.object].filter(|idx| read.is_usable(*idx));
        }
        Self { name: name.to_owned(), kind, rows, values: read }
    }

    /// How far two values agree, from 0 to 1: one minus their distance. `None` where either cannot be used.
    pub(crate) fn agreement(&self, a: usize, b: usize) -> Option<f64> {
        Some(1.0 - self.values.distance(a, b)?)
    }

    /// How far the answers of one object agree: the mean over every two of them. `None` of fewer than two.
    pub(crate) fn agreement_within(&self, rows: &[Row]) -> Option<f64> {
        let mut sum = 0.0;
        for (n, a) in rows.iter().enumerate() {
            sum += rows[n + 1..].iter().filter_map(|b| self.agreement(a.value, b.value)).sum::<f64>();
        }
        let n_pairs = rows.len() * rows.len().saturating_sub(1) / 2;
        (n_pairs > 0).then(|| sum / n_pairs as f64)
    }

    /// The answers of each object that has any.
    pub(crate) fn by_object(&self) -> impl Iterator<Item = &[Row]> {
        self.rows.chunk_by(|a, b| a.object == b.object)
    }
}

/// Whose answers to which object were set aside, in whole or in part.
fn rejected(field: &str, outcomes: &[Outcome], worker_indices: &HashMap<&WorkerId, usize>) -> BTreeSet<(usize, usize)> {
    let mut rejected = BTreeSet::new();
    for (object, outcome) in outcomes.iter().enumerate() {
        for of_field in outcome.fields.iter().filter(|of_field| of_field.name == field) {
            let workers = of_field.outcome.rejected.iter().filter_map(|one| one.worker_id.as_ref());
            rejected.extend(workers.filter_map(|worker_id| Some((object, *worker_indices.get(worker_id)?))));
        }
    }
    rejected
}
