//! What a manifest is measured by: the job that it is for, as far as that is known.

use anyhow::{Context, bail};

use super::local_files::LocalFiles;
use crate::labeling_job::{JobSpec, Modality, SourceMember, TaskType, path};

/// What is known about the job.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expectations {
    /// The task type of the job; `None` where it is not known.
    pub(crate) task_type: Option<&'static TaskType>,
    /// The member that its labels will be written to.
    pub(crate) label_attribute: Option<String>,
    /// The member that holds the earlier labels that workers look at.
    pub(crate) audit_label: Option<String>,
    /// The data objects, where they are at hand.
    pub(crate) local_files: Option<LocalFiles>,
}

/// What `source-ref` points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// An image file.
    Image,
    /// A video file.
    VideoClip,
    /// A list of a video's frames.
    VideoFrameSequence,
    /// One frame of points.
    PointCloudFrame,
    /// A list of such frames.
    PointCloudSequence,
    /// Whatever the template shows.
    Any,
}

impl Expectations {
    /// What a job file tells.
    pub(crate) fn of_job(spec: &JobSpec) -> Self {
        Self {
            // A function that nobody knows is for the rules of the job to report.
            task_type: TaskType::of(spec).ok(),
            label_attribute: spec.text(path::LABEL_ATTRIBUTE_NAME).map(str::to_owned),
            ..Self::default()
        }
    }

    /// The member that must hold every data object, where the task type tells.
    pub(crate) fn source(&self) -> Option<SourceMember> {
        self.task_type.map(|task_type| task_type.source).filter(|source| *source != SourceMember::Either)
    }

    /// What `source-ref` must point at.
    pub(crate) fn file_kind(&self) -> FileKind {
        match self.task_type.map(|task_type| (task_type.modality, is_tracking(task_type))) {
            Some((Modality::Image, _)) => FileKind::Image,
            Some((Modality::VideoClip, _)) => FileKind::VideoClip,
            Some((Modality::VideoFrames, _)) => FileKind::VideoFrameSequence,
            Some((Modality::PointCloud, false)) => FileKind::PointCloudFrame,
            Some((Modality::PointCloud, true)) => FileKind::PointCloudSequence,
            Some((Modality::Text | Modality::Any, _)) | None => FileKind::Any,
        }
    }

    /// The most data objects that a manifest may list.
    pub(crate) fn max_objects(&self) -> u64 {
        let suffix = self.task_type.and_then(|task_type| task_type.function_suffix).unwrap_or_default();
        if self.file_kind() == FileKind::VideoFrameSequence {
            MAX_VIDEO_FRAME_SEQUENCES
        } else if suffix.ends_with("SemanticSegmentation") && self.file_kind() == FileKind::Image {
            MAX_OBJECTS_TO_SEGMENT
        } else {
            MAX_OBJECTS
        }
    }
}

const MAX_OBJECTS: u64 = 100_000;
const MAX_OBJECTS_TO_SEGMENT: u64 = 20_000;
const MAX_VIDEO_FRAME_SEQUENCES: u64 = 10;

fn is_tracking(task_type: &TaskType) -> bool {
    task_type.function_suffix.is_some_and(|suffix| suffix.ends_with("Tracking"))
}

impl FileKind {
    /// How names of such files end; empty where any ending will do.
    pub(crate) fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Image => &["jpg", "jpeg", "png"],
            Self::VideoClip => &["mp4", "ogg", "webm"],
            Self::VideoFrameSequence | Self::PointCloudSequence => &["json"],
            Self::PointCloudFrame => &["bin", "txt"],
            Self::Any => &[],
        }
    }
}

/// The task type of a name of ours, or of the suffix of AWS's functions.
pub(crate) fn task_type(name: &str) -> anyhow::Result<&'static TaskType> {
    if let Some(task_type) = TaskType::by_name(name).or_else(|| TaskType::by_suffix(name)) {
        return Ok(task_type);
    }
    let names: Vec<&str> = TaskType::all().map(|task_type| task_type.name).collect();
    bail!("there is no task type `{name}`; it is one of {}", names.join(", "))
}

/// The task type of an optional argument.
pub(crate) fn optional_task_type(name: Option<&str>) -> anyhow::Result<Option<&'static TaskType>> {
    name.map(task_type).transpose().context("--task-type does not fit")
}
