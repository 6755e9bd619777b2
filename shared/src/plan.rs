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
//!   "gold": {"animal": {"17": "otter", "23": {"label": "heron"}}},
//!   "workerSkills": {"animal": {"private.eu-west-1.0f1e": {"right": 88.5, "asked": 100}}},
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
//!
//! In the names under `fields` and `ignore` one `*` stands for any text, for families of fields whose names hold an id:
//! `ocr-*-correct`. A name without one goes before a family, and of families the one with the longer name.
//!
//! A `pointer` (RFC 6901) beside a field's `kind` picks a part of its values, of JSON inside a text too: with
//! `{"kind": "text-span", "pointer": "/entities"}` the spans may lie deep inside a hidden input. A worker whose value lacks the
//! part left the field blank.
//!
//! `gold` holds known answers by form field and id of the dataset object, each as a worker answers or as the plain text of
//! a category. A known answer is the label, and workers are judged by it. Ids count the lines of one job's manifest, so a
//! plan with gold belongs to one job. `workerSkills` says by form field and worker of how many answers to other objects how
//! many were right ([`ConsolidationPlan::worker_skills`] estimates it). Fields of kinds that choose among categories can
//! have gold, fields of kind `classification` skills; where the plan gives a field another kind they are refused, and where
//! another kind is recognized they are passed over.
//!
//! ```
//! use ground_truth::answer::Answer;
//! use ground_truth::batch::{Batch, DatasetObject, WorkerAnswer};
//! use ground_truth::plan::ConsolidationPlan;
//! use ground_truth::vocabulary::{DatasetObjectId, WorkerId};
//! use serde_json::json;
//!
//! // Three workers filled in a form with two fields.
//! let forms = [
//!     ("ana", json!({"animal": {"label": "otter"}, "count": 3})),
//!     ("bo", json!({"animal": {"label": "otter"}, "count": "4"})),
//!     ("cy", json!({"animal": {"label": "heron"}, "count": 3})),
//! ];
//! let answers = forms.map(|(worker, form)| {
//!     let answer = Answer::from_value(form).expect("an object");
//!     Ok(WorkerAnswer { worker_id: WorkerId::new(worker), answer })
//! });
//! let object = DatasetObject::new(DatasetObjectId::new("0"), None, answers);
//! let batch = Batch { objects: vec![object], ..Batch::default() };
//!
//! let plan = ConsolidationPlan::parse(r#"{"fields": {"animal": {"kind": "classification"}}}"#)?;
//! let outcome = &plan.consolidate(&batch)[0];
//! let [animal, count] = outcome.fields.as_slice() else { panic!("two fields") };
//! assert_eq!(animal.outcome.members["label"], "otter");
//! assert_eq!((count.kind.name, count.outcome.n_workers), ("number", 3));
//! # Ok::<(), ground_truth::document::Problems>(())
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use crate::annotation_kinds::{self, ALL, AnnotationKind, Consolidator};
use crate::batch::{Batch, DatasetObject, FieldBatch, FieldObject, FieldOutcome, Quorum, RejectedAnswer, Unresolved};
use crate::document::{self, Problem, Problems, Reader};
use crate::field_value::{FieldValue, FieldValueBuf, FieldValueCow};
use crate::gold::{Gold, Objection};
use crate::label::FieldLabel;
use crate::parallel;
use crate::vocabulary::{DatasetObjectId, LabelCategory, WorkerId};
use crate::worker_skills::WorkerSkills;

/// A checked consolidation plan.
#[derive(Debug)]
pub struct ConsolidationPlan {
    /// In the order in which they are asked whether they mean a field: names, then families.
    fields: Vec<(FieldName, FieldPlan)>,
    recognized: Vec<FieldPlan>,
    gold: Gold,
    skills: WorkerSkills,
    ignored: Vec<FieldName>,
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

/// A form field's name, or a family of names in which one `*` stands for any text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum FieldName {
    Exact(String),
    Family { before: String, after: String },
}

impl FieldName {
    /// Reads a name; `None` when it has more than one `*`.
    fn read(text: &str) -> Option<Self> {
        let Some((before, after)) = text.split_once('*') else { return Some(Self::Exact(text.to_owned())) };
        (!after.contains('*')).then(|| Self::Family { before: before.to_owned(), after: after.to_owned() })
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Family { before, after } => {
                name.strip_prefix(before.as_str()).is_some_and(|rest| rest.ends_with(after.as_str()))
            }
        }
    }

    /// Names come before families, families with longer names before shorter ones, and those in alphabetical order.
    fn precedence(&self) -> (bool, std::cmp::Reverse<usize>, String) {
        match self {
            Self::Exact(exact) => (false, std::cmp::Reverse(0), exact.clone()),
            Self::Family { before, after } => {
                (true, std::cmp::Reverse(before.len() + after.len()), format!("{before}*{after}"))
            }
        }
    }

    fn as_exact(&self) -> Option<&str> {
        match self {
            Self::Exact(exact) => Some(exact),
            Self::Family { .. } => None,
        }
    }
}

