//! The command line: raw arguments, and the help that teaches them.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueHint};
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

mod connection;
mod finished_job;
mod functions;
mod job_init;
mod jobs_on_aws;
mod manifest;
mod next_round;

pub use connection::ConnectionArgs;
pub use finished_job::{
    AgreementArgs, ExportArgs, FinishedJobArgs, GoldArgs, ImageArgs, ReconsolidateArgs, ReportArgs, WorkerNamesArgs,
    WorkersArgs,
};
pub use functions::{FunctionArgs, FunctionsOnAwsArgs};
pub use job_init::JobInitArgs;
pub use jobs_on_aws::{
    JobCreateArgs, JobDescribeArgs, JobListArgs, JobPreflightArgs, JobRenderArgs, JobStatus, JobStopArgs, JobWatchArgs,
};
pub use manifest::{
    ChosenFilesArgs, ManifestCheckArgs, ManifestCommand, ManifestFromCsvArgs, ManifestFromDirArgs, ManifestFromS3Args,
    ManifestRepairArgs, NewManifestArgs,
};
pub use next_round::NextRoundArgs;

/// Plan, rehearse and inspect labeling jobs of Amazon SageMaker Ground Truth
///
/// A custom labeling job calls two Lambda functions: PreHumanTaskLambda before workers see a data object, and
/// AnnotationConsolidationLambda after they answered. gtruth runs a whole job on this computer with the real functions,
/// prints the events that either function receives, checks a job before it costs anything, and creates, follows and
/// stops it on AWS. It also reads finished jobs: it consolidates their answers again, shows
/// them as a page, and exports their labels. Only these commands connect to AWS: `gtruth job preflight`, `render`,
/// `create`, `watch`, `describe`, `list` and `stop`; `gtruth manifest from-s3`; and the commands about finished jobs, when
/// the job is in S3 or images are signed. Everything else needs no AWS account.
///
/// A job is described by a job file: the CreateLabelingJob request in AWS's own member names, as YAML or JSON, and
/// one member `gtruth` for settings that AWS does not have.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "gtruth",
    version,
    arg_required_else_help = true,
    after_long_help = "\
Exit codes:
  0  all is well
  1  the command ran and found failures: a data object without a label, a job file with errors
  2  the command could not run: a file is missing, an argument does not fit

Examples:
  gtruth run survey.yaml
  gtruth consolidate payload.json --plan plan.json
  gtruth reconsolidate survey-7 --out survey-7-again
  gtruth report survey-7 --out report.html
  gtruth next-round survey-7 --job-file survey.yaml --out round-2

  gtruth job plan survey.yaml --stack-outputs outputs.json > request.json
  gtruth job preflight survey.yaml --stack-name ground-truth
  gtruth job create survey.yaml --stack-name ground-truth --watch

  gtruth event pre --manifest survey.manifest > event.json
  cargo lambda invoke pre-human-task --data-file event.json

  source <(gtruth completions bash)"
)]
pub struct Args {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// Print reports as JSON, for other programs
    #[arg(long, global = true, display_order = 100)]
    pub json: bool,
}

/// The subcommands. Those that carry arguments are described there.
#[derive(Debug, Clone, Subcommand)]
#[expect(missing_docs, reason = "a doc here would replace the help that the arguments come with")]
pub enum Command {
    Run(RunArgs),
    Consolidate(ConsolidateArgs),
    Reconsolidate(ReconsolidateArgs),
    NextRound(NextRoundArgs),
    Report(ReportArgs),
    Agreement(AgreementArgs),
    Workers(WorkersArgs),
    Export(ExportArgs),
    /// Work on a job file
    Job {
        /// What to do with it
        #[command(subcommand)]
        command: JobCommand,
    },
    /// Check, mend and make manifests
    Manifest {
        /// What to do
        #[command(subcommand)]
        command: ManifestCommand,
    },
    /// Print test events for the two functions
    Event {
        /// For which function
        #[command(subcommand)]
        command: EventCommand,
    },
    Completions(CompletionsArgs),
    /// Render the worker template that comes on standard input: a process of `gtruth job render --offline`
    #[command(hide = true)]
    RenderWorkerTemplate,
}

