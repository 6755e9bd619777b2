//! Cuboids in a point cloud, as they arrive in adjustment and offline work: `center` and `dimensions` as objects, or the
//! members of Ground Truth's own output (`center-x`, `length`, `yaw`, …). Lengths in meters; `yaw` in radians about the
//! vertical axis. `roll` and `pitch` are not read.
//!
//! Cuboids are similar by the distance of their centers, `1 − d / (r₁ + r₂)` with *r* half a footprint's diagonal and
//! half a meter (`similarityThreshold`): small things, whose overlap a hand's width destroys, still find each other.
//!
//! The rest is common to all marks: see [`marks`]. Center and dimensions are fused by a [`robust_mean`] (or, by
//! `plain-clusters`, the coordinate median). One cuboid can be described with length and width exchanged and a quarter turn
//! more, so members are first turned to agree with the most typical one. The axis is the circular mean of their yaws; which
//! way along it the cuboid heads is voted, because a reversed heading is a mistake and not a small error: by the
//! [one-coin model](one_coin) over the whole batch, which learns who reverses how often (by `plain-clusters`, all alike).
//! Members that had to be turned do not vote: front and side were taken for each other, and either side may be meant.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use serde::{Serialize, Serializer};

use super::marks::{self, Fused, MarkKind, Members, ReadError, compare_numbers, settled};
pub use super::marks::{Drawn, MarkAnswer, MarksLabel, Method, Params, ShapeError};
use super::{AnnotationKind, Particulars};
use crate::consolidation::mark_consensus::Shape;
use crate::consolidation::one_coin;
use crate::consolidation::posteriors::{Posteriors, is_tied};
use crate::consolidation::robust_mean::{self, Versions};
use crate::consolidation::votes::{Sizes, Votes, WorkerPrior};
use crate::dice::Dice;
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::geometry::angle;
use crate::label_content::{LabelContent, MarkGeometry};
use crate::typed::{Answers, Consensus};

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "cuboid",
    summary: "cuboids in a point cloud",
    methods: marks::METHODS,
    lone_method: Some(Method::Plain.name()),
    claims: |values, _| marks::claims(values, &CUBOIDS),
    configure: |reader| marks::configure(reader, &CUBOIDS),
    read_values: |values, _| marks::read_values(values, &CUBOIDS),
    label: LabelContent::Marks(MarkGeometry::Cuboid),
    as_answer: |decided| marks::as_answer(decided, &CUBOIDS),
    simulate: |truth, careful, categories, dice| {
        let looseness = if careful { 0.1 } else { 0.6 };
        marks::redraw(&CUBOIDS, truth, careful, categories, dice, |drawn, dice| redraw(drawn, looseness, dice))
    },
    examples: &[
        r#"{"cuboids": [{"label": "car", "center": {"x": 4.5, "y": -2, "z": 0.8},
            "dimensions": {"length": 4.25, "width": 1.75, "height": 1.5}, "yaw": 0.5}]}"#,
        r#"{"cuboids": []}"#,
        r#"{"cuboids": [{"label": "car", "center-x": 4.5, "center-y": -2, "center-z": 0.75,
            "length": 4.25, "width": 1.75, "height": 1.5, "roll": 0, "pitch": 0, "yaw": 0.5}]}"#,
    ],
    particulars: Particulars::NONE,
};

/// Consolidates the cuboids that workers drew: one consensus per object, in their order.
///
/// Answers name a category per mark or none; [`Answers::categories`] breaks their ties. What the confidence means, and how
/// marks are matched and kept, stands in [`marks`].
///
/// ```
/// use ground_truth::Answers;
/// use ground_truth::annotation_kinds::cuboid::{self, Cuboid, Drawn, MarkAnswer, Params, ShapeError};
///
/// // The third worker took length for width, and turned the car by a quarter.
/// let car = |x, dimensions, yaw| {
///     Cuboid::new([x, -2.0, 0.75], dimensions, yaw).map(|car| MarkAnswer::of([Drawn::new("car", car)]))
/// };
/// let answers = Answers::from_rows([
///     ("sweep-1", "ana", car(4.4, [4.25, 1.75, 1.5], 0.5)?),
///     ("sweep-1", "bo", car(4.6, [4.25, 1.75, 1.5], 0.5)?),
///     ("sweep-1", "cy", car(4.5, [1.75, 4.25, 1.5], 0.5 + std::f64::consts::FRAC_PI_2)?),
/// ]);
///
/// let consensus = cuboid::consolidate(&answers, &Params::STANDARD);
/// let car = &consensus[0].label.marks[0];
/// assert!((car.shape.dimensions()[1] - 1.75).abs() < 1e-6, "the width");
/// assert_eq!(car.n_workers, 3);
/// # Ok::<(), ShapeError>(())
/// ```
pub fn consolidate(answers: &Answers<MarkAnswer<Cuboid>>, params: &Params) -> Vec<Consensus<MarksLabel<Cuboid>>> {
    marks::consolidate_drawn(answers, &CUBOIDS, params)
}

