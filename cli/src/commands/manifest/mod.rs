//! `gtruth manifest …`: manifests, checked, mended and made.

use crate::args::ManifestCommand;
use crate::console::{Console, ExitStatus};

mod check;
mod from_csv;
mod from_dir;
mod from_s3;
mod new_manifest;
mod repair;
#[cfg(test)]
mod testing;

pub(super) fn run(command: &ManifestCommand, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    match command {
        ManifestCommand::Check(args) => check::run(args, console),
        ManifestCommand::Repair(args) => repair::run(args, console),
        ManifestCommand::FromS3(args) => from_s3::run(args, console),
        ManifestCommand::FromDir(args) => from_dir::run(args, console),
        ManifestCommand::FromCsv(args) => from_csv::run(args, console),
    }
}
