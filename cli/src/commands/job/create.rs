//! `gtruth job create`: from a job file to a job that runs.

use std::fmt;
use std::io::Write;

use serde::Serialize;
use serde_json::{Value, json};

use super::plan::keep_back;
use super::watch::watch;
use crate::args::JobCreateArgs;
use crate::aws::described_job::{DescribedJob, console_link};
use crate::aws::{self, Aws, AwsError, Outcome};
use crate::console::confirm::confirm;
use crate::console::problems::write_problems;
use crate::console::{ExitStatus, write_json};
use crate::job_file;
use crate::job_file::job_on_aws::JobOnAws;
use crate::labeling_job::{Upload, UploadContent, WorkerCost, dollars, path};
use crate::problem::Problem;

mod same_request;

/// All that a creation will do: shown to people, and the result of `--dry-run` for programs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Creation {
    region: String,
    console: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<WorkerCost>,
    problems: Vec<Problem>,
    uploads: Vec<Upload>,
    request: Value,
}

pub(crate) fn run(
    args: &JobCreateArgs,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    aws::block_on(create(args, json, out, err))
}

async fn create(
    args: &JobCreateArgs,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let job = JobOnAws::connect(job_file::open(&args.job)?, &args.connection, &args.functions, err).await?;
    let creation = Creation::plan(&job);
    if creation.problems.iter().any(Problem::is_error) {
        return keep_back(&creation.problems, json, out, err);
    }
    write_problems(&creation.problems, err)?;
    if args.dry_run {
        if json {
            write_json(out, &creation)?
        } else {
            write!(out, "{creation}")?
        }
        return Ok(ExitStatus::Success);
    }
    write!(err, "{creation}")?;
    if !confirm("Create this job?", args.yes, err)? {
        writeln!(err, "nothing was created")?;
        return Ok(ExitStatus::FoundFailures);
    }
    upload(&job.aws, &creation.uploads, err).await?;
    let name = job.spec().text(path::LABELING_JOB_NAME).unwrap_or_default();
    let outcome = job.aws.create_labeling_job(&creation.request).await;
    let Some(arn) = settle(&job.aws, name, &creation.request, outcome, err).await? else {
        return Ok(ExitStatus::FoundFailures);
    };
    writeln!(err, "{}", creation.console)?;
    if !json {
        writeln!(out, "{arn}")?;
    } else if !args.watch {
        // With --watch the one document is the job at its end.
        write_json(out, &json!({ "LabelingJobArn": arn, "console": creation.console }))?;
    }
    if args.watch { watch(&job.aws, name, args.interval, json, out, err).await } else { Ok(ExitStatus::Success) }
}

/// Puts what lies on this computer where the request says that it is.
async fn upload(aws: &Aws, uploads: &[Upload], err: &mut dyn Write) -> anyhow::Result<()> {
    for Upload { content, s3_uri, content_type, .. } in uploads {
        let uri = s3_uri.parse()?;
        match content {
            UploadContent::File(file) => aws.put_file(&uri, file, content_type).await?,
            UploadContent::Text(text) => aws.put(&uri, text, content_type).await?,
        }
        writeln!(err, "uploaded {s3_uri}")?;
    }
    Ok(())
}

