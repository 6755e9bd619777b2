//! Every wire type reads its fixtures, writes them, and reads them again; what does not fit is named by its path.

use std::fmt::Debug;
use std::fs;
use std::path::PathBuf;

use ground_truth::contract::annotation_consolidation::{AnnotationConsolidationRequest, ConsolidatedObject};
use ground_truth::contract::manifest::{DataObject, FailureMetadata, LabelMetadata};
use ground_truth::contract::payload::{self, AnnotationData, PayloadObject};
use ground_truth::contract::pre_human_task::{PreHumanTaskRequest, PreHumanTaskResponse};
use ground_truth::contract::read_request;
use ground_truth::contract::worker_response::WorkerResponse;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// The files of a folder of this workspace whose names start with `prefix`, each with its name, in the order of names.
pub(crate) fn files(folder: &str, prefix: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let mut found: Vec<(String, String)> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry of a folder").path())
        .filter_map(|path| Some((path.file_name()?.to_str()?.to_owned(), path)))
        .filter(|(name, _)| name.starts_with(prefix) && !name.ends_with(".md"))
        .map(|(name, path)| (name, fs::read_to_string(path).expect("fixtures are UTF-8")))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{} has no file that starts with `{prefix}`", folder.display());
    found
}

/// One file of `tests/fixtures/`.
pub(crate) fn fixture(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("fixtures are JSON")
}

/// Reads the fixture as a `T`, writes it, reads it again, and compares what was written with `expected`. Numbers compare
/// by their text, so that `1.40` is not `1.4`.
fn round_trip<T: DeserializeOwned + Serialize + PartialEq + Debug>(name: &str, fixture: &Value, expected: &Value) {
    let read: T = read_request(fixture).unwrap_or_else(|error| panic!("{name}: {error}"));
    let written = serde_json::to_string(&read).expect("serializable");
    assert_eq!(&parse(&written), expected, "{name}: written");
    assert_eq!(serde_json::from_str::<T>(&written).expect("what was written can be read"), read, "{name}: read again");
}

#[test]
fn pre_human_task_requests() {
    for (name, text) in files("tests/fixtures/requests", "pre-human-task-") {
        let fixture = parse(&text);
        round_trip::<PreHumanTaskRequest>(&name, &fixture, &fixture);
    }
}

#[test]
fn pre_human_task_responses() {
    for (name, text) in files("tests/fixtures/responses", "pre-human-task-") {
        let fixture = parse(&text);
        round_trip::<PreHumanTaskResponse>(&name, &fixture, &fixture);
    }
}

/// Two things are read and not written: `labelCategories` that are null, which says the same as none, and AWS's own
/// misspelling of `s3Uri`.
#[test]
fn annotation_consolidation_requests() {
    for (name, text) in files("tests/fixtures/requests", "annotation-consolidation-") {
        let fixture = parse(&text);
        let mut expected = fixture.clone();
        match name.as_str() {
            "annotation-consolidation-categories-null.json" => {
                expected.as_object_mut().expect("an object").shift_remove("labelCategories");
            }
            "annotation-consolidation-misspelt-payload.json" => {
                expected["payload"] = json!({ "s3Uri": fixture["payload"]["s3uri"] });
            }
            "annotation-consolidation-payload-with-more.json" => {
                expected["payload"] = json!({ "s3Uri": fixture["payload"]["s3Uri"] });
            }
            _ => {}
        }
        round_trip::<AnnotationConsolidationRequest>(&name, &fixture, &expected);
    }
}

#[test]
fn annotation_consolidation_responses() {
    for (name, text) in files("tests/fixtures/responses", "annotation-consolidation-") {
        let fixture = parse(&text);
        round_trip::<Vec<ConsolidatedObject>>(&name, &fixture, &fixture);
    }
}

#[test]
fn label_categories_are_read_from_texts_and_from_objects() {
    let check = |fixture_name: &str, expected: &[&str]| {
        let event = parse(&fixture(&format!("requests/annotation-consolidation-{fixture_name}.json")));
        let request: AnnotationConsolidationRequest = read_request(&event).expect("a request");
        let names = request.category_names();
        assert_eq!(names.iter().map(|name| name.as_str()).collect::<Vec<_>>(), expected, "{fixture_name}");
    };
    check("categories-texts", &["ferry", "barge", "skiff"]);
    check("categories-objects", &["ferry", "barge", "skiff"]);
    check("categories-null", &[]);
    check("categories-absent", &[]);
}

