//! Ultralytics YOLO: `data.yaml`, and one text file per image with a line per thing, in shares of width and height
//! (docs.ultralytics.com, "Datasets").

use std::io::Write as _;

use ground_truth::annotation_kinds::AnnotationKind;
use ground_truth::geometry::point::Point;
use ground_truth::label_content::{MarkGeometry, Shape};

use super::marks::{Mark, named_points};
use super::{Export, LeftOut, Report, pascal_voc};

/// What the data are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    Detect,
    Segment,
    Pose,
}

impl Task {
    fn holds(self, kind: &AnnotationKind) -> bool {
        match self {
            Self::Detect => pascal_voc::holds(kind),
            Self::Segment => kind.label.geometry() == Some(MarkGeometry::Polygon),
            Self::Pose => kind.label.geometry() == Some(MarkGeometry::Point),
        }
    }
}

pub(super) fn write(export: &Export<'_>, task: Task, report: &mut Report) -> anyhow::Result<()> {
    let field = export.field_of(|kind| task.holds(kind))?;
    let names = export.categories_of(&field);
    for object in &export.objects {
        let Some(label) = object.fields.get(&field) else { continue };
        let Some(size) = label.image_size() else {
            report.leave_out(LeftOut::ImageSizeUnknown);
            continue;
        };
        let marks = export.marks(label, report);
        let lines: Vec<String> = match task {
            Task::Detect => marks.iter().filter_map(|mark| detected(mark, size, &names)).collect(),
            Task::Segment => marks.iter().filter_map(|mark| segmented(mark, size, &names)).collect(),
            Task::Pose => posed(&marks, size, &names).into_iter().collect(),
        };
        report.objects += 1;
        report.labels += marks.len();
        // An image without anything has an empty file: it says that there is nothing.
        export.file(&format!("labels/{}.txt", object.stem()), report, |file| {
            lines.iter().try_for_each(|line| writeln!(file, "{line}"))?;
            Ok(())
        })?;
    }
    export.file("data.yaml", report, |file| {
        writeln!(file, "# Put the images into images/, each under the path of its file in labels/.")?;
        writeln!(file, "path: .\ntrain: images\nval: images")?;
        if task == Task::Pose {
            writeln!(file, "kpt_shape: [{}, 3]", names.len())?;
            writeln!(file, "# Points in their order: {}", serde_json::to_string(&names)?)?;
            writeln!(file, "names:\n  0: {}", serde_json::to_string(&field)?)?;
        } else {
            writeln!(file, "names:")?;
            for (idx, name) in names.iter().enumerate() {
                // A JSON text is a YAML text.
                writeln!(file, "  {idx}: {}", serde_json::to_string(name)?)?;
            }
        }
        Ok(())
    })
}

fn class_of(mark: &Mark<'_>, names: &[&str]) -> Option<usize> {
    names.iter().position(|name| *name == mark.category)
}

/// `class x y width height`, the center and size of what lies inside the image.
fn detected(mark: &Mark<'_>, size: (f64, f64), names: &[&str]) -> Option<String> {
    Some(format!("{} {}", class_of(mark, names)?, box_text(mark.shape.bounds()?, size)))
}

fn box_text([left, top, width, height]: [f64; 4], size: (f64, f64)) -> String {
    let share = |value: f64, of: f64| (value / of).clamp(0.0, 1.0);
    let (left, right) = (share(left, size.0), share(left + width, size.0));
    let (top, bottom) = (share(top, size.1), share(top + height, size.1));
    format!("{:.6} {:.6} {:.6} {:.6}", (left + right) / 2.0, (top + bottom) / 2.0, right - left, bottom - top)
}

/// `class x1 y1 x2 y2 …`.
fn segmented(mark: &Mark<'_>, size: (f64, f64), names: &[&str]) -> Option<String> {
    let outline = mark.shape.outline()?;
    let points: Vec<String> = outline.iter().map(|corner| in_shares(*corner, size)).collect();
    Some(format!("{} {}", class_of(mark, names)?, points.join(" ")))
}

/// `x y`, inside the image.
fn in_shares(point: Point, (width, height): (f64, f64)) -> String {
    format!("{:.6} {:.6}", (point.x / width).clamp(0.0, 1.0), (point.y / height).clamp(0.0, 1.0))
}

/// `0 x y width height`, then `x y visibility` per point, all zero where it is missing.
fn posed(marks: &[Mark<'_>], size: (f64, f64), names: &[&str]) -> Option<String> {
    let points = named_points(marks, names);
    let bounds = Shape::Polyline(points.iter().flatten().copied().collect()).bounds()?;
    let points: Vec<String> = points
        .iter()
        .map(|point| match point {
            Some(point) => format!("{} 2", in_shares(*point, size)),
            None => "0 0 0".to_owned(),
        })
        .collect();
    Some(format!("0 {} {}", box_text(bounds, size), points.join(" ")))
}
