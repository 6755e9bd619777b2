//! `gtruth event …`: the events that the two functions get.

use crate::args::EventCommand;
use crate::console::{Console, ExitStatus};

mod post;
mod pre;

pub(super) fn run(command: EventCommand, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    match command {
        EventCommand::Pre(args) => pre::run(&args, console),
        EventCommand::Post(args) => post::run(args, console),
    }
}
