//! Text that workers type: `crowd-input`, `crowd-text-area`, `<textarea>`; transcriptions, translations, comments, tags.
//!
//! - `medoid` (default): the answer that is nearest to all others ([`text_medoid`]). Always the words of one worker, so it
//!   is safe for any text, from a tag to a translation; a text that more than half of the weight gave wins outright.
//! - `rover`: a new text, each word voted on ([`rover`]); for transcriptions, where every worker heard or read the same
//!   words. Case and punctuation do not count in the vote; the form most of the winners wrote is kept. `unit` sets the vote
//!   on `words` (default) or on single `characters`, for scripts without blanks and for license plates.
//!
//! Answers are weighted by how near their worker comes to the others (`workerWeights`, default true). With `rover` this
//! counts strongly, since good transcriptions are equal; with `medoid` slightly, since good translations are not.
//!
//! The confidence of a text is the estimated share of its words that are right (for a text of one word: the probability
//! that it is right). Without gold it rests on how far the answers agree on each word: with the medoid on the smoothed
//! share `(support + 0.7) / (weight + 1)`, so that a lone worker's text has 0.85, three equal ones 0.93 and two of three
//! 0.68; with ROVER on the mean of that and of the probability that the winners are right when each answer is right in
//! four of five words, so that a lone worker's text has 0.83, three equal ones 0.95 and two of three 0.74. Two
//! translations can both be right and share few words, so there it is a lower bound.
//!
//! Every text is claimed that is not a number, a label category of the job or JSON: nothing is lost by it, for the label of
//! the default method lists all different answers with their workers.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::classification::is_among;
use super::number::is_number;
use super::{AnnotationKind, Consolidator, Particulars, ReadValues, counted, named, written};
use crate::batch::{FieldBatch, FieldObject, RejectedAnswer};
use crate::consolidation::edit_distance::Symbols;
use crate::consolidation::rover::{self, Slot};
use crate::consolidation::text_medoid::{self, AnsweredObject, Distances};
use crate::dice::Dice;
use crate::document::Reader;
use crate::field_value::{FieldValue, FieldValueBuf, ValueShape};
use crate::label_content::{Decided, LabelContent};
use crate::parallel;
use crate::typed::{Answers, Consensus};
use crate::vocabulary::{Confidence, LabelCategory, WorkerId};

/// The longest text that is compared with others: beyond a page or two, the square of the length would tie the function
/// up.
const MAX_CHARACTERS: usize = 20_000;

/// The most units that are aligned, for the same reason.
const MAX_UNITS: usize = 4_000;

/// The share of words that agree in the one answer that is added before a share is taken.
const PRIOR_AGREEMENT: f64 = 0.7;

/// How often a word of a transcription is right.
const WORD_ACCURACY: f64 = 0.8;

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "free-text",
    summary: "text that workers type: crowd-input, crowd-text-area, textarea",
    methods: Method::NAMES,
    lone_method: Some(Method::Medoid.name()),
    claims,
    configure,
    read_values,
    label: LabelContent::Text,
    as_answer,
    simulate,
    examples: &[r#""an otter near the weir""#, r#""wet fur""#],
    particulars: Particulars::NONE,
};

/// How texts are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Method {
    /// The default: the answer that is nearest to all others.
    Medoid,
    /// A new text, each word voted on.
    Rover,
}

named!(
    Method, "method":
    Medoid = "medoid",
    Rover = "rover",
);

/// What of a text is voted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Whatever stands between blanks.
    Words,
    /// Single characters, for scripts without blanks and for license plates.
    Characters,
}

named!(Unit, "unit": Words = "words", Characters = "characters");

/// How texts are consolidated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    /// How the texts of several workers become one.
    pub method: Method,
    /// What ROVER aligns and votes on: words or characters.
    pub unit: Unit,
    /// Whether answers weigh by how near their worker comes to the others.
    pub worker_weights: bool,
}

impl Params {
    /// What the plan takes where it says nothing.
    pub const STANDARD: Self = Self { method: Method::Medoid, unit: Unit::Words, worker_weights: true };

    fn weights(&self) -> text_medoid::Params {
        let sharpness = match (self.worker_weights, self.method) {
            (false, _) => 0.0,
            (true, Method::Medoid) => text_medoid::Params::STANDARD.sharpness,
            (true, Method::Rover) => 3.0,
        };
        text_medoid::Params { sharpness, ..text_medoid::Params::STANDARD }
    }
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    let standard = Params::STANDARD;
    let params = Params {
        method: reader.choice("method", Method::BY_NAME).unwrap_or(standard.method),
        unit: reader.choice("unit", Unit::BY_NAME).unwrap_or(standard.unit),
        worker_weights: reader.flag("workerWeights").unwrap_or(standard.worker_weights),
    };
    Box::new(move |batch| written(params.method.name(), fuse(batch, |value| parse(value, params.unit), params)))
}

