//! What must lie in S3 before a job can be created: the local files that its job file names, and the label category
//! file that its inline categories become.
//!
//! Uploads go to `<S3OutputPath>/gtruth-input/<job name>/`, or where `gtruth.inputPrefix` says. That lies beside the
//! job's own folder, `<S3OutputPath>/<job name>/`, in which nothing but Ground Truth's own files belong, and it keeps
//! what jobs were made of apart from each other.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::{JobSpec, inline_label_categories, is_local_path, path};
use crate::problem::Problem;

/// One object to put into S3, and the member that will name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    /// The member of the request that gets the URI.
    pub member: &'static str,
    /// The file or text that is uploaded.
    #[serde(flatten)]
    pub content: UploadContent,
    /// The S3 URI that it gets.
    pub s3_uri: String,
    /// What S3 shall say that it is.
    pub content_type: &'static str,
}

/// Where the bytes of an upload come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum UploadContent {
    /// A file; its path starts from the folder of the job file.
    File(PathBuf),
    /// A text that stands in no file.
    Text(String),
}

/// The folder for uploads beside the folders of jobs.
const FOLDER: &str = "gtruth-input";

/// A member that may be uploaded for, the member of ours that stands in for it, and what kind of file it is.
const FILES: [(&str, &str, &str); 2] = [
    (path::MANIFEST_S3_URI, path::GTRUTH_MANIFEST, "application/jsonl"),
    (path::UI_TEMPLATE_S3_URI, path::GTRUTH_TEMPLATE, "text/html; charset=utf-8"),
];

impl JobSpec {
    /// What must be uploaded before the job is created, in the order of the request's members.
    ///
    /// A member that holds an S3 URI needs nothing: a copy on this computer beside it is for rehearsals.
    ///
    /// # Errors
    /// The problem that no S3 URI is known to upload to.
    pub fn uploads(&self) -> Result<Vec<Upload>, Problem> {
        let mut uploads = Vec::new();
        for (member, own, content_type) in FILES {
            if let Some(file) = self.file_to_upload(member, own) {
                let name = file_name(file);
                uploads.push((member, UploadContent::File(file.to_owned()), name, content_type));
            }
        }
        let member = path::LABEL_CATEGORY_CONFIG_S3_URI;
        match self.text(member) {
            Some(text) if is_local_path(text) => {
                let file = Path::new(text);
                uploads.push((member, UploadContent::File(file.to_owned()), file_name(file), "application/json"));
            }
            None if self.get(member).is_none() => {
                if let Some(document) = inline_label_categories::document(self) {
                    let text = UploadContent::Text(format!("{document:#}\n"));
                    uploads.push((member, text, "label-categories.json".to_owned(), "application/json"));
                }
            }
            _ => {}
        }
        if uploads.is_empty() {
            return Ok(Vec::new());
        }
        let prefix = self.upload_prefix()?;
        let mut taken: Vec<String> = Vec::new();
        let folder = |(member, content, name, content_type): (&'static str, UploadContent, String, &'static str)| {
            let is_taken = taken.contains(&name);
            let name = if is_taken { format!("{}-{name}", taken.len() + 1) } else { name };
            taken.push(name.clone());
            Upload { member, content, s3_uri: format!("{prefix}/{name}"), content_type }
        };
        Ok(uploads.into_iter().map(folder).collect())
    }

    /// The request as AWS takes it once the uploads are done.
    pub fn request_after(&self, uploads: &[Upload]) -> Value {
        let mut uploaded = self.clone();
        for Upload { member, s3_uri, .. } in uploads {
            uploaded.set_text(member, s3_uri);
        }
        uploaded.request()
    }

    fn file_to_upload(&self, member: &str, own: &str) -> Option<&Path> {
        match (self.text(member), self.text(own)) {
            // Our own member wins, as it does on this computer.
            (Some(given), own) if is_local_path(given) => Some(Path::new(own.unwrap_or(given))),
            (None, Some(own)) if self.get(member).is_none() && self.wants(member) => Some(Path::new(own)),
            _ => None,
        }
    }

    /// Whether a member that is absent is missed: a topic can stand in for a manifest, and an interface of AWS's for a
    /// template.
    fn wants(&self, member: &str) -> bool {
        let instead = match member {
            path::MANIFEST_S3_URI => path::INPUT_SNS_TOPIC_ARN,
            _ => path::HUMAN_TASK_UI_ARN,
        };
        self.get(instead).is_none()
    }

    fn upload_prefix(&self) -> Result<String, Problem> {
        let bucket_of = |uri: &str| uri.strip_prefix("s3://").is_some_and(|rest| !rest.is_empty());
        if let Some(prefix) = self.text(path::GTRUTH_INPUT_PREFIX).filter(|uri| bucket_of(uri)) {
            return Ok(prefix.trim_end_matches('/').to_owned());
        }
        let output = self.text(path::S3_OUTPUT_PATH).filter(|uri| bucket_of(uri));
        match (output, self.text(path::LABELING_JOB_NAME)) {
            (Some(output), Some(name)) => Ok(format!("{}/{FOLDER}/{name}", output.trim_end_matches('/'))),
            _ => Err(Problem::in_job(
                path::GTRUTH_INPUT_PREFIX,
                "is not given, and no other location in S3 is known for the files that must be uploaded",
                "give it, or S3OutputPath and LabelingJobName, as in s3://BUCKET/PREFIX",
            )),
        }
    }
}

