//! COCO object detection and key points: `annotations.json`. Boxes and masks are in pixels, run lengths go down the columns
//! (cocodataset.org, "Data format").

use ground_truth::annotation_kinds::AnnotationKind;
use ground_truth::geometry::mask::Mask;
use ground_truth::geometry::point::Point;
use ground_truth::label_content::{DrawnBox, MarkGeometry, Shape};
use serde_json::{Value, json};

use super::marks::{Mark, named_points, rounded};
use super::{Export, LeftOut, Report};

fn holds(kind: &AnnotationKind) -> bool {
    use MarkGeometry::{Box, Mask, Point, Polygon};
    matches!(kind.label.geometry(), Some(Box | Polygon | Mask | Point))
}

pub(super) fn write(export: &Export<'_>, report: &mut Report) -> anyhow::Result<()> {
    let field = export.field_of(holds)?;
    let names = export.categories_of(&field);
    let labels = || export.objects.iter().filter_map(|object| object.fields.get(&field));
    let is_keypoints = labels().any(|label| label.content().geometry() == Some(MarkGeometry::Point));
    let (mut images, mut annotations) = (Vec::new(), Vec::new());
    for object in &export.objects {
        let Some(label) = object.fields.get(&field) else { continue };
        let image_id = images.len() + 1;
        let size = label.image_size();
        images.push(json!({
            "id": image_id, "file_name": object.file_name, "width": size.map_or(0, |(width, _)| width as u64),
            "height": size.map_or(0, |(_, height)| height as u64), "coco_url": object.source_text(),
        }));
        if size.is_none() {
            report.leave_out(LeftOut::ImageSizeUnknown);
        }
        let marks = export.marks(label, report);
        report.labels += marks.len();
        let found: Vec<Value> = if is_keypoints {
            keypoints(&marks, &names).into_iter().collect()
        } else {
            marks.iter().filter_map(|mark| annotation(mark, &names)).collect()
        };
        for mut annotation in found {
            annotation["id"] = json!(annotations.len() + 1);
            annotation["image_id"] = json!(image_id);
            annotations.push(annotation);
        }
    }
    report.objects = images.len();
    let categories = if is_keypoints {
        vec![json!({"id": 1, "name": field, "supercategory": "", "keypoints": names, "skeleton": []})]
    } else {
        let category = |(idx, name): (usize, &&str)| json!({"id": idx + 1, "name": name, "supercategory": ""});
        names.iter().enumerate().map(category).collect()
    };
    let document = json!({
        "info": {"description": export.job.name, "version": "1.0"}, "licenses": [],
        "images": images, "annotations": annotations, "categories": categories,
    });
    export.file("annotations.json", report, |file| Ok(serde_json::to_writer(file, &document)?))
}

fn annotation(mark: &Mark<'_>, names: &[&str]) -> Option<Value> {
    let category = names.iter().position(|name| *name == mark.category)? + 1;
    let segmentation = match &mark.shape {
        Shape::Box(DrawnBox { rotation, .. }) if *rotation == 0.0 => json!([]),
        Shape::Mask(mask) => {
            json!({"size": [mask.size().height(), mask.size().width()], "counts": column_counts(mask)})
        }
        shape => {
            let outline = shape.outline()?.into_iter().flat_map(|corner| [rounded(corner.x), rounded(corner.y)]);
            json!([outline.collect::<Vec<f64>>()])
        }
    };
    let mut annotation = json!({
        "category_id": category, "bbox": mark.shape.bounds()?.map(rounded), "area": rounded(mark.shape.area()),
        "segmentation": segmentation, "iscrowd": 0,
    });
    if let Some(confidence) = mark.confidence {
        annotation["score"] = json!(confidence);
    }
    Some(annotation)
}

/// All points of an image are one thing; those that are not there have visibility 0.
fn keypoints(marks: &[Mark<'_>], names: &[&str]) -> Option<Value> {
    let points = named_points(marks, names);
    let found: Vec<Point> = points.iter().flatten().copied().collect();
    let n_found = found.len();
    let bounds = Shape::Polyline(found).bounds()?;
    let flat: Vec<Value> = points
        .iter()
        .flat_map(|point| match point {
            Some(point) => [json!(rounded(point.x)), json!(rounded(point.y)), json!(2)],
            None => [json!(0), json!(0), json!(0)],
        })
        .collect();
    Some(json!({
        "category_id": 1, "keypoints": flat, "num_keypoints": n_found, "bbox": bounds.map(rounded),
        "area": rounded(bounds[2] * bounds[3]), "iscrowd": 0,
    }))
}

/// Run lengths down the columns, beginning with those outside.
fn column_counts(mask: &Mask) -> Vec<u64> {
    let (width, height) = (u64::from(mask.size().width()), u64::from(mask.size().height()));
    // A run along a row is a pixel in each of its columns: gather them by column, then join what touches.
    let mut pixels: Vec<u64> = Vec::with_capacity(mask.area() as usize);
    for span in mask.spans() {
        pixels.extend(span.clone().map(u64::from).map(|pixel| pixel % width * height + pixel / width));
    }
    pixels.sort_unstable();
    let (mut counts, mut position, mut run) = (Vec::new(), 0, 0);
    for pixel in pixels {
        if pixel != position + run || counts.is_empty() {
            if !counts.is_empty() {
                counts.push(run);
            }
            counts.push(pixel - position - run);
            (position, run) = (pixel, 0);
        }
        run += 1;
    }
    if counts.is_empty() {
        return vec![width * height];
    }
    counts.push(run);
    let rest = width * height - position - run;
    if rest > 0 {
        counts.push(rest);
    }
    counts
}

#[cfg(test)]
mod tests {
    use ground_truth::geometry::mask::ImageSize;

    use super::*;

    #[test]
    fn run_lengths_go_down_the_columns() {
        let check = |spans: &[(u32, u32)], expected: &[u64]| {
            let size = ImageSize::new(3, 2).expect("a size");
            let mask = Mask::from_spans(size, spans.iter().map(|(start, end)| *start..*end)).expect("a mask");
            assert_eq!(column_counts(&mask), expected);
        };
        check(&[], &[6]);
        check(&[(0, 6)], &[0, 6]);
        // . x x
        // . . x
        check(&[(1, 3), (5, 6)], &[2, 1, 1, 2]);
        check(&[(0, 1)], &[0, 1, 5]);
    }
}