static CUBOIDS: MarkKind<Cuboid> = MarkKind {
    lists: &["cuboids"],
    arrange: None,
    telling: &[],
    nouns: ("cuboid", "cuboids"),
    plain: Method::Plain.name(),
    threshold: ("similarityThreshold", 0.5, 0.5),
    // Categories break ties between neighbors; a disagreement about the category alone separates nothing.
    other_category: 0.75,
    max_pairs: marks::MAX_PAIRS,
    read,
    prepare: |_, _| {},
    compare: |a, b| compare_numbers(a.numbers(), b.numbers()),
    fuse,
    reading_order: |cuboid| (cuboid.center[0], cuboid.center[1]),
};

/// The largest length that is taken for one, in meters.
const MAX_LENGTH: f64 = 1e6;

/// A cuboid in a point cloud, upright; meters and radians.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cuboid {
    center: [f64; 3],
    /// Length, width, height, each above 0.
    dimensions: [f64; 3],
    /// Radians about the vertical axis, in [0, 2π).
    yaw: f64,
}

impl Cuboid {
    /// A cuboid about `center` with length, width and height, turned by `yaw` about the vertical axis.
    ///
    /// # Errors
    /// [`ShapeError`] when a number is missing or beyond a million, or a side is not above 0.
    pub fn new(center: [f64; 3], dimensions: [f64; 3], yaw: f64) -> Result<Self, ShapeError> {
        if center.iter().any(|coordinate| !(-MAX_LENGTH..=MAX_LENGTH).contains(coordinate)) {
            return Err(ShapeError::NoCenter);
        }
        if dimensions.iter().any(|side| !(*side > 0.0 && *side <= MAX_LENGTH)) {
            return Err(ShapeError::NoDimensions);
        }
        if !yaw.is_finite() {
            return Err(ShapeError::NoNumber("yaw"));
        }
        Ok(Self { center, dimensions, yaw: yaw.rem_euclid(TAU) })
    }

    /// x, y and z of the middle.
    pub fn center(&self) -> [f64; 3] {
        self.center
    }

    /// Length, width and height in meters, each above 0.
    pub fn dimensions(&self) -> [f64; 3] {
        self.dimensions
    }

    /// The angle about the vertical axis, in [0, 2π).
    pub fn yaw(&self) -> f64 {
        self.yaw
    }

    fn numbers(&self) -> [f64; 7] {
        let ([x, y, z], [length, width, height]) = (self.center, self.dimensions);
        [x, y, z, length, width, height, self.yaw]
    }

    /// How far another worker's version of the center may lie.
    fn radius(&self) -> f64 {
        self.dimensions[0].hypot(self.dimensions[1]) / 2.0 + 0.5
    }

    /// The same cuboid with length and width exchanged.
    fn quarter_turned(&self) -> Self {
        let [length, width, height] = self.dimensions;
        Self { dimensions: [width, length, height], yaw: (self.yaw + FRAC_PI_2).rem_euclid(TAU), ..*self }
    }

    /// How differently two cuboids are described, whichever way they head.
    fn apart(&self, other: &Self) -> f64 {
        let proportions = [0, 1].map(|axis| (self.dimensions[axis] / other.dimensions[axis]).ln().abs());
        proportions.iter().sum::<f64>() + angle::difference(self.yaw, other.yaw, PI).abs()
    }
}

impl Shape for Cuboid {
    fn reach(&self) -> (f64, f64) {
        (self.center[0] - self.radius(), self.center[0] + self.radius())
    }

