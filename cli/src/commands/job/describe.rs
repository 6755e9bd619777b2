//! `gtruth job describe`: what SageMaker knows of a job.

use crate::args::JobDescribeArgs;
use crate::aws::Aws;
use crate::console::{Console, ExitStatus};
use crate::created_job::{self, DescribedJob, console_link, name_and_region};

pub(super) async fn run(args: &JobDescribeArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let (name, region) = name_and_region(&args.name);
    let aws = Aws::connect(&args.connection.settings(), region).await?;
    let job = created_job::describe(&aws, name).await?;
    if console.json {
        console.write_json(&job)?;
    } else {
        writeln!(console.out, "{}console   {}", DescribedJob(&job), console_link(aws.region(), name))?;
    }
    Ok(ExitStatus::Success)
}
