//! What consolidation reads and what it yields: a batch of dataset objects with their answers, one field of it, and an
//! outcome for each. Failures are data here: a rejected answer, a field without a label, an object without an answer.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::document::Reader;
use crate::field_value::FieldValue;
use crate::vocabulary::{Confidence, DatasetObjectId, LabelCategory, WorkerId};
use crate::worker_skills::FieldSkills;

/// The dataset objects of one request, or of a whole job.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// In payload order, each id as often as it was given.
    pub objects: Vec<DatasetObject>,
    /// The job's label categories in their order; empty when the job names none.
    pub categories: Vec<LabelCategory>,
    /// How many workers the job asks about each object, where it says so.
    pub n_workers_asked: Option<usize>,
}

/// One dataset object and what its workers answered.
#[derive(Debug, Clone)]
pub struct DatasetObject {
    /// Its id in the job.
    pub id: DatasetObjectId,
    /// Whether workers saw text (`source`) or a file (`source-ref`), where the payload says so.
    pub source: Option<SourceKind>,
    /// The readable answers, one per worker, in the order of worker ids.
    pub answers: Vec<WorkerAnswer>,
    /// Answers that could not be read at all.
    pub rejected: Vec<RejectedAnswer>,
    /// How many answers were replaced by a later one of the same worker.
    pub n_replaced: usize,
}

/// What a dataset object shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A text in the manifest: the member `source`.
    Text,
    /// A file in S3: the member `source-ref`.
    File,
}

/// One worker's answer to one object.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerAnswer {
    /// The worker's id.
    pub worker_id: WorkerId,
    /// The form as the worker sent it.
    pub answer: Answer,
}

/// An answer, or a part of one, that was set aside. The reason never quotes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
pub struct RejectedAnswer {
    /// Whose it was, if that could be read.
    #[serde(rename = "worker")]
    pub worker_id: Option<WorkerId>,
    /// What is wrong with it, in words.
    pub reason: String,
}

impl WorkerAnswer {
    /// Decodes the JSON text of an answer.
    ///
    /// # Errors
    /// The rejected answer, when the text does not hold a form.
    pub fn decode(worker_id: WorkerId, text: &str) -> Result<Self, RejectedAnswer> {
        match Answer::decode(text) {
            Ok(answer) => Ok(Self { worker_id, answer }),
            Err(error) => Err(RejectedAnswer::new(Some(worker_id), error.to_string())),
        }
    }
}

impl RejectedAnswer {
    /// An answer of this worker, set aside for this reason.
    pub fn new(worker_id: Option<WorkerId>, reason: impl Into<String>) -> Self {
        Self { worker_id, reason: reason.into() }
    }
}

impl DatasetObject {
    /// Gathers the answers to one object. When a worker answered twice, the later readable answer wins (the service does
    /// not promise one per worker); an unreadable one replaces nothing.
    pub fn new(
        id: DatasetObjectId,
        source: Option<SourceKind>,
        answers: impl IntoIterator<Item = Result<WorkerAnswer, RejectedAnswer>>,
    ) -> Self {
        let (mut by_worker, mut rejected, mut n_replaced) = (BTreeMap::new(), Vec::new(), 0);
        for answer in answers {
            match answer {
                Ok(WorkerAnswer { worker_id, answer }) => {
                    n_replaced += usize::from(by_worker.insert(worker_id, answer).is_some());
                }
                Err(reason) => rejected.push(reason),
            }
        }
        rejected.sort();
        let answers = by_worker.into_iter().map(|(worker_id, answer)| WorkerAnswer { worker_id, answer }).collect();
        Self { id, source, answers, rejected, n_replaced }
    }
}

/// One form field of every object of a batch: what an annotation kind consolidates. A value is what a form posts, or the
/// answer itself ([`Answers`](crate::typed::Answers)).
#[derive(Debug)]
pub struct FieldBatch<'a, V = FieldValue<'a>> {
    /// The label categories in their order: the field's own, or else the job's.
    pub categories: &'a [LabelCategory],
    /// How many workers must have answered the field before it gets a label.
    pub quorum: Quorum,
    /// How many workers the job asks about each object, where it says so.
    pub n_workers_asked: Option<usize>,
    /// How good workers are known to be; empty when nothing is known.
    pub skills: &'a FieldSkills,
    /// The objects, in the order of the batch.
    pub objects: Vec<FieldObject<'a, V>>,
}

