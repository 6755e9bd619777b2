//! What fails an invocation: each has its stable name, and harms no other.

use serde_json::{Value, json};

use super::{Consolidation, PAYLOAD, annotation, event, event_with, failure, herons_and_an_otter, invoke, payload};
use crate::loopback::{Fault, Function};

/// Fails with this name and a message that holds these words; the very next event is answered as ever.
fn check(consolidation: &mut Consolidation, event: &Value, error_type: &str, words: &[&str]) {
    let message = consolidation.failure(event, error_type);
    for word in words {
        assert!(message.contains(word), "`{message}` does not say `{word}`");
    }
    let response = consolidation.consolidate(&herons_and_an_otter());
    assert_eq!(super::animal(&response, 0)["label"], "heron", "after {error_type}");
}

#[test]
fn an_event_that_is_no_data_object() {
    let mut function = Function::start("pre-human-task", &[]);
    for event in
        [json!(null), json!([]), json!("text"), json!({}), json!({"dataObject": null}), json!({"dataObject": 1})]
    {
        let message = failure(&mut function, &event, "BadEvent");
        assert!(message.contains("is this function called by a labeling job"), "{message}");
        let answer = invoke(&mut function, &json!({"dataObject": {"source": "a heron"}})).expect("a data object");
        assert_eq!(answer["taskInput"]["taskObject"], "a heron");
    }
    let message = failure(&mut function, &json!({}), "BadEvent");
    assert!(message.contains("missing field `dataObject`"), "{message}");
}

#[test]
fn an_event_that_is_no_batch() {
    let mut consolidation = Consolidation::start(&[]);
    for event in [json!(null), json!([]), json!("text"), json!({}), event_with(json!({"payload": 7}))] {
        check(&mut consolidation, &event, "BadEvent", &["is this function called by a labeling job"]);
    }
    let without_name = event_with(json!({"labelAttributeName": null}));
    check(&mut consolidation, &without_name, "BadEvent", &["labelAttributeName"]);
    let elsewhere = event_with(json!({"payload": {"s3Uri": "https://survey.example/batch.json"}}));
    check(&mut consolidation, &elsewhere, "BadPayloadUri", &["payload.s3Uri", "does not start with s3://"]);
}

#[test]
fn a_payload_that_cannot_be_read() {
    let mut consolidation = Consolidation::start(&[]);
    let missing = event_with(json!({"payload": {"s3Uri": "s3://survey/no-such-batch.json"}}));
    check(&mut consolidation, &missing, "PayloadUnreadable", &["s3://survey/no-such-batch.json", "no such object"]);
    consolidation.s3.fail(PAYLOAD, Fault::AccessDenied, 1);
    check(&mut consolidation, &event(), "PayloadUnreadable", &[PAYLOAD, "s3:GetObject", "KMS key"]);
}

#[test]
fn a_payload_that_is_no_batch() {
    let mut consolidation = Consolidation::start(&[]);
    for (file, word) in [
        (&b"{\"datasetObjectId\": \"0\"}"[..], "not a JSON array"),
        (b"[{\"datasetObjectId\": \"\xff\"}]", "not UTF-8 (byte 22)"),
        (b"[{\"datasetObjectId\": ", "not JSON (line 1, column"),
        (b"", "not JSON (line 1, column"),
    ] {
        consolidation.s3.put(PAYLOAD, file);
        check(&mut consolidation, &event(), "BadPayload", &[word]);
    }
}

#[test]
fn an_answer_that_may_not_be_read() {
    let mut consolidation = Consolidation::start(&[]);
    let place = "s3://survey/answers/ana.json";
    consolidation.s3.put(PAYLOAD, payload([vec![annotation("ana", json!({"s3Uri": place}))]]).to_string());
    consolidation.s3.fail(place, Fault::AccessDenied, 1);
    check(&mut consolidation, &event(), "AnswerUnreadable", &[place, "s3:GetObject"]);
}
