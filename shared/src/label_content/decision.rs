//! What makes two labels differ: the members that decide, without those that tell how the decision came about.

use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::{Decided, LabelContent, MarkGeometry, Marks, Members};

/// Members that any label, or any mark of it, may have, and that tell how it came about.
const HOW: &[&str] = &[
    "answers",
    "confidence",
    "confidences",
    "gold",
    "highest",
    "imageSize",
    "kind",
    "lowest",
    "method",
    "model",
    "modelReason",
    "reason",
    "rejected",
    "shortDisplayName",
    "tolerance",
    "votes",
    "workers",
];

/// Members of marks that are in pixels.
const PIXELS: &[&str] = &["left", "top", "width", "height", "x", "y"];

/// What was decided about one field. On the wire: the deciding members (`label`, `labels`, `annotations`, …), and how sure
/// the label was of them as a whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    #[serde(skip)]
    content: LabelContent,
    #[serde(flatten)]
    members: Map<String, Value>,
    /// How sure the label was of it as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
}

/// Members without those that do not decide: all but the named ones, or, where none are named, those that tell how the label
/// came about. What these hold is without the latter too.
pub(super) fn deciding(members: &Members, named: Option<&[&str]>) -> Members {
    let decides = |name: &str| named.map_or(!HOW.contains(&name), |named| named.contains(&name));
    let kept = members.iter().filter(|(name, _)| decides(name));
    kept.map(|(name, value)| (name.clone(), without_how(value))).collect()
}

fn without_how(value: &Value) -> Value {
    match value {
        Value::Object(members) => deciding(members, None).into(),
        Value::Array(elements) => elements.iter().map(without_how).collect(),
        value => value.clone(),
    }
}

impl Decision {
    /// The decision of a label with these members; `None` where none of them decides.
    pub(crate) fn of(content: LabelContent, members: &Members) -> Option<Self> {
        let decision = Self {
            content,
            members: deciding(members, content.deciding_members()),
            confidence: members.get("confidence").and_then(Value::as_f64),
        };
        (!decision.members.is_empty()).then_some(decision)
    }

    /// A plain value of a function that somebody wrote, as the decision it stands for: a text is a category, several are
    /// categories, a number a number, and an object one that holds a deciding member.
    pub(crate) fn of_plain(value: &Value) -> Option<Self> {
        let (content, name) = match value {
            Value::String(_) => (LabelContent::Category, "label"),
            Value::Number(_) => (LabelContent::Number, "value"),
            Value::Array(texts) if !texts.is_empty() && texts.iter().all(Value::is_string) => {
                (LabelContent::Categories, "labels")
            }
            Value::Object(members) => {
                let known = ["label", "labels", "value", "text", "annotations", "ranking"];
                known.iter().find(|name| members.contains_key(**name))?;
                return Self::of(LabelContent::OtherMembers, members)
                    .map(|decision| Self { content: LabelContent::of_members(members), ..decision });
            }
            _ => return None,
        };
        Some(Self { content, members: Map::from_iter([(name.to_owned(), value.clone())]), confidence: None })
    }

    /// What was decided, typed; `None` where it has another shape than its kind should have.
    pub fn decided(&self) -> Option<Decided<'_>> {
        self.content.read(&self.members)
    }

    /// Whether a decision about an unnamed field could be about the field of `other`.
    pub fn can_be_about_that_of(&self, other: &Self) -> bool {
        self.members.keys().all(|name| other.members.contains_key(name))
    }

    /// Whether both decide the same, as far as this one says anything. Numbers may differ by a millionth, and places in an image
    /// by half a pixel; the order of categories and of marks decides nothing.
    pub fn decides_as(&self, other: &Self) -> bool {
        let (own, others) = (self.members.get("labeledImage"), other.members.get("labeledImage"));
        if own.is_some() && own != others {
            // Two pictures can show the same in other colors, or be compressed in another way.
            return self.masks().is_some_and(|masks| other.masks() == Some(masks));
        }
        self.members
            .iter()
            .all(|(name, value)| other.members.get(name).is_some_and(|other| says_same(name, value, other)))
    }

    /// What a mask shows where, in a fixed order: categories with how many pixels in turn are outside and inside.
    fn masks(&self) -> Option<Vec<(Option<&str>, Vec<u32>)>> {
        let marks = Marks { geometry: MarkGeometry::Mask, members: &self.members };
        marks.picture()?;
        let masks = marks.iter().zip(marks.masks());
        let mut masks: Vec<_> = masks.filter_map(|(mark, mask)| Some((mark.category(), mask?.counts()))).collect();
        masks.sort();
        Some(masks)
    }
}

fn says_same(name: &str, before: &Value, after: &Value) -> bool {
    match (name, before, after) {
        // Sets: which of them comes first decides nothing.
        ("labels" | "annotations", Value::Array(before), Value::Array(after)) => {
            let mut left: Vec<&Value> = after.iter().collect();
            let mut take = |one: &Value| left.iter().position(|other| same(one, other)).map(|idx| left.remove(idx));
            before.len() == after.len() && before.iter().all(|one| take(one).is_some())
        }
        _ => same(before, after),
    }
}

fn same(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Number(a), Value::Number(b)) => near(a, b, |size| 1e-6 * size.max(1.0)),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            // In three dimensions places are not in pixels.
            let is_flat = !["z", "length"].iter().any(|name| a.contains_key(*name));
            let same_member = |name: &str, value: &Value, other: &Value| match (value, other) {
                (Value::Number(a), Value::Number(b)) if is_flat && PIXELS.contains(&name) => near(a, b, |_| 0.5),
                _ => same(value, other),
            };
            a.iter().all(|(name, value)| b.get(name).is_some_and(|other| same_member(name, value, other)))
        }
        (a, b) => a == b,
    }
}

/// Whether two numbers differ by no more than what `margin` says of the larger one's size.
fn near(a: &Number, b: &Number, margin: impl Fn(f64) -> f64) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= margin(a.abs().max(b.abs())),
        _ => a == b,
    }
}
