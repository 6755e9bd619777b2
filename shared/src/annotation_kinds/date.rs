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

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::classification::is_among;
use super::{AnnotationKind, Consolidator, Particulars, ReadValues, named, written};
use crate::batch::{FieldBatch, FieldObject, RejectedAnswer};
use crate::dice::Dice;
use crate::document::Reader;
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::label_content::{Decided, LabelContent};
use crate::typed::{Answers, Consensus, bounded};
use crate::vocabulary::{Confidence, LabelCategory, WorkerId};

/// The latest year that browsers know.
const MAX_YEAR: i64 = 275_760;

/// The largest tolerance: more steps than there are milliseconds between any two dates.
const MAX_TOLERANCE: f64 = 1e16;

const MS_PER_SECOND: i64 = 1_000;
const MS_PER_MINUTE: i64 = 60 * MS_PER_SECOND;
const MS_PER_DAY: i64 = 24 * 60 * MS_PER_MINUTE;

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
    as_answer: |decided| match decided {
        Decided::Text(text) => Some(FieldValueBuf::of(text)),
        _ => None,
    },
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

/// What a [`Date`] tells: the `type` of the input that it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateType {
    /// A day of the Gregorian calendar: `2024-05-17`.
    Date,
    /// A day and a time of day, in no time zone: `2024-05-17T09:30`.
    DateTimeLocal,
    /// A time of day, from `00:00` to `23:59:59.999`.
    Time,
    /// A month: `2024-05`.
    Month,
    /// A week of ISO 8601, from Monday to Sunday: `2024-W20`.
    Week,
}

impl DateType {
    /// How much of a [`Date`]'s count is the unit of distances and tolerances.
    fn step(self) -> i64 {
        match self {
            Self::Date | Self::Month | Self::Week => 1,
            Self::DateTimeLocal | Self::Time => MS_PER_SECOND,
        }
    }
}

/// What a worker enters into a date or time input of HTML. There is no value for a day, a week or a time that does not exist.
///
/// Read with [`str::parse`], blanks around it allowed; shown in the shortest form that HTML has for it. Ordered by type, then
/// by time.
///
/// ```
/// use ground_truth::annotation_kinds::date::{Date, DateType};
///
/// let seen: Date = "2024-05-17 09:30:00".parse()?;
/// assert_eq!((seen.date_type(), seen.to_string().as_str()), (DateType::DateTimeLocal, "2024-05-17T09:30"));
/// assert_eq!(seen.distance(&"2024-05-17T09:31".parse()?), Some(60.0));
/// assert!("2023-02-29".parse::<Date>().is_err());
/// # Ok::<(), ground_truth::annotation_kinds::date::DateError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    date_type: DateType,
    /// Days since 1970-01-01, months since 1970-01, or weeks since the one of 1970-01-01; milliseconds since midnight, or
    /// since 1970-01-01T00:00.
    count: i64,
}

/// Why a text is not a [`Date`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// The text has another form.
    #[error(
        "the value is not a date or time as date inputs send them: `2024-05-17`, `2024-05-17T09:30`, `09:30`, `2024-05`, \
         `2024-W20`"
    )]
    NotADate,
    /// The text has the form, but the calendar or the clock has no such value.
    #[error("the calendar or the clock has no such date or time")]
    NoSuchDate,
}

impl Date {
    /// Which of HTML's date and time inputs sends such a value.
    pub fn date_type(&self) -> DateType {
        self.date_type
    }

    /// How far another one is away, 0 or more: in days, months or weeks; in seconds for times of day and dates with a time.
    /// `None` between different types.
    pub fn distance(&self, other: &Self) -> Option<f64> {
        (self.date_type == other.date_type).then(|| self.steps_between(other))
    }

