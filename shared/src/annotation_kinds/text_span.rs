//! Spans of a text, with a label each (named entities): `crowd-entity-annotation`. Spans may overlap, and one span may
//! have several labels.
//!
//! Offsets count from 0, the end is exclusive. They are whatever the form counts (the widget is JavaScript, so UTF-16 code
//! units) and stay opaque: no text is cut by them. Members that a form adds to an entity, such as tokens, are not read.
//!
//! Spans are similar by their Jaccard index (`jaccardThreshold`). The rest is common to all marks: see [`marks`]. Borders
//! are whole numbers that workers agree on exactly or not at all, so they are voted, and never averaged. `plain-clusters`
//! follows what Ground Truth tells of its own method: each border is the mode, or the lower median where no value leads.
//! `weighted-clusters` votes start and end together; see [`span_borders`].

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::classification::single_worker_is_zero;
use super::marks::{self, Fused, MarkKind, Members, Method, compare_numbers, number};
use super::{AnnotationKind, BuiltInLabel, members};
use crate::batch::FieldOutcome;
use crate::consolidation::mark_consensus::Shape;
use crate::consolidation::span_borders::{self, Version};
use crate::dice::Dice;
use crate::vocabulary::{Confidence, LabelCategory};

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "text-span",
    summary: "labeled spans of a text: crowd-entity-annotation",
    methods: &[marks::WEIGHTED, marks::PLAIN],
    claims: |values, _| marks::claims(values, &SPANS),
    configure: |reader| marks::configure(reader, &SPANS),
    built_in_label: Some(built_in_label),
    simulate: |truth, careful, categories, dice| {
        marks::redraw(&SPANS, truth, careful, categories, dice, |drawn, dice| redraw(drawn, careful, dice))
    },
    examples: &[
        r#"{"entities": [{"label": "river", "startOffset": 4, "endOffset": 9}]}"#,
        r#"{"entities": []}"#,
        r#"{"entities": "[{\"label\": \"river\", \"startOffset\": \"4\", \"endOffset\": \"9\"}]"}"#,
        r#"[{"label": "river", "startOffset": 4, "endOffset": 9}]"#,
    ],
};

static SPANS: MarkKind<Span, SpanMembers> = MarkKind {
    lists: &["entities"],
    arrange: None,
    telling: &["startOffset", "endOffset"],
    nouns: ("entity", "entities"),
    plain: marks::PLAIN,
    threshold: ("jaccardThreshold", 0.3, 0.3),
    // Categories break ties between neighbors; a disagreement about the category alone separates nothing.
    other_category: 0.75,
    most_pairs: marks::MOST_PAIRS,
    read,
    prepare: |_, _| {},
    compare: |a, b| compare_numbers([a.start as f64, a.end as f64], [b.start as f64, b.end as f64]),
    fuse,
    write: |span| SpanMembers { start_offset: span.start, end_offset: span.end },
    reading_order: |span| (span.start as f64, span.end as f64),
};

/// The largest offset that is taken for one: far beyond any text.
const LARGEST_OFFSET: f64 = 1e12;

/// A span that holds at least one unit of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u64,
    end: u64,
}

impl Shape for Span {
    fn reach(&self) -> (f64, f64) {
        (self.start as f64, self.end as f64)
    }

