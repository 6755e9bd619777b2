//! All answers of a finished job through the engine at once: new labels, how they differ from those that the job had, and
//! how good its workers are.

use std::io::Write as _;
use std::path::Path;

use ground_truth::contract::manifest::LabelMetadata;
use ground_truth::label::{self, JobFacts, Labels};
use ground_truth::plan::{ConsolidationPlan, Outcome};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::console::progress::Progress;
use crate::files::output_folder::OutputFolder;
use crate::files::wire_time;
use crate::finished_job::{FinishedJob, ObjectDetails, State};
use crate::labels::field_summary::FieldSummaries;
use crate::labels::label_diff::{self, Change, DiffSummary, FieldDiff};
use crate::labels::output_line;

/// The label attribute of a job that does not tell its own.
const DEFAULT_LABEL_ATTRIBUTE: &str = "label";

/// The name of the manifest with the new labels.
pub(crate) const OUTPUT_MANIFEST: &str = "output.manifest";
/// What differs from the labels that the job had.
pub(crate) const DIFF: &str = "diff.jsonl";
/// How good the workers are.
pub(crate) const WORKER_SKILLS: &str = "worker-skills.json";

/// How many lines are in memory at a time.
const LINES_AT_A_TIME: usize = 4096;

/// Consolidates a job again, all of it at once, and writes what comes of it into a folder.
///
/// # Errors
/// When the folder holds files of an earlier run that may not be replaced, or cannot be written.
pub(crate) fn reconsolidate(
    plan: &ConsolidationPlan,
    job: &FinishedJob,
    out: &Path,
    overwrite: bool,
    progress: Progress,
) -> anyhow::Result<Summary> {
    let folder = OutputFolder::create(out, &[OUTPUT_MANIFEST, DIFF, WORKER_SKILLS], overwrite)?;
    let outcomes = progress.during("consolidating", || plan.consolidate(&job.batch));
    let summary = progress.during("writing labels", || write_labels(plan, job, &outcomes, &folder))?;
    drop(outcomes);
    let skills = progress.during("estimating skills", || plan.worker_skills(&job.batch));
    folder.write(WORKER_SKILLS, |file| Ok(serde_json::to_writer_pretty(file, &json!({ "workerSkills": skills }))?))?;
    Ok(summary)
}

/// What the whole run came to.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) labeling_job_name: Option<String>,
    pub(crate) label_attribute_name: String,
    pub(crate) objects: ObjectCounts,
    pub(crate) answers: usize,
    pub(crate) workers: usize,
    pub(crate) fields: FieldSummaries,
    pub(crate) changes: DiffSummary,
}

/// Data objects by what became of them.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ObjectCounts {
    pub(crate) all: usize,
    pub(crate) labeled: usize,
    /// Without answers on file: they keep what they have.
    pub(crate) kept: usize,
    /// With answers that gave no label.
    pub(crate) without_label: usize,
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
    let indices: Vec<usize> = (0..outcomes.len()).collect();
    folder.write(OUTPUT_MANIFEST, |manifest| {
        folder.write(DIFF, |diffs| {
            // Lines are made on all threads, some at a time, and written in their order.
            for indices in indices.chunks(LINES_AT_A_TIME) {
                let relabel = |idx: &usize| Relabeled::of(*idx, job, &outcomes[*idx], &labels, name);
                let relabeled: Vec<Relabeled> = indices.par_iter().map(relabel).collect();
                for (idx, relabeled) in indices.iter().zip(relabeled) {
                    writeln!(manifest, "{}", relabeled.line)?;
                    summary.count(&relabeled, &outcomes[*idx]);
                    for diff in relabeled.diffs.iter().filter(|diff| diff.change != Change::Same) {
                        let line = DiffLine { object: outcomes[*idx].id.as_str(), diff };
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
    fn of(idx: usize, job: &FinishedJob, outcome: &Outcome, labels: &Labels<'_>, name: &str) -> Self {
        let (object, details) = (&job.batch.objects[idx], &job.details[idx]);
        let line = details.line_or_source(idx);
        if object.answers.is_empty() && object.rejected.is_empty() {
            return Self { line: line.text, fate: Fate::Kept, diffs: Vec::new() };
        }
        let before = job.state(idx);
        let diffs = label_diff::compare(&before.label(), &label::by_field(outcome));
        let metadata = match before {
            State::Labeled { metadata, .. } => metadata,
            State::Failed { .. } | State::Unlabeled => None,
        };
        let (line, fate) = match labels.content(idx) {
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
}
