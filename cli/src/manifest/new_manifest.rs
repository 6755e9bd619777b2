//! What every new manifest has in common: members for every line, the rules, and where it is written.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value};

use super::check::{Checked, Checker};
use super::expectations::{Expectations, optional_task_type};
use super::output_file::OutputFile;
use super::rules::{SOURCE, SOURCE_REF, extension};
use crate::files::json_lines::{LineEnd, RawLine};

/// How many problems of each rule are told.
const MAX_PER_RULE: usize = 10;

/// A data object of a new manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DataObject {
    /// A text, which becomes `source`.
    Text(String),
    /// An S3 URI, which becomes `source-ref`.
    File(String),
}

/// A line of a new manifest.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewLine {
    /// What workers will see.
    pub(crate) object: DataObject,
    /// Members of this line alone.
    pub(crate) members: Map<String, Value>,
}

impl NewLine {
    /// A line with a data object and nothing else.
    pub(crate) fn of(object: DataObject) -> Self {
        Self { object, members: Map::new() }
    }
}

/// What all lines of a new manifest share, and where they go.
#[derive(Debug)]
pub(crate) struct NewManifest<'a> {
    /// The file; without one, standard output.
    pub(crate) output: Option<&'a Path>,
    /// Whether a file that is there is replaced.
    pub(crate) replace: bool,
    /// Members of every line.
    pub(crate) constants: Map<String, Value>,
    /// The task that the manifest is for, by name.
    pub(crate) task_type: Option<&'a str>,
}

impl NewManifest<'_> {
    /// Writes a manifest line by line, and checks it by the rules.
    ///
    /// # Errors
    /// A line that cannot be made, a file that cannot be written.
    pub(crate) fn write(
        &self,
        lines: impl IntoIterator<Item = anyhow::Result<NewLine>>,
        stdout: &mut dyn Write,
    ) -> anyhow::Result<Checked> {
        let expected = Expectations { task_type: optional_task_type(self.task_type)?, ..Expectations::default() };
        let mut checker = Checker::new(&expected, MAX_PER_RULE);
        let mut output = OutputFile::create(self.output, self.replace, stdout)?;
        for (idx, line) in lines.into_iter().enumerate() {
            let text = line?.into_text(&self.constants)?;
            writeln!(output, "{text}")?;
            checker.line(RawLine {
                number: idx as u64 + 1,
                bytes: text.as_bytes(),
                n_bytes: text.len() as u64,
                end: LineEnd::LineFeed,
            });
        }
        output.finish()?;
        Ok(checker.finish())
    }
}

/// The members of every line, from texts and from JSON by name.
///
/// # Errors
/// What is not JSON, a member that holds the data object, and one that is set twice.
pub(crate) fn constants(
    texts: &[(String, String)],
    json_texts: &[(String, String)],
) -> anyhow::Result<Map<String, Value>> {
    let texts = texts.iter().map(|(name, text)| anyhow::Ok((name.clone(), Value::from(text.as_str()))));
    let values = json_texts.iter().map(|(name, json)| {
        let value = serde_json::from_str(json).with_context(|| format!("--set-json {name} is not valid JSON"))?;
        Ok((name.clone(), value))
    });
    let mut constants = Map::new();
    for constant in texts.chain(values) {
        let (name, value): (String, Value) = constant?;
        ensure!(![SOURCE, SOURCE_REF].contains(&&*name), "`{name}` holds the data object; it cannot be set");
        if constants.insert(name.clone(), value).is_some() {
            bail!("`{name}` is set twice");
        }
    }
    Ok(constants)
}

impl NewLine {
    fn into_text(self, constants: &Map<String, Value>) -> anyhow::Result<String> {
        let (name, value) = match self.object {
            DataObject::Text(text) => (SOURCE, text),
            DataObject::File(uri) => (SOURCE_REF, uri),
        };
        let mut line = Map::new();
        line.insert(name.to_owned(), Value::from(value));
        let constants = constants.iter().map(|(name, value)| (name.clone(), value.clone()));
        for (name, value) in self.members.into_iter().chain(constants) {
            ensure!(!line.contains_key(&name), "`{name}` would be on a line twice; leave one of them out");
            line.insert(name, value);
        }
        Ok(Value::Object(line).to_string())
    }
}

/// Which files become data objects.
#[derive(Debug)]
pub(crate) struct Chooser {
    extensions: BTreeSet<String>,
    pattern: Option<glob::Pattern>,
}

impl Chooser {
    /// Files with one of these extensions that match the pattern; without either, what the task type can show.
    pub(crate) fn new(extensions: &[String], pattern: Option<&str>, task_type: Option<&str>) -> anyhow::Result<Self> {
        let pattern = pattern.map(glob::Pattern::new).transpose().context("--pattern does not fit")?;
        let asked = extensions.iter().map(|extension| extension.trim_start_matches('.').to_ascii_lowercase());
        let mut extensions: BTreeSet<String> = asked.collect();
        if extensions.is_empty() && pattern.is_none() {
            let expected = Expectations { task_type: optional_task_type(task_type)?, ..Expectations::default() };
            extensions.extend(expected.file_kind().extensions().iter().map(|&extension| extension.to_owned()));
        }
        Ok(Self { extensions, pattern })
    }

    /// Whether a file is chosen by its path below the folder.
    pub(crate) fn chooses(&self, path: &str) -> bool {
        let is_hidden = path.split('/').any(|part| part.starts_with('.'));
        let by_extension = || {
            self.extensions.is_empty()
                || extension(path).is_some_and(|known| self.extensions.contains(&known.to_ascii_lowercase()))
        };
        let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::default() };
        let by_pattern = || self.pattern.as_ref().is_none_or(|pattern| pattern.matches_with(path, options));
        !path.is_empty() && !path.ends_with('/') && !is_hidden && by_extension() && by_pattern()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chooser(ext: &[&str], pattern: Option<&str>, task_type: Option<&str>) -> Chooser {
        let ext: Vec<String> = ext.iter().map(|&extension| extension.to_owned()).collect();
        Chooser::new(&ext, pattern, task_type).expect("arguments that fit")
    }

    fn check(chooser: &Chooser, chosen: &[&str], left_out: &[&str]) {
        for path in chosen {
            assert!(chooser.chooses(path), "{path} with {chooser:?}");
        }
        for path in left_out {
            assert!(!chooser.chooses(path), "{path} with {chooser:?}");
        }
    }

    #[test]
    fn files_are_chosen_by_ending_pattern_and_task() {
        check(&chooser(&[], None, None), &["a.png", "b/README"], &["", "b/", ".DS_Store", ".git/a.png"]);
        check(&chooser(&["png", ".JPG"], None, None), &["a.PNG", "x/b.jpg"], &["a.png.txt", "png", "c.jpeg"]);
        check(&chooser(&[], Some("day?/*.png"), None), &["day1/a.png"], &["a.png", "day1/x/a.png", "day12/a.png"]);
        check(&chooser(&[], Some("**/*.png"), None), &["a.png", "x/y/a.png"], &["x/a.jpg"]);
        check(&chooser(&[], None, Some("bounding-box")), &["a.jpeg"], &["a.tif"]);
        check(&chooser(&["tif"], None, Some("bounding-box")), &["a.tif"], &["a.jpeg"]);
    }
}
