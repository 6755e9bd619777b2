//! What form fields are taken for when the plan says nothing about them.

use serde_json::{Value, json};

use super::{consolidate, label};
use crate::contract::{files, parse};

/// Which kind each field of the payloads `shape-….json` is. The options of a select are told from typed text by the job's
/// label categories alone; JSON without a shape that a kind knows waits for a `pointer` in the plan.
const KINDS: &[(&str, &[(&str, &str)])] = &[
    ("booleans", &[("Confirmed", "classification"), ("second hull", "classification")]),
    ("bounding-box", &[("hulls", "bounding-box")]),
    ("checkbox-group", &[("weather", "multi-label")]),
    ("classifier", &[("vessel", "classification")]),
    ("crowd-radio-buttons", &[("day", "classification"), ("night", "classification")]),
    ("date-inputs", &[("left", "free-text"), ("sailed", "date"), ("seen", "date"), ("since", "date")]),
    ("document-as-text", &[("document", "verbatim")]),
    ("entities-as-text", &[("entities", "text-span")]),
    ("entity-annotation", &[("spans", "text-span")]),
    (
        "field-families",
        &[
            ("ocr-7-correct", "classification"),
            ("ocr-7-meta", "verbatim"),
            ("ocr-9-correct", "classification"),
            ("ocr-9-meta", "verbatim"),
        ],
    ),
    ("hidden-json", &[("hulls", "bounding-box")]),
    ("html-radio-buttons", &[("rating", "classification")]),
    ("image-classifier-with-comment", &[("check", "classification")]),
    ("instance-segmentation", &[("boats", "instance-mask")]),
    ("keypoint", &[("lights", "keypoint")]),
    ("line", &[("horizon", "polyline")]),
    ("list-of-entities", &[("entities", "text-span")]),
    ("list-of-keypoints", &[("keypoints", "keypoint")]),
    ("list-of-labels", &[("labels", "multi-label")]),
    ("lone-checkbox", &[("sure", "classification")]),
    ("multi-select", &[("cargo", "multi-label")]),
    ("numbered-texts", &[("tag1", "free-text"), ("tag2", "free-text"), ("translation1", "free-text")]),
    (
        "odd-names",
        &[
            ("", "free-text"),
            ("_", "classification"),
            ("crowd-classifier", "classification"),
            ("status", "classification"),
            ("two words", "classification"),
        ],
    ),
    ("polygon", &[("quay", "polygon")]),
    ("polyline", &[("ropes", "polyline")]),
    ("select-among-categories", &[("vessel", "classification")]),
    ("select-without-categories", &[("mood", "free-text")]),
    ("semantic-segmentation", &[("cover", "semantic-mask")]),
    ("slider", &[("haze", "number")]),
    ("sub-category-boxes", &[("season", "classification"), ("season2", "classification")]),
    ("text-inputs", &[("name", "free-text"), ("why", "free-text")]),
    ("text-ranking", &[("ordinalRankingDimensions", "ranking")]),
    (
        "updated-annotations",
        &[
            ("no_changes_needed", "classification"),
            ("original_annotations", "keypoint"),
            ("total_time_in_seconds", "number"),
            ("updated_annotations", "keypoint"),
        ],
    ),
];

#[test]
fn every_answer_shape_of_awss_sample_templates_is_recognized_without_configuration() {
    let files = files("tests/fixtures/payloads", "shape-");
    let names = files.iter().map(|(name, _)| name.trim_start_matches("shape-").trim_end_matches(".json"));
    assert_eq!(names.collect::<Vec<_>>(), KINDS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for ((name, text), (_, expected)) in files.iter().zip(KINDS) {
        let response = consolidate(&parse(text), &json!({}));
        let label = label(&response, 0).as_object().expect("a label");
        let kind = |label: &Value| label["kind"].as_str().expect("a name").to_owned();
        let found: Vec<(&str, String)> = label.iter().map(|(field, label)| (field.as_str(), kind(label))).collect();
        let expected: Vec<(&str, String)> = expected.iter().map(|(field, kind)| (*field, (*kind).to_owned())).collect();
        assert_eq!(found, expected, "{name}");
        // And every worker's answer counts.
        assert!(label.values().all(|label| label.get("rejected").is_none()), "{name}: {label:?}");
    }
}
