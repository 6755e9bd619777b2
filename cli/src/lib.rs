//! `gtruth`, the companion of the two Ground Truth functions: it plans labeling jobs, rehearses them and prints test
//! events. Data goes to standard output, everything said to people to standard error.
//!
//! - [`args`]: the command line, and the help that teaches it.
//! - `commands`: one file per subcommand. `console`: what they say, and how they end.
//! - [`job_file`]: a job file, read and checked, on its way to AWS, with the files that it names. [`labeling_job`]: what AWS
//!   demands of a labeling job; pure.
//! - [`problem`]: what is wrong with either, where, and what to do about it.
//! - `manifest`: manifests, checked, mended and made. `new_job`: a job to begin with. `preflight`: a job looked at on AWS.
//! - `worker_template`: Liquid in Ground Truth's dialect, so that pages can be rendered without AWS.
//! - [`local_run`]: a labeling job on this computer, with the real functions.
//! - [`finished_job`]: a job's output folder, read, after its files were fetched from S3 where they are there.
//!   `crowd`: its answers field by field, for statistics about workers. `labels`: its labels, read, compared and summed up.
//! - [`report`]: a job as one HTML file. [`export`]: its labels for other tools. `next_round`: what to ask again.
//! - `aws`: all that AWS is asked. [`files`]: files that are read and written, whatever they are about.

use std::io::{self, Write};

use crate::args::Args;
use crate::console::Console;
pub use crate::console::ExitStatus;
use crate::console::progress::Progress;

pub mod args;
mod aws;
mod commands;
mod console;
mod created_job;
mod crowd;
mod events;
pub mod export;
pub mod files;
pub mod finished_job;
pub mod job_file;
pub mod labeling_job;
mod labels;
pub mod local_run;
mod manifest;
mod new_job;
mod next_round;
mod preflight;
pub mod problem;
mod reconsolidation;
pub mod report;
mod worker_template;

#[cfg(test)]
mod every_kind_tests;

/// Runs one command, which writes its data to `out`.
///
/// # Errors
/// Whatever kept the command from its work: a file that cannot be read, an argument that does not fit. A reader of
/// `out` that hangs up (`gtruth … | head`) is not an error.
pub fn run(args: Args, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    let mut console = Console { out, err: &mut anstream::stderr(), json: args.json, progress: Progress::ON_STDERR };
    let ended = commands::run(args.command, &mut console);
    match ended.and_then(|status| Ok(out.flush().map(|()| status)?)) {
        Err(err) if is_broken_pipe(&err) => Ok(ExitStatus::Success),
        result => result,
    }
}

fn is_broken_pipe(err: &anyhow::Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| Some(cause.downcast_ref::<io::Error>()?.kind());
    err.chain().any(|cause| kind(cause) == Some(io::ErrorKind::BrokenPipe))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::{CommandFactory, Parser};

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

    /// The commands that read a job file, and how they are given one.
    const READERS_OF_JOB_FILES: [(&str, &str); 7] = [
        ("job create", "DIR/job.yaml"),
        ("job plan", "DIR/job.yaml --json"),
        ("job preflight", "DIR/job.yaml"),
        ("job render", "DIR/job.yaml"),
        ("manifest check", "--job DIR/job.yaml"),
        ("next-round", "DIR --job-file DIR/job.yaml --out DIR/next"),
        ("run", "DIR/job.yaml"),
    ];

    /// What a command prints, or why it could not run, about a folder with this job file.
    fn on_job_file(job: &str, command: &str, args: &str) -> String {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("job.yaml"), job).expect("writable");
        fs::write(dir.path().join("otters.manifest"), "{\"source\":\"a\"}\n").expect("writable");
        let line = format!("gtruth {command} {args}").replace("DIR", dir.path().to_str().expect("UTF-8"));
        let mut out = Vec::new();
        let ran = run(Args::try_parse_from(line.split_whitespace()).expect("arguments"), &mut out);
        let said = String::from_utf8(out).expect("UTF-8");
        ran.map_or_else(|error| format!("{error:#}"), |_| said)
    }

    #[test]
    fn every_command_fills_in_the_variables_of_a_job_file() {
        for (command, args) in READERS_OF_JOB_FILES {
            let said = on_job_file("LabelingJobName: ${GTRUTH_UNSET}\n", command, args);
            assert!(said.contains("names the variable GTRUTH_UNSET, which is not set"), "{command}: {said}");
        }
    }

    #[test]
    fn a_manifest_is_checked_by_a_job_file_with_variables() {
        let job = "gtruth: {manifest: '${GTRUTH_UNSET:-otters}.manifest'}\n";
        let said = on_job_file(job, "manifest check", "--job DIR/job.yaml");
        assert!(said.starts_with("1 lines, 1 data objects"), "{said}");
        assert!(said.ends_with("0 errors, 0 warnings\n"), "{said}");
    }

    #[test]
    fn every_command_that_reads_a_job_file_is_walked() {
        let takes_a_job_file = |command: &clap::Command| {
            let names =
                |arg: &clap::Arg| arg.get_value_names().is_some_and(|names| names.iter().any(|n| n == "JOB.yaml"));
            command.get_arguments().any(names)
        };
        let mut readers = Vec::new();
        for command in Args::command().get_subcommands() {
            for below in command.get_subcommands().filter(|below| takes_a_job_file(below)) {
                readers.push(format!("{} {}", command.get_name(), below.get_name()));
            }
            if takes_a_job_file(command) {
                readers.push(command.get_name().to_owned());
            }
        }
        // It writes one.
        readers.retain(|name| name != "job init");
        readers.sort();
        assert_eq!(readers, READERS_OF_JOB_FILES.map(|(command, _)| command));
    }
}
