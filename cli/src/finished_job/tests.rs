use std::fs;

use serde_json::{Value, json};

use super::testing::{JobFolder, answer, json_lines, metadata, write};
use super::*;

fn form(animal: &str) -> Value {
    json!({ "animal": { "label": animal } })
}

/// `id: worker=animal …; state` per object.
fn text(job: &FinishedJob) -> Vec<String> {
    let of_object = |(idx, object): (usize, &DatasetObject)| {
        let answers: String = object
            .answers
            .iter()
            .map(|one| {
                let animal = one.answer.field("animal").and_then(|animal| animal.member("label")?.text());
                format!(" {}={}", one.worker_id, animal.as_deref().unwrap_or("?"))
            })
            .collect();
        let state = match job.state(idx) {
            State::Labeled { label, .. } => label.to_string(),
            State::Failed { reason } => format!("failed, {reason}"),
            State::Unlabeled => "unlabeled".to_owned(),
        };
        format!("{}:{answers}; {state}", object.id)
    };
    job.batch.objects.iter().enumerate().map(of_object).collect()
}

fn source(key: &str) -> Value {
    json!({ "source-ref": format!("s3://river-in/{key}") })
}

fn with(mut line: Value, members: &[(&str, Value)]) -> Value {
    for (name, value) in members {
        line[*name] = value.clone();
    }
    line
}

#[test]
fn a_job_with_functions() {
    let job = JobFolder::new("River-7")
        .answers(1, "0", &[("ana", 1, form("otter")), ("bo", 2, form("heron"))])
        .answers(1, "10", &[("ana", 3, form("heron"))])
        .answers(1, "2", &[("bo", 4, form("otter"))])
        .output(&[
            with(source("0.png"), &[("survey", json!("otter")), ("survey-metadata", metadata("river-7"))]),
            with(
                source("1.png"),
                &[(
                    "survey-metadata",
                    json!({"retry-count": 1, "failure-reason": "ClientError: x", "human-annotated": "true"}),
                )],
            ),
            source("2.png"),
        ])
        .open();
    assert_eq!(job.name.as_deref(), Some("River-7"));
    assert_eq!(job.label_attribute_name.as_deref(), Some("survey"));
    assert_eq!(
        text(&job),
        [
            "0: ana=otter bo=heron; \"otter\"",
            "1:; failed, ClientError: x",
            "2: bo=otter; unlabeled",
            "10: ana=heron; unlabeled"
        ]
    );
    assert_eq!(job.notes.of(Note::WithoutLine), 1);
    assert_eq!(job.details[0].source, Some(Source::File("s3://river-in/0.png".to_owned())));
    let timing = job.details[0].timings[1];
    assert_eq!(timing.seconds, Some(31.5));
    assert_eq!((timing.submitted.expect("a time") - timing.accepted.expect("a time")).whole_minutes(), 2);
    assert_eq!(job.n_answers(), 4);
}

#[test]
fn the_newest_answer_of_a_worker_wins_across_files_and_iterations() {
    let job = JobFolder::new("job")
        .answers(1, "0", &[("ana", 9, form("late"))])
        .answers(2, "0", &[("ana", 5, form("early")), ("bo", 6, form("otter"))])
        .answers(10, "0", &[("bo", 7, form("heron"))])
        .open();
    assert_eq!(text(&job), ["0: ana=late bo=heron; unlabeled"]);
    assert_eq!(job.notes.of(Note::ReplacedAnswer), 2);
    assert_eq!(job.batch.objects[0].n_replaced, 2);
}

#[test]
fn a_job_without_functions_has_empty_labels() {
    let reference = "s3://out/job/annotations/worker-response/iteration-1/0/2024-05-06_07:01:40.json";
    let mut of_label = metadata("job");
    of_label["worker-response-ref"] = json!(reference);
    let job = JobFolder::new("job")
        .answers(1, "0", &[("ana", 1, form("otter"))])
        .output(&[json!({"source": "x", "tags": {}, "tags-metadata": of_label})])
        .open();
    assert_eq!(text(&job), ["0: ana=otter; {}"]);
}

#[test]
fn what_cannot_be_read_is_counted_and_harms_nothing_else() {
    let good = answer("ana", 1, &form("otter"));
    let answers = json!({"answers": [good, {"workerId": "bo"}, ["cy"], {"workerId": "di", "answerContent": "x"}]});
    let job = JobFolder::new("job")
        .file("annotations/worker-response/iteration-1/0/2024-05-06_07:01:40.json", &answers.to_string())
        .file("annotations/worker-response/iteration-1/0/2024-05-06_07:02:40.json", "{]")
        .file("annotations/intermediate/1/annotations.manifest", "0\ts3://river-in/0.png\t0\n")
        .file("manifests/output/output.manifest", "{\"source\":\"a\"}\nnot json\n{\"source\":\"c\"}\n")
        .file("annotations/consolidated-annotation/consolidation-request/iteration-1/x.json", "{}")
        .open();
    assert_eq!(text(&job), ["0: ana=otter; unlabeled", "2:; unlabeled"]);
    assert_eq!(job.batch.objects[0].rejected.len(), 3);
    assert_eq!(
        job.notes.to_string(),
        "note: 3 answers are not forms and set aside\nnote: 1 file is not a worker-response file\n\
         note: 1 file is not a consolidation request or response\nnote: 1 manifest line is not a JSON object\n"
    );
}

