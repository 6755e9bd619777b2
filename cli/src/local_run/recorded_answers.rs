//! Answers that workers gave before, in the files in which Ground Truth keeps them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use ground_truth::contract::worker_response::{WorkerAnswer, WorkerResponse};
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

/// A folder of worker-response files: `iteration-<n>/<datasetObjectId>/*.json`, or the same without iterations.
#[derive(Debug)]
pub(crate) struct RecordedAnswers {
    /// The folders that hold one folder per data object, the first iteration first.
    iterations: Vec<PathBuf>,
}

impl RecordedAnswers {
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let entries = entries(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        ensure!(
            entries.iter().any(|(_, path)| path.is_dir()),
            "{} holds no recorded answers; they lie in iteration-<n>/<place in the manifest>/*.json",
            folder.display()
        );
        let number = |name: &str| name.strip_prefix("iteration-")?.parse::<u32>().ok();
        let mut numbered: Vec<(u32, PathBuf)> =
            entries.into_iter().filter_map(|(name, path)| Some((number(&name)?, path))).collect();
        numbered.sort();
        let iterations = numbered.into_iter().map(|(_, path)| path);
        Ok(Self { iterations: std::iter::once(folder.to_owned()).chain(iterations).collect() })
    }

    /// The answers to an object, one per worker: the newest, in the order of worker ids.
    pub(crate) fn answers(&self, object: &str) -> anyhow::Result<Vec<WorkerAnswer>> {
        let mut newest: BTreeMap<_, WorkerAnswer> = BTreeMap::new();
        for iteration in &self.iterations {
            for path in response_files(&iteration.join(object))? {
                for answer in read(&path)?.answers {
                    let worker_id = answer.worker_id.clone();
                    if newest.get(&worker_id).is_none_or(|known| !is_older(&answer, known)) {
                        newest.insert(worker_id, answer);
                    }
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
    serde_json::from_slice(&bytes).with_context(|| format!("{} is no worker-response file", path.display()))
}

/// The files of one object in the order of their names; none where nobody answered.
fn response_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = match entries(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        entries => entries.with_context(|| format!("cannot read {}", folder.display()))?,
    };
    Ok(entries.into_iter().filter(|(name, _)| name.ends_with(".json")).map(|(_, path)| path).collect())
}

/// What a folder holds, by name.
fn entries(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let entry = |entry: io::Result<fs::DirEntry>| {
        entry.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
    };
    let mut entries: Vec<(String, PathBuf)> = fs::read_dir(folder)?.map(entry).collect::<io::Result<_>>()?;
    entries.sort();
    Ok(entries)
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
        assert!(recorded.answers("4").expect_err("no answers").to_string().contains("is no worker-response file"));
    }
}
