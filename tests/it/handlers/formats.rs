//! The three formats of labels: whole responses as snapshots, the promise of `fields` member by member, and the shapes of
//! Ground Truth's built-in task types.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{annotation, consolidate, ids, label, object};
use crate::contract::{fixture, parse};

/// A mixed form with everything that can go wrong in it: an unreadable answer, a worker twice, an object without answers,
/// one that is malformed, one without an id, and one with an empty form.
fn mixed_form(plan: Value) -> String {
    let response = consolidate(&parse(&fixture("payloads/mixed-form.json")), &plan);
    serde_json::to_string_pretty(&response).expect("serializable")
}

#[test]
fn fields() {
    insta::assert_snapshot!(mixed_form(json!({})));
}

#[test]
fn fields_with_unresolved_labels() {
    insta::assert_snapshot!(mixed_form(json!({"noUsableAnswer": "unresolved-label"})));
}

#[test]
fn ground_truth_with_one_field() {
    let plan = json!({"outputFormat": "ground-truth", "ignore": ["hulls", "weather", "note", "track"]});
    insta::assert_snapshot!(mixed_form(plan));
}

#[test]
fn ground_truth_with_one_field_and_unresolved_labels() {
    let plan = json!({
        "outputFormat": "ground-truth", "ignore": ["vessel", "weather", "note", "track"],
        "fields": {"hulls": {"kind": "bounding-box", "quorum": {"workers": 2}}}, "noUsableAnswer": "unresolved-label",
    });
    insta::assert_snapshot!(mixed_form(plan));
}

#[test]
fn all_answers() {
    insta::assert_snapshot!(mixed_form(json!({"outputFormat": "all-answers"})));
}

#[test]
fn all_answers_with_unresolved_labels() {
    insta::assert_snapshot!(mixed_form(json!({"outputFormat": "all-answers", "noUsableAnswer": "unresolved-label"})));
}

/// Several consolidated fields have no built-in shape: nothing is guessed, the batch is written as `fields`.
#[test]
fn ground_truth_with_several_fields_is_fields() {
    assert_eq!(mixed_form(json!({"outputFormat": "ground-truth"})), mixed_form(json!({})));
}

/// Nor does one object turn the others' labels into another shape: a field that its workers left out is unresolved.
#[test]
fn an_object_that_lacks_the_one_field_changes_no_other() {
    let noted = json!({"note": "fog, nothing to see"});
    let payload = json!([object("0", &[("ana", vessel("barge"))]), object("1", &[("ana", noted)])]);
    let response = consolidate(&payload, &json!({"outputFormat": "ground-truth"}));
    assert_eq!(ids(&response), ["0"]);
    assert_eq!(*label(&response, 0), json!(1));
}

#[test]
fn objects_with_different_fields_are_fields() {
    let payload = json!([
        object("0", &[("ana", vessel("barge"))]),
        object("1", &[("ana", json!({"cargo": {"labels": ["ferry"]}}))]),
    ]);
    let response = consolidate(&payload, &json!({"outputFormat": "ground-truth"}));
    assert_eq!(response, consolidate(&payload, &json!({})));
}

#[test]
fn an_object_without_usable_answer_is_omitted_or_says_so() {
    let payload =
        json!([object("0", &[("ana", json!({}))]), object("1", &[]), object("2", &[("ana", vessel("ferry"))])]);
    for format in ["fields", "ground-truth", "all-answers"] {
        let omitted = consolidate(&payload, &json!({"outputFormat": format, "noUsableAnswer": "omit"}));
        let said = consolidate(&payload, &json!({"outputFormat": format, "noUsableAnswer": "unresolved-label"}));
        // An empty form is an answer to those who want all of them.
        let expected = if format == "all-answers" { vec!["0", "2"] } else { vec!["2"] };
        assert_eq!(ids(&omitted), expected, "{format}");
        assert_eq!(ids(&said), ["0", "1", "2"], "{format}");
        assert_eq!(*label(&said, 1), json!({"status": "unresolved", "reason": "no-answer", "workers": 0}), "{format}");
    }
}

/// Methods whose confidences are shares that can be counted, by kind.
fn counted() -> Value {
    json!({
        "classification": {"method": "majority-vote"},
        "multi-label": {"method": "majority-vote"},
        "bounding-box": {"method": "iou-clusters"},
    })
}

/// The example that users were promised, and the methods it names; `docs/LABEL-FORMAT.md` documents the same members.
const PROMISED: &str = r#"{
  "animal": {"kind": "classification", "method": "majority-vote", "label": "otter", "confidence": 0.67, "votes": {"otter": 2, "heron": 1}, "workers": 3},
  "shapes": {"kind": "bounding-box", "method": "iou-clusters", "confidence": 0.8, "workers": 3, "imageSize": {"width": 640, "height": 480},
             "annotations": [{"label": "car", "left": 10, "top": 20, "width": 30, "height": 40, "confidence": 0.8, "workers": 2}]},
  "tags":   {"kind": "multi-label", "method": "majority-vote", "labels": ["wet", "dark"], "confidence": 0.7, "confidences": {"wet": 1.0, "dark": 0.4}, "votes": {"wet": 3, "dark": 2}, "workers": 3},
  "note":   {"kind": "verbatim", "values": [{"value": "tail only", "workers": 1}], "workers": 1}
}"#;

