//! The events that the two functions of a job get, as the service sends them. Pure.
//!
//! - [`pre_human_task`], [`annotation_consolidation`]: one event each; [`payload_element`]: a part of its payload.
//! - `s3_notification`: the data object that a streaming job makes of a notification.

use ground_truth::contract::annotation_consolidation::{AnnotationConsolidationRequest, PayloadLocation};
use ground_truth::contract::manifest::DataObject;
use ground_truth::contract::pre_human_task::PreHumanTaskRequest;
use ground_truth::contract::worker_response::WorkerAnswer;
use ground_truth::s3_uri::S3Uri;
use serde_json::{Map, Value, json};

use crate::job_file::LocalJob;
use crate::labeling_job::{Arn, path};

pub(crate) mod s3_notification;

/// The `version` that AWS documents for the events of both functions.
const VERSION: &str = "2018-10-16";

/// The event about one data object.
pub(crate) fn pre_human_task(labeling_job_arn: &str, data_object: DataObject) -> PreHumanTaskRequest {
    PreHumanTaskRequest {
        version: Some(VERSION.into()),
        labeling_job_arn: Some(labeling_job_arn.to_owned()),
        data_object,
        other: Map::new(),
    }
}

/// The event about a batch of answers. It holds only what labels depend on; the other members are the caller's to add.
pub(crate) fn annotation_consolidation(
    label_attribute_name: impl Into<String>,
    payload: PayloadLocation,
) -> AnnotationConsolidationRequest {
    AnnotationConsolidationRequest {
        version: Some(VERSION.into()),
        labeling_job_arn: None,
        label_categories: None,
        label_attribute_name: label_attribute_name.into(),
        role_arn: None,
        payload,
        output_config: None,
        kms_key_id: None,
        max_human_workers_per_data_object: None,
        vpc_enabled: None,
        other: Map::new(),
    }
}

/// The same event as a job has it, about a payload in S3.
pub(crate) fn annotation_consolidation_of(
    job: &LocalJob,
    categories: Option<&[String]>,
    payload: &S3Uri,
    annotations: &S3Uri,
) -> AnnotationConsolidationRequest {
    let text = |path: &str| job.file.spec().text(path).filter(|text| !text.is_empty()).map(str::to_owned);
    AnnotationConsolidationRequest {
        labeling_job_arn: Some(labeling_job_arn(job)),
        label_categories: categories.map(Value::from),
        role_arn: text(path::ROLE_ARN),
        output_config: Some(annotations.to_string()),
        kms_key_id: text(path::OUTPUT_KMS_KEY_ID),
        max_human_workers_per_data_object: Some(job.number_of_human_workers_per_data_object),
        ..annotation_consolidation(&job.label_attribute_name, PayloadLocation::S3(payload.to_string()))
    }
}

/// The job as its ARN names it: in lower case, in the account of its role and the region of its work team. Where the job
/// file does not tell them yet, those of AWS's own documentation.
pub(crate) fn labeling_job_arn(job: &LocalJob) -> String {
    let role = job.file.spec().text(path::ROLE_ARN).and_then(Arn::parse);
    let workteam = job.file.spec().text(path::WORKTEAM_ARN).and_then(Arn::parse);
    let partition = role.map_or("aws", |role| role.partition);
    let account = role.map_or("111122223333", |role| role.account);
    let region = workteam.map_or("us-east-1", |workteam| workteam.region);
    arn_of_job(partition, region, account, &job.labeling_job_name)
}

/// A labeling job as its ARN names it, which is in lower case.
pub(crate) fn arn_of_job(partition: &str, region: &str, account: &str, name: &str) -> String {
    format!("arn:{partition}:sagemaker:{region}:{account}:labeling-job/{}", name.to_lowercase())
}

/// One element of a payload. Of the line only the source goes along, under another name, and each answer is JSON inside
/// a string.
pub(crate) fn payload_element(object: &str, line: &Map<String, Value>, answers: &[WorkerAnswer]) -> Value {
    let source = match (line.get("source"), line.get("source-ref")) {
        (Some(text), _) => json!({ "content": text }),
        (None, Some(uri)) => json!({ "s3Uri": uri }),
        (None, None) => json!({}),
    };
    let annotation = |answer: &WorkerAnswer| {
        json!({
            "workerId": answer.worker_id,
            "annotationData": { "content": answer.answer_content.to_string() },
        })
    };
    let annotations: Vec<Value> = answers.iter().map(annotation).collect();
    json!({ "datasetObjectId": object, "dataObject": source, "annotations": annotations })
}

#[cfg(test)]
mod tests {
    use ground_truth::vocabulary::WorkerId;

    use super::*;

    #[test]
    fn an_answer_is_json_inside_a_string() {
        let answer = WorkerAnswer {
            acceptance_time: None,
            submission_time: None,
            time_spent_in_seconds: None,
            answer_content: json!({"animal": {"label": "otter"}}),
            worker_id: WorkerId::new("ana"),
            worker_metadata: None,
        };
        let check = |line: Value, source: &str| {
            let element = payload_element("12", line.as_object().expect("an object"), std::slice::from_ref(&answer));
            assert_eq!(
                element.to_string(),
                format!(
                    r#"{{"datasetObjectId":"12","dataObject":{source},"annotations":[{{"workerId":"ana","annotationData":{{"content":"{{\"animal\":{{\"label\":\"otter\"}}}}"}}}}]}}"#
                )
            );
        };
        check(json!({"source-ref": "s3://b/k", "river": "Dart"}), r#"{"s3Uri":"s3://b/k"}"#);
        check(json!({"source": "Ferry held", "river": "Dart"}), r#"{"content":"Ferry held"}"#);
    }
}
