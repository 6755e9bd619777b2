//! A job file on its way to AWS: what `create`, `preflight` and `render` begin with.

use anyhow::Context;

use crate::aws::{self, Aws};
use crate::console::progress::Progress;
use crate::job_file::JobFile;
use crate::job_file::function_arns::{FunctionArns, FunctionChoice, Overridden};
use crate::job_file::planned_job::PlannedJob;
use crate::labeling_job::{Arn, Evidence, JobSpec, path};
use crate::problem::Problem;

/// The two functions, where AWS can be asked for them too.
#[derive(Debug, Clone)]
pub(crate) enum ChoiceOnAws {
    /// From the arguments or a file; AWS is not asked.
    Known(FunctionChoice),
    /// By the name of their stack.
    Stack(String),
}

/// A job file with its functions in place, and the connection to the region that it belongs to.
pub(crate) struct JobOnAws {
    pub(crate) plan: PlannedJob,
    pub(crate) aws: Aws,
    /// Functions of the job file that others take the part of.
    pub(crate) overridden: Vec<Overridden>,
}

impl JobOnAws {
    /// Connects, and asks for what the choice of functions leaves to AWS.
    pub(crate) async fn connect(
        mut file: JobFile,
        settings: &aws::Settings,
        functions: &ChoiceOnAws,
        progress: Progress,
    ) -> anyhow::Result<Self> {
        let aws = Aws::connect(settings, Evidence::of(file.spec()).region()).await?;
        let overridden = function_arns(functions, file.spec(), &aws).await?.put_into(file.spec_mut());
        Ok(Self { plan: PlannedJob::gather(file, progress), aws, overridden })
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

async fn function_arns(choice: &ChoiceOnAws, spec: &JobSpec, aws: &Aws) -> anyhow::Result<FunctionArns> {
    let mut known = match choice {
        ChoiceOnAws::Known(known) => known.clone(),
        ChoiceOnAws::Stack(stack) => {
            let outputs = aws.stack_outputs(stack).await?;
            return FunctionArns::from_stack_outputs(&outputs).with_context(|| format!("cannot use the stack {stack}"));
        }
    };
    if let FunctionChoice::Names { account: account @ None, .. } = &mut known
        && spec.text(path::ROLE_ARN).and_then(Arn::parse).is_none()
    {
        *account = Some(aws.caller_account().await?);
    }
    FunctionArns::of(&known, Some(aws.region()), spec)
}
