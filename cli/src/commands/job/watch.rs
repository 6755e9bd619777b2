//! `gtruth job watch`: a job followed to its end.

use std::time::Duration;

use anyhow::Context;

use crate::args::JobWatchArgs;
use crate::aws::{Aws, AwsError};
use crate::console::{Console, ExitStatus};
use crate::created_job::{self, DescribedJob, name_and_region};

/// A job runs for days, and networks do not: so many looks in a row may come to nothing.
const MAX_LOST_LOOKS: u32 = 5;

pub(super) async fn run(args: &JobWatchArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let (name, region) = name_and_region(&args.name);
    let aws = Aws::connect(&args.connection.settings(), region).await?;
    watch(&aws, name, args.interval, console).await
}

/// Looks at a job until it ends, and tells how it ended.
pub(super) async fn watch(
    aws: &Aws,
    name: &str,
    interval: Duration,
    console: &mut Console<'_>,
) -> anyhow::Result<ExitStatus> {
    let bar = console.progress.bar(Some(0), "{bar:30} {msg}");
    let (mut n_lost, mut told) = (0, String::new());
    let described = loop {
        match aws.describe_labeling_job(name).await {
            Ok(job) => {
                n_lost = 0;
                let described = job.with_context(|| created_job::no_such_job(aws, name))?;
                let job = DescribedJob(&described);
                let counters = job.counters();
                let line = format!("{}: {counters}", job.status());
                bar.set_length(counters.total());
                bar.set_position(counters.labeled + counters.failed);
                bar.set_message(line.clone());
                // Where no bar is drawn, in a log for instance, every change is a line.
                if bar.is_hidden() && line != told {
                    writeln!(console.err, "{line}")?;
                    told = line;
                }
                if job.has_ended() {
                    break described;
                }
            }
            Err(error @ AwsError::NoAnswer { .. }) if n_lost < MAX_LOST_LOOKS => {
                n_lost += 1;
                bar.suspend(|| writeln!(console.err, "warning: {error}; looking again"))?;
            }
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(interval).await;
    };
    bar.finish_and_clear();
    let job = DescribedJob(&described);
    if console.json {
        console.write_json(&described)?;
    } else {
        write!(console.out, "{job}")?;
    }
    Ok(ExitStatus::success_if(job.status() == "Completed"))
}
