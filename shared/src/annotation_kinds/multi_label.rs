//! Any number of categories per object: the multi-select classifiers, groups of check boxes, a list of texts.
//!
//! Every category stands for itself, and is chosen when its confidence reaches the threshold. The confidence of the label
//! is the mean over the chosen categories; when none is chosen, it is how sure one is that the most probable one is not
//! there.
//! - Method `auto`: the confidence of a category is how probable it is that it holds, given how often workers miss and
//!   invent categories, how plain they are to see and which come together ([`two_coin`]); threshold 0.4, because naming a
//!   category raises the F1 of the whole when its probability exceeds half of that F1, and crowds reach 0.8.
//! - Method `majority-vote`: the confidence of a category is its share of the workers who answered the field, in (0, 1];
//!   threshold 0.5.
//! - The other methods decide about each category alone, with "named it" and "did not" as votes; threshold 0.5.
//!
//! Known categories (gold) are the label, with the confidence 1 and the member `gold`, whatever quorum and threshold say,
//! and every method but `majority-vote` judges workers by them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

pub use super::categorical::{Method, Model};
use super::categorical::{confidence, of_this_field, says_something};
use super::classification::{as_map, is_false};
use super::read_values::jaccard;
use super::{AnnotationKind, Consolidator, Particulars, ReadValues, as_it_is, written};
use crate::answer::{OptionGroup, Options};
use crate::batch::{FieldBatch, FieldObject, RejectedAnswer};
use crate::consolidation::majority_vote::Tally;
use crate::consolidation::two_coin::{self, KnownCategories, Selection};
use crate::consolidation::votes::{Sizes, Votes, WorkerPrior};
use crate::dice::Dice;
use crate::document::Reader;
use crate::field_value::{FieldValue, FieldValueBuf, ValueShape};
use crate::label_content::{BuiltInTask, Decided, LabelContent};
use crate::typed::{Answers, Consensus, bounded};
use crate::vocabulary::{Confidence, LabelCategory, WorkerId};

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "multi-label",
    summary: "any number of categories: multi-select classifiers, groups of check boxes",
    methods: Method::NAMES,
    lone_method: Some(Method::MajorityVote.name()),
    claims,
    configure,
    // A known answer may be the name of its only category.
    read_values: |values, _| ReadValues::others(values, parse_gold, |a, b| jaccard(a, b)),
    label: LabelContent::Categories,
    as_answer: |decided| match decided {
        Decided::Categories(categories) => Some(FieldValueBuf::object([("labels", categories)])),
        _ => None,
    },
    simulate,
    examples: &[
        r#"{"labels": ["wet", "dark"]}"#,
        r#"["wet", "dark"]"#,
        r#"{"wet": true, "dark": true, "blurry": false}"#,
        r#""[\"wet\", \"dark\"]""#,
    ],
    particulars: Particulars {
        built_in: Some(BuiltInTask::MultiLabelClassification),
        check_gold: Some(|value| says_something(parse_gold(value))),
        ..Particulars::NONE
    },
};

/// The most probabilities of objects and categories, and the most votes on single categories, that a model may take on;
/// beyond, votes are counted.
const MAX_PROBABILITIES: usize = 1 << 24;

/// How selections of categories are consolidated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How categories are decided on.
    pub method: Method,
    /// The least confidence, from 0 to 1, with which a category is chosen; beyond, the nearer bound counts.
    pub threshold: f64,
}

impl Params {
    /// What the plan takes where it says nothing.
    pub const STANDARD: Self = Self::with_method(Method::Auto);

    /// A method with the threshold that the plan takes for it.
    pub const fn with_method(method: Method) -> Self {
        Self { method, threshold: if matches!(method, Method::Auto) { 0.4 } else { 0.5 } }
    }
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    let standard = Params::with_method(Method::read(reader).unwrap_or(Params::STANDARD.method));
    let params = Params { threshold: reader.number("threshold", 0.0..=1.0).unwrap_or(standard.threshold), ..standard };
    Box::new(move |batch| written(params.method.name(), decide(batch, parse, parse_gold, params)))
}

/// The categories of an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MultiLabel {
    /// The chosen categories, the surest first; none may be the answer.
    pub labels: Vec<LabelCategory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    /// How sure it is that a category holds, for every one that was voted for, the surest first.
    #[serde(serialize_with = "as_map")]
    pub confidences: Vec<(LabelCategory, Confidence)>,
    /// Every category that was voted for and its number of votes, most first.
    #[serde(serialize_with = "as_map")]
    pub votes: Vec<(LabelCategory, usize)>,
    workers: usize,
    /// Whether the label was known beforehand.
    #[serde(rename = "gold", skip_serializing_if = "is_false")]
    pub is_gold: bool,
    /// Which model was used, where the method leaves that open.
    #[serde(flatten)]
    pub model: Option<Model>,
}

