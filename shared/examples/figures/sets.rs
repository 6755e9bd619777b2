//! Reading the sets: each a folder of CSV or JSON lines with `answers`, `gold` and `meta.json`.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::rc::Rc;
use std::{fmt, fs};

use ground_truth::answer::Answer;
use ground_truth::batch::{Batch, DatasetObject, FieldOutcome, WorkerAnswer};
use ground_truth::plan::ConsolidationPlan;
use ground_truth::vocabulary::{DatasetObjectId, LabelCategory, WorkerId};
use serde_json::{Value, json};

pub(crate) type Failure = Box<dyn Error>;

/// The one form field that all answers have.
pub(crate) const FIELD: &str = "answer";

/// The folder that holds one folder per set, and who labels where nothing is configured.
pub(crate) struct Data {
    pub(crate) path: PathBuf,
    pub(crate) labeler: Labeler,
}

/// Makes labels of answers, which must be of this kind.
pub(crate) type Labeler = Rc<dyn Fn(&Answers, &str) -> Result<Labels, Failure>>;

impl Data {
    /// A set's answers, to be added.
    pub(crate) fn no_answers(&self, set: &'static str) -> Answers {
        Answers {
            set: Some(set),
            by_object: BTreeMap::new(),
            categories: Vec::new(),
            labeler: Rc::clone(&self.labeler),
        }
    }

    /// The rows of a CSV file without its header.
    pub(crate) fn csv(&self, set: &str, file: &str) -> Result<Vec<Vec<String>>, Failure> {
        Ok(csv_rows(&self.text(set, file)?).into_iter().skip(1).collect())
    }

    pub(crate) fn json_lines(&self, set: &str, file: &str) -> Result<Vec<Value>, Failure> {
        let rows: Result<Vec<Value>, _> = self.text(set, file)?.lines().map(serde_json::from_str).collect();
        Ok(rows?)
    }

    /// The answers of a set of JSON lines, each made the value of its field by `value`.
    pub(crate) fn answers(&self, set: &'static str, value: impl Fn(Value) -> Value) -> Result<Answers, Failure> {
        let mut answers = Answers { categories: self.categories(set)?, ..self.no_answers(set) };
        for row in self.json_lines(set, "answers.jsonl")? {
            let (object, worker) = (text(&row["task"]), text(&row["worker"]));
            answers.add(object, worker, value(row));
        }
        Ok(answers)
    }

    /// The gold rows of a set of JSON lines, by object.
    pub(crate) fn gold(&self, set: &str) -> Result<BTreeMap<String, Value>, Failure> {
        Ok(self.json_lines(set, "gold.jsonl")?.into_iter().map(|row| (text(&row["task"]), row)).collect())
    }

    /// The gold of a CSV file, whose first column is the object (or the item), and whose second is its truth.
    pub(crate) fn gold_column(&self, set: &str) -> Result<Gold, Failure> {
        let rows = self.csv(set, "gold.csv")?.into_iter();
        rows.map(|row| columns(row.into_iter().take(2).collect()).map(|[object, truth]| (object, truth))).collect()
    }

    /// What `meta.json` lists as classes, as a job's label category configuration would.
    pub(crate) fn categories(&self, set: &str) -> Result<Vec<LabelCategory>, Failure> {
        let meta: Value = serde_json::from_str(&self.text(set, "meta.json")?)?;
        let classes = meta["classes"].as_array();
        Ok(classes.into_iter().flatten().map(|class| LabelCategory::new(text(class))).collect())
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "an example is a program, not the core; the companion has one that reads this too"
    )]
    fn text(&self, set: &str, file: &str) -> Result<String, Failure> {
        let folder = self.path.join(set);
        if !folder.is_dir() {
            return Err(MissingSet(set.to_owned()).into());
        }
        let path = folder.join(file);
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()).into())
    }
}

/// A set that the folder does not have.
#[derive(Debug)]
pub(crate) struct MissingSet(pub(crate) String);

impl fmt::Display for MissingSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the set {} is missing", self.0)
    }
}

impl Error for MissingSet {}

