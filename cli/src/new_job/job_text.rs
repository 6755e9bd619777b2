//! The text of a new job file: YAML with the comments that a newcomer needs.

use super::starters::Starter;
use super::{TEMPLATE, TRUTH};
use crate::files::document_file::yaml_scalar as scalar;
use crate::labeling_job::builtin_arns::human_task_ui_arn;
use crate::labeling_job::{Interface, RefSuffix, TaskType};

/// What the text is made of.
pub(super) struct JobText<'a> {
    pub(super) name: &'a str,
    pub(super) task_type: &'static TaskType,
    pub(super) starter: &'static Starter,
    /// The form field that answers come in.
    pub(super) field: &'a str,
    pub(super) categories: &'a [String],
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    pub(super) bucket: &'a str,
    pub(super) role_arn: Option<&'a str>,
    pub(super) workteam_arn: &'a str,
    /// A path beside the job file, or an S3 URI; none where the user has yet to make one.
    pub(super) manifest: Option<&'a str>,
    /// Whether there are samples to rehearse on.
    pub(super) is_rehearsed: bool,
    pub(super) n_workers: Option<u64>,
}

/// The text of the job file, with its comments.
pub(super) fn job_text(job: &JobText<'_>) -> String {
    let JobText { name, task_type, region, account, bucket, .. } = job;
    let label = if task_type.ref_suffix == RefSuffix::Must { "label-ref" } else { "label" };
    let role = format!("arn:aws:iam::{account}:role/SageMakerGroundTruthExecution");
    let to_be_made = format!("s3://{bucket}/manifest.jsonl");
    let (manifest, of_manifest) = match job.manifest {
        Some(uri) if uri.contains("://") => (uri, "one data object a line"),
        Some(path) => (path, "one data object a line; this local file is uploaded when the job is created"),
        None => (to_be_made.as_str(), "one data object a line"),
    };
    let n_workers = job.n_workers.or(task_type.only_n_workers).or(task_type.console_n_workers).unwrap_or(3);
    let time_limit = if task_type.is_video_frame_or_3d() { 3 * 24 * 3600 } else { 600 };
    let rehearse = if job.is_rehearsed { "#   gtruth run FILE         rehearse it on this computer\n" } else { "" };
    let mut text = format!(
        "\
# A labeling job ({task}): the CreateLabelingJob request in the names of its API reference, and below it our section
# `gtruth`. Texts may hold ${{VARIABLES}} of the environment.
{rehearse}#   gtruth job plan FILE    check it and print the request
#   gtruth job create FILE  create it on AWS
# For completion in an editor: `gtruth job schema > job-file.schema.json`, and this as the first line of the file:
#   yaml-language-server: $schema=job-file.schema.json

LabelingJobName: {name} # unique in the account and region
LabelAttributeName: {label} # the member of the output manifest that holds the label

InputConfig:
  DataSource:
    S3DataSource:
      ManifestS3Uri: {manifest} # {of_manifest}

OutputConfig:
  S3OutputPath: s3://{bucket}/labels # the job makes its folder under it

# The execution role reads the input, writes the output and invokes the functions. AmazonSageMakerGroundTruthExecution
# suffices where the names of buckets and functions hold `sagemaker`.
RoleArn: {role}

HumanTaskConfig:
  WorkteamArn: {team} # its region is the job's
",
        task = task_type.name,
        name = scalar(name),
        manifest = scalar(manifest),
        bucket = bucket,
        role = scalar(job.role_arn.unwrap_or(&role)),
        team = scalar(job.workteam_arn),
    );
    text.push_str(&worker_interface(task_type, region));
    text.push_str(&functions(task_type, region));
    text.push_str(&format!(
        "  \
  TaskTitle: Label {what}
  TaskDescription: Please read the instructions before you begin
  NumberOfHumanWorkersPerDataObject: {n_workers}
  TaskTimeLimitInSeconds: {time_limit}
",
        what = what(task_type, job.starter),
    ));
    text.push_str(&gtruth_section(job));
    text
}

fn worker_interface(task_type: &TaskType, region: &str) -> String {
    match task_type.interface {
        Interface::Template => format!(
            "  UiConfig:\n    UiTemplateS3Uri: {TEMPLATE} # what workers see; uploaded when the job is created\n"
        ),
        Interface::HumanTaskUi(name) => {
            format!("  UiConfig:\n    HumanTaskUiArn: {}\n", human_task_ui_arn(region, name))
        }
    }
}

fn functions(task_type: &TaskType, region: &str) -> String {
    match (task_type.pre_function_arn(region), task_type.consolidation_function_arn(region)) {
        (Some(pre), Some(post)) => format!(
            "  PreHumanTaskLambdaArn: {pre}\n  AnnotationConsolidationConfig:\n    AnnotationConsolidationLambdaArn: {post}\n"
        ),
        _ => "  # PreHumanTaskLambdaArn and AnnotationConsolidationConfig come from the deployed stack:\n  \
              #   gtruth job plan FILE --stack-outputs outputs.json\n"
            .to_owned(),
    }
}

fn what(task_type: &TaskType, starter: &Starter) -> String {
    if task_type.is_custom() { format!("data ({})", starter.kind) } else { format!("data ({})", task_type.name) }
}

fn gtruth_section(job: &JobText<'_>) -> String {
    let JobText { starter, field, categories, .. } = job;
    let list: Vec<String> = categories.iter().map(|category| scalar(category)).collect();
    let list = list.join(", ");
    let mut text = "\n# Settings that AWS does not have. Paths start at the folder of this file.\ngtruth:\n".to_owned();
    if !categories.is_empty() {
        text.push_str(&format!("  labelCategories: [{list}] # become the job's label category file\n"));
    }
    if starter.template.is_some() {
        let scale = if starter.is_scale { format!(", categories: [{list}]") } else { String::new() };
        text.push_str(&format!(
            "  plan: # how answers become labels; see docs/CONFIGURATION.md\n    fields:\n      {field}: {{kind: \
             {kind}{scale}}}\n",
            field = scalar(field),
            kind = starter.kind,
        ));
    }
    if starter.kind == "text-span" && job.task_type.is_custom() {
        let labels: Vec<String> =
            categories.iter().map(|category| format!("{{label: {}}}", scalar(category))).collect();
        text.push_str(&format!(
            "  taskInput:\n    constants: # the template reads them under task.input\n      spanLabels: [{}]\n",
            labels.join(", ")
        ));
    }
    if job.is_rehearsed {
        text.push_str(&format!(
            "  localRun:\n    workers:\n      simulated:\n        truth: {TRUTH} # what a worker answers who makes no \
             mistake, line by line like the manifest\n        seed: 7\n        skills: {{{}}}\n",
            skills(job)
        ));
    }
    text
}

/// As many workers as the job asks for, and one more, so that not everybody sees everything.
fn skills(job: &JobText<'_>) -> String {
    let names = ["ana", "bo", "cy", "dee", "eli", "fay", "gus", "hal", "ivy", "joe"];
    let n_workers = job.n_workers.or(job.task_type.console_n_workers).unwrap_or(3);
    let skilled = |(idx, name): (usize, &&str)| format!("{name}: 0.{}", 95 - 5 * (idx % 5));
    let workers: Vec<String> = names.iter().take(n_workers as usize + 1).enumerate().map(skilled).collect();
    workers.join(", ")
}
