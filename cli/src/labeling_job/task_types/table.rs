//! Every task type with what it asks for.

use super::super::builtin_arns::PriceTable;
use super::{Interface, Modality, RefSuffix, SourceMember, Stage, TaskType};

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
pub(super) static BUILTIN: [TaskType; 23] = [
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
