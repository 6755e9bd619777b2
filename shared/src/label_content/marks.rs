//! Marks of a label, and where they are.

use serde_json::Value;

use super::decision::without_how;
use super::{MarkGeometry, Members};
use crate::field_value::FieldValueBuf;
use crate::geometry::mask::Mask;
use crate::geometry::point::Point;
use crate::geometry::rect::Rect;
use crate::geometry::rotated_rect::RotatedRect;
use crate::mask_png::{self, Color};

/// The marks of a label, in its order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Marks<'a> {
    pub(super) geometry: MarkGeometry,
    pub(super) members: &'a Members,
}

/// One mark of a label, with its members.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark<'a> {
    geometry: MarkGeometry,
    members: &'a Value,
}

/// Where a mark is. Pixels, origin top left, if nothing else is said. Exhaustive, so that whoever draws or exports marks
/// decides about every shape.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A box in an image.
    Box(DrawnBox),
    /// The corners of a closed outline.
    Polygon(Vec<Point>),
    /// The points of an open line.
    Polyline(Vec<Point>),
    /// A point, with its depth where the form sends one.
    Point(Point, Option<f64>),
    /// The mark's pixels; no other mark has them.
    Mask(Mask),
    /// The boxes of a thing, by frame.
    Track(Vec<(u64, DrawnBox)>),
    /// Units of the text, the end exclusive.
    Span {
        /// Offset of the first unit.
        start: usize,
        /// Offset one past the last unit.
        end: usize,
    },
    /// A stretch of time, in the form's unit.
    Segment {
        /// The start.
        start: f64,
        /// The end.
        end: f64,
    },
    /// A block in space, in meters.
    Cuboid {
        /// x, y and z of the center.
        center: [f64; 3],
        /// Length, width and height.
        dimensions: [f64; 3],
        /// Radians about the vertical axis.
        yaw: f64,
    },
}

/// A box as labels tell it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DrawnBox {
    /// The left side, before the box is turned.
    pub left: f64,
    /// The top side, before the box is turned.
    pub top: f64,
    /// The length of the top side.
    pub width: f64,
    /// The length of the left side.
    pub height: f64,
    /// Degrees clockwise about the center.
    pub rotation: f64,
}

impl<'a> Marks<'a> {
    /// What kind of shape they have.
    pub fn geometry(self) -> MarkGeometry {
        self.geometry
    }

    /// The marks with all their members.
    pub(crate) fn list(self) -> &'a [Value] {
        self.members.get("annotations").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The marks, in the label's order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Mark<'a>> {
        self.list().iter().map(move |members| Mark { geometry: self.geometry, members })
    }

    /// The marks with their shapes, where these can be read.
    pub fn with_shapes(self) -> impl Iterator<Item = (Mark<'a>, Shape)> {
        let mut masks = if self.geometry == MarkGeometry::Mask { self.masks().unwrap_or_default() } else { Vec::new() };
        self.iter().enumerate().filter_map(move |(idx, mark)| {
            let shape = match self.geometry {
                MarkGeometry::Mask => Shape::Mask(masks.get_mut(idx)?.take()?),
                _ => mark.shape()?,
            };
            Some((mark, shape))
        })
    }

    /// The pixels of each mark, `None` for one whose color is not in the picture; `None` where there is no picture that can be
    /// read.
    pub(super) fn masks(self) -> Option<Vec<Option<Mask>>> {
        let image = mask_png::read(self.picture()?).ok()?;
        let mask = |mark: Mark<'_>| {
            let color = Color::parse(mark.color()?)?;
            let class = image.colors.iter().position(|known| *known == color)? + 1;
            Some(image.map.mask_of(class as u16))
        };
        Some(self.iter().map(mask).collect())
    }

    /// What a crowd element starts with to show them (`initial-value`): the marks, without what tells how they came about.
    pub fn initial_value(self) -> Value {
        self.list().iter().map(without_how).collect()
    }

    /// The picture of masks: a PNG in base64.
    pub fn picture(self) -> Option<&'a str> {
        self.members.get("labeledImage")?.get("pngImageData")?.as_str()
    }

    /// The size of the image, as labels and answers both have it.
    pub(crate) fn image_size(self) -> Option<&'a Value> {
        self.members.get("imageSize")
    }

    /// The picture of masks in its object, as labels and answers both have it.
    pub(crate) fn labeled_image(self) -> Option<FieldValueBuf> {
        self.members.get("labeledImage").map(FieldValueBuf::of)
    }
}

