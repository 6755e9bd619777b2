//! `gtruth reconsolidate`: all answers of a finished job through the engine at once.

use std::io::Write;

use comfy_table::Table;
use ground_truth::contract::manifest::LabelMetadata;
use ground_truth::label::{self, JobFacts, Labels};
use ground_truth::plan::{ConsolidationPlan, Outcome};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::args::ReconsolidateArgs;
use crate::console::{Console, ExitStatus, table};
use crate::files::output_folder::OutputFolder;
use crate::files::wire_time;
use crate::finished_job::{FinishedJob, ObjectDetails, State};
use crate::job_file::plan_file;
use crate::labels::field_summary::FieldSummaries;
use crate::labels::label_diff::{self, Change, DiffSummary, FieldDiff};
use crate::labels::output_line;

/// The label attribute of a job that does not tell its own.
const DEFAULT_LABEL_ATTRIBUTE: &str = "label";

const OUTPUT_MANIFEST: &str = "output.manifest";
const DIFF: &str = "diff.jsonl";
const WORKER_SKILLS: &str = "worker-skills.json";

/// How many lines are in memory at a time.
const LINES_AT_A_TIME: usize = 4096;

/// Prints a summary to `out`, and what was odd about the job to `err`.
pub(super) fn run(args: &ReconsolidateArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let plan = plan_file::read(args.plan.as_deref())?;
    let job = args.job.options().open(console.progress)?;
    write!(console.err, "{}", job.notes)?;
    let folder = OutputFolder::create(&args.out, &[OUTPUT_MANIFEST, DIFF, WORKER_SKILLS], args.overwrite)?;
    let outcomes = console.progress.during("consolidating", || plan.consolidate(&job.batch));
    let summary = console.progress.during("writing labels", || write_labels(&plan, &job, &outcomes, &folder))?;
    drop(outcomes);
    let skills = console.progress.during("estimating skills", || plan.worker_skills(&job.batch));
    folder.write(WORKER_SKILLS, |file| Ok(serde_json::to_writer_pretty(file, &json!({ "workerSkills": skills }))?))?;
    if console.json {
        console.write_json(&json!({ "summary": summary, "notes": job.notes }))?;
    } else {
        summary.write(&folder, console.out)?;
    }
    Ok(ExitStatus::success_if(summary.objects.without_label == 0))
}

/// What the whole run came to.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    labeling_job_name: Option<String>,
    label_attribute_name: String,
    objects: ObjectCounts,
    answers: usize,
    workers: usize,
    fields: FieldSummaries,
    changes: DiffSummary,
}

/// Data objects by what became of them.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectCounts {
    all: usize,
    labeled: usize,
    /// Without answers on file: they keep what they have.
    kept: usize,
    /// With answers that gave no label.
    without_label: usize,
}

fn write_labels(
    plan: &ConsolidationPlan,
    job: &FinishedJob,
    outcomes: &[Outcome],
    folder: &OutputFolder<'_>,
) -> anyhow::Result<Summary> {
    let name = job.label_attribute_name.as_deref().unwrap_or(DEFAULT_LABEL_ATTRIBUTE);
    let facts = JobFacts { label_attribute_name: name, labeling_job_name: job.name.as_deref(), creation_date: None };
    let labels = label::write(plan, &job.batch, outcomes, facts);
    let mut summary = Summary {
        labeling_job_name: job.name.clone(),
        label_attribute_name: name.to_owned(),
        answers: job.n_answers(),
        workers: job.n_workers(),
        ..Summary::default()
    };
    let places: Vec<usize> = (0..outcomes.len()).collect();
    folder.write(OUTPUT_MANIFEST, |manifest| {
        folder.write(DIFF, |diffs| {
            // Lines are made on all threads, some at a time, and written in their order.
            for places in places.chunks(LINES_AT_A_TIME) {
                let relabel = |place: &usize| Relabeled::of(*place, job, &outcomes[*place], &labels, name);
                let relabeled: Vec<Relabeled> = places.par_iter().map(relabel).collect();
                for (place, relabeled) in places.iter().zip(relabeled) {
                    writeln!(manifest, "{}", relabeled.line)?;
                    summary.count(&relabeled, &outcomes[*place]);
                    for diff in relabeled.diffs.iter().filter(|diff| diff.change != Change::Same) {
                        let line = DiffLine { object: outcomes[*place].id.as_str(), diff };
                        writeln!(diffs, "{}", serde_json::to_string(&line)?)?;
                    }
                }
            }
            Ok(())
        })
    })?;
    Ok(summary)
}

/// What became of one object.
struct Relabeled {
    /// Its line in the new manifest.
    line: String,
    fate: Fate,
    diffs: Vec<FieldDiff>,
}

