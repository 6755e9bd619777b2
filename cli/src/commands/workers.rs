//! `gtruth workers`: how each worker of a finished job did.

use serde_json::{Map, json};

use crate::args::WorkersArgs;
use crate::console::{Console, ExitStatus};
use crate::crowd::workers::{GoldLabels, Report};
use crate::job_file::PlanFile;

mod tables;

/// Prints the report, and says what was odd about the job.
pub(super) fn run(args: &WorkersArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let plan = PlanFile::open_or_standard(args.plan.as_deref())?.plan;
    let mut job = args.job.options().open(console.progress)?;
    write!(console.err, "{}", job.notes)?;
    let gold = GoldLabels::read(args.gold.gold.as_deref(), args.gold.gold_attribute.as_deref(), &job)?;
    let mut outcomes = console.progress.during("consolidating", || plan.consolidate(&job.batch));
    // Only what was set aside is looked at. The labels of a large job weigh more than its answers.
    outcomes.iter_mut().flat_map(|outcome| &mut outcome.fields).for_each(|field| field.outcome.members = Map::new());
    let names = args.names.of_job(job.name.as_deref());
    let report = Report::of(&mut job, &plan, &outcomes, &gold, &names, console.progress);
    if console.json {
        console.write_json(&json!({ "workers": report, "notes": job.notes }))?;
    } else {
        tables::write(&report, console.out)?;
    }
    Ok(ExitStatus::Success)
}

#[cfg(test)]
mod tests;
