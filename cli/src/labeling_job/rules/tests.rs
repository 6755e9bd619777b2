use serde_json::{Value, json};

use super::*;
use crate::labeling_job::testing::job;

const NAME: &str = "/LabelAttributeName";
const UI: &str = "/HumanTaskConfig/UiConfig";
const PRE: &str = "/HumanTaskConfig/PreHumanTaskLambdaArn";
const POST_CONFIG: &str = "/HumanTaskConfig/AnnotationConsolidationConfig";

/// The ids of everything that stands against a sound job once it is changed.
fn check(changes: &[(&str, Value)], expected: &[&str]) {
    let problems = job(changes).problems();
    let ids: Vec<&str> = problems.iter().map(|problem| problem.rule.unwrap_or(&problem.path)).collect();
    assert_eq!(ids, expected, "{changes:?}\n{problems:#?}");
}

fn post(arn: &str) -> Value {
    json!({"AnnotationConsolidationLambdaArn": arn})
}

#[test]
fn ids_are_unique() {
    let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
}

#[test]
fn a_sound_job_breaks_no_rule() {
    check(&[], &[]);
}

#[test]
fn n2() {
    check(&[(NAME, json!("watch-metadata"))], &["N2"]);
    check(&[(NAME, json!("metadata"))], &[]);
}

#[test]
fn n3() {
    check(&[(NAME, json!("source"))], &["N3"]);
    check(&[(NAME, json!("source-ref"))], &["N3"]);
    check(&[(NAME, json!("source-2"))], &[]);
}

#[test]
fn n9() {
    for name in ["$watch", "harbor_watch", "harbor.watch", "watch-", "-watch", "bøye"] {
        check(&[(NAME, json!(name))], &["N9"]);
    }
    check(&[(NAME, json!("Harbor--watch-3"))], &[]);
}

#[test]
fn u1() {
    let template = "s3://harbor-sagemaker/in/watch.html";
    let ui = "arn:aws:sagemaker:us-east-2:394669845002:human-task-ui/VideoObjectTracking";
    check(&[(UI, json!({"UiTemplateS3Uri": template, "HumanTaskUiArn": ui}))], &["U1"]);
    check(&[(UI, json!({}))], &["U1"]);
    check(&[(UI, Value::Null)], &["U1"]);
    check(&[(UI, json!({"HumanTaskUiArn": ui}))], &[]);
}

#[test]
fn f3() {
    let arn = |name: &str| json!(format!("arn:aws:lambda:us-east-2:111122223333:function:{name}"));
    for name in ["harbor-pre", "SAGEMAKER-pre", "sageMaker-pre", "gtrecipe-pre"] {
        check(&[(PRE, arn(name))], &["F3"]);
    }
    for name in ["GtRecipe-pre", "preLabelingFunction:live", "sagemaker-pre", "Sagemaker", "my-SageMaker-pre"] {
        check(&[(PRE, arn(name))], &[]);
    }
    check(&[(PRE, arn("a")), (POST_CONFIG, post(arn("b").as_str().expect("text")))], &["F3", "F3"]);
}

#[test]
fn f4() {
    let builtin = |name: &str| format!("arn:aws:lambda:us-east-2:266458841044:function:{name}");
    check(&[(PRE, Value::Null)], &["F4"]);
    check(&[(POST_CONFIG, Value::Null)], &["F4"]);
    check(&[(PRE, json!(builtin("PRE-PassThrough")))], &["F4"]);
    check(&[(PRE, json!(builtin("PRE-PassThrough"))), (POST_CONFIG, post(&builtin("ACS-PassThrough")))], &[]);
}

#[test]
fn f6() {
    check(&[(PRE, Value::Null), (POST_CONFIG, Value::Null)], &["F6"]);
}

#[test]
fn s1() {
    check(&[("/InputConfig/DataSource", json!({}))], &["S1"]);
    check(&[("/InputConfig/DataSource", Value::Null)], &["S1"]);
    let topic = json!({"SnsTopicArn": "arn:aws:sns:us-east-2:111122223333:GroundTruth-in"});
    check(&[("/InputConfig/DataSource", json!({"SnsDataSource": topic}))], &[]);
}
