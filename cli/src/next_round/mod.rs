//! `gtruth next-round`: a follow-up job of what a finished job left open.
//!
//! - `reasons`: which objects need more work, and why. `doubt`: how probably one more worker would change a label.
//! - `adjudication`: what an expert sees of the answers.
//! - `new_job`: the job file, and the files that it names.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use anyhow::ensure;
use ground_truth::annotation_kinds::ReadValues;
use ground_truth::plan::{ConsolidationPlan, Outcome};
use ground_truth::vocabulary::{DatasetObjectId, LabelCategory};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::args::NextRoundArgs;
use crate::console::problems::write_problems;
use crate::console::{ExitStatus, table, write_json};
use crate::crowd::single_answers::{self, AnswerByField};
use crate::crowd::{Crowd, CrowdField, NoReferences};
use crate::files::output_folder::OutputFolder;
use crate::finished_job::{self, FinishedJob, Source, metadata_name};
use crate::job_file::{self, LocalJob, PlanFile};
use crate::labeling_job::{JobSpec, path};
use crate::labels::output_line;
use crate::manifest;
use crate::new_job::FormField;

mod adjudication;
mod doubt;
mod new_job;
mod reasons;

use adjudication::Adjudication;
use new_job::{Facts, JOB, NewJob};
use reasons::{Choice, Chosen, Reason};

const MANIFEST: &str = "manifest.jsonl";
const REASONS: &str = "reasons.jsonl";

/// Prints a summary to `out`, and what was odd about the job to `err`.
pub(crate) fn run(
    args: &NextRoundArgs,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let old = args.job_file.as_deref().map(|path| job_file::open(path)?.to_local_job()).transpose()?;
    let given = given_plan(args, old.as_ref())?;
    let standard = PlanFile::standard();
    let PlanFile { document, plan } = given.as_ref().unwrap_or(&standard);
    let job = open(args, old.as_ref())?;
    write!(err, "{}", job.notes)?;

    let outcomes = plan.consolidate(&job.batch);
    let crowd = Crowd::read(plan, &job.batch, &outcomes, &NoReferences);
    check_field(args, &crowd)?;
    let pre_function = pre_function(old.as_ref())?;
    let mut chosen = Choice { args, pre_function: &pre_function }.among(&job, &outcomes, &crowd);
    let n_unanswered = if args.adjudicate { leave_out_unanswered(&job, &mut chosen) } else { 0 };
    let n_unshowable = leave_out_unshowable(&job, &mut chosen);
    let mut summary = Summary::of(&job, &chosen);
    if n_unshowable > 0 {
        writeln!(
            err,
            "note: left out, since neither manifest nor request tells what they show: {n_unshowable}; give --manifest"
        )?;
    }
    if n_unanswered > 0 {
        writeln!(err, "note: left out, since nobody answered and there is nothing to adjudicate: {n_unanswered}")?;
    }
    if chosen.reasons.is_empty() {
        return summary.print(json, &job, out);
    }

    let ids: Vec<&DatasetObjectId> = chosen.reasons.keys().map(|place| &job.batch.objects[*place].id).collect();
    let facts = Facts {
        old_name: job.name.as_deref(),
        new_name: args.name.as_deref(),
        label_attribute_name: job.label_attribute_name.as_deref(),
        is_adjudication: args.adjudicate,
        plan: given.as_ref().map(|given| &given.document),
        ids: &ids,
    };
    let compose = || of_fields(&job, plan, &outcomes, &crowd, facts);
    let mut new_job = match &old {
        Some(old) => Some(NewJob::after(old, facts)?),
        None => compose()?,
    };
    let mut lines = new_lines(&job, &chosen);
    if args.adjudicate {
        let answers = single_answers::read(&job, document)?;
        let n_cut = show_answers(&mut lines, &job, &chosen, &answers, &outcomes);
        if n_cut > 0 {
            writeln!(
                err,
                "note: marks to start with, or ends of long answers, left out to keep lines short enough: {n_cut}"
            )?;
        }
        if let Some(new_job) = &mut new_job {
            new_job.adjudicate(compose)?;
        }
    }
    let beside = new_job.iter().flat_map(|job| job.files.keys().copied());
    let files: Vec<&str> = [MANIFEST, REASONS, JOB].into_iter().chain(beside).collect();
    let folder = OutputFolder::create(&args.out, &files, args.overwrite)?;
    folder.write(MANIFEST, |file| Ok(lines.iter().try_for_each(|line| writeln!(file, "{line}"))?))?;
    write_reasons(&folder, &job, &chosen)?;
    for (name, text) in new_job.iter().flat_map(|job| &job.files) {
        folder.write(name, |file| Ok(file.write_all(text.as_bytes())?))?;
    }
    if let Some(new_job) = &new_job {
        folder.write(JOB, |file| Ok(file.write_all(new_job.text().as_bytes())?))?;
    }
    tell_problems(&folder, new_job.as_ref(), err)?;
    summary.add_files(&folder, &files, new_job.as_ref(), args.adjudicate);
    summary.print(json, &job, out)
}

