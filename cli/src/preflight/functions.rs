//! The two functions: there, and answering as Ground Truth needs it; and the worker's page made of the first answer.

use annotation_consolidation::HandleError;
use ground_truth::contract::annotation_consolidation::{AnnotationConsolidationRequest, PayloadLocation};
use ground_truth::contract::manifest::DataObject;
use ground_truth::contract::pre_human_task::PreHumanTaskResponse;
use ground_truth::s3_uri::S3Uri;
use serde_json::{Value, json};

use super::observation::Observation;
use super::{Preflight, local_text, role_arn};
use crate::aws::{Invocation, RenderedUi};
use crate::events;
use crate::labeling_job::builtin_arns::is_builtin_function;
use crate::labeling_job::{Arn, path};
use crate::worker_template::MAX_CHARACTERS;

/// The only data object of the synthetic payload.
const OBJECT_ID: &str = "0";

/// Whether a function is the user's. Those of AWS's built-in tasks lie in accounts that nobody else may look into.
pub(super) fn is_own(arn: &str) -> bool {
    Arn::parse(arn).is_none_or(|arn| !is_builtin_function(&arn))
}

pub(super) async fn exist(job: &Preflight<'_>) -> Vec<Observation> {
    let members = [path::PRE_HUMAN_TASK_LAMBDA_ARN, path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN];
    let mut observations = Vec::new();
    for arn in members.into_iter().filter_map(|member| job.spec.text(member)) {
        if !is_own(arn) {
            observations.push(Observation::ok(format!("{arn} is one of AWS's own")));
            continue;
        }
        observations.push(match job.aws.function_configuration(arn).await {
            Ok(Some(found)) => match found.get("State").and_then(Value::as_str) {
                // An idle function wakes up when it is invoked.
                Some("Active" | "Inactive") | None => Observation::ok(format!("{arn} is there")),
                Some(state) => Observation::problem(format!("{arn} is {state}"), "see its page in the Lambda console"),
            },
            Ok(None) => Observation::problem(format!("{arn} does not exist"), "deploy it, or correct its ARN"),
            Err(error) => Observation::unanswered(format!("whether {arn} is there"), &error),
        });
    }
    if observations.is_empty() {
        observations.push(Observation::ok("the job calls no function"));
    }
    observations
}

/// The pre function answers for the first data object, and the template renders with its answer.
pub(super) async fn page(job: &Preflight<'_>) -> Vec<Observation> {
    let mut observations = Vec::new();
    let task_input = match task_input(job).await {
        Ok((input, observation)) => {
            observations.extend(observation);
            input
        }
        Err(observation) => return vec![observation],
    };
    let Some(task_input) = task_input else { return observations };
    let template;
    let ui = if let Some(arn) = job.spec.text(path::HUMAN_TASK_UI_ARN) {
        RenderedUi::HumanTaskUi(arn)
    } else {
        match template_text(job).await {
            Ok(Some(text)) => template = text,
            Ok(None) => return observations,
            Err(observation) => {
                observations.push(observation);
                return observations;
            }
        }
        RenderedUi::Template(&template)
    };
    let Some(role) = role_arn(job.spec) else { return observations };
    observations.push(match job.aws.render_ui_template(ui, &task_input, role).await {
        Ok(rendered) => {
            let faults = rendered.get("Errors").and_then(Value::as_array).cloned().unwrap_or_default();
            let texts: Vec<&str> = faults.iter().filter_map(|fault| fault.get("Message")?.as_str()).collect();
            if faults.is_empty() {
                Observation::ok("the first data object renders as a page for workers")
            } else {
                Observation::problem(
                    format!("the template does not render: {}", texts.join("; ")),
                    "correct it; `gtruth job render` shows the page",
                )
            }
        }
        Err(error) if error.has_code("ValidationException") => Observation::problem(
            format!("the template does not render: {error}"),
            "correct it, and see `gtruth job render`",
        ),
        Err(error) => Observation::unanswered("whether the template renders", &error),
    });
    observations
}

/// What the template gets as `task.input`; none where it cannot be known.
async fn task_input(job: &Preflight<'_>) -> Result<(Option<Value>, Option<Observation>), Observation> {
    let Some(line) = job.sample.first() else { return Ok((None, None)) };
    let Some(arn) = job.spec.text(path::PRE_HUMAN_TASK_LAMBDA_ARN) else {
        // Without a pre function the line itself is the input.
        return Ok((Some(Value::Object(line.clone())), None));
    };
    if !job.invoke || !is_own(arn) {
        return Ok((None, None));
    }
    let event = events::pre_human_task(&labeling_job_arn(job), DataObject { members: line.clone() });
    let event = serde_json::to_value(event).unwrap_or_default();
    let answer = match job.aws.invoke(arn, &event).await {
        Ok(Invocation::Answered(answer)) => answer,
        Ok(Invocation::Failed { error_type, message }) => return Err(failed(arn, &error_type, &message)),
        Err(error) => return Err(Observation::unanswered(format!("what {arn} returns"), &error)),
    };
    let misfit = |what: String| {
        Observation::problem(
            format!("{arn} answers the first data object with {what}"),
            r#"let it return {"taskInput": {…}, "isHumanAnnotationRequired": true}"#,
        )
    };
    let answer: Value = serde_json::from_slice(&answer)
        .map_err(|error| misfit(format!("something that is not valid JSON: {error}")))?;
    let n_characters = answer.get("taskInput").map(|input| input.to_string().chars().count()).unwrap_or_default();
    // `isHumanAnnotationRequired` may be left out, so only `taskInput` is demanded.
    match answer.get("taskInput") {
        Some(Value::Object(_)) if n_characters > MAX_CHARACTERS => {
            Err(misfit(format!("a taskInput of {n_characters} characters, more than {MAX_CHARACTERS}")))
        }
        Some(input @ Value::Object(_)) => {
            let is_shown = serde_json::from_value::<PreHumanTaskResponse>(answer.clone())
                .map_or(true, |response| response.is_human_annotation_required);
            let note = if is_shown { "" } else { ", which no worker is to see" };
            Ok((Some(input.clone()), Some(Observation::ok(format!("{arn} answers for the first data object{note}")))))
        }
        Some(_) => Err(misfit("a taskInput that is not an object".to_owned())),
        None => Err(misfit("no taskInput".to_owned())),
    }
}