/// `gtruth job …`
#[derive(Debug, Clone, Subcommand)]
#[expect(missing_docs, reason = "a doc here would replace the help that the arguments come with")]
pub enum JobCommand {
    Init(JobInitArgs),
    Plan(JobPlanArgs),
    Preflight(JobPreflightArgs),
    Render(JobRenderArgs),
    Create(JobCreateArgs),
    Watch(JobWatchArgs),
    Describe(JobDescribeArgs),
    List(JobListArgs),
    Stop(JobStopArgs),
    /// List every rule that a labeling job must keep
    ///
    /// One line each: id, level, what it asks for, its source, and which command decides it.
    Rules,
    /// Print the JSON Schema of job files, for completion in an editor
    ///
    /// Editors with the YAML language server read it where a job file begins with
    /// `# yaml-language-server: $schema=job-file.schema.json`.
    #[command(after_long_help = "\
Example:
  gtruth job schema > job-file.schema.json")]
    Schema,
}

/// `gtruth event …`
#[derive(Debug, Clone, Subcommand)]
#[expect(missing_docs, reason = "a doc here would replace the help that the arguments come with")]
pub enum EventCommand {
    Pre(EventPreArgs),
    Post(EventPostArgs),
}

/// Run a labeling job on this computer, from its manifest to its output manifest
///
/// Calls the real pre function for every line of the manifest, takes workers' answers (recorded ones, or simulated
/// workers of stated skill), calls the real consolidation function batch by batch, and writes the output tree as
/// Ground Truth lays it out. Nothing is sent anywhere.
///
/// The job file says where answers come from, under gtruth.localRun.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
The output goes to DIR/<job name>. What the functions log goes to standard error: warnings, or
what the environment variable RUST_LOG asks for.

Exit code 1: some data objects should have got a label and did not.

Examples:
  gtruth run survey.yaml
  gtruth run survey.yaml --output rehearsal --seed 7 --overwrite")]
pub struct RunArgs {
    /// The job file
    #[arg(value_name = "JOB.yaml", value_hint = ValueHint::FilePath)]
    pub job: PathBuf,
    /// The folder to write the output tree into [default: `output` beside the job file]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
    /// How many answered data objects one consolidation request holds [default: as the job file says, or 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub batch_size: Option<u32>,
    /// The seed of simulated workers; the same seed gives the same answers [default: as the job file says]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// The time at which the job starts, for output that is the same every time [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub start_time: Option<UtcDateTime>,
    /// Replace the output of an earlier run
    #[arg(long)]
    pub overwrite: bool,
}

/// Reads a time such as 2024-05-06T07:08:09Z.
fn time(text: &str) -> Result<UtcDateTime, String> {
    UtcDateTime::parse(text, &Rfc3339).map_err(|_| "write it as in 2024-05-06T07:08:09Z".to_owned())
}

/// Consolidate one payload file and print the labels
///
/// Reads the file that a labeling job hands to AnnotationConsolidationLambda (an array of data objects with every
/// worker's answer) and prints the function's response. How each form field was consolidated, and every answer that was set
/// aside, is reported on standard error.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
With --json the response is printed on one line. Exit code 1: a data object has no label.

Examples:
  gtruth consolidate payload.json
  gtruth consolidate payload.json --plan plan.json --label-categories heron,otter")]
pub struct ConsolidateArgs {
    /// The payload file; `-` for standard input
    #[arg(value_name = "PAYLOAD.json", value_hint = ValueHint::FilePath)]
    pub payload: PathBuf,
    /// The consolidation plan; without one, every field is recognized and gets its default method
    #[arg(long, value_name = "plan.json", value_hint = ValueHint::FilePath)]
    pub plan: Option<PathBuf>,
    /// The member of the response that holds the label
    #[arg(long, value_name = "NAME", default_value = "label")]
    pub label_attribute_name: String,
    /// The label categories, in the order that decides ties
    #[arg(long, value_name = "CATEGORIES", value_delimiter = ',')]
    pub label_categories: Vec<String>,
}

/// Check a job file and print its CreateLabelingJob request
///
/// Prints the request as JSON, with the ARNs of the two functions filled in. All problems of the job are reported at
/// once, one line each, on standard error; if one of them is an error, no request is printed and the exit code is 1.
/// The files that the job names on this computer are looked at too; those that AWS must be able to read are listed with
/// the S3 URI that `gtruth job create` uploads them to. Nothing is uploaded and nothing created.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
The functions are those of the job file unless they are named here. With function names, account
and region come from RoleArn and WorkteamArn unless they are given.

