//! `gtruth job create`: from a job file to a job that runs.

use std::fmt;
use std::ops::ControlFlow;

use serde::Serialize;
use serde_json::{Value, json};

use crate::args::JobCreateArgs;
use crate::aws::Aws;
use crate::commands::problems;
use crate::console::{Console, ExitStatus};
use crate::created_job::console_link;
use crate::created_job::creation::CreationOutcome;
use crate::job_file::{self, job_on_aws::JobOnAws};
use crate::labeling_job::{Upload, UploadContent, WorkerCost, dollars, path};
use crate::problem::Problem;

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

/// A new job, which may be watched now.
pub(super) struct CreatedJob {
    /// The connection to its region.
    pub(super) aws: Aws,
    pub(super) name: String,
}

/// Creates the job, unless that is not asked for or cannot be.
pub(super) async fn run(
    args: &JobCreateArgs,
    console: &mut Console<'_>,
) -> anyhow::Result<ControlFlow<ExitStatus, CreatedJob>> {
    let (settings, functions) = (args.connection.settings(), args.functions.choice());
    let job = JobOnAws::connect(job_file::open(&args.job)?, &settings, &functions, console.progress).await?;
    job.overridden.iter().try_for_each(|overridden| console.note(overridden))?;
    let creation = Creation::plan(&job);
    if creation.problems.iter().any(Problem::is_error) {
        return problems::keep_back(&creation.problems, console).map(ControlFlow::Break);
    }
    problems::write(&creation.problems, console)?;
    if args.dry_run {
        if console.json {
            console.write_json(&creation)?
        } else {
            write!(console.out, "{creation}")?
        }
        return Ok(ControlFlow::Break(ExitStatus::Success));
    }
    write!(console.err, "{creation}")?;
    if !console.confirm("Create this job?", args.yes)? {
        writeln!(console.err, "nothing was created")?;
        return Ok(ControlFlow::Break(ExitStatus::FoundFailures));
    }
    upload(&job.aws, &creation.uploads, console).await?;
    let name = job.spec().text(path::LABELING_JOB_NAME).unwrap_or_default().to_owned();
    let outcome = CreationOutcome::of(&job.aws, &name, &creation.request).await?;
    let Some(arn) = tell(outcome, &name, console)? else {
        return Ok(ControlFlow::Break(ExitStatus::FoundFailures));
    };
    writeln!(console.err, "{}", creation.console)?;
    if !console.json {
        writeln!(console.out, "{arn}")?;
    } else if !args.watch {
        // With --watch the one document is the job at its end.
        console.write_json(&json!({ "LabelingJobArn": arn, "console": creation.console }))?;
    }
    Ok(ControlFlow::Continue(CreatedJob { aws: job.aws, name }))
}

/// Puts what lies on this computer where the request says that it is.
async fn upload(aws: &Aws, uploads: &[Upload], console: &mut Console<'_>) -> anyhow::Result<()> {
    for Upload { content, s3_uri, content_type, .. } in uploads {
        let uri = s3_uri.parse()?;
        match content {
            UploadContent::File(file) => aws.put_file(&uri, file, content_type).await?,
            UploadContent::Text(text) => aws.put(&uri, text, content_type).await?,
        }
        writeln!(console.err, "uploaded {s3_uri}")?;
    }
    Ok(())
}

/// Tells what became of the request: the ARN of the new job, if there is one.
fn tell(outcome: CreationOutcome, name: &str, console: &mut Console<'_>) -> anyhow::Result<Option<String>> {
    match outcome {
        CreationOutcome::Created { arn } => return Ok(Some(arn)),
        CreationOutcome::CreatedUnheard { arn, status } => {
            console.note(format!("SageMaker's answer was lost, but it has taken the request: {name} is {status}"))?;
            return Ok(Some(arn));
        }
        CreationOutcome::Refused(error) => writeln!(console.err, "error: SageMaker refuses the job: {error}")?,
        CreationOutcome::NameTaken { since, differences } => writeln!(
            console.err,
            "error: LabelingJobName {name} is taken by another job, created {since}; it differs in {}; \
             choose another name",
            differences.join(", ")
        )?,
        CreationOutcome::ExistedBefore { since, status } => writeln!(
            console.err,
            "error: {name} exists already, created {since} from this very request, and is {status}; nothing was created \
             now; follow it with `gtruth job watch {name}`, or choose another LabelingJobName"
        )?,
    }
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
