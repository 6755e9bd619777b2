//! Logs say what was rejected and why, and never who answered or what.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use ground_truth::store::MemoryStore;
use serde_json::{Value, json};
use tracing_subscriber::util::SubscriberInitExt;

use super::{PAYLOAD_URI, annotation, annotation_consolidation, event, event_with, prepare, uri};

/// What a run writes to the log, at the most talkative level.
fn log_of(run: impl FnOnce()) -> String {
    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);
    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let guard = subscriber.set_default();
    run();
    drop(guard);
    let bytes = buffer.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    String::from_utf8(bytes).expect("logs are UTF-8")
}

/// Everything that a worker says or is called in these tests has this word in it.
const SECRET: &str = "hush";

fn secret(name: &str) -> String {
    format!("{SECRET}-{name}")
}

fn payload_with_rejections() -> Value {
    let box_without_area = json!({"label": secret("label"), "left": 1, "top": 1, "width": 0, "height": 3});
    json!([
        {"datasetObjectId": "0", "dataObject": {"content": secret("text")}, "annotations": [
            annotation(&secret("ana"), &json!({"vessel": {"label": secret("category")}, "hulls": {"boundingBoxes": [box_without_area]}})),
            annotation(&secret("bo"), &json!({"vessel": {"a": secret("value")}, "hulls": secret("value")})),
            annotation(&secret("bo"), &json!({"vessel": {"label": secret("again")}, "note": secret("note")})),
            {"workerId": secret("cy"), "annotationData": {"content": format!("{{\"{}", secret("torn"))}},
            {"workerId": secret("di"), "annotationData": {"content": [secret("list")]}},
            {"workerId": secret("ed"), "annotationData": secret("text")},
            {"workerId": secret("flo"), "annotationData": {"s3Uri": secret("place")}},
            {"workerId": [secret("gil")], "annotationData": {"content": secret("content")}},
        ]},
        {"datasetObjectId": "1", "annotations": secret("annotations")},
        {"annotations": [secret("nobody")]},
        secret("element"),
    ])
}

#[test]
fn a_run_with_rejections_tells_reasons_and_counts_but_no_worker_and_no_answer() {
    for format in ["fields", "ground-truth", "all-answers"] {
        let plan = json!({"outputFormat": format, "noUsableAnswer": "unresolved-label"});
        let store = MemoryStore::new().with(&uri(PAYLOAD_URI), payload_with_rejections().to_string());
        let mut response = Value::Null;
        let log = log_of(|| response = annotation_consolidation(&event(), &store, &plan).expect("an answer"));

        assert!(response.to_string().contains(SECRET), "the labels do name workers, or this test would prove nothing");
        assert!(!log.contains(SECRET), "{log}");
        for part in [
            "WARN",
            "rejected an answer, or a part of one",
            "dataset_object_id=0",
            "the answer is not JSON (line 1, column",
            "dataset object 1: `annotations` is not an array",
            "box 0:",
            "consolidated one batch",
            "objects=2 ",
            "answers_replaced=1 ",
            "objects_without_usable_answer=1 ",
            "elements_without_id=2 ",
            "objects_omitted=0 ",
            "an element of the payload has no `datasetObjectId` and is left out element_idx=2",
        ] {
            assert!(log.contains(part), "{part} is not in the log:\n{log}");
        }
    }
}

#[test]
fn warnings_are_few_and_the_count_is_full() {
    let torn: Vec<Value> =
        (0..500).map(|n| json!({"workerId": n.to_string(), "annotationData": {"content": "{"}})).collect();
    let payload = json!([{"datasetObjectId": "0", "annotations": torn}]);
    let store = MemoryStore::new().with(&uri(PAYLOAD_URI), payload.to_string());
    let log = log_of(|| drop(annotation_consolidation(&event(), &store, &json!({})).expect("an answer")));
    assert!(log.contains("answers_rejected=500 "), "{log}");
    assert!(log.lines().count() < 30, "{log}");
}

/// The runtime logs the message of a failed invocation.
#[test]
fn a_failed_invocation_does_not_quote_the_payload() {
    let as_text = payload_with_rejections().to_string();
    let torn = MemoryStore::new().with(&uri(PAYLOAD_URI), format!("{as_text} {SECRET}"));
    for (event, store) in [(event_with("payload", json!(as_text)), MemoryStore::new()), (event(), torn)] {
        let error = annotation_consolidation(&event, &store, &json!({})).expect_err("no payload");
        assert!(!error.to_string().contains(SECRET), "{error}");
    }
}

#[test]
fn preparing_a_data_object_tells_nothing_of_it() {
    let log = log_of(|| {
        prepare(json!({"source": secret("text"), "long": "x".repeat(130_000)}));
        prepare(json!({"text": secret("text")}));
    });
    assert!(!log.contains(SECRET), "{log}");
    assert!(log.contains("prepared one data object") && log.contains("passes 128000 characters"), "{log}");
    assert!(log.contains("it has neither `source` nor `source-ref` as a text"), "{log}");
}
