//! Where something lies, as the command line says.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use ground_truth::s3_uri::{S3Uri, S3UriError};

/// A file or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On this computer.
    Local(PathBuf),
    /// In S3.
    S3(S3Uri),
}

/// A labeling job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobPlace {
    /// Its output folder, a part of it, or a file out of it.
    Output(Place),
    /// Where SageMaker says that its output is.
    Arn(String),
}

impl FromStr for Place {
    type Err = S3UriError;

    fn from_str(text: &str) -> Result<Self, S3UriError> {
        if text.starts_with("s3:") { text.parse().map(Self::S3) } else { Ok(Self::Local(text.into())) }
    }
}

impl FromStr for JobPlace {
    type Err = S3UriError;

    fn from_str(text: &str) -> Result<Self, S3UriError> {
        if text.starts_with("arn:") { Ok(Self::Arn(text.to_owned())) } else { text.parse().map(Self::Output) }
    }
}

impl fmt::Display for Place {
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
        assert_eq!("s3://out/labels/7".parse(), Ok(JobPlace::Output(Place::S3(uri("s3://out/labels/7")))));
        assert_eq!("labels/7".parse(), Ok(JobPlace::Output(Place::Local("labels/7".into()))));
        let arn = "arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/river";
        assert_eq!(arn.parse(), Ok(JobPlace::Arn(arn.to_owned())));
        for text in ["s3:/out/labels", "s3://", "s3:///labels"] {
            assert!(text.parse::<JobPlace>().is_err(), "{text}");
        }
    }
}
