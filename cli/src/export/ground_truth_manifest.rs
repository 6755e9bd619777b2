//! An augmented manifest in the shape of a built-in task type, which training on SageMaker and Rekognition Custom Labels
//! read: `output.manifest`.

use std::io::Write as _;

use ground_truth::annotation_kinds::AnnotationKind;
use ground_truth::batch::SourceKind;
use ground_truth::label::{BuiltInLabel, Class, FieldLabel};
use ground_truth::label_content::{BuiltInTask, Decided, Shape};
use serde_json::{Value, json};

use super::{Export, LeftOut, ObjectLabels, Report};
use crate::labels::output_line;

fn holds(kind: &AnnotationKind) -> bool {
    kind.particulars.built_in.is_some_and(BuiltInTask::is_written)
}

pub(super) fn write(export: &Export<'_>, report: &mut Report) -> anyhow::Result<()> {
    let field = export.field_of(holds)?;
    let names = export.categories_of(&field);
    let attribute = export.job.label_attribute_name.as_deref().unwrap_or("label");
    let mut lines = Vec::new();
    for object in &export.objects {
        let Some(label) = object.fields.get(&field) else { continue };
        let Some(BuiltInLabel { label, mut metadata }) = built_in(export, object, label, &names, report) else {
            continue;
        };
        metadata.insert("human-annotated".to_owned(), json!("yes"));
        let of_line = export.job.details[object.idx].line.as_ref();
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
        line.insert(attribute.to_owned(), label);
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

/// The label in the built-in shape. Labels that came without a confidence have 0; marks that the shape cannot hold are left
/// out and counted.
fn built_in(
    export: &Export<'_>,
    object: &ObjectLabels<'_>,
    label: &FieldLabel<'_>,
    names: &[&str],
    report: &mut Report,
) -> Option<BuiltInLabel> {
    let source = object.text().map(|_| SourceKind::Text);
    let confidence = label.confidence().unwrap_or_default();
    match (label.kind()?.particulars.built_in?, label.decided()?) {
        (BuiltInTask::Classification, Decided::Category(name)) => {
            Some(BuiltInLabel::classification(class(names, name, report)?, confidence, source))
        }
        (BuiltInTask::MultiLabelClassification, Decided::Categories(chosen)) => {
            let of = |name: &str| Some(label.confidences()?.find(|(category, _)| *category == name)?.1);
            let with_confidence = |name| Some((class(names, name, report)?, of(name).unwrap_or(confidence)));
            let mut classes: Vec<(Class<'_>, f64)> = chosen.into_iter().map(with_confidence).collect::<Option<_>>()?;
            classes.sort_unstable_by_key(|(class, _)| class.index);
            Some(BuiltInLabel::multi_label_classification(&classes, source))
        }
        (BuiltInTask::ObjectDetection, Decided::Marks(_)) => {
            let mut boxes = Vec::new();
            for mark in export.marks(label, report) {
                if let (Some(bounds), Some(class)) = (mark.shape.bounds(), class(names, mark.category, report)) {
                    boxes.push((class, bounds, mark.confidence.unwrap_or_default()));
                }
            }
            if label.image_size().is_none() {
                report.leave_out(LeftOut::ImageSizeUnknown);
            }
            Some(BuiltInLabel::object_detection(&boxes, label.image_size()))
        }
        (BuiltInTask::NamedEntityRecognition, Decided::Marks(_)) => {
            let mut spans = Vec::new();
            for mark in export.marks(label, report) {
                if let Shape::Span { start, end } = mark.shape {
                    spans.push((mark.category, start, end, mark.confidence.unwrap_or_default()));
                }
            }
            Some(BuiltInLabel::named_entity_recognition(&spans, names.iter().copied()))
        }
        _ => None,
    }
}

/// A category with its index; one that has none is left out and counted.
fn class<'n>(names: &[&str], name: &'n str, report: &mut Report) -> Option<Class<'n>> {
    let index = names.iter().position(|known| *known == name);
    if index.is_none() {
        report.leave_out(LeftOut::CategoryWithoutIndex);
    }
    index.map(|index| Class { index, name })
}
