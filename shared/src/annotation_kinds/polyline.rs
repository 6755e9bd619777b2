//! Lines in an image: `crowd-polyline`, and `crowd-line`, whose lines have two ends and no bend.
//!
//! Lines are similar by their mean distance from each other, both ways, `1 − d / r` with *r* the smaller of the two
//! lengths times `TOLERANCE` (`similarityThreshold`). So a line drawn from the other end, with other bends, or cut short at
//! an end is the same line.
//!
//! The rest is common to all marks: see [`marks`]. Lines are fused point by point: each is resampled at equal distances,
//! from the end that suits the cluster's most typical member, and the points are fused by a [`robust_mean`]
//! (`weighted-clusters`) or the coordinate median (`plain-clusters`); points that lie on the result within half a pixel
//! are left out. A lone line stays as it was drawn.

use serde::{Serialize, Serializer};

use super::marks::{self, Fused, MarkKind, Members, ReadError, Vertices, check_points, compare_numbers, points};
pub use super::marks::{Drawn, MarkAnswer, MarksLabel, Method, Params, ShapeError};
use super::{AnnotationKind, Particulars};
use crate::consolidation::mark_consensus::Shape;
use crate::consolidation::robust_mean::{self, Versions};
use crate::field_value::FieldValue;
use crate::geometry::point::Point;
use crate::geometry::{polygon, polyline};
use crate::label_content::{LabelContent, MarkGeometry};
use crate::typed::{Answers, Consensus};

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "polyline",
    summary: "lines in an image: crowd-polyline, crowd-line",
    methods: marks::METHODS,
    lone_method: Some(Method::Plain.name()),
    claims: |values, _| marks::claims(values, &LINES),
    configure: |reader| marks::configure(reader, &LINES),
    read_values: |values, _| marks::read_values(values, &LINES),
    label: LabelContent::Marks(MarkGeometry::Polyline),
    as_answer: |decided| marks::as_answer(decided, &LINES),
    simulate: |truth, careful, categories, dice| {
        let looseness = if careful { 2.0 } else { 15.0 };
        marks::redraw(&LINES, truth, careful, categories, dice, |drawn, dice| {
            marks::redraw_points(drawn, looseness, dice)
        })
    },
    examples: &[
        r#"{"polylines": [{"label": "curb", "vertices": [{"x": 30, "y": 40}, {"x": 90, "y": 45}, {"x": 160, "y": 80}]}],
            "inputImageProperties": {"width": 500, "height": 400}}"#,
        r#"{"lines": [{"label": "curb", "vertices": [{"x": 30, "y": 40}, {"x": 90, "y": 45}]}]}"#,
        r#"{"polylines": []}"#,
    ],
    particulars: Particulars::NONE,
};

/// Consolidates the lines that workers drew: one consensus per object, in their order.
///
/// Answers name a category per mark or none; [`Answers::categories`] breaks their ties. What the confidence means, and how
/// marks are matched and kept, stands in [`marks`].
///
/// ```
/// use ground_truth::Answers;
/// use ground_truth::annotation_kinds::polyline::{self, Drawn, MarkAnswer, Params, Polyline, ShapeError};
/// use ground_truth::geometry::point::Point;
///
/// let curb = |y: f64| {
///     let ends = vec![Point { x: 30.0, y }, Point { x: 190.0, y }];
///     Polyline::new(ends).map(|curb| MarkAnswer::of([Drawn::new("curb", curb)]))
/// };
/// let answers =
///     Answers::from_rows([("photo-1", "ana", curb(40.0)?), ("photo-1", "bo", curb(42.0)?), ("photo-1", "cy", curb(41.0)?)]);
///
/// let consensus = polyline::consolidate(&answers, &Params::STANDARD);
/// let curb = &consensus[0].label.marks[0];
/// assert_eq!((curb.shape.vertices().len(), curb.n_workers), (2, 3));
/// assert!((curb.shape.vertices()[0].y - 41.0).abs() < 0.1);
/// # Ok::<(), ShapeError>(())
/// ```
pub fn consolidate(answers: &Answers<MarkAnswer<Polyline>>, params: &Params) -> Vec<Consensus<MarksLabel<Polyline>>> {
    marks::consolidate_drawn(answers, &LINES, params)
}

