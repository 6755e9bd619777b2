//! How one worker did in one field.

use std::collections::BTreeMap;

use ground_truth::annotation_kinds::ReadValues;
use serde::Serialize;
use time::UtcDateTime;

use crate::crowd::{CrowdField, Row};

/// How many answers a worker must have before earlier and later ones are compared.
const MIN_FOR_DRIFT: usize = 20;

/// How many answers must differ from what is right before a category is called over- or underused.
const MIN_FOR_BIAS: usize = 5;

/// How many standard errors a bias must exceed.
const SURE: f64 = 2.0;

/// One worker's answers to one field.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkerField {
    pub(crate) field: String,
    pub(crate) kind: &'static str,
    /// Answers that consolidation did not set aside.
    pub(crate) answers: usize,
    /// Agreement with the consensus of the other workers.
    pub(crate) others: Option<Mean>,
    /// Agreement with known answers.
    pub(crate) gold: Option<Mean>,
    /// The same agreement with the others, early and late.
    pub(crate) drift: Option<Drift>,
    /// Of categories: what was right, what was answered, and how often; most first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) confusion: Vec<Confusion>,
    /// Of categories: those that the worker says too often or too rarely.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) bias: Vec<CategoryBias>,
    /// Of numbers: by how much they lie above what is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mean_error: Option<MeanError>,
}

/// A mean in [0, 1] of so many answers.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Mean {
    pub(crate) agreement: f64,
    pub(crate) answers: usize,
}

/// Agreement over the earlier and the later half of the answers.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Drift {
    pub(crate) earlier: f64,
    pub(crate) later: f64,
    /// Of the difference of the two.
    pub(crate) standard_error: f64,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Confusion {
    pub(crate) right: String,
    pub(crate) answered: String,
    pub(crate) answers: usize,
}

/// How often a category was said, and how often it was right.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CategoryBias {
    pub(crate) category: String,
    pub(crate) answered: usize,
    pub(crate) right: usize,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MeanError {
    pub(crate) mean: f64,
    pub(crate) standard_error: f64,
    pub(crate) answers: usize,
}

/// Sums over the worker's answers.
#[derive(Debug, Default)]
struct Sum {
    n: usize,
    sum: f64,
    squares: f64,
}

impl Sum {
    fn of(values: impl IntoIterator<Item = f64>) -> Self {
        values.into_iter().fold(Self::default(), |all, value| Self {
            n: all.n + 1,
            sum: all.sum + value,
            squares: all.squares + value * value,
        })
    }

    fn mean(&self) -> f64 {
        self.sum / self.n.max(1) as f64
    }

    /// The variance of the mean.
    fn variance(&self) -> f64 {
        let mean = self.mean();
        let of_values = (self.squares - self.n as f64 * mean * mean).max(0.0) / self.n.saturating_sub(1).max(1) as f64;
        of_values / self.n.max(1) as f64
    }

    fn agreement(&self) -> Option<Mean> {
        (self.n > 0).then(|| Mean { agreement: self.mean(), answers: self.n })
    }
}

impl WorkerField {
    /// Looks at the worker's `rows`; `submitted` tells when an answer was sent.
    pub(crate) fn of(field: &CrowdField, rows: &[Row], submitted: impl Fn(&Row) -> Option<UtcDateTime>) -> Self {
        let with_others = |row: &Row| field.agreement(row.value, row.consensus?);
        let with_gold = |row: &Row| field.agreement(row.value, row.gold?);
        let timed = rows.iter().filter_map(|row| Some((submitted(row)?, row.object, with_others(row)?)));
        let confusion = confusion(field, rows);
        Self {
            field: field.name.clone(),
            kind: field.kind.name,
            answers: rows.len(),
            others: Sum::of(rows.iter().filter_map(with_others)).agreement(),
            gold: Sum::of(rows.iter().filter_map(with_gold)).agreement(),
            drift: drift(timed.collect()),
            bias: bias(&confusion),
            confusion,
            mean_error: mean_error(field, rows),
        }
    }

    /// What is most often mistaken for what.
    pub(crate) fn most_frequent_confusion(&self) -> Option<&Confusion> {
        self.confusion.iter().find(|one| one.right != one.answered)
    }
}

/// The index of the right value: the known answer, or else what the others say.
fn right(row: &Row) -> Option<usize> {
    row.gold.or(row.consensus)
}

/// Times, objects, and agreement.
fn drift(mut timed: Vec<(UtcDateTime, usize, f64)>) -> Option<Drift> {
    if timed.len() < MIN_FOR_DRIFT {
        return None;
    }
    timed.sort_by_key(|(submitted, object, _)| (*submitted, *object));
    let (earlier, later) = timed.split_at(timed.len() / 2);
    let [earlier, later] = [earlier, later].map(|half| Sum::of(half.iter().map(|(_, _, agreement)| *agreement)));
    let standard_error = (earlier.variance() + later.variance()).sqrt();
    Some(Drift { earlier: earlier.mean(), later: later.mean(), standard_error })
}