const MANY_STARS: &str = "a field's name may hold one `*`";

/// How one field is consolidated.
struct FieldPlan {
    kind: &'static AnnotationKind,
    pointer: Option<String>,
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
        let of_field = self.of_field(field).and_then(|plan| plan.categories.as_deref());
        of_field.or(self.categories.as_deref()).unwrap_or(of_job)
    }

    /// The kind that the plan fixes for `field`, if it fixes one.
    pub fn configured_kind(&self, field: &str) -> Option<&'static AnnotationKind> {
        self.of_field(field).map(|plan| plan.kind)
    }

    /// What a known answer to `field` says: the part that the field's `pointer` names, or, where it is given as that part
    /// alone, the whole.
    pub fn known_part(&self, field: &str, answer: FieldValueBuf) -> FieldValueBuf {
        known_part(answer, self.of_field(field))
    }

    fn of_field(&self, field: &str) -> Option<&FieldPlan> {
        of_field(&self.fields, field)
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
        let planned: BTreeSet<&str> = self.fields.iter().filter_map(|(name, _)| name.as_exact()).collect();
        let names: Vec<&str> = self.field_names(batch).into_iter().collect();
        let of_fields = parallel::map(names, |name| {
            let results = self.in_field(name, batch, &objects, |plan, field| (plan.kind, (plan.consolidate)(field)));
            (name, results)
        });
        for (name, (kind, field_outcomes)) in of_fields {
            // The outcomes of earlier objects come last, and stay behind.
            for ((outcome, object), field_outcome) in outcomes.iter_mut().zip(&batch.objects).zip(field_outcomes) {
                // Forms can differ from object to object: a field that only other objects have says nothing here.
                if planned.contains(name) || object.answers.iter().any(|one| one.answer.field(name).is_some()) {
                    outcome.fields.push(FieldResult { name: name.to_owned(), kind, outcome: field_outcome });
                }
            }
        }
        outcomes
    }

    /// Estimates from a whole job how good its workers are, for every field of kind `classification`: of how many answers
    /// how many were right, where an answer counts as right as far as it is probable. Serialized it is the member
    /// `workerSkills` of a plan for other objects of the same workers. Answers that stand alone do not count. Gold and
    /// skills of this plan take part in the estimate; the answers behind its skills are not counted again.
    ///
    /// ```
    /// use ground_truth::answer::Answer;
    /// use ground_truth::batch::{Batch, DatasetObject, WorkerAnswer};
    /// use ground_truth::plan::ConsolidationPlan;
    /// use ground_truth::vocabulary::{DatasetObjectId, WorkerId};
    /// use serde_json::json;
    ///
    /// // Of three workers who saw twenty objects, the third calls every otter a heron.
    /// let object = |n: usize| {
    ///     let answers = [("ana", "otter"), ("bo", "otter"), ("cy", "heron")].map(|(worker, animal)| {
    ///         let answer = Answer::from_value(json!({ "animal": { "label": animal } })).expect("an object");
    ///         Ok(WorkerAnswer { worker_id: WorkerId::new(worker), answer })
    ///     });
    ///     DatasetObject::new(DatasetObjectId::new(n.to_string()), None, answers)
    /// };
    /// let job = Batch { objects: (0..20).map(object).collect(), ..Batch::default() };
    ///
    /// let skills = ConsolidationPlan::standard().worker_skills(&job);
    /// let [ana, cy] = ["ana", "cy"].map(|id| skills.for_field("animal")[&WorkerId::new(id)].counts());
    /// assert!(ana.0 > 14.0 && cy.0 < 6.0, "{ana:?} {cy:?}");
    ///
    /// // The next job starts with what this one has taught.
    /// let plan = json!({ "workerSkills": skills });
    /// assert!(ConsolidationPlan::from_value(&plan).is_ok());
    /// ```
    pub fn worker_skills(&self, batch: &Batch) -> WorkerSkills {
        let objects: Vec<&DatasetObject> = batch.objects.iter().collect();
        let of_field = |name: &str| {
            let estimated = self.in_field(name, batch, &objects, |plan, field| {
                plan.kind.particulars.worker_skills.map(|estimate| estimate(field))
            });
            Some((name.to_owned(), estimated?))
        };
        self.field_names(batch).into_iter().filter_map(of_field).collect()
    }

    /// Calls `with` for every field of a batch, in alphabetical order, with its name, its kind as configured or recognized,
    /// and its values: for statistics over answers that are not a consolidation.
    pub fn map_fields<T>(
        &self,
        batch: &Batch,
        mut with: impl FnMut(&str, &'static AnnotationKind, &FieldBatch<'_>) -> T,
    ) -> Vec<T> {
        let objects: Vec<&DatasetObject> = batch.objects.iter().collect();
        let names = self.field_names(batch).into_iter();
        names.map(|name| self.in_field(name, batch, &objects, |plan, field| with(name, plan.kind, field))).collect()
    }

    /// The fields of a batch's answers and those of the plan, without the ignored ones, in alphabetical order.
    fn field_names<'a>(&'a self, batch: &'a Batch) -> BTreeSet<&'a str> {
        let answered = batch.objects.iter().flat_map(|object| &object.answers).flat_map(|one| one.answer.field_names());
        let planned = self.fields.iter().filter_map(|(name, _)| name.as_exact());
        let is_ignored = |name: &str| self.ignored.iter().any(|ignored| ignored.matches(name));
        answered.chain(planned).filter(|name| !is_ignored(name)).collect()
    }

    /// Calls `with` with one field of these objects and the plan that holds for it.
    fn in_field<'b, T>(
        &self,
        name: &str,
        batch: &Batch,
        objects: &[&'b DatasetObject],
        with: impl FnOnce(&FieldPlan, &FieldBatch<'_>) -> T,
    ) -> T {
        let configured = self.of_field(name);
        let pointer = configured.and_then(|plan| plan.pointer.as_deref());
        let sent = |object: &'b DatasetObject| {
            let answers = object.answers.iter();
            answers.filter_map(|one| Some((&one.worker_id, one.answer.field(name)?)))
        };
        // Parts may have to be decoded first, and then live as long as the field is looked at.
        let parts = pointer.map(|pointer| {
            let of_object = |object: &&'b DatasetObject| -> Vec<(&WorkerId, FieldValueCow<'_>)> {
                let part =
                    |(worker_id, value): (_, FieldValue<'b>)| Some((worker_id, value.structured().part(pointer)?));
                sent(object).filter_map(part).collect()
            };
            objects.iter().map(of_object).collect::<Vec<_>>()
        });
        let field_object = |(idx, object): (usize, &'b DatasetObject)| FieldObject {
            id: &object.id,
            values: match &parts {
                Some(parts) => parts[idx].iter().map(|(worker_id, part)| (*worker_id, part.view())).collect(),
                None => sent(object).collect(),
            },
            n_answers: object.answers.len(),
            gold: self.gold.get(name, &object.id),
        };
        let objects: Vec<FieldObject<'_>> = parallel::map(objects.iter().copied().enumerate().collect(), field_object);
        let categories = self.categories(name, &batch.categories);
        let plan = configured.unwrap_or_else(|| self.recognized_plan(&objects, categories));
        let field_batch = FieldBatch {
            categories,
            quorum: plan.quorum.unwrap_or(self.quorum),
            n_workers_asked: batch.n_workers_asked,
            skills: self.skills.for_field(name),
            objects,
        };
        with(plan, &field_batch)
    }

    fn recognized_plan(&self, objects: &[FieldObject<'_>], categories: &[LabelCategory]) -> &FieldPlan {
        let values = objects.iter().flat_map(|object| &object.values).map(|(_, value)| *value);
        let values: Vec<FieldValue<'_>> = values.collect();
        let kind = annotation_kinds::recognize(&values, categories);
        let of_kind = |plan: &&FieldPlan| plan.kind.name == kind.name;
        // `recognized` has one plan per kind, the verbatim one last.
        self.recognized.iter().find(of_kind).unwrap_or(&self.recognized[self.recognized.len() - 1])
    }
}

