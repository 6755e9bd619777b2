//! `gtruth consolidate`: one payload file through the consolidation function's engine.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use annotation_consolidation::respond;
use anyhow::Context;
use ground_truth::batch::RejectedAnswer;
use ground_truth::contract::annotation_consolidation::{AnnotationConsolidationRequest, PayloadLocation};
use ground_truth::label::Fallback;
use ground_truth::payload_batch::{PayloadBatch, PayloadBatchObject};
use ground_truth::plan::Outcome;
use serde_json::{Map, Value};

use crate::EVENT_VERSION;
use crate::args::ConsolidateArgs;
use crate::console::{ExitStatus, write_json};
use crate::job_file::PlanFile;
use crate::labels::field_summary::FieldSummaries;

/// Prints the response to `out`, on one line with `json`, and what there is to say about it to `err`.
pub(crate) fn run(
    args: &ConsolidateArgs,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let plan = PlanFile::open_or_standard(args.plan.as_deref())?.plan;
    let name = args.payload.display();
    let payload = read(&args.payload).with_context(|| format!("cannot read {name}"))?;
    let payload = PayloadBatch::read(&payload).with_context(|| format!("{name} cannot be used"))?;
    let request = request(args);
    let batch = request.batch_of(payload.objects.into_iter().map(PayloadBatchObject::inline_only).collect());

    let outcomes = plan.consolidate(&batch);
    let response = respond::respond(&plan, &batch, &outcomes, &request);
    if json {
        writeln!(out, "{}", serde_json::to_string(&response.entries)?)?;
    } else {
        write_json(out, &response.entries)?;
    }
    report(err, &outcomes, &payload.elements_without_id, response.fallback)?;
    let is_whole = response.n_omitted == 0 && payload.elements_without_id.is_empty();
    Ok(if is_whole { ExitStatus::Success } else { ExitStatus::FoundFailures })
}

/// The file, or standard input for `-`.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if path != Path::new("-") {
        return fs::read(path);
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The request that the payload would come with, as far as labels depend on it.
fn request(args: &ConsolidateArgs) -> AnnotationConsolidationRequest {
    AnnotationConsolidationRequest {
        version: Some(EVENT_VERSION.into()),
        labeling_job_arn: None,
        label_categories: Some(Value::from(args.label_categories.as_slice())),
        label_attribute_name: args.label_attribute_name.clone(),
        role_arn: None,
        payload: PayloadLocation::Inline(Vec::new()),
        output_config: None,
        kms_key_id: None,
        max_human_workers_per_data_object: None,
        vpc_enabled: None,
        other: Map::new(),
    }
}

fn report(
    err: &mut dyn Write,
    outcomes: &[Outcome],
    elements_without_id: &[usize],
    fallback: Option<Fallback>,
) -> io::Result<()> {
    let mut fields = FieldSummaries::default();
    for outcome in outcomes {
        fields.count(outcome, None);
    }
    for field in fields.iter() {
        let method = field.method.map_or("not consolidated".to_owned(), |method| format!("by {method}"));
        let kind = field.kind;
        writeln!(
            err,
            "{}: {kind}, {method}, {} resolved, {} unresolved",
            field.field, field.resolved, field.unresolved
        )?;
    }
    for outcome in outcomes {
        for rejected in &outcome.unreadable {
            write_rejected(err, outcome, "", rejected)?;
        }
        for field in &outcome.fields {
            for rejected in &field.outcome.rejected {
                write_rejected(err, outcome, &format!(", {}", field.name), rejected)?;
            }
        }
        if let Some(reason) = outcome.unresolved() {
            writeln!(err, "object {}: no label: {reason}", outcome.id)?;
        }
    }
    for element_idx in elements_without_id {
        writeln!(err, "element {element_idx} of the payload has no `datasetObjectId`; it is left out")?;
    }
    if let Some(fallback) = fallback {
        writeln!(err, "the labels are written in the format `fields`: {fallback}")?;
    }
    Ok(())
}

