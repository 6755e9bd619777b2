//! A date, a time of day, or both: `<input type="date">`, `datetime-local`, `time`, `month` and `week`.
//!
//! - `medoid` (default): the answer that has most answers within `tolerance` of it; of several the one with the least distance
//!   to those together, then to all answers together, then the earlier one.
//! - `majority-vote`: the same without a tolerance, so what most workers gave; ties fall as with `medoid`.
//!
//! The label is always one of the answers: the mean of dates may be a day that nobody named. It is written in the shortest form
//! that HTML has for it (`09:30`, not `09:30:00.0`), so that equal answers look equal.
//!
//! The tolerance counts in the unit that the attribute `step` of the input has: days, months or weeks; seconds for times of day
//! and for dates with a time. It is 0 unless the plan gives one: a date is right or wrong.
//!
//! Values of different [types](DateType) are never near each other, and between equally good ones the earlier type in this
//! order wins: a date, a date with a time, a time of day, a month, a week. Times of day lie within one day: one minute before
//! midnight is nearly a day away from midnight.
//!
//! The confidence is the estimated probability that the truth lies within the tolerance of the label. It takes an answer to be
//! right with a probability that it learns from how many pairs of answers in the batch agree within the tolerance (and from
//! five pairs more, which agree as those of workers do who are right four times in five), and a wrong answer to agree with a
//! given other one once in five times. Because workers share mistakes, `n` answers that agree with the label give at most
//! `1 - 0.2 · 0.4^(n-1)`: 0.8 alone, 0.92 for two, 0.97 for three.
//!
//! A field is recognized by itself where all its values are dates, all are times of day, or all are dates with a time. Months
//! and weeks are not, for `2024-05` may be the number of a spare part: there the plan has to name the kind.

mod calendar;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Serialize;

pub use self::calendar::{Date, DateError, DateType};
use self::calendar::{MS_PER_DAY, MS_PER_MINUTE};
use super::classification::is_among;
use super::free_text;
use super::number::tidy;
use super::{AnnotationKind, Consolidator, Particulars, ReadValues, counted, named, written};
use crate::batch::{FieldBatch, FieldObject, RejectedAnswer};
use crate::dice::Dice;
use crate::document::Reader;
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::label_content::LabelContent;
use crate::typed::{Answers, Consensus, bounded};
use crate::vocabulary::{Confidence, LabelCategory, WorkerId};

/// The largest tolerance: more steps than there are milliseconds between any two dates.
const MAX_TOLERANCE: f64 = 1e16;

/// How many pairs of answers are added to those of the batch, and how many of them agree: the square of how often a worker is
/// thought to be right, for two agree when both are.
const PRIOR_PAIRS: f64 = 5.0;
const PRIOR_AGREEING: f64 = PRIOR_PAIRS * 0.8 * 0.8;

/// How probable it is that a worker is right, at least and at most, whatever the batch says.
const WORKER_ACCURACY: [f64; 2] = [0.3, 0.98];

/// How probable it is that a wrong answer agrees with a given other one.
const SHARED_MISTAKE: f64 = 0.2;

/// How probable it is at least that a lone answer is wrong, and by what each further one that agrees multiplies that.
const SILENT_ERROR: f64 = 0.2;
const SILENT_ERROR_FACTOR: f64 = 0.4;

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "date",
    summary: "a date, a time of day, or both: date, datetime-local, time, month and week inputs",
    methods: Method::NAMES,
    lone_method: Some(Method::Medoid.name()),
    claims,
    configure,
    read_values,
    label: LabelContent::Text,
    as_answer: free_text::as_answer,
    simulate,
    examples: &[r#""2024-05-17""#, r#""1987-12-03""#, r#""2024-02-29""#],
    particulars: Particulars::NONE,
};

/// How dates are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Method {
    /// The default: the answer with most answers within the tolerance.
    Medoid,
    /// The answer that most workers gave.
    MajorityVote,
}

named!(
    Method, "method":
    Medoid = "medoid",
    MajorityVote = "majority-vote",
);

