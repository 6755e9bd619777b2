//! The output manifest of a job: which line belongs to which object, which member holds the label, and what the line says
//! became of the object.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::bail;
use ground_truth::label::Label;
use serde_json::{Map, Value};

use super::{Note, Notes, Source};
use crate::files::json_lines::{JsonLines, JsonLinesError, Line, RawMember, RawObject, text_of};
use crate::files::worker_response_tree::iteration;
use crate::labels::output_line::metadata_name;

/// A line, kept as its text alone: a job has many of them, and what is not looked up need not be read.
#[derive(Debug, Clone)]
pub(crate) struct ManifestLine {
    idx: usize,
    text: Box<str>,
    /// The label itself, where the line only refers to it.
    pub(super) label: Option<Value>,
}

impl ManifestLine {
    /// A line whose text is one JSON object.
    pub(super) fn new(idx: usize, text: &str) -> Self {
        Self { idx, text: text.into(), label: None }
    }

    /// The line with its members.
    pub(crate) fn read(&self) -> Line {
        // It was found sound when the manifest was read.
        let members = serde_json::from_str(&self.text).unwrap_or_default();
        Line { idx: self.idx, text: self.text.to_string(), members }
    }

    /// The text of the members, in their order.
    pub(super) fn members(&self) -> RawObject<'_> {
        RawObject::read(&self.text).unwrap_or_default()
    }

    /// What workers saw, as the line says.
    pub(super) fn source(&self) -> Option<Source> {
        let members = self.members();
        Source::of(|name| text_of(members.value(name)?).map(Cow::into_owned))
    }

    /// What the line says became of the object.
    pub(super) fn state(&self, label_attribute_name: &str) -> State {
        let members = self.members();
        let member = |name: &str| match &self.label {
            Some(label) if name == label_attribute_name => Some(label.clone()),
            _ => serde_json::from_str(members.value(name)?).ok(),
        };
        State::of(member, label_attribute_name)
    }
}

/// What became of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum State {
    /// It has a label: any JSON value, `0` and `{}` too.
    Labeled {
        /// The label.
        label: Value,
        /// Its metadata, where there are any.
        metadata: Option<Map<String, Value>>,
    },
    /// The job gave up on it.
    Failed {
        /// Why, in the service's words.
        reason: String,
    },
    /// Neither: excluded before workers saw it, or the job ended first.
    Unlabeled,
}

impl State {
    /// The label, read; [`Label::Nothing`] without one.
    pub(crate) fn label(&self) -> Label {
        match self {
            Self::Labeled { label, metadata } => Label::read(label, metadata.as_ref()),
            Self::Failed { .. } | Self::Unlabeled => Label::Nothing,
        }
    }

    /// What the members of a line say under a label attribute. The label's own member decides, not its metadata: a failed
    /// object has metadata too.
    pub(super) fn of(member: impl Fn(&str) -> Option<Value>, label_attribute_name: &str) -> Self {
        let metadata = match member(&metadata_name(label_attribute_name)) {
            Some(Value::Object(metadata)) => Some(metadata),
            _ => None,
        };
        let reason = metadata.as_ref().and_then(|metadata| metadata.get("failure-reason")?.as_str());
        match (member(label_attribute_name), reason) {
            (Some(label), _) => Self::Labeled { label, metadata },
            (None, Some(reason)) => Self::Failed { reason: reason.to_owned() },
            (None, None) => Self::Unlabeled,
        }
    }
}

/// Reads a manifest; lines by the id of their object, which is their index in the manifest.
///
/// # Errors
/// When the file cannot be read at all. A line that is not a JSON object is a note.
pub(super) fn read(path: &Path, notes: &mut Notes) -> anyhow::Result<BTreeMap<String, ManifestLine>> {
    let mut lines = BTreeMap::new();
    let mut reader = JsonLines::open(path)?;
    while let Some(line) = reader.next_with(|idx, text, _| Ok(ManifestLine::new(idx, text))) {
        match line {
            Ok(line) => {
                lines.insert(line.idx.to_string(), line);
            }
            Err(JsonLinesError::Line { .. }) => notes.count(Note::UnreadableLine),
            Err(error @ JsonLinesError::Read { .. }) => return Err(error.into()),
        }
    }
    Ok(lines)
}

