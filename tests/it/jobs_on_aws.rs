//! The companion's commands that talk to SageMaker: the real binary against a SageMaker on loopback, in good days and
//! bad ones.

use std::fs;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::loopback::{FUNCTION_ROLE, REGION, S3Server, SageMaker, Trouble, executable};

const JOB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/river-survey/job.yaml");
const PRE: &str = "arn:aws:lambda:eu-west-1:111122223333:function:SageMaker-pre";
const POST: &str = "arn:aws:lambda:eu-west-1:111122223333:function:SageMaker-post";
const ARN: &str = "arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/river-survey";
const SECRET: &str = "a secret that nobody may print";

/// How a run of the companion ended.
struct Run {
    code: i32,
    out: String,
    err: String,
}

/// Runs `gtruth job …` with credentials, in an environment that has nothing else.
fn gtruth(sagemaker: &SageMaker, arguments: &[&str]) -> Run {
    let mut command = Command::new(executable("gtruth"));
    command.env("AWS_ACCESS_KEY_ID", "KEY-ID").env("AWS_SECRET_ACCESS_KEY", SECRET);
    run(command, sagemaker, arguments)
}

fn run(command: Command, sagemaker: &SageMaker, arguments: &[&str]) -> Run {
    run_with_config("", command, sagemaker, arguments)
}

fn run_with_config(config: &str, mut command: Command, sagemaker: &SageMaker, arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config");
    fs::write(&file, config).expect("writable");
    let Output { status, stdout, stderr } = command
        .arg("job")
        .args(arguments)
        .env_remove("AWS_PROFILE")
        .env("AWS_CONFIG_FILE", &file)
        .env("AWS_SHARED_CREDENTIALS_FILE", folder.path().join("none"))
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_REGION", REGION)
        .env("AWS_ENDPOINT_URL_SAGEMAKER", sagemaker.endpoint())
        .output()
        .expect("the companion starts");
    let text = |bytes| String::from_utf8(bytes).expect("the companion writes UTF-8");
    let run = Run { code: status.code().expect("an exit code"), out: text(stdout), err: text(stderr) };
    assert!(!run.err.contains(SECRET) && !run.out.contains(SECRET));
    run
}

fn create(sagemaker: &SageMaker, more: &[&str]) -> Run {
    let arguments = ["create", JOB, "--pre-arn", PRE, "--post-arn", POST, "--yes"];
    gtruth(sagemaker, &[&arguments[..], more].concat())
}

#[test]
fn a_job_is_created_from_its_file() {
    let sagemaker = SageMaker::start();
    let run = create(&sagemaker, &[]);
    assert_eq!((run.code, run.out.trim()), (0, ARN), "{}", run.err);
    assert!(run.err.contains("https://eu-west-1.console.aws.amazon.com/"), "{}", run.err);
    let [request] = &sagemaker.requests("CreateLabelingJob")[..] else { panic!("one request") };
    assert_eq!(request["HumanTaskConfig"]["PreHumanTaskLambdaArn"], PRE);
    assert_eq!(request["LabelAttributeName"], "survey");
    assert_eq!(request.get("gtruth"), None);
}

#[test]
fn a_dry_run_asks_for_nothing_and_says_everything() {
    let sagemaker = SageMaker::start();
    let run = create(&sagemaker, &["--dry-run", "--json"]);
    let plan: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!((run.code, &plan["region"]), (0, &json!(REGION)));
    assert_eq!(plan["request"]["LabelingJobName"], "river-survey");
    assert!(sagemaker.requests("CreateLabelingJob").is_empty());
}

