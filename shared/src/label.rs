//! Outcomes as labels: what goes under the label attribute, in one of three formats.
//!
//! **`fields`** (version 1; `docs/LABEL-FORMAT.md`): one member per form field, each an object with its `kind`, its
//! `method`, the kind's own members, the number of `workers`, a `reason` when it is unresolved, and the answers that were
//! `rejected`. Members may be added; a change that takes one away would get a new format name.
//!
//! **`ground-truth`**: the shape of Ground Truth's built-in task types with its metadata, for forms with one field of such
//! a type and a list of its categories. A batch that has no such shape is written as `fields`, and says why.
//!
//! **`all-answers`**: `annotationsFromAllWorkers`, as the sample function of AWS returns it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::annotation_kinds::{BuiltInLabel, BuiltInLabelOf};
use crate::batch::{Batch, DatasetObject, RejectedAnswer, SourceKind, Unresolved, WorkerAnswer};
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
pub enum Fallback {
    /// The form has no field that a built-in task type could have, or several.
    #[error(
        "{n_fields} fields of the form have a built-in shape, and a label has room for one; name others under `ignore`"
    )]
    NotOneField {
        /// How many it has.
        n_fields: usize,
    },
    /// Classes are written as their index, and there is no list.
    #[error("neither the labeling job nor the plan lists the `categories` of field `{field}`")]
    NoCategories {
        /// The field.
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
    /// The `content` of the response entry of the object at `place` in the batch; `None` for one that gets no entry, as the
    /// plan has it, or that is not there.
    pub fn content(&self, place: usize) -> Option<Map<String, Value>> {
        let (outcome, object) = (self.outcomes.get(place)?, self.batch.objects.get(place)?);
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
    insert_rejected(&mut label, &outcome.unreadable.iter().chain(of_fields).cloned().collect::<Vec<_>>());
    under(job.label_attribute_name, label.into())
}

fn under(name: &str, label: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), label)])
}

/// What an object's label is in the format `fields`, whatever the plan asks for: one member per form field.
pub fn of_fields(outcome: &Outcome) -> Map<String, Value> {
    outcome.fields.iter().map(|field| (field.name.clone(), field_label(field, outcome).into())).collect()
}

fn fields(outcome: &Outcome, _: &DatasetObject, job: JobFacts<'_>) -> Content {
    match outcome.unresolved() {
        Some(reason) => Err(reason),
        None => Ok(under(job.label_attribute_name, of_fields(outcome).into())),
    }
}

/// The label of one field. An answer that could not be read at all is missing from every field, so every field names it.
fn field_label(field: &FieldResult, outcome: &Outcome) -> Map<String, Value> {
    let mut label = Map::from_iter([("kind".to_owned(), json!(field.kind.name))]);
    if let Some(method) = field.outcome.method {
        label.insert("method".to_owned(), json!(method));
    }
    label.extend(field.outcome.members.clone());
    if let Some(reason) = field.outcome.unresolved {
        label.insert("reason".to_owned(), json!(reason));
    }
    let rejected: Vec<RejectedAnswer> = outcome.unreadable.iter().chain(&field.outcome.rejected).cloned().collect();
    insert_rejected(&mut label, &rejected);
    label
}

fn insert_rejected(label: &mut Map<String, Value>, rejected: &[RejectedAnswer]) {
    if !rejected.is_empty() {
        label.insert("rejected".to_owned(), json!(rejected));
    }
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
    let built_in = |outcome: &'_ Outcome| {
        let of_field = |field: &FieldResult| Some((field.name.clone(), field.kind.built_in_label?));
        outcome.fields.iter().filter_map(of_field).collect::<Vec<_>>()
    };
    let fields: BTreeMap<String, BuiltInLabelOf> = outcomes.iter().flat_map(built_in).collect();
    let n_fields = fields.len();
    let Some((name, built_in_label)) = fields.into_iter().next().filter(|_| n_fields == 1) else {
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
        let built_in = built_in_label(&field.outcome, categories).ok_or(Unresolved::UnknownCategory)?;
        Ok(built_in_content(built_in, field, object, job))
    }))
}

fn built_in_content(
    built_in: BuiltInLabel,
    field: &FieldResult,
    object: &DatasetObject,
    job: JobFacts<'_>,
) -> Map<String, Value> {
    let mut metadata = built_in.metadata;
    if let Some(Value::String(label_type)) = metadata.get_mut("type") {
        let source = if object.source == Some(SourceKind::Text) { "text" } else { "image" };
        *label_type = label_type.replace("{source}", source);
    }
    metadata.insert("human-annotated".to_owned(), json!("yes"));
    if let Some(name) = job.labeling_job_name {
        metadata.insert("job-name".to_owned(), json!(format!("labeling-job/{name}")));
    }
    if let Some(date) = job.creation_date {
        metadata.insert("creation-date".to_owned(), json!(date));
    }
    // Ground Truth writes 0 for a single worker; whoever reads a 0 here can tell it from a lost vote.
    let basis = match field.outcome.n_workers {
        _ if field.outcome.members.contains_key("gold") => "gold",
        1 => "single-worker",
        _ => "several-workers",
    };
    metadata.insert("confidence-basis".to_owned(), json!(basis));
    let mut content = under(job.label_attribute_name, built_in.label);
    content.insert(format!("{}-metadata", job.label_attribute_name), metadata.into());
    content
}
