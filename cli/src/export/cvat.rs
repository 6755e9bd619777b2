//! CVAT for images 1.1: `annotations.xml` (docs.cvat.ai, "CVAT for images").

use std::io::Write as _;

use ground_truth::geometry::mask::Mask;
use ground_truth::geometry::point::Point;
use ground_truth::label_content::{Decided, DrawnBox, LabelContent, MarkGeometry, Shape};

use super::marks::{Mark, rounded};
use super::{Export, LeftOut, Report, xml};

fn holds(content: LabelContent) -> bool {
    use MarkGeometry::{Box, Mask, Point, Polygon, Polyline};
    match content {
        LabelContent::Category | LabelContent::Categories => true,
        LabelContent::Marks(geometry) => matches!(geometry, Box | Polygon | Polyline | Point | Mask),
        _ => false,
    }
}

pub(super) fn write(export: &Export<'_>, report: &mut Report) -> anyhow::Result<()> {
    let fields: Vec<String> = match export.options.field {
        Some(_) => vec![export.field_of(|kind| holds(kind.label))?],
        None => export.field_names(),
    };
    let mut images = Vec::new();
    let mut categories: Vec<&str> = fields.iter().flat_map(|field| export.categories_of(field)).collect();
    categories.sort_unstable();
    categories.dedup();
    for object in &export.objects {
        let labels: Vec<_> = fields.iter().filter_map(|field| object.fields.get(field)).collect();
        let mut drawn = Vec::new();
        for label in &labels {
            match label.decided() {
                Some(Decided::Marks(_)) if holds(label.content()) => {
                    drawn.extend(export.marks(label, report).iter().filter_map(element));
                }
                Some(decided) if holds(label.content()) => drawn.extend(decided.categories().into_iter().map(tag)),
                _ => report.leave_out(LeftOut::ShapeUnknownToFormat),
            }
        }
        report.labels += drawn.len();
        let size = labels.iter().find_map(|label| label.image_size());
        if size.is_none() {
            report.leave_out(LeftOut::ImageSizeUnknown);
        }
        images.push((object, size.unwrap_or_default(), drawn));
    }
    report.objects = images.len();
    export.file("annotations.xml", report, |file| {
        writeln!(file, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>")?;
        writeln!(file, "  <meta><task><name>{}</name><labels>", xml::escape(export.job.name.as_deref().unwrap_or("")))?;
        for category in &categories {
            writeln!(file, "    <label><name>{}</name><attributes></attributes></label>", xml::escape(category))?;
        }
        writeln!(file, "  </labels></task></meta>")?;
        for (id, (object, (width, height), drawn)) in images.iter().enumerate() {
            let name = xml::escape(&object.file_name);
            writeln!(file, "  <image id=\"{id}\" name=\"{name}\" width=\"{width}\" height=\"{height}\">")?;
            drawn.iter().try_for_each(|element| writeln!(file, "    {element}"))?;
            writeln!(file, "  </image>")?;
        }
        writeln!(file, "</annotations>")?;
        Ok(())
    })
}

fn tag(category: &str) -> String {
    format!("<tag label=\"{}\" source=\"manual\"></tag>", xml::escape(category))
}

fn element(mark: &Mark<'_>) -> Option<String> {
    let label = xml::escape(mark.category);
    let points = |points: &[Point]| -> String {
        points.iter().map(|point| format!("{:.2},{:.2}", point.x, point.y)).collect::<Vec<_>>().join(";")
    };
    let drawn = |element: &str, of: &str| {
        format!("<{element} label=\"{label}\" source=\"manual\" occluded=\"0\" {of} z_order=\"0\"></{element}>")
    };
    Some(match &mark.shape {
        Shape::Box(DrawnBox { left, top, width, height, rotation }) => {
            let [left, top, right, bottom] = [*left, *top, left + width, top + height].map(rounded);
            let turned = if *rotation == 0.0 { String::new() } else { format!(" rotation=\"{rotation}\"") };
            drawn("box", &format!("xtl=\"{left}\" ytl=\"{top}\" xbr=\"{right}\" ybr=\"{bottom}\"{turned}"))
        }
        Shape::Polygon(outline) => drawn("polygon", &format!("points=\"{}\"", points(outline))),
        Shape::Polyline(line) => drawn("polyline", &format!("points=\"{}\"", points(line))),
        Shape::Point(point, _) => drawn("points", &format!("points=\"{}\"", points(&[*point]))),
        Shape::Mask(mask) => drawn("mask", &mask_attributes(mask)?),
        Shape::Track(_) | Shape::Span { .. } | Shape::Segment { .. } | Shape::Cuboid { .. } => return None,
    })
}

/// Run lengths along the rows of the smallest rectangle around the mask, beginning with those outside.
fn mask_attributes(mask: &Mask) -> Option<String> {
    let bounds = mask.bounds()?;
    let width = mask.size().width();
    let (mut counts, mut run, mut inside) = (Vec::new(), 0_u32, false);
    for row in bounds.top..bounds.top + bounds.height {
        for column in bounds.left..bounds.left + bounds.width {
            let pixel = row * width + column;
            let after = mask.spans().partition_point(|span| span.start <= pixel);
            let is_inside = after > 0 && mask.spans()[after - 1].contains(&pixel);
            if is_inside != inside {
                counts.push(run.to_string());
                (run, inside) = (0, is_inside);
            }
            run += 1;
        }
    }
    counts.push(run.to_string());
    Some(format!(
        "rle=\"{}\" left=\"{}\" top=\"{}\" width=\"{}\" height=\"{}\"",
        counts.join(", "),
        bounds.left,
        bounds.top,
        bounds.width,
        bounds.height
    ))
}