#[test]
fn unknown_members_survive_in_requests() {
    let event = parse(&fixture("requests/pre-human-task-unknown-members.json"));
    let request: PreHumanTaskRequest = read_request(&event).expect("a request");
    let names: Vec<&String> = request.other.keys().collect();
    assert_eq!(names, ["traceId", "attempts", "hint", "share"]);

    let event = parse(&fixture("requests/annotation-consolidation-unknown-members.json"));
    let request: AnnotationConsolidationRequest = read_request(&event).expect("a request");
    assert_eq!(
        Value::from(request.other).to_string(),
        r#"{"region":"eu-west-1","weights":[0.50,1e-3],"nothing":null}"#
    );
}

/// The lines of a manifest go back byte for byte: the order of members and the text of numbers are the user's.
#[test]
fn manifest_lines() {
    for (name, text) in files("tests/fixtures/manifests", "") {
        for line in text.lines() {
            let data_object: DataObject = serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(serde_json::to_string(&data_object).expect("serializable"), line, "{name}");
        }
    }
}

#[test]
fn label_metadata_in_both_spellings() {
    let check = |file: &str, expected_to_be_the_fixture: bool| {
        let line = parse(fixture(file).trim_end());
        let fixture = &line["harbor-survey-metadata"];
        let metadata: LabelMetadata = read_request(fixture).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(metadata.creation_date, "2024-09-30T06:07:08.000009");
        assert!(metadata.label_type.eq_ignore_ascii_case("groundtruth/custom"));
        assert_eq!(metadata.human_annotated, "yes");
        let written = serde_json::to_value(&metadata).expect("serializable");
        assert_eq!(written == *fixture, expected_to_be_the_fixture, "{file}");
        let members: Vec<&String> = written.as_object().expect("an object").keys().collect();
        assert_eq!(members, ["type", "job-name", "human-annotated", "creation-date"]);
        assert_eq!(read_request::<LabelMetadata>(&written).expect("readable"), metadata);
    };
    check("manifests/labeled.jsonl", true);
    check("manifests/labeled-as-the-guide-spells-it.jsonl", false);
    check("manifests/worker-response-ref.jsonl", false); // One member more, which only jobs without a function have.
}

#[test]
fn failure_metadata() {
    let line = parse(fixture("manifests/failed.jsonl").trim_end());
    let fixture = &line["harbor-survey-metadata"];
    round_trip::<FailureMetadata>("failed.jsonl", fixture, fixture);
    assert!(read_request::<LabelMetadata>(fixture).is_err(), "a failed object must not look like a labeled one");
    assert!(line.get("harbor-survey").is_none());
}

#[test]
fn worker_responses() {
    for (name, text) in files("tests/fixtures/worker-responses", "") {
        let fixture = parse(&text);
        round_trip::<WorkerResponse>(&name, &fixture, &fixture);
    }
}

/// Elements and annotations are read one by one; those that can be read go back as they came.
#[test]
fn payloads() {
    let (mut n_annotations, mut n_misfits) = (0, 0);
    for (name, text) in files("tests/fixtures/payloads", "") {
        for element in payload::elements(text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}")) {
            let Ok(object) = payload::object(element) else {
                n_misfits += 1;
                continue;
            };
            let written = serde_json::to_string(&object).expect("serializable");
            let again: PayloadObject<'_> = serde_json::from_str(&written).expect("what was written can be read");
            assert_eq!(again.dataset_object_id, object.dataset_object_id, "{name}");
            assert_eq!(again.data_object.map(RawValue::get), object.data_object.map(RawValue::get), "{name}");
            let texts = |object: &PayloadObject<'_>| -> Vec<String> {
                object.annotations.iter().flatten().map(|annotation| annotation.get().to_owned()).collect()
            };
            assert_eq!(texts(&again), texts(&object), "{name}");
            for raw in object.annotations.iter().flatten() {
                match payload::annotation(raw) {
                    Ok(annotation) => {
                        n_annotations += 1;
                        let written = serde_json::to_string(&annotation).expect("serializable");
                        check_annotation(&name, &parse(&written), &parse(raw.get()));
                    }
                    Err(_) => n_misfits += 1,
                }
            }
        }
    }
    assert!(n_annotations > 60 && n_misfits > 5, "{n_annotations} annotations and {n_misfits} misfits were read");
}

/// Known members are written as they were read, but for AWS's misspelling of `s3Uri` and members that are null.
fn check_annotation(name: &str, written: &Value, fixture: &Value) {
    assert_eq!(written["workerId"], fixture["workerId"], "{name}");
    assert_eq!(written["annotationData"].get("content"), known(fixture, "content"), "{name}");
    if known(fixture, "s3uri").is_none() {
        assert_eq!(written["annotationData"].get("s3Uri"), known(fixture, "s3Uri"), "{name}");
    }
}

