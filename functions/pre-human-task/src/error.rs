//! What fails an invocation.

use ground_truth::contract::RequestError;
use lambda_runtime::Diagnostic;

/// What fails an invocation: only an event that is not a request. A data object that cannot be shown is an answer, not an
/// error.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// The event is not the one Ground Truth sends.
    #[error("the event is not a pre-annotation request: {0}")]
    BadEvent(RequestError),
}

impl HandleError {
    /// The name that alarms and log filters can rely on.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::BadEvent(_) => "BadEvent",
        }
    }
}

impl From<HandleError> for Diagnostic {
    fn from(error: HandleError) -> Self {
        Self { error_type: error.error_type().to_owned(), error_message: error.to_string() }
    }
}
