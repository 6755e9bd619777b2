//! Hugging Face `datasets`: `imagefolder` (a `metadata.jsonl` beside the images) and token classification (tokens and their
//! tags; huggingface.co/docs/datasets, "Create an image dataset").

use std::io::Write as _;

use ground_truth::label_content::{Decided, MarkGeometry};
use serde_json::{Map, Value, json};

use super::marks::{Mark, rounded};
use super::spacy::{self, text_and_spans};
use super::{Export, LeftOut, Report};

/// `metadata.jsonl`: one line per image, a member per field. Boxes are an `objects` column, as object detection has it.
pub(super) fn write_images(export: &Export<'_>, report: &mut Report) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for object in &export.objects {
        if object.text().is_some() {
            report.leave_out(LeftOut::ShapeUnknownToFormat);
            continue;
        }
        let mut line = Map::from_iter([("file_name".to_owned(), json!(object.file_name))]);
        for (name, label) in &object.fields {
            let value = match label.decided() {
                Some(Decided::Category(text) | Decided::Text(text)) => json!(text),
                Some(Decided::Categories(categories)) => json!(categories),
                Some(Decided::Number(number)) => json!(number),
                Some(Decided::Marks(marks)) if marks.geometry() == MarkGeometry::Box => {
                    let names = export.categories_of(name);
                    let index_of = |mark: &Mark<'_>| names.iter().position(|name| *name == mark.category);
                    let marks = export.marks(label, report);
                    let (boxes, categories): (Vec<[f64; 4]>, Vec<Option<usize>>) = marks
                        .iter()
                        .filter_map(|mark| Some((mark.shape.bounds()?.map(rounded), index_of(mark))))
                        .unzip();
                    json!({"bbox": boxes, "categories": categories})
                }
                _ => {
                    report.leave_out(LeftOut::ShapeUnknownToFormat);
                    continue;
                }
            };
            report.labels += 1;
            let is_boxes = label.content().geometry() == Some(MarkGeometry::Box);
            let column = if is_boxes && !line.contains_key("objects") { "objects" } else { name };
            line.insert(column.to_owned(), value);
        }
        lines.push(Value::Object(line));
    }
    report.objects = lines.len();
    export.file("metadata.jsonl", report, |file| {
        lines.iter().try_for_each(|line| writeln!(file, "{line}"))?;
        Ok(())
    })?;
    let names: Map<String, Value> =
        export.field_names().into_iter().map(|name| (name.clone(), json!(export.categories_of(&name)))).collect();
    export.file("categories.json", report, |file| Ok(serde_json::to_writer_pretty(file, &names)?))
}

/// `tokens.jsonl`: tokens and their tags, `B-…` for the first of a span, `I-…` for the others, `O` outside. Of spans that
/// overlap the first in reading order is written.
pub(super) fn write_tokens(export: &Export<'_>, report: &mut Report) -> anyhow::Result<()> {
    let field = export.field_of(spacy::holds)?;
    let names = export.categories_of(&field);
    let mut tags = vec!["O".to_owned()];
    tags.extend(names.iter().flat_map(|name| [format!("B-{name}"), format!("I-{name}")]));
    let mut lines = Vec::new();
    for object in &export.objects {
        let Some((text, spans)) = text_and_spans(export, object, &field, report) else { continue };
        let tokens = text.tokens();
        let mut of_tokens = vec![0; tokens.len()];
        for (range, category) in spans {
            let Some(class) = names.iter().position(|name| *name == category) else { continue };
            let inside = |token: &std::ops::Range<usize>| token.start < range.end && range.start < token.end;
            let indices: Vec<usize> = (0..tokens.len()).filter(|idx| inside(&tokens[*idx])).collect();
            if indices.iter().any(|idx| of_tokens[*idx] != 0) {
                report.leave_out(LeftOut::ShapeUnknownToFormat);
                continue;
            }
            for (n, idx) in indices.into_iter().enumerate() {
                of_tokens[idx] = 1 + 2 * class + usize::from(n > 0);
            }
        }
        let words: Vec<&str> = tokens.iter().map(|token| text.slice(token)).collect();
        lines.push(json!({"id": object.id, "tokens": words, "ner_tags": of_tokens}));
    }
    report.objects = lines.len();
    export.file("tokens.jsonl", report, |file| {
        lines.iter().try_for_each(|line| writeln!(file, "{line}"))?;
        Ok(())
    })?;
    export.file("tags.json", report, |file| Ok(serde_json::to_writer_pretty(file, &tags)?))
}
