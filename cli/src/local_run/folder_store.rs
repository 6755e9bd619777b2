//! S3 played by folders.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use ground_truth::s3_uri::S3Uri;
use ground_truth::store::{Listed, ObjectStore, StoreAction, StoreError, StoreErrorCause, StoreFuture};

/// Objects below some S3 URIs, kept as files below a folder for each: the segments of a key are the names of the files,
/// colons included. Keys that name no file of their own (`a/../b`, `a//b`) are refused, so that nobody leaves a folder.
#[derive(Debug, Default)]
pub struct FolderStore {
    mounts: Vec<(S3Uri, PathBuf)>,
}

impl FolderStore {
    /// The same store with everything below `prefix` in `folder`, which need not be there yet.
    #[must_use]
    pub fn with(mut self, prefix: &S3Uri, folder: impl Into<PathBuf>) -> Self {
        self.mounts.push((prefix.clone(), folder.into()));
        self
    }

    fn path(&self, uri: &S3Uri) -> Result<PathBuf, StoreErrorCause> {
        let below = |(prefix, folder): &(S3Uri, PathBuf)| Some(folder.join(file_path(key_below(prefix, uri)?)?));
        self.mounts.iter().find_map(below).ok_or_else(|| StoreErrorCause::Other(Box::new(NoFolderError)))
    }

    fn read(&self, uri: &S3Uri, limit: u64) -> Result<Vec<u8>, StoreErrorCause> {
        let file = File::open(self.path(uri)?).map_err(read_error)?;
        let mut bytes = Vec::new();
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(read_error)?;
        if bytes.len() as u64 > limit {
            return Err(StoreErrorCause::TooLarge { limit });
        }
        Ok(bytes)
    }

    fn write(&self, uri: &S3Uri, bytes: &[u8]) -> Result<(), StoreErrorCause> {
        let path = self.path(uri)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, bytes))
            .map_err(|error| StoreErrorCause::Other(Box::new(error)))
    }

    /// The files that stand for objects below `prefix`, by their keys. Links are not followed.
    fn find(&self, prefix: &S3Uri) -> Result<BTreeMap<String, u64>, io::Error> {
        let mut found = BTreeMap::new();
        for (uri, folder) in self.mounts.iter().filter(|(uri, _)| uri.bucket() == prefix.bucket()) {
            let mut folders = vec![(uri.key().trim_end_matches('/').to_owned(), folder.clone())];
            while let Some((above, folder)) = folders.pop() {
                for entry in entries(&folder)? {
                    let entry = entry?;
                    // A name that is not text cannot be part of a key.
                    let Ok(name) = entry.file_name().into_string() else { continue };
                    let key = if above.is_empty() { name } else { format!("{above}/{name}") };
                    let file_type = entry.file_type()?;
                    if file_type.is_dir() && (key.starts_with(prefix.key()) || prefix.key().starts_with(&key)) {
                        folders.push((key, entry.path()));
                    } else if file_type.is_file() && key.starts_with(prefix.key()) {
                        found.entry(key).or_insert(entry.metadata()?.len());
                    }
                }
            }
        }
        Ok(found)
    }
}

impl ObjectStore for FolderStore {
    fn get<'a>(&'a self, uri: &'a S3Uri, limit: u64) -> StoreFuture<'a, Vec<u8>> {
        Box::pin(async move {
            self.read(uri, limit).map_err(|cause| StoreError { action: StoreAction::Get, uri: uri.clone(), cause })
        })
    }

