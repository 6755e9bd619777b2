//! The task input as templates see it: members in their order, numbers digit for digit, and nothing where there is none.

use std::fmt;
use std::sync::Arc;

use liquid_core::model::{
    ArrayView, DisplayCow, KStringCow, Object, ObjectView, ScalarCow, State, Value as LiquidValue, ValueView,
};
use serde_json::{Map, Number, Value};

use super::watch::Watch;

static NIL: LiquidValue = LiquidValue::Nil;

/// A value of the task input, with the name by which a template finds it.
#[derive(Debug)]
pub(super) enum TaskValue {
    Nil,
    Flag(bool),
    /// A number, and its text.
    Number(Number, String),
    Text(String),
    List(Vec<TaskValue>),
    Object {
        name: String,
        members: Vec<(String, TaskValue)>,
        watch: Arc<Watch>,
    },
}

impl TaskValue {
    /// All that a template finds at first: `task.input`.
    pub(super) fn globals(task_input: &Map<String, Value>, watch: &Arc<Watch>) -> Self {
        let input = Self::object(task_input, "task.input".to_owned(), watch);
        let wrapped = |name: &str, member: &str, value| Self::Object {
            name: name.to_owned(),
            members: vec![(member.to_owned(), value)],
            watch: watch.clone(),
        };
        wrapped("", "task", wrapped("task", "input", input))
    }

    fn of(value: &Value, name: String, watch: &Arc<Watch>) -> Self {
        match value {
            Value::Null => Self::Nil,
            Value::Bool(flag) => Self::Flag(*flag),
            Value::Number(number) => Self::Number(number.clone(), number.to_string()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(elements) => {
                let element = |(idx, element)| Self::of(element, format!("{name}[{idx}]"), watch);
                Self::List(elements.iter().enumerate().map(element).collect())
            }
            Value::Object(members) => Self::object(members, name, watch),
        }
    }

    fn object(members: &Map<String, Value>, name: String, watch: &Arc<Watch>) -> Self {
        let of_member = |(member, value): (&String, &Value)| {
            let is_plain = member.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            let name = if is_plain { format!("{name}.{member}") } else { format!("{name}['{member}']") };
            (member.clone(), Self::of(value, name, watch))
        };
        Self::Object { members: members.iter().map(of_member).collect(), name, watch: watch.clone() }
    }

    /// The same as JSON: the text that the task input has.
    fn to_json(&self) -> Value {
        match self {
            Self::Nil => Value::Null,
            Self::Flag(flag) => Value::Bool(*flag),
            Self::Number(number, _) => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.clone()),
            Self::List(elements) => elements.iter().map(Self::to_json).collect(),
            Self::Object { members, .. } => {
                members.iter().map(|(name, value)| (name.clone(), value.to_json())).collect::<Map<_, _>>().into()
            }
        }
    }
}

/// A value as JSON. What a template made itself has no order of members to keep.
pub(super) fn json(value: &dyn ValueView) -> Value {
    if value.type_name() == TYPE_NAME {
        return serde_json::from_str(&value.source().to_string()).unwrap_or_default();
    }
    let mut json = serde_json::to_value(value.to_value()).unwrap_or_default();
    json.sort_all_objects();
    json
}

/// How values of the task input are told from those that a template made.
const TYPE_NAME: &str = "value of the task input";

/// What `{{ x }}` writes.
impl fmt::Display for TaskValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => Ok(()),
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(_, text) | Self::Text(text) => text.fmt(f),
            Self::List(elements) => elements.iter().try_for_each(|element| element.fmt(f)),
            Self::Object { .. } => self.to_json().fmt(f),
        }
    }
}

impl ValueView for TaskValue {
    fn as_debug(&self) -> &dyn fmt::Debug {
        self
    }

