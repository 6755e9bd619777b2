//! What can be mended without guessing.
//!
//! - [`Repairer`]: the way of each line, into the mended manifest or, unchanged, onto the list of what needs a hand.
//! - `splitter`: objects that stretch over lines, or share one. `members`: members that are dropped.
//! - `log`: what was done.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;

use super::input_file;
use crate::console::progress::Progress;
use crate::files::json_lines::{BYTE_ORDER_MARK, Fault, LineEnd, LineReader, RawLine, RawObject, utf8};

mod log;
mod members;
mod splitter;

pub(crate) use log::Log;
use log::Repair;
use splitter::Splitter;

/// Writes a manifest mended, and tells what was done.
pub(crate) fn repair(
    manifest: &Path,
    label_attribute: Option<&str>,
    mended: &mut dyn Write,
    progress: Progress,
) -> anyhow::Result<Log> {
    let mut lines = LineReader::new(input_file::open(manifest, progress)?, usize::MAX);
    let mut repairer = Repairer::new(label_attribute);
    while let Some(line) = lines.next().with_context(|| format!("cannot read {}", manifest.display()))? {
        repairer.line(line, mended)?;
    }
    Ok(repairer.finish(mended)?)
}

/// An object that stretches over more lines, or more bytes, is one that never ends.
const MAX_PENDING_LINES: usize = 20_000;
const MAX_PENDING_BYTES: usize = 4 << 20;

/// After so many lines were read again, since an object before them never ends, each line is on its own: looking ahead
/// from every line of a broken file would take forever.
const MAX_READ_AGAIN: usize = 200_000;

/// Takes a manifest line by line and writes it mended.
#[derive(Debug)]
struct Repairer<'a> {
    label_attribute: Option<&'a str>,
    log: Log,
    /// Lines that wait for the end of an object.
    pending: Vec<PendingLine>,
    n_pending_bytes: usize,
    splitter: Splitter,
    /// What the pending lines gave so far.
    split: Vec<Split>,
    /// Lines to look at next.
    todo: VecDeque<PendingLine>,
    n_read_again: usize,
}

#[derive(Debug)]
struct PendingLine {
    number: u64,
    text: String,
}

/// An object that was cut out of lines.
#[derive(Debug)]
struct Split {
    /// The line where it starts, from 1.
    line: u64,
    text: String,
}

impl<'a> Repairer<'a> {
    fn new(label_attribute: Option<&'a str>) -> Self {
        Self {
            label_attribute,
            log: Log::default(),
            pending: Vec::new(),
            n_pending_bytes: 0,
            splitter: Splitter::default(),
            split: Vec::new(),
            todo: VecDeque::new(),
            n_read_again: 0,
        }
    }

    fn line(&mut self, raw: RawLine<'_>, out: &mut dyn Write) -> io::Result<()> {
        let number = raw.number;
        match raw.end {
            LineEnd::CarriageReturnLineFeed => self.log.did(Repair::CarriageReturn, number),
            LineEnd::EndOfFile => self.log.did(Repair::LastLineEnd, number),
            LineEnd::LineFeed => {}
        }
        match utf8(raw.bytes) {
            Ok(text) => {
                let unmarked = text.strip_prefix(BYTE_ORDER_MARK).filter(|_| number == 1);
                if unmarked.is_some() {
                    self.log.did(Repair::ByteOrderMark, number);
                }
                self.text(number, unmarked.unwrap_or(text).to_owned(), out)
            }
            Err(fault) => {
                self.give_up_pending(out)?;
                self.log.could_not(number, &fault);
                self.keep(raw.bytes, out)
            }
        }
    }

    fn finish(mut self, out: &mut dyn Write) -> io::Result<Log> {
        self.give_up_pending(out)?;
        Ok(self.log)
    }

    fn text(&mut self, number: u64, text: String, out: &mut dyn Write) -> io::Result<()> {
        self.todo.push_back(PendingLine { number, text });
        while let Some(line) = self.todo.pop_front() {
            self.look_at(line, out)?;
        }
        Ok(())
    }

