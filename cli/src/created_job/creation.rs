//! What became of a request to create a labeling job.
//!
//! CreateLabelingJob has no client token. Where an attempt was lost, or the name is taken, the job of that name is compared
//! with the request: only an equal job after a lost attempt is ours.

use anyhow::bail;
use serde_json::Value;

use super::{DescribedJob, same_request};
use crate::aws::{Aws, AwsError, Outcome};

/// How a request to create a job ended.
#[derive(Debug)]
pub(crate) enum CreationOutcome {
    /// There is a new job.
    Created {
        /// The ARN of the job.
        arn: String,
    },
    /// SageMaker's answer was lost, and the job is there.
    CreatedUnheard {
        /// The ARN of the job.
        arn: String,
        /// Its status by now.
        status: String,
    },
    /// SageMaker says that the job cannot be.
    Refused(AwsError),
    /// Another job has the name.
    NameTaken {
        /// When it was created.
        since: String,
        /// The paths at which it differs from the request.
        differences: Vec<String>,
    },
    /// The job was created before, from an equal request.
    ExistedBefore {
        /// When it was created.
        since: String,
        /// Its status by now.
        status: String,
    },
}

impl CreationOutcome {
    /// Sends a request for the job `name`.
    ///
    /// # Errors
    /// When what became of it cannot be found out, or it could not be made.
    pub(crate) async fn of(aws: &Aws, name: &str, request: &Value) -> anyhow::Result<Self> {
        let Outcome { result, attempt_lost } = aws.create_labeling_job(request).await;
        let error = match result {
            Ok(arn) => return Ok(Self::Created { arn }),
            Err(error) => error,
        };
        let is_taken = error.has_code("ResourceInUse");
        if !is_taken && !attempt_lost {
            return Self::refused(error);
        }
        let described = match aws.describe_labeling_job(name).await {
            Ok(Some(described)) => described,
            Ok(None) if is_taken => return Self::refused(error),
            Ok(None) => bail!("{error}; no job {name} was created as far as SageMaker tells, so create it again"),
            Err(second) => bail!(
                "{error}; whether {name} was created is unknown, for then {second}; \
                 look with `gtruth job describe {name}` before you create it again"
            ),
        };
        let job = DescribedJob(&described);
        let since = job.time("CreationTime").unwrap_or_else(|| "some time ago".to_owned());
        let differences = same_request::differences(request, &described);
        let status = job.status().to_owned();
        Ok(if !differences.is_empty() {
            Self::NameTaken { since, differences }
        } else if attempt_lost {
            Self::CreatedUnheard { arn: job.text("LabelingJobArn").unwrap_or_default().to_owned(), status }
        } else {
            Self::ExistedBefore { since, status }
        })
    }

    /// A refusal of the job, with the service's own words; any other keeps the command from its work.
    fn refused(error: AwsError) -> anyhow::Result<Self> {
        let of_the_job = ["ResourceInUse", "ResourceLimitExceeded", "ValidationException"];
        if of_the_job.iter().any(|code| error.has_code(code)) { Ok(Self::Refused(error)) } else { Err(error.into()) }
    }
}
