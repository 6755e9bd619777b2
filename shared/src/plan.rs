//! The consolidation plan: one JSON document that says how each form field is consolidated and how the result is written.
//! The same document serves the Lambda function, the local run and the offline re-run.
//!
//! ```json
//! {
//!   "fields": {
//!     "animal": {"kind": "classification", "categories": ["heron", "otter"], "quorum": {"workers": 2}, "ties": "first"},
//!     "shapes": {"kind": "bounding-box", "iouThreshold": 0.5, "keep": {"share": 0.5}}
//!   },
//!   "kinds": {"multi-label": {"threshold": 0.4}},
//!   "ignore": ["prompt_id"],
//!   "categories": ["heron", "otter"],
//!   "quorum": {"workers": 1},
//!   "outputFormat": "fields",
//!   "noUsableAnswer": "omit"
//! }
//! ```
//!
//! Every member may be left out; `{}` is the default plan. `fields` fixes the kind of a field, its method and its
//! parameters; a field that is not listed is recognized from its values and uses the parameters under `kinds`. Unknown
//! members are refused.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use crate::annotation_kinds::{self, ALL, AnnotationKind, Consolidator, VERBATIM};
use crate::batch::{Batch, DatasetObject, FieldBatch, FieldObject, FieldOutcome, Quorum, RejectedAnswer, Unresolved};
use crate::document::{self, Problem, Problems, Reader};
use crate::vocabulary::{DatasetObjectId, LabelCategory};

/// A checked consolidation plan.
#[derive(Debug)]
pub struct ConsolidationPlan {
    fields: BTreeMap<String, FieldPlan>,
    recognized: Vec<FieldPlan>,
    ignored: BTreeSet<String>,
    categories: Option<Vec<LabelCategory>>,
    quorum: Quorum,
    /// How the labels are written.
    pub output_format: OutputFormat,
    /// What becomes of a dataset object without a usable answer.
    pub no_usable_answer: NoUsableAnswer,
}

/// How a label is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    /// One member per form field: the documented default.
    Fields,
    /// The shape of Ground Truth's built-in task types, for forms with a single consolidated field.
    GroundTruth,
    /// Every worker's answer, unconsolidated, as AWS's sample function returns them.
    AllAnswers,
}

/// What becomes of a dataset object without a usable answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoUsableAnswer {
    /// It is left out of the response, stays unlabeled, and a chained job labels it again.
    Omit,
    /// It gets a label that says why it has none, and counts as labeled.
    UnresolvedLabel,
}

const OUTPUT_FORMATS: &[(&str, OutputFormat)] = &[
    ("fields", OutputFormat::Fields),
    ("ground-truth", OutputFormat::GroundTruth),
    ("all-answers", OutputFormat::AllAnswers),
];

const NO_USABLE_ANSWER: &[(&str, NoUsableAnswer)] =
    &[("omit", NoUsableAnswer::Omit), ("unresolved-label", NoUsableAnswer::UnresolvedLabel)];

/// How one field is consolidated.
struct FieldPlan {
    kind: &'static AnnotationKind,
    consolidate: Consolidator,
    categories: Option<Vec<LabelCategory>>,
    quorum: Option<Quorum>,
}

impl fmt::Debug for FieldPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldPlan").field("kind", &self.kind.name).finish_non_exhaustive()
    }
}

impl ConsolidationPlan {
    /// The plan of an empty document.
    ///
    /// Every field is recognized, every parameter has its default, one usable answer is enough.
    pub fn standard() -> Self {
        let (plan, _) = read(&Value::Object(Map::new()));
        plan
    }

