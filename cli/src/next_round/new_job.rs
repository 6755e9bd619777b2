//! The follow-up job: the job file of the old one with another name and manifest, or one put together from the fields of
//! the answers; and the files that it names.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use ground_truth::vocabulary::DatasetObjectId;
use serde_json::{Value, json};

use super::MANIFEST;
use super::adjudication::template::adjudicating;
use crate::files::document_file;
use crate::job_file::LocalJob;
use crate::labeling_job::{FileOrInline, JobSpec, TaskType, path};
use crate::new_job::{FormField, JobOfFields, job_name};

/// The name of the new job file.
pub(crate) const JOB: &str = "job.yaml";
/// The template, under whatever name it had.
const TEMPLATE: &str = JobOfFields::TEMPLATE;
const PLAN: &str = "plan.json";
const TRUTH: &str = "truth.jsonl";
const LABEL_CATEGORIES: &str = "label-categories.json";

/// How many characters a title has at most.
const MAX_TITLE_CHARACTERS: usize = 128;

/// The new job, ready to be written.
#[derive(Debug)]
pub(super) struct NewJob {
    pub(super) spec: JobSpec,
    /// The files beside the manifest and the job file, by name.
    pub(super) files: BTreeMap<&'static str, String>,
    /// What to know about it.
    pub(super) notes: Vec<String>,
    /// Where it came from, for the head of the job file.
    origin: String,
    /// The members that hold examples.
    to_fill_in: &'static [&'static str],
}

/// What both ways to a new job start from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    /// The name of the finished job, as its folder spells it.
    pub(super) old_name: Option<&'a str>,
    /// The new name, where it was given.
    pub(super) new_name: Option<&'a str>,
    pub(super) label_attribute_name: Option<&'a str>,
    pub(super) is_adjudication: bool,
    /// The plan from the command line or the job file.
    pub(super) plan: Option<&'a Value>,
    /// The chosen objects, in the order of the new manifest.
    pub(super) ids: &'a [&'a DatasetObjectId],
}

impl Facts<'_> {
    fn name(&self, of_file: Option<&str>) -> String {
        let old = self.old_name.or(of_file).unwrap_or_default();
        self.new_name.map_or_else(|| next_name(old, self.is_adjudication), str::to_owned)
    }

    /// The plan, its known answers under the ids of the new job; where one expert is asked, one worker is enough.
    fn plan(&self) -> Option<Value> {
        let mut plan = self.plan?.clone();
        if let Some(Value::Object(fields)) = plan.get_mut("gold") {
            for answers in fields.values_mut().filter_map(Value::as_object_mut) {
                let known = std::mem::take(answers);
                let new =
                    |(idx, id): (usize, &&DatasetObjectId)| Some((idx.to_string(), known.get(id.as_str())?.clone()));
                *answers = self.ids.iter().enumerate().filter_map(new).collect();
            }
        }
        if self.is_adjudication {
            one_is_enough(&mut plan);
        }
        Some(plan)
    }
}

/// Lets no part of a plan wait for more than one worker: quorums, and marks that several must have made.
fn one_is_enough(plan: &mut Value) {
    let Some(members) = plan.as_object_mut() else { return };
    for (name, value) in members {
        if matches!(name.as_str(), "fields" | "kinds" | "quorum") {
            ask_one(value);
        }
    }
}

fn ask_one(value: &mut Value) {
    for (name, value) in value.as_object_mut().into_iter().flatten() {
        if name == "workers" && value.is_number() {
            *value = json!(1);
        }
        ask_one(value);
    }
}

/// `survey-7-round-2`, then `survey-7-round-3`; or `survey-7-adjudication`.
fn next_name(old: &str, is_adjudication: bool) -> String {
    if is_adjudication {
        return job_name(old, "-adjudication");
    }
    let numbered = old.rsplit_once("-round-").and_then(|(stem, round)| Some((stem, round.parse::<u32>().ok()?)));
    let (stem, round) = numbered.unwrap_or((old, 1));
    job_name(stem, &format!("-round-{}", round.saturating_add(1)))
}

impl NewJob {
    /// The old job with another name and manifest.
    ///
    /// # Errors
    /// When a file that it names cannot be read.
    pub(super) fn after(old: &LocalJob, facts: Facts<'_>) -> anyhow::Result<Self> {
        let file = &old.file;
        let mut job = Self::new(JobSpec::new(file.written().clone()), &facts, Some(&old.labeling_job_name));
        job.origin = format!("from the job file of {}", old.labeling_job_name);
        if let Some(path) = file.template_path() {
            let own = Some(path::GTRUTH_TEMPLATE);
            let named_by = file.spec().local_path(path::UI_TEMPLATE_S3_URI, own).map(|(named_by, _)| named_by);
            job.take_file(named_by.unwrap_or(path::GTRUTH_TEMPLATE), TEMPLATE, &path)?;
        }
        if let Some((named_by, path)) = file.spec().local_path(path::LABEL_CATEGORY_CONFIG_S3_URI, None) {
            job.take_file(named_by, LABEL_CATEGORIES, &file.beside(path))?;
        }
        if let Some(FileOrInline::File(path)) = &old.gtruth.task_input {
            let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
            let name = if is_json { "task-input.json" } else { "task-input.yaml" };
            job.take_file(path::GTRUTH_TASK_INPUT, name, &file.beside(path))?;
        }
        match (facts.plan(), &old.gtruth.plan) {
            (Some(plan), Some(FileOrInline::Inline(inline))) if facts.plan == Some(&json!(inline)) => {
                job.spec.set(path::GTRUTH_PLAN, plan);
            }
            (Some(plan), _) => job.put_plan(&plan),
            (None, _) => {}
        }
        job.take_local_run(old, facts.ids)?;
        Ok(job)
    }

