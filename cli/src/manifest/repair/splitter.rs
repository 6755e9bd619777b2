//! Splits a text into JSON objects, wherever its line breaks, commas and brackets are.

use super::Split;
use super::log::{Log, Repair};

/// Reads lines and cuts objects out of them.
///
/// Blanks and line breaks between the members of an object are dropped where a line ends; inside a text, a line break
/// becomes `\n`. Between objects, only a comma and the brackets of one list may stand.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    state: State,
    /// The state before the lines that are not written yet.
    committed: State,
    /// The object so far.
    object: String,
    /// How far the object's text is sealed by something that is not a blank outside of a text.
    sealed: usize,
    first_line: u64,
    failed: bool,
    /// Told once the lines are written.
    repairs: Vec<(Repair, u64)>,
}

/// Where the reading is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    in_list: bool,
    /// How many braces and brackets of the object are open.
    depth: usize,
    in_text: bool,
    escaped: bool,
}

impl Splitter {
    /// Whether something stands where it cannot.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    /// Whether the reading stopped inside a text.
    pub(super) fn is_in_text(&self) -> bool {
        self.state.in_text
    }

    /// Whether no object is open.
    pub(super) fn is_between_objects(&self) -> bool {
        self.state.depth == 0
    }

    /// What was read is written: it stands, and its repairs are told.
    pub(super) fn commit(&mut self, log: &mut Log) {
        self.committed = self.state;
        for (repair, line) in self.repairs.drain(..) {
            log.did(repair, line);
        }
    }

    /// What was read since the last commit does not count.
    pub(super) fn roll_back(&mut self) {
        self.state = self.committed;
        self.failed = false;
        self.object.clear();
        self.repairs.clear();
    }

    /// Reads a line; objects that end in it go into `split`.
    pub(super) fn line(&mut self, number: u64, line: &str, split: &mut Vec<Split>) {
        if self.state.in_text {
            self.object.push_str("\\n");
            self.repairs.push((Repair::LineBreakInText, number));
        }
        let mut at_line_start = !self.state.in_text;
        for c in line.chars() {
            let is_blank = matches!(c, ' ' | '\t' | '\r');
            if self.state.depth == 0 {
                self.between_objects(c, number);
                at_line_start = false;
            } else if self.state.in_text {
                self.in_text(c, number);
            } else if !(at_line_start && is_blank) {
                at_line_start = false;
                self.in_object(c, number, split);
            }
            if !is_blank || self.state.in_text {
                self.sealed = self.object.len();
            }
            if self.failed {
                return;
            }
        }
        // Blanks at the end of a line are part of the line break.
        self.object.truncate(self.sealed);
    }

    fn between_objects(&mut self, c: char, number: u64) {
        match c {
            '{' => {
                self.object.clear();
                self.object.push('{');
                self.first_line = number;
                self.state.depth = 1;
            }
            '[' if !self.state.in_list => {
                self.state.in_list = true;
                self.repairs.push((Repair::Separated, number));
            }
            ']' if self.state.in_list => self.state.in_list = false,
            ',' | ' ' | '\t' | '\r' => {}
            _ => self.failed = true,
        }
    }

    fn in_text(&mut self, c: char, number: u64) {
        if c.is_ascii_control() && c != '\u{7f}' {
            self.repairs.push((Repair::ControlCharacter, number));
            self.object.push_str(&match c {
                '\t' => "\\t".to_owned(),
                '\r' => "\\r".to_owned(),
                _ => format!("\\u{:04x}", u32::from(c)),
            });
            return;
        }
        self.object.push(c);
        match c {
            _ if self.state.escaped => self.state.escaped = false,
            '\\' => self.state.escaped = true,
            '"' => self.state.in_text = false,
            _ => {}
        }
    }

    fn in_object(&mut self, c: char, number: u64, split: &mut Vec<Split>) {
        self.object.push(c);
        match c {
            '"' => self.state.in_text = true,
            '{' | '[' => self.state.depth += 1,
            '}' | ']' => {
                self.state.depth -= 1;
                if self.state.depth == 0 {
                    if self.first_line < number {
                        self.repairs.push((Repair::Joined, self.first_line));
                    }
                    if split.last().is_some_and(|earlier| earlier.line == number) {
                        self.repairs.push((Repair::Separated, number));
                    }
                    split.push(Split { line: self.first_line, text: std::mem::take(&mut self.object) });
                    self.sealed = 0;
                }
            }
            _ => {}
        }
    }
}
