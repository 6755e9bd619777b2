//! Labeled stretches of a recording: events in sound or video, as a script puts them into a hidden input. A segment has a
//! `start` and an `end` (or `startTime` and `endTime`), in whatever unit the form uses.
//!
//! Segments are similar by their Jaccard index (`jaccardThreshold`). The rest is common to all marks: see [`marks`].
//! `weighted-clusters` fuses each border by a [`robust_mean`] in which a worker's looseness and habit (to press the key
//! late) count in units of the square root of the segment's length; `plain-clusters` takes the median of each border.

use serde::{Serialize, Serializer};

use super::marks::{self, Fused, MarkKind, Members, ReadError, compare_numbers, settled};
pub use super::marks::{Drawn, MarkAnswer, MarksLabel, Method, Params, ShapeError};
use super::{AnnotationKind, Particulars};
use crate::consolidation::mark_consensus::Shape;
use crate::consolidation::robust_mean::{self, Versions};
use crate::dice::Dice;
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::label_content::{LabelContent, MarkGeometry};
use crate::typed::{Answers, Consensus};

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "time-segment",
    summary: "labeled stretches of a recording, from a hidden input",
    methods: marks::METHODS,
    lone_method: Some(Method::Plain.name()),
    claims: |values, _| marks::claims(values, &SEGMENTS),
    configure: |reader| marks::configure(reader, &SEGMENTS),
    read_values: |values, _| marks::read_values(values, &SEGMENTS),
    label: LabelContent::Marks(MarkGeometry::Segment),
    as_answer: |decided| marks::as_answer(decided, &SEGMENTS),
    simulate: |truth, careful, categories, dice| {
        let looseness = if careful { 0.05 } else { 0.4 };
        marks::redraw(&SEGMENTS, truth, careful, categories, dice, |drawn, dice| redraw(drawn, looseness, dice))
    },
    examples: &[
        r#"{"segments": [{"label": "song", "start": 1.25, "end": 4.5}]}"#,
        r#"{"segments": []}"#,
        r#"[{"label": "song", "start": "1.25", "end": 4.5}]"#,
    ],
    particulars: Particulars::NONE,
};

/// Consolidates the segments that workers drew: one consensus per object, in their order.
///
/// Answers name a category per mark or none; [`Answers::categories`] breaks their ties. What the confidence means, and how
/// marks are matched and kept, stands in [`marks`].
///
/// ```
/// use ground_truth::Answers;
/// use ground_truth::annotation_kinds::time_segment::{self, Drawn, MarkAnswer, Params, ShapeError, TimeSegment};
///
/// let song = |start, end| TimeSegment::new(start, end).map(|segment| MarkAnswer::of([Drawn::new("song", segment)]));
/// let answers = Answers::from_rows([
///     ("night-1", "ana", song(1.0, 4.5)?),
///     ("night-1", "bo", song(1.25, 4.5)?),
///     ("night-1", "cy", song(1.5, 4.5)?),
/// ]);
///
/// let consensus = time_segment::consolidate(&answers, &Params::STANDARD);
/// let song = &consensus[0].label.marks[0];
/// assert!((song.shape.start() - 1.25).abs() < 0.01);
/// assert_eq!((song.shape.end(), song.n_workers), (4.5, 3));
/// # Ok::<(), ShapeError>(())
/// ```
pub fn consolidate(
    answers: &Answers<MarkAnswer<TimeSegment>>,
    params: &Params,
) -> Vec<Consensus<MarksLabel<TimeSegment>>> {
    marks::consolidate_drawn(answers, &SEGMENTS, params)
}

static SEGMENTS: MarkKind<TimeSegment> = MarkKind {
    lists: &["segments", "timeSegments"],
    arrange: None,
    telling: &["start", "end"],
    nouns: ("segment", "segments"),
    plain: Method::Plain.name(),
    threshold: ("jaccardThreshold", 0.3, 0.3),
    // Categories break ties between neighbors; a disagreement about the category alone separates nothing.
    other_category: 0.75,
    max_pairs: marks::MAX_PAIRS,
    read,
    prepare: |_, _| {},
    compare: |a, b| compare_numbers([a.start, a.end], [b.start, b.end]),
    fuse,
    reading_order: |segment| (segment.start, segment.end),
};

/// The largest time that is taken for one: milliseconds of a century.
const MAX_TIME: f64 = 1e13;

/// A stretch that lasts, in any unit of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeSegment {
    start: f64,
    end: f64,
}

impl TimeSegment {
    /// The stretch from `start` to `end`.
    ///
    /// # Errors
    /// [`ShapeError::NoDuration`] unless `end` is above `start`; [`ShapeError::TimeOutside`] for what is not a
    /// number, or beyond 10^13.
    pub fn new(start: f64, end: f64) -> Result<Self, ShapeError> {
        if [start, end].iter().any(|time| !(-MAX_TIME..=MAX_TIME).contains(time)) {
            return Err(ShapeError::TimeOutside);
        }
        if end > start { Ok(Self { start, end }) } else { Err(ShapeError::NoDuration) }
    }

    /// The start, in the form's unit.
    pub fn start(&self) -> f64 {
        self.start
    }

