//! What workers sent about one object, from its worker-response files.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use ground_truth::answer::Answer;
use ground_truth::batch::RejectedAnswer;
use ground_truth::contract::worker_response::WorkerAnswer;
use ground_truth::vocabulary::WorkerId;
use serde::Deserialize;
use serde_json::value::RawValue;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

/// When an answer was given, and how long it took; whatever of it is on file.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Timing {
    /// When the worker took the task.
    pub(crate) accepted: Option<UtcDateTime>,
    /// When the worker sent the answer.
    pub(crate) submitted: Option<UtcDateTime>,
    /// Active seconds, without pauses.
    pub(crate) seconds: Option<f64>,
}

/// The answers to one object: of each worker the newest.
#[derive(Debug, Default)]
pub(super) struct ObjectAnswers {
    pub(super) answers: BTreeMap<WorkerId, (Answer, Timing)>,
    pub(super) rejected: Vec<RejectedAnswer>,
    pub(super) n_replaced: usize,
    /// Whose the replaced answers were, as often as they were replaced, where that is on file.
    pub(super) replaced: Vec<WorkerId>,
    pub(super) n_unreadable_files: usize,
}

/// Reads the files of one object, the older first. Of a worker's answers the one sent last counts; where a time is
/// missing, the one that is read later. What cannot be read replaces nothing.
///
/// # Errors
/// When a file cannot be read at all.
pub(super) fn read(files: &[PathBuf]) -> anyhow::Result<ObjectAnswers> {
    let mut all = ObjectAnswers::default();
    for path in files {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        match serde_json::from_slice::<File<'_>>(&bytes) {
            Ok(file) => file.answers.into_iter().for_each(|answer| all.add(answer)),
            Err(_) => all.n_unreadable_files += 1,
        }
    }
    all.rejected.sort();
    Ok(all)
}

/// A worker-response file, its answers still to be read, so that a bad one harms no other.
#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    answers: Vec<&'a RawValue>,
}

impl ObjectAnswers {
    fn add(&mut self, raw: &RawValue) {
        let Ok(answer) = serde_json::from_str::<WorkerAnswer>(raw.get()) else {
            self.reject(None, "it is no answer with `workerId` and `answerContent`".to_owned());
            return;
        };
        let timing = Timing {
            accepted: time(answer.acceptance_time.as_deref()),
            submitted: time(answer.submission_time.as_deref()),
            seconds: answer.time_spent_in_seconds.and_then(|seconds| seconds.as_f64()),
        };
        match Answer::from_value(answer.answer_content) {
            Ok(read) => self.add_read(answer.worker_id, read, timing),
            Err(error) => self.reject(Some(answer.worker_id), error.to_string()),
        }
    }

    /// Takes an answer, unless a newer one of the worker is there.
    pub(super) fn add_read(&mut self, worker_id: WorkerId, answer: Answer, timing: Timing) {
        let known = self.answers.get(&worker_id).map(|(_, known)| known.submitted);
        if known.is_some() {
            self.n_replaced += 1;
            self.replaced.push(worker_id.clone());
        }
        let is_older = known.flatten().zip(timing.submitted).is_some_and(|(known, submitted)| submitted < known);
        if !is_older {
            self.answers.insert(worker_id, (answer, timing));
        }
    }

    pub(super) fn reject(&mut self, worker_id: Option<WorkerId>, reason: String) {
        self.rejected.push(RejectedAnswer { worker_id, reason });
    }
}

fn time(text: Option<&str>) -> Option<UtcDateTime> {
    UtcDateTime::parse(text?, &Rfc3339).ok()
}
