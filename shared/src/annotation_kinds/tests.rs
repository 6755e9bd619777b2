//! What every kind promises, checked for every entry of [`ALL`].

use proptest::prelude::*;
use serde::Serialize;
use serde_json::json;

use super::*;
use crate::answer::Answer;
use crate::batch::{Batch, DatasetObject, WorkerAnswer};
use crate::label_content::Decision;
use crate::plan::ConsolidationPlan;
use crate::vocabulary::{DatasetObjectId, WorkerId};

/// The examples of a kind.
pub(crate) fn examples(kind: &AnnotationKind) -> Vec<FieldValueBuf> {
    kind.examples.iter().map(|text| text.parse().expect("examples are JSON")).collect()
}

/// The examples of every kind that consolidates, each with its kind.
fn consolidated_examples() -> impl Iterator<Item = (&'static AnnotationKind, FieldValueBuf)> {
    let kinds = ALL.iter().filter(|kind| kind.name != VERBATIM.name);
    kinds.flat_map(|kind| examples(kind).into_iter().map(move |example| (kind, example)))
}

/// Values as workers would send them where a perfect one would send an example: one in three is careless.
pub(crate) fn simulated(kind: &AnnotationKind, n_each: usize) -> Vec<Vec<FieldValueBuf>> {
    let categories = ["otter", "heron", "wet", "dark"].map(LabelCategory::new);
    let mut dice = Dice::new(5);
    let mut of_example = |example: FieldValueBuf| {
        (0..n_each).map(|n| (kind.simulate)(example.view(), n % 3 > 0, &categories, &mut dice)).collect::<Vec<_>>()
    };
    examples(kind).into_iter().map(&mut of_example).collect()
}

/// A batch with one object per list of values; worker `n` gives value `n` of each list for the field `field`.
pub(crate) fn batch(objects: &[Vec<impl Serialize>]) -> Batch {
    batch_of(objects, |n| format!("w{n}"))
}

/// The same, with a name for each worker.
fn batch_of<V: Serialize>(objects: &[Vec<V>], name: impl Fn(usize) -> String) -> Batch {
    let answer = |(n, value): (usize, &V)| {
        let answer = Answer::from_value(json!({ "field": value })).expect("an object");
        Ok(WorkerAnswer { worker_id: WorkerId::new(name(n)), answer })
    };
    let object = |(n, values): (usize, &Vec<V>)| {
        DatasetObject::new(DatasetObjectId::new(n.to_string()), None, values.iter().enumerate().map(&answer))
    };
    Batch { objects: objects.iter().enumerate().map(object).collect(), ..Batch::default() }
}

/// The field's labels, as the kind writes them when the plan names it.
pub(super) fn labels(kind: &AnnotationKind, objects: &[Vec<impl Serialize>]) -> Vec<Map<String, Value>> {
    labels_of(kind, &batch(objects))
}

fn labels_of(kind: &AnnotationKind, batch: &Batch) -> Vec<Map<String, Value>> {
    let plan = ConsolidationPlan::from_value(&json!({ "fields": { "field": { "kind": kind.name } } }));
    let outcomes = plan.expect("a plan").consolidate(batch);
    outcomes.into_iter().map(|mut outcome| outcome.fields.remove(0).outcome.members).collect()
}

/// The label of one object to which worker `n` answered value `n`, with these parameters beside the kind's name.
pub(super) fn label_of(kind: &AnnotationKind, parameters: Value, values: Value) -> FieldOutcome {
    let mut field = parameters.as_object().expect("an object of parameters").clone();
    field.insert("kind".to_owned(), json!(kind.name));
    let plan = ConsolidationPlan::from_value(&json!({ "fields": { "field": field } })).expect("a plan");
    let values = values.as_array().expect("a list of values").clone();
    plan.consolidate(&batch(&[values])).remove(0).fields.remove(0).outcome
}

/// What is wrong with these parameters.
pub(super) fn mistakes(kind: &AnnotationKind, parameters: Value) -> String {
    let mut field = parameters.as_object().expect("an object of parameters").clone();
    field.insert("kind".to_owned(), json!(kind.name));
    let plan = ConsolidationPlan::from_value(&json!({ "fields": { "field": field } }));
    plan.expect_err("a mistake").to_string()
}

