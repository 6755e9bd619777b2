//! From a payload file to the objects of a [`Batch`](crate::batch::Batch): what the wire leaves open is decided here, element
//! by element. Answers that the payload gives by reference stay open: who has a store reads them.
//!
//! ```
//! use ground_truth::payload_batch::{PayloadBatch, PayloadBatchObject};
//!
//! let file = br#"[{"datasetObjectId": "7", "annotations": [
//!     {"workerId": "ana", "annotationData": {"content": "{\"animal\": \"otter\"}"}},
//!     {"workerId": "bo", "annotationData": {"s3Uri": "s3://answers/bo.json"}}]}]"#;
//! let payload = PayloadBatch::read(file)?;
//! assert_eq!(payload.n_references(), 1);
//!
//! let object = payload.objects.into_iter().next().map(PayloadBatchObject::without_references).expect("one object");
//! assert_eq!((object.answers.len(), object.rejected.len()), (1, 1));
//! # Ok::<(), ground_truth::contract::payload::PayloadError>(())
//! ```

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::batch::{DatasetObject, RejectedAnswer, SourceKind, WorkerAnswer};
use crate::contract::payload::{self, AnnotationError, ElementError, PayloadError, PayloadObject};
use crate::vocabulary::{DatasetObjectId, WorkerId};

/// A payload file, read and decoded.
#[derive(Debug)]
pub struct PayloadBatch {
    /// In payload order, each id once.
    pub objects: Vec<PayloadBatchObject>,
    /// The indices of elements without a readable id: nothing can be answered about them.
    pub elements_without_id: Vec<usize>,
}

/// A dataset object, some of whose answers may still lie in S3.
#[derive(Debug)]
pub struct PayloadBatchObject {
    /// Its id in the job.
    pub id: DatasetObjectId,
    /// What it shows, where the payload says so.
    pub source: Option<SourceKind>,
    /// The answers, in the payload's order.
    pub answers: Vec<PayloadAnswer>,
}

/// An answer as a payload has it. Exhaustive, so that whoever completes a batch deals with every way of giving an answer.
#[derive(Debug)]
pub enum PayloadAnswer {
    /// The answer itself, or why it cannot be used.
    Inline(Result<WorkerAnswer, RejectedAnswer>),
    /// Where the answer is stored.
    Reference {
        /// The worker's id.
        worker_id: WorkerId,
        /// The URI as the payload spells it, not checked.
        uri: String,
    },
}

impl PayloadBatch {
    /// Splits and decodes a payload file. An object that stands twice in it (the service does not do that) is one object
    /// with all its answers, so that no response has an id twice. A bad element or answer harms no other.
    ///
    /// # Errors
    /// [`PayloadError`] when the file as a whole is not a JSON array in UTF-8.
    pub fn read(file: &[u8]) -> Result<Self, PayloadError> {
        let (mut objects, mut elements_without_id) = (Vec::<PayloadBatchObject>::new(), Vec::new());
        let mut idx_of = BTreeMap::new();
        for (element_idx, element) in payload::elements(file)?.into_iter().enumerate() {
            let object = match payload::object(element) {
                Ok(object) => read_object(object),
                Err(ElementError::Annotations { id }) => {
                    let reason = ElementError::Annotations { id: id.clone() }.to_string();
                    let answers = vec![PayloadAnswer::Inline(Err(RejectedAnswer::new(None, reason)))];
                    PayloadBatchObject { id, source: None, answers }
                }
                Err(ElementError::NoId) => {
                    elements_without_id.push(element_idx);
                    continue;
                }
            };
            let object_idx = *idx_of.entry(object.id.clone()).or_insert(objects.len());
            match objects.get_mut(object_idx) {
                Some(same) => same.answers.extend(object.answers),
                None => objects.push(object),
            }
        }
        Ok(Self { objects, elements_without_id })
    }

    /// How many answers are given by reference.
    pub fn n_references(&self) -> usize {
        let answers = self.objects.iter().flat_map(|object| &object.answers);
        answers.filter(|answer| matches!(answer, PayloadAnswer::Reference { .. })).count()
    }
}

impl PayloadBatchObject {
    /// The object with its inline answers alone: an answer by reference counts as rejected.
    pub fn without_references(self) -> DatasetObject {
        let inline = |answer| match answer {
            PayloadAnswer::Inline(read) => read,
            PayloadAnswer::Reference { worker_id, .. } => {
                Err(RejectedAnswer::new(Some(worker_id), "the answer lies in S3 and not in this file"))
            }
        };
        DatasetObject::new(self.id, self.source, self.answers.into_iter().map(inline))
    }
}

