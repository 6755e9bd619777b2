use serde_json::json;

use super::*;
use crate::labeling_job::testing::job;

/// Every line that is said about a sound job once it is changed.
fn check(changes: &[(&str, Value)], expected: &[&str]) {
    let lines: Vec<String> = job(changes).problems().iter().map(Problem::to_string).collect();
    assert_eq!(lines, expected);
}

/// The same for a single member of `HumanTaskConfig`.
fn check_task(name: &str, value: Value, expected: &[&str]) {
    check(&[(&format!("/HumanTaskConfig/{name}"), value)], expected);
}

#[test]
fn an_unknown_member_meets_the_nearest_known_one() {
    check(
        &[("/Tag", json!([])), ("/gtruht", json!({})), ("/OutputConfig/kmskeyid", json!("k"))],
        &[
            "error: OutputConfig.kmskeyid is not a known member; did you mean `KmsKeyId`?",
            "error: Tag is not a known member; did you mean `Tags`?",
            "error: gtruht is not a known member; did you mean `gtruth`?",
        ],
    );
    check(
        &[("/gtruth", json!({"seed": 1}))],
        &["error: gtruth.seed is not a known member; the known ones are manifest, template, labelCategories, plan, \
           taskInput, inputPrefix, localRun"],
    );
}

#[test]
fn a_missing_structure_is_told_by_its_members() {
    check(
        &[("/OutputConfig", Value::Null)],
        &["error: OutputConfig.S3OutputPath is missing; give a URI such as s3://BUCKET/KEY"],
    );
    check_task(
        "AnnotationConsolidationConfig",
        json!({}),
        &[
            "error: HumanTaskConfig.AnnotationConsolidationConfig.AnnotationConsolidationLambdaArn is missing; give the ARN \
         of a function, such as arn:aws:lambda:us-east-1:111122223333:function:NAME",
            "warning[F4]: HumanTaskConfig.AnnotationConsolidationConfig.AnnotationConsolidationLambdaArn is missing although \
         the job has a pre function; give both functions or neither",
        ],
    );
}

#[test]
fn all_is_said_about_an_empty_file() {
    let lines = |document: Value| -> Vec<String> {
        crate::labeling_job::JobSpec::new(document)
            .problems()
            .iter()
            .map(|problem| problem.location.member().to_owned())
            .collect()
    };
    insta::assert_snapshot!(lines(json!({})).join("\n"));
    assert_eq!(lines(json!([])), ["the job file"]);
    assert_eq!(lines(Value::Null), ["the job file"]);
}

#[test]
fn types_are_told_with_their_remedy() {
    let tags = |value: Value| [("/Tags", json!([{"Key": "account", "Value": value}]))];
    check(
        &tags(json!(210987654321_u64)),
        &["error: Tags[0].Value is a number, and not text; put the value in quotes, so that it is read as text"],
    );
    check(
        &tags(json!(true)),
        &["error: Tags[0].Value is a boolean, and not text; put the value in quotes, so that it is read as text"],
    );
    check(&tags(json!(null)), &["error: Tags[0].Value has no value; give it one or leave the member out"]);
    check(
        &tags(json!(["a"])),
        &[
            "error: Tags[0].Value is a list, and not text; give letters, digits, blanks and _ . : / = + - @, as tags may hold \
         no other characters",
        ],
    );
    check_task(
        "TaskTimeLimitInSeconds",
        json!("600"),
        &["error: HumanTaskConfig.TaskTimeLimitInSeconds is text, and not a whole number; write 600 without quotes"],
    );
    check_task(
        "TaskTimeLimitInSeconds",
        json!("long"),
        &[
            "error: HumanTaskConfig.TaskTimeLimitInSeconds is text, and not a whole number; give a whole number from 30 on",
        ],
    );
    check_task(
        "TaskTimeLimitInSeconds",
        json!(600.5),
        &[
            "error: HumanTaskConfig.TaskTimeLimitInSeconds is 600.5, and not a whole number; give a whole number from 30 on",
        ],
    );
    check_task(
        "TaskKeywords",
        json!("boats"),
        &["error: HumanTaskConfig.TaskKeywords is text, and not a list; write it as a list, even of one element"],
    );
    check_task(
        "UiConfig",
        json!("ui.html"),
        &[
            "error: HumanTaskConfig.UiConfig is text, and not an object; give it members",
            "error[U1]: HumanTaskConfig.UiConfig names no worker interface; give the template's s3:// URI as UiTemplateS3Uri",
        ],
    );
}

