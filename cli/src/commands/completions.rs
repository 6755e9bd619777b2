//! `gtruth completions`: what a shell needs to complete our command line.

use clap::CommandFactory;

use crate::args::{Args, CompletionsArgs};
use crate::console::{Console, ExitStatus};

pub(super) fn run(args: &CompletionsArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    // By way of a buffer: the generator panics when it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "gtruth", &mut script);
    console.out.write_all(&script)?;
    Ok(ExitStatus::Success)
}
