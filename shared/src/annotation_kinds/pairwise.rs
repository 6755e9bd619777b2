//! Which of two items is better: `{"winner": "b", "loser": "a"}`, or `{"left": "a", "right": "b", "preferred": "left"}`
//! (also `right`, `tie`, or the item's own name), as an object or as JSON text in a hidden input.
//!
//! An object is a pair; the items stand in many pairs, so the methods learn from the whole batch: `crowd-bt` (default,
//! [`crowd_bt`]) with a reliability per worker, `bradley-terry` with workers who all mean 99 of 100 answers. `majority-vote` looks at each pair alone.
//! The preferred item is the one with the higher score: the votes of the pair itself count, and so does what the batch says
//! about either item. Equal scores go to the item whose name comes first. When workers of one object compared different
//! pairs, its label is about the pair that most of them compared; the rest still counts for the scores.
//!
//! The confidence is the probability that the preferred item is the better one: of the model; for `majority-vote`
//! `(votes + 1) / (workers + 2)`. A lone comparison that nothing else supports has 0.7 with `crowd-bt`, three equal ones
//! have 0.87, a tie 0.5.
//!
//! `scores` are a fact of the batch: every label repeats the scores of its two items (0 is the batch's mean item, 1 is
//! preferred to 0 in 73 of 100 comparisons), so that the labels of a batch hold the scores of all its items.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Serialize, Serializer};

use super::{AnnotationKind, Consolidator, Particulars, ReadValues, as_it_is, named, written};
use crate::batch::{FieldBatch, FieldObject, RejectedAnswer};
use crate::consolidation::crowd_bt::{self, WorkerComparison};
use crate::dice::Dice;
use crate::document::Reader;
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::label_content::{Decided, LabelContent};
use crate::typed::{Answers, Consensus};
use crate::vocabulary::{Confidence, LabelCategory, WorkerId};

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "pairwise",
    summary: "which of two items is better: a winner and a loser, or left, right and what was preferred",
    methods: Method::NAMES,
    lone_method: Some(Method::MajorityVote.name()),
    claims: |values, _| values.iter().filter(|value| matches!(parse(**value), Ok(Some(_)))).count(),
    configure,
    read_values: |values, _| ReadValues::equal_or_not(values, parse),
    label: LabelContent::Preference,
    as_answer: |decided| match decided {
        Decided::Preference { preferred, over } => {
            Some(FieldValueBuf::object([("winner", preferred), ("loser", over)]))
        }
        _ => None,
    },
    simulate,
    examples: &[
        r#"{"winner": "design-7", "loser": "design-3"}"#,
        r#"{"left": "design-3", "right": "design-7", "preferred": "right"}"#,
        r#""{\"left\": 3, \"right\": 7, \"preferred\": 7}""#,
    ],
    particulars: Particulars::NONE,
};

/// How comparisons are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Method {
    /// The default: scores of items from the whole batch, with a reliability per worker.
    CrowdBt,
    /// Scores of items from the whole batch, all workers alike.
    BradleyTerry,
    /// The item that more workers preferred, pair by pair.
    MajorityVote,
}

named!(
    Method, "method":
    CrowdBt = "crowd-bt",
    BradleyTerry = "bradley-terry",
    MajorityVote = "majority-vote",
);

impl Method {
    fn params(self) -> crowd_bt::Params {
        match self {
            // So much weight on the prior that all workers are alike.
            Self::BradleyTerry => {
                crowd_bt::Params { prior_reliability: 0.99, prior_comparisons: 1e12, ..crowd_bt::Params::STANDARD }
            }
            Self::CrowdBt | Self::MajorityVote => crowd_bt::Params::STANDARD,
        }
    }
}

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    let params = Params { method: reader.choice("method", Method::BY_NAME).unwrap_or(Params::STANDARD.method) };
    Box::new(move |batch| written(params.method.name(), fuse(batch, parse, params.method)))
}

/// How comparisons are consolidated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    /// How they are brought together.
    pub method: Method,
}

