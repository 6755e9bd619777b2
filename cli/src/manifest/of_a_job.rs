//! What the plan of a job has to know about its manifest.

use std::path::Path;

use anyhow::Context;

use super::check::{Checked, check};
use super::expectations::Expectations;
use super::input_file;
use crate::console::progress::Progress;
use crate::labeling_job::{JobSpec, ManifestFacts, path};
use crate::problem::{Level, Location, Problem};

/// How many problems of each rule the plan names; `gtruth manifest check` has them all.
const MAX_PER_RULE: usize = 3;

/// What a manifest holds, and what stands against its lines by the rules M.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn facts_and_problems(
    file: &Path,
    spec: &JobSpec,
    progress: Progress,
) -> anyhow::Result<(ManifestFacts, Vec<Problem>)> {
    let checked = check(input_file::open(file, progress)?, &Expectations::of_job(spec), MAX_PER_RULE)
        .with_context(|| format!("cannot read {}", file.display()))?;
    let problems = problems(&checked);
    let facts = ManifestFacts {
        n_objects: checked.facts.data_objects,
        longest_line: checked.facts.longest_line.characters,
        n_lines_with: checked.facts.members,
    };
    Ok((facts, problems))
}

fn problems(checked: &Checked) -> Vec<Problem> {
    // The other letters are judged by the facts.
    let is_of_lines = |rule: &str, level: Level| rule.starts_with('M') && level != Level::Info;
    let kept = checked.problems.kept().iter();
    let kept = kept.filter(|problem| problem.rule.is_some_and(|rule| is_of_lines(rule, problem.level)));
    let told = kept.map(|problem| Problem { location: of_the_job(&problem.location), ..problem.clone() });
    let counted = checked.problems.not_kept().filter(|(rule, level, _)| is_of_lines(rule, *level));
    let counted = counted.map(|(rule, level, n)| {
        let message = format!("has {n} more lines that break {rule}");
        let problem = Problem::in_job(path::MANIFEST_S3_URI, message, "let `gtruth manifest check` name them");
        Problem { rule: Some(rule), ..problem.at(level) }
    });
    told.chain(counted).collect()
}

/// A location in the manifest, seen from the job file.
fn of_the_job(location: &Location) -> Location {
    let line = location.line().map(|line| format!(", line {line}")).unwrap_or_default();
    let member = match location.member() {
        "" => String::new(),
        member => format!(": {member}"),
    };
    Location::Job { path: format!("{}{line}{member}", path::MANIFEST_S3_URI) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::labeling_job::testing::job;

    fn check(manifest: &str, expected: &[&str]) -> ManifestFacts {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("m");
        std::fs::write(&file, manifest).expect("writable");
        let spec = job(&[("/LabelAttributeName", json!("survey"))]);
        let (facts, problems) = facts_and_problems(&file, &spec, Progress::HIDDEN).expect("readable");
        let said: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert_eq!(said, expected);
        facts
    }

    #[test]
    fn facts_and_problems_of_lines_come_from_one_reading() {
        let facts = check("{\"source\":\"a\",\"n\":1}\n{\"source\":\"b\"}\n", &[]);
        assert_eq!((facts.n_objects, facts.n_lines_with("n"), facts.longest_line), (2, 1, 20));
        let at = "InputConfig.DataSource.S3DataSource.ManifestS3Uri";
        let line = |n: usize| {
            format!(
                "error[M12]: {at}, line {n}: source-ref does not start with s3://; write it as s3://bucket/key, the key as S3 shows it, without percent escapes"
            )
        };
        let more = format!("error[M12]: {at} has 2 more lines that break M12; let `gtruth manifest check` name them");
        let lines: String = (0..5).map(|n| format!("{{\"source-ref\":\"b/{n}\"}}\n")).collect();
        check(&lines, &[&line(1), &line(2), &line(3), &more]);
        let labeled = format!(
            "error[M17]: {at}, line 1: survey has no metadata beside it, so no labeling job wrote it; rename the member, or choose another label attribute name: Ground Truth would take it for a label"
        );
        check("{\"source\":\"a\",\"survey\":0}\n", &[&labeled]);
    }
}
