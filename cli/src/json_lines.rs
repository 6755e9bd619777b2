//! Files with one JSON object a line: manifests, and the truth that simulated workers start from.
//!
//! Only `\n` and `\r\n` end a line: the text of a member may hold Unicode's other line separators.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// Reads a file line by line.
#[derive(Debug)]
pub(crate) struct JsonLines {
    path: PathBuf,
    reader: BufReader<File>,
    n_read: usize,
}

/// One line.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Its place in the file, from 0, as Ground Truth counts data objects.
    pub(crate) place: usize,
    /// The line as it stands, without its end.
    pub(crate) text: String,
    /// What it says.
    pub(crate) members: Map<String, Value>,
}

impl JsonLines {
    pub(crate) fn open(path: &Path) -> Result<Self, JsonLinesError> {
        let file = File::open(path).map_err(|source| JsonLinesError::Read { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), reader: BufReader::new(file), n_read: 0 })
    }

    /// How many lines have been read so far.
    pub(crate) fn n_read(&self) -> usize {
        self.n_read
    }

    fn line(&self, bytes: Vec<u8>) -> Result<Line, Fault> {
        let text = String::from_utf8(bytes).map_err(|_| Fault::NotUtf8)?;
        if text.starts_with('\u{feff}') {
            return Err(Fault::ByteOrderMark);
        }
        if text.trim().is_empty() {
            return Err(Fault::Empty);
        }
        let members = serde_json::from_str(&text).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Fault::NotAnObject,
            _ => {
                let message = error.to_string();
                let what = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
                Fault::NotJson { what: what.to_owned(), column: error.column() }
            }
        })?;
        Ok(Line { place: self.n_read, text, members })
    }
}

impl Iterator for JsonLines {
    type Item = Result<Line, JsonLinesError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut bytes = Vec::new();
        match self.reader.read_until(b'\n', &mut bytes) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(source) => return Some(Err(JsonLinesError::Read { path: self.path.clone(), source })),
        }
        if bytes.pop_if(|last| *last == b'\n').is_some() {
            bytes.pop_if(|last| *last == b'\r');
        }
        let line = self.line(bytes).map_err(|fault| JsonLinesError::Line {
            path: self.path.clone(),
            number: self.n_read + 1,
            fault,
        });
        self.n_read += 1;
        Some(line)
    }
}

/// A file that cannot be read as lines of JSON.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JsonLinesError {
    /// It cannot be read at all.
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// One line is wrong. The first is 1 here, as editors count.
    #[error("{}, line {number}: {fault}", path.display())]
    Line { path: PathBuf, number: usize, fault: Fault },
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the line is empty; remove it")]
    Empty,
    #[error("the file starts with a byte order mark; save it as UTF-8 without one")]
    ByteOrderMark,
    #[error("the line is not UTF-8")]
    NotUtf8,
    #[error("the line is not JSON: {what} (column {column})")]
    NotJson { what: String, column: usize },
    #[error("the line is no JSON object")]
    NotAnObject,
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(bytes: &[u8]) -> Vec<Result<String, String>> {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a.manifest");
        fs::write(&path, bytes).expect("writable");
        let lines = JsonLines::open(&path).expect("readable");
        lines
            .map(|line| match line {
                Ok(line) => Ok(line.text),
                Err(JsonLinesError::Line { number, fault, .. }) => Err(format!("{number}: {fault}")),
                Err(error) => Err(error.to_string()),
            })
            .collect()
    }

    fn check(bytes: &[u8], expected: &[Result<&str, &str>]) {
        let lines = read(bytes);
        let lines: Vec<_> =
            lines.iter().map(|line| line.as_ref().map(String::as_str).map_err(String::as_str)).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_line_ends_with_a_line_feed_alone() {
        check("{\"a\":\"x\u{2028}y\u{85}z\"}\r\n{}\n".as_bytes(), &[Ok("{\"a\":\"x\u{2028}y\u{85}z\"}"), Ok("{}")]);
        check(b"{}\n{}", &[Ok("{}"), Ok("{}")]);
        check(b"", &[]);
    }

    #[test]
    fn a_bad_line_is_named_and_the_next_is_read() {
        check(
            b"{\"a\":}\n\n[1]\n{\"a\":\"\xff\"}\n{} {}\n{\"a\":1}\n",
            &[
                Err("1: the line is not JSON: expected value (column 6)"),
                Err("2: the line is empty; remove it"),
                Err("3: the line is no JSON object"),
                Err("4: the line is not UTF-8"),
                Err("5: the line is not JSON: trailing characters (column 4)"),
                Ok("{\"a\":1}"),
            ],
        );
        check(
            "\u{feff}{}\n".as_bytes(),
            &[Err("1: the file starts with a byte order mark; save it as UTF-8 without one")],
        );
    }
}
