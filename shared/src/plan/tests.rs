use serde_json::json;

use super::*;
use crate::answer::Answer;
use crate::batch::{DatasetObject, WorkerAnswer};

/// One object per list of answers; worker `n` gives answer `n`.
fn batch(objects: Value) -> Batch {
    let answer = |(n, answer): (usize, &Value)| {
        let answer = Answer::from_value(answer.clone()).expect("an object");
        Ok(WorkerAnswer { worker_id: WorkerId::new(format!("w{n}")), answer })
    };
    let objects = objects.as_array().expect("a list").iter().enumerate().map(|(n, answers)| {
        let answers = answers.as_array().expect("a list").iter().enumerate().map(answer);
        DatasetObject::new(DatasetObjectId::new(n.to_string()), None, answers)
    });
    Batch { objects: objects.collect(), ..Batch::default() }
}

/// Per object: each field with its kind and method, or why there is none.
fn check(plan: Value, objects: Value, expected: &[&str]) {
    let plan = ConsolidationPlan::from_value(&plan).expect("a plan");
    let text = |outcome: &Outcome| {
        let fields = outcome.fields.iter().map(|field| {
            let what = field.outcome.unresolved.map(Unresolved::as_str).or(field.outcome.method).unwrap_or("kept");
            format!("{}: {} {what}", field.name, field.kind.name)
        });
        let whole = outcome.unresolved().map(|reason| format!("[{reason}]"));
        fields.chain(whole).collect::<Vec<_>>().join(", ")
    };
    let outcomes: Vec<String> = plan.consolidate(&batch(objects)).iter().map(text).collect();
    assert_eq!(outcomes, expected);
}

#[test]
fn fields_are_recognized_unless_the_plan_names_them() {
    let form = json!([[{"animal": {"label": "otter"}, "note": "x", "id": 7}]]);
    check(json!({}), form.clone(), &["animal: classification auto, id: number robust-mean, note: free-text medoid"]);
    check(
        json!({"fields": {"note": {"kind": "classification"}}, "ignore": ["id"]}),
        form,
        &["animal: classification auto, note: classification auto"],
    );
}

#[test]
fn an_object_shows_its_own_fields_and_the_planned_ones() {
    check(
        json!({"fields": {"planned": {"kind": "multi-label"}}}),
        json!([[{"a": {"label": "x"}}], [{"b": {"label": "y"}}], [{}], []]),
        &[
            "a: classification auto, planned: multi-label no-usable-answer",
            "b: classification auto, planned: multi-label no-usable-answer",
            "planned: multi-label no-usable-answer, [no-usable-answer]",
            "planned: multi-label no-usable-answer, [no-answer]",
        ],
    );
}

#[test]
fn parameters_under_kinds_hold_for_recognized_fields() {
    let form = json!([[{"a": {"label": "x"}}]]);
    let kinds = json!({"classification": {"quorum": {"workers": 2}}});
    check(json!({"kinds": kinds}), form.clone(), &["a: classification quorum-not-reached"]);
    check(json!({"quorum": {"workers": 2}}), form.clone(), &["a: classification quorum-not-reached"]);
    check(json!({"kinds": kinds, "fields": {"a": {"kind": "classification"}}}), form, &["a: classification auto"]);
}

#[test]
fn one_star_stands_for_any_text() {
    let form = json!([[{"ocr-1-text": "7", "ocr-1-correct": {"on": true}, "ocr-12-text": "x", "prompt_id": 3}]]);
    check(
        json!({
            "fields": {
                "ocr-*": {"kind": "verbatim"},
                "ocr-*-text": {"kind": "free-text"},
                "ocr-12-text": {"kind": "classification"},
                "absent-*": {"kind": "number"}
            },
            "ignore": ["prompt*"]
        }),
        form,
        &["ocr-1-correct: verbatim kept, ocr-1-text: free-text medoid, ocr-12-text: classification auto"],
    );
    let family = FieldName::read("ab*ba").expect("one star");
    assert_eq!(["abba", "ab-ba", "aba", "ab"].map(|name| family.matches(name)), [true, true, false, false]);
}

#[test]
fn a_pointer_names_a_part_of_the_value() {
    let part = |pointer: &str| json!({"fields": {"page": {"kind": "classification", "pointer": pointer}}});
    let form = json!([[
        {"page": {"meta": {"kind/of": "otter"}}},
        {"page": "{\"meta\": {\"kind/of\": \"otter\"}}"},
        {"page": {"meta": {"kind/of": null}}},
        {"page": "not JSON"}
    ]]);
    check(part("/meta/kind~1of"), form.clone(), &["page: classification auto"]);
    check(part("/meta/other"), form.clone(), &["page: classification no-usable-answer, [no-usable-answer]"]);
    let plan = ConsolidationPlan::from_value(&part("/meta/kind~1of")).expect("a plan");
    assert_eq!(plan.consolidate(&batch(form))[0].fields[0].outcome.n_workers, 2);
}

#[test]
fn names_and_pointers_are_checked() {
    let plan = json!({
        "fields": {"a*b*": {"kind": "verbatim"}, "c": {"kind": "verbatim", "pointer": "meta"}},
        "kinds": {"number": {"pointer": "/a"}},
        "ignore": ["**"]
    });
    let problems = ConsolidationPlan::from_value(&plan).expect_err("mistakes").0;
    let problems: Vec<String> = problems.iter().map(|problem| problem.path.clone()).collect();
    assert_eq!(problems, ["fields.a*b*", "fields.c.pointer", "kinds.number.pointer", "ignore"]);
}

#[test]
fn every_mistake_is_found_at_once() {
    let plan = json!({
        "fields": {"a": {"kind": "clasification"}, "b": {"quorum": 1}, "c": 3, "d": {"kind": "multi-label", "treshold": 1}},
        "kinds": {"bounding-box": {"iou": 0.5}, "boxes": {}},
        "outputformat": "fields",
    });
    let problems = ConsolidationPlan::from_value(&plan).expect_err("mistakes").0;
    // The list of all kinds, which grows, is written as `any kind`.
    let names: Vec<&str> = ALL.iter().map(|kind| kind.name).collect();
    let any_kind = document::must_be_one_of(&names, None);
    let problems: Vec<String> =
        problems.iter().map(|problem| problem.to_string().replace(&any_kind, "must be any kind")).collect();
    assert_eq!(
        problems,
        [
            "fields.a.kind: must be any kind; did you mean `classification`?",
            "fields.b.kind: must be any kind",
            "fields.c: must be a JSON object",
            "fields.d.treshold: unknown member; did you mean `threshold`?",
            "kinds: must be any kind, not `boxes`",
            "kinds.bounding-box.iou: unknown member; known are `categories`, `quorum`, `method`, `iouThreshold`, `matching`, `keep` or `keepByCategory`",
            "outputformat: unknown member; did you mean `outputFormat`?",
        ]
    );
    assert_eq!(
        ConsolidationPlan::parse("{").expect_err("no JSON").to_string(),
        "the document is not JSON: EOF while parsing an object at line 1 column 1"
    );
}
