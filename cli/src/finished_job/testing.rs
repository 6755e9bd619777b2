//! Job folders for tests, in the layouts that the service leaves. Made here; nothing of it comes from a real job.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{FinishedJob, Known};

/// A job's folder that grows piece by piece.
pub(crate) struct JobFolder {
    dir: TempDir,
    name: String,
}

impl JobFolder {
    pub(crate) fn new(name: &str) -> Self {
        Self { dir: tempfile::tempdir().expect("a folder"), name: name.to_owned() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join(&self.name)
    }

    /// Writes a file below the job's folder.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        write(&self.path().join(path), text);
        self
    }

    /// A worker-response file of one iteration: answers as `(worker, minute, form)`, the minute also the file's name.
    pub(crate) fn answers(self, iteration: u32, object: &str, answers: &[(&str, u32, Value)]) -> Self {
        let minute = answers.first().map_or(0, |(_, minute, _)| *minute);
        let path =
            format!("annotations/worker-response/iteration-{iteration}/{object}/2024-05-06_07:{minute:02}:40.json");
        let answers: Vec<Value> = answers.iter().map(|(worker, minute, form)| answer(worker, *minute, form)).collect();
        self.file(&path, &json!({ "answers": answers }).to_string())
    }

    /// The output manifest, line by line.
    pub(crate) fn output(self, lines: &[Value]) -> Self {
        self.file("manifests/output/output.manifest", &json_lines(lines))
    }

    /// A consolidation request of the first iteration.
    pub(crate) fn request(self, time: &str, payload: &Value) -> Self {
        let path = format!("annotations/consolidated-annotation/consolidation-request/iteration-1/{time}.json");
        self.file(&path, &payload.to_string())
    }

    /// A consolidation response of the first iteration.
    pub(crate) fn response(self, time: &str, response: &Value) -> Self {
        let path = format!("annotations/consolidated-annotation/consolidation-response/iteration-1/{time}.json");
        self.file(&path, &response.to_string())
    }

    pub(crate) fn open(&self) -> FinishedJob {
        self.open_knowing(&Known::default())
    }

    pub(crate) fn open_knowing(&self, known: &Known) -> FinishedJob {
        FinishedJob::open(&self.path(), known, &|| {}).expect("a job")
    }
}

/// One answer as a worker-response file has it: taken at 07:00, sent at a minute after.
pub(crate) fn answer(worker: &str, minute: u32, form: &Value) -> Value {
    json!({
        "acceptanceTime": "2024-05-06T07:00:00.000Z",
        "submissionTime": format!("2024-05-06T07:{minute:02}:00.000Z"),
        "timeSpentInSeconds": 31.5,
        "answerContent": form,
        "workerId": worker,
        "workerMetadata": {"identityData": {"identityProviderType": "Cognito", "sub": "11111111-2222"}},
    })
}

/// A label's metadata as the service writes them.
pub(crate) fn metadata(job: &str) -> Value {
    json!({
        "type": "groundtruth/custom", "job-name": format!("labeling-job/{job}"), "human-annotated": "yes",
        "creation-date": "2024-05-06T07:08:09.000010",
    })
}

pub(crate) fn json_lines(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
    fs::write(path, text).expect("writable");
}
