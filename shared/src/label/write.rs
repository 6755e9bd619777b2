//! Outcomes as labels, in one of three formats.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::built_in::{self, BuiltInLabel};
use super::field_label::{FieldLabel, by_field};
use crate::batch::{Batch, DatasetObject, RejectedAnswer, Unresolved, WorkerAnswer};
use crate::label_content::BuiltInTask;
use crate::plan::{ConsolidationPlan, FieldResult, NoUsableAnswer, Outcome, OutputFormat};

/// What labels say about their job.
#[derive(Debug, Clone, Copy)]
pub struct JobFacts<'a> {
    /// The member that holds the label.
    pub label_attribute_name: &'a str,
    /// The job's name, for metadata.
    pub labeling_job_name: Option<&'a str>,
    /// When the batch was made, for metadata: `YYYY-MM-DDTHH:MM:SS.ffffff`. A fact of the batch and not the clock's time,
    /// so that the same batch always gives the same bytes.
    pub creation_date: Option<&'a str>,
}

/// The labels of a batch. Each is written when it is asked for, because those of a whole job weigh more than its answers.
pub struct Labels<'a> {
    plan: &'a ConsolidationPlan,
    batch: &'a Batch,
    outcomes: &'a [Outcome],
    job: JobFacts<'a>,
    write: Write<'a>,
    /// Why the batch is written as `fields` although the plan asks for `ground-truth`.
    pub fallback: Option<Fallback>,
}

/// Why a batch has no label in Ground Truth's own shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fallback {
    /// The form has no field that a built-in task type could have, or several.
    #[error(
        "{n_fields} fields of the form have a built-in shape, and a label has room for one; name others under `ignore`"
    )]
    NotOneField {
        /// Number of such fields.
        n_fields: usize,
    },
    /// Classes are written as their index in a list of categories, and no list is given.
    #[error("neither the labeling job nor the plan lists the `categories` of field `{field}`")]
    NoCategories {
        /// The field's name.
        field: String,
    },
}

/// Writes the labels of a batch as the plan asks. An object without a usable answer gets no entry, or a label that says
/// so, whatever the format.
pub fn write<'a>(
    plan: &'a ConsolidationPlan,
    batch: &'a Batch,
    outcomes: &'a [Outcome],
    job: JobFacts<'a>,
) -> Labels<'a> {
    let (write, fallback): (Write<'a>, _) = match plan.output_format {
        OutputFormat::Fields => (Box::new(fields), None),
        OutputFormat::AllAnswers => (Box::new(all_answers), None),
        OutputFormat::GroundTruth => match ground_truth(plan, batch, outcomes) {
            Ok(write) => (write, None),
            Err(fallback) => (Box::new(fields), Some(fallback)),
        },
    };
    Labels { plan, batch, outcomes, job, write, fallback }
}

impl Labels<'_> {
    /// The `content` of the response entry of the object at `idx` in the batch; `None` for one that gets no entry, as the
    /// plan has it, or that is not there.
    pub fn content(&self, idx: usize) -> Option<Map<String, Value>> {
        let (outcome, object) = (self.outcomes.get(idx)?, self.batch.objects.get(idx)?);
        match (self.write)(outcome, object, self.job) {
            Ok(content) => Some(content),
            Err(_) if self.plan.no_usable_answer == NoUsableAnswer::Omit => None,
            Err(reason) => Some(unresolved(outcome, reason, self.job)),
        }
    }
}

/// What the response says of one object, or why it has nothing to say.
type Content = Result<Map<String, Value>, Unresolved>;

/// How the content of one object is written.
type Write<'a> = Box<dyn Fn(&Outcome, &DatasetObject, JobFacts<'_>) -> Content + Send + Sync + 'a>;

fn unresolved(outcome: &Outcome, reason: Unresolved, job: JobFacts<'_>) -> Map<String, Value> {
    let mut label = Map::from_iter([
        ("status".to_owned(), json!("unresolved")),
        ("reason".to_owned(), json!(reason)),
        ("workers".to_owned(), json!(outcome.n_answers)),
    ]);
    let of_fields = outcome.fields.iter().flat_map(|field| &field.outcome.rejected);
    let rejected: Vec<&RejectedAnswer> = outcome.unreadable.iter().chain(of_fields).collect();
    if !rejected.is_empty() {
        label.insert("rejected".to_owned(), json!(rejected));
    }
    under(job.label_attribute_name, label.into())
}