/// What files of 2018 to 2020 looked like: no iterations, no times but the one of sending, the manifest's folder without its
/// s, a TAB-separated file that only calls itself a manifest.
#[test]
fn a_job_of_old() {
    let bare = json!({"workerId": "ana", "answerContent": form("otter"), "submissionTime": "2020-05-06T07:01:00Z"});
    let job = JobFolder::new("job")
        .file("annotations/worker-response/0/2020-05-06_07:01:40.json", &json!({"answers": [bare]}).to_string())
        .file("annotations/intermediate/1/annotations.manifest", "0\ts3://river-in/0.png\t0\n")
        .file("annotations/intermediate/1/annotations.manifest-query.tmp", "0")
        .file("manifests/intermediate/1/output.manifest", "{\"source\":\"of yesterday\"}\n")
        .file("manifest/output/output.manifest", "{\"source\":\"x\"}\n")
        .open();
    assert_eq!(text(&job), ["0: ana=otter; unlabeled"]);
    assert_eq!(job.details[0].source, Some(Source::Text("x".to_owned())));
    let timing = job.details[0].timings[0];
    assert_eq!((timing.accepted, timing.seconds, timing.submitted.is_some()), (None, None, true));
    assert_eq!(job.notes, Notes::default());
}

/// Streaming jobs name objects themselves, and mark their lines with members that begin with `$`.
#[test]
fn a_streaming_job() {
    let line = json!({"source": "x", "dataset-objectid-attribute-name": "$tags-object-id", "$tags-object-id": "a-1",
        "tags": "otter", "tags-metadata": metadata("job")});
    let job = JobFolder::new("job").answers(1, "a-1", &[("ana", 1, form("otter"))]).output(&[line]).open();
    assert_eq!(job.n_answers(), 1);
    assert_eq!(job.label_attribute_name.as_deref(), Some("tags"));
    assert_eq!(text(&job), ["a-1: ana=otter; \"otter\""]);
}

#[test]
fn a_line_that_tells_its_object_is_found_wherever_it_stands() {
    let line = |source: &str, object: &str| {
        let reference =
            format!("s3://out/job/annotations/worker-response/iteration-1/{object}/2024-05-06_07:01:40.json");
        json!({"source": source, "tags": {}, "tags-metadata": {"job-name": "labeling-job/job", "worker-response-ref": reference}})
    };
    let job = JobFolder::new("job")
        .answers(1, "0", &[("ana", 1, form("otter"))])
        .answers(1, "1", &[("ana", 2, form("heron"))])
        .output(&[line("b", "1"), json!({"source": "c"}), line("a", "0"), line("of a part that was not copied", "7")])
        .open();
    let sources: Vec<_> = job
        .batch
        .objects
        .iter()
        .zip(&job.details)
        .map(|(object, details)| {
            let Some(Source::Text(text)) = &details.source else { panic!("a text") };
            format!("{}: {text}", object.id)
        })
        .collect();
    assert_eq!(sources, ["0: a", "1: b", "3: of a part that was not copied", "line-1: c"]);
}

