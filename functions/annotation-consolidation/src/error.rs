//! What fails an invocation, each with an `errorType` that stays the same from version to version.
//!
//! Only what concerns the whole batch: the event, the payload, a plan, a permission. A bad answer or object is data in the
//! response. The runtime logs a failed invocation once, with the message below.

use ground_truth::contract::RequestError;
use ground_truth::contract::payload::PayloadError;
use ground_truth::document::Problems;
use ground_truth::s3_uri::{S3Uri, S3UriError};
use ground_truth::store::StoreError;
use lambda_runtime::Diagnostic;

use crate::config::{ASSUME_JOB_ROLE, CONSOLIDATION_PLAN_S3_URI};

/// What fails an invocation.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// The event is not the one Ground Truth sends.
    #[error("the event is no post-annotation request")]
    BadEvent(#[source] RequestError),
    /// The payload's place is no S3 URI.
    #[error("`payload.s3Uri` is no S3 URI")]
    PayloadUri(#[source] S3UriError),
    /// The payload could not be read, after the client's own retries.
    #[error("the payload cannot be read")]
    PayloadUnreadable(#[source] StoreError),
    /// The payload is no batch.
    #[error("the payload is no batch of data objects")]
    BadPayload(#[source] PayloadError),
    /// An answer given by reference could not be read, for a reason that is not the answer's own.
    #[error("an answer given by reference cannot be read")]
    AnswerUnreadable(#[source] StoreError),
    /// The plan's place, with the job's name in it, is no S3 URI.
    #[error("{CONSOLIDATION_PLAN_S3_URI} gives no S3 URI for this labeling job")]
    PlanUri(#[source] S3UriError),
    /// The plan could not be read.
    #[error(
        "the consolidation plan cannot be read (a missing plan also reads as denied to those who may not list the bucket)"
    )]
    PlanUnreadable(#[source] StoreError),
    /// The plan has mistakes.
    #[error("the consolidation plan `{uri}` has mistakes")]
    BadPlan {
        /// Where it lies.
        uri: S3Uri,
        /// What is wrong.
        #[source]
        problems: Problems,
    },
    /// The job's role should be assumed and may not be.
    #[error(
        "the job's role is not assumed: {reason}; give the function's own role access and set {ASSUME_JOB_ROLE} to false"
    )]
    RoleRefused {
        /// Why.
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
         function s3:PutObject there, and the use of the job's KMS key if it has one"
    )]
    LabelNotWritten {
        /// The size of the response as JSON.
        n_bytes: usize,
        /// What failed.
        #[source]
        cause: StoreError,
    },
}

impl HandleError {
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
        Self { error_type: error.error_type().to_owned(), error_message: with_sources(&error) }
    }
}

/// The message of an error and of all that caused it.
pub(crate) fn with_sources(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
