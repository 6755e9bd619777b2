//! The name of the job, its manifest, its data objects and its label categories.

use futures_util::future::join_all;
use ground_truth::s3_uri::S3Uri;
use serde_json::Value;

use super::Preflight;
use super::observation::Observation;
use crate::labeling_job::inline_label_categories::names_of;
use crate::labeling_job::path;

/// A label category file is small; this is far more than one can need, in bytes.
const MAX_LABEL_FILE_BYTES: u64 = 1 << 20;

pub(super) async fn name(job: &Preflight<'_>) -> Vec<Observation> {
    let Some(name) = job.spec.text(path::LABELING_JOB_NAME) else { return Vec::new() };
    vec![match job.aws.describe_labeling_job(name).await {
        Ok(None) => Observation::ok(format!("{name} is free")),
        Ok(Some(_)) => {
            Observation::problem(format!("{name} is taken by a job that exists"), "choose another LabelingJobName")
        }
        Err(error) => Observation::unanswered(format!("whether {name} is free"), &error),
    }]
}

pub(super) async fn manifest(job: &Preflight<'_>) -> Vec<Observation> {
    match &job.sample.lines {
        Err(fault) => vec![fault.clone()],
        Ok(lines) if lines.is_empty() => Vec::new(),
        Ok(lines) => {
            vec![Observation::ok(format!("{} is readable; {} lines looked at", job.sample.location, lines.len()))]
        }
    }
}

pub(super) async fn data_objects(job: &Preflight<'_>) -> Vec<Observation> {
    let sources = job.sample.sources();
    if sources.is_empty() {
        return Vec::new();
    }
    let found = join_all(sources.iter().map(async |uri| (uri, job.aws.object_exists(uri).await))).await;
    let mut observations = Vec::new();
    for (uri, answer) in found {
        match answer {
            Ok(true) => {}
            Ok(false) => observations.push(Observation::problem(
                format!("{uri} of the manifest does not exist"),
                "upload it, or correct the manifest",
            )),
            Err(error) => observations.push(Observation::unanswered(format!("whether {uri} is readable"), &error)),
        }
    }
    if observations.is_empty() {
        observations.push(Observation::ok(format!("the first {} of the manifest are there", sources.len())));
    }
    observations
}

pub(super) async fn label_categories(job: &Preflight<'_>) -> Vec<Observation> {
    let Some(uri) = job.spec.text(path::LABEL_CATEGORY_CONFIG_S3_URI) else { return Vec::new() };
    // A file of this computer is checked with the request.
    let Ok(uri) = uri.parse::<S3Uri>() else { return Vec::new() };
    vec![match job.aws.read_start(&uri, MAX_LABEL_FILE_BYTES).await {
        Ok(None) => Observation::problem(format!("{uri} does not exist"), "upload the label category file there"),
        Ok(Some(bytes)) => match n_labels(&bytes) {
            Some(n_labels) => Observation::ok(format!("{uri} has {n_labels} label categories")),
            None => Observation::problem(
                format!("{uri} is not a label category file"),
                r#"it must hold {"labels": [{"label": "…"}, …]}"#,
            ),
        },
        Err(error) => Observation::unanswered(format!("what {uri} holds"), &error),
    }]
}

fn n_labels(file: &[u8]) -> Option<usize> {
    let file: Value = serde_json::from_slice(file).ok()?;
    let names = names_of(file.get("labels")?)?;
    (!names.is_empty()).then_some(names.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_category_file_names_its_labels() {
        assert_eq!(n_labels(br#"{"labels":[{"label":"a"},{"label":"b"}]}"#), Some(2));
        for file in [&br#"{"labels":[]}"#[..], br#"{"labels":["a"]}"#, b"{}", b"a,b"] {
            assert_eq!(n_labels(file), None);
        }
    }
}
