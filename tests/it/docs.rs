//! The documents name what there is (a kind or a method that nobody documented, nobody can choose), and their examples
//! can be copied.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use ground_truth::annotation_kinds::ALL;
use ground_truth::plan::ConsolidationPlan;
use serde_json::Value;

use crate::loopback::executable;
use crate::tidy::files;

/// A file, by its path from the root of the repository.
fn read(path: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    fs::read_to_string(format!("{root}/../{path}")).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn document(name: &str) -> String {
    read(&format!("docs/{name}"))
}

/// The names that do not stand in the document as code.
fn missing<'a>(document: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    names.into_iter().filter(|name| !document.contains(&format!("`{name}`"))).collect()
}

#[test]
fn every_kind_is_documented() {
    let kinds = || ALL.iter().map(|kind| kind.name);
    for name in ["docs/LABEL-FORMAT.md", "docs/CONFIGURATION.md", "docs/METHODS.md", "README.md"] {
        let missing = missing(&read(name), kinds());
        assert!(missing.is_empty(), "{name} says nothing about {missing:?}");
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
    let readme = read("README.md");
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
    let sets = read("shared/examples/figures/sets.sha256");
    let names: BTreeSet<&str> = sets.lines().filter_map(|line| line.split_once("  ")?.1.split('/').next()).collect();
    assert_eq!(names.len(), 17, "docs/FIGURES.md says how many sets are fetched");
    let figures = document("FIGURES.md");
    let unmeasured: Vec<&&str> = names.iter().filter(|name| !figures.contains(&format!("| {name} |"))).collect();
    assert!(unmeasured.is_empty(), "docs/FIGURES.md has no figures of {unmeasured:?}");
}

/// The documents for those who work on the code, each with what only looks like a path, or is in no checkout.
const ON_THE_CODE: [(&str, &[&str]); 3] = [
    ("ARCHITECTURE.md", &["I/O"]),
    (".github/CONTRIBUTING.md", &["target/"]),
    // A folder in S3.
    (".github/SECURITY.md", &["annotations/"]),
];

#[test]
fn every_path_in_a_document_on_the_code_exists() {
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for file in files("") {
        paths.extend(Path::new(&file).ancestors().filter_map(Path::to_str).map(str::to_owned));
    }
    // A path may begin at any folder; that of a module may stand without its extension.
    let exists = |named: &str| {
        let named = named.trim_end_matches('*').trim_end_matches('/');
        let is_it = |path: &str| path == named || path.strip_suffix(named).is_some_and(|before| before.ends_with('/'));
        paths.iter().any(|path| is_it(path) || path.strip_suffix(".rs").is_some_and(is_it))
    };
    for (name, elsewhere) in ON_THE_CODE {
        let document = read(name);
        let named = paths_in_code(&document);
        assert!(!named.is_empty(), "{name} names no path");
        let missing: Vec<&str> = named.into_iter().filter(|path| !elsewhere.contains(path) && !exists(path)).collect();
        assert!(missing.is_empty(), "{name} names {missing:?}, which are not there");
    }
}

/// What looks like a file or a folder in the code quotes and code blocks of a document. Of `folder/<name>.rs` it is the folder.
fn paths_in_code(document: &str) -> Vec<&str> {
    let words = document.split('`').skip(1).step_by(2).flat_map(str::split_whitespace);
    words
        .map(|word| word.trim_matches(['(', ')', ',', ';', ':', '…']))
        .filter_map(|word| match word.split_once('<') {
            Some((before, _)) => Some(&before[..=before.rfind('/')?]),
            None => Some(word),
        })
        .filter(|word| !word.contains(['$', '{']) && !word.contains("://"))
        .filter(|word| {
            let extension = Path::new(word).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            word.contains('/') || ["lock", "md", "py", "rs", "toml", "yaml"].contains(&extension)
        })
        .collect()
}

#[test]
fn paths_are_found_in_quotes_and_in_blocks() {
    let document = "See `a/b.rs`, `a/<name>.rs` and/or `x.y`.\n```\nrun a/c (d.py)\n```\nAlso `e/`.";
    assert_eq!(paths_in_code(document), ["a/b.rs", "a/", "a/c", "d.py", "e/"]);
}
