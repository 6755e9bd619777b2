//! One category per object: `crowd-classifier`, `crowd-image-classifier`, a `<select>`, radio buttons, a lone check box.
//!
//! The methods are those of [`categorical`](super::categorical), `auto` first: the category with the largest probability,
//! which is the confidence. With `majority-vote` the category with the most votes, whose confidence is its share of the
//! workers who answered the field, in (0, 1]; a lone worker's label has 1. Ties fall to the category declared first, then
//! to the lexicographically smaller name; or leave the field unresolved, if the plan says so.
//!
//! A known answer (gold) is the label, with the confidence 1 and the member `gold`, whatever quorum and shares say; every
//! method but `majority-vote` judges workers by it.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use super::categorical::{Choices, Decision, ParsedChoices, says_something};
pub use super::categorical::{Method, Model};
use super::{AnnotationKind, Consolidator, Particulars, ReadValues, as_it_is, named, written};
use crate::answer::{OptionGroup, Options};
use crate::batch::{FieldBatch, FieldObject, Unresolved};
use crate::consolidation::majority_vote::Tally;
use crate::dice::Dice;
use crate::document::Reader;
use crate::field_value::{FieldValue, FieldValueBuf, ValueShape};
use crate::label_content::{BuiltInTask, Decided, LabelContent};
use crate::parallel;
use crate::typed::{Answers, Consensus, bounded};
use crate::vocabulary::{Confidence, LabelCategory};
use crate::worker_skills::FieldSkills;

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "classification",
    summary: "one category: crowd-classifier, select, radio buttons, a lone check box",
    methods: Method::NAMES,
    lone_method: Some(Method::MajorityVote.name()),
    claims,
    configure,
    read_values: |values, declared| ReadValues::categories(values, declared, parse),
    label: LabelContent::Category,
    as_answer,
    simulate,
    examples: &[
        r#"{"label": "otter"}"#,
        r#"{"label": "otter", "workerComment": "left edge"}"#,
        r#""{\"label\": \"otter\"}""#,
        r#"{"otter": true, "heron": false}"#,
        r#"{"on": true}"#,
        "true",
    ],
    particulars: Particulars {
        built_in: Some(BuiltInTask::Classification),
        check_gold: Some(|value| says_something(parse(value))),
        worker_skills: Some(worker_skills),
        ..Particulars::NONE
    },
};

/// What to do when several categories have the most votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ties {
    /// The category declared first wins, then the lexicographically smaller.
    First,
    /// There is no label; the reason is `tie`.
    Unresolved,
}

named!(Ties, "rule for ties": First = "first", Unresolved = "unresolved");

/// How single choices are consolidated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How categories are decided on.
    pub method: Method,
    /// What becomes of a tie.
    pub ties: Ties,
    /// The least share of an object's votes, from 0 to 1, that its label must have; beyond, the nearer bound counts.
    pub min_share: f64,
}

impl Params {
    /// What the plan takes where it says nothing.
    pub const STANDARD: Self = Self { method: Method::Auto, ties: Ties::First, min_share: 0.0 };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    let standard = Params::STANDARD;
    let params = Params {
        method: Method::read(reader).unwrap_or(standard.method),
        ties: reader.choice("ties", Ties::BY_NAME).unwrap_or(standard.ties),
        min_share: reader.number("minShare", 0.0..=1.0).unwrap_or(standard.min_share),
    };
    Box::new(move |batch| written(params.method.name(), decide(batch, parse, params)))
}

/// The category of an object. On the wire `confidences` and `model` are there only when a model was fitted, `gold` only
/// where the answer was known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassificationLabel {
    /// The category; `None` where nothing was decided.
    pub label: Option<LabelCategory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    /// The probability of the label and of every category that was voted for, most probable first; empty when votes were
    /// counted.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_map")]
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
impl fmt::Display for ClassificationLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.label.iter().try_for_each(|label| label.fmt(f))
    }
}

/// For members that are only written when they are true.
pub(super) fn is_false(flag: &bool) -> bool {
    !flag
}

/// Pairs as an object whose members keep their order.
pub(super) fn as_map<S: Serializer, T: Serialize>(
    pairs: &[(LabelCategory, T)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(category, value)| (category, value)))
}

