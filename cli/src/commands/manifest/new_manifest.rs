//! What the commands that make a manifest share.

use crate::args::{ChosenFilesArgs, NewManifestArgs};
use crate::console::words::counted;
use crate::console::{Console, ExitStatus};
use crate::manifest::new_manifest::{Chooser, NewLine, NewManifest, constants};
use crate::manifest::rules::grouped;
use crate::problem::Level;

/// Which files become data objects.
pub(super) fn chooser(files: &ChosenFilesArgs, new: &NewManifestArgs) -> anyhow::Result<Chooser> {
    Chooser::new(&files.ext, files.pattern.as_deref(), new.task_type.as_deref())
}

/// Writes the manifest, and says what stands against it.
pub(super) fn write(
    lines: impl IntoIterator<Item = anyhow::Result<NewLine>>,
    args: &NewManifestArgs,
    console: &mut Console<'_>,
) -> anyhow::Result<ExitStatus> {
    let manifest = NewManifest {
        output: args.output.as_deref(),
        replace: args.force,
        constants: constants(&args.set, &args.set_json)?,
        task_type: args.task_type.as_deref(),
    };
    let checked = manifest.write(lines, console.out)?;
    // What is good to know about a manifest of one's own making is known.
    for problem in checked.problems.kept().iter().filter(|problem| problem.level != Level::Info) {
        match problem.location.line() {
            Some(line) => writeln!(console.err, "line {line}: {problem}")?,
            None => writeln!(console.err, "{problem}")?,
        }
    }
    for (rule, level, count) in checked.problems.not_kept().filter(|(_, level, _)| *level != Level::Info) {
        writeln!(console.err, "{level}[{rule}]: and {} more", grouped(count))?;
    }
    writeln!(console.err, "{}", counted(grouped(checked.facts.data_objects), "data object"))?;
    Ok(ExitStatus::success_if(checked.is_sound()))
}