impl<'a> Mark<'a> {
    /// What it is; `None` where nobody said so.
    pub fn category(self) -> Option<&'a str> {
        self.members.get("label")?.as_str()
    }

    /// The color of its pixels in the picture.
    pub fn color(self) -> Option<&'a str> {
        self.members.get("color")?.as_str()
    }

    /// How sure the label is of it.
    pub fn confidence(self) -> Option<f64> {
        self.number("confidence")
    }

    /// How many workers made it.
    pub fn n_workers(self) -> Option<u64> {
        self.members.get("workers")?.as_u64()
    }

    /// The box around it: itself, or what a label tells of an instance in a picture.
    pub fn bounding_box(self) -> Option<DrawnBox> {
        DrawnBox::read(self.members)
    }

    /// How many pixels it has, where it is a mask.
    pub fn n_pixels(self) -> Option<u64> {
        self.members.get("pixels")?.as_u64()
    }

    /// How many workers named which category, where they disagree.
    pub fn votes(self) -> impl Iterator<Item = (&'a str, u64)> {
        super::votes(self.members.get("votes"))
    }

    pub(super) fn members(self) -> Option<&'a Members> {
        self.members.as_object()
    }

    fn number(self, name: &str) -> Option<f64> {
        self.members.get(name)?.as_f64()
    }

    /// Where it is; `None` where that cannot be read, and of a mask, whose pixels stand in the picture of the whole label
    /// ([`Marks::with_shapes`]).
    pub fn shape(self) -> Option<Shape> {
        Some(match self.geometry {
            MarkGeometry::Box => Shape::Box(self.bounding_box()?),
            MarkGeometry::Polygon => Shape::Polygon(vertices(self.members)?),
            MarkGeometry::Polyline => Shape::Polyline(vertices(self.members)?),
            MarkGeometry::Point => Shape::Point(point(self.members)?, self.number("z")),
            MarkGeometry::Track => {
                let boxes = self.members.get("boxes")?.as_array()?.iter();
                let of_frame = |one: &Value| Some((one.get("frame")?.as_u64()?, DrawnBox::read(one)?));
                Shape::Track(boxes.map(of_frame).collect::<Option<_>>()?)
            }
            MarkGeometry::Span => {
                let offset = |name: &str| usize::try_from(self.members.get(name)?.as_u64()?).ok();
                Shape::Span { start: offset("startOffset")?, end: offset("endOffset")? }
            }
            MarkGeometry::Segment => Shape::Segment { start: self.number("start")?, end: self.number("end")? },
            MarkGeometry::Cuboid => Shape::Cuboid {
                center: numbers(self.members.get("center")?, ["x", "y", "z"])?,
                dimensions: numbers(self.members.get("dimensions")?, ["length", "width", "height"])?,
                yaw: self.number("yaw").unwrap_or_default(),
            },
            MarkGeometry::Mask | MarkGeometry::Other => return None,
        })
    }
}

impl DrawnBox {
    fn read(members: &Value) -> Option<Self> {
        let [left, top, width, height] = numbers(members, ["left", "top", "width", "height"])?;
        let rotation = members.get("rotation").and_then(Value::as_f64).unwrap_or_default();
        Some(Self { left, top, width, height, rotation })
    }

    /// The corners, from the top left one before it is turned clockwise; `None` of a box that no image can hold.
    pub fn corners(&self) -> Option<[Point; 4]> {
        let upright = Rect::new(self.left, self.top, self.width, self.height).ok()?;
        Some(RotatedRect::new(upright, self.rotation).corners())
    }

    fn is_upright(&self) -> bool {
        self.rotation.abs() == 0.0
    }
}

