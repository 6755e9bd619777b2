use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::commands::testing::gtruth;
use crate::console::ExitStatus;
use crate::console::progress::Progress;
use crate::finished_job::testing::{JobFolder, metadata};
use crate::job_file;
use crate::job_file::planned_job::PlannedJob;
use crate::labeling_job::path;
use crate::new_job::Starter;
use crate::next_round::JOB;
use crate::problem::Problem;

/// What the command printed, and what it wrote.
struct Ran {
    status: ExitStatus,
    out: String,
    err: String,
    dir: tempfile::TempDir,
}

impl Ran {
    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join("NEW").join(name)).expect(name)
    }

    /// `object>new: reasons` per line.
    fn reasons(&self) -> Vec<String> {
        let line = |line: &str| {
            let line: Value = serde_json::from_str(line).expect("JSON");
            let reasons = line["reasons"].as_array().expect("a list").iter().map(|reason| {
                let text = |name: &str| reason.get(name).map(|value| format!(" {value}")).unwrap_or_default();
                let figures = ["field", "why", "confidence", "agreement", "doubt", "rank"].map(text).concat();
                format!("{}{}", reason["reason"].as_str().expect("a name"), figures.replace('"', ""))
            });
            let reasons: Vec<String> = reasons.collect();
            format!("{}>{}: {}", line["object"], line["newObject"], reasons.join(", ")).replace('"', "")
        };
        self.file("reasons.jsonl").lines().map(line).collect()
    }
}

fn next_round(job: &Path, flags: &[&str]) -> anyhow::Result<Ran> {
    let dir = tempfile::tempdir()?;
    let new = dir.path().join("NEW");
    let paths = ["next-round".as_ref(), job.as_os_str(), "--out".as_ref(), new.as_os_str()];
    let ran = gtruth(paths.into_iter().chain(flags.iter().map(AsRef::as_ref)))?;
    let text = |text: String| text.replace(&dir.path().display().to_string(), "DIR");
    Ok(Ran { status: ran.status, out: text(ran.out), err: text(ran.err), dir })
}

fn animal(label: &str) -> Value {
    json!({ "animal": { "label": label } })
}

const EXPIRED: &str = "ClientError: Annotation tasks expired.  Probable Reasons are 1) x";

