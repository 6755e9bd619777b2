//! The wire, as AWS writes it: the types of both functions' requests and responses, of the payload file between them,
//! and of the manifests and worker-response files around them. Data without logic; every oddity of a wire format that
//! can be undone by a type is undone here.
//!
//! Sources: the developer guide's pages on custom labeling workflows and output data, the service's API model, and what
//! real jobs were seen to write. Members that nobody documented are optional, and unknown members are kept aside.

use serde::de::DeserializeOwned;
use serde_json::Value;

pub mod annotation_consolidation;
pub mod manifest;
pub mod payload;
pub mod pre_human_task;
pub mod worker_response;

/// Reads a function's event as a request.
///
/// # Errors
/// [`RequestError`], naming the path of the member that did not fit.
pub fn read_request<T: DeserializeOwned>(event: &Value) -> Result<T, RequestError> {
    serde_path_to_error::deserialize(event).map_err(|error| {
        let path = error.path().to_string();
        RequestError {
            path: if path == "." { "the event".to_owned() } else { format!("`{path}`") },
            problem: without_the_text(&error.into_inner().to_string()),
        }
    })
}

/// serde quotes a text that stands where none belongs. It can be a whole payload, and error messages go to the log, where
/// answers must never be.
fn without_the_text(problem: &str) -> String {
    match (problem.split_once(" string \""), problem.rsplit_once("\", expected ")) {
        (Some((fault, _)), Some((_, expected))) => format!("{fault} a text, expected {expected}"),
        _ => problem.to_owned(),
    }
}

/// An event that is not a request of Ground Truth's.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {problem}; is this function called by a labeling job, or by a test event from `events/`?")]
pub struct RequestError {
    path: String,
    problem: String,
}
