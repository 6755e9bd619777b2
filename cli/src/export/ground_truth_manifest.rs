//! An augmented manifest in the shape of a built-in task type, which training on SageMaker and Rekognition Custom Labels
//! read: `output.manifest`.

use std::io::Write as _;

use serde_json::{Map, Value, json};

use super::marks::{Mark, Shape, marks};
use super::{Export, LeftOut, ObjectLabels, Report};
use crate::labels::job_label::FieldLabel;
use crate::labels::output_line;

const KINDS: &[&str] = &["classification", "multi-label", "bounding-box", "text-span"];

pub(super) fn write(export: &Export<'_>, report: &mut Report) -> anyhow::Result<()> {
    let field = export.field_of(KINDS)?;
    let names = export.categories_of(&field);
    let attribute = export.job.label_attribute_name.as_deref().unwrap_or("label");
    let mut lines = Vec::new();
    for object in &export.objects {
        let Some(label) = object.fields.get(&field) else { continue };
        let Some((value, mut metadata)) = built_in(export, object, label, &names, report) else { continue };
        metadata.insert("human-annotated".to_owned(), json!("yes"));
        let of_line = export.job.details[object.place].line.as_ref();
        let mut line = of_line.map(|line| line.read().members).unwrap_or_default();
        if of_line.is_none() {
            let name = if object.text().is_some() { "source" } else { "source-ref" };
            line.insert(name.to_owned(), json!(object.source_text()));
        }
        let metadata_name = output_line::metadata_name(attribute);
        let old = line.get(&metadata_name).and_then(Value::as_object);
        for (name, otherwise) in
            [("job-name", export.job.name.as_ref().map(|name| format!("labeling-job/{name}"))), ("creation-date", None)]
        {
            let text = old.and_then(|old| old.get(name)?.as_str().map(str::to_owned)).or(otherwise);
            if let Some(text) = text {
                metadata.insert(name.to_owned(), json!(text));
            }
        }
        line.retain(|name, _| *name != attribute && *name != metadata_name);
        line.insert(attribute.to_owned(), value);
        line.insert(metadata_name, metadata.into());
        report.labels += 1;
        lines.push(Value::Object(line));
    }
    report.objects = lines.len();
    export.file("output.manifest", report, |file| {
        lines.iter().try_for_each(|line| writeln!(file, "{line}"))?;
        Ok(())
    })
}

fn built_in(
    export: &Export<'_>,
    object: &ObjectLabels<'_>,
    label: &FieldLabel,
    names: &[&str],
    report: &mut Report,
) -> Option<(Value, Map<String, Value>)> {
    let shows = if object.text().is_some() { "text" } else { "image" };
    let mut index = |name: &str| {
        let index = names.iter().position(|known| *known == name);
        if index.is_none() {
            report.leave_out(LeftOut::CategoryWithoutIndex);
        }
        index
    };
    let confidence = label.confidence().unwrap_or_default();
    let (value, metadata) = match label.kind.as_str() {
        "classification" => {
            let name = label.text("label")?;
            let metadata = json!({"class-name": name, "confidence": confidence, "type": format!("groundtruth/{shows}-classification")});
            (json!(index(name)?), metadata)
        }
        "multi-label" => {
            let chosen: Vec<&str> = label.list("labels").iter().filter_map(Value::as_str).collect();
            let mut of_names: Vec<(usize, &str)> =
                chosen.into_iter().map(|name| Some((index(name)?, name))).collect::<Option<_>>()?;
            of_names.sort_unstable();
            let confidences = label.members.get("confidences");
            let of = |name: &str| confidences.and_then(|all| all.get(name)?.as_f64()).unwrap_or(confidence);
            let class_map: Map<String, Value> =
                of_names.iter().map(|(index, name)| (index.to_string(), json!(name))).collect();
            let confidence_map: Map<String, Value> =
                of_names.iter().map(|(index, name)| (index.to_string(), json!(of(name)))).collect();
            let indices: Vec<usize> = of_names.iter().map(|(index, _)| *index).collect();
            let metadata = json!({"class-map": class_map, "confidence-map": confidence_map,
                "type": format!("groundtruth/{shows}-classification-multilabel")});
            (json!(indices), metadata)
        }
        "bounding-box" => {
            let marks: Vec<Mark> = marks(label, export.options.min_confidence);
            let mut class_map = Map::new();
            let (mut boxes, mut confidences) = (Vec::new(), Vec::new());
            for mark in &marks {
                let (Some(bounds), Some(class)) = (mark.shape.bounds(), index(&mark.category)) else { continue };
                let [left, top, width, height] = bounds.map(|side| side.round() as i64);
                class_map.insert(class.to_string(), json!(mark.category));
                boxes.push(json!({"class_id": class, "left": left, "top": top, "width": width, "height": height}));
                confidences.push(json!({"confidence": mark.confidence.unwrap_or_default()}));
            }
            let size = label
                .image_size()
                .map(|(width, height)| json!({"width": width as u64, "height": height as u64, "depth": 3}));
            if size.is_none() {
                report.leave_out(LeftOut::ImageSizeUnknown);
            }
            let value = json!({"image_size": size.into_iter().collect::<Vec<_>>(), "annotations": boxes});
            (value, json!({"objects": confidences, "class-map": class_map, "type": "groundtruth/object-detection"}))
        }
        _ => {
            let marks: Vec<Mark> = marks(label, export.options.min_confidence);
            let (mut spans, mut confidences) = (Vec::new(), Vec::new());
            for mark in &marks {
                if let Shape::Span { start, end } = mark.shape {
                    spans.push(json!({"label": mark.category, "startOffset": start, "endOffset": end}));
                    confidences.push(json!({"confidence": mark.confidence.unwrap_or_default()}));
                }
            }
            let labels: Vec<Value> = names.iter().map(|name| json!({ "label": name })).collect();
            let value = json!({"annotations": {"labels": labels, "entities": spans}});
            (value, json!({"entities": confidences, "type": "groundtruth/text-span"}))
        }
    };
    let Value::Object(metadata) = metadata else { return None };
    Some((value, metadata))
}