/// One of everything: sure, expired, failed, unlabeled, one against one, settled, and one whose answer is not a form.
fn survey() -> JobFolder {
    let failed = |why: &str| json!({"retry-count": 1, "failure-reason": why, "human-annotated": "true"});
    JobFolder::new("Survey")
        .answers(1, "0", &[("ana", 1, animal("otter")), ("bo", 2, animal("otter")), ("cy", 3, animal("otter"))])
        .answers(1, "4", &[("ana", 4, animal("heron")), ("bo", 5, animal("otter"))])
        .answers(1, "6", &[("ana", 6, json!("?"))])
        .file(
            "manifests/output/output.manifest",
            &[
                format!(
                    r#"{{"source":"a","survey":{{"animal":{{"label":"otter"}}}},"survey-metadata":{}}}"#,
                    metadata("survey")
                ),
                format!(r#"{{"$x":1,"source":"b\u00e9","n":1.50,"survey-metadata":{}}}"#, failed(EXPIRED)),
                format!(r#"{{"source":"c","survey-metadata":{}}}"#, failed("ClientError: broken")),
                r#"{"source":"d","old":{},"old-metadata":{"job-name":"labeling-job/first"}}"#.to_owned(),
                format!(
                    r#"{{"source":"e","survey":{{"animal":{{"label":"heron"}}}},"survey-metadata":{},"z":2}}"#,
                    metadata("survey")
                ),
                r#"{"source":"f","isHumanAnnotationRequired":false}"#.to_owned(),
                r#"{"source":"g"}"#.to_owned(),
            ]
            .join("\n"),
        )
}

#[test]
fn what_failed_or_has_no_label_is_chosen_with_its_reasons() {
    let ran = next_round(&survey().path(), &[]).expect("a job");
    assert_eq!(ran.status, ExitStatus::Success);
    assert_eq!(
        ran.reasons(),
        [
            &format!("1>0: expired {EXPIRED}"),
            "2>1: failed ClientError: broken",
            "3>2: unlabeled",
            "6>3: unresolved no-usable-answer",
        ]
    );
    assert_eq!(
        ran.file("manifest.jsonl").lines().collect::<Vec<_>>(),
        [
            r#"{"source":"b\u00e9","n":1.50}"#,
            r#"{"source":"c"}"#,
            r#"{"source":"d","old":{},"old-metadata":{"job-name":"labeling-job/first"}}"#,
            r#"{"source":"g"}"#,
        ]
    );
    insta::assert_snapshot!(format!("{}\n{}\n{}", ran.out, ran.err, ran.file(JOB)));
}

#[test]
fn flags_choose_more_and_less() {
    let check = |flags: &[&str], expected: &[&str]| {
        let skip = ["--skip", "failed,unlabeled,unresolved"];
        let ran = next_round(&survey().path(), &[&skip, flags].concat()).expect("a job");
        let objects = if expected.is_empty() { Vec::new() } else { ran.reasons() };
        assert_eq!(objects, expected, "{flags:?}");
        assert_eq!(ran.dir.path().join("NEW").exists(), !expected.is_empty());
    };
    check(&[], &[]);
    check(&["--below-confidence", "0.6"], &["4>0: low-confidence animal 0.5"]);
    check(&["--below-agreement", "0.5"], &["4>0: low-agreement animal 0.0"]);
    check(&["--most-doubtful", "5", "--field", "animal"], &["4>0: doubtful animal 0.5 1"]);
    let ran = next_round(&survey().path(), &["--skip", "unlabeled,unresolved"]).expect("a job");
    assert_eq!(ran.reasons().len(), 2);
}

#[test]
fn what_cannot_be_done_says_what_to_do() {
    let check = |flags: &[&str], expected: &str| {
        let error = format!("{:#}", next_round(&survey().path(), flags).err().expect("an error"));
        assert!(error.contains(expected), "{error}");
    };
    check(&["--field", "anmal"], "no answer has a field `anmal`; the fields are animal");
    check(&["--below-confidence", "70"], "give a number from 0 to 1, as in 0.7");
    check(&["--job-file", "none.yaml"], "cannot read none.yaml");
}

#[test]
fn a_form_that_was_left_blank_in_part_is_no_failure() {
    let form = |note: &str| json!({"animal": {"label": "otter"}, "note": note});
    let folder = JobFolder::new("job")
        .answers(1, "0", &[("ana", 1, form("")), ("bo", 2, form(""))])
        .answers(1, "1", &[("ana", 3, form("")), ("bo", 4, form("wet"))])
        .output(&[json!({"source": "a"}), json!({"source": "b"})]);
    let ran = next_round(&folder.path(), &[]).expect("a job");
    assert!(ran.out.ends_with("nothing to do, and nothing written\n"), "{}", ran.out);
    let ran = next_round(&folder.path(), &["--field", "note"]).expect("a job");
    assert_eq!(ran.reasons(), ["0>0: unresolved note no-usable-answer"]);
}

/// What a command prints that ends well.
fn printed(line: &[&str]) -> String {
    let ran = gtruth(line).expect("a result");
    assert_eq!(ran.status, ExitStatus::Success, "{line:?}");
    ran.out
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The river survey, run into a folder: its job file, and the finished job.
fn river_survey(dir: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/river-survey/job.yaml");
    printed(&["run", text(&file), "--output", text(dir)]);
    (file, dir.join("river-survey"))
}

/// Everything serious that stands against a job file.
fn serious_problems(job: &Path) -> Vec<String> {
    let file = job_file::open(job).expect("a job file");
    let problems = PlannedJob::gather(file, Progress::HIDDEN).problems(None);
    problems.iter().filter(|problem| problem.is_error()).map(Problem::to_string).collect()
}

#[test]
fn the_new_job_is_planned_and_rehearsed() {
    let dir = tempfile::tempdir().expect("a folder");
    let (file, finished) = river_survey(dir.path());
    let ran = next_round(&finished, &["--job-file", text(&file), "--field", "animal", "--below-agreement", "0.99"]);
    let ran = ran.expect("a job");
    let new = ran.dir.path().join("NEW");
    let job = new.join(JOB);
    assert_eq!(serious_problems(&job), serious_problems(&file));
    let n_chosen = ran.reasons().len();
    assert!((2..11).contains(&n_chosen), "{:?}", ran.reasons());
    let opened = job_file::open(&job).expect("a job file");
    let spec = opened.spec();
    assert_eq!(spec.text(path::LABELING_JOB_NAME), Some("river-survey-round-2"));
    assert_eq!(spec.text(path::LABEL_ATTRIBUTE_NAME), Some("survey"));
    assert_eq!(
        ran.file("template.liquid.html"),
        fs::read_to_string(file.with_file_name("template.liquid.html")).expect("it")
    );
    assert_eq!(ran.file("truth.jsonl").lines().count(), n_chosen);

    let again = ran.dir.path().join("again");
    printed(&["run", text(&job), "--output", text(&again)]);
    let output =
        fs::read_to_string(again.join("river-survey-round-2/manifests/output/output.manifest")).expect("labels");
    assert_eq!(output.lines().count(), n_chosen);
    assert!(output.lines().all(|line| line.contains("\"survey\":{")), "{output}");
    let manifest = printed(&["manifest", "check", "--job", text(&job)]);
    assert!(manifest.ends_with("0 errors, 0 warnings\n"), "{manifest}");
}

#[test]
fn an_expert_sees_the_answers_and_decides() {
    let dir = tempfile::tempdir().expect("a folder");
    let (file, finished) = river_survey(dir.path());
    let flags = ["--job-file", text(&file), "--field", "animal", "--below-agreement", "0.99", "--adjudicate"];
    let ran = next_round(&finished, &flags).expect("a job");
    let job = ran.dir.path().join("NEW").join(JOB);
    assert_eq!(serious_problems(&job), serious_problems(&file));
    let opened = job_file::open(&job).expect("a job file");
    let spec = opened.spec();
    assert_eq!(spec.text(path::LABELING_JOB_NAME), Some("river-survey-adjudication"));
    assert_eq!(spec.get(path::NUMBER_OF_HUMAN_WORKERS), Some(&json!(1)));
    assert_eq!(spec.text(path::UI_TEMPLATE_S3_URI), Some("template.liquid.html"));

    let template = ran.file("template.liquid.html");
    for once in ["<crowd-form>", "What workers answered\"", "initial['shapes'] | to_json | escape", "name=\"note\""] {
        assert_eq!(template.matches(once).count(), 1, "{once} in\n{template}");
    }
    // What the template reads is what the pre function hands on.
    for line in ran.file("manifest.jsonl").lines() {
        let members: Map<String, Value> = serde_json::from_str(line).expect("JSON");
        let request = ground_truth::contract::pre_human_task::PreHumanTaskRequest {
            version: None,
            labeling_job_arn: None,
            data_object: ground_truth::contract::manifest::DataObject { members: members.clone() },
            other: Map::new(),
        };
        let config = pre_human_task::Config::from_value(&json!({})).expect("a configuration");
        let shown = &pre_human_task::handle(&request, &config).task_input["adjudication"];
        assert!(shown["answers"].as_array().is_some_and(|answers| answers.len() > 1), "{shown}");
        assert!(shown["label"].as_array().is_some_and(|parts| parts.iter().any(|part| part["field"] == "animal")));
        assert!(shown["initial"]["shapes"][0]["width"].is_number(), "{shown}");
        assert!(!members.contains_key("survey"), "{line}");
        for worker in ["ana", "dee"] {
            assert!(!line.contains(&format!("\"{worker}\"")), "{line}");
        }
    }

    let again = ran.dir.path().join("again");
    printed(&["run", text(&job), "--output", text(&again)]);
    let output = again.join("river-survey-adjudication/manifests/output/output.manifest");
    let output = fs::read_to_string(output).expect("labels");
    assert_eq!(output.lines().count(), ran.reasons().len());
    assert!(output.lines().all(|line| line.contains("\"workers\":1")), "{output}");
    assert!(printed(&["manifest", "check", "--job", text(&job)]).ends_with("0 errors, 0 warnings\n"));
}

#[test]
fn what_workers_wrote_cannot_leave_its_place() {
    let hostile = "\"><script>alert(1)</script>{{ task.input }}{% raw %}";
    let form = |note: &str| json!({"note": note, "{{ x }}": "y", "animal": {"label": hostile}});
    let folder = JobFolder::new("job")
        .answers(1, "0", &[("ana", 1, form(hostile)), ("bo", 2, form("dry"))])
        .output(&[json!({"source": "a", "adjudication": "old"})]);
    let ran = next_round(&folder.path(), &["--below-agreement", "1", "--adjudicate"]).expect("a job");
    assert_eq!(serious_problems(&ran.dir.path().join("NEW").join(JOB)), [] as [&str; 0]);
    for file in [JOB, "template.liquid.html"] {
        let text = ran.file(file);
        assert!(!text.contains("alert(1)</script>\n") && !text.contains("{{ x }}"), "{text}");
    }
    // As a category it stands in the template, and means nothing there.
    let template = ran.file("template.liquid.html");
    assert!(
        template.contains("alert&#40;1&#41;") && !template.contains("<script>alert") && !template.contains("{% raw")
    );
    let line: Value = serde_json::from_str(&ran.file("manifest.jsonl")).expect("JSON");
    let answers = line["adjudication"]["answers"].as_array().expect("answers");
    assert!(answers.iter().any(|answer| answer["says"].to_string().contains("alert(1)")));
}

#[test]
fn nothing_to_adjudicate_is_said() {
    let ran = next_round(&survey().path(), &["--adjudicate", "--skip", "unresolved"]).expect("a job");
    assert_eq!(
        ran.err,
        "note: 1 answer is not a form and set aside\nnote: left out, since nobody answered and there is nothing to adjudicate: 3\n"
    );
    assert!(ran.out.ends_with("nothing to do, and nothing written\n"), "{}", ran.out);
}

/// A job of every kind that has a template goes through a rehearsal, a next round and an adjudication, with its job file
/// and without.
#[test]
fn every_kind_goes_round() {
    for kind in Starter::with_templates().map(|starter| starter.kind) {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("job.yaml");
        printed(&["job", "init", text(&file), "--yes", "--kind", kind]);
        let careless =
            fs::read_to_string(&file).expect("a job file").replace(": 0.9", ": 0.5").replace(": 0.8", ": 0.4");
        fs::write(&file, careless).expect("writable");
        printed(&["run", text(&file)]);
        let finished = dir.path().join("output/job");
        for with_file in [true, false] {
            for more in [&[][..], &["--adjudicate"]] {
                let of_file: &[&str] = if with_file { &["--job-file", text(&file)] } else { &[] };
                let flags = [&["--below-agreement", "1"], of_file, more].concat();
                let ran = next_round(&finished, &flags).expect("a job");
                let job = ran.dir.path().join("NEW").join(JOB);
                assert_eq!(serious_problems(&job), [] as [&str; 0], "{kind} {flags:?}");
                if with_file && !more.is_empty() {
                    printed(&["run", text(&job)]);
                }
            }
        }
    }
}
