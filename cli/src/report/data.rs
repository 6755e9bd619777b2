//! What the page shows of each object, in the shape that its script reads. Members have short names: there are as many as
//! answers.

use std::collections::BTreeMap;

use ground_truth::label;
use ground_truth::plan::Outcome;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::disagreement::Disagreement;
use super::images::{PageImage, PageImages};
use super::names::WorkerNames;
use super::overview::Overview;
use super::worker_page::WorkerPage;
use crate::console::progress::Progress;
use crate::crowd::alone::{self, Said};
use crate::crowd::workers::{self, GoldLabels};
use crate::finished_job::{FinishedJob, ObjectDetails, Source, State};
use crate::job_file::PlanFile;
use crate::labels::job_label::{self, JobLabel};
use crate::labels::label_diff::{self, Change, FieldDiff};

/// A mask larger than this (in base64) is left out of the page; 640 × 480 pixels with some classes take a tenth.
const MAX_MASK_CHARACTERS: usize = 200_000;
/// Longer texts are cut.
const MAX_TEXT_CHARACTERS: usize = 20_000;
/// What the list of objects shows of a text.
const MAX_LIST_CHARACTERS: usize = 80;

/// Everything that the page shows.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) overview: Overview,
    pub(super) workers: Vec<WorkerPage>,
    /// One row per object: what the list shows and filters by.
    pub(super) index: Vec<IndexRow>,
    /// The rest, in the same order.
    pub(super) objects: Vec<ObjectData>,
    /// What images are loaded from, as a content security policy says it.
    pub(super) image_sources: String,
}

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ObjectState {
    /// Every field has a label.
    Labeled,
    /// Answers came, and some field has no label.
    Unresolved,
    /// The job gave up on it.
    Failed,
    /// Nobody answered, and it has no label.
    Unlabeled,
}

/// A line of the list.
#[derive(Debug, Serialize)]
pub(super) struct IndexRow {
    id: String,
    /// The file's name, or the beginning of the text.
    title: String,
    /// What was decided, in short.
    label: String,
    pub(super) state: ObjectState,
    pub(super) changed: bool,
    /// Of each field, in the order of the overview, its confidence: 0 without a label, null where there is none to tell.
    confidence: Vec<Option<f64>>,
    /// Likewise its [`Disagreement`].
    disagreement: Vec<Option<f64>>,
    workers: Vec<usize>,
}

/// An object's own page.
#[derive(Debug, Serialize)]
pub(super) struct ObjectData {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    /// Where its image is.
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<PageImage>,
    /// Why the job gave up on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    /// Why it has no label at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Who answered.
    answers: Vec<AnswerData>,
    fields: Vec<FieldData>,
    /// The label that the job gave it, where there are no answers on file to make one of.
    #[serde(skip_serializing_if = "Map::is_empty")]
    kept: Map<String, Value>,
    /// How many answers were replaced by newer ones.
    replaced: usize,
}

/// One answer.
#[derive(Debug, Serialize)]
struct AnswerData {
    worker: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    /// Unix time.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
}

/// One field: what came out, and who said what.
#[derive(Debug, Serialize)]
struct FieldData {
    name: String,
    label: Value,
    /// What each answer says, in the order of the answers; null where it says nothing.
    said: Vec<Value>,
    /// Whether each decides as the label does.
    same: Vec<bool>,
    /// How near each comes to the label, where that says more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    near: Vec<Option<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<Value>,
}

