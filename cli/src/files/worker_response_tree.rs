//! The folder of worker-response files: `iteration-<n>/<datasetObjectId>/*.json`, or the same without iterations.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, ensure};

/// Where the raw answers of a labeling job lie, in its own folder or in a copy of it.
#[derive(Debug)]
pub(crate) struct WorkerResponseTree {
    /// The folders that hold one folder per data object, the first iteration first.
    iterations: Vec<PathBuf>,
}

impl WorkerResponseTree {
    /// # Errors
    /// When the folder cannot be read, or holds no folders.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let entries = entries(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        ensure!(
            entries.iter().any(|(_, path)| path.is_dir()),
            "{} holds no recorded answers; they lie in iteration-<n>/<index in the manifest>/*.json",
            folder.display()
        );
        let mut numbered: Vec<(u32, PathBuf)> =
            entries.into_iter().filter_map(|(name, path)| Some((iteration(&name)?, path))).collect();
        numbered.sort();
        let iterations = numbered.into_iter().map(|(_, path)| path);
        Ok(Self { iterations: std::iter::once(folder.to_owned()).chain(iterations).collect() })
    }

    /// The ids of the objects that have a folder, in the order of their names.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub(crate) fn object_ids(&self) -> anyhow::Result<BTreeSet<String>> {
        let mut ids = BTreeSet::new();
        for folder in &self.iterations {
            let names = folder_names(folder).with_context(|| format!("cannot read {}", folder.display()))?;
            ids.extend(names.into_iter().filter(|name| iteration(name).is_none()));
        }
        Ok(ids)
    }

    /// The files of one object, the first iteration first and within one in the order of their names, which begin with
    /// their time; none where nobody answered.
    ///
    /// # Errors
    /// When a folder that is there cannot be read.
    pub(crate) fn files_of(&self, object: &str) -> anyhow::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for iteration in &self.iterations {
            let folder = iteration.join(object);
            let entries = match entries(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries.with_context(|| format!("cannot read {}", folder.display()))?,
            };
            files.extend(entries.into_iter().filter(|(name, _)| name.ends_with(".json")).map(|(_, path)| path));
        }
        Ok(files)
    }
}

/// The number of an `iteration-<n>` folder.
pub(crate) fn iteration(name: &str) -> Option<u32> {
    name.strip_prefix("iteration-")?.parse().ok()
}

/// What a folder holds, by name.
pub(crate) fn entries(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let entry = |entry: io::Result<fs::DirEntry>| {
        entry.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
    };
    let mut entries: Vec<(String, PathBuf)> = fs::read_dir(folder)?.map(entry).collect::<io::Result<_>>()?;
    entries.sort();
    Ok(entries)
}

/// The names of the folders that a folder holds. The entry's own type spares a question to the disk for each.
fn folder_names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() || (kind.is_symlink() && entry.path().is_dir()) {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}