/// Method, tolerance and quorum for dates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How the dates of several workers become one.
    pub method: Method,
    /// How far from the truth a label is still right, in the unit of [`Date::distance`], 0 or more (less counts as 0).
    pub tolerance: f64,
}

impl Params {
    /// What the plan takes where it says nothing.
    pub const STANDARD: Self = Self { method: Method::Medoid, tolerance: 0.0 };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    let params = Params {
        method: reader.choice("method", Method::BY_NAME).unwrap_or(Params::STANDARD.method),
        tolerance: reader.number("tolerance", 0.0..=MAX_TOLERANCE).unwrap_or(Params::STANDARD.tolerance),
    };
    Box::new(move |batch| written(params.method.name(), fuse(batch, parse, params)))
}

/// The date of an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DateLabel {
    /// The date; `None` where nothing was decided.
    #[serde(rename = "text")]
    pub date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    /// How far from the truth the label is still right, in the unit of [`Date::distance`]: what the confidence is about.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "tidy")]
    pub tolerance: Option<f64>,
    /// Every different date with its workers, most first, then the earlier.
    pub answers: Vec<CountedDate>,
    workers: usize,
}

/// The date; nothing where none was decided.
impl fmt::Display for DateLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date.iter().try_for_each(|date| date.fmt(f))
    }
}

/// A date that workers gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CountedDate {
    /// The date as a worker gave it.
    #[serde(rename = "text")]
    pub date: Date,
    /// Number of workers who gave exactly this date.
    #[serde(rename = "workers")]
    pub n_workers: usize,
}

/// Consolidates the date or time that each worker gave for each object: one consensus per object, in their order.
///
/// The confidence of a consensus is the estimated probability that the truth lies within the tolerance of the label.
///
/// ```
/// use ground_truth::Answers;
/// use ground_truth::annotation_kinds::date::{self, Date, DateError, Params};
///
/// let mut answers = Answers::default();
/// for (worker, seen) in [("ana", "2024-05-17"), ("bo", "2024-05-18"), ("cy", "2042-05-17"), ("di", "2024-05-18")] {
///     answers.add("photo-1", worker, seen.parse::<Date>()?);
/// }
/// let params = Params { tolerance: 2.0, ..Params::STANDARD };
///
/// let consensus = date::consolidate(&answers, &params);
/// assert_eq!(consensus[0].label.to_string(), "2024-05-18");
/// # Ok::<(), DateError>(())
/// ```
#[doc(alias("time", "month", "week", "timestamp"))]
pub fn consolidate(answers: &Answers<Date>, params: &Params) -> Vec<Consensus<DateLabel>> {
    let tolerance = bounded(params.tolerance, 0.0..=MAX_TOLERANCE, Params::STANDARD.tolerance);
    fuse(&answers.field(), super::as_it_is, Params { tolerance, ..*params })
}

/// The usable answers to one object.
struct DateAnswers {
    /// In the order of [`Date`].
    dates: Vec<Date>,
    /// Which of them lie within the tolerance of each one, itself included.
    near: Vec<Range<usize>>,
    rejected: Vec<RejectedAnswer>,
}

fn fuse<V: Copy, E: fmt::Display>(
    batch: &FieldBatch<'_, V>,
    parse: impl Fn(V) -> Result<Option<Date>, E>,
    params: Params,
) -> Vec<Consensus<DateLabel>> {
    let answers: Vec<DateAnswers> = batch.objects.iter().map(|object| read(object, &parse, params)).collect();
    let accuracy = worker_accuracy(&answers);
    let parts = batch.objects.iter().zip(answers);
    parts.map(|(object, answers)| outcome(batch, object, answers, accuracy, params)).collect()
}

fn read<V: Copy, E: fmt::Display>(
    object: &FieldObject<'_, V>,
    parse: impl Fn(V) -> Result<Option<Date>, E>,
    params: Params,
) -> DateAnswers {
    let (dated, rejected): (Vec<(&WorkerId, Date)>, _) = object.parse(parse);
    let mut dates: Vec<Date> = dated.into_iter().map(|(_, date)| date).collect();
    dates.sort_unstable();
    DateAnswers { near: ranges(&dates, |steps| steps <= params.tolerance), dates, rejected }
}

