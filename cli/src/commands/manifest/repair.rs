//! `gtruth manifest repair`: a manifest with all mended that can be mended without guessing.

use std::path::Path;

use anyhow::bail;
use serde_json::json;

use crate::args::ManifestRepairArgs;
use crate::console::{Console, ExitStatus};
use crate::manifest::output_file::OutputFile;
use crate::manifest::repair::repair;

/// Writes the mended manifest, and says what was done.
pub(super) fn run(args: &ManifestRepairArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let input = args.manifest.as_path();
    let output = if args.in_place { Some(input) } else { args.output.as_deref() };
    if args.in_place && input == Path::new("-") {
        bail!("standard input cannot be mended in place; give --output");
    }
    if !args.in_place && output.is_some_and(|output| is_same_file(input, output)) {
        bail!("{} is the manifest itself; give --in-place to replace it", input.display());
    }
    let mut mended = OutputFile::create(output, args.in_place || args.force, console.out)?;
    let log = repair(input, args.label_attribute.as_deref(), &mut mended, console.progress)?;
    let to_stdout = mended.is_stdout();
    mended.finish()?;
    if console.json && !to_stdout {
        console.write_json(&json!(log))?;
    } else {
        write!(console.err, "{log}")?;
    }
    Ok(ExitStatus::success_if(log.unmended.is_empty()))
}

fn is_same_file(input: &Path, output: &Path) -> bool {
    matches!((input.canonicalize(), output.canonicalize()), (Ok(input), Ok(output)) if input == output)
}

#[cfg(test)]
mod tests;
