//! Every field of every object, as CSV and as JSON Lines.

use std::io::Write as _;

use ground_truth::label::FieldLabel;
use serde_json::json;

use super::{Export, Report};

/// `labels.csv`: a column per field and one for its confidence. What is more than a value stands in its cell as JSON.
pub(super) fn write_csv(export: &Export<'_>, report: &mut Report) -> anyhow::Result<()> {
    let fields = export.field_names();
    report.objects = export.objects.len();
    report.labels = export.objects.iter().map(|object| object.fields.len()).sum();
    export.file("labels.csv", report, |file| {
        let mut csv = csv::Writer::from_writer(file);
        let mut header = vec!["object".to_owned(), "source".to_owned()];
        header.extend(fields.iter().flat_map(|field| [field.clone(), format!("{field}.confidence")]));
        csv.write_record(&header)?;
        for object in &export.objects {
            let mut row = vec![object.id.to_owned(), object.source_text().to_owned()];
            for field in &fields {
                let label = object.fields.get(field);
                row.push(label.map(FieldLabel::cell).unwrap_or_default());
                row.push(
                    label.and_then(FieldLabel::confidence).map_or(String::new(), |confidence| confidence.to_string()),
                );
            }
            // Spreadsheets run what begins like a formula; a leading apostrophe makes it text.
            csv.write_record(row.iter().map(|cell| harmless(cell)))?;
        }
        csv.flush()?;
        Ok(())
    })
}

/// A formula of a spreadsheet as text. Numbers stay numbers.
fn harmless(cell: &str) -> String {
    let looks_like_a_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if looks_like_a_formula { format!("'{cell}") } else { cell.to_owned() }
}

/// `labels.jsonl`: the members of every field, as the label has them.
pub(super) fn write_json_lines(export: &Export<'_>, report: &mut Report) -> anyhow::Result<()> {
    report.objects = export.objects.len();
    report.labels = export.objects.iter().map(|object| object.fields.len()).sum();
    export.file("labels.jsonl", report, |file| {
        for object in &export.objects {
            let line = json!({"object": object.id, "source": object.source_text(), "fields": object.fields});
            writeln!(file, "{line}")?;
        }
        Ok(())
    })
}
