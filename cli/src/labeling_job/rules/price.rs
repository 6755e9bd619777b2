//! P: what the public workforce is paid. All sums are in tenths of a US cent; [`WorkerCost`] has what a job costs.

use super::super::evidence::Workforce;
use super::super::{Evidence, WorkerCost, dollars, path};
use super::{Level, Problem, Rule, Verdict, broken};
use crate::console::words::counted;

pub(super) static RULES: &[Rule] = &[
    Rule::here(
        "P1",
        Level::Error,
        "the price of an answer is one of AWS's table for the task",
        "API",
        p1_price_of_the_table,
    ),
    Rule::here(
        "P2",
        Level::Warning,
        "a task without a price table of its own takes that of the most similar task",
        "inferred",
        p2_price_of_a_like_table,
    ),
    Rule::fact("P3", Level::Info, "members of AmountInUsd that are left out count as 0", "inferred", |evidence| {
        evidence.has(path::PRICE)
    }),
    Rule::here("P4", Level::Error, "a price is above 0", "API", p4_nothing),
    Rule::here(
        "P5",
        Level::Info,
        "workers cost price × workers × data objects, and the service charges its fee in addition",
        "inferred",
        p5_cost,
    ),
];

/// The price that the public workforce is paid, if there is one to judge.
fn public_price(evidence: &Evidence) -> Option<u64> {
    (evidence.workforce() == Some(Workforce::Public)).then(|| evidence.price()).flatten()
}

fn judge(evidence: &Evidence, table_is_named: bool) -> Verdict {
    let (Some(price), Ok(task_type)) = (public_price(evidence), evidence.task_type()) else {
        return Verdict::NotApplicable;
    };
    let Some(table) = task_type.price_table.filter(|_| task_type.price_table_is_named == table_is_named) else {
        return Verdict::NotApplicable;
    };
    if price == 0 || table.prices().contains(&price) {
        return Verdict::Kept;
    }
    let below = table.prices().iter().rev().find(|known| **known < price);
    let above = table.prices().iter().find(|known| **known > price);
    let nearest: Vec<String> = below.into_iter().chain(above).map(|price| usd(*price)).collect();
    broken(
        path::PRICE,
        format!("is {}, which is not a price of {}", usd(price), task_type.name),
        format!("give {}", nearest.join(" or ")),
    )
}

fn p1_price_of_the_table(evidence: &Evidence) -> Verdict {
    judge(evidence, true)
}

fn p2_price_of_a_like_table(evidence: &Evidence) -> Verdict {
    judge(evidence, false)
}

fn p4_nothing(evidence: &Evidence) -> Verdict {
    match public_price(evidence) {
        None => Verdict::NotApplicable,
        Some(0) => broken(path::PRICE, "is $0.000", "give a price of AWS's table, such as $0.012"),
        Some(_) => Verdict::Kept,
    }
}

fn p5_cost(evidence: &Evidence) -> Verdict {
    let (Some(price), Some(n_workers), Some(cost)) =
        (public_price(evidence), evidence.integer(path::NUMBER_OF_HUMAN_WORKERS), WorkerCost::of(evidence))
    else {
        return Verdict::NotApplicable;
    };
    let (sum, what) = match (cost.n_objects, cost.of_all()) {
        (Some(n_objects), Some(sum)) => (sum, format!("for {}", counted(n_objects, "data object"))),
        (Some(_), None) => return Verdict::NotApplicable,
        (None, _) => (cost.tenths_of_a_cent_per_object, "per data object".to_owned()),
    };
    let message = format!("makes {} {what}: {} to each of {}", usd(sum), usd(price), counted(n_workers, "worker"));
    let fee = "expect the fee of the service beside it";
    Verdict::Broken(vec![Problem::in_job(path::PRICE, message, fee)])
}

/// A sum as AWS prints prices: `$0.072`.
fn usd(tenths_of_a_cent: u64) -> String {
    format!("${}", dollars(tenths_of_a_cent))
}
