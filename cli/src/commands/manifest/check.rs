//! `gtruth manifest check`: what stands against a manifest, and what it holds.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::json;

use crate::args::ManifestCheckArgs;
use crate::console::{Console, ExitStatus};
use crate::files::document_file;
use crate::job_file;
use crate::manifest::check::{Checked, check};
use crate::manifest::expectations::{Expectations, optional_task_type};
use crate::manifest::input_file;
use crate::manifest::local_files::LocalFiles;
use crate::manifest::rules::grouped;
use crate::problem::Level;

/// Prints what stands against the manifest, and then what it holds.
pub(super) fn run(args: &ManifestCheckArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let (mut expected, manifest_of_job) = match &args.job {
        Some(job) => of_job(job)?,
        None => (Expectations::default(), None),
    };
    if let Some(task_type) = optional_task_type(args.task_type.as_deref())? {
        expected.task_type = Some(task_type);
    }
    expected.label_attribute = args.label_attribute.clone().or(expected.label_attribute);
    expected.audit_label = args.audit_label.clone().or(expected.audit_label);
    if let (Some(dir), Some(uri)) = (&args.files, &args.uri) {
        expected.local_files = Some(LocalFiles::new(dir, uri));
    }
    let Some(manifest) = args.manifest.clone().or(manifest_of_job) else {
        bail!("the job file names no manifest on this computer; name one, or give a copy of it as `gtruth.manifest`");
    };
    let checked = check(input_file::open(&manifest, console.progress)?, &expected, args.max_per_rule)
        .with_context(|| format!("cannot read {}", manifest.display()))?;
    if console.json {
        console.write_json(&as_json(&manifest, &checked))?;
    } else {
        write_text(console.out, &manifest, &checked)?;
    }
    Ok(ExitStatus::success_if(checked.is_sound()))
}

/// What a job file tells, and its manifest on this computer.
fn of_job(job: &Path) -> anyhow::Result<(Expectations, Option<PathBuf>)> {
    let file = job_file::open(job)?;
    let mut expected = Expectations::of_job(file.spec());
    if let Some(labels) = file.label_category_path() {
        let labels = document_file::read(&labels)?;
        expected.audit_label = labels["auditLabelAttributeName"].as_str().map(str::to_owned);
    }
    Ok((expected, file.manifest_path()))
}

fn as_json(manifest: &Path, checked: &Checked) -> serde_json::Value {
    let Checked { facts, problems } = checked;
    let more: Vec<_> =
        problems.not_kept().map(|(rule, level, count)| json!({"rule": rule, "level": level, "count": count})).collect();
    json!({
        "manifest": manifest.display().to_string(),
        "errors": problems.n_of(Level::Error),
        "warnings": problems.n_of(Level::Warning),
        "findings": problems.kept(),
        "moreFindings": more,
        "facts": facts,
    })
}

/// One line per problem, as compilers print them, then the summary.
fn write_text(out: &mut dyn Write, manifest: &Path, checked: &Checked) -> io::Result<()> {
    let Checked { facts, problems } = checked;
    let name = manifest.display();
    for problem in problems.kept() {
        match problem.location.line() {
            Some(line) => writeln!(out, "{name}:{line}: {problem}")?,
            None => writeln!(out, "{name}: {problem}")?,
        }
    }
    for (rule, level, count) in problems.not_kept() {
        writeln!(out, "{name}: {level}[{rule}]: and {} more", grouped(count))?;
    }
    if !problems.kept().is_empty() {
        writeln!(out)?;
    }
    writeln!(
        out,
        "{} lines, {} data objects, {} bytes",
        grouped(facts.lines),
        grouped(facts.data_objects),
        grouped(facts.bytes)
    )?;
    let counts = |counts: Vec<(&str, u64)>| {
        let counted: Vec<String> = counts.iter().map(|(name, n)| format!("{name} {}", grouped(*n))).collect();
        counted.join(", ")
    };
    let members = facts.members.iter().map(|(name, n)| (name.as_str(), *n)).collect();
    write_row(out, "members", &counts(most_first(members)))?;
    let buckets = facts.buckets.iter().map(|(name, n)| (name.as_str(), *n)).collect();
    write_row(out, "buckets", &counts(most_first(buckets)))?;
    for (name, extent) in [("longest line", facts.longest_line), ("longest value", facts.longest_value)] {
        if extent.line > 0 {
            let text = format!("{} characters, line {}", grouped(extent.characters), extent.line);
            write_row(out, name, &text)?;
        }
    }
    let said_if_any = [
        ("double", facts.double_sources, "lines with a data object of an earlier line"),
        ("labeled", facts.labeled, "lines with the label of the job"),
        ("failed", facts.failed_before, "lines with the metadata of a failure"),
        ("audited", facts.with_audit_label, "lines with the earlier label"),
    ];
    for (name, n, what) in said_if_any.into_iter().filter(|(_, n, _)| *n > 0) {
        write_row(out, name, &format!("{} {what}", grouped(n)))?;
    }
    let count = |level| grouped(problems.n_of(level));
    writeln!(out, "{} errors, {} warnings", count(Level::Error), count(Level::Warning))
}

fn write_row(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    if text.is_empty() { Ok(()) } else { writeln!(out, "  {name:<14} {text}") }
}

/// How many names a row of the summary holds; with `--json` there are all.
const MAX_IN_A_ROW: usize = 12;

/// Names with their counts, the most frequent first; ties by name.
fn most_first(mut counts: Vec<(&str, u64)>) -> Vec<(&str, u64)> {
    counts.sort_by(|(name, n), (other_name, other_n)| other_n.cmp(n).then(name.cmp(other_name)));
    let others: u64 = counts.iter().skip(MAX_IN_A_ROW).map(|(_, n)| n).sum();
    if others > 0 {
        counts.truncate(MAX_IN_A_ROW);
        counts.push(("others", others));
    }
    counts
}
