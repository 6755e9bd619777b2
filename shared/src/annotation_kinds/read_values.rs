//! Values of one form field, each read once, so that any two can be compared: what statistics about workers rest on.
//!
//! How far two values are apart is a number in [0, 1], 0 for equal ones; every kind says what it is:
//!
//! | kind | distance |
//! |---|---|
//! | one category | 0 for the same, 1 for another |
//! | a step of a scale | steps between them, over the steps of the scale |
//! | several categories | Jaccard: 1 − shared ones over those that either has |
//! | a number | their difference, over the span of the middle nine tenths of all values, at most 1 |
//! | marks | [`mark_distance`], with the kind's own similarity; marks of different categories have none |
//! | classes of pixels | 1 − mean intersection over union of the classes that either has |
//! | instances of pixels | [`mark_distance`] |
//! | text | edits over mean length, the mean of words and characters ([`text_medoid`](crate::consolidation::text_medoid)), at most 1 |
//! | an order | Kendall's: the share of pairs in the other order; one that is tied on one side only counts half |
//! | a comparison, anything else | 0 for the same, 1 for another |

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::categorical::of_this_field;
use crate::agreement::mark_distance;
use crate::field_value::FieldValue;
use crate::vocabulary::LabelCategory;

/// Values of one field by their indices.
pub enum ReadValues {
    /// Values that name one category.
    Categories {
        /// The categories: those of the field in their order, then others that were chosen.
        names: Vec<LabelCategory>,
        /// Which one each value names; `None` for a value that is blank or cannot be read.
        chosen: Vec<Option<u32>>,
        /// Whether the categories are the steps of a scale, from one end to the other.
        is_scale: bool,
    },
    /// Values that are one finite number.
    Numbers {
        /// `None` for a value that is blank or cannot be read.
        numbers: Vec<Option<f64>>,
        /// The difference that counts as 1.
        span: f64,
    },
    /// Values of which only distances are known.
    Others(Distances),
}

/// Values that only their distances tell apart.
pub struct Distances {
    is_usable: Vec<bool>,
    between: Box<dyn Fn(usize, usize) -> f64 + Send + Sync>,
}

