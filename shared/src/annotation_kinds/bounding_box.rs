//! Boxes in an image: `crowd-bounding-box`, or the list of boxes that a script put into a hidden input. A box with a
//! `rotation` (degrees clockwise about its center) is taken as it stands.
//!
//! Boxes are similar by their intersection over union (`iouThreshold`). The rest is common to all marks: see
//! [`marks`]. `weighted-clusters` fuses each edge by a [`robust_mean`] in which a worker's looseness counts in units of
//! the square root of the box's size, between errors of a fixed number of pixels and errors in proportion; the plain
//! method, `iou-clusters`, takes the median of each edge. Rotated boxes are fused by center, sides and angle instead.

use serde::{Serialize, Serializer};

use super::marks::{self, Fused, MarkKind, Members, ReadError, compare_numbers, settled};
pub use super::marks::{Drawn, MarkAnswer, MarksLabel, Method, Params, ShapeError};
use super::{AnnotationKind, Particulars};
use crate::consolidation::mark_consensus::Shape;
use crate::consolidation::robust_mean::{self, Versions};
use crate::dice::Dice;
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::geometry::angle;
use crate::geometry::rect::Rect;
use crate::geometry::rotated_rect::RotatedRect;
use crate::label_content::{BuiltInTask, LabelContent, MarkGeometry};
use crate::typed::{Answers, Consensus};
use crate::vocabulary::Pixels;

const IOU_CLUSTERS: &str = "iou-clusters";

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "bounding-box",
    summary: "boxes in an image: crowd-bounding-box",
    methods: &[Method::Weighted.name(), IOU_CLUSTERS],
    lone_method: Some(IOU_CLUSTERS),
    claims: |values, _| marks::claims(values, &BOXES),
    configure: |reader| marks::configure(reader, &BOXES),
    read_values: |values, _| marks::read_values(values, &BOXES),
    label: LabelContent::Marks(MarkGeometry::Box),
    as_answer: |decided| marks::as_answer(decided, &BOXES),
    simulate: |truth, careful, categories, dice| {
        let looseness = if careful { 0.06 } else { 0.35 };
        marks::redraw(&BOXES, truth, careful, categories, dice, |drawn, dice| redraw(drawn, looseness, dice))
    },
    examples: &[
        r#"{"boundingBoxes": [{"label": "otter", "left": 40, "top": 22, "width": 90, "height": 60}],
            "inputImageProperties": {"width": 1280, "height": 720}}"#,
        r#"{"boundingBoxes": [], "inputImageProperties": {"width": 1280, "height": 720}}"#,
        r#"[{"label": "otter", "left": 40, "top": 22, "width": 90, "height": 60}]"#,
        r#""[{\"left\": 40.5, \"top\": 22, \"width\": 90, \"height\": 60}]""#,
        r#"[{"label": "otter", "left": 40, "top": 22, "width": 90, "height": 60, "rotation": 30}]"#,
    ],
    particulars: Particulars {
        built_in: Some(BuiltInTask::ObjectDetection),
        prefilled_element: Some("crowd-bounding-box"),
        ..Particulars::NONE
    },
};

/// Consolidates the boxes that workers drew: one consensus per object, in their order.
///
/// Answers name a category per mark or none; [`Answers::categories`] breaks their ties. What the confidence means, and how
/// marks are matched and kept, stands in [`marks`].
///
/// ```
/// use ground_truth::Answers;
/// use ground_truth::annotation_kinds::bounding_box::{self, BoundingBox, Drawn, MarkAnswer, Params, ShapeError};
///
/// let drawn = |left| Ok::<_, ShapeError>(MarkAnswer::of([Drawn::new("otter", BoundingBox::new(left, 22.0, 90.0, 60.0)?)]));
/// let answers = Answers::from_rows([
///     ("photo-1", "ana", drawn(40.0)?),
///     ("photo-1", "bo", drawn(42.0)?),
///     ("photo-1", "cy", MarkAnswer::of([])),
/// ]);
///
/// let consensus = bounding_box::consolidate(&answers, &Params::STANDARD);
/// let otter = &consensus[0].label.marks[0];
/// assert_eq!((otter.shape.rect().left(), otter.n_workers), (41.0, 2));
/// assert!(otter.confidence.value() > 0.5);
/// # Ok::<(), ShapeError>(())
/// ```
#[doc(alias("weighted boxes fusion", "WBF", "object detection"))]
pub fn consolidate(
    answers: &Answers<MarkAnswer<BoundingBox>>,
    params: &Params,
) -> Vec<Consensus<MarksLabel<BoundingBox>>> {
    marks::consolidate_drawn(answers, &BOXES, params)
}

