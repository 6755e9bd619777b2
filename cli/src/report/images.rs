//! Where the page finds its images.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

/// Larger files are linked. A page opens at once while all of it fits into memory a few times over.
const MAX_EMBEDDED_BYTES: u64 = 100_000;
const MAX_EMBEDDED_BYTES_IN_ALL: u64 = 50_000_000;

/// What stands in a path segment as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Image types that every browser shows, by the ending of the file's name. SVG, which can hold scripts, is not among them.
const TYPES: &[(&str, &str)] = &[
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
];

/// Where images come from, as the command line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Images {
    /// From where the manifest says.
    Link,
    /// From a local copy.
    Folder(PathBuf),
    /// From nowhere.
    None,
}

impl FromStr for Images {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "link" => Self::Link,
            "none" => Self::None,
            folder => Self::Folder(folder.into()),
        })
    }
}

/// Finds the image of each object.
#[derive(Debug)]
pub(super) struct ImageFinder<'a> {
    images: &'a Images,
    /// The folder that the page lies in, in full.
    page_folder: PathBuf,
    counts: ImageCounts,
    n_embedded_bytes: u64,
}

/// What became of the images.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub(super) struct ImageCounts {
    /// In the page itself.
    pub(super) embedded: usize,
    /// Loaded when they are looked at.
    pub(super) linked: usize,
    /// A box in their place.
    pub(super) absent: usize,
}

impl fmt::Display for ImageCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "images: {} in the page, {} linked, {} not shown", self.embedded, self.linked, self.absent)
    }
}

impl<'a> ImageFinder<'a> {
    /// # Errors
    /// When a folder that is named is none.
    pub(super) fn new(images: &'a Images, page: &Path) -> anyhow::Result<Self> {
        if let Images::Folder(folder) = images {
            ensure!(folder.is_dir(), "--images {} is no folder; give a folder, link or none", folder.display());
        }
        let folder = page.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let page_folder =
            folder.canonicalize().with_context(|| format!("cannot read the folder {}", folder.display()))?;
        Ok(Self { images, page_folder, counts: ImageCounts::default(), n_embedded_bytes: 0 })
    }

    /// What became of the images so far.
    pub(super) fn counts(&self) -> &ImageCounts {
        &self.counts
    }

    /// Whether the page loads anything from the network.
    pub(super) fn are_remote(&self) -> bool {
        *self.images == Images::Link
    }

    /// The address that the page loads the image at `uri` from; `None` where it cannot.
    pub(super) fn address(&mut self, uri: &str) -> Option<String> {
        let address = match self.images {
            Images::None => None,
            Images::Link => link(uri),
            Images::Folder(folder) => {
                copy_of(folder, uri).and_then(|file| self.embed(&file).or_else(|| self.path_to(&file)))
            }
        };
        match &address {
            None => self.counts.absent += 1,
            Some(address) if address.starts_with("data:") => self.counts.embedded += 1,
            Some(_) => self.counts.linked += 1,
        }
        address
    }

    /// A small file as it is.
    fn embed(&mut self, file: &Path) -> Option<String> {
        let ending = file.extension()?.to_str()?.to_ascii_lowercase();
        let media_type = BTreeMap::from_iter(TYPES.iter().copied()).get(ending.as_str()).copied()?;
        let n_bytes = fs::metadata(file).ok()?.len();
        let in_all = self.n_embedded_bytes + n_bytes;
        if n_bytes > MAX_EMBEDDED_BYTES || in_all > MAX_EMBEDDED_BYTES_IN_ALL {
            return None;
        }
        let bytes = fs::read(file).ok()?;
        self.n_embedded_bytes = in_all;
        Some(format!("data:{media_type};base64,{}", BASE64.encode(bytes)))
    }

    /// The path from the page to a file, as a relative address.
    fn path_to(&self, file: &Path) -> Option<String> {
        let file = file.canonicalize().ok()?;
        let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) =
            (self.page_folder.components().collect(), file.components().collect());
        let n_shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        let up = from[n_shared..].iter().map(|_| "..".to_owned());
        let down = to[n_shared..].iter().map(|part| encoded(&part.as_os_str().to_string_lossy()));
        Some(up.chain(down).collect::<Vec<_>>().join("/"))
    }
}