impl ReadValues {
    /// How many values there are, usable or not.
    pub fn len(&self) -> usize {
        match self {
            Self::Categories { chosen, .. } => chosen.len(),
            Self::Numbers { numbers, .. } => numbers.len(),
            Self::Others(distances) => distances.is_usable.len(),
        }
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the value at `idx` says something that can be read.
    pub fn is_usable(&self, idx: usize) -> bool {
        match self {
            Self::Categories { chosen, .. } => chosen.get(idx).is_some_and(Option::is_some),
            Self::Numbers { numbers, .. } => numbers.get(idx).is_some_and(Option::is_some),
            Self::Others(distances) => distances.is_usable.get(idx).copied().unwrap_or_default(),
        }
    }

    /// How far two values are apart, in [0, 1]; symmetric, and 0 for equal ones. `None` where either cannot be used.
    pub fn distance(&self, a: usize, b: usize) -> Option<f64> {
        match self {
            Self::Categories { names, chosen, is_scale } => {
                let (a, b) = ((*chosen.get(a)?)?, (*chosen.get(b)?)?);
                let n_steps = names.len().saturating_sub(1).max(1);
                Some(if *is_scale { f64::from(a.abs_diff(b)) / n_steps as f64 } else { f64::from(a != b) })
            }
            Self::Numbers { numbers, span } => {
                let difference = ((*numbers.get(a)?)? - (*numbers.get(b)?)?).abs();
                Some(if difference > 0.0 { (difference / span).min(1.0) } else { 0.0 })
            }
            Self::Others(distances) => {
                let usable = self.is_usable(a) && self.is_usable(b);
                // Always in the same order, so that no rounding error makes it matter.
                usable.then(|| (distances.between)(a.min(b), a.max(b)).clamp(0.0, 1.0))
            }
        }
    }

    /// Reads categories. Those that are not declared are put into their order by `order`, then by name.
    pub(super) fn categories<E>(
        values: &[FieldValue<'_>],
        declared: &[LabelCategory],
        parse: impl Fn(FieldValue<'_>) -> Result<Option<LabelCategory>, E>,
    ) -> Self {
        let parsed: Vec<Option<LabelCategory>> = values.iter().map(|value| parse(*value).ok().flatten()).collect();
        let declared = of_this_field(declared, parsed.iter().flatten());
        Self::indexed(&parsed, declared, LabelCategory::cmp, false)
    }

    /// Reads steps of a scale; those that are not on it cannot be used. Without a scale it is what was chosen, in `order`.
    pub(super) fn steps<E>(
        values: &[FieldValue<'_>],
        scale: &[LabelCategory],
        parse: impl Fn(FieldValue<'_>) -> Result<Option<LabelCategory>, E>,
        order: fn(&LabelCategory, &LabelCategory) -> Ordering,
    ) -> Self {
        let on_scale: BTreeSet<&LabelCategory> = scale.iter().collect();
        let step = |value: &FieldValue<'_>| {
            let step = parse(*value).ok().flatten();
            step.filter(|step| scale.is_empty() || on_scale.contains(step))
        };
        Self::indexed(&values.iter().map(step).collect::<Vec<_>>(), scale, order, true)
    }

    fn indexed(
        parsed: &[Option<LabelCategory>],
        declared: &[LabelCategory],
        order: fn(&LabelCategory, &LabelCategory) -> Ordering,
        is_scale: bool,
    ) -> Self {
        let (mut names, mut idx_of) = (Vec::new(), BTreeMap::new());
        let mut others: Vec<&LabelCategory> = parsed.iter().flatten().collect::<BTreeSet<_>>().into_iter().collect();
        others.sort_by(|a, b| order(a, b).then_with(|| a.cmp(b)));
        for category in declared.iter().chain(others) {
            idx_of.entry(category).or_insert_with(|| {
                names.push(category.clone());
                names.len() as u32 - 1
            });
        }
        let chosen = parsed.iter().map(|category| idx_of.get(category.as_ref()?).copied()).collect();
        Self::Categories { names, chosen, is_scale }
    }

    /// Reads numbers.
    pub(super) fn numbers<E>(
        values: &[FieldValue<'_>],
        parse: impl Fn(FieldValue<'_>) -> Result<Option<f64>, E>,
    ) -> Self {
        let finite = |value: &FieldValue<'_>| parse(*value).ok().flatten().filter(|number| number.is_finite());
        let numbers: Vec<Option<f64>> = values.iter().map(finite).collect();
        let mut ascending: Vec<f64> = numbers.iter().copied().flatten().collect();
        ascending.sort_unstable_by(f64::total_cmp);
        let last = ascending.len().saturating_sub(1);
        let between = |low: usize, high: usize| ascending.get(high).zip(ascending.get(low)).map_or(0.0, |(a, b)| a - b);
        let outermost = (last as f64 * OUTERMOST) as usize;
        let inner = between(outermost, last - outermost);
        // Where nine tenths are one number, the others are told apart by the whole span.
        Self::Numbers { numbers, span: if inner > 0.0 { inner } else { between(0, last) } }
    }

    /// Reads anything else. `distance` need only be right for values that differ.
    pub(super) fn others<T: PartialEq + Send + Sync + 'static, E>(
        values: &[FieldValue<'_>],
        parse: impl Fn(FieldValue<'_>) -> Result<Option<T>, E>,
        distance: impl Fn(&T, &T) -> f64 + Send + Sync + 'static,
    ) -> Self {
        let parsed: Vec<Option<T>> = values.iter().map(|value| parse(*value).ok().flatten()).collect();
        Self::Others(Distances {
            is_usable: parsed.iter().map(Option::is_some).collect(),
            between: Box::new(move |a, b| match (&parsed[a], &parsed[b]) {
                (Some(a), Some(b)) if a == b => 0.0,
                (Some(a), Some(b)) => distance(a, b),
                _ => 1.0,
            }),
        })
    }

    /// Reads values of which only equality is known.
    pub(super) fn equal_or_not<T: PartialEq + Send + Sync + 'static, E>(
        values: &[FieldValue<'_>],
        parse: impl Fn(FieldValue<'_>) -> Result<Option<T>, E>,
    ) -> Self {
        Self::others(values, parse, |_, _| 1.0)
    }
}

/// The share of the numbers at either end that does not count for the span.
const OUTERMOST: f64 = 0.05;

/// The Jaccard distance of two ascending lists without doubles; 0 for two empty ones.
pub(super) fn jaccard(a: &[LabelCategory], b: &[LabelCategory]) -> f64 {
    let n_shared = a.iter().filter(|category| b.binary_search(category).is_ok()).count();
    let n_either = a.len() + b.len() - n_shared;
    if n_either == 0 { 0.0 } else { 1.0 - n_shared as f64 / n_either as f64 }
}

/// The distance of two sets of things with a category each, and an overlap.
pub(super) fn of_marks<T>(
    a: &[T],
    b: &[T],
    category: impl for<'t> Fn(&'t T) -> Option<&'t LabelCategory>,
    overlap: impl Fn(&T, &T) -> f64,
) -> f64 {
    mark_distance::marks(a, b, |a, b| if category(a) == category(b) { overlap(a, b) } else { 0.0 })
}

impl fmt::Debug for ReadValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadValues").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Distances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Distances").field("len", &self.is_usable.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::by_name;
    use super::*;
    use crate::field_value::FieldValueBuf;

    /// The distance between two values beside some others.
    fn check(kind: &str, declared: &[&str], values: Value, expected: Option<f64>) {
        let declared: Vec<LabelCategory> = declared.iter().copied().map(LabelCategory::new).collect();
        let values = FieldValueBuf::from(values);
        let list: Vec<FieldValue<'_>> = values.view().elements().expect("a list").collect();
        let read = (by_name(kind).expect("a kind").read_values)(&list, &declared);
        let found = read.distance(0, 1);
        let is_near = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
            (found, expected) => found.is_none() && expected.is_none(),
        };
        assert!(is_near, "{kind} {values}: {found:?}, not {expected:?}");
    }

    #[test]
    fn every_kind_has_the_distance_that_the_table_states() {
        check("classification", &[], json!(["otter", {"label": "otter"}]), Some(0.0));
        check("classification", &[], json!(["otter", "heron"]), Some(1.0));
        check("classification", &[], json!(["otter", ""]), None);
        check("classification", &[], json!(["otter", [1]]), None);
        check("ordinal", &["bad", "fair", "good"], json!(["bad", "fair"]), Some(0.5));
        check("ordinal", &["bad", "fair", "good"], json!(["bad", "superb"]), None);
        check("ordinal", &[], json!(["9", "10", "2", "11"]), Some(1.0 / 3.0));
        check("multi-label", &[], json!([["wet", "dark"], ["wet"]]), Some(0.5));
        check("multi-label", &[], json!([[], {"labels": []}]), Some(0.0));
        check("multi-label", &[], json!([[], ["wet"]]), Some(1.0));
        check("number", &[], json!([1, "2", 0, 4]), Some(0.25));
        check("number", &[], json!([5, 5]), Some(0.0));
        check("number", &[], json!([5, "five"]), None);
        check("ranking", &[], json!([["a", "b", "c"], ["a", "c", "b"]]), Some(1.0 / 3.0));
        check("ranking", &[], json!([["a", "b", "c"], ["a", ["b", "c"]]]), Some(1.0 / 6.0));
        check("ranking", &[], json!([["a", "b"], ["b", "a"]]), Some(1.0));
        check("pairwise", &[], json!([{"winner": "a", "loser": "b"}, {"winner": "b", "loser": "a"}]), Some(1.0));
        check("free-text", &[], json!(["An otter", "an  otter"]), Some(0.0));
        check("free-text", &[], json!(["abc", "xyz"]), Some(1.0));
        check("verbatim", &[], json!([{"a": [1], "b": 2}, {"b": 2, "a": [1]}]), Some(0.0));
    }

    #[test]
    fn marks_are_compared_by_overlap_and_category() {
        let drawn = |label: &str, left: f64| json!({"label": label, "left": left, "top": 0, "width": 10, "height": 10});
        let boxes = |a: Value, b: Value| json!([[a], [b]]);
        check("bounding-box", &[], boxes(drawn("otter", 0.0), drawn("otter", 5.0)), Some(2.0 / 3.0));
        check("bounding-box", &[], boxes(drawn("otter", 0.0), drawn("heron", 0.0)), Some(1.0));
        check("bounding-box", &[], json!([[], [drawn("otter", 0.0)]]), Some(1.0));
        check("bounding-box", &[], json!([[], []]), Some(0.0));
        let span = |start: u32, end: u32| json!([{"label": "river", "startOffset": start, "endOffset": end}]);
        check("text-span", &[], json!([span(0, 4), span(0, 8)]), Some(0.5));
    }
}
