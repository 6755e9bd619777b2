//! `gtruth run`: a labeling job on this computer.

use std::io::Write;

use comfy_table::Table;
use indicatif::ProgressBar;
use time::UtcDateTime;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use crate::args::RunArgs;
use crate::console::progress::AboveBar;
use crate::console::{Console, ExitStatus, table};
use crate::labels::field_summary::FieldSummary;
use crate::local_run::{LocalRun, Options, Summary};

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
        write(&summary, console.out)?
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

fn write(summary: &Summary, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "labeling job {}\n", summary.labeling_job_name)?;
    writeln!(out, "{}\n", counts(summary).trim_fmt())?;
    if let Some(table) = field_table(summary) {
        writeln!(out, "{}\n", table.trim_fmt())?;
    }
    writeln!(out, "output manifest: {}", summary.output_manifest.display())?;
    Ok(())
}

fn counts(summary: &Summary) -> Table {
    let mut rows = vec![
        ("data objects", summary.data_objects, ""),
        ("  labeled", summary.labeled, ""),
        ("  already labeled", summary.already_labeled, "by an earlier job, under the same attribute"),
        ("  excluded", summary.excluded, "by PreHumanTaskLambda"),
        ("  failed", summary.failed.total(), ""),
        ("    expired", summary.failed.expired, "nobody answered"),
        ("    no usable answer", summary.failed.no_usable_answer, "AnnotationConsolidationLambda returned no label"),
        ("answers", summary.answers, ""),
        ("  rejected", summary.rejected_answers, "or parts of them"),
        ("batches", summary.batches, ""),
    ];
    // What happens seldom is shown when it happens.
    rows.retain(|(name, n, why)| *n > 0 || why.is_empty() || ["  excluded", "  rejected"].contains(name));
    let mut table = table::plain();
    for (name, n, why) in rows {
        table.add_row([name.to_owned(), n.to_string(), if n > 0 { why.to_owned() } else { String::new() }]);
    }
    table::align_right(&mut table, &[1]);
    table
}

/// The fields; `None` when no worker sent any.
fn field_table(summary: &Summary) -> Option<Table> {
    let knows_truth = summary.fields.iter().any(|field| field.as_in_truth.of > 0);
    let row = |field: &FieldSummary| {
        let mut row = vec![
            field.field.clone(),
            field.kind.to_owned(),
            field.method.unwrap_or("-").to_owned(),
            format!("{} of {}", field.resolved, field.resolved + field.unresolved),
            field.mean_confidence.confidence().map_or("-".to_owned(), |mean| format!("{:.2}", mean.rounded())),
        ];
        let share = &field.as_in_truth;
        let in_truth = if share.of > 0 { format!("{} of {}", share.labels, share.of) } else { "-".to_owned() };
        row.extend(knows_truth.then_some(in_truth));
        row
    };
    let mut header = vec!["field", "kind", "method", "resolved", "confidence"];
    header.extend(knows_truth.then_some("as in truth"));
    let mut table = table::plain();
    table.set_header(header).add_rows(summary.fields.iter().map(row));
    table::align_right(&mut table, &[3, 4, 5]);
    (!table.is_empty()).then_some(table)
}

#[cfg(test)]
mod tests;
