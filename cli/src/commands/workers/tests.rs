use serde_json::{Value, json};

use crate::commands::testing::gtruth;
use crate::finished_job::testing::{JobFolder, json_lines, metadata, write};

fn try_workers(folder: &JobFolder, flags: &[&str]) -> anyhow::Result<String> {
    let job = folder.path();
    let words = ["workers".as_ref(), job.as_os_str()].into_iter().chain(flags.iter().map(AsRef::as_ref));
    gtruth(words).map(|ran| ran.out)
}

/// What the command prints about a job.
fn workers(folder: &JobFolder, flags: &[&str]) -> String {
    try_workers(folder, flags).expect("a report")
}

fn report(folder: &JobFolder, flags: &[&str]) -> Value {
    let flags: Vec<&str> = ["--json"].iter().chain(flags).copied().collect();
    serde_json::from_str::<Value>(&workers(folder, &flags)).expect("JSON")["workers"].clone()
}

fn worker<'a>(report: &'a Value, name: &str) -> &'a Value {
    let workers = report["workers"].as_array().expect("a list");
    workers.iter().find(|worker| worker["worker"] == name).expect("the worker")
}

fn form(animal: &str, count: f64) -> Value {
    json!({"animal": {"label": animal}, "count": count})
}

/// Twenty-four photos, otters and herons in turn. Ana and Bo are right; Cy calls every otter a heron from the twelfth photo
/// on, and counts three too many throughout. Bo answered the first photo twice, and Cy sent something that is not a form.
fn survey() -> JobFolder {
    let mut folder = JobFolder::new("survey");
    let mut lines = Vec::new();
    for n in 0..24_u32 {
        let right = if n % 2 == 0 { "otter" } else { "heron" };
        let of_cy = if n < 12 { right } else { "heron" };
        let count = f64::from(n % 5);
        let answers =
            [("ana", n, form(right, count)), ("bo", n, form(right, count)), ("cy", n, form(of_cy, count + 3.0))];
        folder = folder.answers(1, &n.to_string(), &answers);
        lines.push(json!({"source": format!("photo {n}"), "survey": {}, "survey-metadata": metadata("survey")}));
    }
    folder.answers(2, "0", &[("bo", 50, form("otter", 0.0))]).answers(2, "1", &[("cy", 51, json!("?"))]).output(&lines)
}

#[test]
fn the_report_tells_who_errs_and_how() {
    insta::assert_snapshot!("survey", workers(&survey(), &[]));
}

#[test]
fn the_json_has_confusion_drift_and_bias() {
    let report = report(&survey(), &[]);
    assert_eq!((&report["labelingJobName"], &report["groups"]), (&json!("survey"), &json!(3)));
    let (bo, cy) = (worker(&report, "bo"), worker(&report, "cy"));
    let counts = |worker: &Value| ["answers", "objects", "setAside", "replaced"].map(|name| worker[name].as_u64());
    assert_eq!(counts(bo), [25, 24, 0, 1].map(Some));
    assert_eq!(counts(cy), [25, 24, 1, 0].map(Some));
    assert_eq!(cy["time"], json!({"medianSeconds": 31.5, "tooFast": 0.0, "tooSlow": 0.0, "compared": 24}));
    let animal = &cy["fields"][0];
    assert_eq!(animal["others"], json!({"agreement": 0.75, "answers": 24}));
    assert_eq!((&animal["drift"]["earlier"], &animal["drift"]["later"]), (&json!(1.0), &json!(0.5)));
    assert_eq!(
        animal["confusion"],
        json!([
            {"right": "heron", "answered": "heron", "answers": 12},
            {"right": "otter", "answered": "heron", "answers": 6},
            {"right": "otter", "answered": "otter", "answers": 6},
        ])
    );
    assert_eq!(
        animal["bias"],
        json!([
            {"category": "heron", "answered": 18, "right": 12},
            {"category": "otter", "answered": 6, "right": 12},
        ])
    );
    let error = cy["fields"][1]["meanError"]["mean"].as_f64().expect("a number");
    assert!((error - 3.0).abs() < 0.2, "{error}");
    assert!(worker(&report, "ana")["fields"][0].get("bias").is_none());
}

/// A gold file beside the job.
fn gold(folder: &JobFolder, lines: &[Value]) -> String {
    let path = folder.path().with_extension("gold.manifest");
    write(&path, &json_lines(lines));
    path.to_str().expect("text").to_owned()
}

