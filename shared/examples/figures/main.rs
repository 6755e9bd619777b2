//! Measures what the default methods reach on sets of real and simulated answers with gold, beside other libraries:
//!
//! ```text
//! cargo run --release -p ground-truth --example figures -- ../shared/data
//! ```
//!
//! The sets are not part of the project. Everything goes through `ConsolidationPlan`, as in the Lambda function. The
//! figures of other libraries are constants, measured once on the same sets. What came out is in `docs/FIGURES.md`.

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
use sets::{Data, Failure};

fn main() -> Result<(), Failure> {
    let path = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "../shared/data".to_owned()));
    let mut out = io::stdout().lock();
    if !path.is_dir() {
        writeln!(
            out,
            "{} is no folder. The sets are not part of the project; give the folder that holds them.",
            path.display()
        )?;
        return Ok(());
    }
    let data = Data { path, labeler: Rc::new(|answers, kind| answers.engine(kind, Value::Null)) };
    table::write(&mut out, &sections::figures(&data)?)?;
    small_batches::write(&mut out, &data, 10)?;
    small_batches::write(&mut out, &data, 50)
}
