//! A consolidation plan in a file.

use std::path::Path;

use anyhow::Context;
use ground_truth::plan::ConsolidationPlan;

use crate::files::document_file;

/// The plan in a file, or the standard one.
pub(crate) fn read(path: Option<&Path>) -> anyhow::Result<ConsolidationPlan> {
    let Some(path) = path else { return Ok(ConsolidationPlan::standard()) };
    ConsolidationPlan::from_value(&document_file::read(path)?)
        .with_context(|| format!("{} has mistakes", path.display()))
}