fn numbers<const N: usize>(members: &Value, names: [&str; N]) -> Option<[f64; N]> {
    let mut numbers = [0.0; N];
    for (number, name) in numbers.iter_mut().zip(names) {
        *number = members.get(name)?.as_f64()?;
    }
    Some(numbers)
}

fn point(members: &Value) -> Option<Point> {
    let [x, y] = numbers(members, ["x", "y"])?;
    Some(Point { x, y })
}

fn vertices(members: &Value) -> Option<Vec<Point>> {
    members.get("vertices")?.as_array()?.iter().map(point).collect()
}

/// The smallest upright rectangle around points: left, top, width, height.
fn around(points: &[Point]) -> Option<[f64; 4]> {
    let first = points.first()?;
    let grow = |[left, top, right, bottom]: [f64; 4], point: &Point| {
        [left.min(point.x), top.min(point.y), right.max(point.x), bottom.max(point.y)]
    };
    let [left, top, right, bottom] = points.iter().fold([first.x, first.y, first.x, first.y], grow);
    Some([left, top, right - left, bottom - top])
}

impl Shape {
    /// The smallest upright rectangle around it: left, top, width, height. `None` for what is not in an image, or in several.
    pub fn bounds(&self) -> Option<[f64; 4]> {
        match self {
            Self::Box(one) if one.is_upright() => Some([one.left, one.top, one.width, one.height]),
            Self::Box(one) => around(&one.corners()?),
            Self::Polygon(points) | Self::Polyline(points) => around(points),
            Self::Point(point, _) => around(&[*point]),
            Self::Mask(mask) => {
                let bounds = mask.bounds()?;
                Some([bounds.left, bounds.top, bounds.width, bounds.height].map(f64::from))
            }
            Self::Track(_) | Self::Span { .. } | Self::Segment { .. } | Self::Cuboid { .. } => None,
        }
    }

    /// The corners of a box or polygon; `None` for everything else.
    pub fn outline(&self) -> Option<Vec<Point>> {
        match self {
            Self::Box(one) => Some(one.corners()?.to_vec()),
            Self::Polygon(points) => Some(points.clone()),
            _ => None,
        }
    }