/// Right and answered categories, the most frequent first, then in the order of the categories.
fn confusion(field: &CrowdField, rows: &[Row]) -> Vec<Confusion> {
    let ReadValues::Categories { names, chosen, .. } = &field.values else { return Vec::new() };
    let mut counts: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for row in rows {
        if let (Some(answered), Some(right)) = (chosen[row.value], right(row).and_then(|idx| chosen[idx])) {
            *counts.entry((right, answered)).or_default() += 1;
        }
    }
    let name = |category: u32| names[category as usize].as_str().to_owned();
    let confusion = |((right, answered), answers): ((u32, u32), usize)| Confusion {
        right: name(right),
        answered: name(answered),
        answers,
    };
    let mut confusions: Vec<Confusion> = counts.into_iter().map(confusion).collect();
    confusions.sort_by_key(|one| std::cmp::Reverse(one.answers));
    confusions
}

/// The categories that are said more or less often than they are right, by more than two standard errors. Only answers that
/// differ tell: of them as many say the category wrongly as miss it, if the worker has no bias (McNemar's test).
fn bias(confusion: &[Confusion]) -> Vec<CategoryBias> {
    // Of each category how often it was said, and how often right; and both without the answers that are right.
    let mut counts: BTreeMap<&str, (usize, usize, usize, usize)> = BTreeMap::new();
    for Confusion { right, answered, answers } in confusion {
        let wrong = if right == answered { 0 } else { *answers };
        let of_answered = counts.entry(answered).or_default();
        of_answered.0 += answers;
        of_answered.2 += wrong;
        let of_right = counts.entry(right).or_default();
        of_right.1 += answers;
        of_right.3 += wrong;
    }
    let is_biased = |(_, _, invented, missed): &(usize, usize, usize, usize)| {
        let n = invented + missed;
        n >= MIN_FOR_BIAS && invented.abs_diff(*missed) as f64 > SURE * (n as f64).sqrt()
    };
    let biased = counts.into_iter().filter(|(_, counts)| is_biased(counts));
    let mut biased: Vec<CategoryBias> = biased
        .map(|(category, (answered, right, ..))| CategoryBias { category: category.to_owned(), answered, right })
        .collect();
    biased.sort_by_key(|one| std::cmp::Reverse(one.answered.abs_diff(one.right)));
    biased
}

fn mean_error(field: &CrowdField, rows: &[Row]) -> Option<MeanError> {
    let ReadValues::Numbers { numbers, .. } = &field.values else { return None };
    let errors = rows.iter().filter_map(|row| Some(numbers[row.value]? - numbers[right(row)?]?));
    let sum = Sum::of(errors);
    (sum.n > 0).then(|| MeanError { mean: sum.mean(), standard_error: sum.variance().sqrt(), answers: sum.n })
}

impl MeanError {
    /// Whether the difference is too large to be chance.
    pub(crate) fn is_biased(&self) -> bool {
        self.answers >= MIN_FOR_BIAS && self.mean.abs() > SURE * self.standard_error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confused(counts: &[(&str, &str, usize)]) -> Vec<Confusion> {
        let one = |(right, answered, answers): &(&str, &str, usize)| Confusion {
            right: (*right).to_owned(),
            answered: (*answered).to_owned(),
            answers: *answers,
        };
        counts.iter().map(one).collect()
    }

    #[test]
    fn bias_needs_enough_answers_that_differ_in_one_direction() {
        let check = |counts: &[(&str, &str, usize)], expected: &[&str]| {
            let bias = bias(&confused(counts));
            let shown = |one: &CategoryBias| format!("{} {} of {}", one.category, one.answered, one.right);
            assert_eq!(bias.iter().map(shown).collect::<Vec<_>>(), expected);
        };
        check(&[("otter", "otter", 90)], &[]);
        check(&[("otter", "otter", 90), ("otter", "heron", 4)], &[]);
        check(&[("otter", "otter", 90), ("otter", "heron", 5)], &["heron 5 of 0", "otter 90 of 95"]);
        check(&[("otter", "heron", 20), ("heron", "otter", 20)], &[]);
        check(&[("otter", "heron", 20), ("heron", "otter", 4)], &["heron 20 of 4", "otter 4 of 20"]);
    }

    #[test]
    fn drift_compares_the_halves_in_the_order_of_time() {
        let timed = |n: u32| -> Vec<(UtcDateTime, usize, f64)> {
            let row = |idx: u32| {
                let submitted = UtcDateTime::UNIX_EPOCH + time::Duration::minutes((n - idx).into());
                (submitted, idx as usize, f64::from(idx >= n / 2))
            };
            (0..n).map(row).collect()
        };
        assert!(drift(timed(19)).is_none());
        let found = drift(timed(20)).expect("enough answers");
        assert!(found.earlier > 0.999 && found.later < 0.001, "{found:?}");
    }

    #[test]
    fn a_standard_error_is_that_of_the_mean() {
        let sum = Sum::of([1.0, 2.0, 3.0, 4.0]);
        // The variance of the four is 5/3.
        assert!((sum.mean() - 2.5).abs() < 1e-12 && (sum.variance() - 5.0 / 12.0).abs() < 1e-12);
    }
}
