//! Labels that the manifest only refers to: those too large for a response of our function, and the masks of the built-in
//! task type. Both lie in the job's folder, and a reference leads nowhere else.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::lines::metadata_name;
use super::{Note, Notes};
use crate::job_copy::file_name;

/// Masks are bounded where they are read; this is beyond what is read there.
const MOST_BYTES: u64 = 64 << 20;

/// What became of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// It refers to nothing that is known here.
    NoReference,
    /// What it refers to stands in its place.
    Content,
    /// The file is not there, or is none of its kind.
    Nothing,
}

/// Puts the content of files in the place of labels that refer to them. `annotations` is the folder of this name.
pub(super) fn resolve<'a>(
    contents: impl ParallelIterator<Item = &'a mut Map<String, Value>>,
    label_attribute_name: &str,
    annotations: &Path,
    notes: &mut Notes,
) {
    let one = |members: &mut Map<String, Value>| resolve_one(members, label_attribute_name, annotations);
    let n_missing = contents.map(one).filter(|found| *found == Found::Nothing).count();
    notes.count_many(Note::LabelFileMissing, n_missing);
}

fn resolve_one(members: &mut Map<String, Value>, name: &str, annotations: &Path) -> Found {
    let Some(label) = members.get(name) else { return Found::NoReference };
    let metadata = members.get(&metadata_name(name));
    let content = match label {
        Value::Object(reference) if reference.len() == 2 && reference.contains_key("bytes") => {
            let Some(uri) = reference.get("s3Uri").and_then(Value::as_str) else { return Found::NoReference };
            read(annotations, uri).and_then(|bytes| serde_json::from_slice(&bytes).ok())
        }
        Value::String(uri) if metadata.is_some_and(|metadata| metadata.get("internal-color-map").is_some()) => {
            // As in a worker's answer.
            read(annotations, uri).map(|png| json!({"labeledImage": {"pngImageData": BASE64.encode(png)}}))
        }
        _ => return Found::NoReference,
    };
    let Some(content) = content else { return Found::Nothing };
    members.insert(name.to_owned(), content);
    Found::Content
}

fn read(annotations: &Path, uri: &str) -> Option<Vec<u8>> {
    let path = file_behind(annotations, uri)?;
    let is_bounded = fs::metadata(&path).ok()?.len() <= MOST_BYTES;
    let mut bytes = Vec::new();
    File::open(path).ok().filter(|_| is_bounded)?.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The file below `annotations` that the URI of the original speaks of; its name as in S3, or as a copy spells it.
fn file_behind(annotations: &Path, uri: &str) -> Option<PathBuf> {
    let (_, below) = uri.rsplit_once("/annotations/")?;
    let copied: PathBuf = below.split('/').map(file_name).collect::<Option<_>>()?;
    [PathBuf::from(below), copied].into_iter().map(|path| annotations.join(path)).find(|path| path.is_file())
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
        let label = |place| match job.state(place) {
            State::Labeled { label, .. } => label.clone(),
            state => panic!("{state:?}"),
        };
        assert_eq!(label(0), json!({"animal": {"kind": "classification"}}));
        assert_eq!(label(1), json!({"animal": {"kind": "ordinal"}}));
        assert_eq!(label(2), large(2));
        assert_eq!(label(3), json!({"labeledImage": {"pngImageData": "cG5n"}}));
        for place in [4, 5, 6] {
            assert!(label(place).is_string(), "{place}");
        }
        assert_eq!(label(7), json!({"s3Uri": 1, "bytes": 2}));
        assert_eq!(job.notes.of(Note::LabelFileMissing), 3);
    }
}
