use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::labeling_job::testing::job;

/// Suffix, member, `-ref`, interface: one line per built-in task, as the API model and the guide have them.
const FACTS: &str = "\
ImageMultiClass source-ref no template
ImageMultiClassMultiLabel source-ref no template
BoundingBox source-ref no template
SemanticSegmentation source-ref yes template
VerificationBoundingBox source-ref no template
AdjustmentBoundingBox source-ref no template
VerificationSemanticSegmentation source-ref no template
AdjustmentSemanticSegmentation source-ref yes template
TextMultiClass source no template
TextMultiClassMultiLabel source no template
NamedEntityRecognition source no NamedEntityRecognition
VideoMultiClass source-ref no template
VideoObjectDetection source-ref yes VideoObjectDetection
VideoObjectTracking source-ref yes VideoObjectTracking
AdjustmentVideoObjectDetection source-ref yes VideoObjectDetection
AdjustmentVideoObjectTracking source-ref yes VideoObjectTracking
3DPointCloudObjectDetection source-ref no PointCloudObjectDetection
3DPointCloudObjectTracking source-ref yes PointCloudObjectTracking
3DPointCloudSemanticSegmentation source-ref yes PointCloudSemanticSegmentation
Adjustment3DPointCloudObjectDetection source-ref no PointCloudObjectDetection
Adjustment3DPointCloudObjectTracking source-ref yes PointCloudObjectTracking
Adjustment3DPointCloudSemanticSegmentation source-ref yes PointCloudSemanticSegmentation
PassThrough either avoid template";

#[test]
fn the_table_says_what_aws_says() {
    let line = |task_type: &TaskType| {
        let source = match task_type.source {
            SourceMember::Source => "source",
            SourceMember::SourceRef => "source-ref",
            SourceMember::Either => "either",
        };
        let ref_suffix = match task_type.ref_suffix {
            RefSuffix::Must => "yes",
            RefSuffix::MustNot => "no",
            RefSuffix::Avoid => "avoid",
        };
        let interface = match task_type.interface {
            Interface::Template => "template",
            Interface::HumanTaskUi(name) => name,
        };
        format!("{} {source} {ref_suffix} {interface}", task_type.function_suffix.expect("a built-in task"))
    };
    let lines: Vec<String> = BUILTIN.iter().map(line).collect();
    assert_eq!(lines.join("\n"), FACTS);
}

#[test]
fn names_are_unique() {
    let names: BTreeSet<&str> = TaskType::all().map(|task_type| task_type.name).collect();
    assert_eq!(names.len(), BUILTIN.len() + 1);
    assert!(names.iter().all(|name| TaskType::by_name(name).is_some_and(|found| found.name == *name)));
}

#[test]
fn what_goes_together_goes_together() {
    for task_type in &BUILTIN {
        let far = task_type.is_video_frame_or_3d();
        assert_eq!(task_type.only_n_workers, far.then_some(1), "{}", task_type.name);
        assert_eq!(task_type.price_table.is_none(), far, "{}", task_type.name);
        assert_eq!(task_type.widget_name.is_none(), far || task_type.is_custom(), "{}", task_type.name);
        let suffix = task_type.function_suffix.expect("a built-in task");
        let audits = suffix.starts_with("Adjustment") || suffix.starts_with("Verification");
        assert_eq!(task_type.is_audit(), audits, "{suffix}");
    }
}

#[test]
fn the_functions_decide() {
    let check = |pre: &str, post: &str, expected: Result<&str, &str>| {
        let arn = |name: &str| (!name.is_empty()).then(|| format!("arn:aws:lambda:us-east-2:{name}"));
        let config = arn(post).map(|arn| json!({"AnnotationConsolidationLambdaArn": arn}));
        let spec = job(&[
            ("/HumanTaskConfig/PreHumanTaskLambdaArn", arn(pre).map_or(Value::Null, Value::from)),
            ("/HumanTaskConfig/AnnotationConsolidationConfig", config.unwrap_or(Value::Null)),
        ]);
        let found = TaskType::of(&spec);
        assert_eq!(found.map(|found| found.name).map_err(|unknown| unknown.name), expected, "{pre} {post}");
    };
    check("", "", Ok("custom"));
    check("111122223333:function:PRE-BoundingBox", "", Ok("custom"));
    check("266458841044:function:PRE-BoundingBox", "266458841044:function:ACS-BoundingBox", Ok("bounding-box"));
    check("266458841044:function:PRE-PassThrough:1", "111122223333:function:own", Ok("pass-through"));
    check("", "266458841044:function:ACS-3DPointCloudObjectTracking", Ok("point-cloud-object-tracking"));
    check("266458841044:function:ACS-BoundingBox", "", Err("ACS-BoundingBox"));
    check("266458841044:function:PRE-VideoClassification", "", Err("PRE-VideoClassification"));
}

#[test]
fn functions_are_named_by_region() {
    let boxes = TaskType::by_suffix("BoundingBox").expect("a built-in task");
    let lambda = "arn:aws:lambda:eu-west-1:568282634449:function";
    assert_eq!(boxes.pre_function_arn("eu-west-1"), Some(format!("{lambda}:PRE-BoundingBox")));
    assert_eq!(boxes.consolidation_function_arn("eu-west-1"), Some(format!("{lambda}:ACS-BoundingBox")));
    assert_eq!(boxes.pre_function_arn("us-west-1"), None);
    assert_eq!(CUSTOM.pre_function_arn("eu-west-1"), None);
}
