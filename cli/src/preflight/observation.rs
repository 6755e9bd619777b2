//! What a check sees.

use serde::Serialize;

use crate::aws::AwsError;
use crate::problem::Problem;

/// One thing that a check looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Observation {
    /// It is as it should be.
    Ok(String),
    Problem(Problem),
    /// It could not be seen, perhaps because the caller lacks a permission.
    Unknown {
        message: String,
        missing_permission: Option<String>,
    },
}

/// One line of the report.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) check: &'static str,
    pub(super) verdict: Verdict,
    pub(super) message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remedy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_permission: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Ok,
    Problem,
    Unknown,
}

impl Observation {
    pub(super) fn ok(message: impl Into<String>) -> Self {
        Self::Ok(message.into())
    }

    pub(super) fn problem(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Problem(Problem::in_message(message, remedy))
    }

    pub(super) fn unknown(message: impl Into<String>) -> Self {
        Self::Unknown { message: message.into(), missing_permission: None }
    }

    /// A question that AWS did not answer.
    pub(super) fn unanswered(question: impl std::fmt::Display, error: &AwsError) -> Self {
        match error.missing_permission() {
            Some(permission) => Self::Unknown {
                message: format!("{question} is unknown, for you lack a permission"),
                missing_permission: Some(permission.to_owned()),
            },
            None => Self::unknown(format!("{question} is unknown: {error}")),
        }
    }

    /// Its line of the report, under the name of its check.
    pub(super) fn line(self, check: &'static str) -> Line {
        let (verdict, message, remedy, missing_permission) = match self {
            Self::Ok(message) => (Verdict::Ok, message, None, None),
            Self::Problem(problem) => (Verdict::Problem, problem.clause(), Some(problem.remedy), None),
            Self::Unknown { message, missing_permission } => {
                let remedy = missing_permission.as_ref().map(|name| format!("to have it checked, get {name}"));
                (Verdict::Unknown, message, remedy, missing_permission)
            }
        };
        Line { check, verdict, message, remedy, missing_permission }
    }
}
