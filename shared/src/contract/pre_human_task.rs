//! Request and response of a PreHumanTaskLambda, called once per data object before any worker sees it.
//!
//! AWS: developer guide, "Pre-annotation Lambda" (sms-custom-templates-step3-lambda-requirements).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::manifest::DataObject;

/// The event of a pre-annotation function: one data object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a JSON object")]
pub struct PreHumanTaskRequest {
    /// An internal number of the service. Documented as `2018-10-16`, seen as `2018-10-06`: opaque.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Value>,
    /// The job's ARN. Its name part is in lower case, whatever the job is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labeling_job_arn: Option<String>,
    /// The whole manifest line, or the body of the streaming job's message.
    pub data_object: DataObject,
    /// Members this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// What Ground Truth expects: nothing around it, no status code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreHumanTaskResponse {
    /// Becomes `task.input` in the worker template.
    pub task_input: Map<String, Value>,
    /// Whether workers see the object at all. Always a JSON boolean under this one name; older spellings are only read,
    /// and only in manifests ([`DataObject::is_human_annotation_required`]).
    pub is_human_annotation_required: bool,
}
