//! The rules between members that no table of types can say, and the catalogue of all rules.
//!
//! **Adding a rule.** In the file of its letter, write a function named after its id that looks at the [`Evidence`] and
//! gives its [`Verdict`], and add its entry to the file's `RULES`, in the order of the ids. A rule judges what is there:
//! members that are missing or of another type are reported elsewhere.
//!
//! The ids are those of the project's own specification of CreateLabelingJob. Sources: "API" is the API model of
//! SageMaker (2017-07-24), other words are pages of the Ground Truth developer guide, and "inferred" is reason.

mod automated_labeling;
mod functions;
mod label_categories;
mod manifest;
mod naming;
mod price;
mod regions;
mod storage;
mod streaming;
mod times;
mod worker_interface;
mod workforce;

use serde::Serialize;

use super::Evidence;
use super::scope::{RunsOn, Scope};
use crate::problem::{Level, Problem};

/// A rule that a labeling job must keep, or that is wise to keep.
#[derive(Debug)]
pub struct Rule {
    /// A letter for what it is about, and a number.
    pub id: &'static str,
    /// How bad it is to break it; a problem may be less bad.
    pub level: Level,
    /// What it asks for, in one sentence.
    pub says: &'static str,
    /// The page, API model or observation that the rule comes from.
    pub source: &'static str,
    /// Which jobs must keep it.
    scope: Scope,
    check: Check,
}

/// How a rule is decided.
#[derive(Debug)]
enum Check {
    /// From the job file, and the files that it names.
    Here(fn(&Evidence) -> Verdict),
    /// By the bounds of its member: the problem carries the rule's id.
    Bounds,
    /// By reading the manifest, line by line: the problem carries the rule's id.
    InManifest,
    /// By looking at the data objects themselves, where they are at hand.
    InDataObjects,
    /// By asking AWS, if the function says that it concerns the job. The text says what must be looked at.
    AtAws(&'static str, fn(&Evidence) -> bool),
    /// Nothing to decide: something to know. The function says whether it concerns the job.
    Fact(fn(&Evidence) -> bool),
}

/// What became of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The job keeps the rule.
    Kept,
    /// The rule is about other jobs.
    NotApplicable,
    /// It cannot be decided without this.
    Unseen(&'static str),
    /// Another command decides it.
    Elsewhere(&'static str),
    /// Only AWS can tell: what `gtruth job preflight` looks at.
    AtAws(&'static str),
    /// Nothing to decide, but good to know for this job.
    Fact,
    /// The job breaks the rule, in each of these ways.
    Broken(Vec<Problem>),
}

/// One line of the catalogue, as `gtruth job rules --json` prints it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CatalogueEntry {
    id: &'static str,
    level: Level,
    says: &'static str,
    source: &'static str,
    decided_by: &'static str,
}

/// Every rule, letter by letter.
fn all() -> impl Iterator<Item = &'static Rule> {
    [
        naming::RULES,
        workforce::RULES,
        worker_interface::RULES,
        functions::RULES,
        regions::RULES,
        times::RULES,
        price::RULES,
        label_categories::RULES,
        automated_labeling::RULES,
        streaming::RULES,
        storage::RULES,
        manifest::RULES,
    ]
    .into_iter()
    .flatten()
}

/// Everything that breaks a rule which concerns a job that runs there.
pub(super) fn check(evidence: &Evidence, runs_on: RunsOn) -> Vec<Problem> {
    let concerning = all().filter(|rule| rule.scope.concerns(runs_on));
    let problems = concerning.filter_map(|rule| match rule.verdict(evidence, &[]) {
        Verdict::Broken(problems) => Some(problems),
        _ => None,
    });
    problems.flatten().collect()
}

impl Rule {
    const fn here(
        id: &'static str,
        level: Level,
        says: &'static str,
        source: &'static str,
        check: fn(&Evidence) -> Verdict,
    ) -> Self {
        Self { id, level, says, source, scope: Scope::AtAws, check: Check::Here(check) }
    }

    /// One that a run on this computer must keep too.
    const fn anywhere(self) -> Self {
        Self { scope: Scope::Anywhere, ..self }
    }