impl Params {
    /// What the plan takes where it says nothing.
    pub const STANDARD: Self = Self { method: Method::CrowdBt };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// One worker's comparison of two items.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Preference {
    // In alphabetical order.
    first: String,
    second: String,
    outcome: Outcome,
}

impl Preference {
    /// One item is better than the other.
    ///
    /// # Errors
    /// [`SameItem`] when there are no two.
    pub fn new(better: impl Into<String>, worse: impl Into<String>) -> Result<Self, SameItem> {
        Self::in_order(better.into(), worse.into(), Outcome::First)
    }

    /// Neither item is better.
    ///
    /// # Errors
    /// [`SameItem`] when there are no two.
    pub fn tie(one: impl Into<String>, other: impl Into<String>) -> Result<Self, SameItem> {
        Self::in_order(one.into(), other.into(), Outcome::Tie)
    }

    fn in_order(left: String, right: String, outcome: Outcome) -> Result<Self, SameItem> {
        let turned = match outcome {
            Outcome::First => Outcome::Second,
            Outcome::Second => Outcome::First,
            Outcome::Tie => Outcome::Tie,
        };
        match left.cmp(&right) {
            Ordering::Less => Ok(Self { first: left, second: right, outcome }),
            Ordering::Equal => Err(SameItem),
            Ordering::Greater => Ok(Self { first: right, second: left, outcome: turned }),
        }
    }
}

/// A comparison of an item with itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("both items are the same")]
pub struct SameItem;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    First,
    Second,
    Tie,
}

/// The better item of a pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairLabel {
    /// The better item; `None` where nothing was decided.
    pub preferred: Option<String>,
    /// The other item; `None` where nothing was decided.
    pub over: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    /// How many workers prefer the one and the other.
    #[serde(serialize_with = "as_map", skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<(String, usize)>,
    /// How many workers prefer neither, where anyone does.
    #[serde(rename = "ties", skip_serializing_if = "Option::is_none")]
    pub n_ties: Option<usize>,
    /// The scores of the two among all items: 0 is the mean item, 1 is preferred to it in 73 of 100 comparisons.
    #[serde(serialize_with = "as_map", skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<(String, f64)>,
    workers: usize,
}

/// `design-7 over design-3`; nothing where none was decided.
impl fmt::Display for PairLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.preferred, &self.over) {
            (Some(preferred), Some(over)) => write!(f, "{preferred} over {over}"),
            _ => Ok(()),
        }
    }
}

