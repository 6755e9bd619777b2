//! SageMaker: labeling jobs, worker templates, work teams.

use serde_json::{Map, Value, json};

use super::call::Outcome;
use super::endpoint::SAGEMAKER;
use super::{Aws, AwsError};

impl Aws {
    /// Creates a labeling job; its ARN.
    pub(crate) async fn create_labeling_job(&self, request: &Value) -> Outcome<String> {
        let Outcome { result, attempt_lost } = self.json_with_attempts(&SAGEMAKER, "CreateLabelingJob", request).await;
        let result = result.and_then(|answer| {
            answer.get("LabelingJobArn").and_then(Value::as_str).map(str::to_owned).ok_or_else(|| AwsError::NoAnswer {
                operation: "sagemaker:CreateLabelingJob".to_owned(),
                reason: "the answer has no LabelingJobArn".to_owned(),
            })
        });
        Outcome { result, attempt_lost }
    }

    /// All that SageMaker knows of a labeling job; `None` when there is none of this name.
    pub(crate) async fn describe_labeling_job(&self, name: &str) -> Result<Option<Value>, AwsError> {
        let answer = self.json(&SAGEMAKER, "DescribeLabelingJob", &json!({ "LabelingJobName": name })).await;
        none_if_absent(answer)
    }

    /// At most `limit` labeling jobs, the newest first, as ListLabelingJobs summarizes them.
    pub(crate) async fn list_labeling_jobs(
        &self,
        name_contains: Option<&str>,
        status: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Value>, AwsError> {
        let mut input = Map::new();
        input.insert("SortBy".to_owned(), json!("CreationTime"));
        input.insert("SortOrder".to_owned(), json!("Descending"));
        input.extend(name_contains.map(|text| ("NameContains".to_owned(), json!(text))));
        input.extend(status.map(|status| ("StatusEquals".to_owned(), json!(status))));
        let mut found = Vec::new();
        while found.len() < limit {
            input.insert("MaxResults".to_owned(), json!((limit - found.len()).min(100)));
            let mut page = self.json(&SAGEMAKER, "ListLabelingJobs", &Value::Object(input.clone())).await?;
            if let Some(Value::Array(jobs)) = page.get_mut("LabelingJobSummaryList").map(Value::take) {
                found.extend(jobs);
            }
            match page.get_mut("NextToken").map(Value::take) {
                Some(token @ Value::String(_)) => input.insert("NextToken".to_owned(), token),
                _ => break,
            };
        }
        Ok(found)
    }

    /// Stops a labeling job.
    pub(crate) async fn stop_labeling_job(&self, name: &str) -> Result<(), AwsError> {
        self.json(&SAGEMAKER, "StopLabelingJob", &json!({ "LabelingJobName": name })).await.map(drop)
    }

    /// A worker's page: what RenderUiTemplate makes of a template (or of the UI of a built-in task) and one task input.
    pub(crate) async fn render_ui_template(
        &self,
        ui: RenderedUi<'_>,
        task_input: &Value,
        role_arn: &str,
    ) -> Result<Value, AwsError> {
        let mut input = json!({ "Task": { "Input": task_input.to_string() }, "RoleArn": role_arn });
        match ui {
            RenderedUi::Template(content) => input["UiTemplate"] = json!({ "Content": content }),
            RenderedUi::HumanTaskUi(arn) => input["HumanTaskUiArn"] = json!(arn),
        }
        self.json(&SAGEMAKER, "RenderUiTemplate", &input).await
    }

    /// A private work team, by its name; `None` when there is none.
    pub(crate) async fn describe_workteam(&self, name: &str) -> Result<Option<Value>, AwsError> {
        let answer = self.json(&SAGEMAKER, "DescribeWorkteam", &json!({ "WorkteamName": name })).await;
        Ok(none_if_absent(answer)?.map(|mut answer| answer["Workteam"].take()))
    }
}

/// What a task is shown in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RenderedUi<'a> {
    /// The text of a worker template.
    Template(&'a str),
    /// The ARN of the UI of a built-in task.
    HumanTaskUi(&'a str),
}

/// SageMaker has two ways to say that something does not exist.
fn none_if_absent(answer: Result<Value, AwsError>) -> Result<Option<Value>, AwsError> {
    match answer {
        Err(AwsError::Refused { code, message, .. })
            if code == "ResourceNotFound"
                || (code == "ValidationException" && message.to_lowercase().contains("does not exist")) =>
        {
            Ok(None)
        }
        answer => answer.map(Some),
    }
}