    fn put<'a>(&'a self, uri: &'a S3Uri, bytes: Vec<u8>, _kms_key_id: Option<&'a str>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.write(uri, &bytes).map_err(|cause| StoreError { action: StoreAction::Put, uri: uri.clone(), cause })
        })
    }

    fn list<'a>(&'a self, prefix: &'a S3Uri, limit: usize) -> StoreFuture<'a, Vec<Listed>> {
        Box::pin(async move {
            let failed = |cause| StoreError { action: StoreAction::List, uri: prefix.clone(), cause };
            let found = self.find(prefix).map_err(|error| failed(StoreErrorCause::Other(Box::new(error))))?;
            let listed = |(key, n_bytes)| match S3Uri::new(prefix.bucket(), key) {
                Ok(uri) => Ok(Listed { uri, n_bytes }),
                Err(error) => Err(failed(StoreErrorCause::Other(Box::new(error)))),
            };
            found.into_iter().take(limit).map(listed).collect()
        })
    }
}

/// What a folder holds: nothing, if it is not there yet.
fn entries(folder: &Path) -> io::Result<impl Iterator<Item = io::Result<fs::DirEntry>>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        entries => Some(entries?),
    };
    Ok(entries.into_iter().flatten())
}

/// An S3 URI below none of the mounted folders.
#[derive(Debug, thiserror::Error)]
#[error("no local folder is mapped to this S3 URI")]
struct NoFolderError;

/// S3 has no folders: what the file system calls one is not an object.
fn read_error(error: io::Error) -> StoreErrorCause {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => {
            StoreErrorCause::NotFound
        }
        _ => StoreErrorCause::Other(Box::new(error)),
    }
}

/// The rest of the key below `prefix`, which ends at a slash.
fn key_below<'a>(prefix: &S3Uri, uri: &'a S3Uri) -> Option<&'a str> {
    let above = prefix.key().trim_end_matches('/');
    let key = Some(uri.key()).filter(|_| prefix.bucket() == uri.bucket())?;
    if above.is_empty() { Some(key) } else { key.strip_prefix(above)?.strip_prefix('/') }
}

/// The key as a path of plain names; `None` when a segment is none on this system.
fn file_path(key: &str) -> Option<PathBuf> {
    let is_plain = |segment: &&str| {
        let mut components = Path::new(segment).components();
        matches!(components.next(), Some(Component::Normal(name)) if name == *segment) && components.next().is_none()
    };
    let segments: Vec<&str> = key.split('/').collect();
    segments.iter().all(is_plain).then(|| segments.iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> S3Uri {
        text.parse().expect("an S3 URI")
    }

    #[test]
    fn a_prefix_stands_for_a_folder() {
        let store = FolderStore::default().with(&uri("s3://b/jobs/Survey/"), "out").with(&uri("s3://whole"), "all");
        let path = |text: &str| store.path(&uri(text)).ok();
        assert_eq!(path("s3://b/jobs/Survey/x/10:20.json"), Some("out/x/10:20.json".into()));
        assert_eq!(path("s3://whole/x"), Some("all/x".into()));
        for outside in ["s3://b/jobs/Survey-2/x", "s3://b/jobs/survey/x", "s3://b/jobs", "s3://c/jobs/Survey/x"] {
            assert_eq!(path(outside), None, "{outside}");
        }
    }

    #[test]
    fn nobody_leaves_the_folder() {
        let store = FolderStore::default().with(&uri("s3://b"), "out");
        for key in ["..", "../x", "a/../../x", "/etc/passwd", "a//b", "a/./b", "a/", "", "."] {
            let error = store.path(&S3Uri::new("b", key).expect("a URI")).expect_err("refused");
            assert_eq!(error.to_string(), "no local folder is mapped to this S3 URI", "{key}");
        }
    }

    #[test]
    fn a_folder_is_no_object() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = FolderStore::default().with(&uri("s3://b"), dir.path());
        store.write(&uri("s3://b/a/b/c"), b"x").expect("writable");
        for key in ["s3://b/a", "s3://b/a/b", "s3://b/a/b/c/d", "s3://b/z"] {
            let error = store.read(&uri(key), 9).expect_err("no object");
            assert!(matches!(error, StoreErrorCause::NotFound), "{key}: {error:?}");
        }
        assert!(matches!(store.read(&uri("s3://b/a/b/c"), 0), Err(StoreErrorCause::TooLarge { limit: 0 })));
    }
}
