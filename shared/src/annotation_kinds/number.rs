//! A number: `<input type="number">`, `crowd-slider`, a count or a measure typed as text.
//!
//! Methods: `robust-mean` (default), the mean that weighs steady workers more and cuts gross errors; `median`;
//! `trimmed-mean`, without the lowest and highest `trim` (default 0.2) of the answers; all in [`number_fusion`]. Numbers
//! outside `minimum` and `maximum`, where given, are set aside.
//!
//! The confidence is the estimated probability that the truth lies within `tolerance` of the label. The tolerance is
//! written beside it; without one in the plan it is a tenth of the span between the 5th and the 95th percentile of the
//! batch's answers, so that batches compare only when the plan gives it. The label's error is taken to be Laplacian. Its
//! variance is that of the object's answers (shrunk toward the batch's) over their number, plus a third of it, because
//! workers err together. However well they agree, `n` workers give at most `1 - 0.4^n`: 0.6 alone, 0.84 for two,
//! 0.94 for three; and a lone worker in a batch of lone workers exactly that.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use super::classification::is_among;
use super::{AnnotationKind, Consolidator, Particulars, ReadValues, named, written};
use crate::batch::{FieldBatch, FieldObject, RejectedAnswer};
use crate::consolidation::number_fusion::{self, Center, NumberAnswers};
use crate::dice::Dice;
use crate::document::Reader;
use crate::field_value::{FieldValue, FieldValueBuf, ValueShape};
use crate::label_content::{Decided, LabelContent};
use crate::typed::{Answers, Consensus, bounded};
use crate::vocabulary::{Confidence, LabelCategory};

/// The largest number that is taken for one, up and down: squares and sums of such numbers are still finite.
const LARGEST: f64 = 1e100;

/// The share of the answers' span that is near enough, when the plan gives no tolerance.
const NEAR_ENOUGH: f64 = 0.1;

/// The share of an answer's variance that it has in common with the other answers.
const COMMON_ERROR: f64 = 1.0 / 3.0;

/// How likely a worker is thought to be wrong when nothing speaks against it.
const SILENT_ERROR: f64 = 0.4;

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "number",
    summary: "a number: number inputs, crowd-slider, numbers typed as text",
    methods: Method::NAMES,
    lone_method: Some(Method::Median.name()),
    claims: |values, categories| values.iter().filter(|value| is_number(**value, categories)).count(),
    configure,
    read_values: |values, _| ReadValues::numbers(values, |value| parse(value, Params::STANDARD)),
    label: LabelContent::Number,
    as_answer: |decided| match decided {
        Decided::Number(number) => Some(FieldValueBuf::of(number)),
        _ => None,
    },
    simulate,
    examples: &["3.5", "-40", r#""12""#, r#"" 0.25 ""#],
    particulars: Particulars::NONE,
};

/// How numbers are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Method {
    /// The default: the mean that weighs steady workers more and cuts gross errors.
    RobustMean,
    /// The median.
    Median,
    /// The mean without the lowest and the highest answers.
    TrimmedMean,
}

named!(
    Method, "method":
    RobustMean = "robust-mean",
    Median = "median",
    TrimmedMean = "trimmed-mean",
);

/// How numbers are consolidated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How they are brought together.
    pub method: Method,
    /// The share of the answers, from 0 to 0.5, that [`Method::TrimmedMean`] leaves out at either end; beyond, the nearer bound
    /// counts.
    pub trim: f64,
    /// How far from the truth a label is still right, 0 or more (less counts as 0); `None` for a tenth of the span of all
    /// answers.
    pub tolerance: Option<f64>,
    /// Smaller answers are set aside.
    pub minimum: f64,
    /// Larger answers are set aside.
    pub maximum: f64,
}

impl Params {
    /// What the plan takes where it says nothing.
    pub const STANDARD: Self =
        Self { method: Method::RobustMean, trim: 0.2, tolerance: None, minimum: -LARGEST, maximum: LARGEST };

