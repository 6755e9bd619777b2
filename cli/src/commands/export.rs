//! `gtruth export`: a job's labels for another tool.

use std::io::Write;

use anyhow::ensure;
use serde_json::json;

use crate::args::ExportArgs;
use crate::console::words::counted;
use crate::console::{ExitStatus, write_json};
use crate::export::{Options, export};
use crate::finished_job;

/// Prints what was written to `out`, and what was odd about the job to `err`.
pub(crate) fn run(
    args: &ExportArgs,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let is_empty = args.out.read_dir().map_or(true, |mut entries| entries.next().is_none());
    ensure!(
        is_empty || args.overwrite,
        "{} is not empty; give --overwrite to write into it all the same, or another folder with --out",
        args.out.display()
    );
    let job = finished_job::open_with_progress(&args.job)?;
    write!(err, "{}", job.notes)?;
    let options = Options { field: args.field.as_deref(), min_confidence: args.min_confidence, folder: &args.out };
    let report = export(&job, args.format, options)?;
    if json {
        write_json(out, &json!({"report": report, "notes": job.notes}))?;
        return Ok(ExitStatus::Success);
    }
    writeln!(out, "{} with {}", counted(report.objects, "object"), counted(report.labels, "label"))?;
    for (why, n) in &report.left_out {
        writeln!(out, "left out: {n} {why}")?;
    }
    match report.files.as_slice() {
        files @ ([] | [_] | [_, _] | [_, _, _]) => {
            for file in files {
                writeln!(out, "{}", args.out.join(file).display())?;
            }
        }
        files => writeln!(out, "{} files in {}", files.len(), args.out.display())?,
    }
    Ok(ExitStatus::Success)
}
