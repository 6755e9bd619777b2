//! The payload file of a batch: a JSON array with one element per data object, each with every worker's answer.
//!
//! Read leniently and piece by piece, so that a malformed element or annotation harms no other. Answers are base64
//! images at times, and a batch hundreds of megabytes: everything here borrows from the bytes of the file.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::vocabulary::{DatasetObjectId, WorkerId};

/// One data object of the batch.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PayloadObject<'a> {
    /// The index of the object's line in the manifest, as text.
    pub dataset_object_id: DatasetObjectId,
    /// `{"content": …}` for a `source`, `{"s3Uri": …}` for a `source-ref`; other keys of the manifest line are not here.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub data_object: Option<&'a RawValue>,
    /// One [`Annotation`] per submitted answer, each still to be read.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Vec<&'a RawValue>>,
}

/// One worker's answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Annotation<'a> {
    /// Who answered.
    pub worker_id: WorkerId,
    /// The answer, or where it lies.
    #[serde(borrow)]
    pub annotation_data: AnnotationData<'a>,
}

/// The answer, or where it lies.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnnotationData<'a> {
    /// The worker's form as JSON *text*: a string, to be decoded a second time. An object is understood as well.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub content: Option<&'a RawValue>,
    /// Where that text is stored instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_uri: Option<String>,
    /// The same, as AWS's sample misspells it. Read, never written.
    #[serde(default, rename = "s3uri", skip_serializing)]
    pub misspelled_s3_uri: Option<String>,
}

impl AnnotationData<'_> {
    /// Where the answer is stored, under either spelling.
    pub fn reference(&self) -> Option<&str> {
        self.s3_uri.as_deref().or(self.misspelled_s3_uri.as_deref())
    }
}

/// Splits a payload file into its elements.
///
/// # Errors
/// [`PayloadError`] when the file as a whole is not a JSON array in UTF-8.
pub fn elements(file: &[u8]) -> Result<Vec<&RawValue>, PayloadError> {
    let text = std::str::from_utf8(file).map_err(|error| PayloadError::NotUtf8 { offset: error.valid_up_to() })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => PayloadError::NotAnArray,
        _ => PayloadError::NotJson { line: error.line(), column: error.column() },
    })
}

/// Reads one element.
///
/// # Errors
/// [`ElementError`] with the element's id if at least that could be read.
pub fn object(element: &RawValue) -> Result<PayloadObject<'_>, ElementError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct OnlyId {
        dataset_object_id: DatasetObjectId,
    }
    from_object(element).ok_or_else(|| match from_object(element) {
        Some(OnlyId { dataset_object_id }) => ElementError::Annotations { id: dataset_object_id },
        None => ElementError::NoId,
    })
}

/// Reads one annotation of an element.
///
/// # Errors
/// [`AnnotationError`] with the worker's id if at least that could be read.
pub fn annotation(annotation: &RawValue) -> Result<Annotation<'_>, AnnotationError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct OnlyWorker {
        worker_id: WorkerId,
    }
    from_object(annotation).ok_or_else(|| match from_object(annotation) {
        Some(OnlyWorker { worker_id }) => AnnotationError::Data { worker_id },
        None => AnnotationError::NoWorker,
    })
}

/// Reads a JSON object. serde would take an array as well, as the members' values without their names, and so find an id
/// where there is none.
fn from_object<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    raw.get().starts_with('{').then(|| serde_json::from_str(raw.get()).ok())?
}

/// A payload file that is not a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// The file is not text.
    #[error("the payload is not UTF-8 (byte {offset})")]
    NotUtf8 {
        /// How many bytes are fine.
        offset: usize,
    },
    /// The file is not JSON. Only the line and column are told, never the text.
    #[error("the payload is not JSON (line {line}, column {column}); it must be one JSON array, not JSON Lines")]
    NotJson {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
    },
    /// The file is JSON of another shape.
    #[error("the payload is not a JSON array of data objects")]
    NotAnArray,
}

/// An element that is not a data object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ElementError {
    /// Without an id nothing can be answered.
    #[error("it has no `datasetObjectId`")]
    NoId,
    /// The id is there, but `annotations` is not an array.
    #[error("dataset object {id}: `annotations` is not an array")]
    Annotations {
        /// The element's id.
        id: DatasetObjectId,
    },
}

/// An annotation that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnnotationError {
    /// Nobody to attribute it to.
    #[error("the annotation has no `workerId`")]
    NoWorker,
    /// There is neither `content` nor `s3Uri`.
    #[error("`annotationData` is not an object with `content` or `s3Uri`")]
    Data {
        /// The worker whose answer it is.
        worker_id: WorkerId,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_batch_says_why() {
        let check = |file: &[u8], expected: &str| {
            assert_eq!(elements(file).expect_err("no batch").to_string(), expected);
        };
        check(b"[{\"a\":\"\xff\"}]", "the payload is not UTF-8 (byte 7)");
        check(b"{}\n{}\n", "the payload is not a JSON array of data objects");
        check(b"[1,", "the payload is not JSON (line 1, column 3); it must be one JSON array, not JSON Lines");
        check(b"{\"a\":1}", "the payload is not a JSON array of data objects");
        check(b"", "the payload is not JSON (line 1, column 0); it must be one JSON array, not JSON Lines");
    }

    #[test]
    fn a_byte_order_mark_is_no_fault() {
        assert_eq!(elements("\u{feff}[{}, 1]".as_bytes()).expect("a batch").len(), 2);
    }

    #[test]
    fn one_malformed_piece_harms_no_other() {
        let file = br#"[{"datasetObjectId":"0","annotations":7}, 5, {"datasetObjectId":"2","annotations":null},
            {"datasetObjectId":"3","annotations":[{"workerId":"ana","annotationData":3},{"annotationData":{}},
             {"workerId":"bo","annotationData":{"s3uri":"s3://b/k"}},["cy",{"content":"{}"}]]},["4",null,[]]]"#;
        let read: Vec<_> = elements(file).expect("a batch").into_iter().map(object).collect();
        assert_eq!(
            read[0].as_ref().expect_err("no list"),
            &ElementError::Annotations { id: DatasetObjectId::new("0") }
        );
        assert_eq!(read[1].as_ref().expect_err("no object"), &ElementError::NoId);
        assert!(read[2].as_ref().expect("zero answers").annotations.is_none());
        assert_eq!(read[4].as_ref().expect_err("no object"), &ElementError::NoId);
        let annotations = read[3].as_ref().expect("an object").annotations.as_ref().expect("four annotations");
        let read: Vec<_> = annotations.iter().map(|raw| annotation(raw)).collect();
        assert_eq!(read[0].as_ref().expect_err("no data"), &AnnotationError::Data { worker_id: WorkerId::new("ana") });
        assert_eq!(read[1].as_ref().expect_err("nobody"), &AnnotationError::NoWorker);
        assert_eq!(read[2].as_ref().expect("fine").annotation_data.reference(), Some("s3://b/k"));
        assert_eq!(read[3].as_ref().expect_err("no object"), &AnnotationError::NoWorker);
    }
}
