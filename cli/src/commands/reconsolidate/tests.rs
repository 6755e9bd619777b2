use std::fs;

use serde_json::{Value, json};

use super::*;
use crate::commands::testing::gtruth;
use crate::finished_job::testing::{JobFolder, metadata};

/// How the command ended, what it printed, and what it wrote.
struct Ran {
    status: ExitStatus,
    out: String,
    err: String,
    manifest: String,
    diff: String,
}

fn reconsolidate(folder: &JobFolder, flags: &[&str]) -> anyhow::Result<Ran> {
    let (job, again) = (folder.path(), folder.path().with_extension("again"));
    let paths = ["reconsolidate".as_ref(), job.as_os_str(), "--out".as_ref(), again.as_os_str()];
    let ran = gtruth(paths.into_iter().chain(flags.iter().map(AsRef::as_ref)))?;
    let file = |name: &str| fs::read_to_string(again.join(name)).expect("written");
    Ok(Ran {
        status: ran.status,
        out: ran.out.replace(&again.display().to_string(), "AGAIN"),
        err: ran.err,
        manifest: file(OUTPUT_MANIFEST),
        diff: file(DIFF),
    })
}

fn animal(label: &str) -> Value {
    json!({ "animal": { "label": label } })
}

/// A labeled line, one without label, one that failed, one that a machine labeled, and one whose answer is not a form.
fn survey() -> JobFolder {
    let old = |label: &str| json!({"animal": {"kind": "classification", "label": label, "confidence": 0.5}});
    let failed = json!({"retry-count": 1, "failure-reason": "ClientError: x", "human-annotated": "true"});
    JobFolder::new("Survey")
        .answers(1, "0", &[("ana", 1, animal("otter")), ("bo", 2, animal("otter")), ("cy", 3, animal("heron"))])
        .answers(1, "1", &[("ana", 4, animal("heron")), ("bo", 5, animal("heron"))])
        .answers(1, "4", &[("ana", 6, json!("?"))])
        .output(&[
            json!({"source": "a", "n": 1.50, "survey": old("heron"), "survey-metadata": metadata("survey")}),
            json!({"source": "b"}),
            json!({"source": "c", "survey-metadata": failed}),
            json!({"source": "d", "survey": 3, "survey-metadata": metadata("survey")}),
            json!({"source": "e", "survey": {}, "survey-metadata": metadata("survey")}),
        ])
}

#[test]
fn labels_are_made_anew_and_what_has_no_answers_is_kept() {
    let ran = reconsolidate(&survey(), &[]).expect("a job");
    assert_eq!(ran.status, ExitStatus::FoundFailures);
    let lines: Vec<Value> = ran.manifest.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let label = |idx: usize| lines[idx]["survey"]["animal"]["label"].as_str();
    assert_eq!([label(0), label(1), label(4)], [Some("otter"), Some("heron"), None]);
    assert_eq!(lines[0]["survey-metadata"], metadata("survey"));
    assert!(ran.manifest.starts_with(r#"{"source":"a","n":1.5"#), "{}", ran.manifest);
    assert_eq!(lines[1]["survey-metadata"]["creation-date"], "2024-05-06T07:05:00.000000");
    assert_eq!(lines[2]["survey-metadata"]["failure-reason"], "ClientError: x");
    assert_eq!(lines[3]["survey"], 3);
    assert_eq!(lines[4], json!({"source": "e"}));
    insta::assert_snapshot!("survey", format!("{}\n{}\n{}", ran.out, ran.err, ran.diff));
}

#[test]
fn the_summary_as_json_has_the_same_counts() {
    let ran = reconsolidate(&survey(), &["--json"]).expect("a job");
    let report: Value = serde_json::from_str(&ran.out).expect("JSON");
    let objects = json!({"all": 5, "labeled": 2, "kept": 2, "withoutLabel": 1});
    assert_eq!(report["summary"]["objects"], objects);
    assert_eq!(report["summary"]["changes"]["animal"]["objects"], json!({"changed": 1, "gained": 1}));
    assert_eq!(report["notes"], json!({"rejectedAnswers": 1}));
}

#[test]
fn the_worker_skills_are_a_plan() {
    let folder = survey();
    reconsolidate(&folder, &[]).expect("a job");
    let skills = folder.path().with_extension("again").join(WORKER_SKILLS);
    let plan = PlanFile::open(&skills).expect("a plan");
    assert!(format!("{plan:?}").contains("ana"));
}

#[test]
fn an_earlier_run_is_replaced_only_when_told() {
    let folder = survey();
    let first = reconsolidate(&folder, &[]).expect("a job");
    let error = reconsolidate(&folder, &[]).err().expect("it is there").to_string();
    assert!(error.contains("holds output.manifest of an earlier run; give --overwrite"), "{error}");
    let second = reconsolidate(&folder, &["--overwrite"]).expect("a job");
    assert_eq!((first.manifest, first.diff), (second.manifest, second.diff));
}

#[test]
fn a_job_without_a_manifest_gets_one_of_what_workers_saw() {
    let payload = json!([{"datasetObjectId": "0", "dataObject": {"s3Uri": "s3://river-in/0.png"},
        "annotations": [{"workerId": "ana", "annotationData": {"content": animal("otter").to_string()}}]}]);
    let ran =
        reconsolidate(&JobFolder::new("job").request("a", &payload), &["--label-attribute", "tags"]).expect("a job");
    let line: Value = serde_json::from_str(&ran.manifest).expect("one line");
    assert_eq!(
        (&line["source-ref"], &line["tags"]["animal"]["label"]),
        (&json!("s3://river-in/0.png"), &json!("otter"))
    );
}
