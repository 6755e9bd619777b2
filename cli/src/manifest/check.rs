//! The pass over a manifest: every line once, in bounded memory but for the fingerprints that find doubles.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead};

use super::expectations::{Expectations, FileKind};
use super::facts::Facts;
use super::problems::CountedProblems;
use super::rules::{self, LINE_RULES, ManifestLine, SOURCE, SOURCE_REF, Source, WHOLE_RULES};
use super::sequence_file::SequenceFile;
use crate::files::json_lines::{LineEnd, LineReader, RawLine};
use crate::labeling_job::SourceMember;
use crate::problem::Level;

/// More of a line is not held in memory; it cannot be legal by far.
const MAX_KEPT_BYTES: usize = 1 << 20;

/// What a check found.
#[derive(Debug)]
pub(crate) struct Checked {
    /// What the manifest holds.
    pub(crate) facts: Facts,
    /// What stands against it.
    pub(crate) problems: CountedProblems,
}

impl Checked {
    /// Whether Ground Truth takes the manifest and every line of it.
    pub(crate) fn is_sound(&self) -> bool {
        self.problems.n_of(Level::Error) == 0
    }
}

/// Checks a manifest.
///
/// # Errors
/// Only what keeps the manifest from being read; what is wrong with it is what it is checked for.
pub(crate) fn check(manifest: impl BufRead, expected: &Expectations, max_per_rule: usize) -> io::Result<Checked> {
    let mut checker = Checker::new(expected, max_per_rule);
    let mut lines = LineReader::new(manifest, MAX_KEPT_BYTES);
    while let Some(line) = lines.next()? {
        checker.line(line);
    }
    Ok(checker.finish())
}

/// A check that takes its lines one by one.
#[derive(Debug)]
pub(crate) struct Checker<'e> {
    expected: &'e Expectations,
    facts: Facts,
    problems: CountedProblems,
    /// The first line of each data object, by a fingerprint of 64 bits: among a hundred thousand objects, two different
    /// ones have the same with a chance of three in ten billion, and a warning is all that comes of it.
    first_lines: HashMap<u64, u64>,
    first_prefixes: HashMap<String, u64>,
}

impl<'e> Checker<'e> {
    pub(crate) fn new(expected: &'e Expectations, max_per_rule: usize) -> Self {
        Self {
            expected,
            facts: Facts::default(),
            problems: CountedProblems::new(max_per_rule),
            first_lines: HashMap::new(),
            first_prefixes: HashMap::new(),
        }
    }

    /// Checks the next line.
    pub(crate) fn line(&mut self, raw: RawLine<'_>) {
        let mut line = ManifestLine::read(raw);
        line.same_source_as = self.earlier_line_of(&line);
        line.sequence = self.sequence_of(&line);
        self.count(&line);
        for rule in LINE_RULES {
            (rule.check)(&line, self.expected, &mut self.problems.of(rule.id, Some(raw.number)));
        }
    }

    /// Checks the manifest as a whole.
    pub(crate) fn finish(mut self) -> Checked {
        for rule in WHOLE_RULES {
            (rule.check)(&self.facts, self.expected, &mut self.problems.of(rule.id, None));
        }
        Checked { facts: self.facts, problems: self.problems }
    }

    fn earlier_line_of(&mut self, line: &ManifestLine<'_>) -> Option<u64> {
        let Some(Source::One(member, text)) = &line.source else { return None };
        let mut hasher = DefaultHasher::new();
        (*member == SourceMember::SourceRef).hash(&mut hasher);
        text.hash(&mut hasher);
        let first = *self.first_lines.entry(hasher.finish()).or_insert(line.raw.number);
        (first != line.raw.number).then_some(first)
    }

    fn sequence_of(&mut self, line: &ManifestLine<'_>) -> Option<SequenceFile> {
        let kind = self.expected.file_kind();
        if !matches!(kind, FileKind::VideoFrameSequence | FileKind::PointCloudSequence) {
            return None;
        }
        let path = rules::local_path(line, self.expected).filter(|path| path.is_file())?;
        let mut sequence = SequenceFile::read(&path);
        // The same sequence on two lines is told as a double data object.
        if let Some(prefix) = sequence.prefix().filter(|_| line.same_source_as.is_none()) {
            let first = *self.first_prefixes.entry(prefix.to_owned()).or_insert(line.raw.number);
            sequence.same_prefix_as = (first != line.raw.number).then_some(first);
        }
        Some(sequence)
    }

    fn count(&mut self, line: &ManifestLine<'_>) {
        let facts = &mut self.facts;
        let number = line.raw.number;
        facts.lines += 1;
        facts.bytes += line.raw.n_bytes
            + match line.raw.end {
                LineEnd::LineFeed => 1,
                LineEnd::CarriageReturnLineFeed => 2,
                LineEnd::EndOfFile => 0,
            };
        if let Some(text) = line.text {
            facts.longest_line.reach(text, number);
        }
        facts.double_sources += u64::from(line.same_source_as.is_some());
        let Some(object) = line.members() else { return };
        facts.data_objects += 1;
        facts.count_members(object);
        for member in &object.members {
            facts.longest_value.reach(member.value, number);
        }
        let has = |name: &str| object.value(name).is_some();
        if has(SOURCE) && !has(SOURCE_REF) {
            facts.with_source += 1;
            facts.first_with_source.get_or_insert(number);
        } else if has(SOURCE_REF) && !has(SOURCE) {
            facts.with_source_ref += 1;
            facts.first_with_source_ref.get_or_insert(number);
        }
        if let Some(Ok((bucket, _))) = line.source_ref().map(rules::s3_parts) {
            facts.count_bucket(bucket);
        }
        if let Some(label) = &self.expected.label_attribute {
            let failed = || matches!(rules::earlier(object, label), rules::Earlier::Failure);
            facts.labeled += u64::from(has(label));
            facts.failed_before += u64::from(failed());
        }
        facts.with_audit_label += u64::from(self.expected.audit_label.as_deref().is_some_and(has));
    }
}
