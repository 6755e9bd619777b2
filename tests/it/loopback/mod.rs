//! What the functions and the companion meet on AWS, on 127.0.0.1: S3, STS, SageMaker and the Lambda Runtime API. The
//! real S3 client and the real binaries run against it, without AWS, network or Docker.

mod companion;
mod executable;
mod function;
mod runtime_api;
mod s3;
mod sagemaker;
mod server;
mod sts;

pub(crate) use companion::{Run, companion};
pub(crate) use executable::executable;
pub(crate) use function::Function;
pub(crate) use runtime_api::FunctionError;
pub(crate) use s3::{Fault, S3Request, S3Server};
pub(crate) use sagemaker::{SageMaker, Trouble};
pub(crate) use server::block_on;
pub(crate) use sts::StsServer;

/// The region of every client and every bucket.
pub(crate) const REGION: &str = "eu-west-1";

/// Temporary credentials, as AWS hands them to a function or for an assumed role.
pub(crate) struct Credentials {
    pub(crate) access_key_id: &'static str,
    pub(crate) secret_access_key: &'static str,
    pub(crate) session_token: &'static str,
}

/// What Lambda puts into the environment of a function: the credentials of the function's own role.
pub(crate) const FUNCTION_ROLE: Credentials = Credentials {
    access_key_id: "FUNCTION-ROLE-KEY-ID",
    secret_access_key: "secret of the function's role",
    session_token: "session of the function's role",
};

/// What STS answers: the credentials of the role that the function assumed.
pub(crate) const ASSUMED_ROLE: Credentials = Credentials {
    access_key_id: "ASSUMED-ROLE-KEY-ID",
    secret_access_key: "secret of the assumed role",
    session_token: "session of the assumed role",
};