impl Report {
    /// Consolidates the job, and gathers what the page shows of it. The job is left as it was.
    ///
    /// # Errors
    /// As [`alone::each`] and [`Disagreement::measure`].
    pub(crate) fn of(
        job: &mut FinishedJob,
        PlanFile { document, plan }: &PlanFile,
        gold: &GoldLabels,
        names: &WorkerNames,
        images: &PageImages,
        progress: Progress,
    ) -> anyhow::Result<Self> {
        let outcomes = plan.consolidate(&job.batch);
        let workers = workers::Report::of(job, plan, &outcomes, gold, names.by_id(), progress);
        let job = &*job;
        let (agreements, disagreement) = Disagreement::measure(job, plan, &outcomes, names.by_id())?;
        let said = alone::each(job, document)?;
        let labels: Vec<Map<String, Value>> = outcomes.iter().map(label::of_fields).collect();
        let diffs: Vec<Vec<FieldDiff>> = (0..outcomes.len()).map(|place| diff(job, place, &labels[place])).collect();
        let mut overview = Overview::of(job, &outcomes, agreements, &diffs, workers.groups);
        overview.images_until = images.signed_until;
        let workers = WorkerPage::of_all(job, workers.workers, names);
        let field_names: Vec<&str> = overview.field_names().collect();
        let (mut index, mut objects) = (Vec::new(), Vec::new());
        for (place, (outcome, labels)) in outcomes.iter().zip(labels).enumerate() {
            let details = &job.details[place];
            let data =
                ObjectData::of(job, place, outcome, &labels, &said[place], &diffs[place], &disagreement, names, images);
            let shown = if outcome.fields.is_empty() { &data.kept } else { &labels };
            index.push(IndexRow {
                id: outcome.id.as_str().to_owned(),
                title: title(details),
                label: cut(&in_short(shown), MAX_LIST_CHARACTERS),
                state: state(job, place, outcome),
                changed: diffs[place].iter().any(is_change),
                confidence: field_names.iter().map(|name| confidence(outcome, name)).collect(),
                disagreement: field_names.iter().map(|name| disagreement.of(name, place)).collect(),
                workers: data.answers.iter().map(|answer| answer.worker).collect(),
            });
            objects.push(data);
        }
        let mut report = Self { overview, workers, index, objects, image_sources: images.sources() };
        report.overview.count_states(&report.index);
        Ok(report)
    }
}

impl ObjectData {
    #[expect(clippy::too_many_arguments, reason = "everything that is known of one object")]
    fn of(
        job: &FinishedJob,
        place: usize,
        outcome: &Outcome,
        labels: &Map<String, Value>,
        said: &[Said],
        diffs: &[FieldDiff],
        disagreement: &Disagreement,
        names: &WorkerNames,
        images: &PageImages,
    ) -> Self {
        let (object, details) = (&job.batch.objects[place], &job.details[place]);
        let answers = object.answers.iter().zip(&details.timings).map(|(answer, timing)| AnswerData {
            worker: names.place(&answer.worker_id).unwrap_or_default(),
            seconds: workers::seconds(timing),
            at: timing.submitted.map(|at| at.unix_timestamp()),
        });
        let decided = label_diff::of_fields(labels);
        let field = |(name, label): (&String, &Value)| {
            let of_field = |said: &Said| {
                let mut members = said.get(name)?.members.clone();
                // It is nearly always the label's, and then says nothing.
                if members.get("imageSize") == label.get("imageSize") {
                    members.shift_remove("imageSize");
                }
                Some(bounded(members.into()))
            };
            let is_same =
                |said: &Said| said.get(name).zip(decided.get(name)).is_some_and(|(said, label)| said.decides_as(label));
            FieldData {
                name: name.clone(),
                label: renamed(bounded(label.clone()), names),
                said: said.iter().map(|said| of_field(said).unwrap_or_default()).collect(),
                same: said.iter().map(is_same).collect(),
                near: disagreement.nearness(name, place).to_vec(),
                diff: diffs
                    .iter()
                    .find(|diff| diff.field == *name && diff.change != Change::Same)
                    .map(|diff| before(diff, names)),
            }
        };
        let mut fields: Vec<FieldData> = labels.iter().map(field).collect();
        // What only the old label decided.
        for diff in diffs.iter().filter(|diff| is_change(diff) && !labels.contains_key(&diff.field)) {
            fields.push(FieldData {
                name: diff.field.clone(),
                label: json!({}),
                said: vec![Value::Null; said.len()],
                same: vec![false; said.len()],
                near: Vec::new(),
                diff: Some(before(diff, names)),
            });
        }
        let (text, uri) = match &details.source {
            Some(Source::Text(text)) => (Some(cut(text, MAX_TEXT_CHARACTERS)), None),
            Some(Source::File(uri)) => (None, Some(cut(uri, MAX_TEXT_CHARACTERS))),
            None => (None, None),
        };
        let state = job.state(place);
        let failure = match &state {
            State::Failed { reason } => Some(cut(reason, MAX_TEXT_CHARACTERS)),
            State::Labeled { .. } | State::Unlabeled => None,
        };
        Self {
            image: images.of(place).cloned(),
            text,
            uri,
            failure,
            reason: outcome.unresolved().map(|reason| reason.as_str()),
            answers: answers.collect(),
            kept: if fields.is_empty() { kept(job, state, names) } else { Map::new() },
            fields,
            replaced: outcome.n_replaced,
        }
    }
}