    fn look_at(&mut self, line: PendingLine, out: &mut dyn Write) -> io::Result<()> {
        let PendingLine { number, text } = &line;
        let trimmed = text.trim_ascii();
        if self.pending.is_empty() {
            if trimmed.is_empty() {
                self.log.did(Repair::EmptyLine, *number);
                return Ok(());
            }
            if let Ok(object) = RawObject::read(trimmed) {
                if trimmed.len() < text.len() {
                    self.log.did(Repair::Blanks, *number);
                }
                return self.write_object(*number, trimmed, &object, out);
            }
        } else if self.splitter.is_in_text() && RawObject::read(trimmed).is_ok() {
            // No text goes on with a whole object: its closing quote is missing, and this line is fine.
            self.todo.push_front(line);
            return self.give_up_first_pending(out);
        }
        self.splitter.line(*number, text, &mut self.split);
        self.n_pending_bytes += text.len();
        self.pending.push(line);
        let is_broken = self.splitter.failed() || self.split.iter().any(|split| RawObject::read(&split.text).is_err());
        let is_endless = self.pending.len() > MAX_PENDING_LINES
            || self.n_pending_bytes > MAX_PENDING_BYTES
            || self.n_read_again > MAX_READ_AGAIN;
        if is_broken {
            self.give_up_first_pending(out)
        } else if self.splitter.is_between_objects() {
            self.write_split(out)
        } else if is_endless {
            self.give_up_first_pending(out)
        } else {
            Ok(())
        }
    }

    /// Writes what the pending lines gave, now that they are complete.
    fn write_split(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.pending.clear();
        self.n_pending_bytes = 0;
        self.splitter.commit(&mut self.log);
        for Split { line, text } in std::mem::take(&mut self.split) {
            // Read before it was put there.
            if let Ok(object) = RawObject::read(&text) {
                self.write_object(line, &text, &object, out)?;
            }
        }
        Ok(())
    }

    fn give_up_pending(&mut self, out: &mut dyn Write) -> io::Result<()> {
        while !self.pending.is_empty() {
            self.give_up_first_pending(out)?;
            while let Some(line) = self.todo.pop_front() {
                self.look_at(line, out)?;
            }
        }
        Ok(())
    }

    /// Keeps the first pending line as it is; those behind it are looked at anew.
    fn give_up_first_pending(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.n_pending_bytes = 0;
        self.split.clear();
        self.splitter.roll_back();
        let mut lines = std::mem::take(&mut self.pending).into_iter();
        let Some(first) = lines.next() else { return Ok(()) };
        let fault = RawObject::read(first.text.trim_ascii()).err().unwrap_or(Fault::NotAnObject);
        self.log.could_not(first.number, &fault);
        self.keep(first.text.as_bytes(), out)?;
        self.n_read_again += lines.len();
        for line in lines.rev() {
            self.todo.push_front(line);
        }
        Ok(())
    }

    fn write_object(&mut self, line: u64, text: &str, object: &RawObject<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mended = members::mend(text, object, self.label_attribute, |repair| self.log.did(repair, line));
        self.log.objects += 1;
        self.keep(mended.as_bytes(), out)
    }

    fn keep(&mut self, line: &[u8], out: &mut dyn Write) -> io::Result<()> {
        out.write_all(line)?;
        out.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_at_all_are_read() {
        let mut dice = ground_truth::dice::Dice::new(7);
        let alphabet = b"{}[]\",:\\\n\r\t a1\xff";
        for _ in 0..500 {
            let n = dice.below(40);
            let manifest: Vec<u8> = (0..n).map(|_| alphabet[dice.below(alphabet.len())]).collect();
            let (mut out, mut repairer) = (Vec::new(), Repairer::new(Some("label")));
            let mut lines = LineReader::new(&manifest[..], usize::MAX);
            while let Some(line) = lines.next().expect("readable") {
                repairer.line(line, &mut out).expect("writable");
            }
            let log = repairer.finish(&mut out).expect("writable");
            let n_lines = out.iter().filter(|byte| **byte == b'\n').count() as u64;
            assert!(log.objects <= n_lines, "{manifest:?}");
        }
    }
}