#[test]
fn what_lies_on_this_computer_is_uploaded_and_its_place_filled_in() {
    let (sagemaker, s3) = (SageMaker::start(), S3Server::start());
    s3.put("s3://river-sagemaker/of-somebody", ""); // The bucket is there.
    let folder = tempfile::tempdir().expect("a folder");
    let mut job: Value = serde_saphyr::from_str(&fs::read_to_string(JOB).expect("the example")).expect("YAML");
    job["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"] = json!("m.jsonl");
    job["HumanTaskConfig"]["UiConfig"]["UiTemplateS3Uri"] = json!("t.liquid.html");
    job["OutputConfig"]["S3OutputPath"] = json!("s3://river-sagemaker/jobs");
    job["gtruth"] = json!({ "labelCategories": ["otter", "heron"] });
    job.as_object_mut().expect("an object").shift_remove("LabelCategoryConfigS3Uri");
    let template = "<script src=\"https://assets.crowd.aws/crowd-html-elements.js\"></script><crowd-form></crowd-form>";
    for (name, content) in
        [("job.json", &*job.to_string()), ("m.jsonl", "{\"source\":\"a\"}\n"), ("t.liquid.html", template)]
    {
        fs::write(folder.path().join(name), content).expect("writable");
    }
    let mut command = Command::new(executable("gtruth"));
    command
        .env("AWS_ACCESS_KEY_ID", FUNCTION_ROLE.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", FUNCTION_ROLE.secret_access_key)
        .env("AWS_SESSION_TOKEN", FUNCTION_ROLE.session_token)
        .env("AWS_ENDPOINT_URL_S3", s3.endpoint());
    let file = folder.path().join("job.json");
    let run = run(command, &sagemaker, &["create", file.to_str().expect("a path"), "--yes"]);
    assert_eq!((run.code, run.out.trim()), (0, ARN), "{}", run.err);
    let [request] = &sagemaker.requests("CreateLabelingJob")[..] else { panic!("one request") };
    let uploaded = |pointer: &str| {
        let uri = request.pointer(pointer).and_then(Value::as_str).expect("a URI");
        String::from_utf8(s3.get(uri).expect("an object")).expect("UTF-8")
    };
    assert_eq!(uploaded("/InputConfig/DataSource/S3DataSource/ManifestS3Uri"), "{\"source\":\"a\"}\n");
    assert_eq!(uploaded("/HumanTaskConfig/UiConfig/UiTemplateS3Uri"), template);
    let categories: Value = serde_json::from_str(&uploaded("/LabelCategoryConfigS3Uri")).expect("JSON");
    assert_eq!(categories["labels"], json!([{"label": "otter"}, {"label": "heron"}]));
}

#[test]
fn nothing_is_created_unasked() {
    let sagemaker = SageMaker::start();
    let run = gtruth(&sagemaker, &["create", JOB]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("Give --yes"), "{}", run.err);
    assert!(sagemaker.requests("CreateLabelingJob").is_empty());
}

#[test]
fn a_name_that_another_job_has_is_a_failure_that_names_the_difference() {
    let sagemaker = SageMaker::start();
    sagemaker.keep(json!({"LabelingJobName": "River-Survey", "LabelingJobStatus": "Completed"}));
    let run = create(&sagemaker, &[]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("taken by another job") && run.err.contains("RoleArn"), "{}", run.err);
}

#[test]
fn the_same_job_created_twice_is_told_apart_from_a_lost_answer() {
    let sagemaker = SageMaker::start();
    create(&sagemaker, &[]);
    let run = create(&sagemaker, &[]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("from this very request"), "{}", run.err);
}

#[test]
fn throttling_is_waited_out() {
    let sagemaker = SageMaker::start();
    sagemaker.plan("CreateLabelingJob", Trouble::Refusal(400, "ThrottlingException", "Rate exceeded"));
    let run = create(&sagemaker, &[]);
    assert_eq!((run.code, run.out.trim()), (0, ARN), "{}", run.err);
    assert_eq!(sagemaker.requests("CreateLabelingJob").len(), 2);
}

#[test]
fn what_the_service_has_against_a_job_is_told_whole() {
    let text = "2 validation errors detected: Value at 'taskTitle' failed to satisfy constraint; and another";
    let sagemaker = SageMaker::start();
    sagemaker.plan("CreateLabelingJob", Trouble::Refusal(400, "ValidationException", text));
    let run = create(&sagemaker, &[]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains(text), "{}", run.err);
}

#[test]
fn a_missing_permission_keeps_the_command_from_its_work() {
    let sagemaker = SageMaker::start();
    sagemaker.plan("CreateLabelingJob", Trouble::Refusal(400, "AccessDeniedException", "not authorized"));
    let run = create(&sagemaker, &[]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("sagemaker:CreateLabelingJob") && run.err.contains("not authorized"), "{}", run.err);
}

#[test]
fn a_connection_lost_after_the_work_is_a_success() {
    let sagemaker = SageMaker::start();
    sagemaker.plan("CreateLabelingJob", Trouble::HangUp { done: true });
    let run = create(&sagemaker, &[]);
    assert_eq!((run.code, run.out.trim()), (0, ARN), "{}", run.err);
    assert!(run.err.contains("answer was lost"), "{}", run.err);
}

#[test]
fn a_server_error_before_the_work_is_tried_again() {
    let sagemaker = SageMaker::start();
    sagemaker.plan("CreateLabelingJob", Trouble::Refusal(503, "InternalFailure", "again"));
    let run = create(&sagemaker, &[]);
    assert_eq!((run.code, run.out.trim()), (0, ARN), "{}", run.err);
}

/// One attempt, and little patience with it.
fn impatiently(sagemaker: &SageMaker, arguments: &[&str]) -> Run {
    let mut command = Command::new(executable("gtruth"));
    command.env("AWS_ACCESS_KEY_ID", "KEY-ID").env("AWS_SECRET_ACCESS_KEY", SECRET).env("AWS_MAX_ATTEMPTS", "1");
    run(command, sagemaker, &[arguments, &["--read-timeout", "0.5"]].concat())
}

#[test]
fn an_answer_that_never_comes_is_looked_into() {
    for (done, code) in [(true, 0), (false, 2)] {
        let sagemaker = SageMaker::start();
        sagemaker.plan("CreateLabelingJob", Trouble::Silence { done });
        let run = impatiently(&sagemaker, &["create", JOB, "--yes"]);
        assert_eq!(run.code, code, "{}", run.err);
        assert_eq!(run.out.trim(), if done { ARN } else { "" });
        assert_eq!(sagemaker.requests("DescribeLabelingJob").len(), 1);
    }
}

#[test]
fn an_unknown_outcome_is_said_to_be_unknown() {
    let sagemaker = SageMaker::start();
    sagemaker.plan("CreateLabelingJob", Trouble::Silence { done: true });
    sagemaker.plan("DescribeLabelingJob", Trouble::HangUp { done: true });
    let run = impatiently(&sagemaker, &["create", JOB, "--yes"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("was created is unknown"), "{}", run.err);
    assert!(run.err.contains("gtruth job describe river-survey"), "{}", run.err);
}

#[test]
fn without_credentials_nothing_is_sent_and_the_reason_is_told() {
    let sagemaker = SageMaker::start();
    let mut command = Command::new(executable("gtruth"));
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let run = run(command, &sagemaker, &["describe", "river-survey"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("not sent") && run.err.contains("credential"), "{}", run.err);
}

#[test]
fn a_profile_that_is_asked_for_outranks_the_environment() {
    let sagemaker = SageMaker::start();
    sagemaker.keep(job("Completed"));
    let config = "[profile rangers]\naws_access_key_id = RANGERS-KEY-ID\naws_secret_access_key = x\n";
    let with_profile = |profile: &str| {
        let mut command = Command::new(executable("gtruth"));
        command.env("AWS_ACCESS_KEY_ID", "KEY-ID").env("AWS_SECRET_ACCESS_KEY", SECRET);
        run_with_config(config, command, &sagemaker, &["describe", "river-survey", "--profile", profile])
    };
    assert_eq!((with_profile("rangers").code, sagemaker.signer().as_str()), (0, "RANGERS-KEY-ID"));
    let run = with_profile("wardens");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("wardens"), "{}", run.err);
}

#[test]
fn an_endpoint_that_is_none_is_named_and_the_request_is_not() {
    let sagemaker = SageMaker::start();
    let run = gtruth(&sagemaker, &["describe", "river-survey", "--endpoint-url", "localhost:1"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("`localhost:1`") && !run.err.contains("LabelingJobName"), "{}", run.err);
}

fn job(status: &str) -> Value {
    json!({
        "LabelingJobName": "river-survey", "LabelingJobStatus": status, "FailureReason": "ClientError: of the test",
        "LabelCounters": {"TotalLabeled": 3, "FailedNonRetryableError": 1, "Unlabeled": 0}
    })
}

#[test]
fn a_watched_job_ends_with_an_exit_code_of_its_status() {
    for (status, code) in [("Completed", 0), ("Failed", 1), ("Stopped", 1)] {
        let sagemaker = SageMaker::start();
        sagemaker.keep(job(status));
        let run = gtruth(&sagemaker, &["watch", "river-survey"]);
        assert_eq!(run.code, code, "{}", run.err);
        assert!(run.out.contains("3 of 4 data objects labeled, 1 failed"), "{}", run.out);
        assert!(run.out.contains("ClientError: of the test"), "{}", run.out);
    }
}

#[test]
fn watching_survives_a_lost_look_and_ends_where_there_is_no_job() {
    let sagemaker = SageMaker::start();
    sagemaker.keep(job("Completed"));
    sagemaker.plan("DescribeLabelingJob", Trouble::HangUp { done: false });
    let run = impatiently(&sagemaker, &["watch", "river-survey", "--interval", "0.01"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("looking again"), "{}", run.err);
    let run = gtruth(&sagemaker, &["watch", "lake-survey"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("no labeling job lake-survey in eu-west-1"), "{}", run.err);
}

#[test]
fn a_job_is_stopped_once_and_never_while_its_stream_is_being_set_up() {
    let sagemaker = SageMaker::start();
    sagemaker.keep(job("InProgress"));
    assert_eq!(gtruth(&sagemaker, &["stop", "river-survey"]).code, 2);
    assert_eq!(gtruth(&sagemaker, &["stop", "river-survey", "--yes"]).code, 0);
    assert_eq!(gtruth(&sagemaker, &["stop", "river-survey", "--yes"]).code, 1);
    let mut streaming = job("Initializing");
    streaming["InputConfig"] = json!({"DataSource": {"SnsDataSource": {"SnsTopicArn": "arn"}}});
    sagemaker.keep(streaming);
    let run = gtruth(&sagemaker, &["stop", "river-survey", "--yes"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("wait until it is InProgress"), "{}", run.err);
    assert_eq!(sagemaker.requests("StopLabelingJob").len(), 1);
}

#[test]
fn jobs_are_listed_and_described() {
    let sagemaker = SageMaker::start();
    sagemaker.keep(job("InProgress"));
    let run = gtruth(&sagemaker, &["list", "--status", "in-progress"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("river-survey") && run.out.contains("InProgress"), "{}", run.out);
    assert_eq!(sagemaker.requests("ListLabelingJobs")[0]["StatusEquals"], "InProgress");
    let run = gtruth(&sagemaker, &["describe", ARN, "--json"]);
    let described: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(described, job("InProgress"));
}

#[test]
fn a_page_is_rendered_with_the_real_pre_function() {
    let sagemaker = SageMaker::start();
    sagemaker.render(json!({"RenderedContent": "<p>page</p>", "Errors": []}));
    let run = gtruth(&sagemaker, &["render", JOB, "--line", "2"]);
    assert_eq!((run.code, run.out.trim()), (0, "<p>page</p>"), "{}", run.err);
    let [request] = &sagemaker.requests("RenderUiTemplate")[..] else { panic!("one request") };
    let input: Value = serde_json::from_str(request["Task"]["Input"].as_str().expect("a text")).expect("JSON");
    assert_eq!(input["header"], "Draw a tight box around each animal");
    assert!(input["taskObject"].is_string());
    assert!(request["UiTemplate"]["Content"].as_str().expect("a text").contains("crowd-form"));

    sagemaker.render(json!({"RenderedContent": "", "Errors": [{"Code": "Liquid", "Message": "line 3: unknown tag"}]}));
    let run = gtruth(&sagemaker, &["render", JOB]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("template.liquid.html: Liquid: line 3: unknown tag"), "{}", run.err);
}
