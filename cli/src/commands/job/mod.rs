//! `gtruth job …`: labeling jobs on their way to AWS, and there.

use std::ops::ControlFlow;

use crate::args::{JobCommand, JobCreateArgs};
use crate::aws::block_on;
use crate::console::{Console, ExitStatus};

mod create;
mod describe;
mod init;
mod list;
mod plan;
mod preflight;
mod render;
mod rules;
mod schema;
mod stop;
mod watch;

use create::CreatedJob;

pub(super) fn run(command: &JobCommand, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    match command {
        JobCommand::Init(args) => init::run(args, console),
        JobCommand::Plan(args) => plan::run(args, console),
        JobCommand::Rules => rules::run(console),
        JobCommand::Schema => schema::run(console),
        JobCommand::Preflight(args) => block_on(preflight::run(args, console)),
        JobCommand::Render(args) => block_on(render::run(args, console)),
        JobCommand::Create(args) => block_on(create_and_watch(args, console)),
        JobCommand::Watch(args) => block_on(watch::run(args, console)),
        JobCommand::Describe(args) => block_on(describe::run(args, console)),
        JobCommand::List(args) => block_on(list::run(args, console)),
        JobCommand::Stop(args) => block_on(stop::run(args, console)),
    }
}

async fn create_and_watch(args: &JobCreateArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    match create::run(args, console).await? {
        ControlFlow::Continue(CreatedJob { aws, name }) if args.watch => {
            watch::watch(&aws, &name, args.interval, console).await
        }
        ControlFlow::Continue(_) => Ok(ExitStatus::Success),
        ControlFlow::Break(status) => Ok(status),
    }
}
