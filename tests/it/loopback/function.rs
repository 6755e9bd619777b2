//! A real function binary, started as Lambda starts it.

use std::fs;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::NamedTempFile;
use tokio::process::{Child, Command};

use super::runtime_api::{Answer, RuntimeApi};
use super::server::{block_on, wait_for};
use super::{FUNCTION_ROLE, REGION, executable};

/// A running function. Its process ends with the value.
pub(crate) struct Function {
    process: Child,
    api: RuntimeApi,
    /// A file and not a pipe: it never blocks the function, and what the function wrote before an answer is in it when
    /// the answer is here.
    log: NamedTempFile,
}

/// How a function ended.
pub(crate) struct Exit {
    pub(crate) status: ExitStatus,
    pub(crate) log: String,
}

impl Function {
    /// Starts the binary of a function in an environment like Lambda's, with `env` on top and nothing else.
    pub(crate) fn start(binary: &str, env: &[(&str, &str)]) -> Self {
        let api = RuntimeApi::start();
        let log = NamedTempFile::new().expect("a temporary file can be made");
        let append = || Stdio::from(fs::OpenOptions::new().append(true).open(log.path()).expect("the log is there"));
        let mut command = Command::new(executable(binary));
        command
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", binary)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024")
            .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
            .env("AWS_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", FUNCTION_ROLE.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", FUNCTION_ROLE.secret_access_key)
            .env("AWS_SESSION_TOKEN", FUNCTION_ROLE.session_token)
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(append())
            .stderr(append())
            .kill_on_drop(true);
        let process = block_on(async { command.spawn() }).expect("the binary starts");
        Self { process, api, log }
    }

    /// Hands an event to the function and waits for its answer.
    pub(crate) fn invoke(&mut self, event: &str) -> Answer {
        let request_id = self.api.send(event);
        let answer = wait_for(async {
            tokio::select! {
                biased; // A function may answer and then end.
                answer = self.api.answer() => Ok(answer),
                status = self.process.wait() => Err(status.expect("a child can be waited for")),
            }
        });
        match answer {
            Some(Ok(answer)) => answer,
            Some(Err(status)) => panic!("the function ended at {request_id} with {status}:\n{}", self.log()),
            None => panic!("the function does not answer {request_id}:\n{}", self.log()),
        }
    }

    /// Everything that the function wrote to its standard output and error so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.log.path()).expect("the log is UTF-8")
    }

    /// Asks the function to end, as Lambda does, and waits until it has.
    pub(crate) fn terminate(self) -> Exit {
        let id = self.process.id().expect("a function that ended by itself was not waited for");
        let pid = Pid::from_raw(id.cast_signed()).expect("a process id is positive");
        kill_process(pid, Signal::TERM).expect("a child can be signaled");
        self.exit()
    }

    /// Waits until the function ends by itself, as one does that cannot start.
    pub(crate) fn exit(mut self) -> Exit {
        match wait_for(self.process.wait()) {
            Some(status) => Exit { status: status.expect("a child can be waited for"), log: self.log() },
            None => panic!("the function does not end:\n{}", self.log()),
        }
    }
}