fn read_object(object: PayloadObject<'_>) -> PayloadBatchObject {
    let source = object.data_object.and_then(|data_object| {
        let members: BTreeMap<&str, &RawValue> = serde_json::from_str(data_object.get()).ok()?;
        let has = |name| members.contains_key(name);
        if has("s3Uri") { Some(SourceKind::File) } else { has("content").then_some(SourceKind::Text) }
    });
    let annotations = object.annotations.unwrap_or_default();
    let answers = annotations.into_iter().map(read_answer).collect();
    PayloadBatchObject { id: object.dataset_object_id, source, answers }
}

fn read_answer(annotation: &RawValue) -> PayloadAnswer {
    let rejected = |worker_id, reason| PayloadAnswer::Inline(Err(RejectedAnswer::new(worker_id, reason)));
    let annotation = match payload::annotation(annotation) {
        Ok(annotation) => annotation,
        Err(error) => {
            let reason = error.to_string();
            return match error {
                AnnotationError::Data { worker_id } => rejected(Some(worker_id), reason),
                AnnotationError::NoWorker => rejected(None, reason),
            };
        }
    };
    let worker_id = annotation.worker_id;
    match (annotation.annotation_data.content, annotation.annotation_data.reference()) {
        (Some(content), _) => PayloadAnswer::Inline(WorkerAnswer::decode(worker_id, &content_text(content))),
        (None, Some(uri)) => PayloadAnswer::Reference { worker_id, uri: uri.to_owned() },
        (None, None) => rejected(Some(worker_id), "`annotationData` has neither `content` nor `s3Uri`".to_owned()),
    }
}

/// The answer's JSON text: the string's content, or, where somebody wrote the answer as an object, that object itself.
fn content_text(content: &RawValue) -> String {
    serde_json::from_str::<String>(content.get()).unwrap_or_else(|_| content.get().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of each answer to the objects of `file`.
    fn check(file: &str, expected: &[&str]) -> PayloadBatch {
        let payload = PayloadBatch::read(file.as_bytes()).expect("a payload");
        let answer = |answer: &PayloadAnswer| match answer {
            PayloadAnswer::Inline(Ok(read)) => format!("{} {}", read.worker_id, read.answer.to_text()),
            PayloadAnswer::Inline(Err(rejected)) => rejected.reason.clone(),
            PayloadAnswer::Reference { worker_id, uri } => format!("{worker_id} -> {uri}"),
        };
        let read: Vec<String> = payload
            .objects
            .iter()
            .map(|object| {
                let answers: Vec<String> = object.answers.iter().map(answer).collect();
                format!("{}: {}", object.id, answers.join(", "))
            })
            .collect();
        assert_eq!(read, expected);
        payload
    }

    #[test]
    fn an_answer_is_inline_or_elsewhere_or_neither() {
        let payload = check(
            r#"[{"datasetObjectId": "0", "annotations": [
                {"workerId": "ana", "annotationData": {"content": "{\"a\": 1}"}},
                {"workerId": "bo", "annotationData": {"content": {"a": 2}}},
                {"workerId": "cy", "annotationData": {"content": "torn", "s3Uri": "s3://b/k"}},
                {"workerId": "di", "annotationData": {"s3uri": "anything"}},
                {"workerId": "ed", "annotationData": {}},
                {"annotationData": {}}]}]"#,
            &["0: ana {\"a\":1}, bo {\"a\":2}, the answer is not JSON (line 1, column 2), di -> anything, \
               `annotationData` has neither `content` nor `s3Uri`, the annotation has no `workerId`"],
        );
        assert_eq!(payload.n_references(), 1);
        let object = payload.objects.into_iter().next().expect("one object").without_references();
        assert_eq!((object.answers.len(), object.rejected.len()), (2, 4));
    }

    #[test]
    fn an_object_that_stands_twice_is_one_and_keeps_its_first_index() {
        let payload = check(
            r#"[{"datasetObjectId": "1", "annotations": [{"workerId": "ana", "annotationData": {"content": "{}"}}]},
                {"annotations": []}, {"datasetObjectId": "0", "annotations": 7}, 5,
                {"datasetObjectId": "1", "annotations": [{"workerId": "bo", "annotationData": {"content": "{}"}}]}]"#,
            &["1: ana {}, bo {}", "0: dataset object 0: `annotations` is not an array"],
        );
        assert_eq!(payload.elements_without_id, [1, 3]);
    }

    #[test]
    fn what_an_object_shows_is_told_by_its_member() {
        let source = |data_object: &str| {
            let file = format!(r#"[{{"datasetObjectId": "0", "dataObject": {data_object}}}]"#);
            PayloadBatch::read(file.as_bytes()).expect("a payload").objects[0].source
        };
        assert_eq!(source(r#"{"s3Uri": "s3://b/1.png"}"#), Some(SourceKind::File));
        assert_eq!(source(r#"{"content": "a text"}"#), Some(SourceKind::Text));
        assert_eq!([source("{}"), source("7"), source("null")], [None; 3]);
    }
}