    fn similarity(&self, other: &Self) -> f64 {
        let squared: f64 = self.center.iter().zip(other.center).map(|(a, b)| (a - b) * (a - b)).sum();
        (1.0 - squared.sqrt() / (self.radius() + other.radius())).max(0.0)
    }
}

impl Serialize for Cuboid {
    /// The members that it has in a label.
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        CuboidMembers::of(self).serialize(serializer)
    }
}

#[derive(Serialize)]
struct CuboidMembers {
    center: Center,
    dimensions: Dimensions,
    yaw: f64,
}

#[derive(Serialize)]
struct Center {
    x: f64,
    y: f64,
    z: f64,
}

#[derive(Serialize)]
struct Dimensions {
    length: f64,
    width: f64,
    height: f64,
}

impl CuboidMembers {
    fn of(cuboid: &Cuboid) -> Self {
        // Millimeters, and four decimals of an angle in (-π, π].
        let round = |value: f64, to: f64| (settled(value) * to).round() / to;
        let ([x, y, z], [length, width, height]) =
            (cuboid.center.map(|value| round(value, 1e3)), cuboid.dimensions.map(|value| round(value, 1e3)));
        let yaw = round(angle::difference(cuboid.yaw, 0.0, TAU), 1e4);
        Self { center: Center { x, y, z }, dimensions: Dimensions { length, width, height }, yaw }
    }
}

fn read(drawn: FieldValue<'_>) -> Result<Option<Cuboid>, ReadError> {
    let within = |(outer, inner, flat): (&str, &str, &str)| {
        let nested = drawn.member(outer).and_then(|members| members.member(inner));
        nested.or_else(|| drawn.member(flat)).and_then(FieldValue::number)
    };
    let numbers = |names: [(&str, &str, &str); 3]| {
        let [a, b, c] = names.map(within);
        Some([a?, b?, c?])
    };
    let center = numbers([("center", "x", "center-x"), ("center", "y", "center-y"), ("center", "z", "center-z")])
        .ok_or(ShapeError::NoCenter)?;
    let dimensions = numbers([
        ("dimensions", "length", "length"),
        ("dimensions", "width", "width"),
        ("dimensions", "height", "height"),
    ])
    .ok_or(ShapeError::NoDimensions)?;
    let yaw = drawn.member("yaw").map_or(Some(0.0), FieldValue::number).ok_or(ShapeError::NoNumber("yaw"))?;
    Ok(Some(Cuboid::new(center, dimensions, yaw)?))
}

/// How centers and dimensions err: in units of the square root of a footprint's half diagonal.
const LENGTHS: robust_mean::Params = robust_mean::Params {
    group: 3,
    freedom: 4.0,
    worker_strength: 10.0,
    crowd_strength: 10.0,
    looseness: 0.15,
    bias_strength: Some(5.0),
    max_iterations: 50,
    tolerance: 1e-5,
};

fn fuse(clusters: &[Members<'_, Cuboid>], n_workers: usize, method: Method) -> Vec<Option<Fused<Cuboid>>> {
    let turned: Vec<Vec<Turned>> = clusters.iter().map(|members| agree(&members.shapes)).collect();
    let versions: Vec<Versions> = clusters
        .iter()
        .zip(&turned)
        .map(|(members, cuboids)| Versions {
            workers: members.workers.clone(),
            coordinates: cuboids.iter().flat_map(|turned| turned.cuboid.numbers().into_iter().take(6)).collect(),
            size: (cuboids.iter().map(|turned| turned.cuboid.radius()).sum::<f64>() / cuboids.len().max(1) as f64)
                .sqrt(),
        })
        .collect();
    let (centers, looseness) = match method {
        Method::Plain => (versions.iter().map(robust_mean::coordinate_median).collect(), vec![1.0; n_workers]),
        Method::Weighted => {
            let fit = robust_mean::fit(&versions, n_workers, &LENGTHS);
            (fit.centers, fit.looseness)
        }
    };
    let axes: Vec<f64> = clusters
        .iter()
        .zip(&turned)
        .map(|(members, cuboids)| {
            let weights = members.workers.iter().map(|worker| looseness[*worker].powi(-2));
            axis(cuboids.iter().map(|turned| turned.cuboid.yaw).zip(weights))
        })
        .collect();
    let reversed = reversed(clusters, &turned, &axes, n_workers, method);
    let fused = |((center, axis), is_reversed): ((Vec<f64>, &f64), bool)| {
        let &[x, y, z, length, width, height] = center.as_slice() else { return None };
        let dimensions = [length, width, height].map(|length| length.max(1e-3));
        let yaw = if is_reversed { axis + PI } else { *axis };
        Some(Fused::near(Cuboid { center: [x, y, z], dimensions, yaw }))
    };
    centers.into_iter().zip(&axes).zip(reversed).map(fused).collect()
}

/// A member, turned or not.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Turned {
    cuboid: Cuboid,
    is_turned: bool,
}

