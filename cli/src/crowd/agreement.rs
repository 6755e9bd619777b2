//! `gtruth agreement`: how far the workers of a finished job agree, field by field.

use std::io::Write;

use ground_truth::agreement::bootstrap::{Bootstrap, BootstrapError};
use serde::Serialize;
use serde_json::json;

use super::names::WorkerNames;
use super::{Crowd, NoReferences};
use crate::args::AgreementArgs;
use crate::console::words::counted;
use crate::console::{ExitStatus, progress, table, write_json};
use crate::finished_job;
use crate::job_file::PlanFile;

mod field;

pub(crate) use field::FieldAgreement;
use field::Statistic;

/// How much of the replicates an interval holds.
const LEVEL: f64 = 0.95;

/// How many times the objects are drawn anew for an interval, unless somebody asks otherwise.
pub(crate) const REPLICATES: usize = 1000;

/// Prints the report to `out`, and what was odd about the job to `err`.
pub(crate) fn run(
    args: &AgreementArgs,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let plan = PlanFile::open_or_standard(args.plan.as_deref())?.plan;
    let job = finished_job::open_with_progress(&args.job)?;
    write!(err, "{}", job.notes)?;
    let outcomes = progress::during("consolidating", || plan.consolidate(&job.batch));
    let crowd = Crowd::read(&plan, &job.batch, &outcomes, &NoReferences);
    let names = args.names.of_job(job.name.as_deref());
    let settings = Settings::new(args.replicates, args.seed, job.batch.objects.len(), args.pairs)?;
    let measure = || Report::of(&crowd, job.name.as_deref(), &settings, &names);
    let report = progress::during("measuring how far workers agree", measure)?;
    if json {
        write_json(out, &json!({ "agreement": report, "notes": job.notes }))?;
    } else {
        report.write(out)?;
    }
    Ok(ExitStatus::Success)
}

/// How statistics are computed.
pub(crate) struct Settings {
    /// How intervals are drawn, if they are.
    bootstrap: Option<Bootstrap>,
    /// Where the draw of pairs starts, where there are too many to measure all.
    seed: u64,
    n_objects: usize,
    /// Whether every two workers are compared.
    with_pairs: bool,
}

impl Settings {
    /// No replicates give no interval.
    ///
    /// # Errors
    /// As [`Bootstrap::new`].
    pub(crate) fn new(
        replicates: usize,
        seed: u64,
        n_objects: usize,
        with_pairs: bool,
    ) -> Result<Self, BootstrapError> {
        let bootstrap = (replicates > 0).then(|| Bootstrap::new(replicates, LEVEL, seed)).transpose()?;
        Ok(Self { bootstrap, seed, n_objects, with_pairs })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    labeling_job_name: Option<String>,
    objects: usize,
    workers: usize,
    fields: Vec<FieldAgreement>,
}

impl Report {
    fn of(crowd: &Crowd, job: Option<&str>, settings: &Settings, names: &WorkerNames) -> anyhow::Result<Self> {
        let fields = crowd.fields.iter().map(|field| FieldAgreement::of(field, &crowd.workers, settings, names));
        Ok(Self {
            labeling_job_name: job.map(str::to_owned),
            objects: settings.n_objects,
            workers: crowd.workers.len(),
            fields: fields.collect::<Result<_, _>>()?,
        })
    }

    fn write(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let name = finished_job::shown_name(self.labeling_job_name.as_deref());
        writeln!(
            out,
            "labeling job {name}: {}, {}\n",
            counted(self.objects, "data object"),
            counted(self.workers, "worker")
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
        for field in &self.fields {
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
        for field in &self.fields {
            for (statistic, why) in field.reasons() {
                writeln!(out, "\n{}: no {statistic}: {why}", field.field)?;
            }
        }
        writeln!(out, "\n{LEGEND}")?;
        for field in self.fields.iter().filter(|field| field.worker_pairs.as_ref().is_some_and(|all| !all.is_empty())) {
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
}

const LEGEND: &str = "\
alpha is Krippendorff's: 1 for full agreement, 0 for what chance would give. kappa is Fleiss', of
categories. agreement is the mean over objects of how near two answers are: equal ones count 1.";

#[cfg(test)]
mod tests;
