//! Every rule with its verdict on one job.

use serde::Serialize;

use crate::console::Console;
use crate::labeling_job::{Evidence, Rule, Verdict};
use crate::problem::{Level, Problem};

/// A rule with its verdict on the job, as `--explain` prints it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Judged {
    rule: &'static str,
    level: Level,
    says: &'static str,
    verdict: &'static str,
    /// What would be needed, or what must be looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<&'static str>,
    /// Without the rule, which stands above.
    #[serde(rename = "findings", skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Problem>,
}

/// Writes every rule with its verdict: as a table, or as JSON.
pub(super) fn explain(evidence: &Evidence<'_>, problems: &[Problem], console: &mut Console<'_>) -> anyhow::Result<()> {
    let judged: Vec<Judged> = Rule::all().map(|rule| judge(rule, evidence, problems)).collect();
    if console.json {
        return console.write_json(&judged);
    }
    for Judged { rule, verdict, says, needs, problems, .. } in &judged {
        let needs = needs.map(|needs| format!(" ({needs})")).unwrap_or_default();
        writeln!(console.out, "{rule:<4} {verdict:<17} {says}{needs}")?;
        problems.iter().try_for_each(|problem| writeln!(console.out, "     {problem}"))?;
    }
    let unruled: Vec<&Problem> = problems.iter().filter(|problem| problem.rule.is_none()).collect();
    if !unruled.is_empty() {
        writeln!(console.out, "\nBounds of single members:")?;
        unruled.iter().try_for_each(|problem| writeln!(console.out, "     {problem}"))?;
    }
    Ok(())
}

fn judge(rule: &'static Rule, evidence: &Evidence<'_>, problems: &[Problem]) -> Judged {
    let (verdict, needs, broken) = match rule.verdict(evidence, problems) {
        Verdict::Kept => ("ok", None, Vec::new()),
        Verdict::NotApplicable => ("not applicable", None, Vec::new()),
        Verdict::Unseen(file) => ("not seen", Some(file), Vec::new()),
        Verdict::Elsewhere(command) => ("not judged here", Some(command), Vec::new()),
        Verdict::AtAws(looks_at) => ("needs the account", Some(looks_at), Vec::new()),
        Verdict::Fact => ("good to know", None, Vec::new()),
        Verdict::Broken(problems) => ("broken", None, problems),
    };
    let problems = broken.into_iter().map(|problem| Problem { rule: None, ..problem }).collect();
    Judged { rule: rule.id, level: rule.level, says: rule.says, verdict, needs, problems }
}
