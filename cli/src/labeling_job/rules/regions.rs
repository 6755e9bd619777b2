//! R: regions and accounts.

use super::super::builtin_arns::is_builtin_function;
use super::super::evidence::Workforce;
use super::super::{Arn, Evidence, path};
use super::{Level, Problem, Rule, Verdict};

pub(super) static RULES: &[Rule] = &[
    Rule::here(
        "R1",
        Level::Error,
        "the endpoint, the functions, the worker interface, the algorithm, its model and the work team are in one region",
        "API; the guide's page of each task",
        r1_one_region,
    ),
    Rule::at_aws(
        "R2",
        Level::Error,
        "the buckets of manifest, data, template and label category file are in the region of the job",
        "sms-input-data-input-manifest",
        "the regions of the buckets",
        |_| true,
    ),
    Rule::at_aws(
        "R3",
        Level::Warning,
        "the output bucket is in the region of the job",
        "inferred",
        "the region of the output bucket",
        |_| true,
    ),
    Rule::here(
        "R4",
        Level::Warning,
        "the role, your functions, topics and private work team are of one account",
        "inferred",
        r4_one_account,
    ),
    Rule::fact(
        "R5",
        Level::Info,
        "the API model mentions us-west-1 for worker interfaces; built-in tasks do not exist there",
        "API",
        |evidence| evidence.region() == Some("us-west-1"),
    ),
];

fn r1_one_region(evidence: &Evidence) -> Verdict {
    let Some(region) = evidence.region() else { return Verdict::NotApplicable };
    let members = [
        path::WORKTEAM_ARN,
        path::PRE_HUMAN_TASK_LAMBDA_ARN,
        path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN,
        path::HUMAN_TASK_UI_ARN,
        path::ALGORITHM_SPECIFICATION_ARN,
        path::INITIAL_MODEL_ARN,
    ];
    let elsewhere = |path: &'static str| {
        let other = evidence.arn(path)?.region;
        (!other.is_empty() && other != region).then(|| {
            let message = format!("is in `{other}`, while the job is in `{region}`");
            Problem::in_job(path, message, "take everything from one region")
        })
    };
    Verdict::of(members.into_iter().filter_map(elsewhere).collect())
}

fn r4_one_account(evidence: &Evidence) -> Verdict {
    let Some(role) = evidence.arn(path::ROLE_ARN) else { return Verdict::NotApplicable };
    let own_team = evidence.workforce() == Some(Workforce::Private);
    let is_own = |path: &str, arn: &Arn| match path {
        path::WORKTEAM_ARN => own_team,
        _ => !is_builtin_function(arn),
    };
    let members = [
        path::WORKTEAM_ARN,
        path::PRE_HUMAN_TASK_LAMBDA_ARN,
        path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN,
        path::INPUT_SNS_TOPIC_ARN,
        path::OUTPUT_SNS_TOPIC_ARN,
    ];
    let of_another = |path: &'static str| {
        let arn = evidence.arn(path).filter(|arn| is_own(path, arn) && arn.account != role.account)?;
        let message = format!("is of account {}, while the role is of {}", arn.account, role.account);
        Some(Problem::in_job(path, message, "use one account, or let the other one grant access"))
    };
    Verdict::of(members.into_iter().filter_map(of_another).collect())
}
