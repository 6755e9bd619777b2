//! Rules about the data object that a line names.

use ground_truth::s3_uri::{S3Uri, S3UriError};

use super::{Expectations, Found, ManifestLine, SOURCE, SOURCE_REF, Source};
use crate::labeling_job::SourceMember;

pub(super) fn m5_one_source(line: &ManifestLine<'_>, _: &Expectations, found: &mut Found<'_>) {
    match &line.source {
        Some(Source::Missing) => found.error(
            "",
            || "the line has neither `source` nor `source-ref`".to_owned(),
            "give the data object as `source`, or its S3 URI as `source-ref`",
        ),
        Some(Source::Both) => {
            found.error("", || "the line has both `source` and `source-ref`".to_owned(), "keep one of them");
        }
        Some(Source::NotText(name)) => found.error(name, || "is not text".to_owned(), "write it in quotes"),
        Some(Source::One(SourceMember::Source, text)) if text.trim().is_empty() => {
            found.warning(SOURCE, || "is empty, so workers see nothing".to_owned(), "drop the line");
        }
        Some(Source::One(..)) | None => {}
    }
}

pub(super) fn m6_source_of_the_task(line: &ManifestLine<'_>, expected: &Expectations, found: &mut Found<'_>) {
    let (Some(Source::One(member, _)), Some(source), Some(task_type)) =
        (&line.source, expected.source(), expected.task_type)
    else {
        return;
    };
    if *member == source {
        return;
    }
    match source {
        SourceMember::Source => found.error(
            SOURCE_REF,
            || format!("names a file, but a job of type {} shows texts", task_type.name),
            "give the text itself as `source`",
        ),
        SourceMember::SourceRef | SourceMember::Either => found.error(
            SOURCE,
            || format!("holds the data object itself, but a job of type {} reads files", task_type.name),
            "give the file's S3 URI as `source-ref`",
        ),
    }
}

/// Data objects are told apart by their line, so that each of the two is labeled, and paid for.
pub(super) fn m9_double_source(line: &ManifestLine<'_>, _: &Expectations, found: &mut Found<'_>) {
    if let Some(earlier) = line.same_source_as {
        found.warning("", || format!("the line has the same data object as line {earlier}"), "drop one of them");
    }
}

pub(super) fn m12_s3_uri(line: &ManifestLine<'_>, _: &Expectations, found: &mut Found<'_>) {
    let Some(uri) = line.source_ref() else { return };
    match s3_parts(uri) {
        Ok((_, "")) => {
            found.error(SOURCE_REF, || "names a bucket, and no object in it".to_owned(), WRITE_URI);
        }
        Ok((_, key)) if key.ends_with('/') => {
            found.warning(SOURCE_REF, || "ends with a slash, as only folders do".to_owned(), "name a file in it");
        }
        Ok(_) => {}
        Err(S3UriError::NoScheme { .. }) => {
            found.error(SOURCE_REF, || "does not start with s3://".to_owned(), WRITE_URI);
        }
        Err(S3UriError::NoBucket { .. }) => found.error(SOURCE_REF, || "names no bucket".to_owned(), WRITE_URI),
    }
}

const WRITE_URI: &str = "write it as s3://bucket/key, the key as S3 shows it, without percent escapes";

/// Bucket and key, borrowed: [`S3Uri`] would copy both for every line.
pub(in crate::manifest) fn s3_parts(uri: &str) -> Result<(&str, &str), S3UriError> {
    match uri.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, ""))) {
        Some((bucket, key)) if !bucket.is_empty() => Ok((bucket, key)),
        _ => Err(uri.parse::<S3Uri>().err().unwrap_or_else(|| S3UriError::NoBucket { uri: uri.to_owned() })),
    }
}

pub(super) fn m13_extension(line: &ManifestLine<'_>, expected: &Expectations, found: &mut Found<'_>) {
    let extensions = expected.file_kind().extensions();
    let Some(uri) = line.source_ref().filter(|_| !extensions.is_empty()) else { return };
    let extension = extension(uri).unwrap_or_default();
    if !extensions.iter().any(|known| known.eq_ignore_ascii_case(extension)) {
        let known = extensions.join(", .");
        found.warning(SOURCE_REF, || format!("ends in none of .{known}"), "check that workers can open it");
    }
}

/// What stands behind the last dot of a file's name.
pub(in crate::manifest) fn extension(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    Some(name.rsplit_once('.')?.1)
}
