//! S3: where manifests, templates, data objects and labels lie.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use aws_sdk_s3::config::ProvideCredentials;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CorsRule, Object};
use ground_truth::s3_uri::S3Uri;
use time::UtcDateTime;

use super::{Aws, AwsError};

/// How the objects of a bucket are encrypted unless a request says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BucketEncryption {
    /// The default encryption of new objects: `AES256`, `aws:kms`, …
    pub(crate) algorithm: String,
    /// The key, for KMS.
    pub(crate) key_id: Option<String>,
}

/// An object as a listing tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedObject {
    pub(crate) key: String,
    pub(crate) n_bytes: u64,
    pub(crate) modified: Option<SystemTime>,
}

/// What lies in a folder.
#[derive(Debug, Default)]
pub(crate) struct S3Folder {
    /// The folders in it, with the slash at their end.
    pub(crate) folders: Vec<S3Uri>,
    pub(crate) objects: Vec<ListedObject>,
}

/// A part of the keys that start with a prefix: what follows the prefix is after the one text and before the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyRange {
    pub(crate) after: Option<&'static str>,
    pub(crate) before: Option<&'static str>,
}

impl KeyRange {
    pub(crate) const ALL: Self = Self { after: None, before: None };
}

impl ListedObject {
    fn of(object: Object) -> Option<Self> {
        Some(Self {
            key: object.key?,
            n_bytes: object.size.and_then(|n| n.try_into().ok()).unwrap_or_default(),
            modified: object.last_modified.and_then(|at| at.try_into().ok()),
        })
    }
}

impl Aws {
    /// An address that anybody can load an object from, without credentials, until it expires: `expires_in` after `now`,
    /// at most seven days, or with the credentials. Nothing is asked.
    pub(crate) async fn signed_address(
        &self,
        uri: &S3Uri,
        now: SystemTime,
        expires_in: Duration,
    ) -> anyhow::Result<String> {
        let period = PresigningConfig::builder().start_time(now).expires_in(expires_in).build()?;
        let signed = self.s3.get_object().bucket(uri.bucket()).key(uri.key()).presigned(period).await;
        Ok(signed.map_err(|error| AwsError::sort("s3:GetObject".to_owned(), error))?.uri().to_owned())
    }

    /// When addresses that are signed now expire, in Unix time: with the credentials, if these expire before.
    pub(crate) async fn signed_until(&self, now: SystemTime, expires_in: Duration) -> anyhow::Result<i64> {
        let credentials = self.sdk.credentials_provider().context("there are no credentials to sign with")?;
        let credentials = credentials.provide_credentials().await.context("there are no credentials to sign with")?;
        let end = now + expires_in;
        let end = credentials.expiry().map_or(end, |expiry| expiry.min(end));
        Ok(UtcDateTime::from(end).unix_timestamp())
    }

    /// The region of a bucket; `None` when there is no such bucket. A bucket that the caller may not list is found too.
    pub(crate) async fn bucket_region(&self, bucket: &str) -> Result<Option<String>, AwsError> {
        let error = match self.s3.head_bucket().bucket(bucket).send().await {
            Ok(found) => return Ok(Some(found.bucket_region.unwrap_or_else(|| self.region().to_owned()))),
            Err(error) => error,
        };
        let raw = error.raw_response();
        // A bucket of another region answers with a redirection that names it; so do most that are closed to the caller.
        if let Some(region) = raw.and_then(|response| response.headers().get("x-amz-bucket-region")) {
            return Ok(Some(region.to_owned()));
        }
        match raw.map(|response| response.status().as_u16()) {
            Some(404) => Ok(None),
            _ => Err(AwsError::sort("s3:ListBucket".to_owned(), error)),
        }
    }

