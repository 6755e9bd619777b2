//! The HTTP server under every loopback endpoint.

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

/// One runtime for the servers and clients of all tests, so that a test itself stays plain, blocking code.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("the runtime of the loopback starts")
});

/// Runs what only the runtime can run: a client, a wait.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    RUNTIME.block_on(future)
}

/// Runs a wait that a fault could make endless: `None` after a time that is ample for every retry of the SDK on a slow
/// machine.
pub(crate) fn wait_for<F: Future>(future: F) -> Option<F::Output> {
    block_on(async { timeout(Duration::from_secs(60), future).await.ok() })
}

/// An HTTP server on a free port; it ends with the value.
pub(crate) struct Server {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Answers every request with `answer`.
    pub(crate) fn start<A, F, B>(answer: A) -> Self
    where
        A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        Self::start_unreliable(move |request| {
            let response = answer(request);
            async { Ok(response.await) }
        })
    }

    /// Answers every request with `answer`, or hangs up on it.
    pub(crate) fn start_unreliable<A, F, B>(answer: A) -> Self
    where
        A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response<B>, HangUp>> + Send + 'static,
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let listener = block_on(TcpListener::bind("127.0.0.1:0")).expect("the loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        Self { address, accepting: RUNTIME.spawn(serve(listener, answer)) }
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// What an SDK takes for an endpoint.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// The connection is closed without an answer.
#[derive(Debug)]
pub(crate) struct HangUp;

impl fmt::Display for HangUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server hangs up")
    }
}

impl Error for HangUp {}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// The connections live in a set of this task, and so end with it.
async fn serve<A, F, B>(listener: TcpListener, answer: A)
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<B>, HangUp>> + Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).expect("a fresh socket takes options"); // A fifth of the time per event.
        let service = service_fn(answer.clone());
        // Ends with an error when a client goes away in the middle, as a killed function does.
        connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}
