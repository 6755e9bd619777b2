//! The label of one form field.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::annotation_kinds::{self, AnnotationKind};
use crate::batch::{FieldOutcome, RejectedAnswer};
use crate::field_value::FieldValueBuf;
use crate::label_content::{self, Decided, Decision, LabelContent, Marks};
use crate::plan::{FieldResult, Outcome};

/// The label of one form field: made by a plan ([`FieldResult::label`]) or read from a job ([`Label`](super::Label)).
///
/// It serializes to the member of a label in the format `fields` that it was read from, or becomes.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldLabel<'a> {
    kind_name: Cow<'a, str>,
    method: Option<Cow<'a, str>>,
    /// The kind's own members, with `confidence` and `workers`.
    members: Cow<'a, Map<String, Value>>,
    reason: Option<Cow<'a, str>>,
    rejected: Cow<'a, [RejectedAnswer]>,
}

/// The labels of an object by form field. An answer that could not be read at all is missing from every field, so every field
/// names it.
pub fn by_field<'a>(outcome: &'a Outcome) -> BTreeMap<&'a str, FieldLabel<'a>> {
    let of_field = |field: &'a FieldResult| {
        let mut label = FieldLabel::from(field);
        if !outcome.unreadable.is_empty() {
            label.rejected = outcome.unreadable.iter().chain(&field.outcome.rejected).cloned().collect();
        }
        (field.name.as_str(), label)
    };
    outcome.fields.iter().map(of_field).collect()
}

impl<'a> From<&'a FieldResult> for FieldLabel<'a> {
    fn from(field: &'a FieldResult) -> Self {
        Self {
            kind_name: field.kind.name.into(),
            method: field.outcome.method.map(Cow::Borrowed),
            members: Cow::Borrowed(&field.outcome.members),
            reason: field.outcome.unresolved.map(|reason| reason.as_str().into()),
            rejected: Cow::Borrowed(&field.outcome.rejected),
        }
    }
}

impl From<FieldResult> for FieldLabel<'static> {
    fn from(field: FieldResult) -> Self {
        let FieldOutcome { method, members, unresolved, rejected, .. } = field.outcome;
        Self {
            kind_name: field.kind.name.into(),
            method: method.map(Cow::Borrowed),
            members: Cow::Owned(members),
            reason: unresolved.map(|reason| reason.as_str().into()),
            rejected: Cow::Owned(rejected),
        }
    }
}

impl FieldLabel<'static> {
    /// Reads a member of a label in the format `fields`; `None` where it is not one.
    pub fn read(field: &Value) -> Option<Self> {
        let kind_name = field.get("kind")?.as_str()?.to_owned();
        let mut label = Self::of_kind(kind_name, field.as_object()?.clone());
        let members = label.members.to_mut();
        members.shift_remove("kind");
        // What has another type than ours is not ours, and stays where it is.
        let mut text = |name: &str| {
            let text = members.get(name)?.as_str()?.to_owned();
            members.shift_remove(name);
            Some(Cow::Owned(text))
        };
        (label.method, label.reason) = (text("method"), text("reason"));
        if let Some(value) = members.get("rejected")
            && let Ok(rejected) = Vec::<RejectedAnswer>::deserialize(value)
            && json!(rejected) == *value
        {
            label.rejected = rejected.into();
            members.shift_remove("rejected");
        }
        Some(label)
    }

    /// A label with members of the kind alone.
    pub(super) fn of_kind(kind_name: impl Into<Cow<'static, str>>, members: Map<String, Value>) -> Self {
        Self {
            kind_name: kind_name.into(),
            method: None,
            members: Cow::Owned(members),
            reason: None,
            rejected: Cow::Borrowed(&[]),
        }
    }
}

