//! What each worker said, read as a label: the answer alone through the engine, with a method that keeps all of it.
//!
//! So an answer is read exactly as consolidation reads it, whatever its kind and whatever the wire did to it.

use std::collections::BTreeMap;

use anyhow::Context;
use ground_truth::annotation_kinds::{self, ALL, AnnotationKind};
use ground_truth::batch::{Batch, DatasetObject};
use ground_truth::label::FieldLabel;
use ground_truth::plan::{ConsolidationPlan, FieldResult, Outcome};
use serde_json::{Map, Value, json};

use crate::finished_job::FinishedJob;

/// What one answer says, by field. A field that was left blank or set aside is missing, or says nothing.
pub(crate) type AnswerByField = BTreeMap<String, FieldLabel<'static>>;

/// Reads every answer by itself: of each object, in the order of its answers.
///
/// # Errors
/// When the plan fixes a kind in a way that only some method of its understands.
pub(crate) fn read(job: &FinishedJob, plan_document: &Value) -> anyhow::Result<Vec<Vec<AnswerByField>>> {
    let plan = ConsolidationPlan::from_value(&plan_of_one(plan_document))
        .context("the plan cannot be used to read answers one by one")?;
    // One object per answer, all in one batch, so that fields are recognized from all their values, as they are otherwise.
    let alone = |object: &DatasetObject| -> Vec<DatasetObject> {
        let one = |answer| DatasetObject {
            id: object.id.clone(),
            source: object.source,
            answers: vec![answer],
            rejected: Vec::new(),
            n_replaced: 0,
        };
        object.answers.iter().cloned().map(one).collect()
    };
    let objects = job.batch.objects.iter().flat_map(alone).collect();
    let batch = Batch { objects, categories: job.batch.categories.clone(), n_workers_asked: None };
    let mut answers = plan.consolidate(&batch).into_iter().map(by_field);
    Ok(job.batch.objects.iter().map(|object| answers.by_ref().take(object.answers.len()).collect()).collect())
}

fn by_field(outcome: Outcome) -> AnswerByField {
    let said = |mut field: FieldResult| {
        let name = std::mem::take(&mut field.name);
        let label = FieldLabel::from(field);
        label.decided().is_some().then_some((name, label))
    };
    outcome.fields.into_iter().filter_map(said).collect()
}

/// The plan under which a lone answer is its own label: the kinds, pointers and categories of the job's plan, with methods
/// that keep all that a lone worker said.
fn plan_of_one(plan_document: &Value) -> Value {
    let method = |kind: &AnnotationKind| Some(("method".to_owned(), json!(kind.lone_method?)));
    let kinds: Map<String, Value> =
        ALL.iter().map(|kind| (kind.name.to_owned(), Map::from_iter(method(kind)).into())).collect();
    let mut fields = Map::new();
    for (name, field) in plan_document.get("fields").and_then(Value::as_object).into_iter().flatten() {
        let Some(kind) = field.get("kind").and_then(Value::as_str).and_then(annotation_kinds::by_name) else {
            continue;
        };
        let mut kept = Map::from_iter([("kind".to_owned(), json!(kind.name))]);
        kept.extend(method(kind));
        for member in ["pointer", "categories"] {
            kept.extend(field.get(member).map(|value| (member.to_owned(), value.clone())));
        }
        fields.insert(name.clone(), kept.into());
    }
    let mut plan = Map::from_iter([("kinds".to_owned(), kinds.into()), ("fields".to_owned(), fields.into())]);
    for member in ["categories", "ignore"] {
        plan.extend(plan_document.get(member).map(|value| (member.to_owned(), value.clone())));
    }
    plan.into()
}

#[cfg(test)]
mod tests {
    use ground_truth::label_content::Decided;

    use super::*;
    use crate::finished_job::testing::JobFolder;

    #[test]
    fn every_kind_has_a_plan_of_one() {
        ConsolidationPlan::from_value(&plan_of_one(&Value::Null)).expect("a plan");
    }

    #[test]
    fn a_lone_worker_is_echoed() {
        let boxes = json!([{"label": "otter", "left": 40, "top": 22, "width": 90, "height": 60},
            {"label": "otter", "left": 42, "top": 22, "width": 90, "height": 60}]);
        let form = |animal: &str, n: u32, note: &str| json!({"animal": {"label": animal}, "n": n, "note": note, "shapes": boxes.clone()});
        let folder = JobFolder::new("survey").answers(
            1,
            "0",
            &[("ana", 1, form("otter", 3, "")), ("bo", 2, form("heron", 70, "wet fur"))],
        );
        let answers =
            read(&folder.open(), &json!({"fields": {"n": {"kind": "number", "tolerance": 2}}})).expect("answers");
        let [ana, bo] = answers[0].as_slice() else { panic!("two answers") };
        let said = |answer: &AnswerByField, field: &str| answer[field].decided().map(|decided| decided.in_words());
        assert_eq!([said(ana, "animal"), said(bo, "animal")], ["otter", "heron"].map(|text| Some(text.to_owned())));
        assert_eq!([said(ana, "n"), said(bo, "n")], ["3", "70"].map(|text| Some(text.to_owned())));
        let Some(Decided::Marks(marks)) = ana["shapes"].decided() else { panic!("marks") };
        assert_eq!(marks.initial_value(), boxes);
        assert!(!ana.contains_key("note") && bo.contains_key("note"), "ana left it blank");
    }
}
