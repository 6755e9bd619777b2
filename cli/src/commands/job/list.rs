//! `gtruth job list`: the labeling jobs of an account and region.

use crate::args::{JobListArgs, JobStatus};
use crate::aws::Aws;
use crate::console::{Console, ExitStatus, table};
use crate::created_job::DescribedJob;

pub(super) async fn run(args: &JobListArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let aws = Aws::connect(&args.connection.settings(), None).await?;
    let status = args.status.map(JobStatus::as_str);
    let jobs = aws.list_labeling_jobs(args.name_contains.as_deref(), status, args.limit as usize).await?;
    if console.json {
        console.write_json(&jobs)?;
        return Ok(ExitStatus::Success);
    }
    let mut table = table::plain();
    table.set_header(["name", "status", "created", "labeled", "failed", "of"]);
    for job in jobs.iter().map(DescribedJob) {
        let counters = job.counters();
        table.add_row([
            job.text("LabelingJobName").unwrap_or_default().to_owned(),
            job.status().to_owned(),
            job.time("CreationTime").unwrap_or_default(),
            counters.labeled.to_string(),
            counters.failed.to_string(),
            counters.total().to_string(),
        ]);
    }
    table::align_right(&mut table, &[3, 4, 5]);
    writeln!(console.out, "{}", table.trim_fmt())?;
    Ok(ExitStatus::Success)
}
