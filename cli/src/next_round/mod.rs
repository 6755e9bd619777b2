//! A follow-up job of what a finished job left open.
//!
//! - `reasons`: which objects need more work, and why. `doubt`: how probably one more worker would change a label.
//! - `adjudication`: what an expert sees of the answers.
//! - `new_job`: the job file, and the files that it names.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;

use anyhow::ensure;
use ground_truth::annotation_kinds::ReadValues;
use ground_truth::plan::{ConsolidationPlan, Outcome};
use ground_truth::vocabulary::{DatasetObjectId, LabelCategory};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::console::progress::Progress;
use crate::crowd::single_answers::{self, AnswerByField};
use crate::crowd::{Crowd, CrowdField, NoReferences};
use crate::files::output_folder::OutputFolder;
use crate::finished_job::{FinishedJob, Source};
use crate::job_file::{LocalJob, PlanFile};
use crate::labeling_job::{JobSpec, path};
use crate::labels::output_line::{self, metadata_name};
use crate::manifest;
use crate::new_job::FormField;
use crate::problem::Problem;

mod adjudication;
mod doubt;
mod new_job;
mod reasons;

use adjudication::Adjudication;
pub(crate) use new_job::JOB;
pub(crate) use reasons::{Reason, Skipped, Wanted};

use new_job::{Facts, NewJob};
use reasons::{Choice, Chosen};

const MANIFEST: &str = "manifest.jsonl";
const REASONS: &str = "reasons.jsonl";

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options<'a> {
    /// Which objects are chosen.
    pub(crate) wanted: Wanted<'a>,
    /// Whether an expert sees what the workers answered.
    pub(crate) adjudicate: bool,
    /// The name of the new job, where it is given.
    pub(crate) name: Option<&'a str>,
    /// The folder to write into.
    pub(crate) out: &'a Path,
    /// Whether what an earlier run left there is replaced.
    pub(crate) overwrite: bool,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct NextRound {
    pub(crate) summary: Summary,
    /// What stands against the new lines.
    pub(crate) problems: Vec<Problem>,
    /// What to know about the new job.
    pub(crate) about_new_job: Vec<String>,
}

impl NextRound {
    /// Chooses what needs more work, and writes the lines and the job that ask for it. `old` is the job file of the
    /// finished job; its plan is `given`, unless another is. What is left out is handed to `note` as soon as it is known, so
    /// that it is said also where writing fails.
    ///
    /// # Errors
    /// A field that no answer has, files that cannot be read or written.
    pub(crate) fn make(
        job: &FinishedJob,
        old: Option<&LocalJob>,
        given: Option<&PlanFile>,
        options: Options<'_>,
        note: &mut dyn FnMut(&str) -> anyhow::Result<()>,
        progress: Progress,
    ) -> anyhow::Result<Self> {
        let mut leave_out = |n: usize, what: &str, remedy: &str| match n {
            0 => Ok(()),
            n => note(&format!("{what}: {n}{remedy}")),
        };
        let standard = PlanFile::standard();
        let PlanFile { document, plan } = given.unwrap_or(&standard);
        let outcomes = plan.consolidate(&job.batch);
        let crowd = Crowd::read(plan, &job.batch, &outcomes, &NoReferences);
        check_field(options.wanted.field, &crowd)?;
        let pre_function = pre_function(old)?;
        let mut chosen = Choice { wanted: options.wanted, pre_function: &pre_function }.among(job, &outcomes, &crowd);
        let n_unanswered = if options.adjudicate { leave_out_unanswered(job, &mut chosen) } else { 0 };
        let n_unshowable = leave_out_unshowable(job, &mut chosen);
        let mut made = Self { summary: Summary::of(job, &chosen), problems: Vec::new(), about_new_job: Vec::new() };
        leave_out(
            n_unshowable,
            "left out, since neither manifest nor request tells what they show",
            "; give --manifest",
        )?;
        leave_out(n_unanswered, "left out, since nobody answered and there is nothing to adjudicate", "")?;
        if chosen.reasons.is_empty() {
            return Ok(made);
        }

        let ids: Vec<&DatasetObjectId> = chosen.reasons.keys().map(|idx| &job.batch.objects[*idx].id).collect();
        let facts = Facts {
            old_name: job.name.as_deref(),
            new_name: options.name,
            label_attribute_name: job.label_attribute_name.as_deref(),
            is_adjudication: options.adjudicate,
            plan: given.map(|given| &given.document),
            ids: &ids,
        };
        let compose = || of_fields(job, plan, &outcomes, &crowd, facts);
        let mut new_job = match old {
            Some(old) => Some(NewJob::after(old, facts)?),
            None => compose()?,
        };
        let mut lines = new_lines(job, &chosen);
        if options.adjudicate {
            let answers = single_answers::read(job, document)?;
            let n_cut = show_answers(&mut lines, job, &chosen, &answers, &outcomes);
            leave_out(n_cut, "marks to start with, or ends of long answers, left out to keep lines short enough", "")?;
            if let Some(new_job) = &mut new_job {
                new_job.adjudicate(compose)?;
            }
        }
        let beside = new_job.iter().flat_map(|job| job.files.keys().copied());
        let files: Vec<&str> = [MANIFEST, REASONS, JOB].into_iter().chain(beside).collect();
        let folder = OutputFolder::create(options.out, &files, options.overwrite)?;
        folder.write(MANIFEST, |file| Ok(lines.iter().try_for_each(|line| writeln!(file, "{line}"))?))?;
        write_reasons(&folder, job, &chosen)?;
        for (name, text) in new_job.iter().flat_map(|job| &job.files) {
            folder.write(name, |file| Ok(file.write_all(text.as_bytes())?))?;
        }
        if let Some(new_job) = &new_job {
            folder.write(JOB, |file| Ok(file.write_all(new_job.text().as_bytes())?))?;
        }
        let nothing = JobSpec::new(Value::Object(Map::new()));
        let spec = new_job.as_ref().map_or(&nothing, |job| &job.spec);
        (_, made.problems) = manifest::facts_and_problems(&folder.file(MANIFEST), spec, progress)?;
        made.about_new_job = match &new_job {
            Some(new_job) => new_job.notes.clone(),
            None => {
                vec![
                    "no job file was written, since no field is known that could be asked for; give --job-file"
                        .to_owned(),
                ]
            }
        };
        made.summary.add_files(&folder, &files, new_job.as_ref(), options.adjudicate);
        Ok(made)
    }
}

