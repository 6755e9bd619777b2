//! The fourteen mistakes that a naive implementation of the contract makes, one test each; number 12, a function name that
//! the managed policy may not invoke, is held off by `template.rs`.

use ground_truth::s3_uri::S3Uri;
use ground_truth::store::{Listed, MemoryStore, ObjectStore, StoreAction, StoreError, StoreErrorCause, StoreFuture};
use serde_json::{Value, json};

use super::{
    OUTPUT, PAYLOAD_URI, annotation, annotation_consolidation, consolidate, event, event_with, ids, label, object,
    pre_human_task, prepare, uri,
};

fn ferry() -> Value {
    json!({"vessel": {"label": "ferry"}})
}

fn barge() -> Value {
    json!({"vessel": {"label": "barge"}})
}

#[test]
fn mistake_01_content_is_a_string_on_the_way_in_and_an_object_on_the_way_out() {
    let payload = json!([object("12", &[("ana", ferry())])]);
    assert!(payload[0]["annotations"][0]["annotationData"]["content"].is_string());
    let response = consolidate(&payload, &json!({}));
    assert!(response[0]["consolidatedAnnotation"]["content"].is_object());
    assert_eq!(label(&response, 0)["vessel"]["label"], "ferry");
}

#[test]
fn mistake_02_the_label_key_is_the_label_attribute_name_and_not_the_name_in_the_arn() {
    let store = MemoryStore::new().with(&uri(PAYLOAD_URI), json!([object("0", &[("ana", ferry())])]).to_string());
    for name in ["Harbor-Survey-3", "vessel", "x", "survey-metadata-ref"] {
        let response = annotation_consolidation(&event_with("labelAttributeName", json!(name)), &store, &json!({}));
        let response = response.expect("an answer");
        let content = response[0]["consolidatedAnnotation"]["content"].as_object().expect("an object");
        assert_eq!(content.keys().collect::<Vec<_>>(), [name]);
    }
}

#[test]
fn mistake_03_one_entry_per_object_and_not_per_worker() {
    let three = object("0", &[("ana", ferry()), ("bo", ferry()), ("cy", barge())]);
    let response = consolidate(&json!([three, object("1", &[("ana", ferry())]), three]), &json!({}));
    assert_eq!(ids(&response), ["0", "1"]);
    assert_eq!(label(&response, 0)["vessel"]["workers"], 3);
}

#[test]
fn mistake_04_any_version_is_fine() {
    let store = MemoryStore::new().with(&uri(PAYLOAD_URI), "[]");
    for version in [json!("2018-10-16"), json!("2018-10-06"), json!("v9"), json!(3), json!(null), json!({"major": 2})] {
        pre_human_task(&json!({"version": version, "dataObject": {"source": "x"}}));
        annotation_consolidation(&event_with("version", version), &store, &json!({})).expect("an answer");
    }
}

#[test]
fn mistake_05_the_payload_uri_is_split_and_not_parsed() {
    for key in ["Jobs/2024-09-30_06:07:08.json", "a b/c%20d/e+f?g=1#h.json", "jobs//../Straße/港.json", "s3://inside"]
    {
        let location = format!("s3://harbor-sagemaker-out/{key}");
        let store = MemoryStore::new().with(&uri(&location), json!([object("0", &[("ana", ferry())])]).to_string());
        let response = annotation_consolidation(&event_with("payload", json!({"s3Uri": location})), &store, &json!({}));
        assert_eq!(ids(&response.expect(key)), ["0"], "{key}");
    }
}

#[test]
fn mistake_06_label_categories_are_not_required() {
    let payload = json!([object("0", &[("ana", ferry())])]);
    let store = MemoryStore::new().with(&uri(PAYLOAD_URI), payload.to_string());
    let mut without = event();
    without.as_object_mut().expect("an object").shift_remove("labelCategories");
    let others = [json!(null), json!([]), json!([7, {"label": "ferry", "hue": 3}]), json!("ferry"), json!({})];
    for event in others.map(|categories| event_with("labelCategories", categories)).iter().chain([&without]) {
        let response = annotation_consolidation(event, &store, &json!({})).expect("an answer");
        assert_eq!(label(&response, 0)["vessel"]["label"], "ferry", "{event}");
    }
}

