//! Workers' answers as a program has them, in types of their own, and what comes of them: how every annotation kind is used
//! without JSON, without a plan and without Lambda.
//!
//! Each public module of [`annotation_kinds`](crate::annotation_kinds) has an answer type, `Params` whose `STANDARD`, which
//! is its `Default` too, is the plan's default, and a function `consolidate` from [`Answers`] to one [`Consensus`] per
//! object. The plan goes through the same functions, so both ways give the same labels.
//!
//! The plan refuses a parameter beyond its range. A typed call takes the nearer bound instead, and the standard value instead
//! of NaN.
//!
//! Memory is linear in the answers.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::RangeInclusive;

use crate::batch::{FieldBatch, FieldObject, Quorum, RejectedAnswer, Unresolved};
use crate::vocabulary::{Confidence, DatasetObjectId, LabelCategory, WorkerId};
use crate::worker_skills::FieldSkills;

/// A parameter as it counts: beyond the range the nearer bound, and `standard` instead of NaN.
pub(crate) fn bounded(parameter: f64, range: RangeInclusive<f64>, standard: f64) -> f64 {
    if parameter.is_nan() { standard } else { parameter.clamp(*range.start(), *range.end()) }
}

/// What workers answered to one question about many objects, and what is known beforehand.
///
/// A worker has one answer per object: a later one replaces an earlier one. The order of workers changes no result.
///
/// Rows of object, worker and answer can be [gathered](Self::from_rows), collected or added. What can be converted to an id
/// or to the answer type of the kind is: texts are workers, objects and categories.
///
/// ```
/// use ground_truth::annotation_kinds::classification::{self, Params};
/// use ground_truth::{Answers, LabelCategory};
///
/// let mut answers: Answers<LabelCategory> = [("photo-1", "ana", "otter"), ("photo-1", "bo", "otter")].into_iter().collect();
/// answers.add("photo-2", "ana", "heron");
///
/// for consensus in classification::consolidate(&answers, &Params::STANDARD) {
///     println!("{} {:?} {:?}", consensus.object_id, consensus.label.label, consensus.confidence);
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Answers<A> {
    /// The categories to choose from, in their order; empty when they are whatever was chosen. Ties fall to the first.
    pub categories: Vec<LabelCategory>,
    /// How many workers must have answered an object before it gets a label: one, unless it is set.
    pub quorum: Quorum,
    /// How many workers each object was given to, if that is known: the whole of a quorum that is a share.
    pub n_workers_asked: Option<usize>,
    /// How good workers are known to be; used by `classification` alone, whose
    /// [`skills`](crate::annotation_kinds::classification::skills) estimates it.
    pub skills: FieldSkills,
    workers: Vec<WorkerId>,
    worker_idx: HashMap<WorkerId, usize>,
    objects: Vec<ObjectAnswers<A>>,
    object_idx: HashMap<DatasetObjectId, usize>,
}

#[derive(Debug, Clone)]
struct ObjectAnswers<A> {
    id: DatasetObjectId,
    by_worker: BTreeMap<usize, A>,
    gold: Option<A>,
}

impl<A> Default for Answers<A> {
    fn default() -> Self {
        Self {
            categories: Vec::new(),
            quorum: Quorum::ONE,
            n_workers_asked: None,
            skills: FieldSkills::new(),
            workers: Vec::new(),
            worker_idx: HashMap::new(),
            objects: Vec::new(),
            object_idx: HashMap::new(),
        }
    }
}

impl<A> Answers<A> {
    /// Gathers rows of object, worker and answer, in any order. Objects stand in the order in which they first appear.
    pub fn from_rows<O, W, R>(rows: impl IntoIterator<Item = (O, W, R)>) -> Self
    where
        O: Into<DatasetObjectId>,
        W: Into<WorkerId>,
        R: Into<A>,
    {
        rows.into_iter().collect()
    }

    /// Adds one answer, and gives back the one that it replaces.
    pub fn add(
        &mut self,
        object: impl Into<DatasetObjectId>,
        worker: impl Into<WorkerId>,
        answer: impl Into<A>,
    ) -> Option<A> {
        let worker = worker.into();
        let worker_idx = match self.worker_idx.get(&worker) {
            Some(idx) => *idx,
            None => {
                self.workers.push(worker.clone());
                self.worker_idx.insert(worker, self.workers.len() - 1);
                self.workers.len() - 1
            }
        };
        self.object(object.into()).by_worker.insert(worker_idx, answer.into())
    }

    /// Makes sure that an object is there, also when nobody answers it.
    pub fn add_object(&mut self, object: impl Into<DatasetObjectId>) {
        self.object(object.into());
    }

    /// Sets the answer that is known to be right. It becomes the label, and workers are judged by it, in the kinds that choose
    /// among categories: `classification`, `multi-label` and `ordinal`. Others pass it over.
    pub fn set_gold(&mut self, object: impl Into<DatasetObjectId>, answer: impl Into<A>) {
        self.object(object.into()).gold = Some(answer.into());
    }

    /// The objects' ids, in the order of every result.
    pub fn object_ids(&self) -> impl ExactSizeIterator<Item = &DatasetObjectId> {
        self.objects.iter().map(|object| &object.id)
    }

    /// How many answers there are.
    pub fn len(&self) -> usize {
        self.objects.iter().map(|object| object.by_worker.len()).sum()
    }

    /// Whether nobody answered anything.
    pub fn is_empty(&self) -> bool {
        self.objects.iter().all(|object| object.by_worker.is_empty())
    }

