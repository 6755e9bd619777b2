//! Files that get their name only when they are whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;

/// Writes the file at `path`, in place of one that is there.
///
/// # Errors
/// When `write` fails, or the file cannot be written.
pub(crate) fn write(path: &Path, write: impl FnOnce(&mut WholeFile) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut file = WholeFile::create(path)?;
    write(&mut file).with_context(|| unwritable(path))?;
    file.finish()
}

/// A file that is being written, under another name. One that is dropped before it is finished never comes to be.
#[derive(Debug)]
pub(crate) struct WholeFile {
    writer: BufWriter<File>,
    part: PathBuf,
    path: PathBuf,
}

impl WholeFile {
    /// Begins the file that will be at `path`, in place of one that is there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        let part = path.with_added_extension("part");
        let file = File::create(&part).with_context(|| unwritable(path))?;
        Ok(Self { writer: BufWriter::new(file), part, path: path.to_owned() })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When the rest of it cannot be written.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        self.finish_as_of(None)
    }

    /// The same for a copy, which gets the age of its original.
    ///
    /// # Errors
    /// When the rest of it cannot be written.
    pub(crate) fn finish_as_of(mut self, modified: Option<SystemTime>) -> anyhow::Result<()> {
        let finished = self.writer.flush().and_then(|()| {
            modified.map_or(Ok(()), |modified| self.writer.get_ref().set_modified(modified))?;
            fs::rename(&self.part, &self.path)
        });
        finished.with_context(|| unwritable(&self.path))
    }
}

fn unwritable(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        // Gone already where the file was finished; and a rest that cannot be removed harms nobody.
        fs::remove_file(&self.part).ok();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_file_is_there_once_it_is_whole() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a.manifest");
        let names = || fs::read_dir(dir.path()).expect("readable").count();

        drop(WholeFile::create(&path).expect("a file that is given up"));
        assert_eq!(names(), 0);
        let mut file = WholeFile::create(&path).expect("a file");
        file.write_all(b"{}\n").expect("writable");
        assert!(!path.exists());
        file.finish().expect("whole");
        assert_eq!((fs::read(&path).expect("readable"), names()), (b"{}\n".to_vec(), 1));

        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_714_979_289);
        WholeFile::create(&path).expect("a file").finish_as_of(Some(old)).expect("whole");
        let metadata = fs::metadata(&path).expect("a file");
        assert_eq!((metadata.len(), metadata.modified().expect("its age"), names()), (0, old, 1));
    }
}
