//! The commands about finished jobs on a job that is in S3: the real binary against S3 on loopback.

use std::fs;
use std::path::{Path, PathBuf};

use hyper::Method;
use serde_json::{Value, json};

use crate::loopback::{Fault, Run, S3Server, SageMaker, companion};

const JOB: &str = "s3://labels/survey/River-7";

/// A job of two iterations, beside things that are nobody's business.
struct Job {
    s3: S3Server,
    /// The same on this computer.
    folder: tempfile::TempDir,
}

impl Job {
    fn new(n_objects: usize) -> Self {
        let job = Self { s3: S3Server::start(), folder: tempfile::tempdir().expect("a folder") };
        for object in 0..n_objects {
            let animal = |worker: usize| if (object * 7 + worker * 3) % 11 < 3 { "heron" } else { "otter" };
            let both = json!({"answers": [answer("ana", 1, animal(1)), answer("bo", 2, animal(2))]});
            job.put(&format!("annotations/worker-response/iteration-1/{object}/2024-05-06_07:08:09.json"), &both);
        }
        let again = json!({"answers": [answer("ana", 40, "kingfisher")]});
        job.put("annotations/worker-response/iteration-2/3/2024-05-06_07:48:09.json", &again);
        let lines = |object| json!({"source-ref": format!("s3://pictures/{object}.png")}).to_string() + "\n";
        job.put_text("manifests/output/output.manifest", &(0..n_objects).map(lines).collect::<String>());
        for other in ["annotations/intermediate/1/annotations.manifest", "activelearning/x.json", "training/model.json"]
        {
            job.put_text(other, "0\ts3://pictures/0.png\t0");
        }
        job
    }

    fn put(&self, path: &str, value: &Value) {
        self.put_text(path, &value.to_string());
    }

    fn put_text(&self, path: &str, text: &str) {
        self.s3.put(&format!("{JOB}/{path}"), text);
        let file = self.local().join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
        fs::write(file, text).expect("writable");
    }

    fn local(&self) -> PathBuf {
        self.folder.path().join("River-7")
    }

    fn agreement(&self, location: &str, more: &[&str]) -> Run {
        Run::of(companion(&self.s3).args(["agreement", location, "--json"]).args(more))
    }

    /// The keys that were fetched since `before` requests, each once, in alphabetical order. A run that broke off may have
    /// asked for some that the server only gets to later.
    fn fetched_since(&self, before: usize) -> Vec<String> {
        let requests = self.s3.requests();
        let fetched = requests[before..].iter().filter(|request| request.method == Method::GET);
        let mut keys: Vec<String> =
            fetched.filter_map(|request| request.uri.strip_prefix(&format!("{JOB}/")).map(str::to_owned)).collect();
        keys.sort();
        keys.dedup();
        keys
    }
}

fn answer(worker: &str, minute: u32, animal: &str) -> Value {
    json!({
        "workerId": worker,
        "submissionTime": format!("2024-05-06T07:{minute:02}:00.000Z"),
        "answerContent": {"animal": {"label": animal}},
    })
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in Unicode")
}

#[test]
fn a_job_in_s3_is_the_job_of_its_copy() {
    let job = Job::new(120);
    let expected = job.agreement(text(&job.local()), &[]);
    let report: Value = serde_json::from_str(&expected.out).expect("JSON");
    assert_eq!(report["agreement"]["objects"], 120);
    assert_eq!(report["notes"]["replacedAnswers"], 1);
    for location in [JOB, &format!("{JOB}/")] {
        let run = job.agreement(location, &[]);
        assert_eq!((run.code, &run.out), (0, &expected.out), "{}", run.err);
    }
    let strangers = |key: &&String| {
        key.starts_with("annotations/intermediate") || !key.contains("/output") && !key.contains("worker-")
    };
    assert_eq!(job.fetched_since(0).iter().find(strangers), None);

    // A folder of it, and a single file.
    let part = job.agreement(
        &format!("{JOB}/annotations/worker-response"),
        &["--manifest", &format!("{JOB}/manifests/output/output.manifest")],
    );
    let part: Value = serde_json::from_str(&part.out).expect("JSON");
    assert_eq!(part["agreement"]["fields"], report["agreement"]["fields"]);
    let one = job.agreement(&format!("{JOB}/annotations/worker-response/iteration-1/7/2024-05-06_07:08:09.json"), &[]);
    let one: Value = serde_json::from_str(&one.out).expect("JSON");
    assert_eq!((&one["agreement"]["objects"], &one["agreement"]["workers"]), (&json!(1), &json!(2)));
}

