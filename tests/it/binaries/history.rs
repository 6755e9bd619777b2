//! A job's earlier batches, read back from S3 to judge its workers by.
//!
//! What shows that they were read: a group of options is taken for check boxes only when somebody ticked two of them, which
//! happens in the first batch of this job and in none of the later ones.

use serde_json::{Value, json};

use super::{Consolidation, annotation, event_with, payload};
use crate::loopback::Fault;

const ON: (&str, &str) = ("JOB_HISTORY_MEGABYTES", "1");

/// What the function asks S3 for when it lists.
const LIST: &str = "s3://survey/";

const FIRST: &str = "iteration-1/2024-05-06_07:00:00.json";
const SECOND: &str = "iteration-1/2024-05-06_08:00:00.json";
const THIRD: &str = "iteration-2/2024-05-06_07:30:00.json";
const LATER: &str = "iteration-10/2024-05-06_07:00:00.json";

fn uri(path: &str) -> String {
    format!("s3://survey/River-Survey/annotations/consolidated-annotation/consolidation-request/{path}")
}

/// A batch of one object, which one worker answered.
fn batch(id: &str, tide: &Value) -> Value {
    let mut batch = payload([vec![annotation("ana", json!({"content": json!({ "tide": tide }).to_string()}))]]);
    batch[0]["datasetObjectId"] = json!(id);
    batch
}

/// A function for a job whose batches are all in S3.
fn start(variables: &[(&str, &str)]) -> Consolidation {
    let consolidation = Consolidation::start(variables);
    let (both, one) = (json!({"wet": true, "dark": true}), json!({"wet": true, "dark": false}));
    for (path, id, tide) in [(FIRST, "0", &both), (SECOND, "1", &one), (THIRD, "2", &one), (LATER, "3", &both)] {
        consolidation.s3.put(&uri(path), batch(id, tide).to_string());
    }
    consolidation
}

fn event(path: &str) -> Value {
    event_with(json!({"payload": {"s3Uri": uri(path)}}))
}

/// The response as the function writes it.
fn response(consolidation: &mut Consolidation, event: &Value) -> String {
    consolidation.function.invoke(&event.to_string()).expect("the batch is fine")
}

/// What the options are taken for in the batch at `path`.
fn kind(consolidation: &mut Consolidation, path: &str) -> String {
    let response: Value = serde_json::from_str(&response(consolidation, &event(path))).expect("JSON");
    let entries = response.as_array().expect("a list");
    assert_eq!(entries.len(), 1, "the objects of earlier batches are not answered about");
    let kind = &entries[0]["consolidatedAnnotation"]["content"]["species"]["tide"]["kind"];
    kind.as_str().expect("a label has a kind").to_owned()
}

fn n_reads(consolidation: &Consolidation, path: &str) -> usize {
    consolidation.readers(&uri(path)).len()
}

/// The fields of the log's lines of a level, one object each.
fn log_fields(consolidation: &Consolidation, level: &str) -> Vec<Value> {
    let log = consolidation.function.log();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("log lines are JSON"));
    lines.filter(|line| line["level"] == level).map(|line| line["fields"].clone()).collect()
}

#[test]
fn without_configuration_nothing_is_listed() {
    let mut consolidation = start(&[]);
    assert_eq!(kind(&mut consolidation, THIRD), "classification");
    let uris: Vec<String> = consolidation.s3.requests().into_iter().map(|request| request.uri).collect();
    assert_eq!(uris, [uri(THIRD)]);
}

#[test]
fn earlier_batches_are_read_once_while_warm_and_later_ones_never() {
    let mut consolidation = start(&[ON]);
    let first = response(&mut consolidation, &event(THIRD));
    for _ in 0..3 {
        assert_eq!(response(&mut consolidation, &event(THIRD)), first);
    }
    assert_eq!(kind(&mut consolidation, THIRD), "multi-label");
    assert_eq!([FIRST, SECOND, THIRD, LATER].map(|path| n_reads(&consolidation, path)), [1, 1, 5, 0]);
    assert_eq!(consolidation.readers(LIST).len(), 5, "a batch may have come since");
    for closing in log_fields(&consolidation, "INFO") {
        assert_eq!((&closing["history_files"], &closing["history_objects"]), (&json!(2), &json!(2)), "{closing}");
    }
    assert!(log_fields(&consolidation, "WARN").is_empty());

    // A batch that is consolidated once more sees what it saw then, whatever came after it.
    assert_eq!(kind(&mut consolidation, FIRST), "multi-label");
    assert_eq!(kind(&mut start(&[ON]), SECOND), "multi-label");
    assert_eq!(kind(&mut start(&[]), SECOND), "classification");
}

