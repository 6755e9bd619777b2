//! Checks a JSON value against a shape: what members there are, of what type, within what bounds.

use ground_truth::document::nearest;
use serde_json::{Map, Number, Value};

use super::pattern::{self, Pattern};
use super::scope::{RunsOn, Scope};
use crate::problem::{Level, Problem};

/// What a value must look like.
pub(super) enum Shape {
    Structure(&'static [Member]),
    /// Bounds are lengths; `unique` names a member in which no two elements agree.
    List {
        of: &'static Shape,
        min: usize,
        max: usize,
        unique: Option<&'static str>,
    },
    /// Bounds are lengths in Unicode characters.
    Text {
        min: usize,
        max: usize,
        pattern: Option<Pattern>,
    },
    OneOf(&'static [&'static str]),
    /// `rule` names the rule that the bounds are, if they are one.
    Integer {
        min: u64,
        max: u64,
        rule: Option<&'static str>,
    },
    /// Text whose pattern a rule reads, which says more than that it does not fit.
    TextByRule {
        min: usize,
        max: usize,
        pattern: Pattern,
    },
    S3Uri,
    /// An S3 URI, or a file on this computer for as long as the job stays there.
    S3UriOrLocalPath,
    /// A file on this computer, or what it would hold.
    LocalPathOrObject,
    /// Names, or the label category file that holds them.
    LabelCategories,
    /// An object whose members somebody else checks.
    Object,
}

/// One member of a structure.
pub(super) struct Member {
    pub(super) name: &'static str,
    /// Whom it is required for, if for anyone.
    pub(super) required: Option<Scope>,
    /// Whether a rule says so when it is missing.
    pub(super) missed_by_rule: bool,
    pub(super) shape: Shape,
}

/// The longest S3 URI that AWS takes.
pub(super) const S3_URI_MAX: usize = 1024;

/// The name of a label category.
pub(super) static LABEL_CATEGORY: Shape = Shape::Text { min: 1, max: 256, pattern: None };

/// Checks a value of a job that runs there, and says everything that is wrong with it.
pub(super) fn check(shape: &Shape, value: &Value, runs_on: RunsOn) -> Vec<Problem> {
    let mut check = Check { runs_on, problems: Vec::new() };
    check.value(shape, value, "");
    check.problems
}

/// Whether a member that may hold an S3 URI or a local path holds a path.
pub fn is_local_path(text: &str) -> bool {
    !text.is_empty() && !text.contains("://")
}

struct Check {
    runs_on: RunsOn,
    problems: Vec<Problem>,
}

impl Check {
    fn report(&mut self, level: Level, path: &str, message: impl Into<String>, remedy: impl Into<String>) {
        let path = if path.is_empty() { "the job file" } else { path };
        self.problems.push(Problem::in_job(path, message, remedy).at(level));
    }

    /// Says which rule the last problem breaks.
    fn of_rule(&mut self, rule: Option<&'static str>) {
        if let Some(problem) = self.problems.last_mut() {
            problem.rule = rule;
        }
    }

    fn error(&mut self, path: &str, message: impl Into<String>, remedy: impl Into<String>) {
        self.report(Level::Error, path, message, remedy);
    }

    fn value(&mut self, shape: &Shape, value: &Value, path: &str) {
        match (shape, value) {
            (_, Value::Null) if !path.is_empty() => {
                self.error(path, "has no value", "give it one or leave the member out")
            }
            (Shape::Structure(members), Value::Object(object)) => self.structure(members, object, path),
            (Shape::Object, Value::Object(_)) | (Shape::LocalPathOrObject, Value::Object(_)) => {}
            (Shape::LabelCategories, Value::Object(_)) => {}
            (Shape::LabelCategories, Value::Array(elements)) => {
                self.list(&LABEL_CATEGORY, (1, usize::MAX), None, elements, path);
            }
            (Shape::List { of, min, max, unique }, Value::Array(elements)) => {
                self.list(of, (*min, *max), *unique, elements, path);
            }
            (Shape::Text { min, max, pattern }, Value::String(text)) => {
                self.text((*min, *max), pattern.as_ref(), text, path);
            }
            (Shape::TextByRule { min, max, .. }, Value::String(text)) => self.text((*min, *max), None, text, path),
            (Shape::OneOf(known), Value::String(text)) => {
                if !known.contains(&text.as_str()) {
                    self.error(path, format!("is `{text}`, which is not among the known values"), suggest(text, known));
                }
            }
            (Shape::Integer { min, max, rule }, Value::Number(number)) => {
                self.integer((*min, *max), *rule, number, path)
            }
            (Shape::S3Uri, Value::String(uri)) => self.s3_uri(uri, path),
            // It is uploaded before the job is created.
            (Shape::S3UriOrLocalPath, Value::String(text)) if is_local_path(text) => {}
            (Shape::S3UriOrLocalPath, Value::String(uri)) => self.s3_uri(uri, path),
            (Shape::LocalPathOrObject, Value::String(text)) => self.text((1, usize::MAX), None, text, path),
            (shape, value) => {
                let message = format!("is {}, and not {}", name_of(value), shape.name());
                self.error(path, message, remedy_for_type(shape, value));
            }
        }
    }

