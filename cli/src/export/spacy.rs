//! spaCy: `spans.jsonl`, a text and its spans per line, in characters. `Doc.char_span(start, end, label)` takes them as they
//! are; the file says how.

use std::io::Write as _;
use std::ops::Range;

use ground_truth::annotation_kinds::AnnotationKind;
use ground_truth::label_content::{MarkGeometry, Shape};
use serde_json::json;

use super::text_units::Text;
use super::{Export, LeftOut, ObjectLabels, Report};

/// A span of characters with its category.
pub(super) type Span = (Range<usize>, String);

pub(super) fn holds(kind: &AnnotationKind) -> bool {
    kind.label.geometry() == Some(MarkGeometry::Span)
}

pub(super) fn write(export: &Export<'_>, report: &mut Report) -> anyhow::Result<()> {
    let field = export.field_of(holds)?;
    let mut lines = Vec::new();
    for object in &export.objects {
        let Some((text, spans)) = text_and_spans(export, object, &field, report) else { continue };
        let spans: Vec<_> = spans
            .iter()
            .map(|(range, label)| json!({"start": range.start, "end": range.end, "label": label, "text": text.slice(range)}))
            .collect();
        lines.push(json!({"id": object.id, "text": text.text, "spans": spans}));
    }
    report.objects = lines.len();
    export.file("spans.jsonl", report, |file| {
        lines.iter().try_for_each(|line| writeln!(file, "{line}"))?;
        Ok(())
    })
}

/// The text of an object and its spans, in reading order.
pub(super) fn text_and_spans<'a>(
    export: &Export<'_>,
    object: &'a ObjectLabels<'_>,
    field: &str,
    report: &mut Report,
) -> Option<(Text<'a>, Vec<Span>)> {
    let label = object.fields.get(field)?;
    let Some(text) = object.text() else {
        report.leave_out(LeftOut::NoText);
        return None;
    };
    let text = Text::new(text);
    let mut spans = Vec::new();
    for mark in export.marks(label, report) {
        let Shape::Span { start, end } = mark.shape else { continue };
        match text.characters(start, end) {
            Some(range) => spans.push((range, mark.category.to_owned())),
            None => report.leave_out(LeftOut::SpanOutsideText),
        }
    }
    spans.sort_by(|a, b| (a.0.start, a.0.end, &a.1).cmp(&(b.0.start, b.0.end, &b.1)));
    report.labels += spans.len();
    Some((text, spans))
}
