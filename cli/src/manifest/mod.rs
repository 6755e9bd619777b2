//! Manifests: checked by every rule of the service, mended, and made.
//!
//! In reading order:
//! - [`check`]: the pass over the bytes, line by line, and what it reports.
//! - `rules`: one small function per rule, named by its id; `expectations`: what they measure by.
//! - `problems`: what they find, capped. `facts`: what the manifest holds, for the summary and for the rules of the job.
//! - `local_files`: the data objects themselves, where they are at hand; `sequence_file`, `point_cloud`: files that
//!   list frames.
//! - `of_a_job`: the same for the plan of a job.
//! - `repair`: what can be mended without guessing.
//! - `from_s3`, `from_dir`, `from_csv`: new manifests; `new_manifest` is what they share.
//!
//! Source: the developer guide (sms-input-data-input-manifest, input-data-limits, sms-supported-data-formats and the
//! pages of video frames and point clouds).

mod check;
mod check_command;
mod expectations;
mod facts;
mod from_csv;
mod from_dir;
mod from_s3;
mod local_files;
mod new_manifest;
mod of_a_job;
mod output_file;
mod point_cloud;
mod problems;
mod repair;
mod rules;
mod sequence_file;
#[cfg(test)]
mod testing;

use std::io::Write;

pub(crate) use of_a_job::facts_and_problems;

use crate::args::ManifestCommand;
use crate::console::ExitStatus;

pub(crate) fn run(
    command: &ManifestCommand,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    match command {
        ManifestCommand::Check(args) => check_command::run(args, json, out),
        ManifestCommand::Repair(args) => repair::run(args, json, out, err),
        ManifestCommand::FromS3(args) => from_s3::run(args, out, err),
        ManifestCommand::FromDir(args) => from_dir::run(args, out, err),
        ManifestCommand::FromCsv(args) => from_csv::run(args, out, err),
    }
}