static BOXES: MarkKind<BoundingBox> = MarkKind {
    lists: &["boundingBoxes"],
    arrange: None,
    telling: &["left", "top", "width", "height"],
    nouns: ("box", "boxes"),
    plain: IOU_CLUSTERS,
    threshold: ("iouThreshold", 0.4, 0.35),
    // Categories break ties between neighbors; a disagreement about the category alone separates nothing.
    other_category: 0.75,
    max_pairs: marks::MAX_PAIRS,
    read,
    prepare: |_, _| {},
    compare: |a, b| compare_numbers(a.numbers(), b.numbers()),
    fuse,
    reading_order: |shape| (shape.0.rect.top(), shape.0.rect.left()),
};

/// A box in an image: pixels, origin top left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundingBox(RotatedRect);

impl BoundingBox {
    /// A box with upright sides.
    ///
    /// # Errors
    /// [`ShapeError::Rect`] when it has no area or lies outside any image.
    pub fn new(left: f64, top: f64, width: f64, height: f64) -> Result<Self, ShapeError> {
        Ok(Self(RotatedRect::new(Rect::new(left, top, width, height)?, 0.0)))
    }

    /// The same box turned clockwise about its center.
    ///
    /// # Errors
    /// [`ShapeError::NoNumber`] when `degrees` is not a finite number.
    pub fn rotated(self, degrees: f64) -> Result<Self, ShapeError> {
        if !degrees.is_finite() {
            return Err(ShapeError::NoNumber("rotation"));
        }
        Ok(Self(RotatedRect::new(self.0.rect, degrees)))
    }

    /// The box before it is turned.
    pub fn rect(&self) -> &Rect {
        &self.0.rect
    }

    /// By how many degrees it is turned clockwise, in [0, 180).
    pub fn degrees(&self) -> f64 {
        self.0.degrees
    }

    fn numbers(&self) -> [f64; 5] {
        let rect = &self.0.rect;
        [rect.left(), rect.top(), rect.right(), rect.bottom(), self.0.degrees]
    }
}

impl Serialize for BoundingBox {
    /// The members that it has in a label.
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        BoxMembers::of(self).serialize(serializer)
    }
}

impl Shape for BoundingBox {
    fn reach(&self) -> (f64, f64) {
        self.0.reach()
    }

    fn similarity(&self, other: &Self) -> f64 {
        self.0.iou(&other.0)
    }
}

/// A box in a label; `rotation` is there only when the box is turned.
#[derive(Serialize)]
struct BoxMembers {
    left: Pixels,
    top: Pixels,
    width: Pixels,
    height: Pixels,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation: Option<Pixels>,
}

impl BoxMembers {
    fn of(shape: &BoundingBox) -> Self {
        let rect = &shape.0.rect;
        Self {
            left: Pixels(settled(rect.left())),
            top: Pixels(settled(rect.top())),
            width: Pixels(settled(rect.width())),
            height: Pixels(settled(rect.height())),
            rotation: shape.0.is_rotated().then_some(Pixels(settled(shape.0.degrees))),
        }
    }
}

