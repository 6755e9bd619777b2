//! Answers that workers gave before, in the files in which Ground Truth keeps them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use ground_truth::contract::worker_response::{WorkerAnswer, WorkerResponse};
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use crate::files::worker_response_tree::WorkerResponseTree;

/// Recorded answers by data object.
#[derive(Debug)]
pub(crate) struct RecordedAnswers {
    tree: WorkerResponseTree,
}

impl RecordedAnswers {
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        Ok(Self { tree: WorkerResponseTree::open(folder)? })
    }

    /// The answers to an object, one per worker: the newest, in the order of worker ids.
    pub(crate) fn answers(&self, object: &str) -> anyhow::Result<Vec<WorkerAnswer>> {
        let mut newest: BTreeMap<_, WorkerAnswer> = BTreeMap::new();
        for path in self.tree.files_of(object)? {
            for answer in read(&path)?.answers {
                let worker_id = answer.worker_id.clone();
                if newest.get(&worker_id).is_none_or(|known| !is_older(&answer, known)) {
                    newest.insert(worker_id, answer);
                }
            }
        }
        Ok(newest.into_values().collect())
    }
}

/// Whether `answer` was sent before `known`. Where a time is missing, what is read later counts as newer.
fn is_older(answer: &WorkerAnswer, known: &WorkerAnswer) -> bool {
    let sent = |answer: &WorkerAnswer| UtcDateTime::parse(answer.submission_time.as_deref()?, &Rfc3339).ok();
    sent(answer).zip(sent(known)).is_some_and(|(answer, known)| answer < known)
}

fn read(path: &Path) -> anyhow::Result<WorkerResponse> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is not a worker-response file", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answers to object 4 when these files are there: `worker=value` each.
    fn check(files: &[(&str, &str)], expected: &str) {
        let dir = tempfile::tempdir().expect("a folder");
        for (path, answers) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
            let answer = |answer: &str| {
                let (worker, rest) = answer.split_once('=').expect("worker=value");
                let (value, minute) = rest.split_once('@').unwrap_or((rest, ""));
                let time = match minute {
                    "" => String::new(),
                    minute => format!(r#""submissionTime": "2024-05-06T07:{minute}:00.000Z", "#),
                };
                format!(r#"{{{time}"workerId": "{worker}", "answerContent": {{"a": "{value}"}}}}"#)
            };
            let answers: Vec<String> = answers.split_whitespace().map(answer).collect();
            fs::write(path, format!(r#"{{"answers": [{}]}}"#, answers.join(", "))).expect("writable");
        }
        let recorded = RecordedAnswers::open(dir.path()).expect("recorded answers");
        let answers = recorded.answers("4").expect("readable");
        let found: Vec<String> = answers
            .iter()
            .map(|answer| format!("{}={}", answer.worker_id, answer.answer_content["a"].as_str().expect("text")))
            .collect();
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn every_file_of_the_object_is_read() {
        check(&[("iteration-1/4/a.json", "ana=x bo=y"), ("iteration-1/4/b.json", "cy=z")], "ana=x bo=y cy=z");
        check(&[("4/a.json", "ana=x")], "ana=x");
        check(&[("4/a.json.bak", "ana=x"), ("5/a.json", "ana=y")], "");
        check(&[("iteration-1/4/a.json", "ana=x"), ("iteration-2/4/a.json", "bo=y")], "ana=x bo=y");
    }

    #[test]
    fn the_newest_answer_of_a_worker_wins() {
        check(&[("4/a.json", "ana=old@01"), ("4/b.json", "ana=new@02")], "ana=new");
        check(&[("4/a.json", "ana=new@02"), ("4/b.json", "ana=old@01")], "ana=new");
        check(&[("4/a.json", "ana=timed@02"), ("4/b.json", "ana=later")], "ana=later");
        check(&[("iteration-10/4/a.json", "ana=tenth"), ("iteration-2/4/a.json", "ana=second")], "ana=tenth");
    }

    #[test]
    fn what_is_no_recording_says_so() {
        let dir = tempfile::tempdir().expect("a folder");
        let err = |path: &Path| format!("{:#}", RecordedAnswers::open(path).expect_err("none"));
        assert!(err(dir.path()).contains("holds no recorded answers"));
        assert!(err(&dir.path().join("none")).contains("cannot read"));
        fs::create_dir(dir.path().join("4")).expect("writable");
        fs::write(dir.path().join("4/a.json"), "[]").expect("writable");
        let recorded = RecordedAnswers::open(dir.path()).expect("recorded answers");
        assert!(recorded.answers("4").expect_err("no answers").to_string().contains("is not a worker-response file"));
    }
}
