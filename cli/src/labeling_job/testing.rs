//! A job that nothing stands against, for tests to break.

use serde_json::{Value, json};

use super::builtin_arns::human_task_ui_arn;
use super::{Interface, JobSpec, RefSuffix, TaskType};

/// A custom job with a private work team and own functions.
pub(crate) fn sound_document() -> Value {
    json!({
        "LabelingJobName": "Harbor-Watch-3",
        "LabelAttributeName": "watch",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://harbor-sagemaker/in/watch.manifest"}}},
        "OutputConfig": {"S3OutputPath": "s3://harbor-sagemaker/out"},
        "RoleArn": "arn:aws:iam::111122223333:role/harbor",
        "HumanTaskConfig": {
            "WorkteamArn": "arn:aws:sagemaker:us-east-2:111122223333:workteam/private-crowd/pilots",
            "UiConfig": {"UiTemplateS3Uri": "s3://harbor-sagemaker/in/watch.liquid.html"},
            "PreHumanTaskLambdaArn": "arn:aws:lambda:us-east-2:111122223333:function:SageMaker-harbor-pre",
            "AnnotationConsolidationConfig": {
                "AnnotationConsolidationLambdaArn": "arn:aws:lambda:us-east-2:111122223333:function:SageMaker-harbor-post"
            },
            "TaskTitle": "Harbor watch",
            "TaskDescription": "Tell what floats",
            "NumberOfHumanWorkersPerDataObject": 3,
            "TaskTimeLimitInSeconds": 600
        }
    })
}

/// A job of a built-in task, as sound.
pub(crate) fn builtin_document(task_type: &TaskType) -> Value {
    let region = "us-east-2";
    let mut document = sound_document();
    if task_type.ref_suffix == RefSuffix::Must {
        document["LabelAttributeName"] = json!("watch-ref");
    }
    if !task_type.is_custom() {
        document["LabelCategoryConfigS3Uri"] = json!("s3://harbor-sagemaker/in/labels.json");
    }
    let task = &mut document["HumanTaskConfig"];
    task["PreHumanTaskLambdaArn"] = json!(task_type.pre_function_arn(region));
    task["AnnotationConsolidationConfig"] =
        json!({"AnnotationConsolidationLambdaArn": task_type.consolidation_function_arn(region)});
    task["NumberOfHumanWorkersPerDataObject"] = json!(task_type.only_n_workers.unwrap_or(3));
    if let Interface::HumanTaskUi(name) = task_type.interface {
        task["UiConfig"] = json!({"HumanTaskUiArn": human_task_ui_arn(region, name)});
    }
    document
}

/// The sound job with some members replaced, by JSON pointer; `null` removes one.
pub(crate) fn job(changes: &[(&str, Value)]) -> JobSpec {
    changed(sound_document(), changes)
}

/// A document with some members replaced, by JSON pointer; `null` removes one.
pub(crate) fn changed(mut document: Value, changes: &[(&str, Value)]) -> JobSpec {
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').expect("a JSON pointer");
        let members = document.pointer_mut(parent).and_then(Value::as_object_mut).expect("a structure to change");
        match value {
            Value::Null => members.shift_remove(name),
            value => members.insert(name.to_owned(), value.clone()),
        };
    }
    JobSpec::new(document)
}
