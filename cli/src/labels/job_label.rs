//! A label of a finished job, in whatever format it was written, as one object per form field.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

mod masks;

pub(crate) use masks::masks;

/// What a job says of one form field of one object, with the members of our format `fields`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FieldLabel {
    /// The annotation kind.
    pub(crate) kind: String,
    /// Its members.
    pub(crate) members: Map<String, Value>,
}

/// A label.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum JobLabel {
    /// It decides nothing: it is empty, says that it is unresolved, or lists the workers' answers.
    Nothing,
    /// Fields by name, in our format.
    Fields(BTreeMap<String, FieldLabel>),
    /// The label of a built-in task type, which has no name for its field.
    BuiltIn(FieldLabel),
    /// Something else.
    Foreign,
}

impl FieldLabel {
    fn new(kind: &str, members: Value) -> Self {
        let Value::Object(members) = members else { return Self { kind: kind.to_owned(), members: Map::new() } };
        Self { kind: kind.to_owned(), members }
    }

    /// Whether it holds a label at all.
    pub(crate) fn is_resolved(&self) -> bool {
        !self.members.contains_key("reason")
    }

    /// A member that is text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str()
    }

    /// How sure the label is as a whole.
    pub(crate) fn confidence(&self) -> Option<f64> {
        self.members.get("confidence")?.as_f64()
    }

    /// A member that is a list; empty when it is not there.
    pub(crate) fn list(&self, name: &str) -> &[Value] {
        self.members.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Width and height in pixels, where the form told them.
    pub(crate) fn image_size(&self) -> Option<(f64, f64)> {
        let size = self.members.get("imageSize")?;
        Some((size.get("width")?.as_f64()?, size.get("height")?.as_f64()?))
    }
}

/// Reads a label with its metadata.
pub(crate) fn read(label: &Value, metadata: Option<&Map<String, Value>>) -> JobLabel {
    if let Some(built_in) = metadata.and_then(|metadata| built_in(label, metadata)) {
        return JobLabel::BuiltIn(built_in);
    }
    let Value::Object(members) = label else { return JobLabel::Foreign };
    let says_nothing = members.is_empty()
        || members.contains_key("annotationsFromAllWorkers")
        || members.get("status") == Some(&json!("unresolved"));
    if says_nothing {
        return JobLabel::Nothing;
    }
    fields(members).map_or(JobLabel::Foreign, JobLabel::Fields)
}

/// Reads the members of a label in our format `fields`; `None` when it is in another one.
pub(crate) fn fields(members: &Map<String, Value>) -> Option<BTreeMap<String, FieldLabel>> {
    let field = |(name, value): (&String, &Value)| {
        let members = value.as_object()?;
        let kind = members.get("kind")?.as_str()?.to_owned();
        Some((name.clone(), FieldLabel { kind, members: members.clone() }))
    };
    members.iter().map(field).collect()
}

/// A label of a built-in task type with classes by their names.
fn built_in(label: &Value, metadata: &Map<String, Value>) -> Option<FieldLabel> {
    if let Some(color_map) = metadata.get("internal-color-map") {
        return masks::built_in(label, color_map.as_object()?);
    }
    let class_map = metadata.get("class-map").and_then(Value::as_object);
    let class = |index: &Value| {
        let index = index.as_str().map_or_else(|| index.to_string(), str::to_owned);
        class_map?.get(&index).cloned()
    };
    if let Some(name) = metadata.get("class-name").filter(|_| !label.is_object()) {
        return Some(FieldLabel::new(
            "classification",
            json!({"label": name, "confidence": metadata.get("confidence")}),
        ));
    }
    match label {
        Value::Array(indices) => {
            let labels: Vec<Value> = indices.iter().map(class).collect::<Option<_>>()?;
            Some(FieldLabel::new("multi-label", json!({ "labels": labels })))
        }
        Value::Object(members) => {
            let (kind, marks) = match members.get("annotations")? {
                Value::Array(marks) => ("bounding-box", marks),
                spans => ("text-span", spans.get("entities")?.as_array()?),
            };
            let of_marks = metadata.get("objects").or_else(|| metadata.get("entities")).and_then(Value::as_array);
            let mark = |(place, mark): (usize, &Value)| {
                let mut members = mark.as_object()?.clone();
                if let Some(index) = members.shift_remove("class_id") {
                    members.insert("label".to_owned(), class(&index)?);
                }
                if let Some(confidence) = of_marks.and_then(|of_marks| of_marks.get(place)?.get("confidence")) {
                    members.insert("confidence".to_owned(), confidence.clone());
                }
                Some(Value::Object(members))
            };
            let marks: Vec<Value> = marks.iter().enumerate().map(mark).collect::<Option<_>>()?;
            let mut field = FieldLabel::new(kind, json!({ "annotations": marks }));
            if let Some(size) = members.get("image_size").and_then(|sizes| sizes.get(0)) {
                let size = json!({"width": size.get("width"), "height": size.get("height")});
                field.members.insert("imageSize".to_owned(), size);
            }
            Some(field)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(label: Value, metadata: Value, expected: &str) {
        let field = |field: &FieldLabel| format!("{} {}", field.kind, Value::Object(field.members.clone()));
        let found = match read(&label, metadata.as_object()) {
            JobLabel::Nothing => "nothing".to_owned(),
            JobLabel::Foreign => "foreign".to_owned(),
            JobLabel::BuiltIn(built_in) => field(&built_in),
            JobLabel::Fields(fields) => fields.iter().map(|(name, one)| format!("{name}: {}", field(one))).collect(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn labels_of_every_origin_are_understood() {
        check(json!({}), json!({"worker-response-ref": "s3://b/k"}), "nothing");
        check(json!({"status": "unresolved", "reason": "no-answer"}), json!({}), "nothing");
        check(json!({"annotationsFromAllWorkers": []}), json!({}), "nothing");
        check(json!({"animal": "otter"}), json!({}), "foreign");
        check(
            json!({"animal": {"kind": "classification", "label": "otter"}}),
            json!({}),
            r#"animal: classification {"kind":"classification","label":"otter"}"#,
        );
        check(
            json!(1),
            json!({"class-name": "otter", "confidence": 0.7}),
            r#"classification {"label":"otter","confidence":0.7}"#,
        );
        check(json!(["0"]), json!({"class-map": {"0": "calm"}}), r#"multi-label {"labels":["calm"]}"#);
        check(json!([7]), json!({"class-map": {"0": "calm"}}), "foreign");
        check(
            json!({"annotations": [{"class_id": 0, "left": 1}], "image_size": [{"width": 8, "height": 6, "depth": 3}]}),
            json!({"class-map": {"0": "otter"}, "objects": [{"confidence": 0.8}]}),
            r#"bounding-box {"annotations":[{"left":1,"label":"otter","confidence":0.8}],"imageSize":{"width":8,"height":6}}"#,
        );
        check(
            json!({"annotations": {"labels": [], "entities": [{"label": "river", "startOffset": 4, "endOffset": 9}]}}),
            json!({"entities": [{"confidence": 0.0}]}),
            r#"text-span {"annotations":[{"label":"river","startOffset":4,"endOffset":9,"confidence":0.0}]}"#,
        );
    }
}