/// An address that a page may load: https, or a file of this computer. `file://host/…`, `//host/…` and `\\host\…` would
/// make a browser on Windows log in at whatever host a manifest names.
fn link(uri: &str) -> Option<String> {
    if uri.starts_with("https://") {
        return Some(uri.to_owned());
    }
    let path = uri.strip_prefix("file://").unwrap_or(uri);
    let has_scheme = path.split('/').next().is_some_and(|first| first.contains(':'));
    let is_path = !has_scheme && !path.contains(['\\', '\0']) && !path.starts_with("//") && !path.is_empty();
    let is_local = path.starts_with('/') || path == uri;
    (is_path && is_local).then(|| {
        let path = path.split('/').map(encoded).collect::<Vec<_>>().join("/");
        if path.starts_with('/') { format!("file://{path}") } else { path }
    })
}

fn encoded(segment: &str) -> String {
    utf8_percent_encode(segment, ESCAPED).to_string()
}

/// The file below `folder` that has the longest end of the address as its path. An address that climbs has none.
fn copy_of(folder: &Path, uri: &str) -> Option<PathBuf> {
    let path = uri.split_once("://").map_or(uri, |(_, path)| path);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    // On this system's terms: `..` everywhere, `C:` where that is a drive.
    let is_plain = |part: &&str| {
        let mut components = Path::new(part).components();
        matches!((components.next(), components.next()), (Some(Component::Normal(_)), None)) && !part.contains('\0')
    };
    if parts.is_empty() || !parts.iter().all(is_plain) {
        return None;
    }
    let candidate = |start: usize| folder.join(parts[start..].iter().collect::<PathBuf>());
    (0..parts.len()).map(candidate).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_local_files_are_linked() {
        let check = |uri: &str, expected: Option<&str>| assert_eq!(link(uri).as_deref(), expected, "{uri}");
        check("https://example.com/a.png?x=1", Some("https://example.com/a.png?x=1"));
        check("images/a b.png", Some("images/a%20b.png"));
        check("images/07:08.png", Some("images/07%3A08.png"));
        check("/data/a.png", Some("file:///data/a.png"));
        check("file:///data/a.png", Some("file:///data/a.png"));
        for refused in [
            "s3://bucket/a.png",
            "http://example.com/a.png",
            "javascript:alert(1)",
            "data:text/html,x",
            "//host/a.png",
            "file://host/a.png",
            r"\\host\a.png",
            "",
        ] {
            check(refused, None);
        }
    }

    #[test]
    fn copies_are_found_by_the_end_of_the_address() {
        let dir = tempfile::tempdir().expect("a folder");
        let copies = dir.path().join("copies");
        fs::create_dir_all(copies.join("b")).expect("writable");
        fs::write(copies.join("b/small.png"), "png").expect("writable");
        fs::write(copies.join("large one.jpg"), vec![0; 200_000]).expect("writable");
        fs::write(dir.path().join("secret.png"), "secret").expect("writable");
        let images = Images::Folder(copies);
        let mut finder = ImageFinder::new(&images, &dir.path().join("report.html")).expect("a folder");
        assert_eq!(finder.address("s3://bucket/a/b/small.png").as_deref(), Some("data:image/png;base64,cG5n"));
        assert_eq!(finder.address("s3://bucket/large one.jpg").as_deref(), Some("copies/large%20one.jpg"));
        assert_eq!(finder.address("s3://bucket/../secret.png"), None);
        assert_eq!(finder.address("../secret.png"), None);
        assert_eq!(finder.address("s3://bucket/elsewhere.png"), None);
        assert_eq!(*finder.counts(), ImageCounts { embedded: 1, linked: 1, absent: 3 });
        let missing = Images::Folder(dir.path().join("nowhere"));
        assert!(ImageFinder::new(&missing, &dir.path().join("report.html")).is_err());
    }
}
