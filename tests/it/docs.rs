//! The documents name what there is (a kind or a method that nobody documented, nobody can choose), and their examples
//! can be copied.

use std::fs;

use ground_truth::annotation_kinds::ALL;
use ground_truth::plan::ConsolidationPlan;
use serde_json::Value;

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