/// The text of an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextLabel {
    /// The text; `None` where nothing was decided.
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    /// Every different text with its workers, most first, then in the order of the texts. With [`Method::Medoid`] alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<Vec<CountedText>>,
    workers: usize,
}

/// The text; nothing where none was decided.
impl fmt::Display for TextLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.iter().try_for_each(|text| text.fmt(f))
    }
}

/// A text that workers gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountedText {
    /// The text, letter by letter as given.
    pub text: String,
    /// Number of workers who gave exactly this text.
    #[serde(rename = "workers")]
    pub n_workers: usize,
}

impl CountedText {
    fn of((text, n_workers): (&&str, usize)) -> Self {
        Self { text: (*text).to_owned(), n_workers }
    }
}

/// The usable answers to one object, sorted by their texts.
struct Texts<'a> {
    texts: Vec<(&'a WorkerId, String)>,
    rejected: Vec<RejectedAnswer>,
}

/// Consolidates the text that each worker gave for each object: one consensus per object, in their order. White space alone is
/// no answer; texts of more than 20,000 characters or 4,000 words are set aside.
///
/// The confidence of a consensus is the estimated share of its words that are right.
///
/// ```
/// use ground_truth::Answers;
/// use ground_truth::annotation_kinds::free_text::{self, Method, Params};
///
/// let answers = Answers::from_rows([
///     ("clip-1", "ana", "An otter near the weir"),
///     ("clip-1", "bo", "an otter near the wire"),
///     ("clip-1", "cy", "an other near the weir"),
/// ]);
///
/// let medoid = free_text::consolidate(&answers, &Params::STANDARD);
/// assert_eq!(medoid[0].label.text.as_deref(), Some("An otter near the weir"));
///
/// let rover = free_text::consolidate(&answers, &Params { method: Method::Rover, ..Params::STANDARD });
/// assert_eq!(rover[0].label.text.as_deref(), Some("an otter near the weir"));
/// ```
#[doc(alias("ROVER", "transcription"))]
pub fn consolidate(answers: &Answers<String>, params: &Params) -> Vec<Consensus<TextLabel>> {
    fuse(&answers.field(), |text: &String| usable(Cow::Borrowed(text), params.unit), *params)
}

fn fuse<V: Copy>(
    batch: &FieldBatch<'_, V>,
    parse: impl Fn(V) -> Result<Option<String>, TextError>,
    params: Params,
) -> Vec<Consensus<TextLabel>> {
    let workers = batch.worker_indices();
    let answers: Vec<Texts<'_>> = batch.objects.iter().map(|object| read(object, &parse)).collect();
    let objects: Vec<AnsweredObject> = parallel::map(answers.iter().collect(), |answers: &Texts<'_>| {
        let texts: Vec<Cow<'_, str>> = answers.texts.iter().map(|(_, text)| comparable(text, params.method)).collect();
        AnsweredObject {
            workers: answers.texts.iter().filter_map(|(id, _)| workers.get(id).copied()).collect(),
            distances: Distances::between_texts(&texts),
        }
    });
    let weights = text_medoid::answer_weights(&objects, workers.len(), &params.weights());
    let parts = batch.objects.iter().zip(answers).zip(objects).zip(weights);
    parts
        .map(|(((object, answers), measured), weights)| outcome(batch, object, answers, &measured, &weights, params))
        .collect()
}

fn read<'a, V: Copy>(object: &FieldObject<'a, V>, parse: impl Fn(V) -> Result<Option<String>, TextError>) -> Texts<'a> {
    let (mut texts, rejected) = object.parse(parse);
    texts.sort_by(|(worker_a, a), (worker_b, b)| a.cmp(b).then(worker_a.cmp(worker_b)));
    Texts { texts, rejected }
}

/// What of a text is compared: its whole for a choice among answers, its folded words for a transcription.
fn comparable(text: &str, method: Method) -> Cow<'_, str> {
    match method {
        Method::Rover if !text.split(' ').all(is_folded) => {
            Cow::Owned(text.split_whitespace().map(folded).collect::<Vec<_>>().join(" "))
        }
        Method::Medoid | Method::Rover => Cow::Borrowed(text),
    }
}

