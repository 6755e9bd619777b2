//! Labels of finished jobs, in whatever format they were written.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::built_in;
use super::field_label::FieldLabel;
use crate::label_content::Decision;

/// A label as it was found under its label attribute. Exhaustive, so that whoever reads labels decides about every form.
#[derive(Debug, Clone, PartialEq)]
pub enum Label {
    /// It is empty, or says that it is unresolved.
    Nothing,
    /// The answers of all workers, unconsolidated.
    AllAnswers,
    /// The format `fields`: form fields by name.
    Fields(BTreeMap<String, FieldLabel<'static>>),
    /// The label of a built-in task type, which has no name for its field.
    BuiltIn(FieldLabel<'static>),
    /// A label in a shape that we do not recognize, as functions that somebody wrote return them.
    Unrecognized(Value),
}

/// What a label decided, by form field where it names them. Exhaustive, so that no comparison passes over a form.
#[derive(Debug, Clone, PartialEq)]
pub enum Decisions {
    /// A decision for each form field.
    ByField(BTreeMap<String, Decision>),
    /// One decision, of a field that the label does not name.
    OfUnnamedField(Decision),
    /// The label has a shape that we do not recognize; it cannot be compared.
    Unrecognized,
}

impl Label {
    /// Reads a label with its metadata.
    ///
    /// ```
    /// use ground_truth::label::Label;
    /// use serde_json::json;
    ///
    /// let line = json!({"animal": {"kind": "multi-label", "labels": ["otter", "wet"], "confidence": 0.9, "workers": 3}});
    /// let Label::Fields(fields) = Label::read(&line, None) else { panic!("the format `fields`") };
    /// assert_eq!(fields["animal"].headline().as_deref(), Some("otter + wet"));
    ///
    /// let metadata = json!({"class-name": "otter", "confidence": 0.7});
    /// let Label::BuiltIn(animal) = Label::read(&json!(1), metadata.as_object()) else { panic!("a built-in task type") };
    /// assert_eq!((animal.kind_name(), animal.confidence()), ("classification", Some(0.7)));
    /// ```
    pub fn read(label: &Value, metadata: Option<&Map<String, Value>>) -> Self {
        if let Some(built_in) = metadata.and_then(|metadata| built_in::read(label, metadata)) {
            return Self::BuiltIn(built_in);
        }
        let Value::Object(members) = label else { return Self::Unrecognized(label.clone()) };
        if members.contains_key("annotationsFromAllWorkers") {
            return Self::AllAnswers;
        }
        if members.is_empty() || members.get("status").is_some_and(|status| status == "unresolved") {
            return Self::Nothing;
        }
        let field = |(name, value): (&String, &Value)| Some((name.clone(), FieldLabel::read(value)?));
        members.iter().map(field).collect::<Option<_>>().map_or_else(|| Self::Unrecognized(label.clone()), Self::Fields)
    }

    /// Whether it decides nothing at all.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing | Self::AllAnswers)
    }

    /// What it decided. Of a label that we do not recognize: one plain value per field, or one alone, as far as these could be
    /// set beside ours.
    pub fn decisions(&self) -> Decisions {
        match self {
            Self::Nothing | Self::AllAnswers => Decisions::ByField(BTreeMap::new()),
            Self::Fields(fields) => {
                let decision = |(name, field): (&String, &FieldLabel<'_>)| Some((name.clone(), field.decision()?));
                Decisions::ByField(fields.iter().filter_map(decision).collect())
            }
            Self::BuiltIn(field) => field.decision().map_or(Decisions::Unrecognized, Decisions::OfUnnamedField),
            Self::Unrecognized(Value::Object(members)) => {
                let plain = |(name, value): (&String, &Value)| Some((name.clone(), Decision::from_plain(value)?));
                let plain: BTreeMap<String, Decision> = members.iter().filter_map(plain).collect();
                if plain.is_empty() { Decisions::Unrecognized } else { Decisions::ByField(plain) }
            }
            Self::Unrecognized(value @ (Value::String(_) | Value::Number(_))) => {
                Decision::from_plain(value).map_or(Decisions::Unrecognized, Decisions::OfUnnamedField)
            }
            Self::Unrecognized(_) => Decisions::Unrecognized,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(label: Value, metadata: Value, expected: &str) {
        let field = |field: &FieldLabel<'_>| json!(field).to_string();
        let found = match Label::read(&label, metadata.as_object()) {
            Label::Nothing => "nothing".to_owned(),
            Label::AllAnswers => "all answers".to_owned(),
            Label::Unrecognized(_) => "unrecognized".to_owned(),
            Label::BuiltIn(built_in) => field(&built_in),
            Label::Fields(fields) => fields.iter().map(|(name, one)| format!("{name}: {}", field(one))).collect(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn labels_of_every_origin_are_understood() {
        check(json!({}), json!({"worker-response-ref": "s3://b/k"}), "nothing");
        check(json!({"status": "unresolved", "reason": "no-answer"}), json!({}), "nothing");
        check(json!({"annotationsFromAllWorkers": []}), json!({}), "all answers");
        check(json!({"animal": "otter"}), json!({}), "unrecognized");
        check(
            json!({"animal": {"kind": "classification", "label": "otter"}}),
            json!({}),
            r#"animal: {"kind":"classification","label":"otter"}"#,
        );
        check(
            json!(1),
            json!({"class-name": "otter", "confidence": 0.7}),
            r#"{"kind":"classification","label":"otter","confidence":0.7}"#,
        );
        check(json!(["0"]), json!({"class-map": {"0": "calm"}}), r#"{"kind":"multi-label","labels":["calm"]}"#);
        check(json!([7]), json!({"class-map": {"0": "calm"}}), "unrecognized");
        check(
            json!({"annotations": [{"class_id": 0, "left": 1}], "image_size": [{"width": 8, "height": 6, "depth": 3}]}),
            json!({"class-map": {"0": "otter"}, "objects": [{"confidence": 0.8}]}),
            r#"{"kind":"bounding-box","annotations":[{"left":1,"label":"otter","confidence":0.8}],"imageSize":{"width":8,"height":6}}"#,
        );
        check(
            json!({"annotations": {"labels": [], "entities": [{"label": "river", "startOffset": 4, "endOffset": 9}]}}),
            json!({"entities": [{"confidence": 0.0}]}),
            r#"{"kind":"text-span","annotations":[{"label":"river","startOffset":4,"endOffset":9,"confidence":0.0}]}"#,
        );
    }

    fn field(label: Value) -> FieldLabel<'static> {
        FieldLabel::read(&label).expect("a label")
    }

    #[test]
    fn texts_of_a_label_can_be_replaced() {
        let rename = |text: &str| (text == "ana").then(|| "worker-1".to_owned());
        let label = field(json!({"kind": "verbatim", "values": [{"value": {"by": ["ana", "anabel"], "ana": 1}}],
            "rejected": [{"worker": "ana", "reason": "torn"}]}));
        let before = label.decision().expect("a decision");
        let renamed = json!([{"value": {"by": ["worker-1", "anabel"], "ana": 1}}]);
        assert_eq!(json!(before.with_texts(&rename))["values"], renamed);
        let label = label.with_texts(&rename);
        assert_eq!((&json!(label)["values"], label.rejected()[0].worker_id.is_some()), (&renamed, true));
    }

    #[test]
    fn marks_tell_where_they_are_and_what_an_element_starts_with() {
        let drawn = json!({"label": "otter", "left": 4, "top": 2, "width": 30, "height": 20});
        let mut mark = drawn.clone();
        mark["confidence"] = json!(0.9);
        let boxes = field(json!({"kind": "bounding-box", "annotations": [mark, {"label": "lost"}]}));
        let marks = boxes.marks().expect("marks");
        assert_eq!(marks.initial_value(), json!([drawn, {"label": "lost"}]));
        let shapes: Vec<bool> = marks.iter().map(|mark| mark.shape().is_some()).collect();
        assert_eq!(shapes, [true, false]);
        let mut instance = drawn;
        instance["pixels"] = json!(400);
        let masks = field(json!({"kind": "instance-mask", "annotations": [instance]}));
        let mask = masks.marks().expect("marks").iter().next().expect("one");
        assert_eq!((mask.shape(), mask.n_pixels()), (None, Some(400)));
        assert_eq!(mask.bounding_box().map(|bounds| bounds.width), Some(30.0));
    }
}
