//! `gtruth report`: a finished job as one HTML page.

use std::fs;

use anyhow::{Context, ensure};
use serde_json::json;

use crate::args::ReportArgs;
use crate::console::words::counted;
use crate::console::{Console, ExitStatus};
use crate::crowd::workers::GoldLabels;
use crate::files::whole_file;
use crate::finished_job::{ObjectDetails, Source};
use crate::job_file::PlanFile;
use crate::report::{PageImages, Report, WorkerNames, page};

/// Prints what the page holds to `out`, and what was odd about the job to `err`.
pub(super) fn run(args: &ReportArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let path = &args.out;
    ensure!(
        args.overwrite || !path.exists(),
        "{} is there already; give --overwrite to replace it, or another file with --out",
        path.display()
    );
    let plan = PlanFile::open_or_standard(args.plan.as_deref())?;
    let mut job = args.job.options().open(console.progress)?;
    write!(console.err, "{}", job.notes)?;
    let names = WorkerNames::of_job(&job, &args.names.of_job(job.name.as_deref()));
    let files: Vec<Option<&str>> = job.details.iter().map(file).collect();
    let images = PageImages::find(&args.images.options(&args.job), path, &files, console.progress)?;
    let image_counts = images.counts(&files);
    if let Some(warning) = images.warning() {
        writeln!(console.err, "{warning}")?;
    }
    let gold = GoldLabels::read(args.gold.gold.as_deref(), args.gold.gold_attribute.as_deref(), &job)?;
    let report = Report::of(&mut job, &plan, &gold, &names, &images, console.progress)?;

    whole_file::write(path, |file| page::write(&report, file))?;
    let bytes = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();

    let counts = &report.overview.counts;
    if console.json {
        let summary = json!({"counts": counts, "bytes": bytes, "images": image_counts, "notes": job.notes});
        console.write_json(&summary)?;
        return Ok(ExitStatus::Success);
    }
    let [objects, answers] = [(counts.objects, "object"), (counts.answers, "answer")].map(|(n, noun)| counted(n, noun));
    writeln!(console.out, "{objects}, {answers} of {}", counted(counts.workers, "worker"))?;
    writeln!(console.out, "{image_counts}")?;
    writeln!(console.out, "{} ({:.1} MB)", path.display(), bytes as f64 / 1e6)?;
    Ok(ExitStatus::Success)
}

/// What the manifest calls the object's file, if it has one.
fn file(details: &ObjectDetails) -> Option<&str> {
    match details.source.as_ref()? {
        Source::File(uri) => Some(uri),
        Source::Text(_) => None,
    }
}

#[cfg(test)]
mod tests;