#[test]
fn mistake_07_the_answer_is_the_document_itself_without_status_code_and_body() {
    let response = consolidate(&json!([object("0", &[("ana", ferry())])]), &json!({}));
    let entries = response.as_array().expect("a bare array");
    let members: Vec<&String> = entries[0].as_object().expect("an object").keys().collect();
    assert_eq!(members, ["datasetObjectId", "consolidatedAnnotation"]);

    let response = prepare(json!({"source": "x"}));
    let members: Vec<&String> = response.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["taskInput", "isHumanAnnotationRequired"]);
    assert!(response["taskInput"].is_object());
}

#[test]
fn mistake_08_is_human_annotation_required_is_a_boolean_of_that_name() {
    let check = |switch: Value, expected: bool| {
        let mut data_object = json!({"source": "x"});
        data_object.as_object_mut().expect("an object").extend(switch.as_object().expect("an object").clone());
        let response = prepare(data_object);
        assert_eq!(response["isHumanAnnotationRequired"], Value::Bool(expected), "{switch}");
        assert_eq!(response.get("humanAnnotationRequired"), None, "{switch}");
    };
    check(json!({}), true);
    check(json!({"isHumanAnnotationRequired": false}), false);
    check(json!({"isHumanAnnotationRequired": "false"}), false);
    check(json!({"isHumanAnnotationRequired": "true"}), true);
    check(json!({"humanAnnotationRequired": false}), false);
    check(json!({"humanAnnotationRequired": "False"}), false);
    check(json!({"isHumanAnnotationRequired": "no"}), true);
}

#[test]
fn mistake_09_answers_by_reference_are_read_under_s3_uri_and_its_misspelling() {
    for spelling in ["s3Uri", "s3uri"] {
        let location = format!("{OUTPUT}/answers/2024-09-30_06:00:00.json");
        let by_reference = json!({"workerId": "ana", "annotationData": {spelling: location}});
        let payload = json!([{"datasetObjectId": "0", "annotations": [by_reference, annotation("bo", &barge())]}]);
        let store =
            MemoryStore::new().with(&uri(PAYLOAD_URI), payload.to_string()).with(&uri(&location), ferry().to_string());
        let response = annotation_consolidation(&event(), &store, &json!({})).expect("an answer");
        assert_eq!(label(&response, 0)["vessel"]["votes"], json!({"ferry": 1, "barge": 1}), "{spelling}");
    }
}

#[test]
fn mistake_10_not_every_worker_answers_every_widget() {
    let payload = json!([object(
        "0",
        &[
            ("ana", json!({"vessel": {"label": "ferry"}, "name": "Seute Deern"})),
            ("bo", json!({})),
            ("cy", json!({"cargo": {"labels": ["sand"]}})),
            ("di", json!({"vessel": {}, "cargo": {"labels": []}, "name": ""})),
        ]
    )]);
    let response = consolidate(&payload, &json!({}));
    let label = label(&response, 0);
    assert_eq!(
        label["vessel"],
        json!({
            "kind": "classification", "method": "auto", "label": "ferry", "confidence": 0.73,
            "confidences": {"ferry": 0.73}, "votes": {"ferry": 1}, "workers": 1, "model": "weighted-vote+one-coin",
            "modelReason": "few-objects",
        })
    );
    assert_eq!(label["cargo"]["workers"], 2);
    assert_eq!(label["name"]["answers"], json!([{"text": "Seute Deern", "workers": 1}]));
}

#[test]
fn mistake_11_one_bad_answer_harms_no_other() {
    let torn = json!({"workerId": "bo", "annotationData": {"content": "{\"vessel\": {"}});
    let nobody = json!({"annotationData": {"content": "{}"}});
    let payload = json!([
        {"datasetObjectId": "0", "annotations": [torn, 7, nobody, annotation("ana", &ferry())]},
        {"datasetObjectId": "1", "annotations": "none"},
        object("2", &[("ana", barge())]),
    ]);
    let response = consolidate(&payload, &json!({}));
    assert_eq!(ids(&response), ["0", "2"]);
    assert_eq!(label(&response, 0)["vessel"]["votes"], json!({"ferry": 1}));
    assert_eq!(label(&response, 0)["vessel"]["rejected"].as_array().map(Vec::len), Some(3));
    assert_eq!(label(&response, 1)["vessel"]["votes"], json!({"barge": 1}));
}

/// A store whose objects may not be read, but for one.
struct Denying {
    readable: MemoryStore,
}

