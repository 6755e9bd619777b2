//! `gtruth run`: a labeling job on this computer.

use indicatif::ProgressBar;
use time::UtcDateTime;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use crate::args::RunArgs;
use crate::console::progress::AboveBar;
use crate::console::{Console, ExitStatus};
use crate::local_run::{LocalRun, Options};

pub(super) fn run(args: &RunArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let options = Options {
        output: args.output.clone(),
        batch_size: args.batch_size.map(|size| size as usize),
        seed: args.seed,
        start_time: args.start_time.unwrap_or_else(UtcDateTime::now),
        overwrite: args.overwrite,
    };
    let local_run = LocalRun::prepare(&args.job, &options)?;
    let bar = console.progress.bar(Some(local_run.n_objects() as u64), "{bar:30} {pos} of {len} data objects");
    let summary = tracing::subscriber::with_default(warnings_above(&bar), || local_run.run(&|| bar.inc(1)));
    bar.finish_and_clear();
    let summary = summary?;
    if console.json {
        console.write_json(&summary)?
    } else {
        write!(console.out, "{summary}")?
    }
    Ok(ExitStatus::success_if(summary.failed.total() == 0))
}

/// What the functions log, on standard error: warnings, or whatever RUST_LOG asks for.
fn warnings_above(bar: &ProgressBar) -> impl Subscriber + Send + Sync + use<> {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into()).from_env_lossy();
    let bar = bar.clone();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .without_time()
        .with_target(false)
        .with_writer(move || AboveBar(bar.clone()))
        .finish()
}

#[cfg(test)]
mod tests;
