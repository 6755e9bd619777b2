//! W: who works, and how many.

use super::super::builtin_arns::{PUBLIC_WORKTEAM, PUBLIC_WORKTEAM_ACCOUNT};
use super::super::evidence::Workforce;
use super::super::{Evidence, RefSuffix, TaskType, path};
use super::{Level, Problem, Rule, Verdict, broken};

pub(super) static RULES: &[Rule] = &[
    Rule::here(
        "W1",
        Level::Error,
        "video frames and point clouds are not for the public workforce",
        "sms-workforce-management-public",
        w1_no_public_team,
    ),
    Rule::here(
        "W2",
        Level::Error,
        "the public workforce needs data declared free of personal information",
        "sms-workforce-management-public",
        w2_personal_information,
    ),
    Rule::here(
        "W3",
        Level::Warning,
        "data that is free of adult content should be declared so for the public workforce",
        "sms-workforce-management-public",
        w3_adult_content,
    ),
    Rule::here("W4", Level::Error, "the public workforce needs a price", "API", w4_price),
    Rule::here("W5", Level::Error, "a job inside a VPC needs a private work team", "samurai-vpc-labeling-job", w5_vpc),
    Rule::here(
        "W6",
        Level::Warning,
        "a price has no effect for a private or vendor work team",
        "inferred",
        w6_price_for_nobody,
    ),
    Rule::here(
        "W7",
        Level::Warning,
        "a work team is private-crowd/NAME, vendor-crowd/ID, or public-crowd/default of account 394669845002; the public \
         workforce closed for Ground Truth on 2026-09-30",
        "sms-workforce-management",
        w7_kinds_of_teams,
    ),
    Rule::here(
        "W8",
        Level::Error,
        "video frames and point clouds have one worker per data object",
        "the guide's page of each task",
        w8_only_one_worker,
    ),
    Rule::here(
        "W9",
        Level::Warning,
        "with one worker per data object nothing is consolidated, and AWS's own functions write the confidence 0",
        "sms-data-output",
        w9_a_lone_worker,
    ),
    Rule::fact(
        "W10",
        Level::Info,
        "the public workforce gets a first batch of 10 data objects, to see whether the job is set up well",
        "sms-batching",
        is_public,
    ),
    Rule::here(
        "W11",
        Level::Warning,
        "the public workforce has no auto-segment tool for semantic segmentation",
        "sms-auto-segmentation",
        w11_auto_segment,
    ),
];

const TEAM: &str = path::WORKTEAM_ARN;

fn is_public(evidence: &Evidence) -> bool {
    evidence.workforce() == Some(Workforce::Public)
}

fn w1_no_public_team(evidence: &Evidence) -> Verdict {
    let Ok(task_type) = evidence.task_type() else { return Verdict::NotApplicable };
    if !is_public(evidence) || !task_type.is_video_frame_or_3d() {
        return Verdict::Kept;
    }
    broken(
        TEAM,
        format!("names the public workforce, which does not take {}", task_type.name),
        "name a private or vendor work team",
    )
}

/// Whether the data is declared free of something.
fn is_declared(evidence: &Evidence, classifier: &str) -> bool {
    let classifiers = evidence.spec.get(path::CONTENT_CLASSIFIERS).and_then(|list| list.as_array());
    classifiers.is_some_and(|list| list.iter().any(|given| given == classifier))
}

fn declaration(evidence: &Evidence, classifier: &str, message: &str, remedy: &str) -> Verdict {
    if !is_public(evidence) {
        return Verdict::NotApplicable;
    }
    if is_declared(evidence, classifier) {
        return Verdict::Kept;
    }
    broken(path::CONTENT_CLASSIFIERS, message, remedy)
}

fn w2_personal_information(evidence: &Evidence) -> Verdict {
    declaration(
        evidence,
        "FreeOfPersonallyIdentifiableInformation",
        "does not say that the data is free of personal information, without which a job of the public workforce fails",
        "add FreeOfPersonallyIdentifiableInformation if that is true, or name a private work team",
    )
}

fn w3_adult_content(evidence: &Evidence) -> Verdict {
    declaration(
        evidence,
        "FreeOfAdultContent",
        "does not say that the data is free of adult content, so that fewer workers may see it",
        "add FreeOfAdultContent if that is true",
    )
}