/// The part of a known answer that the field's pointer names, or the whole where it is given as that part alone.
fn known_part(answer: FieldValueBuf, plan: Option<&FieldPlan>) -> FieldValueBuf {
    let pointer = plan.and_then(|plan| plan.pointer.as_deref());
    let part = pointer.and_then(|pointer| answer.view().structured().part(pointer)).map(FieldValueCow::into_buf);
    part.unwrap_or(answer)
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
    let mut fields = Vec::new();
    for (name, value, path) in reader.entries("fields") {
        let field = FieldName::read(name);
        if field.is_none() {
            reader.add_problems(vec![Problem { path: path.clone(), message: MANY_STARS.to_owned() }]);
        }
        let (plan, problems) = read_field(value, path);
        reader.add_problems(problems);
        fields.extend(field.zip(plan));
    }
    fields.sort_by_key(|(name, _)| name.precedence());
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
        let (plan, problems) = read_parameters(kind, None, Reader::new(value, path));
        reader.add_problems(problems);
        recognized.push(plan);
    }
    let gold = Gold::read(&mut reader, |name, value| known_answer(of_field(&fields, name), value));
    let skills = WorkerSkills::read(&mut reader, |name| objection_to_skills(of_field(&fields, name)?));
    let ignored = reader.texts("ignore").unwrap_or_default().into_iter().map(FieldName::read);
    let ignored: Option<Vec<FieldName>> = ignored.collect();
    if ignored.is_none() {
        reader.problem("ignore", MANY_STARS);
    }
    let plan = ConsolidationPlan {
        fields,
        recognized,
        gold,
        skills,
        ignored: ignored.unwrap_or_default(),
        categories: read_categories(&mut reader),
        quorum: Quorum::read(&mut reader, "quorum").unwrap_or(Quorum::ONE),
        output_format: reader.choice("outputFormat", OUTPUT_FORMATS).unwrap_or(OutputFormat::Fields),
        no_usable_answer: reader.choice("noUsableAnswer", NO_USABLE_ANSWER).unwrap_or(NoUsableAnswer::Omit),
    };
    (plan, reader.finish())
}