    /// A job put together from the fields of the answers; `None` where none of them can be asked for.
    ///
    /// # Errors
    /// As [`JobOfFields::new`].
    pub(super) fn of_fields(
        fields: &[FormField],
        is_of_files: bool,
        n_workers: u64,
        facts: Facts<'_>,
    ) -> anyhow::Result<Option<Self>> {
        let name = facts.name(None);
        let Some(of_fields) = JobOfFields::new(&name, fields, is_of_files, n_workers)? else {
            return Ok(None);
        };
        let mut job = Self::new(of_fields.spec, &facts, None);
        job.origin = "from the fields of its answers".to_owned();
        job.to_fill_in = &JobOfFields::TO_FILL_IN;
        job.files.insert(TEMPLATE, of_fields.template);
        if let Some(plan) = facts.plan() {
            job.put_plan(&plan);
        }
        for field in of_fields.left_out {
            job.notes.push(format!(
                "the form does not ask for {:?} ({}), which no template of ours fits; add it to {TEMPLATE}",
                field.name, field.kind
            ));
        }
        Ok(Some(job))
    }

    fn new(mut spec: JobSpec, facts: &Facts<'_>, old_name: Option<&str>) -> Self {
        spec.set_text(path::LABELING_JOB_NAME, &facts.name(old_name));
        if let Some(name) = facts.label_attribute_name {
            spec.set_text(path::LABEL_ATTRIBUTE_NAME, name);
        }
        spec.set(path::DATA_SOURCE, json!({"S3DataSource": {"ManifestS3Uri": MANIFEST}}));
        spec.remove(path::GTRUTH_MANIFEST);
        let mut notes = Vec::new();
        for (member, why) in [
            (path::STOPPING_CONDITIONS, "all that is chosen shall be labeled"),
            (path::ALGORITHMS_CONFIG, "what is chosen is for people to label"),
        ] {
            if spec.remove(member).is_some() {
                notes.push(format!("{member} is left out of the new job: {why}"));
            }
        }
        Self { spec, files: BTreeMap::new(), notes, origin: String::new(), to_fill_in: &[] }
    }

    /// Takes a file that the old job names along.
    fn take_file(&mut self, named_by: &str, name: &'static str, file: &Path) -> anyhow::Result<()> {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        self.files.insert(name, text);
        self.spec.set_text(named_by, name);
        Ok(())
    }

    fn put_plan(&mut self, plan: &Value) {
        self.files.insert(PLAN, format!("{plan:#}\n"));
        self.spec.set_text(path::GTRUTH_PLAN, PLAN);
    }

    /// Rehearsals: simulated workers go on to know the truth, recorded ones have answered other objects.
    fn take_local_run(&mut self, old: &LocalJob, ids: &[&DatasetObjectId]) -> anyhow::Result<()> {
        let Some(local_run) = &old.gtruth.local_run else { return Ok(()) };
        let truth = local_run.get("workers").and_then(|workers| workers.get("simulated")?.get("truth")?.as_str());
        let new_truth = match truth {
            Some(truth) => truth_of(&old.file.beside(Path::new(truth)), ids)?,
            None => None,
        };
        match new_truth {
            Some(new_truth) => {
                self.files.insert(TRUTH, new_truth);
                self.spec.set_text(&format!("{}.workers.simulated.truth", path::GTRUTH_LOCAL_RUN), TRUTH);
            }
            None => {
                self.spec.remove(path::GTRUTH_LOCAL_RUN);
                self.notes.push(format!(
                    "{} is left out of the new job: its answers do not belong to the chosen objects",
                    path::GTRUTH_LOCAL_RUN
                ));
            }
        }
        Ok(())
    }

