//! U, F and R: what workers see, the two functions, regions and accounts.

use serde_json::json;

use super::*;

const UI_ARN: &str = "arn:aws:sagemaker:us-east-2:394669845002:human-task-ui";

fn post(arn: &str) -> Value {
    json!({"AnnotationConsolidationLambdaArn": arn})
}

fn builtin_arn(name: &str) -> String {
    format!("arn:aws:lambda:us-east-2:266458841044:function:{name}")
}

fn own_arn(name: &str) -> String {
    format!("arn:aws:lambda:us-east-2:111122223333:function:{name}")
}

fn interface(name: &str) -> (&'static str, Value) {
    (UI, json!({"HumanTaskUiArn": format!("{UI_ARN}/{name}")}))
}

fn template_uri(uri: &str) -> (&'static str, Value) {
    (UI, json!({"UiTemplateS3Uri": uri}))
}

#[test]
fn u1() {
    let template = "s3://harbor-sagemaker/in/watch.html";
    let both = json!({"UiTemplateS3Uri": template, "HumanTaskUiArn": format!("{UI_ARN}/VideoObjectTracking")});
    custom(&[(UI, both)]).breaks(&["U1"]);
    custom(&[(UI, json!({}))]).breaks(&["U1"]);
    custom(&[(UI, Value::Null)]).breaks(&["U1"]);
    custom(&[(UI, json!({})), ("/gtruth", json!({"template": "watch.html"}))]).keeps_all();
}

#[test]
fn u2() {
    let task = "video-object-tracking";
    builtin(task, &[interface("VideoObjectDetection")]).breaks(&["U2"]);
    builtin(task, &[template_uri("s3://b/t.html")]).breaks(&["U2"]);
    let foreign =
        json!({"HumanTaskUiArn": "arn:aws:sagemaker:us-east-2:111122223333:human-task-ui/VideoObjectTracking"});
    builtin(task, &[(UI, foreign)]).breaks(&["U2"]);
    builtin("video-object-tracking-audit", &[interface("VideoObjectTracking")]).keeps_all();
}

#[test]
fn u3() {
    custom(&[interface("VideoObjectDetection")]).breaks(&["U3"]);
    builtin("bounding-box", &[interface("NamedEntityRecognition")]).breaks(&["U3"]);
    builtin("named-entity-recognition", &[interface("NamedEntityRecognition")]).keeps_all();
}

#[test]
fn u4() {
    custom(&[template_uri("s3://b/t.txt")]).breaks_as(Level::Warning, "U4");
    custom(&[template_uri("s3://b/t.liquid")]).keeps_all();
}

#[test]
fn u5() {
    let task = "point-cloud-object-tracking-audit";
    for name in
        ["3DPointCloudObjectTracking", "Adjustment3DPointCloudObjectTracking", "VerificationPointCloudObjectTracking"]
    {
        builtin(task, &[interface(name)]).breaks(&["U5"]);
    }
    builtin(task, &[interface("PointCloudObjectTracking")]).keeps_all();
}

const FORM: &str = "<script src=\"https://assets.crowd.aws/crowd-html-elements.js\"></script>\n\
                    <crowd-form><crowd-bounding-box name=\"boundingBox\"></crowd-bounding-box></crowd-form>";

#[test]
fn u6() {
    let says = |template: &str, expected: &str| {
        let case = custom(&[]).template(template);
        case.breaks_as(Level::Warning, "U6");
        let message = case.problems()[0].message.clone();
        assert!(message.contains(expected), "{message}");
    };
    says(&FORM.replace("crowd-form", "form"), "no form");
    says(&format!("{FORM}<crowd-form answer-format=\"flatten-objects\"></crowd-form>"), "2 forms");
    says(&format!("<!-- {FORM} --><crowd-form></crowd-form>"), "does not load");
    custom(&[]).template(format!("{{% comment %}}<crowd-form>{{% endcomment %}}{FORM}")).keeps_all();
    custom(&[]).template("<script src='crowd-html-elements.js'></script><crowd-entity-annotation>").keeps_all();
    builtin("bounding-box", &[]).template(FORM).keeps_all();
    builtin("bounding-box", &[]).template(FORM.replace("boundingBox", "boxes")).breaks(&["U6"]);
}

#[test]
fn u7() {
    let long = |n_chars: usize| format!("{FORM}{}", "水".repeat(n_chars - FORM.chars().count()));
    custom(&[]).template(long(128_001)).breaks_as(Level::Warning, "U7");
    custom(&[]).template(long(128_000)).keeps_all();
}

