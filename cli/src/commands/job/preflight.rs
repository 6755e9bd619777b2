//! `gtruth job preflight`: whether a job can run, before it costs time and money.

use std::io::{self, IsTerminal};

use anstyle::{AnsiColor, Style};
use anyhow::Context;
use serde_json::json;

use crate::args::JobPreflightArgs;
use crate::console::{Console, ExitStatus};
use crate::job_file::{self, job_on_aws::JobOnAws};
use crate::preflight::{self, Observation, Options};

pub(super) async fn run(args: &JobPreflightArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let (settings, functions) = (args.connection.settings(), args.functions.choice());
    let job = JobOnAws::connect(job_file::open(&args.job)?, &settings, &functions, console.progress).await?;
    job.overridden.iter().try_for_each(|overridden| console.note(overridden))?;
    // Needs no permission, so its failure is one of credentials or network, and every check would repeat it.
    let account = job.aws.caller_account().await.context("AWS cannot be asked")?;
    let options = Options { time_limit: args.time_limit, sample: args.sample, invoke: !args.no_invoke };
    let seen = preflight::look(&job, &account, options).await;

    let n_problems = seen.iter().filter(|(_, observation)| matches!(observation, Observation::Problem(_))).count();
    let n_unknown = seen.iter().filter(|(_, observation)| matches!(observation, Observation::Unknown { .. })).count();
    if console.json {
        let lines: Vec<_> = seen.iter().map(|(check, observation)| observation.line(check)).collect();
        console.write_json(&json!({ "region": job.aws.region(), "account": account, "findings": lines }))?;
    } else {
        seen.iter().try_for_each(|(check, observation)| write_line(check, observation, console))?;
        let n_ok = seen.len() - n_problems - n_unknown;
        writeln!(console.out, "{n_ok} ok, {n_problems} with a problem, {n_unknown} unknown")?;
    }
    Ok(ExitStatus::success_if(n_problems == 0))
}

fn write_line(check: &str, observation: &Observation, console: &mut Console<'_>) -> anyhow::Result<()> {
    let color = match observation {
        Observation::Ok(_) => AnsiColor::Green,
        Observation::Problem(_) => AnsiColor::Red,
        Observation::Unknown { .. } => AnsiColor::Yellow,
    };
    let style = Style::new().fg_color(Some(color.into()));
    let mut line = format!("{style}{:<8}{style:#} {check}: {}", observation.verdict(), observation.message());
    if let Some(remedy) = observation.remedy() {
        line.push_str("; ");
        line.push_str(&remedy);
    }
    // The lines are the data of this command: colored on a terminal only.
    let plain = anstream::adapter::strip_str(&line);
    let colored = io::stdout().is_terminal();
    if colored {
        writeln!(console.out, "{line}")?
    } else {
        writeln!(console.out, "{plain}")?
    }
    Ok(())
}
