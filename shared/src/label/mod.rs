//! The label of a dataset object: what goes under the label attribute, in one of three formats, and the way back.
//!
//! **`fields`** (version 1; `docs/LABEL-FORMAT.md`): one member per form field, each an object with its `kind`, its
//! `method`, the kind's own members, the number of `workers`, a `reason` when it is unresolved, and the answers that were
//! `rejected`. Members may be added; a change that takes one away would get a new format name.
//!
//! **`ground-truth`**: the shape of Ground Truth's built-in task types with its metadata, for forms with one field of such
//! a type and a list of its categories. A batch that has no such shape is written as `fields`, and says why.
//!
//! **`all-answers`**: `annotationsFromAllWorkers`, as the sample function of AWS returns it.
//!
//! - [`write()`]: the labels of a batch, as a plan asks for them.
//! - [`Label::read`]: a label of any format, whoever wrote it.
//! - [`FieldLabel`]: what both have in common, the label of one form field. What it says is typed in
//!   [`label_content`](crate::label_content).
//! - [`BuiltInLabel`]: labels in the shapes of the built-in task types, written and read.

mod built_in;
mod field_label;
mod read;
mod write;

pub use built_in::{BuiltInLabel, Class};
pub use field_label::{FieldLabel, by_field};
pub use read::{Decisions, Label};
pub use write::{Fallback, JobFacts, Labels, write};

#[cfg(test)]
mod tests;
