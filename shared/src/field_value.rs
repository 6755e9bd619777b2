//! The value of one form field: what annotation kinds read, and what simulated workers send.
//!
//! [`FieldValue`] is a view that costs as little as a reference, and [`FieldValueBuf`] owns what a view shows, as `PathBuf`
//! owns a `Path`. Both are JSON in one of six [shapes](ValueShape), with members in their order and numbers digit for digit.
//! Kinds see no more of JSON than these methods show, and none of them promises more than JSON text can keep:
//!
//! - Members and elements are met one after the other, so that [`FieldValue::member`] takes time in proportion to the value.
//!   Forms post small objects; where several members of one are needed, [`FieldValue::numbers`] says so at once.
//! - Texts and names are [`Cow`]s, because JSON may escape them.
//! - Numbers are read when they are asked for.
//!
//! ```
//! use ground_truth::field_value::FieldValueBuf;
//!
//! let value: FieldValueBuf = r#"{"label": "otter", "left": "40.50", "top": 22}"#.parse()?;
//! let drawn = value.view();
//! assert_eq!(drawn.member("label").and_then(|label| label.text()).as_deref(), Some("otter"));
//! assert_eq!(drawn.numbers(["left", "top"]), Some([40.5, 22.0]));
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// A view of a form field's value, or of a part of it. Two are equal when they say the same: members in any order, numbers
/// by their digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldValue<'a>(&'a Value);

/// What JSON a value is. Exhaustive: JSON has no other values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueShape {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag,
    /// A number, of any size and precision.
    Number,
    /// A string.
    Text,
    /// Elements in square brackets.
    List,
    /// Named members in curly brackets.
    Object,
}

impl<'a> FieldValue<'a> {
    /// What JSON the value is.
    pub fn shape(self) -> ValueShape {
        match self.0 {
            Value::Null => ValueShape::Null,
            Value::Bool(_) => ValueShape::Flag,
            Value::Number(_) => ValueShape::Number,
            Value::String(_) => ValueShape::Text,
            Value::Array(_) => ValueShape::List,
            Value::Object(_) => ValueShape::Object,
        }
    }

    /// Whether the value says nothing at all: null, empty text, a list or an object with nothing in it.
    pub fn is_blank(self) -> bool {
        match self.0 {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(elements) => elements.is_empty(),
            Value::Object(members) => members.is_empty(),
            Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// A text; `None` for any other shape.
    pub fn text(self) -> Option<Cow<'a, str>> {
        self.0.as_str().map(Cow::Borrowed)
    }

    /// A text as it is, a number or a flag as JSON writes it: `otter`, `7.50`, `true`. `None` for any other shape.
    pub fn scalar_text(self) -> Option<Cow<'a, str>> {
        match self.0 {
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Number(_) | Value::Bool(_) => Some(Cow::Owned(self.0.to_string())),
            _ => None,
        }
    }

    /// `true` or `false`; `None` for any other shape.
    pub fn flag(self) -> Option<bool> {
        self.0.as_bool()
    }

    /// A finite number, or one that is written as text, with blanks around it or without: `40.5`, `" 40.5 "`.
    pub fn number(self) -> Option<f64> {
        let number = self.0.as_f64().or_else(|| self.0.as_str()?.trim().parse().ok());
        number.filter(|number| number.is_finite())
    }

    /// The elements of a list; `None` for any other shape.
    pub fn elements(self) -> Option<impl Iterator<Item = FieldValue<'a>> + Clone> {
        self.0.as_array().map(|elements| elements.iter().map(FieldValue))
    }

    /// The members of an object with their names, in the order of the form; `None` for any other shape.
    pub fn members(self) -> Option<impl Iterator<Item = (Cow<'a, str>, FieldValue<'a>)> + Clone> {
        let member = |(name, value): (&'a String, &'a Value)| (Cow::Borrowed(name.as_str()), FieldValue(value));
        self.0.as_object().map(|members| members.iter().map(member))
    }

    /// The member `name` of an object.
    pub fn member(self, name: &str) -> Option<FieldValue<'a>> {
        // Objects of a form have few members, and looking at each takes less time than hashing the name.
        self.0.as_object()?.iter().find(|(known, _)| *known == name).map(|(_, value)| FieldValue(value))
    }

    /// The first of these members that the object has, for what forms name in several ways.
    pub fn any_member(self, names: &[&str]) -> Option<FieldValue<'a>> {
        names.iter().find_map(|name| self.member(name))
    }

    /// Members that all have to be [numbers](Self::number); `None` where any is not.
    pub fn numbers<const N: usize>(self, names: [&str; N]) -> Option<[f64; N]> {
        let mut numbers = [0.0; N];
        for (number, name) in numbers.iter_mut().zip(names) {
            *number = self.member(name)?.number()?;
        }
        Some(numbers)
    }

    /// The JSON that a text holds, as hidden inputs post it; any other value as it is. Only text that starts like an object
    /// or a list is tried.
    pub fn structured(self) -> FieldValueCow<'a> {
        let text = self.0.as_str().filter(|text| text.trim_start().starts_with(['{', '[']));
        let decoded = text.and_then(|text| text.parse().ok());
        decoded.map_or(FieldValueCow::Borrowed(self), FieldValueCow::Owned)
    }

    /// The same with the members of every object in alphabetical order, so that values which say the same are written the
    /// same.
    pub fn sorted(self) -> FieldValueBuf {
        let mut value = self.0.clone();
        value.sort_all_objects();
        FieldValueBuf::from(value)
    }

    /// An own copy of what the view shows.
    pub fn to_buf(self) -> FieldValueBuf {
        FieldValueBuf::from(self.0.clone())
    }
}