/// The chosen categories, the surest first: `wet, dark`; `no category` where none is chosen.
impl fmt::Display for MultiLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, others)) = self.labels.split_first() else { return f.write_str("no category") };
        write!(f, "{first}")?;
        others.iter().try_for_each(|label| write!(f, ", {label}"))
    }
}

/// What the workers of one object chose, what is known to be right, and what was set aside.
struct Parsed<'a> {
    choices: Vec<(&'a WorkerId, Vec<LabelCategory>)>,
    gold: Option<Vec<LabelCategory>>,
    rejected: Vec<RejectedAnswer>,
}

impl<'a> Parsed<'a> {
    fn of<V: Copy, E: std::fmt::Display>(
        object: &FieldObject<'a, V>,
        parse: impl Fn(V) -> Result<Option<Vec<LabelCategory>>, E>,
        parse_gold: impl Fn(V) -> Result<Option<Vec<LabelCategory>>, E>,
    ) -> Self {
        let (choices, mut rejected) = object.parse(parse);
        let gold = object.parse_gold(parse_gold).unwrap_or_else(|reason| {
            rejected.push(reason);
            None
        });
        Self { choices, gold, rejected }
    }

    /// The categories that the object's workers chose, and those that are known to be right.
    fn named(&self) -> impl Iterator<Item = &LabelCategory> {
        self.choices.iter().flat_map(|(_, chosen)| chosen).chain(self.gold.iter().flatten())
    }
}

/// Consolidates the categories that each worker chose for each object: one consensus per object, in their order.
///
/// A worker who chose nothing answered too. [`Answers::categories`] and gold take part. The confidence of a consensus is the
/// mean over its chosen categories; when none is chosen, how sure it is that the most probable one does not hold.
///
/// ```
/// use ground_truth::{Answers, LabelCategory};
/// use ground_truth::annotation_kinds::multi_label::{self, Params};
///
/// let answers = Answers::from_rows([
///     ("photo-1", "ana", vec!["wet".into(), "dark".into()]),
///     ("photo-1", "bo", vec!["wet".into()]),
///     ("photo-1", "cy", vec!["wet".into()]),
/// ]);
///
/// let consensus = multi_label::consolidate(&answers, &Params::STANDARD);
/// assert_eq!(consensus[0].label.labels, [LabelCategory::new("wet")]);
/// assert_eq!(consensus[0].confidence.map(|confidence| confidence.rounded()), Some(0.94));
/// ```
pub fn consolidate(answers: &Answers<Vec<LabelCategory>>, params: &Params) -> Vec<Consensus<MultiLabel>> {
    let each_once = |chosen: &Vec<LabelCategory>| as_it_is(chosen).map(|chosen| chosen.map(sorted));
    let threshold = bounded(params.threshold, 0.0..=1.0, Params::with_method(params.method).threshold);
    decide(&answers.field(), each_once, each_once, Params { threshold, ..*params })
}

fn sorted(mut chosen: Vec<LabelCategory>) -> Vec<LabelCategory> {
    chosen.sort();
    chosen.dedup();
    chosen
}

fn decide<V: Copy, E: std::fmt::Display>(
    batch: &FieldBatch<'_, V>,
    parse: impl Fn(V) -> Result<Option<Vec<LabelCategory>>, E>,
    parse_gold: impl Fn(V) -> Result<Option<Vec<LabelCategory>>, E>,
    params: Params,
) -> Vec<Consensus<MultiLabel>> {
    let parsed: Vec<Parsed<'_>> = batch.objects.iter().map(|object| Parsed::of(object, &parse, &parse_gold)).collect();
    let selections = Selections::of(&parsed, batch.categories);
    let model = selections.fit(params.method);
    let mut rows = model.iter().flat_map(|probabilities| probabilities.chunks(selections.categories.len().max(1)));
    let outcomes = batch.objects.iter().zip(&parsed).map(|(object, parsed)| {
        // Without any category there are no probabilities either, yet the model has spoken.
        let nothing = model.as_ref().map(|_| &[][..]);
        let row = if parsed.choices.is_empty() { None } else { rows.next().or(nothing) };
        outcome(batch, object, parsed, row.map(|row| (&selections.categories, row)), params)
    });
    outcomes.collect()
}