fn diff(job: &FinishedJob, place: usize, labels: &Map<String, Value>) -> Vec<FieldDiff> {
    let object = &job.batch.objects[place];
    match job.state(place) {
        // Without answers on file nothing new was made.
        _ if object.answers.is_empty() && object.rejected.is_empty() => Vec::new(),
        // A job that never had labels differs in nothing.
        State::Unlabeled if job.details[place].line.is_none() => Vec::new(),
        State::Labeled { label, metadata } => label_diff::compare(Some(&label), metadata.as_ref(), labels),
        State::Failed { .. } | State::Unlabeled => label_diff::compare(None, None, labels),
    }
}

pub(super) fn is_change(diff: &FieldDiff) -> bool {
    matches!(diff.change, Change::Changed | Change::Gained | Change::Lost)
}

fn state(job: &FinishedJob, place: usize, outcome: &Outcome) -> ObjectState {
    match (job.state(place), outcome.unresolved()) {
        (State::Failed { .. }, _) => ObjectState::Failed,
        (State::Labeled { .. }, _) if outcome.n_answers == 0 => ObjectState::Labeled,
        (State::Unlabeled, _) if outcome.n_answers == 0 && outcome.unreadable.is_empty() => ObjectState::Unlabeled,
        (_, Some(_)) => ObjectState::Unresolved,
        _ if outcome.fields.iter().any(|field| field.outcome.unresolved.is_some()) => ObjectState::Unresolved,
        _ => ObjectState::Labeled,
    }
}

/// How sure a field is; 0 when answers came and gave no label.
fn confidence(outcome: &Outcome, name: &str) -> Option<f64> {
    let field = &outcome.fields.iter().find(|field| field.name == name)?.outcome;
    match field.unresolved {
        Some(_) => (outcome.n_answers > 0).then_some(0.0),
        None => field.confidence.map(|confidence| confidence.rounded()),
    }
}

/// The label of an object that keeps it, by field.
fn kept(job: &FinishedJob, state: State, names: &WorkerNames) -> Map<String, Value> {
    let State::Labeled { label, metadata } = state else { return Map::new() };
    let of_field = |kind: String, mut members: Map<String, Value>| {
        members.insert("kind".to_owned(), kind.into());
        renamed_everywhere(renamed(bounded(members.into()), names), names)
    };
    match job_label::read(&label, metadata.as_ref()) {
        JobLabel::Fields(fields) => {
            fields.into_iter().map(|(name, field)| (name, of_field(field.kind, field.members))).collect()
        }
        JobLabel::BuiltIn(field) => {
            let name = job.label_attribute_name.clone().unwrap_or_default();
            Map::from_iter([(name, of_field(field.kind, field.members))])
        }
        JobLabel::Nothing => Map::new(),
        JobLabel::Foreign => {
            let members = json!({"values": [{"value": label}]});
            let name = job.label_attribute_name.clone().unwrap_or_default();
            Map::from_iter([(name, of_field("verbatim".to_owned(), members.as_object().cloned().unwrap_or_default()))])
        }
    }
}

/// Gives the workers that a label names the names that the page uses.
fn renamed(mut label: Value, names: &WorkerNames) -> Value {
    for rejected in label.get_mut("rejected").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(worker) = rejected.get_mut("worker") {
            *worker = worker.as_str().and_then(|id| names.of_id(id)).map_or(Value::Null, Value::from);
        }
    }
    label
}

