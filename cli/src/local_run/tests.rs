use std::fs;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use ground_truth::store::{Listed, ObjectStore, StoreFuture};
use serde_json::json;
use tempfile::TempDir;
use time::macros::utc_datetime;

use super::*;

/// A job in a folder of its own: two workers per data object, answers simulated without a mistake.
struct Job {
    dir: TempDir,
    document: Value,
    options: Options,
}

const MANIFEST: &str = r#"{"source":"a","n":1.50}
{"source":"b"}
{"source":"c"}
"#;

const TRUTH: &str = r#"{"tone":{"label":"praise"}}
{"tone":{"label":"blame"}}
{"tone":{"label":"praise"}}
"#;

impl Job {
    fn new() -> Self {
        let document = json!({
            "LabelingJobName": "Ferry-Mail",
            "LabelAttributeName": "mail",
            "HumanTaskConfig": {"NumberOfHumanWorkersPerDataObject": 2},
            "gtruth": {
                "manifest": "manifest.jsonl",
                "labelCategories": ["praise", "blame"],
                "localRun": {
                    "workers": {"simulated": {"truth": "truth.jsonl", "skills": {"ana": 1, "bo": 1}}}
                }
            }
        });
        let start_time = utc_datetime!(2024-05-06 07:00:00);
        let options = Options { output: None, batch_size: None, seed: None, start_time, overwrite: false };
        let dir = tempfile::tempdir().expect("a folder");
        Self { dir, document, options }.with_file("manifest.jsonl", MANIFEST).with_file("truth.jsonl", TRUTH)
    }

    /// The same job with recorded answers: per data object what ana says, and nothing where that is empty.
    fn recorded(answers: &[&str]) -> Self {
        let mut job = Self::new().with("/gtruth/localRun/workers", json!({"recorded": "answers"}));
        for (idx, answer) in answers.iter().enumerate().filter(|(_, answer)| !answer.is_empty()) {
            let file = format!(r#"{{"answers": [{{"workerId": "ana", "answerContent": {answer}}}]}}"#);
            job = job.with_file(&format!("answers/iteration-1/{idx}/a.json"), &file);
        }
        job
    }

    fn with_file(self, path: &str, text: &str) -> Self {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        fs::write(path, text).expect("writable");
        self
    }

    /// The same job with one member replaced or added, by JSON pointer.
    fn with(mut self, pointer: &str, value: Value) -> Self {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        self.document.pointer_mut(parent).expect("a parent")[name] = value;
        self
    }

    fn prepare(&self) -> anyhow::Result<LocalRun> {
        let path = self.dir.path().join("job.json");
        fs::write(&path, self.document.to_string()).expect("writable");
        LocalRun::prepare(&path, &self.options)
    }

    fn run(&self) -> anyhow::Result<Summary> {
        self.prepare()?.run(&|| ())
    }

    /// The output manifest of a run that succeeds.
    fn lines(&self) -> Vec<Value> {
        let summary = self.run().expect("a run");
        let manifest = fs::read_to_string(summary.output_manifest).expect("a manifest");
        manifest.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// Every file of the output tree with its content, by path.
    fn tree(&self) -> BTreeMap<String, String> {
        let root = self.dir.path().join("output");
        let (mut files, mut folders) = (BTreeMap::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned();
                    files.insert(name, fs::read_to_string(path).expect("text"));
                }
            }
        }
        files
    }
}

fn tone(label: &str) -> Value {
    json!({
        "kind": "classification", "method": "auto", "label": label, "confidence": 0.91, "confidences": {label: 0.91},
        "votes": {label: 2}, "workers": 2, "model": "weighted-vote+one-coin",
        "modelReason": "few-objects",
    })
}

#[test]
fn the_output_tree_is_ground_truths() {
    let job = Job::new().with("/gtruth/localRun/batchSize", json!(2));
    let summary = job.run().expect("a run");
    assert_eq!((summary.labeled, summary.batches, summary.answers), (3, 2, 6));
    let paths: Vec<String> = job.tree().into_keys().collect();
    insta::assert_snapshot!(paths.join("\n"));
}