fn of_field<'a>(fields: &'a [(FieldName, FieldPlan)], field: &str) -> Option<&'a FieldPlan> {
    fields.iter().find(|(name, _)| name.matches(field)).map(|(_, plan)| plan)
}

/// What a known answer of a field says, or what is wrong with it. Where the plan does not fix the kind, any that takes gold
/// will do.
fn known_answer(plan: Option<&FieldPlan>, answer: FieldValueBuf) -> Result<FieldValueBuf, Objection> {
    let known = known_part(answer, plan);
    let Some(plan) = plan else {
        let fits_nowhere =
            ALL.iter().filter_map(|kind| kind.particulars.check_gold).all(|check| check(known.view()).is_err());
        let message = || "must be a category, or an answer that names some".to_owned();
        return if fits_nowhere { Err(Objection::Value(message())) } else { Ok(known) };
    };
    let Some(check) = plan.kind.particulars.check_gold else {
        return Err(Objection::Field(needs_kind("known answers", &annotation_kinds::taking_gold(), plan)));
    };
    check(known.view()).map(|()| known).map_err(Objection::Value)
}

/// Why nothing can be known of a field's workers.
fn objection_to_skills(plan: &FieldPlan) -> Option<String> {
    let takes_skills = plan.kind.particulars.worker_skills.is_some();
    (!takes_skills).then(|| needs_kind("skills of workers", &annotation_kinds::taking_skills(), plan))
}

fn needs_kind(what: &str, kinds: &[&str], plan: &FieldPlan) -> String {
    let must_be = document::must_be_one_of(kinds, None);
    format!("the kind of a field with {what} {must_be}, not `{}`", plan.kind.name)
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
    let must_be = "a JSON Pointer: empty, or parts that each start with `/`";
    let pointer = reader.read("pointer", must_be, |value| value.as_str().filter(|text| is_pointer(text)));
    let (plan, problems) = read_parameters(kind, pointer.map(str::to_owned), reader);
    (Some(plan), problems)
}

/// Whether a text is a JSON Pointer: in it, `~` stands only before `0` and `1`.
fn is_pointer(text: &str) -> bool {
    let is_escaped = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    (text.is_empty() || text.starts_with('/')) && is_escaped
}

/// The members that every kind shares, then the kind's own.
fn read_parameters(
    kind: &'static AnnotationKind,
    pointer: Option<String>,
    mut reader: Reader<'_>,
) -> (FieldPlan, Vec<Problem>) {
    let categories = read_categories(&mut reader);
    let quorum = Quorum::read(&mut reader, "quorum");
    let consolidate = (kind.configure)(&mut reader);
    (FieldPlan { kind, pointer, consolidate, categories, quorum }, reader.finish())
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
    /// The kind that the plan names for the field, or that its answers were recognized as.
    pub kind: &'static AnnotationKind,
    /// The label, or why there is none.
    pub outcome: FieldOutcome,
}

impl FieldResult {
    /// What was made of the field, as others read it.
    pub fn label(&self) -> FieldLabel<'_> {
        self.into()
    }
}

impl Outcome {
    /// Why nothing at all can be said about the object; `None` when some field has a usable answer.
    pub fn unresolved(&self) -> Option<Unresolved> {
        // A known answer has a confidence without any worker.
        if self.fields.iter().any(|field| field.outcome.n_workers > 0 || field.outcome.confidence.is_some()) {
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
mod knowledge_tests;

#[cfg(all(test, feature = "rayon"))]
mod thread_tests;

#[cfg(test)]
mod tests;
