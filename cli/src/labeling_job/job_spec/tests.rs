use serde_json::json;

use super::*;
use crate::labeling_job::TaskType;
use crate::labeling_job::testing::{builtin_document, changed, job};

#[test]
fn a_sound_job_has_no_problems() {
    assert_eq!(job(&[]).problems(), []);
}

#[test]
fn paths_lead_where_the_schema_has_members() {
    let paths = [
        path::LABELING_JOB_NAME,
        path::LABEL_ATTRIBUTE_NAME,
        path::DATA_SOURCE,
        path::S3_DATA_SOURCE,
        path::MANIFEST_S3_URI,
        path::INPUT_SNS_TOPIC_ARN,
        path::CONTENT_CLASSIFIERS,
        path::S3_OUTPUT_PATH,
        path::OUTPUT_KMS_KEY_ID,
        path::OUTPUT_SNS_TOPIC_ARN,
        path::ROLE_ARN,
        path::LABEL_CATEGORY_CONFIG_S3_URI,
        path::STOPPING_CONDITIONS,
        path::MAX_HUMAN_LABELED_OBJECT_COUNT,
        path::ALGORITHMS_CONFIG,
        path::ALGORITHM_SPECIFICATION_ARN,
        path::INITIAL_MODEL_ARN,
        path::VOLUME_KMS_KEY_ID,
        path::VPC_CONFIG,
        path::WORKTEAM_ARN,
        path::UI_CONFIG,
        path::UI_TEMPLATE_S3_URI,
        path::HUMAN_TASK_UI_ARN,
        path::PRE_HUMAN_TASK_LAMBDA_ARN,
        path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN,
        path::NUMBER_OF_HUMAN_WORKERS,
        path::TASK_TIME_LIMIT,
        path::TASK_AVAILABILITY_LIFETIME,
        path::MAX_CONCURRENT_TASK_COUNT,
        path::PUBLIC_WORKFORCE_TASK_PRICE,
        path::PRICE,
        path::TAGS,
        path::GTRUTH_MANIFEST,
        path::GTRUTH_TEMPLATE,
        path::GTRUTH_LABEL_CATEGORIES,
        path::GTRUTH_INPUT_PREFIX,
        path::GTRUTH,
    ];
    for path in paths {
        let mut spec = JobSpec::new(json!({}));
        spec.set_text(path, "");
        let unknown = |problem: &&Problem| problem.message.contains("no member known");
        assert_eq!(spec.problems().iter().find(unknown), None);
    }
}

#[test]
fn members_are_read_and_put_by_path() {
    let mut spec = JobSpec::new(json!({"HumanTaskConfig": {"TaskTitle": "t"}, "Tags": []}));
    assert_eq!(spec.text("HumanTaskConfig.TaskTitle"), Some("t"));
    assert_eq!(spec.text(path::WORKTEAM_ARN), None);
    spec.set_text(path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN, "arn");
    assert_eq!(spec.text(path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN), Some("arn"));
    spec.set_text("Tags.Key", "x");
    assert_eq!(spec.get("Tags"), Some(&json!([])));
}

#[test]
fn the_request_is_ours_to_strip() {
    let boxes = TaskType::by_name("bounding-box").expect("a task type");
    let algorithm = "arn:aws:sagemaker:us-east-2:027400017018:labeling-job-algorithm-specification/object-detection";
    let config = |resources: Value| json!({"LabelingJobAlgorithmSpecificationArn": algorithm, "LabelingJobResourceConfig": resources});
    let spec = changed(
        builtin_document(boxes),
        &[
            ("/OutputConfig/KmsKeyId", json!("")),
            ("/LabelingJobAlgorithmsConfig", config(json!({"VolumeKmsKeyId": ""}))),
            ("/gtruth", json!({"manifest": "m"})),
        ],
    );
    assert_eq!(spec.problems(), []);
    let mut expected = builtin_document(boxes);
    expected["LabelingJobAlgorithmsConfig"] = config(json!({}));
    assert_eq!(spec.request(), expected);
}
