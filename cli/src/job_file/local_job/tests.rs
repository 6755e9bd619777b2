use std::fs;
use std::path::Path;

use ground_truth::plan::OutputFormat;
use serde_json::json;

use super::*;
use crate::labeling_job::testing::job;

fn at(path: &Path, changes: &[(&str, Value)]) -> Result<LocalJob, JobFileError> {
    JobFile { path: path.to_owned(), written: Value::Null, spec: job(changes) }.to_local_job()
}

fn read(changes: &[(&str, Value)]) -> Result<LocalJob, JobFileError> {
    at(Path::new("jobs/watch.yaml"), changes)
}

#[test]
fn a_sound_job_is_read() {
    let job = read(&[]).expect("a sound job");
    assert_eq!(job.labeling_job_name, "Harbor-Watch-3");
    assert_eq!(job.label_attribute_name, "watch");
    assert_eq!(job.number_of_human_workers_per_data_object, 3);
    assert_eq!(job.s3_output_path(), Some("s3://harbor-sagemaker/out"));
    assert_eq!(job.gtruth, GtruthSection::default());
    assert_eq!(job.file.beside(Path::new("a")), Path::new("jobs/a"));
}

#[test]
fn what_only_aws_needs_may_be_missing() {
    assert!(read(&[("/RoleArn", Value::Null), ("/InputConfig", Value::Null), ("/OutputConfig", Value::Null)]).is_ok());
}

#[test]
fn every_problem_is_told() {
    let err = read(&[("/LabelAttributeName", json!("a_b")), ("/Rolearn", json!("x")), ("/RoleArn", Value::Null)]);
    assert_eq!(
        err.expect_err("two problems").to_string(),
        "jobs/watch.yaml cannot be used
  error: Rolearn is not a known member; did you mean `RoleArn`?
  error[N9]: LabelAttributeName holds '_'; use letters, digits and hyphens, with a letter or digit at both ends"
    );
}

#[test]
fn files_are_found_beside_the_job_file() {
    let manifest = "/InputConfig/DataSource/S3DataSource/ManifestS3Uri";
    let template = "/HumanTaskConfig/UiConfig/UiTemplateS3Uri";
    let own = json!({"manifest": "own.manifest", "template": "own.html"});

    let in_s3 = read(&[]).expect("a sound job");
    assert!(matches!(in_s3.manifest_path(), Err(JobFileError::NoLocalManifest)));
    assert_eq!(in_s3.file.template_path(), None);

    let local = read(&[(manifest, json!("data/a.manifest")), (template, json!("../a.html"))]).expect("a sound job");
    assert_eq!(local.manifest_path().expect("a path"), Path::new("jobs/data/a.manifest"));
    assert_eq!(local.file.template_path().expect("a path"), Path::new("jobs/../a.html"));

    let both = read(&[(manifest, json!("data/a.manifest")), ("/gtruth", own)]).expect("a sound job");
    assert_eq!(both.manifest_path().expect("a path"), Path::new("jobs/own.manifest"));
    assert_eq!(both.file.template_path().expect("a path"), Path::new("jobs/own.html"));
}

#[test]
fn documents_are_inline_or_beside_the_job_file() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("plan.json"), r#"{"outputFormat": "ground-truth"}"#).expect("writable");
    fs::write(dir.path().join("labels.json"), r#"{"labels": [{"label": "tug"}, {"label": "barge"}]}"#)
        .expect("writable");
    let path = dir.path().join("job.yaml");
    let read = |changes: &[(&str, Value)]| at(&path, changes).expect("a sound job");

    let job = read(&[(
        "/gtruth",
        json!({"plan": "plan.json", "taskInput": {"constants": {"x": 1}}, "localRun": {"seed": 7}}),
    )]);
    let plan = job.plan().expect("no mistake").expect("a plan");
    assert_eq!(plan.document, json!({"outputFormat": "ground-truth"}));
    assert_eq!(plan.plan.output_format, OutputFormat::GroundTruth);
    assert_eq!(job.task_input().expect("no mistake").constants.get("x"), Some(&json!(1)));
    assert_eq!(job.gtruth.local_run.as_ref().map(|run| &run["seed"]), Some(&json!(7)));
    assert_eq!(job.label_categories().expect("none at all"), None);

    let job = read(&[("/LabelCategoryConfigS3Uri", json!("labels.json"))]);
    assert_eq!(job.label_categories().expect("a file").expect("labels"), ["tug", "barge"]);
    assert!(job.plan().expect("none at all").is_none());

    let job = read(&[("/LabelCategoryConfigS3Uri", json!("plan.json"))]);
    assert!(matches!(job.label_categories(), Err(JobFileError::NoLabels { .. })));

    let job =
        read(&[("/LabelCategoryConfigS3Uri", json!("labels.json")), ("/gtruth", json!({"labelCategories": ["a"]}))]);
    assert_eq!(job.label_categories().expect("inline").expect("labels"), ["a"]);

    let job = read(&[("/gtruth", json!({"plan": "none.json", "taskInput": {"konstants": {}}}))]);
    assert_eq!(
        job.plan().expect_err("no file").to_string(),
        format!("cannot read {}", dir.path().join("none.json").display())
    );
    assert_eq!(
        job.task_input().expect_err("a mistake").to_string(),
        format!("gtruth.taskInput of {} has mistakes", path.display())
    );
}
