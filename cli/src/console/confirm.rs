//! Asking before something is done that cannot be undone.

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::bail;

use super::Console;

impl Console<'_> {
    /// Asks a question on standard error and reads the answer; `yes` answers it beforehand.
    ///
    /// # Errors
    /// When there is nobody to ask: a script has to say `--yes`.
    pub(crate) fn confirm(&mut self, question: &str, yes: bool) -> anyhow::Result<bool> {
        if yes {
            return Ok(true);
        }
        if !io::stdin().is_terminal() {
            bail!("standard input is not a terminal to ask on: {question} Give --yes to confirm without being asked");
        }
        ask(question, &mut io::stdin().lock(), self.err)
    }
}

fn ask(question: &str, input: &mut dyn BufRead, err: &mut dyn Write) -> anyhow::Result<bool> {
    write!(err, "{question} [y/N] ")?;
    err.flush()?;
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        let answer = |text: &str| ask("Create it?", &mut text.as_bytes(), &mut Vec::new()).expect("an answer");
        assert!(answer("y\n") && answer("Yes\r\n"));
        for text in ["", "\n", "n\n", "yep\n", "no, yes\n"] {
            assert!(!answer(text), "{text:?}");
        }
    }
}
