//! A manifest that is read: a file, or standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use anyhow::Context;

use crate::console::progress::Progress;
use crate::files::json_lines::BUFFER_BYTES;

/// Opens a manifest, or standard input for `-`, with a bar that shows how far a file is read.
pub(crate) fn open(manifest: &Path, progress: Progress) -> anyhow::Result<Box<dyn BufRead>> {
    if manifest == Path::new("-") {
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, io::stdin())));
    }
    let file = File::open(manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    let n_bytes = file.metadata().map_or(0, |metadata| metadata.len());
    let bar = progress.bar(Some(n_bytes), "{bar:30} {bytes} of {total_bytes}");
    Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, bar.wrap_read(file))))
}