    fn bounded(self) -> Self {
        let all = -LARGEST..=LARGEST;
        Self {
            trim: bounded(self.trim, 0.0..=0.5, Self::STANDARD.trim),
            tolerance: self.tolerance.filter(|one| !one.is_nan()).map(|one| bounded(one, 0.0..=LARGEST, 0.0)),
            minimum: bounded(self.minimum, all.clone(), Self::STANDARD.minimum),
            maximum: bounded(self.maximum, all, Self::STANDARD.maximum),
            ..self
        }
    }
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    let params = Params {
        method: reader.choice("method", Method::BY_NAME).unwrap_or(Params::STANDARD.method),
        trim: reader.number("trim", 0.0..=0.5).unwrap_or(Params::STANDARD.trim),
        tolerance: reader.number("tolerance", 0.0..=LARGEST),
        minimum: reader.number("minimum", -LARGEST..=LARGEST).unwrap_or(Params::STANDARD.minimum),
        maximum: reader.number("maximum", -LARGEST..=LARGEST).unwrap_or(Params::STANDARD.maximum),
    };
    if params.minimum > params.maximum {
        reader.problem("minimum", "must not be above `maximum`");
    }
    Box::new(move |batch| written(params.method.name(), fuse(batch, |value| parse(value, params), params)))
}

/// The number of an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NumberLabel {
    /// The number; `None` where nothing was decided.
    #[serde(serialize_with = "tidy")]
    pub value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    /// How far from the truth the label is still right: what the confidence is about.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "tidy")]
    pub tolerance: Option<f64>,
    /// The smallest usable answer; `None` when there is none.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "tidy")]
    pub lowest: Option<f64>,
    /// The largest usable answer; `None` when there is none.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "tidy")]
    pub highest: Option<f64>,
    workers: usize,
}

/// The number, with all its digits; nothing where none was decided.
impl fmt::Display for NumberLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.iter().try_for_each(|value| value.fmt(f))
    }
}

/// Writes a number with at most ten significant digits, and whole ones as integers.
pub(super) fn tidy<S: Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    number.map(Tidy).serialize(serializer)
}

/// A number with at most ten significant digits; whole ones below 2^53 as integers.
struct Tidy(f64);

impl Serialize for Tidy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let tidy = format!("{:.9e}", self.0).parse().unwrap_or(self.0);
        if tidy.fract().abs() <= 0.0 && tidy.abs() < 9e15 {
            serializer.serialize_i64(tidy as i64)
        } else {
            serializer.serialize_f64(tidy)
        }
    }
}

/// Consolidates the number that each worker gave for each object: one consensus per object, in their order. Numbers that are
/// infinite, none at all, or outside of minimum and maximum are set aside.
///
/// The confidence of a consensus is the estimated probability that the truth lies within the tolerance of the label.
///
/// ```
/// use ground_truth::Answers;
/// use ground_truth::annotation_kinds::number::{self, Params};
///
/// let answers = Answers::from_rows([("dive-1", "ana", 12.0), ("dive-1", "bo", 13.0), ("dive-1", "cy", 700.0)]);
/// let params = Params { tolerance: Some(2.0), maximum: 300.0, ..Params::STANDARD };
///
/// let consensus = number::consolidate(&answers, &params);
/// assert_eq!(consensus[0].label.value, Some(12.5));
/// assert_eq!((consensus[0].n_workers, consensus[0].rejected.len()), (2, 1));
/// ```
pub fn consolidate(answers: &Answers<f64>, params: &Params) -> Vec<Consensus<NumberLabel>> {
    let params = params.bounded();
    fuse(&answers.field(), |number| usable(*number, params).map(Some), params)
}

fn fuse<V: Copy>(
    batch: &FieldBatch<'_, V>,
    parse: impl Fn(V) -> Result<Option<f64>, NumberError>,
    params: Params,
) -> Vec<Consensus<NumberLabel>> {
    let workers = batch.worker_indices();
    let (mut objects, mut rejected): (Vec<NumberAnswers>, Vec<Vec<RejectedAnswer>>) = (Vec::new(), Vec::new());
    for object in &batch.objects {
        let (numbers, set_aside) = object.parse(&parse);
        objects
            .push(numbers.into_iter().filter_map(|(id, number)| Some((workers.get(id).copied()?, number))).collect());
        rejected.push(set_aside);
    }
    for answers in &mut objects {
        answers.sort_by(|(worker_a, a), (worker_b, b)| a.total_cmp(b).then(worker_a.cmp(worker_b)));
    }
    let fused = number_fusion::fit(&objects, workers.len(), &number_fusion::Params::STANDARD);
    let tolerance = params.tolerance.unwrap_or_else(|| near_enough(&objects));
    let equal_weights = vec![1.0; workers.len()];
    let parts = batch.objects.iter().zip(&objects).zip(&fused.centers).zip(rejected);
    parts
        .map(|(((object, answers), center), rejected)| {
            let value = match params.method {
                Method::RobustMean => center.map(|center| center.value),
                Method::Median => number_fusion::weighted_median(answers, &equal_weights),
                Method::TrimmedMean => number_fusion::trimmed_mean(answers, params.trim),
            };
            let confidence = center.map(|center| confidence(center, tolerance, answers.len()));
            outcome(batch, object, answers, value.zip(confidence), tolerance, rejected)
        })
        .collect()
}