#[test]
fn every_line_keeps_its_members_and_its_place() {
    let job = Job::new();
    let lines = job.lines();
    assert_eq!(lines[0].to_string().split(r#","mail""#).next(), Some(r#"{"source":"a","n":1.50"#));
    assert_eq!(lines[0]["mail"], json!({"tone": tone("praise")}));
    assert_eq!(lines[1]["mail"], json!({"tone": tone("blame")}));
    assert_eq!(lines[2]["source"], "c");
    assert_eq!(lines[0]["mail-metadata"]["job-name"], "labeling-job/ferry-mail");
    assert_eq!(lines[0]["mail-metadata"]["type"], "groundtruth/custom");
}

#[test]
fn the_same_seed_and_start_time_give_the_same_bytes() {
    let tree = |seed: u64| {
        let mut job =
            Job::new().with("/gtruth/localRun/workers/simulated/skills", json!({"a": 0.5, "b": 0.5, "c": 0.5}));
        job.options.seed = Some(seed);
        job.run().expect("a run");
        job.tree()
    };
    assert_eq!(tree(7), tree(7));
    assert_ne!(tree(7), tree(8));
}

#[test]
fn whatever_becomes_of_an_object_its_line_comes_out() {
    let manifest = concat!(
        r#"{"source":"answered"}"#,
        "\r\n",
        r#"{"source": "excluded", "isHumanAnnotationRequired": false}"#,
        "\r\n",
        r#"{"source":"nobody answers"}"#,
        "\r\n",
        r#"{"source":"an empty form"}"#,
        "\r\n",
        r#"{"source": "chained", "mail": 0, "mail-metadata": {"x": 1}}"#,
        "\r\n",
        r#"{"source":"failed before","mail-metadata":{"failure-reason":"old"}}"#,
        "\r\n",
        r#"{"n":1}"#,
        "\r\n",
    );
    let answer = r#"{"tone": {"label": "praise"}}"#;
    let job = Job::recorded(&[answer, answer, "", "{}", answer, answer]).with_file("manifest.jsonl", manifest);
    let summary = job.run().expect("a run");
    let failed = (summary.failed.expired, summary.failed.no_usable_answer);
    assert_eq!((summary.labeled, summary.excluded, summary.already_labeled, failed), (2, 2, 1, (1, 1)));

    let text = fs::read_to_string(summary.output_manifest).expect("a manifest");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with(r#"{"source":"answered","mail":{"tone":"#), "{}", lines[0]);
    assert_eq!(lines[1], r#"{"source": "excluded", "isHumanAnnotationRequired": false}"#);
    assert!(lines[2].contains(r#""failure-reason":"ClientError: Annotation tasks expired.  Probable"#), "{}", lines[2]);
    assert!(lines[3].contains("returned no label for this data object: no-usable-answer"), "{}", lines[3]);
    assert_eq!(lines[4], r#"{"source": "chained", "mail": 0, "mail-metadata": {"x": 1}}"#);
    assert!(lines[5].contains(r#""mail-metadata":{"type":"groundtruth/custom""#), "{}", lines[5]);
    assert_eq!(lines[6], r#"{"n":1}"#);
    assert_eq!(lines.len(), 7);
}

#[test]
fn objects_that_nobody_answered_are_in_no_payload() {
    let job = Job::recorded(&["", r#"{"tone": {"label": "praise"}}"#, ""]);
    job.run().expect("a run");
    let tree = job.tree();
    let requests: Vec<&String> =
        tree.iter().filter(|(path, _)| path.contains("consolidation-request")).map(|(_, text)| text).collect();
    assert_eq!(
        requests,
        [
            r#"[{"datasetObjectId":"1","dataObject":{"content":"b"},"annotations":[{"workerId":"ana","annotationData":{"content":"{\"tone\":{\"label\":\"praise\"}}"}}]}]"#
        ]
    );

    let job = Job::recorded(&["", "", ""]).with_file("answers/9/a.json", r#"{"answers": []}"#);
    assert_eq!(job.run().expect("a run").batches, 0);
    assert!(job.tree().into_keys().all(|path| path.ends_with("output.manifest")));
}

#[test]
fn two_batches_in_one_second_have_files_of_their_own() {
    let answer = r#"{"tone": {"label": "praise"}}"#;
    let job = Job::recorded(&[answer; 3]).with("/gtruth/localRun/batchSize", json!(1));
    assert_eq!(job.run().expect("a run").batches, 3);
    for folder in ["consolidation-request", "consolidation-response"] {
        assert_eq!(job.tree().into_keys().filter(|path| path.contains(folder)).count(), 3);
    }
}

#[test]
fn earlier_batches_are_history_when_the_job_file_says_so() {
    // Only the first batch shows that these are check boxes.
    let answers = [r#"{"tone": {"praise": true, "blame": true}}"#, r#"{"tone": {"praise": true, "blame": false}}"#, ""];
    let job = |megabytes: u64| {
        let job = Job::recorded(&answers).with("/gtruth/localRun/batchSize", json!(1));
        job.with("/gtruth/localRun/jobHistoryMegabytes", json!(megabytes))
    };
    let kinds = |job: Job| {
        let lines = job.lines();
        [0, 1].map(|idx: usize| lines[idx]["mail"]["tone"]["kind"].clone())
    };
    assert_eq!(kinds(job(0)), ["multi-label", "classification"]);
    assert_eq!(kinds(job(1)), ["multi-label", "multi-label"]);
    let summary = job(1).run().expect("a run");
    assert_eq!((summary.labeled, summary.batches), (2, 2));
}

/// The function consolidates what its store gives it; a second consolidation of what was written would tell another story.
#[test]
fn a_batch_is_consolidated_once_and_its_outcomes_are_those_of_the_function() {
    /// A store in which all praise has become blame, and which counts what it is asked for.
    struct Slanderous {
        store: FolderStore,
        n_gets: AtomicUsize,
        n_lists: AtomicUsize,
    }

    impl ObjectStore for Slanderous {
        fn get<'a>(&'a self, uri: &'a S3Uri, limit: u64) -> StoreFuture<'a, Vec<u8>> {
            self.n_gets.fetch_add(1, Relaxed);
            Box::pin(async move {
                let bytes = self.store.get(uri, limit).await?;
                Ok(String::from_utf8_lossy(&bytes).replace("praise", "blame").into_bytes())
            })
        }

        fn put<'a>(&'a self, uri: &'a S3Uri, bytes: Vec<u8>, kms_key_id: Option<&'a str>) -> StoreFuture<'a, ()> {
            self.store.put(uri, bytes, kms_key_id)
        }

        fn list<'a>(&'a self, prefix: &'a S3Uri, limit: usize) -> StoreFuture<'a, Vec<Listed>> {
            self.n_lists.fetch_add(1, Relaxed);
            self.store.list(prefix, limit)
        }
    }

    let job = Job::new().with("/gtruth/localRun/batchSize", json!(1));
    let job = job.with("/gtruth/localRun/jobHistoryMegabytes", json!(1));
    let run = job.prepare().expect("a job");
    let store = Slanderous { store: run.tree.store(), n_gets: AtomicUsize::new(0), n_lists: AtomicUsize::new(0) };
    let summary = run.run_with(&store, &|| ()).expect("a run");

    let manifest = fs::read_to_string(&summary.output_manifest).expect("a manifest");
    assert_eq!(manifest.matches(r#""label":"blame""#).count(), 3, "{manifest}");
    let [tone] = summary.fields.iter().collect::<Vec<_>>()[..] else { panic!("one field") };
    assert_eq!((tone.as_in_truth.labels, tone.as_in_truth.of), (1, 3), "one of the three is blamed in truth");
    // Three payloads, and the first two once more as history; the folder is looked at once per batch.
    assert_eq!((store.n_gets.into_inner(), store.n_lists.into_inner()), (5, 3));
}

#[test]
fn labels_in_the_built_in_shape_bring_their_metadata() {
    let lines = Job::new().with("/gtruth/plan", json!({"outputFormat": "ground-truth"})).lines();
    assert_eq!(lines[1]["mail"], 1);
    let metadata = &lines[1]["mail-metadata"];
    assert_eq!(metadata["type"], "groundtruth/text-classification");
    assert_eq!(metadata["class-name"], "blame");
    assert_eq!(metadata["job-name"], "labeling-job/ferry-mail");
}

#[test]
fn workers_can_be_simulated_for_every_kind() {
    for kind in annotation_kinds::ALL {
        let answer: Value =
            kind.examples.first().map_or(json!("as is"), |example| serde_json::from_str(example).expect("JSON"));
        let job = Job::new()
            .with_file("truth.jsonl", &format!("{}\n", json!({ "answer": answer })).repeat(3))
            .with("/gtruth/labelCategories", json!(["fair", "good"]))
            .with("/gtruth/plan", json!({"fields": {"answer": {"kind": kind.name}}}))
            .with("/gtruth/localRun/workers/simulated/skills", json!({"ana": 0.9, "bo": 0.4}));
        for line in job.lines() {
            let label = &line["mail"]["answer"];
            assert_eq!((&label["kind"], label.get("reason")), (&json!(kind.name), None), "{label}");
        }
    }
}

#[test]
fn mistakes_are_named_before_anything_is_written() {
    let check = |job: Job, expected: &str| {
        let error = format!("{:#}", job.run().expect_err("a mistake"));
        let error = error.replace(&format!("{}/", job.dir.path().display()), "");
        assert_eq!(error, expected);
        assert!(!job.dir.path().join("output").exists());
    };
    check(
        Job::new().with_file("manifest.jsonl", "{\"source\":\"a\"}\n{\"source\":}\n"),
        "manifest.jsonl, line 2: the line is not JSON: expected value (column 11); write one complete JSON object a line, with line breaks in texts as \\n",
    );
    check(Job::new().with_file("manifest.jsonl", ""), "manifest.jsonl has no lines; it needs one data object a line");
    check(
        Job::new().with_file("truth.jsonl", "{}\n{}\n"),
        "truth.jsonl has 2 lines and manifest.jsonl has 3; it needs one line for each data object",
    );
    check(
        Job::new().with("/HumanTaskConfig/NumberOfHumanWorkersPerDataObject", json!(3)),
        "NumberOfHumanWorkersPerDataObject is 3, but gtruth.localRun.workers.simulated.skills names 2 workers; name more \
         or ask fewer",
    );
    check(
        Job::new().with("/gtruth/localRun/wrokers", json!({})),
        "job.json cannot be used: gtruth.localRun.wrokers: unknown member; did you mean `workers`?",
    );
    check(
        Job::new().with("/gtruth/plan", json!({"outputFormat": "built-in"})),
        "gtruth.plan of job.json has mistakes: outputFormat: must be `fields`, `ground-truth` or `all-answers`",
    );
    check(
        Job::new().with_file("plan.json", r#"{"quorom": 2}"#).with("/gtruth/plan", json!("plan.json")),
        "plan.json has mistakes: quorom: unknown member; did you mean `quorum`?",
    );
    check(
        Job::new().with("/gtruth/taskInput", json!({"constant": {}})),
        "gtruth.taskInput of job.json has mistakes: constant: unknown member; did you mean `constants`?",
    );
    check(
        Job::new().with("/gtruth/localRun/workers", json!({"recorded": "none"})),
        "cannot read none: No such file or directory (os error 2)",
    );
}
