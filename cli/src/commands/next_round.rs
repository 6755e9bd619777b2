//! `gtruth next-round`: a follow-up job of what a finished job left open.

use std::io::Write;

use serde_json::json;

use crate::args::NextRoundArgs;
use crate::commands::problems;
use crate::console::{Console, ExitStatus, table};
use crate::finished_job;
use crate::job_file::{self, LocalJob, PlanFile};
use crate::labeling_job::path;
use crate::next_round::{JOB, NextRound, Options, Reason, Summary, Wanted};

/// Prints a summary, and says what was odd about the job and what is to be known about the new one.
pub(super) fn run(args: &NextRoundArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let old = args.job_file.as_deref().map(|path| job_file::open(path)?.to_local_job()).transpose()?;
    let plan = plan(args, old.as_ref())?;
    let mut of_job = args.job.options();
    if let Some(old) = &old {
        of_job.label_attribute.get_or_insert_with(|| old.label_attribute_name.clone());
        if of_job.label_categories.is_none() {
            of_job.label_categories = old.label_categories()?;
        }
    }
    let job = of_job.open(console.progress)?;
    write!(console.err, "{}", job.notes)?;

    let options = Options {
        wanted: Wanted {
            skip: &args.skip,
            below_confidence: args.below_confidence,
            below_agreement: args.below_agreement,
            most_doubtful: args.most_doubtful,
            field: args.field.as_deref(),
        },
        adjudicate: args.adjudicate,
        name: args.name.as_deref(),
        out: &args.out,
        overwrite: args.overwrite,
    };
    let progress = console.progress;
    let mut note = |note: &str| console.note(note);
    let made = NextRound::make(&job, old.as_ref(), plan.as_ref(), options, &mut note, progress)?;
    problems::write(&made.problems, console)?;
    made.about_new_job.iter().try_for_each(|note| console.note(note))?;
    if console.json {
        console.write_json(&json!({ "nextRound": made.summary, "notes": job.notes }))?;
    } else {
        write(&made.summary, console.out)?;
    }
    Ok(ExitStatus::Success)
}

/// The plan of the command line, else that of the job file.
fn plan(args: &NextRoundArgs, old: Option<&LocalJob>) -> anyhow::Result<Option<PlanFile>> {
    match (&args.plan, old) {
        (Some(path), _) => PlanFile::open(path).map(Some),
        (None, Some(old)) => old.plan(),
        (None, None) => Ok(None),
    }
}

fn write(summary: &Summary, out: &mut dyn Write) -> anyhow::Result<()> {
    let name = finished_job::shown_name(summary.labeling_job_name.as_deref());
    writeln!(out, "labeling job {name}: {} of {} data objects chosen", summary.chosen, summary.objects)?;
    if summary.settled > 0 {
        writeln!(out, "no worker needs to see {} of those without a label", summary.settled)?;
    }
    let Some(written) = &summary.new_job else {
        writeln!(out, "nothing to do, and nothing written")?;
        return Ok(());
    };
    let mut reasons = table::plain();
    reasons.set_header(["reason", "objects", ""]);
    for (name, what) in Reason::ALL {
        if let Some(n) = summary.by_reason.get(name) {
            reasons.add_row([(*name).to_owned(), n.to_string(), (*what).to_owned()]);
        }
    }
    table::align_right(&mut reasons, &[1]);
    writeln!(out, "\n{}\n", reasons.trim_fmt())?;
    for file in &written.files {
        writeln!(out, "wrote {file}")?;
    }
    let Some(job) = written.files.iter().find(|file| file.ends_with(JOB)) else { return Ok(()) };
    if !written.to_fill_in.is_empty() {
        writeln!(out, "\nfill in {} in {job}", written.to_fill_in.join(", "))?;
    }
    if summary.by_reason.contains_key("expired") {
        writeln!(out, "\nexpired: think of a longer {}", path::TASK_AVAILABILITY_LIFETIME)?;
    }
    if written.is_adjudication {
        writeln!(out, "\nset {} to the team of your experts", path::WORKTEAM_ARN)?;
    }
    writeln!(out, "\nnext:")?;
    if written.can_be_rehearsed {
        writeln!(out, "  gtruth run {job}")?;
    }
    writeln!(out, "  gtruth job plan {job}\n  gtruth job create {job} --stack-name STACK --watch")?;
    Ok(())
}

#[cfg(test)]
mod tests;