fn outcome<V>(
    batch: &FieldBatch<'_, V>,
    object: &FieldObject<'_, V>,
    Parsed { choices, gold, rejected }: &Parsed<'_>,
    model: Option<(&BTreeMap<&LabelCategory, u32>, &[f64])>,
    params: Params,
) -> Consensus<MultiLabel> {
    let tally = Tally::count(choices.iter().flat_map(|(_, chosen)| chosen), batch.categories, choices.len());
    let mut confidences: Vec<(LabelCategory, Confidence)> =
        tally.shares().map(|(category, share)| (category.clone(), share)).collect();
    let mut largest = confidences.first().map_or(Confidence::ZERO, |(_, share)| *share);
    if let Some((categories, row)) = model {
        for (category, share) in &mut confidences {
            let probability = categories.get(category).and_then(|idx| row.get(*idx as usize));
            *share = probability.map_or(*share, |probability| confidence(*probability));
        }
        // Stable: equally probable ones stay in the order of their votes.
        confidences.sort_by(|(_, a), (_, b)| b.value().total_cmp(&a.value()));
        largest = confidence(row.iter().copied().fold(0.0, f64::max));
    }
    if let Some(gold) = gold {
        confidences = certain(&tally, gold);
        largest = Confidence::ZERO;
    }
    let unresolved = batch.shortfall(object, choices.len()).filter(|_| gold.is_none());
    let is_chosen = |(category, share): &&(LabelCategory, Confidence)| match gold {
        Some(gold) => gold.contains(category),
        // A threshold of 0 still asks for one vote: categories without any are not in the tally.
        None => unresolved.is_none() && share.value() >= params.threshold - 1e-9,
    };
    let chosen: Vec<(LabelCategory, Confidence)> = confidences.iter().filter(is_chosen).cloned().collect();
    let confidence = Confidence::mean(chosen.iter().map(|(_, share)| *share))
        .or_else(|| Some(largest.complement()))
        .filter(|_| unresolved.is_none());
    Consensus {
        object_id: object.id.clone(),
        label: MultiLabel {
            labels: chosen.iter().map(|(category, _)| category.clone()).collect(),
            confidence,
            confidences,
            votes: tally.votes,
            workers: tally.n_workers,
            is_gold: gold.is_some(),
            model: match (params.method, model) {
                (Method::Auto, Some(_)) => Some(Model::TWO_COIN),
                (method, None) => method.model_when_counted(),
                _ => None,
            },
        },
        n_workers: tally.n_workers,
        confidence,
        unresolved,
        rejected: rejected.clone(),
    }
}

/// 1 for the known categories and 0 for the others that were voted for.
fn certain(tally: &Tally, gold: &[LabelCategory]) -> Vec<(LabelCategory, Confidence)> {
    let is_voted = |category: &LabelCategory| tally.votes.iter().any(|(voted, _)| voted == category);
    let voted = tally.votes.iter().map(|(category, _)| category);
    let (right, wrong): (Vec<_>, Vec<_>) = voted.partition(|category| gold.contains(category));
    let unvoted = gold.iter().filter(|category| !is_voted(category));
    let with = |probability: f64| move |category: &LabelCategory| (category.clone(), confidence(probability));
    right.into_iter().chain(unvoted).map(with(1.0)).chain(wrong.into_iter().map(with(0.0))).collect()
}

/// The answers of a batch as indices, without the objects that nobody answered.
struct Selections<'a> {
    of_objects: Vec<Vec<Selection>>,
    /// What is known about some of these objects.
    known: KnownCategories,
    n_workers: usize,
    /// Each category's index.
    categories: BTreeMap<&'a LabelCategory, u32>,
}