#[test]
fn bounds() {
    let range = "HumanTaskConfig.NumberOfHumanWorkersPerDataObject";
    for n in [0_i64, 10, -1] {
        check_task(
            "NumberOfHumanWorkersPerDataObject",
            json!(n),
            &[&format!("error: {range} is {n}, which is out of range; give a whole number from 1 to 9")],
        );
    }
    for n in [2, 9] {
        check_task("NumberOfHumanWorkersPerDataObject", json!(n), &[]);
    }
    check_task("TaskTitle", json!("水".repeat(128)), &[]);
    check_task(
        "TaskTitle",
        json!("水".repeat(129)),
        &["error: HumanTaskConfig.TaskTitle has 129 characters; give at most 128"],
    );
    check_task("TaskTitle", json!(""), &["error: HumanTaskConfig.TaskTitle has 0 characters; give at least 1"]);
    check_task("TaskKeywords", json!([]), &["error: HumanTaskConfig.TaskKeywords has 0 elements; give 1 to 5"]);
    check_task(
        "TaskKeywords",
        json!(["a", "Multi-label"]),
        &[
            "error: HumanTaskConfig.TaskKeywords[1] is \"Multi-label\", which does not fit; give words of letters and digits \
         with single blanks between",
        ],
    );
}

#[test]
fn tag_keys_are_unique() {
    let tag = |key: &str| json!({"Key": key, "Value": ""});
    check(
        &[("/Tags", json!([tag("a"), tag("A"), tag("a")]))],
        &["error: Tags[2].Key repeats \"a\"; give every element its own"],
    );
}

#[test]
fn known_values() {
    let classifiers = |value: &str| [("/InputConfig/DataAttributes", json!({"ContentClassifiers": [value]}))];
    check(&classifiers("FreeOfAdultContent"), &[]);
    check(
        &classifiers("FreeOfAdultContents"),
        &[
            "error: InputConfig.DataAttributes.ContentClassifiers[0] is `FreeOfAdultContents`, which is not among the known \
         values; did you mean `FreeOfAdultContent`?",
        ],
    );
}

#[test]
fn locations_in_s3() {
    let manifest = "/InputConfig/DataSource/S3DataSource/ManifestS3Uri";
    let path = "InputConfig.DataSource.S3DataSource.ManifestS3Uri";
    check(&[(manifest, json!("data/watch.manifest"))], &[]);
    check(
        &[(manifest, json!("http://b/k"))],
        &[&format!("error: {path} is \"http://b/k\", which does not fit; give a URI such as s3://BUCKET/KEY")],
    );
    check(
        &[(manifest, json!("https://b/k"))],
        &[&format!(
            "warning: {path} is an https address, a form that no guide of AWS uses; give it as s3://BUCKET/KEY"
        )],
    );
    check(
        &[(manifest, json!(""))],
        &[&format!("error: {path} is \"\", which does not fit; give a URI such as s3://BUCKET/KEY")],
    );
    check(
        &[("/OutputConfig/S3OutputPath", json!("out"))],
        &["error: OutputConfig.S3OutputPath is \"out\", which does not fit; give a URI such as s3://BUCKET/KEY"],
    );
}

#[test]
fn only_what_a_local_run_needs_stops_it() {
    let stops = |changes: &[(&str, Value)]| !job(changes).problems_of_a_local_run().is_empty();
    assert!(!stops(&[("/RoleArn", Value::Null)]));
    assert!(!stops(&[("/HumanTaskConfig/UiConfig/UiTemplateS3Uri", json!("ui.html"))]));
    assert!(stops(&[("/LabelingJobName", Value::Null)]));
    assert!(stops(&[("/HumanTaskConfig/NumberOfHumanWorkersPerDataObject", Value::Null)]));
    assert!(stops(&[("/RoleArm", json!("x"))]));
}
