//! What fails an invocation, each with an `errorType` that stays the same from version to version.
//!
//! Only what concerns the whole batch: the event, the payload, a plan, a permission. A bad answer or object is data in the
//! response. The runtime logs a failed invocation once, with the message below: what failed, and after a colon each cause.

use ground_truth::contract::RequestError;
use ground_truth::contract::payload::PayloadError;
use ground_truth::document::Problems;
use ground_truth::s3_uri::{S3Uri, S3UriError};
use ground_truth::store::StoreError;
use lambda_runtime::Diagnostic;

use crate::config::{ASSUME_JOB_ROLE, CONSOLIDATION_PLAN_S3_URI};

/// What fails an invocation. The message tells the causes as well, so there is no [`source`](std::error::Error::source) that
/// would say them again; the variants hold them.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// The event is not the one Ground Truth sends.
    #[error("the event is not a post-annotation request: {0}")]
    BadEvent(RequestError),
    /// `payload.s3Uri` is not a valid S3 URI.
    #[error("`payload.s3Uri` is not a valid S3 URI: {0}")]
    PayloadUri(S3UriError),
    /// The payload could not be read, after the client's own retries.
    #[error("the payload cannot be read: {}", with_sources(.0))]
    PayloadUnreadable(StoreError),
    /// The payload is not a batch.
    #[error("the payload is not a batch of data objects: {0}")]
    BadPayload(PayloadError),
    /// An answer given by reference could not be read, for a reason that is not the answer's own.
    #[error("an answer given by reference cannot be read: {}", with_sources(.0))]
    AnswerUnreadable(StoreError),
    /// The URI of the plan, with the job's name in it, is not valid.
    #[error("{CONSOLIDATION_PLAN_S3_URI} gives no valid S3 URI for this labeling job: {0}")]
    PlanUri(S3UriError),
    /// The plan could not be read.
    #[error(
        "the consolidation plan cannot be read (a missing plan also reads as denied to those who may not list the \
         bucket): {}",
        with_sources(.0)
    )]
    PlanUnreadable(StoreError),
    /// The plan has mistakes.
    #[error("the consolidation plan `{uri}` has mistakes: {problems}")]
    BadPlan {
        /// The plan's S3 URI.
        uri: S3Uri,
        /// Every mistake, with the path to it in the document.
        problems: Problems,
    },
    /// The job's role should be assumed and may not be.
    #[error(
        "the job's role is not assumed: {reason}; give the function's own role access and set {ASSUME_JOB_ROLE} to false"
    )]
    RoleRefused {
        /// Why the role cannot be assumed, as the message says it.
        reason: &'static str,
    },
    /// The response passes Lambda's bound, and cannot be made smaller.
    #[error("the response has {n_bytes} bytes, more than Lambda returns; {remedy}")]
    ResponseTooLarge {
        /// Its size as JSON.
        n_bytes: usize,
        /// Why, and what would help.
        remedy: &'static str,
    },
    /// A large label could not be put aside.
    #[error(
        "the response has {n_bytes} bytes, more than Lambda returns, and a large label cannot be put aside; allow the \
         function s3:PutObject there, and the use of the job's KMS key if it has one: {}",
        with_sources(cause)
    )]
    LabelNotWritten {
        /// The size of the response as JSON.
        n_bytes: usize,
        /// The failed write.
        cause: StoreError,
    },
}

impl HandleError {
    /// Every [error type](Self::error_type), in the order of the variants.
    pub const TYPES: [&'static str; 11] = [
        "BadEvent",
        "BadPayloadUri",
        "PayloadUnreadable",
        "BadPayload",
        "AnswerUnreadable",
        "BadPlanUri",
        "PlanUnreadable",
        "BadPlan",
        "RoleRefused",
        "ResponseTooLarge",
        "LabelNotWritten",
    ];

    /// The name that alarms and log filters can rely on.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::BadEvent(_) => "BadEvent",
            Self::PayloadUri(_) => "BadPayloadUri",
            Self::PayloadUnreadable(_) => "PayloadUnreadable",
            Self::BadPayload(_) => "BadPayload",
            Self::AnswerUnreadable(_) => "AnswerUnreadable",
            Self::PlanUri(_) => "BadPlanUri",
            Self::PlanUnreadable(_) => "PlanUnreadable",
            Self::BadPlan { .. } => "BadPlan",
            Self::RoleRefused { .. } => "RoleRefused",
            Self::ResponseTooLarge { .. } => "ResponseTooLarge",
            Self::LabelNotWritten { .. } => "LabelNotWritten",
        }
    }
}

impl From<HandleError> for Diagnostic {
    fn from(error: HandleError) -> Self {
        Self { error_type: error.error_type().to_owned(), error_message: error.to_string() }
    }
}

/// The message of an error and of all that caused it, which for a client of AWS lies several errors deep.
pub(crate) fn with_sources(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use ground_truth::store::{StoreAction, StoreErrorCause};

    use super::*;

    #[test]
    fn one_line_tells_what_failed_and_why_and_nothing_says_it_again() {
        let deep = || {
            let uri: S3Uri = "s3://b/k".parse().expect("an S3 URI");
            let other = std::io::Error::other("the connection was closed");
            StoreError { action: StoreAction::Get, uri, cause: StoreErrorCause::Other(Box::new(other)) }
        };
        let check = |error: HandleError, expected: &str| {
            assert_eq!(error.to_string(), expected);
            assert!(error.source().is_none(), "{error}");
            let error_type = error.error_type();
            let diagnostic = Diagnostic::from(error);
            assert!(HandleError::TYPES.contains(&error_type), "{error_type}");
            assert_eq!((diagnostic.error_type.as_str(), diagnostic.error_message.as_str()), (error_type, expected));
        };
        check(
            HandleError::PayloadUnreadable(deep()),
            "the payload cannot be read: cannot read `s3://b/k`: the connection was closed",
        );
        check(
            HandleError::PayloadUri("batch.json".parse::<S3Uri>().expect_err("not a URI")),
            "`payload.s3Uri` is not a valid S3 URI: `batch.json` does not start with s3://",
        );
        check(
            HandleError::LabelNotWritten { n_bytes: 7_000_000, cause: deep() },
            "the response has 7000000 bytes, more than Lambda returns, and a large label cannot be put aside; allow the \
             function s3:PutObject there, and the use of the job's KMS key if it has one: cannot read `s3://b/k`: the \
             connection was closed",
        );
    }
}
