//! A labeling job as it lies in its output folder, whoever ran it and with whatever functions, or without any.
//!
//! - `FinishedJob::open`: reads a folder, or a single file out of one.
//! - `layout`: where the pieces lie in it. `answers`: what workers sent. `payloads`: the batches that a consolidation
//!   function got and gave back. `lines`: the output manifest, and which of its members is this job's label. `label_files`:
//!   labels that stand in files of their own. `join`: several jobs as one.
//! - `Notes`: what was odd, counted.
//!
//! Only the worker responses and the output manifest are what the service promises to keep; everything else is used where
//! it is there. What is read is bounded by the answers and not by the number of files.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use ground_truth::batch::{Batch, DatasetObject, SourceKind};
use ground_truth::vocabulary::{DatasetObjectId, LabelCategory, WorkerId};
use rayon::prelude::*;
use serde_json::{Map, Value};

use crate::aws;
use crate::console::progress::Progress;
use crate::files::json_lines::Line;
use crate::files::worker_response_tree::WorkerResponseTree;

mod answers;
pub mod job_copy;
mod join;
mod label_files;
mod layout;
mod lines;
mod notes;
mod payloads;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use answers::Timing;
pub(crate) use lines::{ManifestLine, State};
pub(crate) use notes::{Note, Notes};

use answers::{Common, ObjectAnswers};
use job_copy::{JobCopy, JobLocation, Location};
use layout::Layout;
use payloads::Payloads;

/// What a caller knows about a job that its folder may not tell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// The label attribute, where the output manifest holds several labels and does not say whose they are.
    pub(crate) label_attribute_name: Option<String>,
    /// The input manifest, for a job that has no output manifest.
    pub(crate) manifest: Option<PathBuf>,
    /// The label categories in their order.
    pub(crate) categories: Option<Vec<String>>,
}

/// A labeling job with all its answers.
#[derive(Debug)]
pub(crate) struct FinishedJob {
    /// Its name, as the folder spells it; none for a single file.
    pub(crate) name: Option<String>,
    /// The member of the output manifest that holds its labels, where it has one.
    pub(crate) label_attribute_name: Option<String>,
    /// Its objects with their answers, in the order of the manifest: what consolidation reads.
    pub(crate) batch: Batch,
    /// What else is known of each object, in the same order.
    pub(crate) details: Vec<ObjectDetails>,
    /// What was odd about the job.
    pub(crate) notes: Notes,
}

/// The name of a finished job, for people.
pub(crate) fn shown_name(name: Option<&str>) -> &str {
    name.unwrap_or("(no name)")
}

/// What is known of a data object besides its answers.
#[derive(Debug, Default)]
pub(crate) struct ObjectDetails {
    /// Its line in the output manifest, or else in the input manifest.
    pub(crate) line: Option<ManifestLine>,
    /// What the workers looked at, where the manifest or a payload tells it.
    pub(crate) source: Option<Source>,
    /// The label that the consolidation function returned, where no manifest holds it.
    pub(crate) returned: Option<Map<String, Value>>,
    /// When each answer was given, in the order of the object's answers in the batch.
    pub(crate) timings: Vec<Timing>,
    /// Whose answers a newer one of the same worker replaced, as often as that happened.
    pub(crate) replaced: Vec<WorkerId>,
}

impl ObjectDetails {
    /// What became of the object, by the labels under this attribute.
    fn state(&self, label_attribute_name: &str) -> State {
        let of_line = self.line.as_ref().map_or(State::Unlabeled, |line| line.state(label_attribute_name));
        match (of_line, &self.returned) {
            (State::Unlabeled, Some(returned)) => {
                State::of(|member| returned.get(member).cloned(), label_attribute_name)
            }
            (state, _) => state,
        }
    }

    /// The object's line; where no manifest has one, what workers saw as the line at `idx`.
    pub(crate) fn line_or_source(&self, idx: usize) -> Line {
        if let Some(line) = &self.line {
            return line.read();
        }
        let (name, text) = match &self.source {
            Some(Source::Text(text)) => ("source", text.as_str()),
            Some(Source::File(uri)) => ("source-ref", uri.as_str()),
            None => ("source", ""),
        };
        let members = Map::from_iter([(name.to_owned(), Value::from(text))]);
        Line { idx, text: Value::Object(members.clone()).to_string(), members }
    }
}

/// What a data object shows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// A text that stands in the manifest itself.
    Text(String),
    /// A file, by its S3 URI.
    File(String),
}

