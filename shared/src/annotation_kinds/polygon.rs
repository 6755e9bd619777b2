//! Polygons in an image: `crowd-polygon`.
//!
//! Polygons are similar by the intersection over union of their areas (`iouThreshold`), measured on cells of about a
//! thousandth of their size ([`raster`](crate::geometry::raster)). What an outline winds around is inside, also where a
//! free hand crosses its own line.
//!
//! The rest is common to all marks: see [`marks`]. Both methods fuse through the raster: cells are voted by the members,
//! the outline of the largest part is traced back, and points within a cell of it are left out. `weighted-clusters` weighs
//! the members as masks are weighed ([`smoothed_mask_vote`]), over all polygons of the batch, and smooths the votes over
//! about a hundredth of the size before the outline is traced between the cells; corners about which members disagree
//! are rounded by as much. A lone member stays as it was drawn.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::marks::{self, Fused, MarkKind, Members, ReadError, Vertices, check_points, compare_numbers, points};
pub use super::marks::{Drawn, MarkAnswer, MarksLabel, Method, Params, ShapeError};
use super::{AnnotationKind, Particulars};
use crate::consolidation::mark_consensus::Shape;
use crate::consolidation::mask_overlay::Overlay;
use crate::consolidation::robust_mean::median;
use crate::consolidation::smoothed_mask_vote::{self, MaskedObject};
use crate::field_value::FieldValue;
use crate::geometry::field::Field;
use crate::geometry::point::Point;
use crate::geometry::polygon;
use crate::geometry::raster::Raster;
use crate::label_content::{LabelContent, MarkGeometry};
use crate::typed::{Answers, Consensus};

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "polygon",
    summary: "polygons in an image: crowd-polygon",
    methods: marks::METHODS,
    lone_method: Some(Method::Plain.name()),
    claims: |values, _| marks::claims(values, &POLYGONS),
    configure: |reader| marks::configure(reader, &POLYGONS),
    read_values: |values, _| marks::read_values(values, &POLYGONS),
    label: LabelContent::Marks(MarkGeometry::Polygon),
    as_answer: |decided| marks::as_answer(decided, &POLYGONS),
    simulate: |truth, careful, categories, dice| {
        let looseness = if careful { 2.0 } else { 15.0 };
        marks::redraw(&POLYGONS, truth, careful, categories, dice, |drawn, dice| {
            marks::redraw_points(drawn, looseness, dice)
        })
    },
    examples: &[
        r#"{"polygons": [{"label": "pond", "vertices": [{"x": 30, "y": 40}, {"x": 90, "y": 40}, {"x": 60, "y": 80}]}],
            "inputImageProperties": {"width": 500, "height": 400}}"#,
        r#"{"polygons": []}"#,
    ],
    particulars: Particulars { prefilled_element: Some("crowd-polygon"), ..Particulars::NONE },
};

/// How far from the traced outline points may lie that are left out, in cells.
const TOLERANCE: f64 = 1.0;

/// Over which share of the size votes are smoothed, to every side. A half and twice as much did nearly as well, on both
/// sets of outlines that there are.
const SMOOTHED_SHARE: f64 = 0.01;

/// How many cells of the members' grid, a side, make one of the grid on which weighted votes are smoothed: between the
/// centers of cells the outline is interpolated, so that it need not be as fine.
const COARSER: f64 = 2.0;

/// Consolidates the polygons that workers drew: one consensus per object, in their order.
///
/// Answers name a category per mark or none; [`Answers::categories`] breaks their ties. What the confidence means, and how
/// marks are matched and kept, stands in [`marks`].
///
/// ```
/// use ground_truth::Answers;
/// use ground_truth::annotation_kinds::polygon::{self, Drawn, MarkAnswer, Params, Polygon, ShapeError};
/// use ground_truth::geometry::point::Point;
///
/// let square = |left: f64| {
///     let corners = [(left, 0.0), (left + 600.0, 0.0), (left + 600.0, 600.0), (left, 600.0)];
///     let corners = corners.map(|(x, y)| Point { x, y }).to_vec();
///     Polygon::new(corners).map(|square| MarkAnswer::of([Drawn::new("pond", square)]))
/// };
/// let answers = Answers::from_rows([
///     ("photo-1", "ana", square(0.0)?),
///     ("photo-1", "bo", square(100.0)?),
///     ("photo-1", "cy", square(50.0)?),
/// ]);
///
/// let consensus = polygon::consolidate(&answers, &Params::STANDARD);
/// let pond = &consensus[0].label.marks[0];
/// assert!(pond.shape.vertices().iter().all(|corner| corner.x > 49.0 && corner.x < 651.0));
/// assert_eq!(pond.n_workers, 3);
/// # Ok::<(), ShapeError>(())
/// ```
pub fn consolidate(answers: &Answers<MarkAnswer<Polygon>>, params: &Params) -> Vec<Consensus<MarksLabel<Polygon>>> {
    marks::consolidate_drawn(answers, &POLYGONS, params)
}

