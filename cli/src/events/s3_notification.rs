//! What a streaming job makes of an S3 event notification: a data object.
//!
//! AWS: developer guide, "Create a streaming labeling job"; Amazon S3 guide, "Event message structure".

use anyhow::{Context, ensure};
use aws_lambda_events::event::s3::S3Event;
use ground_truth::contract::manifest::DataObject;
use ground_truth::s3_uri::S3Uri;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// The data object of a notification that an object was created. S3's own test message, which reaches a job whose
/// bucket was connected after its start, becomes a data object as it is: one without a source.
pub(crate) fn data_object(notification: &str) -> anyhow::Result<DataObject> {
    let message: Map<String, Value> = serde_json::from_str(notification).context("it is not a JSON object")?;
    if message.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
        return Ok(DataObject { members: message });
    }
    let event: S3Event =
        serde_path_to_error::deserialize(Value::Object(message)).context("it is not an S3 event notification")?;
    let [record] = event.records.as_slice() else {
        anyhow::bail!("it holds {} records; keep the one you mean", event.records.len());
    };
    let event_name = record.event_name.as_deref().unwrap_or_default();
    let created = event_name.trim_start_matches("s3:").starts_with("ObjectCreated:");
    ensure!(created, "it tells of `{event_name}`; a job labels what `ObjectCreated` tells of");

    let bucket = record.s3.bucket.name.as_deref().context("its record names no bucket")?;
    let key = record.s3.object.key.as_deref().context("its record names no object key")?;
    let uri = S3Uri::new(bucket, decode_key(key)?)?;
    let mut members = Map::from_iter([("source-ref".to_owned(), Value::from(uri.to_string()))]);
    if let Some(sequencer) = &record.s3.object.sequencer {
        members.insert("$sequencer".to_owned(), Value::from(sequencer.as_str()));
    }
    Ok(DataObject { members })
}

/// Undoes the encoding of keys in notifications, which is that of HTML forms: `+` is a blank, a plus sign is `%2B`.
fn decode_key(key: &str) -> anyhow::Result<String> {
    let blanks = key.replace('+', " ");
    let decoded =
        percent_decode_str(&blanks).decode_utf8().with_context(|| format!("its key `{key}` is not valid UTF-8"))?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn notification(event_name: &str, key: &str) -> Value {
        json!({"Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "eu-west-1",
            "eventTime": "2024-05-06T07:08:09.010Z",
            "eventName": event_name,
            "userIdentity": {"principalId": "EXAMPLE"},
            "requestParameters": {"sourceIPAddress": "192.0.2.7"},
            "responseElements": {"x-amz-request-id": "R"},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "frames",
                "bucket": {"name": "rs-sagemaker-in", "arn": "arn:aws:s3:::rs-sagemaker-in"},
                "object": {"key": key, "size": 1024, "eTag": "e", "sequencer": "0055AED6DCD90281E5"}
            }
        }]})
    }

    fn check(notification: &Value, expected: &str) {
        let text = match data_object(&notification.to_string()) {
            Ok(object) => serde_json::to_string(&object).expect("serializable"),
            Err(err) => format!("{err:#}"),
        };
        assert_eq!(text, expected);
    }

    #[test]
    fn an_object_that_was_created_is_a_data_object() {
        check(
            &notification("ObjectCreated:Put", "cam+3/R%C3%ADo%2B7%3A00.png"),
            r#"{"source-ref":"s3://rs-sagemaker-in/cam 3/Río+7:00.png","$sequencer":"0055AED6DCD90281E5"}"#,
        );
    }

    #[test]
    fn the_test_message_is_passed_on() {
        let message = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"});
        check(&message, &message.to_string());
    }

    #[test]
    fn anything_else_says_why() {
        check(
            &notification("ObjectRemoved:Delete", "k"),
            "it tells of `ObjectRemoved:Delete`; a job labels what `ObjectCreated` tells of",
        );
        check(
            &notification("ObjectCreated:Put", "%FF"),
            "its key `%FF` is not valid UTF-8: invalid utf-8 sequence of 1 bytes from index 0",
        );
        check(&json!({"Records": []}), "it holds 0 records; keep the one you mean");
        check(&json!([1]), "it is not a JSON object: invalid type: sequence, expected a map at line 1 column 0");
        let mut nameless = notification("ObjectCreated:Put", "k");
        nameless["Records"][0]["s3"]["bucket"] = json!({});
        check(&nameless, "its record names no bucket");
        nameless["Records"][0]["eventTime"] = json!("today");
        check(&nameless, "it is not an S3 event notification: Records[0].eventTime: input contains invalid characters");
    }
}
