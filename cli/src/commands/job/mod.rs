//! `gtruth job …`: labeling jobs on their way to AWS, and there.

use std::io::Write;

use crate::args::JobCommand;
use crate::console::ExitStatus;
use crate::{new_job, preflight};

mod create;
pub(crate) mod describe;
mod list;
pub(crate) mod plan;
mod render;
mod rules;
mod schema;
mod stop;
mod watch;

pub(crate) fn run(
    command: JobCommand,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    match command {
        JobCommand::Init(init) => new_job::run(&init, err),
        JobCommand::Plan(plan) => plan::run(&plan, json, out, err),
        JobCommand::Rules => rules::run(json, out),
        JobCommand::Schema => schema::run(out),
        JobCommand::Preflight(preflight) => preflight::run(&preflight, json, out, err),
        JobCommand::Render(render) => render::run(&render, json, out, err),
        JobCommand::Create(create) => create::run(&create, json, out, err),
        JobCommand::Watch(watch) => watch::run(&watch, json, out, err),
        JobCommand::Describe(describe) => describe::run(&describe, json, out),
        JobCommand::List(list) => list::run(&list, json, out),
        JobCommand::Stop(stop) => stop::run(&stop, json, out, err),
    }
}
