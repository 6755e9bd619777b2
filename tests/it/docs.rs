//! The documents name what there is (a kind or a method that nobody documented, nobody can choose), and their examples
//! can be copied.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use ground_truth::annotation_kinds::ALL;
use ground_truth::plan::ConsolidationPlan;
use serde_json::Value;

use crate::loopback::executable;

fn document(name: &str) -> String {
    let path = format!("{}/../docs/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names that do not stand in the document as code.
fn missing<'a>(document: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    names.into_iter().filter(|name| !document.contains(&format!("`{name}`"))).collect()
}

#[test]
fn every_kind_is_documented() {
    let kinds = || ALL.iter().map(|kind| kind.name);
    for name in ["LABEL-FORMAT.md", "CONFIGURATION.md", "METHODS.md"] {
        let missing = missing(&document(name), kinds());
        assert!(missing.is_empty(), "docs/{name} says nothing about {missing:?}");
    }
    // What a label of each kind holds has a section of its own.
    let format = document("LABEL-FORMAT.md");
    let without_section: Vec<&str> = kinds().filter(|kind| !format.contains(&format!("\n### `{kind}`\n"))).collect();
    assert!(without_section.is_empty(), "docs/LABEL-FORMAT.md has no section on {without_section:?}");
}

#[test]
fn every_method_is_documented() {
    for name in ["CONFIGURATION.md", "METHODS.md"] {
        let document = document(name);
        for kind in ALL {
            let missing = missing(&document, kind.methods.iter().copied());
            assert!(missing.is_empty(), "docs/{name} says nothing about the methods {missing:?} of {}", kind.name);
        }
    }
}

/// The JSON examples of a document.
fn examples(document: &str) -> Vec<&str> {
    document.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn every_example_is_json() {
    for name in ["LABEL-FORMAT.md", "CONFIGURATION.md"] {
        let document = document(name);
        assert!(!examples(&document).is_empty(), "docs/{name} has no examples");
        for example in examples(&document) {
            let parsed = serde_json::from_str::<Value>(example);
            assert!(parsed.is_ok(), "docs/{name}: {parsed:?}\n{example}");
        }
    }
}

#[test]
fn the_plan_that_is_shown_is_one() {
    let document = document("CONFIGURATION.md");
    let plan = examples(&document).into_iter().find(|example| example.contains("\"fields\"")).expect("a plan");
    if let Err(problems) = ConsolidationPlan::parse(plan) {
        panic!("docs/CONFIGURATION.md: {problems}");
    }
}

/// What README.md says that its first command prints, and the label that it shows of the manifest.
#[test]
fn the_first_command_does_what_the_readme_shows() {
    let root = format!("{}/..", env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(format!("{root}/README.md")).expect("README.md");
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(executable("gtruth"));
    command.current_dir(&root).args(["run", "examples/river-survey/job.yaml", "--output"]).arg(folder.path());
    let printed = String::from_utf8(command.output().expect("the companion starts").stdout).expect("UTF-8");
    let (counts, _) = printed.split_once("\noutput manifest:").expect("the manifest comes last");
    assert!(readme.contains(&format!("```\n{counts}")), "README.md shows something else than\n{counts}");

    let manifest = folder.path().join("river-survey/manifests/output/output.manifest");
    let manifest = fs::read_to_string(manifest).expect("a manifest");
    let line: Value = serde_json::from_str(manifest.lines().next().expect("a line")).expect("JSON");
    let shown: Value = serde_json::from_str(examples(&readme)[0]).expect("JSON");
    assert_eq!(line["survey"], shown);
}

/// `fetch.py` makes sets that the example reads, and docs/FIGURES.md says what came out.
#[test]
fn every_public_set_that_is_fetched_is_measured() {
    let sets = fs::read_to_string(format!("{}/../shared/examples/figures/sets.sha256", env!("CARGO_MANIFEST_DIR")));
    let sets = sets.expect("checksums");
    let names: BTreeSet<&str> = sets.lines().filter_map(|line| line.split_once("  ")?.1.split('/').next()).collect();
    assert_eq!(names.len(), 17, "docs/FIGURES.md says how many sets are fetched");
    let figures = document("FIGURES.md");
    let unmeasured: Vec<&&str> = names.iter().filter(|name| !figures.contains(&format!("| {name} |"))).collect();
    assert!(unmeasured.is_empty(), "docs/FIGURES.md has no figures of {unmeasured:?}");
}
