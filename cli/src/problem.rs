//! What is wrong with something that the companion was given, and what to do about it.

use std::fmt;

use serde::Serialize;

/// How bad it is, from the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// AWS refuses it, or it fails there.
    Error,
    /// Likely a mistake, or fine only under conditions that cannot be seen from here.
    Warning,
    /// Not a mistake, but good to know.
    Info,
}

/// Where a problem is. In JSON each variant has the members that its commands print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Location {
    /// A member of a job file.
    Job {
        /// The member, as in `HumanTaskConfig.TaskKeywords[2]`.
        path: String,
    },
    /// A line or a member of a manifest.
    Manifest {
        /// The line, from 1; none for the manifest as a whole.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u64>,
        /// The member, or the part of it; empty for the line as a whole.
        #[serde(skip_serializing_if = "String::is_empty")]
        member: String,
    },
    /// What the message names: something on AWS, or a file.
    InMessage {},
}

/// One problem: where, what, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub level: Level,
    /// The id of the rule that is broken; none for the type and the bounds of a single member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// The member, the line, or nothing beyond the message.
    #[serde(flatten)]
    pub location: Location,
    /// What is wrong, as a clause that follows the location.
    pub message: String,
    /// What the user can do about it.
    pub remedy: String,
}

impl Location {
    /// The member; empty where there is none to name.
    pub fn member(&self) -> &str {
        match self {
            Self::Job { path: member } | Self::Manifest { member, .. } => member,
            Self::InMessage {} => "",
        }
    }

    /// The line of a manifest, from 1.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::Manifest { line, .. } => *line,
            Self::Job { .. } | Self::InMessage {} => None,
        }
    }
}

impl Problem {
    /// An error at a member of a job file.
    pub fn in_job(path: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Location::Job { path: path.into() }, message, remedy)
    }

    /// An error whose location is said in the message.
    pub fn in_message(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Location::InMessage {}, message, remedy)
    }

    fn new(location: Location, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { level: Level::Error, rule: None, location, message: message.into(), remedy: remedy.into() }
    }

    /// The same problem, as bad as this.
    #[must_use]
    pub fn at(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// Whether it keeps the job or the manifest from AWS.
    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }

    /// Where and what, in one clause: `LabelAttributeName ends with …`.
    pub fn clause(&self) -> String {
        match self.location.member() {
            "" => self.message.clone(),
            member => format!("{member} {}", self.message),
        }
    }

    /// What a line about it begins with: `error[N2]`.
    pub fn heading(&self) -> String {
        match self.rule {
            Some(id) => format!("{}[{id}]", self.level),
            None => self.level.to_string(),
        }
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
        write!(f, "{}: {}; {}", self.heading(), self.clause(), self.remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(problem: &Problem, line: &str, json: &str) {
        assert_eq!(problem.to_string(), line);
        assert_eq!(serde_json::to_string(problem).expect("JSON"), json);
    }

    #[test]
    fn a_problem_is_one_line_and_one_flat_object() {
        check(
            &Problem { rule: Some("N2"), ..Problem::in_job("LabelAttributeName", "is long", "shorten it") },
            "error[N2]: LabelAttributeName is long; shorten it",
            r#"{"level":"error","rule":"N2","path":"LabelAttributeName","message":"is long","remedy":"shorten it"}"#,
        );
        let on_line = |line, member: &str| {
            let location = Location::Manifest { line, member: member.to_owned() };
            Problem::new(location, "is odd", "look").at(Level::Warning)
        };
        check(
            &on_line(Some(3), "source"),
            "warning: source is odd; look",
            r#"{"level":"warning","line":3,"member":"source","message":"is odd","remedy":"look"}"#,
        );
        check(&on_line(None, ""), "warning: is odd; look", r#"{"level":"warning","message":"is odd","remedy":"look"}"#);
        check(
            &Problem::in_message("the bucket is away", "make it"),
            "error: the bucket is away; make it",
            r#"{"level":"error","message":"the bucket is away","remedy":"make it"}"#,
        );
    }
}
