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

use serde::{Serialize, Serializer};

use super::marks::{self, Fused, MarkKind, Members, ReadError, compare_numbers};
pub use super::marks::{Drawn, MarkAnswer, MarksLabel, Method, Params, ShapeError};
use super::{AnnotationKind, Particulars};
use crate::consolidation::mark_consensus::Shape;
use crate::consolidation::span_borders::{self, Version};
use crate::dice::Dice;
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::label_content::{BuiltInTask, LabelContent, MarkGeometry};
use crate::typed::{Answers, Consensus};

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "text-span",
    summary: "labeled spans of a text: crowd-entity-annotation",
    methods: marks::METHODS,
    lone_method: Some(Method::Plain.name()),
    claims: |values, _| marks::claims(values, &SPANS),
    configure: |reader| marks::configure(reader, &SPANS),
    read_values: |values, _| marks::read_values(values, &SPANS),
    label: LabelContent::Marks(MarkGeometry::Span),
    as_answer: |decided| marks::as_answer(decided, &SPANS),
    simulate: |truth, careful, categories, dice| {
        marks::redraw(&SPANS, truth, careful, categories, dice, |drawn, dice| redraw(drawn, careful, dice))
    },
    examples: &[
        r#"{"entities": [{"label": "river", "startOffset": 4, "endOffset": 9}]}"#,
        r#"{"entities": []}"#,
        r#"{"entities": "[{\"label\": \"river\", \"startOffset\": \"4\", \"endOffset\": \"9\"}]"}"#,
        r#"[{"label": "river", "startOffset": 4, "endOffset": 9}]"#,
    ],
    particulars: Particulars {
        built_in: Some(BuiltInTask::NamedEntityRecognition),
        prefilled_element: Some("crowd-entity-annotation"),
        ..Particulars::NONE
    },
};

/// Consolidates the spans that workers drew: one consensus per object, in their order.
///
/// Answers name a category per mark or none; [`Answers::categories`] breaks their ties. What the confidence means, and how
/// marks are matched and kept, stands in [`marks`].
///
/// ```
/// use ground_truth::Answers;
/// use ground_truth::annotation_kinds::text_span::{self, Drawn, MarkAnswer, Params, ShapeError, TextSpan};
///
/// // "The Thames floods": two workers agree on where the river's name ends.
/// let river = |start, end| TextSpan::new(start, end).map(|span| MarkAnswer::of([Drawn::new("river", span)]));
/// let answers = Answers::from_rows([
///     ("line-1", "ana", river(4, 10)?),
///     ("line-1", "bo", river(4, 10)?),
///     ("line-1", "cy", river(0, 10)?),
/// ]);
///
/// let consensus = text_span::consolidate(&answers, &Params::STANDARD);
/// let river = &consensus[0].label.marks[0];
/// assert_eq!((river.shape, river.n_workers), (TextSpan::new(4, 10)?, 3));
/// # Ok::<(), ShapeError>(())
/// ```
pub fn consolidate(answers: &Answers<MarkAnswer<TextSpan>>, params: &Params) -> Vec<Consensus<MarksLabel<TextSpan>>> {
    marks::consolidate_drawn(answers, &SPANS, params)
}

static SPANS: MarkKind<TextSpan> = MarkKind {
    lists: &["entities"],
    arrange: None,
    telling: &["startOffset", "endOffset"],
    nouns: ("entity", "entities"),
    plain: Method::Plain.name(),
    threshold: ("jaccardThreshold", 0.3, 0.3),
    // Categories break ties between neighbors; a disagreement about the category alone separates nothing.
    other_category: 0.75,
    max_pairs: marks::MAX_PAIRS,
    read,
    prepare: |_, _| {},
    compare: |a, b| compare_numbers([a.start as f64, a.end as f64], [b.start as f64, b.end as f64]),
    fuse,
    reading_order: |span| (span.start as f64, span.end as f64),
};

/// The largest offset that is taken for one: far beyond any text.
const MAX_OFFSET: u64 = 1_000_000_000_000;

/// A span that holds at least one unit of text. Offsets count from 0 and are opaque: UTF-16 code units, bytes, tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextSpan {
    start: u64,
    end: u64,
}

impl TextSpan {
    /// The span from `start` to before `end`.
    ///
    /// # Errors
    /// [`ShapeError::EmptySpan`] unless `end` is above `start`; [`ShapeError::NoOffset`] beyond 10^12.
    pub fn new(start: u64, end: u64) -> Result<Self, ShapeError> {
        if end > MAX_OFFSET {
            return Err(ShapeError::NoOffset);
        }
        if end > start { Ok(Self { start, end }) } else { Err(ShapeError::EmptySpan) }
    }

