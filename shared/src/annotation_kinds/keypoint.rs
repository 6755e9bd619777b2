//! Points in an image: `crowd-keypoint`. A label may stand once in an answer (the parts of one animal) or many times (the
//! cells of one slide); with a `z`, points lie in space.
//!
//! A point with `"visible": false` says that its part is not to be seen: it counts as not made, and so does a missing one.
//!
//! Points are similar by their distance, `1 − d / (r₁ + r₂)` with a radius of each point's own (`similarityThreshold`). A
//! point's radius is a quarter of the size of its worker's whole answer (the geometric mean of the sides of the box around
//! its points), yet at most half the way to the same worker's nearest point of the same label; for a lone point it is a
//! twentieth of the image, or 20 pixels. So parts of an animal find each other over large errors, and crowded cells do
//! not. Points of different labels must lie nearer, and may then stand in one cluster, whose label is voted: that mends a
//! left and a right that one worker has mixed up.
//!
//! The rest is common to all marks: see [`marks`]. `weighted-clusters` fuses points by a [`robust_mean`] in which errors
//! count in units of the size of the answer; `plain-clusters` takes the geometric median.

use serde::{Serialize, Serializer};

use super::marks::{self, Fused, MarkKind, Members, ReadError, compare_numbers, settled};
pub use super::marks::{Drawn, MarkAnswer, MarksLabel, Method, Params, ShapeError};
use super::{AnnotationKind, Particulars};
use crate::consolidation::mark_consensus::Shape;
use crate::consolidation::robust_mean::{self, Versions};
use crate::dice::Dice;
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::geometry::point::MAX_COORDINATE;
use crate::label_content::{LabelContent, MarkGeometry};
use crate::typed::{Answers, Consensus};
use crate::vocabulary::Pixels;

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "keypoint",
    summary: "points in an image: crowd-keypoint",
    methods: marks::METHODS,
    lone_method: Some(Method::Plain.name()),
    claims: |values, _| marks::claims(values, &KEYPOINTS),
    configure: |reader| marks::configure(reader, &KEYPOINTS),
    read_values: |values, _| marks::read_values(values, &KEYPOINTS),
    label: LabelContent::Marks(MarkGeometry::Point),
    as_answer: |decided| marks::as_answer(decided, &KEYPOINTS),
    simulate: |truth, careful, categories, dice| {
        let looseness = if careful { 3.0 } else { 25.0 };
        marks::redraw(&KEYPOINTS, truth, careful, categories, dice, |drawn, dice| redraw(drawn, looseness, dice))
    },
    examples: &[
        r#"{"keypoints": [{"label": "bill", "x": 40, "y": 22}, {"label": "tail", "x": 190, "y": 122}],
            "inputImageProperties": {"width": 1280, "height": 720}}"#,
        r#"{"keypoints": []}"#,
        r#"[{"label": "bill", "x": "40.5", "y": 22}]"#,
        r#"{"keypoints": [{"label": "p01", "x": 4.5, "y": 5.25, "z": -1.5}]}"#,
    ],
    particulars: Particulars { prefilled_element: Some("crowd-keypoint"), ..Particulars::NONE },
};

