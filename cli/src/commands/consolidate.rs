//! `gtruth consolidate`: one payload file through the consolidation function's engine.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use annotation_consolidation::respond;
use anyhow::Context;
use ground_truth::batch::RejectedAnswer;
use ground_truth::contract::annotation_consolidation::{AnnotationConsolidationRequest, PayloadLocation};
use ground_truth::label::Fallback;
use ground_truth::payload_batch::{PayloadBatch, PayloadBatchObject};
use ground_truth::plan::Outcome;
use serde_json::Value;

use crate::args::ConsolidateArgs;
use crate::console::{Console, ExitStatus};
use crate::events;
use crate::job_file::PlanFile;
use crate::labels::field_summary::FieldSummaries;

/// Prints the response to `out`, on one line with `json`, and what there is to say about it to `err`.
pub(super) fn run(args: &ConsolidateArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let plan = PlanFile::open_or_standard(args.plan.as_deref())?.plan;
    let name = args.payload.display();
    let payload = read(&args.payload).with_context(|| format!("cannot read {name}"))?;
    let payload = PayloadBatch::read(&payload).with_context(|| format!("{name} cannot be used"))?;
    let request = request(args);
    let batch = request.batch_of(payload.objects.into_iter().map(PayloadBatchObject::without_references).collect());

    let outcomes = plan.consolidate(&batch);
    let response = respond::respond(&plan, &batch, &outcomes, &request);
    if console.json {
        writeln!(console.out, "{}", serde_json::to_string(&response.entries)?)?;
    } else {
        console.write_json(&response.entries)?;
    }
    tell(&outcomes, &payload.elements_without_id, response.fallback, console)?;
    let is_whole = response.n_omitted == 0 && payload.elements_without_id.is_empty();
    Ok(ExitStatus::success_if(is_whole))
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
        label_categories: Some(Value::from(args.label_categories.as_slice())),
        ..events::annotation_consolidation(&args.label_attribute_name, PayloadLocation::Inline(Vec::new()))
    }
}

fn tell(
    outcomes: &[Outcome],
    elements_without_id: &[usize],
    fallback: Option<Fallback>,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let mut fields = FieldSummaries::default();
    for outcome in outcomes {
        fields.count(outcome, None);
    }
    for field in fields.iter() {
        let method = field.method.map_or("not consolidated".to_owned(), |method| format!("by {method}"));
        let kind = field.kind;
        writeln!(
            console.err,
            "{}: {kind}, {method}, {} resolved, {} unresolved",
            field.field, field.resolved, field.unresolved
        )?;
    }
    for outcome in outcomes {
        for rejected in &outcome.unreadable {
            write_rejected(outcome, "", rejected, console)?;
        }
        for field in &outcome.fields {
            for rejected in &field.outcome.rejected {
                write_rejected(outcome, &format!(", {}", field.name), rejected, console)?;
            }
        }
        if let Some(reason) = outcome.unresolved() {
            writeln!(console.err, "object {}: no label: {reason}", outcome.id)?;
        }
    }
    for element_idx in elements_without_id {
        writeln!(console.err, "element {element_idx} of the payload has no `datasetObjectId`; it is left out")?;
    }
    if let Some(fallback) = fallback {
        writeln!(console.err, "the labels are written in the format `fields`: {fallback}")?;
    }
    Ok(())
}

fn write_rejected(
    outcome: &Outcome,
    field: &str,
    rejected: &RejectedAnswer,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let worker = rejected.worker_id.as_ref().map_or("an unknown worker".to_owned(), |id| format!("worker {id}"));
    writeln!(console.err, "object {}, {worker}{field}: rejected: {}", outcome.id, rejected.reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::testing::{Ran, gtruth};

    fn consolidate(payload: &str, plan: &str, flags: &str) -> anyhow::Result<Ran> {
        let dir = tempfile::tempdir().expect("a folder");
        let (payload_path, plan_path) = (dir.path().join("payload.json"), dir.path().join("plan.json"));
        fs::write(&payload_path, payload).expect("writable");
        fs::write(&plan_path, plan).expect("writable");
        let line = format!("consolidate {} --plan {} {flags}", payload_path.display(), plan_path.display());
        gtruth(line.split_whitespace())
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
        let ran = consolidate(PAYLOAD, PLAN, "--label-categories otter,heron --label-attribute-name survey --json");
        let ran = ran.expect("a response");
        insta::assert_snapshot!(format!("{:?}\n{}\n{}", ran.status, ran.out, ran.err));
    }

    #[test]
    fn the_order_of_the_categories_decides_ties() {
        let label = |flags: &str| {
            let ran = consolidate(PAYLOAD, PLAN, flags).expect("a response");
            let response: Value = serde_json::from_str(&ran.out).expect("JSON");
            response[0]["consolidatedAnnotation"]["content"]["label"]["animal"]["label"].clone()
        };
        assert_eq!(label(""), "heron");
        assert_eq!(label("--label-categories otter,heron"), "otter");
    }

    #[test]
    fn all_is_well_when_every_object_has_a_label() {
        let payload = r#"[{"datasetObjectId": 0, "annotations": [{"workerId": "a", "annotationData": {"content": "{\"x\": {\"label\": \"y\"}}"}}]}]"#;
        let ran = consolidate(payload, "{}", "").expect("a response");
        assert_eq!(ran.status, ExitStatus::Success);
        assert_eq!(ran.err, "x: classification, by auto, 1 resolved, 0 unresolved\n");
        assert!(ran.out.starts_with("[\n  {\n    \"datasetObjectId\": 0,"), "{}", ran.out);
    }

    #[test]
    fn what_is_no_payload_or_no_plan_says_so() {
        let err = |payload: &str, plan: &str| match consolidate(payload, plan, "") {
            Ok(_) => panic!("consolidated"),
            Err(error) => format!("{error:#}"),
        };
        assert!(
            err("{}\n{}", "{}")
                .ends_with("payload.json cannot be used: the payload is not a JSON array of data objects")
        );
        assert!(
            err("[]", r#"{"quorom": 1}"#)
                .ends_with("plan.json has mistakes: quorom: unknown member; did you mean `quorum`?")
        );
    }
}
