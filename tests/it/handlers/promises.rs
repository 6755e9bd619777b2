//! What holds for any payload whatever: one entry per id that was given, in payload order, under the label attribute's name.

use ground_truth::store::MemoryStore;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{OUTPUT, PAYLOAD_URI, annotation_consolidation, event, ids, uri};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "[a-c]{0,2}".prop_map(Value::from),
        Just(json!("s3://somewhere/else.json")),
        Just(json!("{\"vessel\": {")),
    ];
    let names = prop::sample::select(vec![
        "datasetObjectId",
        "dataObject",
        "annotations",
        "workerId",
        "annotationData",
        "content",
        "s3Uri",
        "s3uri",
        "label",
        "labels",
        "boundingBoxes",
        "left",
        "vessel",
        "harbor-survey",
    ]);
    leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..4).prop_map(|members| {
                members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }),
        ]
    })
}

/// A form as a template could post it, or any other JSON.
fn form() -> impl Strategy<Value = Value> {
    let category = prop::sample::select(vec!["ferry", "barge", "skiff", "raft"]);
    let drawn = (0..50_i32, 0..50_i32, -1..50_i32, 0..50_i32, category.clone()).prop_map(|(left, top, width, height, label)| {
        json!({"label": label, "left": left, "top": top, "width": width, "height": height})
    });
    prop_oneof![
        3 => category.prop_map(|label| json!({"vessel": {"label": label}})),
        2 => prop::collection::vec(drawn, 0..4).prop_map(|boxes| json!({"hulls": {"boundingBoxes": boxes}})),
        1 => any::<(bool, bool)>().prop_map(|(fog, rain)| json!({"weather": {"fog": fog, "rain": rain}})),
        2 => any_json(),
    ]
}

fn annotation() -> impl Strategy<Value = Value> {
    let location =
        prop::sample::select(vec![format!("{OUTPUT}/a.json"), format!("{OUTPUT}/none.json"), "x".to_owned()]);
    let data = prop_oneof![
        6 => form().prop_map(|form| json!({"content": form.to_string()})),
        1 => any_json().prop_map(|content| json!({"content": content})),
        1 => location.prop_map(|location| json!({"s3Uri": location})),
        1 => any_json(),
    ];
    let worker = prop_oneof![9 => "[a-d]".prop_map(Value::from), 1 => any_json()];
    prop_oneof![
        9 => (worker, data).prop_map(|(worker, data)| json!({"workerId": worker, "annotationData": data})),
        1 => any_json(),
    ]
}

fn element() -> impl Strategy<Value = Value> {
    let id = prop_oneof![6 => "[0-5]".prop_map(Value::from), 1 => (0..3_u64).prop_map(Value::from), 1 => any_json()];
    let annotations =
        prop_oneof![9 => prop::collection::vec(annotation(), 0..5).prop_map(Value::from), 1 => any_json()];
    let object = (id, annotations, any_json()).prop_map(|(id, annotations, data_object)| {
        json!({"datasetObjectId": id, "dataObject": data_object, "annotations": annotations})
    });
    prop_oneof![9 => object, 1 => any_json()]
}

/// The different ids of a payload in its order: texts, and the whole numbers that hand-made payloads have.
fn given_ids(payload: &[Value]) -> Vec<&Value> {
    let mut given = Vec::new();
    for id in payload.iter().filter_map(|element| element.as_object()?.get("datasetObjectId")) {
        if (id.is_string() || id.is_u64()) && !given.contains(&id) {
            given.push(id);
        }
    }
    given
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_id_is_answered_once_in_payload_order_whatever_the_payload(
        payload in prop::collection::vec(element(), 0..7),
        format in prop::sample::select(vec!["fields", "ground-truth", "all-answers"]),
    ) {
        let store = MemoryStore::new()
            .with(&uri(PAYLOAD_URI), json!(payload).to_string())
            .with(&uri(&format!("{OUTPUT}/a.json")), r#"{"vessel": {"label": "ferry"}}"#);
        let answer = |policy: &str| {
            let plan = json!({"outputFormat": format, "noUsableAnswer": policy});
            annotation_consolidation(&event(), &store, &plan).expect("only a faulty store fails the invocation")
        };

        let all = answer("unresolved-label");
        prop_assert_eq!(ids(&all), given_ids(&payload));
        for entry in all.as_array().expect("a bare array") {
            let content = entry["consolidatedAnnotation"]["content"].as_object().expect("an object");
            let mut names: Vec<&str> = content.keys().map(String::as_str).collect();
            names.retain(|name| format != "ground-truth" || *name != "harbor-survey-metadata");
            prop_assert_eq!(names, ["harbor-survey"]);
        }

        // Omitting leaves out the unresolved ones and changes no other entry.
        let mut resolved = all.as_array().expect("a bare array").clone();
        resolved.retain(|entry| entry["consolidatedAnnotation"]["content"]["harbor-survey"]["status"] != "unresolved");
        prop_assert_eq!(answer("omit"), Value::from(resolved));
    }
}
