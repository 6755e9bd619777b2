//! A labeling job that SageMaker knows.
//!
//! - [`DescribedJob`]: what SageMaker tells of it.
//! - [`creation`]: what became of a request to create one. `same_request`: whether a job was made from a given request.

use anyhow::Context;
use serde_json::Value;

use crate::aws::Aws;

pub(crate) mod creation;
mod described_job;
mod same_request;

pub(crate) use described_job::{DescribedJob, console_link, name_and_region};

/// What SageMaker tells of a job.
///
/// # Errors
/// When there is no job of that name in the region.
pub(crate) async fn describe(aws: &Aws, name: &str) -> anyhow::Result<Value> {
    aws.describe_labeling_job(name).await?.with_context(|| no_such_job(aws, name))
}

/// Why a job cannot be described.
pub(crate) fn no_such_job(aws: &Aws, name: &str) -> String {
    format!("there is no labeling job {name} in {}; see `gtruth job list`, and --region", aws.region())
}
