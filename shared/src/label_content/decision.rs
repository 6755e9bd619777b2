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

pub(super) fn without_how(value: &Value) -> Value {
    match value {
        Value::Object(members) => deciding(members, None).into(),
        Value::Array(elements) => elements.iter().map(without_how).collect(),
        value => value.clone(),
    }
}

/// Replaces each text in a value for which `rename` has another one.
pub(crate) fn replace_texts(value: &mut Value, rename: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(name) = rename(text) {
                *text = name;
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| replace_texts(element, rename)),
        Value::Object(members) => members.values_mut().for_each(|value| replace_texts(value, rename)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Decision {
    /// The decision of a label with these members; `None` where none of them decides.
    pub(crate) fn read(content: LabelContent, members: &Members) -> Option<Self> {
        let decision = Self {
            content,
            members: deciding(members, content.deciding_members()),
            confidence: members.get("confidence").and_then(Value::as_f64),
        };
        (!decision.members.is_empty()).then_some(decision)
    }

    /// A plain value of a function that somebody wrote, as the decision it stands for: a text is a category, several are
    /// categories, a number a number, and an object one that holds a deciding member.
    pub(crate) fn from_plain(value: &Value) -> Option<Self> {
        let (content, name) = match value {
            Value::String(_) => (LabelContent::Category, "label"),
            Value::Number(_) => (LabelContent::Number, "value"),
            Value::Array(texts) if !texts.is_empty() && texts.iter().all(Value::is_string) => {
                (LabelContent::Categories, "labels")
            }
            Value::Object(members) => {
                let known = ["label", "labels", "value", "text", "annotations", "ranking"];
                known.iter().find(|name| members.contains_key(**name))?;
                return Self::read(LabelContent::OtherMembers, members)
                    .map(|decision| Self { content: LabelContent::recognize(members), ..decision });
            }
            _ => return None,
        };
        Some(Self { content, members: Map::from_iter([(name.to_owned(), value.clone())]), confidence: None })
    }

    /// What was decided, typed; `None` where it has another shape than its kind should have.
    pub fn decided(&self) -> Option<Decided<'_>> {
        self.content.read(&self.members)
    }

    /// The same with other texts in it, where `rename` has one for a text.
    pub fn with_texts(mut self, rename: &impl Fn(&str) -> Option<String>) -> Self {
        self.members.values_mut().for_each(|value| replace_texts(value, rename));
        self
    }

    /// Whether a decision about an unnamed field could be about the field of `other`.
    pub fn could_be_about_field_of(&self, other: &Self) -> bool {
        self.members.keys().all(|name| other.members.contains_key(name))
    }

    /// Whether both decide the same, as far as this one says anything. Numbers may differ by a millionth, and positions
    /// in an image by half a pixel; the order of categories and of marks decides nothing.
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
        let masks = marks.iter().zip(marks.masks()?);
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
            // In three dimensions positions are not in pixels.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::geometry::mask::{ImageSize, LabelMap};
    use crate::mask_png::{self, Color};

    const BOXES: LabelContent = LabelContent::Marks(MarkGeometry::Box);

    fn decision(content: LabelContent, members: &Value) -> Decision {
        Decision::read(content, members.as_object().expect("an object")).expect("a decision")
    }

    /// Whether two labels of a kind decide the same.
    fn check(content: LabelContent, before: Value, after: Value, expected: bool) {
        let (before, after) = (decision(content, &before), decision(content, &after));
        assert_eq!(before.decides_as(&after), expected, "{before:?} {after:?}");
    }

    #[test]
    fn how_a_label_came_about_decides_nothing() {
        let otter = json!({"label": "otter", "confidence": 0.9, "votes": {"otter": 3}, "workers": 3});
        check(LabelContent::Category, otter.clone(), json!({"label": "otter", "confidence": 0.4, "model": "x"}), true);
        check(LabelContent::Category, otter.clone(), json!({"label": "heron", "confidence": 0.9}), false);
        assert_eq!(json!(decision(LabelContent::Category, &otter)), json!({"label": "otter", "confidence": 0.9}));
        let preference = |score: f64| json!({"preferred": "dawn", "over": "dusk", "scores": {"dawn": score}});
        check(LabelContent::Preference, preference(0.7), preference(0.6), true);
        let date = |day: &str, confidence: f64| json!({"date": day, "confidence": confidence});
        check(LabelContent::OtherMembers, date("2024-05-17", 0.9), date("2024-05-17", 0.8), true);
        check(LabelContent::OtherMembers, date("2024-05-17", 0.9), date("2024-05-18", 0.9), false);
    }

    #[test]
    fn categories_and_marks_decide_in_any_order() {
        check(LabelContent::Categories, json!({"labels": ["wet", "dark"]}), json!({"labels": ["dark", "wet"]}), true);
        check(LabelContent::Categories, json!({"labels": ["wet"]}), json!({"labels": ["dark", "wet"]}), false);
        let marks = |marks: Value| json!({ "annotations": marks });
        let a = json!({"label": "x", "left": 1, "confidence": 0.9});
        let b = json!({"label": "x", "left": 9.0, "workers": 3});
        check(BOXES, marks(json!([a, b])), marks(json!([b, a])), true);
        check(BOXES, marks(json!([a])), marks(json!([a, b])), false);
        check(BOXES, marks(json!([a, a])), marks(json!([a, b])), false);
        let order = |items: Value| json!({"dimensions": [{"ranks": items}]});
        check(LabelContent::Orders, order(json!({"a": 1, "b": 2})), order(json!({"a": 2, "b": 1})), false);
    }

    #[test]
    fn numbers_may_differ_a_little() {
        let number = |value: f64| json!({"value": value, "tolerance": value / 10.0});
        check(LabelContent::Number, number(12.5), number(12.500_000_01), true);
        check(LabelContent::Number, number(12.5), number(12.51), false);
        let at = |left: f64| json!({"annotations": [{"label": "x", "left": left}]});
        check(BOXES, at(10.02), at(9.6), true);
        check(BOXES, at(12.0), at(12.6), false);
        let cuboid = |x: f64| json!({"annotations": [{"label": "x", "center": {"x": x, "y": 0, "z": 0}}]});
        check(LabelContent::Marks(MarkGeometry::Cuboid), cuboid(1.0), cuboid(1.2), false);
    }

    #[test]
    fn what_one_label_leaves_open_the_other_may_decide() {
        let upright = json!({"annotations": [{"label": "x", "left": 1}]});
        let turned = json!({"annotations": [{"label": "x", "left": 1, "rotation": 30}]});
        check(BOXES, upright.clone(), turned.clone(), true);
        check(BOXES, turned, upright, false);
    }

    #[test]
    fn masks_decide_by_their_pixels() {
        let mask = |color: &str, runs: [(u16, u32); 2], label: &str| {
            let map = LabelMap::from_runs(ImageSize::new(4, 1).expect("a size"), runs).expect("a map");
            let png = mask_png::write(&map, &[Color::WHITE, Color::parse(color).expect("a color")]);
            json!({"labeledImage": {"pngImageData": png}, "annotations": [{"label": label, "color": color}]})
        };
        let content = LabelContent::Marks(MarkGeometry::Mask);
        let water = mask("#0000ff", [(0, 1), (1, 3)], "water");
        check(content, water.clone(), mask("#1f77b4", [(0, 1), (1, 3)], "water"), true);
        check(content, water.clone(), mask("#1f77b4", [(0, 1), (1, 3)], "sand"), false);
        check(content, water.clone(), mask("#0000ff", [(0, 2), (1, 2)], "water"), false);
        // Of a picture that cannot be read nobody knows what it shows.
        let torn = |png: &str| json!({"labeledImage": {"pngImageData": png}, "annotations": [{"label": "water"}]});
        check(content, torn("AAAA"), torn("BBBB"), false);
        check(content, torn("AAAA"), mask("#0000ff", [(0, 2), (0, 2)], "water"), false);
        check(content, water, torn("AAAA"), false);
    }

    #[test]
    fn plain_values_stand_for_decisions() {
        let check = |value: Value, expected: Option<Value>| {
            assert_eq!(Decision::from_plain(&value).map(|decision| json!(decision)), expected);
        };
        check(json!("otter"), Some(json!({"label": "otter"})));
        check(json!(4), Some(json!({"value": 4})));
        check(json!(["wet", "dark"]), Some(json!({"labels": ["wet", "dark"]})));
        check(json!({"label": "otter", "seen": 3, "workers": 2}), Some(json!({"label": "otter", "seen": 3})));
        for unknown in [json!({"seen": 3}), json!([]), json!([1]), json!(true), Value::Null] {
            check(unknown, None);
        }
    }

    #[test]
    fn an_unnamed_field_is_known_by_its_members() {
        let otter = decision(LabelContent::Category, &json!({"label": "otter"}));
        assert!(otter.could_be_about_field_of(&decision(LabelContent::Category, &json!({"label": "heron"}))));
        assert!(!otter.could_be_about_field_of(&decision(LabelContent::Number, &json!({"value": 1}))));
        assert!(matches!(otter.decided(), Some(Decided::Category("otter"))));
    }
}
