//! The companion against a cloud on loopback.

use std::path::Path;
use std::process::{Command, Output};

use super::{FUNCTION_ROLE, REGION, S3Server, executable};

/// How a run of the companion ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A command of the companion that finds S3, a region and the credentials of the function's role, and nothing of what
/// this computer has set for AWS.
pub(crate) fn companion(s3: &S3Server) -> Command {
    let nothing = Path::new(env!("CARGO_MANIFEST_DIR")).join("no-such-file");
    let mut command = Command::new(executable("gtruth"));
    command
        .env_remove("AWS_PROFILE")
        .env("AWS_CONFIG_FILE", &nothing)
        .env("AWS_SHARED_CREDENTIALS_FILE", &nothing)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", FUNCTION_ROLE.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", FUNCTION_ROLE.secret_access_key)
        .env("AWS_SESSION_TOKEN", FUNCTION_ROLE.session_token)
        .env("AWS_ENDPOINT_URL_S3", s3.endpoint());
    command
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().expect("the companion starts");
        let text = |bytes| String::from_utf8(bytes).expect("the companion writes UTF-8");
        Self { code: status.code().expect("an exit code"), out: text(stdout), err: text(stderr) }
    }
}
