//! What commands speak through, and how they end: data, notes, tables, progress, and questions.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use serde::Serialize;

mod confirm;
pub(crate) mod progress;
pub(crate) mod questions;
pub(crate) mod table;
pub(crate) mod words;

use progress::Progress;

/// Where a command writes.
pub(crate) struct Console<'a> {
    /// Data, and nothing else: other programs read it.
    pub(crate) out: &'a mut dyn Write,
    /// What is said to people.
    pub(crate) err: &'a mut dyn Write,
    /// Whether data are written as JSON.
    pub(crate) json: bool,
    /// How far work is.
    pub(crate) progress: Progress,
}

impl Console<'_> {
    /// Writes a value as indented JSON, the way people read it and every tool accepts it.
    pub(crate) fn write_json(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        // By way of a string: serde_json would wrap a broken pipe in an error of its own.
        let text = serde_json::to_string_pretty(value)?;
        writeln!(self.out, "{text}")?;
        Ok(())
    }

    /// Says what is good to know.
    pub(crate) fn note(&mut self, note: impl Display) -> anyhow::Result<()> {
        writeln!(self.err, "note: {note}")?;
        Ok(())
    }
}

/// How a command ended that could do its work. One that could not is an error, and exit code 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Exit code 0.
    Success,
    /// The command ran and found failures in what it was given: exit code 1.
    FoundFailures,
}

impl ExitStatus {
    /// The status of a command that looked for failures.
    pub(crate) fn success_if(found_none: bool) -> Self {
        if found_none { Self::Success } else { Self::FoundFailures }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Success => Self::SUCCESS,
            ExitStatus::FoundFailures => Self::FAILURE,
        }
    }
}
