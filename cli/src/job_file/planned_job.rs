//! A job file on its way to AWS, with what lies beside it: the evidence for every rule that needs no account, and what
//! must be uploaded.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::console::progress::Progress;
use crate::files::document_file;
use crate::job_file::JobFile;
use crate::labeling_job::{Evidence, ManifestFacts, Upload, UploadContent, inline_label_categories, path};
use crate::manifest;
use crate::problem::{Level, Problem};

/// A job with all that can be seen of it from here.
#[derive(Debug)]
pub(crate) struct PlannedJob {
    pub(crate) file: JobFile,
    /// What must be uploaded before the job is created; paths are those that this process can open.
    pub(crate) uploads: Vec<Upload>,
    manifest: Option<ManifestFacts>,
    label_categories: Option<Value>,
    template: Option<String>,
    /// What is wrong with the files.
    problems: Vec<Problem>,
}

impl PlannedJob {
    /// Looks at the files that a job names. Its functions should be in place, since they decide the task type.
    pub(crate) fn gather(file: JobFile, progress: Progress) -> Self {
        let spec = file.spec();
        let mut files = Files { job: &file, problems: Vec::new() };
        let manifest = files.read(path::MANIFEST_S3_URI, Some(path::GTRUTH_MANIFEST), |file| {
            manifest::facts_and_problems(file, spec, progress)
        });
        let (manifest, problems_of_lines) = manifest.unzip();
        let template =
            files.read(path::UI_TEMPLATE_S3_URI, Some(path::GTRUTH_TEMPLATE), |file| Ok(fs::read_to_string(file)?));
        let inline = inline_label_categories::document(spec);
        let label_categories = inline
            .or_else(|| files.read(path::LABEL_CATEGORY_CONFIG_S3_URI, None, |file| Ok(document_file::read(file)?)));
        let mut problems = files.problems;
        problems.extend(problems_of_lines.into_iter().flatten());
        let mut uploads = spec.uploads().unwrap_or_else(|problem| {
            problems.push(problem);
            Vec::new()
        });
        for upload in &mut uploads {
            if let UploadContent::File(path) = &mut upload.content {
                *path = file.beside(path);
            }
        }
        Self { uploads, manifest, label_categories, template, problems, file }
    }

    /// What the rules judge by; the region of the endpoint is known to those who have one.
    pub(crate) fn evidence<'a>(&'a self, endpoint_region: Option<&'a str>) -> Evidence<'a> {
        Evidence {
            spec: self.file.spec(),
            endpoint_region,
            manifest: self.manifest.as_ref(),
            label_categories: self.label_categories.as_ref(),
            template: self.template.as_deref(),
        }
    }

    /// Everything that stands against the job.
    pub(crate) fn problems(&self, endpoint_region: Option<&str>) -> Vec<Problem> {
        let mut problems = self.evidence(endpoint_region).problems();
        problems.extend(self.problems.iter().cloned());
        problems
    }

    /// The request as AWS takes it once the uploads are done.
    pub(crate) fn request(&self) -> Value {
        self.file.spec().request_after(&self.uploads)
    }
}

struct Files<'a> {
    job: &'a JobFile,
    problems: Vec<Problem>,
}

impl Files<'_> {
    /// Reads the file of a member, if it is on this computer. One that cannot be read keeps a job back only where it
    /// would have to be uploaded.
    fn read<T>(&mut self, member: &str, own: Option<&str>, read: impl Fn(&Path) -> anyhow::Result<T>) -> Option<T> {
        let (named_by, file) = self.job.spec().local_path(member, own)?;
        let fault = match read(&self.job.beside(file)) {
            Ok(content) => return Some(content),
            Err(fault) => fault,
        };
        let is_copy = self.job.spec().text(member).is_some_and(|text| text.contains("://"));
        let message = format!("is `{}`, which cannot be used: {fault:#}", file.display());
        let problem = Problem::in_job(named_by, message, "name a file by its path from the folder of the job file");
        self.problems.push(if is_copy { problem.at(Level::Warning) } else { problem });
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::labeling_job::testing::job;

    const MANIFEST: &str = "/InputConfig/DataSource/S3DataSource/ManifestS3Uri";

    /// What stands against a job in a folder with these files.
    fn check(changes: &[(&str, Value)], files: &[(&str, &str)], expected: &[&str]) {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, content) in files {
            fs::write(dir.path().join(name), content).expect("writable");
        }
        let file = JobFile { path: dir.path().join("job.yaml"), written: Value::Null, spec: job(changes) };
        let planned = PlannedJob::gather(file, Progress::HIDDEN);
        let lines: Vec<String> = planned.problems(None).iter().map(Problem::to_string).collect();
        assert_eq!(lines.len(), expected.len(), "{lines:#?}");
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.starts_with(expected), "{line}\n{expected}");
        }
    }

    #[test]
    fn files_are_evidence() {
        let own = ("/gtruth", json!({"manifest": "a.jsonl", "template": "t.html"}));
        let stop = ("/StoppingConditions", json!({"MaxHumanLabeledObjectCount": 3}));
        let manifest = "{\"source\":\"a\"}\n{\"source\":\"b\"}\n";
        let template =
            "<script src=\"https://assets.crowd.aws/crowd-html-elements.js\"></script><crowd-form></crowd-form>";
        check(std::slice::from_ref(&own), &[("a.jsonl", manifest), ("t.html", template)], &[]);
        check(
            &[own, stop],
            &[("a.jsonl", manifest), ("t.html", "<p>")],
            &["warning[U6]", "warning[U6]", "warning[S10]"],
        );
    }

    #[test]
    fn a_file_that_is_missing_is_told() {
        let missing =
            "InputConfig.DataSource.S3DataSource.ManifestS3Uri is `a.jsonl`, which cannot be used: cannot read";
        check(&[(MANIFEST, json!("a.jsonl"))], &[], &[&format!("error: {missing}")]);
        check(&[("/gtruth", json!({"manifest": "a.jsonl"}))], &[], &["warning: gtruth.manifest is `a.jsonl`"]);
    }
}
