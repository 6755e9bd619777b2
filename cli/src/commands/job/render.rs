//! `gtruth job render`: the page that a worker will see.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path};

use anyhow::{Context, bail};
use ground_truth::contract::manifest::DataObject;
use ground_truth::contract::pre_human_task::{PreHumanTaskRequest, PreHumanTaskResponse};
use ground_truth::s3_uri::S3Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::args::JobRenderArgs;
use crate::aws::{Aws, Invocation, RenderedUi};
use crate::commands::problems;
use crate::console::{Console, ExitStatus};
use crate::events;
use crate::job_file::job_on_aws::JobOnAws;
use crate::job_file::{self, JobFile, LocalJob};
use crate::labeling_job::{JobSpec, path};
use crate::manifest;
use crate::problem::{Level, Problem};
use crate::worker_template::{self, Fault, Page, Request, apart};

/// How much of a manifest in S3 is read to find a line, in bytes: a line has at most 100,000 characters.
const MAX_MANIFEST_BYTES: u64 = 64 << 20;

/// The most bytes that a template may have: a character has four at most.
const MAX_TEMPLATE_BYTES: u64 = 4 * worker_template::MAX_CHARACTERS as u64;

pub(super) async fn run(args: &JobRenderArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let file = job_file::open(&args.job)?;
    let local_job = file.to_local_job()?;
    if args.offline {
        return offline(args, &file, &local_job, console);
    }
    let (settings, functions) = (args.connection.settings(), args.functions.choice());
    let job = JobOnAws::connect(file.clone(), &settings, &functions, console.progress).await?;
    job.overridden.iter().try_for_each(|overridden| console.note(overridden))?;
    let (spec, aws) = (job.spec(), &job.aws);
    let role = spec
        .text(path::ROLE_ARN)
        .context("the job file has no RoleArn, whose permissions the page is rendered with")?;
    let data_object = data_object(&file, spec, aws, args.line).await?;
    let response = if args.deployed {
        deployed_pre_function(&local_job, spec, aws, data_object).await?
    } else {
        local_pre_function(&local_job, data_object)?
    };
    note_if_nobody_sees(&response, args.line, console)?;
    let task_input = Value::Object(response.task_input);
    let template;
    let ui = match spec.text(path::HUMAN_TASK_UI_ARN) {
        Some(arn) => RenderedUi::HumanTaskUi(arn),
        None => {
            template = template_text(&file, spec, aws).await?;
            RenderedUi::Template(&template)
        }
    };
    let rendered = aws.render_ui_template(ui, &task_input, role).await;
    let rendered = rendered.context("AWS cannot render the page; with `--offline` it is rendered on this computer")?;
    let faults = rendered.get("Errors").and_then(Value::as_array).cloned().unwrap_or_default();
    let location = file.template_path().map_or_else(
        || spec.text(path::UI_TEMPLATE_S3_URI).unwrap_or("the template").to_owned(),
        |path| path.display().to_string(),
    );
    for fault in &faults {
        let text = |name: &str| fault.get(name).and_then(Value::as_str).unwrap_or_default();
        writeln!(console.err, "error: {location}: {}: {}", text("Code"), text("Message"))?;
    }
    let html = rendered.get("RenderedContent").and_then(Value::as_str).unwrap_or_default();
    write_page(args, html, console, || json!({ "taskInput": task_input, "html": html, "errors": faults }))?;
    Ok(ExitStatus::success_if(faults.is_empty()))
}

/// Renders the page on this computer.
fn offline(
    args: &JobRenderArgs,
    file: &JobFile,
    local_job: &LocalJob,
    console: &mut Console<'_>,
) -> anyhow::Result<ExitStatus> {
    let template_path = file.template_path().context(
        "the job file names no worker template on this computer; name a copy as `gtruth: {template: …}` to render it \
         with --offline",
    )?;
    let manifest = file.manifest_path().context(
        "the job file names no manifest on this computer; name a copy as `gtruth: {manifest: …}` to take a line from \
         with --offline",
    )?;
    let template = read_template(&template_path)?;
    let response = local_pre_function(local_job, manifest::data_object(&manifest, args.line)?)?;
    note_if_nobody_sees(&response, args.line, console)?;
    let request =
        Request { template, grants: local_copies(&response.task_input, file), task_input: response.task_input };
    let rendered = apart::render(&request)?;
    let (page, errors) = match rendered {
        Ok(page) => (page, Vec::new()),
        Err(faults) => (Page::default(), faults),
    };
    let in_template = |level: Level| {
        let file = template_path.display();
        move |fault: &Fault| {
            let line = fault.line.map(|line| format!(":{line}")).unwrap_or_default();
            Problem::in_message(format!("{file}{line}: {}", fault.message), &fault.remedy).at(level)
        }
    };
    problems::write(&errors.iter().map(in_template(Level::Error)).collect::<Vec<_>>(), console)?;
    problems::write(&page.warnings.iter().map(in_template(Level::Warning)).collect::<Vec<_>>(), console)?;
    if !page.not_granted.is_empty() {
        let addresses = page.not_granted.join(", ");
        console.note(format!("not on this computer, so that the page has the address alone: {addresses}"))?;
    }
    let (html, warnings, task_input) = (&page.html, &page.warnings, &request.task_input);
    if errors.is_empty() || console.json {
        let document = || json!({ "taskInput": task_input, "html": html, "errors": errors, "warnings": warnings });
        write_page(args, html, console, document)?;
    }
    Ok(ExitStatus::success_if(errors.is_empty()))
}