    /// Parses a plan's JSON text.
    ///
    /// # Errors
    /// Every mistake in it, each with its path.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        Self::from_value(&document::parse(text)?)
    }

    /// Reads a plan from JSON that is parsed already.
    ///
    /// # Errors
    /// Every mistake in it, each with its path.
    pub fn from_value(document: &Value) -> Result<Self, Problems> {
        let (plan, problems) = read(document);
        if problems.is_empty() { Ok(plan) } else { Err(Problems(problems)) }
    }

    /// The label categories that the labels of `field` are ordered and indexed by: the field's own, else the plan's,
    /// else the job's.
    pub fn categories<'a>(&'a self, field: &str, of_job: &'a [LabelCategory]) -> &'a [LabelCategory] {
        let of_field = self.fields.get(field).and_then(|plan| plan.categories.as_deref());
        of_field.or(self.categories.as_deref()).unwrap_or(of_job)
    }

    /// The kind that the plan fixes for `field`, if it fixes one.
    pub fn configured_kind(&self, field: &str) -> Option<&'static AnnotationKind> {
        self.fields.get(field).map(|plan| plan.kind)
    }

    /// Consolidates a batch: one outcome per object, in the order of the batch. Pure and deterministic; an object's
    /// outcome depends on no bad answer to another one.
    pub fn consolidate(&self, batch: &Batch) -> Vec<Outcome> {
        self.consolidate_after([], batch)
    }

    /// Consolidates a batch in the light of earlier objects of the same job, so that methods that learn how good each
    /// worker is learn from the whole job so far. The outcomes are those of the batch's own objects alone.
    ///
    /// The earlier objects also take part when a field's kind is recognized, which makes the batches of a job agree about
    /// it. An object counts once: as the batch has it, or else as the first of `earlier` with its id has it (give the
    /// newest first). The order of `earlier` changes nothing beyond that.
    pub fn consolidate_after<'a>(
        &self,
        earlier: impl IntoIterator<Item = &'a DatasetObject>,
        batch: &'a Batch,
    ) -> Vec<Outcome> {
        let objects = with_earlier(batch, earlier);
        let mut outcomes: Vec<Outcome> = batch
            .objects
            .iter()
            .map(|object| Outcome {
                id: object.id.clone(),
                fields: Vec::new(),
                unreadable: object.rejected.clone(),
                n_replaced: object.n_replaced,
                n_answers: object.answers.len(),
            })
            .collect();
        for name in self.field_names(batch) {
            // The outcomes of earlier objects come last, and stay behind.
            let (kind, field_outcomes) = self.consolidate_field(name, batch, &objects);
            for ((outcome, object), field_outcome) in outcomes.iter_mut().zip(&batch.objects).zip(field_outcomes) {
                // Forms can differ from object to object: a field that only other objects have says nothing here.
                if self.fields.contains_key(name) || object.answers.iter().any(|one| one.answer.field(name).is_some()) {
                    outcome.fields.push(FieldResult { name: name.to_owned(), kind, outcome: field_outcome });
                }
            }
        }
        outcomes
    }

    /// The fields of a batch's answers and those of the plan, without the ignored ones, in alphabetical order.
    fn field_names<'a>(&'a self, batch: &'a Batch) -> BTreeSet<&'a str> {
        let answered = batch.objects.iter().flat_map(|object| &object.answers).flat_map(|one| one.answer.field_names());
        let planned = self.fields.keys().map(String::as_str);
        answered.chain(planned).filter(|name| !self.ignored.contains(*name)).collect()
    }

    fn consolidate_field(
        &self,
        name: &str,
        batch: &Batch,
        objects: &[&DatasetObject],
    ) -> (&'static AnnotationKind, Vec<FieldOutcome>) {
        let objects: Vec<FieldObject<'_>> = objects
            .iter()
            .map(|object| FieldObject {
                id: &object.id,
                values: object
                    .answers
                    .iter()
                    .filter_map(|one| Some((&one.worker_id, one.answer.field(name)?)))
                    .collect(),
                n_answers: object.answers.len(),
            })
            .collect();
        let categories = self.categories(name, &batch.categories);
        let plan = self.fields.get(name).unwrap_or_else(|| self.recognized_plan(&objects, categories));
        let field_batch = FieldBatch {
            categories,
            quorum: plan.quorum.unwrap_or(self.quorum),
            n_workers_asked: batch.n_workers_asked,
            objects,
        };
        (plan.kind, (plan.consolidate)(&field_batch))
    }

    fn recognized_plan(&self, objects: &[FieldObject<'_>], categories: &[LabelCategory]) -> &FieldPlan {
        let values: Vec<&Value> = objects.iter().flat_map(|object| &object.values).map(|(_, value)| *value).collect();
        let kind = annotation_kinds::recognize(&values, categories);
        let of_kind = |plan: &&FieldPlan| plan.kind.name == kind.name;
        // `recognized` has one plan per kind, the verbatim one last.
        self.recognized.iter().find(of_kind).unwrap_or(&self.recognized[self.recognized.len() - 1])
    }
}

/// The objects of a batch, then the earlier ones that it does not have itself, each id once and in the order of ids.
fn with_earlier<'a>(batch: &'a Batch, earlier: impl IntoIterator<Item = &'a DatasetObject>) -> Vec<&'a DatasetObject> {
    let own: BTreeSet<&DatasetObjectId> = batch.objects.iter().map(|object| &object.id).collect();
    let mut by_id = BTreeMap::new();
    for object in earlier.into_iter().filter(|object| !own.contains(&object.id)) {
        by_id.entry(&object.id).or_insert(object);
    }
    batch.objects.iter().chain(by_id.into_values()).collect()
}

