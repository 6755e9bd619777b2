//! A job file's content: the CreateLabelingJob request, and our `gtruth` beside it.

use std::path::Path;

use serde_json::{Map, Value};

use super::scope::RunsOn;
use super::{Evidence, is_local_path};
use crate::problem::Problem;

/// Members by their path, as [`JobSpec::text`] and the locations of problems spell it.
#[expect(missing_docs, reason = "the names are AWS's own")]
pub mod path {
    pub const LABELING_JOB_NAME: &str = "LabelingJobName";
    pub const LABEL_ATTRIBUTE_NAME: &str = "LabelAttributeName";
    pub const DATA_SOURCE: &str = "InputConfig.DataSource";
    pub const S3_DATA_SOURCE: &str = "InputConfig.DataSource.S3DataSource";
    pub const MANIFEST_S3_URI: &str = "InputConfig.DataSource.S3DataSource.ManifestS3Uri";
    pub const INPUT_SNS_TOPIC_ARN: &str = "InputConfig.DataSource.SnsDataSource.SnsTopicArn";
    pub const CONTENT_CLASSIFIERS: &str = "InputConfig.DataAttributes.ContentClassifiers";
    pub const S3_OUTPUT_PATH: &str = "OutputConfig.S3OutputPath";
    pub const OUTPUT_KMS_KEY_ID: &str = "OutputConfig.KmsKeyId";
    pub const OUTPUT_SNS_TOPIC_ARN: &str = "OutputConfig.SnsTopicArn";
    pub const ROLE_ARN: &str = "RoleArn";
    pub const LABEL_CATEGORY_CONFIG_S3_URI: &str = "LabelCategoryConfigS3Uri";
    pub const STOPPING_CONDITIONS: &str = "StoppingConditions";
    pub const MAX_HUMAN_LABELED_OBJECT_COUNT: &str = "StoppingConditions.MaxHumanLabeledObjectCount";
    pub const ALGORITHMS_CONFIG: &str = "LabelingJobAlgorithmsConfig";
    pub const ALGORITHM_SPECIFICATION_ARN: &str = "LabelingJobAlgorithmsConfig.LabelingJobAlgorithmSpecificationArn";
    pub const INITIAL_MODEL_ARN: &str = "LabelingJobAlgorithmsConfig.InitialActiveLearningModelArn";
    pub const VOLUME_KMS_KEY_ID: &str = "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VolumeKmsKeyId";
    pub const VPC_CONFIG: &str = "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VpcConfig";
    pub const WORKTEAM_ARN: &str = "HumanTaskConfig.WorkteamArn";
    pub const UI_CONFIG: &str = "HumanTaskConfig.UiConfig";
    pub const UI_TEMPLATE_S3_URI: &str = "HumanTaskConfig.UiConfig.UiTemplateS3Uri";
    pub const HUMAN_TASK_UI_ARN: &str = "HumanTaskConfig.UiConfig.HumanTaskUiArn";
    pub const PRE_HUMAN_TASK_LAMBDA_ARN: &str = "HumanTaskConfig.PreHumanTaskLambdaArn";
    pub const ANNOTATION_CONSOLIDATION_LAMBDA_ARN: &str =
        "HumanTaskConfig.AnnotationConsolidationConfig.AnnotationConsolidationLambdaArn";
    pub const NUMBER_OF_HUMAN_WORKERS: &str = "HumanTaskConfig.NumberOfHumanWorkersPerDataObject";
    pub const TASK_TITLE: &str = "HumanTaskConfig.TaskTitle";
    pub const TASK_TIME_LIMIT: &str = "HumanTaskConfig.TaskTimeLimitInSeconds";
    pub const TASK_AVAILABILITY_LIFETIME: &str = "HumanTaskConfig.TaskAvailabilityLifetimeInSeconds";
    pub const MAX_CONCURRENT_TASK_COUNT: &str = "HumanTaskConfig.MaxConcurrentTaskCount";
    pub const PUBLIC_WORKFORCE_TASK_PRICE: &str = "HumanTaskConfig.PublicWorkforceTaskPrice";
    pub const PRICE: &str = "HumanTaskConfig.PublicWorkforceTaskPrice.AmountInUsd";
    pub const TAGS: &str = "Tags";
    pub const GTRUTH_MANIFEST: &str = "gtruth.manifest";
    pub const GTRUTH_TEMPLATE: &str = "gtruth.template";
    pub const GTRUTH_LABEL_CATEGORIES: &str = "gtruth.labelCategories";
    pub const GTRUTH_PLAN: &str = "gtruth.plan";
    pub const GTRUTH_TASK_INPUT: &str = "gtruth.taskInput";
    pub const GTRUTH_LOCAL_RUN: &str = "gtruth.localRun";
    pub const GTRUTH_INPUT_PREFIX: &str = "gtruth.inputPrefix";
    pub const GTRUTH: &str = "gtruth";
}

