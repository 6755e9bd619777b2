//! The one member of a job file that is ours.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::InlineLabelCategories;

/// Settings that AWS does not have. Paths are relative to the job file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GtruthSection {
    /// A local copy of the manifest.
    pub manifest: Option<PathBuf>,
    /// A local copy of the worker template.
    pub template: Option<PathBuf>,
    /// The label categories, instead of a label category file.
    pub label_categories: Option<InlineLabelCategories>,
    /// The consolidation plan: a path, or the document itself.
    pub plan: Option<FileOrInline>,
    /// The configuration of PreHumanTaskLambda.
    pub task_input: Option<FileOrInline>,
    /// Where `gtruth job create` uploads local files to: an S3 URI.
    pub input_prefix: Option<String>,
    /// How the job runs on this computer; read by the local run.
    pub local_run: Option<Map<String, Value>>,
}

/// A document that lies in a file of its own, or in the job file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum FileOrInline {
    /// A path that holds it, from the folder of the job file.
    File(PathBuf),
    /// The document itself, in the job file.
    Inline(Map<String, Value>),
}
