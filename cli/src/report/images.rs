//! Where the page finds its images.
//!
//! - `link`: addresses that a page may load. `local_copy`: files of this computer, embedded or linked. `thumbnail`: a small
//!   copy of one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use anyhow::ensure;
use ground_truth::s3_uri::S3Uri;
use serde::Serialize;
use time::UtcDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

use crate::aws::{self, Aws};
use crate::console::progress::Progress;

mod link;
mod local_copy;
mod thumbnail;

/// A time for people.
const MINUTE: StaticFormatDescription = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");

/// With images from more origins than this the page may load images from anywhere.
const MAX_ORIGINS: usize = 50;

/// Where images come from, as the command line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Images {
    /// From where the manifest says.
    Link,
    /// From S3, through addresses that are signed for a time.
    Sign,
    /// From a local copy.
    Folder(PathBuf),
    /// The page has no images.
    None,
}

impl FromStr for Images {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "link" => Self::Link,
            "sign" => Self::Sign,
            "none" => Self::None,
            folder => Self::Folder(folder.into()),
        })
    }
}

/// How images are found.
#[derive(Debug, Clone)]
pub(crate) struct ImageOptions {
    /// Where they come from.
    pub(crate) images: Images,
    /// The longer side of small copies in the page, where they are wanted.
    pub(crate) thumbnails: Option<u32>,
    /// How long signed addresses hold.
    pub(crate) expires: Duration,
    /// With whose credentials they are signed.
    pub(crate) connection: aws::Settings,
    /// The region of the job, where it is known: its buckets are there.
    pub(crate) job_region: Option<String>,
}

/// The image of each object, in the order of the objects.
#[derive(Debug, Default)]
pub(crate) struct PageImages {
    of_objects: Vec<Option<PageImage>>,
    /// When signed addresses expire, in Unix time.
    pub(super) signed_until: Option<i64>,
    /// How many addresses of each bucket were signed.
    signed: BTreeMap<String, usize>,
}

/// Where an image is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct PageImage {
    /// An address, a path from the page, or the image itself.
    pub(super) src: String,
    /// Width and height in pixels of what `src` is a smaller copy of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<(u32, u32)>,
}

/// What became of the images.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ImageCounts {
    /// In the page itself.
    pub(super) embedded: usize,
    /// Loaded when they are looked at.
    pub(super) linked: usize,
    /// An empty box instead of each.
    pub(super) absent: usize,
}

impl fmt::Display for ImageCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "images: {} in the page, {} linked, {} not shown", self.embedded, self.linked, self.absent)
    }
}

impl PageImage {
    fn at(src: String) -> Self {
        Self { src, size: None }
    }

    fn is_embedded(&self) -> bool {
        self.src.starts_with("data:")
    }
}

impl PageImages {
    /// Finds the images of objects by what the manifest calls their files, for a page at `page`.
    ///
    /// # Errors
    /// When a folder is none, or there is nothing to sign with.
    pub(crate) fn find(
        options: &ImageOptions,
        page: &Path,
        uris: &[Option<&str>],
        progress: Progress,
    ) -> anyhow::Result<Self> {
        let is_folder = matches!(options.images, Images::Folder(_));
        ensure!(
            options.thumbnails.is_none() || is_folder,
            "thumbnails are made of image files; say which folder has them, as in --images survey-images --thumbnails"
        );
        let of_objects = match &options.images {
            Images::None => vec![None; uris.len()],
            Images::Link => uris.iter().map(|uri| link::address((*uri)?).map(PageImage::at)).collect(),
            Images::Folder(folder) => local_copy::find(folder, options.thumbnails, page, uris, progress)?,
            Images::Sign => return aws::block_on(Self::sign(options, uris)),
        };
        Ok(Self { of_objects, ..Self::default() })
    }

    /// Signs whatever lies in S3 and is an image by its name: a manifest that names other things gets no key to them.
    async fn sign(options: &ImageOptions, uris: &[Option<&str>]) -> anyhow::Result<Self> {
        let aws = Aws::connect(&options.connection, options.job_region.as_deref()).await?;
        let now = SystemTime::now();
        let mut found = Self { signed_until: Some(aws.signed_until(now, options.expires).await?), ..Self::default() };
        for uri in uris {
            let in_s3 = uri.filter(|uri| local_copy::media_type(Path::new(uri)).is_some());
            found.of_objects.push(match in_s3.and_then(|uri| uri.parse::<S3Uri>().ok()) {
                Some(uri) => {
                    *found.signed.entry(uri.bucket().to_owned()).or_default() += 1;
                    Some(PageImage::at(aws.signed_address(&uri, now, options.expires).await?))
                }
                None => uri.and_then(link::address).map(PageImage::at),
            });
        }
        Ok(found)
    }

    /// The image of an object.
    pub(super) fn of(&self, object: usize) -> Option<&PageImage> {
        self.of_objects.get(object)?.as_ref()
    }

    /// What became of the images of the objects that `have` one.
    pub(crate) fn counts(&self, have: &[Option<&str>]) -> ImageCounts {
        let mut counts = ImageCounts::default();
        for (image, _) in self.of_objects.iter().zip(have).filter(|(_, uri)| uri.is_some()) {
            *match image {
                Some(image) if image.is_embedded() => &mut counts.embedded,
                Some(_) => &mut counts.linked,
                None => &mut counts.absent,
            } += 1;
        }
        counts
    }

    /// What the page loads images from, as a content security policy says it. Masks are always in the page.
    pub(super) fn sources(&self) -> String {
        let addresses = || self.of_objects.iter().flatten().map(|image| image.src.as_str());
        let origins: BTreeSet<&str> = addresses().filter_map(link::origin).collect();
        let mut sources = vec!["data:"];
        if addresses().any(|address| !address.starts_with("data:") && link::origin(address).is_none()) {
            sources.push("file:");
        }
        if origins.len() > MAX_ORIGINS {
            sources.push("https:");
        } else {
            sources.extend(origins);
        }
        sources.join(" ")
    }

    /// What somebody should know who gives the page away.
    pub(crate) fn warning(&self) -> Option<String> {
        let until = UtcDateTime::from_unix_timestamp(self.signed_until?).ok()?.format(MINUTE).ok()?;
        let buckets: Vec<String> = self.signed.iter().map(|(bucket, n)| format!("{n} of {bucket}")).collect();
        Some(match buckets.as_slice() {
            [] => "no image of the job is in S3, so no address was signed".to_owned(),
            buckets => {
                format!("signed addresses: {}; whoever has the page can use them until {until}", buckets.join(", "))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_loads_from_where_its_images_are() {
        let check = |addresses: &[&str], expected: &str| {
            let of_objects = addresses.iter().map(|address| Some(PageImage::at((*address).to_owned()))).collect();
            assert_eq!(PageImages { of_objects, ..PageImages::default() }.sources(), expected, "{addresses:?}");
        };
        check(&[], "data:");
        check(&["data:image/png;base64,cG5n"], "data:");
        check(&["images/a.png", "file:///b.png"], "data: file:");
        check(
            &["https://b.s3.eu-west-1.amazonaws.com/1.png?X-Amz-Date=1", "https://b.s3.eu-west-1.amazonaws.com/2.png"],
            "data: https://b.s3.eu-west-1.amazonaws.com",
        );
        let many: Vec<String> = (0..51).map(|n| format!("https://{n}.example.com/a.png")).collect();
        check(&many.iter().map(String::as_str).collect::<Vec<_>>(), "data: https:");
    }
}