    /// Offset of the first unit, from 0.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The first offset after the span.
    pub fn end(&self) -> u64 {
        self.end
    }
}

impl Shape for TextSpan {
    fn reach(&self) -> (f64, f64) {
        (self.start as f64, self.end as f64)
    }

    fn similarity(&self, other: &Self) -> f64 {
        let both = self.end.min(other.end).saturating_sub(self.start.max(other.start));
        let either = (self.end - self.start) + (other.end - other.start) - both;
        both as f64 / either as f64
    }
}

impl Serialize for TextSpan {
    /// The members that it has in a label.
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        SpanMembers { start_offset: self.start, end_offset: self.end }.serialize(serializer)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SpanMembers {
    start_offset: u64,
    end_offset: u64,
}

fn read(drawn: FieldValue<'_>) -> Result<Option<TextSpan>, ReadError> {
    let offset = |name| {
        let offset = drawn.member(name).and_then(FieldValue::number).ok_or("startOffset or endOffset is missing")?;
        let is_whole = (offset - offset.trunc()).abs() < f64::EPSILON;
        if (0.0..=MAX_OFFSET as f64).contains(&offset) && is_whole {
            Ok(offset as u64)
        } else {
            Err(ReadError::from(ShapeError::NoOffset))
        }
    };
    Ok(Some(TextSpan::new(offset("startOffset")?, offset("endOffset")?)?))
}

fn fuse(clusters: &[Members<'_, TextSpan>], n_workers: usize, method: Method) -> Vec<Option<Fused<TextSpan>>> {
    let versions = |members: &Members<'_, TextSpan>| -> Vec<Version> {
        let version =
            |(worker, span): (&usize, &&TextSpan)| Version { worker: *worker, start: span.start, end: span.end };
        members.workers.iter().zip(&members.shapes).map(version).collect()
    };
    let clusters: Vec<Vec<Version>> = clusters.iter().map(versions).collect();
    let fused = |start, end, rightness| Fused { shape: TextSpan { start, end }, rightness: Some(rightness) };
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

/// A careful worker's span is off by a unit now and then; a careless one's by several.
fn redraw(drawn: FieldValue<'_>, careful: bool, dice: &mut Dice) -> FieldValueBuf {
    let Ok(Some(span)) = read(drawn) else { return drawn.to_buf() };
    let (chance, most) = if careful { (0.1, 1.0) } else { (0.5, 4.0) };
    let mut moved = |offset: u64| if dice.chance(chance) { offset as f64 + dice.noise() * most } else { offset as f64 };
    let (start, end) = (moved(span.start).round().max(0.0) as u64, moved(span.end).round() as u64);
    drawn.to_buf().with_member("startOffset", start).with_member("endOffset", end.max(start + 1))
}

#[cfg(test)]
mod tests {
    use super::super::tests::label_of;
    use serde_json::{Value, json};

    use super::super::typed_tests::check_marks;
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
        check(json!({}), "river:4-9 / river:4-9 / river:4-12", "river:4-9 0.77/3");
        check(json!({"method": "plain-clusters"}), "river:4-9 / river:4-9 / town:4-12", "river:4-9 0.67/3");
    }

    #[test]
    fn few_answers_have_the_stated_values() {
        check(json!({}), "river:4-9", "river:4-9 0.65/1");
        check(json!({}), "river:4-9 / river:4-9", "river:4-9 0.89/2");
    }

    #[test]
    fn spans_of_one_worker_may_overlap() {
        check(json!({}), "bank:0-20 river:5-10 / bank:0-20 river:5-10", "bank:0-20 0.9/2 river:5-10 0.9/2");
        check(
            json!({"keep": {"workers": 2}}),
            "date:4-9 year:4-9 / date:4-9 year:4-9",
            "date:4-9 0.9/2 year:4-9 0.9/2",
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
                "entity 1: an offset is not a whole number from 0",
                "entity 2: an offset is not a whole number from 0",
                "entity 3: startOffset or endOffset is missing"
            ]
        );
    }

    #[test]
    fn typed_answers_give_the_same() {
        check_marks(&KIND, "entities", [&Params::STANDARD, &Params::PLAIN], consolidate, |wobble| {
            let (start, end) = ((4.5 + wobble(1.0)).floor() as u64, 12);
            (json!({"startOffset": start, "endOffset": end}), TextSpan::new(start, end).expect("a span"))
        });
    }
}
