//! The task types of Ground Truth: what each asks of a job.
//!
//! A request has no member for its task type. The suffix that its two functions share decides (`PRE-BoundingBox`,
//! `ACS-BoundingBox`) when they are AWS's own, and a job with functions of any other account is custom. Source: the
//! API model of SageMaker for function names and `-ref`, and the developer guide's page of each task for the rest;
//! where the two differ, the model is followed.

use super::builtin_arns::{self, PriceTable};
use super::{Arn, JobSpec, path};

mod table;

pub use table::CUSTOM;

use table::BUILTIN;

/// What a task type asks of a job.
#[derive(Debug, PartialEq)]
pub struct TaskType {
    /// A kebab-case name of ours, such as `bounding-box`.
    pub name: &'static str,
    /// What its functions are called after `PRE-` and `ACS-`; `None` for custom functions.
    pub function_suffix: Option<&'static str>,
    /// What workers look at.
    pub modality: Modality,
    /// Whether workers label, or look at earlier labels.
    pub stage: Stage,
    /// Which member of a manifest line holds the data object.
    pub source: SourceMember,
    /// Where the worker interface comes from.
    pub interface: Interface,
    /// Whether LabelAttributeName ends in `-ref`.
    pub ref_suffix: RefSuffix,
    /// `type` in the metadata of its labels; `None` where AWS documents none.
    pub metadata_type: Option<&'static str>,
    /// The only number of workers per data object it allows, if there is one.
    pub only_n_workers: Option<u64>,
    /// How many workers per data object the console proposes, where AWS documents it.
    pub console_n_workers: Option<u64>,
    /// How many label categories it needs at least; custom jobs may go without a file.
    pub min_label_categories: usize,
    /// How many it takes at most; `None` where the quota is unlimited or not given.
    pub max_label_categories: Option<usize>,
    /// The prices that workers of Amazon Mechanical Turk may be paid.
    pub price_table: Option<PriceTable>,
    /// Whether the API model names that table for this very task; otherwise it is the table of a related one.
    pub price_table_is_named: bool,
    /// The algorithm of automated labeling, where the task has one.
    pub algorithm: Option<&'static str>,
    /// The `name` of the crowd element under which its consolidation function reads answers.
    pub widget_name: Option<&'static str>,
}

/// What workers look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modality {
    /// Still images.
    Image,
    /// Texts, in the manifest or in files.
    Text,
    /// Video files, shown as a whole.
    VideoClip,
    /// The frames of a video, as pictures.
    VideoFrames,
    /// Points in space, one frame or many.
    PointCloud,
    /// Whatever the template shows.
    Any,
}

/// Whether workers label, or look at earlier labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Workers make new labels.
    Label,
    /// Workers correct earlier labels.
    Adjust,
    /// Workers judge earlier labels.
    Verify,
    /// One function for both; it verifies when no label of the label category file may be edited.
    AdjustOrVerify,
}

/// Which member of a manifest line holds the data object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceMember {
    /// `source`: the object itself.
    Source,
    /// `source-ref`: its S3 URI.
    SourceRef,
    /// Either, the same on every line.
    Either,
}

/// Where the worker interface comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    /// A template in S3: UiTemplateS3Uri.
    Template,
    /// One of AWS's, by this name: HumanTaskUiArn.
    HumanTaskUi(&'static str),
}

/// Whether LabelAttributeName ends in `-ref`, which says that labels are S3 URIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefSuffix {
    /// The name must end in `-ref`.
    Must,
    /// The name must not end in `-ref`.
    MustNot,
    /// AWS's guide speaks against it, its API model is silent.
    Avoid,
}

/// A function of AWS's that belongs to no task type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownFunction<'a> {
    /// The member that names it.
    pub path: &'static str,
    /// The function's name, from its ARN.
    pub name: &'a str,
}

impl TaskType {
    /// The task type of a job: that of its built-in functions, else custom. When the two functions differ, the pre
    /// function decides.
    ///
    /// # Errors
    /// [`UnknownFunction`] when a function lies in an account of AWS's and carries no suffix that is known.
    pub fn of(spec: &JobSpec) -> Result<&'static Self, UnknownFunction<'_>> {
        let functions = [
            (path::PRE_HUMAN_TASK_LAMBDA_ARN, builtin_arns::PRE_PREFIX),
            (path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN, builtin_arns::CONSOLIDATION_PREFIX),
        ];
        for (path, prefix) in functions {
            let Some(arn) = spec.text(path).and_then(Arn::parse).filter(builtin_arns::is_builtin_function) else {
                continue;
            };
            let name = arn.function_name().unwrap_or(arn.resource);
            return name.strip_prefix(prefix).and_then(Self::by_suffix).ok_or(UnknownFunction { path, name });
        }
        Ok(&CUSTOM)
    }

    /// The task type whose functions end in a suffix.
    pub fn by_suffix(suffix: &str) -> Option<&'static Self> {
        BUILTIN.iter().find(|task_type| task_type.function_suffix == Some(suffix))
    }

    /// The task type of a name of ours; `custom` is one of them.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        Self::all().find(|task_type| task_type.name == name)
    }

    /// All of them: AWS's in the order of its documentation, then custom.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        BUILTIN.iter().chain([&CUSTOM])
    }

    /// Whether a form of the user's own decides what an answer is: custom functions, and AWS's that pass answers
    /// through.
    pub fn is_custom(&self) -> bool {
        self.modality == Modality::Any
    }

    /// Whether its functions are AWS's.
    pub fn is_builtin(&self) -> bool {
        self.function_suffix.is_some()
    }

    /// Whether workers look at earlier labels.
    pub fn is_audit(&self) -> bool {
        self.stage != Stage::Label
    }

    /// Video frames and point clouds: one worker, an interface of AWS's, no public workforce, days of time.
    pub fn is_video_frame_or_3d(&self) -> bool {
        matches!(self.modality, Modality::VideoFrames | Modality::PointCloud)
    }

    /// The ARN of its pre function; `None` for custom jobs and in regions without built-in functions.
    pub fn pre_function_arn(&self, region: &str) -> Option<String> {
        builtin_arns::function_arn(region, builtin_arns::PRE_PREFIX, self.function_suffix?)
    }

    /// The ARN of its consolidation function, as [`pre_function_arn`](Self::pre_function_arn).
    pub fn consolidation_function_arn(&self, region: &str) -> Option<String> {
        builtin_arns::function_arn(region, builtin_arns::CONSOLIDATION_PREFIX, self.function_suffix?)
    }
}

#[cfg(test)]
mod tests;
