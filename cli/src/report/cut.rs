//! Texts of any length, as much of them as the page shows.

/// Longer texts are cut.
const MAX_TEXT_CHARACTERS: usize = 20_000;
/// What the list of objects shows of a text.
const MAX_LIST_CHARACTERS: usize = 80;

/// A text of a label, an answer or a manifest.
pub(super) fn text(text: &str) -> String {
    cut(text, MAX_TEXT_CHARACTERS)
}

/// A line of the list.
pub(super) fn list(text: &str) -> String {
    cut(text, MAX_LIST_CHARACTERS)
}

fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_not_bytes() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöü", 2), "äö…");
        assert_eq!(text(&"ä".repeat(30_000)).chars().count(), MAX_TEXT_CHARACTERS + 1);
    }
}
