//! A: automated labeling, where a model labels what it is sure of.

use super::super::builtin_arns::{ALGORITHM_ACCOUNT, ALGORITHM_RESOURCE, ALGORITHMS, algorithm_arn};
use super::super::{Evidence, Stage, path};
use super::{Level, Problem, Rule, Verdict, broken};
use crate::console::words::counted;

pub(super) static RULES: &[Rule] = &[
    Rule::here(
        "A1",
        Level::Error,
        "the algorithm is one of four of AWS's account 027400017018",
        "API",
        a1_known_algorithm,
    ),
    Rule::here(
        "A2",
        Level::Error,
        "the algorithm is that of the task of both functions",
        "API",
        a2_algorithm_of_the_task,
    ),
    Rule::here(
        "A3",
        Level::Error,
        "automated labeling needs 1,250 data objects, and 5,000 are better",
        "sms-automated-labeling",
        a3_data_objects,
    ),
    Rule::here(
        "A4",
        Level::Error,
        "automated labeling is not for streaming jobs, custom jobs, several labels per object, named entities, videos and \
         point clouds",
        "sms-automated-labeling, sms-streaming-create-job",
        a4_tasks_without,
    ),
    Rule::here(
        "A5",
        Level::Error,
        "automated labeling is not for jobs on earlier labels",
        "sms-automated-labeling; inferred",
        a5_earlier_labels,
    ),
    Rule::here(
        "A6",
        Level::Error,
        "VolumeKmsKeyId and VpcConfig come with automated labeling only",
        "API",
        a6_algorithm_is_named,
    ),
    Rule::at_aws(
        "A7",
        Level::Error,
        "for automated labeling images have at most 3840 x 2160 pixels, and 1920 x 1080 for segmentation",
        "input-data-limits",
        "the sizes of a sample of images",
        is_automated,
    ),
    Rule::fact(
        "A8",
        Level::Info,
        "20% of fewer than 5,000 data objects validate the model, else 10%; it aims at an accuracy of 95%, or a mean \
         overlap of 0.6 for boxes and 0.7 for segmentation; the final model of one job can be the first of another",
        "sms-automated-labeling; API",
        is_automated,
    ),
    Rule::at_aws(
        "A9",
        Level::Error,
        "for automated labeling the role may pass itself to sagemaker.amazonaws.com, and create grants for a volume key",
        "sms-security-permission-execution-role, sms-security-kms-permissions",
        "the role's trust and permissions",
        is_automated,
    ),
    Rule::fact(
        "A10",
        Level::Info,
        "a job that goes on with the label attribute of an automated one goes on with its model",
        "sms-reusing-data",
        is_automated,
    ),
];

const ARN: &str = path::ALGORITHM_SPECIFICATION_ARN;

fn is_automated(evidence: &Evidence) -> bool {
    evidence.has(path::ALGORITHMS_CONFIG)
}

/// The name of the algorithm, if its ARN is one of AWS's four.
fn algorithm<'a>(evidence: &Evidence<'a>) -> Option<&'a str> {
    let arn = evidence.arn(ARN).filter(|arn| arn.service == "sagemaker" && arn.account == ALGORITHM_ACCOUNT)?;
    arn.resource.strip_prefix(ALGORITHM_RESOURCE).filter(|name| ALGORITHMS.contains(name))
}

/// The ARN of the right algorithm, or how such an ARN looks.
fn right_arn(evidence: &Evidence, name: &str) -> String {
    algorithm_arn(evidence.region().unwrap_or("REGION"), name)
}

fn a1_known_algorithm(evidence: &Evidence) -> Verdict {
    let Some(given) = evidence.text(ARN) else { return Verdict::NotApplicable };
    // What is not an ARN at all does not fit its pattern either, and is reported by that.
    if algorithm(evidence).is_some() || !given.starts_with("arn:") {
        return Verdict::Kept;
    }
    let name = evidence.task_type().ok().and_then(|task_type| task_type.algorithm).unwrap_or("NAME");
    broken(
        ARN,
        format!("is `{given}`, which is not an algorithm of automated labeling"),
        format!("give {}; the names are {}", right_arn(evidence, name), ALGORITHMS.join(", ")),
    )
}

fn a2_algorithm_of_the_task(evidence: &Evidence) -> Verdict {
    let Some(given) = algorithm(evidence) else { return Verdict::NotApplicable };
    let Some(name) = evidence.builtin_task().and_then(|task_type| task_type.algorithm) else {
        return Verdict::NotApplicable;
    };
    if given == name {
        return Verdict::Kept;
    }
    broken(
        ARN,
        format!("names {given}, while the functions are those of {name}"),
        format!("give {}", right_arn(evidence, name)),
    )
}

fn a3_data_objects(evidence: &Evidence) -> Verdict {
    if !is_automated(evidence) || evidence.is_streaming() {
        return Verdict::NotApplicable;
    }
    let Some(manifest) = evidence.manifest else { return Verdict::Unseen("the manifest") };
    let too_few = |least: u64| {
        let message =
            format!("has {}, and automated labeling asks for {least}", counted(manifest.n_objects, "data object"));
        Problem::in_job(path::MANIFEST_S3_URI, message, "add data objects, or leave LabelingJobAlgorithmsConfig out")
    };
    match manifest.n_objects {
        ..1250 => Verdict::Broken(vec![too_few(1250)]),
        1250..5000 => Verdict::Broken(vec![too_few(5000).at(Level::Warning)]),
        _ => Verdict::Kept,
    }
}

fn a4_tasks_without(evidence: &Evidence) -> Verdict {
    if !is_automated(evidence) {
        return Verdict::NotApplicable;
    }
    let Ok(task_type) = evidence.task_type() else { return Verdict::NotApplicable };
    let what = if evidence.is_streaming() {
        "a streaming job".to_owned()
    } else if task_type.algorithm.is_none() && !task_type.is_audit() {
        format!("a job of type {}", task_type.name)
    } else {
        return Verdict::Kept;
    };
    broken(path::ALGORITHMS_CONFIG, format!("asks for automated labeling, which {what} does not have"), "leave it out")
}

fn a5_earlier_labels(evidence: &Evidence) -> Verdict {
    let Ok(task_type) = evidence.task_type() else { return Verdict::NotApplicable };
    if !is_automated(evidence) || evidence.is_streaming() {
        return Verdict::NotApplicable;
    }
    if task_type.stage == Stage::Label {
        return Verdict::Kept;
    }
    broken(
        path::ALGORITHMS_CONFIG,
        format!("asks for automated labeling, which the guide does not list for {}", task_type.name),
        "leave it out",
    )
}

fn a6_algorithm_is_named(evidence: &Evidence) -> Verdict {
    if !is_automated(evidence) {
        return Verdict::NotApplicable;
    }
    if evidence.has(ARN) {
        return Verdict::Kept;
    }
    broken(
        ARN,
        "is missing, without which LabelingJobAlgorithmsConfig has no meaning: a volume key and a VPC are for automated \
         labeling only",
        "name the algorithm, or leave LabelingJobAlgorithmsConfig out",
    )
}
