//! The journey of one request.

use ground_truth::contract;
use ground_truth::contract::manifest::DataObject;
use ground_truth::contract::pre_human_task::{PreHumanTaskRequest, PreHumanTaskResponse};
use serde_json::Value;

use crate::config::Config;
use crate::error::HandleError;
use crate::{human_annotation, task_input};

/// The most characters of task input that the worker portal is known to take: the bound of `RenderUiTemplate`, AWS's own
/// way to try a template.
const MAX_TASK_INPUT_CHARACTERS: usize = 128_000;

/// Answers one event as Lambda delivers it.
///
/// # Errors
/// [`HandleError::BadEvent`] when it is not a pre-annotation request.
pub fn handle_event(event: &Value, config: &Config) -> Result<PreHumanTaskResponse, HandleError> {
    let request = contract::read_request(event).map_err(HandleError::BadEvent)?;
    Ok(handle(&request, config))
}

/// Prepares one data object for the workers, or excludes it. Stateless: the service may call twice, in any order.
pub fn handle(request: &PreHumanTaskRequest, config: &Config) -> PreHumanTaskResponse {
    let data_object = &request.data_object;
    let task_input = task_input::build(data_object, config);
    let is_human_annotation_required = match unshowable(data_object) {
        Some(reason) => {
            tracing::warn!(reason, "the data object cannot be shown to workers and is excluded");
            false
        }
        None => human_annotation::is_required(data_object, &config.human_annotation),
    };
    let n_characters = Value::Object(task_input.clone()).to_string().chars().count();
    if n_characters > MAX_TASK_INPUT_CHARACTERS {
        tracing::warn!(
            n_characters,
            "taskInput passes {MAX_TASK_INPUT_CHARACTERS} characters, and workers may not see the task; \
             drop `manifestLine` or large members in {}, or put the data into S3",
            crate::config::TASK_INPUT
        );
    }
    tracing::info!(
        labeling_job_arn = request.labeling_job_arn,
        is_human_annotation_required,
        n_characters,
        "prepared one data object"
    );
    PreHumanTaskResponse { task_input, is_human_annotation_required }
}

/// Why there is nothing to show, if there is nothing.
fn unshowable(data_object: &DataObject) -> Option<&'static str> {
    let is_test_event = data_object.members.get("Event").and_then(Value::as_str) == Some("s3:TestEvent");
    match data_object.source() {
        Some(_) => None,
        // Sent once when a bucket is wired to a streaming job's topic after the job has started.
        None if is_test_event => Some("it is S3's test event"),
        None => Some("it has neither `source` nor `source-ref` as a text"),
    }
}
