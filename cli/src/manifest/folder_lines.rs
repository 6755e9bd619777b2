//! Lines of a new manifest: the files of a folder.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use super::local_files::folder_uri;
use super::new_manifest::{Chooser, DataObject, NewLine};
use crate::files::json_lines::BYTE_ORDER_MARK;

/// The files of a folder, and with `recursive` of those below it, that are chosen. As S3 sorts keys, so that the folder and
/// the bucket give the same manifest.
pub(crate) fn chosen_files(dir: &Path, recursive: bool, chooser: &Chooser) -> anyhow::Result<Vec<String>> {
    let mut paths = Vec::new();
    gather(dir, "", recursive, &mut paths)?;
    paths.retain(|path| chooser.chooses(path));
    paths.sort_unstable();
    Ok(paths)
}

/// The line of a file: with its address below `uri`, or else with its text.
pub(crate) fn line(dir: &Path, path: &str, uri: Option<&str>) -> anyhow::Result<NewLine> {
    Ok(NewLine::of(match uri {
        Some(uri) => DataObject::File(format!("{}{path}", folder_uri(uri))),
        None => DataObject::Text(text(&dir.join(path))?),
    }))
}

/// The paths of all files in a folder, below `below`, with slashes.
fn gather(dir: &Path, below: &str, recursive: bool, paths: &mut Vec<String>) -> anyhow::Result<()> {
    let unreadable = || format!("cannot read {}", dir.display());
    for entry in fs::read_dir(dir).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let Ok(name) = entry.file_name().into_string() else {
            bail!("{} is not a name in UTF-8, as keys in S3 are; rename the file", entry.path().display());
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