/// Consolidates the category that each worker chose for each object: one consensus per object, in their order.
///
/// [`Answers::categories`], gold and skills take part. The confidence of a consensus is the estimated probability that the
/// label is right; with [`Method::MajorityVote`] the label's share of the votes.
///
/// ```
/// use ground_truth::annotation_kinds::classification::{self, Method, Params};
/// use ground_truth::{Answers, Unresolved};
///
/// let answers = Answers::from_rows([
///     ("photo-1", "ana", "otter"),
///     ("photo-1", "bo", "otter"),
///     ("photo-1", "cy", "heron"),
/// ]);
///
/// let consensus = classification::consolidate(&answers, &Params::STANDARD);
/// assert_eq!(consensus[0].to_string(), "photo-1: otter (0.75)");
/// let label = consensus[0].decided()?;
/// assert_eq!(label.votes, [("otter".into(), 2), ("heron".into(), 1)]);
///
/// let params = Params { method: Method::MajorityVote, ..Params::STANDARD };
/// assert_eq!(classification::consolidate(&answers, &params)[0].to_string(), "photo-1: otter (0.67)");
/// # Ok::<(), Unresolved>(())
/// ```
#[doc(alias("majority vote", "Dawid-Skene", "aggregate"))]
pub fn consolidate(answers: &Answers<LabelCategory>, params: &Params) -> Vec<Consensus<ClassificationLabel>> {
    let min_share = bounded(params.min_share, 0.0..=1.0, Params::STANDARD.min_share);
    decide(&answers.field(), as_it_is, Params { min_share, ..*params })
}

fn decide<V: Copy + Sync, E: std::fmt::Display>(
    batch: &FieldBatch<'_, V>,
    parse: impl Fn(V) -> Result<Option<LabelCategory>, E> + Send + Sync,
    params: Params,
) -> Vec<Consensus<ClassificationLabel>> {
    let parsed = ParsedChoices::of_batch(batch, parse);
    let decisions = Choices::new(batch.categories, &parsed, LabelCategory::cmp).decide(params.method, batch.skills);
    let objects = batch.objects.iter().zip(&parsed).zip(decisions).collect();
    parallel::map(objects, |((object, parsed), decision)| outcome(batch, object, parsed, decision, params))
}

/// Estimates of how many answers of each worker how many are right, for [`Answers::skills`] of other objects. Answers that
/// stand alone do not count.
///
/// ```
/// use ground_truth::Answers;
/// use ground_truth::annotation_kinds::classification;
///
/// // Of three workers who saw twenty objects, the third calls every otter a heron.
/// let mut answers = Answers::default();
/// for object in 0..20 {
///     for (worker, name) in [("ana", "otter"), ("bo", "otter"), ("cy", "heron")] {
///         answers.add(object.to_string(), worker, name);
///     }
/// }
/// let skills = classification::skills(&answers);
/// let (right, asked) = skills["cy"].counts();
/// assert!(right < 6.0 && asked == 20.0);
/// ```
pub fn skills(answers: &Answers<LabelCategory>) -> FieldSkills {
    skills_in(&answers.field(), as_it_is)
}

/// How good the workers are.
pub(super) fn worker_skills(batch: &FieldBatch<'_>) -> FieldSkills {
    skills_in(batch, parse)
}

fn skills_in<V: Copy + Sync, E: std::fmt::Display>(
    batch: &FieldBatch<'_, V>,
    parse: impl Fn(V) -> Result<Option<LabelCategory>, E> + Send + Sync,
) -> FieldSkills {
    let parsed = ParsedChoices::of_batch(batch, parse);
    Choices::new(batch.categories, &parsed, LabelCategory::cmp).worker_skills(batch.skills)
}

