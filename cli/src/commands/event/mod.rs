//! `gtruth event …`: the events that the two functions get.

use std::io::Write;

use crate::args::EventCommand;
use crate::console::ExitStatus;

mod post;
pub(crate) mod pre;
mod s3_notification;

pub(crate) fn run(command: EventCommand, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    match command {
        EventCommand::Pre(args) => pre::run(&args, out),
        EventCommand::Post(args) => post::run(args, out),
    }
}