A stack-outputs file is what one of these prints:
  aws cloudformation describe-stacks --stack-name STACK
  sam list stack-outputs --stack-name STACK --output json
or {\"PreHumanTaskLambdaArn\": \"arn:…\", \"AnnotationConsolidationLambdaArn\": \"arn:…\"}

Examples:
  gtruth job plan survey.yaml
  gtruth job plan survey.yaml --explain
  gtruth job plan survey.yaml --stack-outputs outputs.json > request.json
  gtruth job plan survey.yaml --pre-name SageMaker-pre --post-name SageMaker-post
  aws sagemaker create-labeling-job --cli-input-json file://request.json")]
pub struct JobPlanArgs {
    /// The job file
    #[arg(value_name = "JOB.yaml", value_hint = ValueHint::FilePath)]
    pub job: PathBuf,
    /// Print every rule with its verdict instead of the request
    #[arg(long)]
    pub explain: bool,
    /// The functions
    #[command(flatten)]
    pub functions: FunctionArgs,
    /// The region of the named functions [default: the region in WorkteamArn]
    #[arg(long, value_name = "REGION", requires = "names")]
    pub region: Option<String>,
}

/// The labeling job of an event when none is given; the account is the one of AWS's documentation.
const EXAMPLE_JOB_ARN: &str = "arn:aws:sagemaker:us-east-1:111122223333:labeling-job/example";

/// Print the event that PreHumanTaskLambda gets for a data object
///
/// The data object is a line of a manifest, with its numbers and the order of its members unchanged, or what a
/// streaming job makes of a notification that an object was created in S3.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
Examples:
  gtruth event pre --manifest survey.manifest --line 3
  gtruth event pre --s3-notification notification.json
  gtruth event pre --manifest survey.manifest > event.json
  cargo lambda invoke pre-human-task --data-file event.json")]
pub struct EventPreArgs {
    /// Where the data object comes from
    #[command(flatten)]
    pub from: DataObjectArgs,
    /// The line of the manifest; the first is 1
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "s3_notification",
          value_parser = clap::value_parser!(u64).range(1..))]
    pub line: u64,
    /// The labeling job
    #[arg(long, value_name = "ARN", default_value = EXAMPLE_JOB_ARN)]
    pub labeling_job_arn: String,
}

/// Where a data object comes from.
#[derive(Debug, Clone, ClapArgs)]
#[group(required = true, multiple = false)]
pub struct DataObjectArgs {
    /// A manifest (JSON Lines)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub manifest: Option<PathBuf>,
    /// An S3 event notification (JSON), as a bucket sends it to the topic of a streaming job
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub s3_notification: Option<PathBuf>,
}

/// Print the event that AnnotationConsolidationLambda gets for a batch of answers
///
/// A payload file is written into the event itself, which our function accepts, so that a test needs no S3. An S3 URI is
/// written as Ground Truth writes it.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
Examples:
  gtruth event post payload.json --label-attribute-name survey --label-categories heron,otter
  gtruth event post s3://my-sagemaker-bucket/payload.json --label-attribute-name survey")]
pub struct EventPostArgs {
    /// A payload file, or the S3 URI of one
    #[arg(value_name = "PAYLOAD", value_hint = ValueHint::FilePath)]
    pub payload: String,
    /// The label attribute name of the job
    #[arg(long, value_name = "NAME")]
    pub label_attribute_name: String,
    /// The label categories of the job
    #[arg(long, value_name = "CATEGORIES", value_delimiter = ',')]
    pub label_categories: Option<Vec<String>>,
    /// The labeling job
    #[arg(long, value_name = "ARN", default_value = EXAMPLE_JOB_ARN)]
    pub labeling_job_arn: String,
    /// The execution role of the job
    #[arg(long, value_name = "ARN")]
    pub role_arn: Option<String>,
    /// The S3 URI of the job's `annotations` folder
    #[arg(long, value_name = "S3-URI")]
    pub output_config: Option<String>,
}

/// Print a completion script for a shell
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
Examples:
  source <(gtruth completions bash)
  gtruth completions fish > ~/.config/fish/completions/gtruth.fish")]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests;
