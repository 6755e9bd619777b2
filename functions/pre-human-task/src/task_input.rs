//! From a manifest line to `taskInput`, which the worker template reads as `task.input`.
//!
//! 1. The whole data object under its own keys, numbers and order untouched.
//! 2. What AWS's worker templates read, where the data object has no such key of its own: `taskObject` (the value of
//!    `source` or `source-ref`), `manifestLine` (the whole line; adjustment and verification templates look up the
//!    earlier label in it) and `labels` (the category names, when configured).
//! 3. Configuration: lifted members, then new names, then dropped members, then constants.
//!
//! S3 URIs stay S3 URIs: the template's `grant_read_access` filter signs them.

use ground_truth::contract::manifest::DataObject;
use serde_json::{Map, Value};

use crate::config::Config;

/// Builds the task input of one data object.
pub fn build(data_object: &DataObject, config: &Config) -> Map<String, Value> {
    let mut task_input = data_object.members.clone();
    if let Some(source) = data_object.source() {
        add(&mut task_input, "taskObject", || source.into());
    }
    add(&mut task_input, "manifestLine", || data_object.members.clone().into());
    if let Some(labels) = &config.labels {
        add(&mut task_input, "labels", || labels.clone().into());
    }
    let line = Value::Object(data_object.members.clone());
    for (name, pointer) in &config.lifted {
        task_input.extend(line.pointer(pointer).map(|value| (name.clone(), value.clone())));
    }
    for (name, new_name) in &config.renamed {
        if let Some(value) = task_input.shift_remove(name) {
            task_input.insert(new_name.clone(), value);
        }
    }
    for name in &config.dropped {
        task_input.shift_remove(name);
    }
    task_input.extend(config.constants.clone());
    task_input
}

/// Adds a member unless the data object has one of that name: the user's own key is what the user's template means.
fn add(task_input: &mut Map<String, Value>, name: &str, value: impl FnOnce() -> Value) {
    task_input.entry(name).or_insert_with(value);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(line: &str, config: &str, expected: &str) {
        let data_object: DataObject = serde_json::from_str(line).expect("a manifest line");
        let config = Config::from_value(&serde_json::from_str(config).expect("JSON")).expect("a configuration");
        assert_eq!(Value::Object(build(&data_object, &config)).to_string(), expected);
    }

    #[test]
    fn the_whole_line_and_what_templates_read() {
        check(
            r#"{"source-ref":"s3://b/1.png","depth-m":1.40}"#,
            r#"{"labels":["heron","otter"]}"#,
            r#"{"source-ref":"s3://b/1.png","depth-m":1.40,"taskObject":"s3://b/1.png","manifestLine":{"source-ref":"s3://b/1.png","depth-m":1.40},"labels":["heron","otter"]}"#,
        );
    }

    #[test]
    fn keys_of_the_line_win_and_constants_win_over_them() {
        check(
            r#"{"source":"x","labels":["own"],"taskObject":"own","header":"own"}"#,
            r#"{"labels":["no"],"constants":{"header":"for all"},"drop":["manifestLine"]}"#,
            r#"{"source":"x","labels":["own"],"taskObject":"own","header":"for all"}"#,
        );
    }

    #[test]
    fn members_are_lifted_renamed_and_dropped() {
        check(
            r#"{"source":"x","old":{"boxes":[{"left":1}]},"secret":1}"#,
            r#"{"lift":{"boxes":"/old/boxes","none":"/old/none"},"rename":{"source":"text","absent":"y"},"drop":["secret","old","manifestLine"]}"#,
            r#"{"taskObject":"x","boxes":[{"left":1}],"text":"x"}"#,
        );
    }

    #[test]
    fn a_member_can_be_lifted_over_a_derived_one() {
        let data_object = DataObject { members: json!({"source": "x", "a": ["y"]}).as_object().expect("one").clone() };
        let config = Config::from_value(&json!({"labels": ["no"], "lift": {"labels": "/a"}})).expect("a configuration");
        assert_eq!(build(&data_object, &config)["labels"], json!(["y"]));
    }
}
