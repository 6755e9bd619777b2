//! What a run on this computer takes from a job file.

use std::path::PathBuf;

use anyhow::Context;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{JobFile, JobFileError, PlanFile};
use crate::files::document_file;
use crate::labeling_job::inline_label_categories::names_of;
use crate::labeling_job::{FileOrInline, GtruthSection, path};

/// A job file that a local run can take. It may still lack what only AWS needs, such as a role.
#[derive(Debug, Clone)]
pub(crate) struct LocalJob {
    pub(crate) file: JobFile,
    /// The name of the job, in the case it is written in.
    pub(crate) labeling_job_name: String,
    /// The member of an output line that holds the label.
    pub(crate) label_attribute_name: String,
    /// How many workers answer each data object: 1 to 9.
    pub(crate) number_of_human_workers_per_data_object: usize,
    /// The member `gtruth` of the job file.
    pub(crate) gtruth: GtruthSection,
}

impl LocalJob {
    /// # Errors
    /// [`JobFileError::Problems`] with every error that stops a local run.
    pub(super) fn of(file: JobFile) -> Result<Self, JobFileError> {
        let problems = file.spec.problems_of_a_local_run();
        match Essentials::deserialize(file.spec.document()) {
            Ok(essentials) if problems.is_empty() => Ok(Self {
                labeling_job_name: essentials.labeling_job_name,
                label_attribute_name: essentials.label_attribute_name,
                number_of_human_workers_per_data_object: essentials
                    .human_task_config
                    .number_of_human_workers_per_data_object,
                gtruth: essentials.gtruth,
                file,
            }),
            _ => Err(JobFileError::Problems { path: file.path, problems }),
        }
    }

    /// Where the output tree of a real job goes, if the file says so.
    pub(crate) fn s3_output_path(&self) -> Option<&str> {
        self.file.spec.text(path::S3_OUTPUT_PATH)
    }

    /// The manifest, which a local run cannot do without.
    ///
    /// # Errors
    /// [`JobFileError::NoLocalManifest`].
    pub(crate) fn manifest_path(&self) -> Result<PathBuf, JobFileError> {
        self.file.manifest_path().ok_or(JobFileError::NoLocalManifest)
    }

    /// The label categories: `gtruth.labelCategories`, else the labels of the label category file where
    /// `LabelCategoryConfigS3Uri` is a local path. `None` when the job has none, or only in S3.
    ///
    /// # Errors
    /// [`JobFileError::Unreadable`] and [`JobFileError::NoLabels`] for the label category file.
    pub(crate) fn label_categories(&self) -> Result<Option<Vec<String>>, JobFileError> {
        let (names, path) = match (&self.gtruth.label_categories, self.file.label_category_path()) {
            (Some(inline), _) => (inline.names(), PathBuf::from(path::GTRUTH_LABEL_CATEGORIES)),
            (None, Some(path)) => (document_file::read(&path)?.get("labels").and_then(names_of), path),
            (None, None) => return Ok(None),
        };
        names.map(Some).ok_or(JobFileError::NoLabels { path })
    }

    /// The consolidation plan, from its file or inline.
    ///
    /// # Errors
    /// When its file cannot be read, or it has mistakes.
    pub(crate) fn plan(&self) -> anyhow::Result<Option<PlanFile>> {
        let Some(given) = &self.gtruth.plan else { return Ok(None) };
        let plan = PlanFile::of_document(self.document(given)?);
        plan.map(Some).with_context(|| self.has_mistakes(given, path::GTRUTH_PLAN))
    }

    /// The configuration of PreHumanTaskLambda, from its file or inline, or else the standard one.
    ///
    /// # Errors
    /// When its file cannot be read, or it has mistakes.
    pub(crate) fn task_input(&self) -> anyhow::Result<pre_human_task::Config> {
        let given = self.gtruth.task_input.clone().unwrap_or_else(|| FileOrInline::Inline(Map::new()));
        pre_human_task::Config::from_value(&self.document(&given)?)
            .with_context(|| self.has_mistakes(&given, path::GTRUTH_TASK_INPUT))
    }

    fn document(&self, given: &FileOrInline) -> Result<Value, JobFileError> {
        Ok(match given {
            FileOrInline::Inline(members) => Value::Object(members.clone()),
            FileOrInline::File(path) => document_file::read(&self.file.beside(path))?,
        })
    }

    fn has_mistakes(&self, given: &FileOrInline, member: &str) -> String {
        match given {
            FileOrInline::File(path) => format!("{} has mistakes", self.file.beside(path).display()),
            FileOrInline::Inline(_) => format!("{member} of {} has mistakes", self.file.path.display()),
        }
    }
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

#[cfg(test)]
mod tests;
