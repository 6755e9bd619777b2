//! What a check sees.

use std::time::Duration;

use serde::Serialize;

use crate::aws::AwsError;
use crate::problem::Problem;

/// One thing that a check looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Observation {
    /// It is as it should be.
    Ok(String),
    Problem(Problem),
    /// It could not be seen, perhaps because the caller lacks a permission.
    Unknown {
        message: String,
        missing_permission: Option<String>,
    },
}

/// An observation as programs read it.
#[derive(Debug, Serialize)]
pub(crate) struct Line<'a> {
    /// The check that made it.
    check: &'static str,
    verdict: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_permission: Option<&'a str>,
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

    /// A question that was not answered in time.
    pub(super) fn late(time_limit: Duration) -> Self {
        Self::unknown(format!("no answer within {} s", time_limit.as_secs_f64()))
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

    /// How it stands, in one word.
    pub(crate) fn verdict(&self) -> &'static str {
        match self {
            Self::Ok(_) => "ok",
            Self::Problem(_) => "problem",
            Self::Unknown { .. } => "unknown",
        }
    }

    pub(crate) fn message(&self) -> String {
        match self {
            Self::Ok(message) | Self::Unknown { message, .. } => message.clone(),
            Self::Problem(problem) => problem.clause(),
        }
    }

    /// What to do.
    pub(crate) fn remedy(&self) -> Option<String> {
        match self {
            Self::Ok(_) => None,
            Self::Problem(problem) => Some(problem.remedy.clone()),
            Self::Unknown { missing_permission, .. } => {
                missing_permission.as_ref().map(|permission| format!("to have it checked, get {permission}"))
            }
        }
    }

    /// What programs read of it.
    pub(crate) fn line(&self, check: &'static str) -> Line<'_> {
        let missing_permission = match self {
            Self::Unknown { missing_permission, .. } => missing_permission.as_deref(),
            Self::Ok(_) | Self::Problem(_) => None,
        };
        Line { check, verdict: self.verdict(), message: self.message(), remedy: self.remedy(), missing_permission }
    }
}
