//! What a form field can hold, one file per kind, and the registry [`ALL`].
//!
//! A kind has two doors. Programs call its module's `consolidate` with [typed answers](crate::typed). Answers as JSON come
//! through the registry: there a kind is a value with its name, the shapes it claims, its checked parameters, its
//! consolidation, its shape among Ground Truth's built-in labels, how far two values are apart, and how a simulated worker errs in it. Configuration, the
//! companion, reports and the generic tests walk [`ALL`] and name no kind themselves. Behind both doors stands one function.
//!
//! # Adding a kind
//! 1. Write `annotation_kinds/<name>.rs` with `pub(super) const KIND: AnnotationKind`, and with the typed door: the answer
//!    type, which is checked where it is made; `Params` with `STANDARD`; a label that serializes to its members on the wire;
//!    `consolidate`, with an example. `KIND.configure` reads the same `Params` and calls the same function with a parser.
//! 2. Add its `mod` line and its entry in [`ALL`], below.
//!
//! Nothing else changes. The generic tests (`tests.rs` beside this file) then hold the new kind to what every kind
//! promises: no JSON makes it panic, the order of workers changes nothing, unanimity wins, a lone worker is echoed,
//! confidence stays in [0, 1], no other kind claims its examples, distances are symmetric and in [0, 1], and the consensus of
//! equal answers has distance 0 from them. Add it to `typed_tests.rs` too: both doors give the same.

use std::convert::Infallible;

use serde_json::{Map, Value};

use crate::batch::{FieldBatch, FieldOutcome};
use crate::dice::Dice;
use crate::document::Reader;
use crate::parallel;
use crate::typed::Consensus;
use crate::vocabulary::LabelCategory;

pub mod bounding_box;
pub mod categorical;
pub mod classification;
pub mod cuboid;
pub mod free_text;
pub mod instance_mask;
pub mod keypoint;
pub mod marks;
pub mod masks;
pub mod multi_label;
pub mod number;
pub mod ordinal;
pub mod pairwise;
pub mod polygon;
pub mod polyline;
pub mod ranking;
mod read_values;
pub mod semantic_mask;
pub mod text_span;
pub mod time_segment;
pub mod track;
mod verbatim;
mod worker_index;

pub use read_values::{Distances, ReadValues};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod typed_tests;

/// Every kind, in the order in which ties between their claims fall; [`VERBATIM`] claims nothing and comes last.
pub static ALL: &[AnnotationKind] = &[
    classification::KIND,
    multi_label::KIND,
    ordinal::KIND,
    ranking::KIND,
    pairwise::KIND,
    number::KIND,
    bounding_box::KIND,
    keypoint::KIND,
    polygon::KIND,
    polyline::KIND,
    text_span::KIND,
    time_segment::KIND,
    track::KIND,
    cuboid::KIND,
    semantic_mask::KIND,
    instance_mask::KIND,
    free_text::KIND,
    verbatim::KIND,
];

/// What is kept as it came, because no kind claims it or the plan says so.
pub static VERBATIM: &AnnotationKind = &verbatim::KIND;

/// A parsed and checked configuration, ready to consolidate one field of a whole batch: one outcome per object, in the
/// order of the batch. Pure.
pub type Consolidator = Box<dyn Fn(&FieldBatch<'_>) -> Vec<FieldOutcome> + Send + Sync>;

/// Writes an outcome as Ground Truth's own consolidation would, classes by their place in the list.
pub type BuiltInLabelOf = fn(&FieldOutcome, &[LabelCategory]) -> Option<BuiltInLabel>;

/// One kind of annotation that a form field can hold.
#[derive(Debug)]
pub struct AnnotationKind {
    /// The name in configuration, labels and reports: `bounding-box`.
    pub name: &'static str,
    /// One line for `--help` and error messages.
    pub summary: &'static str,
    /// The methods, the default first; empty where nothing is consolidated.
    pub methods: &'static [&'static str],
    /// How many of a field's values in a batch have a shape of this kind. It sees all of them because some shapes are
    /// only told apart together (radio buttons and check boxes), and the job's label categories because plain text is a
    /// choice only among known ones.
    pub claims: fn(&[&Value], &[LabelCategory]) -> usize,
    /// Reads the kind's parameters and notes what is wrong with them in the reader.
    pub configure: fn(&mut Reader<'_>) -> Consolidator,
    /// The outcome as Ground Truth's own consolidation would write it, where it has such a task type. It gives `None` when
    /// the field has no label, or when the label names a category outside the list.
    pub built_in_label: Option<BuiltInLabelOf>,
    /// Reads many values, of this field and with these label categories, to compare them with each other.
    pub read_values: fn(&[&Value], &[LabelCategory]) -> ReadValues,
    /// The members of a label that was decided on, as a perfect worker would have sent it; `None` where they say nothing.
    pub as_answer: fn(&Map<String, Value>) -> Option<Value>,
    /// What a simulated worker, careful or careless, sends where a perfect one would send `truth`.
    pub simulate: fn(truth: &Value, careful: bool, categories: &[LabelCategory], dice: &mut Dice) -> Value,
    /// Values of this kind as JSON, one per shape it understands.
    pub examples: &'static [&'static str],
}

/// A label and its metadata in the shape of Ground Truth's built-in task types.
#[derive(Debug, Clone, PartialEq)]
pub struct BuiltInLabel {
    /// The value under the label attribute.
    pub label: Value,
    /// The members of `<label>-metadata` that depend on the kind, in kebab-case. `type` may hold `{source}`, which
    /// stands for `image` or `text`.
    pub metadata: Map<String, Value>,
}

/// The kind called `name`.
pub fn by_name(name: &str) -> Option<&'static AnnotationKind> {
    ALL.iter().find(|kind| kind.name == name)
}

/// The kind of a field, read from all its values in a batch: the one that claims most of them and more than half;
/// between equals the earlier in [`ALL`]; verbatim when there is none. Values that say nothing (empty text, an empty
/// object or list) do not count. The order of the values does not matter.
pub fn recognize(values: &[&Value], categories: &[LabelCategory]) -> &'static AnnotationKind {
    let telling: Vec<&Value> = values.iter().copied().filter(|value| !is_blank(value)).collect();
    let (mut best, mut most) = (VERBATIM, 0);
    for kind in ALL {
        let n_claimed = (kind.claims)(&telling, categories);
        if n_claimed > most {
            (best, most) = (kind, n_claimed);
        }
        if n_claimed == telling.len() {
            break; // No other one can claim more.
        }
    }
    if 2 * most > telling.len() { best } else { VERBATIM }
}

/// Whether a value says nothing at all.
pub(crate) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What a kind's typed part made of a field, written as the plan hands it on.
fn written<L: serde::Serialize + Send>(method: &'static str, consensus: Vec<Consensus<L>>) -> Vec<FieldOutcome> {
    let outcome = |consensus: Consensus<L>| FieldOutcome {
        method: Some(method),
        members: members(consensus.label),
        n_workers: consensus.n_workers,
        confidence: consensus.confidence,
        unresolved: consensus.unresolved,
        rejected: consensus.rejected,
    };
    parallel::map(consensus, outcome)
}

/// How an answer that is typed already is parsed: by taking it as it is.
fn as_it_is<A: Clone>(answer: &A) -> Result<Option<A>, Infallible> {
    Ok(Some(answer.clone()))
}

/// The members of a label that a kind has written as a serializable struct.
fn members(label: impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(label) {
        Ok(Value::Object(members)) => members,
        // Label structs have text keys and finite numbers, so they serialize to objects.
        _ => Map::new(),
    }
}
