//! Values that no kind understands: kept, counted, and not consolidated.
//!
//! Equal values are counted together. Two values are equal when they are the same JSON: members in any order, numbers by
//! their text.

use std::convert::Infallible;

use serde::Serialize;
use serde_json::Value;

use super::{AnnotationKind, Particulars, ReadValues, is_blank, members};
use crate::batch::{FieldBatch, FieldObject, FieldOutcome};
use crate::label_content::LabelContent;

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "verbatim",
    summary: "anything else: every different value with the number of workers who gave it, not consolidated",
    methods: &[],
    lone_method: None,
    claims: |_, _| 0,
    configure: |_| Box::new(consolidate),
    read_values: |values, _| {
        let parse = |value: &Value| Ok::<_, Infallible>((!is_blank(value)).then(|| sorted(value)));
        ReadValues::equal_or_not(values, parse)
    },
    label: LabelContent::Values,
    // Nothing is decided.
    as_answer: |_| None,
    // A careless worker leaves the field empty.
    simulate: |truth, careful, _, _| if careful { truth.clone() } else { Value::Null },
    examples: &[r#"{"anything": ["else"]}"#, r#"[{"deep": [1]}]"#],
    particulars: Particulars::NONE,
};

#[derive(Serialize)]
struct VerbatimLabel {
    values: Vec<CountedValue>,
    workers: usize,
}

#[derive(Serialize)]
struct CountedValue {
    value: Value,
    workers: usize,
}

/// Counts equal values: the most frequent first, between equals the one whose JSON text is smaller.
fn consolidate(batch: &FieldBatch<'_>) -> Vec<FieldOutcome> {
    batch.objects.iter().map(count).collect()
}

fn count(object: &FieldObject<'_>) -> FieldOutcome {
    let mut texts: Vec<(String, &Value)> = object
        .values
        .iter()
        .filter(|(_, value)| !is_blank(value))
        .map(|(_, value)| (sorted(value).to_string(), *value))
        .collect();
    texts.sort_by(|a, b| a.0.cmp(&b.0));
    let n_workers = texts.len();
    let mut values: Vec<CountedValue> = texts
        .chunk_by(|a, b| a.0 == b.0)
        .map(|equal| CountedValue { value: sorted(equal[0].1), workers: equal.len() })
        .collect();
    values.sort_by_key(|counted| std::cmp::Reverse(counted.workers));
    FieldOutcome {
        method: None,
        members: members(VerbatimLabel { values, workers: n_workers }),
        n_workers,
        confidence: None,
        // Nothing was to be decided, so nothing is undecided: an optional text that nobody wrote is no failure.
        unresolved: None,
        rejected: Vec::new(),
    }
}

/// The value with the members of every object in alphabetical order, so that the result does not depend on whose came
/// first.
fn sorted(value: &Value) -> Value {
    let mut value = value.clone();
    value.sort_all_objects();
    value
}