/// Pairs as an object whose members keep their order.
fn as_map<S: Serializer, T: Serialize>(pairs: &[(String, T)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

/// The usable answers to one object, sorted by what they say.
struct Comparisons<'a> {
    preferences: Vec<(&'a WorkerId, Preference)>,
    rejected: Vec<RejectedAnswer>,
}

/// Consolidates what each worker preferred for each object, which is a pair of items: one consensus per object, in their
/// order.
///
/// The confidence of a consensus is the probability that the preferred item is the better one.
///
/// ```
/// use ground_truth::Answers;
/// use ground_truth::annotation_kinds::pairwise::{self, Params, Preference};
///
/// let answers = Answers::from_rows([
///     ("pair-1", "ana", Preference::new("design-7", "design-3")?),
///     ("pair-1", "bo", Preference::new("design-7", "design-3")?),
///     ("pair-2", "ana", Preference::new("design-3", "design-5")?),
///     ("pair-3", "bo", Preference::tie("design-5", "design-7")?),
/// ]);
///
/// let consensus = pairwise::consolidate(&answers, &Params::STANDARD);
/// let preferred: Vec<Option<&str>> = consensus.iter().map(|pair| pair.label.preferred.as_deref()).collect();
/// // What the other pairs say about the items decides the tie.
/// assert_eq!(preferred, [Some("design-7"), Some("design-3"), Some("design-7")]);
/// # Ok::<(), pairwise::SameItem>(())
/// ```
pub fn consolidate(answers: &Answers<Preference>, params: &Params) -> Vec<Consensus<PairLabel>> {
    fuse(&answers.field(), as_it_is, params.method)
}

fn fuse<V: Copy, E: std::fmt::Display>(
    batch: &FieldBatch<'_, V>,
    parse: impl Fn(V) -> Result<Option<Preference>, E>,
    method: Method,
) -> Vec<Consensus<PairLabel>> {
    let workers = batch.worker_indices();
    let answers: Vec<Comparisons<'_>> = batch.objects.iter().map(|object| read(object, &parse)).collect();
    let all = || answers.iter().flat_map(|answers| &answers.preferences);
    let names: BTreeSet<&str> =
        all().flat_map(|(_, preference)| [preference.first.as_str(), preference.second.as_str()]).collect();
    let items: BTreeMap<&str, usize> = names.into_iter().zip(0..).collect();
    let compared = |(worker_id, preference): &(&WorkerId, Preference)| {
        let (first, second) = (items[preference.first.as_str()], items[preference.second.as_str()]);
        let (winner, loser) = if preference.outcome == Outcome::Second { (second, first) } else { (first, second) };
        WorkerComparison { worker: workers[worker_id], winner, loser, is_tie: preference.outcome == Outcome::Tie }
    };
    let mut comparisons: Vec<WorkerComparison> = all().map(compared).collect();
    // Sorted by what they say: the same comparisons in another order give the same sums.
    comparisons.sort_by_key(|comparison| (comparison.winner, comparison.loser, comparison.is_tie, comparison.worker));
    let fit = (method != Method::MajorityVote)
        .then(|| crowd_bt::fit(&comparisons, items.len(), workers.len(), &method.params()));
    let outcomes = batch.objects.iter().zip(&answers).map(|(object, answers)| {
        let pair = most_compared(answers);
        let direct: Vec<WorkerComparison> = answers.preferences.iter().map(compared).collect();
        let scored = pair.map(|(first, second)| Pair::new(first, second, answers, &direct, &items, fit.as_ref()));
        outcome(batch, object, scored, answers)
    });
    outcomes.collect()
}

fn read<'a, V: Copy, E: std::fmt::Display>(
    object: &FieldObject<'a, V>,
    parse: impl Fn(V) -> Result<Option<Preference>, E>,
) -> Comparisons<'a> {
    let (mut preferences, rejected) = object.parse(parse);
    preferences.sort_by(|(worker_a, a), (worker_b, b)| a.cmp(b).then(worker_a.cmp(worker_b)));
    Comparisons { preferences, rejected }
}

/// The pair that most workers of an object compared; between equals the one whose names come first.
fn most_compared<'a>(answers: &'a Comparisons<'_>) -> Option<(&'a str, &'a str)> {
    let pairs = answers.preferences.iter().map(|(_, preference)| preference);
    let mut pairs: Vec<(&str, &str)> = pairs.map(|one| (one.first.as_str(), one.second.as_str())).collect();
    pairs.sort_unstable();
    let runs = pairs.chunk_by(|a, b| a == b);
    runs.rev().max_by_key(|run| run.len())?.first().copied()
}

/// One object's pair, the preferred item first.
struct Pair<'a> {
    items: [&'a str; 2],
    votes: [usize; 2],
    n_ties: usize,
    scores: Option<[f64; 2]>,
    confidence: Confidence,
}

