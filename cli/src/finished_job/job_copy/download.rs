//! Objects of S3 as files of this computer.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::Context;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use ground_truth::s3_uri::S3Uri;

use crate::aws::{Aws, ListedObject};
use crate::files::whole_file::WholeFile;

/// How many objects are on their way at a time.
const MAX_DOWNLOADS: usize = 64;

/// Where the object with this key goes: below `folder`, under its bucket and key. `None` for a key that no file can have, or
/// that would leave the folder.
pub(super) fn file_of(folder: &Path, uri: &S3Uri) -> Option<PathBuf> {
    let below: Option<PathBuf> = uri.key().trim_end_matches('/').split('/').map(file_name).collect();
    Some(folder.join(uri.bucket()).join(below?))
}

/// A segment of a key as the name of a file, if it can be one. Colons, of which Ground Truth's keys are full and which not
/// every system allows in a name, become hyphens.
pub(crate) fn file_name(segment: &str) -> Option<String> {
    Some(segment.replace(':', "-")).filter(|name| is_file_name(name))
}

/// Whether a segment of a key or an address can be the name of a file, on this system's terms: `..` is none anywhere, and
/// `C:` none where that is a drive.
pub(crate) fn is_file_name(segment: &str) -> bool {
    let mut components = Path::new(segment).components();
    let is_one = matches!((components.next(), components.next()), (Some(Component::Normal(_)), None));
    is_one && !segment.contains(['/', '\\', '\0'])
}

/// Copies objects to their files; one that is there already, of the same size and age, is not fetched again. `on_bytes`
/// hears of how many more.
///
/// # Errors
/// When one object cannot be read or written; those that were fetched stay.
pub(super) async fn fetch(
    aws: &Aws,
    bucket: &str,
    objects: Vec<(ListedObject, PathBuf)>,
    on_bytes: &dyn Fn(u64),
) -> anyhow::Result<()> {
    let fetch_one = |(object, path): (ListedObject, PathBuf)| async move {
        if !is_copy(&path, &object) {
            let uri = S3Uri::new(bucket, object.key.as_str())?;
            copy(aws, &uri, &object, &path).await.with_context(|| format!("cannot fetch {uri}"))?;
        }
        on_bytes(object.n_bytes);
        anyhow::Ok(())
    };
    stream::iter(objects).map(fetch_one).buffer_unordered(MAX_DOWNLOADS).try_collect().await
}

fn is_copy(path: &Path, object: &ListedObject) -> bool {
    fs::metadata(path).is_ok_and(|file| {
        file.is_file()
            && file.len() == object.n_bytes
            && object.modified.is_some()
            && file.modified().ok() == object.modified
    })
}

async fn copy(aws: &Aws, uri: &S3Uri, object: &ListedObject, path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mut file = WholeFile::create(path)?;
    aws.write_to(uri, &mut file).await?;
    file.finish_as_of(object.modified)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_leaves_the_folder() {
        let check = |key: &str, expected: Option<&str>| {
            let uri = S3Uri::new("out", key).expect("a URI");
            let file = file_of(Path::new("cache"), &uri);
            assert_eq!(file.as_deref(), expected.map(Path::new), "{key}");
        };
        check(
            "river/iteration-1/0/2024-05-06_07:08:09.json",
            Some("cache/out/river/iteration-1/0/2024-05-06_07-08-09.json"),
        );
        check("river/", Some("cache/out/river"));
        check("river/ü b.json", Some("cache/out/river/ü b.json"));
        for key in ["river/../../etc/passwd", "river//x.json", "./x.json", r"river\..\x.json", "/x.json", "river/\0"] {
            check(key, None);
        }
    }

    #[test]
    fn a_copy_has_the_size_and_the_age_of_its_object() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a.json");
        fs::write(&path, "{}").expect("writable");
        let modified = fs::metadata(&path).expect("a file").modified().expect("its age");
        let object = |n_bytes, modified| ListedObject { key: "a.json".to_owned(), n_bytes, modified };
        assert!(is_copy(&path, &object(2, Some(modified))));
        assert!(!is_copy(&path, &object(3, Some(modified))));
        assert!(!is_copy(&path, &object(2, Some(modified + std::time::Duration::from_secs(1)))));
        assert!(!is_copy(&path, &object(2, None)));
        assert!(!is_copy(&dir.path().join("b.json"), &object(2, Some(modified))));
    }
}