/// One form field of one object.
#[derive(Debug)]
pub struct FieldObject<'a, V = FieldValue<'a>> {
    /// The object's id.
    pub id: &'a DatasetObjectId,
    /// Who sent which value for the field, in the order of worker ids.
    pub values: Vec<(&'a WorkerId, V)>,
    /// How many workers answered the object, with this field or without.
    pub n_answers: usize,
    /// The answer that is known to be right: in the shape of a worker's, or as plain text.
    pub gold: Option<V>,
}

impl<V> FieldBatch<'_, V> {
    /// The workers who sent the field anywhere in the batch, numbered in the order of their ids.
    pub fn worker_indices(&self) -> BTreeMap<&WorkerId, usize> {
        let ids = self.objects.iter().flat_map(|object| &object.values).map(|(worker_id, _)| *worker_id);
        // Nearly every answer is by a worker who is known already, which a hash tells soonest.
        let mut ids: Vec<&WorkerId> = ids.collect::<HashSet<_>>().into_iter().collect();
        ids.sort_unstable();
        ids.into_iter().zip(0..).collect()
    }

    /// Why `object` gets no label when `n_workers` gave a usable value for the field: nobody did, or fewer than the
    /// quorum. A quorum given as a share counts the workers that the job asks, or else those who answered the object.
    pub fn shortfall(&self, object: &FieldObject<'_, V>, n_workers: usize) -> Option<Unresolved> {
        let n_asked = self.n_workers_asked.unwrap_or(object.n_answers).max(object.n_answers);
        match n_workers {
            0 => Some(Unresolved::NoUsableAnswer),
            n if n < self.quorum.needed(n_asked) => Some(Unresolved::QuorumNotReached),
            _ => None,
        }
    }
}

impl<'a, V: Copy> FieldObject<'a, V> {
    /// Parses every value; an error becomes a rejected answer, and `Ok(None)` is a field left blank, which counts as
    /// no answer.
    pub fn parse<T, E: std::fmt::Display>(
        &self,
        parse: impl Fn(V) -> Result<Option<T>, E>,
    ) -> (Vec<(&'a WorkerId, T)>, Vec<RejectedAnswer>) {
        let (mut parsed, mut rejected) = (Vec::with_capacity(self.values.len()), Vec::new());
        for (worker_id, value) in &self.values {
            match parse(*value) {
                Ok(Some(answer)) => parsed.push((*worker_id, answer)),
                Ok(None) => {}
                Err(error) => {
                    rejected.push(RejectedAnswer { worker_id: Some((*worker_id).clone()), reason: error.to_string() })
                }
            }
        }
        (parsed, rejected)
    }

    /// Parses the known answer, if there is one. What cannot be read, or says nothing, is a rejected answer of nobody.
    pub fn parse_gold<T, E: std::fmt::Display>(
        &self,
        parse: impl Fn(V) -> Result<Option<T>, E>,
    ) -> Result<Option<T>, RejectedAnswer> {
        let rejected = |reason: String| RejectedAnswer { worker_id: None, reason: format!("known answer: {reason}") };
        match self.gold.map(parse) {
            None => Ok(None),
            Some(Ok(Some(known))) => Ok(Some(known)),
            Some(Ok(None)) => Err(rejected(BLANK_GOLD.to_owned())),
            Some(Err(error)) => Err(rejected(error.to_string())),
        }
    }
}

/// Why an empty value is not a known answer.
pub(crate) const BLANK_GOLD: &str = "the value says nothing";

/// How many of several workers are enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quorum {
    /// A number of workers; 0 counts as 1.
    Workers(usize),
    /// This share of them, in (0, 1], rounded up; more than 1 counts as 1, and 0, less or NaN as one worker.
    Share(f64),
}

impl Quorum {
    /// One worker is enough.
    pub const ONE: Self = Self::Workers(1);

    /// How many of `n` workers that is: at least 1. A share that misses a whole number by rounding error alone is not
    /// rounded up to the next one.
    pub fn needed(self, n: usize) -> usize {
        match self {
            Self::Workers(workers) => workers.max(1),
            Self::Share(share) => ((share.clamp(0.0, 1.0) * n as f64 - 1e-9).ceil() as usize).max(1),
        }
    }

