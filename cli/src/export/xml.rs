//! XML as the formats write it.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::name::QName;

/// A writer of indented elements.
pub(super) fn writer<W: Write>(out: W) -> Writer<W> {
    Writer::new_with_indent(out, b' ', 2)
}

/// The line that a document begins with.
pub(super) fn declaration() -> Event<'static> {
    Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None))
}

/// An attribute, its value escaped.
pub(super) fn attribute<'a>(name: &'a str, value: &str) -> Attribute<'a> {
    Attribute { key: QName(name.as_bytes()), value: Cow::Owned(escape(value).into_bytes()) }
}

/// An element that holds nothing but text.
pub(super) fn write_text<W: Write>(writer: &mut Writer<W>, name: &str, text: &str) -> io::Result<()> {
    writer.create_element(name).write_text_content(BytesText::from_escaped(escape(text)))?;
    Ok(())
}

/// Escapes text for an element or a quoted attribute. Unlike quick-xml's own, it keeps the line ends of an attribute and
/// puts U+FFFD for characters that XML cannot hold.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out() {
        assert_eq!(escape("a<b>&\"'\u{0}\n"), "a&lt;b&gt;&amp;&quot;&apos;\u{fffd}&#10;");
    }
}
