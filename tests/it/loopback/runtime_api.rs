//! The Lambda Runtime API, version 2018-06-01: how Lambda hands events to a function and takes back its answers.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::REGION;
use super::server::Server;

/// More than this Lambda does not take from a function that was invoked synchronously, in bytes.
const MAX_RESPONSE: usize = 6_291_556;

/// The time that Lambda grants to one event.
const TIME_LIMIT: Duration = Duration::from_secs(300);

/// The Runtime API of one function.
pub(crate) struct RuntimeApi {
    server: Server,
    events: UnboundedSender<Event>,
    answers: UnboundedReceiver<Answer>,
    n_events: usize,
}

/// What a function answers to an event: a JSON document, or why there is none.
pub(crate) type Answer = Result<String, FunctionError>;

/// The error of a failed invocation, as the caller of the function sees it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FunctionError {
    pub(crate) error_type: String,
    pub(crate) error_message: String,
}

struct Event {
    request_id: String,
    json: String,
}

/// The function's side of the API.
struct Desk {
    events: Mutex<Events>,
    answers: UnboundedSender<Answer>,
}

struct Events {
    waiting: UnboundedReceiver<Event>,
    /// The request id of the event that the function is working on.
    taken: Option<String>,
}

impl RuntimeApi {
    pub(crate) fn start() -> Self {
        let (events, waiting) = unbounded_channel();
        let (answered, answers) = unbounded_channel();
        let desk = Arc::new(Desk { events: Mutex::new(Events { waiting, taken: None }), answers: answered });
        let server = Server::start(move |request| answer(request, Arc::clone(&desk)));
        Self { server, events, answers, n_events: 0 }
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) fn address(&self) -> String {
        self.server.address()
    }

    /// Queues an event for the function, and tells its request id.
    pub(crate) fn send(&mut self, event: &str) -> String {
        self.n_events += 1;
        let request_id = format!("00000000-0000-4000-8000-{:012}", self.n_events);
        let event = Event { request_id: request_id.clone(), json: event.to_owned() };
        self.events.send(event).unwrap_or_else(|_| panic!("the server keeps the other end"));
        request_id
    }

    /// The function's next answer, or the error of its cold start.
    pub(crate) async fn answer(&mut self) -> Answer {
        self.answers.recv().await.expect("the server keeps the other end")
    }
}

async fn answer(request: Request<Incoming>, desk: Arc<Desk>) -> Response<String> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.expect("the function sends its whole request").to_bytes();
    let route: Vec<&str> = head.uri.path().split('/').collect();
    match (head.method, route.as_slice()) {
        (Method::GET, ["", "2018-06-01", "runtime", "invocation", "next"]) => desk.next().await,
        (Method::POST, ["", "2018-06-01", "runtime", "invocation", request_id, "response"]) => {
            if body.len() > MAX_RESPONSE {
                return desk.finish(request_id, Err(FunctionError::too_large()), StatusCode::PAYLOAD_TOO_LARGE).await;
            }
            let document = String::from_utf8(body.into()).expect("JSON is UTF-8");
            desk.finish(request_id, Ok(document), StatusCode::ACCEPTED).await
        }
        (Method::POST, ["", "2018-06-01", "runtime", "invocation", request_id, "error"]) => {
            desk.finish(request_id, Err(FunctionError::read(&body)), StatusCode::ACCEPTED).await
        }
        (Method::POST, ["", "2018-06-01", "runtime", "init", "error"]) => {
            desk.pass_on(Err(FunctionError::read(&body)));
            status(StatusCode::ACCEPTED)
        }
        _ => status(StatusCode::NOT_FOUND),
    }
}

impl Desk {
    async fn next(&self) -> Response<String> {
        let mut events = self.events.lock().await;
        let Some(event) = events.waiting.recv().await else {
            return status(StatusCode::GONE);
        };
        events.taken = Some(event.request_id.clone());
        let deadline = SystemTime::now() + TIME_LIMIT;
        let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).expect("the clock is past 1970").as_millis();
        Response::builder()
            .header("Lambda-Runtime-Aws-Request-Id", event.request_id)
            .header("Lambda-Runtime-Deadline-Ms", deadline.to_string())
            .header("Lambda-Runtime-Invoked-Function-Arn", format!("arn:aws:lambda:{REGION}:123456789012:function:it"))
            .header("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Sampled=0")
            .body(event.json)
            .expect("the headers are well formed")
    }

    /// Takes the answer to the event that was handed out last, and to no other.
    async fn finish(&self, request_id: &str, answer: Answer, code: StatusCode) -> Response<String> {
        if self.events.lock().await.taken.take_if(|taken| taken == request_id).is_none() {
            return status(StatusCode::BAD_REQUEST);
        }
        self.pass_on(answer);
        status(code)
    }

    /// Nobody is there to take the answer when the test ended early; then it fails for its own reason.
    fn pass_on(&self, answer: Answer) {
        let _ = self.answers.send(answer);
    }
}

impl FunctionError {
    fn read(body: &[u8]) -> Self {
        serde_json::from_slice(body).expect("an error has errorType and errorMessage")
    }

    fn too_large() -> Self {
        Self {
            error_type: "Function.ResponseSizeTooLarge".to_owned(),
            error_message: format!(
                "Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."
            ),
        }
    }
}

fn status(code: StatusCode) -> Response<String> {
    let mut response = Response::default();
    *response.status_mut() = code;
    response
}
