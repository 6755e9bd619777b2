//! A consolidation plan, read from its file.

use std::path::Path;

use anyhow::Context;
use ground_truth::document::Problems;
use ground_truth::plan::ConsolidationPlan;
use serde_json::{Map, Value};

use crate::files::document_file;

/// A plan, beside the document that says it.
#[derive(Debug)]
pub(crate) struct PlanFile {
    pub(crate) document: Value,
    pub(crate) plan: ConsolidationPlan,
}

impl PlanFile {
    /// # Errors
    /// When the file cannot be read, or the plan has mistakes.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        Self::of_document(document_file::read(path)?).with_context(|| format!("{} has mistakes", path.display()))
    }

    /// The plan in a file, or the standard one.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(crate) fn open_or_standard(path: Option<&Path>) -> anyhow::Result<Self> {
        path.map_or_else(|| Ok(Self::standard()), Self::open)
    }

    pub(super) fn of_document(document: Value) -> Result<Self, Problems> {
        Ok(Self { plan: ConsolidationPlan::from_value(&document)?, document })
    }

    /// The plan of an empty document.
    pub(crate) fn standard() -> Self {
        Self { plan: ConsolidationPlan::standard(), document: Value::Object(Map::new()) }
    }
}