/// Which of ascending dates have one type with each one, and a distance that is near.
fn ranges(dates: &[Date], is_near: impl Fn(f64) -> bool) -> Vec<Range<usize>> {
    let is_near = |a: &Date, b: &Date| a.distance(b).is_some_and(&is_near);
    let mut range = 0..0;
    let mut next = |date: &Date| {
        while !is_near(&dates[range.start], date) {
            range.start += 1;
        }
        while dates.get(range.end).is_some_and(|other| is_near(other, date)) {
            range.end += 1;
        }
        range.clone()
    };
    dates.iter().map(&mut next).collect()
}

/// How probable it is that a worker is right: two that agree are, as a rule.
fn worker_accuracy(answers: &[DateAnswers]) -> f64 {
    let n_others = |n_dates: usize| n_dates.saturating_sub(1) as f64;
    // Each pair is counted from either side.
    let n_pairs: f64 =
        answers.iter().map(|answers| answers.dates.len() as f64 * n_others(answers.dates.len()) / 2.0).sum();
    let n_agreeing: f64 = answers.iter().flat_map(|answers| &answers.near).map(|near| n_others(near.len()) / 2.0).sum();
    let agreement = (n_agreeing + PRIOR_AGREEING) / (n_pairs + PRIOR_PAIRS);
    agreement.sqrt().clamp(WORKER_ACCURACY[0], WORKER_ACCURACY[1])
}

fn outcome<V>(
    batch: &FieldBatch<'_, V>,
    object: &FieldObject<'_, V>,
    answers: DateAnswers,
    accuracy: f64,
    params: Params,
) -> Consensus<DateLabel> {
    let unresolved = batch.shortfall(object, answers.dates.len());
    let medoid = answers.medoid(params.method).filter(|_| unresolved.is_none());
    let confidence = medoid.map(|medoid| answers.confidence(medoid, accuracy, params.tolerance));
    Consensus {
        object_id: object.id.clone(),
        label: DateLabel {
            date: medoid.map(|medoid| answers.dates[medoid]),
            confidence,
            tolerance: confidence.map(|_| params.tolerance),
            answers: counted(&answers.dates)
                .into_iter()
                .map(|(date, n_workers)| CountedDate { date: *date, n_workers })
                .collect(),
            workers: answers.dates.len(),
        },
        n_workers: answers.dates.len(),
        confidence,
        unresolved,
        rejected: answers.rejected,
    }
}

impl DateAnswers {
    /// The index of the label.
    fn medoid(&self, method: Method) -> Option<usize> {
        let near = match method {
            Method::Medoid => &self.near,
            Method::MajorityVote => &ranges(&self.dates, |steps| steps <= 0.0),
        };
        let of_type = ranges(&self.dates, |_| true);
        let sums = self.sums();
        let distance = |idx: usize, others: &[Range<usize>]| self.total_distance(&sums, idx, &others[idx]);
        (0..self.dates.len())
            .min_by_key(|idx| (Reverse(near[*idx].len()), distance(*idx, near), distance(*idx, &of_type)))
    }

    /// The sum of the counts before each date, and of all.
    fn sums(&self) -> Vec<i128> {
        let mut sum = 0;
        let sums = self.dates.iter().map(|date| {
            sum += i128::from(date.count);
            sum
        });
        std::iter::once(0).chain(sums).collect()
    }

    /// The distance of a date to some around it together, as a difference of counts.
    fn total_distance(&self, sums: &[i128], idx: usize, others: &Range<usize>) -> i128 {
        let count = i128::from(self.dates[idx].count);
        let difference = |part: Range<usize>| sums[part.end] - sums[part.start] - part.len() as i128 * count;
        difference(idx..others.end) - difference(others.start..idx)
    }

