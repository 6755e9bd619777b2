//! STS, as far as a function needs it: `AssumeRole` of the query protocol, granted unless a test says otherwise.

use std::sync::{Arc, Mutex, MutexGuard};

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use percent_encoding::percent_decode_str;

use super::ASSUMED_ROLE;
use super::server::Server;

/// An STS server that hands out [`ASSUMED_ROLE`] and remembers for which roles.
pub(crate) struct StsServer {
    server: Server,
    journal: Arc<Mutex<Journal>>,
}

#[derive(Default)]
struct Journal {
    assumed: Vec<String>,
    refusals_left: usize,
}

impl StsServer {
    pub(crate) fn start() -> Self {
        let journal = Arc::<Mutex<Journal>>::default();
        let server = Server::start({
            let journal = Arc::clone(&journal);
            move |request| answer(request, Arc::clone(&journal))
        });
        Self { server, journal }
    }

    /// The value of `AWS_ENDPOINT_URL_STS`.
    pub(crate) fn endpoint(&self) -> String {
        self.server.url()
    }

    /// Refuses the next `times` calls, as for a role that does not trust the function.
    pub(crate) fn refuse(&self, times: usize) {
        lock(&self.journal).refusals_left = times;
    }

    /// The ARN of the role of every granted call so far.
    pub(crate) fn assumed_roles(&self) -> Vec<String> {
        lock(&self.journal).assumed.clone()
    }
}

async fn answer(request: Request<Incoming>, journal: Arc<Mutex<Journal>>) -> Response<String> {
    let body = request.into_body().collect().await.expect("the client sends its whole request").to_bytes();
    let form = str::from_utf8(&body).expect("a form is text");
    assert_eq!(form_field(form, "Action").as_deref(), Some("AssumeRole"), "STS is here to assume a role");
    let role_arn = form_field(form, "RoleArn").expect("AssumeRole names a role");
    if lock(&journal).enter(&role_arn) { grant() } else { refusal(&role_arn) }
}

impl Journal {
    /// Takes the call down and tells whether it is granted.
    fn enter(&mut self, role_arn: &str) -> bool {
        let granted = self.refusals_left == 0;
        if granted {
            self.assumed.push(role_arn.to_owned());
        } else {
            self.refusals_left -= 1;
        }
        granted
    }
}

fn grant() -> Response<String> {
    Response::new(format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
         <AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken>\
         <Expiration>2099-12-31T23:59:59Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
        ASSUMED_ROLE.access_key_id, ASSUMED_ROLE.secret_access_key, ASSUMED_ROLE.session_token
    ))
}

fn refusal(role_arn: &str) -> Response<String> {
    let mut response = Response::new(format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole on resource: {role_arn}</Message>\
         </Error><RequestId>loopback</RequestId></ErrorResponse>"
    ));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

fn lock(journal: &Mutex<Journal>) -> MutexGuard<'_, Journal> {
    journal.lock().expect("no test panics while it holds the lock")
}

/// A value of a form body. The SDK writes a space as `%20`, so that `+` needs no undoing.
fn form_field(form: &str, name: &str) -> Option<String> {
    let (_, value) = form.split('&').filter_map(|field| field.split_once('=')).find(|(key, _)| *key == name)?;
    Some(percent_decode_str(value).decode_utf8().expect("form values are UTF-8").into_owned())
}
