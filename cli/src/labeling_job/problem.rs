//! What stands against a labeling job.

use std::fmt;

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// AWS refuses the job, or the job fails.
    Error,
    /// Likely a mistake, or fine only under conditions that cannot be seen from here.
    Warning,
    /// Good to know.
    Info,
}

/// When it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// For a run on this computer as well.
    Anywhere,
    /// Only for a job that AWS runs.
    AtAws,
}

/// One finding about a job file: where, what, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub level: Level,
    /// The id of the rule that found it; none for the type and the bounds of a single member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// The member, as in `HumanTaskConfig.TaskKeywords[2]`.
    pub path: String,
    /// What is wrong with it.
    pub message: String,
    /// What to do.
    pub remedy: String,
    /// When it matters.
    #[serde(skip)]
    pub scope: Scope,
}

impl Problem {
    /// Whether a run on this computer cannot take the job file either.
    pub fn stops_a_local_run(&self) -> bool {
        self.level == Level::Error && self.scope == Scope::Anywhere
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        })
    }
}

/// One line: `error[N2]: LabelAttributeName ends with …; choose …`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { level, path, message, remedy, .. } = self;
        let rule = self.rule.map(|id| format!("[{id}]")).unwrap_or_default();
        write!(f, "{level}{rule}: {path} {message}; {remedy}")
    }
}
