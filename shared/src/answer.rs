//! One worker's answer, decoded: form field → value. Every oddity of the wire is undone here, once.
//!
//! An answer arrives as JSON text; the text holds one object with a member per named form element (AWS: developer guide,
//! "Crowd HTML elements"). Some pages print that object inside an array of one. Hidden inputs hold JSON as text, a
//! third level, which [`FieldValue::structured`] decodes for those kinds alone that expect structure. Groups of check
//! boxes and radio buttons are objects of booleans, which [`Options`] reads.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::field_value::{FieldValue, FieldValueBuf, ValueShape};

/// One worker's answer: the value of each form field. Names and values may be shared with other answers: those to one form
/// have its names in common, and of choices most are equal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// In the order of their names, each once.
    fields: Box<[Field]>,
}

#[derive(Debug, Clone, PartialEq)]
struct Field {
    name: Arc<str>,
    value: FieldValueBuf,
    /// Where the form had it.
    idx: u32,
}

impl Answer {
    /// Decodes the JSON text of an answer. Members that are `null` count as absent.
    ///
    /// # Errors
    /// [`AnswerError`]; it never quotes the text.
    pub fn decode(text: &str) -> Result<Self, AnswerError> {
        let value = serde_json::from_str(text)
            .map_err(|error| AnswerError::NotJson { line: error.line(), column: error.column() })?;
        Self::from_value(value)
    }

    /// Takes an answer that is decoded already.
    ///
    /// # Errors
    /// [`AnswerError::NotAnObject`] for anything but an object or an array of one object.
    pub fn from_value(value: Value) -> Result<Self, AnswerError> {
        let value = match value {
            Value::Array(mut only) if only.len() == 1 => only.remove(0),
            value => value,
        };
        let Value::Object(fields) = value else {
            return Err(AnswerError::NotAnObject);
        };
        Ok(Self::from_fields(fields.into_iter().map(|(name, value)| (name.into(), value.into()))))
    }

    /// Gathers an answer from its fields in the order of the form. Of fields with one name the last counts; those that are
    /// `null` are absent.
    pub fn from_fields(fields: impl IntoIterator<Item = (Arc<str>, FieldValueBuf)>) -> Self {
        let field = |(idx, (name, value))| Field { name, value, idx };
        let mut fields: Vec<Field> = (0..).zip(fields).map(field).collect();
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        fields.dedup_by(|later, earlier| {
            let is_same = later.name == earlier.name;
            if is_same {
                earlier.value = later.value.clone();
            }
            is_same
        });
        fields.retain(|field| field.value.view().shape() != ValueShape::Null);
        Self { fields: fields.into() }
    }

    /// The value of a form field, if the worker sent one.
    pub fn field(&self, name: &str) -> Option<FieldValue<'_>> {
        let idx = self.fields.binary_search_by(|field| (*field.name).cmp(name)).ok()?;
        Some(self.fields[idx].value.view())
    }

    /// The names of the form fields that the worker sent, in alphabetical order.
    pub fn field_names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| &*field.name)
    }

    /// The answer as JSON text again: the object of form fields in their order, without those that were `null`.
    pub fn to_text(&self) -> String {
        // Names and values are JSON already, so that writing them cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The object of form fields in their order, without those that were `null`.
impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields: Vec<&Field> = self.fields.iter().collect();
        fields.sort_unstable_by_key(|field| field.idx);
        serializer.collect_map(fields.into_iter().map(|field| (&*field.name, &field.value)))
    }
}

/// An answer that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The text is not JSON, or nested deeper than any form. Only the line and column are told.
    #[error("the answer is not JSON (line {line}, column {column})")]
    NotJson {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
    },
    /// The text is JSON, and not a form.
    #[error("the answer is not a JSON object of form fields")]
    NotAnObject,
}

/// A group of check boxes or radio buttons: `{"wet": true, "dark": false}`. A single box is `{"on": true}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options<'a> {
    options: Vec<(Cow<'a, str>, bool)>,
}

impl<'a> Options<'a> {
    /// Reads a non-empty object of booleans; `None` for any other value.
    pub fn read(value: FieldValue<'a>) -> Option<Self> {
        let options: Option<Vec<_>> = value.members()?.map(|(name, ticked)| Some((name, ticked.flag()?))).collect();
        options.filter(|options| !options.is_empty()).map(|options| Self { options })
    }

    /// Every option that was shown.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.options.iter().map(|(name, _)| &**name)
    }

    /// The options that the worker ticked.
    pub fn ticked(&self) -> impl Iterator<Item = &str> {
        self.options.iter().filter(|(_, ticked)| *ticked).map(|(name, _)| &**name)
    }
}

/// What a group of options is, judged by all answers to it: the wire does not tell radio buttons from check boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionGroup {
    /// Radio buttons, where every worker ticked exactly one; or one lone box, which says yes or no.
    OneOf,
    /// Check boxes: some worker ticked several, or none.
    AnyOf,
}

impl OptionGroup {
    /// Judges all answers of a field that are option groups; `None` when none is.
    pub fn of<'a>(values: impl IntoIterator<Item = FieldValue<'a>>) -> Option<Self> {
        let mut names = BTreeSet::new();
        let mut every_worker_ticked_one = true;
        for options in values.into_iter().filter_map(Options::read) {
            every_worker_ticked_one &= options.ticked().count() == 1;
            names.extend(options.options.into_iter().map(|(name, _)| name));
        }
        match names.len() {
            0 => None,
            1 => Some(Self::OneOf),
            _ if every_worker_ticked_one => Some(Self::OneOf),
            _ => Some(Self::AnyOf),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_an_object_or_an_array_of_one() {
        let check = |text: &str, expected: &str| {
            let read = Answer::decode(text);
            assert_eq!(read.map_or_else(|error| error.to_string(), |answer| answer.to_text()), expected, "{text}");
        };
        check(r#"{"a": 1.50, "b": null}"#, r#"{"a":1.50}"#);
        check(r#"{"z": 1, "a": 2, "m": 3, "a": 4}"#, r#"{"z":1,"a":4,"m":3}"#);
        check(r#"[{"a":"x"}]"#, r#"{"a":"x"}"#);
        check("{}", "{}");
        check("[]", "the answer is not a JSON object of form fields");
        check("[{},{}]", "the answer is not a JSON object of form fields");
        check("\"text\"", "the answer is not a JSON object of form fields");
        check("{\"a\":", "the answer is not JSON (line 1, column 5)");
        check(&"[".repeat(100_000), "the answer is not JSON (line 1, column 128)");
    }

    #[test]
    fn option_groups_are_judged_by_all_answers() {
        let check = |values: Value, expected: Option<OptionGroup>| {
            let values = FieldValueBuf::from(values);
            assert_eq!(OptionGroup::of(values.view().elements().expect("a list")), expected, "{values}");
        };
        check(json!([{"on": true}, {"on": false}]), Some(OptionGroup::OneOf));
        check(json!([{"1": false, "2": true}, {"1": true, "2": false}]), Some(OptionGroup::OneOf));
        check(json!([{"1": false, "2": true}, {"1": true, "2": true}]), Some(OptionGroup::AnyOf));
        check(json!([{"1": false, "2": true}, {"1": false, "2": false}]), Some(OptionGroup::AnyOf));
        check(json!([{"wet": true}, {"dry": true}]), Some(OptionGroup::OneOf));
        check(json!([{"label": "x"}, {}, 7]), None);
    }
}
