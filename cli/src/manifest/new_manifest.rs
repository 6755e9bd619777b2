//! What every new manifest has in common: members for every line, the rules, and where it is written.

use std::collections::BTreeSet;
use std::io::Write;

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value};

use super::check::Checker;
use super::expectations::{Expectations, optional_task_type};
use super::output_file::OutputFile;
use super::rules::{SOURCE, SOURCE_REF, extension, grouped};
use crate::args::{ChosenFilesArgs, NewManifestArgs};
use crate::console::ExitStatus;
use crate::console::words::counted;
use crate::files::json_lines::{LineEnd, RawLine};
use crate::problem::Level;

/// How many problems of each rule are told.
const MAX_PER_RULE: usize = 10;

/// A data object of a new manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DataObject {
    /// The object itself.
    Text(String),
    /// Its S3 URI.
    File(String),
}

/// A line of a new manifest.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NewLine {
    /// What workers will see.
    pub(super) object: DataObject,
    /// Members of this line alone.
    pub(super) members: Map<String, Value>,
}

impl NewLine {
    /// A line with a data object and nothing else.
    pub(super) fn of(object: DataObject) -> Self {
        Self { object, members: Map::new() }
    }
}

/// Writes a manifest line by line, checks it by the rules, and says to `err` what stands against it.
///
/// # Errors
/// A line that cannot be made, a member that is set twice, a file that cannot be written.
pub(super) fn write(
    lines: impl IntoIterator<Item = anyhow::Result<NewLine>>,
    args: &NewManifestArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let expected =
        Expectations { task_type: optional_task_type(args.task_type.as_deref())?, ..Expectations::default() };
    let constants = constants(args)?;
    let mut checker = Checker::new(&expected, MAX_PER_RULE);
    let mut output = OutputFile::create(args.output.as_deref(), args.force, out)?;
    for (idx, line) in lines.into_iter().enumerate() {
        let text = line?.into_text(&constants)?;
        writeln!(output, "{text}")?;
        checker.line(RawLine {
            number: idx as u64 + 1,
            bytes: text.as_bytes(),
            n_bytes: text.len() as u64,
            end: LineEnd::LineFeed,
        });
    }
    output.finish()?;
    let checked = checker.finish();
    // What is good to know about a manifest of one's own making is known.
    for problem in checked.problems.kept().iter().filter(|problem| problem.level != Level::Info) {
        match problem.location.line() {
            Some(line) => writeln!(err, "line {line}: {problem}")?,
            None => writeln!(err, "{problem}")?,
        }
    }
    for (rule, level, count) in checked.problems.not_kept().filter(|(_, level, _)| *level != Level::Info) {
        writeln!(err, "{level}[{rule}]: and {} more", grouped(count))?;
    }
    writeln!(err, "{}", counted(grouped(checked.facts.data_objects), "data object"))?;
    Ok(if checked.is_sound() { ExitStatus::Success } else { ExitStatus::FoundFailures })
}

fn constants(args: &NewManifestArgs) -> anyhow::Result<Map<String, Value>> {
    let texts = args.set.iter().map(|(name, text)| anyhow::Ok((name.clone(), Value::from(text.as_str()))));
    let values = args.set_json.iter().map(|(name, json)| {
        let value = serde_json::from_str(json).with_context(|| format!("--set-json {name} is no JSON"))?;
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
            ensure!(!line.contains_key(&name), "`{name}` would stand on a line twice; leave one of them out");
            line.insert(name, value);
        }
        Ok(Value::Object(line).to_string())
    }
}

/// Which files become data objects.
#[derive(Debug)]
pub(super) struct Chooser {
    extensions: BTreeSet<String>,
    pattern: Option<glob::Pattern>,
}

impl Chooser {
    /// What the arguments ask for; without them, what the task type can show.
    pub(super) fn new(args: &ChosenFilesArgs, task_type: Option<&str>) -> anyhow::Result<Self> {
        let pattern = args.pattern.as_deref().map(glob::Pattern::new).transpose().context("--pattern does not fit")?;
        let asked = args.ext.iter().map(|extension| extension.trim_start_matches('.').to_ascii_lowercase());
        let mut extensions: BTreeSet<String> = asked.collect();
        if extensions.is_empty() && pattern.is_none() {
            let expected = Expectations { task_type: optional_task_type(task_type)?, ..Expectations::default() };
            extensions.extend(expected.file_kind().extensions().iter().map(|&extension| extension.to_owned()));
        }
        Ok(Self { extensions, pattern })
    }

    /// Whether a file is chosen by its path below the folder.
    pub(super) fn chooses(&self, path: &str) -> bool {
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
        let ext = ext.iter().map(|&extension| extension.to_owned()).collect();
        let args = ChosenFilesArgs { ext, pattern: pattern.map(str::to_owned), recursive: true };
        Chooser::new(&args, task_type).expect("arguments that fit")
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
