//! `gtruth export`: a job's labels for another tool.

use anyhow::ensure;
use serde_json::json;

use crate::args::ExportArgs;
use crate::console::words::counted;
use crate::console::{Console, ExitStatus};
use crate::export::{Options, export};

/// Prints what was written to `out`, and what was odd about the job to `err`.
pub(super) fn run(args: &ExportArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let is_empty = args.out.read_dir().map_or(true, |mut entries| entries.next().is_none());
    ensure!(
        is_empty || args.overwrite,
        "{} is not empty; give --overwrite to write into it all the same, or another folder with --out",
        args.out.display()
    );
    let job = args.job.options().open(console.progress)?;
    write!(console.err, "{}", job.notes)?;
    let options = Options { field: args.field.as_deref(), min_confidence: args.min_confidence, folder: &args.out };
    let report = export(&job, args.format, options)?;
    if console.json {
        console.write_json(&json!({"report": report, "notes": job.notes}))?;
        return Ok(ExitStatus::Success);
    }
    writeln!(console.out, "{} with {}", counted(report.objects, "object"), counted(report.labels, "label"))?;
    for (why, n) in &report.left_out {
        writeln!(console.out, "left out: {n} {why}")?;
    }
    match report.files.as_slice() {
        files @ ([] | [_] | [_, _] | [_, _, _]) => {
            for file in files {
                writeln!(console.out, "{}", args.out.join(file).display())?;
            }
        }
        files => writeln!(console.out, "{} files in {}", files.len(), args.out.display())?,
    }
    Ok(ExitStatus::Success)
}
