//! The marks of a label as shapes: what every format that knows boxes, outlines or spans starts from.

use ground_truth::geometry::mask::Mask;
use ground_truth::geometry::rect::Rect;
use ground_truth::geometry::rotated_rect::RotatedRect;
use serde_json::Value;

use crate::labels::job_label::{self, FieldLabel};

/// The category of a mark that nobody gave one.
const WITHOUT_CATEGORY: &str = "object";

/// One mark.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    pub(super) category: String,
    pub(super) confidence: Option<f64>,
    pub(super) shape: Shape,
}

/// Where it is. Pixels, origin top left.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// A box before it is turned, and degrees clockwise about its center.
    Box {
        left: f64,
        top: f64,
        width: f64,
        height: f64,
        rotation: f64,
    },
    Polygon(Vec<(f64, f64)>),
    Polyline(Vec<(f64, f64)>),
    Point((f64, f64)),
    /// Pixels, with those of no other mark.
    Mask(Mask),
    /// Units of the text, the end exclusive.
    Span {
        start: usize,
        end: usize,
    },
    /// Something that no image or text format knows: a track, a cuboid, a time segment.
    Other,
}

/// The marks of a field, those at least so sure; empty for a field without marks. A mask that cannot be read has none.
pub(super) fn marks(field: &FieldLabel, min_confidence: f64) -> Vec<Mark> {
    let mut masks = job_label::masks(&field.members).unwrap_or_default();
    let mark = |(place, mark): (usize, &Value)| {
        let number = |name: &str| mark.get(name)?.as_f64();
        let shape = match field.kind.as_str() {
            "bounding-box" => Shape::Box {
                left: number("left")?,
                top: number("top")?,
                width: number("width")?,
                height: number("height")?,
                rotation: number("rotation").unwrap_or_default(),
            },
            "polygon" => Shape::Polygon(points(mark)?),
            "polyline" => Shape::Polyline(points(mark)?),
            "keypoint" => Shape::Point((number("x")?, number("y")?)),
            "text-span" => Shape::Span {
                start: mark.get("startOffset")?.as_u64()? as usize,
                end: mark.get("endOffset")?.as_u64()? as usize,
            },
            "semantic-mask" | "instance-mask" => Shape::Mask(masks.get_mut(place)?.take()?),
            _ => Shape::Other,
        };
        let category = mark.get("label").and_then(Value::as_str).unwrap_or(WITHOUT_CATEGORY).to_owned();
        Some(Mark { category, confidence: number("confidence"), shape })
    };
    let marks = field.list("annotations").iter().enumerate().filter_map(mark);
    marks.filter(|mark| mark.confidence.is_none_or(|confidence| confidence >= min_confidence)).collect()
}

fn points(mark: &Value) -> Option<Vec<(f64, f64)>> {
    let point = |point: &Value| Some((point.get("x")?.as_f64()?, point.get("y")?.as_f64()?));
    mark.get("vertices")?.as_array()?.iter().map(point).collect()
}

impl Shape {
    /// The smallest upright rectangle around it: left, top, width, height.
    pub(super) fn bounds(&self) -> Option<[f64; 4]> {
        let around = |points: &[(f64, f64)]| {
            let [left, top] = [f64::INFINITY; 2];
            let [right, bottom] = [f64::NEG_INFINITY; 2];
            let grow = |[left, top, right, bottom]: [f64; 4], (x, y): &(f64, f64)| {
                [left.min(*x), top.min(*y), right.max(*x), bottom.max(*y)]
            };
            let [left, top, right, bottom] = points.iter().fold([left, top, right, bottom], grow);
            (!points.is_empty()).then_some([left, top, right - left, bottom - top])
        };
        match self {
            Self::Box { rotation, .. } if *rotation != 0.0 => around(&self.outline()?),
            Self::Box { left, top, width, height, .. } => Some([*left, *top, *width, *height]),
            Self::Polygon(points) | Self::Polyline(points) => around(points),
            Self::Point(point) => around(&[*point]),
            Self::Mask(mask) => {
                let bounds = mask.bounds()?;
                Some([bounds.left, bounds.top, bounds.width, bounds.height].map(f64::from))
            }
            Self::Span { .. } | Self::Other => None,
        }
    }

    /// The corners of a box or polygon; `None` for everything else.
    pub(super) fn outline(&self) -> Option<Vec<(f64, f64)>> {
        match self {
            Self::Box { left, top, width, height, rotation } => {
                let turned = RotatedRect::new(Rect::new(*left, *top, *width, *height).ok()?, *rotation);
                Some(turned.corners().into_iter().map(|corner| (corner.x, corner.y)).collect())
            }
            Self::Polygon(points) => Some(points.clone()),
            _ => None,
        }
    }

    /// Square pixels inside; 0 for what has no inside.
    pub(super) fn area(&self) -> f64 {
        match self {
            Self::Box { width, height, .. } => width * height,
            Self::Polygon(points) => {
                let next = points.iter().cycle().skip(1);
                points.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>().abs() / 2.0
            }
            Self::Mask(mask) => f64::from(mask.area()),
            _ => 0.0,
        }
    }
}

/// The first point of each name, in the order of the names.
pub(super) fn named_points(marks: &[Mark], names: &[&str]) -> Vec<Option<(f64, f64)>> {
    let point = |mark: &Mark, name: &str| match mark.shape {
        Shape::Point(point) if mark.category == name => Some(point),
        _ => None,
    };
    names.iter().map(|name| marks.iter().find_map(|mark| point(mark, name))).collect()
}

/// At most two decimals, as labels have them.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