static LINES: MarkKind<Polyline> = MarkKind {
    lists: &["polylines", "lines"],
    arrange: None,
    // Polygons have the same members, so a bare list is only read where the plan names the kind.
    telling: &[],
    nouns: ("line", "lines"),
    plain: Method::Plain.name(),
    threshold: ("similarityThreshold", 0.5, 0.5),
    // Categories break ties between neighbors; a disagreement about the category alone separates nothing.
    other_category: 0.75,
    max_pairs: marks::MAX_COSTLY_PAIRS,
    read,
    prepare: |_, _| {},
    compare: |a, b| compare_numbers(a.numbers(), b.numbers()),
    fuse,
    reading_order: |line| (line.bounds[1], line.bounds[0]),
};

/// The most vertices of one line.
const MAX_VERTICES: usize = 10_000;

/// How far lines may be apart, relative to their length, before nothing is alike.
const TOLERANCE: f64 = 0.2;

/// How many points of a line are compared.
const N_COMPARED: usize = 16;

/// How many points of a bent line are fused.
const N_FUSED: usize = 48;

/// A line in an image: its points in pixels, origin top left.
#[derive(Debug, Clone, PartialEq)]
pub struct Polyline {
    vertices: Vec<Point>,
    sample: Vec<Point>,
    length: f64,
    bounds: [f64; 4],
}

impl Polyline {
    /// A line through these points.
    ///
    /// # Errors
    /// [`ShapeError`] when it has no length, or more than 10,000 points.
    pub fn new(vertices: Vec<Point>) -> Result<Self, ShapeError> {
        check_points(&vertices, MAX_VERTICES)?;
        Self::through(vertices).ok_or(ShapeError::NoLength)
    }

    /// The points in drawing order.
    pub fn vertices(&self) -> &[Point] {
        &self.vertices
    }

    fn through(vertices: Vec<Point>) -> Option<Self> {
        let bounds = polygon::bounds(&vertices)?;
        let (length, sample) = (polyline::length(&vertices), polyline::resample(&vertices, N_COMPARED));
        (length > 0.0).then_some(Self { vertices, sample, length, bounds })
    }

    fn numbers(&self) -> impl Iterator<Item = f64> + '_ {
        self.bounds.into_iter().chain(self.vertices.iter().flat_map(|point| [point.x, point.y]))
    }
}

impl Shape for Polyline {
    fn reach(&self) -> (f64, f64) {
        let margin = self.length * TOLERANCE;
        (self.bounds[0] - margin, self.bounds[2] + margin)
    }

    fn similarity(&self, other: &Self) -> f64 {
        let tolerance = TOLERANCE * self.length.min(other.length);
        (1.0 - polyline::mean_distance(&self.sample, &other.sample) / tolerance).max(0.0)
    }
}

impl Serialize for Polyline {
    /// The members that it has in a label.
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        Vertices::of(&self.vertices).serialize(serializer)
    }
}

fn read(drawn: FieldValue<'_>) -> Result<Option<Polyline>, ReadError> {
    Ok(Some(Polyline::new(points(drawn, MAX_VERTICES)?)?))
}

/// How points of lines err: in units of the square root of the line's length.
const POINTS: robust_mean::Params = robust_mean::Params {
    group: 2,
    freedom: 4.0,
    worker_strength: 10.0,
    crowd_strength: 10.0,
    looseness: 0.3,
    bias_strength: None,
    max_iterations: 50,
    tolerance: 1e-4,
};