    /// The end, in the form's unit; above the start.
    pub fn end(&self) -> f64 {
        self.end
    }
}

impl Shape for TimeSegment {
    fn reach(&self) -> (f64, f64) {
        (self.start, self.end)
    }

    fn similarity(&self, other: &Self) -> f64 {
        let both = (self.end.min(other.end) - self.start.max(other.start)).max(0.0);
        let either = (self.end - self.start) + (other.end - other.start) - both;
        (both / either).clamp(0.0, 1.0)
    }
}

impl Serialize for TimeSegment {
    /// The members that it has in a label.
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        SegmentMembers { start: thousandths(self.start), end: thousandths(self.end) }.serialize(serializer)
    }
}

#[derive(Serialize)]
struct SegmentMembers {
    start: f64,
    end: f64,
}

/// Times are written with three decimals.
fn thousandths(time: f64) -> f64 {
    (settled(time) * 1000.0).round() / 1000.0
}

fn read(drawn: FieldValue<'_>) -> Result<Option<TimeSegment>, ReadError> {
    let time = |names: [&str; 2]| drawn.any_member(&names).and_then(FieldValue::number);
    let (Some(start), Some(end)) = (time(["start", "startTime"]), time(["end", "endTime"])) else {
        return Err("start or end is missing".into());
    };
    Ok(Some(TimeSegment::new(start, end)?))
}

/// How borders err: in units of the square root of a segment's length.
const BORDERS: robust_mean::Params = robust_mean::Params {
    group: 1,
    freedom: 4.0,
    worker_strength: 10.0,
    crowd_strength: 10.0,
    looseness: 0.1,
    bias_strength: Some(5.0),
    max_iterations: 50,
    tolerance: 1e-4,
};

fn fuse(clusters: &[Members<'_, TimeSegment>], n_workers: usize, method: Method) -> Vec<Option<Fused<TimeSegment>>> {
    let versions = |members: &Members<'_, TimeSegment>| {
        let length = members.shapes.iter().map(|segment| segment.end - segment.start).sum::<f64>();
        Versions {
            workers: members.workers.clone(),
            coordinates: members.shapes.iter().flat_map(|segment| [segment.start, segment.end]).collect(),
            size: (length / members.shapes.len().max(1) as f64).sqrt(),
        }
    };
    let versions: Vec<Versions> = clusters.iter().map(versions).collect();
    let centers = match method {
        Method::Plain => versions.iter().map(robust_mean::coordinate_median).collect(),
        Method::Weighted => robust_mean::fit(&versions, n_workers, &BORDERS).centers,
    };
    let fused = |(members, center): (&Members<'_, TimeSegment>, Vec<f64>)| {
        let &[start, end] = center.as_slice() else { return None };
        // Borders that cross would not be a segment; versions of one segment that overlap do not bring that about.
        let first = **members.shapes.first()?;
        Some(Fused::near(if end > start { TimeSegment { start, end } } else { first }))
    };
    clusters.iter().zip(centers).map(fused).collect()
}

/// Both borders moved by up to `looseness` of the length.
fn redraw(drawn: FieldValue<'_>, looseness: f64, dice: &mut Dice) -> FieldValueBuf {
    let Ok(Some(segment)) = read(drawn) else { return drawn.to_buf() };
    let length = segment.end - segment.start;
    let start = segment.start + dice.noise() * looseness * length;
    let end = start + length * (1.0 + dice.noise() * looseness);
    drawn.to_buf().with_member("start", thousandths(start)).with_member("end", thousandths(end))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::label_of;
    use super::super::typed_tests::check_marks;
    use super::*;

    #[test]
    fn borders_are_fused() {
        let segment =
            |start: f64, end: f64| json!({"segments": [{"label": "song", "startTime": start, "endTime": end}]});
        let check = |method: &str, answers: Value, expected: Value| {
            let outcome = label_of(&KIND, json!({"method": method}), answers);
            let fused = &outcome.members["annotations"][0];
            assert_eq!(json!([fused["start"], fused["end"]]), expected);
        };
        let three = json!([segment(1.0, 5.0), segment(1.5, 5.0), segment(1.0, 6.5)]);
        check("plain-clusters", three, json!([1.0, 5.0]));
        check("weighted-clusters", json!([segment(1.0, 5.0), segment(2.0, 5.5)]), json!([1.5, 5.25]));
    }

    #[test]
    fn what_does_not_last_is_set_aside() {
        let outcome =
            label_of(&KIND, json!({}), json!([[{"start": 2, "end": 1}, {"start": 1}, {"start": 1, "end": 1e15}]]));
        let reasons: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "segment 0: the segment does not last",
                "segment 1: start or end is missing",
                "segment 2: the segment lies outside any recording"
            ]
        );
    }

    #[test]
    fn typed_answers_give_the_same() {
        check_marks(&KIND, "segments", [&Params::STANDARD, &Params::PLAIN], consolidate, |wobble| {
            let (start, end) = (1.0 + wobble(0.5), 4.5 + wobble(0.5));
            (json!({"start": start, "end": end}), TimeSegment::new(start, end).expect("a segment"))
        });
    }
}