fn under(name: &str, label: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), label)])
}

/// One member per form field.
fn fields(outcome: &Outcome, _: &DatasetObject, job: JobFacts<'_>) -> Content {
    if let Some(reason) = outcome.unresolved() {
        return Err(reason);
    }
    let member = |(name, label): (&str, FieldLabel<'_>)| (name.to_owned(), label.into_members().into());
    let label: Map<String, Value> = by_field(outcome).into_iter().map(member).collect();
    Ok(under(job.label_attribute_name, label.into()))
}

/// Whatever was readable, even where no field of it was usable.
fn all_answers(_: &Outcome, object: &DatasetObject, job: JobFacts<'_>) -> Content {
    let answer = |one: &WorkerAnswer| json!({ "workerId": one.worker_id, "annotationData": { "content": one.answer.to_text() } });
    let answers: Vec<Value> = object.answers.iter().map(answer).collect();
    match (answers.is_empty(), object.rejected.is_empty()) {
        (true, true) => Err(Unresolved::NoAnswer),
        (true, false) => Err(Unresolved::NoUsableAnswer),
        (false, _) => Ok(under(job.label_attribute_name, json!({ "annotationsFromAllWorkers": answers }))),
    }
}

/// Labels in the built-in shape, or the reason why the form has none: a manifest should not mix shapes more than it must.
/// The one field that a built-in task type could have had is written, and the others are not. These shapes know no label
/// without a class, so an object whose field is unresolved, was left out by everyone, or has a class outside the list has
/// nothing to say.
fn ground_truth<'a>(
    plan: &'a ConsolidationPlan,
    batch: &'a Batch,
    outcomes: &[Outcome],
) -> Result<Write<'a>, Fallback> {
    let built_in = |field: &FieldResult| {
        let task = field.kind.particulars.built_in.filter(|task| task.is_written())?;
        Some((field.name.clone(), task))
    };
    let fields: BTreeMap<String, BuiltInTask> =
        outcomes.iter().flat_map(|outcome| &outcome.fields).filter_map(built_in).collect();
    let n_fields = fields.len();
    let Some((name, task)) = fields.into_iter().next().filter(|_| n_fields == 1) else {
        return Err(Fallback::NotOneField { n_fields });
    };
    let categories = plan.categories(&name, &batch.categories);
    if categories.is_empty() {
        return Err(Fallback::NoCategories { field: name });
    }
    Ok(Box::new(move |outcome, object, job| {
        if let Some(reason) = outcome.unresolved() {
            return Err(reason);
        }
        let field = outcome.fields.iter().find(|field| field.name == name).ok_or(Unresolved::NoUsableAnswer)?;
        if let Some(reason) = field.outcome.unresolved {
            return Err(reason);
        }
        let label = FieldLabel::from(field);
        let built_in = built_in::write(task, &label, categories, object.source).ok_or(Unresolved::UnknownCategory)?;
        Ok(built_in_content(built_in, &label, job))
    }))
}

fn built_in_content(built_in: BuiltInLabel, field: &FieldLabel<'_>, job: JobFacts<'_>) -> Map<String, Value> {
    let mut metadata = built_in.metadata;
    metadata.insert("human-annotated".to_owned(), json!("yes"));
    if let Some(name) = job.labeling_job_name {
        metadata.insert("job-name".to_owned(), json!(format!("labeling-job/{name}")));
    }
    if let Some(date) = job.creation_date {
        metadata.insert("creation-date".to_owned(), json!(date));
    }
    // Ground Truth writes 0 for a single worker; whoever reads a 0 here can tell it from a lost vote.
    let basis = match field.n_workers() {
        _ if field.is_gold() => "gold",
        Some(1) => "single-worker",
        _ => "several-workers",
    };
    metadata.insert("confidence-basis".to_owned(), json!(basis));
    let mut content = under(job.label_attribute_name, built_in.label);
    content.insert(format!("{}-metadata", job.label_attribute_name), metadata.into());
    content
}