/// Consolidates the points that workers drew: one consensus per object, in their order.
///
/// Answers name a category per mark or none; [`Answers::categories`] breaks their ties. What the confidence means, and how
/// marks are matched and kept, stands in [`marks`].
/// [`MarkAnswer::on_image`] tells the size of the image, which matters for answers of a single point.
///
/// ```
/// use ground_truth::Answers;
/// use ground_truth::annotation_kinds::keypoint::{self, Drawn, Keypoint, MarkAnswer, Params, ShapeError};
///
/// // The third worker mixed up left and right.
/// let eyes = |left, right| {
///     let eyes = [Drawn::new("left-eye", Keypoint::new(left, 50.0)?), Drawn::new("right-eye", Keypoint::new(right, 50.0)?)];
///     let beak = Drawn::new("beak", Keypoint::new(150.0, 120.0)?);
///     Ok::<_, ShapeError>(eyes.into_iter().chain([beak]).collect::<MarkAnswer<_>>())
/// };
/// let answers = Answers::from_rows([
///     ("bird-1", "ana", eyes(100.0, 200.0)?),
///     ("bird-1", "bo", eyes(102.0, 198.0)?),
///     ("bird-1", "cy", eyes(200.0, 100.0)?),
/// ]);
///
/// let consensus = keypoint::consolidate(&answers, &Params::STANDARD);
/// let points = &consensus[0].label.marks;
/// let left = points.iter().find(|point| point.shape.coordinates()[0] < 110.0).expect("a point on the left");
/// assert_eq!(left.category.as_ref().map(|name| name.as_str()), Some("left-eye"));
/// assert_eq!((points.len(), left.n_workers), (3, 3));
/// # Ok::<(), ShapeError>(())
/// ```
pub fn consolidate(answers: &Answers<MarkAnswer<Keypoint>>, params: &Params) -> Vec<Consensus<MarksLabel<Keypoint>>> {
    marks::consolidate_drawn(answers, &KEYPOINTS, params)
}

static KEYPOINTS: MarkKind<Keypoint> = MarkKind {
    lists: &["keypoints"],
    arrange: None,
    telling: &["x", "y"],
    nouns: ("point", "points"),
    plain: Method::Plain.name(),
    threshold: ("similarityThreshold", 0.5, 0.5),
    other_category: 0.6,
    max_pairs: marks::MAX_PAIRS,
    read,
    prepare: give_radii,
    compare: |a, b| compare_numbers(a.coordinates, b.coordinates),
    fuse,
    reading_order: |point| (point.coordinates[1], point.coordinates[0]),
};

/// A point in an image (pixels, origin top left) or in space, and how far around it another worker's version of it may lie,
/// which the whole answer tells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Keypoint {
    /// x, y and z, the last 0 in an image.
    coordinates: [f64; 3],
    is_in_space: bool,
    radius: f64,
    /// The size of the whole answer: what errors are measured by.
    size: f64,
}

impl Keypoint {
    /// A point in an image.
    ///
    /// # Errors
    /// [`ShapeError::PointOutside`] when a coordinate is not a number or beyond ten million.
    pub fn new(x: f64, y: f64) -> Result<Self, ShapeError> {
        Self::at([x, y, 0.0], false)
    }

    /// A point in space.
    ///
    /// # Errors
    /// As for [`Keypoint::new`].
    pub fn in_space(x: f64, y: f64, z: f64) -> Result<Self, ShapeError> {
        Self::at([x, y, z], true)
    }

    fn at(coordinates: [f64; 3], is_in_space: bool) -> Result<Self, ShapeError> {
        let is_inside = coordinates.iter().all(|coordinate| coordinate.abs() <= MAX_COORDINATE);
        is_inside.then_some(Self { coordinates, is_in_space, radius: 0.0, size: 0.0 }).ok_or(ShapeError::PointOutside)
    }

    /// x, y and z; z is 0 in an image.
    pub fn coordinates(&self) -> [f64; 3] {
        self.coordinates
    }

    fn distance(&self, other: &Self) -> f64 {
        let squared = self.coordinates.iter().zip(other.coordinates).map(|(a, b)| (a - b) * (a - b));
        squared.sum::<f64>().sqrt()
    }
}

impl Shape for Keypoint {
    fn reach(&self) -> (f64, f64) {
        (self.coordinates[0] - self.radius, self.coordinates[0] + self.radius)
    }

    fn similarity(&self, other: &Self) -> f64 {
        (1.0 - self.distance(other) / (self.radius + other.radius)).max(0.0)
    }
}

impl Serialize for Keypoint {
    /// The members that it has in a label.
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        KeypointMembers::of(self).serialize(serializer)
    }
}