fn write_rejected(err: &mut dyn Write, outcome: &Outcome, field: &str, rejected: &RejectedAnswer) -> io::Result<()> {
    let worker = rejected.worker_id.as_ref().map_or("an unknown worker".to_owned(), |id| format!("worker {id}"));
    writeln!(err, "object {}, {worker}{field}: rejected: {}", outcome.id, rejected.reason)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Args, Command};

    struct Run {
        status: ExitStatus,
        out: String,
        err: String,
    }

    fn consolidate(payload: &str, plan: &str, flags: &str) -> anyhow::Result<Run> {
        let dir = tempfile::tempdir().expect("a folder");
        let (payload_path, plan_path) = (dir.path().join("payload.json"), dir.path().join("plan.json"));
        fs::write(&payload_path, payload).expect("writable");
        fs::write(&plan_path, plan).expect("writable");
        let line = format!("gtruth consolidate {} --plan {} {flags}", payload_path.display(), plan_path.display());
        let args = Args::try_parse_from(line.split_whitespace()).expect("arguments");
        let Command::Consolidate(consolidate) = args.command else { panic!("another command") };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = run(&consolidate, args.json, &mut out, &mut err)?;
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ok(Run { status, out: text(out), err: text(err) })
    }

    const PAYLOAD: &str = r#"[
        {"datasetObjectId": "0", "dataObject": {"content": "x"}, "annotations": [
            {"workerId": "ana", "annotationData": {"content": "{\"animal\": \"otter\"}"}},
            {"workerId": "bo", "annotationData": {"content": "{\"animal\": \"heron\"}"}},
            {"workerId": "cy", "annotationData": {"content": "{\"animal\": [7]}"}},
            {"workerId": "dee", "annotationData": {"s3Uri": "s3://b/k"}}]},
        {"datasetObjectId": "1", "annotations": [{"workerId": "ana", "annotationData": {"content": "torn"}}]},
        {"annotations": []}
    ]"#;

    const PLAN: &str = r#"{"fields": {"animal": {"kind": "classification"}}}"#;

    #[test]
    fn the_response_and_what_stands_against_it() {
        let run = consolidate(PAYLOAD, PLAN, "--label-categories otter,heron --label-attribute-name survey --json");
        let run = run.expect("a response");
        insta::assert_snapshot!(format!("{:?}\n{}\n{}", run.status, run.out, run.err));
    }

    #[test]
    fn the_order_of_the_categories_decides_ties() {
        let label = |flags: &str| {
            let run = consolidate(PAYLOAD, PLAN, flags).expect("a response");
            let response: Value = serde_json::from_str(&run.out).expect("JSON");
            response[0]["consolidatedAnnotation"]["content"]["label"]["animal"]["label"].clone()
        };
        assert_eq!(label(""), "heron");
        assert_eq!(label("--label-categories otter,heron"), "otter");
    }

    #[test]
    fn all_is_well_when_every_object_has_a_label() {
        let payload = r#"[{"datasetObjectId": 0, "annotations": [{"workerId": "a", "annotationData": {"content": "{\"x\": {\"label\": \"y\"}}"}}]}]"#;
        let run = consolidate(payload, "{}", "").expect("a response");
        assert_eq!(run.status, ExitStatus::Success);
        assert_eq!(run.err, "x: classification, by auto, 1 resolved, 0 unresolved\n");
        assert!(run.out.starts_with("[\n  {\n    \"datasetObjectId\": 0,"), "{}", run.out);
    }

    #[test]
    fn what_is_no_payload_or_no_plan_says_so() {
        let err = |payload: &str, plan: &str| match consolidate(payload, plan, "") {
            Ok(_) => panic!("consolidated"),
            Err(error) => format!("{error:#}"),
        };
        assert!(
            err("{}\n{}", "{}").ends_with("payload.json cannot be used: the payload is no JSON array of data objects")
        );
        assert!(
            err("[]", r#"{"quorom": 1}"#)
                .ends_with("plan.json has mistakes: quorom: unknown member; did you mean `quorum`?")
        );
    }
}