/// Its JSON text.
impl fmt::Display for FieldValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0, f)
    }
}

impl Serialize for FieldValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// A form field's value that owns its JSON. Clones share it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct FieldValueBuf(Arc<Value>);

impl FieldValueBuf {
    /// What anything that serializes looks like in a form; null for what JSON cannot write, such as a map whose keys are
    /// lists.
    pub fn of(value: impl Serialize) -> Self {
        Self::from(written(value))
    }

    /// A list of these elements.
    pub fn list(elements: impl IntoIterator<Item = impl Serialize>) -> Self {
        Self::from(Value::Array(elements.into_iter().map(written).collect()))
    }

    /// An object with these members in their order; of several with one name the last counts.
    pub fn object(members: impl IntoIterator<Item = (impl Into<String>, impl Serialize)>) -> Self {
        let member = |(name, value): (_, _)| (Into::into(name), written(value));
        Self::from(Value::Object(members.into_iter().map(member).collect::<Map<_, _>>()))
    }

    /// The value as it is read.
    pub fn view(&self) -> FieldValue<'_> {
        FieldValue(&self.0)
    }

    /// The same object with a member replaced, or added as the last one. What is not an object stays as it is.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: impl Serialize) -> Self {
        if let Value::Object(members) = Arc::make_mut(&mut self.0) {
            members.insert(name.to_owned(), written(value));
        }
        self
    }
}

fn written(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

impl From<Value> for FieldValueBuf {
    fn from(value: Value) -> Self {
        Self(Arc::new(value))
    }
}

impl FromStr for FieldValueBuf {
    type Err = serde_json::Error;

    /// Reads JSON text.
    fn from_str(json: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(json).map(Value::into)
    }
}

/// Its JSON text.
impl fmt::Display for FieldValueBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}

impl Serialize for FieldValueBuf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.view().serialize(serializer)
    }
}

/// A value as the form has it, or as it was decoded from a text of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValueCow<'a> {
    /// As the form has it.
    Borrowed(FieldValue<'a>),
    /// A value that was decoded from a text.
    Owned(FieldValueBuf),
}