/// Whether a word is of small ASCII letters, digits and apostrophes, as most are: then folding leaves it as it is.
fn is_folded(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'\''))
}

/// A word as the vote sees it: letters, digits and apostrophes in lower case; as it is when it has none of them.
fn folded(word: &str) -> Cow<'_, str> {
    if is_folded(word) {
        return Cow::Borrowed(word);
    }
    let kept: String = word.chars().filter(|c| c.is_alphanumeric() || *c == '\'').collect();
    if kept.is_empty() { Cow::Borrowed(word) } else { Cow::Owned(kept.to_lowercase()) }
}

fn outcome<V>(
    batch: &FieldBatch<'_, V>,
    object: &FieldObject<'_, V>,
    answers: Texts<'_>,
    measured: &AnsweredObject,
    weights: &[f64],
    params: Params,
) -> Consensus<TextLabel> {
    let Texts { texts, rejected } = answers;
    let texts: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
    let unresolved = batch.shortfall(object, texts.len());
    let medoid = text_medoid::medoid(&measured.distances, weights).filter(|_| unresolved.is_none());
    let fused = medoid.map(|medoid| {
        let network = Network::new(&texts, &by_nearness(measured, weights, medoid), weights, params.unit);
        match params.method {
            Method::Medoid => (texts[medoid].to_owned(), network.confidence_of_skeleton()),
            Method::Rover => network.fuse(params.unit),
        }
    });
    let confidence = fused.as_ref().map(|(_, confidence)| *confidence);
    Consensus {
        object_id: object.id.clone(),
        label: TextLabel {
            text: fused.map(|(text, _)| text),
            confidence,
            answers: (params.method == Method::Medoid)
                .then(|| counted(&texts).into_iter().map(CountedText::of).collect()),
            workers: texts.len(),
        },
        n_workers: texts.len(),
        confidence,
        unresolved,
        rejected,
    }
}

/// The indices of the answers, the medoid first, then by their distance to it; of equally distant ones the heavier.
fn by_nearness(measured: &AnsweredObject, weights: &[f64], medoid: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..measured.workers.len()).filter(|idx| *idx != medoid).collect();
    let distance = |idx: usize| measured.distances.between(medoid, idx);
    order
        .sort_by(|a, b| distance(*a).total_cmp(&distance(*b)).then(weights[*b].total_cmp(&weights[*a])).then(a.cmp(b)));
    order.insert(0, medoid);
    order
}

/// The aligned answers to one object, the skeleton first.
struct Network<'a> {
    units: Vec<Vec<&'a str>>,
    numbers: Vec<Vec<u32>>,
    weights: Vec<f64>,
    slots: Vec<Slot>,
}

impl<'a> Network<'a> {
    fn new(texts: &[&'a str], order: &[usize], weights: &[f64], unit: Unit) -> Self {
        let units: Vec<Vec<&str>> = order.iter().map(|idx| units(texts[*idx], unit)).collect();
        let mut symbols = Symbols::default();
        let numbers: Vec<Vec<u32>> =
            units.iter().map(|units| units.iter().map(|unit| symbols.number(folded(unit))).collect()).collect();
        let slots = rover::align(&numbers.iter().map(Vec::as_slice).collect::<Vec<_>>());
        Self { units, numbers, weights: order.iter().map(|idx| weights[*idx]).collect(), slots }
    }

    /// The share of a slot's weight, smoothed.
    fn smoothed(&self, share: f64) -> f64 {
        let weight: f64 = self.weights.iter().sum();
        (share * weight + PRIOR_AGREEMENT) / (weight + 1.0)
    }

    /// The probability of what holds this share of a slot's weight, when all others are of one mind against it.
    fn posterior(&self, share: f64) -> f64 {
        let weight: f64 = self.weights.iter().sum();
        let log_odds = (2.0 * share - 1.0) * weight * (WORD_ACCURACY / (1.0 - WORD_ACCURACY)).ln();
        1.0 / (1.0 + (-log_odds).exp())
    }

    /// The mean confidence of the units of the skeleton.
    fn confidence_of_skeleton(&self) -> Confidence {
        let total: f64 = self.weights.iter().sum();
        let support = |slot: &Slot, idx: usize| -> f64 {
            let word = self.numbers[0][idx];
            let voters = self.numbers.iter().zip(slot).zip(&self.weights);
            let same = voters.filter(|((numbers, idx), _)| idx.map(|idx| numbers[idx]) == Some(word));
            same.map(|(_, weight)| weight).sum()
        };
        let shares = self.slots.iter().filter_map(|slot| Some(support(slot, slot.first().copied()??) / total));
        mean(shares.map(|share| self.smoothed(share)))
    }

    /// The text that the vote gives, and the mean confidence of its units.
    fn fuse(&self, unit: Unit) -> (String, Confidence) {
        let numbers: Vec<&[u32]> = self.numbers.iter().map(Vec::as_slice).collect();
        let winners = rover::vote(&self.slots, &numbers, &self.weights);
        let decided = winners.iter().zip(&self.slots);
        let words: Vec<&str> = decided.filter_map(|(winner, slot)| self.form(slot, winner.word?)).collect();
        let shares = winners.iter().filter(|winner| winner.word.is_some()).map(|winner| winner.share);
        let confidence = mean(shares.map(|share| (self.smoothed(share) + self.posterior(share)) / 2.0));
        (words.join(if unit == Unit::Words { " " } else { "" }), confidence)
    }

    /// How a word is written: the form with the most weight among the answers that have the word in the slot.
    fn form(&self, slot: &Slot, word: u32) -> Option<&'a str> {
        let mut forms: Vec<(&str, f64)> = Vec::new();
        for (answer, idx) in slot.iter().enumerate() {
            let Some(idx) = idx.filter(|idx| self.numbers[answer][*idx] == word) else { continue };
            let form = self.units[answer][idx];
            match forms.iter_mut().find(|(known, _)| *known == form) {
                Some((_, weight)) => *weight += self.weights[answer],
                None => forms.push((form, self.weights[answer])),
            }
        }
        forms.into_iter().reduce(|best, next| if next.1 > best.1 + 1e-9 { next } else { best }).map(|(form, _)| form)
    }
}

