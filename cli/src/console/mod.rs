//! What commands say, and how they end: exit status, JSON, tables, words, progress, and a question before what cannot be
//! undone.

use std::io::Write;
use std::process::ExitCode;

pub(crate) mod confirm;
pub(crate) mod problems;
pub(crate) mod progress;
pub(crate) mod table;
pub(crate) mod words;

/// How a command ended that could do its work. One that could not is an error, and exit code 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Exit code 0.
    Success,
    /// The command ran and found failures in what it was given: exit code 1.
    FoundFailures,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Success => Self::SUCCESS,
            ExitStatus::FoundFailures => Self::FAILURE,
        }
    }
}

/// Writes a value as indented JSON, the way people read it and every tool accepts it.
pub(crate) fn write_json(out: &mut dyn Write, value: &impl serde::Serialize) -> anyhow::Result<()> {
    // By way of a string: serde_json would wrap a broken pipe in an error of its own.
    let text = serde_json::to_string_pretty(value)?;
    writeln!(out, "{text}")?;
    Ok(())
}