#[test]
fn names_are_unique_and_in_kebab_case() {
    for (idx, kind) in ALL.iter().enumerate() {
        assert!(ALL[..idx].iter().all(|earlier| earlier.name != kind.name), "{} stands twice", kind.name);
        assert!(kind.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{} is not in kebab case", kind.name);
        assert!(!kind.summary.is_empty() && !kind.examples.is_empty(), "{} lacks a summary or an example", kind.name);
        assert_eq!(kind.lone_method.is_none(), kind.methods.is_empty(), "{}: a method for a lone worker", kind.name);
        assert!(kind.lone_method.is_none_or(|lone| kind.methods.contains(&lone)), "{}: no such method", kind.name);
    }
}

/// A kind that claims nothing is recognized by nothing, and must be named in the plan; verbatim is what is left over.
#[test]
fn examples_are_recognized_as_their_kind() {
    for kind in ALL {
        let examples = examples(kind);
        let n_claimed = (kind.claims)(&examples.iter().map(FieldValueBuf::view).collect::<Vec<_>>(), &[]);
        let is_recognized = n_claimed > 0 || kind.name == VERBATIM.name;
        for example in &examples {
            let recognized = recognize(&[example.view()], &[]).name;
            assert_eq!(recognized == kind.name, is_recognized, "{}: {example} is {recognized}", kind.name);
        }
    }
}

#[test]
fn a_field_is_recognized_by_most_of_its_values() {
    let check = |values: Value, expected: &str| {
        let values = FieldValueBuf::from(values);
        let list: Vec<FieldValue<'_>> = values.view().elements().expect("a list").collect();
        let categories = ["heron", "otter"].map(LabelCategory::new);
        assert_eq!(recognize(&list, &categories).name, expected, "{values}");
    };
    check(json!([{"label": "otter"}, {"label": "heron"}, {"torn": 1}]), "classification");
    check(json!(["otter", "heron", "a free text"]), "classification");
    check(json!(["otter", "a free text", "another"]), "free-text");
    check(json!(["yes", "no"]), "free-text");
    check(json!(["3.5", 4, "nan"]), "number");
    check(json!(["3", "nan", "none"]), "free-text");
    check(json!(["[torn", "a free text", {"torn": 1}]), "free-text");
    check(json!([{"a": true, "b": false}, {"a": false, "b": true}]), "classification");
    check(json!([{"a": true, "b": false}, {"a": true, "b": true}]), "multi-label");
    check(json!([{"a": false, "b": false}]), "multi-label");
    check(json!([{"on": true}, {"on": false}]), "classification");
    check(json!([{"labels": []}, {"labels": ["x"]}]), "multi-label");
    check(json!([{"boundingBoxes": []}, {}, ""]), "bounding-box");
    check(json!(["", {}, []]), "verbatim");
    check(json!([]), "verbatim");
    check(json!([{"label": "otter"}, {"boundingBoxes": []}]), "verbatim");
}

#[test]
fn unanimity_wins_with_high_confidence() {
    for (kind, example) in consolidated_examples() {
        let unanimous = labels(kind, &[vec![example.clone(), example.clone(), example.clone()]]).remove(0);
        // Vote shares give 1; a posterior about three workers whom nobody knows cannot be sure, and says at least this.
        let confidence = unanimous["confidence"].as_f64().expect("a number");
        assert!((0.8..=1.0).contains(&confidence), "{}: {example} {confidence}", kind.name);
        assert_eq!(unanimous["workers"], json!(3), "{}: {example}", kind.name);
        let lone = labels(kind, &[vec![example.clone()]]).remove(0);
        let [unanimous, lone] = [unanimous, lone].map(|label| {
            let decision = Decision::read(kind.label, &label);
            let mut decision = decision.unwrap_or_else(|| panic!("{}: {label:?} decides nothing", kind.name));
            decision.confidence = None;
            decision
        });
        assert_eq!(unanimous, lone, "{}: {example}", kind.name);
    }
}

#[test]
fn the_consensus_of_equal_answers_has_no_distance_from_them() {
    for (kind, example) in consolidated_examples() {
        let label = labels(kind, &[vec![example.clone(), example.clone(), example.clone()]]).remove(0);
        assert_says(kind, &label, &example);
    }
}

/// What a label that was decided on says, as a perfect worker would have sent it.
fn answer_of(kind: &AnnotationKind, members: &Map<String, Value>) -> Option<FieldValueBuf> {
    (kind.as_answer)(&kind.label.read(members)?)
}

#[test]
fn with_the_lone_method_a_label_is_all_that_a_lone_worker_said() {
    for kind in ALL {
        let Some(method) = kind.lone_method else { continue };
        for value in examples(kind).into_iter().chain(simulated(kind, 6).concat()) {
            if (kind.read_values)(&[value.view()], &[]).is_usable(0) {
                assert_says(kind, &label_of(kind, json!({ "method": method }), json!([value])).members, &value);
            }
        }
    }
}

/// Holds a label to say what a worker sent.
fn assert_says(kind: &AnnotationKind, label: &Map<String, Value>, sent: &FieldValueBuf) {
    let said = answer_of(kind, label).unwrap_or_else(|| panic!("{}: no answer in {label:?}", kind.name));
    let distance = (kind.read_values)(&[sent.view(), said.view()], &[]).distance(0, 1);
    assert!(distance.is_some_and(|distance| distance < 1e-6), "{}: {sent} {said} {distance:?}", kind.name);
}

/// Any JSON that a form could post, deep and odd.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "[a-c]{0,2}".prop_map(Value::from),
        Just(json!("[{\"left\": 1}]")),
        Just(json!("1e999")),
    ];
    let names = prop_oneof![
        Just("label".to_owned()),
        Just("labels".to_owned()),
        Just("boundingBoxes".to_owned()),
        Just("left".to_owned()),
        Just("width".to_owned()),
        Just("inputImageProperties".to_owned()),
        "[a-c]",
    ];
    leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A value of the kind as some worker of a crowd would send it, now and then any JSON at all.
