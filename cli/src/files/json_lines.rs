//! Files with one JSON object a line: manifests, and the truth that simulated workers start from.
//!
//! Only `\n` and `\r\n` end a line: the text of a member may hold Unicode's other line separators. A line that readers
//! of JSON understand differently (a member twice, a byte order mark) is refused.
//!
//! - [`JsonLines`]: the lines as values, up to the first that cannot be used.
//! - [`LineReader`], [`RawObject`]: the same as bytes and texts, for those who look at every line whatever it is.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

mod line_reader;
mod object;

pub(crate) use line_reader::{LineEnd, LineReader, RawLine};
pub(crate) use object::{Fault, RawMember, RawObject, text_of};

/// How much is read at a time.
pub(crate) const BUFFER_BYTES: usize = 1 << 17;

/// Reads a file line by line.
#[derive(Debug)]
pub(crate) struct JsonLines {
    path: PathBuf,
    lines: LineReader<BufReader<File>>,
}

/// A line of a JSON Lines file that holds one JSON object.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Its index in the file, from 0, as Ground Truth counts data objects.
    pub(crate) idx: usize,
    /// The line as it stands, without its end.
    pub(crate) text: String,
    /// The members of its object, in the order of the file.
    pub(crate) members: Map<String, Value>,
}

impl JsonLines {
    pub(crate) fn open(path: &Path) -> Result<Self, JsonLinesError> {
        let file = File::open(path).map_err(|source| JsonLinesError::Read { path: path.to_owned(), source })?;
        let lines = LineReader::new(BufReader::with_capacity(BUFFER_BYTES, file), usize::MAX);
        Ok(Self { path: path.to_owned(), lines })
    }

    /// How many lines have been read so far.
    pub(crate) fn n_read(&self) -> usize {
        usize::try_from(self.lines.n_read()).unwrap_or(usize::MAX)
    }

    /// Checks the lines that are left, without building their values, and counts them.
    pub(crate) fn check(mut self) -> Result<usize, JsonLinesError> {
        while let Some(checked) = self.next_with(|_, _, _| Ok(())) {
            checked?;
        }
        Ok(self.n_read())
    }

    /// What `read` makes of the next line, once it is found sound: of its index, its text, and its members.
    pub(crate) fn next_with<T>(
        &mut self,
        read: impl FnOnce(usize, &str, &RawObject<'_>) -> Result<T, Fault>,
    ) -> Option<Result<T, JsonLinesError>> {
        let line = match self.lines.next() {
            Ok(line) => line?,
            Err(source) => return Some(Err(JsonLinesError::Read { path: self.path.clone(), source })),
        };
        let idx = usize::try_from(line.number - 1).unwrap_or(usize::MAX);
        let result = sound(line.bytes).and_then(|(text, object)| read(idx, text, &object));
        Some(result.map_err(|fault| JsonLinesError::Line { path: self.path.clone(), number: line.number, fault }))
    }
}

/// A line's text and members, where nothing is wrong with it.
fn sound(bytes: &[u8]) -> Result<(&str, RawObject<'_>), Fault> {
    let text = utf8(bytes)?;
    if text.starts_with(BYTE_ORDER_MARK) {
        return Err(Fault::ByteOrderMark);
    }
    let object = RawObject::read(text)?;
    object.double_member()?;
    Ok((text, object))
}

/// What some editors put in front of UTF-8.
pub(crate) const BYTE_ORDER_MARK: char = '\u{feff}';

/// A line as text.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).map_err(|error| Fault::NotUtf8 { byte: error.valid_up_to() + 1 })
}

impl Iterator for JsonLines {
    type Item = Result<Line, JsonLinesError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_with(|idx, text, object| {
            let mut members = Map::with_capacity(object.members.len());
            for RawMember { name, value } in &object.members {
                // Read once already, so it is a value.
                let value = serde_json::from_str(value)
                    .map_err(|error| Fault::NotJson { what: error.to_string(), column: error.column() })?;
                members.insert(name.clone().into_owned(), value);
            }
            Ok(Line { idx, text: text.to_owned(), members })
        })
    }
}

/// A file that cannot be read as lines of JSON.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JsonLinesError {
    /// It cannot be read at all.
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// One line is wrong. The first is 1 here, as editors count.
    #[error("{}, line {number}: {fault}; {}", path.display(), fault.remedy())]
    Line { path: PathBuf, number: u64, fault: Fault },
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
        let lines: Vec<_> = lines
            .map(|line| match line {
                Ok(line) => Ok(line.text),
                Err(JsonLinesError::Line { number, fault, .. }) => {
                    Err(format!("{number}: {fault}; {}", fault.remedy()))
                }
                Err(error) => Err(error.to_string()),
            })
            .collect();
        let checked = JsonLines::open(&path).expect("readable").check();
        assert_eq!(checked.ok(), lines.iter().all(Result::is_ok).then_some(lines.len()));
        lines
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
                Err(
                    "1: the line is not JSON: expected value (column 6); write one complete JSON object a line, with line breaks in texts as \\n",
                ),
                Err("2: the line is empty; remove it"),
                Err("3: the line is not a JSON object; write one JSON object a line, with its members in braces"),
                Err("4: the line is not UTF-8 from byte 7 on; save the file as UTF-8"),
                Err(
                    "5: the line is not JSON: trailing characters (column 4); write one complete JSON object a line, with line breaks in texts as \\n",
                ),
                Ok("{\"a\":1}"),
            ],
        );
        check(
            "\u{feff}{}\n".as_bytes(),
            &[Err("1: the file starts with a byte order mark; save it as UTF-8 without one")],
        );
    }

    #[test]
    fn a_member_that_stands_twice_is_refused() {
        check(
            b"{\"source\":\"a\",\"source\":\"b\"}\n{\"source\":\"a\",\"at\":{\"x\":1,\"x\":2}}\n",
            &[
                Err("1: the line has the member `source` twice; remove one of them"),
                Err("2: the line has the member `at.x` twice; remove one of them"),
            ],
        );
    }
}
