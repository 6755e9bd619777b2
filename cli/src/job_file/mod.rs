//! A job file: read at one door, whoever asks for it, and then seen as what a run on this computer takes from it or as
//! what is sent to AWS.
//!
//! - [`open`]: the door. It fills in `${VARIABLES}`.
//! - `local_job`: what a local run takes. `plan_file`: the consolidation plan that it names, or the command line.
//! - `planned_job`: the job with the files that it names, on its way to AWS. `function_arns`, `job_on_aws`: the functions
//!   wired in, and the connection.

use std::env;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::files::document_file::{self, DocumentFileError};
use crate::labeling_job::{JobSpec, fill_in, path};
use crate::problem::Problem;

pub(crate) mod function_arns;
pub(crate) mod job_on_aws;
mod local_job;
mod plan_file;
pub(crate) mod planned_job;

pub(crate) use local_job::LocalJob;
pub(crate) use plan_file::PlanFile;

/// Reads a job file (YAML, or JSON when its name ends in `.json`) and fills in its `${VARIABLES}` from the environment.
/// What is wrong with it otherwise is for its views to say.
///
/// # Errors
/// [`JobFileError::Unreadable`] when the file is not a document, [`JobFileError::Problems`] for variables that are not
/// set.
pub fn open(path: &Path) -> Result<JobFile, JobFileError> {
    let written = document_file::read(path)?;
    match fill_in(written.clone(), &|name| env::var(name).ok()) {
        Ok(document) => Ok(JobFile { path: path.to_owned(), written, spec: JobSpec::new(document) }),
        Err(problems) => Err(JobFileError::Problems { path: path.to_owned(), problems }),
    }
}

/// A job file with its variables filled in.
#[derive(Debug, Clone)]
pub struct JobFile {
    path: PathBuf,
    written: Value,
    spec: JobSpec,
}

impl JobFile {
    /// What the file says, its variables filled in.
    pub fn spec(&self) -> &JobSpec {
        &self.spec
    }

    /// The same, to put the functions of the command line in place.
    pub(crate) fn spec_mut(&mut self) -> &mut JobSpec {
        &mut self.spec
    }

    /// What stands in the file, its variables as they are written.
    pub fn written(&self) -> &Value {
        &self.written
    }

    /// A file that the job file names. Paths start from the folder of the job file.
    pub fn beside(&self, file: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(file)
    }

    /// The manifest on this computer: `gtruth.manifest`, else `ManifestS3Uri` where that is a local path.
    pub fn manifest_path(&self) -> Option<PathBuf> {
        self.local_file(path::MANIFEST_S3_URI, Some(path::GTRUTH_MANIFEST))
    }

    /// The worker template on this computer: `gtruth.template`, else `UiTemplateS3Uri` where that is a local path.
    pub fn template_path(&self) -> Option<PathBuf> {
        self.local_file(path::UI_TEMPLATE_S3_URI, Some(path::GTRUTH_TEMPLATE))
    }

    /// The label category file on this computer: `LabelCategoryConfigS3Uri` where that is a local path.
    pub fn label_category_path(&self) -> Option<PathBuf> {
        self.local_file(path::LABEL_CATEGORY_CONFIG_S3_URI, None)
    }

    /// What a run on this computer takes from it.
    ///
    /// # Errors
    /// [`JobFileError::Problems`] with every error that stops a local run.
    pub(crate) fn to_local_job(&self) -> Result<LocalJob, JobFileError> {
        LocalJob::of(self.clone())
    }

    fn local_file(&self, member: &str, own: Option<&str>) -> Option<PathBuf> {
        self.spec.local_path(member, own).map(|(_, file)| self.beside(file))
    }
}

/// A job file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JobFileError {
    /// It, or a file that it names, is not a document.
    #[error(transparent)]
    Unreadable(#[from] DocumentFileError),
    /// It is a document, and wrong.
    #[error("{} cannot be used{}", path.display(), listed(problems))]
    Problems {
        /// The file that was read.
        path: PathBuf,
        /// Everything that is wrong.
        problems: Vec<Problem>,
    },
    /// The manifest is in S3, or nowhere.
    #[error("the job file names no manifest on this computer; give a copy of it as `gtruth.manifest`")]
    NoLocalManifest,
    /// The label category file has another shape.
    #[error(r#"{} is not a label category file; it must hold {{"labels": [{{"label": "…"}}, …]}}"#, path.display())]
    NoLabels {
        /// The file that was read.
        path: PathBuf,
    },
}

/// Problems, each on a line of its own.
fn listed(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn variables_are_filled_in_and_files_lie_beside_the_job_file() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("job.yaml");
        let text = "LabelingJobName: ${GTRUTH_UNSET:-otters}\ngtruth: {manifest: 'in/${GTRUTH_UNSET:-a}.jsonl'}\n";
        fs::write(&path, text).expect("writable");
        let file = open(&path).expect("a job file");
        assert_eq!(file.spec().text(path::LABELING_JOB_NAME), Some("otters"));
        assert_eq!(file.written()["LabelingJobName"], "${GTRUTH_UNSET:-otters}");
        assert_eq!(file.manifest_path(), Some(dir.path().join("in/a.jsonl")));
        assert_eq!((file.template_path(), file.label_category_path()), (None, None));
    }
}
