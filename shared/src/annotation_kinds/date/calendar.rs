//! Dates and times as the inputs of HTML send them: read, counted and shown.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// The latest year that browsers know.
const MAX_YEAR: i64 = 275_760;

const MS_PER_SECOND: i64 = 1_000;
pub(super) const MS_PER_MINUTE: i64 = 60 * MS_PER_SECOND;
pub(super) const MS_PER_DAY: i64 = 24 * 60 * MS_PER_MINUTE;

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
    pub(super) fn step(self) -> i64 {
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
    pub(super) date_type: DateType,
    /// Days since 1970-01-01, months since 1970-01, or weeks since the one of 1970-01-01; milliseconds since midnight, or
    /// since 1970-01-01T00:00.
    pub(super) count: i64,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().expect("a date")
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
}
