//! What a check finds.

use serde::Serialize;

use crate::aws::AwsError;

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Ok,
    Problem,
    /// It could not be seen.
    Unknown,
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// The check that found it.
    pub(crate) check: &'static str,
    pub(crate) verdict: Verdict,
    pub(crate) message: String,
    /// The fix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<String>,
    /// The permission without which nothing can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) missing_permission: Option<String>,
}

impl Finding {
    pub(super) fn ok(message: impl Into<String>) -> Self {
        Self::new(Verdict::Ok, message.into(), None)
    }

    pub(super) fn problem(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Verdict::Problem, message.into(), Some(remedy.into()))
    }

    pub(super) fn unknown(message: impl Into<String>) -> Self {
        Self::new(Verdict::Unknown, message.into(), None)
    }

    /// A question that AWS did not answer.
    pub(super) fn unanswered(question: impl std::fmt::Display, error: &AwsError) -> Self {
        let mut finding = Self::unknown(format!("{question} is unknown: {error}"));
        if let Some(permission) = error.missing_permission() {
            finding.message = format!("{question} is unknown, for you lack a permission");
            finding.remedy = Some(format!("to have it checked, get {permission}"));
            finding.missing_permission = Some(permission.to_owned());
        }
        finding
    }

    /// The same finding, under the name of its check.
    pub(super) fn of(self, check: &'static str) -> Self {
        Self { check, ..self }
    }

    fn new(verdict: Verdict, message: String, remedy: Option<String>) -> Self {
        Self { check: "", verdict, message, remedy, missing_permission: None }
    }
}
