//! L: the label category file.

use super::super::{Evidence, path};
use super::{Level, Rule, Verdict, broken};

const ATTRIBUTES: &str = "sms-label-cat-config-attributes";
const AUDIT: &str = "sms-verification-data";

pub(super) static RULES: &[Rule] = &[
    Rule::here(
        "L1",
        Level::Error,
        "every built-in task has a label category file; a custom job may have one",
        "API",
        l1_file,
    ),
    Rule::in_label_categories("L2", Level::Error, "classification has two labels or more, other tasks one", "API"),
    Rule::in_label_categories("L3", Level::Error, "no two labels are the same", "API"),
    Rule::in_label_categories("L4", Level::Error, "a label has at most 256 characters", "input-data-limits"),
    Rule::in_label_categories(
        "L5",
        Level::Error,
        "video frames and point clouds have at most 30 labels, of at most 16 characters",
        ATTRIBUTES,
    ),
    Rule::in_label_categories(
        "L6",
        Level::Error,
        "multi-label classification and boxes have at most 50 labels, video classification 30, and semantic segmentation \
         20 with automated labeling",
        "input-data-limits",
    ),
    Rule::in_label_categories(
        "L7",
        Level::Info,
        "single-label classification, verification, named entities and segmentation have no quota of labels",
        "input-data-limits",
    ),
    Rule::in_label_categories("L8", Level::Error, "named entities need a short and a full instruction", "API"),
    Rule::in_label_categories(
        "L9",
        Level::Error,
        "on earlier labels of video frames and point clouds the file names their attribute, and in no other job",
        ATTRIBUTES,
    ),
    Rule::in_label_categories(
        "L10",
        Level::Error,
        "for the verification of video frames and point clouds every label has editsAllowed none",
        ATTRIBUTES,
    ),
    Rule::in_label_categories("L11", Level::Error, "the file lists every label of the earlier job", AUDIT),
    Rule::in_label_categories("L12", Level::Error, "the earlier job had the same task type and annotation type", AUDIT),
    Rule::in_label_categories("L13", Level::Error, "the lines of the manifest carry the earlier label", AUDIT),
    Rule::in_label_categories(
        "L14",
        Level::Warning,
        "for the verification of images the file lists the verdicts that workers choose from",
        AUDIT,
    ),
];

const FILE: &str = path::LABEL_CATEGORY_CONFIG_S3_URI;

fn l1_file(evidence: &Evidence) -> Verdict {
    let Some(task_type) = evidence.builtin_task().filter(|task_type| !task_type.is_custom()) else {
        return Verdict::NotApplicable;
    };
    if evidence.has(FILE) || evidence.has(path::GTRUTH_LABEL_CATEGORIES) {
        return Verdict::Kept;
    }
    broken(
        FILE,
        format!("is missing, while {} needs label categories", task_type.name),
        "give the s3:// URI of a label category file, or the categories as gtruth.labelCategories",
    )
}
