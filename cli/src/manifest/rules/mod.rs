//! The rules of manifests, one small function each, named by its id.
//!
//! **Adding a rule.** Write a function that puts what it finds on a line, or in the manifest as a whole, into its
//! [`Found`], and add its entry to [`LINE_RULES`] or [`WHOLE_RULES`], in the order of the ids. The test of this module
//! wants two manifests from you: one that breaks the rule and no other, and one that keeps it.
//!
//! Ids are those of the project's list of AWS's rules (M for manifests, N for label names, L for labels of audit jobs).
//! What has no id there carries a name.

use std::borrow::Cow;

use super::expectations::Expectations;
use super::facts::Facts;
use super::problems::Found;
use crate::files::json_lines::{BYTE_ORDER_MARK, Fault, RawLine, RawObject, text_of, utf8};
use crate::labeling_job::SourceMember;

mod files;
mod form;
mod labels;
mod source;
mod whole;

pub(super) use files::local_path;
pub(super) use labels::{Earlier, earlier, is_failure};
pub(super) use source::{extension, s3_parts};

/// A rule that looks at one line.
pub(crate) struct LineRule {
    pub(crate) id: &'static str,
    pub(crate) check: fn(&ManifestLine<'_>, &Expectations, &mut Found<'_>),
}

/// A rule that looks at the manifest as a whole, once its lines are counted.
pub(crate) struct WholeRule {
    pub(crate) id: &'static str,
    pub(crate) check: fn(&Facts, &Expectations, &mut Found<'_>),
}

pub(crate) static LINE_RULES: &[LineRule] = &[
    LineRule { id: "M1", check: form::m1_one_json_object },
    LineRule { id: "M2", check: form::m2_line_length },
    LineRule { id: "M3", check: form::m3_value_length },
    LineRule { id: "M4", check: form::m4_dollar_names },
    LineRule { id: "M5", check: source::m5_one_source },
    LineRule { id: "M6", check: source::m6_source_of_the_task },
    LineRule { id: "M8", check: form::m8_read_alike },
    LineRule { id: "M9", check: source::m9_double_source },
    LineRule { id: "M12", check: source::m12_s3_uri },
    LineRule { id: "M13", check: source::m13_extension },
    LineRule { id: "M14", check: files::m14_image_size },
    LineRule { id: "M15", check: form::m15_utf16_length },
    LineRule { id: "M17", check: labels::m17_label_collision },
    LineRule { id: "M18", check: form::m18_exact_numbers },
    LineRule { id: "L13", check: labels::l13_audit_label },
    LineRule { id: "local-file", check: files::local_file_is_there },
    LineRule { id: "sequence-file", check: files::sequence_file },
    LineRule { id: "point-cloud-frame", check: files::point_cloud_frame },
];

pub(crate) static WHOLE_RULES: &[WholeRule] = &[
    WholeRule { id: "M6", check: whole::m6_one_kind_of_source },
    WholeRule { id: "M7", check: whole::m7_passed_through },
    WholeRule { id: "M10", check: whole::m10_no_lines },
    WholeRule { id: "M11", check: whole::m11_object_count },
    WholeRule { id: "M16", check: whole::m16_human_annotation_switch },
    WholeRule { id: "N10", check: whole::n10_labeled_already },
    WholeRule { id: "N11", check: whole::n11_failed_before },
    WholeRule { id: "L13", check: whole::l13_audit_label },
];

/// One line, read as far as it can be.
#[derive(Debug)]
pub(crate) struct ManifestLine<'a> {
    /// The bytes of the line, and how it ends.
    pub(crate) raw: RawLine<'a>,
    /// Its text, without a byte order mark; none where it is not valid UTF-8.
    pub(crate) text: Option<&'a str>,
    /// Whether a byte order mark stands before it.
    pub(crate) has_byte_order_mark: bool,
    /// Its members, or why it has none; neither for a line too long to be read.
    pub(crate) object: Option<Result<RawObject<'a>, Fault>>,
    /// How it names its data object; `None` where the line is not an object.
    pub(crate) source: Option<Source<'a>>,
    /// The first earlier line with the same data object.
    pub(crate) same_source_as: Option<u64>,
    /// The file that lists its frames, where it has one and that is at hand.
    pub(crate) sequence: Option<super::sequence_file::SequenceFile>,
}

/// How a line names its data object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source<'a> {
    /// By one member, with a text.
    One(SourceMember, Cow<'a, str>),
    /// By one member, with something else.
    NotText(&'static str),
    /// By `source` and by `source-ref`, which is a mistake.
    Both,
    /// By neither member.
    Missing,
}

/// The members that a data object can stand in.
pub(crate) const SOURCE: &str = "source";
pub(crate) const SOURCE_REF: &str = "source-ref";

impl<'a> ManifestLine<'a> {
    /// Reads the text, the members and the data object of a line, as far as they can be read.
    pub(crate) fn read(raw: RawLine<'a>) -> Self {
        let text = utf8(raw.bytes);
        let has_byte_order_mark = text.as_ref().is_ok_and(|text| text.starts_with(BYTE_ORDER_MARK));
        let text = text.map(|text| text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text));
        let object = match text {
            _ if raw.is_cut() => None,
            Ok(text) => Some(RawObject::read(text)),
            Err(ref fault) => Some(Err(fault.clone())),
        };
        let source = object.as_ref().and_then(|object| object.as_ref().ok()).map(Source::of);
        let text = text.ok();
        Self { raw, text, has_byte_order_mark, object, source, same_source_as: None, sequence: None }
    }

    /// Its members, where it is an object.
    pub(crate) fn members(&self) -> Option<&RawObject<'a>> {
        self.object.as_ref()?.as_ref().ok()
    }

    /// Why the line is not an object.
    pub(crate) fn fault(&self) -> Option<&Fault> {
        self.object.as_ref()?.as_ref().err()
    }

    /// The S3 URI of its data object.
    pub(crate) fn source_ref(&self) -> Option<&str> {
        match &self.source {
            Some(Source::One(SourceMember::SourceRef, uri)) => Some(uri),
            _ => None,
        }
    }
}

impl<'a> Source<'a> {
    fn of(object: &RawObject<'a>) -> Self {
        let (member, name, value) = match (object.value(SOURCE), object.value(SOURCE_REF)) {
            (Some(_), Some(_)) => return Self::Both,
            (None, None) => return Self::Missing,
            (Some(value), None) => (SourceMember::Source, SOURCE, value),
            (None, Some(value)) => (SourceMember::SourceRef, SOURCE_REF, value),
        };
        text_of(value).map_or(Self::NotText(name), |text| Self::One(member, text))
    }
}

/// A number with commas between its thousands, as AWS writes them.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests;