fn check_field(field: Option<&str>, crowd: &Crowd) -> anyhow::Result<()> {
    let Some(name) = field else { return Ok(()) };
    let names: Vec<&str> = crowd.fields.iter().map(|field| field.name.as_str()).collect();
    ensure!(names.contains(&name), "no answer has a field `{name}`; the fields are {}", names.join(", "));
    Ok(())
}

/// How PreHumanTaskLambda was configured: as the job file says, else not at all.
fn pre_function(old: Option<&LocalJob>) -> anyhow::Result<pre_human_task::Config> {
    match old {
        Some(old) => old.task_input(),
        None => Ok(pre_human_task::Config::from_value(&json!({}))?),
    }
}

/// Leaves out the objects that have no answer to show, and counts them.
fn leave_out_unanswered(job: &FinishedJob, chosen: &mut Chosen) -> usize {
    let n_before = chosen.reasons.len();
    chosen.reasons.retain(|idx, _| !job.batch.objects[*idx].answers.is_empty());
    n_before - chosen.reasons.len()
}

/// Leaves out the objects that no new line can be written for, and counts them.
fn leave_out_unshowable(job: &FinishedJob, chosen: &mut Chosen) -> usize {
    let n_before = chosen.reasons.len();
    chosen.reasons.retain(|idx, _| job.details[*idx].line.is_some() || job.details[*idx].source.is_some());
    n_before - chosen.reasons.len()
}

/// A job for the fields of the plan and the answers, where there is no job file.
fn of_fields(
    job: &FinishedJob,
    plan: &ConsolidationPlan,
    outcomes: &[Outcome],
    crowd: &Crowd,
    facts: Facts<'_>,
) -> anyhow::Result<Option<NewJob>> {
    let field = |field: &CrowdField| FormField {
        name: field.name.clone(),
        kind: field.kind.name,
        categories: categories_of(field, plan.categories(&field.name, &job.batch.categories), outcomes),
    };
    let fields: Vec<FormField> = crowd.fields.iter().map(field).collect();
    let is_of_files = job.details.iter().any(|details| matches!(details.source, Some(Source::File(_))));
    let n_workers = job.batch.objects.iter().map(|object| object.answers.len()).max().unwrap_or(1).clamp(1, 9);
    NewJob::of_fields(&fields, is_of_files, n_workers as u64, facts)
}

/// The categories of a field: the declared ones, where they are about it, then others that answers or labels name, in
/// alphabetical order.
fn categories_of(field: &CrowdField, declared: &[LabelCategory], outcomes: &[Outcome]) -> Vec<String> {
    if let ReadValues::Categories { names, .. } = &field.values {
        return names.iter().map(|name| name.as_str().to_owned()).collect();
    }
    let mut named = BTreeSet::new();
    for of_field in outcomes.iter().flat_map(|outcome| &outcome.fields).filter(|of_field| of_field.name == field.name) {
        named.extend(of_field.label().named_categories().into_iter().map(str::to_owned));
    }
    let is_about_it = declared.iter().any(|category| named.contains(category.as_str()));
    let declared = declared.iter().filter(|_| is_about_it).map(|category| category.as_str().to_owned());
    let mut categories: Vec<String> = declared.collect();
    named.retain(|name| !categories.contains(name));
    categories.extend(named);
    categories
}

