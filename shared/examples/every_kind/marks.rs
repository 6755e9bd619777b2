//! Kinds that mark something in an image, a text, a recording, a point cloud.

use std::error::Error;

use ground_truth::annotation_kinds::bounding_box::{self, BoundingBox};
use ground_truth::annotation_kinds::cuboid::{self, Cuboid};
use ground_truth::annotation_kinds::keypoint::{self, Keypoint};
use ground_truth::annotation_kinds::marks::{Consolidate, Drawn, MarkAnswer, Params};
use ground_truth::annotation_kinds::polygon::{self, Polygon};
use ground_truth::annotation_kinds::polyline::{self, Polyline};
use ground_truth::annotation_kinds::text_span::{self, TextSpan};
use ground_truth::annotation_kinds::time_segment::{self, TimeSegment};
use ground_truth::annotation_kinds::track::{self, Track};
use ground_truth::geometry::point::Point;
use ground_truth::geometry::rect::Rect;

use crate::Line;
use crate::crowd::{Eye, answers, line};

/// One thing per object, drawn by everybody; `draw` makes a worker's shape, `read` tells a shape in words and whether it is
/// near the truth.
fn one_mark<S>(
    kind: &'static str,
    consolidate: Consolidate<S>,
    standard: &Params,
    draw: impl Fn(&mut Eye) -> Result<S, Box<dyn Error>>,
    read: impl Fn(&S) -> (String, bool),
) -> Result<Line, Box<dyn Error>> {
    let answers = answers(|object, eye| {
        let names = ["otter", "heron"];
        let name = names[(object + usize::from(eye.errs())) % 2];
        Ok(MarkAnswer::of([Drawn::new(name, draw(eye)?)]))
    })?;
    line(kind, &consolidate(&answers, standard), |object, label| {
        let [mark] = label.marks.as_slice() else { return (format!("{} marks", label.marks.len()), false) };
        let name = mark.category.as_ref().map_or("?", |category| category.as_str());
        let (shape, is_near) = read(&mark.shape);
        (format!("{name} {shape}"), is_near && name == ["otter", "heron"][object % 2])
    })
}

fn is_near(value: f64, truth: f64, tolerance: f64) -> bool {
    (value - truth).abs() <= tolerance
}

pub(crate) fn bounding_box() -> Result<Line, Box<dyn Error>> {
    let draw = |eye: &mut Eye| Ok(BoundingBox::new(40.0 + eye.off(20.0), 22.0 + eye.off(20.0), 90.0, 60.0)?);
    one_mark("bounding-box", bounding_box::consolidate, &bounding_box::Params::STANDARD, draw, |drawn| {
        let rect = drawn.rect();
        let text = format!("at {:.1}, {:.1}, {:.0} by {:.0}", rect.left(), rect.top(), rect.width(), rect.height());
        (text, is_near(rect.left(), 40.0, 2.0) && is_near(rect.top(), 22.0, 2.0))
    })
}

/// A triangle, whose first corner a worker may miss.
fn corners(eye: &mut Eye) -> Vec<Point> {
    let (x, y) = (100.0 + eye.off(30.0), 50.0 + eye.off(30.0));
    vec![Point { x, y }, Point { x: 190.0, y: 50.0 }, Point { x: 160.0, y: 130.0 }]
}

pub(crate) fn polygon() -> Result<Line, Box<dyn Error>> {
    let draw = |eye: &mut Eye| Ok(Polygon::new(corners(eye))?);
    one_mark("polygon", polygon::consolidate, &polygon::Params::STANDARD, draw, |drawn| {
        let left = drawn.vertices().iter().map(|corner| corner.x).fold(f64::INFINITY, f64::min);
        (format!("from x = {left:.1}"), is_near(left, 100.0, 3.0))
    })
}

pub(crate) fn polyline() -> Result<Line, Box<dyn Error>> {
    let draw = |eye: &mut Eye| Ok(Polyline::new(corners(eye))?);
    one_mark("polyline", polyline::consolidate, &polyline::Params::STANDARD, draw, |drawn| {
        let start = drawn.vertices()[0];
        (format!("from {:.1}, {:.1}", start.x, start.y), is_near(start.x, 100.0, 3.0) && is_near(start.y, 50.0, 3.0))
    })
}

pub(crate) fn keypoint() -> Result<Line, Box<dyn Error>> {
    let draw = |eye: &mut Eye| Ok(Keypoint::new(100.0 + eye.off(20.0), 50.0 + eye.off(20.0))?);
    one_mark("keypoint", keypoint::consolidate, &keypoint::Params::STANDARD, draw, |point| {
        let [x, y, _] = point.coordinates();
        (format!("at {x:.1}, {y:.1}"), is_near(x, 100.0, 2.0) && is_near(y, 50.0, 2.0))
    })
}

pub(crate) fn text_span() -> Result<Line, Box<dyn Error>> {
    let draw = |eye: &mut Eye| Ok(TextSpan::new(if eye.errs() { 0 } else { 4 }, 10)?);
    one_mark("text-span", text_span::consolidate, &text_span::Params::STANDARD, draw, |span| {
        (format!("from {} to {}", span.start(), span.end()), (span.start(), span.end()) == (4, 10))
    })
}

pub(crate) fn time_segment() -> Result<Line, Box<dyn Error>> {
    let draw = |eye: &mut Eye| Ok(TimeSegment::new(1.25 + eye.off(1.0), 4.5 + eye.off(1.0))?);
    one_mark("time-segment", time_segment::consolidate, &time_segment::Params::STANDARD, draw, |segment| {
        let (start, end) = (segment.start(), segment.end());
        (format!("from {start:.2} s to {end:.2} s"), is_near(start, 1.25, 0.1) && is_near(end, 4.5, 0.1))
    })
}

pub(crate) fn track() -> Result<Line, Box<dyn Error>> {
    let draw = |eye: &mut Eye| {
        let mut boxes = Vec::new();
        for frame in 0..5_u32 {
            let left = 10.0 + 5.0 * f64::from(frame) + eye.off(20.0);
            boxes.push((frame.into(), Rect::new(left, 30.0, 60.0, 40.0)?));
        }
        Ok(Track::new(boxes)?)
    };
    one_mark("track", track::consolidate, &track::Params::STANDARD, draw, |track| {
        let lefts = track.boxes().iter().map(|(_, rect)| rect.left());
        let is_right = lefts.zip(0_u32..).all(|(left, frame)| is_near(left, 10.0 + 5.0 * f64::from(frame), 3.0));
        (format!("in {} frames", track.boxes().len()), is_right && track.boxes().len() == 5)
    })
}

pub(crate) fn cuboid() -> Result<Line, Box<dyn Error>> {
    let draw =
        |eye: &mut Eye| Ok(Cuboid::new([4.5 + eye.off(1.0), -2.0, 0.75], [4.25, 1.75, 1.5], 0.5 + eye.off(0.4))?);
    one_mark("cuboid", cuboid::consolidate, &cuboid::Params::STANDARD, draw, |drawn| {
        let (x, yaw) = (drawn.center()[0], drawn.yaw());
        (format!("at x = {x:.2} m, yaw {yaw:.2}"), is_near(x, 4.5, 0.15) && is_near(yaw, 0.5, 0.1))
    })
}