    /// The CORS rules of a bucket: none at all, where nobody set any.
    pub(crate) async fn cors_rules(&self, bucket: &str) -> Result<Vec<CorsRule>, AwsError> {
        match self.s3.get_bucket_cors().bucket(bucket).send().await {
            Ok(found) => Ok(found.cors_rules.unwrap_or_default()),
            Err(error) => match AwsError::sort("s3:GetBucketCORS".to_owned(), error) {
                error if error.has_code("NoSuchCORSConfiguration") => Ok(Vec::new()),
                error => Err(error),
            },
        }
    }

    /// The default encryption of a bucket.
    pub(crate) async fn bucket_encryption(&self, bucket: &str) -> Result<Option<BucketEncryption>, AwsError> {
        let found = match self.s3.get_bucket_encryption().bucket(bucket).send().await {
            Ok(found) => found,
            Err(error) => match AwsError::sort("s3:GetEncryptionConfiguration".to_owned(), error) {
                error if error.has_code("ServerSideEncryptionConfigurationNotFoundError") => return Ok(None),
                error => return Err(error),
            },
        };
        let rules = found.server_side_encryption_configuration.map(|configuration| configuration.rules);
        let first = rules.into_iter().flatten().find_map(|rule| rule.apply_server_side_encryption_by_default);
        Ok(first.map(|default| BucketEncryption {
            algorithm: default.sse_algorithm.as_str().to_owned(),
            key_id: default.kms_master_key_id,
        }))
    }

    /// The first bytes of an object, at most `limit`; `None` when there is no such object.
    pub(crate) async fn read_start(&self, uri: &S3Uri, limit: u64) -> Result<Option<Vec<u8>>, AwsError> {
        let range = format!("bytes=0-{}", limit.saturating_sub(1));
        let found = match self.s3.get_object().bucket(uri.bucket()).key(uri.key()).range(range).send().await {
            Ok(found) => found,
            Err(error) => {
                return match AwsError::sort("s3:GetObject".to_owned(), error) {
                    error if error.has_code("NoSuchKey") || error.has_code("NoSuchBucket") => Ok(None),
                    // An empty object has no first byte.
                    error if error.has_code("InvalidRange") => Ok(Some(Vec::new())),
                    error => Err(error),
                };
            }
        };
        match found.body.collect().await {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(error) => Err(AwsError::NoAnswer { operation: "s3:GetObject".to_owned(), reason: error.to_string() }),
        }
    }

    /// Whether any object lies below a prefix.
    pub(crate) async fn any_object_below(&self, bucket: &str, prefix: &str) -> Result<bool, AwsError> {
        let found = self.s3.list_objects_v2().bucket(bucket).prefix(prefix).max_keys(1).send().await;
        let found = found.map_err(|error| AwsError::sort("s3:ListBucket".to_owned(), error))?;
        Ok(found.contents.is_some_and(|objects| !objects.is_empty()))
    }

    /// The keys that start with that of a URI, sorted; without `recursive`, those in its own folder alone.
    /// `on_found` hears of how many more.
    pub(crate) async fn keys(
        &self,
        uri: &S3Uri,
        recursive: bool,
        on_found: &dyn Fn(usize),
    ) -> Result<Vec<String>, AwsError> {
        let objects = if recursive {
            self.objects(uri, &KeyRange::ALL, on_found).await?
        } else {
            self.folder(uri, on_found).await?.objects
        };
        let mut keys: Vec<String> = objects.into_iter().map(|object| object.key).collect();
        // Most buckets sort by themselves; directory buckets do not.
        keys.sort_unstable();
        Ok(keys)
    }

