//! `s3://bucket/key`, split and never URL-parsed.
//!
//! Ground Truth's keys hold colons (`…/2024-05-06_07:08:09.json`), and users' keys hold blanks, `%`, `+`, `#`, `?` and any
//! Unicode. A URL parser would decode, cut or normalize them; here everything after the first slash is the key.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A location in S3: a bucket and a key, the key possibly empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct S3Uri {
    bucket: String,
    key: String,
}

impl S3Uri {
    /// A bucket and a key taken as they are.
    ///
    /// # Errors
    /// [`S3UriError::NoBucket`] when the bucket is empty or holds a slash.
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Result<Self, S3UriError> {
        let (bucket, key) = (bucket.into(), key.into());
        if bucket.is_empty() || bucket.contains('/') {
            return Err(S3UriError::NoBucket { uri: format!("s3://{bucket}/{key}") });
        }
        Ok(Self { bucket, key })
    }

    /// The bucket's name.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The key: everything after the bucket's slash, untouched.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The location `path` below this one, with exactly one slash between.
    pub fn join(&self, path: &str) -> Self {
        let parent = self.key.trim_end_matches('/');
        let key = if parent.is_empty() { path.to_owned() } else { format!("{parent}/{path}") };
        Self { bucket: self.bucket.clone(), key }
    }

    /// The last segment of the key, without a trailing slash.
    pub fn file_name(&self) -> &str {
        self.key.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
    }
}

impl FromStr for S3Uri {
    type Err = S3UriError;

    /// Splits at the first slash after `s3://`.
    fn from_str(uri: &str) -> Result<Self, S3UriError> {
        let location = uri.strip_prefix("s3://").ok_or_else(|| S3UriError::NoScheme { uri: uri.to_owned() })?;
        let (bucket, key) = location.split_once('/').unwrap_or((location, ""));
        if bucket.is_empty() {
            return Err(S3UriError::NoBucket { uri: uri.to_owned() });
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

impl TryFrom<String> for S3Uri {
    type Error = S3UriError;

    fn try_from(uri: String) -> Result<Self, S3UriError> {
        uri.parse()
    }
}

impl From<S3Uri> for String {
    fn from(uri: S3Uri) -> Self {
        uri.to_string()
    }
}

impl fmt::Display for S3Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// A text that is not a valid S3 URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum S3UriError {
    /// The scheme is missing, or another one, or in capitals.
    #[error("`{uri}` does not start with s3://")]
    NoScheme {
        /// The text as given.
        uri: String,
    },
    /// Nothing stands between the scheme and the first slash.
    #[error("`{uri}` names no bucket")]
    NoBucket {
        /// The text as given.
        uri: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_split_and_never_parsed() {
        for key in [
            "jobs/River-Survey-7/annotations/consolidated-annotation/consolidation-request/iteration-1/2024-05-06_07:08:09.json",
            "a b/c%20d/e+f/ü/雪.json?x=1#y",
            "double//slash/../dots/",
            "s3://inside",
            "",
        ] {
            let text = format!("s3://rs-out/{key}");
            let uri: S3Uri = text.parse().expect("an S3 URI");
            assert_eq!((uri.bucket(), uri.key()), ("rs-out", key));
            assert_eq!(uri.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_s3_uri_says_why() {
        let check = |uri: &str, expected: &str| {
            assert_eq!(uri.parse::<S3Uri>().expect_err("no S3 URI").to_string(), expected);
        };
        check("https://b/k", "`https://b/k` does not start with s3://");
        check("S3://b/k", "`S3://b/k` does not start with s3://");
        check("s3:///k", "`s3:///k` names no bucket");
        check("s3://", "`s3://` names no bucket");
    }

    #[test]
    fn joining_puts_one_slash() {
        let join = |uri: &str| uri.parse::<S3Uri>().expect("an S3 URI").join("x.json").to_string();
        assert_eq!(join("s3://b"), "s3://b/x.json");
        assert_eq!(join("s3://b/p"), "s3://b/p/x.json");
        assert_eq!(join("s3://b/p/"), "s3://b/p/x.json");
    }
}