#[test]
fn a_cache_is_filled_where_it_was_left_and_fetched_once() {
    let job = Job::new(40);
    let cache = job.folder.path().join("cache");
    let with_cache = ["--cache", text(&cache)];
    let closed = "annotations/worker-response/iteration-1/17/2024-05-06_07:08:09.json";
    job.s3.fail(&format!("{JOB}/{closed}"), Fault::AccessDenied, 1);
    let run = job.agreement(JOB, &with_cache);
    assert_eq!(run.code, 2);
    assert!(run.err.contains(&format!("cannot fetch {JOB}/{closed}")), "{}", run.err);
    assert!(run.err.contains("AccessDenied"), "{}", run.err);

    let before = job.s3.requests().len();
    let kept = files(&cache).iter().filter(|path| !path.ends_with(".part")).count();
    let run = job.agreement(JOB, &with_cache);
    assert_eq!((run.code, run.out), (0, job.agreement(text(&job.local()), &[]).out), "{}", run.err);
    let fetched = job.fetched_since(before);
    assert_eq!(fetched.len(), 42 - kept);
    assert!(fetched.iter().any(|key| key == closed));

    let before = job.s3.requests().len();
    job.put(closed, &json!({"answers": [answer("zoe", 3, "otter")]}));
    let run = job.agreement(JOB, &with_cache);
    let report: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(report["agreement"]["workers"], 3);
    assert_eq!(job.fetched_since(before), [closed]);
    assert!(files(&cache).iter().all(|path| !path.contains(':') && !path.ends_with(".part")));

    // What was fetched is a job's folder like any other.
    let copy = job.agreement(text(&cache.join("labels/survey/River-7")), &[]);
    assert_eq!(copy.out, run.out);
}

/// The files below a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(text(&path).to_owned()) }
    }
    found
}

#[test]
fn a_job_goes_by_its_arn() {
    let job = Job::new(3);
    let sagemaker = SageMaker::start();
    sagemaker.keep(json!({
        "LabelingJobName": "River-7", "LabelAttributeName": "survey", "OutputConfig": {"S3OutputPath": "s3://labels/survey/"}
    }));
    let arn = "arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/river-7";
    let describe = |arn: &str| {
        let mut command = companion(&job.s3);
        Run::of(command.env("AWS_ENDPOINT_URL_SAGEMAKER", sagemaker.endpoint()).args(["agreement", arn, "--json"]))
    };
    let run = describe(arn);
    assert_eq!((run.code, run.out), (0, job.agreement(JOB, &[]).out), "{}", run.err);
    let run = describe("arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/lake");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("there is no labeling job lake in eu-west-1"), "{}", run.err);
}

#[test]
fn what_is_no_job_is_told_apart() {
    let job = Job::new(1);
    job.s3.put("s3://labels/survey/Lake-2/manifests/output/output.manifest", "{}\n");
    let check = |location: &str, expected: &str| {
        let run = job.agreement(location, &[]);
        assert_eq!(run.code, 2, "{location}");
        assert!(run.err.contains(expected), "{location}: {}", run.err);
    };
    check("s3://labels/survey", "it holds 2 folders (Lake-2, River-7), and neither annotations/ nor manifests/");
    check("s3://labels/survey/Pond-1", "there is nothing at s3://labels/survey/Pond-1");
    check("s3://nobody/survey", "cannot list s3://nobody/survey/");
    check("s3:/labels", "`s3:/labels` does not start with s3://");
}