impl<'a> Selections<'a> {
    fn of(parsed: &'a [Parsed<'a>], declared: &'a [LabelCategory]) -> Self {
        let answers = || parsed.iter().flat_map(|parsed| &parsed.choices);
        let named = || parsed.iter().flat_map(Parsed::named);
        let all: BTreeSet<&LabelCategory> = of_this_field(declared, named()).iter().chain(named()).collect();
        let categories: BTreeMap<&LabelCategory, u32> = all.into_iter().zip(0..).collect();
        let workers: BTreeSet<&WorkerId> = answers().map(|(worker_id, _)| *worker_id).collect();
        let workers: BTreeMap<&WorkerId, u32> = workers.into_iter().zip(0..).collect();
        let selection = |(worker_id, chosen): &(&WorkerId, Vec<LabelCategory>)| {
            let chosen = chosen.iter().filter_map(|category| categories.get(category).copied()).collect();
            Some(Selection { worker: *workers.get(worker_id)?, chosen })
        };
        let answered = || parsed.iter().filter(|parsed| !parsed.choices.is_empty());
        let of_objects = answered().map(|parsed| parsed.choices.iter().filter_map(selection).collect()).collect();
        let indices =
            |gold: &Vec<LabelCategory>| gold.iter().filter_map(|name| categories.get(name).copied()).collect();
        let known = answered().enumerate().filter_map(|(n, parsed)| Some((n, parsed.gold.as_ref().map(indices)?)));
        Self { of_objects, known: known.collect(), n_workers: workers.len(), categories }
    }

    /// Per object and category how probable it is that the category holds; `None` when votes are to be counted.
    fn fit(&self, method: Method) -> Option<Vec<f64>> {
        let n_answers: usize = self.of_objects.iter().map(Vec::len).sum();
        let n_categories = self.categories.len();
        if method == Method::MajorityVote || n_answers.saturating_mul(n_categories) > MAX_PROBABILITIES {
            return None;
        }
        if method == Method::Auto {
            let fit =
                two_coin::fit(&self.of_objects, &self.known, self.n_workers, n_categories, &two_coin::Params::STANDARD);
            return Some(fit.probabilities);
        }
        let nobody = WorkerPrior::none(self.n_workers);
        let mut probabilities = vec![0.0; self.of_objects.len() * n_categories];
        for category in 0..n_categories {
            let (fit, _) = method.fit(&self.votes_on(category as u32)?, &nobody)?;
            for (probability, row) in
                probabilities.iter_mut().skip(category).step_by(n_categories).zip(fit.posteriors.rows())
            {
                *probability = row[1];
            }
        }
        Some(probabilities)
    }

    /// Who named one category (1) and who did not (0); `None` when a worker answered twice.
    fn votes_on(&self, category: u32) -> Option<Votes> {
        let (mut objects, mut voters, mut named) = (Vec::new(), Vec::new(), Vec::new());
        for (object, answers) in (0..).zip(&self.of_objects) {
            for answer in answers {
                objects.push(object);
                voters.push(answer.worker);
                named.push(u32::from(answer.chosen.contains(&category)));
            }
        }
        let sizes = Sizes { n_objects: self.of_objects.len(), n_workers: self.n_workers, n_categories: 2 };
        let holds = |(object, known): (&usize, &Vec<u32>)| (*object as u32, u32::from(known.contains(&category)));
        let gold: Vec<(u32, u32)> = self.known.iter().map(holds).collect();
        Votes::new(sizes, &objects, &voters, &named).ok()?.with_gold(&gold).ok()
    }
}

/// A value that is not a list of categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value is not a list of categories")]
pub(super) struct NoListError;

/// The categories that one worker chose, each once; the empty list is an answer, empty text is none.
fn parse(value: FieldValue<'_>) -> Result<Option<Vec<LabelCategory>>, NoListError> {
    let decoded = value.structured();
    let value = decoded.view();
    if value.is_blank() && value.shape() != ValueShape::List {
        return Ok(None);
    }
    let chosen: Vec<LabelCategory> = match (listed(value), Options::read(value)) {
        (Some(listed), _) => {
            listed.map(|name| name.scalar_text().map(LabelCategory::new)).collect::<Option<_>>().ok_or(NoListError)?
        }
        (None, Some(options)) => options.ticked().map(LabelCategory::new).collect(),
        (None, None) => return Err(NoListError),
    };
    Ok(Some(sorted(chosen)))
}

/// The categories that are known to be right: as a worker answers, or the name of the only one.
pub(super) fn parse_gold(value: FieldValue<'_>) -> Result<Option<Vec<LabelCategory>>, NoListError> {
    match value.structured().view().text().filter(|text| !text.is_empty()) {
        Some(only) => Ok(Some(vec![LabelCategory::new(only)])),
        None => parse(value),
    }
}

