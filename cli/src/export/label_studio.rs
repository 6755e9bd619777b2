//! Label Studio: `tasks.json` to import, with the labels as predictions, and `interface.xml`, the labeling interface that
//! shows them (labelstud.io/guide, "Import pre-annotated data").

use std::collections::BTreeMap;
use std::io::Write as _;

use ground_truth::label::FieldLabel;
use ground_truth::label_content::{Decided, LabelContent, MarkGeometry, Shape};
use serde_json::{Value, json};

use super::marks::{Mark, rounded};
use super::text_units::Text;
use super::{Export, LeftOut, ObjectLabels, Report, xml};

/// The control of the labeling interface for labels like these: its element, and the type of its results, which is the name of
/// their value as well. `None` where there is none.
fn control(content: LabelContent) -> Option<(&'static str, &'static str)> {
    Some(match content {
        LabelContent::Category | LabelContent::Categories => ("Choices", "choices"),
        LabelContent::Text => ("TextArea", "textarea"),
        LabelContent::Number => ("Number", "number"),
        LabelContent::Marks(MarkGeometry::Box) => ("RectangleLabels", "rectanglelabels"),
        LabelContent::Marks(MarkGeometry::Polygon) => ("PolygonLabels", "polygonlabels"),
        LabelContent::Marks(MarkGeometry::Point) => ("KeyPointLabels", "keypointlabels"),
        LabelContent::Marks(MarkGeometry::Span) => ("Labels", "labels"),
        _ => return None,
    })
}

pub(super) fn write(export: &Export<'_>, report: &mut Report) -> anyhow::Result<()> {
    let mut tasks = Vec::new();
    for object in &export.objects {
        let data = if object.text().is_some() { "text" } else { "image" };
        let mut results = Vec::new();
        for (field, label) in &object.fields {
            results.extend(of_field(export, object, field, label, data, report));
        }
        for (n, result) in results.iter_mut().enumerate() {
            result["id"] = json!(format!("{}-{n}", object.id));
        }
        report.labels += results.len();
        tasks.push(json!({
            "data": {data: object.source_text(), "ground_truth_object": object.id},
            "predictions": [{"model_version": "ground-truth", "result": results}],
        }));
    }
    report.objects = tasks.len();
    export.file("tasks.json", report, |file| Ok(serde_json::to_writer_pretty(file, &tasks)?))?;
    write_interface(export, report)
}

fn of_field(
    export: &Export<'_>,
    object: &ObjectLabels<'_>,
    field: &str,
    label: &FieldLabel<'_>,
    data: &str,
    report: &mut Report,
) -> Vec<Value> {
    let (Some((_, kind)), Some(decided)) = (control(label.content()), label.decided()) else {
        report.leave_out(LeftOut::ShapeUnknownToFormat);
        return Vec::new();
    };
    let result = |value: Value| json!({"from_name": field, "to_name": data, "type": kind, "value": value});
    match decided {
        Decided::Category(category) => vec![result(json!({ "choices": [category] }))],
        Decided::Categories(categories) => vec![result(json!({ "choices": categories }))],
        Decided::Text(text) => vec![result(json!({ "text": [text] }))],
        Decided::Number(number) => vec![result(json!({ "number": number }))],
        Decided::Marks(marks) if marks.geometry() == MarkGeometry::Span => {
            let Some(text) = object.text() else {
                report.leave_out(LeftOut::NoText);
                return Vec::new();
            };
            let text = Text::new(text);
            let mut spans = Vec::new();
            for mark in export.marks(label, report) {
                let Shape::Span { start, end } = mark.shape else { continue };
                match text.characters(start, end) {
                    // Its editor is a browser's too, but counts characters.
                    Some(range) => spans.push(result(json!({"start": range.start, "end": range.end,
                        "text": text.slice(&range), "labels": [mark.category]}))),
                    None => report.leave_out(LeftOut::SpanOutsideText),
                }
            }
            spans
        }
        _ => {
            let Some(size) = label.image_size() else {
                report.leave_out(LeftOut::ImageSizeUnknown);
                return Vec::new();
            };
            let drawn = |mark: &Mark<'_>| {
                let mut drawn = result(percent(&mark.shape, size)?);
                drawn["value"][kind] = json!([mark.category]);
                drawn["original_width"] = json!(size.0);
                drawn["original_height"] = json!(size.1);
                drawn["image_rotation"] = json!(0);
                if let Some(confidence) = mark.confidence {
                    drawn["score"] = json!(confidence);
                }
                Some(drawn)
            };
            export.marks(label, report).iter().filter_map(drawn).collect()
        }
    }
}

/// Positions in percent of the image's width and height. Label Studio turns boxes about their top left corner.
fn percent(shape: &Shape, (width, height): (f64, f64)) -> Option<Value> {
    let x = |pixels: f64| rounded(100.0 * pixels / width);
    let y = |pixels: f64| rounded(100.0 * pixels / height);
    Some(match shape {
        Shape::Box(drawn) => {
            let [corner, ..] = drawn.corners()?;
            json!({"x": x(corner.x), "y": y(corner.y), "width": x(drawn.width), "height": y(drawn.height), "rotation": drawn.rotation})
        }
        Shape::Polygon(points) => {
            let points: Vec<[f64; 2]> = points.iter().map(|point| [x(point.x), y(point.y)]).collect();
            json!({ "points": points, "closed": true })
        }
        Shape::Point(point, _) => json!({"x": x(point.x), "y": y(point.y), "width": 0.5}),
        _ => return None,
    })
}

fn write_interface(export: &Export<'_>, report: &mut Report) -> anyhow::Result<()> {
    let mut fields: BTreeMap<&str, LabelContent> = BTreeMap::new();
    for (name, label) in export.objects.iter().flat_map(|object| &object.fields) {
        fields.insert(name, label.content());
    }
    let shows_text = export.objects.iter().any(|object| object.text().is_some());
    let (element, data) = if shows_text { ("Text", "text") } else { ("Image", "image") };
    export.file("interface.xml", report, |file| {
        let mut writer = xml::writer(&mut *file);
        writer.create_element("View").write_inner_content(|writer| {
            let shown = [("name", data), ("value", &format!("${data}"))];
            let shown = shown.map(|(name, value)| xml::attribute(name, value));
            writer.create_element(element).with_attributes(shown).write_empty()?;
            for (field, content) in fields {
                let Some((control, _)) = control(content) else { continue };
                let attributes = [xml::attribute("name", field), xml::attribute("toName", data)];
                let asked = writer.create_element(control).with_attributes(attributes);
                if matches!(control, "TextArea" | "Number") {
                    asked.write_empty()?;
                    continue;
                }
                let choice = (content == LabelContent::Categories).then(|| xml::attribute("choice", "multiple"));
                let option = if control == "Choices" { "Choice" } else { "Label" };
                asked.with_attributes(choice).write_inner_content(|writer| {
                    for category in export.categories_of(field) {
                        let value = xml::attribute("value", category);
                        writer.create_element(option).with_attribute(value).write_empty()?;
                    }
                    Ok(())
                })?;
            }
            Ok(())
        })?;
        Ok(writeln!(file)?)
    })
}
