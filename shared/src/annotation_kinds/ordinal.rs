//! One category of an ordered scale: bad, fair, good; 1 to 5. The field's `categories` are the scale, from one end to the
//! other. Because a choice among them looks like any other choice, only configuration makes a field ordinal.
//!
//! Method `auto`: the median of the mean of two models, chosen by how much workers have answered ([`auto_scale`]); the
//! confidence is the estimated probability that the label itself is right, not merely near. Method `weighted-median`: the
//! median of what workers answered, who count the more the nearer they usually are to the others ([`weighted_median`]);
//! the confidence means the same. Method `median`: all count alike, and the confidence is the label's share of the votes. Between two middle
//! categories the lower one is the median. Without `categories` the scale is what was chosen: numbers by size, then texts
//! in lexicographic order.
//!
//! A known answer (gold) is the label, with the confidence 1 and the member `gold`, and all methods but `median` judge
//! workers by it.

use std::cmp::Ordering;
use std::fmt;

use serde::Serialize;

pub use super::categorical::Model;
use super::categorical::{Choices, Decision, ParsedChoices, says_something};
use super::classification::{self, as_map, is_false};
use super::{AnnotationKind, Consolidator, Particulars, ReadValues, as_it_is, named, written};
use crate::batch::{FieldBatch, FieldObject, Unresolved};
use crate::consolidation::auto_scale;
use crate::consolidation::majority_vote::Tally;
use crate::consolidation::posteriors::Posteriors;
use crate::consolidation::votes::Votes;
use crate::consolidation::weighted_median::{self, median_of};
use crate::document::Reader;
use crate::label_content::LabelContent;
use crate::typed::{Answers, Consensus};
use crate::vocabulary::{Confidence, LabelCategory};

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "ordinal",
    summary: "one category of an ordered scale, when configuration says so",
    methods: Method::NAMES,
    lone_method: Some(Method::Median.name()),
    claims: |_, _| 0,
    configure,
    read_values: |values, scale| ReadValues::steps(values, scale, classification::parse, by_size),
    label: LabelContent::Category,
    as_answer: classification::as_answer,
    simulate: classification::simulate,
    examples: &[r#""fair""#, r#""Somewhat likely""#],
    particulars: Particulars {
        check_gold: Some(|value| says_something(classification::parse(value))),
        ..Particulars::NONE
    },
};

/// How the middle of a scale is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Method {
    /// The default: the average of two models that fits the evidence.
    Auto,
    /// Workers who are usually near the others count more.
    WeightedMedian,
    /// The median of the votes, every worker alike.
    Median,
}

named!(
    Method, "method":
    Auto = "auto",
    WeightedMedian = "weighted-median",
    Median = "median",
);

/// How categories of a scale are consolidated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    /// How the middle is found.
    pub method: Method,
}

impl Params {
    /// What the plan takes where it says nothing.
    pub const STANDARD: Self = Self { method: Method::Auto };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    let params = Params { method: reader.choice("method", Method::BY_NAME).unwrap_or(Params::STANDARD.method) };
    Box::new(move |batch| written(params.method.name(), decide(batch, classification::parse, params)))
}

/// The category of an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OrdinalLabel {
    /// The category; `None` where nothing was decided.
    pub label: Option<LabelCategory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    /// The probability of the label and of every category that was voted for, most probable first.
    #[serde(serialize_with = "as_map")]
    pub confidences: Vec<(LabelCategory, Confidence)>,
    /// Every category that was voted for and its number of votes, most first.
    #[serde(serialize_with = "as_map")]
    pub votes: Vec<(LabelCategory, usize)>,
    workers: usize,
    /// Whether the label was known beforehand.
    #[serde(rename = "gold", skip_serializing_if = "is_false")]
    pub is_gold: bool,
    /// Which models were used, where the method leaves that open.
    #[serde(flatten)]
    pub model: Option<Model>,
}

/// The category; nothing where none was decided.
impl fmt::Display for OrdinalLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.label.iter().try_for_each(|label| label.fmt(f))
    }
}

/// Why an answer is not on the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum OrdinalError<E> {
    #[error(transparent)]
    NoChoice(E),
    #[error("the value is not on the scale")]
    OffScale,
}

