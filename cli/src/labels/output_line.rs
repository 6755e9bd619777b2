//! Lines of the output manifest: the input line, with what became of its data object. Pure.

use ground_truth::contract::manifest::{FailureMetadata, LabelMetadata};
use serde_json::{Map, Value, json};

use crate::files::json_lines::{Line, RawObject};

/// The member beside a label that tells about it: `<label>-metadata`.
pub(crate) fn metadata_name(label_attribute_name: &str) -> String {
    format!("{label_attribute_name}-metadata")
}

/// Why an object failed that nobody answered: the words of the service, two blanks after each full stop.
pub(crate) const EXPIRED: &str = "ClientError: Annotation tasks expired.  Probable Reasons are \
    1) TaskAvailabilityLifetimeInSeconds parameter is too small.  \
    2) Reward is too low for workers to work on the task.  \
    3) If you use a custom html template, your template may be broken.  \
    4) Data (image/video/text) sent for annotation is broken or too big, preventing completion.  \
    5) All workers declined the tasks.";

/// The line of a labeled object. `content` is what the consolidation function returned: where it brings metadata of its
/// own, its members win over the service's.
pub(crate) fn labeled(
    line: &Line,
    label_attribute_name: &str,
    mut content: Map<String, Value>,
    metadata: &LabelMetadata,
) -> String {
    let mut metadata = json!(metadata);
    let own = content.shift_remove(&metadata_name(label_attribute_name));
    if let (Some(Value::Object(own)), Value::Object(members)) = (own, &mut metadata) {
        members.extend(own);
    }
    let label = content.shift_remove(label_attribute_name).unwrap_or_default();
    with(line, [(label_attribute_name.to_owned(), label), (metadata_name(label_attribute_name), metadata)])
}

/// The line with the label that another job gave its object.
pub(crate) fn relabeled(
    line: &Line,
    label_attribute_name: &str,
    label: Value,
    metadata: Option<Map<String, Value>>,
) -> String {
    let metadata = Value::Object(metadata.unwrap_or_default());
    with(line, [(label_attribute_name.to_owned(), label), (metadata_name(label_attribute_name), metadata)])
}

/// The line of an object that failed: metadata that says why, and no label.
pub(crate) fn failed(line: &Line, label_attribute_name: &str, reason: &str) -> String {
    let metadata =
        FailureMetadata { retry_count: 1, failure_reason: reason.to_owned(), human_annotated: "true".to_owned() };
    with(line, [(metadata_name(label_attribute_name), json!(metadata))])
}

/// The line of an object that has no label, and no reason either: without what an earlier job left under the attribute.
pub(crate) fn unlabeled(line: &Line, label_attribute_name: &str) -> String {
    let names = [label_attribute_name, &metadata_name(label_attribute_name)];
    without(line, |name| names.contains(&name))
}

/// The line without some of its members; the others stay as they stand, byte for byte.
pub(crate) fn without(line: &Line, is_dropped: impl Fn(&str) -> bool) -> String {
    let text = line.text.as_str();
    // A line is read before it gets here.
    let Ok(object) = RawObject::read(text) else { return text.to_owned() };
    let Some(first) = object.members.iter().position(|member| !is_dropped(&member.name)) else {
        return "{}".to_owned();
    };
    // A member goes from the end of the one before it, its comma with it, to the end of its own value.
    let end_of = |idx: usize| {
        let value = object.members[idx].value;
        value.as_ptr() as usize - text.as_ptr() as usize + value.len()
    };
    let start_of_first = match first.checked_sub(1) {
        Some(before) => {
            let rest = &text[end_of(before)..];
            text.len() - rest.trim_start_matches([' ', '\t', '\r', ',']).len()
        }
        None => text.find('{').map_or(0, |brace| brace + 1),
    };
    let mut kept = "{".to_owned();
    kept.push_str(&text[start_of_first..end_of(first)]);
    for idx in (first + 1..object.members.len()).filter(|idx| !is_dropped(&object.members[*idx].name)) {
        kept.push_str(&text[end_of(idx - 1)..end_of(idx)]);
    }
    kept.push_str(&text[end_of(object.members.len() - 1)..]);
    kept
}

/// A line that has members with more at its end: text behind text, so that they keep every digit, escape and blank. `None`
/// for what is not a line.
pub(crate) fn extended(line: &str, added: &Map<String, Value>) -> Option<String> {
    let open = line.trim_end().strip_suffix('}')?;
    Some(format!("{open},{}", &json!(added).to_string()[1..]))
}

