//! The task types of Ground Truth: what each asks of a job.
//!
//! A request has no member for its task type. The suffix that its two functions share decides (`PRE-BoundingBox`,
//! `ACS-BoundingBox`) when they are AWS's own, and a job with functions of any other account is custom. Source: the
//! API model of SageMaker for function names and `-ref`, and the developer guide's page of each task for the rest;
//! where the two differ, the model is followed.

use super::builtin_arns::{self, PriceTable};
use super::{Arn, JobSpec, path};

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
    /// A picture.
    Image,
    /// A text.
    Text,
    /// A video file.
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
    /// Workers label.
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
    /// It must.
    Must,
    /// It must not.
    MustNot,
    /// AWS's guide speaks against it, its API model is silent.
    Avoid,
}

/// A function of AWS's that belongs to no task type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownFunction<'a> {
    /// The member that names it.
    pub path: &'static str,
    /// Its name.
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

const IMAGE: TaskType = TaskType {
    name: "",
    function_suffix: None,
    modality: Modality::Image,
    stage: Stage::Label,
    source: SourceMember::SourceRef,
    interface: Interface::Template,
    ref_suffix: RefSuffix::MustNot,
    metadata_type: None,
    only_n_workers: None,
    console_n_workers: None,
    min_label_categories: 1,
    max_label_categories: None,
    price_table: None,
    price_table_is_named: false,
    algorithm: None,
    widget_name: None,
};

const TEXT: TaskType = TaskType { modality: Modality::Text, source: SourceMember::Source, ..IMAGE };

const VIDEO_FRAMES: TaskType = TaskType {
    modality: Modality::VideoFrames,
    ref_suffix: RefSuffix::Must,
    only_n_workers: Some(1),
    max_label_categories: Some(30),
    ..IMAGE
};

const POINT_CLOUD: TaskType = TaskType { modality: Modality::PointCloud, ..VIDEO_FRAMES };

/// A job with functions of the user's own, or with none.
pub static CUSTOM: TaskType = TaskType {
    name: "custom",
    modality: Modality::Any,
    source: SourceMember::Either,
    ref_suffix: RefSuffix::Avoid,
    metadata_type: Some("groundtruth/custom"),
    min_label_categories: 0,
    price_table: Some(PriceTable::ClassificationAndCustom),
    price_table_is_named: true,
    ..IMAGE
};

