//! S3 over a temporary folder: s3s checks signatures and speaks the protocol, s3s-fs keeps objects as files. In front
//! of them every request is recorded, and answered with a fault where a test asked for one.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_sdk_s3::config::{BehaviorVersion, Credentials as SdkCredentials, Region};
use aws_sdk_s3::{Client, Config};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;

use super::server::Server;
use super::{ASSUMED_ROLE, Credentials, FUNCTION_ROLE, REGION};

/// An S3 server. Objects are named by their S3 URI throughout; a bucket is there as soon as something is put into it.
///
/// s3s-fs sets limits: a *written* key has at most some 150 bytes, since a side file carries it in its name; `a//b` and
/// `a/b` are one object; and the SSE-KMS headers have no effect but in [`S3Server::requests`].
pub(crate) struct S3Server {
    server: Server,
    folder: TempDir,
    journal: Arc<Mutex<Journal>>,
}

/// What S3 answers instead of doing what it was asked.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// The throttling that clients are meant to retry.
    SlowDown,
    /// The refusal that they are not.
    AccessDenied,
}

/// One request, as the client sent it.
#[derive(Clone)]
pub(crate) struct S3Request {
    pub(crate) method: Method,
    pub(crate) uri: String,
    headers: HeaderMap,
}

#[derive(Default)]
struct Journal {
    requests: Vec<S3Request>,
    faults: Vec<PlannedFault>,
}

struct PlannedFault {
    uri: String,
    fault: Fault,
    times_left: usize,
}

impl S3Server {
    pub(crate) fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let mut auth = SimpleAuth::new();
        for credentials in [FUNCTION_ROLE, ASSUMED_ROLE] {
            auth.register(credentials.access_key_id.to_owned(), credentials.secret_access_key.into());
        }
        let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).expect("the folder is there"));
        builder.set_auth(auth);
        let service = builder.build();

        let journal = Arc::<Mutex<Journal>>::default();
        let server = Server::start({
            let journal = Arc::clone(&journal);
            move |request| answer(request, service.clone(), Arc::clone(&journal))
        });
        Self { server, folder, journal }
    }

    /// The value of `AWS_ENDPOINT_URL_S3`.
    pub(crate) fn endpoint(&self) -> String {
        self.server.url()
    }

    /// The real client, with the credentials of the function's role.
    pub(crate) fn client(&self) -> Client {
        let Credentials { access_key_id, secret_access_key, session_token } = FUNCTION_ROLE;
        let credentials =
            SdkCredentials::new(access_key_id, secret_access_key, Some(session_token.to_owned()), None, "loopback");
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(credentials)
            .endpoint_url(self.endpoint());
        Client::from_conf(config.build())
    }

    /// Puts an object there, past the protocol.
    pub(crate) fn put(&self, uri: &str, bytes: impl AsRef<[u8]>) {
        let file = self.file(uri);
        fs::create_dir_all(file.parent().expect("an object lies in a bucket")).expect("folders can be made");
        fs::write(file, bytes).expect("files can be written");
    }

    /// The bytes of an object, past the protocol.
    pub(crate) fn get(&self, uri: &str) -> Option<Vec<u8>> {
        fs::read(self.file(uri)).ok()
    }

    /// Answers the next `times` requests for an object with `fault`.
    pub(crate) fn fail(&self, uri: &str, fault: Fault, times: usize) {
        lock(&self.journal).faults.push(PlannedFault { uri: uri.to_owned(), fault, times_left: times });
    }

    /// Every request so far, in the order of arrival.
    pub(crate) fn requests(&self) -> Vec<S3Request> {
        lock(&self.journal).requests.clone()
    }

    fn file(&self, uri: &str) -> PathBuf {
        self.folder.path().join(uri.strip_prefix("s3://").expect("an object is named by its S3 URI"))
    }
}

impl S3Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whose credentials signed the request.
    pub(crate) fn access_key_id(&self) -> Option<&str> {
        let (_, credential) = self.header(AUTHORIZATION.as_str())?.split_once("Credential=")?;
        credential.split('/').next()
    }
}

impl Journal {
    /// Takes the request down and tells whether it is to fail.
    fn enter(&mut self, request: &Request<Incoming>) -> Option<Fault> {
        let path = percent_decode_str(request.uri().path()).decode_utf8().expect("S3 keys are UTF-8");
        let uri = format!("s3:/{path}");
        let planned = self.faults.iter_mut().find(|planned| planned.uri == uri && planned.times_left > 0);
        let fault = planned.map(|planned| {
            planned.times_left -= 1;
            planned.fault
        });
        let headers = request.headers().clone();
        self.requests.push(S3Request { method: request.method().clone(), uri, headers });
        fault
    }
}

impl Fault {
    fn response(self) -> Response<s3s::Body> {
        let (status, code, message) = match self {
            Self::SlowDown => (StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "Please reduce your request rate."),
            Self::AccessDenied => (StatusCode::FORBIDDEN, "AccessDenied", "Access Denied"),
        };
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <Error><Code>{code}</Code><Message>{message}</Message><RequestId>loopback</RequestId></Error>"
        );
        let mut response = Response::new(s3s::Body::from(xml));
        *response.status_mut() = status;
        response
    }
}

async fn answer(request: Request<Incoming>, service: S3Service, journal: Arc<Mutex<Journal>>) -> Response<s3s::Body> {
    let fault = lock(&journal).enter(&request);
    if let Some(fault) = fault {
        // A client that is still sending must not see a closed connection instead of the answer.
        request.into_body().collect().await.expect("the client sends its whole request");
        return fault.response();
    }
    service.call(request.map(s3s::Body::from)).await.expect("s3s turns errors into responses")
}

fn lock(journal: &Mutex<Journal>) -> MutexGuard<'_, Journal> {
    journal.lock().expect("no test panics while it holds the lock")
}
