//! The section `gtruth.localRun` of a job file: where a local run takes workers' answers from.
//!
//! ```yaml
//! localRun:
//!   batchSize: 10
//!   jobHistoryMegabytes: 32
//!   workers:
//!     simulated:
//!       truth: truth.jsonl
//!       seed: 7
//!       skills: {ana: 0.95, bo: 0.8, cy: 0.6}
//!       answerRate: 0.97
//!     # or
//!     recorded: worker-response
//! ```

use std::path::PathBuf;

use ground_truth::document::{self, Problems, Reader};
use serde_json::{Map, Value};

const PATH: &str = "gtruth.localRun";

/// The section, checked. Paths are relative to the job file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    pub(crate) workers: WorkersSettings,
    /// How many answered data objects one consolidation request holds.
    pub(crate) batch_size: Option<usize>,
    /// How many megabytes of earlier batches the consolidation function reads.
    pub(crate) job_history_megabytes: u64,
}

/// Where answers come from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum WorkersSettings {
    Simulated(SimulationSettings),
    /// The folder of a job's worker-response files.
    Recorded(PathBuf),
}

/// Workers who know the truth and err at times.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SimulationSettings {
    /// The file with the answers of a worker who makes no mistake.
    pub(crate) truth: PathBuf,
    pub(crate) seed: u64,
    /// Each worker's name and how likely the worker is to answer a field rightly.
    pub(crate) skills: Vec<(String, f64)>,
    /// How likely a worker is to answer at all.
    pub(crate) answer_rate: f64,
}

impl Settings {
    /// Reads the section; a job file without one says nothing about workers, which is a mistake like any other.
    ///
    /// # Errors
    /// Every mistake in it, each with its path.
    pub(crate) fn read(section: Option<&Map<String, Value>>) -> Result<Self, Problems> {
        let section = Value::Object(section.cloned().unwrap_or_default());
        let mut reader = Reader::new(&section, PATH);
        let batch_size = reader.integer("batchSize", 1..=5000).map(|size| size as usize);
        let job_history_megabytes = reader.integer("jobHistoryMegabytes", 0..=1024).unwrap_or(0);
        let workers = reader.member("workers").and_then(|workers| {
            let (workers, problems) = read_workers(workers);
            reader.add_problems(problems);
            workers
        });
        if is_missing(&section, "workers") {
            reader.problem("workers", "is missing; give `simulated` workers or `recorded` answers");
        }
        let problems = reader.finish();
        match workers {
            Some(workers) if problems.is_empty() => Ok(Self { workers, batch_size, job_history_megabytes }),
            _ => Err(Problems(problems)),
        }
    }
}

fn is_missing(value: &Value, name: &str) -> bool {
    value.get(name).is_none_or(Value::is_null)
}

fn read_workers(value: &Value) -> (Option<WorkersSettings>, Vec<document::Problem>) {
    let mut reader = Reader::new(value, format!("{PATH}.workers"));
    let recorded = reader.text("recorded").map(|folder| WorkersSettings::Recorded(folder.into()));
    let simulated = reader.member("simulated").and_then(|simulated| {
        let (simulated, problems) = read_simulated(simulated);
        reader.add_problems(problems);
        simulated.map(WorkersSettings::Simulated)
    });
    if value.is_object() && is_missing(value, "simulated") == is_missing(value, "recorded") {
        reader.problem_here("must have either `simulated` or `recorded`");
    }
    (simulated.or(recorded), reader.finish())
}

fn read_simulated(value: &Value) -> (Option<SimulationSettings>, Vec<document::Problem>) {
    let mut reader = Reader::new(value, format!("{PATH}.workers.simulated"));
    let truth = reader.text("truth").map(PathBuf::from);
    let seed = reader.integer("seed", 0..=u64::MAX).unwrap_or(0);
    let mut skills = Vec::new();
    for (name, skill, _) in reader.entries("skills") {
        match skill.as_f64().filter(|skill| (0.0..=1.0).contains(skill)) {
            Some(skill) => skills.push((name.to_owned(), skill)),
            None => reader.problem(&format!("skills.{name}"), "must be a number from 0 to 1"),
        }
    }
    let answer_rate = reader.number("answerRate", 0.0..=1.0).unwrap_or(1.0);
    if value.is_object() && is_missing(value, "truth") {
        reader.problem("truth", "is missing; name the file with the answers of a worker who makes no mistake");
    }
    if value.is_object() && is_missing(value, "skills") {
        reader.problem("skills", "is missing; name the workers, each with a number from 0 to 1");
    }
    (truth.map(|truth| SimulationSettings { truth, seed, skills, answer_rate }), reader.finish())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(section: Value) -> Result<Settings, String> {
        Settings::read(section.as_object()).map_err(|problems| problems.to_string())
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let settings = read(json!({"workers": {"simulated": {"truth": "t.jsonl", "skills": {"ana": 1, "bo": 0.5}}}}));
        let simulation = SimulationSettings {
            truth: "t.jsonl".into(),
            seed: 0,
            skills: vec![("ana".to_owned(), 1.0), ("bo".to_owned(), 0.5)],
            answer_rate: 1.0,
        };
        let workers = WorkersSettings::Simulated(simulation);
        assert_eq!(settings, Ok(Settings { workers, batch_size: None, job_history_megabytes: 0 }));
        let settings = read(json!({"batchSize": 5, "jobHistoryMegabytes": 32, "workers": {"recorded": "answers"}}));
        let workers = WorkersSettings::Recorded("answers".into());
        assert_eq!(settings, Ok(Settings { workers, batch_size: Some(5), job_history_megabytes: 32 }));
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let check = |section: Value, expected: &str| assert_eq!(read(section).expect_err("a mistake"), expected);
        check(json!({}), "gtruth.localRun.workers: is missing; give `simulated` workers or `recorded` answers");
        check(json!({"workers": {}}), "gtruth.localRun.workers: must have either `simulated` or `recorded`");
        check(
            json!({"workers": {"simulated": {"truth": "t", "skills": {"a": 1}}, "recorded": "r"}}),
            "gtruth.localRun.workers: must have either `simulated` or `recorded`",
        );
        check(
            json!({"batchsize": 5, "jobHistoryMegabytes": 2000, "workers": {"simulated": {"sead": 7, "skills": {"ana": 95}, "answerRate": 2}}}),
            "gtruth.localRun.jobHistoryMegabytes: must be a whole number from 0 to 1024; \
             gtruth.localRun.workers.simulated.skills.ana: must be a number from 0 to 1; \
             gtruth.localRun.workers.simulated.answerRate: must be a number from 0 to 1; \
             gtruth.localRun.workers.simulated.truth: is missing; name the file with the answers of a worker who makes \
             no mistake; \
             gtruth.localRun.workers.simulated.sead: unknown member; did you mean `seed`?; \
             gtruth.localRun.batchsize: unknown member; did you mean `batchSize`?",
        );
        check(json!({"workers": {"simulated": 3}}), "gtruth.localRun.workers.simulated: must be a JSON object");
    }
}
