//! Every file of `events/` does with its function what `events/README.md` says.

use ground_truth::store::MemoryStore;
use serde_json::{Value, json};

use super::{annotation_consolidation, pre_human_task, uri};
use crate::contract::{files, parse};

/// The one event that needs an object in S3.
const NEEDS_S3: &str = "annotation-consolidation-s3.json";

#[test]
fn every_event_belongs_to_a_function_and_is_explained() {
    let readme = include_str!("../../../events/README.md");
    for (name, _) in files("events", "") {
        let known = name.starts_with("pre-human-task-") || name.starts_with("annotation-consolidation-");
        assert!(known && name.ends_with(".json"), "events/{name}: begin with the folder's name in functions/");
        assert!(readme.contains(&format!("`{name}`")), "events/README.md says nothing of {name}");
    }
}

#[test]
fn pre_human_task_events_are_answered() {
    for (name, text) in files("events", "pre-human-task-") {
        let event = parse(&text);
        let response = pre_human_task(&event);
        let is_shown = name != "pre-human-task-s3-test-event.json";
        assert_eq!(response["isHumanAnnotationRequired"], Value::Bool(is_shown), "{name}");
        assert_eq!(response["taskInput"]["manifestLine"], event["dataObject"], "{name}");
    }
}

#[test]
fn consolidation_events_without_s3_are_answered() {
    for (name, text) in files("events", "annotation-consolidation-").into_iter().filter(|(name, _)| name != NEEDS_S3) {
        let response = annotation_consolidation(&parse(&text), &MemoryStore::new(), &json!({}));
        let response = response.unwrap_or_else(|error| panic!("{name}: {error}"));
        let text = serde_json::to_string_pretty(&response).expect("serializable");
        insta::assert_snapshot!(name.trim_end_matches(".json"), text);
    }
}

#[test]
fn the_event_as_the_service_sends_it_needs_its_payload() {
    let (_, text) = files("events", NEEDS_S3).remove(0);
    let event = parse(&text);
    let error = annotation_consolidation(&event, &MemoryStore::new(), &json!({})).expect_err("nothing is there");
    assert_eq!(error.error_type(), "PayloadUnreadable");

    let (_, inline) = files("events", "annotation-consolidation-inline.json").remove(0);
    let inline = parse(&inline);
    let location = uri(event["payload"]["s3Uri"].as_str().expect("a text"));
    let store = MemoryStore::new().with(&location, inline["payload"].to_string());
    let answered = annotation_consolidation(&event, &store, &json!({})).expect("the payload is there");
    let expected = annotation_consolidation(&inline, &MemoryStore::new(), &json!({})).expect("an answer");
    assert_eq!(answered, expected);
}
