//! The job files among the fixtures are planned without an error, and come out as requests in AWS's own member names.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::commands::testing::gtruth;
use crate::console::ExitStatus;
use crate::labeling_job::{JobSpec, TaskType, path};
use crate::problem::Problem;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/jobs");

fn job_files() -> Vec<PathBuf> {
    let entries = fs::read_dir(FOLDER).expect("fixtures").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|ext| ext != "md")).collect();
    files.sort();
    files
}

/// The request that `gtruth job plan` prints.
fn plan(job: &Path) -> Value {
    let ran = gtruth(["job".as_ref(), "plan".as_ref(), job.as_os_str()]).expect("a plan");
    assert_eq!(ran.status, ExitStatus::Success, "{} {}", job.display(), ran.err);
    serde_json::from_str(&ran.out).expect("a request")
}

#[test]
fn every_job_file_is_planned() {
    let files = job_files();
    assert!(files.len() >= TaskType::all().count());
    for job in files {
        let request = plan(&job);
        assert!(request.get("gtruth").is_none());
        let problems = JobSpec::new(request).problems();
        let errors: Vec<&Problem> = problems.iter().filter(|problem| problem.is_error()).collect();
        assert!(errors.is_empty(), "{} {errors:#?}", job.display());
    }
}

#[test]
fn every_task_type_has_a_job_file() {
    let files = job_files();
    for task_type in TaskType::all() {
        let job = files.iter().find(|path| path.file_stem().is_some_and(|stem| stem == task_type.name));
        let job = job.unwrap_or_else(|| panic!("there is no job file for {}", task_type.name));
        let request = JobSpec::new(plan(job));
        assert_eq!(TaskType::of(&request), Ok(task_type), "{}", job.display());
        let needs_categories = task_type.min_label_categories > 0;
        assert!(!needs_categories || request.text(path::LABEL_CATEGORY_CONFIG_S3_URI).is_some(), "{}", job.display());
    }
}
