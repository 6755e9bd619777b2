//! Data objects on this computer: a folder that is, or will be, in S3.

use std::path::{Component, Path, PathBuf};

/// A folder and its S3 URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LocalFiles {
    dir: PathBuf,
    /// Ends with a slash.
    uri: String,
}

impl LocalFiles {
    /// The folder `dir`, whose files lie below `uri`.
    pub(crate) fn new(dir: &Path, uri: &str) -> Self {
        Self { dir: dir.to_owned(), uri: folder_uri(uri) }
    }

    /// The file of an S3 URI; none where that is not in the folder.
    pub(crate) fn path(&self, uri: &str) -> Option<PathBuf> {
        let below = Path::new(uri.strip_prefix(&self.uri)?);
        // A key may hold `..`, and it means nothing there.
        let is_plain = below.components().all(|component| matches!(component, Component::Normal(_)));
        (is_plain && !below.as_os_str().is_empty()).then(|| self.dir.join(below))
    }
}

/// An S3 URI with the slash that makes it a folder.
pub(crate) fn folder_uri(uri: &str) -> String {
    if uri.ends_with('/') { uri.to_owned() } else { format!("{uri}/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_has_a_file_where_it_is_below_the_folder() {
        let files = LocalFiles::new(Path::new("pics"), "s3://b/cam");
        assert_eq!(files.path("s3://b/cam/a b/1.png"), Some(PathBuf::from("pics/a b/1.png")));
        for uri in ["s3://b/camera/1.png", "s3://b/cam/../1.png", "s3://b/cam/", "s3://b/cam//etc", "s3://c/cam/1.png"]
        {
            assert_eq!(files.path(uri), None, "{uri}");
        }
    }
}
