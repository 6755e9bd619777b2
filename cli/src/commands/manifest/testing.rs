//! What tests of these commands share.

use std::path::Path;

use crate::commands;
use crate::console::ExitStatus;

/// Runs a command of `gtruth manifest` and gives its exit code, its output and what it says to people. `DIR` in the
/// line is the folder.
pub(super) fn gtruth(line: &str, dir: &Path) -> (u8, String, String) {
    let dir = dir.display().to_string();
    match commands::testing::gtruth(line.split_whitespace().map(|word| word.replace("DIR", &dir))) {
        Ok(ran) => (u8::from(ran.status == ExitStatus::FoundFailures), ran.out, ran.err),
        Err(error) => (2, String::new(), format!("error: {error:#}")),
    }
}
