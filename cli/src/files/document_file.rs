//! YAML and JSON files as one kind of value: the order of members kept, and YAML's guesses held in check.
//!
//! YAML is read as version 1.2 says: `no`, `on` and dates are text, and only `true` and `false` are booleans. Two
//! spellings that a number would not survive stay text as well: `0123`, which may be an account id, and `1_000`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Reads a file whose name ends in `.json` as JSON, and any other as YAML.
///
/// # Errors
/// [`DocumentFileError`], naming the file, line and column.
pub fn read(path: &Path) -> Result<Value, DocumentFileError> {
    let text = fs::read_to_string(path).map_err(|source| DocumentFileError::Read { path: path.to_owned(), source })?;
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if is_json {
        serde_json::from_str(&text).map_err(|source| DocumentFileError::Json { path: path.to_owned(), source })
    } else {
        from_yaml(&text).map_err(|fault| DocumentFileError::Yaml { path: path.to_owned(), fault })
    }
}

/// Reads the text of a YAML document.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn from_yaml(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    };
    // The reader's own Display speaks to programmers, of options to set.
    serde_saphyr::from_str_with_options(text, options)
        .map_err(|fault| fault.render_with_formatter(&serde_saphyr::UserMessageFormatter))
}

/// Writes a document as YAML, which [`read`] gives back: structures as blocks, what they hold in one line each.
pub(crate) fn to_yaml(document: &Value) -> String {
    let mut yaml = String::new();
    write_yaml(document, "", &mut yaml);
    yaml
}

fn write_yaml(value: &Value, indent: &str, yaml: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                yaml.push_str(&format!("{indent}{}:", yaml_scalar(name)));
                if matches!(value, Value::Object(members) if !members.is_empty()) {
                    yaml.push('\n');
                    write_yaml(value, &format!("{indent}  "), yaml);
                } else {
                    yaml.push(' ');
                    write_yaml(value, "", yaml);
                }
            }
        }
        Value::String(text) => yaml.push_str(&format!("{indent}{}\n", yaml_scalar(text))),
        // JSON is YAML.
        other => yaml.push_str(&format!("{indent}{other}\n")),
    }
}

/// A text as a YAML scalar: plain where nothing in it could be taken for something else.
pub(crate) fn yaml_scalar(text: &str) -> String {
    let is_tame = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | ':');
    let begins_tamely = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_word =
        !matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off");
    if begins_tamely && is_word && text.chars().all(is_tame) && !text.ends_with(':') {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

/// A file that is not a document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentFileError {
    /// It cannot be read at all.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file that was read.
        path: PathBuf,
        /// Why the system could not read it.
        source: io::Error,
    },
    /// It is called `.json` and is none.
    #[error("{} is not valid JSON", path.display())]
    Json {
        /// The file that was read.
        path: PathBuf,
        /// The error, with line and column.
        source: serde_json::Error,
    },
    /// It is not valid YAML.
    #[error("{} is not valid YAML: {fault}", path.display())]
    Yaml {
        /// The file that was read.
        path: PathBuf,
        /// The error, with line and column.
        fault: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_does_not_guess() {
        let check = |yaml: &str, json: &str| {
            assert_eq!(from_yaml(yaml).expect("a document").to_string(), json, "{yaml}");
        };
        check("a: no", r#"{"a":"no"}"#);
        check("a: on", r#"{"a":"on"}"#);
        check("a: true", r#"{"a":true}"#);
        check("a: 2024-05-06", r#"{"a":"2024-05-06"}"#);
        check("a: 012345678901", r#"{"a":"012345678901"}"#);
        check("a: 210987654321", r#"{"a":210987654321}"#);
        check("a: '3'", r#"{"a":"3"}"#);
        check("a: 1_000", r#"{"a":"1_000"}"#);
        check("a: 12:30:45", r#"{"a":"12:30:45"}"#);
        check("a:", r#"{"a":null}"#);
        check("a: 0.8", r#"{"a":0.8}"#);
        check("z: 1\na: 2", r#"{"z":1,"a":2}"#);
        check(r#"{"a": ["x", 1]}"#, r#"{"a":["x",1]}"#);
    }

    #[test]
    fn a_fault_is_placed() {
        let check = |yaml: &str, location: &str| {
            let fault = from_yaml(yaml).expect_err("a fault");
            assert!(fault.contains(location), "{fault}");
        };
        check("a: 1\na: 2", "line 2");
        check("a: [1", "line 1");
        check("a: .nan", "line 1");
        check("a: 1\n---\nb: 2", "multiple");
    }

    #[test]
    fn the_ending_of_the_name_decides() {
        let dir = tempfile::tempdir().expect("a folder");
        let read_as = |name: &str| {
            let path = dir.path().join(name);
            fs::write(&path, "a: 1").expect("writable");
            read(&path)
        };
        assert!(matches!(read_as("job.JSON"), Err(DocumentFileError::Json { .. })));
        assert_eq!(read_as("job.yaml").expect("a document"), serde_json::json!({"a": 1}));
        assert!(matches!(read(&dir.path().join("none.yaml")), Err(DocumentFileError::Read { .. })));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let document = serde_json::json!({
            "a": {"b": {"c": "s3://b/k", "d": "${REGION}: x"}, "e": [], "f": {}}, "0123": "0123", "no": ["no", {"x": null}],
            "n": 1.5, "t": true, "text": "two\nlines \"quoted\" \u{e9}",
        });
        let yaml = to_yaml(&document);
        assert!(yaml.starts_with("a:\n  b:\n    c: s3://b/k\n    d: \"${REGION}: x\"\n  e: []\n"), "{yaml}");
        assert_eq!(from_yaml(&yaml).expect("a document"), document, "{yaml}");
    }

    #[test]
    fn texts_are_quoted_where_yaml_would_guess() {
        for plain in ["otter", "s3://b/k.jsonl", "arn:aws:iam::111122223333:role/r"] {
            assert_eq!(yaml_scalar(plain), plain);
        }
        for guessed in ["true", "No", "1", "a b", "a: b", "", "-", "a,b", "\u{e9}t\u{e9}", "x:"] {
            assert_eq!(yaml_scalar(guessed), format!("{guessed:?}"));
        }
    }
}
