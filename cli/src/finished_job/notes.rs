//! What was odd about a job, counted. Nothing here quotes an answer or names a worker.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

/// One kind of oddity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Note {
    /// A worker answered an object again; the newest answer counts.
    ReplacedAnswer,
    /// An answer that is not a form.
    RejectedAnswer,
    /// A file among the worker responses in another format.
    UnreadableFile,
    /// A file among the consolidation requests and responses in another format.
    UnreadableBatch,
    /// A line of the manifest that is not a JSON object.
    UnreadableLine,
    /// An object whose answers stand only in a consolidation request.
    OnlyInRequest,
    /// Answers to an object that no manifest line belongs to.
    WithoutLine,
    /// A line that stands elsewhere than its object's id says, found again by what it shows.
    LineFoundBySource,
    /// A line that shows something else than its object did.
    LineOfOtherSource,
    /// A label that stands in a file of its own, which is not there.
    LabelFileMissing,
    /// An object that several jobs have.
    ObjectOfSeveralJobs,
    /// A label of a joined job under another attribute.
    LabelOfOtherAttribute,
    /// An object in S3 whose key no file can have.
    UnusableKey,
}

impl Note {
    /// The name in reports for machines.
    fn name(self) -> &'static str {
        match self {
            Self::ReplacedAnswer => "replacedAnswers",
            Self::RejectedAnswer => "rejectedAnswers",
            Self::UnreadableFile => "unreadableFiles",
            Self::UnreadableBatch => "unreadableBatches",
            Self::UnreadableLine => "unreadableLines",
            Self::OnlyInRequest => "objectsOnlyInRequests",
            Self::WithoutLine => "objectsWithoutLine",
            Self::LineFoundBySource => "linesFoundBySource",
            Self::LineOfOtherSource => "linesOfOtherSource",
            Self::LabelFileMissing => "missingLabelFiles",
            Self::ObjectOfSeveralJobs => "objectsOfSeveralJobs",
            Self::LabelOfOtherAttribute => "labelsOfOtherAttribute",
            Self::UnusableKey => "unusableKeys",
        }
    }

    fn sentence(self, n: usize) -> String {
        let of = |one: &str, many: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {many}") };
        match self {
            Self::ReplacedAnswer => {
                format!("{} replaced by a newer one of the same worker", of("answer was", "answers were"))
            }
            Self::RejectedAnswer => format!("{} and set aside", of("answer is not a form", "answers are not forms")),
            Self::UnreadableFile => of("file is not a worker-response file", "files are not worker-response files"),
            Self::UnreadableBatch => of(
                "file is not a consolidation request or response",
                "files are not consolidation requests or responses",
            ),
            Self::UnreadableLine => of("manifest line is not a JSON object", "manifest lines are not JSON objects"),
            Self::OnlyInRequest => {
                format!("{} read from a consolidation request, without times", of("object was", "objects were"))
            }
            Self::WithoutLine => {
                format!(
                    "{} answers and no manifest line; give the manifest with --manifest",
                    of("object has", "objects have")
                )
            }
            Self::LineFoundBySource => {
                format!(
                    "{} not at the index that is the object's id, and found by the source",
                    of("manifest line is", "manifest lines are")
                )
            }
            Self::LineOfOtherSource => {
                format!(
                    "{} something else than workers saw; is this the job's own manifest?",
                    of("manifest line shows", "manifest lines show")
                )
            }
            Self::LabelFileMissing => {
                format!(
                    "{} in a file that is not in the job's folder (annotations/large-labels or \
                     annotations/consolidated-annotation/output)",
                    of("label is", "labels are")
                )
            }
            Self::ObjectOfSeveralJobs => {
                format!("{} in several jobs; the answers to all count", of("data object is", "data objects are"))
            }
            Self::LabelOfOtherAttribute => {
                format!(
                    "{} under another attribute than the first job's, and left out",
                    of("label of a joined job is", "labels of joined jobs are")
                )
            }
            Self::UnusableKey => {
                format!("{} a key that no file can have, and left out", of("object in S3 has", "objects in S3 have"))
            }
        }
    }
}

/// How often each kind occurred.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Notes(BTreeMap<Note, usize>);

impl Notes {
    pub(crate) fn count(&mut self, note: Note) {
        self.count_many(note, 1);
    }

    pub(crate) fn count_many(&mut self, note: Note, n: usize) {
        if n > 0 {
            *self.0.entry(note).or_default() += n;
        }
    }

    /// Adds the counts of another job.
    pub(crate) fn add(&mut self, other: Self) {
        for (note, n) in other.0 {
            self.count_many(note, n);
        }
    }

    /// A sentence for each kind of note, with its count.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(note, n)| note.sentence(*n))
    }

    /// How often `note` occurred.
    #[cfg(test)]
    pub(crate) fn of(&self, note: Note) -> usize {
        self.0.get(&note).copied().unwrap_or_default()
    }
}

/// One line each: `note: 3 answers were replaced by a newer one of the same worker`.
impl fmt::Display for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentences().try_for_each(|sentence| writeln!(f, "note: {sentence}"))
    }
}

/// An object of counts.
impl Serialize for Notes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(note, n)| (note.name(), n)))
    }
}
