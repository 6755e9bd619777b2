//! A job file on its way to AWS: what `create`, `preflight` and `render` begin with.

use std::io::Write;

use anyhow::Context;

use crate::args::{ConnectionArgs, FunctionsOnAwsArgs};
use crate::aws::Aws;
use crate::commands::job::plan::wire;
use crate::job_file::JobFile;
use crate::job_file::function_arns::FunctionArns;
use crate::job_file::planned_job::PlannedJob;
use crate::labeling_job::{Arn, Evidence, JobSpec, path};
use crate::problem::Problem;

/// A job file with its functions in place, and the connection to the region that it belongs to.
pub(crate) struct JobOnAws {
    pub(crate) plan: PlannedJob,
    pub(crate) aws: Aws,
}

impl JobOnAws {
    /// Connects, and asks for what the command line leaves to AWS.
    pub(crate) async fn connect(
        mut file: JobFile,
        connection: &ConnectionArgs,
        functions: &FunctionsOnAwsArgs,
        err: &mut dyn Write,
    ) -> anyhow::Result<Self> {
        let aws = Aws::connect(connection, Evidence::of(file.spec()).region()).await?;
        let arns = function_arns(functions, file.spec(), &aws).await?;
        wire(file.spec_mut(), path::PRE_HUMAN_TASK_LAMBDA_ARN, arns.pre, err)?;
        wire(file.spec_mut(), path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN, arns.post, err)?;
        Ok(Self { plan: PlannedJob::gather(file), aws })
    }

    /// The job, as its file and the command line have it.
    pub(crate) fn spec(&self) -> &JobSpec {
        self.plan.file.spec()
    }

    /// Everything that stands against the job in the region that is asked.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        self.plan.problems(Some(self.aws.region()))
    }
}

async fn function_arns(args: &FunctionsOnAwsArgs, spec: &JobSpec, aws: &Aws) -> anyhow::Result<FunctionArns> {
    if let Some(stack) = &args.stack_name {
        let outputs = aws.stack_outputs(stack).await?;
        return FunctionArns::from_stack_outputs(&outputs).with_context(|| format!("cannot use the stack {stack}"));
    }
    let mut known = args.known.clone();
    let is_named = known.pre_name.is_some() || known.post_name.is_some();
    let has_account = known.account.is_some() || spec.text(path::ROLE_ARN).and_then(Arn::parse).is_some();
    if is_named && !has_account {
        known.account = Some(aws.caller_account().await?);
    }
    FunctionArns::from_args(&known, Some(aws.region()), spec)
}
