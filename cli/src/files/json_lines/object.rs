//! A JSON object as it stands in a file: its members in order, their values as text, and what is wrong with it.
//!
//! No value is built, so this is the fast way to check a line, and the exact way to keep one: the text of a value is
//! what the file says, digit for digit.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// As deep as serde_json reads values; a line that is nested deeper could be checked, but not used.
const MAX_DEPTH: usize = 127;

/// A JSON object whose values are texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RawObject<'a> {
    /// The members in order; names that occur twice are here twice.
    pub(crate) members: Vec<RawMember<'a>>,
}

/// A member as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawMember<'a> {
    /// Its name, without quotes and escapes.
    pub(crate) name: Cow<'a, str>,
    /// The JSON text of its value.
    pub(crate) value: &'a str,
}

/// Why a text is not a JSON object that everybody reads alike.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the line is empty")]
    Empty,
    #[error("the file starts with a byte order mark")]
    ByteOrderMark,
    #[error("the line is not UTF-8 from byte {byte} on")]
    NotUtf8 {
        /// The first byte that is not UTF-8, from 1.
        byte: usize,
    },
    #[error("the line is not JSON: {what} (column {column})")]
    NotJson {
        what: String,
        /// In characters, from 1.
        column: usize,
    },
    #[error("the line holds {name}, which JSON does not know (column {column})")]
    NotANumber {
        name: &'static str,
        /// In characters, from 1.
        column: usize,
    },
    #[error("the line is not a JSON object")]
    NotAnObject,
    #[error("the line is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("the line has the member `{member}` twice")]
    DoubleMember {
        /// Its path, as in `site.river`.
        member: String,
    },
}

impl Fault {
    /// What the user can do about it.
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::Empty => "remove it",
            Self::ByteOrderMark => "save it as UTF-8 without one",
            Self::NotUtf8 { .. } => "save the file as UTF-8",
            Self::NotJson { .. } => "write one complete JSON object a line, with line breaks in texts as \\n",
            Self::NotANumber { .. } => "write null or a text, or leave the member out",
            Self::NotAnObject => "write one JSON object a line, with its members in braces",
            Self::TooDeep => "take some of its structure away",
            Self::DoubleMember { .. } => "remove one of them",
        }
    }
}

impl<'a> RawObject<'a> {
    /// Reads a text that should be one JSON object. Members that occur twice are read;
    /// [`double_member`](Self::double_member) finds them.
    ///
    /// # Errors
    /// [`Fault`]: any but [`Fault::DoubleMember`].
    pub(crate) fn read(text: &'a str) -> Result<Self, Fault> {
        if text.trim_ascii().is_empty() {
            return Err(Fault::Empty);
        }
        let object = serde_json::from_str::<Self>(text).map_err(|error| fault(text, &error))?;
        // Only building a text shows half of a surrogate pair, which such an escape may be.
        let text_bytes = text.as_bytes();
        if memchr::memmem::find(text_bytes, br"\ud").is_some() || memchr::memmem::find(text_bytes, br"\uD").is_some() {
            serde_json::from_str::<Value>(text).map_err(|error| fault(text, &error))?;
        }
        Ok(object)
    }

    /// The text of a member's value.
    pub(crate) fn value(&self, name: &str) -> Option<&'a str> {
        Some(self.members.iter().find(|member| member.name == name)?.value)
    }

    /// Looks for a name that occurs twice in the object or in any object inside.
    ///
    /// # Errors
    /// [`Fault::DoubleMember`] for the first, [`Fault::TooDeep`] where the search ends.
    pub(crate) fn double_member(&self) -> Result<(), Fault> {
        self.double_member_below("", MAX_DEPTH)
    }

    fn double_member_below(&self, path: &str, depth: usize) -> Result<(), Fault> {
        if let Some(name) = self.first_double() {
            return Err(Fault::DoubleMember { member: format!("{path}{name}") });
        }
        for member in &self.members {
            if is_structure(member.value) {
                inside(member.value, &|| format!("{path}{}", member.name), depth - 1)?;
            }
        }
        Ok(())
    }

    fn first_double(&self) -> Option<&str> {
        // Lines have few members: comparing all is faster than any set.
        if self.members.len() <= 16 {
            let doubled = |(idx, member): &(usize, &RawMember<'_>)| {
                self.members[..*idx].iter().any(|earlier| earlier.name == member.name)
            };
            return self.members.iter().enumerate().find(doubled).map(|(_, member)| &*member.name);
        }
        let mut seen = std::collections::BTreeSet::new();
        self.members.iter().map(|member| &*member.name).find(|name| !seen.insert(*name))
    }
}

/// Whether a value's text can hold an object or list.
fn is_structure(value: &str) -> bool {
    value.starts_with(['{', '['])
}

fn inside(value: &str, path: &dyn Fn() -> String, depth: usize) -> Result<(), Fault> {
    if depth == 0 {
        return Err(Fault::TooDeep);
    }
    if value.starts_with('{') {
        let object: RawObject<'_> = serde_json::from_str(value).map_err(|error| fault(value, &error))?;
        // The path is spelled out only where it is needed: nearly never.
        return match object.double_member_below("", depth) {
            Err(Fault::DoubleMember { member }) => Err(Fault::DoubleMember { member: format!("{}.{member}", path()) }),
            checked => checked,
        };
    }
    // Numbers and texts have no members; most lists are of them.
    if memchr::memchr2(b'{', b'[', &value.as_bytes()[1..]).is_none() {
        return Ok(());
    }
    let list: Vec<&RawValue> = serde_json::from_str(value).map_err(|error| fault(value, &error))?;
    for (idx, item) in list.iter().enumerate().filter(|(_, item)| is_structure(item.get())) {
        inside(item.get(), &|| format!("{}[{idx}]", path()), depth - 1)?;
    }
    Ok(())
}

