//! One line of a manifest.

use std::path::Path;

use anyhow::bail;
use ground_truth::contract::manifest::DataObject;

use crate::console::words::counted;
use crate::files::json_lines::JsonLines;

/// The data object on a line of a manifest, counted from 1.
pub(crate) fn data_object(path: &Path, line: u64) -> anyhow::Result<DataObject> {
    let mut lines = JsonLines::open(path)?;
    match lines.nth(usize::try_from(line - 1)?) {
        Some(line) => Ok(DataObject { members: line?.members }),
        None => bail!("{} has {}, and no line {line}", path.display(), counted(lines.n_read(), "line")),
    }
}