fn outcome<V>(
    batch: &FieldBatch<'_, V>,
    object: &FieldObject<'_, V>,
    ParsedChoices { choices, gold, rejected }: &ParsedChoices<'_>,
    decision: Option<Decision>,
    params: Params,
) -> Consensus<ClassificationLabel> {
    let tally = Tally::count(choices.iter().map(|(_, category)| category), batch.categories, choices.len());
    let decision = decision.or_else(|| Decision::by_majority(&tally, params.method));
    let votes_for = |label: &LabelCategory| tally.votes.iter().find(|(voted, _)| voted == label).map_or(0, |(_, n)| *n);
    let share = decision.as_ref().map(|decision| Confidence::share(votes_for(&decision.label), tally.n_workers));
    let is_tied = decision.as_ref().is_some_and(|decision| decision.is_tied);
    let unresolved = batch
        .shortfall(object, choices.len())
        .or_else(|| (params.ties == Ties::Unresolved && is_tied).then_some(Unresolved::Tie))
        .or_else(|| share.filter(|share| share.value() < params.min_share).map(|_| Unresolved::ShareTooSmall))
        .filter(|_| gold.is_none());
    let made = decision.as_ref().filter(|_| unresolved.is_none()).map(|decision| decision.label.clone());
    let confidence = decision.as_ref().filter(|_| unresolved.is_none()).map(|decision| decision.confidence);
    let (model, confidences) = decision.map_or((None, Vec::new()), |decision| (decision.model, decision.confidences));
    Consensus {
        object_id: object.id.clone(),
        label: ClassificationLabel {
            label: made,
            confidence,
            confidences,
            votes: tally.votes,
            workers: tally.n_workers,
            is_gold: gold.is_some(),
            model,
        },
        n_workers: tally.n_workers,
        confidence,
        unresolved,
        rejected: rejected.clone(),
    }
}

/// Why a value names no category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ChoiceError {
    #[error("more than one option is ticked in a single choice")]
    SeveralTicked,
    #[error("the value names no category")]
    NoCategory,
}

/// One worker's choice; `None` when the field was left blank. A lone box that is not ticked is a choice too: `not on`.
pub(super) fn parse(value: FieldValue<'_>) -> Result<Option<LabelCategory>, ChoiceError> {
    let decoded = value.structured();
    let value = decoded.view();
    if value.is_blank() {
        return Ok(None);
    }
    if let Some(label) = labeled(value) {
        return Ok((!label.is_empty()).then(|| LabelCategory::new(label)));
    }
    if let Some(options) = Options::read(value) {
        let names: Vec<&str> = options.names().collect();
        let ticked: Vec<&str> = options.ticked().collect();
        return match (names.as_slice(), ticked.as_slice()) {
            (_, [only]) => Ok(Some(LabelCategory::new(*only))),
            ([lone], []) => Ok(Some(LabelCategory::new(format!("not {lone}")))),
            (_, []) => Ok(None),
            (_, _) => Err(ChoiceError::SeveralTicked),
        };
    }
    value.scalar_text().map(LabelCategory::new).map(Some).ok_or(ChoiceError::NoCategory)
}