/// The mean of what is in [0, 1]; 0 for nothing.
fn mean(confidences: impl Iterator<Item = f64>) -> Confidence {
    Confidence::mean(confidences.filter_map(|value| Confidence::new(value.min(1.0)).ok())).unwrap_or(Confidence::ZERO)
}

fn units(text: &str, unit: Unit) -> Vec<&str> {
    match unit {
        Unit::Words => text.split_whitespace().collect(),
        Unit::Characters => text.trim().char_indices().map(|(idx, c)| &text.trim()[idx..idx + c.len_utf8()]).collect(),
    }
}

/// Why a value is not a text to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum TextError {
    #[error("the value is not text")]
    NoText,
    #[error("the text has {n} characters, more than {MAX_CHARACTERS}")]
    TooLong { n: usize },
    #[error("the text has {n} words or characters to vote on, more than {MAX_UNITS}")]
    TooManyUnits { n: usize },
}

/// One worker's text; white space alone is a field left blank.
fn parse(value: FieldValue<'_>, unit: Unit) -> Result<Option<String>, TextError> {
    usable(value.scalar_text().ok_or(TextError::NoText)?, unit)
}

fn usable(text: Cow<'_, str>, unit: Unit) -> Result<Option<String>, TextError> {
    let n_characters = text.chars().count();
    if n_characters > MAX_CHARACTERS {
        return Err(TextError::TooLong { n: n_characters });
    }
    let n_units = match unit {
        Unit::Words => text.split_whitespace().count(),
        Unit::Characters => text.trim().chars().count(),
    };
    if n_units > MAX_UNITS {
        return Err(TextError::TooManyUnits { n: n_units });
    }
    Ok((n_units > 0).then(|| text.into_owned()))
}

/// A text that was decided, as a worker sends it.
pub(super) fn as_answer(decided: &Decided<'_>) -> Option<FieldValueBuf> {
    match decided {
        Decided::Text(text) => Some(FieldValueBuf::of(text)),
        _ => None,
    }
}

