//! What operators find in the log: enough to see what became of a batch, and never who answered what.

use serde_json::{Value, json};

use super::{Consolidation, JOB, PAYLOAD, annotation, answer, content, event, event_with, invoke, payload};
use crate::loopback::Function;

/// Worker ids and answers are marked with these, and no line of a log may hold them.
const WORKER: &str = "worker-7f3a";
const SECRET: &str = "secret-5c1e";

/// The plan knows one category; every answer below is wrong in its own way, but for two.
const PLAN: (&str, &str) = (
    "CONSOLIDATION_PLAN",
    r#"{"fields": {"animal": {"kind": "classification", "categories": ["heron"]}, "boxes": {"kind": "bounding-box"}}}"#,
);

fn marked_batch() -> Value {
    let answers = [
        json!({"content": content(SECRET)}),
        json!({"content": content(SECRET)}),
        json!({"content": format!("{{\"animal\": \"{SECRET}")}),
        json!({"content": format!("[\"{SECRET}\"]")}),
        json!({"content": json!({"animal": {(SECRET): true, "heron": true}, "boxes": SECRET}).to_string()}),
        json!({"text": SECRET}),
        json!(SECRET),
        json!({"s3Uri": "s3://elsewhere/answer.json"}),
    ];
    let annotations = answers.into_iter().enumerate();
    let mut annotations: Vec<Value> = annotations.map(|(n, data)| annotation(&format!("{WORKER}-{n}"), data)).collect();
    annotations.push(json!({"worker": WORKER, "annotationData": {"content": content(SECRET)}}));
    annotations.push(answer(&format!("{WORKER}-0"), SECRET)); // The first worker once more.
    let mut batch = payload([annotations, vec![]]);
    let elements = batch.as_array_mut().expect("a batch is an array");
    elements.push(json!({"datasetObjectId": "2", "annotations": SECRET}));
    elements.push(json!({"annotations": [answer(WORKER, SECRET)]}));
    batch
}

/// The lines of the log, none of which holds a mark.
fn lines(function: &Function) -> Vec<Value> {
    let log = function.log();
    assert!(!log.contains(WORKER), "a worker id is in the log:\n{log}");
    assert!(!log.contains(SECRET), "an answer is in the log:\n{log}");
    log.lines().map(|line| serde_json::from_str(line).expect("log lines are JSON")).collect()
}

fn request_id(line: &Value) -> &str {
    line["spans"][0]["requestId"].as_str().expect("every line of an invocation has its request id")
}

#[test]
fn a_batch_ends_in_one_line_of_counts() {
    let mut consolidation = Consolidation::start(&[PLAN]);
    consolidation.consolidate(&marked_batch());
    let lines = lines(&consolidation.function);
    let closing: Vec<&Value> =
        lines.iter().filter(|line| line["fields"]["message"] == "consolidated one batch").collect();
    let [closing] = closing.as_slice() else { panic!("one closing line, not {}", closing.len()) };
    assert_eq!(request_id(closing), "00000000-0000-4000-8000-000000000001");

    let mut fields = closing["fields"].as_object().expect("fields").clone();
    for duration in ["fetch_ms", "history_ms", "total_ms"] {
        assert!(fields.remove(duration).is_some_and(|ms| ms.is_u64()), "{duration}: {closing}");
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&fields).expect("fields are JSON"));
}

#[test]
fn what_was_set_aside_is_warned_of_by_the_object() {
    let mut consolidation = Consolidation::start(&[PLAN]);
    consolidation.consolidate(&marked_batch());
    let warnings: Vec<String> = lines(&consolidation.function)
        .iter()
        .filter(|line| line["level"] == "WARN")
        .map(|line| line["fields"].to_string())
        .collect();
    insta::assert_snapshot!(warnings.join("\n"));
}

#[test]
fn a_debug_log_holds_no_contents_either() {
    let mut consolidation = Consolidation::start(&[PLAN, ("AWS_LAMBDA_LOG_LEVEL", "DEBUG")]);
    consolidation.consolidate(&marked_batch());
    assert!(lines(&consolidation.function).iter().any(|line| line["level"] == "DEBUG"));
}

#[test]
fn a_failure_is_logged_with_its_name_and_without_contents() {
    let mut consolidation = Consolidation::start(&[]);
    consolidation.s3.put(PAYLOAD, format!("[{{\"workerId\": \"{WORKER}\", \"{SECRET}\": {SECRET}}}]"));
    let message = consolidation.failure(&event(), "BadPayload");
    assert!(!message.contains(WORKER) && !message.contains(SECRET), "{message}");
    let inline = event_with(json!({"payload": [marked_batch()]}));
    consolidation.invoke(&inline).expect("its only element has no id");

    let lines = lines(&consolidation.function);
    let failures: Vec<&Value> = lines.iter().filter(|line| line["level"] == "ERROR").collect();
    let [failure] = failures.as_slice() else { panic!("a failure is logged once, not {failures:?}") };
    assert_eq!(request_id(failure), "00000000-0000-4000-8000-000000000001");
    assert!(failure.to_string().contains("BadPayload"), "{failure}");
    assert!(lines.iter().any(|line| line["fields"]["labeling_job_arn"] == JOB));
}

#[test]
fn a_data_object_is_logged_without_its_contents() {
    let mut function = Function::start("pre-human-task", &[]);
    let event = json!({"labelingJobArn": JOB, "dataObject": {"source": SECRET, "worker": WORKER}});
    invoke(&mut function, &event).expect("a data object");
    let lines = lines(&function);
    let [line] = lines.as_slice() else { panic!("one line, not {lines:?}") };
    assert_eq!(request_id(line), "00000000-0000-4000-8000-000000000001");
    assert_eq!((&line["level"], &line["fields"]["labeling_job_arn"]), (&json!("INFO"), &json!(JOB)));
}