/// Lines by the id of their object where they tell it themselves: in the reference to its answers, or as lines of streaming
/// jobs do, whose objects have no index in it. An id that nothing else mentions is not one.
pub(super) fn by_own_ids(
    lines: BTreeMap<String, ManifestLine>,
    label_attribute_name: Option<&str>,
    is_id: impl Fn(&str) -> bool,
) -> BTreeMap<String, ManifestLine> {
    let own_id = |line: &ManifestLine| own_id(&line.members(), label_attribute_name).filter(|id| is_id(id));
    let (telling, silent): (Vec<_>, Vec<_>) =
        lines.into_iter().map(|(id, line)| (own_id(&line), id, line)).partition(|(own, _, _)| own.is_some());
    let mut by_id = BTreeMap::new();
    for (own, id, line) in telling.into_iter().chain(silent) {
        // Of several lines with one id the first has it.
        let free = own.into_iter().chain([id]).find(|id| !by_id.contains_key(id));
        by_id.insert(free.unwrap_or_else(|| format!("line-{}", line.idx)), line);
    }
    by_id
}

fn own_id(members: &RawObject<'_>, label_attribute_name: Option<&str>) -> Option<String> {
    let text = |name: &str| text_of(members.value(name)?).map(Cow::into_owned);
    let reference = || {
        let metadata = members.value(&metadata_name(label_attribute_name?))?;
        let metadata = serde_json::from_str::<Map<String, Value>>(metadata).ok()?;
        let (_, path) = metadata.get("worker-response-ref")?.as_str()?.rsplit_once("/worker-response/")?;
        path.split('/').find(|segment| iteration(segment).is_none()).map(str::to_owned)
    };
    reference().or_else(|| text(&text("dataset-objectid-attribute-name")?))
}

/// The order of an output manifest is not promised. Where the requests tell what an object showed, its line is the one that
/// shows the same: at its index, or else the only one elsewhere.
pub(super) fn match_to_objects(
    lines: &mut BTreeMap<String, ManifestLine>,
    sources: &BTreeMap<String, Source>,
    notes: &mut Notes,
) {
    let differs = |line: &ManifestLine, shown: &Source| line.source().is_some_and(|own| own != *shown);
    let misplaced: Vec<&String> = sources
        .iter()
        .filter(|(id, shown)| lines.get(*id).is_some_and(|line| differs(line, shown)))
        .map(|(id, _)| id)
        .collect();
    if misplaced.is_empty() {
        return;
    }
    let mut ids_by_source: BTreeMap<Source, Vec<String>> = BTreeMap::new();
    for (id, line) in lines.iter() {
        if let Some(source) = line.source() {
            ids_by_source.entry(source).or_default().push(id.clone());
        }
    }
    let mut moved = Vec::new();
    for id in misplaced {
        match ids_by_source.get(&sources[id]).map(Vec::as_slice) {
            Some([only]) => moved.push((id.clone(), only.clone())),
            _ => notes.count(Note::LineOfOtherSource),
        }
    }
    notes.count_many(Note::LineFoundBySource, moved.len());
    let taken: Vec<(String, ManifestLine)> =
        moved.into_iter().filter_map(|(id, from)| Some((id, lines.get(&from)?.clone()))).collect();
    lines.extend(taken);
}

/// The member that holds this job's labels: its metadata names the job, or, where it names none or another spelling, it is
/// the only one with metadata of a labeling job.
///
/// # Errors
/// When several members could be it.
pub(super) fn label_attribute_name(
    lines: &BTreeMap<String, ManifestLine>,
    job_name: Option<&str>,
) -> anyhow::Result<Option<String>> {
    let (mut of_job, mut candidates) = (BTreeSet::new(), BTreeSet::new());
    for line in lines.values() {
        for RawMember { name, value } in line.members().members {
            let Some(label) = name.strip_suffix("-metadata") else { continue };
            let Ok(metadata) = serde_json::from_str::<Map<String, Value>>(value) else { continue };
            let named = ["job-name", "job_name"].iter().find_map(|name| metadata.get(*name)?.as_str());
            if named.is_none() && !metadata.contains_key("failure-reason") {
                continue;
            }
            candidates.insert(label.to_owned());
            let named = named.map(|name| name.rsplit('/').next().unwrap_or(name));
            if named.zip(job_name).is_some_and(|(named, own)| named.eq_ignore_ascii_case(own)) {
                of_job.insert(label.to_owned());
            }
        }
    }
    let found = if of_job.is_empty() { candidates } else { of_job };
    let names: Vec<String> = found.into_iter().collect();
    match names.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only.clone())),
        [first, ..] => bail!(
            "the manifest holds several labels, {}; name this job's with --label-attribute, as in --label-attribute {first}",
            names.join(", ")
        ),
    }
}