fn read_values(values: &[FieldValue<'_>], _: &[LabelCategory]) -> ReadValues {
    // Each pair numbers its own words: one numbering for a whole job would make every text's table as long as the job.
    let distance = |a: &String, b: &String| Distances::between_texts(&[a, b]).between(0, 1);
    ReadValues::others(values, |value| parse(value, Unit::Words), distance)
}

/// Claims every text that is neither a number, nor JSON, nor one of the job's label categories, nor too long.
fn claims(values: &[FieldValue<'_>], categories: &[LabelCategory]) -> usize {
    let is_free = |value: FieldValue<'_>| {
        let Some(text) = value.text() else { return false };
        let is_json = value.structured().view().shape() != ValueShape::Text;
        let is_more = is_among(&text, categories) || is_json || is_number(value, &[]);
        !is_more && matches!(usable(text, Unit::Words), Ok(Some(_)))
    };
    values.iter().filter(|value| is_free(**value)).count()
}

/// A careful worker slips in a letter now and then; a careless one drops every third word or so and mistypes others.
fn simulate(truth: FieldValue<'_>, careful: bool, _: &[LabelCategory], dice: &mut Dice) -> FieldValueBuf {
    let Some(text) = truth.text() else { return truth.to_buf() };
    let (slip, drop) = if careful { (0.02, 0.0) } else { (0.3, 0.3) };
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        if dice.chance(drop) {
            continue;
        }
        let mut letters: Vec<char> = word.chars().collect();
        if dice.chance(slip) {
            letters.remove(dice.below(letters.len()));
        }
        words.push(letters.into_iter().collect::<String>());
    }
    FieldValueBuf::of(words.join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{label_of, mistakes};
    use super::super::typed_tests::Crowd;
    use super::*;
    use crate::batch::Unresolved;

    fn check(parameters: Value, values: Value, expected: &str) {
        let outcome = label_of(&KIND, parameters, values.clone());
        let text = match (outcome.unresolved, outcome.members["text"].as_str()) {
            (None, Some(text)) => format!("{text} {}", outcome.members["confidence"]),
            (reason, text) => format!("{reason:?} {text:?}"),
        };
        let rejected: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        assert_eq!([vec![text.as_str()], rejected].concat().join("; "), expected, "{values}");
    }

    #[test]
    fn the_medoid_is_one_worker_s_text() {
        check(json!({}), json!(["wet fur"]), "wet fur 0.85");
        check(json!({}), json!(["wet fur", "wet fur", "wet fur"]), "wet fur 0.93");
        check(json!({"workerWeights": false}), json!(["wet", "wet", "dry"]), "wet 0.68");
        check(json!({}), json!(["a wet otter", "wet otter", "the wet otter sleeps"]), "a wet otter 0.76");
        check(json!({}), json!([" ", ""]), "Some(NoUsableAnswer) None");
    }

    #[test]
    fn all_different_answers_are_kept() {
        let outcome = label_of(&KIND, json!({}), json!(["wet", "Wet", "wet", "dry"]));
        assert_eq!(
            outcome.members["answers"],
            json!([{"text": "wet", "workers": 2}, {"text": "Wet", "workers": 1}, {"text": "dry", "workers": 1}])
        );
    }

    #[test]
    fn rover_votes_on_every_word_and_keeps_the_usual_form() {
        let rover = json!({"method": "rover", "workerWeights": false});
        check(
            rover.clone(),
            json!(["The otter swims.", "the other swims.", "an otter swims"]),
            "The otter swims. 0.81",
        );
        check(rover.clone(), json!(["wet fur"]), "wet fur 0.83");
        check(rover.clone(), json!(["wet fur", "wet fur", "Wet fur"]), "wet fur 0.95");
        assert!(!label_of(&KIND, rover, json!(["wet"])).members.contains_key("answers"));
    }

    #[test]
    fn rover_can_vote_on_characters() {
        let characters = json!({"method": "rover", "unit": "characters", "workerWeights": false});
        check(characters, json!(["B-4721", "8-4721", "B-4127", "B-4721x"]), "B-4721 0.9");
    }

    #[test]
    fn what_cannot_be_compared_is_set_aside() {
        check(
            json!({}),
            json!(["wet", ["wet"], "x".repeat(MAX_CHARACTERS + 1), "x ".repeat(MAX_UNITS + 1)]),
            "wet 0.85; the value is not text; the text has 20001 characters, more than 20000; \
             the text has 4001 words or characters to vote on, more than 4000",
        );
        let outcome = label_of(&KIND, json!({"quorum": {"workers": 2}}), json!(["wet", {}]));
        assert_eq!((outcome.unresolved, &outcome.members["text"]), (Some(Unresolved::QuorumNotReached), &Value::Null));
    }

    #[test]
    fn parameters_are_checked() {
        assert_eq!(
            mistakes(&KIND, json!({"method": "Rover", "unit": "word", "workerWeights": 1})),
            "fields.field.method: must be `medoid` or `rover`; did you mean `rover`?; \
             fields.field.unit: must be `words` or `characters`; did you mean `words`?; \
             fields.field.workerWeights: must be true or false"
        );
    }

    #[test]
    fn typed_answers_give_the_same() {
        let crowd = Crowd::new(|_, odd| {
            let text = ["an otter near the weir", "an other near a weir"][odd];
            (json!(text), text.to_owned())
        });
        crowd.check(&KIND, json!({}), consolidate(&crowd.answers, &Params::STANDARD));
    }
}