#[test]
fn the_next_batch_reads_only_what_is_new() {
    let mut consolidation = start(&[ON]);
    for (path, reads) in [(FIRST, [1, 0, 0]), (SECOND, [2, 1, 0]), (THIRD, [2, 2, 1]), (LATER, [2, 2, 2])] {
        assert_eq!(kind(&mut consolidation, path), "multi-label");
        assert_eq!([FIRST, SECOND, THIRD].map(|path| n_reads(&consolidation, path)), reads, "at {path}");
    }
}

#[test]
fn refused_history_is_a_warning_and_the_batch_goes_on_alone() {
    let alone = response(&mut start(&[]), &event(THIRD));
    for (location, permission) in [(LIST.to_owned(), "s3:ListBucket"), (uri(FIRST), "s3:GetObject")] {
        let mut consolidation = start(&[ON]);
        consolidation.s3.fail(&location, Fault::AccessDenied, 1);
        assert_eq!(response(&mut consolidation, &event(THIRD)), alone);
        let warnings = log_fields(&consolidation, "WARN");
        let [warning] = warnings.as_slice() else { panic!("one warning, not {warnings:?}") };
        assert!(warning.to_string().contains(permission), "{warning}");
        assert_eq!(log_fields(&consolidation, "INFO")[0]["history_files"], 0);
        assert_eq!(kind(&mut consolidation, THIRD), "multi-label", "once it is allowed");
    }
}

#[test]
fn a_file_that_is_no_batch_is_left_out_and_counted() {
    let mut consolidation = start(&[ON]);
    consolidation.s3.put(&uri(SECOND), "[{\"torn");
    consolidation.s3.put(&uri("iteration-1/2024-05-06_06:00:00.json"), vec![b' '; 2 << 20]);
    let by_reference = annotation("bo", json!({"s3Uri": "s3://survey/answers/bo.json"}));
    let empty = payload([vec![by_reference], vec![]]);
    consolidation.s3.put(&uri("iteration-1/2024-05-06_05:00:00.json"), empty.to_string());
    for _ in 0..2 {
        assert_eq!(kind(&mut consolidation, THIRD), "multi-label");
    }
    assert_eq!(n_reads(&consolidation, SECOND), 1);
    assert_eq!(n_reads(&consolidation, "iteration-1/2024-05-06_06:00:00.json"), 0, "it passes the bound");
    assert!(consolidation.readers("s3://survey/answers/bo.json").is_empty());
    for closing in log_fields(&consolidation, "INFO") {
        assert_eq!((&closing["history_files"], &closing["history_objects"]), (&json!(2), &json!(1)), "{closing}");
    }
    let warnings = log_fields(&consolidation, "WARN");
    assert!(warnings.len() == 2 && warnings.iter().all(|warning| warning["unreadable"] == 1), "{warnings:?}");
}

#[test]
fn what_one_role_has_read_is_not_given_to_another() {
    let mut consolidation = start(&[ON, ("ASSUME_JOB_ROLE", "true")]);
    for role in ["ana", "bo", "ana", "bo"] {
        let role_arn = format!("arn:aws:iam::111122223333:role/{role}");
        let event = event_with(json!({"roleArn": role_arn, "payload": {"s3Uri": uri(SECOND)}}));
        response(&mut consolidation, &event);
    }
    assert_eq!(n_reads(&consolidation, FIRST), 2);
}

#[test]
fn an_inline_batch_and_one_in_another_place_have_no_history() {
    let mut consolidation = start(&[ON]);
    let one = batch("2", &json!({"wet": true, "dark": false}));
    consolidation.s3.put("s3://survey/batch.json", one.to_string());
    response(&mut consolidation, &event_with(json!({ "payload": one })));
    response(&mut consolidation, &event_with(json!({"payload": {"s3Uri": "s3://survey/batch.json"}})));
    assert!(consolidation.readers(LIST).is_empty());
    assert!(log_fields(&consolidation, "WARN").is_empty());
}