/// The truth of each object, where it is one text or number.
pub(crate) type Gold = BTreeMap<String, String>;

/// A row that must have so many columns.
pub(crate) fn columns<const N: usize>(row: Vec<String>) -> Result<[String; N], Failure> {
    row.try_into().map_err(|row: Vec<String>| format!("{N} columns expected, not {}", row.len()).into())
}

/// Who answered what, by object, workers in the order of the file.
#[derive(Clone)]
pub(crate) struct Answers {
    /// The set, where these are all its answers.
    pub(crate) set: Option<&'static str>,
    pub(crate) by_object: BTreeMap<String, Vec<(String, Value)>>,
    pub(crate) categories: Vec<LabelCategory>,
    pub(crate) labeler: Labeler,
}

impl Answers {
    pub(crate) fn add(&mut self, object: String, worker: String, value: Value) {
        self.by_object.entry(object).or_default().push((worker, value));
    }

    /// The first `n` answers of each object.
    pub(crate) fn first(&self, n: usize) -> Self {
        let has_more = self.by_object.values().any(|of_object| of_object.len() > n);
        let mut answers = Self { set: self.set.filter(|_| !has_more), ..self.clone() };
        answers.by_object.values_mut().for_each(|of_object| of_object.truncate(n));
        answers
    }

    pub(crate) fn batch(&self) -> Result<Batch, Failure> {
        let objects: Result<Vec<DatasetObject>, Failure> =
            self.by_object.iter().map(|(id, answers)| dataset_object(id, answers)).collect();
        Ok(Batch { objects: objects?, categories: self.categories.clone(), n_workers_asked: None })
    }

    /// Labels all objects as one batch: as the labeler does where `parameters` is null, else by a plan that fixes the kind
    /// and these parameters.
    pub(crate) fn consolidate(&self, kind: &str, parameters: Value) -> Result<Labels, Failure> {
        if parameters.is_null() { (self.labeler)(self, kind) } else { self.engine(kind, parameters) }
    }

    /// Consolidates all objects as one batch: by the standard plan where `parameters` is null, which must then
    /// recognize the kind, else by a plan that fixes the kind and these parameters.
    pub(crate) fn engine(&self, kind: &str, parameters: Value) -> Result<Labels, Failure> {
        let batch = self.batch()?;
        let outcomes = plan(kind, parameters)?.consolidate(&batch);
        outcomes
            .into_iter()
            .map(|mut outcome| {
                let field = outcome.fields.pop().ok_or("a label without its field")?;
                if field.kind.name != kind {
                    return Err(format!("{}: recognized as {}, not {kind}", outcome.id, field.kind.name).into());
                }
                Ok((outcome.id.as_str().to_owned(), field.outcome))
            })
            .collect()
    }
}

/// Labels by object.
pub(crate) type Labels = BTreeMap<String, FieldOutcome>;

pub(crate) fn plan(kind: &str, parameters: Value) -> Result<ConsolidationPlan, Failure> {
    let Value::Object(mut field) = parameters else { return Ok(ConsolidationPlan::standard()) };
    field.insert("kind".to_owned(), json!(kind));
    Ok(ConsolidationPlan::from_value(&json!({"fields": {FIELD: field}}))?)
}

pub(crate) fn dataset_object(id: &str, answers: &[(String, Value)]) -> Result<DatasetObject, Failure> {
    let answers: Result<Vec<_>, Failure> = answers
        .iter()
        .map(|(worker, value)| {
            let answer = Answer::from_value(json!({FIELD: value}))?;
            Ok(Ok(WorkerAnswer { worker_id: WorkerId::new(worker.as_str()), answer }))
        })
        .collect();
    Ok(DatasetObject::new(DatasetObjectId::new(id), None, answers?))
}

/// The text of a JSON string; empty for anything else.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A JSON number; NaN for anything else, which spoils the figure and so shows.
pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

/// The entries of a JSON list; none for anything else.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Rows of comma-separated values after RFC 4180.
fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut is_quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if is_quoted && characters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !is_quoted => {}
            '\n' if !is_quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    rows
}