    /// Turns the job into one that asks one expert, who sees what workers answered. A template that is not on this computer
    /// is put together by `compose`.
    ///
    /// # Errors
    /// When there is no template, and none can be put together; or as `compose`.
    pub(super) fn adjudicate(&mut self, compose: impl FnOnce() -> anyhow::Result<Option<Self>>) -> anyhow::Result<()> {
        if !self.files.contains_key(TEMPLATE) {
            let composed = compose()?.and_then(|mut job| job.files.remove(TEMPLATE)).context(
                "there is no worker template to show the answers in; give a copy of it as `gtruth.template` in the job file",
            )?;
            self.files.insert(TEMPLATE, composed);
            self.notes.push(format!(
                "{TEMPLATE} is put together from the fields of the answers; to keep the old one, give a copy of it as \
                 `gtruth.template` in the job file"
            ));
        }
        if let Some(template) = self.files.get_mut(TEMPLATE) {
            *template = adjudicating(template);
        }
        if TaskType::of(&self.spec).is_ok_and(TaskType::is_builtin) {
            self.notes.push("the new job takes the functions of this project, and not those of AWS".to_owned());
            self.spec.remove(path::PRE_HUMAN_TASK_LAMBDA_ARN);
            self.spec.remove("HumanTaskConfig.AnnotationConsolidationConfig");
            let name = self.spec.text(path::LABEL_ATTRIBUTE_NAME).and_then(|name| name.strip_suffix("-ref"));
            if let Some(name) = name.map(str::to_owned) {
                self.notes.push(format!("the label attribute is `{name}`, since the new labels are not files in S3"));
                self.spec.set_text(path::LABEL_ATTRIBUTE_NAME, &name);
            }
        }
        self.spec.remove(path::GTRUTH_TEMPLATE);
        self.spec.set(path::UI_CONFIG, json!({"UiTemplateS3Uri": TEMPLATE}));
        self.spec.set(path::NUMBER_OF_HUMAN_WORKERS, json!(1));
        let title = format!("Decide: {}", self.spec.text(path::TASK_TITLE).unwrap_or_default());
        self.spec.set_text(path::TASK_TITLE, &title.chars().take(MAX_TITLE_CHARACTERS).collect::<String>());
        Ok(())
    }

    /// The text of the job file.
    pub(super) fn text(&self) -> String {
        let mut head = format!(
            "# A follow-up job, made by `gtruth next-round` {}. reasons.jsonl says why each data object is in it.\n",
            self.origin
        );
        if !self.to_fill_in.is_empty() {
            head.push_str("# Yours to fill in, they hold examples: ");
            head.push_str(&self.to_fill_in.join(", "));
            head.push('\n');
        }
        format!("{head}\n{}", document_file::to_yaml(self.spec.document()))
    }

    /// Whether `gtruth run` can rehearse the job.
    pub(super) fn can_be_rehearsed(&self) -> bool {
        self.spec.get(path::GTRUTH_LOCAL_RUN).is_some()
    }

    pub(super) fn to_fill_in(&self) -> &'static [&'static str] {
        self.to_fill_in
    }
}

/// The lines of the truth that belong to some objects; `None` where it has none for one of them.
fn truth_of(file: &Path, ids: &[&DatasetObjectId]) -> anyhow::Result<Option<String>> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let lines: Vec<&str> = text.lines().collect();
    let of_object = |id: &&DatasetObjectId| Some(format!("{}\n", lines.get(id.as_str().parse::<usize>().ok()?)?));
    Ok(ids.iter().map(of_object).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_numbered() {
        let check = |old: &str, expected: &str| assert_eq!(next_name(old, false), expected);
        check("survey-7", "survey-7-round-2");
        check("survey-7-round-2", "survey-7-round-3");
        check("survey-round-table", "survey-round-table-round-2");
        check("", "job-round-2");
        check(&"a".repeat(63), &format!("{}-round-2", "a".repeat(55)));
        check("my survey/2", "my-survey-2-round-2");
        assert_eq!(next_name(&"a".repeat(63), true), format!("{}-adjudication", "a".repeat(50)));
    }

    #[test]
    fn known_answers_follow_their_objects() {
        let ids = ["4", "17"].map(DatasetObjectId::new);
        let plan = json!({"gold": {"animal": {"17": "otter", "2": "heron"}, "mood": {}}, "ignore": ["x"]});
        let facts = Facts {
            old_name: None,
            new_name: None,
            label_attribute_name: None,
            is_adjudication: false,
            plan: Some(&plan),
            ids: &ids.each_ref(),
        };
        let expected = json!({"gold": {"animal": {"1": "otter"}, "mood": {}}, "ignore": ["x"]});
        assert_eq!(facts.plan(), Some(expected));
    }

    #[test]
    fn one_expert_is_enough() {
        let mut plan = json!({
            "quorum": {"workers": 3}, "gold": {"workers": {"1": 7}},
            "fields": {"workers": {"kind": "bounding-box", "quorum": {"share": 0.5}, "keep": {"workers": 2}}},
            "kinds": {"text-span": {"keepByCategory": {"vessel": {"workers": 2}}}},
        });
        one_is_enough(&mut plan);
        let expected = json!({
            "quorum": {"workers": 1}, "gold": {"workers": {"1": 7}},
            "fields": {"workers": {"kind": "bounding-box", "quorum": {"share": 0.5}, "keep": {"workers": 1}}},
            "kinds": {"text-span": {"keepByCategory": {"vessel": {"workers": 1}}}},
        });
        assert_eq!(plan, expected);
    }
}
