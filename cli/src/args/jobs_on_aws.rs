//! The commands that talk to AWS about labeling jobs.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::{ConnectionArgs, FunctionsOnAwsArgs};

/// Create the labeling job of a job file
///
/// Checks the job as `gtruth job plan` does, uploads the files that are on this computer (manifest, worker template, label
/// category file), shows what the job will do and cost, asks, and creates it. Prints the ARN of the job.
///
/// If the answer of AWS is lost on the network, the request may be sent twice. When AWS then says that the name is taken,
/// the job of that name is compared with the job file: an equal job counts as success.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
Where there is no terminal to ask on, --yes is required.

Exit code 1: the job is not created, because it has errors, its name is taken, or AWS refuses it.
With --watch the exit code is that of `gtruth job watch`.

Examples:
  gtruth job create survey.yaml --stack-name ground-truth --dry-run
  gtruth job create survey.yaml --stack-name ground-truth --watch
  gtruth job create survey.yaml --profile labeling --yes --json")]
pub struct JobCreateArgs {
    /// The job file
    #[arg(value_name = "JOB.yaml", value_hint = ValueHint::FilePath)]
    pub job: PathBuf,
    /// Show what would be done, without doing it
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask for confirmation
    #[arg(long, short)]
    pub yes: bool,
    /// Follow the job to its end after it is created
    #[arg(long, conflicts_with = "dry_run")]
    pub watch: bool,
    /// How often to ask AWS while watching, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = super::connection::seconds, default_value = "30", requires = "watch")]
    pub interval: std::time::Duration,
    /// The functions
    #[command(flatten)]
    pub functions: FunctionsOnAwsArgs,
    /// The connection
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Show what SageMaker knows about a labeling job
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
With --json, the whole answer of DescribeLabelingJob is printed.

Examples:
  gtruth job describe river-survey
  gtruth job describe river-survey --region eu-west-1 --json")]
pub struct JobDescribeArgs {
    /// The name of the job, or its ARN
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The connection
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Follow a labeling job to its end
///
/// Shows how many data objects are labeled. Ends when the job does.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
Exit codes:
  0  the job completed
  1  the job failed or was stopped
  2  the job cannot be followed

Examples:
  gtruth job watch river-survey
  gtruth job watch river-survey --interval 300 --json")]
pub struct JobWatchArgs {
    /// The name of the job, or its ARN
    #[arg(value_name = "NAME")]
    pub name: String,
    /// How often to ask AWS, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = super::connection::seconds, default_value = "30")]
    pub interval: std::time::Duration,
    /// The connection
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// List labeling jobs, the newest first
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
Examples:
  gtruth job list
  gtruth job list --status in-progress --name-contains river")]
pub struct JobListArgs {
    /// Only jobs with this in their name
    #[arg(long, value_name = "TEXT")]
    pub name_contains: Option<String>,
    /// Only jobs of this status
    #[arg(long, value_name = "STATUS")]
    pub status: Option<JobStatus>,
    /// How many jobs to list at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// The connection
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// The status of a labeling job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the names are AWS's own")]
pub enum JobStatus {
    Initializing,
    InProgress,
    Completed,
    Failed,
    Stopping,
    Stopped,
}

impl JobStatus {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initializing => "Initializing",
            Self::InProgress => "InProgress",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
        }
    }
}

/// Stop a labeling job
///
/// Labels that exist by then stay in the output manifest. A stopped job cannot be started again. Asks first.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
Examples:
  gtruth job stop river-survey
  gtruth job stop river-survey --yes")]
pub struct JobStopArgs {
    /// The name of the job, or its ARN
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Do not ask for confirmation
    #[arg(long, short)]
    pub yes: bool,
    /// The connection
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Render the page that a worker will see for one data object
///
/// Gives a line of the manifest to the pre function (the one of this project, run on this computer, or with --deployed the
/// one that the job names), and the task input that it returns to SageMaker's RenderUiTemplate; with --offline to a Liquid of
/// our own, without AWS. Writes HTML. What is wrong with the template is printed with the line it concerns; then the exit
/// code is 1.
///
/// With --offline a name that the task input does not have is a warning, and objects that lie on this computer are shown
/// from here: `s3://bucket/images/1.png` from `images/1.png` or `1.png` beside the job file, if there is one.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
Examples:
  gtruth job render survey.yaml --offline --output page.html
  gtruth job render survey.yaml > page.html
  gtruth job render survey.yaml --line 3 --deployed --stack-name ground-truth --output page.html")]
pub struct JobRenderArgs {
    /// The job file
    #[arg(value_name = "JOB.yaml", value_hint = ValueHint::FilePath)]
    pub job: PathBuf,
    /// The line of the manifest; the first is 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub line: u64,
    /// Render on this computer, without AWS
    #[arg(long, conflicts_with = "deployed")]
    pub offline: bool,
    /// Invoke the deployed pre function instead of the one on this computer
    #[arg(long)]
    pub deployed: bool,
    /// The file to write the page to [default: standard output]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// The functions
    #[command(flatten)]
    pub functions: FunctionsOnAwsArgs,
    /// The connection
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Check on AWS, before time and money are spent, that a labeling job can run
///
/// Looks at buckets, manifest, template, label categories, role, functions and work team, and says for each: ok, a
/// problem with its fix, or unknown with the permission that you lack to find out. Changes nothing; both functions are
/// invoked once, as the job will invoke them.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
Exit codes:
  0  every check is ok, or unknown because you lack a permission
  1  a check found a problem
  2  the checks could not run

Examples:
  gtruth job preflight survey.yaml --stack-name ground-truth
  gtruth job preflight survey.yaml --json")]
pub struct JobPreflightArgs {
    /// The job file
    #[arg(value_name = "JOB.yaml", value_hint = ValueHint::FilePath)]
    pub job: PathBuf,
    /// How long one check may take, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = super::connection::seconds, default_value = "60")]
    pub time_limit: std::time::Duration,
    /// How many data objects of the manifest to look up in S3
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub sample: usize,
    /// Do not invoke the functions
    #[arg(long)]
    pub no_invoke: bool,
    /// The functions
    #[command(flatten)]
    pub functions: FunctionsOnAwsArgs,
    /// The connection
    #[command(flatten)]
    pub connection: ConnectionArgs,
}
