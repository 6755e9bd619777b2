//! `gtruth job list`: the labeling jobs of an account and region.

use std::io::Write;

use crate::args::{JobListArgs, JobStatus};
use crate::aws::described_job::DescribedJob;
use crate::aws::{self, Aws};
use crate::console::table;
use crate::console::{ExitStatus, write_json};

pub(crate) fn run(args: &JobListArgs, json: bool, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    aws::block_on(async {
        let aws = Aws::connect(&args.connection, None).await?;
        let status = args.status.map(JobStatus::as_str);
        let jobs = aws.list_labeling_jobs(args.name_contains.as_deref(), status, args.limit as usize).await?;
        if json {
            write_json(out, &jobs)?;
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
        writeln!(out, "{}", table.trim_fmt())?;
        Ok(ExitStatus::Success)
    })
}
