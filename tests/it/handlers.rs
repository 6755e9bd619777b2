//! Both functions end to end, with the store in memory: an event in, JSON out.

mod cases;
mod events;
mod formats;
mod logs;
mod mistakes;
mod promises;
mod shapes;

use std::fmt::Debug;

use annotation_consolidation::{Config, Function, HandleError};
use ground_truth::contract::annotation_consolidation::AnnotationConsolidationRequest;
use ground_truth::contract::read_request;
use ground_truth::plan::ConsolidationPlan;
use ground_truth::s3_uri::S3Uri;
use ground_truth::store::{MemoryStore, ObjectStore};
use serde::Serialize;
use serde_json::{Value, json};

use crate::loopback::block_on;

const JOB_ARN: &str = "arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/harbor-survey-3";
const OUTPUT: &str = "s3://harbor-sagemaker-out/jobs/Harbor-Survey-3/annotations";
const PAYLOAD_URI: &str = "s3://harbor-sagemaker-out/jobs/Harbor-Survey-3/annotations/consolidated-annotation/\
                           consolidation-request/iteration-1/2024-09-30_06:07:08.json";

/// What PreHumanTaskLambda answers, without any configuration.
fn pre_human_task(event: &Value) -> Value {
    let config = pre_human_task::Config::from_vars(|_| None).expect("the defaults");
    written(pre_human_task::handle_event(event, &config).expect("an answer"))
}

/// What it answers about one data object.
fn prepare(data_object: Value) -> Value {
    pre_human_task(&json!({ "version": "2018-10-06", "labelingJobArn": JOB_ARN, "dataObject": data_object }))
}

/// What AnnotationConsolidationLambda answers.
fn annotation_consolidation(event: &Value, store: &dyn ObjectStore, plan: &Value) -> Result<Value, HandleError> {
    let function = Function::new(Config::default()).expect("the defaults");
    let plan = ConsolidationPlan::from_value(plan).expect("a plan");
    let request: AnnotationConsolidationRequest = read_request(event).map_err(HandleError::BadEvent)?;
    block_on(function.handle(&request, store, &plan)).map(|handled| written(handled.entries))
}

/// What it answers about a payload that lies in S3, as the service sends it.
fn consolidate(payload: &Value, plan: &Value) -> Value {
    let store = MemoryStore::new().with(&uri(PAYLOAD_URI), payload.to_string());
    annotation_consolidation(&event(), &store, plan).expect("an answer")
}

/// The event about [`PAYLOAD_URI`].
fn event() -> Value {
    json!({
        "version": "2018-10-06",
        "labelingJobArn": JOB_ARN,
        "labelCategories": ["ferry", "barge", "skiff"],
        "labelAttributeName": "harbor-survey",
        "roleArn": "arn:aws:iam::111122223333:role/harbor-gt-exec",
        "payload": { "s3Uri": PAYLOAD_URI },
        "outputConfig": OUTPUT,
    })
}

/// The same event with one member more, or with another value of it.
fn event_with(name: &str, value: Value) -> Value {
    let mut event = event();
    event[name] = value;
    event
}

/// An element of a payload: who answered what.
fn object(id: &str, answers: &[(&str, Value)]) -> Value {
    let annotations: Vec<Value> = answers.iter().map(|(worker, answer)| annotation(worker, answer)).collect();
    json!({ "datasetObjectId": id, "dataObject": { "s3Uri": "s3://harbor-sagemaker-in/1.png" }, "annotations": annotations })
}

fn annotation(worker: &str, answer: &Value) -> Value {
    json!({ "workerId": worker, "annotationData": { "content": answer.to_string() } })
}

/// The label of an entry of the response.
fn label(response: &Value, idx: usize) -> &Value {
    &response[idx]["consolidatedAnnotation"]["content"]["harbor-survey"]
}

/// The ids of a response's entries.
fn ids(response: &Value) -> Vec<&Value> {
    let entries = response.as_array().expect("a bare array");
    entries.iter().map(|entry| &entry["datasetObjectId"]).collect()
}

/// The response as Lambda returns it.
fn written(response: impl Serialize + Debug) -> Value {
    let text = serde_json::to_string(&response).expect("serializable");
    serde_json::from_str(&text).expect("what was written can be read")
}

fn uri(text: &str) -> S3Uri {
    text.parse().expect("an S3 URI")
}
