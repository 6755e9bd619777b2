use serde_json::{Value, json};

use crate::commands::testing::gtruth;
use crate::finished_job::testing::JobFolder;

/// What the command prints about a job.
fn agreement(folder: &JobFolder, flags: &[&str]) -> String {
    let job = folder.path();
    let words = ["agreement".as_ref(), job.as_os_str()].into_iter().chain(flags.iter().map(AsRef::as_ref));
    gtruth(words).expect("a report").out
}

/// Three workers, six objects, and a field of four kinds each.
fn survey() -> JobFolder {
    let form = |animal: &str, count: f64, left: f64| {
        let drawn = json!({"label": "animal", "left": left, "top": 0, "width": 10, "height": 10});
        json!({"animal": {"label": animal}, "count": count, "shapes": {"boundingBoxes": [drawn]}, "sure": {"on": true}})
    };
    let answers = [
        [("otter", 1.0, 0.0), ("otter", 1.0, 0.0), ("heron", 2.0, 5.0)],
        [("heron", 5.0, 0.0), ("heron", 6.0, 1.0), ("heron", 5.0, 0.0)],
        [("otter", 9.0, 100.0), ("heron", 9.0, 100.0), ("heron", 9.0, 200.0)],
        [("otter", 2.0, 0.0), ("otter", 2.0, 0.0), ("otter", 3.0, 0.0)],
    ];
    let mut folder = JobFolder::new("survey");
    for (object, [a, b, c]) in answers.iter().enumerate() {
        let sent = |worker, answer: &(&str, f64, f64)| (worker, 1, form(answer.0, answer.1, answer.2));
        folder = folder.answers(1, &object.to_string(), &[sent("ana", a), sent("bo", b), sent("cy", c)]);
    }
    folder
}

fn report(folder: &JobFolder, flags: &[&str]) -> Value {
    let flags: Vec<&str> = ["--json"].iter().chain(flags).copied().collect();
    serde_json::from_str(&agreement(folder, &flags)).expect("JSON")
}

#[test]
fn every_kind_of_field_has_an_alpha_or_a_reason() {
    insta::assert_snapshot!("survey", agreement(&survey(), &["--pairs", "--replicates", "200"]));
}

#[test]
fn the_json_has_the_same_figures() {
    let report = report(&survey(), &["--replicates", "0"]);
    assert_eq!((&report["agreement"]["workers"], &report["agreement"]["objects"]), (&json!(3), &json!(4)));
    let animal = &report["agreement"]["fields"][0];
    assert_eq!(
        (&animal["field"], &animal["pairs"], &animal["scale"]),
        (&json!("animal"), &json!(12), &json!("nominal"))
    );
    // Of twelve answers six are otters. Two objects have one dissenter each: 4 of 24 ordered pairs each, over two.
    let alpha = animal["alpha"]["value"].as_f64().expect("a number");
    assert!((alpha - (1.0 - 11.0 * 4.0 / (2.0 * 6.0 * 6.0))).abs() < 1e-9, "{alpha}");
    assert!((animal["agreement"]["value"].as_f64().expect("a number") - 2.0 / 3.0).abs() < 1e-9);
    assert!(animal["alpha"].get("interval").is_none() && animal.get("workerPairs").is_none());
    let sure = &report["agreement"]["fields"][3];
    assert_eq!(
        sure["alpha"],
        json!({"undefined": "all answers are the same, so agreement cannot be told from chance"})
    );
}

#[test]
fn a_scale_and_a_range_come_from_the_plan() {
    let folder = survey();
    let plan = folder.path().with_extension("plan.json");
    let fields = json!({
        "animal": {"kind": "ordinal", "categories": ["heron", "otter"]},
        "count": {"kind": "number", "maximum": 8},
    });
    crate::finished_job::testing::write(&plan, &json!({ "fields": fields }).to_string());
    let report = report(&folder, &["--plan", plan.to_str().expect("text"), "--replicates", "0"]);
    let fields = &report["agreement"]["fields"];
    assert_eq!((&fields[0]["scale"], &fields[1]["scale"]), (&json!("ordinal"), &json!("interval")));
    assert_eq!((&fields[0]["answers"], &fields[1]["answers"]), (&json!(12), &json!(9)));
}

#[test]
fn a_seed_fixes_the_intervals() {
    let figures = |seed: &str| report(&survey(), &["--replicates", "100", "--seed", seed])["agreement"].to_string();
    assert_eq!(figures("1"), figures("1"));
    assert_ne!(figures("1"), figures("2"));
}

#[test]
fn lone_answers_have_no_agreement() {
    let folder = JobFolder::new("survey").answers(1, "0", &[("ana", 1, json!({"animal": {"label": "otter"}}))]);
    let text = agreement(&folder, &[]);
    let reason = "animal: no alpha or kappa or agreement: no dataset object has two answers";
    assert!(text.contains(reason), "{text}");
}

#[test]
fn workers_can_have_pseudonyms() {
    let text = agreement(&survey(), &["--pairs", "--hash-workers", "--replicates", "0"]);
    assert!(!text.contains("ana") && text.contains("worker-"), "{text}");
}