/// Consolidates the step of a scale that each worker chose for each object: one consensus per object, in their order.
///
/// [`Answers::categories`] is the scale, from one end to the other; answers that are not on it are set aside. Gold takes
/// part. The confidence of a consensus is the estimated probability that the label itself is right, and not merely near;
/// with [`Method::Median`] the label's share of the votes. Between two middle steps the lower one is the label.
///
/// ```
/// use ground_truth::{Answers, LabelCategory};
/// use ground_truth::annotation_kinds::ordinal::{self, Params};
///
/// let grades = [("ana", "bad"), ("bo", "good"), ("cy", "good"), ("dee", "superb")];
/// let mut answers = Answers::from_rows(grades.map(|(worker, grade)| ("song-1", worker, grade)));
/// answers.categories = ["bad", "fair", "good"].map(LabelCategory::new).to_vec();
///
/// let consensus = ordinal::consolidate(&answers, &Params::STANDARD);
/// assert_eq!(consensus[0].label.label, Some(LabelCategory::new("good")));
/// assert_eq!((consensus[0].n_workers, consensus[0].rejected.len()), (3, 1));
/// ```
pub fn consolidate(answers: &Answers<LabelCategory>, params: &Params) -> Vec<Consensus<OrdinalLabel>> {
    decide(&answers.field(), as_it_is, *params)
}

fn decide<V: Copy + Sync, E: std::fmt::Display>(
    batch: &FieldBatch<'_, V>,
    parse: impl Fn(V) -> Result<Option<LabelCategory>, E> + Send + Sync,
    params: Params,
) -> Vec<Consensus<OrdinalLabel>> {
    let parse = |value: V| match parse(value).map_err(OrdinalError::NoChoice)? {
        Some(category) if !batch.categories.is_empty() && !batch.categories.contains(&category) => {
            Err(OrdinalError::OffScale)
        }
        choice => Ok(choice),
    };
    let parsed = ParsedChoices::of_batch(batch, parse);
    let choices = Choices::new(batch.categories, &parsed, by_size);
    let fitted = choices.votes().map(|(votes, _)| votes).filter(fits).map(|votes| match params.method {
        Method::Auto => {
            let (fit, basis) = auto_scale::fit(&votes);
            (fit.posteriors, Some(Model::of_scale(basis)))
        }
        Method::WeightedMedian => (weighted_median::fit(&votes, &weighted_median::Params::STANDARD).posteriors, None),
        Method::Median => (Posteriors::vote_shares(&votes), None),
    });
    let decisions = match fitted {
        Some((posteriors, model)) => choices.decisions(&posteriors, median_of, model),
        None => choices.known(None),
    };
    let objects = batch.objects.iter().zip(&parsed).zip(decisions);
    objects.map(|((object, parsed), decision)| outcome(batch, object, parsed, decision)).collect()
}

/// A scale has few steps; one of hundreds comes from texts that are not a scale, and its tables outgrow the votes.
fn fits(votes: &Votes) -> bool {
    votes.sizes().n_categories <= 1_000
}

fn outcome<V>(
    batch: &FieldBatch<'_, V>,
    object: &FieldObject<'_, V>,
    ParsedChoices { choices, gold, rejected }: &ParsedChoices<'_>,
    decision: Option<Decision>,
) -> Consensus<OrdinalLabel> {
    let tally = Tally::count(choices.iter().map(|(_, category)| category), batch.categories, choices.len());
    let unresolved = batch
        .shortfall(object, choices.len())
        .or(decision.is_none().then_some(Unresolved::TooManyCategories))
        .filter(|_| gold.is_none());
    let made = decision.as_ref().filter(|_| unresolved.is_none());
    let (label, confidence) = (made.map(|decision| decision.label.clone()), made.map(|decision| decision.confidence));
    Consensus {
        object_id: object.id.clone(),
        label: OrdinalLabel {
            label,
            confidence,
            model: decision.as_ref().and_then(|decision| decision.model),
            confidences: decision.map_or(Vec::new(), |decision| decision.confidences),
            votes: tally.votes,
            workers: tally.n_workers,
            is_gold: gold.is_some(),
        },
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
    use serde_json::{Value, json};

    use super::super::tests::{label_of, mistakes};
    use super::super::typed_tests::{Crowd, category};
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
            "fields.field.method: must be `auto`, `weighted-median` or `median`"
        );
    }

    #[test]
    fn typed_answers_give_the_same() {
        let crowd = Crowd::new(|_, odd| (json!({ "label": category(odd) }), category(odd)));
        crowd.check(&KIND, json!({}), consolidate(&crowd.answers, &Params::STANDARD));
    }
}
