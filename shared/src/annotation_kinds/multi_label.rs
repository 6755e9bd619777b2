//! Any number of categories per object: the multi-select classifiers, groups of check boxes, a list of texts.
//!
//! Method `majority-vote`: every category stands for itself, and is chosen when its share of the workers who answered the
//! field reaches the threshold (default one half). The confidence of a category is that share, in (0, 1]. The confidence
//! of the label is the mean over the chosen categories; when none is chosen, it is the share of workers who left out the
//! most popular one.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::classification::{as_map, single_worker_is_zero};
use super::{AnnotationKind, BuiltInLabel, Consolidator, members};
use crate::answer::{OptionGroup, Options, scalar_text, structured};
use crate::batch::{FieldBatch, FieldObject, FieldOutcome};
use crate::consolidation::majority_vote::Tally;
use crate::dice::Dice;
use crate::document::Reader;
use crate::vocabulary::{Confidence, LabelCategory};

const MAJORITY_VOTE: &str = "majority-vote";

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "multi-label",
    summary: "any number of categories: multi-select classifiers, groups of check boxes",
    methods: &[MAJORITY_VOTE],
    claims,
    configure,
    built_in_label: Some(built_in_label),
    simulate,
    examples: &[
        r#"{"labels": ["wet", "dark"]}"#,
        r#"["wet", "dark"]"#,
        r#"{"wet": true, "dark": true, "blurry": false}"#,
        r#""[\"wet\", \"dark\"]""#,
    ],
};

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    reader.choice("method", &[(MAJORITY_VOTE, ())]);
    let threshold = reader.number("threshold", 0.0..=1.0).unwrap_or(0.5);
    Box::new(move |batch| batch.objects.iter().map(|object| vote(batch, object, threshold)).collect())
}

#[derive(Serialize)]
struct MultiLabel<'a> {
    labels: Vec<&'a LabelCategory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    #[serde(serialize_with = "as_map")]
    confidences: &'a [(LabelCategory, Confidence)],
    #[serde(serialize_with = "as_map")]
    votes: &'a [(LabelCategory, usize)],
    workers: usize,
}

fn vote(batch: &FieldBatch<'_>, object: &FieldObject<'_>, threshold: f64) -> FieldOutcome {
    let (choices, rejected) = object.parse(parse);
    let tally = Tally::count(choices.iter().flat_map(|(_, chosen)| chosen), batch.categories, choices.len());
    let confidences: Vec<(LabelCategory, Confidence)> =
        tally.shares().map(|(category, share)| (category.clone(), share)).collect();
    let unresolved = batch.shortfall(object, choices.len());
    // A threshold of 0 still asks for one vote: categories without any are not in the tally.
    let is_chosen = |share: &Confidence| unresolved.is_none() && share.value() >= threshold - 1e-9;
    let chosen: Vec<&(LabelCategory, Confidence)> = confidences.iter().filter(|(_, share)| is_chosen(share)).collect();
    let confidence = Confidence::mean(chosen.iter().map(|(_, share)| *share))
        .or_else(|| Some(confidences.first().map_or(Confidence::ZERO, |(_, share)| *share).complement()))
        .filter(|_| unresolved.is_none());
    FieldOutcome {
        method: Some(MAJORITY_VOTE),
        members: members(MultiLabel {
            labels: chosen.iter().map(|(category, _)| category).collect(),
            confidence,
            confidences: &confidences,
            votes: &tally.votes,
            workers: tally.n_workers,
        }),
        n_workers: tally.n_workers,
        confidence,
        unresolved,
        rejected,
    }
}

/// A value that is no list of categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value is no list of categories")]
struct NoListError;

/// The categories that one worker chose, each once; the empty list is an answer, empty text is none.
fn parse(value: &Value) -> Result<Option<Vec<LabelCategory>>, NoListError> {
    let value = structured(value);
    if value.as_str().is_some_and(str::is_empty) || value.as_object().is_some_and(Map::is_empty) {
        return Ok(None);
    }
    let mut chosen: Vec<LabelCategory> = match (listed(&value), Options::read(&value)) {
        (Some(listed), _) => listed
            .iter()
            .map(|name| scalar_text(name).map(LabelCategory::new))
            .collect::<Option<_>>()
            .ok_or(NoListError)?,
        (None, Some(options)) => options.ticked().map(LabelCategory::new).collect(),
        (None, None) => return Err(NoListError),
    };
    chosen.sort();
    chosen.dedup();
    Ok(Some(chosen))
}

/// The list under `labels`, or the value itself if it is a list.
fn listed(value: &Value) -> Option<&Vec<Value>> {
    value.get("labels").unwrap_or(value).as_array()
}

/// Claims lists of texts, bare or under `labels`, and groups of check boxes.
fn claims(values: &[&Value], _: &[LabelCategory]) -> usize {
    let are_check_boxes = OptionGroup::of(values.iter().copied()) == Some(OptionGroup::AnyOf);
    let is_list = |value: &Value| listed(value).is_some_and(|list| list.iter().all(Value::is_string));
    values
        .iter()
        .filter(|value| is_list(&structured(value)) || (are_check_boxes && Options::read(value).is_some()))
        .count()
}