fn crowd_value(kind: &'static AnnotationKind) -> impl Strategy<Value = FieldValueBuf> {
    let categories: Vec<LabelCategory> = ["otter", "heron", "wet", "dark"].map(LabelCategory::new).to_vec();
    let sent =
        (prop::sample::select(examples(kind)), any::<bool>(), any::<u64>()).prop_map(move |(truth, careful, seed)| {
            (kind.simulate)(truth.view(), careful, &categories, &mut Dice::new(seed))
        });
    prop_oneof![9 => sent, 1 => any_json().prop_map(FieldValueBuf::from)]
}

fn crowd() -> impl Strategy<Value = (&'static AnnotationKind, Vec<Vec<FieldValueBuf>>)> {
    (0..ALL.len()).prop_flat_map(|idx| {
        let kind = &ALL[idx];
        let objects = prop::collection::vec(prop::collection::vec(crowd_value(kind), 0..6), 1..5);
        (Just(kind), objects)
    })
}

/// Every confidence anywhere in a label.
fn confidences(label: &Value) -> Vec<f64> {
    match label {
        Value::Object(members) => {
            let own = members.get("confidence").and_then(Value::as_f64);
            own.into_iter().chain(members.values().flat_map(confidences)).collect()
        }
        Value::Array(elements) => elements.iter().flat_map(confidences).collect(),
        _ => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_json_parses_without_panic_and_confidence_stays_in_range(
        (kind, objects) in crowd(),
        noise in prop::collection::vec(prop::collection::vec(any_json().prop_map(FieldValueBuf::from), 0..4), 0..3),
    ) {
        let objects = [objects, noise].concat();
        for label in labels(kind, &objects) {
            for confidence in confidences(&label.into()) {
                prop_assert!((0.0..=1.0).contains(&confidence), "{confidence}");
            }
        }
        ConsolidationPlan::standard().consolidate(&batch(&objects));
    }

    #[test]
    fn the_order_of_answers_and_objects_changes_nothing((kind, objects) in crowd()) {
        let plan = ConsolidationPlan::from_value(&json!({ "fields": { "field": { "kind": kind.name } } }));
        let plan = plan.expect("a plan");
        let forward = batch(&objects);
        let mut backward = forward.clone();
        backward.objects.reverse();
        for object in &mut backward.objects {
            object.answers.reverse();
            *object = DatasetObject::new(object.id.clone(), None, object.answers.drain(..).map(Ok));
        }
        let text = |batch: &Batch| -> Vec<String> {
            let write = |outcome: &crate::plan::Outcome| json!([outcome.id, outcome.fields[0].outcome.members]).to_string();
            plan.consolidate(batch).iter().map(write).collect()
        };
        let mut reversed = text(&backward);
        reversed.reverse();
        prop_assert_eq!(text(&forward), reversed);
    }

    #[test]
    fn distances_are_symmetric_and_in_range((kind, objects) in crowd(), noise in prop::collection::vec(any_json(), 0..4)) {
        let noise: Vec<FieldValueBuf> = noise.into_iter().map(FieldValueBuf::from).collect();
        let values: Vec<FieldValue<'_>> = objects.iter().flatten().chain(&noise).map(FieldValueBuf::view).collect();
        let read = (kind.read_values)(&values, &[]);
        prop_assert_eq!(read.len(), values.len());
        for a in 0..values.len() {
            if read.is_usable(a) {
                prop_assert_eq!(read.distance(a, a), Some(0.0));
            }
            for b in 0..values.len() {
                let distance = read.distance(a, b);
                prop_assert_eq!(distance, read.distance(b, a));
                prop_assert_eq!(distance.is_some(), read.is_usable(a) && read.is_usable(b));
                prop_assert!(distance.is_none_or(|distance| (0.0..=1.0).contains(&distance)), "{:?}", distance);
            }
        }
    }

    #[test]
    fn any_label_can_be_asked_for_its_answer((kind, objects) in crowd(), noise in any_json()) {
        for label in labels(kind, &objects) {
            if let Some(answer) = answer_of(kind, &label) {
                (kind.read_values)(&[answer.view()], &[]);
            }
        }
        if let Value::Object(members) = noise {
            answer_of(kind, &members);
        }
    }

    /// Worker ids carry no meaning: other names for the same workers leave the labels as they are.
    #[test]
    fn names_of_workers_change_nothing((kind, objects) in crowd()) {
        let renamed = batch_of(&objects, |n| format!("w{}", 9 - n));
        prop_assert_eq!(labels(kind, &objects), labels_of(kind, &renamed));
    }

    /// An answer that says something may change what is thought of its worker, and so other labels; a bad one may not.
    #[test]
    fn a_bad_answer_to_one_object_harms_no_other((kind, mut objects) in crowd(), noise in any_json()) {
        let before = labels(kind, &objects);
        objects.push(vec![noise.into()]);
        let after = labels(kind, &objects);
        if after[before.len()]["workers"] == json!(0) {
            prop_assert_eq!(&before[..], &after[..before.len()]);
        }
    }
}
