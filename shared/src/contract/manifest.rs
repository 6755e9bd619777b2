//! Lines of input and output manifests (augmented manifests).
//!
//! AWS: developer guide, "Use an input manifest file" and "Output data" (sms-input-data-input-manifest,
//! sms-data-output); the metadata's spelling is the one seen in real output manifests, which differs from the guide's.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One manifest line: a data object with all its members, their order and the digits of their numbers (rules M7, M18; only
/// an exponent gets its sign written out).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DataObject {
    /// The members, as they stand.
    pub members: Map<String, Value>,
}

impl DataObject {
    /// What the object shows: the string under `source`, else under `source-ref`. A manifest line has exactly one of
    /// them (rule M5).
    pub fn source(&self) -> Option<&str> {
        ["source", "source-ref"].iter().find_map(|name| self.members.get(*name)?.as_str())
    }

    /// Whether workers should see the object, where the line says so itself: under `isHumanAnnotationRequired` or its
    /// older name `humanAnnotationRequired`, as a boolean or as the text `"true"` or `"false"` (any case). `None` when
    /// neither member is there or neither can be read.
    pub fn is_human_annotation_required(&self) -> Option<bool> {
        ["isHumanAnnotationRequired", "humanAnnotationRequired"].iter().find_map(|name| self.flag(name))
    }

    /// The member `name` as a boolean, spelled as a boolean or as text.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.members.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }
}

/// The `<label>-metadata` of a data object that was labeled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LabelMetadata {
    /// `groundtruth/custom` for every custom job. The guide writes `groundTruth/custom`: compare without case.
    #[serde(rename = "type")]
    pub label_type: String,
    /// `labeling-job/<name>`.
    #[serde(alias = "job_name")]
    pub job_name: String,
    /// `"yes"`, or `"no"` for a machine's label.
    pub human_annotated: String,
    /// `YYYY-MM-DDTHH:MM:SS.ffffff`, without a zone.
    #[serde(alias = "creation_date")]
    pub creation_date: String,
}

/// The `<label>-metadata` of a data object that failed: it has no label, and its metadata another shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FailureMetadata {
    /// How often the service tried again.
    pub retry_count: u32,
    /// Why the object has no label, in Ground Truth's words.
    pub failure_reason: String,
    /// The string `"true"` here, where a label has `"yes"`.
    pub human_annotated: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(json: &str) -> DataObject {
        serde_json::from_str(json).expect("a manifest line")
    }

    #[test]
    fn every_spelling_of_the_switch_is_understood() {
        let check = |json: &str, expected: Option<bool>| {
            assert_eq!(line(json).is_human_annotation_required(), expected, "{json}");
        };
        check(r#"{"isHumanAnnotationRequired":false}"#, Some(false));
        check(r#"{"isHumanAnnotationRequired":"true"}"#, Some(true));
        check(r#"{"humanAnnotationRequired":true}"#, Some(true));
        check(r#"{"humanAnnotationRequired":"False"}"#, Some(false));
        check(r#"{"isHumanAnnotationRequired":"maybe"}"#, None);
        check(r#"{"isHumanAnnotationRequired":null,"humanAnnotationRequired":"false"}"#, Some(false));
        check("{}", None);
    }

    #[test]
    fn numbers_and_order_survive() {
        let json = r#"{"z":1.40,"source":"x","big":123456789012345678901234567890,"a":1.5e-3}"#;
        assert_eq!(serde_json::to_string(&line(json)).expect("serializable"), json);
    }

    #[test]
    fn source_wins_over_source_ref() {
        assert_eq!(line(r#"{"source-ref":"s3://b/k","source":"x"}"#).source(), Some("x"));
        assert_eq!(line(r#"{"source-ref":"s3://b/k"}"#).source(), Some("s3://b/k"));
        assert_eq!(line(r#"{"source":7}"#).source(), None);
    }
}
