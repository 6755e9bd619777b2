//! `${VARIABLES}` in a job file.
//!
//! In every text of the file `${NAME}` stands for the environment variable `NAME`, `${NAME:-default}` for it or, where
//! it is unset or empty, for the default; `$$` is one dollar sign. A dollar sign before anything else is itself. Where
//! a number belongs, a text that held a variable and came out as digits is one.

use serde_json::{Map, Value};

use super::schema;
use super::shape::{Shape, join, list_element};
use crate::problem::Problem;

/// Fills in every variable.
///
/// # Errors
/// Each variable that is unset and each `${` that begins no variable, with the member that holds it.
pub fn fill_in(document: Value, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Value, Vec<Problem>> {
    let mut filling = Filling { lookup, problems: Vec::new() };
    let document = filling.value(Some(&schema::JOB_FILE), document, "");
    if filling.problems.is_empty() { Ok(document) } else { Err(filling.problems) }
}

struct Filling<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<Problem>,
}

impl Filling<'_> {
    fn value(&mut self, shape: Option<&Shape>, value: Value, path: &str) -> Value {
        match value {
            Value::String(text) if text.contains('$') => self.text(shape, &text, path),
            Value::Array(elements) => {
                let of = shape.and_then(list_element);
                let fill = |(idx, element)| self.value(of, element, &format!("{path}[{idx}]"));
                Value::Array(elements.into_iter().enumerate().map(fill).collect())
            }
            Value::Object(members) => {
                let fill = |(name, value): (String, Value)| {
                    let of = shape.and_then(|shape| shape.member(&name)).map(|member| &member.shape);
                    let value = self.value(of, value, &join(path, &name));
                    (name, value)
                };
                Value::Object(members.into_iter().map(fill).collect::<Map<_, _>>())
            }
            value => value,
        }
    }

    fn text(&mut self, shape: Option<&Shape>, text: &str, path: &str) -> Value {
        let filled = self.filled(text, path);
        let wants_a_number = matches!(shape, Some(Shape::Integer { .. }));
        match filled.parse::<u64>() {
            Ok(number) if wants_a_number && text.contains("${") => Value::from(number),
            _ => Value::String(filled),
        }
    }

    fn filled(&mut self, text: &str, path: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            filled.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix("$$") {
                filled.push('$');
                rest = after;
            } else if rest.starts_with("${") {
                match variable(rest) {
                    Some((name, default, after)) => {
                        self.put(&mut filled, name, default, path);
                        rest = after;
                    }
                    None => {
                        self.error(
                            path,
                            "holds `${` without the name of a variable".to_owned(),
                            "write `$${` if a dollar sign is meant, or ${NAME}",
                        );
                        filled.push_str(rest);
                        rest = "";
                    }
                }
            } else {
                filled.push('$');
                rest = &rest[1..];
            }
        }
        filled.push_str(rest);
        filled
    }

    fn put(&mut self, filled: &mut String, name: &str, default: Option<&str>, path: &str) {
        let value = (self.lookup)(name);
        match (value, default) {
            (Some(value), None) => filled.push_str(&value),
            (Some(value), Some(_)) if !value.is_empty() => filled.push_str(&value),
            (_, Some(default)) => filled.push_str(default),
            (None, None) => {
                let remedy = format!("set it, or write ${{{name}:-DEFAULT}}");
                self.error(path, format!("names the variable {name}, which is not set"), remedy);
            }
        }
    }

    fn error(&mut self, path: &str, message: String, remedy: impl Into<String>) {
        let path = if path.is_empty() { "the job file" } else { path };
        self.problems.push(Problem::in_job(path, message, remedy));
    }
}

/// The name, the default and what follows, of a text that begins with `${`.
fn variable(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let (inner, after) = text.strip_prefix("${")?.split_once('}')?;
    let (name, default) = match inner.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inner, None),
    };
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let goes_on_well = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (begins_well && goes_on_well).then_some((name, default, after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lookup(name: &str) -> Option<String> {
        let known = [("ACCOUNT", "111122223333"), ("N", "3"), ("EMPTY", "")];
        known.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    fn check(text: &str, expected: &str) {
        let document = fill_in(json!({"RoleArn": text}), &lookup).expect("no problem");
        assert_eq!(document["RoleArn"], expected, "{text}");
    }

    #[test]
    fn variables_are_filled_in() {
        check("arn:aws:iam::${ACCOUNT}:role/r", "arn:aws:iam::111122223333:role/r");
        check("${N}${N}", "33");
        check("${UNSET:-x}-${N:-y}", "x-3");
        check("${EMPTY:-x}${EMPTY}", "x");
        check("${UNSET:-}", "");
    }

    #[test]
    fn dollar_signs_that_begin_nothing_stay() {
        check("costs $5 $N $", "costs $5 $N $");
        check("$${ACCOUNT} $$", "${ACCOUNT} $");
    }

    #[test]
    fn numbers_become_numbers_where_they_belong() {
        let document = json!({
            "HumanTaskConfig": {"NumberOfHumanWorkersPerDataObject": "${N}", "TaskTitle": "${N}", "TaskKeywords": ["${N}"]},
            "Tags": [{"Key": "n", "Value": "${N}"}],
            "gtruth": {"localRun": {"seed": "${N}"}},
        });
        let filled = fill_in(document, &lookup).expect("no problem");
        assert_eq!(filled["HumanTaskConfig"]["NumberOfHumanWorkersPerDataObject"], json!(3));
        assert_eq!(filled["HumanTaskConfig"]["TaskTitle"], json!("3"));
        assert_eq!(filled["HumanTaskConfig"]["TaskKeywords"], json!(["3"]));
        assert_eq!(filled["Tags"][0]["Value"], json!("3"));
        assert_eq!(filled["gtruth"]["localRun"]["seed"], json!("3"));
    }

    #[test]
    fn every_mistake_is_told_with_its_member() {
        let document = json!({"RoleArn": "${ROLE}", "Tags": [{"Key": "${1}", "Value": "${OWNER"}]});
        let lines: Vec<String> =
            fill_in(document, &lookup).expect_err("three").iter().map(Problem::to_string).collect();
        assert_eq!(
            lines,
            [
                "error: RoleArn names the variable ROLE, which is not set; set it, or write ${ROLE:-DEFAULT}",
                "error: Tags[0].Key holds `${` without the name of a variable; write `$${` if a dollar sign is meant, or ${NAME}",
                "error: Tags[0].Value holds `${` without the name of a variable; write `$${` if a dollar sign is meant, or ${NAME}",
            ]
        );
    }
}
