//! The report on workers as tables for people.

use std::collections::BTreeMap;
use std::io::Write;

use comfy_table::Table;

use crate::console::table;
use crate::console::words::counted;
use crate::crowd::workers::{CategoryBias, Confusion, Drift, Mean, MeanError, Report, Worker, WorkerField};
use crate::finished_job;

/// One table of all workers, and one for each field with those who agree least first.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> anyhow::Result<()> {
    let name = finished_job::shown_name(report.labeling_job_name.as_deref());
    writeln!(
        out,
        "labeling job {name}: {}, {}\n",
        counted(report.objects, "data object"),
        counted(report.workers.len(), "worker")
    )?;
    let mut all = table::plain();
    all.set_header(["worker", "answers", "set aside", "replaced", "median time", "too fast", "too slow"]);
    for worker in &report.workers {
        let of_answers = |n: usize| percent((worker.answers > 0).then(|| n as f64 / worker.answers as f64));
        all.add_row([
            worker.worker.clone(),
            worker.answers.to_string(),
            of_answers(worker.set_aside),
            of_answers(worker.replaced),
            worker.time.median_seconds.map_or("-".to_owned(), |seconds| format!("{seconds:.1} s")),
            percent(worker.time.too_fast),
            percent(worker.time.too_slow),
        ]);
    }
    table::align_right(&mut all, &[1, 2, 3, 4, 5, 6]);
    writeln!(out, "{}", all.trim_fmt())?;
    for (field, kind) in fields(report) {
        writeln!(out, "\n{field} ({kind})")?;
        writeln!(out, "{}", field_table(report, field).trim_fmt())?;
    }
    writeln!(out, "\n{LEGEND}")?;
    if report.groups < report.workers.len() {
        writeln!(out, "Each worker is left out together with others: the workers form {} groups.", report.groups)?;
    }
    Ok(())
}

/// Every field with its kind, in alphabetical order.
fn fields(report: &Report) -> BTreeMap<&str, &'static str> {
    let all = report.workers.iter().flat_map(|worker| &worker.fields);
    all.map(|field| (field.field.as_str(), field.kind)).collect()
}

fn field_table(report: &Report, name: &str) -> Table {
    let of_field = |worker: &Worker| worker.fields.iter().position(|field| field.field == name);
    let mut rows: Vec<(&Worker, &WorkerField)> =
        report.workers.iter().filter_map(|worker| Some((worker, &worker.fields[of_field(worker)?]))).collect();
    let least = |mean: Option<Mean>| mean.map_or(f64::INFINITY, |mean| mean.agreement);
    rows.sort_by(|(_, a), (_, b)| least(a.others).total_cmp(&least(b.others)));
    let mut table = table::plain();
    table.set_header(["worker", "answers", "others", "gold", "drift", "most frequent confusion", "bias"]);
    for (worker, field) in rows {
        table.add_row([
            worker.worker.clone(),
            field.answers.to_string(),
            percent(field.others.map(|mean| mean.agreement)),
            field.gold.map_or("-".to_owned(), |mean| format!("{} of {}", percent(Some(mean.agreement)), mean.answers)),
            drift(field.drift),
            field.most_frequent_confusion().map_or("-".to_owned(), |one| confusion(one, field)),
            bias(field),
        ]);
    }
    table::align_right(&mut table, &[1, 2, 3, 4]);
    table
}

const LEGEND: &str = "\
others: agreement with the consensus of the other workers; drift: the same in the earlier and the
later half of the answers. The other columns compare with known answers, or else with the others.";

/// A share in whole percent, as `67%`; `-` for `None`.
fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.0}%", 100.0 * share))
}

/// `80% → 62%`; with a star where the difference is more than two standard errors.
fn drift(drift: Option<Drift>) -> String {
    let Some(Drift { earlier, later, standard_error }) = drift else { return "-".to_owned() };
    let star = if (earlier - later).abs() > 2.0 * standard_error { "*" } else { "" };
    format!("{} → {}{star}", percent(Some(earlier)), percent(Some(later)))
}

/// `otter → heron, 3 of 20`: of those that should have been otters.
fn confusion(one: &Confusion, field: &WorkerField) -> String {
    let n_right: usize =
        field.confusion.iter().filter(|other| other.right == one.right).map(|other| other.answers).sum();
    format!("{} → {}, {} of {n_right}", one.right, one.answered, one.answers)
}

/// The largest bias: `heron 12 for 4`, or `+2.5`.
fn bias(field: &WorkerField) -> String {
    match (field.bias.first(), field.mean_error) {
        (Some(CategoryBias { category, answered, right }), _) => format!("{category}: {answered} for {right}"),
        (None, Some(error @ MeanError { mean, .. })) if error.is_biased() => format!("{mean:+.3}"),
        _ => "-".to_owned(),
    }
}
