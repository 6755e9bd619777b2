//! Where a command writes a manifest: standard output, or a file that is there only once it is whole.

use std::io::{self, Write};
use std::path::Path;

use anyhow::bail;

use crate::files::whole_file::WholeFile;

/// What a manifest is written to.
pub(crate) enum OutputFile<'a> {
    /// Standard output, written as it comes.
    Stream(&'a mut dyn Write),
    /// A file, which appears once it is whole.
    File(WholeFile),
}

impl<'a> OutputFile<'a> {
    /// Opens what `path` names: a file, or `stdout` for `-` and for no path.
    ///
    /// # Errors
    /// When the file is there and may not be replaced, or cannot be written.
    pub(crate) fn create(path: Option<&Path>, replace: bool, stdout: &'a mut dyn Write) -> anyhow::Result<Self> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else { return Ok(Self::Stream(stdout)) };
        if !replace && path.exists() {
            bail!("{} is there already; give --force to replace it", path.display());
        }
        WholeFile::create(path).map(Self::File)
    }

    /// Whether this is standard output.
    pub(crate) fn is_stdout(&self) -> bool {
        matches!(self, Self::Stream(_))
    }

    /// Makes the file whole; one that is dropped before never comes to be.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Stream(stdout) => Ok(stdout.flush()?),
            Self::File(file) => file.finish(),
        }
    }
}

impl Write for OutputFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stream(stdout) => stdout.write(bytes),
            Self::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stream(stdout) => stdout.flush(),
            Self::File(file) => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_replaced_only_when_told() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a.manifest");
        let mut stdout = Vec::new();
        let mut create = |replace| OutputFile::create(Some(&path), replace, &mut stdout).and_then(OutputFile::finish);
        create(false).expect("a new file");
        fs::write(&path, "{}\n").expect("writable");
        let refused = create(false).expect_err("the file is there").to_string();
        assert!(refused.ends_with("is there already; give --force to replace it"), "{refused}");
        create(true).expect("a file to replace");
        assert_eq!(fs::read(&path).expect("readable"), b"");
    }
}