#[derive(Serialize)]
struct KeypointMembers {
    x: Pixels,
    y: Pixels,
    #[serde(skip_serializing_if = "Option::is_none")]
    z: Option<Pixels>,
}

impl KeypointMembers {
    fn of(point: &Keypoint) -> Self {
        let [x, y, z] = point.coordinates.map(|coordinate| Pixels(settled(coordinate)));
        Self { x, y, z: point.is_in_space.then_some(z) }
    }
}

fn read(drawn: FieldValue<'_>) -> Result<Option<Keypoint>, ReadError> {
    if drawn.member("visible").and_then(FieldValue::flag) == Some(false) {
        return Ok(None);
    }
    let [x, y] = drawn.numbers(["x", "y"]).ok_or("x or y is missing")?;
    let z = drawn.member("z").and_then(FieldValue::number);
    let point = z.map_or_else(|| Keypoint::new(x, y), |z| Keypoint::in_space(x, y, z));
    Ok(Some(point?))
}

/// The size of an answer that has no extent of its own.
const SIZE_OF_A_LONE_POINT: f64 = 80.0;

/// Gives every point of an answer its radius and its size.
fn give_radii(drawn: &mut [Drawn<Keypoint>], image_size: Option<(f64, f64)>) {
    let side = |axis: usize| {
        let along = || drawn.iter().map(|drawn| drawn.shape.coordinates[axis]);
        along().fold(f64::NEG_INFINITY, f64::max) - along().fold(f64::INFINITY, f64::min)
    };
    let mut sides = [side(0), side(1), side(2)];
    sides.sort_by(f64::total_cmp);
    // The two larger ones: in an image there are no others.
    let extent = (sides[1].max(0.0) * sides[2].max(0.0)).sqrt();
    let size = if extent >= 1.0 {
        extent
    } else {
        image_size.map_or(SIZE_OF_A_LONE_POINT, |(width, height)| (width * height).sqrt() / 5.0)
    };
    // Within a label the neighbors along x are looked at as long as they can be nearer than the nearest so far.
    let mut order: Vec<usize> = (0..drawn.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&drawn[*a], &drawn[*b]);
        a.category.cmp(&b.category).then(a.shape.coordinates[0].total_cmp(&b.shape.coordinates[0]))
    });
    let mut radii = vec![size / 4.0; drawn.len()];
    for (n, here) in order.iter().enumerate() {
        for there in &order[n + 1..] {
            let (a, b) = (&drawn[*here], &drawn[*there]);
            let ahead = b.shape.coordinates[0] - a.shape.coordinates[0];
            if a.category != b.category || ahead > size / 2.0 {
                break;
            }
            let half = a.shape.distance(&b.shape) / 2.0;
            radii[*here] = radii[*here].min(half);
            radii[*there] = radii[*there].min(half);
        }
    }
    for (drawn, radius) in drawn.iter_mut().zip(radii) {
        drawn.shape.radius = radius.max(1e-3);
        drawn.shape.size = size;
    }
}

/// How points err, in units of the size of an answer.
const POINTS: robust_mean::Params = robust_mean::Params {
    group: 2,
    freedom: 8.0,
    worker_strength: 10.0,
    crowd_strength: 10.0,
    looseness: 0.04,
    bias_strength: Some(5.0),
    max_iterations: 50,
    tolerance: 1e-5,
};

