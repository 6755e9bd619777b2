use std::path::PathBuf;

use clap::Parser;

use super::*;
use crate::args::{Args, Command, JobCommand};
use crate::commands::testing::gtruth;
use crate::console::progress::Progress;
use crate::job_file::planned_job::PlannedJob;
use crate::problem::Level;

/// Begins a job in a folder, as nobody at a terminal would.
fn init(dir: &Path, flags: &[&str]) -> anyhow::Result<PathBuf> {
    let job = dir.join("harbor.yaml");
    let line = ["job", "init", job.to_str().expect("UTF-8"), "--yes"];
    gtruth(line.iter().chain(flags))?;
    Ok(job)
}

/// A new job has no errors, and a whole rehearsal of it labels every data object, where it can be rehearsed.
fn check(flags: &[&str], can_be_rehearsed: bool) {
    let dir = tempfile::tempdir().expect("a folder");
    let job = init(dir.path(), flags).expect("a job");
    let file = crate::job_file::open(&job).expect("a job file");
    let problems = PlannedJob::gather(file, Progress::HIDDEN).problems(None);
    let serious: Vec<_> = problems.iter().filter(|problem| problem.level != Level::Info).collect();
    assert!(serious.is_empty(), "{flags:?} {serious:#?}");
    assert_eq!(dir.path().join("truth.jsonl").exists(), can_be_rehearsed, "{flags:?}");
    if can_be_rehearsed {
        let ran = gtruth(["run", job.to_str().expect("UTF-8")]).expect("a rehearsal");
        assert_eq!(ran.status, ExitStatus::Success, "{flags:?}");
    }
}

#[test]
fn a_job_of_every_kind_is_planned_and_rehearsed() {
    for starter in Starter::with_templates() {
        check(&["--kind", starter.kind], true);
    }
}

#[test]
fn a_job_of_every_task_type_is_planned() {
    for task_type in TaskType::all().filter(|task_type| !task_type.is_audit()) {
        check(&["--task-type", task_type.name, "--region", "eu-west-1"], !task_type.is_video_frame_or_3d());
    }
}

#[test]
fn what_is_given_is_taken() {
    check(&["--kind", "bounding-box", "--label-categories", "true,a b,\"c\"", "--workers", "9"], true);
    check(&["--kind", "classification", "--manifest", "s3://b/m.jsonl"], false);
    check(&["--workteam", "arn:aws:sagemaker:us-east-1:111122223333:workteam/vendor-crowd/x"], true);
}

#[test]
fn nothing_is_overwritten_unasked() {
    let dir = tempfile::tempdir().expect("a folder");
    init(dir.path(), &[]).expect("a job");
    let err = format!("{:#}", init(dir.path(), &[]).expect_err("it is there"));
    assert!(err.contains("--overwrite"), "{err}");
    init(dir.path(), &["--overwrite"]).expect("a job");
}

#[test]
fn what_cannot_begin_says_why() {
    let check = |flags: &[&str], expected: &str| {
        let dir = tempfile::tempdir().expect("a folder");
        let err = format!("{:#}", init(dir.path(), flags).expect_err("a refusal"));
        assert!(err.contains(expected), "{err}");
    };
    check(&["--task-type", "boxes"], "there is no task type `boxes`; the known ones are image-classification,");
    check(&["--task-type", "bounding-box-adjustment"], "begin with that job's file");
    check(&["--task-type", "bounding-box", "--kind", "polygon"], "--kind is for custom jobs");
    check(&["--task-type", "bounding-box", "--region", "us-west-1"], "choose another region");
    check(&["--kind", "cuboid"], "there are templates for classification,");
}

#[test]
fn a_new_job_file_reads_well() {
    let dir = tempfile::tempdir().expect("a folder");
    let job = init(dir.path(), &["--kind", "text-span", "--bucket", "harbor-sagemaker"]).expect("a job");
    insta::assert_snapshot!(std::fs::read_to_string(job).expect("a job file"));
}

#[test]
fn what_is_not_given_is_asked_for() {
    let line = ["gtruth", "job", "init", "harbor.yaml", "--region", "eu-west-1"];
    let Command::Job { command: JobCommand::Init(args) } = Args::try_parse_from(line).expect("arguments").command
    else {
        panic!("another command")
    };
    let (mut input, mut output) = (&b"boxes\nbounding-box\n444455556666\nmy-bucket\npilots\n"[..], Vec::new());
    let files = new_files(&args, &mut Questions::new(Some(&mut input), &mut output)).expect("files");
    let said = String::from_utf8(output).expect("UTF-8");
    assert!(said.starts_with("task type [custom]: there is no task type `boxes`"), "{said}");
    let team = "WorkteamArn: arn:aws:sagemaker:eu-west-1:444455556666:workteam/private-crowd/pilots";
    let pre = "PreHumanTaskLambdaArn: arn:aws:lambda:eu-west-1:568282634449:function:PRE-BoundingBox";
    let (job, template) = (&files.job, &files.beside["template.liquid.html"]);
    assert!(job.contains(team) && job.contains(pre) && job.contains("S3OutputPath: s3://my-bucket/labels"), "{job}");
    assert!(template.contains("name=\"boundingBox\""), "{template}");
}