#[test]
fn known_answers_come_in_every_shape_of_a_label() {
    let check = |line: Value, flags: &[&str], expected: &str| {
        let folder = survey();
        let path = gold(&folder, &[json!({"source": "elsewhere", "survey": 1}), line.clone()]);
        let flags: Vec<&str> = ["--gold", &path].iter().chain(flags).copied().collect();
        let report = report(&folder, &flags);
        let of = |name: &str| {
            let fields = worker(&report, name)["fields"].as_array().expect("fields").iter();
            let gold: Vec<String> = fields.map(|field| field["gold"]["agreement"].to_string()).collect();
            gold.join(" ")
        };
        assert_eq!(format!("{}, {}", of("ana"), of("cy")), expected, "{line}");
    };
    let photo = "photo 12";
    let ours = json!({"animal": {"kind": "classification", "label": "otter"}});
    check(json!({"source": photo, "survey": ours}), &[], "1.0 null, 0.0 null");
    check(json!({"source": photo, "survey": {"animal": "otter", "count": 2}}), &[], "1.0 1.0, 0.0 0.5");
    let built_in = json!({"class-name": "heron", "confidence": 0.9});
    check(json!({"source": photo, "truth": 1, "truth-metadata": built_in}), &[], "0.0 null, 1.0 null");
    let flags = ["--gold-attribute", "right"];
    check(json!({"source": photo, "other": 1, "right": {"animal": {"label": "otter"}}}), &flags, "1.0 null, 0.0 null");
    check(json!({"source": photo, "survey": {}}), &[], "null null, null null");
}

#[test]
fn a_known_answer_is_looked_at_where_the_plan_points() {
    let sent = |depth: f64| json!({"water": {"at": {"depth": depth}}});
    let folder = JobFolder::new("survey")
        .answers(1, "0", &[("ana", 1, sent(2.0)), ("bo", 2, sent(4.0))])
        .output(&[json!({"source": "photo 0"})]);
    let plan = folder.path().with_extension("plan.json");
    write(&plan, &json!({"fields": {"water": {"kind": "number", "pointer": "/at/depth"}}}).to_string());
    for known in [sent(2.0), json!({"water": 2}), json!({"at": {"depth": 2}}), json!(2)] {
        let path = gold(&folder, &[json!({"source": "photo 0", "truth": known})]);
        let report = report(&folder, &["--gold", &path, "--plan", plan.to_str().expect("text")]);
        let of = |name: &str| worker(&report, name)["fields"][0]["gold"]["agreement"].clone();
        assert_eq!((of("ana"), of("bo")), (json!(1.0), json!(0.0)), "{known}");
    }
}

#[test]
fn a_gold_file_that_cannot_be_meant_is_an_error() {
    let check = |line: Value, expected: &str| {
        let folder = survey();
        let path = gold(&folder, &[line]);
        let error = try_workers(&folder, &["--gold", &path]).expect_err("an error").to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(json!({"source": "elsewhere", "survey": 1}), "shows what an object of the job shows");
    check(json!({"source": "photo 1"}), "no member with labels");
    check(json!({"source": "photo 1", "a": 1, "b": 2}), "--gold-attribute a");
}

#[test]
fn lines_of_the_job_can_be_marked_with_what_is_known() {
    let lines = [json!({"source": "photo 0", "truth": "heron"}), json!({"source": "photo 1"})];
    let folder = survey().output(&lines);
    let gold = |name: &str| worker(&report(&folder, &["--gold-attribute", "truth"]), name)["fields"][0]["gold"].clone();
    assert_eq!(gold("ana"), json!({"agreement": 0.0, "answers": 1}));
    let error = try_workers(&folder, &["--gold-attribute", "right"]).expect_err("an error").to_string();
    assert_eq!(error, "no line of the job's manifest has the member `right`");
}

#[test]
fn the_plans_gold_counts_as_known() {
    let folder = survey();
    let plan = folder.path().with_extension("plan.json");
    write(&plan, &json!({"gold": {"animal": {"12": "otter"}}}).to_string());
    let report = report(&folder, &["--plan", plan.to_str().expect("text")]);
    assert_eq!(worker(&report, "cy")["fields"][0]["gold"], json!({"agreement": 0.0, "answers": 1}));
}

#[test]
fn pseudonyms_are_stable_and_hide_ids() {
    let names = |flags: &[&str]| {
        let text = workers(&survey(), flags);
        assert!(!text.contains("ana") && !text.contains("11111111-2222"), "{text}");
        text
    };
    assert_eq!(names(&["--hash-workers"]), names(&["--hash-workers", "--salt", "survey"]));
    assert_ne!(names(&["--hash-workers"]), names(&["--hash-workers", "--salt", "other"]));
}