    /// How probable it is that the truth lies within the tolerance of the label. Beside it may be right: each other answer that
    /// lies further away, of which those that agree count as one; or a date that nobody gave.
    fn confidence(&self, label: usize, accuracy: f64, tolerance: f64) -> Confidence {
        // How much less probable all answers are when one fewer of them is right.
        let ratio = (1.0 - accuracy) * SHARED_MISTAKE / accuracy;
        let n_near = self.near[label].len() as f64;
        let odds = |n_right: usize| ratio.powf(n_near - n_right as f64);
        let is_rival = |date: &Date| self.dates[label].distance(date).is_none_or(|steps| steps > tolerance);
        let rivals = self.dates.iter().zip(&self.near).filter(|(date, _)| is_rival(date));
        let rivals: f64 = rivals.map(|(_, near)| odds(near.len()) / near.len() as f64).sum();
        let probability = 1.0 / (1.0 + rivals + odds(0) / SHARED_MISTAKE);
        let most = 1.0 - SILENT_ERROR * SILENT_ERROR_FACTOR.powf(n_near - 1.0);
        Confidence::new(probability.min(most)).unwrap_or(Confidence::ZERO)
    }
}

/// One worker's date; white space alone is a field left blank.
fn parse(value: FieldValue<'_>) -> Result<Option<Date>, DateError> {
    if value.is_blank() {
        return Ok(None);
    }
    let text = value.text().ok_or(DateError::NotADate)?;
    if text.trim().is_empty() { Ok(None) } else { text.parse().map(Some) }
}

/// Dates have the distance of numbers. Those of another type than most cannot be compared with them: then they are not usable.
fn read_values(values: &[FieldValue<'_>], _: &[LabelCategory]) -> ReadValues {
    let mut n_of_type: BTreeMap<DateType, usize> = BTreeMap::new();
    for date in values.iter().filter_map(|value| parse(*value).ok().flatten()) {
        *n_of_type.entry(date.date_type).or_default() += 1;
    }
    let usual = n_of_type.into_iter().min_by_key(|(_, n)| Reverse(*n)).map(|(date_type, _)| date_type);
    ReadValues::numbers(values, |value| {
        let date = parse(value)?.filter(|date| Some(date.date_type) == usual);
        Ok::<_, DateError>(date.map(|date| date.count as f64))
    })
}

/// Claims all values when each is a date, each a time of day, or each a date with a time, and none is a label category of the
/// job.
fn claims(values: &[FieldValue<'_>], categories: &[LabelCategory]) -> usize {
    let date_type = |value: &FieldValue<'_>| {
        let text = value.text().filter(|text| !is_among(text, categories))?;
        let date: Date = text.parse().ok()?;
        Some(date.date_type).filter(|date_type| ![DateType::Month, DateType::Week].contains(date_type))
    };
    let first = values.first().and_then(date_type);
    let is_claimed = first.is_some() && values.iter().all(|value| date_type(value) == first);
    if is_claimed { values.len() } else { 0 }
}

/// A careful worker is a step off now and then (a minute, where there is a time of day); every other date of a careless one is
/// off by up to 30.
fn simulate(truth: FieldValue<'_>, careful: bool, _: &[LabelCategory], dice: &mut Dice) -> FieldValueBuf {
    let Ok(Some(right)) = parse(truth) else { return truth.to_buf() };
    let (slip, furthest) = if careful { (0.04, 1.0) } else { (0.5, 30.0) };
    if !dice.chance(slip) {
        return FieldValueBuf::of(right);
    }
    let off = (1.0 + dice.unit() * furthest) as i64 * if dice.chance(0.5) { 1 } else { -1 };
    let step = if right.date_type.step() == 1 { 1 } else { MS_PER_MINUTE };
    let mut date = Date { count: right.count + off * step, ..right };
    if date.date_type == DateType::Time {
        date.count = date.count.rem_euclid(MS_PER_DAY);
    }
    // The calendar ends somewhere.
    if date.to_string().parse() == Ok(date) { FieldValueBuf::of(date) } else { FieldValueBuf::of(right) }
}

#[cfg(test)]
mod tests;