    fn similarity(&self, other: &Self) -> f64 {
        let both = self.end.min(other.end).saturating_sub(self.start.max(other.start));
        let either = (self.end - self.start) + (other.end - other.start) - both;
        both as f64 / either as f64
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SpanMembers {
    start_offset: u64,
    end_offset: u64,
}

fn read(drawn: &Value) -> Result<Option<Span>, String> {
    let offset = |name| {
        let offset = drawn.get(name).and_then(number).ok_or("startOffset or endOffset is missing")?;
        let is_whole = (offset - offset.trunc()).abs() < f64::EPSILON;
        if (0.0..=LARGEST_OFFSET).contains(&offset) && is_whole {
            Ok(offset as u64)
        } else {
            Err("an offset is no whole number from 0")
        }
    };
    let (start, end) = (offset("startOffset")?, offset("endOffset")?);
    if end > start { Ok(Some(Span { start, end })) } else { Err("the span holds nothing".to_owned()) }
}

fn fuse(clusters: &[Members<'_, Span>], n_workers: usize, method: Method) -> Vec<Option<Fused<Span>>> {
    let versions = |members: &Members<'_, Span>| -> Vec<Version> {
        let version = |(worker, span): (&usize, &&Span)| Version { worker: *worker, start: span.start, end: span.end };
        members.workers.iter().zip(&members.shapes).map(version).collect()
    };
    let clusters: Vec<Vec<Version>> = clusters.iter().map(versions).collect();
    let fused = |start, end, rightness| Fused { shape: Span { start, end }, rightness };
    match method {
        Method::Plain => clusters
            .iter()
            .map(|cluster| span_borders::mode(cluster).map(|(start, end)| fused(start, end, 1.0)))
            .collect(),
        Method::Weighted => span_borders::fit(&clusters, n_workers, &BORDERS)
            .borders
            .into_iter()
            .map(|borders| borders.map(|borders| fused(borders.start, borders.end, borders.probability)))
            .collect(),
    }
}

const BORDERS: span_borders::Params = span_borders::Params {
    accuracy: 0.8,
    crowd_strength: 10.0,
    worker_strength: 10.0,
    max_iterations: 50,
    tolerance: 1e-6,
};

/// `groundtruth/text-span`.
fn built_in_label(outcome: &FieldOutcome, categories: &[LabelCategory]) -> Option<BuiltInLabel> {
    if outcome.unresolved.is_some() {
        return None;
    }
    let (mut entities, mut confidences) = (Vec::new(), Vec::new());
    for annotation in outcome.members.get("annotations")?.as_array()? {
        let name = annotation.get("label")?.as_str()?;
        categories.iter().find(|category| category.as_str() == name)?;
        let (start, end) = (annotation.get("startOffset")?, annotation.get("endOffset")?);
        entities.push(json!({ "label": name, "startOffset": start, "endOffset": end }));
        let confidence = Confidence::new(annotation.get("confidence")?.as_f64()?).ok()?;
        confidences.push(json!({ "confidence": single_worker_is_zero(outcome, confidence) }));
    }
    let labels: Vec<Value> = categories.iter().map(|category| json!({ "label": category })).collect();
    Some(BuiltInLabel {
        label: json!({ "annotations": { "labels": labels, "entities": entities } }),
        metadata: Map::from_iter(members(json!({ "entities": confidences, "type": "groundtruth/text-span" }))),
    })
}

/// A careful worker's span is off by a unit now and then; a careless one's by several.
fn redraw(drawn: &Value, careful: bool, dice: &mut Dice) -> Value {
    let mut redrawn = drawn.clone();
    let Ok(Some(span)) = read(drawn) else { return redrawn };
    let (chance, most) = if careful { (0.1, 1.0) } else { (0.5, 4.0) };
    let mut moved =
        |offset: u64| if dice.chance(chance) { offset as f64 + dice.wobble() * most } else { offset as f64 };
    let (start, end) = (moved(span.start).round().max(0.0), moved(span.end).round());
    redrawn["startOffset"] = json!(start as u64);
    redrawn["endOffset"] = json!((end as u64).max(start as u64 + 1));
    redrawn
}

#[cfg(test)]
mod tests {
    use super::super::tests::label_of;
    use super::*;

    /// Workers' spans as text: workers separated by `/`, spans by blanks, each `label:start-end`.
    fn check(parameters: Value, workers: &str, expected: &str) {
        let span = |text: &str| {
            let (label, borders) = text.split_once(':').expect("label:borders");
            let (start, end) = borders.split_once('-').expect("start-end");
            json!({"label": label, "startOffset": start, "endOffset": end})
        };
        let answer = |spans: &str| json!({ "entities": spans.split_whitespace().map(span).collect::<Vec<_>>() });
        let outcome = label_of(&KIND, parameters, workers.split('/').map(answer).collect());
        let spans = outcome.members["annotations"].as_array().expect("a list").iter().map(|fused| {
            let label = fused["label"].as_str().expect("a label");
            format!(
                "{label}:{}-{} {}/{}",
                fused["startOffset"], fused["endOffset"], fused["confidence"], fused["workers"]
            )
        });
        assert_eq!(spans.collect::<Vec<_>>().join(" "), expected, "{workers}");
    }

    #[test]
    fn borders_are_voted() {
        check(json!({}), "river:4-9 / river:4-9 / river:4-12", "river:4-9 0.92/3");
        check(json!({"method": "plain-clusters"}), "river:4-9 / river:4-9 / town:4-12", "river:4-9 0.67/3");
    }

    #[test]
    fn spans_of_one_worker_may_overlap() {
        check(json!({}), "bank:0-20 river:5-10 / bank:0-20 river:5-10", "bank:0-20 0.97/2 river:5-10 0.97/2");
        check(
            json!({"keep": {"workers": 2}}),
            "date:4-9 year:4-9 / date:4-9 year:4-9",
            "date:4-9 0.97/2 year:4-9 0.97/2",
        );
    }

    #[test]
    fn what_is_no_span_is_set_aside() {
        let entity = |start: Value, end: Value| json!({"label": "a", "startOffset": start, "endOffset": end});
        let answer = json!([entity(json!(4), json!(4)), entity(json!(1.5), json!(3)), entity(json!(-1), json!(3)), {}]);
        let outcome = label_of(&KIND, json!({}), json!([answer, [entity(json!(1), json!("3"))]]));
        let reasons: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "entity 0: the span holds nothing",
                "entity 1: an offset is no whole number from 0",
                "entity 2: an offset is no whole number from 0",
                "entity 3: startOffset or endOffset is missing"
            ]
        );
    }

    #[test]
    fn ground_truth_has_such_a_label() {
        let answer = json!({"entities": [{"label": "river", "startOffset": 4, "endOffset": 9}]});
        let outcome = label_of(&KIND, json!({}), json!([answer, answer, answer]));
        let categories = ["date", "river"].map(LabelCategory::new);
        let built_in = built_in_label(&outcome, &categories).expect("a label");
        assert_eq!(
            built_in.label,
            json!({"annotations": {"labels": [{"label": "date"}, {"label": "river"}],
                "entities": [{"label": "river", "startOffset": 4, "endOffset": 9}]}})
        );
        assert_eq!(built_in.metadata["type"], "groundtruth/text-span");
        assert_eq!(built_in_label(&outcome, &categories[..1]), None);
    }
}
