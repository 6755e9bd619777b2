//! Rules about the data objects themselves, where they are at hand or described in the line.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::{Expectations, Found, ManifestLine, SOURCE_REF, grouped};
use crate::manifest::expectations::FileKind;
use crate::manifest::{point_cloud, sequence_file};

/// The largest picture, in bytes and pixels.
const MAX_IMAGE_BYTES: u64 = 40_000_000;
const MAX_IMAGE_PIXELS: u64 = 100_000_000;

const FRAME_METADATA: &str = "source-ref-metadata";

/// The file of a line's data object, if the folder with the files should have it.
pub(in crate::manifest) fn local_path(line: &ManifestLine<'_>, expected: &Expectations) -> Option<PathBuf> {
    expected.local_files.as_ref()?.path(line.source_ref()?)
}

pub(super) fn local_file_is_there(line: &ManifestLine<'_>, expected: &Expectations, found: &mut Found<'_>) {
    let Some(files) = &expected.local_files else { return };
    let Some(uri) = line.source_ref() else { return };
    match files.path(uri) {
        None => found.warning(
            SOURCE_REF,
            || "lies outside of --uri, so its file was not looked at".to_owned(),
            "check it apart",
        ),
        Some(path) if !path.is_file() => {
            found.error(SOURCE_REF, || format!("has no file {}", path.display()), "add the file, or drop the line");
        }
        Some(_) => {}
    }
}

pub(super) fn m14_image_size(line: &ManifestLine<'_>, expected: &Expectations, found: &mut Found<'_>) {
    if expected.file_kind() != FileKind::Image {
        return;
    }
    let Some(path) = local_path(line, expected) else { return };
    let n_bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
    if n_bytes > MAX_IMAGE_BYTES {
        let message = || format!("is a picture of {} bytes", grouped(n_bytes));
        found.error(SOURCE_REF, message, "stay within 40 MB");
    }
    // Pictures whose size cannot be read are shown, or not, by the worker's browser.
    let Ok(size) = imagesize::size(&path) else { return };
    if size.width as u64 * size.height as u64 > MAX_IMAGE_PIXELS {
        let message = || format!("is a picture of {} × {} pixels", size.width, size.height);
        found.error(SOURCE_REF, message, "stay within 100 million pixels");
    }
}

pub(super) fn sequence_file(line: &ManifestLine<'_>, expected: &Expectations, found: &mut Found<'_>) {
    if let Some(file) = &line.sequence {
        sequence_file::check(file, expected.file_kind(), found);
    }
}

pub(super) fn point_cloud_frame(line: &ManifestLine<'_>, expected: &Expectations, found: &mut Found<'_>) {
    if expected.file_kind() != FileKind::PointCloudFrame {
        return;
    }
    let Some(object) = line.members() else { return };
    match object.value(FRAME_METADATA).map(serde_json::from_str::<Value>) {
        Some(Ok(metadata)) => point_cloud::check_frame(&metadata, FRAME_METADATA, found),
        Some(Err(_)) | None => found.error(
            FRAME_METADATA,
            || "is missing".to_owned(),
            "give at least its unix-timestamp, as in {\"unix-timestamp\": 1566861644.76}",
        ),
    }
}
