//! `gtruth job describe`: what SageMaker knows of a job.

use std::io::Write;

use anyhow::Context;

use crate::args::JobDescribeArgs;
use crate::aws::described_job::{DescribedJob, console_link, name_and_region};
use crate::aws::{self, Aws};
use crate::console::{ExitStatus, write_json};

pub(crate) fn run(args: &JobDescribeArgs, json: bool, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    let (name, region) = name_and_region(&args.name);
    aws::block_on(async {
        let aws = Aws::connect(&args.connection, region).await?;
        let job = aws.describe_labeling_job(name).await?;
        let job = job.with_context(|| no_such_job(name, &aws))?;
        if json {
            write_json(out, &job)?;
        } else {
            writeln!(out, "{}console   {}", DescribedJob(&job), console_link(aws.region(), name))?;
        }
        Ok(ExitStatus::Success)
    })
}

pub(crate) fn no_such_job(name: &str, aws: &Aws) -> String {
    format!("there is no labeling job {name} in {}; see `gtruth job list`, and --region", aws.region())
}
