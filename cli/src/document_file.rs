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
/// [`DocumentFileError`], naming the file and the place in it.
pub fn read(path: &Path) -> Result<Value, DocumentFileError> {
    let text = fs::read_to_string(path).map_err(|source| DocumentFileError::Read { path: path.to_owned(), source })?;
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if is_json {
        serde_json::from_str(&text).map_err(|source| DocumentFileError::Json { path: path.to_owned(), source })
    } else {
        from_yaml(&text).map_err(|fault| DocumentFileError::Yaml { path: path.to_owned(), fault })
    }
}

fn from_yaml(text: &str) -> Result<Value, String> {
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

/// A file that is no document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentFileError {
    /// It cannot be read at all.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is called `.json` and is none.
    #[error("{} is no JSON", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// It is no YAML.
    #[error("{} is no YAML: {fault}", path.display())]
    Yaml {
        /// The file.
        path: PathBuf,
        /// Where and why.
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
        let check = |yaml: &str, place: &str| {
            let fault = from_yaml(yaml).expect_err("a fault");
            assert!(fault.contains(place), "{fault}");
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
}