/// Reads the document, as far as it can be read, and everything that is wrong with it.
fn read(document: &Value) -> (ConsolidationPlan, Vec<Problem>) {
    let mut reader = Reader::new(document, "");
    let mut fields = BTreeMap::new();
    for (name, value, path) in reader.entries("fields") {
        let (plan, problems) = read_field(value, path);
        reader.absorb(problems);
        fields.extend(plan.map(|plan| (name.to_owned(), plan)));
    }
    let kinds = reader.entries("kinds");
    let names: Vec<&str> = ALL.iter().map(|kind| kind.name).collect();
    for (name, ..) in &kinds {
        if annotation_kinds::by_name(name).is_none() {
            let message = document::must_be_one_of(&names, Some(name));
            reader.problem("kinds", format!("{message}, not `{name}`"));
        }
    }
    let nothing = Value::Object(Map::new());
    let mut recognized = Vec::new();
    for kind in ALL {
        let given = kinds.iter().find(|(name, ..)| *name == kind.name);
        let (value, path) = given.map_or((&nothing, String::new()), |(_, value, path)| (*value, path.clone()));
        let (plan, problems) = read_parameters(kind, Reader::new(value, path));
        reader.absorb(problems);
        recognized.push(plan);
    }
    let ignored = reader.texts("ignore").unwrap_or_default().into_iter().map(str::to_owned).collect();
    let plan = ConsolidationPlan {
        fields,
        recognized,
        ignored,
        categories: read_categories(&mut reader),
        quorum: Quorum::read(&mut reader, "quorum").unwrap_or(Quorum::ONE),
        output_format: reader.choice("outputFormat", OUTPUT_FORMATS).unwrap_or(OutputFormat::Fields),
        no_usable_answer: reader.choice("noUsableAnswer", NO_USABLE_ANSWER).unwrap_or(NoUsableAnswer::Omit),
    };
    (plan, reader.finish())
}

fn read_field(value: &Value, path: String) -> (Option<FieldPlan>, Vec<Problem>) {
    let mut reader = Reader::new(value, path);
    let kinds: Vec<(&'static str, &'static AnnotationKind)> = ALL.iter().map(|kind| (kind.name, kind)).collect();
    let Some(kind) = reader.choice("kind", &kinds) else {
        if value.is_object() && value.get("kind").is_none() {
            let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
            reader.problem("kind", document::must_be_one_of(&names, None));
        }
        return (None, reader.problems_so_far());
    };
    let (plan, problems) = read_parameters(kind, reader);
    (Some(plan), problems)
}

/// The members that every kind shares, then the kind's own.
fn read_parameters(kind: &'static AnnotationKind, mut reader: Reader<'_>) -> (FieldPlan, Vec<Problem>) {
    let categories = read_categories(&mut reader);
    let quorum = Quorum::read(&mut reader, "quorum");
    let consolidate = (kind.configure)(&mut reader);
    (FieldPlan { kind, consolidate, categories, quorum }, reader.finish())
}

fn read_categories(reader: &mut Reader<'_>) -> Option<Vec<LabelCategory>> {
    Some(reader.texts("categories")?.into_iter().map(LabelCategory::new).collect())
}

/// What became of one dataset object.
#[derive(Debug)]
pub struct Outcome {
    /// The object's id.
    pub id: DatasetObjectId,
    /// Every form field that a worker sent for this object, and those of the plan, in alphabetical order.
    pub fields: Vec<FieldResult>,
    /// Answers that could not be read at all.
    pub unreadable: Vec<RejectedAnswer>,
    /// How many answers were replaced by a later one of the same worker.
    pub n_replaced: usize,
    /// How many workers' answers could be read.
    pub n_answers: usize,
}

/// What became of one form field of one dataset object.
#[derive(Debug)]
pub struct FieldResult {
    /// The field's name in the form.
    pub name: String,
    /// What the field holds.
    pub kind: &'static AnnotationKind,
    /// The label, or why there is none.
    pub outcome: FieldOutcome,
}

impl FieldResult {
    /// Whether the field was consolidated, rather than kept as it came.
    pub fn is_consolidated(&self) -> bool {
        self.kind.name != VERBATIM.name
    }
}

impl Outcome {
    /// Why nothing at all can be said about the object; `None` when some field has a usable answer.
    pub fn unresolved(&self) -> Option<Unresolved> {
        if self.fields.iter().any(|field| field.outcome.n_workers > 0) {
            return None;
        }
        let nobody = self.n_answers == 0 && self.unreadable.is_empty();
        Some(if nobody { Unresolved::NoAnswer } else { Unresolved::NoUsableAnswer })
    }

    /// How many answers, or parts of answers, were set aside.
    pub fn n_rejected(&self) -> usize {
        self.unreadable.len() + self.fields.iter().map(|field| field.outcome.rejected.len()).sum::<usize>()
    }
}

