//! A job file, read and checked: what a run on this computer takes from it.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::files::document_file::{self, DocumentFileError};
use crate::labeling_job::inline_label_categories::names_of;
use crate::labeling_job::{FileOrInline, GtruthSection, JobSpec, Problem, fill_in, path};

pub(crate) mod function_arns;
pub(crate) mod job_on_aws;
pub(crate) mod plan_file;
pub(crate) mod planned_job;

/// A job file that a local run can take. It may still lack what only AWS needs, such as a role.
#[derive(Debug, Clone)]
pub struct JobFile {
    /// The name of the job, in the case it is written in.
    pub labeling_job_name: String,
    /// The member of an output line that holds the label.
    pub label_attribute_name: String,
    /// How many workers answer each data object: 1 to 9.
    pub number_of_human_workers_per_data_object: usize,
    /// The whole request, for its other members.
    pub spec: JobSpec,
    /// Our own section.
    pub gtruth: GtruthSection,
    /// The folder that the file's paths start from: its own.
    pub dir: PathBuf,
}

impl JobFile {
    /// Reads a job file (YAML, or JSON when its name ends in `.json`).
    ///
    /// # Errors
    /// [`JobFileError::Unreadable`] when the file is no document, [`JobFileError::Problems`] with every problem that
    /// stops a local run.
    pub fn read(path: &Path) -> Result<Self, JobFileError> {
        Self::check(read_spec(path)?, path)
    }

    fn check(spec: JobSpec, path: &Path) -> Result<Self, JobFileError> {
        let mut problems = spec.problems();
        problems.retain(Problem::stops_a_local_run);
        match Essentials::deserialize(spec.document()) {
            Ok(essentials) if problems.is_empty() => Ok(Self {
                labeling_job_name: essentials.labeling_job_name,
                label_attribute_name: essentials.label_attribute_name,
                number_of_human_workers_per_data_object: essentials
                    .human_task_config
                    .number_of_human_workers_per_data_object,
                gtruth: essentials.gtruth,
                dir: path.parent().unwrap_or(Path::new("")).to_owned(),
                spec,
            }),
            _ => Err(JobFileError::Problems { path: path.to_owned(), problems: Listed(problems) }),
        }
    }

    /// Where the output tree of a real job goes, if the file says so.
    pub fn s3_output_path(&self) -> Option<&str> {
        self.spec.text(path::S3_OUTPUT_PATH)
    }

    /// The manifest on this computer: `gtruth.manifest`, else `ManifestS3Uri` where that is a local path.
    ///
    /// # Errors
    /// [`JobFileError::NoLocalManifest`].
    pub fn manifest_path(&self) -> Result<PathBuf, JobFileError> {
        self.local_file(path::MANIFEST_S3_URI, Some(path::GTRUTH_MANIFEST)).ok_or(JobFileError::NoLocalManifest)
    }

    /// The worker template on this computer: `gtruth.template`, else `UiTemplateS3Uri` where that is a local path.
    pub fn template_path(&self) -> Option<PathBuf> {
        self.local_file(path::UI_TEMPLATE_S3_URI, Some(path::GTRUTH_TEMPLATE))
    }

    /// The label categories: `gtruth.labelCategories`, else the labels of the label category file where
    /// `LabelCategoryConfigS3Uri` is a local path. `None` when the job has none, or only in S3.
    ///
    /// # Errors
    /// [`JobFileError::Unreadable`] and [`JobFileError::NoLabels`] for the label category file.
    pub fn label_categories(&self) -> Result<Option<Vec<String>>, JobFileError> {
        let (file, path) =
            match (&self.gtruth.label_categories, self.local_file(path::LABEL_CATEGORY_CONFIG_S3_URI, None)) {
                (Some(inline), _) => (inline.names(), PathBuf::from("gtruth.labelCategories")),
                (None, Some(path)) => (document_file::read(&path)?.get("labels").and_then(names_of), path),
                (None, None) => return Ok(None),
            };
        file.map(Some).ok_or(JobFileError::NoLabels { path })
    }

    /// The consolidation plan, from its file or inline.
    ///
    /// # Errors
    /// [`JobFileError::Unreadable`] for its file.
    pub fn plan(&self) -> Result<Option<Value>, JobFileError> {
        self.document(self.gtruth.plan.as_ref())
    }

    /// The configuration of PreHumanTaskLambda, from its file or inline.
    ///
    /// # Errors
    /// [`JobFileError::Unreadable`] for its file.
    pub fn task_input(&self) -> Result<Option<Value>, JobFileError> {
        self.document(self.gtruth.task_input.as_ref())
    }

    fn document(&self, document: Option<&FileOrInline>) -> Result<Option<Value>, JobFileError> {
        Ok(match document {
            None => None,
            Some(FileOrInline::Inline(members)) => Some(Value::Object(members.clone())),
            Some(FileOrInline::File(path)) => Some(document_file::read(&self.dir.join(path))?),
        })
    }

    fn local_file(&self, member: &str, own: Option<&str>) -> Option<PathBuf> {
        self.spec.local_path(member, own).map(|(_, file)| self.dir.join(file))
    }
}

/// Reads a job file and fills in its `${VARIABLES}` from the environment; what is wrong with it otherwise is not asked.
///
/// # Errors
/// [`JobFileError::Unreadable`] when the file is no document, [`JobFileError::Problems`] for variables that are not set.
pub fn read_spec(path: &Path) -> Result<JobSpec, JobFileError> {
    let document = document_file::read(path)?;
    let filled = fill_in(document, &|name| env::var(name).ok());
    filled
        .map(JobSpec::new)
        .map_err(|problems| JobFileError::Problems { path: path.to_owned(), problems: Listed(problems) })
}

/// What a local run cannot do without.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Essentials {
    labeling_job_name: String,
    label_attribute_name: String,
    human_task_config: HumanTaskConfig,
    #[serde(rename = "gtruth", default)]
    gtruth: GtruthSection,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HumanTaskConfig {
    number_of_human_workers_per_data_object: usize,
}

/// A job file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JobFileError {
    /// It, or a file that it names, is no document.
    #[error(transparent)]
    Unreadable(#[from] DocumentFileError),
    /// It is a document, and wrong.
    #[error("{} cannot be used\n{problems}", path.display())]
    Problems {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong.
        problems: Listed,
    },
    /// The manifest is in S3, or nowhere.
    #[error("the job file names no manifest on this computer; give a copy of it as `gtruth.manifest`")]
    NoLocalManifest,
    /// The label category file has another shape.
    #[error(r#"{} is no label category file; it must hold {{"labels": [{{"label": "…"}}, …]}}"#, path.display())]
    NoLabels {
        /// The label category file.
        path: PathBuf,
    },
}

/// Problems, one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed(pub Vec<Problem>);

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(|problem| format!("  {problem}")).collect();
        f.write_str(&lines.join("\n"))
    }
}

#[cfg(test)]
mod tests;
