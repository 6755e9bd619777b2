//! Reading configuration documents (the consolidation plan, the task-input plan, a job file's own section): every mistake
//! at once, each named by its path, and unknown members with the nearest known name.

use std::fmt;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// One mistake in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: `fields.animal.quorum`; empty for the document itself.
    pub path: String,
    /// What, and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.path, self.message) }
    }
}

/// Every mistake of a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Problems(pub Vec<Problem>);

/// Parses a document's text.
///
/// # Errors
/// One problem with its line and column, when the text is not JSON.
pub fn parse(text: &str) -> Result<Value, Problems> {
    serde_json::from_str(text).map_err(|error| {
        Problems(vec![Problem { path: String::new(), message: format!("the document is not JSON: {error}") }])
    })
}

/// Reads the members of one JSON object, remembers which were asked for, and gathers what is wrong.
///
/// Ask for every member, then call [`Reader::finish`]: what was never asked for is unknown.
#[derive(Debug)]
pub struct Reader<'a> {
    path: String,
    members: Option<&'a Map<String, Value>>,
    asked: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Reads `value`, which stands at `path` and should be an object.
    pub fn new(value: &'a Value, path: impl Into<String>) -> Self {
        let mut reader =
            Self { path: path.into(), members: value.as_object(), asked: Vec::new(), problems: Vec::new() };
        if reader.members.is_none() {
            reader.problem_here("must be a JSON object");
        }
        reader
    }

    /// The member `name`; `null` counts as absent.
    pub fn member(&mut self, name: &'static str) -> Option<&'a Value> {
        self.asked.push(name);
        self.members?.get(name).filter(|value| !value.is_null())
    }

    /// The member `name` read by `read`, which says what it must be when it returns `None`.
    pub fn read<T>(
        &mut self,
        name: &'static str,
        must_be: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.member(name)?;
        let read = read(value);
        if read.is_none() {
            self.problem(name, format!("must be {must_be}"));
        }
        read
    }

    /// A text; `None` when the member is missing or, with a problem noted, anything else.
    pub fn text(&mut self, name: &'static str) -> Option<&'a str> {
        self.read(name, "a text", Value::as_str)
    }

    /// `true` or `false`; `None` when the member is missing or, with a problem noted, anything else.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.read(name, "true or false", Value::as_bool)
    }

    /// A list of texts; `None` when the member is missing or, with a problem noted, anything else.
    pub fn texts(&mut self, name: &'static str) -> Option<Vec<&'a str>> {
        self.read(name, "a list of texts", |value| value.as_array()?.iter().map(Value::as_str).collect())
    }

    /// A number within `range`, ends included; `None` when the member is missing or, with a problem noted, anything else.
    pub fn number(&mut self, name: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        let must_be = match range.end() {
            // An end that only keeps arithmetic finite is nothing to tell.
            end if *end >= 1e15 => format!("a number from {} on", range.start()),
            end => format!("a number from {} to {end}", range.start()),
        };
        self.read(name, &must_be, |value| value.as_f64().filter(|number| range.contains(number)))
    }

    /// A whole number within `range`.
    pub fn integer(&mut self, name: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let must_be = format!("a whole number from {} to {}", range.start(), range.end());
        self.read(name, &must_be, |value| value.as_u64().filter(|number| range.contains(number)))
    }

    /// One of `choices`, by its name.
    pub fn choice<T: Copy>(&mut self, name: &'static str, choices: &[(&'static str, T)]) -> Option<T> {
        let value = self.member(name)?;
        let chosen = value.as_str().and_then(|text| choices.iter().find(|(choice, _)| *choice == text));
        if chosen.is_none() {
            let names: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
            self.problem(name, must_be_one_of(&names, value.as_str()));
        }
        chosen.map(|(_, value)| *value)
    }

    /// The members of the object under `name`, each with its value and its path; none when it is absent.
    pub fn entries(&mut self, name: &'static str) -> Vec<(&'a str, &'a Value, String)> {
        let path = self.path_of(name);
        let members = self.read(name, "a JSON object", Value::as_object);
        members.into_iter().flatten().map(|(key, value)| (key.as_str(), value, format!("{path}.{key}"))).collect()
    }

    /// Notes that the member `name` is wrong.
    pub fn problem(&mut self, name: &str, message: impl Into<String>) {
        let path = self.path_of(name);
        self.problems.push(Problem { path, message: message.into() });
    }

    /// Notes that the object as a whole is wrong.
    pub fn problem_here(&mut self, message: impl Into<String>) {
        self.problems.push(Problem { path: self.path.clone(), message: message.into() });
    }

    /// Adds the problems of a value further inside.
    pub fn add_problems(&mut self, inner: Vec<Problem>) {
        self.problems.extend(inner);
    }

    /// Adds a problem for every member that was never asked for, and gives all problems back.
    pub fn finish(mut self) -> Vec<Problem> {
        for name in self.members.into_iter().flat_map(Map::keys) {
            if !self.asked.contains(&name.as_str()) {
                let message = match nearest(name, &self.asked) {
                    Some(known) => format!("unknown member; did you mean `{known}`?"),
                    None => format!("unknown member; known are {}", list(&self.asked)),
                };
                let path = self.path_of(name);
                self.problems.push(Problem { path, message });
            }
        }
        self.problems
    }

    /// Gives back what was found so far, without looking for unknown members: for an object of which too little is known
    /// to say what belongs into it.
    pub fn problems_so_far(self) -> Vec<Problem> {
        self.problems
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// The message for a text that is none of `names`.
pub fn must_be_one_of(names: &[&str], given: Option<&str>) -> String {
    match given.and_then(|given| nearest(given, names)) {
        Some(known) => format!("must be {}; did you mean `{known}`?", list(names)),
        None => format!("must be {}", list(names)),
    }
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The known name nearest to a misspelt one: the fewest single-character edits, at most a third of its length (but
/// always one); ties go to the name that comes first. Case counts half an edit.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let bound = 2 * (name.chars().count() / 3).max(1);
    let distance = |candidate: &str| half_edits(name, candidate);
    known.iter().copied().filter(|candidate| distance(candidate) <= bound).min_by_key(|candidate| distance(candidate))
}

/// The distance of two words in half edits (optimal string alignment): 2 for an insertion, a deletion, a substitution or
/// a swap of neighbors, 1 for a change of case.
fn half_edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut distance = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            distance[i][j] = match (i, j) {
                (0, n) | (n, 0) => 2 * n,
                _ => {
                    let substitution = match (a[i - 1], b[j - 1]) {
                        (from, to) if from == to => 0,
                        (from, to) if from.eq_ignore_ascii_case(&to) => 1,
                        _ => 2,
                    };
                    let edited = (distance[i - 1][j] + 2).min(distance[i][j - 1] + 2);
                    let best = edited.min(distance[i - 1][j - 1] + substitution);
                    let is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                    if is_swap { best.min(distance[i - 2][j - 2] + 2) } else { best }
                }
            };
        }
    }
    distance[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_mistake_is_found_at_once() {
        let value = json!({"quorom": 2, "threshold": 1.5, "ties": "frist", "extra": 1, "list": ["a", 2]});
        let mut reader = Reader::new(&value, "fields.animal");
        reader.integer("quorum", 1..=9);
        reader.number("threshold", 0.0..=1.0);
        reader.choice("ties", &[("first", 1), ("unresolved", 2)]);
        reader.texts("list");
        let found: Vec<String> = reader.finish().iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "fields.animal.threshold: must be a number from 0 to 1",
                "fields.animal.ties: must be `first` or `unresolved`; did you mean `first`?",
                "fields.animal.list: must be a list of texts",
                "fields.animal.quorom: unknown member; did you mean `quorum`?",
                "fields.animal.extra: unknown member; known are `quorum`, `threshold`, `ties` or `list`",
            ]
        );
    }

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(nearest("iouTreshold", &["iouThreshold", "keep"]), Some("iouThreshold"));
        assert_eq!(nearest("outputformat", &["outputFormat"]), Some("outputFormat"));
        assert_eq!(nearest("banana", &["outputFormat"]), None);
        assert_eq!(nearest("", &["a"]), Some("a"));
    }

    #[test]
    fn null_is_absent_and_no_object_is_a_mistake() {
        let value = json!({"a": null});
        let mut reader = Reader::new(&value, "");
        assert_eq!(reader.text("a"), None);
        assert_eq!(reader.finish(), []);
        assert_eq!(Reader::new(&json!([]), "plan").finish()[0].to_string(), "plan: must be a JSON object");
    }
}
