//! `gtruth reconsolidate`: all answers of a finished job through the engine at once.

use std::io::Write;

use comfy_table::Table;
use ground_truth::contract::manifest::LabelMetadata;
use ground_truth::label::{self, JobFacts};
use ground_truth::plan::{ConsolidationPlan, Outcome};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::args::ReconsolidateArgs;
use crate::field_summary::FieldSummaries;
use crate::finished_job::{FinishedJob, ObjectDetails, State};
use crate::label_diff::{self, Change, DiffSummary, FieldDiff};
use crate::output_folder::OutputFolder;
use crate::{ExitStatus, consolidate, finished_job, output_line, table, wire_time, write_json};

/// The label attribute of a job that does not tell its own.
const DEFAULT_LABEL_ATTRIBUTE: &str = "label";

const OUTPUT_MANIFEST: &str = "output.manifest";
const DIFF: &str = "diff.jsonl";
const WORKER_SKILLS: &str = "worker-skills.json";

/// Prints a summary to `out`, and what was odd about the job to `err`.
pub(crate) fn run(
    args: &ReconsolidateArgs,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let plan = consolidate::plan(args.plan.as_deref())?;
    let job = finished_job::open_with_progress(&args.job)?;
    write!(err, "{}", job.notes)?;
    let folder = OutputFolder::create(&args.out, &[OUTPUT_MANIFEST, DIFF, WORKER_SKILLS], args.overwrite)?;
    let outcomes = plan.consolidate(&job.batch);
    let summary = write_labels(&plan, &job, &outcomes, &folder)?;
    folder.write(WORKER_SKILLS, |file| {
        Ok(serde_json::to_writer_pretty(file, &json!({ "workerSkills": plan.worker_skills(&job.batch) }))?)
    })?;
    if json {
        write_json(out, &json!({ "summary": summary, "notes": job.notes }))?;
    } else {
        summary.write(&folder, out)?;
    }
    Ok(if summary.objects.without_label == 0 { ExitStatus::Success } else { ExitStatus::FoundFailures })
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
    let mut diffs = Vec::new();
    folder.write(OUTPUT_MANIFEST, |file| {
        for (place, (content, outcome)) in labels.contents.into_iter().zip(outcomes).enumerate() {
            let (details, state) = (&job.details[place], job.state(place));
            let line = details.line_or_source(place);
            summary.objects.all += 1;
            if job.batch.objects[place].answers.is_empty() && job.batch.objects[place].rejected.is_empty() {
                summary.objects.kept += 1;
                writeln!(file, "{}", line.text)?;
                continue;
            }
            summary.fields.count(outcome, None);
            let (before, metadata) = match state {
                State::Labeled { label, metadata } => (Some(label), metadata),
                State::Failed { .. } | State::Unlabeled => (None, None),
            };
            for diff in label_diff::compare(before, metadata, &label::of_fields(outcome)) {
                summary.changes.count(&diff);
                if diff.change != Change::Same {
                    diffs.push((place, diff));
                }
            }
            let text = match content {
                Some(content) => {
                    summary.objects.labeled += 1;
                    output_line::labeled(&line, name, content, &label_metadata(job, details, metadata))
                }
                None => {
                    summary.objects.without_label += 1;
                    output_line::unlabeled(&line, name)
                }
            };
            writeln!(file, "{text}")?;
        }
        Ok(())
    })?;
    folder.write(DIFF, |file| {
        for (place, diff) in &diffs {
            let line = DiffLine { object: job.batch.objects[*place].id.as_str(), diff };
            writeln!(file, "{}", serde_json::to_string(&line)?)?;
        }
        Ok(())
    })?;
    Ok(summary)
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
