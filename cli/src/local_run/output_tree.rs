//! The files of a labeling job, laid out as Ground Truth lays them out below `<S3OutputPath>/<job name>/`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use ground_truth::s3_uri::S3Uri;
use time::UtcDateTime;

use super::folder_store::FolderStore;
use crate::files::whole_file::WholeFile;
use crate::files::wire_time;

/// The folders of the tree: all that an earlier run can have left, and all that is removed before a new one.
const FOLDERS: &[&str] = &["annotations", "manifests"];

const OUTPUT_MANIFEST: &str = "manifests/output/output.manifest";

/// The tree of one job: a folder on this computer, and the S3 URI that it stands for.
#[derive(Debug)]
pub(crate) struct OutputTree {
    folder: PathBuf,
    root: S3Uri,
}

impl OutputTree {
    pub(crate) fn new(folder: PathBuf, root: S3Uri) -> Self {
        Self { folder, root }
    }

    /// Sees to it that nothing of an earlier run is left.
    ///
    /// # Errors
    /// When the folder holds anything and `overwrite` does not allow to replace an earlier run.
    pub(crate) fn clear(&self, overwrite: bool) -> anyhow::Result<()> {
        let is_empty = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            entries => entries.with_context(|| format!("cannot read {}", self.folder.display()))?.next().is_none(),
        };
        ensure!(
            is_empty || overwrite,
            "{} is not empty; give --overwrite to replace an earlier run, or another folder with --output",
            self.folder.display()
        );
        for folder in FOLDERS.iter().map(|name| self.folder.join(name)).filter(|folder| folder.exists()) {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        Ok(())
    }

    /// The tree as the consolidation function sees it.
    pub(crate) fn store(&self) -> FolderStore {
        FolderStore::default().with(&self.root, &self.folder)
    }

    /// `outputConfig` of the consolidation function.
    pub(crate) fn annotations_uri(&self) -> S3Uri {
        self.root.join("annotations")
    }

    pub(crate) fn write_worker_response(&self, object: &str, time: UtcDateTime, bytes: &[u8]) -> anyhow::Result<()> {
        let file = wire_time::file_name(time);
        self.write(&format!("annotations/worker-response/iteration-1/{object}/{file}"), bytes).map(drop)
    }

    /// Writes the payload of the consolidation function; gives back its S3 URI.
    pub(crate) fn write_request(&self, time: UtcDateTime, bytes: &[u8]) -> anyhow::Result<S3Uri> {
        self.write_batch("consolidation-request", time, bytes)
    }

    pub(crate) fn write_response(&self, time: UtcDateTime, bytes: &[u8]) -> anyhow::Result<()> {
        self.write_batch("consolidation-response", time, bytes).map(drop)
    }

    fn write_batch(&self, folder: &str, time: UtcDateTime, bytes: &[u8]) -> anyhow::Result<S3Uri> {
        let file = wire_time::file_name(time);
        self.write(&format!("annotations/consolidated-annotation/{folder}/iteration-1/{file}"), bytes)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> anyhow::Result<S3Uri> {
        let file = self.folder.join(path);
        create_parent(&file)
            .and_then(|()| fs::write(&file, bytes))
            .with_context(|| format!("cannot write {}", file.display()))?;
        Ok(self.root.join(path))
    }

    pub(crate) fn output_manifest(&self) -> anyhow::Result<OutputManifest> {
        OutputManifest::create(self.folder.join(OUTPUT_MANIFEST))
    }
}

fn create_parent(file: &Path) -> io::Result<()> {
    fs::create_dir_all(file.parent().unwrap_or(Path::new("")))
}

/// The output manifest while it grows.
#[derive(Debug)]
pub(crate) struct OutputManifest {
    path: PathBuf,
    file: WholeFile,
}

impl OutputManifest {
    fn create(path: PathBuf) -> anyhow::Result<Self> {
        create_parent(&path).with_context(|| format!("cannot write {}", path.display()))?;
        let file = WholeFile::create(&path)?;
        Ok(Self { path, file })
    }

    pub(crate) fn write_line(&mut self, line: &str) -> anyhow::Result<()> {
        writeln!(self.file, "{line}").with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Gives the manifest its name, and back to the caller.
    pub(crate) fn finish(self) -> anyhow::Result<PathBuf> {
        self.file.finish()?;
        Ok(self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(folder: &Path) -> OutputTree {
        OutputTree::new(folder.join("job"), "s3://b/jobs/job".parse().expect("an S3 URI"))
    }

    #[test]
    fn what_others_left_is_neither_mixed_with_nor_removed() {
        let dir = tempfile::tempdir().expect("a folder");
        let tree = tree(dir.path());
        tree.clear(false).expect("there is nothing yet");
        tree.write("annotations/x/y.json", b"{}").expect("writable");
        fs::write(dir.path().join("job/notes.txt"), "mine").expect("writable");

        let err = tree.clear(false).expect_err("not empty").to_string();
        assert!(err.contains("is not empty; give --overwrite"), "{err}");
        tree.clear(true).expect("told to");
        assert!(!dir.path().join("job/annotations").exists());
        assert!(dir.path().join("job/notes.txt").exists());
    }

    #[test]
    fn a_part_of_a_manifest_is_not_called_one() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("job").join(OUTPUT_MANIFEST);
        let mut manifest = tree(dir.path()).output_manifest().expect("writable");
        manifest.write_line("{}").expect("writable");
        assert!(!path.exists());
        assert_eq!(manifest.finish().expect("writable"), path);
        assert_eq!(fs::read_to_string(path).expect("readable"), "{}\n");
    }
}
