//! `gtruth job plan`: the checked CreateLabelingJob request of a job file.

use crate::args::JobPlanArgs;
use crate::commands::problems;
use crate::console::{Console, ExitStatus};
use crate::job_file::function_arns::FunctionArns;
use crate::job_file::planned_job::PlannedJob;
use crate::job_file::{self, JobFileError};
use crate::labeling_job::{Upload, UploadContent};
use crate::problem::Problem;

mod explain;

use explain::explain;

/// Prints the request to `out` if no error stands against it, and everything said about it to `err`; with `json`,
/// problems that keep the request back go to `out` as JSON instead. With `--explain`, every rule with its verdict is
/// printed instead of the request.
pub(super) fn run(args: &JobPlanArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let mut file = match job_file::open(&args.job) {
        Err(JobFileError::Problems { problems, .. }) => return problems::keep_back(&problems, console),
        opened => opened?,
    };
    let arns = FunctionArns::of(&args.functions.choice(), args.region.as_deref(), file.spec())?;
    arns.put_into(file.spec_mut()).iter().try_for_each(|overridden| console.note(overridden))?;

    let job = PlannedJob::gather(file, console.progress);
    let problems = job.problems(None);
    let is_sound = !problems.iter().any(Problem::is_error);
    if args.explain {
        explain(&job.evidence(None), &problems, console)?;
        return Ok(ExitStatus::success_if(is_sound));
    }
    if !is_sound {
        return problems::keep_back(&problems, console);
    }
    problems::write(&problems, console)?;
    write_uploads(&job.uploads, console)?;
    console.write_json(&job.request())?;
    Ok(ExitStatus::Success)
}

/// What has to lie in S3 before the request is sent.
fn write_uploads(uploads: &[Upload], console: &mut Console<'_>) -> anyhow::Result<()> {
    for Upload { member, content, s3_uri, .. } in uploads {
        let what = match content {
            UploadContent::File(file) => format!("the local file `{}`", file.display()),
            UploadContent::Text(_) => "made of gtruth.labelCategories".to_owned(),
        };
        writeln!(console.err, "upload: {member} is {what}; `gtruth job create` uploads it to {s3_uri}")?;
    }
    Ok(())
}

#[cfg(test)]
mod job_files;
#[cfg(test)]
mod tests;
