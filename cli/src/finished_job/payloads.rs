//! The batches that a consolidation function got and gave back: what each object showed, answers that are on file nowhere
//! else, and labels of a job that left no output manifest.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use ground_truth::contract::payload;
use ground_truth::payload_batch::{PayloadBatch, PayloadBatchObject};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answers::{ObjectAnswers, Timing};
use super::layout::Layout;
use super::{Note, Notes, Source};

/// What the batches say, by object.
#[derive(Debug, Default)]
pub(super) struct Payloads {
    pub(super) sources: BTreeMap<String, Source>,
    /// Answers without times. Read only where no worker responses are there.
    pub(super) answers: BTreeMap<String, ObjectAnswers>,
    /// The content that the function returned; of several the newest.
    pub(super) returned: BTreeMap<String, Map<String, Value>>,
    /// The member of the returned contents that holds the label.
    pub(super) label_attribute_name: Option<String>,
}

impl Payloads {
    /// Reads the requests, and the responses of a job without an output manifest.
    ///
    /// # Errors
    /// When a file cannot be read at all.
    pub(super) fn read(layout: &Layout, notes: &mut Notes) -> anyhow::Result<Self> {
        let mut all = Self::default();
        for path in &layout.requests {
            let bytes = read(path)?;
            if all.add_request(&bytes, layout.worker_responses.is_none()).is_none() {
                notes.count(Note::UnreadableBatch);
            }
        }
        if layout.output_manifest.is_none() {
            for path in &layout.responses {
                if all.add_response(&read(path)?).is_none() {
                    notes.count(Note::UnreadableBatch);
                }
            }
        }
        Ok(all)
    }

    /// `None` when the file is no payload.
    fn add_request(&mut self, file: &[u8], with_answers: bool) -> Option<()> {
        for element in payload::elements(file).ok()? {
            let Ok(object) = payload::object(element) else { continue };
            let shown = object.data_object.and_then(|raw| serde_json::from_str::<Shown>(raw.get()).ok());
            if let Some(source) = shown.and_then(Shown::source) {
                self.sources.insert(object.dataset_object_id.as_str().to_owned(), source);
            }
        }
        if with_answers {
            for object in PayloadBatch::read(file).ok()?.objects.into_iter().map(PayloadBatchObject::without_references)
            {
                let of_object = self.answers.entry(object.id.as_str().to_owned()).or_default();
                of_object.n_replaced += object.n_replaced;
                of_object.rejected.extend(object.rejected);
                for one in object.answers {
                    of_object.add_read(one, Timing::default());
                }
            }
        }
        Some(())
    }

    fn add_response(&mut self, file: &[u8]) -> Option<()> {
        for entry in serde_json::from_slice::<Vec<Entry>>(file).ok()? {
            let content = entry.consolidated_annotation.content;
            if self.label_attribute_name.is_none() {
                self.label_attribute_name = content.keys().find(|name| !name.ends_with("-metadata")).cloned();
            }
            let id = entry.dataset_object_id;
            self.returned.insert(id.as_str().map_or_else(|| id.to_string(), str::to_owned), content);
        }
        Some(())
    }
}

/// `dataObject` of a payload: one of two members.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    s3_uri: Option<String>,
    content: Option<String>,
}

impl Shown {
    fn source(self) -> Option<Source> {
        self.s3_uri.map(Source::File).or(self.content.map(Source::Text))
    }
}

/// One entry of a response.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    dataset_object_id: Value,
    consolidated_annotation: Consolidated,
}

#[derive(Deserialize)]
struct Consolidated {
    content: Map<String, Value>,
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
