//! A consolidation plan per labeling job.

use serde_json::{Value, json};

use super::{Consolidation, JOB, PAYLOAD, animal, event, event_with, herons_and_an_otter};
use crate::loopback::{ASSUMED_ROLE, FUNCTION_ROLE, Fault};

const PATTERN: (&str, &str) = ("CONSOLIDATION_PLAN_S3_URI", "s3://plans/jobs/{job}.json");
const PLAN: &str = "s3://plans/jobs/river-survey.json";

/// Two of three votes are too few for it.
const STRICT: &str = r#"{"fields": {"animal": {"kind": "classification", "minShare": 0.9}}}"#;

#[test]
fn the_plan_of_the_job_is_read_once_and_by_the_function_itself() {
    let mut consolidation = Consolidation::start(&[PATTERN, ("ASSUME_JOB_ROLE", "true")]);
    consolidation.s3.put(PLAN, STRICT);
    for _ in 0..3 {
        assert_eq!(animal(&consolidation.consolidate(&herons_and_an_otter()), 0)["reason"], "share-too-small");
    }
    assert_eq!(consolidation.readers(PLAN), [FUNCTION_ROLE.access_key_id]);
    assert_eq!(consolidation.readers(PAYLOAD), [ASSUMED_ROLE.access_key_id; 3]);
}

#[test]
fn each_job_has_its_own() {
    let mut consolidation = Consolidation::start(&[PATTERN]);
    consolidation.s3.put(PLAN, STRICT);
    consolidation.s3.put("s3://plans/jobs/lake-survey.json", "{}");
    consolidation.s3.put(PAYLOAD, herons_and_an_otter().to_string());
    let lake = event_with(json!({"labelingJobArn": JOB.replace("river", "lake")}));
    for _ in 0..2 {
        let river = consolidation.invoke(&event()).expect("the river's plan");
        assert_eq!(
            (&animal(&river, 0)["label"], &animal(&river, 0)["reason"]),
            (&json!(null), &json!("share-too-small"))
        );
        let lake = consolidation.invoke(&lake).expect("the lake's plan");
        assert_eq!((&animal(&lake, 0)["label"], &animal(&lake, 0)["reason"]), (&json!("heron"), &Value::Null));
    }
}

#[test]
fn a_job_without_a_plan_gets_the_standard_one_and_a_warning() {
    let mut consolidation = Consolidation::start(&[PATTERN]);
    assert_eq!(animal(&consolidation.consolidate(&herons_and_an_otter()), 0)["label"], "heron");
    let log = consolidation.function.log();
    let warning = log.lines().find(|line| line.contains(PLAN)).expect("the log names the missing plan");
    let warning: Value = serde_json::from_str(warning).expect("log lines are JSON");
    assert_eq!(warning["level"], "WARN");
}

#[test]
fn a_plan_with_mistakes_fails_by_name_until_it_is_corrected() {
    let mut consolidation = Consolidation::start(&[PATTERN]);
    consolidation.s3.put(PAYLOAD, herons_and_an_otter().to_string());
    consolidation.s3.put(PLAN, r#"{"outputFormat": "feilds", "quorum": 2}"#);
    let message = consolidation.failure(&event(), "BadPlan");
    for word in [PLAN, "outputFormat: must be", "did you mean `fields`", "quorum: must be"] {
        assert!(message.contains(word), "`{message}` does not say `{word}`");
    }
    consolidation.s3.put(PLAN, b"\xff");
    consolidation.failure(&event(), "BadPlan");
    consolidation.s3.put(PLAN, STRICT);
    assert_eq!(animal(&consolidation.invoke(&event()).expect("corrected"), 0)["reason"], "share-too-small");
}

#[test]
fn a_plan_that_may_not_be_read_fails_by_name() {
    let mut consolidation = Consolidation::start(&[PATTERN]);
    consolidation.s3.put(PLAN, STRICT);
    consolidation.s3.fail(PLAN, Fault::AccessDenied, 1);
    let message = consolidation.failure(&event(), "PlanUnreadable");
    assert!(message.contains(PLAN) && message.contains("s3:GetObject"), "{message}");
    assert_eq!(animal(&consolidation.consolidate(&herons_and_an_otter()), 0)["reason"], "share-too-small");
}
