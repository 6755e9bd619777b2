//! A file cut into lines of bytes, in one buffer.

use std::io::{self, BufRead};

/// Cuts what it reads into lines. Only `\n` and `\r\n` end one.
#[derive(Debug)]
pub(crate) struct LineReader<R> {
    reader: R,
    buffer: Vec<u8>,
    max_kept: usize,
    n_read: u64,
}

/// One line, as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RawLine<'a> {
    /// Its number in the file, from 1, as editors count.
    pub(crate) number: u64,
    /// The line without its end; only the start of it where it is longer than the reader keeps.
    pub(crate) bytes: &'a [u8],
    /// How many bytes the whole line has, without its end.
    pub(crate) n_bytes: u64,
    /// Which bytes end the line, if any.
    pub(crate) end: LineEnd,
}

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineEnd {
    /// `\n`.
    LineFeed,
    /// `\r\n`.
    CarriageReturnLineFeed,
    /// The end of the file.
    EndOfFile,
}

impl RawLine<'_> {
    /// Whether the line is longer than the reader keeps.
    pub(crate) fn is_cut(&self) -> bool {
        self.n_bytes > self.bytes.len() as u64
    }
}

impl<R: BufRead> LineReader<R> {
    /// A reader that holds at most `max_kept` bytes of a line in memory.
    pub(crate) fn new(reader: R, max_kept: usize) -> Self {
        Self { reader, buffer: Vec::new(), max_kept, n_read: 0 }
    }

    /// How many lines have been read so far.
    pub(crate) fn n_read(&self) -> u64 {
        self.n_read
    }

    /// The next line; `None` at the end. The line feed that ends the last line starts no other.
    pub(crate) fn next(&mut self) -> io::Result<Option<RawLine<'_>>> {
        self.buffer.clear();
        let mut n_bytes = 0;
        let mut carriage_return = false;
        let mut line_feed = false;
        while !line_feed {
            let chunk = self.reader.fill_buf()?;
            let Some(last) = chunk.len().checked_sub(1) else { break };
            let position = memchr::memchr(b'\n', chunk);
            line_feed = position.is_some();
            let text = &chunk[..position.unwrap_or(last + 1)];
            carriage_return = text.last().map_or(carriage_return, |byte| *byte == b'\r');
            n_bytes += text.len() as u64;
            let room = self.max_kept - self.buffer.len();
            self.buffer.extend_from_slice(&text[..text.len().min(room)]);
            let n_used = text.len() + usize::from(line_feed);
            self.reader.consume(n_used);
        }
        if n_bytes == 0 && !line_feed {
            return Ok(None);
        }
        self.n_read += 1;
        let end = match (carriage_return, line_feed) {
            (true, true) => LineEnd::CarriageReturnLineFeed,
            (false, true) => LineEnd::LineFeed,
            (_, false) => LineEnd::EndOfFile,
        };
        if end == LineEnd::CarriageReturnLineFeed {
            n_bytes -= 1;
            self.buffer.truncate(usize::try_from(n_bytes).unwrap_or(usize::MAX));
        }
        Ok(Some(RawLine { number: self.n_read, bytes: &self.buffer, n_bytes, end }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn check(file: &[u8], max_kept: usize, expected: &[(&str, u64, LineEnd)]) {
        // A buffer of two bytes lets every line, and `\r\n` itself, fall apart.
        for capacity in [2, 3, 100] {
            let mut lines = LineReader::new(BufReader::with_capacity(capacity, file), max_kept);
            for (idx, (text, n_bytes, end)) in expected.iter().enumerate() {
                let line = lines.next().expect("readable").expect("a line");
                assert_eq!((line.bytes, line.n_bytes, line.end), (text.as_bytes(), *n_bytes, *end));
                assert_eq!(line.number, idx as u64 + 1);
                assert_eq!(line.is_cut(), *n_bytes > text.len() as u64);
            }
            assert_eq!(lines.next().expect("readable"), None);
            assert_eq!(lines.n_read(), expected.len() as u64);
        }
    }

    use LineEnd::{CarriageReturnLineFeed, EndOfFile, LineFeed};

    #[test]
    fn a_line_ends_with_a_line_feed_alone() {
        check(b"ab\r\nc\n", 9, &[("ab", 2, CarriageReturnLineFeed), ("c", 1, LineFeed)]);
        check(
            b"ab\n\n\r\nc",
            9,
            &[("ab", 2, LineFeed), ("", 0, LineFeed), ("", 0, CarriageReturnLineFeed), ("c", 1, EndOfFile)],
        );
        check(b"a\rb\r", 9, &[("a\rb\r", 4, EndOfFile)]);
        check("x\u{2028}y\u{85}\n".as_bytes(), 9, &[("x\u{2028}y\u{85}", 7, LineFeed)]);
        check(b"", 9, &[]);
    }

    #[test]
    fn of_a_long_line_the_start_is_kept() {
        check(b"abcdef\r\ngh\n", 4, &[("abcd", 6, CarriageReturnLineFeed), ("gh", 2, LineFeed)]);
        check(b"abcde", 4, &[("abcd", 5, EndOfFile)]);
        check(b"abcd\r\n", 4, &[("abcd", 4, CarriageReturnLineFeed)]);
    }
}