#[cfg(test)]
mod history_tests;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::answer::Answer;
    use crate::batch::{DatasetObject, WorkerAnswer};
    use crate::vocabulary::WorkerId;

    /// One object per list of answers; worker `n` gives answer `n`.
    fn batch(objects: Value) -> Batch {
        let answer = |(n, answer): (usize, &Value)| {
            let answer = Answer::from_value(answer.clone()).expect("an object");
            Ok(WorkerAnswer { worker_id: WorkerId::new(format!("w{n}")), answer })
        };
        let objects = objects.as_array().expect("a list").iter().enumerate().map(|(n, answers)| {
            let answers = answers.as_array().expect("a list").iter().enumerate().map(answer);
            DatasetObject::new(DatasetObjectId::new(n.to_string()), None, answers)
        });
        Batch { objects: objects.collect(), ..Batch::default() }
    }

    /// Per object: each field with its kind and method, or why there is none.
    fn check(plan: Value, objects: Value, expected: &[&str]) {
        let plan = ConsolidationPlan::from_value(&plan).expect("a plan");
        let text = |outcome: &Outcome| {
            let fields = outcome.fields.iter().map(|field| {
                let what = field.outcome.unresolved.map(Unresolved::as_str).or(field.outcome.method).unwrap_or("kept");
                format!("{}: {} {what}", field.name, field.kind.name)
            });
            let whole = outcome.unresolved().map(|reason| format!("[{reason}]"));
            fields.chain(whole).collect::<Vec<_>>().join(", ")
        };
        let outcomes: Vec<String> = plan.consolidate(&batch(objects)).iter().map(text).collect();
        assert_eq!(outcomes, expected);
    }

    #[test]
    fn fields_are_recognized_unless_the_plan_names_them() {
        let form = json!([[{"animal": {"label": "otter"}, "note": "x", "id": 7}]]);
        check(
            json!({}),
            form.clone(),
            &["animal: classification majority-vote, id: verbatim kept, note: verbatim kept"],
        );
        check(
            json!({"fields": {"note": {"kind": "classification"}}, "ignore": ["id"]}),
            form,
            &["animal: classification majority-vote, note: classification majority-vote"],
        );
    }

    #[test]
    fn an_object_shows_its_own_fields_and_the_planned_ones() {
        check(
            json!({"fields": {"planned": {"kind": "multi-label"}}}),
            json!([[{"a": {"label": "x"}}], [{"b": {"label": "y"}}], [{}], []]),
            &[
                "a: classification majority-vote, planned: multi-label no-usable-answer",
                "b: classification majority-vote, planned: multi-label no-usable-answer",
                "planned: multi-label no-usable-answer, [no-usable-answer]",
                "planned: multi-label no-usable-answer, [no-answer]",
            ],
        );
    }

    #[test]
    fn parameters_under_kinds_hold_for_recognized_fields() {
        let form = json!([[{"a": {"label": "x"}}]]);
        let kinds = json!({"classification": {"quorum": {"workers": 2}}});
        check(json!({"kinds": kinds}), form.clone(), &["a: classification quorum-not-reached"]);
        check(json!({"quorum": {"workers": 2}}), form.clone(), &["a: classification quorum-not-reached"]);
        check(
            json!({"kinds": kinds, "fields": {"a": {"kind": "classification"}}}),
            form,
            &["a: classification majority-vote"],
        );
    }

    #[test]
    fn every_mistake_is_found_at_once() {
        let plan = json!({
            "fields": {"a": {"kind": "clasification"}, "b": {"quorum": 1}, "c": 3, "d": {"kind": "multi-label", "treshold": 1}},
            "kinds": {"bounding-box": {"iou": 0.5}, "boxes": {}},
            "outputformat": "fields",
        });
        let problems = ConsolidationPlan::from_value(&plan).expect_err("mistakes").0;
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            [
                "fields.a.kind: must be `classification`, `multi-label`, `bounding-box` or `verbatim`; did you mean `classification`?",
                "fields.b.kind: must be `classification`, `multi-label`, `bounding-box` or `verbatim`",
                "fields.c: must be a JSON object",
                "fields.d.treshold: unknown member; did you mean `threshold`?",
                "kinds: must be `classification`, `multi-label`, `bounding-box` or `verbatim`, not `boxes`",
                "kinds.bounding-box.iou: unknown member; known are `categories`, `quorum`, `method`, `iouThreshold` or `keep`",
                "outputformat: unknown member; did you mean `outputFormat`?",
            ]
        );
        assert_eq!(
            ConsolidationPlan::parse("{").expect_err("no JSON").to_string(),
            "the document is not JSON: EOF while parsing an object at line 1 column 1"
        );
    }
}