    fn object(&mut self, id: DatasetObjectId) -> &mut ObjectAnswers<A> {
        let idx = match self.object_idx.get(&id) {
            Some(idx) => *idx,
            None => {
                self.objects.push(ObjectAnswers { id: id.clone(), by_worker: BTreeMap::new(), gold: None });
                self.object_idx.insert(id, self.objects.len() - 1);
                self.objects.len() - 1
            }
        };
        &mut self.objects[idx]
    }

    /// The answers as kinds read them.
    pub(crate) fn field(&self) -> FieldBatch<'_, &A> {
        let mut in_order: Vec<usize> = (0..self.workers.len()).collect();
        in_order.sort_by_key(|worker| &self.workers[*worker]);
        let mut rank = vec![0; self.workers.len()];
        in_order.iter().enumerate().for_each(|(n, worker)| rank[*worker] = n);
        FieldBatch {
            categories: &self.categories,
            quorum: self.quorum,
            n_workers_asked: self.n_workers_asked,
            skills: &self.skills,
            objects: self.objects.iter().map(|object| object.field(&self.workers, &rank)).collect(),
        }
    }
}

impl<A, O: Into<DatasetObjectId>, W: Into<WorkerId>, R: Into<A>> FromIterator<(O, W, R)> for Answers<A> {
    fn from_iter<I: IntoIterator<Item = (O, W, R)>>(rows: I) -> Self {
        let mut answers = Self::default();
        answers.extend(rows);
        answers
    }
}

impl<A, O: Into<DatasetObjectId>, W: Into<WorkerId>, R: Into<A>> Extend<(O, W, R)> for Answers<A> {
    fn extend<I: IntoIterator<Item = (O, W, R)>>(&mut self, rows: I) {
        for (object, worker, answer) in rows {
            self.add(object, worker, answer);
        }
    }
}

impl<A> ObjectAnswers<A> {
    /// The answers, in the order of the workers' ranks.
    fn field<'a>(&'a self, workers: &'a [WorkerId], rank: &[usize]) -> FieldObject<'a, &'a A> {
        let mut answers: Vec<(usize, &A)> = self.by_worker.iter().map(|(worker, answer)| (*worker, answer)).collect();
        answers.sort_by_key(|(worker, _)| rank[*worker]);
        FieldObject {
            id: &self.id,
            n_answers: answers.len(),
            values: answers.into_iter().map(|(worker, answer)| (&workers[worker], answer)).collect(),
            gold: self.gold.as_ref(),
        }
    }
}

/// What the answers to one question about one object come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Consensus<L> {
    /// The object that was answered about.
    pub object_id: DatasetObjectId,
    /// The label. Where nothing was decided it still tells what can be told, such as the votes.
    pub label: L,
    /// How many workers gave a usable answer.
    pub n_workers: usize,
    /// How sure the method is of the label as a whole; each kind says what that means. `None` without a label.
    pub confidence: Option<Confidence>,
    /// Why nothing was decided, when nothing was.
    pub unresolved: Option<Unresolved>,
    /// Answers, or parts of answers, that were set aside.
    pub rejected: Vec<RejectedAnswer>,
}

impl<L> Consensus<L> {
    /// The label, if there is one.
    ///
    /// # Errors
    /// Why there is none: nobody answered, too few did, or the marks overlap too much to be compared.
    pub fn decided(&self) -> Result<&L, Unresolved> {
        self.unresolved.map_or(Ok(&self.label), Err)
    }
}

/// One line: `photo-1: otter (0.75)`, or `photo-1: no label (quorum-not-reached)`.
impl<L: fmt::Display> fmt::Display for Consensus<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.object_id)?;
        match (self.decided(), self.confidence) {
            (Ok(label), Some(confidence)) => write!(f, "{label} ({confidence})"),
            (Ok(label), None) => write!(f, "{label}"),
            (Err(reason), _) => write!(f, "no label ({reason})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_answer_replaces_an_earlier_one() {
        let mut answers: Answers<i32> = Answers::from_rows([("b", "bo", 1), ("a", "ana", 2), ("b", "ana", 3)]);
        assert_eq!((answers.add("b", "bo", 4), answers.len(), answers.is_empty()), (Some(1), 3, false));
        let field = answers.field();
        let text = |object: &FieldObject<'_, &i32>| {
            let answers: Vec<String> =
                object.values.iter().map(|(worker, answer)| format!("{worker}={answer}")).collect();
            format!("{}: {}", object.id, answers.join(" "))
        };
        assert_eq!(field.objects.iter().map(text).collect::<Vec<_>>(), ["b: ana=3 bo=4", "a: ana=2"]);
    }

    #[test]
    fn a_consensus_is_one_line() {
        let mut consensus = Consensus {
            object_id: "photo-1".into(),
            label: "otter",
            n_workers: 3,
            confidence: Some(Confidence::share(3, 4)),
            unresolved: None,
            rejected: Vec::new(),
        };
        assert_eq!(consensus.to_string(), "photo-1: otter (0.75)");
        consensus.unresolved = Some(Unresolved::Tie);
        assert_eq!(consensus.to_string(), "photo-1: no label (tie)");
    }

    #[test]
    fn objects_without_answers_stand_in_their_place() {
        let mut answers = Answers::<i32>::default();
        answers.add_object("x");
        answers.set_gold("y", 7);
        answers.add("x", "ana", 1);
        assert_eq!(answers.object_ids().map(DatasetObjectId::as_str).collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(
            answers.field().objects.iter().map(|object| object.gold.copied()).collect::<Vec<_>>(),
            [None, Some(7)]
        );
    }
}
