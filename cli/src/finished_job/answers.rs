//! What workers sent about one object, from its worker-response files.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use ground_truth::answer::{Answer, AnswerError};
use ground_truth::batch::{RejectedAnswer, WorkerAnswer};
use ground_truth::field_value::FieldValueBuf;
use ground_truth::vocabulary::WorkerId;
use serde::Deserialize;
use serde_json::Number;
use serde_json::value::RawValue;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use crate::files::json_lines::RawObject;

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
    /// In the order of worker ids.
    pub(super) answers: Vec<(WorkerAnswer, Timing)>,
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
pub(super) fn read(files: &[PathBuf], common: &mut Common) -> anyhow::Result<ObjectAnswers> {
    let mut all = ObjectAnswers::default();
    for path in files {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        match serde_json::from_slice::<File<'_>>(&bytes) {
            Ok(file) => file.answers.into_iter().for_each(|answer| all.add(answer, common)),
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

/// One submitted answer; the form still to be read, and the identity of the worker passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Submitted<'a> {
    acceptance_time: Option<String>,
    submission_time: Option<String>,
    time_spent_in_seconds: Option<Number>,
    #[serde(borrow)]
    answer_content: &'a RawValue,
    worker_id: WorkerId,
}

impl ObjectAnswers {
    fn add(&mut self, raw: &RawValue, common: &mut Common) {
        let read = serde_json::from_str::<Submitted<'_>>(raw.get());
        let read = read.and_then(|sent| Ok((common.answer(sent.answer_content)?, sent)));
        let Ok((answer, sent)) = read else {
            self.reject(None, "it is not an answer with `workerId` and `answerContent`".to_owned());
            return;
        };
        let timing = Timing {
            accepted: time(sent.acceptance_time.as_deref()),
            submitted: time(sent.submission_time.as_deref()),
            seconds: sent.time_spent_in_seconds.and_then(|seconds| seconds.as_f64()),
        };
        let worker_id = common.worker(sent.worker_id);
        match answer {
            Ok(answer) => self.add_read(WorkerAnswer { worker_id, answer }, timing),
            Err(error) => self.reject(Some(worker_id), error.to_string()),
        }
    }

    /// Takes an answer, unless a newer one of the worker is there.
    pub(super) fn add_read(&mut self, one: WorkerAnswer, timing: Timing) {
        match self.answers.binary_search_by(|(known, _)| known.worker_id.cmp(&one.worker_id)) {
            Ok(idx) => {
                self.n_replaced += 1;
                self.replaced.push(one.worker_id.clone());
                let times = self.answers[idx].1.submitted.zip(timing.submitted);
                if times.is_none_or(|(known, submitted)| submitted >= known) {
                    self.answers[idx] = (one, timing);
                }
            }
            Err(idx) => self.answers.insert(idx, (one, timing)),
        }
    }

    pub(super) fn reject(&mut self, worker_id: Option<WorkerId>, reason: String) {
        self.rejected.push(RejectedAnswer { worker_id, reason });
    }
}

/// How long the JSON of a value may be that is looked up: longer ones are rarely the same.
const MAX_SHARED_BYTES: usize = 128;

/// How many different values are remembered at a time.
const MAX_SHARED_VALUES: usize = 1 << 14;

/// What many answers have in common, each kept once: workers, the names of form fields, and short values, of which those of
/// choices are few. What a million answers weigh is then what they do not have in common.
#[derive(Debug, Default)]
pub(super) struct Common {
    workers: HashSet<WorkerId>,
    names: HashSet<Arc<str>>,
    /// Values by their JSON.
    values: HashMap<Box<str>, FieldValueBuf>,
}

impl Common {
    /// Reads a worker's form; the inner error is a form that cannot be used.
    fn answer(&mut self, content: &RawValue) -> serde_json::Result<Result<Answer, AnswerError>> {
        let Ok(form) = serde_json::from_str::<RawObject<'_>>(content.get()) else {
            return Ok(Answer::from_value(serde_json::from_str(content.get())?));
        };
        let fields = form.members.iter().map(|member| Ok((self.name(&member.name), self.value(member.value)?)));
        Ok(Ok(Answer::from_fields(fields.collect::<serde_json::Result<Vec<_>>>()?)))
    }

    fn worker(&mut self, id: WorkerId) -> WorkerId {
        if let Some(known) = self.workers.get(&id) {
            return known.clone();
        }
        self.workers.insert(id.clone());
        id
    }

    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.names.insert(Arc::clone(&name));
        name
    }

    fn value(&mut self, json: &str) -> serde_json::Result<FieldValueBuf> {
        if json.len() > MAX_SHARED_BYTES {
            return json.parse();
        }
        if let Some(known) = self.values.get(json) {
            return Ok(known.clone());
        }
        let value: FieldValueBuf = json.parse()?;
        if self.values.len() == MAX_SHARED_VALUES {
            self.values.clear();
        }
        self.values.insert(json.into(), value.clone());
        Ok(value)
    }
}

fn time(text: Option<&str>) -> Option<UtcDateTime> {
    UtcDateTime::parse(text?, &Rfc3339).ok()
}
