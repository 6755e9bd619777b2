//! What a local run did: plain data, printed for people ([`fmt::Display`]) or serialized for programs.

use std::fmt;
use std::path::PathBuf;

use comfy_table::Table;
use serde::Serialize;

use crate::console::table;
use crate::labels::field_summary::{FieldSummaries, FieldSummary};

/// What a local run did.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The job's name.
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
    /// Nobody answered.
    pub expired: usize,
    /// Somebody answered, and the consolidation function returned no label.
    pub no_usable_answer: usize,
}

impl Failed {
    /// All of them.
    pub fn total(&self) -> usize {
        self.expired + self.no_usable_answer
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "labeling job {}\n", self.labeling_job_name)?;
        writeln!(f, "{}\n", self.counts().trim_fmt())?;
        if let Some(table) = self.field_table() {
            writeln!(f, "{}\n", table.trim_fmt())?;
        }
        writeln!(f, "output manifest: {}", self.output_manifest.display())
    }
}

impl Summary {
    fn counts(&self) -> Table {
        let mut rows = vec![
            ("data objects", self.data_objects, ""),
            ("  labeled", self.labeled, ""),
            ("  already labeled", self.already_labeled, "by an earlier job, under the same attribute"),
            ("  excluded", self.excluded, "by PreHumanTaskLambda"),
            ("  failed", self.failed.total(), ""),
            ("    expired", self.failed.expired, "nobody answered"),
            ("    no usable answer", self.failed.no_usable_answer, "AnnotationConsolidationLambda returned no label"),
            ("answers", self.answers, ""),
            ("  rejected", self.rejected_answers, "or parts of them"),
            ("batches", self.batches, ""),
        ];
        // What happens seldom is shown when it happens.
        rows.retain(|(name, n, why)| *n > 0 || why.is_empty() || ["  excluded", "  rejected"].contains(name));
        let mut table = table::plain();
        for (name, n, why) in rows {
            table.add_row([name.to_owned(), n.to_string(), if n > 0 { why.to_owned() } else { String::new() }]);
        }
        table::align_right(&mut table, &[1]);
        table
    }

    /// The fields; `None` when no worker sent any.
    fn field_table(&self) -> Option<Table> {
        let knows_truth = self.fields.iter().any(|field| field.as_in_truth.of > 0);
        let row = |field: &FieldSummary| {
            let mut row = vec![
                field.field.clone(),
                field.kind.to_owned(),
                field.method.unwrap_or("-").to_owned(),
                format!("{} of {}", field.resolved, field.resolved + field.unresolved),
                field.mean_confidence.confidence().map_or("-".to_owned(), |mean| format!("{:.2}", mean.rounded())),
            ];
            let share = &field.as_in_truth;
            let in_truth = if share.of > 0 { format!("{} of {}", share.labels, share.of) } else { "-".to_owned() };
            row.extend(knows_truth.then_some(in_truth));
            row
        };
        let mut header = vec!["field", "kind", "method", "resolved", "confidence"];
        header.extend(knows_truth.then_some("as in truth"));
        let mut table = table::plain();
        table.set_header(header).add_rows(self.fields.iter().map(row));
        table::align_right(&mut table, &[3, 4, 5]);
        (!table.is_empty()).then_some(table)
    }
}