impl<'a> Pair<'a> {
    fn new(
        first: &'a str,
        second: &'a str,
        answers: &Comparisons<'_>,
        direct: &[WorkerComparison],
        items: &BTreeMap<&str, usize>,
        fit: Option<&crowd_bt::Fit>,
    ) -> Self {
        let of_pair = answers.preferences.iter().filter(|(_, one)| one.first == first && one.second == second);
        let outcomes: Vec<Outcome> = of_pair.map(|(_, one)| one.outcome).collect();
        let count = |outcome: Outcome| outcomes.iter().filter(|other| **other == outcome).count();
        let (votes, n_ties) = ([count(Outcome::First), count(Outcome::Second)], count(Outcome::Tie));
        let pair = [items[first], items[second]];
        let probability = match fit {
            Some(fit) => {
                let of_pair = direct.iter().filter(|one| pair.contains(&one.winner) && pair.contains(&one.loser));
                fit.probability_above(pair[0], pair[1], of_pair)
            }
            None => (votes[0] as f64 + n_ties as f64 / 2.0 + 1.0) / (outcomes.len() as f64 + 2.0),
        };
        let scores = fit.map(|fit| pair.map(|item| fit.scores[item]));
        // Rounding errors decide no tie.
        let (items, votes, scores, probability) = if probability >= 0.5 - 1e-9 {
            ([first, second], votes, scores, probability.max(0.5))
        } else {
            ([second, first], [votes[1], votes[0]], scores.map(|[a, b]| [b, a]), 1.0 - probability)
        };
        let confidence = Confidence::new(probability).unwrap_or(Confidence::ZERO);
        Self { items, votes, n_ties, scores, confidence }
    }
}

fn outcome<V>(
    batch: &FieldBatch<'_, V>,
    object: &FieldObject<'_, V>,
    pair: Option<Pair<'_>>,
    answers: &Comparisons<'_>,
) -> Consensus<PairLabel> {
    let n_workers = answers.preferences.len();
    let unresolved = batch.shortfall(object, n_workers);
    let decided = pair.as_ref().filter(|_| unresolved.is_none());
    let confidence = decided.map(|pair| pair.confidence);
    // Adding 0 turns the negative zero, which JSON would show, into the other one.
    let thousandths = |score: f64| (score * 1000.0).round() / 1000.0 + 0.0;
    let named = |items: [&str; 2]| items.map(str::to_owned);
    Consensus {
        object_id: object.id.clone(),
        label: PairLabel {
            preferred: decided.map(|pair| pair.items[0].to_owned()),
            over: decided.map(|pair| pair.items[1].to_owned()),
            confidence,
            votes: pair.iter().flat_map(|pair| named(pair.items).into_iter().zip(pair.votes)).collect(),
            n_ties: pair.as_ref().map(|pair| pair.n_ties).filter(|n| *n > 0),
            scores: decided
                .and_then(|pair| Some(named(pair.items).into_iter().zip(pair.scores?.map(thousandths)).collect()))
                .unwrap_or_default(),
            workers: n_workers,
        },
        n_workers,
        confidence,
        unresolved,
        rejected: answers.rejected.clone(),
    }
}

/// Why a value is not a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum PairError {
    #[error("the value names no two items: neither `winner` and `loser` nor `left` and `right`")]
    NoPair,
    #[error(transparent)]
    SameItem(#[from] SameItem),
    #[error("`preferred` is neither `left`, `right`, `tie` nor one of the items")]
    NoOutcome,
}

/// One worker's comparison; an empty value, or two items of which nothing was said, is a field left blank.
fn parse(value: FieldValue<'_>) -> Result<Option<Preference>, PairError> {
    let decoded = value.structured();
    let value = decoded.view();
    if value.is_blank() {
        return Ok(None);
    }
    let text = |name: &str| {
        let text = value.member(name).and_then(FieldValue::scalar_text);
        text.filter(|text| !text.is_empty()).map(Cow::into_owned)
    };
    let (left, right, outcome) = match (text("winner"), text("loser"), text("left"), text("right")) {
        (Some(winner), Some(loser), ..) => (winner, loser, Outcome::First),
        (winner, _, Some(left), Some(right)) => match text("preferred").or(winner) {
            None => return Ok(None),
            Some(name) if name == "left" || name == left => (left, right, Outcome::First),
            Some(name) if name == "right" || name == right => (left, right, Outcome::Second),
            Some(name) if name == "tie" => (left, right, Outcome::Tie),
            Some(_) => return Err(PairError::NoOutcome),
        },
        _ => return Err(PairError::NoPair),
    };
    Ok(Some(Preference::in_order(left, right, outcome)?))
}