/// The consolidation function answers for one data object that one worker answered with one field.
pub(super) async fn consolidation(job: &Preflight<'_>) -> Vec<Observation> {
    let arn = job.spec.text(path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN);
    let Some(arn) = arn.filter(|arn| job.invoke && is_own(arn)) else { return Vec::new() };
    let element = json!({
        "datasetObjectId": OBJECT_ID,
        "dataObject": { "content": "preflight" },
        "annotations": [{
            "workerId": "preflight",
            "annotationData": { "content": json!({ "preflight": "yes" }).to_string() }
        }]
    });
    let text = |member: &str| job.spec.text(member).map(str::to_owned);
    // Inside the event, so that nothing has to be written to S3.
    let payload = PayloadLocation::Inline(vec![element]);
    let event = AnnotationConsolidationRequest {
        labeling_job_arn: Some(labeling_job_arn(job)),
        role_arn: text(path::ROLE_ARN),
        ..events::annotation_consolidation(text(path::LABEL_ATTRIBUTE_NAME).unwrap_or_default(), payload)
    };
    let event = serde_json::to_value(event).unwrap_or_default();
    vec![match job.aws.invoke(arn, &event).await {
        Ok(Invocation::Answered(answer)) => match serde_json::from_slice(&answer) {
            Ok(Value::Array(entries)) if entries.iter().all(is_of_the_payload) => {
                Observation::ok(format!("{arn} answers a synthetic payload"))
            }
            _ => Observation::problem(
                format!("{arn} answers a synthetic payload with something that is not a consolidation response"),
                r#"let it return [{"datasetObjectId": "…", "consolidatedAnnotation": {"content": {…}}}]"#,
            ),
        },
        // Other functions read the payload from S3 and fail at one inside the event, which says nothing about them.
        Ok(Invocation::Failed { error_type, message }) if is_of_this_project(&error_type) => {
            failed(arn, &error_type, &message)
        }
        Ok(Invocation::Failed { error_type, .. }) => Observation::unknown(format!(
            "{arn} failed with {error_type} at a payload inside the event, which only the functions of this project take"
        )),
        Err(error) => Observation::unanswered(format!("what {arn} returns"), &error),
    }]
}

fn is_of_the_payload(entry: &Value) -> bool {
    entry.get("datasetObjectId").is_some_and(|id| id == OBJECT_ID)
        && entry.pointer("/consolidatedAnnotation/content").is_some_and(Value::is_object)
}

/// Whether the consolidation function of this workspace gives such an error. Its types are part of its contract.
fn is_of_this_project(error_type: &str) -> bool {
    HandleError::TYPES.contains(&error_type)
}

fn failed(arn: &str, error_type: &str, message: &str) -> Observation {
    Observation::problem(format!("{arn} failed: {error_type}: {message}"), "read its log")
}

async fn template_text(job: &Preflight<'_>) -> Result<Option<String>, Observation> {
    let local = || job.file.template_path().map(|path| local_text(&path)).transpose();
    let Some(member) = job.spec.text(path::UI_TEMPLATE_S3_URI) else {
        return local();
    };
    let Ok(uri) = member.parse::<S3Uri>() else {
        return local();
    };
    let too_long = || {
        Observation::problem(
            format!("{uri} has more than {MAX_CHARACTERS} characters"),
            "load scripts and styles from S3",
        )
    };
    match job.aws.read_start(&uri, 4 * MAX_CHARACTERS as u64 + 1).await {
        Ok(Some(bytes)) => match String::from_utf8(bytes) {
            Ok(text) if text.chars().count() > MAX_CHARACTERS => Err(too_long()),
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(Observation::problem(format!("{uri} is not valid UTF-8"), "save it as UTF-8")),
        },
        Ok(None) => Err(Observation::problem(format!("{uri} does not exist"), "upload the worker template there")),
        Err(error) => Err(Observation::unanswered(format!("what {uri} holds"), &error)),
    }
}

fn labeling_job_arn(job: &Preflight<'_>) -> String {
    let name = job.spec.text(path::LABELING_JOB_NAME).unwrap_or_default();
    let partition = job.spec.text(path::ROLE_ARN).and_then(Arn::parse).map_or("aws", |role| role.partition);
    events::arn_of_job(partition, job.aws.region(), job.account, name)
}
