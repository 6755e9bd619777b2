//! What a label decided, in whatever format it was written.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Number, Value};

use crate::labels::job_label::{self, FieldLabel, JobLabel};

/// Members of a field's label that tell how it came about, and not what was decided. They stand inside marks as well.
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

/// What was decided about one field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Decision {
    /// The deciding members: `label`, `labels`, `annotations`, …
    #[serde(flatten)]
    pub(crate) members: Map<String, Value>,
    /// How sure the label was of it as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) confidence: Option<f64>,
}

/// What a label decided.
#[derive(Debug, PartialEq)]
pub(super) enum Decided {
    /// Of each of these fields something.
    Fields(BTreeMap<String, Decision>),
    /// Something, without saying of which field.
    One(Decision),
    /// Who knows.
    Foreign,
}

/// Reads a label of any format.
pub(super) fn decisions(label: &Value, metadata: Option<&Map<String, Value>>) -> Decided {
    match job_label::read(label, metadata) {
        JobLabel::Nothing => Decided::Fields(BTreeMap::new()),
        JobLabel::BuiltIn(field) => Decided::One(Decision::of(&field.members)),
        JobLabel::Fields(fields) => {
            let decision = |(name, field): (String, FieldLabel)| Some((name, of_field(&field.members)?));
            Decided::Fields(fields.into_iter().filter_map(decision).collect())
        }
        // A function that somebody wrote: one plain value per field, or nothing that could be set beside ours.
        JobLabel::Foreign => match label {
            Value::Object(members) => {
                let plain = members.iter().filter_map(|(name, value)| Some((name.clone(), plain(value)?)));
                let plain: BTreeMap<String, Decision> = plain.collect();
                if plain.is_empty() { Decided::Foreign } else { Decided::Fields(plain) }
            }
            Value::String(_) | Value::Number(_) => plain(label).map_or(Decided::Foreign, Decided::One),
            _ => Decided::Foreign,
        },
    }
}

/// Reads the members of a label in the format `fields`. A field without a label decides nothing.
pub(crate) fn of_fields(label: &Map<String, Value>) -> BTreeMap<String, Decision> {
    label.iter().filter_map(|(name, field)| Some((name.clone(), of_field(field.as_object()?)?))).collect()
}

fn of_field(members: &Map<String, Value>) -> Option<Decision> {
    let decision = Some(members).filter(|members| !members.contains_key("reason")).map(Decision::of);
    decision.filter(|decision| !decision.members.is_empty())
}

fn deciding(members: &Map<String, Value>) -> Map<String, Value> {
    let kept = members.iter().filter(|(name, _)| !HOW.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), deciding_value(value))).collect()
}

fn deciding_value(value: &Value) -> Value {
    match value {
        Value::Object(members) => deciding(members).into(),
        Value::Array(elements) => elements.iter().map(deciding_value).collect(),
        value => value.clone(),
    }
}

/// A plain value as the decision it stands for: a text is a label, several are labels, a number a value.
fn plain(value: &Value) -> Option<Decision> {
    let name = match value {
        Value::String(_) => "label",
        Value::Number(_) => "value",
        Value::Array(texts) if !texts.is_empty() && texts.iter().all(Value::is_string) => "labels",
        Value::Object(members) => {
            let decision = Decision::of(members);
            let known = ["label", "labels", "value", "text", "annotations", "ranking"];
            return Some(decision).filter(|decision| known.iter().any(|name| decision.members.contains_key(*name)));
        }
        _ => return None,
    };
    Some(Decision { members: Map::from_iter([(name.to_owned(), value.clone())]), confidence: None })
}

impl Decision {
    fn of(members: &Map<String, Value>) -> Self {
        Self { members: deciding(members), confidence: members.get("confidence").and_then(Value::as_f64) }
    }

    /// Whether a decision of an unnamed field could be about the field of `other`.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.members.keys().all(|name| other.members.contains_key(name))
    }

    /// Whether both decide the same, as far as this one says anything.
    pub(crate) fn decides_as(&self, other: &Self) -> bool {
        let (own, others) = (self.members.get("labeledImage"), other.members.get("labeledImage"));
        if own.is_some() && own != others {
            // Two pictures can show the same in other colors, or be compressed in another way.
            return self.masks().is_some_and(|masks| other.masks() == Some(masks));
        }
        self.members
            .iter()
            .all(|(name, value)| other.members.get(name).is_some_and(|other| says_same(name, value, other)))
    }

    /// What a mask shows where, in a fixed order: names with how many pixels in turn are outside and inside.
    fn masks(&self) -> Option<Vec<(String, Vec<u32>)>> {
        let names =
            self.members.get("annotations")?.as_array()?.iter().map(|mark| mark.get("label").map(Value::to_string));
        let masks = names.zip(job_label::masks(&self.members)?);
        let mut masks: Vec<_> = masks.filter_map(|(name, mask)| Some((name?, mask?.counts()))).collect();
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
