//! Rules about labels that a line brings along.

use serde_json::Value;

use super::{Expectations, Found, ManifestLine};
use crate::files::json_lines::{RawObject, text_of};

/// What the service adds to the name of a label for its metadata.
const METADATA: &str = "-metadata";

/// What a line holds under the name of a label.
pub(in crate::manifest) enum Earlier {
    /// The line has neither the label nor its metadata.
    Nothing,
    /// A label with its metadata.
    Label(Value),
    /// Metadata that tells why there is no label.
    Failure,
    /// Something that no labeling job wrote, and why.
    Unusable(&'static str),
}

/// What a line holds under the name of a label. The label itself may be anything: `0`, `""` and `{}` are labels.
pub(in crate::manifest) fn earlier(object: &RawObject<'_>, label: &str) -> Earlier {
    let metadata = object.members.iter().find(|member| member.name.strip_suffix(METADATA) == Some(label));
    let metadata = metadata.map(|member| serde_json::from_str::<Value>(member.value).unwrap_or_default());
    let Some(value) = object.value(label) else {
        return match metadata {
            None => Earlier::Nothing,
            Some(metadata) if is_failure(&metadata) => Earlier::Failure,
            Some(_) => Earlier::Unusable("is missing, although there is metadata of it"),
        };
    };
    match metadata {
        None => Earlier::Unusable("has no metadata beside it, so no labeling job wrote it"),
        Some(metadata) if !metadata["type"].is_string() => Earlier::Unusable("has metadata without a `type`"),
        // The name promises an S3 URI.
        Some(_) if label.ends_with("-ref") && !text_of(value).is_some_and(|text| text.starts_with("s3://")) => {
            Earlier::Unusable("is not a valid S3 URI, as its name promises")
        }
        Some(metadata) => Earlier::Label(metadata),
    }
}

/// Whether metadata tells why an object failed.
pub(in crate::manifest) fn is_failure(metadata: &Value) -> bool {
    metadata.get("failure-reason").is_some()
}

pub(super) fn m17_label_collision(line: &ManifestLine<'_>, expected: &Expectations, found: &mut Found<'_>) {
    let (Some(object), Some(label)) = (line.members(), &expected.label_attribute) else { return };
    match earlier(object, label) {
        Earlier::Unusable(why) => found.error(
            label,
            || why.to_owned(),
            "rename the member, or choose another label attribute name: Ground Truth would take it for a label",
        ),
        Earlier::Label(metadata) => {
            let of_the_job = expected.task_type.and_then(|task_type| task_type.metadata_type);
            let of_the_line = metadata["type"].as_str().unwrap_or_default();
            if let Some(of_the_job) = of_the_job.filter(|name| !name.eq_ignore_ascii_case(of_the_line)) {
                let message = || format!("is a label of type {of_the_line}, the job writes {of_the_job}");
                found.error(label, message, "choose another label attribute name");
            }
        }
        Earlier::Nothing | Earlier::Failure => {}
    }
}

/// Of the lines that have the earlier label; those that have none are told for the whole manifest.
pub(super) fn l13_audit_label(line: &ManifestLine<'_>, expected: &Expectations, found: &mut Found<'_>) {
    let (Some(object), Some(label)) = (line.members(), &expected.audit_label) else { return };
    match earlier(object, label) {
        Earlier::Unusable(why) => found.warning(
            label,
            || why.to_owned(),
            "take the line from the output manifest of the earlier job, with label and metadata",
        ),
        Earlier::Label(metadata) if segments(expected) && !has_colors(&metadata) => found.error(
            &format!("{label}{METADATA}"),
            || "has no `hex-color` for each class in `internal-color-map`".to_owned(),
            "take the line from the output manifest of the earlier job",
        ),
        Earlier::Label(_) | Earlier::Nothing | Earlier::Failure => {}
    }
}

fn segments(expected: &Expectations) -> bool {
    let suffix = expected.task_type.and_then(|task_type| task_type.function_suffix);
    matches!(suffix, Some("AdjustmentSemanticSegmentation" | "VerificationSemanticSegmentation"))
}

fn has_colors(metadata: &Value) -> bool {
    let classes = metadata["internal-color-map"].as_object();
    classes.is_some_and(|classes| classes.values().all(|class| class["hex-color"].is_string()))
}
