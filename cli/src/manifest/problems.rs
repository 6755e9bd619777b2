//! What the rules find, held in bounded memory: a rule that a million lines break is told a few times, and counted.

use std::collections::BTreeMap;

use crate::problem::{Level, Location, Problem};

/// All problems: the first few of each rule and level as they are, the rest as a count.
#[derive(Debug)]
pub(crate) struct CountedProblems {
    max_per_rule: u64,
    kept: Vec<Problem>,
    n_found: BTreeMap<(&'static str, Level), u64>,
}

impl CountedProblems {
    /// No problems yet; of each rule and level, `max_per_rule` will be kept.
    pub(crate) fn new(max_per_rule: usize) -> Self {
        Self { max_per_rule: max_per_rule as u64, kept: Vec::new(), n_found: BTreeMap::new() }
    }

    /// Where a rule puts what it finds on a line, or in the manifest as a whole.
    pub(crate) fn of(&mut self, rule: &'static str, line: Option<u64>) -> Found<'_> {
        Found { problems: self, rule, line }
    }

    /// What is kept, in the order of the lines.
    pub(crate) fn kept(&self) -> &[Problem] {
        &self.kept
    }

    /// How many problems of a level there are, kept or not.
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
pub(crate) struct Found<'a> {
    problems: &'a mut CountedProblems,
    rule: &'static str,
    line: Option<u64>,
}

impl Found<'_> {
    /// Ground Truth refuses the manifest, or the data object fails.
    pub(crate) fn error(&mut self, member: &str, message: impl FnOnce() -> String, remedy: &str) {
        self.add(Level::Error, member, message, remedy);
    }

    /// Adds a finding that is likely a mistake.
    pub(crate) fn warning(&mut self, member: &str, message: impl FnOnce() -> String, remedy: &str) {
        self.add(Level::Warning, member, message, remedy);
    }

    /// Adds a finding that is good to know.
    pub(crate) fn info(&mut self, member: &str, message: impl FnOnce() -> String, remedy: &str) {
        self.add(Level::Info, member, message, remedy);
    }

    /// The message is only written where the problem is kept: a million of them would take longer than the check.
    pub(crate) fn add(&mut self, level: Level, member: &str, message: impl FnOnce() -> String, remedy: &str) {
        let n_found = self.problems.n_found.entry((self.rule, level)).or_default();
        *n_found += 1;
        if *n_found <= self.problems.max_per_rule {
            self.problems.kept.push(Problem {
                level,
                rule: Some(self.rule),
                location: Location::Manifest { line: self.line, member: member.to_owned() },
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
        let mut problems = CountedProblems::new(2);
        for line in 1..=5 {
            problems.of("M9", Some(line)).warning("", || format!("w{line}"), "r");
        }
        // Warnings do not push an error of the same rule out.
        problems.of("M9", Some(6)).error("source", || "e".to_owned(), "r");
        let kept: Vec<String> = problems.kept().iter().map(ToString::to_string).collect();
        assert_eq!(kept, ["warning[M9]: w1; r", "warning[M9]: w2; r", "error[M9]: source e; r"]);
        assert_eq!(problems.not_kept().collect::<Vec<_>>(), [("M9", Level::Warning, 3)]);
        assert_eq!((problems.n_of(Level::Error), problems.n_of(Level::Warning), problems.n_of(Level::Info)), (1, 5, 0));
    }
}
