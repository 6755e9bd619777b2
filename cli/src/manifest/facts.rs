//! What a manifest holds: counted while its lines go by.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::files::json_lines::RawObject;

/// How many different names are told apart; a manifest with more has names made of data.
const MAX_NAMES: usize = 1000;

/// What a manifest holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Facts {
    /// How many lines there are, whatever is on them.
    pub(crate) lines: u64,
    /// How many of them hold one JSON object.
    pub(crate) data_objects: u64,
    /// The size of the file.
    pub(crate) bytes: u64,
    /// Lines with `source`, and no `source-ref`.
    pub(crate) with_source: u64,
    /// Lines with `source-ref`, and no `source`.
    pub(crate) with_source_ref: u64,
    /// The first line of either.
    #[serde(skip)]
    pub(crate) first_with_source: Option<u64>,
    #[serde(skip)]
    pub(crate) first_with_source_ref: Option<u64>,
    /// On how many lines each member stands.
    pub(crate) members: BTreeMap<String, u64>,
    /// Members that are not in `members`, since it is full.
    pub(crate) other_members: u64,
    /// How many data objects lie in each bucket.
    pub(crate) buckets: BTreeMap<String, u64>,
    /// The longest line, in Unicode characters.
    pub(crate) longest_line: Extent,
    /// The longest value of a member, in Unicode characters.
    pub(crate) longest_value: Extent,
    /// Lines whose data object stands on an earlier line as well.
    pub(crate) double_sources: u64,
    /// Lines that have the label of the job already.
    pub(crate) labeled: u64,
    /// Lines with the metadata of an object that failed.
    pub(crate) failed_before: u64,
    /// Lines that have the earlier label that workers look at.
    pub(crate) with_audit_label: u64,
}

/// A length, and where it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Extent {
    /// The text's length in Unicode characters.
    pub(crate) characters: u64,
    /// The first line that has it; 0 when there is none.
    pub(crate) line: u64,
}

impl Extent {
    /// Counts a text where it may be the longest: it has at most as many characters as bytes.
    pub(crate) fn reach(&mut self, text: &str, line: u64) {
        if text.len() as u64 > self.characters {
            let characters = text.chars().count() as u64;
            if characters > self.characters {
                *self = Self { characters, line };
            }
        }
    }
}

impl Facts {
    /// Counts the members of a line.
    pub(crate) fn count_members(&mut self, object: &RawObject<'_>) {
        for member in &object.members {
            count(&mut self.members, &member.name, &mut self.other_members);
        }
    }

    /// Counts a data object's bucket.
    pub(crate) fn count_bucket(&mut self, bucket: &str) {
        // More buckets than that are not buckets; what they are is reported line by line.
        count(&mut self.buckets, bucket, &mut 0);
    }

    /// On how many lines a member stands.
    pub(crate) fn n_with(&self, member: &str) -> u64 {
        self.members.get(member).copied().unwrap_or_default()
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str, others: &mut u64) {
    if let Some(n) = counts.get_mut(name) {
        *n += 1;
    } else if counts.len() < MAX_NAMES {
        counts.insert(name.to_owned(), 1);
    } else {
        *others += 1;
    }
}
