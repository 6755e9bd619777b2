//! Labels that the manifest only refers to: those too large for a response of our function, and the masks of the built-in
//! task type. Both lie in the job's folder, and a reference leads nowhere else.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rayon::prelude::*;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::job_copy::{file_name, is_file_name};
use super::{ManifestLine, Note, Notes};
use crate::labels::output_line::metadata_name;

/// Masks are bounded where they are read; this is beyond what is read there.
const MAX_BYTES: u64 = 64 << 20;

/// What a label refers to.
enum Reference {
    /// To a label of our function that was too large for its response.
    Label(String),
    /// To the picture of a mask.
    Mask(String),
}

/// What our function writes instead of a large label.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LargeLabel {
    #[serde(rename = "s3Uri")]
    uri: String,
    #[serde(rename = "bytes")]
    _bytes: IgnoredAny,
}

impl Reference {
    /// What a label with its metadata, both as JSON, refers to, if it does.
    fn of(label: &str, metadata: Option<&str>) -> Option<Self> {
        if let Ok(large) = serde_json::from_str::<LargeLabel>(label) {
            return Some(Self::Label(large.uri));
        }
        let uri = serde_json::from_str::<String>(label).ok()?;
        let metadata: Map<String, Value> = serde_json::from_str(metadata?).ok()?;
        metadata.contains_key("internal-color-map").then_some(Self::Mask(uri))
    }

    /// The label that stands there; `None` where the file is not there, or is none of its kind.
    fn content(&self, annotations: &Path) -> Option<Value> {
        match self {
            Self::Label(uri) => serde_json::from_slice(&read(annotations, uri)?).ok(),
            // As in a worker's answer.
            Self::Mask(uri) => {
                let png = BASE64.encode(read(annotations, uri)?);
                Some(json!({ "labeledImage": { "pngImageData": png } }))
            }
        }
    }
}

/// Finds the content of files that labels refer to, those of lines and those that the function returned. `annotations` is
/// the folder of this name.
pub(super) fn resolve(
    lines: &mut BTreeMap<String, ManifestLine>,
    returned: &mut BTreeMap<String, Map<String, Value>>,
    label_attribute_name: &str,
    annotations: &Path,
    notes: &mut Notes,
) {
    let metadata_name = metadata_name(label_attribute_name);
    let of_line = |(_, line): (&String, &mut ManifestLine)| {
        let members = line.members();
        let label = members.value(label_attribute_name);
        let Some(reference) = label.and_then(|label| Reference::of(label, members.value(&metadata_name))) else {
            return false;
        };
        line.label = reference.content(annotations);
        line.label.is_none()
    };
    let of_content = |(_, content): (&String, &mut Map<String, Value>)| {
        let text = |name: &str| content.get(name).map(Value::to_string);
        let label = text(label_attribute_name);
        let Some(reference) = label.and_then(|label| Reference::of(&label, text(&metadata_name).as_deref())) else {
            return false;
        };
        let label = reference.content(annotations);
        let is_missing = label.is_none();
        content.extend(label.map(|label| (label_attribute_name.to_owned(), label)));
        is_missing
    };
    let missing = lines.par_iter_mut().map(of_line).chain(returned.par_iter_mut().map(of_content));
    notes.count_many(Note::LabelFileMissing, missing.filter(|is_missing| *is_missing).count());
}

fn read(annotations: &Path, uri: &str) -> Option<Vec<u8>> {
    let path = file_behind(annotations, uri)?;
    let is_bounded = fs::metadata(&path).ok()?.len() <= MAX_BYTES;
    let mut bytes = Vec::new();
    File::open(path).ok().filter(|_| is_bounded)?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The file below `annotations` that the URI of the original speaks of; its name as in S3, or as a copy spells it.
fn file_behind(annotations: &Path, uri: &str) -> Option<PathBuf> {
    let (_, below) = uri.rsplit_once("/annotations/")?;
    let original: Option<PathBuf> = below.split('/').all(is_file_name).then(|| below.into());
    let copied: Option<PathBuf> = below.split('/').map(file_name).collect();
    [original, copied].into_iter().flatten().map(|path| annotations.join(path)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{JobFolder, metadata};
    use super::super::{Known, State};
    use super::*;

    #[test]
    fn a_label_is_what_its_file_says() {
        let large = |n: u32| json!({"s3Uri": format!("s3://out/River-7/annotations/large-labels/2024-05-06_07:08:09/{n}.json"), "bytes": 9});
        let mask = |path: &str| format!("s3://out/River-7/{path}");
        let of_mask =
            json!({"job-name": "labeling-job/river-7", "internal-color-map": {"0": {"class-name": "BACKGROUND"}}});
        let line = |label: Value, metadata: Value| json!({"source": "x", "survey": label, "survey-metadata": metadata});
        let folder = JobFolder::new("River-7")
            .file("annotations/large-labels/2024-05-06_07:08:09/0.json", r#"{"animal":{"kind":"classification"}}"#)
            .file("annotations/large-labels/2024-05-06_07-08-09/1.json", r#"{"animal":{"kind":"ordinal"}}"#)
            .file("annotations/consolidated-annotation/output/3_2024.png", "png")
            .file("secret.png", "secret")
            .output(&[
                line(large(0), metadata("river-7")),
                line(large(1), metadata("river-7")),
                line(large(2), metadata("river-7")),
                line(json!(mask("annotations/consolidated-annotation/output/3_2024.png")), of_mask.clone()),
                line(json!(mask("annotations/../secret.png")), of_mask.clone()),
                line(json!(mask("secret.png")), of_mask),
                line(json!("s3://out/River-7/annotations/large-labels/0.json"), metadata("river-7")),
                line(json!({"s3Uri": 1, "bytes": 2}), metadata("river-7")),
            ]);
        let job = folder.open_knowing(&Known { label_attribute_name: Some("survey".to_owned()), ..Known::default() });
        let label = |idx| match job.state(idx) {
            State::Labeled { label, .. } => label.clone(),
            state => panic!("{state:?}"),
        };
        assert_eq!(label(0), json!({"animal": {"kind": "classification"}}));
        assert_eq!(label(1), json!({"animal": {"kind": "ordinal"}}));
        assert_eq!(label(2), large(2));
        assert_eq!(label(3), json!({"labeledImage": {"pngImageData": "cG5n"}}));
        for idx in [4, 5, 6] {
            assert!(label(idx).is_string(), "{idx}");
        }
        assert_eq!(label(7), json!({"s3Uri": 1, "bytes": 2}));
        assert_eq!(job.notes.of(Note::LabelFileMissing), 3);
    }
}
