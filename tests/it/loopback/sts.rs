//! STS, as far as a function needs it: `AssumeRole` of the query protocol, always granted.

use std::sync::{Arc, Mutex};

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::{Request, Response};
use percent_encoding::percent_decode_str;

use super::ASSUMED_ROLE;
use super::server::Server;

/// An STS server that hands out [`ASSUMED_ROLE`] and remembers for which roles.
pub(crate) struct StsServer {
    server: Server,
    assumed: Arc<Mutex<Vec<String>>>,
}

impl StsServer {
    pub(crate) fn start() -> Self {
        let assumed = Arc::<Mutex<Vec<String>>>::default();
        let server = Server::start({
            let assumed = Arc::clone(&assumed);
            move |request| answer(request, Arc::clone(&assumed))
        });
        Self { server, assumed }
    }

    /// The value of `AWS_ENDPOINT_URL_STS`.
    pub(crate) fn endpoint(&self) -> String {
        self.server.url()
    }

    /// The ARN of the role of every call so far.
    pub(crate) fn assumed_roles(&self) -> Vec<String> {
        self.assumed.lock().expect("no test panics while it holds the lock").clone()
    }
}

async fn answer(request: Request<Incoming>, assumed: Arc<Mutex<Vec<String>>>) -> Response<String> {
    let body = request.into_body().collect().await.expect("the client sends its whole request").to_bytes();
    let form = str::from_utf8(&body).expect("a form is text");
    assert_eq!(form_field(form, "Action").as_deref(), Some("AssumeRole"), "STS is here to assume a role");
    let role_arn = form_field(form, "RoleArn").expect("AssumeRole names a role");
    assumed.lock().expect("no test panics while it holds the lock").push(role_arn);
    Response::new(format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
         <AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken>\
         <Expiration>2099-12-31T23:59:59Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
        ASSUMED_ROLE.access_key_id, ASSUMED_ROLE.secret_access_key, ASSUMED_ROLE.session_token
    ))
}

/// A value of a form body. The SDK writes a space as `%20`, so that `+` needs no undoing.
fn form_field(form: &str, name: &str) -> Option<String> {
    let (_, value) = form.split('&').filter_map(|field| field.split_once('=')).find(|(key, _)| *key == name)?;
    Some(percent_decode_str(value).decode_utf8().expect("form values are UTF-8").into_owned())
}
