use std::fs;

use serde_json::Value;

use crate::commands::testing::{Ran, gtruth};
use crate::console::ExitStatus;

const SURVEY: &str = "\
# A custom job with a private work team.
LabelingJobName: River-Survey-8
LabelAttributeName: survey
InputConfig:
  DataSource:
    S3DataSource: {ManifestS3Uri: 's3://rs-sagemaker-in/m/8.manifest'}
OutputConfig:
  S3OutputPath: s3://rs-sagemaker-out/jobs
  KmsKeyId: ''
RoleArn: arn:aws:iam::210987654321:role/gt-exec
HumanTaskConfig:
  WorkteamArn: arn:aws:sagemaker:eu-west-1:210987654321:workteam/private-crowd/rangers
  UiConfig: {UiTemplateS3Uri: s3://rs-sagemaker-in/ui/survey.liquid.html}
  TaskTitle: River survey – every animal
  TaskDescription: Name the animal and rate the picture
  TaskKeywords: [river, animal survey]
  NumberOfHumanWorkersPerDataObject: 3
  TaskTimeLimitInSeconds: 600
  PreHumanTaskLambdaArn: arn:aws:lambda:eu-west-1:210987654321:function:SageMaker-old-pre
Tags:
- {Key: account, Value: '210987654321'}
- {Key: started, Value: 2024-05-06}
gtruth:
  manifest: 8.manifest
  template: survey.liquid.html
  labelCategories: [heron, otter]
";

const MANIFEST: &str = r#"{"source-ref": "s3://rs-sagemaker-in/a.png"}"#;
const TEMPLATE: &str =
    "<script src='https://assets.crowd.aws/crowd-html-elements.js'></script><crowd-form></crowd-form>";

/// What a plan ends with, prints and says, styles left out.
fn plan(job: &str, flags: &str) -> (ExitStatus, String, String) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("job.yaml");
    fs::write(&path, job).expect("writable");
    fs::write(dir.path().join("8.manifest"), MANIFEST).expect("writable");
    fs::write(dir.path().join("survey.liquid.html"), TEMPLATE).expect("writable");
    let line = format!("job plan {} {flags}", path.display());
    let Ran { status, out, err } = gtruth(line.split_whitespace()).expect("a plan");
    (status, out, err)
}

#[test]
fn a_sound_job_file_becomes_a_request() {
    let (status, out, err) = plan(SURVEY, "--pre-name SageMaker-pre --post-name SageMaker-post");
    assert_eq!(status, ExitStatus::Success);
    insta::assert_snapshot!("request", out);
    assert_eq!(
        err,
        "note: HumanTaskConfig.PreHumanTaskLambdaArn is \
         arn:aws:lambda:eu-west-1:210987654321:function:SageMaker-pre from the command line; the job file's \
         arn:aws:lambda:eu-west-1:210987654321:function:SageMaker-old-pre is not used\n\
         upload: LabelCategoryConfigS3Uri is made of gtruth.labelCategories; `gtruth job create` uploads it to \
         s3://rs-sagemaker-out/jobs/gtruth-input/River-Survey-8/label-categories.json\n"
    );
}

#[test]
fn a_warning_does_not_keep_the_request_back() {
    let (status, out, err) = plan(SURVEY, "--json");
    assert_eq!(status, ExitStatus::Success);
    assert!(serde_json::from_str::<Value>(&out).expect("JSON").get("gtruth").is_none());
    assert!(err.starts_with("warning[F4]: "), "{err}");
}

#[test]
fn an_error_keeps_the_request_back() {
    let broken = SURVEY
        .replace("RoleArn: arn", "RoleArm: arn")
        .replace("'210987654321'", "210987654321")
        .replace("LabelAttributeName: survey", "LabelAttributeName: survey-metadata")
        .replace("s3://rs-sagemaker-in/ui/", "");
    let (status, out, err) = plan(&broken, "--post-arn x");
    assert_eq!(status, ExitStatus::FoundFailures);
    assert_eq!(out, "");
    insta::assert_snapshot!("problems", err);

    let (status, out, err) = plan(&broken, "--post-arn x --json");
    assert_eq!(status, ExitStatus::FoundFailures);
    assert_eq!(err, "");
    insta::assert_snapshot!("problems as JSON", out);
}

#[test]
fn local_files_are_uploads() {
    let local =
        SURVEY.replace("s3://rs-sagemaker-in/ui/", "").replace("'s3://rs-sagemaker-in/m/8.manifest'", "8.manifest");
    let (status, out, err) = plan(&local, "--pre-name SageMaker-pre --post-name SageMaker-post");
    assert_eq!(status, ExitStatus::Success);
    let folder = "s3://rs-sagemaker-out/jobs/gtruth-input/River-Survey-8";
    let request: Value = serde_json::from_str(&out).expect("JSON");
    let at = |pointer: &str| request.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    assert_eq!(at("/HumanTaskConfig/UiConfig/UiTemplateS3Uri"), Some(format!("{folder}/survey.liquid.html")));
    assert_eq!(at("/InputConfig/DataSource/S3DataSource/ManifestS3Uri"), Some(format!("{folder}/8.manifest")));
    assert_eq!(err.matches("upload: ").count(), 3, "{err}");
}

#[test]
fn a_variable_that_is_not_set_keeps_the_request_back() {
    let job = SURVEY.replace("river, animal survey", "'${GTRUTH_TEST_IS_NEVER_SET}'");
    let (status, out, err) = plan(&job, "");
    assert_eq!((status, out.as_str()), (ExitStatus::FoundFailures, ""));
    assert_eq!(
        err,
        "error: HumanTaskConfig.TaskKeywords[0] names the variable GTRUTH_TEST_IS_NEVER_SET, which is not set; set it, or \
         write ${GTRUTH_TEST_IS_NEVER_SET:-DEFAULT}\n"
    );
    let (status, out, _) = plan(&job.replace("NEVER_SET}", "NEVER_SET:-river}"), "");
    assert_eq!(status, ExitStatus::Success);
    assert!(out.contains("\"river\""), "{out}");
}

#[test]
fn every_rule_is_explained() {
    let odd = SURVEY.replace("LabelAttributeName: survey", "LabelAttributeName: survey-ref");
    let (status, out, err) = plan(&odd, "--explain");
    assert_eq!((status, err.as_str()), (ExitStatus::Success, ""));
    insta::assert_snapshot!("explained", out);

    let (_, out, _) = plan(&odd, "--explain --json");
    let rules: Vec<Value> = serde_json::from_str(&out).expect("JSON");
    let n7 = rules.iter().find(|rule| rule["rule"] == "N7").expect("a rule");
    assert_eq!((&n7["verdict"], &n7["findings"][0]["level"]), (&"broken".into(), &"warning".into()));
}