/// The list under `labels`, or the value itself if it is a list.
fn listed(value: FieldValue<'_>) -> Option<impl Iterator<Item = FieldValue<'_>> + Clone> {
    value.member("labels").unwrap_or(value).elements()
}

/// Claims lists of texts, bare or under `labels`, and groups of check boxes.
fn claims(values: &[FieldValue<'_>], _: &[LabelCategory]) -> usize {
    let are_check_boxes = OptionGroup::of(values.iter().copied()) == Some(OptionGroup::AnyOf);
    let is_list =
        |value: FieldValue<'_>| listed(value).is_some_and(|mut list| list.all(|name| name.shape() == ValueShape::Text));
    values
        .iter()
        .filter(|value| is_list(value.structured().view()) || (are_check_boxes && Options::read(**value).is_some()))
        .count()
}

/// A careless worker names one category too many or one too few, in the same shape.
fn simulate(truth: FieldValue<'_>, careful: bool, categories: &[LabelCategory], dice: &mut Dice) -> FieldValueBuf {
    if careful {
        return truth.to_buf();
    }
    if let Some(options) = Options::read(truth) {
        let flipped = dice.below(options.names().count());
        let ticked: Vec<&str> = options.ticked().collect();
        let flip = |(idx, name)| (name, ticked.contains(&name) != (idx == flipped));
        return FieldValueBuf::object(options.names().enumerate().map(flip));
    }
    let Some(right) = listed(truth) else {
        return truth.to_buf();
    };
    let mut chosen: Vec<FieldValueBuf> = right.map(FieldValue::to_buf).collect();
    let missing: Vec<FieldValueBuf> =
        categories.iter().map(FieldValueBuf::of).filter(|name| !chosen.contains(name)).collect();
    match dice.pick(&missing) {
        Some(extra) if chosen.is_empty() || dice.chance(0.5) => chosen.push(extra.clone()),
        _ if !chosen.is_empty() => drop(chosen.remove(dice.below(chosen.len()))),
        _ => {}
    }
    if truth.shape() == ValueShape::List {
        FieldValueBuf::list(chosen)
    } else {
        FieldValueBuf::object([("labels", chosen)])
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{label_of, mistakes};
    use serde_json::{Value, json};

    use super::super::typed_tests::{Crowd, category, check_range};
    use super::*;

    fn check(parameters: Value, values: Value, expected: Value) {
        let outcome = label_of(&KIND, parameters, values.clone());
        assert_eq!(Value::Object(outcome.members), expected, "{values}");
    }

    #[test]
    fn each_category_is_voted_on_alone() {
        check(
            json!({"method": "majority-vote"}),
            json!([{"labels": ["wet", "dark"]}, ["wet"], {"wet": true, "dark": false}, "[\"wet\", \"dark\", \"dark\"]"]),
            json!({"labels": ["wet", "dark"], "confidence": 0.75, "confidences": {"wet": 1.0, "dark": 0.5},
                   "votes": {"wet": 4, "dark": 2}, "workers": 4}),
        );
        check(
            json!({"method": "majority-vote", "threshold": 0.6}),
            json!([["wet", "dark"], ["wet"]]),
            json!({"labels": ["wet"], "confidence": 1.0, "confidences": {"wet": 1.0, "dark": 0.5},
                   "votes": {"wet": 2, "dark": 1}, "workers": 2}),
        );
    }

    #[test]
    fn a_category_is_chosen_when_it_is_probable() {
        check(
            json!({}),
            json!([["wet", "dark"], ["wet"], ["wet"]]),
            json!({"labels": ["wet"], "confidence": 0.94, "confidences": {"wet": 0.94, "dark": 0.29},
                   "votes": {"wet": 3, "dark": 1}, "workers": 3, "model": "two-coin",
                   "modelReason": "several-may-hold"}),
        );
    }

    #[test]
    fn every_method_agrees_with_the_unanimous() {
        for method in Method::NAMES {
            let outcome = label_of(&KIND, json!({"method": method}), json!([["wet"], ["wet"], ["wet"]]));
            assert_eq!((outcome.method, &outcome.members["labels"]), (Some(*method), &json!(["wet"])));
        }
    }

    #[test]
    fn nothing_can_be_the_answer() {
        check(
            json!({"method": "majority-vote"}),
            json!([[], {"labels": []}, {"a": false, "b": false}, ["a"]]),
            json!({"labels": [], "confidence": 0.75, "confidences": {"a": 0.25}, "votes": {"a": 1}, "workers": 4}),
        );
        check(
            json!({}),
            json!([[]]),
            json!({"labels": [], "confidence": 1.0, "confidences": {}, "votes": {}, "workers": 1, "model": "two-coin",
                   "modelReason": "several-may-hold"}),
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

    #[test]
    fn typed_answers_give_the_same() {
        let crowd = Crowd::new(|_, odd| {
            let chosen = vec![category(0), category(odd)];
            (json!(chosen), chosen)
        });
        crowd.check(&KIND, json!({}), consolidate(&crowd.answers, &Params::STANDARD));
        let labels = |threshold| consolidate(&crowd.answers, &Params { threshold, ..Params::STANDARD });
        check_range(&[[7.0, 1.0], [-1.0, 0.0], [f64::NAN, Params::STANDARD.threshold]], labels);
    }
}