/// The line with more members at its end, instead of those of the same names that an earlier job left.
fn with<const N: usize>(line: &Line, added: [(String, Value); N]) -> String {
    let added = Map::from_iter(added);
    let kept = without(line, |name| added.contains_key(name));
    let has_members = line.members.keys().any(|name| !added.contains_key(name));
    extended(&kept, &added).filter(|_| has_members).unwrap_or_else(|| Value::Object(added).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line { idx: 0, text: text.to_owned(), members: object(text) }
    }

    fn object(json: &str) -> Map<String, Value> {
        serde_json::from_str(json).expect("an object")
    }

    fn check(text: &str, content: &str, expected: &str) {
        let metadata = LabelMetadata {
            label_type: "groundtruth/custom".to_owned(),
            job_name: "labeling-job/river".to_owned(),
            human_annotated: "yes".to_owned(),
            creation_date: "2024-05-06T07:08:09.000000".to_owned(),
        };
        assert_eq!(labeled(&line(text), "survey", object(content), &metadata), expected);
    }

    #[test]
    fn a_labeled_line_keeps_its_members_and_gains_two() {
        check(
            r#"{"z": 1.40, "source": "\u00e9", "big": 123456789012345678901, "a": 1.5E-3} "#,
            r#"{"survey": {"animal": "otter"}}"#,
            r#"{"z": 1.40, "source": "\u00e9", "big": 123456789012345678901, "a": 1.5E-3,"survey":{"animal":"otter"},"survey-metadata":{"type":"groundtruth/custom","job-name":"labeling-job/river","human-annotated":"yes","creation-date":"2024-05-06T07:08:09.000000"}}"#,
        );
    }

    #[test]
    fn what_an_earlier_job_left_is_replaced() {
        check(
            r#"{"survey-metadata": {"x": 1}, "a": 1.50, "survey": 0}"#,
            r#"{"survey": "new"}"#,
            r#"{"a": 1.50,"survey":"new","survey-metadata":{"type":"groundtruth/custom","job-name":"labeling-job/river","human-annotated":"yes","creation-date":"2024-05-06T07:08:09.000000"}}"#,
        );
    }

    #[test]
    fn metadata_of_the_function_wins() {
        check(
            r#"{"source":"x"}"#,
            r#"{"survey":0,"survey-metadata":{"type":"groundtruth/text-classification","confidence":0.5}}"#,
            r#"{"source":"x","survey":0,"survey-metadata":{"type":"groundtruth/text-classification","job-name":"labeling-job/river","human-annotated":"yes","creation-date":"2024-05-06T07:08:09.000000","confidence":0.5}}"#,
        );
    }

    #[test]
    fn an_unlabeled_line_loses_what_an_earlier_job_left() {
        assert_eq!(unlabeled(&line(r#"{"a": 1.50}"#), "survey"), r#"{"a": 1.50}"#);
        assert_eq!(unlabeled(&line(r#"{"survey-metadata": {}, "a": 1.50, "survey": 0}"#), "survey"), r#"{"a": 1.50}"#);
    }

    #[test]
    fn what_is_left_of_a_line_keeps_its_bytes() {
        let check = |text: &str, expected: &str| {
            assert_eq!(without(&line(text), |name| name.starts_with('x')), expected, "{text}");
            let again = object(expected);
            let mut members = object(text);
            members.retain(|name, _| !name.starts_with('x'));
            assert_eq!(again, members);
        };
        check(r#"{"a": 1.50, "b" : "\u00e9,}" }"#, r#"{"a": 1.50, "b" : "\u00e9,}" }"#);
        check(r#" {"a": 1.50 , "x": {"a": [1, 2]}, "b":2 } "#, r#"{"a": 1.50, "b":2 } "#);
        check(r#"{ "x" : 1 , "xx": "}", "a": 1E+2, "x3":0}"#, r#"{"a": 1E+2}"#);
        check(r#"{"x":1}"#, "{}");
        check("{}", "{}");
    }

    #[test]
    fn a_failure_has_no_label_and_replaces_an_earlier_one() {
        let line = line(r#"{"survey-metadata":{"failure-reason":"old"},"source":"x"}"#);
        assert_eq!(
            failed(&line, "survey", "new"),
            r#"{"source":"x","survey-metadata":{"retry-count":1,"failure-reason":"new","human-annotated":"true"}}"#
        );
        assert_eq!(EXPIRED.matches(".  ").count(), 5);
    }
}
