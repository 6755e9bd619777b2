//! `gtruth job watch`: a job followed to its end.

use std::io::Write;
use std::time::Duration;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};

use super::describe::no_such_job;
use crate::args::JobWatchArgs;
use crate::aws::described_job::{DescribedJob, name_and_region};
use crate::aws::{self, Aws, AwsError};
use crate::console::{ExitStatus, write_json};

/// A job runs for days, and networks do not: so many looks in a row may come to nothing.
const MOST_LOST_LOOKS: u32 = 5;

pub(crate) fn run(
    args: &JobWatchArgs,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let (name, region) = name_and_region(&args.name);
    aws::block_on(async {
        let aws = Aws::connect(&args.connection, region).await?;
        watch(&aws, name, args.interval, json, out, err).await
    })
}

/// Looks at a job until it ends, and tells how it ended.
pub(crate) async fn watch(
    aws: &Aws,
    name: &str,
    interval: Duration,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:30} {msg}")?);
    let (mut n_lost, mut told) = (0, String::new());
    let described = loop {
        match aws.describe_labeling_job(name).await {
            Ok(job) => {
                n_lost = 0;
                let described = job.with_context(|| no_such_job(name, aws))?;
                let job = DescribedJob(&described);
                let counters = job.counters();
                let line = format!("{}: {counters}", job.status());
                bar.set_length(counters.total());
                bar.set_position(counters.labeled + counters.failed);
                bar.set_message(line.clone());
                // Where no bar is drawn, in a log for instance, every change is a line.
                if bar.is_hidden() && line != told {
                    writeln!(err, "{line}")?;
                    told = line;
                }
                if job.has_ended() {
                    break described;
                }
            }
            Err(error @ AwsError::NoAnswer { .. }) if n_lost < MOST_LOST_LOOKS => {
                n_lost += 1;
                bar.suspend(|| writeln!(err, "warning: {error}; looking again"))?;
            }
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(interval).await;
    };
    bar.finish_and_clear();
    let job = DescribedJob(&described);
    if json {
        write_json(out, &described)?;
    } else {
        write!(out, "{job}")?;
    }
    Ok(if job.status() == "Completed" { ExitStatus::Success } else { ExitStatus::FoundFailures })
}
