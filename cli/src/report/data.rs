//! What the page shows of each object, in the shape that its script reads. Members have short names: there are as many as
//! answers.

use std::collections::BTreeMap;

use ground_truth::annotation_kinds::VERBATIM;
use ground_truth::batch::Unresolved;
use ground_truth::label::{self, FieldLabel, Label};
use ground_truth::label_content::Decided;
use ground_truth::plan::Outcome;
use serde::Serialize;
use serde_json::{Value, json};

use super::cut;
use super::disagreement::Disagreement;
use super::field_data::{DiffData, FieldData};
use super::images::{PageImage, PageImages};
use super::names::WorkerNames;
use super::overview::Overview;
use super::worker_page::WorkerPage;
use crate::console::progress::Progress;
use crate::crowd::single_answers::{self, AnswerByField};
use crate::crowd::workers::{self, GoldLabels};
use crate::finished_job::{FinishedJob, ObjectDetails, Source, State};
use crate::job_file::PlanFile;
use crate::labels::label_diff::{self, Change, FieldDiff};

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
    /// What was decided, in one line; empty where nothing was.
    label: String,
    pub(super) state: ObjectState,
    pub(super) changed: bool,
    /// Of each field, in the order of the overview, its confidence: 0 without a label, null where there is none to tell.
    confidence: Vec<Option<f64>>,
    /// Of each field, in the same order, the mean distance of two answers.
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
    /// The answers to it, by worker and time, without their content.
    answers: Vec<AnswerData>,
    fields: Vec<FieldData>,
    /// The label that the job gave it, where there are no answers on file to make one of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kept: Vec<FieldData>,
    /// How many answers were replaced by newer ones.
    replaced: usize,
}

/// Who answered an object, how fast, and when.
#[derive(Debug, Serialize)]
struct AnswerData {
    worker: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    /// When it was submitted, in Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
}

impl Report {
    /// Consolidates the job, and gathers what the page shows of it. The job is left as it was.
    ///
    /// # Errors
    /// As [`single_answers::read`] and [`Disagreement::measure`].
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
        let answers = single_answers::read(job, document)?;
        let labels: Vec<FieldLabels<'_>> = outcomes.iter().map(label::by_field).collect();
        let diffs: Vec<Vec<FieldDiff>> = (0..outcomes.len()).map(|idx| diff(job, idx, &labels[idx])).collect();
        let mut overview = Overview::of(job, &outcomes, agreements, &diffs, workers.groups);
        overview.images_until = images.signed_until;
        let workers = WorkerPage::of_all(job, workers.workers, names);
        let field_names: Vec<&str> = overview.field_names().collect();
        let (mut index, mut objects) = (Vec::new(), Vec::new());
        for (idx, (outcome, labels)) in outcomes.iter().zip(labels).enumerate() {
            let is_kept = outcome.unresolved() == Some(Unresolved::NoAnswer);
            let kept: BTreeMap<String, FieldLabel<'_>> = if is_kept { kept(job, idx, names) } else { BTreeMap::new() };
            let object = Object {
                job,
                idx,
                outcome,
                labels: &labels,
                answers: &answers[idx],
                diffs: &diffs[idx],
                kept: &kept,
                disagreement: &disagreement,
            };
            let data = ObjectData::new(&object, names, images);
            index.push(IndexRow {
                id: outcome.id.as_str().to_owned(),
                title: title(&job.details[idx]),
                label: cut::list(&headline(labels.values().chain(kept.values()))),
                state: state(job, idx, outcome),
                changed: diffs[idx].iter().any(is_change),
                confidence: field_names.iter().map(|name| confidence(outcome, name)).collect(),
                disagreement: field_names.iter().map(|name| disagreement.of(name, idx)).collect(),
                workers: data.answers.iter().map(|answer| answer.worker).collect(),
            });
            objects.push(data);
        }
        let mut report = Self { overview, workers, index, objects, image_sources: images.sources() };
        report.overview.count_states(&report.index);
        Ok(report)
    }
}

/// The labels of an object by form field.
type FieldLabels<'a> = BTreeMap<&'a str, FieldLabel<'a>>;

/// Everything that is known of one object.
struct Object<'a> {
    job: &'a FinishedJob,
    idx: usize,
    outcome: &'a Outcome,
    labels: &'a FieldLabels<'a>,
    answers: &'a [AnswerByField],
    diffs: &'a [FieldDiff],
    /// The label that the job gave it, where there are no answers on file.
    kept: &'a BTreeMap<String, FieldLabel<'a>>,
    disagreement: &'a Disagreement,
}

impl Object<'_> {
    /// Every field of the form, then those that only the job's own label decided.
    fn fields(&self, names: &WorkerNames) -> Vec<FieldData> {
        // A plan that names fields has them for objects without answers too, where there is nothing to say of them.
        if !self.kept.is_empty() {
            return Vec::new();
        }
        let diff = |name: &str| self.diffs.iter().find(|diff| diff.field == name && diff.change != Change::Same);
        let field = |(name, label): (&&str, &FieldLabel<'_>)| {
            let mut field = FieldData::new(name, label, self.answers, names);
            field.near = self.disagreement.nearness(name, self.idx).to_vec();
            field.diff = diff(name).map(|diff| DiffData::new(diff, names));
            field
        };
        let is_lost = |diff: &&FieldDiff| is_change(diff) && !self.labels.contains_key(diff.field.as_str());
        let lost = |diff: &FieldDiff| FieldData::lost(diff, self.answers.len(), names);
        self.labels.iter().map(field).chain(self.diffs.iter().filter(is_lost).map(lost)).collect()
    }
}