/// The text under `label`: what the crowd classifiers send. A boolean there would be a check box called "label".
fn labeled(value: FieldValue<'_>) -> Option<Cow<'_, str>> {
    value.member("label").filter(|label| label.shape() != ValueShape::Flag)?.scalar_text()
}

/// Claims objects with a `label`, booleans (as text too, from hidden inputs), radio buttons and lone check boxes, and plain
/// text that is one of the job's label categories.
fn claims(values: &[FieldValue<'_>], categories: &[LabelCategory]) -> usize {
    let group = OptionGroup::of(values.iter().copied());
    let is_named = |text: &str| ["true", "false"].contains(&text) || is_among(text, categories);
    let is_choice = |value: FieldValue<'_>| match value.shape() {
        ValueShape::Flag => true,
        ValueShape::Text => value.text().is_some_and(|text| is_named(&text)),
        _ if Options::read(value).is_some() => group != Some(OptionGroup::AnyOf),
        _ => labeled(value).is_some() && value.member("labels").is_none(),
    };
    values.iter().filter(|value| is_choice(value.structured().view())).count()
}

/// Whether a text is the name of a category.
pub(super) fn is_among(text: &str, categories: &[LabelCategory]) -> bool {
    categories.iter().any(|category| category.as_str() == text)
}

/// As the crowd classifiers send it.
pub(super) fn as_answer(decided: &Decided<'_>) -> Option<FieldValueBuf> {
    match decided {
        Decided::Category(category) => Some(FieldValueBuf::object([("label", category)])),
        _ => None,
    }
}

/// A careless worker's choice is another category than the right one, in the same shape.
pub(super) fn simulate(
    truth: FieldValue<'_>,
    careful: bool,
    categories: &[LabelCategory],
    dice: &mut Dice,
) -> FieldValueBuf {
    if careful {
        return truth.to_buf();
    }
    let mut other = |right: &str| {
        let others: Vec<&LabelCategory> = categories.iter().filter(|category| category.as_str() != right).collect();
        dice.pick(&others).map_or(right.to_owned(), |category| category.as_str().to_owned())
    };
    if let Some(right) = truth.flag() {
        return FieldValueBuf::of(!right);
    }
    if let Some(right) = truth.text() {
        return FieldValueBuf::of(other(&right));
    }
    if let Some(right) = labeled(truth) {
        return truth.to_buf().with_member("label", other(&right));
    }
    let Some(options) = Options::read(truth) else { return truth.to_buf() };
    let wrong: Vec<&str> = options.names().filter(|name| !options.ticked().any(|right| right == *name)).collect();
    let chosen = dice.pick(&wrong).copied();
    FieldValueBuf::object(options.names().map(|name| (name, chosen == Some(name))))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{label_of, mistakes};
    use serde_json::{Value, json};

    use super::super::typed_tests::{Crowd, category, check_range};
    use super::*;
    use crate::batch::Quorum;

    fn check(parameters: Value, values: Value, expected: &str) {
        let outcome = label_of(&KIND, parameters, values.clone());
        let label = match (outcome.unresolved, &outcome.members["label"]) {
            (None, label) => format!("{} {}", label.as_str().expect("a label"), outcome.members["confidence"]),
            (Some(reason), Value::Null) => reason.to_string(),
            (Some(reason), label) => format!("{label} although {reason}"),
        };
        let rejected: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        let text = [vec![label.as_str()], rejected].concat().join("; ");
        assert_eq!(text, expected, "{values}");
    }

    #[test]
    fn most_votes_win_and_the_share_is_the_confidence() {
        let majority = json!({"method": "majority-vote"});
        check(majority.clone(), json!([{"label": "cat"}, {"label": "cat"}, {"label": "dog"}]), "cat 0.67");
        check(majority.clone(), json!([{"label": "cat"}]), "cat 1.0");
        check(majority, json!([]), "no-usable-answer");
    }

    #[test]
    fn confidence_is_how_probable_the_label_is() {
        check(json!({}), json!(["cat"]), "cat 0.8");
        check(json!({}), json!(["cat", "cat"]), "cat 0.91");
        check(json!({}), json!(["cat", "cat", "cat"]), "cat 0.94");
        check(json!({}), json!(["cat", "cat", "dog"]), "cat 0.75");
        check(json!({}), json!(["cat", "dog"]), "cat 0.5");
        check(json!({"categories": ["cat", "dog", "eel", "fox"]}), json!(["cat"]), "cat 0.7");
        check(json!({}), json!([]), "no-usable-answer");
    }

    #[test]
    fn a_label_tells_its_probabilities_and_models() {
        let outcome = label_of(&KIND, json!({}), json!(["cat", "cat", "dog"]));
        assert_eq!(
            Value::Object(outcome.members),
            json!({"label": "cat", "confidence": 0.75, "confidences": {"cat": 0.75, "dog": 0.25},
                   "votes": {"cat": 2, "dog": 1}, "workers": 3, "model": "weighted-vote+one-coin", "modelReason": "few-objects"})
        );
    }

    #[test]
    fn every_method_agrees_with_the_unanimous() {
        for method in Method::NAMES {
            let outcome = label_of(&KIND, json!({"method": method}), json!(["cat", "cat", "cat"]));
            assert_eq!((outcome.method, &outcome.members["label"]), (Some(*method), &json!("cat")));
            let other = label_of(&KIND, json!({"method": method}), json!(["cat", "dog", "dog"]));
            assert_eq!(other.members["label"], json!("dog"), "{method}");
        }
    }

    /// The table in `docs/METHODS.md`: one worker, two who agree, two against one, one against one.
    #[test]
    fn every_method_says_of_next_to_nothing_what_is_documented() {
        let document = include_str!("../../../docs/METHODS.md");
        let (_, table) = document.split_once("| method | one worker |").expect("a table of stated values");
        let mut stated = Vec::new();
        for row in table.lines().skip(2).take_while(|line| line.starts_with('|')) {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            let number = |idx: usize| cells[idx].parse::<f64>().expect("a number");
            for method in cells[0].split(", ").map(|name| name.trim_matches('`')) {
                let check = |values: Value, expected: &str| {
                    check(json!({"method": method, "categories": ["cat", "dog"]}), values, expected);
                };
                check(json!(["dog"]), &format!("dog {:?}", number(1)));
                check(json!(["dog", "dog"]), &format!("dog {:?}", number(2)));
                check(json!(["dog", "cat", "dog"]), &format!("dog {:?}", number(3)));
                check(json!(["dog", "cat"]), &format!("cat {:?}", number(4)));
                check(json!([]), "no-usable-answer");
                stated.push(method);
            }
        }
        stated.sort_unstable();
        let mut methods = Method::NAMES.to_vec();
        methods.sort_unstable();
        assert_eq!(stated, methods, "every method stands there once");
    }

    #[test]
    fn ties_have_a_rule() {
        let tie = json!(["dog", "cat"]);
        check(json!({}), tie.clone(), "cat 0.5");
        check(json!({"categories": ["dog", "cat"]}), tie.clone(), "dog 0.5");
        check(json!({"ties": "unresolved"}), tie.clone(), "tie");
        check(json!({"ties": "unresolved", "method": "majority-vote"}), tie, "tie");
        check(json!({"ties": "unresolved"}), json!(["dog", "cat", "cat"]), "cat 0.75");
    }

    #[test]
    fn quorum_and_share_can_be_asked_for() {
        check(json!({"quorum": {"workers": 2}}), json!(["cat"]), "quorum-not-reached");
        check(json!({"quorum": {"share": 0.5}}), json!(["cat", null, null]), "quorum-not-reached");
        check(json!({"minShare": 0.7}), json!(["cat", "cat", "dog"]), "share-too-small");
        check(json!({"minShare": 0.6}), json!(["cat", "cat", "dog"]), "cat 0.75");
    }

    #[test]
    fn every_shape_of_a_single_choice_counts() {
        let check = |values: Value, expected: &str| check(json!({"method": "majority-vote"}), values, expected);
        check(
            json!([{"label": "cat", "workerComment": "?"}, "cat", {"cat": true, "dog": false}, "{\"label\": \"cat\"}"]),
            "cat 1.0",
        );
        check(json!([{"on": false}, {"on": false}, {"on": true}]), "not on 0.67");
        check(json!([true, true]), "true 1.0");
        check(json!([7, "7", {"label": 7}]), "7 1.0");
        check(json!([{"label": true, "other": false}]), "label 1.0");
    }

    #[test]
    fn blanks_are_no_answers_and_nonsense_is_set_aside() {
        let check = |values: Value, expected: &str| check(json!({"method": "majority-vote"}), values, expected);
        check(json!(["", {}, {"label": ""}, {"a": false, "b": false}, "cat"]), "cat 1.0");
        check(
            json!([{"a": true, "b": true}, [1], "cat"]),
            "cat 1.0; more than one option is ticked in a single choice; the value names no category",
        );
    }

    #[test]
    fn parameters_are_checked() {
        let all = json!({"method": "majority", "ties": "last", "minShare": 2, "treshold": 1});
        assert_eq!(
            mistakes(&KIND, all),
            "fields.field.method: must be `auto`, `majority-vote`, `weighted-vote`, `wawa`, `one-coin`, `dawid-skene`, \
             `dawid-skene-map`, `glad`, `mace`, `zero-based-skill`, `ebcc` or `ground-truth-em`; fields.field.ties: must be `first` or `unresolved`; \
             fields.field.minShare: must be a number from 0 to 1; \
             fields.field.treshold: unknown member; known are `kind`, `pointer`, `categories`, `quorum`, `method`, `ties` or `minShare`"
        );
    }

    #[test]
    fn typed_answers_give_the_same() {
        let crowd = Crowd::new(|_, odd| (json!({ "label": category(odd) }), category(odd)));
        crowd.check(&KIND, json!({}), consolidate(&crowd.answers, &Params::STANDARD));
        let labels = |min_share| consolidate(&crowd.answers, &Params { min_share, ..Params::STANDARD });
        check_range(&[[7.0, 1.0], [-1.0, 0.0], [f64::NAN, 0.0]], labels);
    }

    #[test]
    fn quorum_gold_and_categories_mean_the_same_with_types() {
        let mut crowd = Crowd::new(|_, odd| (json!(category(odd)), category(odd)));
        crowd.answers.categories = vec![category(1), category(0)];
        crowd.answers.quorum = Quorum::Share(0.75);
        crowd.answers.set_gold("2", category(1));
        let plan = json!({
            "fields": {"field": {"kind": "classification", "quorum": {"share": 0.75}, "categories": ["heron", "otter"]}},
            "gold": {"field": {"2": "heron"}},
        });
        crowd.check_plan(&plan, consolidate(&crowd.answers, &Params::STANDARD));
    }
}
