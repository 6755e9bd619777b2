//! The oldest Rust that the project promises: no dependency needs a newer one. `.github/deny.toml` has the other rules for
//! dependencies, and clippy's `incompatible_msrv` holds the project's own code to that Rust.

use std::fs;
use std::process::Command;

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[test]
fn no_dependency_needs_a_newer_rust_than_the_project_promises() {
    let promised = promised_rust();
    let newer: Vec<String> = packages()
        .iter()
        .filter(|package| rust_version(package) > Some(promised))
        .map(|package| format!("{} {} ({})", package["name"], package["version"], package["rust_version"]))
        .collect();
    assert!(newer.is_empty(), "Cargo.toml promises an older Rust than these need: {newer:#?}");
}

#[test]
fn the_readme_promises_the_rust_of_the_manifest() {
    let [major, minor, patch] = promised_rust();
    let sentence = format!("a Rust toolchain ({major}.{minor}.{patch} or newer)");
    let readme = fs::read_to_string(format!("{ROOT}/README.md")).expect("README.md");
    assert!(readme.contains(&sentence), "README.md does not say `{sentence}`");
}

/// The version that all members of the workspace promise.
fn promised_rust() -> [u32; 3] {
    let packages = packages();
    let members = packages.iter().filter(|package| package["source"].is_null());
    let mut promised: Vec<_> =
        members.map(|member| rust_version(member).expect("a member has a rust-version")).collect();
    promised.dedup();
    let [promised] = promised[..] else { panic!("the members promise different versions: {promised:?}") };
    promised
}

fn rust_version(package: &Value) -> Option<[u32; 3]> {
    let mut parts = package["rust_version"].as_str()?.split('.').map(|part| part.parse().expect("a number"));
    Some([(); 3].map(|()| parts.next().unwrap_or(0)))
}

/// The members of the workspace and all that they depend on, on this platform.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--filter-platform", "host-tuple", "--locked", "--offline"])
        .current_dir(ROOT)
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    metadata["packages"].as_array().expect("a list of packages").clone()
}