impl ObjectData {
    fn new(object: &Object<'_>, names: &WorkerNames, images: &PageImages) -> Self {
        let Object { job, idx, outcome, .. } = *object;
        let (answered, details) = (&job.batch.objects[idx], &job.details[idx]);
        let answers = answered.answers.iter().zip(&details.timings).map(|(answer, timing)| AnswerData {
            worker: names.index_of(&answer.worker_id).unwrap_or_default(),
            seconds: workers::seconds(timing),
            at: timing.submitted.map(|at| at.unix_timestamp()),
        });
        let (text, uri) = match &details.source {
            Some(Source::Text(text)) => (Some(cut::text(text)), None),
            Some(Source::File(uri)) => (None, Some(cut::text(uri))),
            None => (None, None),
        };
        let failure = match job.state(idx) {
            State::Failed { reason } => Some(cut::text(&reason)),
            State::Labeled { .. } | State::Unlabeled => None,
        };
        Self {
            image: images.of(idx).cloned(),
            text,
            uri,
            failure,
            reason: outcome.unresolved().map(|reason| reason.as_str()),
            answers: answers.collect(),
            fields: object.fields(names),
            kept: object.kept.iter().map(|(name, label)| FieldData::new(name, label, &[], names)).collect(),
            replaced: outcome.n_replaced,
        }
    }
}

fn diff(job: &FinishedJob, idx: usize, labels: &FieldLabels<'_>) -> Vec<FieldDiff> {
    let object = &job.batch.objects[idx];
    match job.state(idx) {
        // Without answers on file nothing new was made.
        _ if object.answers.is_empty() && object.rejected.is_empty() => Vec::new(),
        // A job that never had labels differs in nothing.
        State::Unlabeled if job.details[idx].line.is_none() => Vec::new(),
        state => label_diff::compare(&state.label(), labels),
    }
}

pub(super) fn is_change(diff: &FieldDiff) -> bool {
    matches!(diff.change, Change::Changed | Change::Gained | Change::Lost)
}

fn state(job: &FinishedJob, idx: usize, outcome: &Outcome) -> ObjectState {
    match (job.state(idx), outcome.unresolved()) {
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

/// The label of an object that keeps it, by field. One that some other function made may name workers anywhere.
fn kept(job: &FinishedJob, idx: usize, names: &WorkerNames) -> BTreeMap<String, FieldLabel<'static>> {
    let unnamed = |label| BTreeMap::from([(job.label_attribute_name.clone().unwrap_or_default(), label)]);
    let fields = match job.state(idx).label() {
        Label::Nothing | Label::AllAnswers => BTreeMap::new(),
        Label::Fields(fields) => fields,
        Label::BuiltIn(label) => unnamed(label),
        Label::Unrecognized(value) => {
            let verbatim = FieldLabel::read(&json!({"kind": VERBATIM.name, "values": [{ "value": value }]}));
            verbatim.map(unnamed).unwrap_or_default()
        }
    };
    let rename = |text: &str| names.of_id(text).map(str::to_owned);
    fields.into_iter().map(|(name, label)| (name, label.with_texts(&rename))).collect()
}

fn title(details: &ObjectDetails) -> String {
    match &details.source {
        Some(Source::Text(text)) => cut::list(text.trim()),
        Some(Source::File(uri)) => cut::list(uri.rsplit('/').next().unwrap_or(uri)),
        None => String::new(),
    }
}

/// What labels decided, in one line. Values of which none was to be decided on stand there only where they are all there is.
fn headline<'a, 'l: 'a>(labels: impl Iterator<Item = &'a FieldLabel<'l>> + Clone) -> String {
    let decided: Vec<String> = labels.clone().filter_map(FieldLabel::headline).collect();
    if !decided.is_empty() {
        return decided.join(" · ");
    }
    let values = labels.filter_map(|label| match label.decided()? {
        Decided::Values(values) => Some(values),
        _ => None,
    });
    let texts = values.flat_map(|values| values.iter()).map(|value| match value {
        Value::String(text) => text.replace(['\r', '\n'], " "),
        value => value.to_string(),
    });
    texts.collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_in_a_few_words() {
        let check = |labels: &[(&str, Value)], expected: &str| {
            let label = |(kind, members): &(&str, Value)| {
                let mut label = members.clone();
                label["kind"] = json!(kind);
                FieldLabel::read(&label).expect("a label")
            };
            let labels: Vec<FieldLabel<'static>> = labels.iter().map(label).collect();
            assert_eq!(headline(labels.iter()), expected);
        };
        let otter = ("classification", json!({"label": "otter"}));
        let values = ("verbatim", json!({"values": [{"value": "x\ny"}, {"value": [1]}]}));
        check(&[otter.clone(), ("multi-label", json!({"labels": ["wet", "dark"]}))], "otter · wet + dark");
        let tied = ("classification", json!({"label": null, "reason": "tie"}));
        check(&[("number", json!({"value": 2.5})), ("free-text", json!({"text": "tail"})), tied.clone()], "2.5 · tail");
        let marks = json!({"annotations": [{"label": "otter"}, {"label": "otter"}, {}]});
        check(&[("bounding-box", marks)], "mark, 2 otter");
        check(
            &[("bounding-box", json!({"annotations": []})), ("multi-label", json!({"labels": []}))],
            "no marks · none",
        );
        check(&[("ranking", json!({"dimensions": [{"ranks": {"dusk": 2, "dawn": 1}}]}))], "1. dawn, 2. dusk");
        check(&[otter, values.clone()], "otter");
        check(&[values], "x y · [1]");
        check(&[tied], "");
    }
}
