//! `gtruth job preflight`: whether a job can run, before it costs time and money.

use std::io::{self, IsTerminal};

use anstyle::{AnsiColor, Style};
use anyhow::Context;
use serde_json::json;

use crate::args::JobPreflightArgs;
use crate::console::{Console, ExitStatus};
use crate::job_file::JobFile;
use crate::job_file::job_on_aws::JobOnAws;
use crate::preflight::{self, Finding, Options, Verdict};

pub(super) async fn run(args: &JobPreflightArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let (settings, functions) = (args.connection.settings(), args.functions.choice());
    let job = JobOnAws::open(&args.job, &settings, &functions, console.progress).await?;
    job.overridden.iter().try_for_each(|overridden| console.note(overridden))?;
    // Needs no permission, so its failure is one of credentials or network, and every check would repeat it.
    let account = job.aws.caller_account().await.context("AWS cannot be asked")?;
    let options = Options { time_limit: args.time_limit, sample: args.sample, invoke: !args.no_invoke };
    let findings = preflight::findings(&job, JobFile::read(&args.job).ok(), &account, options).await;

    let n_of = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    let (n_problems, n_unknown) = (n_of(Verdict::Problem), n_of(Verdict::Unknown));
    if console.json {
        console.write_json(&json!({ "region": job.aws.region(), "account": account, "findings": findings }))?;
    } else {
        findings.iter().try_for_each(|finding| write_finding(finding, console))?;
        let n_ok = findings.len() - n_problems - n_unknown;
        writeln!(console.out, "{n_ok} ok, {n_problems} with a problem, {n_unknown} unknown")?;
    }
    Ok(ExitStatus::success_if(n_problems == 0))
}

fn write_finding(finding: &Finding, console: &mut Console<'_>) -> anyhow::Result<()> {
    let (heading, color) = match finding.verdict {
        Verdict::Ok => ("ok", AnsiColor::Green),
        Verdict::Problem => ("problem", AnsiColor::Red),
        Verdict::Unknown => ("unknown", AnsiColor::Yellow),
    };
    let style = Style::new().fg_color(Some(color.into()));
    let mut line = format!("{style}{heading:<8}{style:#} {}: {}", finding.check, finding.message);
    if let Some(remedy) = &finding.remedy {
        line.push_str("; ");
        line.push_str(remedy);
    }
    // Findings are the data of this command: colored on a terminal only.
    let plain = anstream::adapter::strip_str(&line);
    let colored = io::stdout().is_terminal();
    if colored {
        writeln!(console.out, "{line}")?
    } else {
        writeln!(console.out, "{plain}")?
    }
    Ok(())
}
