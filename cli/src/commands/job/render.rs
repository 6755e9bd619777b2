//! `gtruth job render`: the page that a worker will see.

use std::fs;

use anyhow::{Context, bail};
use ground_truth::contract::manifest::DataObject;
use ground_truth::contract::pre_human_task::{PreHumanTaskRequest, PreHumanTaskResponse};
use ground_truth::s3_uri::S3Uri;
use serde_json::{Value, json};

use crate::args::JobRenderArgs;
use crate::aws::{Aws, Invocation, RenderedUi};
use crate::console::{Console, ExitStatus};
use crate::events;
use crate::job_file::job_on_aws::JobOnAws;
use crate::job_file::{self, JobFile, LocalJob};
use crate::labeling_job::{JobSpec, path};
use crate::manifest;

/// How much of a manifest in S3 is read to find a line, in bytes: a line has at most 100,000 characters.
const MAX_MANIFEST_BYTES: u64 = 64 << 20;

/// The most that RenderUiTemplate takes, in characters; the read limit below is in bytes.
const MAX_TEMPLATE_BYTES: u64 = 128_000 * 4;

pub(super) async fn run(args: &JobRenderArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let file = job_file::open(&args.job)?;
    let local_job = file.to_local_job()?;
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
    if !response.is_human_annotation_required {
        console.note(format!("no worker sees line {}: the pre function answers that none is required", args.line))?;
    }
    let task_input = Value::Object(response.task_input);
    let template;
    let ui = match spec.text(path::HUMAN_TASK_UI_ARN) {
        Some(arn) => RenderedUi::HumanTaskUi(arn),
        None => {
            template = template_text(&file, spec, aws).await?;
            RenderedUi::Template(&template)
        }
    };
    let rendered = aws.render_ui_template(ui, &task_input, role).await?;
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
    if console.json {
        console.write_json(&json!({ "taskInput": task_input, "html": html, "errors": faults }))?;
    } else if let Some(path) = &args.output {
        fs::write(path, html).with_context(|| format!("cannot write {}", path.display()))?;
    } else {
        writeln!(console.out, "{html}")?;
    }
    Ok(ExitStatus::success_if(faults.is_empty()))
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
        return fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()));
    }
    let uri = spec.text(path::UI_TEMPLATE_S3_URI).context("the job file names no worker template")?;
    let bytes = aws.read_start(&uri.parse::<S3Uri>()?, MAX_TEMPLATE_BYTES).await?;
    let bytes = bytes.with_context(|| format!("{uri} does not exist"))?;
    String::from_utf8(bytes).with_context(|| format!("{uri} is not valid UTF-8"))
}
