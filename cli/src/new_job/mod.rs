//! `gtruth job init`: a commented job file to begin with, a worker template of ours beside it, and a few data objects to
//! rehearse on.

use std::fs::OpenOptions;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use crate::args::JobInitArgs;
use crate::console::ExitStatus;
use crate::labeling_job::{CUSTOM, Interface, TaskType};

mod form;
mod job_text;
mod questions;
mod starters;

pub(crate) use form::{FormField, JobOfFields};
use job_text::{JobText, job_text};
use questions::Questions;
use starters::Starter;

/// A file to write, and what it holds.
type NewFile = (PathBuf, String);

pub(crate) fn run(args: &JobInitArgs, err: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    let is_asked = !args.yes && io::stdin().is_terminal();
    let mut stdin = io::stdin().lock();
    let input = is_asked.then_some(&mut stdin as &mut dyn BufRead);
    let files = new_files(args, &mut Questions::new(input, err))?;
    for (path, content) in &files {
        write_new(path, content, args.overwrite)?;
        writeln!(err, "wrote {}", path.display())?;
    }
    let job = args.job.display();
    writeln!(err, "next: set what stands for your own account in {job}, then")?;
    if files.iter().any(|(path, _)| path.ends_with(TRUTH)) {
        writeln!(err, "  gtruth run {job}        rehearse it with simulated workers")?;
    }
    writeln!(err, "  gtruth job plan {job}   check it and see the request")?;
    Ok(ExitStatus::Success)
}

const TEMPLATE: &str = "template.liquid.html";
const MANIFEST: &str = "manifest.jsonl";
const TRUTH: &str = "truth.jsonl";

/// Every file of the new job, the job file first.
fn new_files(args: &JobInitArgs, questions: &mut Questions<'_>) -> anyhow::Result<Vec<NewFile>> {
    let task_type = match &args.task_type {
        Some(name) => task_type(name)?,
        None => questions.ask("task type", CUSTOM.name, task_type)?,
    };
    let starter = starter(args, task_type, questions)?;
    let region = match &args.region {
        Some(region) => region.clone(),
        None => questions.ask("region", EXAMPLE_REGION, text)?,
    };
    ensure!(
        !task_type.is_builtin() || task_type.pre_function_arn(&region).is_some(),
        "AWS has no functions for built-in tasks in {region}; choose another region, or the task type custom"
    );
    let account = match &args.account {
        Some(account) => account.clone(),
        None => questions.ask("account", EXAMPLE_ACCOUNT, text)?,
    };
    let bucket = match &args.bucket {
        Some(bucket) => bucket.clone(),
        None => questions.ask("bucket for input and output", EXAMPLE_BUCKET, text)?,
    };
    let workteam = match &args.workteam {
        Some(team) => team.clone(),
        None => questions.ask("work team (its name, or its ARN)", EXAMPLE_TEAM, text)?,
    };
    let is_arn = workteam.starts_with("arn:");
    let workteam_arn = if is_arn { workteam.clone() } else { private_team(&region, &account, &workteam) };
    let categories =
        if args.label_categories.is_empty() { starter.categories() } else { args.label_categories.clone() };
    let name = args.name.clone().unwrap_or_else(|| name_of(&args.job));

    let field = task_type.widget_name.unwrap_or("label");
    let has_own_manifest = args.manifest.is_some();
    let samples = if has_own_manifest { None } else { starter.samples(&categories, &bucket, field) };
    let shows_template = task_type.interface == Interface::Template;
    let mut files = vec![(
        args.job.clone(),
        job_text(&JobText {
            name: &name,
            task_type,
            starter,
            field,
            categories: &categories,
            region: &region,
            account: &account,
            bucket: &bucket,
            role_arn: args.role.as_deref(),
            workteam_arn: &workteam_arn,
            manifest: args.manifest.as_deref().or(samples.is_some().then_some(MANIFEST)),
            is_rehearsed: samples.is_some(),
            n_workers: args.workers,
        }),
    )];
    let beside = |name: &str| args.job.parent().unwrap_or(Path::new("")).join(name);
    if let Some(template) = starter.template.filter(|_| shows_template) {
        files.push((beside(TEMPLATE), template.replace("name=\"label\"", &format!("name=\"{field}\""))));
    }
    if let Some((manifest, truth)) = samples {
        files.push((beside(MANIFEST), manifest));
        files.push((beside(TRUTH), truth));
    }
    Ok(files)
}

/// The account of AWS's own documentation.
const EXAMPLE_ACCOUNT: &str = "111122223333";
const EXAMPLE_REGION: &str = "us-east-1";
const EXAMPLE_BUCKET: &str = "my-sagemaker-bucket";
const EXAMPLE_TEAM: &str = "my-team";

fn private_team(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:{region}:{account}:workteam/private-crowd/{name}")
}

fn text(answer: &str) -> anyhow::Result<String> {
    ensure!(!answer.is_empty(), "give a value");
    Ok(answer.to_owned())
}

fn task_type(name: &str) -> anyhow::Result<&'static TaskType> {
    let Some(task_type) = TaskType::by_name(name) else {
        let names: Vec<&str> =
            TaskType::all().filter(|task_type| !task_type.is_audit()).map(|task_type| task_type.name).collect();
        bail!("there is no task type `{name}`; the known ones are {}", names.join(", "));
    };
    ensure!(
        !task_type.is_audit(),
        "{name} looks at the labels of an earlier job, so begin with that job's file: take the output manifest as \
         ManifestS3Uri, another LabelAttributeName and the functions of {name}"
    );
    Ok(task_type)
}

/// The kind of the form: given for custom jobs, else that of the task.
fn starter(
    args: &JobInitArgs,
    task_type: &'static TaskType,
    questions: &mut Questions<'_>,
) -> anyhow::Result<&'static Starter> {
    match (&args.kind, task_type.is_custom()) {
        (Some(kind), true) => Starter::of_kind(kind),
        (Some(_), false) => bail!("--kind is for custom jobs; {} has a form of its own", task_type.name),
        (None, true) => questions.ask("what workers do (an annotation kind)", "classification", Starter::of_kind),
        (None, false) => Starter::of_task(task_type).with_context(|| format!("{} has no form", task_type.name)),
    }
}

/// The file's name as the name of a job.
fn name_of(job: &Path) -> String {
    job_name(&job.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(), "")
}

/// A text, with something after it, as the name of a job: at most 63 letters, digits and hyphens.
pub(crate) fn job_name(text: &str, end: &str) -> String {
    let name: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name: String = name.trim_matches('-').chars().take(MOST_NAME.saturating_sub(end.len())).collect();
    let name = name.trim_end_matches('-');
    format!("{}{end}", if name.is_empty() { "job" } else { name })
}

/// How many characters the name of a job has at most.
const MOST_NAME: usize = 63;

fn write_new(path: &Path, content: &str, overwrite: bool) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true);
    if overwrite {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let mut file = options.open(path).with_context(|| match path.exists() {
        true => format!("{} is there already; give another name or --overwrite", path.display()),
        false => format!("cannot write {}", path.display()),
    })?;
    file.write_all(content.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests;