#[test]
fn f1() {
    builtin("bounding-box", &[(PRE, json!(builtin_arn("PRE-ImageMultiClass")))]).breaks(&["F1"]);
    builtin("bounding-box", &[(POST_CONFIG, post(&builtin_arn("ACS-Boxes")))]).breaks(&["F1"]);
    let of_ireland = builtin_arn("PRE-BoundingBox").replace("266458841044", "568282634449");
    builtin("bounding-box", &[(PRE, json!(of_ireland))]).breaks(&["F1"]);
    custom(&[(PRE, json!(builtin_arn("PRE-Nothing"))), (POST_CONFIG, post(&builtin_arn("ACS-Nothing")))])
        .breaks(&["F1", "F1"]);
}

#[test]
fn f2() {
    let case = builtin("bounding-box", &[]);
    let california: Value =
        serde_json::from_str(&case.spec.document().to_string().replace("us-east-2", "us-west-1")).expect("JSON");
    Case::of(JobSpec::new(california)).breaks(&["F2", "F2"]);
    case.keeps_all();
}

#[test]
fn f3() {
    for name in ["harbor-pre", "SAGEMAKER-pre", "sageMaker-pre", "gtrecipe-pre"] {
        custom(&[(PRE, json!(own_arn(name)))]).breaks(&["F3"]);
    }
    for name in ["GtRecipe-pre", "preLabelingFunction:live", "sagemaker-pre", "Sagemaker", "my-SageMaker-pre"] {
        custom(&[(PRE, json!(own_arn(name)))]).keeps_all();
    }
    custom(&[(PRE, json!(own_arn("a"))), (POST_CONFIG, post(&own_arn("b")))]).breaks(&["F3", "F3"]);
}

#[test]
fn f4() {
    custom(&[(PRE, Value::Null)]).breaks(&["F4"]);
    custom(&[(POST_CONFIG, Value::Null)]).breaks(&["F4"]);
    custom(&[(PRE, json!(builtin_arn("PRE-PassThrough")))]).breaks(&["F4"]);
    builtin("pass-through", &[(POST_CONFIG, Value::Null)]).breaks(&["F4"]);
    builtin("bounding-box", &[(POST_CONFIG, post(&own_arn("SageMaker-boxes")))]).breaks(&["F4"]);
    builtin("pass-through", &[]).keeps_all();
}

#[test]
fn f5() {
    builtin("bounding-box", &[(PRE, Value::Null)]).breaks(&["F5"]);
    builtin("bounding-box", &[(POST_CONFIG, Value::Null)]).breaks(&["F5"]);
    builtin("bounding-box", &[]).keeps_all();
}

#[test]
fn f6() {
    custom(&[(PRE, Value::Null), (POST_CONFIG, Value::Null)]).breaks_as(Level::Info, "F6");
}

#[test]
fn f7() {
    let pre = (PRE, json!(builtin_arn("PRE-VideoClassification")));
    let post = (POST_CONFIG, post(&builtin_arn("ACS-VideoClassification")));
    builtin("video-classification", &[pre, post]).breaks(&["F7", "F7"]);
    builtin("video-classification", &[]).keeps_all();
}

#[test]
fn r1() {
    let elsewhere = own_arn("SageMaker-pre").replace("us-east-2", "us-east-1");
    custom(&[(PRE, json!(elsewhere))]).breaks(&["R1"]);
    let ireland = [interface("NamedEntityRecognition")].map(|(at, ui)| {
        (at, json!({"HumanTaskUiArn": ui["HumanTaskUiArn"].as_str().expect("text").replace("us-east-2", "eu-west-1")}))
    });
    builtin("named-entity-recognition", &ireland).breaks(&["R1"]);
    let mut sent = custom(&[]);
    sent.endpoint_region = Some("us-east-2");
    sent.keeps_all();
    sent.endpoint_region = Some("eu-west-1");
    sent.breaks(&["R1", "R1", "R1"]);
}

#[test]
fn r4() {
    custom(&[(PRE, json!(own_arn("SageMaker-pre").replace("1111", "9999")))]).breaks_as(Level::Warning, "R4");
    custom(&[(TEAM, json!("arn:aws:sagemaker:us-east-2:999922223333:workteam/private-crowd/pilots"))]).breaks(&["R4"]);
    custom(&[(TEAM, json!("arn:aws:sagemaker:us-east-2:999922223333:workteam/vendor-crowd/x"))]).keeps_all();
}