    fn render(&self) -> DisplayCow<'_> {
        DisplayCow::Borrowed(self)
    }

    fn source(&self) -> DisplayCow<'_> {
        DisplayCow::Owned(Box::new(self.to_json()))
    }

    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn query_state(&self, state: State) -> bool {
        match (self, state) {
            (Self::Nil, State::Truthy) | (Self::Flag(false), State::Truthy) => false,
            (_, State::Truthy) => true,
            (Self::Nil | Self::Flag(false), State::DefaultValue | State::Blank) => true,
            (Self::Text(text), State::DefaultValue | State::Empty) => text.is_empty(),
            (Self::Text(text), State::Blank) => text.trim().is_empty(),
            (Self::List(elements), _) => elements.is_empty(),
            (Self::Object { members, .. }, _) => members.is_empty(),
            _ => false,
        }
    }

    fn to_kstr(&self) -> KStringCow<'_> {
        match self {
            Self::Number(_, text) | Self::Text(text) => KStringCow::from_ref(text),
            _ => KStringCow::from_string(self.to_string()),
        }
    }

    fn to_value(&self) -> LiquidValue {
        match self {
            Self::Nil => LiquidValue::Nil,
            Self::List(elements) => LiquidValue::Array(elements.iter().map(ValueView::to_value).collect()),
            Self::Object { members, .. } => {
                let member = |(name, value): &(String, TaskValue)| (name.clone().into(), value.to_value());
                LiquidValue::Object(members.iter().map(member).collect::<Object>())
            }
            Self::Flag(_) | Self::Number(..) | Self::Text(_) => {
                self.as_scalar().map_or(LiquidValue::Nil, |scalar| LiquidValue::Scalar(scalar.into_owned()))
            }
        }
    }

    fn as_scalar(&self) -> Option<ScalarCow<'_>> {
        match self {
            Self::Flag(flag) => Some(ScalarCow::new(*flag)),
            Self::Text(text) => Some(ScalarCow::new(text.as_str())),
            Self::Number(number, text) => Some(match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) if whole.to_string() == *text => ScalarCow::new(whole),
                (_, Some(fraction)) if fraction.to_string() == *text => ScalarCow::new(fraction),
                // Better a text with the right digits than a number with others.
                _ => ScalarCow::new(text.as_str()),
            }),
            _ => None,
        }
    }

    fn as_array(&self) -> Option<&dyn ArrayView> {
        matches!(self, Self::List(_)).then_some(self as &dyn ArrayView)
    }

    fn as_object(&self) -> Option<&dyn ObjectView> {
        matches!(self, Self::Object { .. }).then_some(self as &dyn ObjectView)
    }

    fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }
}

impl TaskValue {
    fn elements(&self) -> &[TaskValue] {
        match self {
            Self::List(elements) => elements,
            _ => &[],
        }
    }

    fn members(&self) -> &[(String, TaskValue)] {
        match self {
            Self::Object { members, .. } => members,
            _ => &[],
        }
    }

    fn element(&self, index: i64) -> Option<&TaskValue> {
        let elements = self.elements();
        let from_end = |idx: i64| elements.len().checked_sub(usize::try_from(idx.unsigned_abs()).ok()?);
        let idx = if index < 0 { from_end(index)? } else { usize::try_from(index).ok()? };
        elements.get(idx)
    }
}

impl ArrayView for TaskValue {
    fn as_value(&self) -> &dyn ValueView {
        self
    }

    fn size(&self) -> i64 {
        self.elements().len() as i64
    }

    fn values<'k>(&'k self) -> Box<dyn Iterator<Item = &'k dyn ValueView> + 'k> {
        Box::new(self.elements().iter().map(|element| element as &dyn ValueView))
    }

    fn contains_key(&self, index: i64) -> bool {
        self.element(index).is_some()
    }

    fn get(&self, index: i64) -> Option<&dyn ValueView> {
        Some(self.element(index).map_or(&NIL as &dyn ValueView, |element| element))
    }
}

impl ObjectView for TaskValue {
    fn as_value(&self) -> &dyn ValueView {
        self
    }

    fn size(&self) -> i64 {
        self.members().len() as i64
    }

    fn keys<'k>(&'k self) -> Box<dyn Iterator<Item = KStringCow<'k>> + 'k> {
        Box::new(self.members().iter().map(|(name, _)| KStringCow::from_ref(name)))
    }

    fn values<'k>(&'k self) -> Box<dyn Iterator<Item = &'k dyn ValueView> + 'k> {
        Box::new(self.members().iter().map(|(_, value)| value as &dyn ValueView))
    }

    fn iter<'k>(&'k self) -> Box<dyn Iterator<Item = (KStringCow<'k>, &'k dyn ValueView)> + 'k> {
        let member = |(name, value): &'k (String, TaskValue)| (KStringCow::from_ref(name), value as &dyn ValueView);
        Box::new(self.members().iter().map(member))
    }

    fn contains_key(&self, index: &str) -> bool {
        // All that the template does not make itself is looked for here, and is nothing when it is not there.
        let is_global = matches!(self, Self::Object { name, .. } if name.is_empty());
        is_global || self.members().iter().any(|(name, _)| name == index)
    }

    fn get<'s>(&'s self, index: &str) -> Option<&'s dyn ValueView> {
        let found = self.members().iter().find(|(name, _)| name == index);
        if let Some((_, value)) = found {
            return Some(value);
        }
        // `size` of an object that has no such member is how many it has.
        if index == "size" {
            return None;
        }
        if let Self::Object { name, watch, .. } = self {
            watch.note_absent(if name.is_empty() { index.to_owned() } else { format!("{name}.{index}") }.as_str());
        }
        Some(&NIL)
    }
}