fn outcome<V>(
    batch: &FieldBatch<'_, V>,
    object: &FieldObject<'_, V>,
    answers: &NumberAnswers,
    label: Option<(f64, Confidence)>,
    tolerance: f64,
    rejected: Vec<RejectedAnswer>,
) -> Consensus<NumberLabel> {
    let unresolved = batch.shortfall(object, answers.len());
    let label = label.filter(|_| unresolved.is_none());
    let confidence = label.map(|(_, confidence)| confidence);
    Consensus {
        object_id: object.id.clone(),
        label: NumberLabel {
            value: label.map(|(value, _)| value),
            confidence,
            tolerance: confidence.map(|_| tolerance),
            lowest: answers.first().map(|(_, number)| *number),
            highest: answers.last().map(|(_, number)| *number),
            workers: answers.len(),
        },
        n_workers: answers.len(),
        confidence,
        unresolved,
        rejected,
    }
}

/// A tenth of the span of the answers, the outermost twentieth on either side aside. Lone answers do not count: they
/// cannot be told from nonsense.
fn near_enough(objects: &[NumberAnswers]) -> f64 {
    let judged = objects.iter().filter(|answers| answers.len() > 1);
    let mut numbers: Vec<f64> = judged.flatten().map(|(_, number)| *number).collect();
    numbers.sort_by(f64::total_cmp);
    let last = numbers.len().saturating_sub(1);
    let outermost = (last as f64 * 0.05) as usize;
    match (numbers.get(outermost), numbers.get(last - outermost)) {
        (Some(low), Some(high)) => NEAR_ENOUGH * (high - low),
        _ => 0.0,
    }
}

fn confidence(center: Center, tolerance: f64, n_workers: usize) -> Confidence {
    let deviation = center.deviation * (1.0 / center.n_effective + COMMON_ERROR).sqrt();
    let most = 1.0 - SILENT_ERROR.powf(n_workers as f64);
    let within = 1.0 - (-std::f64::consts::SQRT_2 * tolerance / deviation).exp();
    // Without any deviation the quotient is not a number, or infinite.
    Confidence::new(if deviation > 0.0 { within.min(most) } else { most }).unwrap_or(Confidence::ZERO)
}

/// Why a value is not a usable number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum NumberError {
    #[error("the value is not a number")]
    NoNumber,
    #[error("the number lies outside `minimum` and `maximum`")]
    OutOfRange,
}

fn parse(value: FieldValue<'_>, params: Params) -> Result<Option<f64>, NumberError> {
    if value.is_blank() || value.text().is_some_and(|text| text.trim().is_empty()) {
        return Ok(None);
    }
    usable(number(value).ok_or(NumberError::NoNumber)?, params).map(Some)
}

fn usable(number: f64, params: Params) -> Result<f64, NumberError> {
    if !(-LARGEST..=LARGEST).contains(&number) {
        return Err(NumberError::NoNumber);
    }
    if (params.minimum..=params.maximum).contains(&number) { Ok(number) } else { Err(NumberError::OutOfRange) }
}

/// A number, a number as text, or a list of one of them.
fn number(value: FieldValue<'_>) -> Option<f64> {
    let decoded = value.structured();
    let value = decoded.view();
    let only = value.elements().and_then(|mut elements| elements.next().filter(|_| elements.next().is_none()));
    only.unwrap_or(value).number().filter(|number| number.abs() <= LARGEST)
}

/// Whether a value is claimed: a number, or text that is one and no label category of the job.
pub(super) fn is_number(value: FieldValue<'_>, categories: &[LabelCategory]) -> bool {
    let is_scalar = [ValueShape::Number, ValueShape::Text].contains(&value.structured().view().shape());
    let is_category = value.text().is_some_and(|text| is_among(&text, categories));
    is_scalar && !is_category && number(value).is_some()
}

