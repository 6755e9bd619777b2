//! The cases that both functions must stand, from one answer to a thousand objects and beyond Lambda's six megabytes.

use ground_truth::store::{MemoryStore, ObjectStore};
use serde_json::{Value, json};

use super::{
    OUTPUT, PAYLOAD_URI, annotation_consolidation, consolidate, event, event_with, ids, label, object, pre_human_task,
    prepare, uri,
};
use crate::contract::{files, parse};
use crate::loopback::block_on;

/// What Lambda returns at most.
const SIX_MEGABYTES: usize = 6 * 1024 * 1024;

#[test]
fn every_pre_human_task_request_of_the_fixtures_is_answered() {
    let responses: Vec<String> = files("tests/fixtures/requests", "pre-human-task-")
        .into_iter()
        .map(|(name, text)| format!("{name}\n{}\n", pre_human_task(&parse(&text))))
        .collect();
    insta::assert_snapshot!(responses.join("\n"));
}

#[test]
fn every_payload_of_the_fixtures_is_consolidated() {
    let reference = uri(&format!("{OUTPUT}/worker-answers/iteration-1/0/2024-09-30_06:00:00.json"));
    let responses: Vec<String> = files("tests/fixtures/payloads", "")
        .into_iter()
        .map(|(name, text)| {
            let store =
                MemoryStore::new().with(&uri(PAYLOAD_URI), text).with(&reference, r#"{"vessel": {"label": "skiff"}}"#);
            let response = annotation_consolidation(&event(), &store, &json!({})).expect("an answer");
            let entries = response.as_array().expect("a bare array").iter();
            format!("{name}\n{}", entries.map(|entry| format!("{entry}\n")).collect::<String>())
        })
        .collect();
    insta::assert_snapshot!(responses.join("\n"));
}

#[test]
fn every_consolidation_request_of_the_fixtures_finds_its_payload() {
    let payload = json!([object("0", &[("ana", json!({"vessel": {"label": "ferry"}}))])]).to_string();
    for (name, text) in files("tests/fixtures/requests", "annotation-consolidation-") {
        let store = MemoryStore::new().with(&uri(PAYLOAD_URI), payload.clone());
        let response = annotation_consolidation(&parse(&text), &store, &json!({}));
        assert_eq!(label(&response.expect(&name), 0)["vessel"]["label"], "ferry", "{name}");
    }
}

#[test]
fn a_data_object_without_anything_to_show_is_excluded_and_not_refused() {
    for data_object in [json!({}), json!({"source": 7}), json!({"source-ref": null}), json!({"Event": "s3:TestEvent"})]
    {
        assert_eq!(prepare(data_object.clone())["isHumanAnnotationRequired"], json!(false), "{data_object}");
    }
}

#[test]
fn of_two_sources_the_text_is_shown() {
    let response = prepare(json!({"source-ref": "s3://b/1.png", "source": "text"}));
    assert_eq!(response["taskInput"]["taskObject"], "text");
    assert_eq!(response["isHumanAnnotationRequired"], json!(true));
}

#[test]
fn a_thousand_objects_are_answered_in_their_order() {
    let vessels = ["ferry", "barge", "skiff"];
    let elements: Vec<Value> = (0..1000)
        .rev()
        .map(|n| {
            let answer = json!({"vessel": {"label": vessels[n % 3]}});
            object(&n.to_string(), &[("ana", answer.clone()), ("bo", answer)])
        })
        .collect();
    let response = consolidate(&json!(elements), &json!({}));
    let expected: Vec<String> = (0..1000).rev().map(|n| n.to_string()).collect();
    assert_eq!(ids(&response), expected.iter().collect::<Vec<_>>());
    assert_eq!(label(&response, 0)["vessel"]["label"], "ferry");
    assert_eq!(label(&response, 999)["vessel"]["label"], "ferry");
    assert_eq!(label(&response, 998)["vessel"]["label"], "barge");
}

/// An answer with an image in it, as masks have one.
fn image(n_bytes: usize) -> Value {
    json!({"cover": {"labeledImage": {"pngImageData": "iVBORw0KGgo".repeat(n_bytes / 11)}}})
}

#[test]
fn labels_that_lambda_could_not_return_are_put_aside_and_come_back_whole() {
    let payload: Vec<Value> =
        (0..40).map(|n| object(&n.to_string(), &[("ana", image(if n == 7 { 3_000_000 } else { 200_000 }))])).collect();
    let store = MemoryStore::new().with(&uri(PAYLOAD_URI), json!(payload).to_string());
    let response = annotation_consolidation(&event(), &store, &json!({})).expect("an answer");
    assert!(response.to_string().len() < SIX_MEGABYTES);
    assert_eq!(ids(&response).len(), 40);

    let large = label(&response, 7);
    let place = uri(large["s3Uri"].as_str().expect("the largest label goes first"));
    assert!(place.to_string().starts_with(&format!("{OUTPUT}/large-labels/2024-09-30_06:07:08/")), "{place}");
    let bytes = block_on(store.get(&place, u64::MAX)).expect("it was written");
    assert_eq!(large["bytes"], json!(bytes.len()));
    let written: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(written["cover"]["values"][0]["value"], image(3_000_000)["cover"]);

    // The same event again gives the same bytes in the same places.
    let places = store.uris();
    assert_eq!(annotation_consolidation(&event(), &store, &json!({})).expect("an answer"), response);
    assert_eq!(store.uris(), places);
}

#[test]
fn a_response_that_is_too_large_without_a_place_for_it_says_what_to_configure() {
    let payload = json!([object("0", &[("ana", image(7_000_000))])]);
    let store = MemoryStore::new().with(&uri(PAYLOAD_URI), payload.to_string());
    for output in [json!(null), json!(""), json!("https://example.com/annotations")] {
        let error = annotation_consolidation(&event_with("outputConfig", output), &store, &json!({}));
        let error = error.expect_err("too large");
        assert_eq!(error.error_type(), "ResponseTooLarge");
        assert!(error.to_string().contains("give the labeling job an output path"), "{error}");
    }
}

#[test]
fn a_payload_that_is_no_batch_fails_the_invocation() {
    let check = |bytes: &[u8], expected: &str| {
        let store = MemoryStore::new().with(&uri(PAYLOAD_URI), bytes);
        let error = annotation_consolidation(&event(), &store, &json!({})).expect_err("no batch");
        let message = format!("the payload is not a batch of data objects: {expected}");
        assert_eq!((error.error_type(), error.to_string()), ("BadPayload", message));
    };
    check(b"[{\"datasetObjectId\": \"\xe9\"}]", "the payload is not UTF-8 (byte 22)");
    check(b"{}", "the payload is not a JSON array of data objects");
    check(b"null", "the payload is not a JSON array of data objects");
    check(b"[{}", "the payload is not JSON (line 1, column 3); it must be one JSON array, not JSON Lines");
    check(b"", "the payload is not JSON (line 1, column 0); it must be one JSON array, not JSON Lines");
}

#[test]
fn a_payload_uri_that_is_none_fails_the_invocation() {
    for place in ["", "harbor-sagemaker-out/payload.json", "https://harbor.s3.amazonaws.com/payload.json", "s3://"] {
        let event = event_with("payload", json!({ "s3Uri": place }));
        let error = annotation_consolidation(&event, &MemoryStore::new(), &json!({})).expect_err("no S3 URI");
        assert_eq!(error.error_type(), "BadPayloadUri", "{place}");
    }
}

#[test]
fn an_empty_batch_has_an_empty_answer() {
    assert_eq!(consolidate(&json!([]), &json!({})), json!([]));
}

/// Anyone may write any URI into an answer; the function reads with the permissions of its role.
#[test]
fn an_answer_outside_the_jobs_buckets_is_rejected() {
    let foreign = "s3://somebody-elses/answer.json";
    let element = json!({"datasetObjectId": "0", "annotations": [
        {"workerId": "ana", "annotationData": {"s3Uri": foreign}},
        {"workerId": "bo", "annotationData": {"s3Uri": format!("{OUTPUT}/missing.json")}},
        {"workerId": "cy", "annotationData": {"s3Uri": "answer.json"}},
    ]});
    let store = MemoryStore::new()
        .with(&uri(PAYLOAD_URI), json!([element]).to_string())
        .with(&uri(foreign), r#"{"vessel": {"label": "ferry"}}"#);
    let plan = json!({"noUsableAnswer": "unresolved-label"});
    let response = annotation_consolidation(&event(), &store, &plan).expect("an answer");
    assert_eq!(
        *label(&response, 0),
        json!({
            "status": "unresolved", "reason": "no-usable-answer", "workers": 0,
            "rejected": [
                {"worker": "ana", "reason": "the answer lies in bucket `somebody-elses`; name it in ALLOWED_BUCKETS to trust it"},
                {"worker": "bo", "reason": "the answer's object does not exist"},
                {"worker": "cy", "reason": "the answer's `s3Uri` is not a valid S3 URI"},
            ],
        })
    );
}

#[test]
fn the_order_of_objects_and_answers_does_not_matter() {
    let payload = parse(&crate::contract::fixture("payloads/mixed-form.json"));
    let forward = consolidate(&payload, &json!({}));
    let mut elements = payload.as_array().expect("an array").clone();
    elements.reverse();
    // Object 13 stays as it is: there a worker answers twice, and the last answer wins.
    for element in elements.iter_mut().filter(|element| element["datasetObjectId"] != "13") {
        if let Some(annotations) = element["annotations"].as_array_mut() {
            annotations.reverse();
        }
    }
    let mut backward = consolidate(&json!(elements), &json!({}));
    backward.as_array_mut().expect("an array").reverse();
    assert_eq!(backward, forward);
}