impl FieldLabel<'_> {
    /// Its members on the wire, in their order there.
    pub fn into_members(self) -> Map<String, Value> {
        let text = |name: &str, text: Cow<'_, str>| (name.to_owned(), Value::String(text.into_owned()));
        let mut members = Map::from_iter([text("kind", self.kind_name)]);
        members.extend(self.method.map(|method| text("method", method)));
        members.extend(self.members.into_owned());
        members.extend(self.reason.map(|reason| text("reason", reason)));
        if !self.rejected.is_empty() {
            members.insert("rejected".to_owned(), json!(self.rejected));
        }
        members
    }

    /// What the field holds; `None` for a kind that this version does not know.
    pub fn kind(&self) -> Option<&'static AnnotationKind> {
        annotation_kinds::by_name(&self.kind_name)
    }

    /// The name of the kind, known or not.
    pub fn kind_name(&self) -> &str {
        &self.kind_name
    }

    /// What a label of the kind holds. Of a kind that is not known its members tell.
    pub fn content(&self) -> LabelContent {
        self.kind().map_or_else(|| LabelContent::recognize(&self.members), |kind| kind.label)
    }

    /// The method's name; `None` where nothing was consolidated.
    pub fn method(&self) -> Option<&str> {
        self.method.as_deref()
    }

    /// Why there is no label; `None` when there is one.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Whether there is a label at all.
    pub fn is_resolved(&self) -> bool {
        self.reason.is_none()
    }

    /// Answers, or parts of answers, that could not be used.
    pub fn rejected(&self) -> &[RejectedAnswer] {
        &self.rejected
    }

    /// How sure the label is as a whole.
    pub fn confidence(&self) -> Option<f64> {
        self.number("confidence")
    }

    /// How many workers gave a usable value.
    pub fn n_workers(&self) -> Option<u64> {
        self.members.get("workers")?.as_u64()
    }

    /// Whether the answer was known beforehand.
    pub fn is_gold(&self) -> bool {
        self.members.get("gold") == Some(&Value::Bool(true))
    }

    /// Which model was used, where the method leaves that open.
    pub fn model(&self) -> Option<&str> {
        self.text("model")
    }

    /// Why that model was used.
    pub fn model_reason(&self) -> Option<&str> {
        self.text("modelReason")
    }

    /// How far from the truth the label is still right, where the confidence is about that.
    pub fn tolerance(&self) -> Option<f64> {
        self.number("tolerance")
    }

    /// The categories or items that workers chose, each with its votes; `None` where none were counted.
    pub fn votes(&self) -> Option<impl Iterator<Item = (&str, u64)>> {
        self.members.get("votes").filter(|votes| votes.is_object()).map(|votes| label_content::votes(Some(votes)))
    }

    /// How probable each category is, in the order of the label; `None` where no model was used.
    pub fn confidences(&self) -> Option<impl Iterator<Item = (&str, f64)>> {
        let confidences = self.members.get("confidences")?.as_object()?;
        Some(confidences.iter().filter_map(|(name, confidence)| Some((name.as_str(), confidence.as_f64()?))))
    }

    /// Width and height of the image in pixels, where the form told them.
    pub fn image_size(&self) -> Option<(f64, f64)> {
        let size = self.members.get("imageSize")?;
        Some((size.get("width")?.as_f64()?, size.get("height")?.as_f64()?))
    }

    /// What was decided, typed; `None` where nothing was.
    pub fn decided(&self) -> Option<Decided<'_>> {
        self.content().read(&self.members).filter(|_| self.is_resolved())
    }

    /// The marks; `None` for a label of another kind, or for none.
    pub fn marks(&self) -> Option<Marks<'_>> {
        match self.decided()? {
            Decided::Marks(marks) => Some(marks),
            _ => None,
        }
    }

    /// The categories that the label, its marks or the votes about either name.
    pub fn named_categories(&self) -> BTreeSet<&str> {
        let decided = self.decided();
        let marks = self.marks();
        let of_marks = marks.iter().flat_map(|marks| marks.iter()).flat_map(|mark| mark.votes()).map(|(name, _)| name);
        let own = label_content::votes(self.members.get("votes")).map(|(name, _)| name);
        decided.iter().flat_map(Decided::categories).chain(own).chain(of_marks).collect()
    }

    /// One line for lists; `None` where nothing was decided.
    pub fn headline(&self) -> Option<String> {
        self.decided()?.headline()
    }

    /// What a table shows in one cell; empty where nothing was decided.
    pub fn cell(&self) -> String {
        self.decided().map(|decided| decided.cell()).unwrap_or_default()
    }

    /// What makes the label differ from others; `None` where it decides nothing.
    pub fn decision(&self) -> Option<Decision> {
        Decision::read(self.content(), &self.members).filter(|_| self.is_resolved())
    }

    /// What a perfect worker would have sent to get this label; `None` where it says nothing.
    pub fn as_answer(&self) -> Option<FieldValueBuf> {
        (self.kind()?.as_answer)(&self.decided()?)
    }

    /// The same with other texts, where `rename` has one for a text, in all but the kind's name: functions that somebody wrote
    /// may name a worker anywhere.
    pub fn with_texts(mut self, rename: &impl Fn(&str) -> Option<String>) -> Self {
        self.members.to_mut().values_mut().for_each(|value| label_content::replace_texts(value, rename));
        for text in [&mut self.method, &mut self.reason].into_iter().flatten() {
            if let Some(other) = rename(text) {
                *text = Cow::Owned(other);
            }
        }
        for rejected in self.rejected.to_mut() {
            if let Some(other) = rename(&rejected.reason) {
                rejected.reason = other;
            }
        }
        self
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str()
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.members.get(name)?.as_f64()
    }
}