/// A careful worker's number is off by a few percent; a careless one's by as much as itself.
fn simulate(truth: FieldValue<'_>, careful: bool, _: &[LabelCategory], dice: &mut Dice) -> FieldValueBuf {
    let Some(right) = number(truth) else { return truth.to_buf() };
    let share = if careful { 0.05 } else { 1.0 };
    let off = right + share * dice.noise() * right.abs().max(1.0);
    // As many decimals as the truth has.
    let text = truth.scalar_text().map_or_else(|| truth.to_string(), Cow::into_owned);
    let n_decimals = text.trim().split_once('.').map_or(0, |(_, decimals)| decimals.len().min(9));
    let rounded = format!("{off:.n_decimals$}");
    match truth.shape() {
        ValueShape::Text => FieldValueBuf::of(rounded),
        _ => rounded.parse::<f64>().map_or_else(|_| truth.to_buf(), FieldValueBuf::of),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{label_of, mistakes};
    use super::super::typed_tests::{Crowd, check_range};
    use super::*;

    fn check(parameters: Value, values: Value, expected: Value) {
        let outcome = label_of(&KIND, parameters, values.clone());
        assert_eq!(Value::Object(outcome.members), expected, "{values}");
    }

    #[test]
    fn numbers_of_every_shape_are_fused() {
        check(
            json!({"tolerance": 5}),
            json!([10, "12", " 11.0 ", [11]]),
            json!({"value": 11, "confidence": 0.97, "tolerance": 5, "lowest": 10, "highest": 12, "workers": 4}),
        );
        check(
            json!({"method": "median", "tolerance": 0.5}),
            json!([0.1, 0.2]),
            json!({"value": 0.15, "confidence": 0.84, "tolerance": 0.5, "lowest": 0.1, "highest": 0.2, "workers": 2}),
        );
        check(
            json!({"method": "trimmed-mean", "tolerance": 1}),
            json!([1, 2, 3, 4, 500]),
            json!({"value": 3, "confidence": 0.57, "tolerance": 1, "lowest": 1, "highest": 500, "workers": 5}),
        );
    }

    #[test]
    fn agreement_has_stated_confidences() {
        let confidence = |values: Value| label_of(&KIND, json!({}), values).members["confidence"].clone();
        assert_eq!(
            [confidence(json!([7])), confidence(json!([7, 7])), confidence(json!([7, 7, 7]))],
            [json!(0.6), json!(0.84), json!(0.94)]
        );
    }

    #[test]
    fn what_is_no_number_is_set_aside() {
        let outcome = label_of(
            &KIND,
            json!({"minimum": 0, "maximum": 10}),
            json!([5, "five", "nan", -1, "1e999", "", {}, [1, 2]]),
        );
        let reasons: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "the value is not a number",
                "the value is not a number",
                "the number lies outside `minimum` and `maximum`",
                "the value is not a number",
                "the value is not a number"
            ]
        );
        assert_eq!((outcome.n_workers, &outcome.members["value"]), (1, &json!(5)));
    }

    #[test]
    fn parameters_are_checked() {
        assert_eq!(
            mistakes(&KIND, json!({"trim": 0.6, "minimum": 2, "maximum": 1})),
            "fields.field.trim: must be a number from 0 to 0.5; fields.field.minimum: must not be above `maximum`"
        );
    }

    #[test]
    fn typed_answers_give_the_same() {
        let crowd = Crowd::new(|wobble, _| {
            let number = 12.0 + wobble(4.0);
            (json!(number), number)
        });
        crowd.check(&KIND, json!({}), consolidate(&crowd.answers, &Params::STANDARD));

        let under = |params| consolidate(&crowd.answers, &params);
        let trimmed = |trim| under(Params { method: Method::TrimmedMean, trim, ..Params::STANDARD });
        check_range(&[[7.0, 0.5], [-1.0, 0.0], [f64::NAN, Params::STANDARD.trim]], trimmed);
        let tolerant = |tolerance| under(Params { tolerance: Some(tolerance), ..Params::STANDARD });
        check_range(&[[-1.0, 0.0]], tolerant);
        let from = |minimum| under(Params { minimum, ..Params::STANDARD });
        check_range(&[[f64::NAN, Params::STANDARD.minimum]], from);
    }
}