impl Source {
    /// What the members of a manifest's line show; `text` gives those that are text.
    pub(crate) fn of(text: impl Fn(&str) -> Option<String>) -> Option<Self> {
        text("source").map(Self::Text).or_else(|| text("source-ref").map(Self::File))
    }

    fn kind(&self) -> SourceKind {
        match self {
            Self::Text(_) => SourceKind::Text,
            Self::File(_) => SourceKind::File,
        }
    }
}

impl FinishedJob {
    /// Reads a job from its output folder, from a copy of a part of it, or from a single file: an output manifest, a
    /// payload of the consolidation function, or a worker response. `on_object` is called once per object with answers.
    ///
    /// # Errors
    /// When there is nothing that could be a job, or a file or folder that is there cannot be read. What is in a file and
    /// cannot be understood is a note instead.
    pub(crate) fn open(path: &Path, known: &Known, on_object: &(dyn Fn() + Sync)) -> anyhow::Result<Self> {
        let layout = Layout::of(path)?;
        let mut notes = Notes::default();
        let payloads = Payloads::read(&layout, &mut notes)?;
        let mut answers = read_answers(&layout, on_object)?;
        for (id, of_payload) in payloads.answers {
            answers.entry(id).or_insert_with(|| {
                notes.count(Note::OnlyInRequest);
                of_payload
            });
        }
        let manifest = known.manifest.as_deref().or(layout.output_manifest.as_deref());
        let mut lines = manifest.map_or(Ok(BTreeMap::new()), |path| lines::read(path, &mut notes))?;
        if answers.is_empty() && lines.is_empty() {
            bail!("{} holds neither answers nor an output manifest", path.display());
        }

        let label_attribute_name = match &known.label_attribute_name {
            Some(name) => Some(name.clone()),
            None => lines::label_attribute_name(&lines, layout.name.as_deref())?.or(payloads.label_attribute_name),
        };
        lines = lines::by_own_ids(lines, label_attribute_name.as_deref(), |id| answers.contains_key(id));
        lines::match_to_objects(&mut lines, &payloads.sources, &mut notes);
        let (mut sources, mut returned) = (payloads.sources, payloads.returned);
        if let (Some(name), Some(annotations)) = (&label_attribute_name, &layout.annotations) {
            label_files::resolve(&mut lines, &mut returned, name, annotations, &mut notes);
        }
        let mut job = Self {
            name: layout.name,
            label_attribute_name,
            batch: Batch { categories: categories(known, layout.label_categories.as_deref())?, ..Batch::default() },
            details: Vec::new(),
            notes,
        };
        let ids: BTreeSet<IdOrder> = answers.keys().cloned().chain(lines.keys().cloned()).map(IdOrder).collect();
        for IdOrder(id) in ids {
            let of_object = answers.remove(&id).unwrap_or_default();
            let line = lines.remove(&id);
            let source = line.as_ref().and_then(ManifestLine::source).or_else(|| sources.remove(&id));
            let returned = returned.remove(&id);
            job.push(id, of_object, ObjectDetails { line, source, returned, ..ObjectDetails::default() });
        }
        Ok(job)
    }

    fn push(&mut self, id: String, answers: ObjectAnswers, mut details: ObjectDetails) {
        let id = DatasetObjectId::new(id);
        self.notes.count_many(Note::UnreadableFile, answers.n_unreadable_files);
        self.notes.count_many(Note::RejectedAnswer, answers.rejected.len());
        self.notes.count_many(Note::ReplacedAnswer, answers.n_replaced);
        if details.line.is_none() && !answers.answers.is_empty() {
            self.notes.count(Note::WithoutLine);
        }
        let (of_batch, timings) = answers.answers.into_iter().unzip();
        details.timings = timings;
        details.replaced = answers.replaced;
        self.batch.objects.push(DatasetObject {
            id,
            source: details.source.as_ref().map(Source::kind),
            answers: of_batch,
            rejected: answers.rejected,
            n_replaced: answers.n_replaced,
        });
        self.details.push(details);
    }

    /// What became of the object at `idx` in the job.
    pub(crate) fn state(&self, idx: usize) -> State {
        self.label_attribute_name.as_ref().map_or(State::Unlabeled, |name| self.details[idx].state(name))
    }

