//! `gtruth agreement`: how far the workers of a finished job agree, field by field.

use std::io::Write;

use serde_json::json;

use crate::args::AgreementArgs;
use crate::console::words::counted;
use crate::console::{Console, ExitStatus, table};
use crate::crowd::agreement::{Report, Settings, Statistic};
use crate::crowd::{Crowd, NoReferences};
use crate::finished_job;
use crate::job_file::PlanFile;

/// Prints the report, and says what was odd about the job.
pub(super) fn run(args: &AgreementArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let plan = PlanFile::open_or_standard(args.plan.as_deref())?.plan;
    let job = args.job.options().open(console.progress)?;
    write!(console.err, "{}", job.notes)?;
    let outcomes = console.progress.during("consolidating", || plan.consolidate(&job.batch));
    let crowd = Crowd::read(&plan, &job.batch, &outcomes, &NoReferences);
    let names = args.names.of_job(job.name.as_deref());
    let settings = Settings::new(args.replicates, args.seed, job.batch.objects.len(), args.pairs)?;
    let measure = || Report::of(&crowd, job.name.as_deref(), &settings, &names);
    let report = console.progress.during("measuring how far workers agree", measure)?;
    if console.json {
        console.write_json(&json!({ "agreement": report, "notes": job.notes }))?;
    } else {
        write(&report, console.out)?;
    }
    Ok(ExitStatus::Success)
}

fn write(report: &Report, out: &mut dyn Write) -> anyhow::Result<()> {
    let name = finished_job::shown_name(report.labeling_job_name.as_deref());
    writeln!(
        out,
        "labeling job {name}: {}, {}\n",
        counted(report.objects, "data object"),
        counted(report.workers, "worker")
    )?;
    let mut fields = table::plain();
    fields.set_header([
        "field",
        "kind",
        "objects",
        "answers",
        "pairs",
        "alpha",
        "95% interval",
        "scale",
        "kappa",
        "agreement",
    ]);
    for field in &report.fields {
        let kappa = field.fleiss_kappa.as_ref().map_or("-".to_owned(), Statistic::text);
        fields.add_row([
            field.field.clone(),
            field.kind.to_owned(),
            field.objects.to_string(),
            field.answers.to_string(),
            field.pairs.to_string(),
            field.alpha.text(),
            field.alpha.interval_text(),
            field.scale.to_owned(),
            kappa,
            field.agreement.percent(),
        ]);
    }
    table::align_right(&mut fields, &[2, 3, 4, 5, 6, 8, 9]);
    writeln!(out, "{}", fields.trim_fmt())?;
    for field in &report.fields {
        for (statistic, why) in field.reasons() {
            writeln!(out, "\n{}: no {statistic}: {why}", field.field)?;
        }
    }
    writeln!(out, "\n{LEGEND}")?;
    for field in report.fields.iter().filter(|field| field.worker_pairs.as_ref().is_some_and(|all| !all.is_empty())) {
        let mut pairs = table::plain();
        pairs.set_header(["worker", "and", "objects", "agreement", "kappa"]);
        for pair in field.worker_pairs.iter().flatten() {
            pairs.add_row([
                pair.worker_a.clone(),
                pair.worker_b.clone(),
                pair.objects.to_string(),
                format!("{:.0}%", 100.0 * pair.agreement),
                pair.kappa.map_or("-".to_owned(), |kappa| format!("{kappa:.2}")),
            ]);
        }
        table::align_right(&mut pairs, &[2, 3, 4]);
        writeln!(out, "\n{}\n{}", field.field, pairs.trim_fmt())?;
    }
    Ok(())
}

const LEGEND: &str = "\
alpha is Krippendorff's: 1 for full agreement, 0 for what chance would give. kappa is Fleiss', of
categories. agreement is the mean over objects of how near two answers are: equal ones count 1.";

#[cfg(test)]
mod tests;
