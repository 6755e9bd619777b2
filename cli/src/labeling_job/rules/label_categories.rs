//! L: the label category file.

use super::super::{Evidence, path};
use super::{Level, Rule, Verdict, broken};

pub(super) static RULES: &[Rule] = &[Rule::here(
    "L1",
    Level::Error,
    "every built-in task has a label category file; a custom job may have one",
    "API",
    l1_file,
)];

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