/// The members, each turned by a quarter where that brings it nearer to the most typical one.
fn agree(cuboids: &[&Cuboid]) -> Vec<Turned> {
    let nearer = |cuboid: &Cuboid, other: &Cuboid| {
        let turned = cuboid.quarter_turned();
        let is_turned = turned.apart(other) < cuboid.apart(other);
        Turned { cuboid: if is_turned { turned } else { *cuboid }, is_turned }
    };
    let sum_apart =
        |cuboid: &Cuboid| cuboids.iter().map(|other| nearer(other, cuboid).cuboid.apart(cuboid).min(1.0)).sum::<f64>();
    // Among equally typical ones the description in which the length is the longer side.
    let typical = cuboids.iter().min_by(|a, b| {
        let is_across = |cuboid: &Cuboid| cuboid.dimensions[0] < cuboid.dimensions[1];
        settled(sum_apart(a)).total_cmp(&settled(sum_apart(b))).then(is_across(a).cmp(&is_across(b)))
    });
    let Some(typical) = typical else { return Vec::new() };
    cuboids.iter().map(|cuboid| nearer(cuboid, typical)).collect()
}

/// The circular mean of yaws, each with a weight, as if opposite ones were equal; that of the first where they cancel out.
fn axis(mut yaws: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let mean = angle::circular_mean(yaws.clone(), PI);
    mean.unwrap_or_else(|| yaws.next().map_or(0.0, |(yaw, _)| yaw.rem_euclid(PI)))
}

