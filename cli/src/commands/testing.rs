//! Commands as a shell runs them, for tests.

use std::ffi::{OsStr, OsString};

use clap::Parser;

use crate::args::Args;
use crate::console::progress::Progress;
use crate::console::{Console, ExitStatus};

/// How a command ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    /// What was written to standard output.
    pub(crate) out: String,
    /// Standard error, without its styles.
    pub(crate) err: String,
}

/// Runs the command that these words make, without the name of the program.
///
/// # Errors
/// Arguments that do not fit, and whatever kept the command from its work.
pub(crate) fn gtruth<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> anyhow::Result<Ran> {
    let words = words.into_iter().map(|word| word.as_ref().to_owned());
    let args = Args::try_parse_from(std::iter::once(OsString::from("gtruth")).chain(words))?;
    let (mut out, mut err) = (Vec::new(), anstream::StripStream::new(Vec::new()));
    let mut console = Console { out: &mut out, err: &mut err, json: args.json, progress: Progress::HIDDEN };
    let status = super::run(args.command, &mut console)?;
    // A mended manifest keeps bytes that are not UTF-8.
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Ran { status, out: text(out), err: text(err.into_inner()) })
}
