//! `gtruth`, the companion of the two Ground Truth functions: it plans labeling jobs, rehearses them and prints test
//! events. Data goes to standard output, everything said to people to standard error.
//!
//! - [`args`]: the command line, and the help that teaches it.
//! - `commands`: one file per subcommand. `console`: what they say, and how they end.
//! - [`job_file`]: a job file, read and checked, on its way to AWS, with the files that it names. [`labeling_job`]: what AWS
//!   demands of a labeling job; pure.
//! - `manifest`: manifests, checked, mended and made. `new_job`: a job to begin with. `preflight`: a job looked at on AWS.
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
mod reconsolidation;
pub mod report;

/// Runs one command, which writes its data to `out`.
///
/// # Errors
/// Whatever kept the command from its work: a file that cannot be read, an argument that does not fit. A reader of
/// `out` that hangs up (`gtruth … | head`) is no error.
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
