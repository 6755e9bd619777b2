//! Measures what the default methods reach on sets of real and simulated answers with gold, beside other libraries:
//!
//! ```text
//! python3 shared/examples/figures/fetch.py FOLDER
//! cargo run --release -p ground-truth --example figures -- FOLDER
//! ```
//!
//! The sets are not part of the project; `fetch.py` says which of them it can get, and those that the folder does not have
//! are left out. Everything goes through `ConsolidationPlan`, as in the Lambda function. The figures of other libraries are
//! constants, measured once on the same sets. What came out is in `docs/FIGURES.md`.

mod categories;
mod marks;
mod masks;
mod orders;
mod score;
mod sections;
mod sets;
mod small_batches;
mod table;
mod texts;

use std::io::{self, Write};
use std::path::PathBuf;
use std::rc::Rc;

use serde_json::Value;
use sets::{Data, Failure, MissingSet};

fn main() -> Result<(), Failure> {
    let Some(path) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return Err("give the folder that holds the sets; shared/examples/figures/fetch.py fetches them".into());
    };
    let data = Data { path, labeler: Rc::new(|answers, kind| answers.engine(kind, Value::Null)) };
    let measured = sections::measure(&data)?;
    let mut out = io::stdout().lock();
    table::write(&mut out, &measured.figures)?;
    measured.write_missing(&mut out)?;
    for batch_size in [10, 50] {
        if let Err(failure) = small_batches::write(&mut out, &data, batch_size) {
            writeln!(out, "\nNo batches of {batch_size}: {}.", failure.downcast::<MissingSet>()?)?;
        }
    }
    Ok(())
}
