//! `gtruth event post`: the event that AnnotationConsolidationLambda gets for a batch of answers.

use std::fs;

use anyhow::Context;
use ground_truth::contract::annotation_consolidation::{AnnotationConsolidationRequest, PayloadLocation};
use serde_json::Value;

use crate::args::EventPostArgs;
use crate::console::{Console, ExitStatus};
use crate::events;

pub(super) fn run(args: EventPostArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let request = AnnotationConsolidationRequest {
        labeling_job_arn: Some(args.labeling_job_arn),
        label_categories: args.label_categories.map(Value::from),
        role_arn: args.role_arn,
        output_config: args.output_config,
        ..events::annotation_consolidation(args.label_attribute_name, payload(args.payload)?)
    };
    console.write_json(&request)?;
    Ok(ExitStatus::Success)
}

/// An S3 URI as the service sends it; anything else is a file, and goes into the event.
fn payload(location: String) -> anyhow::Result<PayloadLocation> {
    if location.starts_with("s3://") {
        return Ok(PayloadLocation::S3(location));
    }
    let text = fs::read_to_string(&location).with_context(|| format!("cannot read {location}"))?;
    let elements = serde_json::from_str(&text)
        .with_context(|| format!("{location} is not a payload file; it must be one JSON array of data objects"))?;
    Ok(PayloadLocation::Inline(elements))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::testing::gtruth;

    fn event(line: &str) -> anyhow::Result<Value> {
        gtruth(line.split_whitespace()).map(|ran| serde_json::from_str(&ran.out).expect("JSON"))
    }

    #[test]
    fn a_uri_goes_into_the_event_as_the_service_puts_it() {
        let line = "event post s3://b/p/2024-05-06_07:08:09.json --label-attribute-name survey \
                    --label-categories heron,otter --labeling-job-arn arn --role-arn role --output-config s3://b/annotations";
        assert_eq!(
            event(line).expect("an event").to_string(),
            r#"{"version":"2018-10-16","labelingJobArn":"arn","labelCategories":["heron","otter"],"labelAttributeName":"survey","roleArn":"role","payload":{"s3Uri":"s3://b/p/2024-05-06_07:08:09.json"},"outputConfig":"s3://b/annotations"}"#
        );
    }

    #[test]
    fn a_file_goes_into_the_event_itself() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("payload.json");
        let line = format!("event post {} --label-attribute-name survey", path.display());
        let payload = r#"[{"datasetObjectId":"12","dataObject":{"content":"x"},"annotations":[]}]"#;

        fs::write(&path, payload).expect("writable");
        let event_with_payload = event(&line).expect("an event");
        assert_eq!(event_with_payload["payload"].to_string(), payload);
        assert_eq!(event_with_payload.get("labelCategories"), None);

        fs::write(&path, "{}").expect("writable");
        assert!(event(&line).expect_err("no payload").to_string().contains("must be one JSON array"));
        fs::remove_file(&path).expect("removable");
        assert!(event(&line).expect_err("no file").to_string().contains("cannot read"));
    }
}
