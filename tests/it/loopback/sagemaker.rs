//! SageMaker, as far as labeling jobs go, over its real wire protocol: JSON 1.1 with the operation in `X-Amz-Target`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::REGION;
use super::server::{HangUp, Server};

/// A SageMaker that keeps the jobs it is asked to create, and gets into trouble where a test wants it to.
pub(crate) struct SageMaker {
    server: Server,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// By name in lower case, since names are compared without case: what was asked for, and what was set beside it.
    jobs: BTreeMap<String, Value>,
    /// Operation and body of every request, in the order of arrival.
    requests: Vec<(String, Value)>,
    /// The access key id of the last request.
    signer: String,
    troubles: Vec<(String, Trouble)>,
    /// What RenderUiTemplate answers.
    rendered: Value,
}

/// What keeps a client from a plain answer to one request.
#[derive(Clone)]
pub(crate) enum Trouble {
    /// An error with this status, code and text.
    Refusal(u16, &'static str, &'static str),
    /// The connection is closed without an answer, before or after the work is done.
    HangUp { done: bool },
    /// No answer ever comes, before or after the work is done.
    Silence { done: bool },
}

impl SageMaker {
    pub(crate) fn start() -> Self {
        let state = Arc::<Mutex<State>>::default();
        let server = Server::start_unreliable({
            let state = Arc::clone(&state);
            move |request| answer(request, Arc::clone(&state))
        });
        Self { server, state }
    }

    /// The value of `AWS_ENDPOINT_URL_SAGEMAKER`.
    pub(crate) fn endpoint(&self) -> String {
        self.server.url()
    }

    /// Gets into this trouble at the next request for an operation that has none planned yet.
    pub(crate) fn plan(&self, operation: &str, trouble: Trouble) {
        lock(&self.state).troubles.push((operation.to_owned(), trouble));
    }

    /// Lets a job exist, described like this.
    pub(crate) fn keep(&self, job: Value) {
        let name = job["LabelingJobName"].as_str().expect("a job has a name").to_lowercase();
        lock(&self.state).jobs.insert(name, job);
    }

    /// What RenderUiTemplate answers from now on.
    pub(crate) fn render(&self, rendered: Value) {
        lock(&self.state).rendered = rendered;
    }

    /// Whose credentials signed the last request.
    pub(crate) fn signer(&self) -> String {
        lock(&self.state).signer.clone()
    }

    /// The bodies of the requests for an operation so far.
    pub(crate) fn requests(&self, operation: &str) -> Vec<Value> {
        let state = lock(&self.state);
        state.requests.iter().filter(|(asked, _)| asked == operation).map(|(_, body)| body.clone()).collect()
    }
}

async fn answer(request: Request<Incoming>, state: Arc<Mutex<State>>) -> Result<Response<String>, HangUp> {
    let (head, body) = request.into_parts();
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!((head.method.as_str(), head.uri.path()), ("POST", "/"));
    assert_eq!(header("content-type"), "application/x-amz-json-1.1");
    assert!(header("authorization").contains(&format!("/{REGION}/sagemaker/aws4_request")), "signed for SageMaker");
    let operation = header("x-amz-target").strip_prefix("SageMaker.").expect("SageMaker is asked").to_owned();
    // A client that gives up while it sends ends this connection, and nothing else.
    let body = body.collect().await.map_err(|_| HangUp)?.to_bytes();
    let body: Value = serde_json::from_slice(&body).expect("the body is JSON");
    let signer = header("authorization").split_once("Credential=").and_then(|(_, scope)| scope.split('/').next());
    lock(&state).signer = signer.expect("a key id").to_owned();
    let trouble = lock(&state).enter(&operation, &body);
    match trouble {
        None => Ok(lock(&state).serve(&operation, &body)),
        Some(Trouble::Refusal(status, code, message)) => Ok(refusal(status, code, message)),
        Some(Trouble::HangUp { done }) => {
            if done {
                lock(&state).serve(&operation, &body);
            }
            Err(HangUp)
        }
        Some(Trouble::Silence { done }) => {
            if done {
                lock(&state).serve(&operation, &body);
            }
            std::future::pending().await
        }
    }
}

impl State {
    /// Takes the request down and tells what trouble is planned for it.
    fn enter(&mut self, operation: &str, body: &Value) -> Option<Trouble> {
        self.requests.push((operation.to_owned(), body.clone()));
        let planned = self.troubles.iter().position(|(of, _)| of == operation)?;
        Some(self.troubles.remove(planned).1)
    }

    fn serve(&mut self, operation: &str, body: &Value) -> Response<String> {
        let name = body["LabelingJobName"].as_str().unwrap_or_default().to_lowercase();
        let arn = format!("arn:aws:sagemaker:{REGION}:111122223333:labeling-job/{name}");
        match operation {
            "CreateLabelingJob" if self.jobs.contains_key(&name) => {
                refusal(400, "ResourceInUse", "Labeling job name is already in use.")
            }
            "CreateLabelingJob" => {
                let mut job = body.clone();
                job["LabelingJobStatus"] = json!("Initializing");
                job["LabelingJobArn"] = json!(arn);
                job["CreationTime"] = json!(1714979289.123);
                job["HumanTaskConfig"]["MaxConcurrentTaskCount"] = json!(1000);
                self.jobs.insert(name, job);
                ok(&json!({ "LabelingJobArn": arn }))
            }
            "ListLabelingJobs" => ok(&json!({ "LabelingJobSummaryList": self.jobs.values().collect::<Vec<_>>() })),
            "RenderUiTemplate" => ok(&self.rendered),
            "DescribeLabelingJob" | "StopLabelingJob" => match self.jobs.get_mut(&name) {
                None => refusal(400, "ResourceNotFound", "Requested resource not found."),
                Some(job) if operation == "StopLabelingJob" => {
                    job["LabelingJobStatus"] = json!("Stopping");
                    Response::default()
                }
                Some(job) => ok(job),
            },
            _ => refusal(400, "UnknownOperationException", "this stand-in knows labeling jobs alone"),
        }
    }
}

fn ok(answer: &Value) -> Response<String> {
    Response::new(answer.to_string())
}

fn refusal(status: u16, code: &str, message: &str) -> Response<String> {
    let mut response = Response::new(json!({ "__type": code, "message": message }).to_string());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("no test panics while it holds the lock")
}