    /// Reads `{"workers": 2}` or `{"share": 0.5}` from a configuration document.
    pub fn read(reader: &mut Reader<'_>, name: &'static str) -> Option<Self> {
        reader.read(name, r#"{"workers": 1 to 1000} or {"share": above 0, at most 1}"#, Self::from_json)
    }

    /// `{"workers": 2}` or `{"share": 0.5}`; `None` for anything else.
    pub fn from_json(value: &Value) -> Option<Self> {
        let members = value.as_object().filter(|members| members.len() == 1)?;
        let workers = members.get("workers").and_then(Value::as_u64).filter(|n| (1..=1000).contains(n));
        let share = members.get("share").and_then(Value::as_f64).filter(|share| *share > 0.0 && *share <= 1.0);
        workers.map(|n| Self::Workers(n as usize)).or(share.map(Self::Share))
    }
}

/// What a kind makes of one field of one object.
#[derive(Debug, Clone)]
pub struct FieldOutcome {
    /// The method that was used; `None` where nothing was consolidated.
    pub method: Option<&'static str>,
    /// The label's members in the order of the wire, without kind, method, reason and rejected answers.
    pub members: Map<String, Value>,
    /// How many workers gave a usable value.
    pub n_workers: usize,
    /// How sure the method is of the label as a whole, unrounded.
    pub confidence: Option<Confidence>,
    /// Why there is no label; `None` when there is one.
    pub unresolved: Option<Unresolved>,
    /// Answers, or parts of answers, that could not be used.
    pub rejected: Vec<RejectedAnswer>,
}

/// Why a field, or a whole object, has no label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Unresolved {
    /// Nobody answered the object.
    NoAnswer,
    /// Answers came, and none could be used.
    NoUsableAnswer,
    /// Fewer workers than the quorum gave a usable value.
    QuorumNotReached,
    /// Several categories have the most votes, and the plan asks for no label then.
    Tie,
    /// The first category has a smaller share of the votes than the plan asks for.
    ShareTooSmall,
    /// The label names a category that is in no list, and the format writes categories as their index.
    UnknownCategory,
    /// The marks of the object overlap in more pairs than can be compared.
    TooManyOverlaps,
    /// The answers name more categories than a model of them can hold.
    TooManyCategories,
}

impl Unresolved {
    /// The reason as labels and logs spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoAnswer => "no-answer",
            Self::NoUsableAnswer => "no-usable-answer",
            Self::QuorumNotReached => "quorum-not-reached",
            Self::Tie => "tie",
            Self::ShareTooSmall => "share-too-small",
            Self::UnknownCategory => "unknown-category",
            Self::TooManyOverlaps => "too-many-overlaps",
            Self::TooManyCategories => "too-many-categories",
        }
    }
}

impl std::error::Error for Unresolved {}

impl std::fmt::Display for Unresolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(worker: &str, value: &str) -> Result<WorkerAnswer, RejectedAnswer> {
        let answer = Answer::from_value(json!({"a": value})).expect("an object");
        Ok(WorkerAnswer { worker_id: WorkerId::new(worker), answer })
    }

    fn unreadable(worker: &str) -> Result<WorkerAnswer, RejectedAnswer> {
        Err(RejectedAnswer { worker_id: Some(WorkerId::new(worker)), reason: "torn".to_owned() })
    }

    #[test]
    fn the_last_readable_answer_of_a_worker_wins() {
        let answers = [answer("bo", "x"), answer("ana", "y"), answer("bo", "z"), unreadable("ana")];
        let object = DatasetObject::new(DatasetObjectId::new("0"), None, answers);
        let kept: Vec<String> =
            object.answers.iter().map(|kept| format!("{} {}", kept.worker_id, kept.answer.to_text())).collect();
        assert_eq!(kept, [r#"ana {"a":"y"}"#, r#"bo {"a":"z"}"#]);
        assert_eq!((object.n_replaced, object.rejected.len()), (1, 1));
    }

    #[test]
    fn a_quorum_is_at_least_one_and_rounds_up() {
        assert_eq!([1, 2, 3, 4, 9].map(|n| Quorum::Share(0.5).needed(n)), [1, 1, 2, 2, 5]);
        assert_eq!([0, 3, 6].map(|n| Quorum::Share(1.0 / 3.0).needed(n)), [1, 1, 2]);
        assert_eq!(Quorum::Workers(0).needed(5), 1);
    }

    #[test]
    fn a_quorum_is_workers_or_a_share() {
        let check = |value: Value, expected: Option<Quorum>| {
            let value = json!({ "quorum": value });
            let mut reader = Reader::new(&value, "");
            assert_eq!(Quorum::read(&mut reader, "quorum"), expected);
            assert_eq!(reader.finish().is_empty(), expected.is_some());
        };
        check(json!({"workers": 2}), Some(Quorum::Workers(2)));
        check(json!({"share": 0.5}), Some(Quorum::Share(0.5)));
        for wrong in [
            json!(2),
            json!({}),
            json!({"workers": 0}),
            json!({"share": 0.0}),
            json!({"share": 2}),
            json!({"workers": 1, "share": 1}),
        ] {
            check(wrong, None);
        }
    }
}
