//! CVAT for images 1.1: `annotations.xml` (docs.cvat.ai, "CVAT for images").

use std::io::{self, Write};

use ground_truth::geometry::mask::Mask;
use ground_truth::geometry::point::Point;
use ground_truth::label_content::{Decided, DrawnBox, LabelContent, MarkGeometry, Shape};
use quick_xml::Writer;

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
        let mut writer = xml::writer(&mut *file);
        writer.write_event(xml::declaration())?;
        writer.create_element("annotations").write_inner_content(|writer| {
            xml::write_text(writer, "version", "1.1")?;
            writer.create_element("meta").write_inner_content(|writer| {
                let name = export.job.name.as_deref().unwrap_or("");
                writer.create_element("task").write_inner_content(|writer| write_task(writer, name, &categories))?;
                Ok(())
            })?;
            for (id, (object, (width, height), drawn)) in images.iter().enumerate() {
                let [id, width, height] = [id.to_string(), width.to_string(), height.to_string()];
                let attributes =
                    [("id", id.as_str()), ("name", &object.file_name), ("width", &width), ("height", &height)];
                let image = writer.create_element("image");
                let image = image.with_attributes(attributes.map(|(name, value)| xml::attribute(name, value)));
                image.write_inner_content(|writer| drawn.iter().try_for_each(|element| element.write(writer)))?;
            }
            Ok(())
        })?;
        Ok(writeln!(file)?)
    })
}

fn write_task<W: Write>(writer: &mut Writer<W>, name: &str, categories: &[&str]) -> io::Result<()> {
    xml::write_text(writer, "name", name)?;
    writer.create_element("labels").write_inner_content(|writer| {
        for category in categories {
            writer.create_element("label").write_inner_content(|writer| {
                xml::write_text(writer, "name", category)?;
                writer.create_element("attributes").write_empty()?;
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

/// An element of an image.
struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
}

impl Element {
    fn write<W: Write>(&self, writer: &mut Writer<W>) -> io::Result<()> {
        let attributes = self.attributes.iter().map(|(name, value)| xml::attribute(name, value));
        writer.create_element(self.name).with_attributes(attributes).write_empty()?;
        Ok(())
    }
}

fn tag(category: &str) -> Element {
    Element { name: "tag", attributes: vec![("label", category.to_owned()), ("source", "manual".to_owned())] }
}

/// A mark; none where the format has no such shape.
fn element(mark: &Mark<'_>) -> Option<Element> {
    let points = |points: &[Point]| {
        let points: Vec<String> = points.iter().map(|point| format!("{:.2},{:.2}", point.x, point.y)).collect();
        vec![("points", points.join(";"))]
    };
    let (name, of_shape) = match &mark.shape {
        Shape::Box(DrawnBox { left, top, width, height, rotation }) => {
            let corners = [*left, *top, left + width, top + height].map(|at| rounded(at).to_string());
            let mut of_box: Vec<(&str, String)> = ["xtl", "ytl", "xbr", "ybr"].into_iter().zip(corners).collect();
            of_box.extend((*rotation != 0.0).then(|| ("rotation", rotation.to_string())));
            ("box", of_box)
        }
        Shape::Polygon(outline) => ("polygon", points(outline)),
        Shape::Polyline(line) => ("polyline", points(line)),
        Shape::Point(point, _) => ("points", points(&[*point])),
        Shape::Mask(mask) => ("mask", mask_attributes(mask)?),
        Shape::Track(_) | Shape::Span { .. } | Shape::Segment { .. } | Shape::Cuboid { .. } => return None,
    };
    let mut attributes =
        vec![("label", mark.category.to_owned()), ("source", "manual".to_owned()), ("occluded", "0".to_owned())];
    attributes.extend(of_shape);
    attributes.push(("z_order", "0".to_owned()));
    Some(Element { name, attributes })
}

/// Run lengths along the rows of the smallest rectangle around the mask, beginning with those outside.
fn mask_attributes(mask: &Mask) -> Option<Vec<(&'static str, String)>> {
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
    let of_bounds = [("left", bounds.left), ("top", bounds.top), ("width", bounds.width), ("height", bounds.height)];
    let of_bounds = of_bounds.map(|(name, pixels)| (name, pixels.to_string()));
    Some([("rle", counts.join(", "))].into_iter().chain(of_bounds).collect())
}
