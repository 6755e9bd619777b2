//! Questions on a terminal, each with a default; without a terminal the defaults are the answers.

use std::fmt::Display;
use std::io::{BufRead, Write};

/// Asks on one stream and reads from another.
pub(crate) struct Questions<'a> {
    /// `None` when nobody is there to answer.
    input: Option<&'a mut dyn BufRead>,
    output: &'a mut dyn Write,
}

impl<'a> Questions<'a> {
    pub(crate) fn new(input: Option<&'a mut dyn BufRead>, output: &'a mut dyn Write) -> Self {
        Self { input, output }
    }

    /// Asks until the answer can be read. An empty line, and the end of the input, mean the default.
    ///
    /// # Errors
    /// Streams that fail, and a default that cannot be read.
    pub(crate) fn ask<T>(
        &mut self,
        what: &str,
        default: &str,
        read: impl Fn(&str) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let Some(input) = &mut self.input else { return read(default) };
        loop {
            write!(self.output, "{what} [{default}]: ")?;
            self.output.flush()?;
            let mut line = String::new();
            if input.read_line(&mut line)? == 0 {
                return read(default);
            }
            let answer = line.trim();
            match read(if answer.is_empty() { default } else { answer }) {
                Ok(value) => return Ok(value),
                Err(error) => write_hint(self.output, &error)?,
            }
        }
    }
}

fn write_hint(output: &mut dyn Write, hint: &dyn Display) -> anyhow::Result<()> {
    Ok(writeln!(output, "{hint}")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_does_not_fit_is_asked_for_again() {
        let (mut input, mut output) = (&b"many\n\n5\n"[..], Vec::new());
        let mut questions = Questions::new(Some(&mut input), &mut output);
        let number = |text: &str| Ok(text.parse::<u8>()?);
        assert_eq!(questions.ask("workers", "3", number).expect("an answer"), 3);
        assert_eq!(questions.ask("workers", "3", number).expect("an answer"), 5);
        assert_eq!(questions.ask("workers", "3", number).expect("the end"), 3);
        let said = String::from_utf8(output).expect("UTF-8");
        assert_eq!(said.matches("workers [3]: ").count(), 4, "{said}");
        assert!(said.contains("invalid digit"), "{said}");
    }

    #[test]
    fn without_anybody_there_the_default_is_the_answer() {
        let mut output = Vec::new();
        let mut questions = Questions::new(None, &mut output);
        assert_eq!(questions.ask("region", "us-east-1", |text| Ok(text.to_owned())).expect("a default"), "us-east-1");
        assert!(output.is_empty());
    }
}