/// What became of the request: the ARN of the job, or `None` when there is none of ours and the reason is told.
///
/// # Errors
/// When that cannot be found out, or the request could not be made.
async fn settle(
    aws: &Aws,
    name: &str,
    request: &Value,
    outcome: Outcome<String>,
    err: &mut dyn Write,
) -> anyhow::Result<Option<String>> {
    let Outcome { result, attempt_lost } = outcome;
    let error = match result {
        Ok(arn) => return Ok(Some(arn)),
        Err(error) => error,
    };
    let is_taken = error.has_code("ResourceInUse");
    if !is_taken && !attempt_lost {
        return refused(error, err);
    }
    let described = match aws.describe_labeling_job(name).await {
        Ok(Some(described)) => described,
        Ok(None) if is_taken => return refused(error, err),
        Ok(None) => anyhow::bail!("{error}; no job {name} was created as far as SageMaker tells, so create it again"),
        Err(second) => anyhow::bail!(
            "{error}; whether {name} was created is unknown, for then {second}; \
             look with `gtruth job describe {name}` before you create it again"
        ),
    };
    let job = DescribedJob(&described);
    let since = job.time("CreationTime").unwrap_or_else(|| "some time ago".to_owned());
    let differences = same_request::differences(request, &described);
    if !differences.is_empty() {
        let differences = differences.join(", ");
        writeln!(
            err,
            "error: LabelingJobName {name} is taken by another job, created {since}; it differs in {differences}; \
             choose another name"
        )?;
        return Ok(None);
    }
    let arn = job.text("LabelingJobArn").unwrap_or_default().to_owned();
    if attempt_lost {
        writeln!(err, "note: SageMaker's answer was lost, but it has taken the request: {name} is {}", job.status())?;
        return Ok(Some(arn));
    }
    writeln!(
        err,
        "error: {name} exists already, created {since} from this very request, and is {}; nothing was created now; \
         follow it with `gtruth job watch {name}`, or choose another LabelingJobName",
        job.status()
    )?;
    Ok(None)
}

/// A refusal of the job is a finding, with the service's own words; any other keeps the command from its work.
fn refused(error: AwsError, err: &mut dyn Write) -> anyhow::Result<Option<String>> {
    let of_the_job = ["ResourceInUse", "ResourceLimitExceeded", "ValidationException"];
    if !of_the_job.iter().any(|code| error.has_code(code)) {
        return Err(error.into());
    }
    writeln!(err, "error: SageMaker refuses the job: {error}")?;
    Ok(None)
}

impl Creation {
    fn plan(job: &JobOnAws) -> Self {
        let region = job.aws.region().to_owned();
        let name = job.spec().text(path::LABELING_JOB_NAME).unwrap_or_default();
        Self {
            console: console_link(&region, name),
            cost: WorkerCost::of(&job.plan.evidence(None)),
            problems: job.problems(),
            uploads: job.plan.uploads.clone(),
            request: job.plan.request(),
            region,
        }
    }
}

impl fmt::Display for Creation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |pointer: &str| self.request.pointer(pointer).and_then(Value::as_str);
        let lines = [
            ("name", text("/LabelingJobName")),
            ("region", Some(self.region.as_str())),
            ("label", text("/LabelAttributeName")),
            ("input", text("/InputConfig/DataSource/S3DataSource/ManifestS3Uri")),
            ("topic", text("/InputConfig/DataSource/SnsDataSource/SnsTopicArn")),
            ("output", text("/OutputConfig/S3OutputPath")),
            ("template", text("/HumanTaskConfig/UiConfig/UiTemplateS3Uri")),
            ("ui", text("/HumanTaskConfig/UiConfig/HumanTaskUiArn")),
            ("before", text("/HumanTaskConfig/PreHumanTaskLambdaArn")),
            ("after", text("/HumanTaskConfig/AnnotationConsolidationConfig/AnnotationConsolidationLambdaArn")),
            ("team", text("/HumanTaskConfig/WorkteamArn")),
            ("role", text("/RoleArn")),
        ];
        for (heading, text) in lines {
            if let Some(text) = text {
                writeln!(f, "{heading:<9} {text}")?;
            }
        }
        for Upload { content, s3_uri, .. } in &self.uploads {
            let what = match content {
                UploadContent::File(file) => file.display().to_string(),
                UploadContent::Text(_) => "gtruth.labelCategories".to_owned(),
            };
            writeln!(f, "upload    {what} to {s3_uri}")?;
        }
        if let Some(cost) = &self.cost {
            write!(f, "cost      {} USD per data object", dollars(cost.tenths_of_a_cent_per_object))?;
            if let (Some(n_objects), Some(of_all)) = (cost.n_objects, cost.of_all()) {
                write!(f, ", {} USD for all {n_objects},", dollars(of_all))?;
            }
            writeln!(f, " for the workers; the service's own fee comes on top")?;
        }
        Ok(())
    }
}
