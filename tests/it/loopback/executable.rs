//! Where the binaries of the workspace are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

/// The binaries by name. Cargo tells a test about the binaries of its own package only, so we ask it to build them all:
/// nearly free after `cargo test --workspace`, and never out of date after `cargo test -p workspace-tests`.
static EXECUTABLES: LazyLock<BTreeMap<String, PathBuf>> = LazyLock::new(|| {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--workspace", "--bins", "--locked", "--message-format=json"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit()).output();
    let output = output.expect("cargo, which started this test, is there");
    assert!(output.status.success(), "the binaries do not build: {}", output.status);
    serde_json::Deserializer::from_slice(&output.stdout)
        .into_iter::<Value>()
        .map(|message| message.expect("cargo writes JSON messages"))
        .filter_map(|message| {
            let name = message["target"]["name"].as_str()?.to_owned();
            Some((name, message["executable"].as_str()?.into()))
        })
        .collect()
});

/// The binary `name`, built with the profile of the tests.
pub(crate) fn executable(name: &str) -> &'static Path {
    EXECUTABLES.get(name).unwrap_or_else(|| panic!("the workspace has no binary `{name}`"))
}