fn w4_price(evidence: &Evidence) -> Verdict {
    if !is_public(evidence) {
        return Verdict::NotApplicable;
    }
    if evidence.has(path::PRICE) {
        return Verdict::Kept;
    }
    broken(
        path::PUBLIC_WORKFORCE_TASK_PRICE,
        "is missing, while the public workforce is paid by the answer",
        "give AmountInUsd with Dollars, Cents and TenthFractionsOfACent",
    )
}

fn w5_vpc(evidence: &Evidence) -> Verdict {
    if !evidence.has(path::VPC_CONFIG) {
        return Verdict::NotApplicable;
    }
    if !is_public(evidence) {
        return Verdict::Kept;
    }
    broken(TEAM, "names the public workforce for a job inside a VPC", "name a private work team")
}

fn w6_price_for_nobody(evidence: &Evidence) -> Verdict {
    let paid_otherwise = matches!(evidence.workforce(), Some(Workforce::Private | Workforce::Vendor));
    if !evidence.has(path::PUBLIC_WORKFORCE_TASK_PRICE) {
        return Verdict::NotApplicable;
    }
    if !paid_otherwise {
        return Verdict::Kept;
    }
    broken(
        path::PUBLIC_WORKFORCE_TASK_PRICE,
        "is given to a work team that is not paid by it",
        "leave it out: only the public workforce is paid by the answer",
    )
}

fn w7_kinds_of_teams(evidence: &Evidence) -> Verdict {
    let Some(arn) = evidence.arn(TEAM) else { return Verdict::NotApplicable };
    let is_the_public_team = arn.account == PUBLIC_WORKTEAM_ACCOUNT && arn.resource == PUBLIC_WORKTEAM;
    match evidence.workforce() {
        Some(Workforce::Private | Workforce::Vendor) => Verdict::Kept,
        Some(Workforce::Public) if is_the_public_team => broken(
            TEAM,
            "names the public workforce, Amazon Mechanical Turk, which closed for Ground Truth on 2026-09-30",
            "name a private or vendor work team",
        ),
        Some(Workforce::Public) => broken(
            TEAM,
            format!(
                "is not the known public work team: that is {PUBLIC_WORKTEAM} of account {PUBLIC_WORKTEAM_ACCOUNT}"
            ),
            "name a private or vendor work team",
        ),
        None => broken(
            TEAM,
            format!("names `{}`, which is neither private-crowd nor vendor-crowd nor public-crowd", arn.resource),
            "copy the ARN from the console, or from what `aws sagemaker list-workteams` prints",
        ),
    }
}

fn w8_only_one_worker(evidence: &Evidence) -> Verdict {
    let Some(task_type) = evidence.builtin_task() else { return Verdict::NotApplicable };
    let (Some(only), Some(given)) = (task_type.only_n_workers, evidence.integer(path::NUMBER_OF_HUMAN_WORKERS)) else {
        return Verdict::NotApplicable;
    };
    if given == only {
        return Verdict::Kept;
    }
    broken(
        path::NUMBER_OF_HUMAN_WORKERS,
        format!("is {given}, while the answers of {} are not consolidated", task_type.name),
        format!("make it {only}"),
    )
}

fn w9_a_lone_worker(evidence: &Evidence) -> Verdict {
    if evidence.task_type().is_ok_and(|task_type| task_type.only_n_workers == Some(1)) {
        return Verdict::NotApplicable;
    }
    let is_alone = evidence.integer(path::NUMBER_OF_HUMAN_WORKERS) == Some(1);
    Verdict::unless(is_alone.then(|| {
        Problem::in_job(
            path::NUMBER_OF_HUMAN_WORKERS,
            "is 1: nothing is consolidated, and AWS's own functions write the confidence 0",
            "ask three workers or more, unless one is enough",
        )
    }))
}

fn w11_auto_segment(evidence: &Evidence) -> Verdict {
    let segments = |task_type: &TaskType| {
        task_type.ref_suffix == RefSuffix::Must && task_type.widget_name == Some("crowd-semantic-segmentation")
    };
    if !evidence.builtin_task().is_some_and(segments) {
        return Verdict::NotApplicable;
    }
    Verdict::unless(is_public(evidence).then(|| {
        Problem::in_job(
            TEAM,
            "names the public workforce, which has no auto-segment tool",
            "name a private or vendor work team if workers shall have it",
        )
    }))
}
