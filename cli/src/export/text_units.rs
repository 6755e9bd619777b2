//! Offsets in a text: forms in browsers count UTF-16 code units, Python counts characters, Rust counts bytes.

use std::ops::Range;

/// A text with the offset of each of its characters, in UTF-16 code units.
pub(super) struct Text<'a> {
    pub(super) text: &'a str,
    /// Per character its first unit; last the number of units.
    units: Vec<usize>,
    /// Per character its first byte; last the number of bytes.
    bytes: Vec<usize>,
}

impl<'a> Text<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let (mut units, mut bytes) = (vec![0], vec![0]);
        for c in text.chars() {
            units.push(units[units.len() - 1] + c.len_utf16());
            bytes.push(bytes[bytes.len() - 1] + c.len_utf8());
        }
        Self { text, units, bytes }
    }

    /// The characters of a span of UTF-16 code units; `None` when it is empty, lies outside, or cuts one in two.
    pub(super) fn characters(&self, start: usize, end: usize) -> Option<Range<usize>> {
        let index_of = |unit: usize| self.units.binary_search(&unit).ok();
        Some(index_of(start)?..index_of(end)?).filter(|range| !range.is_empty())
    }

    /// What stands at a range of characters.
    pub(super) fn slice(&self, characters: &Range<usize>) -> &'a str {
        self.bytes
            .get(characters.start)
            .zip(self.bytes.get(characters.end))
            .and_then(|(start, end)| self.text.get(*start..*end))
            .unwrap_or_default()
    }

    /// Words and marks of punctuation, as ranges of characters: letters and digits stay together, everything else that is
    /// no white space stands alone.
    pub(super) fn tokens(&self) -> Vec<Range<usize>> {
        let mut tokens: Vec<Range<usize>> = Vec::new();
        let mut in_word = false;
        for (idx, c) in self.text.chars().enumerate() {
            let is_word = c.is_alphanumeric();
            match tokens.last_mut() {
                Some(last) if is_word && in_word => last.end = idx + 1,
                _ if !c.is_whitespace() => tokens.push(idx..idx + 1),
                _ => {}
            }
            in_word = is_word;
        }
        tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_become_characters() {
        let text = Text::new("a😀 Ü.");
        assert_eq!(text.characters(1, 3), Some(1..2));
        assert_eq!(text.slice(&(1..2)), "😀");
        assert_eq!(text.characters(4, 5), Some(3..4));
        assert_eq!(text.characters(2, 3), None);
        assert_eq!(text.characters(0, 7), None);
        assert_eq!(text.characters(1, 1), None);
    }

    #[test]
    fn words_and_punctuation_are_tokens() {
        let text = Text::new("Hi, you two! 3.5");
        let tokens: Vec<&str> = text.tokens().iter().map(|token| text.slice(token)).collect();
        assert_eq!(tokens, ["Hi", ",", "you", "two", "!", "3", ".", "5"]);
    }
}
