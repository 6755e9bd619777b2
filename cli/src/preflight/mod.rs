//! A job looked at on AWS: whether it can run, before it costs time and money.
//!
//! A check is an async function that looks at one part of the job and returns what it sees; [`checks`] lists them all. They
//! run at the same time, each for a bounded time, and are told in the order of the list.

use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::join_all;

use crate::aws;
use crate::job_file::JobFile;
use crate::job_file::job_on_aws::JobOnAws;
use crate::labeling_job::{JobSpec, path};
use crate::problem::Problem;

mod functions;
mod input;
mod observation;
mod role;
mod sample;
mod storage;
mod team;

pub(crate) use observation::Observation;
use sample::Sample;

/// What the checks look at.
struct Preflight<'a> {
    aws: &'a aws::Aws,
    spec: &'a JobSpec,
    /// The job file, for the files that it names.
    file: &'a JobFile,
    /// The account of the caller.
    account: &'a str,
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

/// Looks at a job, and tells what each check sees, under its name.
pub(crate) async fn look(job: &JobOnAws, account: &str, options: Options) -> Vec<(&'static str, Observation)> {
    let taken = tokio::time::timeout(options.time_limit, Sample::take(&job.aws, &job.plan.file, options.sample)).await;
    let sample = taken.unwrap_or_else(|_| Sample::late(options.time_limit));
    let mut seen = request(job.problems());
    let job =
        Preflight { aws: &job.aws, spec: job.spec(), file: &job.plan.file, account, sample, invoke: options.invoke };
    let bounded = checks(&job).into_iter().map(async |(name, check)| {
        let seen = tokio::time::timeout(options.time_limit, check).await;
        seen.unwrap_or_else(|_| vec![Observation::late(options.time_limit)])
            .into_iter()
            .map(|observation| (name, observation))
            .collect::<Vec<_>>()
    });
    seen.extend(join_all(bounded).await.into_iter().flatten());
    seen
}

/// What `gtruth job plan` says of the request.
fn request(problems: Vec<Problem>) -> Vec<(&'static str, Observation)> {
    let mut seen: Vec<Observation> = problems.into_iter().filter(Problem::is_error).map(Observation::Problem).collect();
    if seen.is_empty() {
        seen.push(Observation::ok("no rule of the service stands against it"));
    }
    seen.into_iter().map(|observation| ("request", observation)).collect()
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