/// A careful worker errs once in twenty, a careless one guesses.
fn simulate(truth: FieldValue<'_>, careful: bool, _: &[LabelCategory], dice: &mut Dice) -> FieldValueBuf {
    let Ok(Some(Preference { first, second, outcome })) = parse(truth) else { return truth.to_buf() };
    if !dice.chance(if careful { 0.05 } else { 0.5 }) {
        return truth.to_buf();
    }
    let (winner, loser) = if outcome == Outcome::First { (second, first) } else { (first, second) };
    FieldValueBuf::object([("winner", winner), ("loser", loser)])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{label_of, mistakes};
    use super::super::typed_tests::Crowd;
    use super::*;

    fn check(parameters: Value, values: Value, expected: Value) {
        let outcome = label_of(&KIND, parameters, values.clone());
        assert_eq!(Value::Object(outcome.members), expected, "{values}");
    }

    #[test]
    fn every_shape_of_a_comparison_counts() {
        check(
            json!({"method": "majority-vote"}),
            json!([
                {"winner": "b", "loser": "a"},
                {"left": "a", "right": "b", "preferred": "right"},
                "{\"left\": \"b\", \"right\": \"a\", \"preferred\": \"b\"}",
                {"left": "a", "right": "b", "preferred": "tie"},
                {"left": "a", "right": "b", "winner": "a"},
                {"left": "a", "right": "b"}
            ]),
            json!({"preferred": "b", "over": "a", "confidence": 0.64, "votes": {"b": 3, "a": 1}, "ties": 1, "workers": 5}),
        );
    }

    #[test]
    fn agreement_has_stated_confidences() {
        let confidence = |n: usize| {
            let values: Value = (0..n).map(|_| json!({"winner": "b", "loser": "a"})).collect();
            label_of(&KIND, json!({}), values).members["confidence"].clone()
        };
        assert_eq!([1, 3].map(confidence), [json!(0.7), json!(0.87)]);
        let tied = label_of(&KIND, json!({}), json!([{"winner": "b", "loser": "a"}, {"winner": "a", "loser": "b"}]));
        assert_eq!((&tied.members["preferred"], &tied.members["confidence"]), (&json!("a"), &json!(0.5)));
    }

    #[test]
    fn the_label_is_about_the_pair_that_most_compared() {
        let outcome = label_of(
            &KIND,
            json!({"method": "bradley-terry"}),
            json!([{"winner": "c", "loser": "a"}, {"winner": "a", "loser": "b"}, {"winner": "b", "loser": "a"}]),
        );
        assert_eq!(outcome.members["votes"], json!({"a": 1, "b": 1}));
        assert!(outcome.members["scores"]["a"].as_f64() < Some(0.0), "{:?}", outcome.members);
    }

    #[test]
    fn what_compares_nothing_is_set_aside() {
        let outcome = label_of(
            &KIND,
            json!({}),
            json!([
                {"winner": "a"}, "left", {"left": "a", "right": "a", "preferred": "left"},
                {"left": "a", "right": "b", "preferred": "up"}, {}
            ]),
        );
        let reasons: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "the value names no two items: neither `winner` and `loser` nor `left` and `right`",
                "the value names no two items: neither `winner` and `loser` nor `left` and `right`",
                "both items are the same",
                "`preferred` is neither `left`, `right`, `tie` nor one of the items"
            ]
        );
        assert_eq!(outcome.members["preferred"], Value::Null);
    }

    #[test]
    fn parameters_are_checked() {
        assert_eq!(
            mistakes(&KIND, json!({"method": "bt"})),
            "fields.field.method: must be `crowd-bt`, `bradley-terry` or `majority-vote`"
        );
    }

    #[test]
    fn typed_answers_give_the_same() {
        let crowd = Crowd::new(|_, odd| {
            let [better, worse] = [["dawn", "dusk"], ["dusk", "dawn"]][odd];
            (json!({ "winner": better, "loser": worse }), Preference::new(better, worse).expect("two items"))
        });
        crowd.check(&KIND, json!({}), consolidate(&crowd.answers, &Params::STANDARD));
    }
}
