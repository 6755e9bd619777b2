//! Label categories that stand in the job file, and the label category file that they become.
//!
//! Source: the developer guide (sms-label-cat-config-attributes and the page of each task).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{JobSpec, Modality, TaskType, path};

/// The label categories that a job file holds itself, as `gtruth.labelCategories`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum InlineLabelCategories {
    /// A list of names.
    Names(Vec<String>),
    /// The whole label category file, for tasks whose labels have attributes or instructions.
    File(Map<String, Value>),
}

impl InlineLabelCategories {
    /// Their names, in order; `None` where a file has other labels than objects with a `label`.
    pub fn names(&self) -> Option<Vec<String>> {
        match self {
            Self::Names(names) => Some(names.clone()),
            Self::File(file) => names_of(file.get("labels")?),
        }
    }
}

/// The names in the `labels` of a label category file.
pub(crate) fn names_of(labels: &Value) -> Option<Vec<String>> {
    let name = |label: &Value| Some(label.get("label")?.as_str()?.to_owned());
    labels.as_array()?.iter().map(name).collect()
}

/// The label category file of the job's inline categories; `None` when it has none that can be read.
pub(crate) fn document(spec: &JobSpec) -> Option<Value> {
    let inline = InlineLabelCategories::deserialize(spec.get(path::GTRUTH_LABEL_CATEGORIES)?).ok()?;
    Some(match inline {
        InlineLabelCategories::File(file) => Value::Object(file),
        InlineLabelCategories::Names(names) => from_names(spec, &names),
    })
}

/// The version of the file that the task takes, and instructions where it needs some: those that workers read before
/// they take a task.
fn from_names(spec: &JobSpec, names: &[String]) -> Value {
    let labels: Vec<Value> = names.iter().map(|name| json!({"label": name})).collect();
    let modality = TaskType::of(spec).map_or(Modality::Any, |task_type| task_type.modality);
    let is_text_span = TaskType::of(spec).is_ok_and(|task_type| task_type.name == "named-entity-recognition");
    let description = spec.text("HumanTaskConfig.TaskDescription").unwrap_or_default();
    let instructions = json!({"shortInstruction": description, "fullInstruction": description});
    match modality {
        Modality::VideoFrames | Modality::PointCloud => {
            json!({"documentVersion": "2020-03-01", "labels": labels, "instructions": instructions})
        }
        _ if is_text_span => {
            json!({"document-version": "2018-11-28", "labels": labels, "instructions": instructions})
        }
        _ => json!({"document-version": "2018-11-28", "labels": labels}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labeling_job::testing::{builtin_document, changed};

    fn check(task_type: &str, categories: Value, expected: Value) {
        let task_type = TaskType::by_name(task_type).expect("a task type");
        let document = changed(
            builtin_document(task_type),
            &[("/LabelCategoryConfigS3Uri", Value::Null), ("/gtruth", json!({"labelCategories": categories}))],
        );
        assert_eq!(super::document(&document), Some(expected));
        assert_eq!(document.problems(), []);
    }

    #[test]
    fn names_become_the_file_of_the_task() {
        let labels = json!([{"label": "tug"}, {"label": "barge"}]);
        let instructions = json!({"shortInstruction": "Tell what floats", "fullInstruction": "Tell what floats"});
        check("bounding-box", json!(["tug", "barge"]), json!({"document-version": "2018-11-28", "labels": labels}));
        check(
            "named-entity-recognition",
            json!(["tug", "barge"]),
            json!({"document-version": "2018-11-28", "labels": labels, "instructions": instructions}),
        );
        check(
            "video-object-tracking",
            json!(["tug", "barge"]),
            json!({"documentVersion": "2020-03-01", "labels": labels, "instructions": instructions}),
        );
    }

    #[test]
    fn a_whole_file_stays_as_it_is() {
        let file = json!({"documentVersion": "2020-03-01", "labels": [{"label": "tug", "editsAllowed": "none"}],
                          "auditLabelAttributeName": "hulls-ref"});
        check("video-object-tracking-audit", file.clone(), file.clone());
        let inline = InlineLabelCategories::deserialize(&file).expect("a file");
        assert_eq!(inline.names(), Some(vec!["tug".to_owned()]));
    }
}