/// What serde_json says about a line, with the column where it is wrong.
fn fault(text: &str, error: &serde_json::Error) -> Fault {
    use serde_json::error::Category;
    if error.classify() == Category::Data {
        return Fault::NotAnObject;
    }
    // A pretty-printed text has several lines, a manifest's line only one.
    let line_start = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let offset = (line_start + error.column()).saturating_sub(1).min(text.len());
    let column = String::from_utf8_lossy(&text.as_bytes()[..offset]).chars().count() + 1;
    if let Some((name, back)) = not_a_number(text, offset) {
        return Fault::NotANumber { name, column: column - back };
    }
    let message = error.to_string();
    let what = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
    if what.starts_with("recursion limit") {
        return Fault::TooDeep;
    }
    Fault::NotJson { what: what.to_owned(), column }
}

/// The name near a byte offset that other languages write into JSON for what is not a number (`NaN`), and how many bytes before
/// the offset it starts.
fn not_a_number(text: &str, offset: usize) -> Option<(&'static str, usize)> {
    let starts = |back: usize| {
        let rest = text.get(offset.checked_sub(back)?..)?;
        ["NaN", "-Infinity", "Infinity"].into_iter().find(|name| rest.starts_with(name))
    };
    // The error stands at the character that surprised, or one behind: after the sign.
    [1, 0].into_iter().find_map(|back| Some((starts(back)?, back)))
}

impl<'de: 'a, 'a> Deserialize<'de> for RawObject<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = RawObject<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(8);
                while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    members.push(RawMember { name, value: value.get() });
                }
                Ok(RawObject { members })
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// A member's name, borrowed where no escape stands in it.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// The text that a JSON text stands for; `None` where the value is none.
pub(crate) fn text_of(value: &str) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { serde_json::from_str(value).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(inner)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let read = RawObject::read(text).and_then(|object| object.double_member().map(|()| object));
        let said = match read {
            Ok(object) => {
                object.members.iter().map(|member| format!("{}={} ", member.name, member.value)).collect::<String>()
            }
            Err(fault) => fault.to_string(),
        };
        assert_eq!(said.trim_end(), expected, "{text}");
    }

    #[test]
    fn values_keep_their_text() {
        check(r#"{"a" : 1.40 , "b":[1, {"c":-0e+1}],"\u0064":"x\ny"}"#, r#"a=1.40 b=[1, {"c":-0e+1}] d="x\ny""#);
        check("{}", "");
        check("{\"a\":\"x\u{2028}y\u{85}z\"}\r", "a=\"x\u{2028}y\u{85}z\"");
        check(r#"{"a":"\ud83d\ude00"}"#, r#"a="\ud83d\ude00""#);
    }

    #[test]
    fn what_others_would_read_otherwise_is_a_fault() {
        check("", "the line is empty");
        check(" \t", "the line is empty");
        check("[1]", "the line is not a JSON object");
        check("7", "the line is not a JSON object");
        check(r#"{"a":}"#, "the line is not JSON: expected value (column 6)");
        check(r#"{"é":1"#, "the line is not JSON: EOF while parsing an object (column 6)");
        check("{} {}", "the line is not JSON: trailing characters (column 4)");
        check(r#"{"a":01}"#, "the line is not JSON: invalid number (column 7)");
        check(
            "{\"a\":\"x\ty\"}",
            r"the line is not JSON: control character (\u0000-\u001F) found while parsing a string (column 7)",
        );
        check(r#"{"a":NaN}"#, "the line holds NaN, which JSON does not know (column 6)");
        check(r#"{"a":[1,-Infinity]}"#, "the line holds -Infinity, which JSON does not know (column 9)");
        check(r#"{"a":Infinity}"#, "the line holds Infinity, which JSON does not know (column 6)");
        check(r#"{"a":"\ud83d"}"#, "the line is not JSON: unexpected end of hex escape (column 13)");
    }

    #[test]
    fn doubles_are_found_at_any_depth() {
        check(r#"{"a":1,"a":1}"#, "the line has the member `a` twice");
        check(r#"{"a":1,"\u0061":2}"#, "the line has the member `a` twice");
        check(r#"{"a":{"x":1},"b":{"x":1}}"#, r#"a={"x":1} b={"x":1}"#);
        check(r#"{"a":{"b":[0,{"c":1,"c":2}]}}"#, "the line has the member `a.b[1].c` twice");
        check(r#"{"a":[["{",1],[{"x":1,"x":2}]]}"#, "the line has the member `a[1][0].x` twice");
        let many: Vec<String> = (0..40).map(|idx| format!("\"m{idx}\":0")).collect();
        check(&format!("{{{},\"m7\":0}}", many.join(",")), "the line has the member `m7` twice");
    }

    #[test]
    fn depth_has_an_end() {
        let nested = |depth: usize| format!("{{\"a\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
        check(&nested(126), &format!("a={}1{}", "[".repeat(126), "]".repeat(126)));
        check(&nested(127), "the line is nested deeper than 127 levels");
        check(&nested(49_000), "the line is nested deeper than 127 levels");
    }
}
