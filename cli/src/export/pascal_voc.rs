//! Pascal VOC: one XML file per image with its boxes, in pixels (host.robots.ox.ac.uk, "VOC2012 Annotation Guidelines"); the
//! list of images; and, as other tools have added, the list of classes, which the original kept in its code.

use std::io::Write as _;

use ground_truth::annotation_kinds::AnnotationKind;
use ground_truth::label_content::MarkGeometry;
use ground_truth::mask_png::Color;

use super::marks::rounded;
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
            writeln!(file, "<annotation>")?;
            writeln!(file, "  <filename>{}</filename>", xml::escape(&object.file_name))?;
            writeln!(file, "  <source><annotation>{}</annotation></source>", xml::escape(object.source_text()))?;
            let (width, height) = size.unwrap_or_default();
            writeln!(file, "  <size><width>{width}</width><height>{height}</height><depth>3</depth></size>")?;
            writeln!(file, "  <segmented>0</segmented>")?;
            for mark in &marks {
                let Some([left, top, width, height]) = mark.shape.bounds() else { continue };
                let [left, top, right, bottom] = [left, top, left + width, top + height].map(rounded);
                writeln!(file, "  <object>")?;
                writeln!(file, "    <name>{}</name>", xml::escape(mark.category))?;
                writeln!(file, "    <pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>")?;
                writeln!(file, "    <bndbox><xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox>")?;
                writeln!(file, "  </object>")?;
            }
            writeln!(file, "</annotation>")?;
            Ok(())
        })?;
    }
    Ok(())
}
