//! Configuration: one JSON document in one environment variable, read once at cold start.
//!
//! ```json
//! {
//!   "labels": ["heron", "otter"],
//!   "constants": {"header": "Which animal is it?"},
//!   "lift": {"boxes": "/species/annotations"},
//!   "rename": {"depth-m": "depth"},
//!   "drop": ["manifestLine"],
//!   "humanAnnotation": {
//!     "member": "needs-review",
//!     "unlessLabeled": "species",
//!     "unlessConfident": {"label": "species", "atLeast": 0.9}
//!   }
//! }
//! ```
//!
//! Every member may be left out. What they do stands in [`crate::task_input`] and [`crate::human_annotation`].

use ground_truth::document::{self, Problem, Problems, Reader};
use serde_json::{Map, Value};

/// Environment variable with the JSON document that configures `taskInput`; unset or empty for the defaults.
pub const TASK_INPUT: &str = "TASK_INPUT";

/// How `taskInput` is made and when workers are asked, read from the environment and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The label categories that templates read as `task.input.labels`, unless the data object brings its own.
    pub labels: Option<Vec<String>>,
    /// Members that are the same for every object; they win over the data object's.
    pub constants: Map<String, Value>,
    /// New members and the JSON Pointers (RFC 6901) into the data object where their values lie.
    pub lifted: Vec<(String, String)>,
    /// Members of the data object and their new names.
    pub renamed: Vec<(String, String)>,
    /// Members of the data object that workers' templates do not get.
    pub dropped: Vec<String>,
    /// When workers need not see an object.
    pub human_annotation: HumanAnnotationRules,
}

/// When workers need not see an object. The rules that are given are tried in this order; the first that says "not
/// required" settles it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HumanAnnotationRules {
    /// A boolean member of the manifest line: `false` keeps the object from workers.
    pub member: Option<String>,
    /// A label attribute: an object that has a label under it already is not shown.
    pub unless_labeled: Option<String>,
    /// A label attribute and a confidence: an object that a machine labeled at least so confidently is not shown.
    pub unless_confident: Option<(String, f64)>,
}

impl Config {
    /// Reads the configuration through `lookup`, which gives a variable's value. Empty text counts as unset.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake in the document.
    pub fn from_vars(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let text = lookup(TASK_INPUT).filter(|text| !text.trim().is_empty()).unwrap_or_else(|| "{}".to_owned());
        document::parse(&text).and_then(|document| Self::from_value(&document)).map_err(ConfigError)
    }

    /// Reads the document itself.
    ///
    /// # Errors
    /// Every mistake in it, each with its path.
    pub fn from_value(document: &Value) -> Result<Self, Problems> {
        let mut reader = Reader::new(document, "");
        let (human_annotation, problems) = match reader.member("humanAnnotation") {
            Some(rules) => read_rules(rules),
            None => Default::default(),
        };
        reader.add_problems(problems);
        let config = Self {
            labels: reader.texts("labels").map(|labels| labels.into_iter().map(str::to_owned).collect()),
            constants: reader.read("constants", "a JSON object", Value::as_object).cloned().unwrap_or_default(),
            lifted: read_text_members(&mut reader, "lift", "a JSON Pointer such as /species/annotations", |pointer| {
                pointer.starts_with('/')
            }),
            renamed: read_text_members(&mut reader, "rename", "the new name, a text", |name| !name.is_empty()),
            dropped: reader.texts("drop").unwrap_or_default().into_iter().map(str::to_owned).collect(),
            human_annotation,
        };
        match reader.finish() {
            problems if problems.is_empty() => Ok(config),
            problems => Err(Problems(problems)),
        }
    }
}

/// The members of the object under `name`, all of them texts that pass `check`.
fn read_text_members(
    reader: &mut Reader<'_>,
    name: &'static str,
    must_be: &str,
    check: impl Fn(&str) -> bool,
) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (key, value, _) in reader.entries(name) {
        match value.as_str().filter(|text| check(text)) {
            Some(text) => pairs.push((key.to_owned(), text.to_owned())),
            None => reader.problem(&format!("{name}.{key}"), format!("must be {must_be}")),
        }
    }
    pairs
}

fn read_rules(rules: &Value) -> (HumanAnnotationRules, Vec<Problem>) {
    let mut reader = Reader::new(rules, "humanAnnotation");
    let (unless_confident, problems) = match reader.member("unlessConfident") {
        Some(confident) => {
            let mut reader = Reader::new(confident, "humanAnnotation.unlessConfident");
            let (label, at_least) = (reader.text("label"), reader.number("atLeast", 0.0..=1.0));
            if confident.is_object() && (confident.get("label").is_none() || confident.get("atLeast").is_none()) {
                reader.problem_here("needs both `label` and `atLeast`");
            }
            (label.map(str::to_owned).zip(at_least), reader.finish())
        }
        None => (None, Vec::new()),
    };
    reader.add_problems(problems);
    let rules = HumanAnnotationRules {
        member: reader.text("member").map(str::to_owned),
        unless_labeled: reader.text("unlessLabeled").map(str::to_owned),
        unless_confident,
    };
    (rules, reader.finish())
}

/// A configuration that the function cannot start with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {TASK_INPUT}: {0}")]
pub struct ConfigError(Problems);

#[cfg(test)]
mod tests {
    use super::*;

    fn check(document: &str, expected: &str) {
        let error = Config::from_vars(|_| Some(document.to_owned())).expect_err("a mistake").to_string();
        assert_eq!(error, format!("environment variable TASK_INPUT: {expected}"));
    }

    #[test]
    fn unset_and_empty_are_the_defaults() {
        for value in [None, Some(String::new()), Some(" ".to_owned()), Some("{}".to_owned())] {
            let config = Config::from_vars(|_| value.clone()).expect("the defaults");
            assert_eq!((config.labels, config.constants.len()), (None, 0));
        }
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        check(
            r#"{"label": ["a"], "drop": "x"}"#,
            "drop: must be a list of texts; label: unknown member; did you mean `labels`?",
        );
        check(r#"{"lift": {"boxes": "species"}}"#, "lift.boxes: must be a JSON Pointer such as /species/annotations");
        check(
            r#"{"humanAnnotation": {"unlessConfident": {"label": "x", "atLest": 0.9}}}"#,
            "humanAnnotation.unlessConfident: needs both `label` and `atLeast`; \
             humanAnnotation.unlessConfident.atLest: unknown member; did you mean `atLeast`?",
        );
        check(
            r#"{"humanAnnotation": {"unlessConfident": {"label": "x", "atLeast": 90}}}"#,
            "humanAnnotation.unlessConfident.atLeast: must be a number from 0 to 1",
        );
        check("[]", "must be a JSON object");
    }
}
