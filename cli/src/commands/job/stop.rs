//! `gtruth job stop`.

use serde_json::json;

use crate::args::JobStopArgs;
use crate::aws::Aws;
use crate::console::{Console, ExitStatus};
use crate::created_job::{self, DescribedJob, name_and_region};

pub(super) async fn run(args: &JobStopArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let (name, region) = name_and_region(&args.name);
    let aws = Aws::connect(&args.connection.settings(), region).await?;
    let job = created_job::describe(&aws, name).await?;
    let job = DescribedJob(&job);
    if let Some(reason) = reason_not_to_stop(job) {
        writeln!(console.err, "not stopped: {name} {reason}")?;
        return Ok(ExitStatus::FoundFailures);
    }
    let question = format!("{name} is {}: {}. Stop it for good?", job.status(), job.counters());
    if !console.confirm(&question, args.yes)? {
        writeln!(console.err, "not stopped")?;
        return Ok(ExitStatus::FoundFailures);
    }
    aws.stop_labeling_job(name).await?;
    if console.json {
        console.write_json(&json!({ "LabelingJobName": name, "LabelingJobStatus": "Stopping" }))?;
    } else {
        writeln!(console.out, "{name} is stopping; `gtruth job watch {name}` tells when it has stopped")?;
    }
    Ok(ExitStatus::Success)
}

fn reason_not_to_stop(job: DescribedJob<'_>) -> Option<String> {
    let status = job.status();
    let is_streaming = job.text("InputConfig.DataSource.SnsDataSource.SnsTopicArn").is_some();
    match status {
        "Initializing" if is_streaming => {
            Some("is a streaming job that is still initializing; wait until it is InProgress".to_owned())
        }
        "Completed" | "Failed" | "Stopped" | "Stopping" => Some(format!("is {status} already")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_running_job_is_stopped_and_no_streaming_one_that_initializes() {
        let check = |status: &str, streaming: bool, may: bool| {
            let topic = if streaming { json!({ "SnsTopicArn": "arn" }) } else { json!(null) };
            let job = json!({ "LabelingJobStatus": status, "InputConfig": {"DataSource": {"SnsDataSource": topic}} });
            assert_eq!(reason_not_to_stop(DescribedJob(&job)).is_none(), may, "{status} {streaming}");
        };
        check("InProgress", false, true);
        check("InProgress", true, true);
        check("Initializing", false, true);
        check("Initializing", true, false);
        check("Completed", false, false);
        check("Stopping", false, false);
    }
}
