//! The JSON Schema of job files, made from the table that job files are checked by, so that the two never differ.
//!
//! Draft 7, which editors understand. Where a `${VARIABLE}` may stand instead of a value, it may stand here too.

use serde_json::{Map, Value, json};

use super::schema;
use super::shape::{LABEL_CATEGORY, Member, S3_URI_MAX, Shape, join};
use super::{pattern, pattern::Pattern};

mod descriptions;

/// The JSON Schema of job files, generated from the tables that check them.
pub fn json_schema() -> Value {
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Job file of gtruth",
        "description": "The CreateLabelingJob request of Amazon SageMaker Ground Truth in AWS's own member names, and one \
                        member `gtruth` for settings that AWS does not have",
    });
    if let (Some(schema), Value::Object(of_shape)) = (schema.as_object_mut(), of(&schema::JOB_FILE, "")) {
        schema.extend(of_shape);
    }
    schema
}

fn of(shape: &Shape, path: &str) -> Value {
    match shape {
        Shape::Structure(members) => structure(members, path),
        Shape::List { of: element, min, max, .. } => list(of(element, path), *min, *max),
        Shape::Text { min, max, pattern } => text(*min, *max, pattern.as_ref()),
        Shape::TextByRule { min, max, pattern } => text(*min, *max, Some(pattern)),
        Shape::OneOf(known) => {
            json!({"anyOf": [{"enum": known}, {"type": "string", "pattern": VARIABLE}]})
        }
        Shape::Integer { min, max, .. } => integer(*min, *max),
        Shape::S3Uri => text(0, S3_URI_MAX, Some(&pattern::S3_URI)),
        Shape::S3UriOrLocalPath => json!({"type": "string", "maxLength": S3_URI_MAX}),
        Shape::LocalPathOrObject => json!({"type": ["string", "object"]}),
        Shape::LabelCategories => {
            json!({"anyOf": [list(of(&LABEL_CATEGORY, path), 1, usize::MAX), {"type": "object"}]})
        }
        Shape::Object => json!({"type": "object"}),
    }
}

/// What a text with a variable in it matches.
const VARIABLE: &str = r"\$\{";

fn structure(members: &[Member], path: &str) -> Value {
    let describe = |member: &Member| {
        let path = join(path, member.name);
        let mut of_member = of(&member.shape, &path);
        if let (Some(object), Some(says)) = (of_member.as_object_mut(), descriptions::of(&path)) {
            object.shift_insert(0, "description".to_owned(), says.into());
        }
        (member.name.to_owned(), of_member)
    };
    let properties: Map<String, Value> = members.iter().map(describe).collect();
    let required: Vec<&str> = members.iter().filter(|member| is_missed(member)).map(|member| member.name).collect();
    let mut object = json!({"type": "object", "additionalProperties": false, "properties": properties});
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

/// Whether a member must be there. A structure is missed for its members only, which may all have a stand-in in our own
/// section.
fn is_missed(member: &Member) -> bool {
    let of_members = match &member.shape {
        Shape::Structure(members) => members.iter().any(is_missed),
        _ => true,
    };
    member.required.is_some() && of_members
}

fn list(element: Value, min: usize, max: usize) -> Value {
    let mut list = json!({"type": "array", "items": element});
    if min > 0 {
        list["minItems"] = json!(min);
    }
    if max < usize::MAX {
        list["maxItems"] = json!(max);
    }
    list
}

fn text(min: usize, max: usize, pattern: Option<&Pattern>) -> Value {
    let mut text = json!({"type": "string"});
    if min > 0 {
        text["minLength"] = json!(min);
    }
    if max < usize::MAX {
        text["maxLength"] = json!(max);
    }
    if let Some(regex) = pattern.and_then(|pattern| portable(pattern.regex)) {
        text["pattern"] = json!(format!("^(?:{regex})$|{VARIABLE}"));
    }
    text
}

/// A pattern as every reader of schemas takes it: characters in place of their escapes, which are spelled in many ways.
/// None for one with classes of Unicode, which some readers take for letters.
fn portable(regex: &str) -> Option<String> {
    let mut portable = String::with_capacity(regex.len());
    let mut rest = regex;
    while let Some((before, after)) = rest.split_once(r"\u{") {
        let (code, after) = after.split_once('}')?;
        portable.push_str(before);
        portable.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        rest = after;
    }
    portable.push_str(rest);
    (!portable.contains(r"\p{")).then_some(portable)
}

/// Bounds are for numbers and patterns for texts, so one schema serves for both.
fn integer(min: u64, max: u64) -> Value {
    let mut integer = json!({"type": ["integer", "string"], "minimum": min, "pattern": VARIABLE});
    if max < u64::MAX {
        integer["maximum"] = json!(max);
    }
    integer
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every member of the table, by its path.
    fn paths(shape: &Shape, path: &str, found: &mut Vec<String>) {
        match shape {
            Shape::Structure(members) => {
                for member in *members {
                    let path = join(path, member.name);
                    paths(&member.shape, &path, found);
                    found.push(path);
                }
            }
            Shape::List { of, .. } => paths(of, path, found),
            _ => {}
        }
    }

    #[test]
    fn every_member_is_described_and_nothing_else() {
        let mut members = Vec::new();
        paths(&schema::JOB_FILE, "", &mut members);
        let members: BTreeSet<&str> = members.iter().map(String::as_str).collect();
        let described: BTreeSet<&str> = descriptions::ALL.iter().map(|(path, _)| *path).collect();
        assert_eq!(described, members);
    }

    #[test]
    fn patterns_are_portable() {
        assert_eq!(portable(r"[^\u{85}\u{2028}]\d").as_deref(), Some("[^\u{85}\u{2028}]\\d"));
        assert_eq!(portable(r"\p{L}*"), None);
        let pattern = &json_schema()["properties"]["OutputConfig"]["properties"]["S3OutputPath"]["pattern"];
        assert!(pattern.as_str().is_some_and(|pattern| !pattern.contains(r"\u")), "{pattern}");
    }

    #[test]
    fn bounds_are_carried_over() {
        let schema = json_schema();
        let task = &schema["properties"]["HumanTaskConfig"]["properties"];
        assert_eq!(task["NumberOfHumanWorkersPerDataObject"]["maximum"], 9);
        assert_eq!(task["TaskTimeLimitInSeconds"]["minimum"], 30);
        assert_eq!(task["TaskKeywords"]["maxItems"], 5);
        assert_eq!(
            schema["required"],
            json!(["LabelingJobName", "LabelAttributeName", "OutputConfig", "RoleArn", "HumanTaskConfig"])
        );
        assert_eq!(schema["properties"]["Tags"]["items"]["required"], json!(["Key", "Value"]));
    }
}
