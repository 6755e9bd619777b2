//! Where something lies, as the command line says.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use ground_truth::s3_uri::{S3Uri, S3UriError};

use crate::created_job::name_and_region;
use crate::labeling_job::Arn;

/// Where a file or folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A path on this computer.
    Local(PathBuf),
    /// An object in S3, or the start of the keys of several.
    S3(S3Uri),
}

/// Where a labeling job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobLocation {
    /// Its output folder, a part of it, or a file out of it.
    Output(Location),
    /// Its ARN; SageMaker is asked where its output is.
    Arn(String),
}

impl JobLocation {
    /// The region of the job, where an ARN tells it.
    pub(crate) fn region(&self) -> Option<&str> {
        match self {
            Self::Output(_) => None,
            Self::Arn(arn) => name_and_region(arn).1,
        }
    }
}

impl FromStr for Location {
    type Err = S3UriError;

    fn from_str(text: &str) -> Result<Self, S3UriError> {
        if text.starts_with("s3:") { text.parse().map(Self::S3) } else { Ok(Self::Local(text.into())) }
    }
}

impl FromStr for JobLocation {
    type Err = JobLocationError;

    fn from_str(text: &str) -> Result<Self, JobLocationError> {
        if !text.starts_with("arn:") {
            return Ok(Self::Output(text.parse()?));
        }
        let is_job = Arn::parse(text).is_some_and(|arn| arn.resource.starts_with("labeling-job/"));
        is_job.then(|| Self::Arn(text.to_owned())).ok_or(JobLocationError::NoJob)
    }
}

/// A text that names no labeling job.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobLocationError {
    /// It begins like an S3 URI and is not a valid one.
    #[error(transparent)]
    S3(#[from] S3UriError),
    /// It is the ARN of something else.
    #[error("no labeling job has such an ARN; give arn:aws:sagemaker:REGION:ACCOUNT:labeling-job/NAME")]
    NoJob,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => path.display().fmt(f),
            Self::S3(uri) => uri.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_what_it_begins_with() {
        let uri = |text: &str| text.parse().expect("an S3 URI");
        assert_eq!("s3://out/labels/7".parse(), Ok(JobLocation::Output(Location::S3(uri("s3://out/labels/7")))));
        assert_eq!("labels/7".parse(), Ok(JobLocation::Output(Location::Local("labels/7".into()))));
        let arn = "arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/river";
        assert_eq!(arn.parse(), Ok(JobLocation::Arn(arn.to_owned())));
        assert_eq!(
            "arn:aws:sagemaker:eu-west-1:111122223333:workteam/x".parse::<JobLocation>(),
            Err(JobLocationError::NoJob)
        );
        for text in ["s3:/out/labels", "s3://", "s3:///labels"] {
            assert!(text.parse::<JobLocation>().is_err(), "{text}");
        }
    }
}
