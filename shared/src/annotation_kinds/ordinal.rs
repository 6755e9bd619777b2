//! One category of an ordered scale: bad, fair, good; 1 to 5. The field's `categories` are the scale, from one end to the
//! other. Because a choice among them looks like any other choice, only configuration makes a field ordinal.
//!
//! Method `weighted-median`: the median of what workers answered, who count the more the nearer they usually are to the
//! others ([`weighted_median`]); the confidence is the estimated probability that the label itself is right, not merely
//! near. Method `median`: all count alike, and the confidence is the label's share of the votes. Between two middle
//! categories the lower one is the median. Without `categories` the scale is what was chosen: numbers by size, then texts
//! in lexicographic order.
//!
//! A known answer (gold) is the label, with the confidence 1 and the member `gold`, and `weighted-median` judges workers
//! by it.

use std::cmp::Ordering;

use serde::Serialize;
use serde_json::Value;

use super::categorical::{Choices, Decision, ParsedChoices};
use super::classification::{self, as_map, is_false};
use super::{AnnotationKind, Consolidator, members};
use crate::batch::{FieldBatch, FieldObject, FieldOutcome, Unresolved};
use crate::consolidation::majority_vote::Tally;
use crate::consolidation::posteriors::Posteriors;
use crate::consolidation::votes::Votes;
use crate::consolidation::weighted_median::{Params, median_of, weighted_median};
use crate::document::Reader;
use crate::vocabulary::{Confidence, LabelCategory};

const WEIGHTED_MEDIAN: &str = "weighted-median";
const MEDIAN: &str = "median";

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "ordinal",
    summary: "one category of an ordered scale, when configuration says so",
    methods: &[WEIGHTED_MEDIAN, MEDIAN],
    claims: |_, _| 0,
    configure,
    built_in_label: None,
    simulate: classification::simulate,
    examples: &[r#""fair""#, r#""Somewhat likely""#],
};

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    let methods = [(WEIGHTED_MEDIAN, WEIGHTED_MEDIAN), (MEDIAN, MEDIAN)];
    let method = reader.choice("method", &methods).unwrap_or(WEIGHTED_MEDIAN);
    Box::new(move |batch| consolidate(batch, method))
}

#[derive(Serialize)]
struct OrdinalLabel<'a> {
    label: Option<&'a LabelCategory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    #[serde(serialize_with = "as_map")]
    confidences: &'a [(LabelCategory, Confidence)],
    #[serde(serialize_with = "as_map")]
    votes: &'a [(LabelCategory, usize)],
    workers: usize,
    #[serde(skip_serializing_if = "is_false")]
    gold: bool,
}

/// Why a value is no answer on the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum OrdinalError {
    #[error(transparent)]
    NoChoice(#[from] classification::ChoiceError),
    #[error("the value is not on the scale")]
    OffScale,
}

fn consolidate(batch: &FieldBatch<'_>, method: &'static str) -> Vec<FieldOutcome> {
    let parse = |value: &Value| match classification::parse(value)? {
        Some(category) if !batch.categories.is_empty() && !batch.categories.contains(&category) => {
            Err(OrdinalError::OffScale)
        }
        choice => Ok(choice),
    };
    let parsed = ParsedChoices::of_batch(batch, parse);
    let choices = Choices::new(batch.categories, &parsed, by_size);
    let posteriors = choices.votes().map(|(votes, _)| votes).filter(fits).map(|votes| {
        if method == MEDIAN {
            Posteriors::vote_shares(&votes)
        } else {
            weighted_median(&votes, &Params::STANDARD).posteriors
        }
    });
    let decisions = match posteriors {
        Some(posteriors) => choices.decisions(&posteriors, median_of, None),
        None => choices.known(None),
    };
    let objects = batch.objects.iter().zip(&parsed).zip(decisions);
    objects.map(|((object, parsed), decision)| outcome(batch, object, parsed, decision.as_ref(), method)).collect()
}

/// A scale has few steps; one of hundreds comes from texts that are no scale, and its tables would outgrow the votes.
fn fits(votes: &Votes) -> bool {
    votes.sizes().n_categories <= 1_000
}

fn outcome(
    batch: &FieldBatch<'_>,
    object: &FieldObject<'_>,
    ParsedChoices { choices, gold, rejected }: &ParsedChoices<'_>,
    decision: Option<&Decision>,
    method: &'static str,
) -> FieldOutcome {
    let tally = Tally::count(choices.iter().map(|(_, category)| category), batch.categories, choices.len());
    let unresolved = batch
        .shortfall(object, choices.len())
        .or(decision.is_none().then_some(Unresolved::TooManyCategories))
        .filter(|_| gold.is_none());
    let made = decision.filter(|_| unresolved.is_none());
    let confidence = made.map(|decision| decision.confidence);
    FieldOutcome {
        method: Some(method),
        members: members(OrdinalLabel {
            label: made.map(|decision| &decision.label),
            confidence,
            confidences: decision.map_or(&[], |decision| &decision.confidences),
            votes: &tally.votes,
            workers: tally.n_workers,
            gold: gold.is_some(),
        }),
        n_workers: tally.n_workers,
        confidence,
        unresolved,
        rejected: rejected.clone(),
    }
}

/// Numbers before texts, and by their size.
fn by_size(a: &LabelCategory, b: &LabelCategory) -> Ordering {
    let number = |category: &LabelCategory| category.as_str().trim().parse::<f64>().ok();
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{label_of, mistakes};
    use super::*;

    fn check(parameters: Value, values: Value, expected: &str) {
        let outcome = label_of(&KIND, parameters, values.clone());
        let label = outcome.members["label"].as_str().unwrap_or("none");
        let confidence = outcome.confidence.map_or(String::new(), |confidence| format!(" {}", confidence.rounded()));
        let reasons = outcome.rejected.iter().map(|rejected| format!("; {}", rejected.reason)).collect::<String>();
        let unresolved = outcome.unresolved.map_or(String::new(), |reason| format!(" {reason}"));
        assert_eq!(format!("{label}{confidence}{unresolved}{reasons}"), expected, "{values}");
    }

    #[test]
    fn the_middle_of_the_scale_wins() {
        let scale = ["bad", "fair", "good"];
        check(json!({"method": "median", "categories": scale}), json!(["bad", "good", "fair"]), "fair 0.33");
        check(json!({"method": "median", "categories": scale}), json!(["good", "good", "bad"]), "good 0.67");
        check(json!({"method": "median", "categories": scale}), json!(["good", "bad"]), "bad 0.5");
        check(json!({"categories": scale}), json!([{"label": "bad"}, "good", {"fair": true}]), "fair 0.45");
        check(
            json!({"categories": scale}),
            json!(["good", "good", "great"]),
            "good 0.87; the value is not on the scale",
        );
    }

    #[test]
    fn numbers_are_a_scale_of_their_own() {
        check(json!({"method": "median"}), json!(["10", 9, "2"]), "9 0.33");
        check(json!({}), json!([]), "none no-usable-answer");
    }

    #[test]
    fn parameters_are_checked() {
        assert_eq!(
            mistakes(&KIND, json!({"method": "mean"})),
            "fields.field.method: must be `weighted-median` or `median`"
        );
    }
}
