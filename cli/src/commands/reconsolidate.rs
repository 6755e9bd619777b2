//! `gtruth reconsolidate`: all answers of a finished job through the engine at once.

use std::io::Write;
use std::path::Path;

use comfy_table::Table;
use serde_json::json;

use crate::args::ReconsolidateArgs;
use crate::console::{Console, ExitStatus, table};
use crate::finished_job;
use crate::job_file::PlanFile;
use crate::labels::label_diff::Change;
use crate::reconsolidation::{DIFF, OUTPUT_MANIFEST, ObjectCounts, Summary, WORKER_SKILLS, reconsolidate};

/// Prints a summary, and says what was odd about the job.
pub(super) fn run(args: &ReconsolidateArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let plan = PlanFile::open_or_standard(args.plan.as_deref())?.plan;
    let job = args.job.options().open(console.progress)?;
    write!(console.err, "{}", job.notes)?;
    let summary = reconsolidate(&plan, &job, &args.out, args.overwrite, console.progress)?;
    if console.json {
        console.write_json(&json!({ "summary": summary, "notes": job.notes }))?;
    } else {
        write(&summary, &args.out, console.out)?;
    }
    Ok(ExitStatus::success_if(summary.objects.without_label == 0))
}

fn write(summary: &Summary, folder: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "labeling job {}\n", finished_job::shown_name(summary.labeling_job_name.as_deref()))?;
    let ObjectCounts { all, labeled, kept, without_label } = summary.objects;
    let mut rows = vec![("data objects", all, ""), ("  labeled", labeled, "")];
    rows.push(("  no label", without_label, "their answers gave none"));
    rows.push(("  kept", kept, "no answers on file: they keep their label, or the reason why they failed"));
    rows.extend([("answers", summary.answers, ""), ("workers", summary.workers, "")]);
    rows.retain(|(_, n, why)| *n > 0 || why.is_empty());
    let mut counts = table::plain();
    for (name, n, why) in rows {
        counts.add_row([name.to_owned(), n.to_string(), why.to_owned()]);
    }
    table::align_right(&mut counts, &[1]);
    writeln!(out, "{}\n", counts.trim_fmt())?;
    writeln!(out, "{}\n", changes_table(summary).trim_fmt())?;
    for (file, what) in [(OUTPUT_MANIFEST, "new labels"), (DIFF, "what differs"), (WORKER_SKILLS, "workers")] {
        writeln!(out, "{what}: {}", folder.join(file).display())?;
    }
    Ok(())
}

/// One row per field: how many labels are the same, changed, gained or lost.
fn changes_table(summary: &Summary) -> Table {
    let mut table = table::plain();
    table.set_header(["field", "kind", "method", "same", "changed", "gained", "lost", "incomparable", "confidence"]);
    for field in summary.fields.iter() {
        let changes = summary.changes.fields().find(|(name, _)| **name == field.field).map(|(_, changes)| changes);
        let of = |change| changes.map_or(0, |changes| changes.of(change)).to_string();
        let moved = changes.and_then(|changes| changes.mean_confidence);
        let after = field.mean_confidence.confidence().map(|mean| format!("{:.2}", mean.rounded()));
        let confidence = match moved {
            Some(moved) => format!("{:.2} → {:.2}", moved.before, moved.after),
            None => after.unwrap_or("-".to_owned()),
        };
        table.add_row([
            field.field.clone(),
            field.kind.to_owned(),
            field.method.unwrap_or("-").to_owned(),
            of(Change::Same),
            of(Change::Changed),
            of(Change::Gained),
            of(Change::Lost),
            of(Change::Incomparable),
            confidence,
        ]);
    }
    table::align_right(&mut table, &[3, 4, 5, 6, 7, 8]);
    table
}

#[cfg(test)]
mod tests;
