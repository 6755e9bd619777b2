//! Decisions as text: in one line, in full, and as a cell of a table.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde_json::Value;

use super::{Decided, Mark, Marks, Members, Order};

impl Decided<'_> {
    /// One line for lists: `otter`, `wet + dark`, `2 otter, heron`. `None` where nothing was to be decided.
    pub fn headline(&self) -> Option<String> {
        Some(match self {
            Self::Category(text) | Self::Text(text) | Self::Preference { preferred: text, .. } => in_one_line(text),
            Self::Categories(categories) if categories.is_empty() => "none".to_owned(),
            Self::Categories(categories) => categories.join(" + "),
            Self::Number(number) => {
                number.as_f64().map_or(number.to_string(), |number| ((1e4 * number).round() / 1e4).to_string())
            }
            Self::Orders(orders) => joined(orders.iter().map(|order| order.in_words()), "; "),
            Self::Marks(marks) if marks.iter().len() == 0 => "no marks".to_owned(),
            Self::Marks(marks) => {
                let counted = counts(*marks, "mark");
                let words =
                    counted.into_iter().map(|(name, n)| if n == 1 { name.to_owned() } else { format!("{n} {name}") });
                joined(words, ", ")
            }
            Self::Values(_) => return None,
            Self::OtherMembers(members) => in_one_line(&members_in_words(members)),
        })
    }

    /// All of it, orders and values one a line; marks are counted.
    pub fn in_words(&self) -> String {
        match self {
            Self::Category(text) | Self::Text(text) => (*text).to_owned(),
            Self::Categories(categories) if categories.is_empty() => "none of them".to_owned(),
            Self::Categories(categories) => categories.join(", "),
            Self::Number(number) => number.to_string(),
            Self::Preference { preferred, over } => format!("{preferred} over {over}"),
            Self::Orders(orders) => joined(orders.iter().map(|order| order.in_words()), "\n"),
            Self::Marks(marks) => match marks.iter().len() {
                0 => "no marks".to_owned(),
                n => {
                    let counted = counts(*marks, "without category").into_iter();
                    let each = counted.map(|(name, n)| if n == 1 { name.to_owned() } else { format!("{n} × {name}") });
                    format!("{n} mark{}: {}", if n == 1 { "" } else { "s" }, joined(each, ", "))
                }
            },
            Self::Values(values) => joined(values.iter().map(plain), "\n"),
            Self::OtherMembers(members) => members_in_words(members),
        }
    }

    /// What a table shows in one cell: the value itself, and JSON where it is more than that.
    pub fn cell(&self) -> String {
        match self {
            Self::Category(text) | Self::Text(text) | Self::Preference { preferred: text, .. } => (*text).to_owned(),
            Self::Categories(categories) => categories.join("|"),
            Self::Number(number) => number.to_string(),
            Self::Orders(orders) => json_text(orders.0),
            Self::Marks(marks) => json_text(marks.list()),
            Self::Values(values) => json_text(values.0),
            Self::OtherMembers(members) => Value::from(members.clone()).to_string(),
        }
    }
}

fn joined(words: impl Iterator<Item = impl Display>, separator: &str) -> String {
    words.map(|word| word.to_string()).collect::<Vec<_>>().join(separator)
}

fn in_one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

fn json_text(list: &[Value]) -> String {
    Value::from(list.to_vec()).to_string()
}

/// How often each category stands there, in alphabetical order; `unnamed` is that of marks without one.
fn counts<'a>(marks: Marks<'a>, unnamed: &'a str) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for mark in marks.iter() {
        *counts.entry(mark.category().unwrap_or(unnamed)).or_default() += 1;
    }
    counts
}

impl Order<'_> {
    /// `1. by ferry, 2. swim`, after the name of what is ordered by.
    fn in_words(&self) -> String {
        let order = joined(self.ranks.iter().map(|(item, rank)| format!("{rank}. {item}")), ", ");
        self.name.map_or(order.clone(), |name| format!("{name}: {order}"))
    }
}

impl Mark<'_> {
    /// `otter: left 41, top 22`; of a span, what stands there in `text`.
    pub fn in_words(self, text: Option<&str>) -> String {
        let Some(members) = self.members() else { return String::new() };
        let mut others = super::decision::deciding(members, None);
        others.shift_remove("label");
        // Colors tell instances apart, and every answer has its own.
        others.shift_remove("color");
        let cited = text.and_then(|text| cited(text, &others)).map(|cited| format!("“{cited}”, ")).unwrap_or_default();
        let others = format!("{cited}{}", members_in_words(&others));
        members.get("label").map_or(others.clone(), |label| format!("{}: {others}", plain(label)))
    }
}

/// What stands at a span, whose offsets count UTF-16 units.
fn cited(text: &str, mark: &Members) -> Option<String> {
    let offset = |name: &str| mark.get(name).and_then(Value::as_u64).and_then(|offset| usize::try_from(offset).ok());
    let (start, end) = (offset("startOffset")?, offset("endOffset")?);
    let units: Vec<u16> = text.encode_utf16().skip(start).take(end.checked_sub(start)?).collect();
    Some(String::from_utf16_lossy(&units))
}

