use serde_json::json;

use super::*;
use crate::labeling_job::testing::{job, sound_document};

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
        path::MANIFEST_S3_URI,
        path::S3_OUTPUT_PATH,
        path::OUTPUT_KMS_KEY_ID,
        path::ROLE_ARN,
        path::LABEL_CATEGORY_CONFIG_S3_URI,
        path::VOLUME_KMS_KEY_ID,
        path::WORKTEAM_ARN,
        path::UI_CONFIG,
        path::UI_TEMPLATE_S3_URI,
        path::HUMAN_TASK_UI_ARN,
        path::PRE_HUMAN_TASK_LAMBDA_ARN,
        path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN,
        path::NUMBER_OF_HUMAN_WORKERS,
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
    let spec = job(&[
        ("/OutputConfig/KmsKeyId", json!("")),
        (
            "/LabelingJobAlgorithmsConfig",
            json!({
                "LabelingJobAlgorithmSpecificationArn": "arn:aws:x",
                "LabelingJobResourceConfig": {"VolumeKmsKeyId": ""}
            }),
        ),
        ("/gtruth", json!({"manifest": "m"})),
    ]);
    assert_eq!(spec.problems(), []);
    let mut expected = sound_document();
    expected["LabelingJobAlgorithmsConfig"] =
        json!({"LabelingJobAlgorithmSpecificationArn": "arn:aws:x", "LabelingJobResourceConfig": {}});
    assert_eq!(spec.request(), expected);
}