/// Copies on this computer of the objects that a task input names, as addresses for a browser.
fn local_copies(task_input: &Map<String, Value>, file: &JobFile) -> BTreeMap<String, String> {
    let mut addresses = BTreeSet::new();
    task_input.values().for_each(|value| s3_addresses(value, &mut addresses));
    let copy = |address: &str| {
        let uri: S3Uri = address.parse().ok()?;
        let key = Path::new(uri.key());
        // A key may hold `..`; nothing beside the job's folder is looked at.
        let is_plain = key.components().all(|part| matches!(part, Component::Normal(_)));
        let places = [file.beside(key), file.beside(Path::new(key.file_name()?))];
        let path = places.into_iter().find(|path| is_plain && path.is_file())?;
        let path = fs::canonicalize(path).ok()?;
        Some((address.to_owned(), format!("file://{}", percent_encode(path.to_str()?))))
    };
    addresses.iter().filter_map(|address| copy(address)).collect()
}

/// A path as it stands in an address.
fn percent_encode(path: &str) -> String {
    const KEPT: AsciiSet = NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(path, &KEPT).to_string()
}

fn s3_addresses<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::String(text) if text.starts_with("s3://") => {
            found.insert(text);
        }
        Value::Array(elements) => elements.iter().for_each(|element| s3_addresses(element, found)),
        Value::Object(members) => members.values().for_each(|member| s3_addresses(member, found)),
        _ => {}
    }
}

fn note_if_nobody_sees(response: &PreHumanTaskResponse, line: u64, console: &mut Console<'_>) -> anyhow::Result<()> {
    if !response.is_human_annotation_required {
        console.note(format!("no worker sees line {line}: the pre function answers that none is required"))?;
    }
    Ok(())
}

/// Writes a page to where it was asked for; with `--json` a document about it.
fn write_page(
    args: &JobRenderArgs,
    html: &str,
    console: &mut Console<'_>,
    document: impl FnOnce() -> Value,
) -> anyhow::Result<()> {
    if console.json {
        console.write_json(&document())?;
    } else if let Some(path) = &args.output {
        fs::write(path, html).with_context(|| format!("cannot write {}", path.display()))?;
    } else {
        writeln!(console.out, "{html}")?;
    }
    Ok(())
}

fn read_template(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// A line of the manifest: of the copy on this computer, or of the one in S3.
async fn data_object(file: &JobFile, spec: &JobSpec, aws: &Aws, number: u64) -> anyhow::Result<DataObject> {
    if let Some(path) = file.manifest_path() {
        return manifest::data_object(&path, number);
    }
    let uri = spec.text(path::MANIFEST_S3_URI).context("the job file names no manifest to take a line from")?;
    let manifest = aws.read_start(&uri.parse::<S3Uri>()?, MAX_MANIFEST_BYTES).await?;
    let manifest = manifest.with_context(|| format!("{uri} does not exist"))?;
    let mut lines = manifest.split(|&byte| byte == b'\n');
    let line = lines.nth(usize::try_from(number - 1)?).with_context(|| format!("{uri} has no line {number}"))?;
    let members =
        serde_json::from_slice(line).with_context(|| format!("line {number} of {uri} is not a JSON object"))?;
    Ok(DataObject { members })
}

fn request(job: &LocalJob, data_object: DataObject) -> PreHumanTaskRequest {
    events::pre_human_task(&events::labeling_job_arn(job), data_object)
}

/// The real function of this workspace, with the configuration of the job file.
fn local_pre_function(job: &LocalJob, data_object: DataObject) -> anyhow::Result<PreHumanTaskResponse> {
    Ok(pre_human_task::handle(&request(job, data_object), &job.task_input()?))
}

async fn deployed_pre_function(
    job: &LocalJob,
    spec: &JobSpec,
    aws: &Aws,
    data_object: DataObject,
) -> anyhow::Result<PreHumanTaskResponse> {
    let Some(arn) = spec.text(path::PRE_HUMAN_TASK_LAMBDA_ARN) else {
        bail!("the job names no PreHumanTaskLambdaArn; name it in the job file, or with --stack-name or --pre-arn");
    };
    let event = serde_json::to_value(request(job, data_object))?;
    match aws.invoke(arn, &event).await? {
        Invocation::Answered(answer) => serde_json::from_slice(&answer)
            .with_context(|| format!("{arn} answered something that is not a pre-annotation response")),
        Invocation::Failed { error_type, message } => bail!("{arn} failed: {error_type}: {message}"),
    }
}

async fn template_text(file: &JobFile, spec: &JobSpec, aws: &Aws) -> anyhow::Result<String> {
    if let Some(path) = file.template_path() {
        return read_template(&path);
    }
    let uri = spec.text(path::UI_TEMPLATE_S3_URI).context("the job file names no worker template")?;
    let bytes = aws.read_start(&uri.parse::<S3Uri>()?, MAX_TEMPLATE_BYTES).await?;
    let bytes = bytes.with_context(|| format!("{uri} does not exist"))?;
    String::from_utf8(bytes).with_context(|| format!("{uri} is not valid UTF-8"))
}