/// A job file's content, unchecked until [`problems`](Self::problems) is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct JobSpec {
    document: Value,
}

impl JobSpec {
    /// Any document at all; what is wrong with it is for [`problems`](Self::problems) to say.
    pub fn new(document: Value) -> Self {
        Self { document }
    }

    /// The whole document, as it stands.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The member at a path of names, if it is there.
    pub fn get(&self, path: &str) -> Option<&Value> {
        path.split('.').try_fold(&self.document, |value, name| value.get(name))
    }

    /// The member at a path, if it is there and text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.get(path)?.as_str()
    }

    /// The file on this computer that a member stands for, and the member that names it: our own if there is one, else
    /// AWS's where it holds a local path.
    pub fn local_path<'a>(&'a self, member: &'a str, own: Option<&'a str>) -> Option<(&'a str, &'a Path)> {
        let own = own.and_then(|own| Some((own, self.text(own)?)));
        let local = || self.text(member).filter(|text| is_local_path(text)).map(|text| (member, text));
        own.or_else(local).map(|(named_by, file)| (named_by, Path::new(file)))
    }

    /// Puts a text at a path, making the structures on the way that are missing. Does nothing where the path leads
    /// through something that is not a structure: that is a problem of its own.
    pub fn set_text(&mut self, path: &str, text: &str) {
        self.set(path, Value::from(text));
    }

    /// The same for any value.
    pub fn set(&mut self, path: &str, new: Value) {
        let mut value = &mut self.document;
        for name in path.split('.') {
            let Value::Object(members) = value else { return };
            value = members.entry(name).or_insert_with(|| Value::Object(Map::new()));
        }
        *value = new;
    }

    /// Takes the member at a path away, if it is there.
    pub fn remove(&mut self, path: &str) -> Option<Value> {
        remove(&mut self.document, path)
    }

    /// Everything that stands against the job as far as its file tells; see [`Evidence::problems`].
    pub fn problems(&self) -> Vec<Problem> {
        Evidence::of(self).problems()
    }

    /// Every error that keeps a run on this computer from taking the job.
    pub fn problems_of_a_local_run(&self) -> Vec<Problem> {
        let mut problems = Evidence::of(self).problems_where(RunsOn::ThisComputer);
        problems.retain(Problem::is_error);
        problems
    }

    /// The request as AWS takes it: without our section, and without key ids that are empty, which mean no key.
    pub fn request(&self) -> Value {
        let mut request = self.document.clone();
        for path in [path::OUTPUT_KMS_KEY_ID, path::VOLUME_KMS_KEY_ID] {
            if self.text(path) == Some("") {
                remove(&mut request, path);
            }
        }
        remove(&mut request, path::GTRUTH);
        request
    }
}

fn remove(document: &mut Value, path: &str) -> Option<Value> {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let pointer: String = parent.split_terminator('.').map(|name| format!("/{name}")).collect();
    document.pointer_mut(&pointer)?.as_object_mut()?.shift_remove(name)
}

#[cfg(test)]
mod tests;
