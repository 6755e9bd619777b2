//! `gtruth completions`: what a shell needs to complete our command line.

use std::io::Write;

use clap::CommandFactory;

use crate::args::{Args, CompletionsArgs};
use crate::console::ExitStatus;

pub(crate) fn run(args: &CompletionsArgs, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    // By way of a buffer: the generator panics when it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "gtruth", &mut script);
    out.write_all(&script)?;
    Ok(ExitStatus::Success)
}
