//! What a form field can hold, one file per kind, and the registry [`ALL`].
//!
//! A kind has two doors. Programs call its module's `consolidate` with [typed answers](crate::typed). Answers as JSON come
//! through the registry: there a kind is a value, [`AnnotationKind`], with all that others have to know of it. Configuration,
//! labels, the companion and the generic tests walk [`ALL`] and name no kind themselves. Behind both doors stands one function.
//!
//! # Adding a kind
//! 1. Write `annotation_kinds/<name>.rs` with `pub(super) const KIND: AnnotationKind`, and with the typed door: the answer
//!    type, which is checked where it is made; `Params` with `STANDARD`; a label that serializes to its members on the wire;
//!    `consolidate`, with an example. `KIND.configure` reads the same `Params` and calls the same function with a parser.
//!    A test in the same file makes answers in both forms and hands them to `Crowd::check` (`typed_tests.rs`).
//! 2. Add its `mod` line and its entry in [`ALL`], below.
//!
//! Nothing else changes. Three members take a decision:
//! - `claims`: where the values of a new kind are values of an earlier and more general one too (every text is `free-text`),
//!   the new kind stands before it in [`ALL`] and claims all values of a field or none. Then it wins where all of them have its
//!   special form, and elsewhere the general kind does, which needs to know nothing of it. A kind that claims nothing has to be
//!   named in the plan.
//! - `label`: choose the [`LabelContent`] whose members the label has, and it is shown, compared and exported as other labels of
//!   that content are. [`LabelContent::OtherMembers`] fits any label.
//! - `particulars`: [`Particulars::NONE`] is right for most kinds.
//!
//! The generic tests (`tests.rs` beside this file) then hold the new kind to what every kind promises: no JSON makes it panic,
//! the order and the names of workers change nothing, unanimity wins, a lone worker is echoed, confidence stays in [0, 1], its
//! examples are recognized as it and no other, distances are symmetric and in [0, 1], and the consensus of equal answers has
//! distance 0 from them. Those of `label/tests.rs` hold its labels to theirs: in each format they are read as they were written,
//! can be shown, and decide the same where workers said the same and only there.

use std::cmp::Reverse;
use std::convert::Infallible;

use serde_json::{Map, Value};

use crate::batch::{FieldBatch, FieldOutcome};
use crate::dice::Dice;
use crate::document::Reader;
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::label_content::{BuiltInTask, Decided, LabelContent};
use crate::parallel;
use crate::typed::Consensus;
use crate::vocabulary::LabelCategory;
use crate::worker_skills::FieldSkills;

pub mod bounding_box;
pub mod categorical;
pub mod classification;
pub mod cuboid;
pub mod date;
pub mod free_text;
pub mod instance_mask;
pub mod keypoint;
pub mod marks;
pub mod masks;
pub mod multi_label;
mod named;
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

pub use named::UnknownName;
use named::named;
pub use read_values::{Distances, ReadValues};

#[cfg(test)]
pub(crate) mod tests;
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
    date::KIND,
    free_text::KIND,
    verbatim::KIND,
];

/// What is kept as it came, because no kind claims it or the plan says so.
pub static VERBATIM: &AnnotationKind = &verbatim::KIND;