/// AWS's own, 22 and the one that passes answers through.
static BUILTIN: [TaskType; 23] = [
    TaskType {
        name: "image-classification",
        function_suffix: Some("ImageMultiClass"),
        metadata_type: Some("groundtruth/image-classification"),
        console_n_workers: Some(3),
        min_label_categories: 2,
        price_table: Some(PriceTable::ClassificationAndCustom),
        price_table_is_named: true,
        algorithm: Some("image-classification"),
        widget_name: Some("crowd-image-classifier"),
        ..IMAGE
    },
    TaskType {
        name: "image-classification-multi-label",
        function_suffix: Some("ImageMultiClassMultiLabel"),
        metadata_type: Some("groundtruth/image-classification-multilabel"),
        min_label_categories: 2,
        max_label_categories: Some(50),
        price_table: Some(PriceTable::ClassificationAndCustom),
        widget_name: Some("crowd-image-classifier-multi-select"),
        ..IMAGE
    },
    TaskType {
        name: "bounding-box",
        function_suffix: Some("BoundingBox"),
        metadata_type: Some("groundtruth/object-detection"),
        console_n_workers: Some(5),
        max_label_categories: Some(50),
        price_table: Some(PriceTable::BoundingBox),
        price_table_is_named: true,
        algorithm: Some("object-detection"),
        widget_name: Some("boundingBox"),
        ..IMAGE
    },
    TaskType {
        name: "semantic-segmentation",
        function_suffix: Some("SemanticSegmentation"),
        ref_suffix: RefSuffix::Must,
        metadata_type: Some("groundtruth/semantic-segmentation"),
        console_n_workers: Some(3),
        price_table: Some(PriceTable::SemanticSegmentation),
        price_table_is_named: true,
        algorithm: Some("semantic-segmentation"),
        widget_name: Some("crowd-semantic-segmentation"),
        ..IMAGE
    },
    TaskType {
        name: "bounding-box-verification",
        function_suffix: Some("VerificationBoundingBox"),
        stage: Stage::Verify,
        metadata_type: Some("groundtruth/label-verification"),
        price_table: Some(PriceTable::ClassificationAndCustom),
        widget_name: Some("crowd-image-classifier"),
        ..IMAGE
    },
    TaskType {
        name: "bounding-box-adjustment",
        function_suffix: Some("AdjustmentBoundingBox"),
        stage: Stage::Adjust,
        metadata_type: Some("groundtruth/object-detection"),
        max_label_categories: Some(50),
        price_table: Some(PriceTable::BoundingBox),
        widget_name: Some("boundingBox"),
        ..IMAGE
    },
    TaskType {
        name: "semantic-segmentation-verification",
        function_suffix: Some("VerificationSemanticSegmentation"),
        stage: Stage::Verify,
        metadata_type: Some("groundtruth/label-verification"),
        price_table: Some(PriceTable::ClassificationAndCustom),
        widget_name: Some("crowd-image-classifier"),
        ..IMAGE
    },
    TaskType {
        name: "semantic-segmentation-adjustment",
        function_suffix: Some("AdjustmentSemanticSegmentation"),
        stage: Stage::Adjust,
        ref_suffix: RefSuffix::Must,
        metadata_type: Some("groundtruth/semantic-segmentation"),
        price_table: Some(PriceTable::SemanticSegmentation),
        widget_name: Some("crowd-semantic-segmentation"),
        ..IMAGE
    },
    TaskType {
        name: "text-classification",
        function_suffix: Some("TextMultiClass"),
        metadata_type: Some("groundtruth/text-classification"),
        console_n_workers: Some(3),
        min_label_categories: 2,
        price_table: Some(PriceTable::ClassificationAndCustom),
        price_table_is_named: true,
        algorithm: Some("text-classification"),
        widget_name: Some("crowd-classifier"),
        ..TEXT
    },
    TaskType {
        name: "text-classification-multi-label",
        function_suffix: Some("TextMultiClassMultiLabel"),
        metadata_type: Some("groundtruth/text-classification-multilabel"),
        min_label_categories: 2,
        max_label_categories: Some(50),
        price_table: Some(PriceTable::ClassificationAndCustom),
        widget_name: Some("crowd-classifier-multi-select"),
        ..TEXT
    },
    TaskType {
        name: "named-entity-recognition",
        function_suffix: Some("NamedEntityRecognition"),
        interface: Interface::HumanTaskUi("NamedEntityRecognition"),
        metadata_type: Some("groundtruth/text-span"),
        console_n_workers: Some(3),
        price_table: Some(PriceTable::ClassificationAndCustom),
        widget_name: Some("crowd-entity-annotation"),
        ..TEXT
    },
    TaskType {
        name: "video-classification",
        function_suffix: Some("VideoMultiClass"),
        modality: Modality::VideoClip,
        max_label_categories: Some(30),
        price_table: Some(PriceTable::ClassificationAndCustom),
        widget_name: Some("crowd-classifier"),
        ..IMAGE
    },
    TaskType {
        name: "video-object-detection",
        function_suffix: Some("VideoObjectDetection"),
        interface: Interface::HumanTaskUi("VideoObjectDetection"),
        metadata_type: Some("groundtruth/video-object-detection"),
        ..VIDEO_FRAMES
    },
    TaskType {
        name: "video-object-tracking",
        function_suffix: Some("VideoObjectTracking"),
        interface: Interface::HumanTaskUi("VideoObjectTracking"),
        metadata_type: Some("groundtruth/video-object-tracking"),
        ..VIDEO_FRAMES
    },
    TaskType {
        name: "video-object-detection-audit",
        function_suffix: Some("AdjustmentVideoObjectDetection"),
        stage: Stage::AdjustOrVerify,
        interface: Interface::HumanTaskUi("VideoObjectDetection"),
        metadata_type: Some("groundtruth/video-object-detection"),
        ..VIDEO_FRAMES
    },
    TaskType {
        name: "video-object-tracking-audit",
        function_suffix: Some("AdjustmentVideoObjectTracking"),
        stage: Stage::AdjustOrVerify,
        interface: Interface::HumanTaskUi("VideoObjectTracking"),
        metadata_type: Some("groundtruth/video-object-tracking"),
        ..VIDEO_FRAMES
    },
    TaskType {
        name: "point-cloud-object-detection",
        function_suffix: Some("3DPointCloudObjectDetection"),
        interface: Interface::HumanTaskUi("PointCloudObjectDetection"),
        ref_suffix: RefSuffix::MustNot,
        metadata_type: Some("groundtruth/point_cloud_object_detection"),
        ..POINT_CLOUD
    },
    TaskType {
        name: "point-cloud-object-tracking",
        function_suffix: Some("3DPointCloudObjectTracking"),
        interface: Interface::HumanTaskUi("PointCloudObjectTracking"),
        metadata_type: Some("groundtruth/point_cloud_object_tracking"),
        ..POINT_CLOUD
    },
    TaskType {
        name: "point-cloud-semantic-segmentation",
        function_suffix: Some("3DPointCloudSemanticSegmentation"),
        interface: Interface::HumanTaskUi("PointCloudSemanticSegmentation"),
        metadata_type: Some("groundtruth/point_cloud_single_frame_semantic_segmentation"),
        ..POINT_CLOUD
    },
    TaskType {
        name: "point-cloud-object-detection-audit",
        function_suffix: Some("Adjustment3DPointCloudObjectDetection"),
        stage: Stage::AdjustOrVerify,
        interface: Interface::HumanTaskUi("PointCloudObjectDetection"),
        ref_suffix: RefSuffix::MustNot,
        metadata_type: Some("groundtruth/point_cloud_object_detection"),
        ..POINT_CLOUD
    },
    TaskType {
        name: "point-cloud-object-tracking-audit",
        function_suffix: Some("Adjustment3DPointCloudObjectTracking"),
        stage: Stage::AdjustOrVerify,
        interface: Interface::HumanTaskUi("PointCloudObjectTracking"),
        metadata_type: Some("groundtruth/point_cloud_object_tracking"),
        ..POINT_CLOUD
    },
    TaskType {
        name: "point-cloud-semantic-segmentation-audit",
        function_suffix: Some("Adjustment3DPointCloudSemanticSegmentation"),
        stage: Stage::AdjustOrVerify,
        interface: Interface::HumanTaskUi("PointCloudSemanticSegmentation"),
        metadata_type: Some("groundtruth/point_cloud_single_frame_semantic_segmentation"),
        ..POINT_CLOUD
    },
    TaskType {
        name: "pass-through",
        function_suffix: Some("PassThrough"),
        modality: Modality::Any,
        source: SourceMember::Either,
        ref_suffix: RefSuffix::Avoid,
        metadata_type: Some("groundtruth/custom"),
        min_label_categories: 0,
        price_table: Some(PriceTable::ClassificationAndCustom),
        price_table_is_named: true,
        ..IMAGE
    },
];

#[cfg(test)]
mod tests;
