//! A job looked at on AWS: whether it can run, before it costs time and money.
//!
//! A check is an async function that looks at one part of the job and returns findings; [`checks`] lists them all. They
//! run at the same time, each for a bounded time, and are told in the order of the list.

use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::join_all;

use crate::aws;
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

pub(crate) use finding::{Finding, Verdict};
use sample::Sample;

/// What the checks look at.
struct Preflight<'a> {
    aws: &'a aws::Aws,
    spec: &'a JobSpec,
    /// The job file as a local run reads it, for the files that it names; none where it has mistakes.
    file: Option<JobFile>,
    /// The account of the caller.
    account: &'a str,
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

/// How far checks go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// How long each check may take.
    pub(crate) time_limit: Duration,
    /// How many data objects are looked at.
    pub(crate) sample: usize,
    /// Whether the functions are invoked.
    pub(crate) invoke: bool,
}

/// Looks at a job, and tells what each check finds.
pub(crate) async fn findings(job: &JobOnAws, file: Option<JobFile>, account: &str, options: Options) -> Vec<Finding> {
    let sample = Sample::take(&job.aws, job.spec(), file.as_ref(), options.sample).await;
    let mut findings = request_findings(&job.problems());
    let job = Preflight { aws: &job.aws, spec: job.spec(), file, account, sample, invoke: options.invoke };
    let bounded = checks(&job).into_iter().map(async |(name, check)| {
        let findings = tokio::time::timeout(options.time_limit, check).await;
        let late = |_| vec![Finding::unknown(format!("no answer within {} s", options.time_limit.as_secs_f64()))];
        let findings = findings.unwrap_or_else(late);
        findings.into_iter().map(|finding| finding.of(name)).collect::<Vec<_>>()
    });
    findings.extend(join_all(bounded).await.into_iter().flatten());
    findings
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
