//! The commands, one file each: what the command line asks for, done. None of them knows another.

use crate::args::Command;
use crate::console::{Console, ExitStatus};
use crate::worker_template::apart;

mod agreement;
mod completions;
mod consolidate;
mod event;
mod export;
mod job;
mod manifest;
mod next_round;
mod problems;
mod reconsolidate;
mod report;
mod run;
#[cfg(test)]
pub(crate) mod testing;
mod workers;

/// Runs a command.
pub(crate) fn run(command: Command, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    match command {
        Command::Run(args) => run::run(&args, console),
        Command::Consolidate(args) => consolidate::run(&args, console),
        Command::Reconsolidate(args) => reconsolidate::run(&args, console),
        Command::NextRound(args) => next_round::run(&args, console),
        Command::Report(args) => report::run(&args, console),
        Command::Agreement(args) => agreement::run(&args, console),
        Command::Workers(args) => workers::run(&args, console),
        Command::Export(args) => export::run(&args, console),
        Command::Job { command } => job::run(&command, console),
        Command::Manifest { command } => manifest::run(&command, console),
        Command::Event { command } => event::run(command, console),
        Command::Completions(args) => completions::run(&args, console),
        Command::RenderWorkerTemplate => apart::serve(console.out).map(|()| ExitStatus::Success),
    }
}
