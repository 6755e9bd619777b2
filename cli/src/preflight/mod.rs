//! `gtruth job preflight`: whether a job can run, before it costs time and money.
//!
//! A check is an async function that looks at one part of the job and returns findings; [`checks`] lists them all. They
//! run at the same time, each for a bounded time, and are told in the order of the list.

use std::io::Write;
use std::path::Path;
use std::pin::Pin;

use anstyle::{AnsiColor, Style};
use anyhow::Context;
use futures_util::future::join_all;
use serde_json::json;

use crate::args::JobPreflightArgs;
use crate::aws;
use crate::console::{ExitStatus, write_json};
use crate::job_file::JobFile;
use crate::job_file::job_on_aws::JobOnAws;
use crate::labeling_job::{JobSpec, Level, Problem, path};

mod finding;
mod functions;
mod input;
mod role;
mod sample;
mod storage;
mod team;

use finding::{Finding, Verdict};
use sample::Sample;

/// What the checks look at.
struct Preflight<'a> {
    aws: &'a aws::Aws,
    spec: &'a JobSpec,
    /// The job file as a local run reads it, for the files that it names; none where it has mistakes.
    file: Option<JobFile>,
    /// The account of the caller.
    account: String,
    /// The first lines of the manifest.
    sample: Sample,
    invoke: bool,
}

type Check<'a> = Pin<Box<dyn Future<Output = Vec<Finding>> + 'a>>;

fn checks<'a>(job: &'a Preflight<'a>) -> Vec<(&'static str, Check<'a>)> {
    vec![
        ("job name", Box::pin(input::name(job)) as Check<'a>),
        ("buckets", Box::pin(storage::buckets(job))),
        ("CORS", Box::pin(storage::cors(job))),
        ("encryption", Box::pin(storage::encryption(job))),
        ("output folder", Box::pin(storage::output_folder(job))),
        ("manifest", Box::pin(input::manifest(job))),
        ("data objects", Box::pin(input::data_objects(job))),
        ("label categories", Box::pin(input::label_categories(job))),
        ("role", Box::pin(role::trust(job))),
        ("permissions", Box::pin(role::permissions(job))),
        ("functions", Box::pin(functions::exist(job))),
        ("template", Box::pin(functions::page(job))),
        ("consolidation", Box::pin(functions::consolidation(job))),
        ("work team", Box::pin(team::members(job))),
    ]
}

pub(crate) fn run(
    args: &JobPreflightArgs,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    aws::block_on(preflight(args, json, out, err))
}

async fn preflight(
    args: &JobPreflightArgs,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let job = JobOnAws::open(&args.job, &args.connection, &args.functions, err).await?;
    // Needs no permission, so its failure is one of credentials or network, and every check would repeat it.
    let account = job.aws.caller_account().await.context("AWS cannot be asked")?;
    let file = JobFile::read(&args.job).ok();
    let sample = Sample::take(&job.aws, job.spec(), file.as_ref(), args.sample).await;
    let mut findings = request_findings(&job.problems());
    let job = Preflight { aws: &job.aws, spec: job.spec(), file, account, sample, invoke: !args.no_invoke };

    let bounded = checks(&job).into_iter().map(async |(name, check)| {
        let findings = tokio::time::timeout(args.time_limit, check).await;
        let late = |_| vec![Finding::unknown(format!("no answer within {} s", args.time_limit.as_secs_f64()))];
        let findings = findings.unwrap_or_else(late);
        findings.into_iter().map(|finding| finding.of(name)).collect::<Vec<_>>()
    });
    findings.extend(join_all(bounded).await.into_iter().flatten());

    let n_problems = findings.iter().filter(|finding| finding.verdict == Verdict::Problem).count();
    let n_unknown = findings.iter().filter(|finding| finding.verdict == Verdict::Unknown).count();
    if json {
        write_json(out, &json!({ "region": job.aws.region(), "account": job.account, "findings": findings }))?;
    } else {
        findings.iter().try_for_each(|finding| write_finding(out, finding))?;
        let n_ok = findings.len() - n_problems - n_unknown;
        writeln!(out, "{n_ok} ok, {n_problems} with a problem, {n_unknown} unknown")?;
    }
    Ok(if n_problems == 0 { ExitStatus::Success } else { ExitStatus::FoundFailures })
}

/// What `gtruth job plan` says of the request.
fn request_findings(problems: &[Problem]) -> Vec<Finding> {
    let errors: Vec<Finding> = problems
        .iter()
        .filter(|problem| problem.level == Level::Error)
        .map(|problem| Finding::problem(format!("{} {}", problem.path, problem.message), problem.remedy.clone()))
        .collect();
    let findings =
        if errors.is_empty() { vec![Finding::ok("no rule of the service stands against it")] } else { errors };
    findings.into_iter().map(|finding| finding.of("request")).collect()
}

fn write_finding(out: &mut dyn Write, finding: &Finding) -> anyhow::Result<()> {
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
    let colored = std::io::IsTerminal::is_terminal(&std::io::stdout());
    if colored {
        writeln!(out, "{line}")?
    } else {
        writeln!(out, "{plain}")?
    }
    Ok(())
}

/// A file that the job file names, read from this computer.
fn local_text(path: &Path) -> Result<String, Finding> {
    std::fs::read_to_string(path).map_err(|error| {
        Finding::problem(format!("{} cannot be read: {error}", path.display()), "correct its path in the job file")
    })
}

/// The execution role, if the job names one.
fn role_arn(spec: &JobSpec) -> Option<&str> {
    spec.text(path::ROLE_ARN)
}
