//! The folder that a command writes its files into.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::files::whole_file::{self, WholeFile};

/// A folder for the files of one run.
#[derive(Debug)]
pub(crate) struct OutputFolder<'a> {
    path: &'a Path,
}

impl<'a> OutputFolder<'a> {
    /// Makes the folder where it is missing.
    ///
    /// # Errors
    /// When one of `files` is there already and may not be replaced, or the folder cannot be made.
    pub(crate) fn create(path: &'a Path, files: &[&str], overwrite: bool) -> anyhow::Result<Self> {
        for file in files {
            ensure!(
                overwrite || !path.join(file).exists(),
                "{} holds {file} of an earlier run; give --overwrite to replace it, or another folder with --out",
                path.display()
            );
        }
        fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", path.display()))?;
        Ok(Self { path })
    }

    /// Where a file of this name lies.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes one file. It gets its name only when it is whole.
    ///
    /// # Errors
    /// When `write` fails, or the file cannot be written.
    pub(crate) fn write(
        &self,
        name: &str,
        write: impl FnOnce(&mut WholeFile) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        whole_file::write(&self.file(name), write)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use anyhow::bail;

    use super::*;

    #[test]
    fn a_file_is_there_when_it_is_whole() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("new");
        let folder = OutputFolder::create(&path, &["a", "b"], false).expect("a folder");
        folder.write("a", |file| Ok(file.write_all(b"all")?)).expect("written");
        let failed = folder.write("b", |file| {
            file.write_all(b"a part")?;
            bail!("torn")
        });
        assert!(format!("{:#}", failed.expect_err("torn")).ends_with("b: torn"));
        assert_eq!(fs::read_to_string(folder.file("a")).expect("a file"), "all");
        assert!(!folder.file("b").exists());

        let refused = OutputFolder::create(&path, &["b", "a"], false).expect_err("a file is there").to_string();
        assert!(refused.contains("holds a of an earlier run; give --overwrite"), "{refused}");
        OutputFolder::create(&path, &["a"], true).expect("a folder");
        OutputFolder::create(&path, &["c"], false).expect("a folder");
    }
}