    /// The distance of two of one type.
    fn steps_between(&self, other: &Self) -> f64 {
        self.count.abs_diff(other.count) as f64 / self.date_type.step() as f64
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let text = text.trim();
        let (date_type, count) = if let Some((year, week)) = text.split_once("-W") {
            (DateType::Week, week_count(number(year, 4..=6)?, number(week, 2..=2)?)?)
        } else if let Some((date, time)) = text.split_once(['T', ' ']) {
            (DateType::DateTimeLocal, days_of(date)? * MS_PER_DAY + ms_of(time)?)
        } else if text.contains(':') {
            (DateType::Time, ms_of(text)?)
        } else if text.matches('-').count() == 1 {
            let (year, month) = text.split_once('-').ok_or(DateError::NotADate)?;
            let (year, month) = (number(year, 4..=6)?, number(month, 2..=2)?);
            is_month(year, month)?;
            (DateType::Month, (year - 1970) * 12 + month - 1)
        } else {
            (DateType::Date, days_of(text)?)
        };
        Ok(Self { date_type, count })
    }
}

/// The shortest form that HTML has for it.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.count;
        f.pad(&match self.date_type {
            DateType::Date => day_text(count),
            DateType::DateTimeLocal => {
                format!("{}T{}", day_text(count.div_euclid(MS_PER_DAY)), time_text(count.rem_euclid(MS_PER_DAY)))
            }
            DateType::Time => time_text(count),
            DateType::Month => format!("{:04}-{:02}", 1970 + count.div_euclid(12), count.rem_euclid(12) + 1),
            DateType::Week => {
                let (year, week) = year_and_week(count);
                format!("{year:04}-W{week:02}")
            }
        })
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A number of so many ASCII digits.
fn number(digits: &str, n_digits: RangeInclusive<usize>) -> Result<i64, DateError> {
    let is_number = n_digits.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number).ok_or(DateError::NotADate)
}

fn is_month(year: i64, month: i64) -> Result<(), DateError> {
    let exists = (1..=MAX_YEAR).contains(&year) && (1..=12).contains(&month);
    if exists { Ok(()) } else { Err(DateError::NoSuchDate) }
}

/// The days since 1970-01-01 of a date such as `2024-05-17`.
fn days_of(text: &str) -> Result<i64, DateError> {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(DateError::NotADate);
    };
    let (year, month, day) = (number(year, 4..=6)?, number(month, 2..=2)?, number(day, 2..=2)?);
    is_month(year, month)?;
    let n_days = days_before_month(year, month + 1) - days_before_month(year, month);
    if (1..=n_days).contains(&day) { Ok(days_before_month(year, month) + day - 1) } else { Err(DateError::NoSuchDate) }
}

/// The milliseconds since midnight of a time such as `09:30`, `09:30:15` or `09:30:15.25`.
fn ms_of(text: &str) -> Result<i64, DateError> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, fraction)| (clock, Some(fraction)));
    let mut parts = clock.split(':').map(|part| number(part, 2..=2));
    let hour = parts.next().ok_or(DateError::NotADate)??;
    let minute = parts.next().ok_or(DateError::NotADate)??;
    let second = parts.next().transpose()?;
    let ms = match fraction {
        Some(digits) if second.is_some() => number(digits, 1..=3)? * [100, 10, 1][digits.len() - 1],
        Some(_) => return Err(DateError::NotADate),
        None => 0,
    };
    if parts.next().is_some() {
        return Err(DateError::NotADate);
    }
    let second = second.unwrap_or_default();
    if hour > 23 || minute > 59 || second > 59 {
        return Err(DateError::NoSuchDate);
    }
    Ok((hour * 60 + minute) * MS_PER_MINUTE + second * MS_PER_SECOND + ms)
}

/// The days from 1970-01-01 to the first of a month; months count on beyond 12. A year starts in March here, so that the leap
/// day is the last one of its year.
fn days_before_month(year: i64, month: i64) -> i64 {
    let months_since_march = year * 12 + month - 3;
    let (year, month) = (months_since_march.div_euclid(12), months_since_march.rem_euclid(12));
    // From March on, months have 31, 30, 31, 30, 31 days, over and over: 153 in five months.
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5;
    days - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    // The mean month of 400 years comes within one of the right one.
    let guess = (days * 4_800).div_euclid(146_097) + 1970 * 12;
    let starts = |month: &i64| days_before_month(month.div_euclid(12), month.rem_euclid(12) + 1) <= days;
    let month = (guess - 1..=guess + 1).rev().find(starts).unwrap_or(guess - 1);
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    (year, month, days - days_before_month(year, month) + 1)
}

/// The week since that of 1970-01-01 in which a day lies. That one started on a Monday, 1969-12-29.
fn week_of(days: i64) -> i64 {
    (days + 3).div_euclid(7)
}