/// `groundtruth/image-classification-multilabel` or `text-…`: the label lists the categories' indices.
fn built_in_label(outcome: &FieldOutcome, categories: &[LabelCategory]) -> Option<BuiltInLabel> {
    if outcome.unresolved.is_some() {
        return None;
    }
    let chosen = outcome.members.get("labels")?.as_array()?;
    let (mut indices, mut class_map, mut confidence_map) = (Vec::new(), Map::new(), Map::new());
    for name in chosen.iter().filter_map(Value::as_str) {
        let index = categories.iter().position(|category| category.as_str() == name)?;
        let share = outcome.members.get("confidences")?.get(name)?.as_f64()?;
        indices.push(index);
        class_map.insert(index.to_string(), json!(name));
        confidence_map.insert(index.to_string(), json!(single_worker_is_zero(outcome, Confidence::new(share).ok()?)));
    }
    indices.sort_unstable();
    let metadata = json!({
        "class-map": class_map,
        "confidence-map": confidence_map,
        "type": "groundtruth/{source}-classification-multilabel",
    });
    Some(BuiltInLabel { label: json!(indices), metadata: members(metadata) })
}

/// A careless worker names one category too many or one too few, in the same shape.
fn simulate(truth: &Value, careful: bool, categories: &[LabelCategory], dice: &mut Dice) -> Value {
    if careful {
        return truth.clone();
    }
    if let Some(options) = Options::read(truth) {
        let flipped = dice.below(options.names().count());
        let ticked: Vec<&str> = options.ticked().collect();
        let flip =
            |(place, name): (usize, &str)| (name.to_owned(), json!(ticked.contains(&name) != (place == flipped)));
        return options.names().enumerate().map(flip).collect::<Map<_, _>>().into();
    }
    let Some(right) = listed(truth) else {
        return truth.clone();
    };
    let mut chosen = right.clone();
    let missing: Vec<Value> =
        categories.iter().map(|category| json!(category)).filter(|name| !right.contains(name)).collect();
    match dice.pick(&missing) {
        Some(extra) if chosen.is_empty() || dice.chance(0.5) => chosen.push(extra.clone()),
        _ if !chosen.is_empty() => drop(chosen.remove(dice.below(chosen.len()))),
        _ => {}
    }
    if truth.is_array() { chosen.into() } else { json!({ "labels": chosen }) }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{label_of, mistakes};
    use super::*;

    fn check(parameters: Value, values: Value, expected: Value) {
        let outcome = label_of(&KIND, parameters, values.clone());
        assert_eq!(Value::Object(outcome.members), expected, "{values}");
    }

    #[test]
    fn each_category_is_voted_on_alone() {
        check(
            json!({}),
            json!([{"labels": ["wet", "dark"]}, ["wet"], {"wet": true, "dark": false}, "[\"wet\", \"dark\", \"dark\"]"]),
            json!({"labels": ["wet", "dark"], "confidence": 0.75, "confidences": {"wet": 1.0, "dark": 0.5},
                   "votes": {"wet": 4, "dark": 2}, "workers": 4}),
        );
        check(
            json!({"threshold": 0.6}),
            json!([["wet", "dark"], ["wet"]]),
            json!({"labels": ["wet"], "confidence": 1.0, "confidences": {"wet": 1.0, "dark": 0.5},
                   "votes": {"wet": 2, "dark": 1}, "workers": 2}),
        );
    }

    #[test]
    fn nothing_can_be_the_answer() {
        check(
            json!({}),
            json!([[], {"labels": []}, {"a": false, "b": false}, ["a"]]),
            json!({"labels": [], "confidence": 0.75, "confidences": {"a": 0.25}, "votes": {"a": 1}, "workers": 4}),
        );
        check(
            json!({}),
            json!([[]]),
            json!({"labels": [], "confidence": 1.0, "confidences": {}, "votes": {}, "workers": 1}),
        );
    }

    #[test]
    fn without_answers_there_is_no_label() {
        let outcome = label_of(&KIND, json!({}), json!(["", {}, [{"deep": 1}], 5]));
        assert_eq!(outcome.unresolved.map(|reason| reason.as_str()), Some("no-usable-answer"));
        assert_eq!((&outcome.members["labels"], outcome.rejected.len()), (&json!([]), 2));
    }

    #[test]
    fn ties_stand_in_the_order_of_the_categories() {
        let outcome = label_of(&KIND, json!({"categories": ["z", "a"]}), json!([["a", "b", "z"]]));
        assert_eq!(outcome.members["labels"], json!(["z", "a", "b"]));
    }

    #[test]
    fn parameters_are_checked() {
        assert_eq!(
            mistakes(&KIND, json!({"threshold": "half"})),
            "fields.field.threshold: must be a number from 0 to 1"
        );
    }
}