/// The plan of the command line, else that of the job file.
fn given_plan(args: &NextRoundArgs, old: Option<&LocalJob>) -> anyhow::Result<Option<PlanFile>> {
    match (&args.plan, old) {
        (Some(path), _) => PlanFile::open(path).map(Some),
        (None, Some(old)) => old.plan(),
        (None, None) => Ok(None),
    }
}

/// The finished job, with what its job file tells of it.
fn open(args: &NextRoundArgs, old: Option<&LocalJob>) -> anyhow::Result<FinishedJob> {
    let mut of_job = args.job.clone();
    if let Some(old) = old {
        of_job.label_attribute.get_or_insert_with(|| old.label_attribute_name.clone());
        if of_job.label_categories.is_none() {
            of_job.label_categories = old.label_categories()?;
        }
    }
    finished_job::open_with_progress(&of_job)
}

fn check_field(args: &NextRoundArgs, crowd: &Crowd) -> anyhow::Result<()> {
    let Some(name) = &args.field else { return Ok(()) };
    let names: Vec<&str> = crowd.fields.iter().map(|field| field.name.as_str()).collect();
    ensure!(names.contains(&name.as_str()), "no answer has a field `{name}`; the fields are {}", names.join(", "));
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
    chosen.reasons.retain(|place, _| !job.batch.objects[*place].answers.is_empty());
    n_before - chosen.reasons.len()
}

/// Leaves out the objects that no new line can be written for, and counts them.
fn leave_out_unshowable(job: &FinishedJob, chosen: &mut Chosen) -> usize {
    let n_before = chosen.reasons.len();
    chosen.reasons.retain(|place, _| job.details[*place].line.is_some() || job.details[*place].source.is_some());
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
    let line = |place: &usize| output_line::without(&job.details[*place].line_or_source(*place), is_old);
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
    for (line, place) in lines.iter_mut().zip(chosen.reasons.keys()) {
        let text = match &job.details[*place].source {
            Some(Source::Text(text)) => Some(text.as_str()),
            Some(Source::File(_)) | None => None,
        };
        let shown = Adjudication::of(&answers[*place], &outcomes[*place], text);
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
    /// The same object in the new job: the place of its line, from 0.
    new_object: String,
    reasons: &'a [Reason],
}

fn write_reasons(folder: &OutputFolder<'_>, job: &FinishedJob, chosen: &Chosen) -> anyhow::Result<()> {
    folder.write(REASONS, |file| {
        for (new_place, (place, reasons)) in chosen.reasons.iter().enumerate() {
            let object = &job.batch.objects[*place].id;
            let line = ReasonsLine { object, new_object: new_place.to_string(), reasons };
            writeln!(file, "{}", serde_json::to_string(&line)?)?;
        }
        Ok(())
    })
}

/// What stands against the new lines, and what to know about the new job.
fn tell_problems(folder: &OutputFolder<'_>, new_job: Option<&NewJob>, err: &mut dyn Write) -> anyhow::Result<()> {
    let nothing = JobSpec::new(Value::Object(Map::new()));
    let spec = new_job.map_or(&nothing, |job| &job.spec);
    let (_, problems) = manifest::facts_and_problems(&folder.file(MANIFEST), spec)?;
    write_problems(&problems, err)?;
    match new_job {
        None => writeln!(
            err,
            "note: no job file was written, since no field is known that could be asked for; give --job-file"
        )?,
        Some(new_job) => {
            for note in &new_job.notes {
                writeln!(err, "note: {note}")?;
            }
        }
    }
    Ok(())
}

/// What the whole run came to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    labeling_job_name: Option<String>,
    objects: usize,
    chosen: usize,
    /// Objects by reason; one can have several.
    by_reason: BTreeMap<&'static str, usize>,
    /// Without a label, because no worker needs to see them.
    settled: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_job: Option<Written>,
}

/// What was written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    labeling_job_name: Option<String>,
    files: Vec<String>,
    to_fill_in: &'static [&'static str],
    can_be_rehearsed: bool,
    #[serde(skip)]
    is_adjudication: bool,
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

    fn print(&self, json: bool, job: &FinishedJob, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
        if json {
            write_json(out, &json!({ "nextRound": self, "notes": job.notes }))?;
        } else {
            self.write(out)?;
        }
        Ok(ExitStatus::Success)
    }

    fn write(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let name = finished_job::shown_name(self.labeling_job_name.as_deref());
        writeln!(out, "labeling job {name}: {} of {} data objects chosen", self.chosen, self.objects)?;
        if self.settled > 0 {
            writeln!(out, "no worker needs to see {} of those without a label", self.settled)?;
        }
        let Some(written) = &self.new_job else {
            writeln!(out, "nothing to do, and nothing written")?;
            return Ok(());
        };
        let mut reasons = table::plain();
        reasons.set_header(["reason", "objects", ""]);
        for (name, what) in Reason::ALL {
            if let Some(n) = self.by_reason.get(name) {
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
        if self.by_reason.contains_key("expired") {
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
}

#[cfg(test)]
mod tests;