static POLYGONS: MarkKind<Polygon> = MarkKind {
    lists: &["polygons"],
    arrange: None,
    // Lines have the same members, so a bare list is only read where the plan names the kind.
    telling: &[],
    nouns: ("polygon", "polygons"),
    plain: Method::Plain.name(),
    threshold: ("iouThreshold", 0.4, 0.35),
    // Categories break ties between neighbors; a disagreement about the category alone separates nothing.
    other_category: 0.75,
    max_pairs: marks::MAX_COSTLY_PAIRS,
    read,
    prepare: |_, _| {},
    compare: |a, b| compare_numbers(a.numbers(), b.numbers()),
    fuse,
    reading_order: |outline| (outline.bounds[1], outline.bounds[0]),
};

/// The most corners of one polygon; a free hand leaves hundreds.
const MAX_VERTICES: usize = 10_000;

/// A polygon in an image: its corners in pixels, origin top left, and the cells it covers. The last corner is joined with the
/// first.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon {
    vertices: Vec<Point>,
    bounds: [f64; 4],
    cell: f64,
    raster: Raster,
}

impl Polygon {
    /// A polygon with these corners; a last one that repeats the first is dropped.
    ///
    /// # Errors
    /// [`ShapeError`] when there are fewer than three corners or more than 10,000, or no area within.
    pub fn new(mut vertices: Vec<Point>) -> Result<Self, ShapeError> {
        check_points(&vertices, MAX_VERTICES)?;
        if vertices.len() > 1 && vertices.first() == vertices.last() {
            vertices.pop();
        }
        if vertices.len() < 3 {
            return Err(ShapeError::TooFewVertices);
        }
        Self::around(vertices).ok_or(ShapeError::NoArea)
    }

    /// The corners in drawing order; the last joins the first.
    pub fn vertices(&self) -> &[Point] {
        &self.vertices
    }

    fn around(vertices: Vec<Point>) -> Option<Self> {
        let bounds = polygon::bounds(&vertices)?;
        let cell = polygon::cell_size(&vertices);
        let raster = Raster::fill(&vertices, cell);
        (raster.n_cells() > 0).then_some(Self { vertices, bounds, cell, raster })
    }

    fn larger_side(&self) -> f64 {
        let [left, top, right, bottom] = self.bounds;
        (right - left).max(bottom - top)
    }

    fn numbers(&self) -> impl Iterator<Item = f64> + '_ {
        self.bounds.into_iter().chain(self.vertices.iter().flat_map(|point| [point.x, point.y]))
    }

    /// The area on a coarser grid than its own, or on its own.
    fn on_grid(&self, cell: f64) -> std::borrow::Cow<'_, Raster> {
        if cell > self.cell {
            std::borrow::Cow::Owned(Raster::fill(&self.vertices, cell))
        } else {
            std::borrow::Cow::Borrowed(&self.raster)
        }
    }
}

impl Shape for Polygon {
    fn reach(&self) -> (f64, f64) {
        (self.bounds[0], self.bounds[2])
    }

    fn similarity(&self, other: &Self) -> f64 {
        // Most neighbors are told apart without a look at their cells.
        let side = |low: usize, high: usize| {
            self.bounds[high].min(other.bounds[high]) - self.bounds[low].max(other.bounds[low])
        };
        let (width, height) = (side(0, 2), side(1, 3));
        if width <= 0.0 || height <= 0.0 {
            return 0.0;
        }
        let cell = self.cell.max(other.cell);
        self.on_grid(cell).iou(&other.on_grid(cell))
    }
}

impl Serialize for Polygon {
    /// The members that it has in a label.
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        Vertices::of(&self.vertices).serialize(serializer)
    }
}

fn read(drawn: FieldValue<'_>) -> Result<Option<Polygon>, ReadError> {
    Ok(Some(Polygon::new(points(drawn, MAX_VERTICES)?)?))
}