/// A parsed and checked configuration, ready to consolidate one field of a whole batch: one outcome per object, in the
/// order of the batch. Pure.
pub type Consolidator = Box<dyn Fn(&FieldBatch<'_>) -> Vec<FieldOutcome> + Send + Sync>;

/// Says why a value cannot be a known answer.
pub type CheckGold = fn(FieldValue<'_>) -> Result<(), String>;

/// One kind of annotation that a form field can hold.
#[derive(Debug)]
pub struct AnnotationKind {
    /// The name in configuration, labels and reports: `bounding-box`.
    pub name: &'static str,
    /// One line for `--help` and error messages.
    pub summary: &'static str,
    /// The methods, the default first; empty where nothing is consolidated.
    pub methods: &'static [&'static str],
    /// The method whose label of a lone worker is all that the worker said; `None` where there are no methods.
    pub lone_method: Option<&'static str>,
    /// How many of a field's values in a batch have a shape of this kind. It sees all of them because some shapes are
    /// only told apart together (radio buttons and check boxes), and the job's label categories because plain text is a
    /// choice only among known ones.
    pub claims: fn(&[FieldValue<'_>], &[LabelCategory]) -> usize,
    /// Reads the kind's parameters and notes what is wrong with them in the reader.
    pub configure: fn(&mut Reader<'_>) -> Consolidator,
    /// Reads many values, of this field and with these label categories, to compare them with each other.
    pub read_values: fn(&[FieldValue<'_>], &[LabelCategory]) -> ReadValues,
    /// What its labels hold. How they are shown, compared and exported follows from it.
    pub label: LabelContent,
    /// What a label decided, as a perfect worker would have sent it; `None` where that says nothing.
    pub as_answer: fn(&Decided<'_>) -> Option<FieldValueBuf>,
    /// What a simulated worker, careful or careless, sends where a perfect one would send `truth`; null for a field left
    /// empty.
    pub simulate:
        fn(truth: FieldValue<'_>, careful: bool, categories: &[LabelCategory], dice: &mut Dice) -> FieldValueBuf,
    /// Values of this kind as JSON, one per shape it understands.
    pub examples: &'static [&'static str],
    /// What only some kinds have.
    pub particulars: Particulars,
}

/// What only some kinds have.
#[derive(Debug, Clone, Copy)]
pub struct Particulars {
    /// The task type of Ground Truth whose labels say the same in another shape.
    pub built_in: Option<BuiltInTask>,
    /// Why a value cannot be a known answer (gold), for kinds whose methods take known answers.
    pub check_gold: Option<CheckGold>,
    /// Estimates how good the workers of a batch are, for kinds whose methods take skills of workers.
    pub worker_skills: Option<fn(&FieldBatch<'_>) -> FieldSkills>,
    /// The crowd element that can start with marks as labels have them (`initial-value`).
    pub prefilled_element: Option<&'static str>,
}

impl Particulars {
    /// None of these abilities.
    pub const NONE: Self = Self { built_in: None, check_gold: None, worker_skills: None, prefilled_element: None };
}

impl AnnotationKind {
    /// Whether values have a distance of the kind's own. Otherwise two of them are equal or not, or differ by a number, and how
    /// near an answer comes to the label says no more than both do.
    pub fn has_own_distance(&self) -> bool {
        matches!((self.read_values)(&[], &[]), ReadValues::Others(_))
    }
}

/// The names of the kinds whose methods take known answers.
pub(crate) fn taking_gold() -> Vec<&'static str> {
    ALL.iter().filter(|kind| kind.particulars.check_gold.is_some()).map(|kind| kind.name).collect()
}

/// The names of the kinds whose methods take skills of workers.
pub(crate) fn taking_skills() -> Vec<&'static str> {
    ALL.iter().filter(|kind| kind.particulars.worker_skills.is_some()).map(|kind| kind.name).collect()
}

/// The kind called `name`.
pub fn by_name(name: &str) -> Option<&'static AnnotationKind> {
    ALL.iter().find(|kind| kind.name == name)
}

/// The kind of a field, read from all its values in a batch: the one that claims most of them and more than half;
/// between equals the earlier in [`ALL`]; verbatim when there is none. Values that say nothing (empty text, an empty
/// object or list) do not count. The order of the values does not matter.
pub fn recognize(values: &[FieldValue<'_>], categories: &[LabelCategory]) -> &'static AnnotationKind {
    let telling: Vec<FieldValue<'_>> = values.iter().copied().filter(|value| !value.is_blank()).collect();
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

/// Every different one of sorted answers with how many workers gave it, most first, then in their order.
fn counted<T: PartialEq>(sorted: &[T]) -> Vec<(&T, usize)> {
    let mut counted: Vec<(&T, usize)> = sorted.chunk_by(T::eq).map(|equal| (&equal[0], equal.len())).collect();
    counted.sort_by_key(|(_, n_workers)| Reverse(*n_workers));
    counted
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
