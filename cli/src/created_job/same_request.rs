//! Whether a job that exists was made from a given request. Pure.
//!
//! CreateLabelingJob has no client token, so a request whose answer was lost can only be told by its content.

use serde_json::{Map, Value};

/// What the service fills in where a request leaves it open.
const FILLED_IN: &[&str] =
    &["HumanTaskConfig.MaxConcurrentTaskCount", "HumanTaskConfig.TaskAvailabilityLifetimeInSeconds"];

/// The members of CreateLabelingJob; a description has others beside them.
const MEMBERS: &[&str] = &[
    "LabelingJobName",
    "LabelAttributeName",
    "InputConfig",
    "OutputConfig",
    "RoleArn",
    "LabelCategoryConfigS3Uri",
    "StoppingConditions",
    "LabelingJobAlgorithmsConfig",
    "HumanTaskConfig",
    "Tags",
];

/// The paths at which the job of a description differs from what a request asks for; none when it is that very job.
pub(super) fn differences(request: &Value, description: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for member in MEMBERS {
        let (asked, made) = (&request[*member], &description[*member]);
        if *member == "Tags" {
            // A set, to which AWS adds tags of its own.
            if tags(asked) != tags(made) {
                found.push("Tags".to_owned());
            }
        } else {
            compare(member, asked, made, &mut found);
        }
    }
    found
}

fn compare(path: &str, asked: &Value, made: &Value, found: &mut Vec<String>) {
    if is_nothing(asked) && (is_nothing(made) || FILLED_IN.contains(&path)) {
        return;
    }
    let (Some(asked), Some(made)) = (members(asked), members(made)) else {
        // Numbers keep their text, and 3 may come back as 3.0.
        let same_number = asked.as_f64().zip(made.as_f64()).is_some_and(|(asked, made)| asked.total_cmp(&made).is_eq());
        if asked != made && !same_number {
            found.push(path.to_owned());
        }
        return;
    };
    let mut names: Vec<&String> = asked.keys().chain(made.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let of = |members: &Map<String, Value>| members.get(name).cloned().unwrap_or_default();
        compare(&format!("{path}.{name}"), &of(asked), &of(made), found);
    }
}

/// The members of a structure; an absent one has none.
fn members(value: &Value) -> Option<&Map<String, Value>> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    match value {
        Value::Null => Some(&NONE),
        value => value.as_object(),
    }
}

/// Absent, or present without saying anything: `{}`, `[]` and `""` make no difference to the service.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_nothing),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn tags(tags: &Value) -> Vec<(&str, &str)> {
    let tags = tags.as_array().into_iter().flatten();
    let mut tags: Vec<(&str, &str)> = tags
        .filter_map(|tag| Some((tag.get("Key")?.as_str()?, tag.get("Value")?.as_str()?)))
        .filter(|(key, _)| !key.starts_with("aws:"))
        .collect();
    tags.sort_unstable();
    tags
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request() -> Value {
        json!({
            "LabelingJobName": "river",
            "OutputConfig": {"S3OutputPath": "s3://b/jobs"},
            "HumanTaskConfig": {"NumberOfHumanWorkersPerDataObject": 3, "TaskKeywords": ["a", "b"]},
            "Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]
        })
    }

    fn check(change: impl FnOnce(&mut Value), expected: &[&str]) {
        let mut description = request();
        description["LabelingJobStatus"] = json!("InProgress");
        change(&mut description);
        assert_eq!(differences(&request(), &description), expected);
    }

    #[test]
    fn what_the_service_adds_makes_no_other_job() {
        check(|_| {}, &[]);
        check(|job| job["HumanTaskConfig"]["MaxConcurrentTaskCount"] = json!(1000), &[]);
        check(|job| job["OutputConfig"]["KmsKeyId"] = json!(""), &[]);
        check(|job| job["StoppingConditions"] = json!({}), &[]);
        check(|job| job["InputConfig"] = json!({"DataAttributes": {"ContentClassifiers": []}}), &[]);
        check(|job| job["HumanTaskConfig"]["NumberOfHumanWorkersPerDataObject"] = json!(3.0), &[]);
        check(
            |job| {
                job["Tags"] =
                    json!([{"Key": "a", "Value": "1"}, {"Key": "aws:x", "Value": "y"}, {"Key": "b", "Value": "2"}])
            },
            &[],
        );
    }

    #[test]
    fn every_other_difference_is_named() {
        check(|job| job["LabelingJobName"] = json!("lake"), &["LabelingJobName"]);
        check(|job| job["OutputConfig"]["S3OutputPath"] = json!("s3://c"), &["OutputConfig.S3OutputPath"]);
        check(|job| job["OutputConfig"]["KmsKeyId"] = json!("k"), &["OutputConfig.KmsKeyId"]);
        check(|job| job["HumanTaskConfig"]["TaskKeywords"] = json!(["b", "a"]), &["HumanTaskConfig.TaskKeywords"]);
        check(
            |job| job["HumanTaskConfig"] = json!(null),
            &["HumanTaskConfig.NumberOfHumanWorkersPerDataObject", "HumanTaskConfig.TaskKeywords"],
        );
        check(|job| job["LabelCategoryConfigS3Uri"] = json!("s3://b/l"), &["LabelCategoryConfigS3Uri"]);
        check(|job| job["Tags"] = json!([]), &["Tags"]);
    }
}