    /// Square pixels inside; 0 for what has no inside in an image.
    pub fn area(&self) -> f64 {
        match self {
            Self::Box(one) => one.width * one.height,
            Self::Polygon(points) => {
                let next = points.iter().cycle().skip(1);
                points.iter().zip(next).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>().abs() / 2.0
            }
            Self::Mask(mask) => f64::from(mask.area()),
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::geometry::mask::{ImageSize, LabelMap};

    fn shapes(geometry: MarkGeometry, members: Value) -> Vec<Shape> {
        let members = members.as_object().expect("an object");
        Marks { geometry, members }.with_shapes().map(|(_, shape)| shape).collect()
    }

    /// The one shape of a label with one mark.
    fn shape(geometry: MarkGeometry, mark: Value) -> Shape {
        shapes(geometry, json!({ "annotations": [mark] })).pop().expect("a shape")
    }

    fn points(points: &[(f64, f64)]) -> Vec<Point> {
        points.iter().map(|&(x, y)| Point { x, y }).collect()
    }

    #[test]
    fn shapes_in_an_image_have_bounds_and_areas() {
        let upright = shape(MarkGeometry::Box, json!({"left": 10, "top": 20, "width": 4, "height": 2}));
        assert_eq!((upright.bounds(), upright.area()), (Some([10.0, 20.0, 4.0, 2.0]), 8.0));
        let turned = json!({"left": 10, "top": 20, "width": 4, "height": 2, "rotation": 90});
        let turned = shape(MarkGeometry::Box, turned);
        assert_eq!(turned.bounds().map(|bounds| bounds.map(f64::round)), Some([11.0, 19.0, 2.0, 4.0]));
        assert_eq!(turned.outline().map(|corners| corners.len()), Some(4));

        let vertices = json!({"vertices": [{"x": 0, "y": 0}, {"x": 4, "y": 0}, {"x": 4, "y": 3}]});
        let corners = points(&[(0.0, 0.0), (4.0, 0.0), (4.0, 3.0)]);
        let polygon = shape(MarkGeometry::Polygon, vertices.clone());
        assert_eq!((polygon.outline(), polygon.area()), (Some(corners.clone()), 6.0));
        let line = shape(MarkGeometry::Polyline, vertices);
        assert_eq!(line, Shape::Polyline(corners));
        assert_eq!((line.outline(), line.bounds(), line.area()), (None, Some([0.0, 0.0, 4.0, 3.0]), 0.0));

        let point = shape(MarkGeometry::Point, json!({"x": 1, "y": 2.5, "z": -1}));
        assert_eq!(point, Shape::Point(Point { x: 1.0, y: 2.5 }, Some(-1.0)));
        assert_eq!(point.bounds(), Some([1.0, 2.5, 0.0, 0.0]));
    }

    #[test]
    fn shapes_elsewhere_have_neither() {
        let drawn = DrawnBox { left: 4.0, top: 5.0, width: 60.0, height: 40.0, rotation: 0.0 };
        let track = json!({"boxes": [{"frame": 7, "left": 4, "top": 5, "width": 60, "height": 40}]});
        let cuboid = json!({"center": {"x": 4.5, "y": -2, "z": 0.5}, "yaw": 0.25,
            "dimensions": {"length": 4.25, "width": 1.75, "height": 1.5}});
        for (geometry, mark, expected) in [
            (MarkGeometry::Track, track, Shape::Track(vec![(7, drawn)])),
            (MarkGeometry::Span, json!({"startOffset": 4, "endOffset": 9}), Shape::Span { start: 4, end: 9 }),
            (MarkGeometry::Segment, json!({"start": 1.25, "end": 4}), Shape::Segment { start: 1.25, end: 4.0 }),
            (
                MarkGeometry::Cuboid,
                cuboid,
                Shape::Cuboid { center: [4.5, -2.0, 0.5], dimensions: [4.25, 1.75, 1.5], yaw: 0.25 },
            ),
        ] {
            let shape = shape(geometry, mark);
            assert_eq!((shape.bounds(), shape.outline(), shape.area()), (None, None, 0.0));
            assert_eq!(shape, expected);
        }
    }

    #[test]
    fn masks_are_found_by_their_color() {
        let size = ImageSize::new(3, 1).expect("a size");
        let map = LabelMap::from_runs(size, [(0, 1), (1, 2)]).expect("a map");
        let water = Color::numbered(0);
        let marks = json!([{"label": "sand", "color": Color::numbered(1)}, {"label": "water", "color": water}]);
        let png = mask_png::write(&map, &[Color::WHITE, water]);
        let members = json!({"annotations": marks, "labeledImage": {"pngImageData": png}});
        let found = shapes(MarkGeometry::Mask, members);
        assert_eq!(found, [Shape::Mask(Mask::from_counts(size, &[1, 2]).expect("a mask"))]);
        assert_eq!((found[0].bounds(), found[0].area()), (Some([1.0, 0.0, 2.0, 1.0]), 2.0));
        let torn = json!({"annotations": marks, "labeledImage": {"pngImageData": "torn"}});
        assert_eq!(shapes(MarkGeometry::Mask, torn), []);
    }

    #[test]
    fn a_mark_without_a_shape_still_says_the_rest() {
        let members = json!({"annotations": [
            {"label": "otter", "left": "torn", "confidence": 0.9, "workers": 3, "votes": {"otter": 2, "heron": 1}},
            {"left": 1, "top": 2, "width": 3, "height": 4},
        ]});
        let marks = Marks { geometry: MarkGeometry::Box, members: members.as_object().expect("an object") };
        assert_eq!((marks.iter().len(), marks.with_shapes().count()), (2, 1));
        let told: Vec<_> = marks.iter().map(|mark| (mark.category(), mark.confidence(), mark.n_workers())).collect();
        assert_eq!(told, [(Some("otter"), Some(0.9), Some(3)), (None, None, None)]);
        let votes: Vec<_> = marks.iter().flat_map(|mark| mark.votes()).collect();
        assert_eq!(votes, [("otter", 2), ("heron", 1)]);
    }
}
