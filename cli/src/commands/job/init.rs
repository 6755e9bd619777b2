//! `gtruth job init`: a job to begin with. What is not given is asked for on a terminal.

use std::fs::OpenOptions;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, bail, ensure};

use crate::args::JobInitArgs;
use crate::console::questions::Questions;
use crate::console::{Console, ExitStatus};
use crate::labeling_job::{CUSTOM, TaskType};
use crate::new_job::{
    EXAMPLE_ACCOUNT, EXAMPLE_BUCKET, EXAMPLE_REGION, EXAMPLE_TEAM, NewFiles, NewJob, Starter, check_region, job_name,
};

pub(super) fn run(args: &JobInitArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let is_asked = !args.yes && io::stdin().is_terminal();
    let mut stdin = io::stdin().lock();
    let input = is_asked.then_some(&mut stdin as &mut dyn BufRead);
    let files = new_files(args, &mut Questions::new(input, console.err))?;
    let folder = args.job.parent().unwrap_or(Path::new(""));
    let beside = files.beside.iter().map(|(name, content)| (folder.join(name), content));
    for (path, content) in std::iter::once((args.job.clone(), &files.job)).chain(beside) {
        write_new(&path, content, args.overwrite)?;
        writeln!(console.err, "wrote {}", path.display())?;
    }
    let job = args.job.display();
    writeln!(console.err, "next: set what stands for your own account in {job}, then")?;
    if files.can_be_rehearsed() {
        writeln!(console.err, "  gtruth run {job}        rehearse it with simulated workers")?;
    }
    writeln!(console.err, "  gtruth job plan {job}   check it and see the request")?;
    Ok(ExitStatus::Success)
}

/// Every file of the new job.
fn new_files(args: &JobInitArgs, questions: &mut Questions<'_>) -> anyhow::Result<NewFiles> {
    let task_type = match &args.task_type {
        Some(name) => task_type(name)?,
        None => questions.ask("task type", CUSTOM.name, task_type)?,
    };
    let starter = starter(args, task_type, questions)?;
    let mut given_or_asked = |given: &Option<String>, what: &str, example: &str| match given {
        Some(given) => Ok(given.clone()),
        None => questions.ask(what, example, text),
    };
    let region = given_or_asked(&args.region, "region", EXAMPLE_REGION)?;
    check_region(task_type, &region)?;
    let account = given_or_asked(&args.account, "account", EXAMPLE_ACCOUNT)?;
    let bucket = given_or_asked(&args.bucket, "bucket for input and output", EXAMPLE_BUCKET)?;
    let workteam = given_or_asked(&args.workteam, "work team (its name, or its ARN)", EXAMPLE_TEAM)?;
    let new_job = NewJob {
        name: &args.name.clone().unwrap_or_else(|| name_of(&args.job)),
        task_type,
        starter,
        categories: &args.label_categories,
        region: &region,
        account: &account,
        bucket: &bucket,
        role_arn: args.role.as_deref(),
        workteam: &workteam,
        manifest: args.manifest.as_deref(),
        n_workers: args.workers,
    };
    Ok(new_job.files())
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
