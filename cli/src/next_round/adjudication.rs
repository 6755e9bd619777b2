//! What an expert sees of an object whose workers disagree: a member of its manifest line with every answer and the
//! present label in words, and the marks that the form starts with. Pure.
//!
//! Answers are called A, B, C in the order of what they say, so that neither name nor place tells whose they are.
//!
//! - `template`: the worker template that shows it.

use std::collections::BTreeMap;

use ground_truth::annotation_kinds::AnnotationKind;
use ground_truth::label;
use ground_truth::plan::Outcome;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::crowd::alone::Said;
use crate::labels::label_diff;

pub(super) mod template;

/// The member of a manifest line.
pub(super) const MEMBER: &str = "adjudication";

/// How long a member and a line may be (rules M2 and M3), counted as Java counts, which is never less.
const MOST_OF_MEMBER: usize = 20_000;
const MOST_OF_LINE: usize = 100_000;

/// What is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Adjudication {
    answers: Vec<ShownAnswer>,
    label: Vec<Part>,
    /// What elements that draw marks start with, by field.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    initial: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct ShownAnswer {
    name: String,
    says: Vec<Part>,
}

/// What is said of one field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Part {
    field: String,
    text: String,
}

/// A kind whose element can start with marks: the element, and the member of an answer that it starts with.
struct Prefilled {
    kind: &'static str,
    element: &'static str,
    member: &'static str,
}

/// `crowd-polyline` is missing because its documentation says two things, masks because they start with an image in S3.
const PREFILLED: &[Prefilled] = &[
    Prefilled { kind: "bounding-box", element: "crowd-bounding-box", member: "boundingBoxes" },
    Prefilled { kind: "keypoint", element: "crowd-keypoint", member: "keypoints" },
    Prefilled { kind: "polygon", element: "crowd-polygon", member: "polygons" },
    Prefilled { kind: "text-span", element: "crowd-entity-annotation", member: "entities" },
];

impl Adjudication {
    /// Of an object, what each worker said and what came out; and its text, if it is one, which spans are cited from.
    pub(super) fn of(said: &[Said], outcome: &Outcome, text: Option<&str>) -> Self {
        let parts = |said: &Said| -> Vec<Part> {
            said.iter()
                .map(|(field, decision)| Part { field: field.clone(), text: in_words(&decision.members, text) })
                .collect()
        };
        let mut answers: Vec<Vec<Part>> = said.iter().map(parts).filter(|says| !says.is_empty()).collect();
        answers.sort();
        let named = |(idx, says): (usize, Vec<Part>)| ShownAnswer { name: letters(idx), says };
        let decided = label_diff::of_fields(&label::of_fields(outcome));
        let initial = outcome
            .fields
            .iter()
            .filter_map(|field| Some((field.name.clone(), initial(field.kind, &decided.get(&field.name)?.members)?)));
        Self {
            answers: answers.into_iter().enumerate().map(named).collect(),
            initial: initial.collect(),
            label: parts(&decided),
        }
    }

    /// The member for a line of `n_line` UTF-16 units, and whether something was left out or cut so that it fits: first
    /// the marks that elements start with, largest first, then the ends of long texts.
    pub(super) fn fitted(mut self, n_line: usize) -> (Value, bool) {
        let n_around = MEMBER.len() + 4;
        let most = MOST_OF_MEMBER.min(MOST_OF_LINE.saturating_sub(n_line + n_around));
        let length = |shown: &Self| json!(shown).to_string().encode_utf16().count();
        let mut is_cut = false;
        while length(&self) > most
            && let Some(largest) = self.initial.iter().max_by_key(|(_, value)| value.to_string().len())
        {
            let name = largest.0.clone();
            self.initial.remove(&name);
            is_cut = true;
        }
        let mut most_characters = MOST_OF_MEMBER;
        while length(&self) > most && most_characters > 0 {
            most_characters /= 2;
            self.cut(most_characters);
            is_cut = true;
        }
        (json!(self), is_cut)
    }

    fn cut(&mut self, most_characters: usize) {
        let parts = self.answers.iter_mut().flat_map(|answer| &mut answer.says).chain(&mut self.label);
        for part in parts {
            if part.text.chars().count() > most_characters + 1 {
                part.text = part.text.chars().take(most_characters).chain(['…']).collect();
            }
        }
    }
}

