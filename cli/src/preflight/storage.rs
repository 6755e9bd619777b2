//! Buckets: there, in the right region, open to browsers, encrypted with a key that works, and the output folder empty.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use ground_truth::s3_uri::S3Uri;
use serde_json::Value;

use super::Preflight;
use super::observation::Observation;
use crate::labeling_job::{TaskType, path};

/// Rules R2 and R3.
pub(super) async fn buckets(job: &Preflight<'_>) -> Vec<Observation> {
    let region = job.aws.region();
    let buckets = named_buckets(job);
    join_all(buckets.iter().map(async |bucket| match job.aws.bucket_region(bucket).await {
        Ok(Some(found)) if found == region => Observation::ok(format!("{bucket} is in {region}")),
        Ok(Some(found)) => Observation::problem(
            format!("{bucket} is in {found}, and the job in {region}"),
            "use a bucket of the job's region, or run the job in the bucket's",
        ),
        Ok(None) => Observation::problem(format!("{bucket} does not exist"), "create it, or correct its name"),
        Err(error) => Observation::unanswered(format!("where {bucket} is"), &error),
    }))
    .await
}

/// Rules K1 and K2: browsers of workers load data objects from the buckets themselves.
pub(super) async fn cors(job: &Preflight<'_>) -> Vec<Observation> {
    let mut buckets: BTreeSet<String> = job.sample.sources().iter().map(|uri| uri.bucket().to_owned()).collect();
    // The tools for video frames and point clouds also save from the browser.
    let saves = TaskType::of(job.spec).is_ok_and(TaskType::is_video_frame_or_3d);
    if saves {
        buckets.extend(output(job).map(|uri| uri.bucket().to_owned()));
    }
    let (methods, listed): (&[&str], _) =
        if saves { (&["GET", "HEAD", "PUT"], r#""GET","HEAD","PUT""#) } else { (&["GET"], r#""GET""#) };
    join_all(buckets.iter().map(async |bucket| match job.aws.cors_rules(bucket).await {
        Ok(rules) => {
            let allows = |values: &[String], wanted: &str| values.iter().any(|value| value == wanted);
            let opens = rules.iter().any(|rule| {
                methods.iter().all(|method| allows(rule.allowed_methods(), method))
                    && allows(rule.allowed_origins(), "*")
                    && allows(rule.expose_headers(), "Access-Control-Allow-Origin")
            });
            if opens {
                Observation::ok(format!("{bucket} lets the browsers of workers load its objects"))
            } else {
                Observation::problem(
                    format!("{bucket} has no CORS rule that lets the browsers of workers load its objects"),
                    format!(
                        "add one beside those it has, or, if it has none, run aws s3api put-bucket-cors \
                         --bucket {bucket} --cors-configuration '{{\"CORSRules\":[{{\"AllowedMethods\":[{listed}],\
                         \"AllowedHeaders\":[\"*\"],\"AllowedOrigins\":[\"*\"],\
                         \"ExposeHeaders\":[\"Access-Control-Allow-Origin\"],\"MaxAgeSeconds\":3000}}]}}'"
                    ),
                )
            }
        }
        Err(error) => Observation::unanswered(format!("the CORS rules of {bucket}"), &error),
    }))
    .await
}

/// Rule K4, as far as it can be seen: the key is there and works.
pub(super) async fn encryption(job: &Preflight<'_>) -> Vec<Observation> {
    let Some(bucket) = output(job).map(|uri| uri.bucket().to_owned()) else { return Vec::new() };
    let key = match job.spec.text(path::OUTPUT_KMS_KEY_ID).filter(|key| !key.is_empty()) {
        Some(key) => key.to_owned(),
        None => match job.aws.bucket_encryption(&bucket).await {
            Err(error) => return vec![Observation::unanswered(format!("the encryption of {bucket}"), &error)],
            Ok(Some(default)) if default.algorithm.starts_with("aws:kms") => match default.key_id {
                Some(key) => key,
                None => return vec![Observation::ok(format!("{bucket} encrypts with AWS's own KMS key"))],
            },
            Ok(_) => return vec![Observation::ok(format!("{bucket} encrypts with keys of S3"))],
        },
    };
    vec![match job.aws.describe_key(&key).await {
        Ok(Some(found)) => match found.get("KeyState").and_then(Value::as_str) {
            Some("Enabled") => Observation::ok(format!("the key {key} of the output is enabled")),
            state => Observation::problem(
                format!("the key {key} of the output is {}", state.unwrap_or("in an unknown state")),
                "enable it, or use another key",
            ),
        },
        Ok(None) => Observation::problem(
            format!("the key {key} of the output does not exist in {}", job.aws.region()),
            "correct OutputConfig.KmsKeyId, or the default encryption of the bucket",
        ),
        Err(error) => Observation::unanswered(format!("the state of the key {key}"), &error),
    }]
}

/// Rule K10: a job writes into a folder of its name, and another's labels there would mix with its own.
pub(super) async fn output_folder(job: &Preflight<'_>) -> Vec<Observation> {
    let (Some(output), Some(name)) = (output(job), job.spec.text(path::LABELING_JOB_NAME)) else { return Vec::new() };
    let folder = output.join(name);
    let prefix = format!("{}/", folder.key());
    vec![match job.aws.any_object_below(folder.bucket(), &prefix).await {
        Ok(false) => Observation::ok(format!("{folder}/ is empty")),
        Ok(true) => Observation::problem(
            format!("{folder}/ is not empty"),
            "choose another LabelingJobName or S3OutputPath, or move away what lies there",
        ),
        Err(error) if error.has_code("NoSuchBucket") => return Vec::new(), // Told of by the check of the buckets.
        Err(error) => Observation::unanswered(format!("whether {folder}/ is empty"), &error),
    }]
}

fn output(job: &Preflight<'_>) -> Option<S3Uri> {
    job.spec.text(path::S3_OUTPUT_PATH)?.parse().ok()
}

/// Every bucket that the job, or the start of its manifest, names.
fn named_buckets(job: &Preflight<'_>) -> BTreeSet<String> {
    let members =
        [path::MANIFEST_S3_URI, path::S3_OUTPUT_PATH, path::UI_TEMPLATE_S3_URI, path::LABEL_CATEGORY_CONFIG_S3_URI];
    let of_members = members.into_iter().filter_map(|member| job.spec.text(member)?.parse::<S3Uri>().ok());
    of_members.chain(job.sample.sources()).map(|uri| uri.bucket().to_owned()).collect()
}
