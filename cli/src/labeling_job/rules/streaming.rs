//! S: streaming jobs, whose data objects arrive by a topic, and when a job stops.

use super::super::{Evidence, path};
use super::{Level, Problem, Rule, Verdict, broken};
use crate::console::words::counted;

pub(super) static RULES: &[Rule] = &[
    Rule::here(
        "S1",
        Level::Error,
        "data comes from a manifest (S3DataSource), from a topic (SnsDataSource), or from both",
        "API",
        s1_data_source,
    ),
    Rule::here(
        "S2",
        Level::Warning,
        "a streaming job ignores stopping conditions",
        "sms-streaming-create-labeling-job-api",
        s2_stopping_conditions,
    ),
    Rule::here(
        "S3",
        Level::Error,
        "topics are standard topics in the region of the job",
        "sms-streaming-create-job; inferred",
        s3_topics,
    ),
    Rule::here(
        "S4",
        Level::Warning,
        "a topic's name holds GroundTruth or SageMaker, if the role relies on the managed policy",
        "sms-create-sns-input-topic",
        s4_managed_policy,
    ),
    Rule::here("S5", Level::Error, "the output topic is not the input topic", "inferred", s5_loop),
    Rule::at_aws(
        "S6",
        Level::Error,
        "the location whose events feed the input topic and the output path do not overlap",
        "sms-streaming-labeling-job",
        "the notifications of the input bucket",
        |evidence| evidence.is_streaming(),
    ),
    Rule::fact(
        "S7",
        Level::Info,
        "a streaming job makes a queue of its own, GroundTruth-<job name in lower case>: leave it alone",
        "sms-streaming-labeling-job",
        |evidence| evidence.is_streaming(),
    ),
    Rule::fact(
        "S8",
        Level::Info,
        "publish once the job is InProgress; bucket events do not serve text tasks; 10 idle days stop the job, and a data \
         object waits for 14 days at most",
        "sms-streaming-labeling-job",
        |evidence| evidence.is_streaming(),
    ),
    Rule::here(
        "S9",
        Level::Warning,
        "an output topic is described for streaming jobs only",
        "inferred",
        s9_output_topic,
    ),
    Rule::here(
        "S10",
        Level::Warning,
        "a stopping condition can be met with the data objects of the manifest",
        "inferred",
        s10_reachable_stop,
    ),
];

const TOPICS: [&str; 2] = [path::INPUT_SNS_TOPIC_ARN, path::OUTPUT_SNS_TOPIC_ARN];

fn s1_data_source(evidence: &Evidence) -> Verdict {
    let has = |name: &str| evidence.spec.get(path::DATA_SOURCE).is_some_and(|source| source.get(name).is_some());
    if has("S3DataSource") || has("SnsDataSource") || evidence.has(path::GTRUTH_MANIFEST) {
        return Verdict::Kept;
    }
    broken(
        path::DATA_SOURCE,
        "names no data",
        "give S3DataSource with the manifest, or SnsDataSource for a streaming job",
    )
}

fn s2_stopping_conditions(evidence: &Evidence) -> Verdict {
    if !evidence.is_streaming() {
        return Verdict::NotApplicable;
    }
    let conditions = evidence.spec.get(path::STOPPING_CONDITIONS).and_then(|conditions| conditions.as_object());
    let given = conditions.is_some_and(|conditions| !conditions.is_empty());
    Verdict::unless(given.then(|| {
        Problem::in_job(
            path::STOPPING_CONDITIONS,
            "is ignored by a streaming job",
            "leave it out, and stop the job yourself",
        )
    }))
}

fn s3_topics(evidence: &Evidence) -> Verdict {
    if TOPICS.iter().all(|topic| !evidence.has(topic)) {
        return Verdict::NotApplicable;
    }
    let region = evidence.region();
    let problem = |topic: &'static str| {
        let arn = evidence.arn(topic)?;
        if arn.resource.ends_with(".fifo") {
            let message = format!("is `{}`, a FIFO topic", arn.resource);
            return Some(Problem::in_job(topic, message, "make a standard topic"));
        }
        let region = region.filter(|region| *region != arn.region)?;
        let message = format!("is in `{}`, while the job is in `{region}`", arn.region);
        Some(Problem::in_job(topic, message, "make the topic in the region of the job"))
    };
    Verdict::of(TOPICS.into_iter().filter_map(problem).collect())
}

/// The parts of a topic's name that the managed policy AmazonSageMakerGroundTruthExecution (version 3) knows.
const MANAGED: [&str; 8] =
    ["GroundTruth", "Groundtruth", "groundTruth", "groundtruth", "SageMaker", "Sagemaker", "sageMaker", "sagemaker"];

fn s4_managed_policy(evidence: &Evidence) -> Verdict {
    if TOPICS.iter().all(|topic| !evidence.has(topic)) {
        return Verdict::NotApplicable;
    }
    let problem = |topic: &'static str| {
        let name = evidence.arn(topic)?.resource;
        let is_managed = MANAGED.iter().any(|part| name.contains(part));
        (!is_managed).then(|| {
            let message =
                format!("names `{name}`, which the managed policy AmazonSageMakerGroundTruthExecution does not cover");
            let remedy = "put GroundTruth into the topic's name, or give the role a statement of its own";
            Problem::in_job(topic, message, remedy)
        })
    };
    Verdict::of(TOPICS.into_iter().filter_map(problem).collect())
}

fn s5_loop(evidence: &Evidence) -> Verdict {
    let (Some(input), Some(output)) =
        (evidence.text(path::INPUT_SNS_TOPIC_ARN), evidence.text(path::OUTPUT_SNS_TOPIC_ARN))
    else {
        return Verdict::NotApplicable;
    };
    Verdict::unless((input == output).then(|| {
        Problem::in_job(
            path::OUTPUT_SNS_TOPIC_ARN,
            "is the input topic, so that every label would become a data object",
            "make a topic of its own for the output",
        )
    }))
}

fn s9_output_topic(evidence: &Evidence) -> Verdict {
    if !evidence.has(path::OUTPUT_SNS_TOPIC_ARN) {
        return Verdict::NotApplicable;
    }
    Verdict::unless((!evidence.is_streaming()).then(|| {
        Problem::in_job(
            path::OUTPUT_SNS_TOPIC_ARN,
            "is given for a job that is not streaming, of which AWS describes no messages",
            "leave it out, or give SnsDataSource",
        )
    }))
}

fn s10_reachable_stop(evidence: &Evidence) -> Verdict {
    let Some(count) = evidence.integer(path::MAX_HUMAN_LABELED_OBJECT_COUNT) else { return Verdict::NotApplicable };
    // A streaming job has no number of data objects, and no stopping conditions: rule S2.
    if evidence.is_streaming() {
        return Verdict::NotApplicable;
    }
    let Some(manifest) = evidence.manifest else { return Verdict::Unseen("the manifest") };
    Verdict::unless((count > manifest.n_objects).then(|| {
        Problem::in_job(
            path::MAX_HUMAN_LABELED_OBJECT_COUNT,
            format!("is {count}, while the manifest has {}", counted(manifest.n_objects, "data object")),
            "leave it out, or give a smaller number",
        )
    }))
}
