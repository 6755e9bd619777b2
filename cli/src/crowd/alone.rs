//! What each worker said, in the format of a label: their answer alone through the engine, with a method that counts.
//!
//! So an answer is read exactly as consolidation reads it, whatever its kind and whatever the wire did to it, and the page
//! draws it as it draws the result.

use std::collections::BTreeMap;

use anyhow::Context;
use ground_truth::annotation_kinds::ALL;
use ground_truth::batch::{Batch, DatasetObject};
use ground_truth::label;
use ground_truth::plan::ConsolidationPlan;
use serde_json::{Map, Value, json};

use crate::finished_job::FinishedJob;
use crate::labels::label_diff::{self, Decision};

/// What one answer decides, by field. A field that was left blank or set aside is missing.
pub(crate) type Said = BTreeMap<String, Decision>;

/// What everybody said: of every object, in the order of its answers.
///
/// # Errors
/// When the plan fixes a kind in a way that only some method of its understands.
pub(crate) fn each(job: &FinishedJob, plan_document: &Value) -> anyhow::Result<Vec<Vec<Said>>> {
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
    let mut said = plan.consolidate(&batch).into_iter().map(|outcome| {
        let mut decisions = label_diff::of_fields(&label::of_fields(&outcome));
        for field in &outcome.fields {
            // Where marks are drawn upon, if nobody has the image.
            if let (Some(decision), Some(size)) =
                (decisions.get_mut(&field.name), field.outcome.members.get("imageSize"))
            {
                decision.members.insert("imageSize".to_owned(), size.clone());
            }
        }
        decisions
    });
    Ok(job.batch.objects.iter().map(|object| said.by_ref().take(object.answers.len()).collect()).collect())
}

/// The plan under which a lone answer is its own label: the kinds, pointers and categories of the job's plan, with methods
/// that keep all that a lone worker said.
fn plan_of_one(plan_document: &Value) -> Value {
    let kinds: Map<String, Value> = ALL
        .iter()
        .filter_map(|kind| Some((kind.name.to_owned(), json!({"method": counting_method(kind.name)?}))))
        .collect();
    let mut fields = Map::new();
    for (name, field) in plan_document.get("fields").and_then(Value::as_object).into_iter().flatten() {
        let Some(kind) = field.get("kind").and_then(Value::as_str) else { continue };
        let mut kept = Map::from_iter([("kind".to_owned(), json!(kind))]);
        kept.extend(counting_method(kind).map(|method| ("method".to_owned(), json!(method))));
        for member in ["pointer", "categories"] {
            kept.extend(field.get(member).map(|value| (member.to_owned(), value.clone())));
        }
        fields.insert(name.clone(), kept.into());
    }
    let mut plan = json!({"kinds": kinds, "fields": fields});
    for member in ["categories", "ignore"] {
        if let (Some(value), Some(plan)) = (plan_document.get(member), plan.as_object_mut()) {
            plan.insert(member.to_owned(), value.clone());
        }
    }
    plan
}

fn counting_method(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "verbatim" => return None,
        "classification" | "multi-label" | "pairwise" => "majority-vote",
        "ordinal" | "number" => "median",
        "free-text" => "medoid",
        "ranking" => "borda",
        "semantic-mask" => "pixel-vote",
        "bounding-box" | "instance-mask" => "iou-clusters",
        _ => "plain-clusters",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finished_job::testing::JobFolder;

    #[test]
    fn every_kind_has_a_method_that_counts() {
        for kind in ALL {
            let method = counting_method(kind.name);
            assert!(method.map_or(kind.methods.is_empty(), |method| kind.methods.contains(&method)), "{}", kind.name);
        }
        ConsolidationPlan::from_value(&plan_of_one(&Value::Null)).expect("a plan");
    }

    #[test]
    fn a_lone_worker_is_echoed() {
        let boxes = json!([{"label": "otter", "left": 40, "top": 22, "width": 90, "height": 60},
            {"label": "otter", "left": 42, "top": 22, "width": 90, "height": 60}]);
        let form = |animal: &str, n: u32| json!({"animal": {"label": animal}, "n": n, "shapes": boxes.clone()});
        let folder =
            JobFolder::new("survey").answers(1, "0", &[("ana", 1, form("otter", 3)), ("bo", 2, form("heron", 70))]);
        let said =
            each(&folder.open(), &json!({"fields": {"n": {"kind": "number", "tolerance": 2}}})).expect("answers");
        let [ana, bo] = said[0].as_slice() else { panic!("two answers") };
        assert_eq!(
            (&ana["animal"].members["label"], &bo["animal"].members["label"]),
            (&json!("otter"), &json!("heron"))
        );
        assert_eq!((&ana["n"].members["value"], &bo["n"].members["value"]), (&json!(3), &json!(70)));
        assert_eq!(ana["shapes"].members["annotations"], boxes);
    }
}