/// What the element of a field starts with.
fn initial(kind: &AnnotationKind, members: &Map<String, Value>) -> Option<Value> {
    let prefilled = PREFILLED.iter().find(|prefilled| prefilled.kind == kind.name)?;
    kind.answer_of(members)?.view().member(prefilled.member).map(|marks| json!(marks.to_buf()))
}

/// A, B, …, Z, AA, AB, …
fn letters(idx: usize) -> String {
    let letter = char::from(b'A' + (idx % 26) as u8);
    match (idx / 26).checked_sub(1) {
        Some(before) => format!("{}{letter}", letters(before)),
        None => letter.to_string(),
    }
}

/// A decision in words, its marks one a line.
fn in_words(members: &Map<String, Value>, text: Option<&str>) -> String {
    let list = |name: &str| members.get(name).and_then(Value::as_array);
    if let Some(labels) = list("labels") {
        let names: Vec<&str> = labels.iter().filter_map(Value::as_str).collect();
        return if names.is_empty() { "none of them".to_owned() } else { names.join(", ") };
    }
    if let Some(marks) = list("annotations") {
        let mark = |mark: &Map<String, Value>| mark_in_words(mark, text);
        let marks: Vec<String> = marks.iter().filter_map(Value::as_object).map(mark).collect();
        return if marks.is_empty() { "nothing".to_owned() } else { marks.join("\n") };
    }
    if let Some(dimensions) = list("dimensions") {
        return dimensions.iter().filter_map(order_in_words).collect::<Vec<_>>().join("\n");
    }
    if let (Some(preferred), Some(over)) = (members.get("preferred"), members.get("over")) {
        return format!("{} over {}", plain(preferred), plain(over));
    }
    match ["label", "value", "text"].iter().find_map(|name| members.get(*name)) {
        Some(value) => plain(value),
        None => others_in_words(members),
    }
}

/// `1. by ferry, 2. swim`, with the name of what is ordered by.
fn order_in_words(dimension: &Value) -> Option<String> {
    let ranks = dimension.get("ranks")?.as_object()?;
    let mut ranks: Vec<(u64, &String)> = ranks.iter().filter_map(|(item, rank)| Some((rank.as_u64()?, item))).collect();
    ranks.sort_by_key(|(rank, _)| *rank);
    let order = ranks.iter().map(|(rank, item)| format!("{rank}. {item}")).collect::<Vec<_>>().join(", ");
    let name = dimension.get("name").and_then(Value::as_str);
    Some(name.map_or(order.clone(), |name| format!("{name}: {order}")))
}

/// `otter: left 41, top 22`; of a span in a text, what stands there.
fn mark_in_words(mark: &Map<String, Value>, text: Option<&str>) -> String {
    let mut others = mark.clone();
    let label = others.shift_remove("label");
    // Colors tell instances apart, and every answer has its own.
    others.shift_remove("color");
    let cited = text.and_then(|text| cited(text, &others)).map(|cited| format!("“{cited}”, ")).unwrap_or_default();
    let others = format!("{cited}{}", others_in_words(&others));
    label.map_or(others.clone(), |label| format!("{}: {others}", plain(&label)))
}

/// What stands at a span, whose offsets count UTF-16 units.
fn cited(text: &str, mark: &Map<String, Value>) -> Option<String> {
    let offset = |name: &str| mark.get(name).and_then(Value::as_u64).and_then(|offset| usize::try_from(offset).ok());
    let (start, end) = (offset("startOffset")?, offset("endOffset")?);
    let units: Vec<u16> = text.encode_utf16().skip(start).take(end.checked_sub(start)?).collect();
    Some(String::from_utf16_lossy(&units))
}

/// Members with their names; pictures only by their names.
fn others_in_words(members: &Map<String, Value>) -> String {
    let words = |(name, value): (&String, &Value)| match (name.as_str(), value) {
        ("imageSize", _) => None,
        ("pngImageData", _) => Some("a picture".to_owned()),
        ("vertices", Value::Array(points)) => {
            Some(points.iter().filter_map(Value::as_object).map(point).collect::<Vec<_>>().join(" "))
        }
        (_, Value::Object(inner)) => Some(format!("{name} ({})", others_in_words(inner))),
        (_, value) => Some(format!("{name} {}", plain(value))),
    };
    members.iter().filter_map(words).collect::<Vec<_>>().join(", ")
}

/// `41,22`.
fn point(point: &Map<String, Value>) -> String {
    point.values().map(plain).collect::<Vec<_>>().join(",")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "nothing".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
