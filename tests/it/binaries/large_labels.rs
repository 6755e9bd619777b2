//! Responses that Lambda would not return: the largest labels go to S3, beside the job's own files.

use hyper::Method;
use serde_json::{Value, json};

use super::{Consolidation, PAYLOAD, answer, event, event_with, payload};
use crate::loopback::{Fault, S3Request};

const MB: usize = 1024 * 1024;

/// Where the label of the object with id 1, the largest of the batch, is put.
const LARGEST: &str = "s3://survey/River-Survey/annotations/large-labels/2024-05-06_07:08:09/1-1.json";

/// Labels of some 2, 3 and 1.5 MB: too much together, and well under the bound without the largest.
fn large_batch() -> Value {
    let text_of = |n_bytes: usize| vec![answer("ana", &"heron ".repeat(n_bytes / 6))];
    // Each category stands in its label twice, as the label and in the votes; with a model a third time.
    payload([MB, 3 * MB / 2, 3 * MB / 4].map(text_of))
}

fn species(entry: &Value) -> &Value {
    &entry["consolidatedAnnotation"]["content"]["species"]
}

fn writes(consolidation: &Consolidation) -> Vec<S3Request> {
    consolidation.s3.requests().into_iter().filter(|request| request.method == Method::PUT).collect()
}

#[test]
fn the_largest_labels_are_put_aside_and_referred_to() {
    let batch = large_batch();
    // Votes are counted object by object; a model would learn from the batch, and the label would depend on it.
    let plan = r#"{"kinds": {"classification": {"method": "majority-vote"}}}"#;
    let mut consolidation = Consolidation::start(&[("CONSOLIDATION_PLAN", plan)]);
    consolidation.s3.put(PAYLOAD, batch.to_string());
    let response = consolidation.invoke(&event_with(json!({"kmsKeyId": "alias/survey"}))).expect("fits");

    let put = writes(&consolidation);
    let [put] = put.as_slice() else { panic!("one label is enough, not {}", put.len()) };
    assert_eq!(put.uri, LARGEST);
    assert_eq!(put.header("x-amz-server-side-encryption"), Some("aws:kms"));
    assert_eq!(put.header("x-amz-server-side-encryption-aws-kms-key-id"), Some("alias/survey"));

    let label = consolidation.s3.get(LARGEST).expect("the label is there");
    assert_eq!(species(&response[1]), &json!({"s3Uri": LARGEST, "bytes": label.len()}));
    // The object on its own has a label that fits, and it is the very same.
    let alone = consolidation.consolidate(&json!([batch[1]]));
    let label: Value = serde_json::from_slice(&label).expect("a label is JSON");
    assert!(&label == species(&alone[0]), "the label in S3 differs from the one in a small response");
    // The others stay as they are.
    assert!(
        species(&response[0])["animal"]["label"].is_string() && species(&response[2])["animal"]["label"].is_string()
    );
}

#[test]
fn a_repeated_event_puts_the_same_label_to_the_same_uri() {
    let mut consolidation = Consolidation::start(&[]);
    let first = consolidation.consolidate(&large_batch());
    let label = consolidation.s3.get(LARGEST);
    assert!(label.is_some() && consolidation.consolidate(&large_batch()) == first);
    assert!(consolidation.s3.get(LARGEST) == label);
    let uris: Vec<String> = writes(&consolidation).into_iter().map(|request| request.uri).collect();
    assert_eq!(uris, [LARGEST, LARGEST]);
}

#[test]
fn without_an_output_path_the_response_is_too_large() {
    let mut consolidation = Consolidation::start(&[]);
    consolidation.s3.put(PAYLOAD, large_batch().to_string());
    let message = consolidation.failure(&event_with(json!({"outputConfig": null})), "ResponseTooLarge");
    assert!(message.contains("give the labeling job an output path, or consolidate fewer objects"), "{message}");
    assert!(writes(&consolidation).is_empty());
}

#[test]
fn a_refused_label_says_which_permission_is_missing() {
    let mut consolidation = Consolidation::start(&[]);
    consolidation.s3.put(PAYLOAD, large_batch().to_string());
    consolidation.s3.fail(LARGEST, Fault::AccessDenied, 1);
    let message = consolidation.failure(&event(), "LabelNotWritten");
    assert!(message.contains(LARGEST) && message.contains("s3:PutObject"), "{message}");
    assert!(consolidation.invoke(&event()).is_ok(), "once it is allowed");
}

#[test]
fn small_labels_are_not_put_aside_in_vain() {
    let mut consolidation = Consolidation::start(&[]);
    let mut batch = payload((0..700).map(|_| vec![answer("ana", "heron")]));
    for (idx, object) in batch.as_array_mut().expect("a batch is an array").iter_mut().enumerate() {
        object["datasetObjectId"] = json!(format!("{idx:010000}")); // The ids alone are too much.
    }
    consolidation.s3.put(PAYLOAD, batch.to_string());
    let message = consolidation.failure(&event(), "ResponseTooLarge");
    assert!(message.contains("even with its labels in S3: consolidate fewer objects"), "{message}");
    assert!(writes(&consolidation).is_empty());
}
