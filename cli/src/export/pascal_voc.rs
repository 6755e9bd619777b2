//! Pascal VOC: one XML file per image with its boxes, in pixels (host.robots.ox.ac.uk, "VOC2012 Annotation Guidelines"); the
//! list of images; and, as other tools have added, the list of classes, which the original kept in its code.

use std::io::{self, Write};

use ground_truth::annotation_kinds::AnnotationKind;
use ground_truth::label_content::MarkGeometry;
use ground_truth::mask_png::Color;
use quick_xml::Writer;

use super::marks::{Mark, rounded};
use super::{Export, LeftOut, Report, xml};

/// What has a box around it. An instance has one, the class of all its pixels has none that tells anything.
pub(super) fn holds(kind: &AnnotationKind) -> bool {
    let geometry = kind.label.geometry();
    matches!(geometry, Some(MarkGeometry::Box | MarkGeometry::Polygon)) || kind.name == "instance-mask"
}

pub(super) fn write(export: &Export<'_>, report: &mut Report) -> anyhow::Result<()> {
    let field = export.field_of(holds)?;
    export.file("labelmap.txt", report, |file| {
        writeln!(file, "# label:color_rgb:parts:actions\nbackground:0,0,0::")?;
        // A name with a colon would be read as another.
        let names = export.categories_of(&field).into_iter().filter(|name| !name.contains([':', '\n']));
        for (number, name) in names.enumerate() {
            let Color([red, green, blue]) = Color::numbered(number);
            writeln!(file, "{name}:{red},{green},{blue}::")?;
        }
        Ok(())
    })?;
    export.file("ImageSets/Main/default.txt", report, |file| {
        for object in export.objects.iter().filter(|object| object.fields.contains_key(&field)) {
            writeln!(file, "{}", object.stem())?;
        }
        Ok(())
    })?;
    for object in &export.objects {
        let Some(label) = object.fields.get(&field) else { continue };
        let size = label.image_size();
        if size.is_none() {
            report.leave_out(LeftOut::ImageSizeUnknown);
        }
        let marks = export.marks(label, report);
        report.objects += 1;
        report.labels += marks.len();
        export.file(&format!("Annotations/{}.xml", object.stem()), report, |file| {
            let mut writer = xml::writer(&mut *file);
            writer.create_element("annotation").write_inner_content(|writer| {
                xml::write_text(writer, "filename", &object.file_name)?;
                writer
                    .create_element("source")
                    .write_inner_content(|writer| xml::write_text(writer, "annotation", object.source_text()))?;
                let (width, height) = size.unwrap_or_default();
                writer.create_element("size").write_inner_content(|writer| {
                    xml::write_text(writer, "width", &width.to_string())?;
                    xml::write_text(writer, "height", &height.to_string())?;
                    xml::write_text(writer, "depth", "3")
                })?;
                xml::write_text(writer, "segmented", "0")?;
                marks.iter().try_for_each(|mark| write_object(writer, mark))
            })?;
            Ok(writeln!(file)?)
        })?;
    }
    Ok(())
}

/// A mark as the box around it.
fn write_object<W: Write>(writer: &mut Writer<W>, mark: &Mark<'_>) -> io::Result<()> {
    let Some([left, top, width, height]) = mark.shape.bounds() else { return Ok(()) };
    let [left, top, right, bottom] = [left, top, left + width, top + height].map(rounded);
    writer.create_element("object").write_inner_content(|writer| {
        xml::write_text(writer, "name", mark.category)?;
        xml::write_text(writer, "pose", "Unspecified")?;
        xml::write_text(writer, "truncated", "0")?;
        xml::write_text(writer, "difficult", "0")?;
        writer.create_element("bndbox").write_inner_content(|writer| {
            let corners = [("xmin", left), ("ymin", top), ("xmax", right), ("ymax", bottom)];
            corners.iter().try_for_each(|(name, at)| xml::write_text(writer, name, &at.to_string()))
        })?;
        Ok(())
    })?;
    Ok(())
}
