//! Polygons in an image: `crowd-polygon`.
//!
//! Polygons are similar by the intersection over union of their areas (`iouThreshold`), measured on cells of about a
//! thousandth of their size ([`raster`](crate::geometry::raster)). What an outline winds around is inside, also where a
//! free hand crosses its own line.
//!
//! The rest is common to all marks: see [`marks`]. Both methods fuse through the raster: cells are voted by the members,
//! the outline of the largest part is traced back, and points within a cell of it are left out. Weighing the members did
//! not help on any data we have. A lone member stays as it was drawn.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::AnnotationKind;
use super::marks::{
    self, Fused, MarkAnswer, MarkKind, MarksLabel, Members, Method, Params, ReadError, ShapeError, Vertices,
    check_points, compare_numbers, points,
};
use crate::consolidation::mark_consensus::Shape;
use crate::consolidation::robust_mean::median;
use crate::geometry::point::Point;
use crate::geometry::polygon;
use crate::geometry::raster::Raster;
use crate::typed::{Answers, Consensus};

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "polygon",
    summary: "polygons in an image: crowd-polygon",
    methods: &[marks::WEIGHTED, marks::PLAIN],
    claims: |values, _| marks::claims(values, &POLYGONS),
    configure: |reader| marks::configure(reader, &POLYGONS),
    built_in_label: None,
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
};

/// How far from the traced outline points may lie that are left out, in cells.
const TOLERANCE: f64 = 1.0;

/// What the plan takes where it says nothing: the method `weighted-clusters`.
pub const STANDARD: Params = Params::weighted(0.35);

/// The method that looks at each object alone, with the plan's parameters for it.
pub const PLAIN: Params = Params::plain(0.4);

/// Consolidates the polygons that workers drew: one consensus per object, in their order.
///
/// Answers name a category per mark or none; [`Answers::categories`] breaks their ties. What the confidence means, and how
/// marks are matched and kept, stands in [`marks`].
///
/// ```
/// use ground_truth::annotation_kinds::polygon::{self, Polygon, STANDARD};
/// use ground_truth::annotation_kinds::marks::{Drawn, MarkAnswer, ShapeError};
/// use ground_truth::typed::Answers;
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
/// let consensus = polygon::consolidate(&answers, &STANDARD);
/// let pond = &consensus[0].label.marks[0];
/// assert_eq!(pond.shape.vertices()[0], Point { x: 50.0, y: 0.0 });
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
    plain: marks::PLAIN,
    threshold: ("iouThreshold", &PLAIN, &STANDARD),
    // Categories break ties between neighbors; a disagreement about the category alone separates nothing.
    other_category: 0.75,
    most_pairs: marks::MOST_COSTLY_PAIRS,
    read,
    prepare: |_, _| {},
    compare: |a, b| compare_numbers(a.numbers(), b.numbers()),
    fuse,
    reading_order: |outline| (outline.bounds[1], outline.bounds[0]),
};

/// The most corners of one polygon; a free hand leaves hundreds.
const MOST_VERTICES: usize = 10_000;

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
        check_points(&vertices, MOST_VERTICES)?;
        if vertices.len() > 1 && vertices.first() == vertices.last() {
            vertices.pop();
        }
        if vertices.len() < 3 {
            return Err(ShapeError::TooFewVertices);
        }
        Self::around(vertices).ok_or(ShapeError::NoArea)
    }

    /// The corners.
    pub fn vertices(&self) -> &[Point] {
        &self.vertices
    }

    fn around(vertices: Vec<Point>) -> Option<Self> {
        let bounds = polygon::bounds(&vertices)?;
        let cell = polygon::suitable_cell(&vertices);
        let raster = Raster::fill(&vertices, cell);
        (raster.n_cells() > 0).then_some(Self { vertices, bounds, cell, raster })
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

fn read(drawn: &Value) -> Result<Option<Polygon>, ReadError> {
    Ok(Some(Polygon::new(points(drawn, MOST_VERTICES)?)?))
}

fn fuse(clusters: &[Members<'_, Polygon>], _: usize, _: Method) -> Vec<Option<Fused<Polygon>>> {
    clusters.iter().map(|members| Some(Fused::near(fuse_cluster(&members.shapes)?))).collect()
}

fn fuse_cluster(outlines: &[&Polygon]) -> Option<Polygon> {
    let first = *outlines.first()?;
    if outlines.iter().all(|outline| outline.vertices == first.vertices) {
        return Some(first.clone());
    }
    let cell = outlines.iter().map(|outline| outline.cell).fold(first.cell, f64::max);
    let grids: Vec<_> = outlines.iter().map(|outline| outline.on_grid(cell)).collect();
    let grids: Vec<&Raster> = grids.iter().map(AsRef::as_ref).collect();
    Polygon::around(polygon::simplify(&vote(&grids)?.outline(), TOLERANCE * cell))
}

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
    use serde_json::json;

    use super::super::tests::label_of;
    use super::*;

    /// A square as a worker's answer.
    fn square(left: i64, top: i64, side: i64) -> Value {
        let corners = [(left, top), (left + side, top), (left + side, top + side), (left, top + side)];
        json!({"polygons": [{"label": "pond", "vertices": corners.map(|(x, y)| json!({"x": x, "y": y}))}]})
    }

    fn check(answers: Value, expected: &[[f64; 2]]) {
        let outcome = label_of(&KIND, json!({}), answers);
        let vertices: Vec<[f64; 2]> = outcome.members["annotations"][0]["vertices"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|vertex| ["x", "y"].map(|name| vertex[name].as_f64().expect("a number")))
            .collect();
        assert_eq!(vertices, expected);
    }

    #[test]
    fn cells_are_voted_and_traced_back() {
        check(
            json!([square(0, 0, 600), square(100, 0, 600), square(50, 0, 600)]),
            &[[50.0, 0.0], [650.0, 0.0], [650.0, 600.0], [50.0, 600.0]],
        );
    }

    #[test]
    fn a_lone_polygon_stays_as_it_was_drawn() {
        let drawn = json!({"polygons": [{"vertices": [[0.3, 0.2], [9, 1], [4, 7.5], [0.3, 0.2]]}]});
        check(json!([drawn]), &[[0.3, 0.2], [9.0, 1.0], [4.0, 7.5]]);
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
                "polygon 2: a vertex is no point of an image",
                "polygon 3: vertices are missing"
            ]
        );
    }
}
