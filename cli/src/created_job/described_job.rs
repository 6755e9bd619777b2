//! What DescribeLabelingJob and ListLabelingJobs say of a job, read leniently: any member may be missing.

use std::fmt;

use serde_json::Value;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

/// A labeling job as SageMaker describes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DescribedJob<'a>(pub(crate) &'a Value);

/// How many data objects are in which state: `LabelCounters` of DescribeLabelingJob.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct LabelCounters {
    /// With a label, whoever gave it.
    pub(crate) labeled: u64,
    /// Of these, by an algorithm.
    pub(crate) by_machine: u64,
    /// Data objects that the job gave up on.
    pub(crate) failed: u64,
    /// Data objects that are still to be labeled.
    pub(crate) unlabeled: u64,
}

impl<'a> DescribedJob<'a> {
    /// A text at a path.
    pub(crate) fn text(self, path: &str) -> Option<&'a str> {
        path.split('.').try_fold(self.0, |value, name| value.get(name))?.as_str()
    }

    /// `LabelingJobStatus` as AWS writes it: `InProgress`, `Completed`, …
    pub(crate) fn status(self) -> &'a str {
        self.text("LabelingJobStatus").unwrap_or("of unknown status")
    }

    /// Whether nothing more will come of it.
    pub(crate) fn has_ended(self) -> bool {
        matches!(self.status(), "Completed" | "Failed" | "Stopped")
    }

    /// How many data objects are in which state; 0 where SageMaker does not say.
    pub(crate) fn counters(self) -> LabelCounters {
        let count = |name: &str| self.0["LabelCounters"][name].as_u64().unwrap_or_default();
        LabelCounters {
            labeled: count("TotalLabeled"),
            by_machine: count("MachineLabeled"),
            failed: count("FailedNonRetryableError"),
            unlabeled: count("Unlabeled"),
        }
    }

    /// Why it failed, if it did.
    pub(crate) fn failure_reason(self) -> Option<&'a str> {
        self.text("FailureReason").filter(|reason| !reason.is_empty())
    }

    /// A time at a member, to the second.
    pub(crate) fn time(self, member: &str) -> Option<String> {
        let seconds = self.0.get(member)?.as_f64()?;
        UtcDateTime::from_unix_timestamp(seconds as i64).ok()?.format(&Rfc3339).ok()
    }
}

impl LabelCounters {
    /// All data objects. Automated labeling does not change their number.
    pub(crate) fn total(self) -> u64 {
        self.labeled + self.failed + self.unlabeled
    }
}

impl fmt::Display for LabelCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { labeled, by_machine, failed, .. } = self;
        write!(f, "{labeled} of {} data objects labeled", self.total())?;
        if *by_machine > 0 {
            write!(f, ", {by_machine} of them by machine")?;
        }
        if *failed > 0 {
            write!(f, ", {failed} failed")?;
        }
        Ok(())
    }
}

impl fmt::Display for DescribedJob<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counters = self.counters().to_string();
        let (created, modified) = (self.time("CreationTime"), self.time("LastModifiedTime"));
        let lines = [
            ("name", self.text("LabelingJobName")),
            ("ARN", self.text("LabelingJobArn")),
            ("status", Some(self.status())),
            ("failure", self.failure_reason()),
            ("progress", Some(counters.as_str())),
            ("created", created.as_deref()),
            ("changed", modified.as_deref()),
            ("label", self.text("LabelAttributeName")),
            ("input", self.text("InputConfig.DataSource.S3DataSource.ManifestS3Uri")),
            ("topic", self.text("InputConfig.DataSource.SnsDataSource.SnsTopicArn")),
            ("output", self.text("LabelingJobOutput.OutputDatasetS3Uri").or(self.text("OutputConfig.S3OutputPath"))),
            ("team", self.text("HumanTaskConfig.WorkteamArn")),
            ("before", self.text("HumanTaskConfig.PreHumanTaskLambdaArn")),
            ("after", self.text("HumanTaskConfig.AnnotationConsolidationConfig.AnnotationConsolidationLambdaArn")),
            ("role", self.text("RoleArn")),
        ];
        for (heading, text) in lines {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                writeln!(f, "{heading:<9} {text}")?;
            }
        }
        Ok(())
    }
}

/// The name of a job, from its name or its ARN, and the region if the ARN tells it.
pub(crate) fn name_and_region(name_or_arn: &str) -> (&str, Option<&str>) {
    let arn = crate::labeling_job::Arn::parse(name_or_arn);
    let of_arn = arn.and_then(|arn| Some((arn.resource.strip_prefix("labeling-job/")?, Some(arn.region))));
    of_arn.unwrap_or((name_or_arn, None))
}

/// The page of a job in the console.
pub(crate) fn console_link(region: &str, name: &str) -> String {
    let domain = if region.starts_with("cn-") { "console.amazonaws.cn" } else { "console.aws.amazon.com" };
    format!("https://{region}.{domain}/sagemaker/groundtruth?region={region}#/labeling-jobs/details/{name}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_job_is_told_in_lines_and_missing_members_are_left_out() {
        let job = json!({
            "LabelingJobName": "river", "LabelingJobStatus": "Failed", "FailureReason": "ClientError: no",
            "CreationTime": 1714979289.5,
            "LabelCounters": {"TotalLabeled": 3, "HumanLabeled": 3, "MachineLabeled": 0,
                "FailedNonRetryableError": 1, "Unlabeled": 2}
        });
        let expected = "name      river\nstatus    Failed\nfailure   ClientError: no\n\
                        progress  3 of 6 data objects labeled, 1 failed\ncreated   2024-05-06T07:08:09Z\n";
        assert_eq!(DescribedJob(&job).to_string(), expected);
        assert!(DescribedJob(&job).has_ended());
        assert!(!DescribedJob(&json!({})).has_ended());
    }

    #[test]
    fn a_job_goes_by_name_or_arn() {
        let arn = "arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/river";
        assert_eq!(name_and_region(arn), ("river", Some("eu-west-1")));
        assert_eq!(name_and_region("river"), ("river", None));
    }
}