/// The chosen lines, in the order of the old manifest: as they stand, without what the old job said about them.
fn new_lines(job: &FinishedJob, chosen: &Chosen) -> Vec<String> {
    let label = job.label_attribute_name.as_deref().map(|name| [name.to_owned(), metadata_name(name)]);
    let is_old = |name: &str| {
        name.starts_with('$') || name == adjudication::MEMBER || label.iter().flatten().any(|label| label == name)
    };
    let line = |idx: &usize| output_line::without(&job.details[*idx].line_or_source(*idx), is_old);
    chosen.reasons.keys().map(line).collect()
}

/// Adds what an expert sees to each line, and counts those that had no room for all of it.
fn show_answers(
    lines: &mut [String],
    job: &FinishedJob,
    chosen: &Chosen,
    answers: &[Vec<AnswerByField>],
    outcomes: &[Outcome],
) -> usize {
    let mut n_cut = 0;
    for (line, idx) in lines.iter_mut().zip(chosen.reasons.keys()) {
        let text = match &job.details[*idx].source {
            Some(Source::Text(text)) => Some(text.as_str()),
            Some(Source::File(_)) | None => None,
        };
        let shown = Adjudication::of(&answers[*idx], &outcomes[*idx], text);
        let (member, is_cut) = shown.fitted(line.encode_utf16().count());
        n_cut += usize::from(is_cut);
        let member = Map::from_iter([(adjudication::MEMBER.to_owned(), member)]);
        if let Some(extended) = output_line::extended(line, &member) {
            *line = extended;
        }
    }
    n_cut
}

/// One line of `reasons.jsonl`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReasonsLine<'a> {
    /// The object in the finished job.
    object: &'a DatasetObjectId,
    /// The same object in the new job: the index of its line, from 0.
    new_object: String,
    reasons: &'a [Reason],
}

fn write_reasons(folder: &OutputFolder<'_>, job: &FinishedJob, chosen: &Chosen) -> anyhow::Result<()> {
    folder.write(REASONS, |file| {
        for (new_idx, (idx, reasons)) in chosen.reasons.iter().enumerate() {
            let object = &job.batch.objects[*idx].id;
            let line = ReasonsLine { object, new_object: new_idx.to_string(), reasons };
            writeln!(file, "{}", serde_json::to_string(&line)?)?;
        }
        Ok(())
    })
}

/// What the whole run came to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) labeling_job_name: Option<String>,
    pub(crate) objects: usize,
    pub(crate) chosen: usize,
    /// Objects by reason; one can have several.
    pub(crate) by_reason: BTreeMap<&'static str, usize>,
    /// Without a label, because no worker needs to see them.
    pub(crate) settled: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) new_job: Option<Written>,
}

/// The new job and its files, as the summary prints them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) labeling_job_name: Option<String>,
    pub(crate) files: Vec<String>,
    pub(crate) to_fill_in: &'static [&'static str],
    pub(crate) can_be_rehearsed: bool,
    #[serde(skip)]
    pub(crate) is_adjudication: bool,
}

impl Summary {
    fn of(job: &FinishedJob, chosen: &Chosen) -> Self {
        let mut by_reason = BTreeMap::new();
        for reasons in chosen.reasons.values() {
            for name in reasons.iter().map(Reason::name).collect::<BTreeSet<_>>() {
                *by_reason.entry(name).or_default() += 1;
            }
        }
        Self {
            labeling_job_name: job.name.clone(),
            objects: job.batch.objects.len(),
            chosen: chosen.reasons.len(),
            by_reason,
            settled: chosen.n_settled,
            new_job: None,
        }
    }

    fn add_files(
        &mut self,
        folder: &OutputFolder<'_>,
        files: &[&str],
        new_job: Option<&NewJob>,
        is_adjudication: bool,
    ) {
        let is_written = |name: &&&str| **name != JOB || new_job.is_some();
        self.new_job = Some(Written {
            labeling_job_name: new_job.and_then(|job| Some(job.spec.text(path::LABELING_JOB_NAME)?.to_owned())),
            files: files.iter().filter(is_written).map(|name| folder.file(name).display().to_string()).collect(),
            to_fill_in: new_job.map_or(&[], NewJob::to_fill_in),
            can_be_rehearsed: new_job.is_some_and(NewJob::can_be_rehearsed),
            is_adjudication,
        });
    }
}