impl Serialize for FieldLabel<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", &self.kind_name)?;
        if let Some(method) = &self.method {
            map.serialize_entry("method", method)?;
        }
        for (name, value) in self.members.iter() {
            map.serialize_entry(name, value)?;
        }
        if let Some(reason) = &self.reason {
            map.serialize_entry("reason", reason)?;
        }
        if !self.rejected.is_empty() {
            map.serialize_entry("rejected", &self.rejected)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(field: Value) -> FieldLabel<'static> {
        FieldLabel::read(&field).expect("a label")
    }

    #[test]
    fn a_label_is_written_as_it_was_read() {
        for field in [
            json!({"kind": "number", "method": "median", "value": 3.50, "workers": 2}),
            json!({"kind": "classification", "method": "auto", "label": null, "workers": 2, "reason": "tie",
                "rejected": [{"worker": null, "reason": "torn"}, {"worker": "ana", "reason": "the value is blank"}]}),
            json!({"kind": "hexagon", "method": 7, "annotations": [], "rejected": "many", "seen": {"by": "ana"}}),
        ] {
            let label = read(field.clone());
            assert_eq!(json!(label), field);
            assert_eq!(Value::Object(label.into_members()), field);
        }
        assert_eq!(FieldLabel::read(&json!({"label": "otter"})), None);
        assert_eq!(FieldLabel::read(&json!("otter")), None);
    }

    #[test]
    fn a_label_of_an_unknown_kind_is_read_by_its_members() {
        let label =
            read(json!({"kind": "hexagon", "annotations": [{"label": "cell"}], "confidence": 0.9, "workers": 3}));
        assert!(label.kind().is_none());
        assert_eq!((label.kind_name(), label.headline().as_deref()), ("hexagon", Some("cell")));
        assert_eq!((label.confidence(), label.n_workers(), label.as_answer()), (Some(0.9), Some(3), None));
    }

    #[test]
    fn a_label_without_a_decision_shows_nothing() {
        let label =
            read(json!({"kind": "classification", "label": null, "votes": {"otter": 1, "heron": 1}, "reason": "tie"}));
        assert_eq!((label.decided(), label.decision(), label.headline()), (None, None, None));
        assert_eq!((label.cell(), label.is_resolved()), (String::new(), false));
        assert_eq!(label.named_categories(), BTreeSet::from(["heron", "otter"]));
    }

    #[test]
    fn votes_about_marks_name_categories_too() {
        let mark = json!({"label": "otter", "votes": {"otter": 2, "beaver": 1}});
        let label = read(json!({"kind": "bounding-box", "annotations": [mark]}));
        assert_eq!(label.named_categories(), BTreeSet::from(["beaver", "otter"]));
    }
}