fn promised_form(animal: &str, tags: Value, boxes: Value, note: Option<&str>) -> Value {
    let mut form = json!({
        "animal": {"label": animal},
        "tags": {"labels": tags},
        "shapes": {"boundingBoxes": boxes, "inputImageProperties": {"width": 640, "height": 480}},
    });
    form["note"] = note.map_or(Value::Null, Value::from);
    form
}

fn car() -> Value {
    json!({"label": "car", "left": 10, "top": 20, "width": 30, "height": 40})
}

#[test]
fn the_format_fields_has_exactly_the_promised_members() {
    let payload = json!([object(
        "0",
        &[
            ("ana", promised_form("otter", json!(["wet", "dark"]), json!([car()]), Some("tail only"))),
            ("bo", promised_form("otter", json!(["wet", "dark"]), json!([car()]), None)),
            ("cy", promised_form("heron", json!(["wet"]), json!([]), None)),
        ]
    )]);
    let plan = json!({"kinds": counted(), "fields": {"note": {"kind": "verbatim"}}});
    let response = consolidate(&payload, &plan);
    let (label, promised) = (label(&response, 0), parse(PROMISED));
    assert_eq!(types(label), types(&promised));
    // What the example says without depending on a formula.
    assert_eq!(label["animal"], promised["animal"]);
    assert_eq!(label["note"], promised["note"]);
    assert_eq!(label["tags"]["votes"], promised["tags"]["votes"]);
    assert_eq!(label["shapes"]["imageSize"], promised["shapes"]["imageSize"]);
    for name in ["label", "left", "top", "width", "height", "workers"] {
        assert_eq!(label["shapes"]["annotations"][0][name], promised["shapes"]["annotations"][0][name], "{name}");
    }
}

#[test]
fn optional_members_are_there_only_when_they_apply() {
    let animal = json!({"kind": "classification", "method": "majority-vote", "quorum": {"workers": 3}});
    let plan = json!({"kinds": counted(), "fields": {"animal": animal}});
    let mut truck = car();
    truck["label"] = json!("truck");
    let mut element = object(
        "0",
        &[
            ("ana", promised_form("otter", json!(["wet"]), json!([car()]), None)),
            ("bo", promised_form("otter", json!(["wet"]), json!([truck]), None)),
        ],
    );
    element["annotations"].as_array_mut().expect("an array").push(annotation("cy", &json!("no form")));
    let response = consolidate(&json!([element]), &plan);
    let label = label(&response, 0);
    let rejected = json!([{"worker": "cy", "reason": "the answer is not a JSON object of form fields"}]);
    // Without a label there is a reason and no confidence.
    assert_eq!(
        label["animal"],
        json!({
            "kind": "classification", "method": "majority-vote", "label": null, "votes": {"otter": 2}, "workers": 2,
            "reason": "quorum-not-reached", "rejected": rejected,
        })
    );
    // Votes about the category of a box are there when its drawers disagree.
    assert_eq!(label["shapes"]["annotations"][0]["votes"], json!({"car": 1, "truck": 1}));
    assert_eq!(label["tags"].get("reason"), None);
    assert_eq!(label["tags"]["rejected"], rejected);
    assert_eq!(label.get("note"), None);
}

/// The members of a label and their JSON types by their paths, with the names of categories and the places in lists as `*`.
fn types(label: &Value) -> BTreeMap<String, &'static str> {
    let mut found = BTreeMap::new();
    collect_types(label, "", &mut found);
    found
}

fn collect_types(value: &Value, path: &str, found: &mut BTreeMap<String, &'static str>) {
    let json_type = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() => "integer",
        // Pixels and shares are whole numbers at times; a share is always written with a decimal point.
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(elements) => {
            elements.iter().for_each(|element| collect_types(element, &format!("{path}.*"), found));
            "list"
        }
        Value::Object(members) => {
            let are_categories = path.ends_with(".votes") || path.ends_with(".confidences");
            for (name, value) in members {
                collect_types(value, &format!("{path}.{}", if are_categories { "*" } else { name }), found);
            }
            "object"
        }
    };
    found.insert(path.to_owned(), json_type);
}

fn vessel(category: &str) -> Value {
    json!({"vessel": {"label": category}})
}