/// Members with their names; pictures only by their names.
fn members_in_words(members: &Members) -> String {
    let words = |(name, value): (&String, &Value)| match (name.as_str(), value) {
        ("pngImageData", _) => "a picture".to_owned(),
        ("vertices", Value::Array(points)) => joined(points.iter().filter_map(Value::as_object).map(coordinates), " "),
        (_, Value::Object(inner)) => format!("{name} ({})", members_in_words(inner)),
        (_, value) => format!("{name} {}", plain(value)),
    };
    joined(members.iter().map(words), ", ")
}

/// The coordinates with commas between: `41,22`.
fn coordinates(point: &Members) -> String {
    joined(point.values().map(plain), ",")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "nothing".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{LabelContent, MarkGeometry};
    use super::*;

    /// The decision in a label's members as a headline, in words, and as a cell.
    fn check(content: LabelContent, members: Value, headline: &str, words: &str, cell: &str) {
        let decided = content.read(members.as_object().expect("an object")).expect("a decision");
        assert_eq!(decided.headline().as_deref(), Some(headline));
        assert_eq!((&*decided.in_words(), &*decided.cell()), (words, cell));
    }

    #[test]
    fn choices_numbers_and_texts() {
        check(LabelContent::Category, json!({"label": "otter", "workers": 3}), "otter", "otter", "otter");
        check(LabelContent::Categories, json!({"labels": ["wet", "dark"]}), "wet + dark", "wet, dark", "wet|dark");
        check(LabelContent::Categories, json!({"labels": []}), "none", "none of them", "");
        check(LabelContent::Number, json!({"value": 12.345678}), "12.3457", "12.345678", "12.345678");
        check(LabelContent::Text, json!({"text": "wet\nfur"}), "wet fur", "wet\nfur", "wet\nfur");
        let preference = json!({"preferred": "dawn", "over": "dusk", "scores": {"dawn": 0.7, "dusk": 0.3}});
        check(LabelContent::Preference, preference, "dawn", "dawn over dusk", "dawn");
    }

    #[test]
    fn orders() {
        let by_help = json!({"name": "helpful", "ranks": {"noon": 2, "dawn": 1, "dusk": 2}});
        let words = "helpful: 1. dawn, 2. dusk, 2. noon";
        let cell = r#"[{"name":"helpful","ranks":{"noon":2,"dawn":1,"dusk":2}}]"#;
        check(LabelContent::Orders, json!({ "dimensions": [by_help] }), words, words, cell);
        let unnamed = json!({"dimensions": [{"ranks": {"dawn": 1}}, {"ranks": {"dusk": 1}}]});
        let cell = r#"[{"ranks":{"dawn":1}},{"ranks":{"dusk":1}}]"#;
        check(LabelContent::Orders, unnamed, "1. dawn; 1. dusk", "1. dawn\n1. dusk", cell);
    }

    #[test]
    fn marks_are_counted_by_category() {
        let content = LabelContent::Marks(MarkGeometry::Box);
        let marks = json!({"annotations": [{"label": "otter"}, {"label": "heron"}, {"label": "otter"}, {"left": 1}]});
        let cell = r#"[{"label":"otter"},{"label":"heron"},{"label":"otter"},{"left":1}]"#;
        check(content, marks, "heron, mark, 2 otter", "4 marks: heron, 2 × otter, without category", cell);
        let one = json!({"annotations": [{"label": "otter"}]});
        check(content, one, "otter", "1 mark: otter", r#"[{"label":"otter"}]"#);
        check(content, json!({"annotations": []}), "no marks", "no marks", "[]");
    }

    #[test]
    fn what_was_only_counted_has_no_headline() {
        let members =
            json!({"values": [{"value": {"a": 1}, "workers": 2}, {"value": "x", "workers": 1}], "workers": 3});
        let decided = LabelContent::Values.read(members.as_object().expect("an object")).expect("values");
        assert_eq!((decided.headline(), &*decided.in_words()), (None, "{\"a\":1}\nx"));
        assert_eq!(decided.cell(), r#"[{"value":{"a":1},"workers":2},{"value":"x","workers":1}]"#);
    }

    #[test]
    fn members_of_any_name_can_be_read() {
        let members = json!({"kind": "color", "rgb": {"red": 255}, "name": "rust", "confidence": 0.9, "workers": 3});
        let words = "rgb (red 255), name rust";
        check(LabelContent::OtherMembers, members, words, words, r#"{"rgb":{"red":255},"name":"rust"}"#);
    }

    #[test]
    fn a_mark_tells_where_it_is() {
        let check = |mark: Value, text: Option<&str>, expected: &str| {
            let members = Members::from_iter([("annotations".to_owned(), json!([mark]))]);
            let marks = Marks { geometry: MarkGeometry::Other, members: &members };
            assert_eq!(marks.iter().map(|mark| mark.in_words(text)).collect::<Vec<_>>(), [expected]);
        };
        let otter =
            json!({"label": "otter", "left": 41, "top": 22.5, "color": "#1f77b4", "confidence": 0.9, "workers": 2});
        check(otter, None, "otter: left 41, top 22.5");
        check(json!({"vertices": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]}), None, "1,2 3,4");
        check(json!({"label": "car", "center": {"x": 1, "z": 2}}), None, "car: center (x 1, z 2)");
        let river = json!({"label": "river", "startOffset": 3, "endOffset": 6});
        check(river.clone(), Some("🦦 Tay"), "river: “Tay”, startOffset 3, endOffset 6");
        check(river, None, "river: startOffset 3, endOffset 6");
    }
}
