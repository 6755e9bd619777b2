//! The commands, one file each: what the command line asks for, done.

use std::io::Write;

use crate::args::{Args, Command};
use crate::console::ExitStatus;
use crate::crowd::{agreement, workers};
use crate::{manifest, next_round};

mod completions;
pub(crate) mod consolidate;
pub(crate) mod event;
mod export;
pub(crate) mod job;
mod reconsolidate;
mod report;
mod run;

/// Runs the command that the arguments name.
pub(crate) fn run(args: Args, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    let err = &mut anstream::stderr();
    match args.command {
        Command::Run(run) => run::run(&run, args.json, out),
        Command::Consolidate(consolidate) => consolidate::run(&consolidate, args.json, out, err),
        Command::Reconsolidate(reconsolidate) => reconsolidate::run(&reconsolidate, args.json, out, err),
        Command::NextRound(next_round) => next_round::run(&next_round, args.json, out, err),
        Command::Report(report) => report::run(&report, args.json, out, err),
        Command::Agreement(agreement) => agreement::run(&agreement, args.json, out, err),
        Command::Workers(workers) => workers::run(&workers, args.json, out, err),
        Command::Export(export) => export::run(&export, args.json, out, err),
        Command::Job { command } => job::run(command, args.json, out, err),
        Command::Manifest { command } => manifest::run(&command, args.json, out, err),
        Command::Event { command } => event::run(command, out),
        Command::Completions(completions) => completions::run(&completions, out),
    }
}
