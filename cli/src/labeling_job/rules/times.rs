//! T: time limits, and how much is open at once.

use super::super::evidence::Workforce;
use super::super::{Evidence, Modality, path};
use super::{Level, Problem, Rule, Verdict, broken};

pub(super) static RULES: &[Rule] = &[
    Rule::bounds("T1", "a task takes at least 30 seconds", "API"),
    Rule::here(
        "T2",
        Level::Error,
        "a task on an image, on a text or of a custom job takes at most 8 hours",
        "API",
        t2_eight_hours,
    ),
    Rule::here(
        "T3",
        Level::Error,
        "a task on video frames or point clouds takes at most 30 days, and 7 days by every page of the guide",
        "API; the guide's page of each task",
        t3_days,
    ),
    Rule::here(
        "T4",
        Level::Warning,
        "a task on a video clip takes at most 8 hours, as far as is known",
        "inferred",
        t4_video_clips,
    ),
    Rule::here(
        "T5",
        Level::Error,
        "tasks stay available for 60 seconds at least: for at most 12 hours to the public workforce, 30 days to others",
        "API",
        t5_lifetime,
    ),
    Rule::here(
        "T6",
        Level::Warning,
        "tasks stay available for at least as long as one task may take",
        "inferred",
        t6_expiry_under_the_hands,
    ),
    Rule::here(
        "T7",
        Level::Warning,
        "at most 1,000 data objects are open at once, and 5,000 after AWS Support has raised the quota",
        "API; sms-batching",
        t7_quota,
    ),
    Rule::fact(
        "T8",
        Level::Info,
        "MaxConcurrentTaskCount counts data objects: each is open to as many workers as the job asks for",
        "sms-batching",
        |evidence| evidence.has(path::MAX_CONCURRENT_TASK_COUNT),
    ),
    Rule::fact(
        "T9",
        Level::Info,
        "a job that is not complete after 30 days ends; another one on its output manifest finishes the work",
        "API; sms-monitor-cloud-watch",
        |_| true,
    ),
    Rule::fact(
        "T10",
        Level::Info,
        "the console proposes 5 minutes for classification and verification, 3 days for video frames and point clouds, 1 \
         hour for others",
        "sms-create-labeling-job-console, sms-video-overview",
        |_| true,
    ),
    Rule::fact(
        "T11",
        Level::Info,
        "for tasks of more than 1 hour the guide once asked for a role whose MaxSessionDuration is as long",
        "the guide until 2021",
        |evidence| evidence.integer(path::TASK_TIME_LIMIT).is_some_and(|limit| limit > 3600),
    ),
    Rule::fact(
        "T12",
        Level::Info,
        "with automated labeling the longest availability may be shorter than 30 days; AWS gives no figure",
        "API",
        |evidence| evidence.has(path::ALGORITHMS_CONFIG),
    ),
];

const LIMIT: &str = path::TASK_TIME_LIMIT;
const LIFETIME: &str = path::TASK_AVAILABILITY_LIFETIME;

const EIGHT_HOURS: u64 = 28_800;
const TWELVE_HOURS: u64 = 43_200;
const SEVEN_DAYS: u64 = 604_800;
/// The API model prints it as 2952000, with two digits swapped.
const THIRTY_DAYS: u64 = 2_592_000;

/// The time limit of a job whose workers look at one of these.
fn limit_for(evidence: &Evidence, modalities: &[Modality]) -> Option<u64> {
    let task_type = evidence.task_type().ok().filter(|task_type| modalities.contains(&task_type.modality));
    task_type.and(evidence.integer(LIMIT))
}

fn too_long(path: &'static str, given: u64, max: u64, why: &str) -> Problem {
    Problem::in_job(path, format!("is {given} seconds, {why}"), format!("give at most {max}"))
}

fn t2_eight_hours(evidence: &Evidence) -> Verdict {
    let Some(limit) = limit_for(evidence, &[Modality::Image, Modality::Text, Modality::Any]) else {
        return Verdict::NotApplicable;
    };
    Verdict::unless(
        (limit > EIGHT_HOURS).then(|| too_long(LIMIT, limit, EIGHT_HOURS, "more than the 8 hours of such a task")),
    )
}

fn t3_days(evidence: &Evidence) -> Verdict {
    let Some(limit) = limit_for(evidence, &[Modality::VideoFrames, Modality::PointCloud]) else {
        return Verdict::NotApplicable;
    };
    if limit > THIRTY_DAYS {
        return Verdict::Broken(vec![too_long(LIMIT, limit, SEVEN_DAYS, "more than 30 days")]);
    }
    let problem = || too_long(LIMIT, limit, SEVEN_DAYS, "more than the 7 days that the guide knows").at(Level::Warning);
    Verdict::unless((limit > SEVEN_DAYS).then(problem))
}

fn t4_video_clips(evidence: &Evidence) -> Verdict {
    let Some(limit) = limit_for(evidence, &[Modality::VideoClip]) else { return Verdict::NotApplicable };
    let why = "more than the 8 hours that are known to work for video clips";
    Verdict::unless((limit > EIGHT_HOURS).then(|| too_long(LIMIT, limit, EIGHT_HOURS, why)))
}

fn t5_lifetime(evidence: &Evidence) -> Verdict {
    let Some(lifetime) = evidence.integer(LIFETIME) else { return Verdict::NotApplicable };
    let (max, why) = match evidence.workforce() {
        Some(Workforce::Public) => (TWELVE_HOURS, "more than the 12 hours of the public workforce"),
        _ => (THIRTY_DAYS, "more than 30 days"),
    };
    Verdict::unless((lifetime > max).then(|| too_long(LIFETIME, lifetime, max, why)))
}

fn t6_expiry_under_the_hands(evidence: &Evidence) -> Verdict {
    let (Some(lifetime), Some(limit)) = (evidence.integer(LIFETIME), evidence.integer(LIMIT)) else {
        return Verdict::NotApplicable;
    };
    if lifetime >= limit {
        return Verdict::Kept;
    }
    broken(
        LIFETIME,
        format!("is {lifetime} seconds, while a task may take {limit}: it can expire while a worker is at it"),
        "make it at least as long as TaskTimeLimitInSeconds",
    )
}

fn t7_quota(evidence: &Evidence) -> Verdict {
    let Some(count) = evidence.integer(path::MAX_CONCURRENT_TASK_COUNT) else { return Verdict::NotApplicable };
    Verdict::unless((1001..=5000).contains(&count).then(|| {
        Problem::in_job(
            path::MAX_CONCURRENT_TASK_COUNT,
            format!("is {count}, while an account begins with a quota of 1000"),
            "give at most 1000, unless AWS Support has raised the quota",
        )
    }))
}
