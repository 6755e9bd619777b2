//! `gtruth run`: a labeling job on this computer.

use std::io::{self, Write};

use indicatif::{ProgressBar, ProgressStyle};
use time::UtcDateTime;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use crate::args::RunArgs;
use crate::console::{ExitStatus, write_json};
use crate::local_run::{LocalRun, Options};

pub(crate) fn run(args: &RunArgs, json: bool, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    let options = Options {
        output: args.output.clone(),
        batch_size: args.batch_size.map(|size| size as usize),
        seed: args.seed,
        start_time: args.start_time.unwrap_or_else(UtcDateTime::now),
        overwrite: args.overwrite,
    };
    let local_run = LocalRun::prepare(&args.job, &options)?;
    let bar = progress_bar(local_run.n_objects() as u64)?;
    let summary = tracing::subscriber::with_default(warnings_above(&bar), || local_run.run(&|| bar.inc(1)));
    bar.finish_and_clear();
    let summary = summary?;
    if json {
        write_json(out, &summary)?
    } else {
        write!(out, "{summary}")?
    }
    Ok(if summary.failed.total() == 0 { ExitStatus::Success } else { ExitStatus::FoundFailures })
}

/// A bar on standard error, if that is a terminal.
fn progress_bar(n_objects: u64) -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} data objects")?;
    Ok(ProgressBar::new(n_objects).with_style(style))
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

/// Standard error while a bar is drawn at its end. A whole event comes in one write.
struct AboveBar(ProgressBar);

impl Write for AboveBar {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| anstream::stderr().write_all(event)).map(|()| event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