fn known<'a>(fixture: &'a Value, name: &str) -> Option<&'a Value> {
    fixture["annotationData"].get(name).filter(|value| !value.is_null())
}

#[test]
fn a_reference_is_read_in_both_spellings_and_written_in_one() {
    let check = |json: &str, expected: Option<&str>, written: &str| {
        let data: AnnotationData<'_> = serde_json::from_str(json).expect("annotation data");
        assert_eq!(data.reference(), expected, "{json}");
        assert_eq!(serde_json::to_string(&data).expect("serializable"), written, "{json}");
    };
    check(r#"{"s3Uri":"s3://b/k:1"}"#, Some("s3://b/k:1"), r#"{"s3Uri":"s3://b/k:1"}"#);
    check(r#"{"s3uri":"s3://b/k"}"#, Some("s3://b/k"), "{}");
    check(r#"{"s3uri":"s3://b/old","s3Uri":"s3://b/k"}"#, Some("s3://b/k"), r#"{"s3Uri":"s3://b/k"}"#);
    check("{}", None, "{}");
}

#[test]
fn a_bad_pre_human_task_request_is_named_by_its_path() {
    let check = |event: &str, expected: &str| check_misfit::<PreHumanTaskRequest>(event, expected);
    check("{}", "the event: missing field `dataObject`");
    check(r#""text""#, "the event: invalid type: a text, expected a JSON object");
    check("[]", "the event: invalid type: sequence, expected a JSON object");
    check("null", "the event: invalid type: null, expected a JSON object");
    check(r#"{"dataObject": null}"#, "`dataObject`: invalid type: null, expected a map");
    check(r#"{"dataObject": [1]}"#, "`dataObject`: invalid type: sequence, expected a map");
    check(
        r#"{"dataObject": "{\"source\": \"Dear Ms Example\"}"}"#,
        "`dataObject`: invalid type: a text, expected a map",
    );
    check(r#"{"labelingJobArn": 7, "dataObject": {}}"#, "`labelingJobArn`: invalid type: number, expected a string");
}

#[test]
fn a_bad_annotation_consolidation_request_is_named_by_its_path() {
    let check = |event: &str, expected: &str| check_misfit::<AnnotationConsolidationRequest>(event, expected);
    check("{}", "the event: missing field `labelAttributeName`");
    check(r#"{"labelAttributeName": "survey"}"#, "the event: missing field `payload`");
    check(r#"{"payload": []}"#, "the event: missing field `labelAttributeName`");
    check(
        r#"{"labelAttributeName": null, "payload": []}"#,
        "`labelAttributeName`: invalid type: null, expected a string",
    );
    check(
        r#"{"labelAttributeName": "survey", "payload": null}"#,
        r#"`payload`: invalid type: null, expected {"s3Uri": "s3://…"} or an array of data objects"#,
    );
    check(r#"{"labelAttributeName": "survey", "payload": {}}"#, "`payload`: missing field `s3Uri`");
    check(
        r#"{"labelAttributeName": "survey", "payload": {"s3Uri": 7}}"#,
        "`payload.s3Uri`: invalid type: number, expected a string",
    );
    check(r#"{"labelAttributeName": "survey", "payload": {"s3URI": "s3://b/k"}}"#, "`payload`: missing field `s3Uri`");
    check(
        r#"{"labelAttributeName": "survey", "payload": "[{\"datasetObjectId\": \"0\"}]"}"#,
        r#"`payload`: invalid type: a text, expected {"s3Uri": "s3://…"} or an array of data objects"#,
    );
    check(r#"{"statusCode": 200, "body": "{}"}"#, "the event: missing field `labelAttributeName`");
}

#[test]
fn an_undocumented_member_of_another_type_costs_the_member_and_not_the_batch() {
    let request: AnnotationConsolidationRequest = ground_truth::contract::read_request(&parse(
        r#"{"labelAttributeName": "survey", "payload": [], "outputConfig": {"s3OutputPath": "s3://b"},
            "maxHumanWorkersPerDataObject": -1, "vpcEnabled": "no"}"#,
    ))
    .expect("a request");
    assert_eq!(request.output_config, None);
    assert_eq!(request.max_human_workers_per_data_object, None);
    assert_eq!(request.vpc_enabled, None);
}

/// The message: the path and the fault as given here, then a hint that is the same for all.
fn check_misfit<T: DeserializeOwned + Debug>(event: &str, expected: &str) {
    let error = read_request::<T>(&parse(event)).expect_err(event).to_string();
    let hint = "; is this function called by a labeling job, or by a test event from `events/`?";
    assert_eq!(error.strip_suffix(hint), Some(expected), "{event}");
}
