//! Where a command writes a manifest: standard output, or a file that is there only once it is complete.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// What a manifest is written to.
pub(super) enum OutputFile<'a> {
    /// Standard output.
    Stream(&'a mut dyn Write),
    /// A file, under another name until it is complete.
    File {
        /// Its writer.
        writer: BufWriter<File>,
        /// Where it is for now.
        partial: PathBuf,
        /// Where it will be.
        path: PathBuf,
    },
}

impl<'a> OutputFile<'a> {
    /// Opens what `path` names: a file, or `stdout` for `-` and for no path.
    ///
    /// # Errors
    /// When the file is there and may not be replaced, or cannot be written.
    pub(super) fn create(path: Option<&Path>, replace: bool, stdout: &'a mut dyn Write) -> anyhow::Result<Self> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else { return Ok(Self::Stream(stdout)) };
        if !replace && path.exists() {
            bail!("{} is there already; give --force to replace it", path.display());
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let partial = path.with_file_name(name);
        let file = File::create(&partial).with_context(|| format!("cannot write {}", partial.display()))?;
        Ok(Self::File { writer: BufWriter::new(file), partial, path: path.to_owned() })
    }

    /// Whether this is standard output.
    pub(super) fn is_stdout(&self) -> bool {
        matches!(self, Self::Stream(_))
    }

    /// Makes the file complete; one that is dropped before never comes to be.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        self.flush()?;
        if let Self::File { partial, path, .. } = &self {
            fs::rename(partial, path).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}

impl Write for OutputFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stream(stdout) => stdout.write(bytes),
            Self::File { writer, .. } => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stream(stdout) => stdout.flush(),
            Self::File { writer, .. } => writer.flush(),
        }
    }
}

impl Drop for OutputFile<'_> {
    fn drop(&mut self) {
        if let Self::File { partial, .. } = self {
            // Gone already where the file was finished; and a rest that cannot be removed harms nobody.
            fs::remove_file(partial).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_once_it_is_complete() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a.manifest");
        let names = || fs::read_dir(dir.path()).expect("readable").count();
        let create = |replace| OutputFile::create(Some(&path), replace, &mut Vec::new()).map(drop);

        create(false).expect("a file that is given up");
        assert_eq!(names(), 0);
        let mut stdout = Vec::new();
        let mut file = OutputFile::create(Some(&path), false, &mut stdout).expect("a file");
        file.write_all(b"{}\n").expect("writable");
        assert!(!path.exists());
        file.finish().expect("complete");
        assert_eq!((fs::read(&path).expect("readable"), names()), (b"{}\n".to_vec(), 1));

        let refused = create(false).expect_err("the file is there").to_string();
        assert!(refused.ends_with("is there already; give --force to replace it"), "{refused}");
        create(true).expect("a file to replace");
        assert_eq!((fs::read(&path).expect("readable"), names()), (b"{}\n".to_vec(), 1));
    }
}