impl<'a> FieldValueCow<'a> {
    /// The value as it is read.
    pub fn view(&self) -> FieldValue<'_> {
        match self {
            Self::Borrowed(value) => *value,
            Self::Owned(value) => value.view(),
        }
    }

    /// The value for keeps; copies it unless it was decoded.
    pub fn into_buf(self) -> FieldValueBuf {
        match self {
            Self::Borrowed(value) => value.to_buf(),
            Self::Owned(value) => value,
        }
    }

    /// The part that a JSON Pointer names; `None` where it names nothing, or null.
    pub fn part(self, pointer: &str) -> Option<Self> {
        let part = match self {
            Self::Borrowed(value) => Self::Borrowed(FieldValue(value.0.pointer(pointer)?)),
            Self::Owned(value) => Self::Owned(Arc::unwrap_or_clone(value.0).pointer_mut(pointer)?.take().into()),
        };
        Some(part).filter(|part| part.view().shape() != ValueShape::Null)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value(json: &str) -> FieldValueBuf {
        json.parse().expect("JSON")
    }

    #[test]
    fn a_value_is_read_by_its_shape() {
        let check = |json: &str, shape: ValueShape, scalar_text: Option<&str>, is_blank: bool| {
            let value = value(json);
            let view = value.view();
            assert_eq!((view.shape(), view.scalar_text().as_deref()), (shape, scalar_text), "{json}");
            assert_eq!((view.is_blank(), view.to_string().as_str()), (is_blank, json), "{json}");
            assert_eq!(view.text().is_some(), shape == ValueShape::Text, "{json}");
            assert_eq!(view.flag().is_some(), shape == ValueShape::Flag, "{json}");
            assert_eq!(view.elements().is_some(), shape == ValueShape::List, "{json}");
            assert_eq!(view.members().is_some(), shape == ValueShape::Object, "{json}");
        };
        check("null", ValueShape::Null, None, true);
        check("false", ValueShape::Flag, Some("false"), false);
        check("7.50", ValueShape::Number, Some("7.50"), false);
        check(r#""""#, ValueShape::Text, Some(""), true);
        check(r#""otter""#, ValueShape::Text, Some("otter"), false);
        check("[]", ValueShape::List, None, true);
        check("[null]", ValueShape::List, None, false);
        check("{}", ValueShape::Object, None, true);
        check(r#"{"b":1,"a":[]}"#, ValueShape::Object, None, false);
    }

    #[test]
    fn numbers_may_be_written_as_text() {
        let check = |json: &str, expected: Option<f64>| assert_eq!(value(json).view().number(), expected, "{json}");
        check("40.50", Some(40.5));
        check(r#"" -4e1 ""#, Some(-40.0));
        for none in [r#""inf""#, r#""nan""#, r#""1e999""#, r#""""#, "1e999", "true", "[4]"] {
            check(none, None);
        }
    }

    #[test]
    fn members_are_found_by_name() {
        let value = value(r#"{"left": 1, "top": "2", "label": null, "startTime": 3}"#);
        let drawn = value.view();
        assert_eq!(drawn.numbers(["top", "left"]), Some([2.0, 1.0]));
        assert_eq!(drawn.numbers(["top", "label"]), None);
        assert_eq!(drawn.numbers(["top", "width"]), None);
        assert_eq!(drawn.any_member(&["start", "startTime"]).and_then(FieldValue::number), Some(3.0));
        assert_eq!(drawn.member("label").map(FieldValue::shape), Some(ValueShape::Null));
        assert_eq!(drawn.member("top").and_then(|text| text.member("left")), None);
    }

    #[test]
    fn only_text_that_looks_like_structure_is_decoded() {
        let check = |sent: Value, expected: Value| {
            let sent = FieldValueBuf::from(sent);
            assert_eq!(sent.view().structured().into_buf(), expected.into());
        };
        check(json!(" {\"a\":[1]}"), json!({"a": [1]}));
        check(json!("[broken"), json!("[broken"));
        check(json!("7"), json!("7"));
        check(json!({"a": "{}"}), json!({"a": "{}"}));
    }

    #[test]
    fn a_pointer_names_a_part_of_a_value_and_of_the_json_in_a_text() {
        let check = |sent: Value, expected: Option<Value>| {
            let sent = FieldValueBuf::from(sent);
            let part = sent.view().structured().part("/a/0");
            assert_eq!(part.map(FieldValueCow::into_buf), expected.map(FieldValueBuf::from));
        };
        check(json!({"a": [1]}), Some(json!(1)));
        check(json!("{\"a\": [1]}"), Some(json!(1)));
        check(json!({"a": []}), None);
        check(json!({"a": [null]}), None);
        check(json!("text"), None);
    }

    #[test]
    fn values_that_say_the_same_are_equal_and_sorted_alike() {
        let (a, b) = (value(r#"{"a": {"x": 1, "y": 2}, "b": 1.0}"#), value(r#"{"b": 1.0, "a": {"y": 2, "x": 1}}"#));
        assert_eq!(a, b);
        assert_eq!(b.view().sorted().to_string(), r#"{"a":{"x":1,"y":2},"b":1.0}"#);
        assert_ne!(value("1.0"), value("1"));
    }

    #[test]
    fn values_are_made_of_what_serializes() {
        let members = [("b", FieldValueBuf::of(1.5)), ("a", FieldValueBuf::list(["x", "y"]))];
        let made = FieldValueBuf::object(members).with_member("c", true).with_member("b", value("7.50").view());
        assert_eq!(made.to_string(), r#"{"b":7.50,"a":["x","y"],"c":true}"#);
        assert_eq!(FieldValueBuf::of("text").with_member("c", true).to_string(), r#""text""#);
        assert_eq!(FieldValueBuf::of(f64::NAN), FieldValueBuf::default());
    }
}
