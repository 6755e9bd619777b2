//! Start, warm work, and end.

use serde_json::{Value, json};

use super::{Consolidation, JOB, herons_and_an_otter, invoke};
use crate::loopback::Function;

#[test]
fn the_first_event_is_answered() {
    let mut pre_human_task = Function::start("pre-human-task", &[]);
    assert_eq!(
        invoke(&mut pre_human_task, &before_the_workers()).expect("a data object"),
        json!({
            "taskInput": {
                "source-ref": "s3://survey/images/heron.png",
                "depth-m": 1.5,
                "taskObject": "s3://survey/images/heron.png",
                "manifestLine": {"source-ref": "s3://survey/images/heron.png", "depth-m": 1.5},
            },
            "isHumanAnnotationRequired": true,
        })
    );
    assert_eq!(
        Consolidation::start(&[]).consolidate(&herons_and_an_otter()),
        json!([{
            "datasetObjectId": "0",
            "consolidatedAnnotation": {"content": {"species": {"animal": {
                "kind": "classification",
                "method": "auto",
                "label": "heron",
                "confidence": 0.75,
                "confidences": {"heron": 0.75, "otter": 0.25},
                "votes": {"heron": 2, "otter": 1},
                "workers": 3,
                "model": "weighted-vote+one-coin",
                "modelReason": "few-objects",
            }}}},
        }])
    );
}

#[test]
fn a_warm_function_gives_two_hundred_times_the_same() {
    let mut pre_human_task = Function::start("pre-human-task", &[]);
    let first = invoke(&mut pre_human_task, &before_the_workers()).expect("a data object");
    for _ in 1..200 {
        assert_eq!(invoke(&mut pre_human_task, &before_the_workers()).expect("the same data object"), first);
    }
    let mut consolidation = Consolidation::start(&[]);
    let first = consolidation.consolidate(&herons_and_an_otter());
    for _ in 1..200 {
        assert_eq!(consolidation.consolidate(&herons_and_an_otter()), first);
    }
    assert_eq!(consolidation.s3.requests().len(), 200);
}

#[test]
fn a_wrong_configuration_ends_the_start_with_every_mistake_in_the_log() {
    let check = |binary: &str, variables: &[(&str, &str)], mistakes: &[&str]| {
        let exit = Function::start(binary, variables).exit();
        assert_eq!(exit.status.code(), Some(1), "{}", exit.log);
        let started = exit.log.lines().next().expect("the log says why");
        let line: Value = serde_json::from_str(started).expect("log lines are JSON");
        assert_eq!(
            (&line["level"], &line["fields"]["message"]),
            (&json!("ERROR"), &json!("the function cannot start"))
        );
        for mistake in mistakes {
            assert!(line["fields"]["error"].as_str().is_some_and(|error| error.contains(mistake)), "{started}");
        }
    };
    check("pre-human-task", &[("TASK_INPUT", r#"{"label": ["a"], "drop": 1}"#)], &["label: unknown", "drop: must be"]);
    check(
        "annotation-consolidation",
        &[("ASSUME_JOB_ROLE", "yes"), ("CONSOLIDATION_PLAN", r#"{"quorum": 2}"#), ("MAX_CONCURRENT_READS", "many")],
        &["ASSUME_JOB_ROLE: must be", "CONSOLIDATION_PLAN: quorum: must be", "MAX_CONCURRENT_READS: must be"],
    );
}

#[test]
fn a_function_that_is_told_to_end_ends() {
    let mut pre_human_task = Function::start("pre-human-task", &[]);
    invoke(&mut pre_human_task, &before_the_workers()).expect("a data object");
    let mut consolidation = Consolidation::start(&[]);
    consolidation.consolidate(&herons_and_an_otter());
    for function in [pre_human_task, consolidation.function] {
        let exit = function.terminate();
        assert!(!exit.log.contains("ERROR"), "{} {}", exit.status, exit.log);
    }
}

fn before_the_workers() -> Value {
    json!({
        "version": "2018-10-16",
        "labelingJobArn": JOB,
        "dataObject": {"source-ref": "s3://survey/images/heron.png", "depth-m": 1.5},
    })
}
