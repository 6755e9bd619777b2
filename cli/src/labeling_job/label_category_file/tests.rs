use serde_json::json;

use super::*;

fn said(task_type: &str, document: &Value) -> Vec<String> {
    let task_type = TaskType::by_name(task_type).expect("a task type");
    let problems = LabelCategoryFile::new(document).problems(Some(task_type));
    problems.iter().map(|problem| problem.to_string().replace("LabelCategoryConfigS3Uri", "file")).collect()
}

/// A file for video frames with every member, and one thing changed.
fn video(pointer: &str, value: Value) -> Vec<String> {
    let mut document = json!({
        "documentVersion": "2020-03-01",
        "frameAttributes": [
            {"name": "haze", "description": "0 to 5", "type": "number", "minimum": 0, "maximum": 5, "isRequired": true}
        ],
        "categoryGlobalAttributes": [
            {"name": "hidden", "type": "string", "enum": ["no", "partly"], "editsAllowed": "any"}
        ],
        "labels": [
            {"label": "barge", "categoryAttributes": [{"name": "cargo", "type": "string"}], "editsAllowed": "none"},
            {"label": "skiff", "editsAllowed": "none"}
        ],
        "annotationType": "Polygon",
        "instructions": {"shortInstruction": "Outline each hull", "fullInstruction": "<p>Keep to the waterline.</p>"}
    });
    if let Some(member) = document.pointer_mut(pointer) {
        *member = value;
    } else {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        document.pointer_mut(parent).expect("a parent")[name] = value;
    }
    said("video-object-detection", &document)
}

#[track_caller]
fn check(pointer: &str, value: Value, expected: &str) {
    let said = video(pointer, value);
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].contains(expected), "{said:?} does not say {expected:?}");
}

#[test]
fn a_file_of_either_version_is_read() {
    assert_eq!(video("/x", json!(1)), Vec::<String>::new());
    for document in [
        json!({"document-version": "2018-11-28", "labels": [{"label": "heron"}, {"label": "otter", "shortDisplayName": "o"}]}),
        json!({"documentVersion": "2020-07-07", "labels": [{"label": "heron"}]}),
        json!({"labels": [{"label": "heron"}]}),
    ] {
        assert_eq!(said("bounding-box", &document), Vec::<String>::new());
    }
    let linked = json!({
        "document-version": "2020-03-01",
        "labels": [{"label": "car", "attributes": [{"name": "lane", "type": "string"}]}],
        "annotationType": [{"type": "BoundingBox"}, {"type": "Cuboid"}],
        "instructions": {"shortIntroduction": "Link", "fullIntroduction": "Link all"}
    });
    assert_eq!(said("point-cloud-object-tracking", &linked), Vec::<String>::new());
}

#[test]
fn labels_are_objects_with_a_name() {
    let labels = |labels: Value| said("bounding-box", &json!({"labels": labels}));
    assert_eq!(labels(json!(["otter"])), [r#"error: file: labels[0].label must be a text; write {"label": "…"}"#]);
    assert_eq!(labels(json!([{"label": " "}])), ["error: file: labels[0].label is empty; name the label"]);
    assert!(labels(json!({}))[0].starts_with("error: file: labels must be a list"));
    assert!(said("custom", &json!([]))[0].starts_with("error: file must be a JSON object"));
    let version = json!({"document-version": 2018, "labels": []});
    assert!(said("custom", &version)[0].starts_with("error: file: document-version must be a text"));
}

#[test]
fn every_member_of_the_file_is_looked_at() {
    check("/annotationType", json!("Circle"), "annotationType is not one of BoundingBox");
    check("/annotationType", json!([{"type": "Cuboid"}]), "annotationType is not one of");
    check("/instructions/shortInstruction", json!("x".repeat(255)), "shortInstruction is longer than 254");
    check("/instructions/fullInstruction", json!("x".repeat(2_048)), "fullInstruction is longer than 2047");
    check("/instructions/fullInstruction", json!(" "), "fullInstruction is missing");
    check("/frameAttributes", json!({}), "frameAttributes must be a list");
    check("/labels/0/editsAllowed", json!("no"), "labels[0].editsAllowed is neither any nor none");
    // Attributes are for video frames and point clouds.
    let elsewhere = json!({"labels": [{"label": "x"}], "frameAttributes": 7});
    assert_eq!(said("bounding-box", &elsewhere), Vec::<String>::new());
}

#[test]
fn every_member_of_an_attribute_is_looked_at() {
    check("/frameAttributes/0/name", json!(""), "frameAttributes[0].name must be a text of 1 to 16");
    check("/frameAttributes/0/name", json!("x".repeat(17)), "frameAttributes[0].name must be a text of 1 to 16");
    check("/frameAttributes/0/description", json!("x".repeat(129)), "description must be a text of at most 128");
    check("/frameAttributes/0/isRequired", json!("yes"), "isRequired must be true or false");
    check("/frameAttributes/0/minimum", json!(0.5), "minimum must be a whole number");
    check("/frameAttributes/0/minimum", json!(6), "minimum is above maximum");
    check("/frameAttributes/0/enum", json!(["a"]), "enum is for texts");
    check("/categoryGlobalAttributes/0/type", json!("bool"), "type is neither string nor number");
    check("/categoryGlobalAttributes/0/enum", json!([]), "enum must list 1 to 10 texts");
    check("/categoryGlobalAttributes/0/enum", json!(["x".repeat(17)]), "enum must list 1 to 10 texts");
    check("/categoryGlobalAttributes/0/maximum", json!(3), "maximum is for numbers");
    check("/categoryGlobalAttributes/0/editsAllowed", json!(true), "editsAllowed is neither any nor none");
    let described = json!([{"name": "a", "type": "string"}]);
    check("/frameAttributes", described, "frameAttributes[0].description is missing");
    // The guide's table wants both bounds, its examples have none.
    let unbound = video("/categoryGlobalAttributes", json!([{"name": "n", "type": "number"}]));
    assert!(unbound.len() == 2 && unbound.iter().all(|line| line.starts_with("warning")), "{unbound:?}");
}

#[test]
fn attributes_have_names_of_their_own() {
    let same = "as that of another attribute";
    check("/categoryGlobalAttributes/0/name", json!("haze"), same);
    check("/labels/0/categoryAttributes/0/name", json!("hidden"), same);
    let own = json!([{"name": "a", "type": "string"}, {"name": "a", "type": "string"}]);
    check("/labels/0/categoryAttributes", own, same);
    let of_two_labels = json!([{"name": "cargo", "type": "string"}]);
    check(
        "/labels/1/categoryAttributes",
        of_two_labels,
        "warning: file: labels[1].categoryAttributes[0].name is `cargo`",
    );
}

#[test]
fn attributes_are_counted_with_those_of_every_label() {
    let choices = |n: usize| {
        let one = |idx: usize| json!({"name": format!("c{idx}"), "type": "string", "enum": ["a"]});
        json!((0..n).map(one).collect::<Vec<Value>>())
    };
    let texts =
        |n: usize| json!((0..n).map(|idx| json!({"name": format!("t{idx}"), "type": "string"})).collect::<Vec<_>>());
    assert_eq!(video("/labels/1/categoryAttributes", choices(9)), Vec::<String>::new());
    check("/labels/1/categoryAttributes", choices(10), "makes 11 attributes");
    assert_eq!(video("/labels/1/categoryAttributes", texts(5)), Vec::<String>::new());
    check("/labels/1/categoryAttributes", texts(6), "makes 6 free texts");
}
