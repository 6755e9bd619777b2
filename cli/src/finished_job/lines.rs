//! The output manifest of a job: which line belongs to which object, which member holds the label, and what the line says
//! became of the object.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::bail;
use serde_json::{Map, Value};

use super::{Note, Notes, Source};
use crate::json_lines::{JsonLines, JsonLinesError, Line};
use crate::worker_response_tree::iteration;

/// What workers saw, as the line says.
pub(crate) fn source(line: &Line) -> Option<Source> {
    let text = |name: &str| line.members.get(name).and_then(Value::as_str).map(str::to_owned);
    text("source").map(Source::Text).or_else(|| text("source-ref").map(Source::File))
}

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum State<'a> {
    /// It has a label: any JSON value, `0` and `{}` too.
    Labeled {
        /// The label.
        label: &'a Value,
        /// Its metadata, where there are any.
        metadata: Option<&'a Map<String, Value>>,
    },
    /// The job gave up on it.
    Failed {
        /// Why, in the service's words.
        reason: &'a str,
    },
    /// Neither: excluded before workers saw it, or the job ended first.
    Unlabeled,
}

impl<'a> State<'a> {
    /// What the members of a line say under a label attribute. The label's own member decides, not its metadata: a failed
    /// object has metadata too.
    pub(crate) fn of(members: &'a Map<String, Value>, label_attribute_name: &str) -> Self {
        let metadata = members.get(&metadata_name(label_attribute_name)).and_then(Value::as_object);
        let reason = metadata.and_then(|metadata| metadata.get("failure-reason")?.as_str());
        match (members.get(label_attribute_name), reason) {
            (Some(label), _) => Self::Labeled { label, metadata },
            (None, Some(reason)) => Self::Failed { reason },
            (None, None) => Self::Unlabeled,
        }
    }
}

/// `<label>-metadata`.
pub(crate) fn metadata_name(label_attribute_name: &str) -> String {
    format!("{label_attribute_name}-metadata")
}

/// Reads a manifest; lines by the id of their object, which is their place.
///
/// # Errors
/// When the file cannot be read at all. A line that is no JSON object is a note.
pub(super) fn read(path: &Path, notes: &mut Notes) -> anyhow::Result<BTreeMap<String, Line>> {
    let mut lines = BTreeMap::new();
    for line in JsonLines::open(path)? {
        match line {
            Ok(line) => {
                lines.insert(line.place.to_string(), line);
            }
            Err(JsonLinesError::Line { .. }) => notes.count(Note::UnreadableLine),
            Err(error @ JsonLinesError::Read { .. }) => return Err(error.into()),
        }
    }
    Ok(lines)
}

/// Lines by the id of their object where they tell it themselves: in the reference to its answers, or as lines of streaming
/// jobs do, whose objects have no place. An id that nothing else speaks of is none.
pub(super) fn by_own_ids(
    lines: BTreeMap<String, Line>,
    label_attribute_name: Option<&str>,
    is_id: impl Fn(&str) -> bool,
) -> BTreeMap<String, Line> {
    let own_id = |line: &Line| own_id(line, label_attribute_name).filter(|id| is_id(id));
    let (telling, silent): (Vec<_>, Vec<_>) =
        lines.into_iter().map(|(id, line)| (own_id(&line), id, line)).partition(|(own, _, _)| own.is_some());
    let mut by_id = BTreeMap::new();
    for (own, id, line) in telling.into_iter().chain(silent) {
        // Of several lines with one id the first has it.
        let free = own.into_iter().chain([id]).find(|id| !by_id.contains_key(id));
        by_id.insert(free.unwrap_or_else(|| format!("line-{}", line.place)), line);
    }
    by_id
}

fn own_id(line: &Line, label_attribute_name: Option<&str>) -> Option<String> {
    let text = |name: &str| line.members.get(name)?.as_str();
    let reference = || {
        let metadata = line.members.get(&metadata_name(label_attribute_name?))?;
        let (_, path) = metadata.get("worker-response-ref")?.as_str()?.rsplit_once("/worker-response/")?;
        path.split('/').find(|segment| iteration(segment).is_none())
    };
    reference().or_else(|| text(text("dataset-objectid-attribute-name")?)).map(str::to_owned)
}

/// The order of an output manifest is not promised. Where the requests tell what an object showed, its line is the one that
/// shows the same: at its place, or else the only one elsewhere.
pub(super) fn match_to_objects(
    lines: &mut BTreeMap<String, Line>,
    sources: &BTreeMap<String, Source>,
    notes: &mut Notes,
) {
    let differs = |line: &Line, shown: &Source| source(line).is_some_and(|own| own != *shown);
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
        if let Some(source) = source(line) {
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
    let taken: Vec<(String, Line)> =
        moved.into_iter().filter_map(|(id, from)| Some((id, lines.get(&from)?.clone()))).collect();
    lines.extend(taken);
}

/// The member that holds this job's labels: its metadata name the job, or, where they name none or another spelling, it is
/// the only one with metadata of a labeling job.
///
/// # Errors
/// When several members could be it.
pub(super) fn label_attribute_name(
    lines: &BTreeMap<String, Line>,
    job_name: Option<&str>,
) -> anyhow::Result<Option<String>> {
    let (mut of_job, mut candidates) = (BTreeMap::<&str, usize>::new(), BTreeMap::<&str, usize>::new());
    for line in lines.values() {
        for (name, value) in &line.members {
            let (Some(label), Some(metadata)) = (name.strip_suffix("-metadata"), value.as_object()) else { continue };
            let named = ["job-name", "job_name"].iter().find_map(|name| metadata.get(*name)?.as_str());
            if named.is_none() && !metadata.contains_key("failure-reason") {
                continue;
            }
            *candidates.entry(label).or_default() += 1;
            let named = named.map(|name| name.rsplit('/').next().unwrap_or(name));
            if named.zip(job_name).is_some_and(|(named, own)| named.eq_ignore_ascii_case(own)) {
                *of_job.entry(label).or_default() += 1;
            }
        }
    }
    let found = if of_job.is_empty() { candidates } else { of_job };
    let names: Vec<&str> = found.into_keys().collect();
    match names.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some((*only).to_owned())),
        [first, ..] => bail!(
            "the manifest holds several labels, {}; name this job's with --label-attribute, as in --label-attribute {first}",
            names.join(", ")
        ),
    }
}