fn fuse(clusters: &[Members<'_, Polyline>], n_workers: usize, method: Method) -> Vec<Option<Fused<Polyline>>> {
    let versions: Vec<Versions> = clusters.iter().map(versions).collect();
    let centers = match method {
        Method::Plain => versions.iter().map(robust_mean::coordinate_median).collect(),
        Method::Weighted => robust_mean::fit(&versions, n_workers, &POINTS).centers,
    };
    let fused = |(members, center): (&Members<'_, Polyline>, Vec<f64>)| {
        let first = *members.shapes.first()?;
        if members.shapes.iter().all(|line| line.vertices == first.vertices) {
            return Some(Fused::near(first.clone()));
        }
        let points: Vec<Point> = center.chunks_exact(2).map(|pair| Point { x: pair[0], y: pair[1] }).collect();
        Some(Fused::near(Polyline::through(polyline::simplify(&points, 0.5))?))
    };
    clusters.iter().zip(centers).map(fused).collect()
}

/// The members' points, all from the same end.
fn versions(members: &Members<'_, Polyline>) -> Versions {
    let lines = &members.shapes;
    let n_points = if lines.iter().all(|line| line.vertices.len() == 2) { 2 } else { N_FUSED };
    let mut samples: Vec<Vec<Point>> = lines.iter().map(|line| polyline::resample(&line.vertices, n_points)).collect();
    let apart = |a: &Polyline, b: &Polyline| polyline::mean_distance(&a.sample, &b.sample);
    let sum_apart = |line: &Polyline| lines.iter().map(|other| apart(line, other)).sum::<f64>();
    let sums: Vec<f64> = lines.iter().map(|line| sum_apart(line)).collect();
    let typical = (0..lines.len()).min_by(|a, b| sums[*a].total_cmp(&sums[*b])).unwrap_or_default();
    if let Some(typical) = samples.get(typical).cloned() {
        for sample in &mut samples {
            let off = |points: &mut dyn Iterator<Item = &Point>| -> f64 {
                points.zip(&typical).map(|(point, other)| point.distance(*other)).sum()
            };
            if off(&mut sample.iter().rev()) < off(&mut sample.iter()) {
                sample.reverse();
            }
        }
    }
    let length = lines.iter().map(|line| line.length).sum::<f64>() / lines.len().max(1) as f64;
    Versions {
        workers: members.workers.clone(),
        coordinates: samples.iter().flatten().flat_map(|point| [point.x, point.y]).collect(),
        size: length.sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::label_of;
    use super::super::typed_tests::{check_marks, three_points};
    use super::*;

    /// Workers' lines as text: workers separated by `/`, one line each, its points separated by blanks.
    fn check(parameters: Value, workers: &str, expected: &str) {
        let point = |text: &str| {
            let (x, y) = text.split_once(',').expect("x,y");
            json!({"x": x, "y": y})
        };
        let answer = |line: &str| {
            let vertices: Vec<Value> = line.split_whitespace().map(point).collect();
            json!({ "polylines": [{ "label": "curb", "vertices": vertices }] })
        };
        let outcome = label_of(&KIND, parameters, workers.split('/').map(answer).collect());
        let lines = outcome.members["annotations"].as_array().expect("a list").iter().map(|fused| {
            let vertices = fused["vertices"].as_array().expect("a list").iter();
            vertices.map(|vertex| format!("{},{}", vertex["x"], vertex["y"])).collect::<Vec<_>>().join(" ")
        });
        assert_eq!(lines.collect::<Vec<_>>().join(" / "), expected, "{workers}");
    }

    #[test]
    fn the_direction_does_not_matter() {
        check(json!({}), "0,0 100,0 / 100,2 0,2 / 0,1 100,1", "0,1 100,1");
        check(json!({"method": "plain-clusters"}), "0,0 50,0 100,0 / 100,4 60,4 0,4", "0,2 100,2");
    }

    #[test]
    fn a_bend_stays_and_a_lone_line_as_it_was_drawn() {
        check(json!({}), "0,0 50,0.1 100,0", "0,0 50,0.1 100,0");
        check(json!({}), "0,0 94,0 94,94 / 94,94 94,0 0,0", "0,0 92,0 94,2 94,94");
    }

    #[test]
    fn lines_far_apart_are_two() {
        check(json!({"keep": {"workers": 1}}), "0,0 100,0 / 0,60 100,60", "0,0 100,0 / 0,60 100,60");
    }

    #[test]
    fn typed_answers_give_the_same() {
        check_marks(&KIND, "polylines", [&Params::STANDARD, &Params::PLAIN], consolidate, |wobble| {
            let (members, points) = three_points(wobble);
            (members, Polyline::new(points).expect("a line"))
        });
    }
}
