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

use observation::{Line, Observation, Verdict};
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
    let mut lines = request(job.problems());
    let job =
        Preflight { aws: &job.aws, spec: job.spec(), file: &job.plan.file, account, sample, invoke: !args.no_invoke };

    let bounded = checks(&job).into_iter().map(async |(name, check)| {
        let seen = tokio::time::timeout(args.time_limit, check).await;
        let late = |_| vec![Observation::unknown(format!("no answer within {} s", args.time_limit.as_secs_f64()))];
        seen.unwrap_or_else(late).into_iter().map(|observation| observation.line(name)).collect::<Vec<_>>()
    });
    lines.extend(join_all(bounded).await.into_iter().flatten());

    let n_with = |verdict| lines.iter().filter(|line| line.verdict == verdict).count();
    let (n_problems, n_unknown) = (n_with(Verdict::Problem), n_with(Verdict::Unknown));
    if json {
        write_json(out, &json!({ "region": job.aws.region(), "account": job.account, "findings": lines }))?;
    } else {
        lines.iter().try_for_each(|line| write_line(out, line))?;
        let n_ok = n_with(Verdict::Ok);
        writeln!(out, "{n_ok} ok, {n_problems} with a problem, {n_unknown} unknown")?;
    }
    Ok(if n_problems == 0 { ExitStatus::Success } else { ExitStatus::FoundFailures })
}

/// What `gtruth job plan` says of the request.
fn request(problems: Vec<Problem>) -> Vec<Line> {
    let errors: Vec<Observation> = problems.into_iter().filter(Problem::is_error).map(Observation::Problem).collect();
    let seen =
        if errors.is_empty() { vec![Observation::ok("no rule of the service stands against it")] } else { errors };
    seen.into_iter().map(|observation| observation.line("request")).collect()
}

fn write_line(out: &mut dyn Write, line: &Line) -> anyhow::Result<()> {
    let (heading, color) = match line.verdict {
        Verdict::Ok => ("ok", AnsiColor::Green),
        Verdict::Problem => ("problem", AnsiColor::Red),
        Verdict::Unknown => ("unknown", AnsiColor::Yellow),
    };
    let style = Style::new().fg_color(Some(color.into()));
    let mut text = format!("{style}{heading:<8}{style:#} {}: {}", line.check, line.message);
    if let Some(remedy) = &line.remedy {
        text.push_str("; ");
        text.push_str(remedy);
    }
    // The lines are the data of this command: colored on a terminal only.
    let plain = anstream::adapter::strip_str(&text);
    let colored = std::io::IsTerminal::is_terminal(&std::io::stdout());
    if colored {
        writeln!(out, "{text}")?
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
