//! How a job's labels differ from those that another consolidation gives, field by field.
//!
//! - [`FieldDiff`], [`Change`]: one field of one object. [`DiffSummary`]: all objects, by field.
//!
//! Two labels are the same when they decide the same. Confidences, votes and methods may differ, numbers by less than a
//! millionth, and places in an image by half a pixel.

use std::collections::{BTreeMap, BTreeSet};

use ground_truth::label::{Decisions, FieldLabel, Label};
use ground_truth::label_content::Decision;
use serde::Serialize;

/// How one field of one object fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Change {
    /// Both labels decide the same.
    Same,
    /// They decide differently.
    Changed,
    /// Only the new one decides.
    Gained,
    /// Only the old one did.
    Lost,
    /// The old label is in a format that cannot be set beside the new one.
    Incomparable,
}

/// One field of one object, before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct FieldDiff {
    /// The field's name in the form.
    pub(crate) field: String,
    /// How it fared.
    pub(crate) change: Change,
    /// What the old label decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Decision>,
    /// What the new label decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<Decision>,
}

/// Sets an object's old label beside the new one, which is given by form field.
pub(crate) fn compare(before: &Label, after: &BTreeMap<&str, FieldLabel<'_>>) -> Vec<FieldDiff> {
    let after: BTreeMap<&str, Decision> =
        after.iter().filter_map(|(field, label)| Some((*field, label.decision()?))).collect();
    let before = match before.decisions() {
        Decisions::ByField(fields) => fields,
        Decisions::OfUnnamedField(decision) => {
            let mut fitting = after.iter().filter(|(_, after)| decision.could_be_about_field_of(after));
            match (fitting.next(), fitting.next()) {
                (Some((field, _)), None) => BTreeMap::from([((*field).to_owned(), decision)]),
                _ => return incomparable(after),
            }
        }
        Decisions::Unrecognized => return incomparable(after),
    };
    let fields: BTreeSet<&str> = before.keys().map(String::as_str).chain(after.keys().copied()).collect();
    let diff = |field: &str| {
        let (before, after) = (before.get(field), after.get(field));
        let change = match (before, after) {
            (Some(before), Some(after)) if before.decides_as(after) => Change::Same,
            (Some(_), Some(_)) => Change::Changed,
            (None, Some(_)) => Change::Gained,
            (Some(_), None) => Change::Lost,
            (None, None) => return None,
        };
        Some(FieldDiff { field: field.to_owned(), change, before: before.cloned(), after: after.cloned() })
    };
    fields.into_iter().filter_map(diff).collect()
}

fn incomparable(after: BTreeMap<&str, Decision>) -> Vec<FieldDiff> {
    let diff = |(field, after): (&str, Decision)| FieldDiff {
        field: field.to_owned(),
        change: Change::Incomparable,
        before: None,
        after: Some(after),
    };
    after.into_iter().map(diff).collect()
}

/// All objects together, by field in alphabetical order.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct DiffSummary(BTreeMap<String, FieldChanges>);

/// What became of one field over all objects.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FieldChanges {
    /// Objects by what happened.
    pub(crate) objects: BTreeMap<Change, usize>,
    /// Mean confidence before and after, over the objects that have both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mean_confidence: Option<ConfidenceMove>,
    #[serde(skip)]
    sums: (f64, f64, usize),
}

/// A mean confidence, before and after.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct ConfidenceMove {
    /// By the old labels.
    pub(crate) before: f64,
    /// By the new ones.
    pub(crate) after: f64,
}

impl DiffSummary {
    pub(crate) fn count(&mut self, diff: &FieldDiff) {
        let changes = self.0.entry(diff.field.clone()).or_default();
        *changes.objects.entry(diff.change).or_default() += 1;
        let confidence = |decision: &Option<Decision>| decision.as_ref()?.confidence;
        if let (Some(before), Some(after)) = (confidence(&diff.before), confidence(&diff.after)) {
            let (sum_before, sum_after, n) = &mut changes.sums;
            *sum_before += before;
            *sum_after += after;
            *n += 1;
            let round = |sum: f64| (100.0 * sum / *n as f64).round() / 100.0;
            changes.mean_confidence = Some(ConfidenceMove { before: round(*sum_before), after: round(*sum_after) });
        }
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = (&String, &FieldChanges)> {
        self.0.iter()
    }
}

impl FieldChanges {
    pub(crate) fn of(&self, change: Change) -> usize {
        self.objects.get(&change).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
