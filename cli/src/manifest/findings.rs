//! What the rules find, held in bounded memory: a rule that a million lines break is told a few times, and counted.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::labeling_job::Level;

/// One finding: where, what, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// How bad it is.
    pub(crate) level: Level,
    /// The id of the rule that found it.
    pub(crate) rule: &'static str,
    /// The line, from 1; none for the manifest as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u64>,
    /// The member, or the place inside it; empty for the line as a whole.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) member: String,
    /// What is wrong with it.
    pub(crate) message: String,
    /// What to do.
    pub(crate) remedy: String,
}

/// `error[M12]: source-ref names no bucket; write s3://bucket/key`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { level, rule, member, message, remedy, .. } = self;
        let blank = if member.is_empty() { "" } else { " " };
        write!(f, "{level}[{rule}]: {member}{blank}{message}; {remedy}")
    }
}

/// All findings: the first few of each rule and level as they are, the rest as a count.
#[derive(Debug)]
pub(crate) struct Findings {
    max_per_rule: u64,
    kept: Vec<Finding>,
    n_found: BTreeMap<(&'static str, Level), u64>,
}

impl Findings {
    /// No findings yet; of each rule and level, `max_per_rule` will be kept.
    pub(crate) fn new(max_per_rule: usize) -> Self {
        Self { max_per_rule: max_per_rule as u64, kept: Vec::new(), n_found: BTreeMap::new() }
    }

    /// Where a rule puts what it finds on a line, or in the manifest as a whole.
    pub(crate) fn of(&mut self, rule: &'static str, line: Option<u64>) -> Place<'_> {
        Place { findings: self, rule, line }
    }

    /// What is kept, in the order of finding.
    pub(crate) fn kept(&self) -> &[Finding] {
        &self.kept
    }

    /// How many findings of a level there are, kept or not.
    pub(crate) fn n_of(&self, level: Level) -> u64 {
        self.n_found.iter().filter(|((_, of), _)| *of == level).map(|(_, n)| n).sum()
    }

    /// What was only counted, by rule and level.
    pub(crate) fn not_kept(&self) -> impl Iterator<Item = (&'static str, Level, u64)> {
        let more = |((rule, level), n): (&(&'static str, Level), &u64)| {
            Some((*rule, *level, n.checked_sub(self.max_per_rule).filter(|more| *more > 0)?))
        };
        self.n_found.iter().filter_map(more)
    }
}

/// Where a rule puts what it finds.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    findings: &'a mut Findings,
    rule: &'static str,
    line: Option<u64>,
}

impl Place<'_> {
    /// Ground Truth refuses the manifest, or the data object fails.
    pub(crate) fn error(&mut self, member: &str, message: impl FnOnce() -> String, remedy: &str) {
        self.add(Level::Error, member, message, remedy);
    }

    /// Likely a mistake.
    pub(crate) fn warning(&mut self, member: &str, message: impl FnOnce() -> String, remedy: &str) {
        self.add(Level::Warning, member, message, remedy);
    }

    /// Good to know.
    pub(crate) fn info(&mut self, member: &str, message: impl FnOnce() -> String, remedy: &str) {
        self.add(Level::Info, member, message, remedy);
    }

    /// The message is only written where the finding is kept: a million of them would take longer than the check.
    pub(crate) fn add(&mut self, level: Level, member: &str, message: impl FnOnce() -> String, remedy: &str) {
        let n_found = self.findings.n_found.entry((self.rule, level)).or_default();
        *n_found += 1;
        if *n_found <= self.findings.max_per_rule {
            self.findings.kept.push(Finding {
                level,
                rule: self.rule,
                line: self.line,
                member: member.to_owned(),
                message: message(),
                remedy: remedy.to_owned(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_kept_and_all_are_counted() {
        let mut findings = Findings::new(2);
        for line in 1..=5 {
            findings.of("M9", Some(line)).warning("", || format!("w{line}"), "r");
        }
        // Warnings do not push an error of the same rule out.
        findings.of("M9", Some(6)).error("source", || "e".to_owned(), "r");
        let kept: Vec<String> = findings.kept().iter().map(ToString::to_string).collect();
        assert_eq!(kept, ["warning[M9]: w1; r", "warning[M9]: w2; r", "error[M9]: source e; r"]);
        assert_eq!(findings.not_kept().collect::<Vec<_>>(), [("M9", Level::Warning, 3)]);
        assert_eq!((findings.n_of(Level::Error), findings.n_of(Level::Warning), findings.n_of(Level::Info)), (1, 5, 0));
    }
}
