//! Known answers from a manifest: an output manifest, or lines that somebody wrote by hand.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{bail, ensure};
use ground_truth::annotation_kinds::AnnotationKind;
use ground_truth::field_value::FieldValueBuf;
use ground_truth::label::{FieldLabel, Label};
use ground_truth::plan::ConsolidationPlan;
use serde_json::{Map, Value};

use crate::files::json_lines::JsonLines;
use crate::finished_job::{FinishedJob, ObjectDetails, Source};
use crate::labels::output_line::metadata_name;

/// What is known to be right, by the index of the object in the job.
#[derive(Debug, Default)]
pub(crate) struct GoldLabels(BTreeMap<usize, GoldLabel>);

/// What is known of one object.
#[derive(Debug)]
enum GoldLabel {
    /// In a format that we know.
    Label(Label),
    /// As a worker would answer: a form, or the value of its only field.
    Answer(Value),
}

/// A line with a label that is known, and the indices of the objects that it is about.
struct GoldLine {
    indices: Vec<usize>,
    members: Map<String, Value>,
}

impl GoldLabels {
    /// What is known beside the plan: the labels of a manifest, where one is given, or the lines of the job that are marked
    /// with them under `attribute`. A line of a manifest is about the job's objects that show what it shows; lines about others are passed
    /// over.
    ///
    /// # Errors
    /// When the file cannot be read, when a line is not a JSON object, when no line is about the job or has a label, or when
    /// it is not clear which member holds the labels.
    pub(crate) fn read(file: Option<&Path>, attribute: Option<&str>, job: &FinishedJob) -> anyhow::Result<Self> {
        let (lines, what) = match (file, attribute) {
            (None, None) => return Ok(Self::default()),
            (Some(path), _) => (lines_of(path, job)?, path.display().to_string()),
            (None, Some(_)) => {
                let own = |(idx, details): (usize, &ObjectDetails)| {
                    Some(GoldLine { indices: vec![idx], members: details.line.as_ref()?.read().members })
                };
                (job.details.iter().enumerate().filter_map(own).collect(), "the job's manifest".to_owned())
            }
        };
        let name = match attribute {
            Some(name) => name.to_owned(),
            None => attribute_of(&lines, job.label_attribute_name.as_deref(), &what)?,
        };
        let mut labels = BTreeMap::new();
        for GoldLine { indices, members } in &lines {
            let Some(value) = members.get(&name) else { continue };
            let metadata = members.get(&metadata_name(&name)).and_then(Value::as_object);
            for idx in indices {
                let label = match Label::read(value, metadata) {
                    Label::Unrecognized(answer) => GoldLabel::Answer(answer),
                    label => GoldLabel::Label(label),
                };
                labels.insert(*idx, label);
            }
        }
        ensure!(!labels.is_empty(), "no line of {what} has the member `{name}`");
        Ok(Self(labels))
    }

    /// The known answer to a field, as a worker would have sent it, or the part of that which the plan's pointer names.
    /// `is_only` tells that the form has no other field that a label without names could mean.
    pub(super) fn answer(
        &self,
        plan: &ConsolidationPlan,
        field: &str,
        kind: &AnnotationKind,
        object: usize,
        is_only: bool,
    ) -> Option<FieldValueBuf> {
        let of_kind = |label: &FieldLabel<'_>| if label.kind_name() == kind.name { label.as_answer() } else { None };
        match self.0.get(&object)? {
            GoldLabel::Label(Label::Fields(fields)) => of_kind(fields.get(field)?),
            GoldLabel::Label(Label::BuiltIn(label)) if is_only => of_kind(label),
            GoldLabel::Label(_) => None,
            GoldLabel::Answer(answer) => {
                let value = answer.get(field).or(is_only.then_some(answer))?;
                Some(plan.known_part(field, value.clone().into()))
            }
        }
    }
}

/// The lines of a manifest that are about the job.
fn lines_of(path: &Path, job: &FinishedJob) -> anyhow::Result<Vec<GoldLine>> {
    let mut indices: BTreeMap<&Source, Vec<usize>> = BTreeMap::new();
    for (idx, details) in job.details.iter().enumerate() {
        if let Some(source) = &details.source {
            indices.entry(source).or_default().push(idx);
        }
    }
    let mut lines = Vec::new();
    for line in JsonLines::open(path)? {
        let members = line?.members;
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        if let Some(indices) = Source::of(text).and_then(|source| indices.get(&source)) {
            lines.push(GoldLine { indices: indices.clone(), members });
        }
    }
    ensure!(
        !lines.is_empty(),
        "no line of {} shows what an object of the job shows; `source` or `source-ref` must be the same in both",
        path.display()
    );
    Ok(lines)
}

/// The member that holds the labels.
fn attribute_of(lines: &[GoldLine], of_job: Option<&str>, what: &str) -> anyhow::Result<String> {
    let has = |name: &str| lines.iter().any(|line| line.members.contains_key(name));
    if let Some(name) = of_job.filter(|name| has(name)) {
        return Ok(name.to_owned());
    }
    let mut names: Vec<&str> = lines.iter().flat_map(|line| line.members.keys()).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !["source", "source-ref"].contains(name) && !name.ends_with("-metadata"));
    match names.as_slice() {
        [only] => Ok((*only).to_owned()),
        [] => bail!("{what} has no member with labels beside the source"),
        [first, ..] => bail!(
            "{what} has several members, {}; say which holds the labels with --gold-attribute, as in --gold-attribute {first}",
            names.join(", ")
        ),
    }
}