    const fn in_manifest(id: &'static str, level: Level, says: &'static str, source: &'static str) -> Self {
        Self { id, level, says, source, scope: Scope::AtAws, check: Check::InManifest }
    }

    const fn in_data_objects(id: &'static str, level: Level, says: &'static str, source: &'static str) -> Self {
        Self { id, level, says, source, scope: Scope::AtAws, check: Check::InDataObjects }
    }

    const fn bounds(id: &'static str, says: &'static str, source: &'static str) -> Self {
        Self { id, level: Level::Error, says, source, scope: Scope::Anywhere, check: Check::Bounds }
    }

    const fn at_aws(
        id: &'static str,
        level: Level,
        says: &'static str,
        source: &'static str,
        looks_at: &'static str,
        concerns: fn(&Evidence) -> bool,
    ) -> Self {
        Self { id, level, says, source, scope: Scope::AtAws, check: Check::AtAws(looks_at, concerns) }
    }

    const fn fact(
        id: &'static str,
        level: Level,
        says: &'static str,
        source: &'static str,
        concerns: fn(&Evidence) -> bool,
    ) -> Self {
        Self { id, level, says, source, scope: Scope::AtAws, check: Check::Fact(concerns) }
    }

    /// What becomes of the rule. `problems` are those of the members' bounds, some of which are rules.
    pub fn verdict(&self, evidence: &Evidence, problems: &[Problem]) -> Verdict {
        let by_bounds: Vec<Problem> =
            problems.iter().filter(|problem| problem.rule == Some(self.id)).cloned().collect();
        if !by_bounds.is_empty() {
            return Verdict::Broken(by_bounds);
        }
        match self.check {
            Check::Here(check) => match check(evidence) {
                Verdict::Broken(problems) => {
                    Verdict::Broken(problems.into_iter().map(|problem| self.own(problem)).collect())
                }
                verdict => verdict,
            },
            Check::AtAws(looks_at, concerns) if concerns(evidence) => Verdict::AtAws(looks_at),
            Check::Fact(concerns) if concerns(evidence) => Verdict::Fact,
            Check::AtAws(..) | Check::Fact(_) => Verdict::NotApplicable,
            // Whoever has seen the manifest has gathered what is wrong with its lines.
            Check::InManifest if evidence.manifest.is_some() => Verdict::Kept,
            Check::InManifest => Verdict::Elsewhere("gtruth manifest check"),
            Check::InDataObjects => Verdict::Elsewhere("gtruth manifest check --files"),
            Check::Bounds => Verdict::Kept,
        }
    }

    /// A problem that the rule's function found, under the rule's id. One that the function did not weigh is as bad as
    /// the rule.
    fn own(&self, problem: Problem) -> Problem {
        let level = if problem.is_error() { self.level } else { problem.level };
        Problem { level, rule: Some(self.id), ..problem }
    }

    /// Every rule, letter by letter.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        all()
    }

    /// Which command decides it.
    pub fn decided_by(&self) -> &'static str {
        match self.check {
            Check::Here(_) | Check::Bounds => "job plan",
            Check::InManifest | Check::InDataObjects => "manifest check",
            Check::AtAws(..) => "job preflight",
            Check::Fact(_) => "good to know",
        }
    }

    /// Its line of the catalogue.
    pub fn catalogue_entry(&self) -> CatalogueEntry {
        let Self { id, level, says, source, .. } = *self;
        CatalogueEntry { id, level, says, source, decided_by: self.decided_by() }
    }
}

impl Verdict {
    /// Broken where there are problems, kept where there are none.
    fn of(problems: Vec<Problem>) -> Self {
        if problems.is_empty() { Self::Kept } else { Self::Broken(problems) }
    }

    /// Broken if there is a problem.
    fn unless(problem: Option<Problem>) -> Self {
        Self::of(problem.into_iter().collect())
    }
}

/// The verdict of a rule that is broken in one way.
fn broken(path: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Verdict {
    Verdict::Broken(vec![Problem::in_job(path, message, remedy)])
}

#[cfg(test)]
mod tests;
