//! `gtruth manifest from-dir`: a manifest of the files in a folder.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail, ensure};

use super::local_files::folder_uri;
use super::new_manifest::{self, Chooser, DataObject, NewLine};
use crate::args::ManifestFromDirArgs;
use crate::console::ExitStatus;
use crate::files::json_lines::BYTE_ORDER_MARK;

pub(crate) fn run(args: &ManifestFromDirArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    let chooser = Chooser::new(&args.files, args.new.task_type.as_deref())?;
    let mut paths = Vec::new();
    gather(&args.dir, "", args.files.recursive, &mut paths)?;
    paths.retain(|path| chooser.chooses(path));
    // As S3 sorts keys, so that the folder and the bucket give the same manifest.
    paths.sort_unstable();
    ensure!(
        !paths.is_empty(),
        "{} has no such files{}",
        args.dir.display(),
        if args.files.recursive { "" } else { "; --recursive looks into the folders below it" }
    );
    let line = |path: String| {
        let object = match &args.uri {
            Some(uri) => DataObject::File(format!("{}{path}", folder_uri(uri))),
            None => DataObject::Text(text(&args.dir.join(&path))?),
        };
        Ok(NewLine::of(object))
    };
    new_manifest::write(paths.into_iter().map(line), &args.new, out, err)
}

/// The paths of all files in a folder, below `below`, with slashes.
fn gather(dir: &Path, below: &str, recursive: bool, paths: &mut Vec<String>) -> anyhow::Result<()> {
    let unreadable = || format!("cannot read {}", dir.display());
    for entry in fs::read_dir(dir).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let Ok(name) = entry.file_name().into_string() else {
            bail!("{} is no name in UTF-8, as keys in S3 are; rename the file", entry.path().display());
        };
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{below}{name}");
        // By way of the path, since an entry that is a link would say so, and not what it leads to.
        let kind = fs::metadata(entry.path()).with_context(|| format!("cannot read {}", entry.path().display()))?;
        if kind.is_file() {
            paths.push(path);
        } else if kind.is_dir() && recursive {
            gather(&entry.path(), &format!("{path}/"), recursive, paths)?;
        }
    }
    Ok(())
}

/// A file's text, without the line break that ends it.
fn text(path: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {} as UTF-8", path.display()))?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::gtruth;

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        for (path, text) in [
            ("b.png", ""),
            ("a b.png", ""),
            ("B.PNG", ""),
            ("notes.txt", "\u{feff}first\r\nsecond \"quoted\"\r\n"),
            (".hidden.png", ""),
            ("sub/c.png", ""),
            ("sub/.git/d.png", ""),
        ] {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("writable");
            std::fs::write(path, text).expect("writable");
        }
        dir
    }

    #[track_caller]
    fn check(flags: &str, expected: &str) {
        let dir = folder();
        let (_, out, err) = gtruth(&format!("manifest from-dir DIR {flags}"), dir.path());
        assert_eq!(if out.is_empty() { err } else { out }, expected.replace("DIR", &dir.path().display().to_string()));
    }

    #[test]
    fn files_become_lines_in_the_order_of_keys() {
        check(
            "--uri s3://b/p --ext png",
            "{\"source-ref\":\"s3://b/p/B.PNG\"}\n{\"source-ref\":\"s3://b/p/a b.png\"}\n{\"source-ref\":\"s3://b/p/b.png\"}\n",
        );
        check("--uri s3://b/p/ --pattern sub/*.png -r", "{\"source-ref\":\"s3://b/p/sub/c.png\"}\n");
        check(
            "--text --ext txt --set river=Tamar --set-json depth=1.40",
            "{\"source\":\"first\\r\\nsecond \\\"quoted\\\"\",\"river\":\"Tamar\",\"depth\":1.40}\n",
        );
    }

    #[test]
    fn what_does_not_fit_is_told() {
        check("--uri s3://b/p --ext tif", "error: DIR has no such files; --recursive looks into the folders below it");
        check("--uri s3://b/p --set source=x", "error: `source` holds the data object; it cannot be set");
        check("--uri s3://b/p --set a=1 --set-json a=1", "error: `a` is set twice");
    }

    #[test]
    fn lines_are_checked_by_the_rules() {
        let dir = folder();
        let (code, _, err) = gtruth("manifest from-dir DIR --uri b/p --ext png", dir.path());
        assert_eq!(code, 1);
        assert!(err.contains("line 1: error[M12]: source-ref does not start with s3://"), "{err}");
        assert!(err.ends_with("3 data objects\n"), "{err}");
    }
}
