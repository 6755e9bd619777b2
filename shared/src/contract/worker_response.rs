//! Worker-response files: the raw answers to one data object, as Ground Truth keeps them beside the job's output.
//!
//! AWS: developer guide, "Worker response" in "Output data" (sms-data-output). Times and identities stand only here,
//! never in the payload of the consolidation function.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::vocabulary::WorkerId;

/// One file: `annotations/worker-response/iteration-<n>/<datasetObjectId>/<time>.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkerResponse {
    /// One entry per submitted answer.
    pub answers: Vec<WorkerAnswer>,
}

/// One submitted answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerAnswer {
    /// When the worker took the task: `YYYY-MM-DDTHH:MM:SS.mmmZ`. Files of early 2020 lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance_time: Option<String>,
    /// When the worker sent the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission_time: Option<String>,
    /// Active time in seconds, without pauses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_spent_in_seconds: Option<serde_json::Number>,
    /// The form: an object here, where the payload holds the same answer as text.
    pub answer_content: Value,
    /// Who answered.
    pub worker_id: WorkerId,
    /// Identity data of a private workforce: personal, never logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker_metadata: Option<Map<String, Value>>,
}
