//! What a local run did.

use std::path::PathBuf;

use serde::Serialize;

use crate::labels::field_summary::FieldSummaries;

/// What a local run did.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The name of the job.
    pub labeling_job_name: String,
    /// How many data objects the manifest has.
    pub data_objects: usize,
    /// How many got a label.
    pub labeled: usize,
    /// How many had one already, under the label attribute of this job.
    pub already_labeled: usize,
    /// How many the pre function kept from workers.
    pub excluded: usize,
    /// How many should have got a label and have none.
    pub failed: Failed,
    /// How many answers workers gave.
    pub answers: usize,
    /// How many of them, or parts of them, the consolidation set aside.
    pub rejected_answers: usize,
    /// How often the consolidation function was called.
    pub batches: usize,
    /// What became of each form field.
    pub fields: FieldSummaries,
    /// Where the labels are.
    pub output_manifest: PathBuf,
}

/// Data objects without a label, by cause.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    /// Objects that no worker answered.
    pub expired: usize,
    /// Somebody answered, and the consolidation function returned no label.
    pub no_usable_answer: usize,
}

impl Failed {
    /// The number of objects without a label, whatever the cause.
    pub fn total(&self) -> usize {
        self.expired + self.no_usable_answer
    }
}
