//! Lambda: the two functions of a job.

use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use super::call::{Request, UNRESERVED};
use super::endpoint::LAMBDA;
use super::{Aws, AwsError};

/// What a function that was invoked gave back.
#[derive(Debug)]
pub(crate) enum Invocation {
    /// Its response, as it wrote it.
    Answered(Vec<u8>),
    /// It failed: its `errorType` and `errorMessage`.
    Failed {
        /// Such as `UnreadablePayload`, or `Runtime.ExitError`.
        error_type: String,
        /// The text of the error, as the function gave it.
        message: String,
    },
}

impl Aws {
    /// The configuration of a function, by ARN; `None` when there is no such function.
    pub(crate) async fn function_configuration(&self, arn: &str) -> Result<Option<Value>, AwsError> {
        let operation = "GetFunctionConfiguration";
        let request = Request {
            method: "GET",
            path: format!("/2015-03-31/functions/{}/configuration", utf8_percent_encode(arn, UNRESERVED)),
            headers: Vec::new(),
            body: Vec::new(),
        };
        match self.send(&LAMBDA, operation, request).await.result {
            Ok(response) => Ok(Some(serde_json::from_slice(&response.body).unwrap_or_default())),
            Err(error) if error.has_code("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Invokes a function and waits for its answer, as Ground Truth does.
    pub(crate) async fn invoke(&self, arn: &str, event: &Value) -> Result<Invocation, AwsError> {
        let request = Request {
            method: "POST",
            path: format!("/2015-03-31/functions/{}/invocations", utf8_percent_encode(arn, UNRESERVED)),
            headers: vec![("x-amz-invocation-type", "RequestResponse".to_owned())],
            body: event.to_string().into_bytes(),
        };
        let response = self.send(&LAMBDA, "Invoke", request).await.result?;
        if response.function_error.is_none() {
            return Ok(Invocation::Answered(response.body));
        }
        let report: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let text = |name: &str| report.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Invocation::Failed { error_type: text("errorType"), message: text("errorMessage") })
    }
}