fn file_name(file: &Path) -> String {
    file.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::labeling_job::TaskType;
    use crate::labeling_job::testing::{builtin_document, changed, job};

    const MANIFEST: &str = "/InputConfig/DataSource/S3DataSource/ManifestS3Uri";
    const TEMPLATE: &str = "/HumanTaskConfig/UiConfig/UiTemplateS3Uri";
    const CATEGORIES: &str = "/LabelCategoryConfigS3Uri";

    /// What is uploaded where, one line each.
    fn check(spec: &JobSpec, expected: &[&str]) {
        let line = |upload: &Upload| match &upload.content {
            UploadContent::File(file) => format!("{} -> {}", file.display(), upload.s3_uri),
            UploadContent::Text(_) => format!("text -> {}", upload.s3_uri),
        };
        assert_eq!(spec.uploads().expect("a location").iter().map(line).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_in_s3_stays_there() {
        check(&job(&[]), &[]);
        check(&job(&[("/gtruth", json!({"manifest": "a", "template": "b"}))]), &[]);
        let both = [(CATEGORIES, json!("s3://b/l.json")), ("/gtruth", json!({"labelCategories": ["a"]}))];
        check(&job(&both), &[]);
    }

    #[test]
    fn local_files_go_beside_the_job() {
        let spec =
            job(&[(MANIFEST, json!("in/a.jsonl")), (TEMPLATE, json!("../t.html")), (CATEGORIES, json!("l.json"))]);
        let folder = "s3://harbor-sagemaker/out/gtruth-input/Harbor-Watch-3";
        check(
            &spec,
            &[
                &format!("in/a.jsonl -> {folder}/a.jsonl"),
                &format!("../t.html -> {folder}/t.html"),
                &format!("l.json -> {folder}/l.json"),
            ],
        );
        let request = spec.request_after(&spec.uploads().expect("a location"));
        assert_eq!(request.pointer(MANIFEST), Some(&json!(format!("{folder}/a.jsonl"))));
        assert_eq!(request.pointer(TEMPLATE), Some(&json!(format!("{folder}/t.html"))));
        assert_eq!(request.pointer(CATEGORIES), Some(&json!(format!("{folder}/l.json"))));
    }

    #[test]
    fn our_own_members_fill_in_what_is_missing() {
        let own = json!({"manifest": "a.jsonl", "template": "t.html", "inputPrefix": "s3://in/x/"});
        let missing = [("/InputConfig/DataSource", Value::Null), ("/HumanTaskConfig/UiConfig", Value::Null)];
        let mut changes = missing.to_vec();
        changes.push(("/gtruth", own));
        let spec = job(&changes);
        check(&spec, &["a.jsonl -> s3://in/x/a.jsonl", "t.html -> s3://in/x/t.html"]);
        assert_eq!(spec.problems(), []);
    }

    #[test]
    fn names_do_not_collide() {
        let spec = job(&[(TEMPLATE, json!("a/x.html")), (CATEGORIES, json!("b/x.html"))]);
        let folder = "s3://harbor-sagemaker/out/gtruth-input/Harbor-Watch-3";
        check(&spec, &[&format!("a/x.html -> {folder}/x.html"), &format!("b/x.html -> {folder}/2-x.html")]);
    }

    #[test]
    fn a_streaming_job_and_an_interface_of_aws_need_no_files() {
        let topic = json!({"SnsDataSource": {"SnsTopicArn": "arn:aws:sns:us-east-2:111122223333:GroundTruth-in"}});
        let own = ("/gtruth", json!({"manifest": "a.jsonl", "template": "t.html"}));
        check(&job(&[("/InputConfig/DataSource", topic), own.clone()]), &[]);
        let boxes = TaskType::by_name("video-object-tracking").expect("a task type");
        check(&changed(builtin_document(boxes), &[own]), &[]);
    }

    #[test]
    fn inline_categories_become_a_file() {
        let spec = job(&[("/gtruth", json!({"labelCategories": ["tug", "barge"]}))]);
        let uploads = spec.uploads().expect("a location");
        let [Upload { content: UploadContent::Text(text), s3_uri, .. }] = &uploads[..] else { panic!("{uploads:?}") };
        assert_eq!(s3_uri, "s3://harbor-sagemaker/out/gtruth-input/Harbor-Watch-3/label-categories.json");
        let document: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(document["labels"][1], json!({"label": "barge"}));
    }

    #[test]
    fn without_a_place_there_is_a_problem() {
        let spec = job(&[(TEMPLATE, json!("t.html")), ("/OutputConfig/S3OutputPath", json!("https://b/k"))]);
        let problem = spec.uploads().expect_err("no location").to_string();
        assert!(problem.contains("gtruth.inputPrefix"), "{problem}");
    }
}
