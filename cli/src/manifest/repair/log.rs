//! What a repair did, line by line, and what it could not do.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::files::json_lines::Fault;

/// How many lines are named of each kind of repair, and how many that need a hand; all are counted.
const MAX_NAMED: usize = 10;

/// One kind of repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Repair {
    /// It stood before the first line.
    ByteOrderMark,
    /// It ended a line, before the line feed.
    CarriageReturn,
    /// They stood before or behind an object.
    Blanks,
    /// A line without anything.
    EmptyLine,
    /// An object was spread over several lines.
    Joined,
    /// Several objects stood on a line, or in a list.
    Separated,
    /// A text went on over a line break.
    LineBreakInText,
    /// A text held another control character.
    ControlCharacter,
    /// A member stood twice.
    DoubleMember,
    /// A streaming job left it behind.
    DollarName,
    /// Metadata of an object that failed under another label attribute were dropped.
    FailureMetadata,
    /// The last line did not end.
    LastLineEnd,
}

impl Repair {
    fn what(self) -> &'static str {
        match self {
            Self::ByteOrderMark => "took a byte order mark away",
            Self::CarriageReturn => "took carriage returns away",
            Self::Blanks => "took blanks around objects away",
            Self::EmptyLine => "dropped empty lines",
            Self::Joined => "joined objects that were spread over several lines",
            Self::Separated => "gave objects of a list, or of one line, lines of their own",
            Self::LineBreakInText => "escaped line breaks in texts",
            Self::ControlCharacter => "escaped control characters in texts",
            Self::DoubleMember => "dropped all but the last of members that stood twice",
            Self::DollarName => "dropped members whose names start with `$`",
            Self::FailureMetadata => "dropped metadata of failures under other label attributes",
            Self::LastLineEnd => "ended the last line",
        }
    }
}

/// What was done, and what could not be done.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Log {
    /// How many objects were written, on a line each.
    pub(super) objects: u64,
    /// How often each kind was needed, and on which lines first.
    pub(super) repairs: BTreeMap<Repair, Lines>,
    /// Lines that were kept as they are, the first few with their reason.
    pub(crate) unmended: Unmended,
}

/// Lines, the first few by number.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Lines {
    count: u64,
    first: Vec<u64>,
}

/// What needs a hand.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Unmended {
    count: u64,
    first: Vec<UnmendedLine>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct UnmendedLine {
    line: u64,
    reason: String,
}

impl Unmended {
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Log {
    /// Counts a repair on a line of the input.
    pub(super) fn did(&mut self, repair: Repair, line: u64) {
        let lines = self.repairs.entry(repair).or_default();
        lines.count += 1;
        if lines.first.len() < MAX_NAMED && lines.first.last() != Some(&line) {
            lines.first.push(line);
        }
    }

    /// Counts a line that was kept as it is.
    pub(super) fn could_not(&mut self, line: u64, fault: &Fault) {
        self.unmended.count += 1;
        if self.unmended.first.len() < MAX_NAMED {
            self.unmended.first.push(UnmendedLine { line, reason: format!("{fault}; {}", fault.remedy()) });
        }
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (repair, Lines { count, first }) in &self.repairs {
            let numbers: Vec<String> = first.iter().map(u64::to_string).collect();
            let noun = if first.len() == 1 { "line" } else { "lines" };
            let more = if *count > first.len() as u64 { ", …" } else { "" };
            writeln!(f, "{}: {count} ({noun} {}{more})", repair.what(), numbers.join(", "))?;
        }
        for UnmendedLine { line, reason } in &self.unmended.first {
            writeln!(f, "line {line} is kept as it is: {reason}")?;
        }
        if self.unmended.count > self.unmended.first.len() as u64 {
            writeln!(f, "and {} more lines", self.unmended.count - self.unmended.first.len() as u64)?;
        }
        writeln!(f, "{} data objects, {} lines that need your hand", self.objects, self.unmended.count)
    }
}
