//! What tests of these commands share.

use std::path::Path;

use clap::Parser;

use crate::args::{Args, Command};

/// Runs a command of `gtruth manifest` and gives its exit code, its output and what it says to people. `DIR` in the
/// line is the folder.
pub(super) fn gtruth(line: &str, dir: &Path) -> (u8, String, String) {
    let dir = dir.display().to_string();
    let words = line.split_whitespace().map(|word| word.replace("DIR", &dir));
    let args = Args::try_parse_from(std::iter::once("gtruth".to_owned()).chain(words)).expect("arguments");
    let Command::Manifest { command } = args.command else { panic!("another command") };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = match super::run(&command, args.json, &mut out, &mut err) {
        Ok(crate::console::ExitStatus::Success) => 0,
        Ok(crate::console::ExitStatus::FoundFailures) => 1,
        Err(error) => {
            err.extend(format!("error: {error:#}").into_bytes());
            2
        }
    };
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (code, text(out), text(err))
}
