//! Values that no kind understands: kept, counted, and not consolidated.
//!
//! Equal values are counted together. Two values are equal when they are the same JSON: members in any order, numbers by
//! their text.

use std::convert::Infallible;

use serde::Serialize;

use super::{AnnotationKind, Particulars, ReadValues, counted, members};
use crate::batch::{FieldBatch, FieldObject, FieldOutcome};
use crate::field_value::{FieldValue, FieldValueBuf};
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
        let parse = |value: FieldValue<'_>| Ok::<_, Infallible>((!value.is_blank()).then(|| value.sorted()));
        ReadValues::equal_or_not(values, parse)
    },
    label: LabelContent::Values,
    // Nothing is decided.
    as_answer: |_| None,
    // A careless worker leaves the field empty.
    simulate: |truth, careful, _, _| if careful { truth.to_buf() } else { FieldValueBuf::default() },
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
    value: FieldValueBuf,
    workers: usize,
}

/// Counts equal values: the most frequent first, between equals the one whose JSON text is smaller. Each is written with its
/// members sorted, so that the result does not depend on whose came first.
fn consolidate(batch: &FieldBatch<'_>) -> Vec<FieldOutcome> {
    batch.objects.iter().map(count).collect()
}

fn count(object: &FieldObject<'_>) -> FieldOutcome {
    let telling = object.values.iter().map(|(_, value)| value).filter(|value| !value.is_blank());
    let with_text = |value: FieldValueBuf| (value.to_string(), value);
    let mut texts: Vec<(String, FieldValueBuf)> = telling.map(|value| with_text(value.sorted())).collect();
    texts.sort_by(|a, b| a.0.cmp(&b.0));
    let n_workers = texts.len();
    let of_equal =
        |((_, value), workers): (&(String, FieldValueBuf), usize)| CountedValue { value: value.clone(), workers };
    let values = counted(&texts).into_iter().map(of_equal).collect();
    FieldOutcome {
        method: None,
        members: members(VerbatimLabel { values, workers: n_workers }),
        n_workers,
        confidence: None,
        // Nothing was to be decided, so nothing is undecided: an optional text that nobody wrote is not a failure.
        unresolved: None,
        rejected: Vec::new(),
    }
}
