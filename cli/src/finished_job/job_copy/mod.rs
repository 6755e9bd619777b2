//! A finished job's files on this computer: where they are, or else copied from S3.
//!
//! - `JobCopy::of`: what the commands about finished jobs read.
//! - [`JobLocation`], [`Location`]: where a job or a file is, as the command line says.
//! - `listing`: which objects those of a job are. `download`: objects as files.
//!
//! Hundreds of thousands of small objects make up a large job. They are listed in parts and fetched many at a time; with
//! `--cache` they stay, and another run fetches what is new or was not finished.

use std::path::{Path, PathBuf};

use anyhow::Context;
use ground_truth::s3_uri::S3Uri;
use tempfile::TempDir;

use crate::aws::{self, Aws};
use crate::console::progress::Progress;
use crate::created_job::{self, DescribedJob, name_and_region};

mod download;
mod listing;
mod location;

pub(crate) use download::{file_name, is_file_name};
pub use location::{JobLocation, Location};

/// The files of a job.
#[derive(Debug)]
pub(crate) struct JobCopy {
    /// The job's folder, a part of it, or a file out of it.
    pub(crate) path: PathBuf,
    /// The manifest that was named.
    pub(crate) manifest: Option<PathBuf>,
    /// The label attribute, as SageMaker says.
    pub(crate) label_attribute_name: Option<String>,
    /// Objects with keys that no file can have.
    pub(crate) n_unusable_keys: usize,
    /// Where the files are, unless they stay.
    _temporary: Option<TempDir>,
}

impl JobCopy {
    /// A job and the manifest that was named for it, copied where they are in S3: into `cache`, or else for as long as this
    /// lives.
    ///
    /// # Errors
    /// When AWS refuses, there is no such job, or its files cannot be written.
    pub(crate) fn of(
        job: &JobLocation,
        manifest: Option<&Location>,
        cache: Option<&Path>,
        connection: &aws::Settings,
        progress: Progress,
    ) -> anyhow::Result<Self> {
        match (job, manifest) {
            (JobLocation::Output(Location::Local(path)), None) => Ok(Self::local(path, None)),
            (JobLocation::Output(Location::Local(path)), Some(Location::Local(manifest))) => {
                Ok(Self::local(path, Some(manifest)))
            }
            (job, manifest) => aws::block_on(copy(job, manifest, cache, connection, progress)),
        }
    }

    fn local(path: &Path, manifest: Option<&Path>) -> Self {
        Self {
            path: path.to_owned(),
            manifest: manifest.map(Path::to_owned),
            label_attribute_name: None,
            n_unusable_keys: 0,
            _temporary: None,
        }
    }
}

async fn copy(
    job: &JobLocation,
    manifest: Option<&Location>,
    cache: Option<&Path>,
    connection: &aws::Settings,
    progress: Progress,
) -> anyhow::Result<JobCopy> {
    let aws = Aws::connect(connection, job.region()).await?;
    let (job, label_attribute_name) = match job {
        JobLocation::Output(location) => (location.clone(), None),
        JobLocation::Arn(arn) => described(&aws, arn).await?,
    };
    let (folder, temporary) = match cache {
        Some(folder) => (folder.to_owned(), None),
        None => {
            let temporary =
                TempDir::with_prefix("gtruth-").context("cannot make a temporary folder; name one with --cache")?;
            (temporary.path().to_owned(), Some(temporary))
        }
    };
    let mut n_unusable_keys = 0;
    let mut paths = Vec::new();
    for location in std::iter::once(&job).chain(manifest) {
        let (path, n) = match location {
            Location::Local(path) => (path.clone(), 0),
            Location::S3(uri) => fetch(&aws, uri, &folder, progress).await?,
        };
        n_unusable_keys += n;
        paths.push(path);
    }
    let mut paths = paths.into_iter();
    let path = paths.next().unwrap_or_default();
    Ok(JobCopy { path, manifest: paths.next(), label_attribute_name, n_unusable_keys, _temporary: temporary })
}

/// Where SageMaker says that the output of a job is, and its label attribute.
async fn described(aws: &Aws, arn: &str) -> anyhow::Result<(Location, Option<String>)> {
    let (name, _) = name_and_region(arn);
    let job = created_job::describe(aws, name).await?;
    let job = DescribedJob(&job);
    let output: S3Uri =
        job.text("OutputConfig.S3OutputPath").context("SageMaker names no output path of the job")?.parse()?;
    let name = job.text("LabelingJobName").unwrap_or(name);
    Ok((Location::S3(output.join(name)), job.text("LabelAttributeName").map(str::to_owned)))
}

/// Copies the objects below an S3 URI that commands read into a folder: where they are then, and how many objects no file can be made of.
async fn fetch(aws: &Aws, uri: &S3Uri, folder: &Path, progress: Progress) -> anyhow::Result<(PathBuf, usize)> {
    let bar = progress.bar(None, "{spinner} {human_pos} objects found");
    let listing = listing::list(aws, uri, &|n| bar.inc(n as u64)).await?;
    drop(bar);
    let path =
        download::file_of(folder, &listing.root).with_context(|| format!("{uri} cannot be the path of a file"))?;
    let n_listed = listing.objects.len();
    let mut files = Vec::with_capacity(n_listed);
    for object in listing.objects {
        let file = download::file_of(folder, &S3Uri::new(uri.bucket(), object.key.as_str())?);
        files.extend(file.map(|file| (object, file)));
    }
    let n_unusable = n_listed - files.len();
    let n_bytes = files.iter().map(|(object, _)| object.n_bytes).sum();
    let style = "{bar:30} {binary_bytes} of {binary_total_bytes} fetched ({binary_bytes_per_sec}, {eta} left)";
    let bar = progress.bar(Some(n_bytes), style);
    download::fetch(aws, uri.bucket(), files, &|n| bar.inc(n)).await?;
    Ok((path, n_unusable))
}