fn fuse(clusters: &[Members<'_, Keypoint>], n_workers: usize, method: Method) -> Vec<Option<Fused<Keypoint>>> {
    let is_in_space = clusters.iter().flat_map(|members| &members.shapes).any(|point| point.is_in_space);
    let n_axes = if is_in_space { 3 } else { 2 };
    let versions: Vec<Versions> = clusters
        .iter()
        .map(|members| Versions {
            workers: members.workers.clone(),
            coordinates: members.shapes.iter().flat_map(|point| point.coordinates.into_iter().take(n_axes)).collect(),
            size: members.shapes.iter().map(|point| point.size).sum::<f64>() / members.shapes.len().max(1) as f64,
        })
        .collect();
    let centers = match method {
        Method::Plain => versions.iter().map(|versions| robust_mean::geometric_median(versions, n_axes)).collect(),
        Method::Weighted => {
            robust_mean::fit(&versions, n_workers, &robust_mean::Params { group: n_axes, ..POINTS }).centers
        }
    };
    let fused = |(members, center): (&Members<'_, Keypoint>, Vec<f64>)| {
        let mut point = **members.shapes.first()?;
        point.coordinates[..n_axes].copy_from_slice(center.get(..n_axes)?);
        Some(Fused::near(point))
    };
    clusters.iter().zip(centers).map(fused).collect()
}

/// The point moved by up to `looseness` pixels.
fn redraw(drawn: FieldValue<'_>, looseness: f64, dice: &mut Dice) -> FieldValueBuf {
    ["x", "y", "z"].into_iter().fold(drawn.to_buf(), |redrawn, name| {
        match drawn.member(name).and_then(FieldValue::number) {
            Some(coordinate) => redrawn.with_member(name, Pixels(coordinate + dice.noise() * looseness)),
            None => redrawn,
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::label_of;
    use super::super::typed_tests::check_marks;
    use super::*;

    /// Workers' points as text: workers separated by `/`, points by blanks, each `label:x,y`.
    fn check(parameters: Value, workers: &str, expected: &str) {
        let point = |text: &str| {
            let (label, point) = text.split_once(':').expect("label:x,y");
            let (x, y) = point.split_once(',').expect("x,y");
            json!({"label": label, "x": x, "y": y})
        };
        let answer = |points: &str| json!({ "keypoints": points.split_whitespace().map(point).collect::<Vec<_>>() });
        let outcome = label_of(&KIND, parameters, workers.split('/').map(answer).collect());
        let mut points: Vec<String> = outcome.members["annotations"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|fused| {
                let label = fused["label"].as_str().expect("a label");
                format!("{label}:{},{} {}", fused["x"], fused["y"], fused["workers"])
            })
            .collect();
        points.sort();
        assert_eq!(points.join(" "), expected, "{workers}");
    }

    #[test]
    fn points_of_one_label_are_fused() {
        check(json!({}), "bill:0,0 tail:100,80 / bill:2,0 tail:100,82", "bill:1,0 2 tail:100,81 2");
        check(json!({}), "bill:7,8", "bill:7,8 1");
    }

    #[test]
    fn a_left_and_a_right_that_one_worker_mixed_up_are_mended() {
        let right = "left:0,0 right:100,0 tail:50,200";
        check(
            json!({}),
            &format!("{right} / {right} / left:100,0 right:0,0 tail:50,200"),
            "left:0,0 3 right:100,0 3 tail:50,200 3",
        );
    }

    #[test]
    fn a_label_may_stand_many_times() {
        let cells = "cell:0,0 cell:10,0 cell:20,0 cell:0,300";
        check(json!({}), &format!("{cells} / {cells}"), "cell:0,0 2 cell:0,300 2 cell:10,0 2 cell:20,0 2");
    }

    #[test]
    fn an_invisible_point_is_no_point() {
        let seen = json!({"keypoints": [{"label": "a", "x": 1, "y": 1, "visible": true}]});
        let unseen = json!({"keypoints": [{"label": "a", "x": 9, "y": 9, "visible": false}]});
        let outcome = label_of(&KIND, json!({}), json!([seen, unseen, unseen, unseen]));
        assert_eq!((&outcome.members["annotations"], outcome.n_workers), (&json!([]), 4));
    }

    #[test]
    fn typed_answers_give_the_same() {
        check_marks(&KIND, "keypoints", [&Params::STANDARD, &Params::PLAIN], consolidate, |wobble| {
            let (x, y) = (100.0 + wobble(5.0), 50.0 + wobble(5.0));
            (json!({"x": x, "y": y}), Keypoint::new(x, y).expect("a point"))
        });
    }
}
