//! The two real binaries, started as Lambda starts them, between the Runtime API, S3 and STS of [`crate::loopback`]: what
//! an operator meets, and no test of a library can see.

mod failures;
mod history;
mod large_labels;
mod life;
mod logs;
mod plans;
mod reads;
mod roles;

use serde_json::{Value, json};

use crate::loopback::{Function, FunctionError, S3Server, StsServer};

const JOB: &str = "arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/river-survey";
const JOB_ROLE: &str = "arn:aws:iam::111122223333:role/ground-truth";

/// The job's `annotations` folder, and the payload of a batch, where and as the service names it.
const OUTPUT: &str = "s3://survey/River-Survey/annotations";
const PAYLOAD: &str = "s3://survey/River-Survey/annotations/consolidated-annotation/consolidation-request/iteration-1/\
                       2024-05-06_07:08:09.json";

/// AnnotationConsolidationLambda as a process, and the services it calls.
struct Consolidation {
    s3: S3Server,
    sts: StsServer,
    function: Function,
}

impl Consolidation {
    /// Starts the function with `variables` as its configuration. S3 is empty.
    fn start(variables: &[(&str, &str)]) -> Self {
        let (s3, sts) = (S3Server::start(), StsServer::start());
        let (s3_endpoint, sts_endpoint) = (s3.endpoint(), sts.endpoint());
        let endpoints = [("AWS_ENDPOINT_URL_S3", &*s3_endpoint), ("AWS_ENDPOINT_URL_STS", &*sts_endpoint)];
        let function = Function::start("annotation-consolidation", &[&endpoints, variables].concat());
        Self { s3, sts, function }
    }

    fn invoke(&mut self, event: &Value) -> Result<Value, FunctionError> {
        invoke(&mut self.function, event)
    }

    /// What the function makes of the standard event with this payload.
    fn consolidate(&mut self, payload: &Value) -> Value {
        self.s3.put(PAYLOAD, payload.to_string());
        self.invoke(&event()).expect("the batch is fine")
    }

    /// The error of an event, whose name must be `error_type`.
    fn failure(&mut self, event: &Value, error_type: &str) -> String {
        failure(&mut self.function, event, error_type)
    }

    /// The access key ids of the requests for an object, in the order of arrival.
    fn readers(&self, uri: &str) -> Vec<String> {
        let requests = self.s3.requests().into_iter().filter(|request| request.uri == uri);
        requests.map(|request| request.access_key_id().expect("every request is signed").to_owned()).collect()
    }
}

fn invoke(function: &mut Function, event: &Value) -> Result<Value, FunctionError> {
    let answer = function.invoke(&event.to_string())?;
    Ok(serde_json::from_str(&answer).expect("the answer is JSON"))
}

fn failure(function: &mut Function, event: &Value, error_type: &str) -> String {
    let error = invoke(function, event).expect_err("the event must fail");
    assert_eq!(error.error_type, error_type, "{}", error.error_message);
    error.error_message
}

/// The event of one batch, as the service sends it.
fn event() -> Value {
    json!({
        "version": "2018-10-16",
        "labelingJobArn": JOB,
        "labelAttributeName": "species",
        "roleArn": JOB_ROLE,
        "outputConfig": OUTPUT,
        "payload": {"s3Uri": PAYLOAD},
    })
}

/// The standard event with other members; `null` is as good as none.
fn event_with(members: Value) -> Value {
    let mut event = event();
    let Value::Object(members) = members else { panic!("members are an object") };
    event.as_object_mut().expect("an event is an object").extend(members);
    event
}

/// A batch of one data object per list of annotations; their ids count from 0.
fn payload(objects: impl IntoIterator<Item = Vec<Value>>) -> Value {
    let object = |(idx, annotations): (usize, Vec<Value>)| {
        json!({
            "datasetObjectId": idx.to_string(),
            "dataObject": {"s3Uri": "s3://survey/images/heron.png"},
            "annotations": annotations,
        })
    };
    objects.into_iter().enumerate().map(object).collect()
}

/// A worker's answer to the form field `animal`, a `crowd-classifier`.
fn answer(worker_id: &str, animal: &str) -> Value {
    annotation(worker_id, json!({"content": content(animal)}))
}

fn annotation(worker_id: &str, annotation_data: Value) -> Value {
    json!({"workerId": worker_id, "annotationData": annotation_data})
}

/// The JSON text of a form.
fn content(animal: &str) -> String {
    json!({"animal": {"label": animal}}).to_string()
}

/// One object, and three workers who disagree on it.
fn herons_and_an_otter() -> Value {
    payload([vec![answer("ana", "heron"), answer("bo", "otter"), answer("cy", "heron")]])
}

/// The label of the form field `animal` of an entry of the response.
fn animal(response: &Value, idx: usize) -> &Value {
    &response[idx]["consolidatedAnnotation"]["content"]["species"]["animal"]
}
