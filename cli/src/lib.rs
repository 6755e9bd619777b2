//! `gtruth`, the companion of the two Ground Truth functions: it plans labeling jobs, rehearses them and prints test
//! events. Data goes to standard output, everything said to people to standard error.
//!
//! - [`args`]: the command line, and the help that teaches it.
//! - One file per subcommand, named after it; [`export`] has one per format.
//! - `aws`: all that AWS is asked. `job_on_aws`: a job file on its way there. `described_job`: what SageMaker tells.
//! - [`local_run`]: a labeling job on this computer, with the real functions. `field_summary`: what became of its fields.
//! - `job_copy`: a finished job's files, fetched from S3 where they are there. `finished_job`: its output folder, read. `job_label`: a label of any format, read. `label_diff`: how two differ.
//!   `crowd`: its answers field by field, for statistics about workers. `output_line`: lines of output manifests.
//!   `output_folder`, `whole_file`: what a command writes. `report`: a job as one HTML file. `next_round`: what to ask again.
//! - `planned_job`: a job file on its way to AWS, with the files that it names.
//! - [`job_file`]: a job file, read and checked. [`document_file`]: YAML and JSON files as one kind of value.
//!   `json_lines`: manifests, line by line. `manifest`: those checked, mended and made.
//! - [`labeling_job`]: what AWS demands of a labeling job; pure.
//! - `function_arns`, `s3_notification`: what other tools print, read. `progress`: bars.

use std::io::{self, Write};

use crate::args::{Args, Command, EventCommand, JobCommand};
pub use crate::console::ExitStatus;
use crate::crowd::{agreement, workers};

pub mod args;
mod aws;
mod completions;
mod console;
mod consolidate;
mod crowd;
mod event_post;
mod event_pre;
pub mod export;
pub mod files;
pub mod finished_job;
mod job_create;
mod job_describe;
pub mod job_file;
mod job_list;
mod job_plan;
mod job_render;
mod job_rules;
mod job_schema;
mod job_stop;
mod job_watch;
pub mod labeling_job;
mod labels;
pub mod local_run;
mod manifest;
mod new_job;
mod next_round;
mod preflight;
mod reconsolidate;
pub mod report;
mod run;
mod s3_notification;

/// The `version` that AWS documents for the events of both functions.
const EVENT_VERSION: &str = "2018-10-16";

/// Runs one command, which writes its data to `out`.
///
/// # Errors
/// Whatever kept the command from its work: a file that cannot be read, an argument that does not fit. A reader of
/// `out` that hangs up (`gtruth … | head`) is no error.
pub fn run(args: Args, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    match dispatch(args, out).and_then(|status| Ok(out.flush().map(|()| status)?)) {
        Err(err) if is_broken_pipe(&err) => Ok(ExitStatus::Success),
        result => result,
    }
}

fn dispatch(args: Args, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
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
        Command::Job { command } => dispatch_job(command, args.json, out, err),
        Command::Manifest { command } => manifest::run(&command, args.json, out, err),
        Command::Event { command: EventCommand::Pre(pre) } => event_pre::run(&pre, out),
        Command::Event { command: EventCommand::Post(post) } => event_post::run(post, out),
        Command::Completions(completions) => completions::run(&completions, out),
    }
}

fn dispatch_job(
    command: JobCommand,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    match command {
        JobCommand::Init(init) => new_job::run(&init, err),
        JobCommand::Plan(plan) => job_plan::run(&plan, json, out, err),
        JobCommand::Rules => job_rules::run(json, out),
        JobCommand::Schema => job_schema::run(out),
        JobCommand::Preflight(preflight) => preflight::run(&preflight, json, out, err),
        JobCommand::Render(render) => job_render::run(&render, json, out, err),
        JobCommand::Create(create) => job_create::run(&create, json, out, err),
        JobCommand::Watch(watch) => job_watch::run(&watch, json, out, err),
        JobCommand::Describe(describe) => job_describe::run(&describe, json, out),
        JobCommand::List(list) => job_list::run(&list, json, out),
        JobCommand::Stop(stop) => job_stop::run(&stop, json, out, err),
    }
}

fn is_broken_pipe(err: &anyhow::Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| Some(cause.downcast_ref::<io::Error>()?.kind());
    err.chain().any(|cause| kind(cause) == Some(io::ErrorKind::BrokenPipe))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    /// A reader that has hung up.
    struct HungUp;

    impl Write for HungUp {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_hangs_up_is_no_error() {
        let args = Args::try_parse_from(["gtruth", "completions", "bash"]).expect("arguments");
        assert_eq!(run(args, &mut HungUp).expect("a quiet end"), ExitStatus::Success);
    }
}