    /// The objects whose keys start with that of a URI, and lie in a range. `on_found` hears of how many more.
    pub(crate) async fn objects(
        &self,
        uri: &S3Uri,
        range: &KeyRange,
        on_found: &dyn Fn(usize),
    ) -> Result<Vec<ListedObject>, AwsError> {
        let after = range.after.as_ref().map(|after| format!("{}{after}", uri.key()));
        let before = range.before.as_ref().map(|before| format!("{}{before}", uri.key()));
        let request = self.s3.list_objects_v2().bucket(uri.bucket()).prefix(uri.key()).set_start_after(after);
        let mut pages = request.into_paginator().send();
        let mut objects = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| AwsError::sort("s3:ListBucket".to_owned(), error))?;
            let n_before = objects.len();
            for object in page.contents.into_iter().flatten().filter_map(ListedObject::of) {
                if before.as_ref().is_some_and(|before| object.key >= *before) {
                    return Ok(objects);
                }
                objects.push(object);
            }
            on_found(objects.len() - n_before);
        }
        Ok(objects)
    }

    /// The objects and folders directly below a URI, of all whose keys start with its key. `on_found` hears of how many more objects.
    pub(crate) async fn folder(&self, uri: &S3Uri, on_found: &dyn Fn(usize)) -> Result<S3Folder, AwsError> {
        let request = self.s3.list_objects_v2().bucket(uri.bucket()).prefix(uri.key()).delimiter("/");
        let mut pages = request.into_paginator().send();
        let mut folder = S3Folder::default();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| AwsError::sort("s3:ListBucket".to_owned(), error))?;
            let of_page = page.common_prefixes.into_iter().flatten().filter_map(|prefix| prefix.prefix);
            folder.folders.extend(of_page.filter_map(|prefix| S3Uri::new(uri.bucket(), prefix).ok()));
            let n_before = folder.objects.len();
            folder.objects.extend(page.contents.into_iter().flatten().filter_map(ListedObject::of));
            on_found(folder.objects.len() - n_before);
        }
        Ok(folder)
    }

    /// An object as a listing tells it; `None` when there is none of this key.
    pub(crate) async fn object(&self, uri: &S3Uri) -> Result<Option<ListedObject>, AwsError> {
        match self.s3.head_object().bucket(uri.bucket()).key(uri.key()).send().await {
            Ok(found) => Ok(Some(ListedObject {
                key: uri.key().to_owned(),
                n_bytes: found.content_length.and_then(|n| n.try_into().ok()).unwrap_or_default(),
                modified: found.last_modified.and_then(|at| at.try_into().ok()),
            })),
            Err(error) => match AwsError::sort("s3:GetObject".to_owned(), error) {
                AwsError::Refused { status: 404, .. } => Ok(None),
                error => Err(error),
            },
        }
    }

    /// Whether an object is there for the caller to read.
    pub(crate) async fn object_exists(&self, uri: &S3Uri) -> Result<bool, AwsError> {
        Ok(self.object(uri).await?.is_some())
    }

    /// Writes an object to a file, piece by piece.
    pub(crate) async fn write_to(&self, uri: &S3Uri, file: &mut impl Write) -> anyhow::Result<()> {
        let request = self.s3.get_object().bucket(uri.bucket()).key(uri.key());
        let found = request.send().await.map_err(|error| AwsError::sort("s3:GetObject".to_owned(), error))?;
        let mut body = found.body;
        while let Some(piece) = body.try_next().await? {
            file.write_all(&piece)?;
        }
        Ok(())
    }

    /// Writes a text to a URI.
    pub(crate) async fn put(&self, uri: &S3Uri, text: &str, content_type: &str) -> Result<(), AwsError> {
        self.put_stream(uri, ByteStream::from(text.as_bytes().to_vec()), content_type).await
    }

    /// Uploads a file of this computer to a URI, without reading it into memory.
    pub(crate) async fn put_file(&self, uri: &S3Uri, path: &Path, content_type: &str) -> anyhow::Result<()> {
        let stream = ByteStream::from_path(path).await.with_context(|| format!("cannot read {}", path.display()))?;
        Ok(self.put_stream(uri, stream, content_type).await?)
    }

    async fn put_stream(&self, uri: &S3Uri, stream: ByteStream, content_type: &str) -> Result<(), AwsError> {
        let request = self.s3.put_object().bucket(uri.bucket()).key(uri.key()).body(stream).content_type(content_type);
        request.send().await.map(drop).map_err(|error| AwsError::sort("s3:PutObject".to_owned(), error))
    }
}