impl ObjectStore for Denying {
    fn get<'a>(&'a self, uri: &'a S3Uri, limit: u64) -> StoreFuture<'a, Vec<u8>> {
        Box::pin(async move {
            self.readable
                .get(uri, limit)
                .await
                .map_err(|error| StoreError { cause: StoreErrorCause::AccessDenied { needs: "s3:GetObject" }, ..error })
        })
    }

    fn put<'a>(&'a self, uri: &'a S3Uri, _: Vec<u8>, _: Option<&'a str>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let cause = StoreErrorCause::AccessDenied { needs: "s3:PutObject" };
            Err(StoreError { action: StoreAction::Put, uri: uri.clone(), cause })
        })
    }

    fn list<'a>(&'a self, prefix: &'a S3Uri, _: usize) -> StoreFuture<'a, Vec<Listed>> {
        Box::pin(async move {
            let cause = StoreErrorCause::AccessDenied { needs: "s3:ListBucket" };
            Err(StoreError { action: StoreAction::List, uri: prefix.clone(), cause })
        })
    }
}

#[test]
fn mistake_11_a_failing_store_fails_the_invocation_instead_of_losing_the_batch() {
    let error = annotation_consolidation(&event(), &MemoryStore::new(), &json!({})).expect_err("there is no payload");
    assert_eq!(error.error_type(), "PayloadUnreadable");

    let denying = Denying { readable: MemoryStore::new() };
    let error = annotation_consolidation(&event(), &denying, &json!({})).expect_err("the payload may not be read");
    assert_eq!(error.error_type(), "PayloadUnreadable");

    let by_reference = json!({"workerId": "ana", "annotationData": {"s3Uri": format!("{OUTPUT}/answer.json")}});
    let payload = json!([object("0", &[("bo", ferry())]), {"datasetObjectId": "1", "annotations": [by_reference]}]);
    let denying = Denying { readable: MemoryStore::new().with(&uri(PAYLOAD_URI), payload.to_string()) };
    let error = annotation_consolidation(&event(), &denying, &json!({})).expect_err("an answer may not be read");
    assert_eq!(error.error_type(), "AnswerUnreadable");
}

#[test]
fn mistake_13_metadata_is_left_to_the_service_or_written_with_hyphens() {
    let payload = json!([object("0", &[("ana", ferry()), ("bo", ferry())])]);
    for plan in [json!({}), json!({"outputFormat": "all-answers"})] {
        let response = consolidate(&payload, &plan);
        let content = response[0]["consolidatedAnnotation"]["content"].as_object().expect("an object");
        assert_eq!(content.keys().collect::<Vec<_>>(), ["harbor-survey"]);
    }
    let response = consolidate(&payload, &json!({"outputFormat": "ground-truth"}));
    let metadata = &response[0]["consolidatedAnnotation"]["content"]["harbor-survey-metadata"];
    for name in metadata.as_object().expect("metadata").keys() {
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
    }
    for name in ["type", "job-name", "human-annotated", "creation-date"] {
        assert!(metadata.get(name).is_some(), "{name}");
    }
}

#[test]
fn mistake_14_extras_of_the_manifest_reach_the_template_and_are_not_in_the_payload() {
    let line = json!({"source-ref": "s3://harbor-sagemaker-in/1.png", "quay": "North", "hulls": {"annotations": []}});
    let task_input = prepare(line.clone())["taskInput"].clone();
    for (name, value) in line.as_object().expect("an object") {
        assert_eq!(&task_input[name], value, "{name}");
    }
    // What the payload says of the data object decides nothing, and may as well be missing.
    let labels = [json!({"s3Uri": "s3://b/1.png"}), json!({"content": "x"}), json!({}), json!(7), json!(null)].map(
        |data_object| {
            let mut element = object("0", &[("ana", ferry())]);
            element["dataObject"] = data_object;
            consolidate(&json!([element]), &json!({}))
        },
    );
    assert_eq!(label(&labels[0], 0)["vessel"]["label"], "ferry");
    assert!(labels.iter().all(|response| *response == labels[0]));
    // A template can post what consolidation needs in a hidden field.
    let posted = json!({"vessel": {"label": "ferry"}, "quay": "North"});
    let response = consolidate(&json!([object("0", &[("ana", posted.clone()), ("bo", posted)])]), &json!({}));
    assert_eq!(label(&response, 0)["quay"]["text"], "North");
}