    fn structure(&mut self, members: &[Member], object: &Map<String, Value>, path: &str) {
        for (name, value) in object {
            let path = join(path, name);
            match members.iter().find(|member| member.name == name) {
                Some(member) => self.value(&member.shape, value, &path),
                None => {
                    let known: Vec<&str> = members.iter().map(|member| member.name).collect();
                    self.error(&path, "is not a known member", suggest(name, &known));
                }
            }
        }
        for member in members {
            if let Some(scope) = member.required
                && !member.missed_by_rule
                && !object.contains_key(member.name)
            {
                self.missing(member, scope, &join(path, member.name));
            }
        }
    }

    /// A structure that is missing is reported by its required members, so that they are all named at once.
    fn missing(&mut self, member: &Member, scope: Scope, path: &str) {
        match &member.shape {
            Shape::Structure(members) => self.structure(members, &Map::new(), path),
            shape if scope.concerns(self.runs_on) => {
                self.error(path, "is missing", format!("give {}", shape.wants()));
            }
            _ => {}
        }
    }

    fn list(&mut self, of: &Shape, (min, max): (usize, usize), unique: Option<&str>, elements: &[Value], path: &str) {
        let n_elements = elements.len();
        if !(min..=max).contains(&n_elements) {
            self.error(path, format!("has {n_elements} elements"), format!("give {min} to {max}"));
        }
        for (idx, element) in elements.iter().enumerate() {
            let path = format!("{path}[{idx}]");
            self.value(of, element, &path);
            if let Some(name) = unique
                && let Some(key) = element.get(name)
                && elements[..idx].iter().any(|earlier| earlier.get(name) == Some(key))
            {
                self.error(&join(&path, name), format!("repeats {key}"), "give every element its own");
            }
        }
    }

    fn text(&mut self, (min, max): (usize, usize), pattern: Option<&Pattern>, text: &str, path: &str) {
        let n_chars = text.chars().count();
        if n_chars < min {
            self.error(path, format!("has {n_chars} characters"), format!("give at least {min}"));
        } else if n_chars > max {
            self.error(path, format!("has {n_chars} characters"), format!("give at most {max}"));
        } else if let Some(pattern) = pattern
            && !pattern.matches(text)
        {
            self.error(path, format!("is {text:?}, which does not fit"), format!("give {}", pattern.wants));
        }
    }

    fn integer(&mut self, (min, max): (u64, u64), rule: Option<&'static str>, number: &Number, path: &str) {
        match number.as_u64() {
            Some(integer) if (min..=max).contains(&integer) => {}
            Some(_) | None if number.is_i64() || number.is_u64() => {
                self.error(path, format!("is {number}, which is out of range"), format!("give {}", range(min, max)));
                self.of_rule(rule);
            }
            _ => self.error(path, format!("is {number}, and not a whole number"), format!("give {}", range(min, max))),
        }
    }

    fn s3_uri(&mut self, uri: &str, path: &str) {
        self.text((0, S3_URI_MAX), Some(&pattern::S3_URI), uri, path);
        if uri.starts_with("https://") {
            let message = "is an https address, a form that no guide of AWS uses";
            self.report(Level::Warning, path, message, "give it as s3://BUCKET/KEY");
        }
    }
}

/// The shape of a list's elements.
pub(super) fn list_element(shape: &Shape) -> Option<&'static Shape> {
    match shape {
        Shape::List { of, .. } => Some(*of),
        _ => None,
    }
}

impl Shape {
    /// A member of a structure.
    pub(super) fn member(&self, name: &str) -> Option<&'static Member> {
        match self {
            Self::Structure(members) => members.iter().find(|member| member.name == name),
            _ => None,
        }
    }

    /// The type, in words that follow "is … and not".
    fn name(&self) -> &'static str {
        match self {
            Self::Structure(_) | Self::Object => "an object",
            Self::List { .. } => "a list",
            Self::Text { .. } | Self::TextByRule { .. } | Self::OneOf(_) | Self::S3Uri | Self::S3UriOrLocalPath => {
                "text"
            }
            Self::Integer { .. } => "a whole number",
            Self::LocalPathOrObject => "a path or an object",
            Self::LabelCategories => "a list of names or an object",
        }
    }

    /// What a value must be, in words that follow "give".
    fn wants(&self) -> String {
        match self {
            Self::Text { pattern: Some(pattern), .. } | Self::TextByRule { pattern, .. } => pattern.wants.to_owned(),
            Self::Integer { min, max, .. } => range(*min, *max),
            Self::S3Uri | Self::S3UriOrLocalPath => pattern::S3_URI.wants.to_owned(),
            shape => shape.name().to_owned(),
        }
    }
}

fn range(min: u64, max: u64) -> String {
    if max == u64::MAX {
        format!("a whole number from {min} on")
    } else {
        format!("a whole number from {min} to {max}")
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn remedy_for_type(shape: &Shape, value: &Value) -> String {
    match (shape, value) {
        // The value is not repeated: a number may have lost digits on its way through the YAML reader.
        (Shape::Text { .. } | Shape::TextByRule { .. } | Shape::OneOf(_), Value::Number(_) | Value::Bool(_)) => {
            "put the value in quotes, so that it is read as text".to_owned()
        }
        (Shape::Integer { .. }, Value::String(text)) if text.parse::<u64>().is_ok() => {
            format!("write {text} without quotes")
        }
        (Shape::Structure(_), _) => "give it members".to_owned(),
        (Shape::List { .. } | Shape::LabelCategories, Value::String(_)) => {
            "write it as a list, even of one element".to_owned()
        }
        (shape, _) => format!("give {}", shape.wants()),
    }
}

/// The nearest of the known names, or all of them when none is near.
fn suggest(name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("the known ones are {}", known.join(", ")),
    }
}

pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests;
