//! The arguments of `gtruth job init`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueHint};

/// Start a labeling job: a commented job file, a worker template and a few data objects to rehearse with
///
/// On a terminal, it asks for what is not given. The job file can be rehearsed (`gtruth run`) and checked (`gtruth job
/// plan`) without changes; before you create the job, set the account, bucket, role and work team in it.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
Kinds with a template: classification, multi-label, ordinal, ranking, pairwise, number, date, free-text,
bounding-box, keypoint, polygon, polyline, semantic-mask, instance-mask, text-span.

Examples:
  gtruth job init survey.yaml
  gtruth job init survey.yaml --kind bounding-box --label-categories heron,otter
  gtruth job init moods.yaml --task-type text-classification --region eu-west-1 --bucket my-sagemaker-bucket")]
pub struct JobInitArgs {
    /// The job file to write; the other files go beside it
    #[arg(value_name = "JOB.yaml", default_value = "job.yaml", value_hint = ValueHint::FilePath)]
    pub job: PathBuf,
    /// The task type: `custom`, `pass-through`, or one of AWS's such as bounding-box
    #[arg(long, value_name = "NAME")]
    pub task_type: Option<String>,
    /// What workers do in a custom job: an annotation kind
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// The name of the job [default: that of the file]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The label categories
    #[arg(long, value_name = "CATEGORIES", value_delimiter = ',')]
    pub label_categories: Vec<String>,
    /// The manifest: a path from the folder of the job file, or an S3 URI [default: three samples]
    #[arg(long, value_name = "PATH-OR-URI")]
    pub manifest: Option<String>,
    /// How many workers answer each data object
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=9))]
    pub workers: Option<u64>,
    /// The region of the job
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// The account of the job
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
    /// The bucket for input and output
    #[arg(long, value_name = "BUCKET")]
    pub bucket: Option<String>,
    /// The ARN of the execution role
    #[arg(long, value_name = "ARN")]
    pub role: Option<String>,
    /// The work team: the name of a private one, or an ARN
    #[arg(long, value_name = "NAME-OR-ARN")]
    pub workteam: Option<String>,
    /// Ask nothing; use the defaults for everything that is not given
    #[arg(long)]
    pub yes: bool,
    /// Replace files that are there already
    #[arg(long)]
    pub overwrite: bool,
}
