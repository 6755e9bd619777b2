//! `gtruth job plan`: the checked CreateLabelingJob request of a job file.

use std::io::Write;

use serde_json::json;

use crate::args::JobPlanArgs;
use crate::console::problems::write_problems;
use crate::console::{ExitStatus, write_json};
use crate::job_file::function_arns::FunctionArns;
use crate::job_file::planned_job::PlannedJob;
use crate::job_file::{self, JobFileError};
use crate::labeling_job::{JobSpec, Upload, UploadContent, path};
use crate::problem::Problem;

mod explain;

use explain::explain;

/// Prints the request to `out` if no error stands against it, and everything said about it to `err`; with `json`,
/// problems that keep the request back go to `out` as JSON instead. With `--explain`, every rule with its verdict takes
/// the place of the request.
pub(crate) fn run(
    args: &JobPlanArgs,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let mut file = match job_file::open(&args.job) {
        Err(JobFileError::Problems { problems, .. }) => return keep_back(&problems, json, out, err),
        opened => opened?,
    };
    let arns = FunctionArns::from_args(&args.functions, args.region.as_deref(), file.spec())?;
    wire(file.spec_mut(), path::PRE_HUMAN_TASK_LAMBDA_ARN, arns.pre, err)?;
    wire(file.spec_mut(), path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN, arns.post, err)?;

    let job = PlannedJob::gather(file);
    let problems = job.problems(None);
    let is_sound = !problems.iter().any(Problem::is_error);
    if args.explain {
        explain(&job.evidence(None), &problems, json, out)?;
        return Ok(if is_sound { ExitStatus::Success } else { ExitStatus::FoundFailures });
    }
    if !is_sound {
        return keep_back(&problems, json, out, err);
    }
    write_problems(&problems, err)?;
    write_uploads(&job.uploads, err)?;
    write_json(out, &job.request())?;
    Ok(ExitStatus::Success)
}

/// Tells the problems in place of the request.
pub(crate) fn keep_back(
    problems: &[Problem],
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    if json {
        write_json(out, &json!({ "problems": problems }))?;
    } else {
        write_problems(problems, err)?;
    }
    Ok(ExitStatus::FoundFailures)
}

/// What has to lie in S3 before the request is sent.
pub(crate) fn write_uploads(uploads: &[Upload], err: &mut dyn Write) -> anyhow::Result<()> {
    for Upload { member, content, s3_uri, .. } in uploads {
        let what = match content {
            UploadContent::File(file) => format!("the local file `{}`", file.display()),
            UploadContent::Text(_) => "made of gtruth.labelCategories".to_owned(),
        };
        writeln!(err, "upload: {member} is {what}; `gtruth job create` uploads it to {s3_uri}")?;
    }
    Ok(())
}

/// Puts a function's ARN in place, and says so where it replaces another.
pub(crate) fn wire(spec: &mut JobSpec, path: &str, arn: Option<String>, err: &mut dyn Write) -> anyhow::Result<()> {
    let Some(arn) = arn else { return Ok(()) };
    if let Some(replaced) = spec.text(path).filter(|replaced| *replaced != arn) {
        writeln!(err, "note: {path} is {arn} from the command line; the job file's {replaced} is not used")?;
    }
    spec.set_text(path, &arn);
    Ok(())
}

#[cfg(test)]
mod job_files;
#[cfg(test)]
mod tests;
