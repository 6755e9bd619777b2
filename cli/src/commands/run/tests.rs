use std::fs;
use std::path::Path;

use crate::commands::testing::gtruth;
use crate::console::ExitStatus;

/// Runs an example of the project into a folder of its own; the folder's name does not show.
fn example(name: &str, flags: &str) -> (ExitStatus, String, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a folder");
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name).join("job.yaml");
    let output = dir.path().display().to_string();
    let flags = format!("run --start-time 2024-05-06T07:00:00Z {flags}");
    let words = flags.split_whitespace().chain(["--output", &output]).map(AsRef::as_ref);
    let ran = gtruth(words.chain([job.as_os_str()])).expect("a run");
    (ran.status, ran.out.replace(&output, "OUTPUT"), dir)
}

fn output_manifest(dir: &Path, job: &str) -> String {
    fs::read_to_string(dir.join(job).join("manifests/output/output.manifest")).expect("an output manifest")
}

#[test]
fn river_survey() {
    let (status, out, dir) = example("river-survey", "");
    assert_eq!(status, ExitStatus::Success);
    insta::assert_snapshot!("river_survey", out);

    let manifest = output_manifest(dir.path(), "river-survey");
    assert_eq!(manifest.lines().count(), 12);
    assert!(manifest.contains(r#""depth-m":1.40,"#));
    let settled = manifest.lines().nth(7).expect("an eighth line");
    assert!(settled.contains("007.png") && !settled.contains("survey-metadata"), "{settled}");
}

#[test]
fn recorded_answers() {
    let (status, out, dir) = example("recorded-answers", "");
    assert_eq!(status, ExitStatus::FoundFailures);
    insta::assert_snapshot!("recorded_answers", out);

    let manifest = output_manifest(dir.path(), "ferry-mail");
    let lines: Vec<serde_json::Value> =
        manifest.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let tone = |idx: usize| {
        let tone = &lines[idx]["mail"]["tone"];
        format!("{} {} {}", tone["label"], tone["votes"], tone["workers"])
    };
    assert_eq!(tone(0), r#""praise" {"praise":2,"question":1} 3"#);
    assert_eq!(tone(1), r#""complaint" {"complaint":2} 2"#);
    for idx in [2, 3] {
        assert_eq!(lines[idx].get("mail"), None);
        assert_eq!(lines[idx]["mail-metadata"]["human-annotated"], "true");
    }
}

#[test]
fn the_summary_is_one_json_object_for_programs() {
    let (_, out, _dir) = example("river-survey", "--json");
    let summary: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(summary["dataObjects"], 12);
    assert_eq!(summary["failed"]["expired"], 0);
    assert_eq!(summary["outputManifest"], "OUTPUT/river-survey/manifests/output/output.manifest");
}
