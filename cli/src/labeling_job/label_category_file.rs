//! The label category file: its labels, and for video frames and point clouds the attributes that workers fill in.
//!
//! Two versions exist. The one of 2018-11-28 lists labels, and instructions for named entities; the one of 2020-03-01,
//! for video frames and point clouds, adds attributes. The member that names the version is spelled `document-version`
//! or `documentVersion`, and AWS's own material has both, any date and none: so the task type decides what is looked at.
//!
//! Here are the bounds of single members; what stands between them is for the rules L2 to L14.
//!
//! Source: the developer guide (sms-label-cat-config-attributes, input-data-limits).

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Modality, TaskType, path};
use crate::problem::{Level, Problem};

mod attributes;

/// A label category file, of whatever version.
#[derive(Debug, Clone, Copy)]
pub(super) struct LabelCategoryFile<'a> {
    document: &'a Value,
}

/// What video frames can be marked with.
const ANNOTATION_TYPES: [&str; 4] = ["BoundingBox", "Polyline", "Polygon", "Keypoint"];

/// The longest instructions, in characters.
const MAX_SHORT_INSTRUCTION: usize = 254;
const MAX_FULL_INSTRUCTION: usize = 2_047;

impl<'a> LabelCategoryFile<'a> {
    pub(super) fn new(document: &'a Value) -> Self {
        Self { document }
    }

    /// Whether it has a list of labels, however short.
    pub(super) fn lists_labels(self) -> bool {
        self.document["labels"].is_array()
    }

    /// Its labels, whatever they are.
    pub(super) fn labels(self) -> &'a [Value] {
        self.document["labels"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The names of its labels, with their indices; labels without a name are left out.
    pub(super) fn names(self) -> impl Iterator<Item = (usize, &'a str)> {
        self.labels().iter().enumerate().filter_map(|(idx, label)| Some((idx, label["label"].as_str()?)))
    }

    /// The label attribute of the earlier job.
    pub(super) fn audit_label(self) -> Option<&'a str> {
        self.document["auditLabelAttributeName"].as_str()
    }

    /// Whether one of the two instructions that workers read is there. AWS's example for 3D-2D linking spells them
    /// `…Introduction`.
    pub(super) fn has_instruction(self, name: &str) -> bool {
        let instructions = &self.document["instructions"];
        let other = name.replace("Instruction", "Introduction");
        [name, &*other].iter().any(|name| instructions[*name].as_str().is_some_and(|text| !text.trim().is_empty()))
    }

    /// Whether the file is of the version with attributes.
    pub(super) fn is_of_2020(self) -> bool {
        ["document-version", "documentVersion"].iter().any(|name| self.document[*name] == "2020-03-01")
    }

    /// Everything that is wrong with single members.
    pub(super) fn problems(self, task_type: Option<&TaskType>) -> Vec<Problem> {
        let mut found = Found::default();
        if !self.document.is_object() {
            found.error("", "must be a JSON object", "write {\"labels\": [{\"label\": \"…\"}, …]}");
            return found.0;
        }
        for name in ["document-version", "documentVersion"] {
            if self.document.get(name).is_some_and(|version| !version.is_string()) {
                found.error(name, "must be a text", "write the date in quotes, as in \"2018-11-28\"");
            }
        }
        if !self.lists_labels() {
            found.error("labels", "must be a list", "write {\"labels\": [{\"label\": \"…\"}, …]}");
        }
        for (idx, label) in self.labels().iter().enumerate() {
            match label["label"].as_str() {
                None => found.error(&format!("labels[{idx}].label"), "must be a text", "write {\"label\": \"…\"}"),
                Some(name) if name.trim().is_empty() => {
                    found.error(&format!("labels[{idx}].label"), "is empty", "name the label");
                }
                Some(_) => {}
            }
        }
        self.check_instructions(&mut found);
        if task_type.is_some_and(TaskType::is_video_frame_or_3d) {
            self.check_annotation_type(task_type, &mut found);
            attributes::check(self.document, self.labels(), &mut found);
        }
        found.0
    }

    fn check_instructions(self, found: &mut Found) {
        let Some(instructions) = self.document.get("instructions") else { return };
        for (name, max) in [("shortInstruction", MAX_SHORT_INSTRUCTION), ("fullInstruction", MAX_FULL_INSTRUCTION)] {
            let at = format!("instructions.{name}");
            if !self.has_instruction(name) {
                found.error(&at, "is missing", "give both, short and full");
            } else if instructions[name].as_str().is_some_and(|text| text.chars().count() > max) {
                found.error(&at, format!("is longer than {max} characters"), "shorten it");
            }
        }
    }

    fn check_annotation_type(self, task_type: Option<&TaskType>, found: &mut Found) {
        let Some(annotation_type) = self.document.get("annotationType") else { return };
        let is_video = task_type.is_some_and(|task_type| task_type.modality == Modality::VideoFrames);
        let is_known = |name: &Value| name.as_str().is_some_and(|name| ANNOTATION_TYPES.contains(&name));
        // For point clouds it is a list, and linked to pictures.
        let is_linked = |types: &Vec<Value>| types.iter().all(|entry| entry["type"].is_string());
        if is_video && !is_known(annotation_type) {
            found.error("annotationType", format!("is not one of {}", ANNOTATION_TYPES.join(", ")), "choose one");
        } else if !is_video && !annotation_type.as_array().is_some_and(is_linked) {
            found.error(
                "annotationType",
                "is for video frames, or a list for linking points to pictures",
                "drop it, or write [{\"type\": \"BoundingBox\"}, {\"type\": \"Cuboid\"}]",
            );
        }
    }
}

/// What is found, with the members that it concerns.
#[derive(Debug, Default)]
struct Found(Vec<Problem>);

impl Found {
    fn error(&mut self, at: &str, message: impl Into<String>, remedy: impl Into<String>) {
        self.add(Level::Error, at, message, remedy);
    }

    fn warning(&mut self, at: &str, message: impl Into<String>, remedy: impl Into<String>) {
        self.add(Level::Warning, at, message, remedy);
    }

    fn add(&mut self, level: Level, at: &str, message: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Problem::in_job(location(at), message, remedy).at(level));
    }
}

/// The location of a member of the label category file, as problems of a job name it.
pub(super) fn location(at: &str) -> String {
    if at.is_empty() {
        path::LABEL_CATEGORY_CONFIG_S3_URI.to_owned()
    } else {
        format!("{}: {at}", path::LABEL_CATEGORY_CONFIG_S3_URI)
    }
}

/// Names that occur more than once, each with the indices of its first and its last.
pub(super) fn repeated<'a>(names: impl Iterator<Item = (usize, &'a str)>) -> Vec<(&'a str, usize, usize)> {
    let mut first_and_last: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (idx, name) in names {
        first_and_last.entry(name).or_insert((idx, idx)).1 = idx;
    }
    let repeated = |(name, (first, last)): (&'a str, (usize, usize))| (first < last).then_some((name, first, last));
    first_and_last.into_iter().filter_map(repeated).collect()
}

#[cfg(test)]
mod tests;