    /// How many workers answered.
    pub(crate) fn n_workers(&self) -> usize {
        let answers = self.batch.objects.iter().flat_map(|object| &object.answers);
        answers.map(|one| &one.worker_id).collect::<HashSet<_>>().len()
    }

    /// How many answers there are.
    pub(crate) fn n_answers(&self) -> usize {
        self.batch.objects.iter().map(|object| object.answers.len()).sum()
    }
}

/// Which job is opened, and what its folder does not tell.
#[derive(Debug, Clone)]
pub(crate) struct OpenOptions {
    /// Where the job is.
    pub(crate) job: JobLocation,
    /// Other jobs on the same data objects, whose answers join in.
    pub(crate) with: Vec<JobLocation>,
    /// The label attribute, where it is known.
    pub(crate) label_attribute: Option<String>,
    /// The job's manifest, where its folder has no output manifest.
    pub(crate) manifest: Option<Location>,
    /// The label categories in their order, where they are known.
    pub(crate) label_categories: Option<Vec<String>>,
    /// The folder that keeps the files of jobs in S3.
    pub(crate) cache: Option<PathBuf>,
    /// How AWS is reached.
    pub(crate) connection: aws::Settings,
}

impl OpenOptions {
    /// Reads the job, and the jobs that join it.
    ///
    /// # Errors
    /// As [`FinishedJob::open`].
    pub(crate) fn open(&self, progress: Progress) -> anyhow::Result<FinishedJob> {
        let mut job = self.open_one(&self.job, self.manifest.as_ref(), progress)?;
        for idx in &self.with {
            job.join(self.open_one(idx, None, progress)?);
        }
        Ok(job)
    }

    fn open_one(
        &self,
        idx: &JobLocation,
        manifest: Option<&Location>,
        progress: Progress,
    ) -> anyhow::Result<FinishedJob> {
        let copy = JobCopy::of(idx, manifest, self.cache.as_deref(), &self.connection, progress)?;
        let known = Known {
            label_attribute_name: self.label_attribute.clone().or(copy.label_attribute_name),
            manifest: copy.manifest,
            categories: self.label_categories.clone(),
        };
        let bar = progress.bar(None, "{spinner} {human_pos} data objects read ({per_sec})");
        let mut job = FinishedJob::open(&copy.path, &known, &|| bar.inc(1))?;
        job.notes.count_many(Note::UnusableKey, copy.n_unusable_keys);
        Ok(job)
    }
}

fn read_answers(layout: &Layout, on_object: &(dyn Fn() + Sync)) -> anyhow::Result<BTreeMap<String, ObjectAnswers>> {
    if let Some(file) = &layout.single_response {
        let answers = answers::read(std::slice::from_ref(file), &mut Common::default())?;
        return Ok(BTreeMap::from([("0".to_owned(), answers)]));
    }
    let Some(folder) = &layout.worker_responses else { return Ok(BTreeMap::new()) };
    let tree = WorkerResponseTree::open(folder)?;
    // Each object is read on whatever thread is free; the map puts them into their order again.
    let read = |common: &mut Common, id: String| {
        let answers = answers::read(&tree.files_of(&id)?, common)?;
        on_object();
        Ok((id, answers))
    };
    let ids: Vec<String> = tree.object_ids()?.into_iter().collect();
    ids.into_par_iter().map_init(Common::default, read).collect()
}

/// The job's categories: as told, else as the console keeps them beside its jobs.
fn categories(known: &Known, file: Option<&Path>) -> anyhow::Result<Vec<LabelCategory>> {
    if let Some(names) = &known.categories {
        return Ok(names.iter().map(LabelCategory::new).collect());
    }
    let Some(file) = file else { return Ok(Vec::new()) };
    let document = crate::files::document_file::read(file)?;
    let labels = document.get("labels").and_then(Value::as_array);
    let labels = labels.with_context(|| format!("{} has no list `labels`", file.display()))?;
    Ok(labels.iter().filter_map(|label| Some(LabelCategory::new(label.get("label")?.as_str()?))).collect())
}

/// Ids in the order of the manifest: numbers by their value, then everything else by its text.
#[derive(Debug, PartialEq, Eq)]
struct IdOrder(String);

impl IdOrder {
    fn key(&self) -> (bool, u64, &str) {
        let number = self.0.parse().ok();
        (number.is_none(), number.unwrap_or_default(), &self.0)
    }
}

impl PartialOrd for IdOrder {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for IdOrder {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

#[cfg(test)]
mod tests;
