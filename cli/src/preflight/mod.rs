//! `gtruth job preflight`: whether a job can run, before it costs time and money.
//!
//! A check is an async function that looks at one part of the job and returns what it sees; [`checks`] lists them all. They
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
use crate::job_file::job_on_aws::JobOnAws;
use crate::job_file::{self, JobFile};
use crate::labeling_job::{JobSpec, path};
use crate::problem::Problem;

mod functions;
mod input;
mod observation;
mod role;
mod sample;
mod storage;
mod team;

use observation::{Line, Observation};
use sample::Sample;

/// What the checks look at.
struct Preflight<'a> {
    aws: &'a aws::Aws,
    spec: &'a JobSpec,
    /// The job file, for the files that it names.
    file: &'a JobFile,
    /// The account of the caller.
    account: String,
    /// The first lines of the manifest.
    sample: Sample,
    invoke: bool,
}

type Check<'a> = Pin<Box<dyn Future<Output = Vec<Observation>> + 'a>>;

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
    let job = JobOnAws::connect(job_file::open(&args.job)?, &args.connection, &args.functions, err).await?;
    // Needs no permission, so its failure is one of credentials or network, and every check would repeat it.
    let account = job.aws.caller_account().await.context("AWS cannot be asked")?;
    let sample = Sample::take(&job.aws, &job.plan.file, args.sample).await;
    let mut seen = request(job.problems());
    let job =
        Preflight { aws: &job.aws, spec: job.spec(), file: &job.plan.file, account, sample, invoke: !args.no_invoke };

    let bounded = checks(&job).into_iter().map(async |(name, check)| {
        let seen = tokio::time::timeout(args.time_limit, check).await;
        let late = |_| vec![Observation::unknown(format!("no answer within {} s", args.time_limit.as_secs_f64()))];
        seen.unwrap_or_else(late).into_iter().map(|observation| (name, observation)).collect::<Vec<_>>()
    });
    seen.extend(join_all(bounded).await.into_iter().flatten());

    let n_problems = seen.iter().filter(|(_, observation)| matches!(observation, Observation::Problem(_))).count();
    let n_unknown = seen.iter().filter(|(_, observation)| matches!(observation, Observation::Unknown { .. })).count();
    if json {
        let lines: Vec<Line<'_>> = seen.iter().map(|(check, observation)| observation.line(check)).collect();
        write_json(out, &json!({ "region": job.aws.region(), "account": job.account, "findings": lines }))?;
    } else {
        seen.iter().try_for_each(|(check, observation)| write_line(out, check, observation))?;
        let n_ok = seen.len() - n_problems - n_unknown;
        writeln!(out, "{n_ok} ok, {n_problems} with a problem, {n_unknown} unknown")?;
    }
    Ok(if n_problems == 0 { ExitStatus::Success } else { ExitStatus::FoundFailures })
}

/// What `gtruth job plan` says of the request.
fn request(problems: Vec<Problem>) -> Vec<(&'static str, Observation)> {
    let mut seen: Vec<Observation> = problems.into_iter().filter(Problem::is_error).map(Observation::Problem).collect();
    if seen.is_empty() {
        seen.push(Observation::ok("no rule of the service stands against it"));
    }
    seen.into_iter().map(|observation| ("request", observation)).collect()
}

fn write_line(out: &mut dyn Write, check: &str, observation: &Observation) -> anyhow::Result<()> {
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
    let colored = std::io::IsTerminal::is_terminal(&std::io::stdout());
    if colored {
        writeln!(out, "{line}")?
    } else {
        writeln!(out, "{plain}")?
    }
    Ok(())
}

/// A file that the job file names, read from this computer.
fn local_text(path: &Path) -> Result<String, Observation> {
    std::fs::read_to_string(path).map_err(|error| {
        Observation::problem(format!("{} cannot be read: {error}", path.display()), "correct its path in the job file")
    })
}

/// The execution role, if the job names one.
fn role_arn(spec: &JobSpec) -> Option<&str> {
    spec.text(path::ROLE_ARN)
}