/// The tools for video frames nest their files deeper, in a format that is not documented.
#[test]
fn answers_of_video_frames_are_left_alone() {
    let job = JobFolder::new("job")
        .file("annotations/worker-response/iteration-1/0/4f3c/frame_1.json", r#"{"trackingAnnotations": {}}"#)
        .output(&[json!({"source-ref": "s3://in/seq.json", "track-ref": "s3://out/SeqLabel.json", "track-ref-metadata": metadata("job")})])
        .open();
    assert_eq!(text(&job), ["0:; \"s3://out/SeqLabel.json\""]);
}

fn payload() -> Value {
    let text = |animal: &str| form(animal).to_string();
    json!([
        {"datasetObjectId": "0", "dataObject": {"s3Uri": "s3://river-in/0.png"},
         "annotations": [{"workerId": "ana", "annotationData": {"content": text("otter")}}]},
        {"datasetObjectId": "1", "dataObject": {"s3Uri": "s3://river-in/1.png"},
         "annotations": [{"workerId": "ana", "annotationData": {"content": text("heron")}}]},
    ])
}

#[test]
fn requests_stand_in_for_worker_responses() {
    let response = json!([{"datasetObjectId": "1", "consolidatedAnnotation": {"content": {"survey": "heron"}}}]);
    let job = JobFolder::new("job").request("a", &payload()).response("a", &response).open();
    assert_eq!(text(&job), ["0: ana=otter; unlabeled", "1: ana=heron; \"heron\""]);
    assert_eq!(job.details[1].source, Some(Source::File("s3://river-in/1.png".to_owned())));
    assert_eq!(job.notes.of(Note::OnlyInRequest), 2);
}

#[test]
fn a_line_that_moved_is_found_by_its_source() {
    let labeled =
        |key: &str, label: &str| with(source(key), &[("survey", json!(label)), ("survey-metadata", metadata("job"))]);
    let folder =
        JobFolder::new("job").request("a", &payload()).output(&[labeled("1.png", "heron"), labeled("0.png", "otter")]);
    let job = folder.open();
    assert_eq!(text(&job), ["0: ana=otter; \"otter\"", "1: ana=heron; \"heron\""]);
    assert_eq!(job.notes.of(Note::LineFoundBySource), 2);

    let job = folder.output(&[labeled("0.png", "otter"), labeled("elsewhere.png", "heron")]).open();
    assert_eq!(job.notes.of(Note::LineOfOtherSource), 1);
}

#[test]
fn the_label_attribute_is_the_one_that_names_the_job() {
    let line = json!({"source": "x", "old": 1, "old-metadata": metadata("first"), "new": 2, "new-metadata": metadata("River-7")});
    let folder = JobFolder::new("river-7").output(std::slice::from_ref(&line));
    assert_eq!(folder.open().label_attribute_name.as_deref(), Some("new"));

    let folder = JobFolder::new("renamed").output(&[line]);
    let error = FinishedJob::open(&folder.path(), &Known::default(), &|| {}).expect_err("two labels").to_string();
    assert_eq!(
        error,
        "the manifest holds several labels, new, old; name this job's with --label-attribute, as in --label-attribute new"
    );
    let known = Known { label_attribute_name: Some("old".to_owned()), ..Known::default() };
    assert_eq!(text(&folder.open_knowing(&known)), ["0:; 1"]);
}

#[test]
fn an_input_manifest_and_categories_can_be_given() {
    let folder = JobFolder::new("job").answers(1, "1", &[("ana", 1, form("otter"))]).file(
        "annotation-tool/data.json",
        r#"{"document-version": "2018-11-28", "labels": [{"label": "heron"}, {"label": "otter"}]}"#,
    );
    let manifest = folder.path().join("in.manifest");
    write(&manifest, &json_lines(&[json!({"source": "a"}), json!({"source": "b"})]));
    let job = folder.open_knowing(&Known { manifest: Some(manifest), ..Known::default() });
    assert_eq!(text(&job), ["0:; unlabeled", "1: ana=otter; unlabeled"]);
    assert_eq!(job.batch.categories, ["heron", "otter"].map(LabelCategory::new));
    let known = Known { categories: Some(vec!["otter".to_owned()]), ..Known::default() };
    assert_eq!(folder.open_knowing(&known).batch.categories, ["otter"].map(LabelCategory::new));
}

#[test]
fn a_part_of_a_job_is_enough() {
    let folder = JobFolder::new("job").answers(1, "0", &[("ana", 1, form("otter"))]).request("a", &payload());
    let open =
        |path: &str| FinishedJob::open(&folder.path().join(path), &Known::default(), &|| {}).map(|job| text(&job));
    let only = ["0: ana=otter; unlabeled"];
    assert_eq!(open("annotations/worker-response").expect("a job"), only);
    assert_eq!(open("annotations").expect("a job"), only);
    assert_eq!(open("annotations/worker-response/iteration-1/0/2024-05-06_07:01:40.json").expect("a job"), only);
    let both = ["0: ana=otter; unlabeled", "1: ana=heron; unlabeled"];
    assert_eq!(open("annotations/consolidated-annotation/consolidation-request").expect("a job"), both);
    assert_eq!(
        open("annotations/consolidated-annotation/consolidation-request/iteration-1/a.json").expect("a job"),
        both
    );
}

#[test]
fn what_is_no_job_says_what_would_be() {
    let dir = tempfile::tempdir().expect("a folder");
    let error = |path: &Path| format!("{:#}", FinishedJob::open(path, &Known::default(), &|| {}).expect_err("no job"));
    assert!(error(&dir.path().join("none")).contains("cannot read"));
    assert!(error(dir.path()).contains("is not a labeling job's folder"));
    fs::create_dir_all(dir.path().join("survey/annotations")).expect("writable");
    assert!(error(dir.path()).contains("holds a job's folder; name one, as in "));
}