#[derive(PartialEq)]
enum Fate {
    Labeled,
    Kept,
    WithoutLabel,
}

impl Relabeled {
    fn of(place: usize, job: &FinishedJob, outcome: &Outcome, labels: &Labels<'_>, name: &str) -> Self {
        let (object, details) = (&job.batch.objects[place], &job.details[place]);
        let line = details.line_or_source(place);
        if object.answers.is_empty() && object.rejected.is_empty() {
            return Self { line: line.text, fate: Fate::Kept, diffs: Vec::new() };
        }
        let (before, metadata) = match job.state(place) {
            State::Labeled { label, metadata } => (Some(label), metadata),
            State::Failed { .. } | State::Unlabeled => (None, None),
        };
        let diffs = label_diff::compare(before.as_ref(), metadata.as_ref(), &label::of_fields(outcome));
        let (line, fate) = match labels.content(place) {
            Some(content) => {
                let metadata = label_metadata(job, details, metadata.as_ref());
                (output_line::labeled(&line, name, content, &metadata), Fate::Labeled)
            }
            None => (output_line::unlabeled(&line, name), Fate::WithoutLabel),
        };
        Self { line, fate, diffs }
    }
}

/// One line of `diff.jsonl`.
#[derive(Serialize)]
struct DiffLine<'a> {
    object: &'a str,
    #[serde(flatten)]
    diff: &'a FieldDiff,
}

/// The metadata of a new label: the date is that of the old label, else of the newest answer, so that the same job gives
/// the same bytes.
fn label_metadata(job: &FinishedJob, details: &ObjectDetails, old: Option<&Map<String, Value>>) -> LabelMetadata {
    let old = |names: &[&str]| names.iter().find_map(|name| Some(old?.get(*name)?.as_str()?.to_owned()));
    let newest = details.timings.iter().filter_map(|timing| timing.submitted).max();
    LabelMetadata {
        label_type: "groundtruth/custom".to_owned(),
        job_name: old(&["job-name", "job_name"])
            .unwrap_or_else(|| format!("labeling-job/{}", job.name.as_deref().unwrap_or_default().to_lowercase())),
        human_annotated: "yes".to_owned(),
        creation_date: old(&["creation-date", "creation_date"])
            .unwrap_or_else(|| newest.map(wire_time::creation_date).unwrap_or_default()),
    }
}

impl Summary {
    fn count(&mut self, relabeled: &Relabeled, outcome: &Outcome) {
        self.objects.all += 1;
        match relabeled.fate {
            Fate::Labeled => self.objects.labeled += 1,
            Fate::Kept => self.objects.kept += 1,
            Fate::WithoutLabel => self.objects.without_label += 1,
        }
        if relabeled.fate != Fate::Kept {
            self.fields.count(outcome, None);
        }
        relabeled.diffs.iter().for_each(|diff| self.changes.count(diff));
    }

    fn write(&self, folder: &OutputFolder<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
        writeln!(out, "labeling job {}\n", self.labeling_job_name.as_deref().unwrap_or("(no name)"))?;
        let ObjectCounts { all, labeled, kept, without_label } = self.objects;
        let mut rows = vec![("data objects", all, ""), ("  labeled", labeled, "")];
        rows.push(("  no label", without_label, "their answers gave none"));
        rows.push(("  kept", kept, "no answers on file: they keep their label, or the reason why they failed"));
        rows.extend([("answers", self.answers, ""), ("workers", self.workers, "")]);
        rows.retain(|(_, n, why)| *n > 0 || why.is_empty());
        let mut counts = table::plain();
        for (name, n, why) in rows {
            counts.add_row([name.to_owned(), n.to_string(), why.to_owned()]);
        }
        table::align_right(&mut counts, &[1]);
        writeln!(out, "{}\n", counts.trim_fmt())?;
        writeln!(out, "{}\n", self.changes_table().trim_fmt())?;
        for (file, what) in [(OUTPUT_MANIFEST, "new labels"), (DIFF, "what differs"), (WORKER_SKILLS, "workers")] {
            writeln!(out, "{what}: {}", folder.file(file).display())?;
        }
        Ok(())
    }

    /// One row per field: how its labels fared.
    fn changes_table(&self) -> Table {
        let mut table = table::plain();
        table.set_header([
            "field",
            "kind",
            "method",
            "same",
            "changed",
            "gained",
            "lost",
            "incomparable",
            "confidence",
        ]);
        for field in self.fields.iter() {
            let changes = self.changes.fields().find(|(name, _)| **name == field.field).map(|(_, changes)| changes);
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
}

#[cfg(test)]
mod tests;