/// Per cluster whether it heads against its axis. Ties go to the way of the first member that votes, or of the first.
fn reversed(
    clusters: &[Members<'_, Cuboid>],
    turned: &[Vec<Turned>],
    axes: &[f64],
    n_workers: usize,
    method: Method,
) -> Vec<bool> {
    let is_against = |member: &Turned, axis: f64| (member.cuboid.yaw - axis).cos() < 0.0;
    let (mut objects, mut workers, mut ways) = (Vec::new(), Vec::new(), Vec::new());
    let mut of_first: Vec<bool> = Vec::with_capacity(clusters.len());
    for (cluster_idx, ((members, turned), axis)) in clusters.iter().zip(turned).zip(axes).enumerate() {
        let n_before = workers.len();
        for (worker, member) in members.workers.iter().zip(turned) {
            // A worker who drew the thing twice votes once.
            let has_voted = workers[n_before..].contains(&(*worker as u32));
            if !member.is_turned && !has_voted {
                objects.push(cluster_idx as u32);
                workers.push(*worker as u32);
                ways.push(u32::from(is_against(member, *axis)));
            }
        }
        let first_vote = ways.get(n_before).map(|way| *way == 1);
        of_first.push(first_vote.unwrap_or_else(|| turned.first().is_some_and(|member| is_against(member, *axis))));
    }
    let sizes = Sizes { n_objects: clusters.len(), n_workers, n_categories: 2 };
    let Ok(votes) = Votes::new(sizes, &objects, &workers, &ways) else { return of_first };
    let posteriors = match method {
        Method::Plain => Posteriors::vote_shares(&votes),
        Method::Weighted => {
            one_coin::fit(&votes, &WorkerPrior::none(n_workers), &one_coin::Params::STANDARD).posteriors
        }
    };
    let way = |(row, of_first): (&[f64], bool)| if is_tied(row) { of_first } else { row[1] > row[0] };
    posteriors.rows().zip(of_first).map(way).collect()
}

/// Every number moved by up to `looseness` meters or radians.
fn redraw(drawn: FieldValue<'_>, looseness: f64, dice: &mut Dice) -> FieldValueBuf {
    let Ok(Some(mut cuboid)) = read(drawn) else { return drawn.to_buf() };
    cuboid.center = cuboid.center.map(|coordinate| coordinate + dice.noise() * looseness);
    cuboid.dimensions = cuboid.dimensions.map(|length| (length + dice.noise() * looseness).max(0.1));
    cuboid.yaw = (cuboid.yaw + dice.noise() * looseness).rem_euclid(TAU);
    FieldValueBuf::of(CuboidMembers::of(&cuboid)).with_member("label", drawn.member("label"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{label_of, labels};
    use super::super::typed_tests::check_marks;
    use super::*;

    fn cuboid(length: f64, width: f64, yaw: f64) -> Value {
        let dimensions = json!({"length": length, "width": width, "height": 1.5});
        json!({"cuboids": [{"label": "car", "center": {"x": 1, "y": 2, "z": 3}, "dimensions": dimensions, "yaw": yaw}]})
    }

    fn check(answers: Value, expected: [f64; 3]) {
        let outcome = label_of(&KIND, json!({}), answers);
        let fused = &outcome.members["annotations"][0];
        let found = [&fused["dimensions"]["length"], &fused["dimensions"]["width"], &fused["yaw"]];
        let found = found.map(|number| number.as_f64().expect("a number"));
        let is_near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.02);
        assert!(is_near, "{found:?}");
    }

    #[test]
    fn a_reversed_heading_is_outvoted() {
        check(json!([cuboid(4.0, 2.0, 0.1), cuboid(4.0, 2.0, 0.12), cuboid(4.0, 2.0, 0.11 + PI)]), [4.0, 2.0, 0.11]);
    }

    /// Two cuboids of one worker, who heads the wrong way on every other one, and of one who never does.
    #[test]
    fn who_often_reverses_is_outvoted_by_who_does_not() {
        let objects: Vec<Vec<Value>> = (0..20)
            .map(|n| {
                let wrong = if n % 2 == 0 { PI } else { 0.0 };
                let right = cuboid(4.0, 2.0, 0.1);
                let third = if n < 16 { vec![right.clone()] } else { Vec::new() };
                [vec![cuboid(4.0, 2.0, 0.1 + wrong), right], third].concat()
            })
            .collect();
        let yaws: Vec<f64> = labels(&KIND, &objects)
            .iter()
            .map(|label| label["annotations"][0]["yaw"].as_f64().expect("a number"))
            .collect();
        assert!(yaws.iter().all(|yaw| (yaw - 0.1).abs() < 0.01), "{yaws:?}");
    }

    #[test]
    fn a_member_with_exchanged_sides_has_no_say_in_the_heading() {
        let exchanged = cuboid(2.0, 4.0, 0.1 - FRAC_PI_2);
        check(json!([exchanged, cuboid(4.0, 2.0, 0.1)]), [4.0, 2.0, 0.1]);
        check(json!([exchanged, cuboid(4.0, 2.0, 0.1 + PI), exchanged]), [4.0, 2.0, 0.1 + PI - TAU]);
    }

    #[test]
    fn exchanged_sides_are_turned_back() {
        check(
            json!([cuboid(4.0, 2.0, 0.1), cuboid(4.0, 2.0, 0.1), cuboid(2.0, 4.0, 0.1 + FRAC_PI_2)]),
            [4.0, 2.0, 0.1],
        );
    }

    #[test]
    fn yaws_are_averaged_the_shorter_way_round() {
        check(json!([cuboid(4.0, 2.0, 3.1), cuboid(4.0, 2.0, -3.1)]), [4.0, 2.0, PI]);
    }

    #[test]
    fn typed_answers_give_the_same() {
        check_marks(&KIND, "cuboids", [&Params::STANDARD, &Params::PLAIN], consolidate, |wobble| {
            let (x, length, yaw) = (4.5 + wobble(0.5), 4.25 + wobble(0.25), 0.5 + wobble(0.25));
            let members = json!({"center": {"x": x, "y": -2, "z": 0.75}, "yaw": yaw,
                "dimensions": {"length": length, "width": 1.75, "height": 1.5}});
            (members, Cuboid::new([x, -2.0, 0.75], [length, 1.75, 1.5], yaw).expect("a cuboid"))
        });
    }
}
