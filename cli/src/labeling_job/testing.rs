//! A job that nothing stands against, for tests to break.

use serde_json::{Value, json};

use super::JobSpec;

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

/// The sound job with some members replaced, by JSON pointer; `null` removes one.
pub(crate) fn job(changes: &[(&str, Value)]) -> JobSpec {
    let mut document = sound_document();
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