/// What the job had, and how it fared.
fn before(diff: &FieldDiff, names: &WorkerNames) -> Value {
    renamed_everywhere(bounded(json!({"change": diff.change, "before": diff.before})), names)
}

/// A label that some other function made may name workers anywhere.
fn renamed_everywhere(value: Value, names: &WorkerNames) -> Value {
    match value {
        Value::String(text) => names.of_id(&text).map(Value::from).unwrap_or(Value::String(text)),
        Value::Array(elements) => elements.into_iter().map(|element| renamed_everywhere(element, names)).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, renamed_everywhere(value, names))).collect()
        }
        value => value,
    }
}

/// The value without masks and texts that are too large for a page.
fn bounded(value: Value) -> Value {
    match value {
        Value::String(text) if text.len() > MAX_TEXT_CHARACTERS => cut(&text, MAX_TEXT_CHARACTERS).into(),
        Value::Array(elements) => elements.into_iter().map(bounded).collect(),
        Value::Object(members) => {
            let member = |(name, value): (String, Value)| match value {
                Value::String(png) if name == "pngImageData" => {
                    let png = if png.len() > MAX_MASK_CHARACTERS { Value::Null } else { png.into() };
                    (name, png)
                }
                value => (name, bounded(value)),
            };
            Value::Object(members.into_iter().map(member).collect())
        }
        value => value,
    }
}

fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn title(details: &ObjectDetails) -> String {
    match &details.source {
        Some(Source::Text(text)) => cut(text.trim(), MAX_LIST_CHARACTERS),
        Some(Source::File(uri)) => cut(uri.rsplit('/').next().unwrap_or(uri), MAX_LIST_CHARACTERS),
        None => String::new(),
    }
}

/// What the fields of a label say, in a few words.
fn in_short(fields: &Map<String, Value>) -> String {
    let words = |field: &Value| -> Option<String> {
        let text = |name: &str| field.get(name)?.as_str().map(str::to_owned);
        let list = |name: &str| field.get(name)?.as_array();
        if let Some(labels) = list("labels") {
            let names: Vec<&str> = labels.iter().filter_map(Value::as_str).collect();
            return Some(if names.is_empty() { "none".to_owned() } else { names.join(" + ") });
        }
        if let Some(marks) = list("annotations") {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for mark in marks {
                *counts.entry(mark.get("label").and_then(Value::as_str).unwrap_or("mark")).or_default() += 1;
            }
            let counted =
                counts.iter().map(|(label, n)| if *n == 1 { (*label).to_owned() } else { format!("{n} {label}") });
            return Some(if marks.is_empty() { "no marks".to_owned() } else { counted.collect::<Vec<_>>().join(", ") });
        }
        let number = || field.get("value")?.as_f64().map(|value| ((1e4 * value).round() / 1e4).to_string());
        text("label").or_else(|| text("preferred")).or_else(number).or_else(|| text("text"))
    };
    fields.values().filter_map(words).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_left_out() {
        let png = |n: usize| json!({"labeledImage": {"pngImageData": "A".repeat(n)}});
        assert_eq!(bounded(png(50_000)), png(50_000));
        assert_eq!(bounded(png(200_001)), json!({"labeledImage": {"pngImageData": null}}));
        let text = bounded(json!({"values": [{"value": "ä".repeat(30_000)}]}));
        let text = text["values"][0]["value"].as_str().map(|text| text.chars().count());
        assert_eq!(text, Some(MAX_TEXT_CHARACTERS + 1));
    }

    #[test]
    fn labels_in_a_few_words() {
        let check = |fields: Value, expected: &str| {
            assert_eq!(in_short(fields.as_object().expect("fields")), expected);
        };
        check(json!({"animal": {"label": "otter"}, "tags": {"labels": ["wet", "dark"]}}), "otter · wet + dark");
        check(json!({"n": {"value": 2.5}, "note": {"text": "tail"}, "o": {"label": null}}), "2.5 · tail");
        check(json!({"shapes": {"annotations": [{"label": "otter"}, {"label": "otter"}, {}]}}), "mark, 2 otter");
        check(json!({"shapes": {"annotations": []}, "tags": {"labels": []}}), "no marks · none");
    }
}