fn read(drawn: FieldValue<'_>) -> Result<Option<BoundingBox>, ReadError> {
    let [left, top, width, height] =
        drawn.numbers(["left", "top", "width", "height"]).ok_or("left, top, width or height is missing")?;
    let upright = BoundingBox::new(left, top, width, height)?;
    let rotation = drawn.member("rotation").map_or(Some(0.0), FieldValue::number);
    let degrees = rotation.ok_or(ShapeError::NoNumber("rotation"))?;
    Ok(Some(upright.rotated(degrees)?))
}

fn fuse(clusters: &[Members<'_, BoundingBox>], n_workers: usize, method: Method) -> Vec<Option<Fused<BoundingBox>>> {
    let versions: Vec<Versions> = clusters.iter().map(versions).collect();
    let centers = match method {
        Method::Plain => versions.iter().map(robust_mean::coordinate_median).collect(),
        Method::Weighted => robust_mean::fit(&versions, n_workers, &robust_mean::Params::EDGES_OF_BOXES).centers,
    };
    let fused = |(members, center): (&Members<'_, BoundingBox>, Vec<f64>)| {
        let &[a, b, c, d] = center.as_slice() else { return None };
        let (rect, degrees) = match base_angle(members) {
            None => (Rect::new(a, b, c - a, d - b), 0.0),
            Some(base) => (Rect::new(a - c / 2.0, b - d / 2.0, c, d), mean_angle(members, base)),
        };
        // Edges that cross would not be a box; versions of one box that overlap do not bring that about.
        let rect = rect.ok().or_else(|| members.shapes.first().map(|shape| shape.0.rect))?;
        Some(Fused::near(BoundingBox(RotatedRect::new(rect, degrees))))
    };
    clusters.iter().zip(centers).map(fused).collect()
}

/// The coordinates that are fused: edges, or center and sides where a member is turned.
fn versions(members: &Members<'_, BoundingBox>) -> Versions {
    let base = base_angle(members);
    let mut coordinates = Vec::with_capacity(4 * members.shapes.len());
    let mut sides = 0.0;
    for shape in &members.shapes {
        let rect = &shape.0.rect;
        sides += (rect.width() + rect.height()) / 2.0;
        match base {
            None => coordinates.extend([rect.left(), rect.top(), rect.right(), rect.bottom()]),
            Some(base) => {
                let center = shape.0.center();
                let (width, height) = if is_quarter_off(shape, base) {
                    (rect.height(), rect.width())
                } else {
                    (rect.width(), rect.height())
                };
                coordinates.extend([center.x, center.y, width, height]);
            }
        }
    }
    let size = (sides / members.shapes.len().max(1) as f64).max(1e-3).sqrt();
    Versions { workers: members.workers.clone(), coordinates, size }
}

/// The angle that the members are compared with: the first one's, if any member is turned.
fn base_angle(members: &Members<'_, BoundingBox>) -> Option<f64> {
    let base = members.shapes.first()?.0.degrees;
    members.shapes.iter().any(|shape| shape.0.is_rotated()).then_some(base)
}

/// Whether a box is nearer to the base when its sides are exchanged and it is turned by a quarter.
fn is_quarter_off(shape: &BoundingBox, base: f64) -> bool {
    angle::difference(shape.0.degrees, base, 180.0).abs() > 45.0
}

fn mean_angle(members: &Members<'_, BoundingBox>, base: f64) -> f64 {
    let straightened = members.shapes.iter().map(|shape| {
        let quarter = if is_quarter_off(shape, base) { 90.0 } else { 0.0 };
        (shape.0.degrees + quarter, 1.0)
    });
    angle::circular_mean(straightened, 180.0).unwrap_or(base)
}

/// The same box with each number moved by up to `looseness` of the box's size.
fn redraw(drawn: FieldValue<'_>, looseness: f64, dice: &mut Dice) -> FieldValueBuf {
    let size = |name| drawn.member(name).and_then(FieldValue::number).unwrap_or_default();
    let sides = [("left", "width"), ("top", "height"), ("width", "width"), ("height", "height")];
    sides.into_iter().fold(drawn.to_buf(), |redrawn, (name, side)| {
        let moved = (size(name) + dice.noise() * looseness * size(side)).round();
        redrawn.with_member(name, Pixels(if name == side { moved.max(1.0) } else { moved }))
    })
}

#[cfg(test)]
mod tests {
    use super::super::marks::{Drawn, Keep, KeepRules, MarkAnswer};
    use super::super::tests::{label_of, mistakes};
    use serde_json::{Value, json};

    use super::super::typed_tests::{Crowd, check_marks, check_range};
    use super::*;
    use crate::batch::{Quorum, Unresolved};

    /// Workers' boxes as text: workers separated by `/`, boxes by blanks, each `label:left,top,width,height`.
    fn values(workers: &str) -> Value {
        let drawn = |text: &str| {
            let (label, numbers) = text.split_once(':').expect("label:numbers");
            let numbers: Vec<f64> = numbers.split(',').map(|number| number.parse().expect("a number")).collect();
            json!({"label": label, "left": numbers[0], "top": numbers[1], "width": numbers[2], "height": numbers[3]})
        };
        let answer = |boxes: &str| json!({ "boundingBoxes": boxes.split_whitespace().map(drawn).collect::<Vec<_>>() });
        workers.split('/').map(answer).collect()
    }

    /// The label that the plain method gives.
    fn check(mut parameters: Value, workers: &str, expected: &str) {
        parameters["method"] = json!(IOU_CLUSTERS);
        check_with(parameters, workers, expected);
    }

    fn check_with(parameters: Value, workers: &str, expected: &str) {
        let outcome = label_of(&KIND, parameters, values(workers));
        let boxes = outcome.members["annotations"].as_array().expect("a list").iter().map(|fused| {
            let number = |name| &fused[name];
            format!(
                "{}:{},{},{},{} {}/{}",
                fused["label"].as_str().expect("a label"),
                number("left"),
                number("top"),
                number("width"),
                number("height"),
                number("confidence"),
                number("workers"),
            )
        });
        let confidence = outcome.confidence.map(|confidence| format!("= {}", confidence.rounded()));
        let text: Vec<String> =
            boxes.chain(confidence).chain(outcome.unresolved.map(|reason| reason.to_string())).collect();
        assert_eq!(text.join(" "), expected, "{workers}");
    }

    #[test]
    fn boxes_are_matched_and_each_edge_is_a_median() {
        check(json!({}), "a:0,0,10,10 / a:1,0,10,10 / a:2,1,10,10", "a:1,0,10,10 1.0/3 = 1");
        check(json!({}), "a:0,0,10,10 / a:1,0,10,10", "a:0.5,0,10,10 1.0/2 = 1");
    }

    #[test]
    fn the_class_is_voted_after_matching() {
        check(json!({}), "a:0,0,10,10 / b:0,0,10,10 / b:0,0,10,10", "b:0,0,10,10 0.67/3 = 0.67");
        check(json!({"categories": ["b", "a"]}), "a:0,0,10,10 / b:0,0,10,10", "b:0,0,10,10 0.5/2 = 0.5");
    }

    #[test]
    fn the_quorum_counts_all_who_answered() {
        check(json!({}), "a:0,0,10,10 / / ", "= 0.67");
        check(json!({}), "a:0,0,10,10 / a:0,0,10,10 / ", "a:0,0,10,10 0.67/2 = 0.67");
        check(json!({"keep": {"workers": 1}}), "a:0,0,10,10 / / ", "a:0,0,10,10 0.33/1 = 0.33");
        check(json!({"keep": {"share": 0.7}}), "a:0,0,10,10 / a:0,0,10,10 / ", "= 0.33");
        check(json!({"quorum": {"workers": 2}}), "a:0,0,10,10", "quorum-not-reached");
        check(json!({}), " / / ", "= 1");
    }

    #[test]
    fn no_worker_stands_twice_in_a_cluster() {
        check(
            json!({}),
            "a:0,0,10,10 b:2,0,10,10 / a:0,0,10,10 b:2,0,10,10",
            "a:0,0,10,10 1.0/2 b:2,0,10,10 1.0/2 = 1",
        );
        check(json!({}), "a:0,0,10,10 a:0,0,10,10 / ", "a:0,0,10,10 0.5/1 = 0.5");
    }

    #[test]
    fn the_threshold_is_the_callers() {
        let workers = "a:0,0,10,10 / a:5,0,10,10";
        check(json!({"iouThreshold": 0.3}), workers, "a:2.5,0,10,10 1.0/2 = 1");
        check(json!({"iouThreshold": 0.4, "keep": {"workers": 2}}), workers, "= 0");
    }

    #[test]
    fn the_matching_can_be_the_best_one() {
        let workers = "a:10,0,10,10 a:15,0,10,10 / a:12,0,10,10 a:7,0,10,10";
        check(json!({}), workers, "a:11,0,10,10 1.0/2 a:7,0,10,10 0.5/1 a:15,0,10,10 0.5/1 = 0.67");
        check(json!({"matching": "optimal"}), workers, "a:8.5,0,10,10 1.0/2 a:13.5,0,10,10 1.0/2 = 1");
        assert_eq!(
            mistakes(&KIND, json!({"matching": "best"})),
            "fields.field.matching: must be `greedy` or `optimal`"
        );
    }

    #[test]
    fn a_bad_box_costs_the_box_and_a_bad_answer_the_answer() {
        let good = json!({"label": "a", "left": "1", "top": 1, "width": 5, "height": 5});
        let outcome = label_of(
            &KIND,
            json!({}),
            json!([[good, {"left": 1, "top": 1, "width": 0, "height": 5}, {"left": 1}], {"boundingBoxes": 7}, "text"]),
        );
        let reasons: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "the value is not a list of boxes",
                "the value is not a list of boxes",
                "box 1: the box has no area",
                "box 2: left, top, width or height is missing"
            ]
        );
        assert_eq!((outcome.n_workers, outcome.members["annotations"].as_array().map(Vec::len)), (1, Some(1)));
    }

    #[test]
    fn the_image_size_is_the_most_frequent_one() {
        let sized = |width| json!({"boundingBoxes": [], "inputImageProperties": {"width": width, "height": 480}});
        let outcome = label_of(&KIND, json!({}), json!([sized(640), sized(640), sized(1), {"boundingBoxes": []}]));
        assert_eq!(outcome.members["imageSize"], json!({"width": 640, "height": 480}));
    }

    #[test]
    fn boxes_without_labels_stay_without() {
        let unlabeled = json!([{"left": 0, "top": 0, "width": 5, "height": 5}]);
        let outcome = label_of(&KIND, json!({}), json!([unlabeled, unlabeled]));
        assert_eq!(
            outcome.members["annotations"],
            json!([{"label": null, "left": 0, "top": 0, "width": 5, "height": 5, "confidence": 0.99, "workers": 2}])
        );
    }

    #[test]
    fn overlaps_beyond_comparison_leave_the_object_unresolved() {
        let pile = |shift: usize| -> Value {
            (0..1500).map(|n| json!({"left": shift, "top": 0, "width": 100_000 + n, "height": 100})).collect()
        };
        let outcome = label_of(&KIND, json!({}), json!([pile(0), pile(1)]));
        assert_eq!(outcome.unresolved, Some(Unresolved::TooManyOverlaps));
        let outcome = label_of(&KIND, json!({}), json!([vec![json!({}); 5_001]]));
        assert_eq!(outcome.rejected[0].reason, "the answer has 5001 boxes, more than 5000");
    }

    #[test]
    fn what_the_crowd_is_like_decides_what_is_kept() {
        check_with(json!({}), "a:0,0,10,10 / a:1,0,10,10 / a:2,1,10,10", "a:0.99,0.31,10,10 0.99/3 = 0.99");
        check_with(json!({}), "a:0,0,10,10", "a:0,0,10,10 0.87/1 = 0.87");
        check_with(json!({}), "a:0,0,10,10 / / ", "= 0.75");
        check_with(json!({"keep": {"posterior": 0.1}}), "a:0,0,10,10 / / ", "a:0,0,10,10 0.23/1 = 0.23");
        check_with(json!({}), " / / ", "= 1");
    }

    #[test]
    fn categories_can_have_their_own_rule() {
        let parameters = json!({"keepByCategory": {"b": {"workers": 2}}});
        check(parameters.clone(), "a:0,0,10,10 b:50,0,10,10 / ", "a:0,0,10,10 0.5/1 = 0.5");
        check_with(parameters, "a:0,0,10,10 b:50,0,10,10", "a:0,0,10,10 0.78/1 = 0.78");
    }

    #[test]
    fn a_thing_drawn_twice_by_one_worker_is_one_thing() {
        let workers = "a:0,0,100,100 a:4,4,100,100 / a:1,0,100,100 / a:3,3,100,100 / a:0,0,100,101 / a:0,0,100,100";
        let outcome = label_of(&KIND, json!({}), values(workers));
        assert_eq!(outcome.members["annotations"].as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn rotated_boxes_are_fused_by_center_sides_and_angle() {
        let turned = |degrees: f64, width: f64, height: f64| json!([{"left": -width / 2.0, "top": -height / 2.0, "width": width, "height": height, "rotation": degrees}]);
        let outcome = label_of(
            &KIND,
            json!({}),
            json!([turned(10.0, 40.0, 10.0), turned(100.0, 10.0, 40.0), turned(-170.0, 40.0, 10.0)]),
        );
        let fused = &outcome.members["annotations"][0];
        assert_eq!([&fused["width"], &fused["height"], &fused["rotation"]], [40, 10, 10]);
    }

    #[test]
    fn parameters_are_checked() {
        assert_eq!(
            mistakes(&KIND, json!({"iouThreshold": 0, "keep": 2})),
            "fields.field.iouThreshold: must be a number from 0.05 to 1; \
             fields.field.keep: must be {\"posterior\": 0 to 1}, {\"workers\": 1 to 1000} or {\"share\": above 0, at most 1}"
        );
        assert_eq!(
            mistakes(&KIND, json!({"method": IOU_CLUSTERS, "keepByCategory": {"a": {"posterior": 0.5}}})),
            "fields.field.keepByCategory.a: must be {\"workers\": 1 to 1000} or {\"share\": above 0, at most 1}"
        );
    }

    #[test]
    fn typed_answers_give_the_same() {
        check_marks(&KIND, "boundingBoxes", [&Params::STANDARD, &Params::PLAIN], consolidate, |wobble| {
            let [left, top] = [40.0 + wobble(6.0), 20.0 + wobble(6.0)];
            let members = json!({"left": left, "top": top, "width": 90, "height": 60, "rotation": 30});
            (members, BoundingBox::new(left, top, 90.0, 60.0).and_then(|upright| upright.rotated(30.0)).expect("a box"))
        });
    }

    #[test]
    fn beyond_its_range_a_parameter_of_marks_counts_as_the_nearer_bound() {
        let crowd = Crowd::new(|wobble, _| {
            let shape = BoundingBox::new(40.0 + wobble(30.0), 20.0, 90.0, 60.0).expect("a box");
            (Value::Null, MarkAnswer::from_iter([Drawn { category: None, shape }]))
        });
        let under = |params| consolidate(&crowd.answers, &params);
        let similar = |threshold| under(Params { threshold: Some(threshold), ..Params::STANDARD });
        check_range(&[[7.0, 1.0], [-1.0, 0.05], [f64::NAN, 0.35]], similar);
        let kept = |rule| under(Params { keep: KeepRules { rule, by_category: Vec::new() }, ..Params::STANDARD });
        check_range(&[[7.0, 1.0], [-1.0, 0.0], [f64::NAN, 0.45]], |least| kept(Keep::Posterior(least)));
        check_range(&[[7.0, 1.0], [-1.0, 1e-6], [f64::NAN, 1e-6]], |share| kept(Keep::Made(Quorum::Share(share))));
    }
}