/// The first week of a year: the one with its fourth of January.
fn first_week(year: i64) -> i64 {
    week_of(days_before_month(year, 1) + 3)
}

fn week_count(year: i64, week: i64) -> Result<i64, DateError> {
    is_month(year, 1)?;
    let n_weeks = first_week(year + 1) - first_week(year);
    if (1..=n_weeks).contains(&week) { Ok(first_week(year) + week - 1) } else { Err(DateError::NoSuchDate) }
}

/// A week belongs to the year of its Thursday.
fn year_and_week(count: i64) -> (i64, i64) {
    let (year, ..) = civil(count * 7);
    (year, count - first_week(year) + 1)
}

fn day_text(days: i64) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

fn time_text(ms: i64) -> String {
    let (minute, ms) = (ms / MS_PER_MINUTE, ms % MS_PER_MINUTE);
    let clock = format!("{:02}:{:02}", minute / 60, minute % 60);
    match (ms / MS_PER_SECOND, ms % MS_PER_SECOND) {
        (0, 0) => clock,
        (second, 0) => format!("{clock}:{second:02}"),
        (second, ms) => format!("{clock}:{second:02}.{ms:03}").trim_end_matches('0').to_owned(),
    }
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
    #[serde(skip_serializing_if = "Option::is_none")]
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
            answers: answers.counted(),
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

    /// Every different date with its workers, most first, then the earlier.
    fn counted(&self) -> Vec<CountedDate> {
        let equal = self.dates.chunk_by(|a, b| a == b);
        let mut counted: Vec<CountedDate> =
            equal.map(|equal| CountedDate { date: equal[0], n_workers: equal.len() }).collect();
        counted.sort_by_key(|counted| Reverse(counted.n_workers));
        counted
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
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{label_of, mistakes};
    use super::super::typed_tests::{Crowd, check_range};
    use super::super::{FieldValueBuf, recognize};
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().expect("a date")
    }

    fn check(parameters: Value, values: Value, expected: &str) {
        let outcome = label_of(&KIND, parameters, values.clone());
        let label = match (outcome.unresolved, outcome.members["text"].as_str()) {
            (None, Some(text)) => format!("{text} {}", outcome.members["confidence"]),
            (reason, text) => format!("{reason:?} {text:?}"),
        };
        assert_eq!(label, expected, "{values}");
    }

    /// Days and weeks as Python's `datetime` has them, leap years and years of 53 weeks among them.
    #[test]
    fn dates_are_counted_as_the_calendar_does() {
        let count = |text: &str, expected: i64| {
            assert_eq!(date(text).count, expected, "{text}");
            assert_eq!(date(text).to_string(), text);
        };
        count("1970-01-01", 0);
        count("0001-01-01", -719_162);
        count("1600-02-29", -135_081);
        count("1900-03-01", -25_508);
        count("2000-02-29", 11_016);
        count("2024-12-31", 20_088);
        count("275760-09-13", 100_000_000);
        count("1969-12", -1);
        count("2024-05", 652);
        count("1970-W01", 0);
        count("2020-W53", 2_661);
        count("2021-W01", 2_662);
        count("1969-W52", -1);
        count("00:00", 0);
        count("23:59:59.999", MS_PER_DAY - 1);
        count("1969-12-31T23:59", -60_000);
    }

    #[test]
    fn every_day_is_shown_as_it_is_read() {
        for days in (-719_162..3_000_000).step_by(13).chain(18_000..20_500) {
            for date in [
                Date { date_type: DateType::Date, count: days },
                Date { date_type: DateType::Week, count: week_of(days).max(first_week(1)) },
                Date { date_type: DateType::Month, count: days / 31 },
                Date { date_type: DateType::DateTimeLocal, count: days * MS_PER_DAY + days.rem_euclid(1_000) * 86_399 },
            ] {
                assert_eq!(date.to_string().parse(), Ok(date), "{date}");
            }
        }
    }

    #[test]
    fn a_date_is_written_in_its_shortest_form() {
        let check = |text: &str, expected: &str| assert_eq!(date(text).to_string(), expected);
        check(" 2024-05-17 ", "2024-05-17");
        check("2024-05-17 09:30:00.000", "2024-05-17T09:30");
        check("09:30:15.50", "09:30:15.5");
        check("09:30:00.25", "09:30:00.25");
    }

    #[test]
    fn what_is_not_a_date_is_told_from_what_does_not_exist() {
        for text in [
            "",
            "17.05.2024",
            "2024-5-17",
            "2024/05/17",
            "24-05-17",
            "2024-05-17T",
            "2024-05-17T09:30Z",
            "9:30",
            "09:30 pm",
            "09:30.5",
            "09:30:15.1234",
            "09:30:15:00",
            "2024-W5",
            "2024W20",
            "２０２４-05-17",
            "+024-05-17",
            "2024-05-17-01",
            "1234567-01-01",
            "2024",
            "-",
            "--",
            "T",
            ":",
            "-W",
        ] {
            assert_eq!(text.parse::<Date>(), Err(DateError::NotADate), "{text}");
        }
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2024-00-10",
            "2024-13-10",
            "2024-04-31",
            "2024-04-00",
            "0000-01-01",
            "24:00",
            "09:60",
            "09:30:60",
            "2024-W00",
            "2021-W53",
            "2024-00",
            "2024-13",
            "275761-01-01",
        ] {
            assert_eq!(text.parse::<Date>(), Err(DateError::NoSuchDate), "{text}");
        }
    }

    #[test]
    fn the_label_is_what_most_workers_come_near_to() {
        check(json!({}), json!(["2024-05-17"]), "2024-05-17 0.8");
        check(json!({}), json!(["2024-05-17", "2024-05-17", "2024-05-17"]), "2024-05-17 0.97");
        check(json!({}), json!(["2024-05-17", "2024-05-18", "2024-05-17"]), "2024-05-17 0.91");
        let three = json!(["09:30", "09:31", "09:31:30", "11:00", "11:00"]);
        check(json!({"tolerance": 90}), three.clone(), "09:31 0.92");
        check(json!({"method": "majority-vote", "tolerance": 90}), three, "11:00 0.08");
        check(json!({}), json!([" ", ""]), "Some(NoUsableAnswer) None");
    }

    #[test]
    fn ties_fall_to_the_nearest_to_all_then_to_the_earlier() {
        check(json!({}), json!(["2024-05", "2024-06", "2024-12"]), "2024-06 0.28");
        check(json!({}), json!(["2024-05", "2024-06"]), "2024-05 0.42");
        check(json!({"method": "majority-vote"}), json!(["2024-W20", "2024-W02"]), "2024-W02 0.42");
        check(json!({"tolerance": 1000}), json!(["09:30", "2024-05-17"]), "2024-05-17 0.42");
    }

    #[test]
    fn all_different_answers_are_kept() {
        let outcome = label_of(&KIND, json!({"tolerance": 2}), json!(["2024-05-17", "2024-05-16", "2024-05-17"]));
        let expected = json!({
            "text": "2024-05-17", "confidence": 0.97, "tolerance": 2.0,
            "answers": [{"text": "2024-05-17", "workers": 2}, {"text": "2024-05-16", "workers": 1}], "workers": 3,
        });
        assert_eq!(Value::Object(outcome.members), expected);
    }

    #[test]
    fn what_cannot_be_read_is_set_aside() {
        let outcome = label_of(&KIND, json!({}), json!(["2024-05-17", "yesterday", "2023-02-29", 2024, {}]));
        let reasons: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        let (other, none) = (DateError::NotADate.to_string(), DateError::NoSuchDate.to_string());
        assert_eq!(reasons, [&other, &none, &other]);
        assert_eq!(outcome.n_workers, 1);
    }

    /// Workers who are right this often, and otherwise anywhere: the label's confidence comes true.
    #[test]
    fn confidence_is_learned_from_the_batch() {
        for right in [0.6, 0.9] {
            let mut dice = Dice::new(7);
            let mut answers = Answers::default();
            let truth = |object: usize| Date { date_type: DateType::Date, count: object as i64 * 40 };
            for object in 0..400 {
                for worker in 0..3 {
                    let off = if dice.chance(right) { 0 } else { 1 + dice.below(300) as i64 };
                    let date = Date { count: truth(object).count + off, ..truth(object) };
                    answers.add(object.to_string(), worker.to_string(), date);
                }
            }
            let consensus = consolidate(&answers, &Params::STANDARD);
            let n_right = (0..400).filter(|object| consensus[*object].label.date == Some(truth(*object))).count();
            let confidence = Confidence::mean(consensus.iter().filter_map(|one| one.confidence)).expect("confidences");
            let gap = (confidence.value() - n_right as f64 / 400.0).abs();
            assert!(gap < 0.05, "{right}: {confidence:?}, {n_right} of 400");
        }
    }

    #[test]
    fn only_complete_dates_and_times_are_recognized() {
        let check = |values: Value, expected: &str| {
            let values = FieldValueBuf::from(values);
            let list: Vec<FieldValue<'_>> = values.view().elements().expect("a list").collect();
            assert_eq!(recognize(&list, &["10:30"].map(LabelCategory::new)).name, expected, "{values}");
        };
        check(json!(["2024-05-17", "", "2023-01-01"]), "date");
        check(json!(["2024-05-17T09:30", "2024-05-17 09:30:15"]), "date");
        check(json!(["09:30", "09:30:15"]), "date");
        check(json!(["2024-05-17", "yesterday"]), "free-text");
        check(json!(["2024-05-17", "09:30"]), "free-text");
        check(json!(["2024-05-17", "2023-02-29"]), "free-text");
        check(json!(["2024-05", "2024-06"]), "free-text");
        check(json!(["2024-W20"]), "free-text");
        check(json!(["10:30", "09:30", "09:31"]), "free-text");
    }

    #[test]
    fn distances_are_those_of_numbers_and_of_one_type() {
        let check = |values: Value, expected: Option<f64>| {
            let values = FieldValueBuf::from(values);
            let list: Vec<FieldValue<'_>> = values.view().elements().expect("a list").collect();
            assert_eq!(read_values(&list, &[]).distance(0, 1), expected, "{values}");
        };
        check(json!(["2024-05-17", "2024-05-18", "2024-05-21"]), Some(0.25));
        check(json!(["2024-05-17", "2024-05-17"]), Some(0.0));
        check(json!(["2024-05-17", "09:30", "2024-05-17"]), None);
        assert_eq!(date("23:59").distance(&date("00:00")), Some(86_340.0));
        assert_eq!(date("2024-W52").distance(&date("2025-W01")), Some(1.0));
        assert_eq!(date("2024-05").distance(&date("2024-05-17")), None);
    }

    #[test]
    fn simulated_workers_stay_in_the_form_of_the_field() {
        let mut dice = Dice::new(3);
        for text in ["2024-05-17", "0001-01-01", "2024-05-17T09:30", "00:00", "23:59:15", "2024-12", "2020-W53"] {
            let truth = FieldValueBuf::of(text);
            let mut sent = |careful| {
                let all: Vec<FieldValueBuf> =
                    (0..200).map(|_| simulate(truth.view(), careful, &[], &mut dice)).collect();
                for value in &all {
                    let sent = parse(value.view()).expect("a date").expect("no blank");
                    assert_eq!(sent.date_type, date(text).date_type);
                }
                all.iter().filter(|value| **value == truth).count()
            };
            assert!(sent(true) > 170 && sent(false) < 150, "{text}");
        }
    }

    #[test]
    fn parameters_are_checked() {
        assert_eq!(
            mistakes(&KIND, json!({"method": "median", "tolerance": -1})),
            "fields.field.method: must be `medoid` or `majority-vote`; fields.field.tolerance: must be a number from 0 on"
        );
    }

    #[test]
    fn typed_answers_give_the_same() {
        let crowd = Crowd::new(|wobble, odd| {
            let text = format!("2024-05-{:02}T09:3{odd}", 15 + wobble(5.0) as i64);
            (json!(text), date(&text))
        });
        for method in Method::ALL {
            let params = Params { method: *method, tolerance: 86_400.0 };
            crowd.check(
                &KIND,
                json!({"method": method.name(), "tolerance": 86_400}),
                consolidate(&crowd.answers, &params),
            );
        }
        let tolerant = |tolerance| consolidate(&crowd.answers, &Params { tolerance, ..Params::STANDARD });
        check_range(&[[-1.0, 0.0], [f64::NAN, 0.0], [1e20, MAX_TOLERANCE]], tolerant);
    }
}