fn fuse(clusters: &[Members<'_, Polygon>], n_workers: usize, method: Method) -> Vec<Option<Fused<Polygon>>> {
    let outlines: Vec<Option<Polygon>> = match method {
        Method::Plain => clusters.iter().map(|members| agreed(members).or_else(|| fuse_plainly(members))).collect(),
        Method::Weighted => fuse_weighted(clusters, n_workers),
    };
    outlines.into_iter().map(|outline| outline.map(Fused::near)).collect()
}

/// The outline that all members drew, if they did.
fn agreed(members: &Members<'_, Polygon>) -> Option<Polygon> {
    let first = *members.shapes.first()?;
    members.shapes.iter().all(|outline| outline.vertices == first.vertices).then(|| first.clone())
}

/// The largest of the members' cells.
fn common_cell(members: &Members<'_, Polygon>) -> f64 {
    members.shapes.iter().map(|outline| outline.cell).fold(0.0, f64::max)
}

fn fuse_plainly(members: &Members<'_, Polygon>) -> Option<Polygon> {
    let cell = common_cell(members);
    let grids: Vec<_> = members.shapes.iter().map(|outline| outline.on_grid(cell)).collect();
    let grids: Vec<&Raster> = grids.iter().map(AsRef::as_ref).collect();
    Polygon::around(polygon::simplify(&vote(&grids)?.outline(), TOLERANCE * cell))
}

fn fuse_weighted(clusters: &[Members<'_, Polygon>], n_workers: usize) -> Vec<Option<Polygon>> {
    let disputed: Vec<(usize, Vec<Raster>)> = clusters
        .iter()
        .enumerate()
        .filter(|(_, members)| agreed(members).is_none())
        .map(|(cluster_idx, members)| {
            let cell = COARSER * common_cell(members);
            (cluster_idx, members.shapes.iter().map(|outline| Raster::fill(&outline.vertices, cell)).collect())
        })
        .collect();
    let masked = |(cluster_idx, areas): &(usize, Vec<Raster>)| {
        let maps = Raster::label_maps(&areas.iter().collect::<Vec<_>>())?;
        let overlay = Overlay::new(&maps.iter().collect::<Vec<_>>()).ok()?;
        Some((*cluster_idx, MaskedObject { overlay, workers: clusters[*cluster_idx].workers.clone() }))
    };
    let (judged, masked): (Vec<usize>, Vec<MaskedObject>) = disputed.iter().filter_map(masked).unzip();
    let weights = smoothed_mask_vote::mask_weights(&masked, n_workers, &smoothed_mask_vote::Params::STANDARD);
    let weights: BTreeMap<usize, Vec<f64>> = judged.into_iter().zip(weights).collect();
    let mut fused: Vec<Option<Polygon>> = clusters.iter().map(agreed).collect();
    for (cluster_idx, areas) in &disputed {
        let members = &clusters[*cluster_idx];
        fused[*cluster_idx] = weights
            .get(cluster_idx)
            .and_then(|weights| trace_smoothed(members, areas, weights))
            .or_else(|| fuse_plainly(members));
    }
    fused
}

/// The outline of the cells with more weight for them than against them, around them. Where the weights are even over a
/// whole strip, as between two members, the strip is in or out, whichever comes nearer to the median area.
fn trace_smoothed(members: &Members<'_, Polygon>, areas: &[Raster], weights: &[f64]) -> Option<Polygon> {
    let cell = COARSER * common_cell(members);
    let mut sides: Vec<f64> = members.shapes.iter().map(|outline| outline.larger_side()).collect();
    let radius = (SMOOTHED_SHARE * median(&mut sides) / cell).round() as usize;
    let field = Field::balance(&areas.iter().collect::<Vec<_>>(), weights, radius + 1)?.smoothed(radius);
    let median_area = median(&mut areas.iter().map(|area| area.n_cells() as f64).collect::<Vec<_>>());
    let off = |level: &f64| (field.n_above(*level) as f64 - median_area).abs();
    let even = EVEN * weights.iter().sum::<f64>();
    let level = [even, -even].into_iter().min_by(|a, b| off(a).total_cmp(&off(b)))?;
    Polygon::around(polygon::simplify(&field.outline(level), TOLERANCE * common_cell(members)))
}

/// Weights whose difference is a smaller share of their sum are even.
const EVEN: f64 = 1e-6;

/// The cells that at least half of the members hold; of an even number, at least half or more than half, whichever area is
/// nearer to the members' median area, so that of two workers neither the larger nor the smaller always wins.
fn vote(grids: &[&Raster]) -> Option<Raster> {
    let mut areas: Vec<f64> = grids.iter().map(|grid| grid.n_cells() as f64).collect();
    let median_area = median(&mut areas);
    let off = |raster: &Raster| (raster.n_cells() as f64 - median_area).abs();
    let elected = [grids.len().div_ceil(2), grids.len() / 2 + 1].map(|least| Raster::vote(grids, least));
    elected.into_iter().filter(|raster| raster.n_cells() > 0).min_by(|a, b| off(a).total_cmp(&off(b)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{label_of, labels};
    use super::super::typed_tests::{check_marks, three_points};
    use super::*;

    /// A square as a worker's answer.
    fn square(left: i64, top: i64, side: i64) -> Value {
        let corners = [(left, top), (left + side, top), (left + side, top + side), (left, top + side)];
        json!({"polygons": [{"label": "pond", "vertices": corners.map(|(x, y)| json!({"x": x, "y": y}))}]})
    }

    fn vertices(label: &serde_json::Map<String, Value>) -> Vec<[f64; 2]> {
        let vertices = label["annotations"][0]["vertices"].as_array().expect("a list").iter();
        vertices.map(|vertex| ["x", "y"].map(|name| vertex[name].as_f64().expect("a number"))).collect()
    }

    fn check(parameters: Value, answers: Value, expected: &[[f64; 2]]) {
        assert_eq!(vertices(&label_of(&KIND, parameters, answers).members), expected);
    }

    /// How far a label's area overlaps with a square.
    fn overlap_with(label: &serde_json::Map<String, Value>, left: f64, top: f64, side: f64) -> f64 {
        let fill = |points: &[[f64; 2]]| {
            Raster::fill(&points.iter().map(|[x, y]| Point { x: *x, y: *y }).collect::<Vec<_>>(), 0.25)
        };
        let (right, bottom) = (left + side, top + side);
        fill(&vertices(label)).iou(&fill(&[[left, top], [right, top], [right, bottom], [left, bottom]]))
    }

    #[test]
    fn cells_are_voted_and_traced_back() {
        let answers = json!([square(0, 0, 600), square(100, 0, 600), square(50, 0, 600)]);
        check(
            json!({"method": "plain-clusters"}),
            answers.clone(),
            &[[50.0, 0.0], [650.0, 0.0], [650.0, 600.0], [50.0, 600.0]],
        );
        let smoothed = label_of(&KIND, json!({}), answers).members;
        assert!(overlap_with(&smoothed, 50.0, 0.0, 600.0) > 0.99, "{smoothed:?}");
        assert!(vertices(&smoothed).len() < 20, "{smoothed:?}");
    }

    #[test]
    fn between_two_near_outlines_the_middle_is_taken() {
        let label = label_of(&KIND, json!({}), json!([square(0, 0, 600), square(4, 4, 592)])).members;
        assert!(overlap_with(&label, 2.0, 2.0, 596.0) > 0.997, "{label:?}");
    }

    /// Two workers draw well, two by turns too far to either side.
    #[test]
    fn a_steady_worker_weighs_more() {
        let objects: Vec<Vec<Value>> = (0..12)
            .map(|n| {
                let off = if n % 2 == 0 { 90 } else { -90 };
                vec![square(0, 0, 600), square(off, 10 - off, 600), square(4, -4, 600), square(-off, off / 2, 600)]
            })
            .collect();
        let labels = labels(&KIND, &objects);
        let mean = labels.iter().map(|label| overlap_with(label, 0.0, 0.0, 600.0)).sum::<f64>() / 12.0;
        assert!(mean > 0.97, "{mean}");
    }

    #[test]
    fn a_lone_polygon_stays_as_it_was_drawn() {
        let drawn = json!({"polygons": [{"vertices": [[0.3, 0.2], [9, 1], [4, 7.5], [0.3, 0.2]]}]});
        check(json!({}), json!([drawn]), &[[0.3, 0.2], [9.0, 1.0], [4.0, 7.5]]);
    }

    #[test]
    fn what_has_no_area_is_set_aside() {
        let flat = json!({"polygons": [{"vertices": [{"x": 0, "y": 0}, {"x": 9, "y": 0}, {"x": 4, "y": 0}]},
            {"vertices": [{"x": 0, "y": 0}, {"x": 9, "y": 0}]}, {"vertices": [{"x": 1e9, "y": 0}]}, {"label": "pond"}]});
        let outcome = label_of(&KIND, json!({}), json!([flat]));
        let reasons: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "polygon 0: the polygon has no area",
                "polygon 1: fewer than three vertices",
                "polygon 2: a vertex is not a point of an image",
                "polygon 3: vertices are missing"
            ]
        );
    }

    #[test]
    fn typed_answers_give_the_same() {
        check_marks(&KIND, "polygons", [&Params::STANDARD, &Params::PLAIN], consolidate, |wobble| {
            let (members, corners) = three_points(wobble);
            (members, Polygon::new(corners).expect("a polygon"))
        });
    }
}