/// The content of the first entry in Ground Truth's own shape: the label, and its metadata without `confidence-basis`,
/// which is ours.
fn built_in(payload: &Value) -> (Value, Map<String, Value>, String) {
    let response = consolidate(payload, &json!({"outputFormat": "ground-truth", "kinds": counted()}));
    let content = &response[0]["consolidatedAnnotation"]["content"];
    assert_eq!(content.as_object().map(Map::len), Some(2), "{content}");
    let mut metadata = content["harbor-survey-metadata"].as_object().expect("metadata").clone();
    let basis = metadata.shift_remove("confidence-basis").expect("it says what the confidence rests on");
    (content["harbor-survey"].clone(), metadata, basis.as_str().expect("a text").to_owned())
}

fn of_text(mut element: Value) -> Value {
    element["dataObject"] = json!({"content": "Ferry held at the pier."});
    element
}

/// What every metadata has; the date is that of the payload file.
fn metadata(kind: Value) -> Value {
    let mut metadata = json!({
        "job-name": "labeling-job/harbor-survey-3", "human-annotated": "yes", "creation-date": "2024-09-30T06:07:08.000000",
    });
    metadata.as_object_mut().expect("an object").extend(kind.as_object().expect("an object").clone());
    metadata
}

#[test]
fn classification_in_ground_truths_shape() {
    let element = object("0", &[("ana", vessel("barge")), ("bo", vessel("barge")), ("cy", vessel("ferry"))]);
    let (label, found, basis) = built_in(&json!([element]));
    assert_eq!(label, json!(1));
    let expected = json!({"class-name": "barge", "confidence": 0.67, "type": "groundtruth/image-classification"});
    assert_eq!(Value::from(found), metadata(expected));
    assert_eq!(basis, "several-workers");

    let (_, found, _) = built_in(&json!([of_text(element)]));
    assert_eq!(found["type"], "groundtruth/text-classification");
}

#[test]
fn multi_label_in_ground_truths_shape() {
    let cargo = |names: &[&str]| json!({"vessels": {"labels": names}});
    let element = object(
        "0",
        &[("ana", cargo(&["skiff", "ferry"])), ("bo", cargo(&["ferry"])), ("cy", cargo(&["skiff", "ferry"]))],
    );
    let (label, found, basis) = built_in(&json!([of_text(element.clone())]));
    assert_eq!(label, json!([0, 2]));
    let expected = json!({
        "class-map": {"0": "ferry", "2": "skiff"}, "confidence-map": {"0": 1.0, "2": 0.67},
        "type": "groundtruth/text-classification-multilabel",
    });
    assert_eq!(Value::from(found), metadata(expected));
    assert_eq!(basis, "several-workers");

    let (_, found, _) = built_in(&json!([element]));
    assert_eq!(found["type"], "groundtruth/image-classification-multilabel");
}

#[test]
fn boxes_in_ground_truths_shape() {
    let hulls = |boxes: Value| json!({"hulls": {"boundingBoxes": boxes, "inputImageProperties": {"width": 640, "height": 480}}});
    let barge = json!({"label": "barge", "left": 40, "top": 22, "width": 90, "height": 60});
    let element = object(
        "0",
        &[
            ("ana", hulls(json!([barge, {"label": "skiff", "left": 300, "top": 200, "width": 40.4, "height": 20}]))),
            ("bo", hulls(json!([barge, {"label": "skiff", "left": 300, "top": 200, "width": 40.4, "height": 20}]))),
            ("cy", hulls(json!([barge]))),
        ],
    );
    let (label, found, basis) = built_in(&json!([element]));
    assert_eq!(
        label,
        json!({
            "image_size": [{"width": 640, "height": 480, "depth": 3}],
            "annotations": [
                {"class_id": 1, "left": 40, "top": 22, "width": 90, "height": 60},
                {"class_id": 2, "left": 300, "top": 200, "width": 40, "height": 20},
            ],
        })
    );
    let expected = json!({
        "objects": [{"confidence": 1.0}, {"confidence": 0.67}], "class-map": {"1": "barge", "2": "skiff"},
        "type": "groundtruth/object-detection",
    });
    assert_eq!(Value::from(found), metadata(expected));
    assert_eq!(basis, "several-workers");

    let (label, found, _) = built_in(&json!([object("0", &[("ana", hulls(json!([]))), ("bo", hulls(json!([])))])]));
    assert_eq!(label["annotations"], json!([]));
    assert_eq!((&found["objects"], &found["class-map"]), (&json!([]), &json!({})));
}

#[test]
fn a_single_worker_has_no_confidence_in_ground_truths_shape() {
    let check = |form: Value, place: &str| {
        let (_, found, basis) = built_in(&json!([object("0", &[("ana", form)])]));
        assert_eq!(Value::from(found).pointer(place), Some(&json!(0.0)), "{place}");
        assert_eq!(basis, "single-worker");
    };
    check(vessel("barge"), "/confidence");
    check(json!({"cargo": {"labels": ["barge"]}}), "/confidence-map/1");
    let barge = json!({"label": "barge", "left": 40, "top": 22, "width": 90, "height": 60});
    check(json!({"hulls": {"boundingBoxes": [barge]}}), "/objects/0/confidence");
}
