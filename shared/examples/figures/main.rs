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
mod sets;
mod small_batches;
mod table;
mod texts;

use std::io::{self, Write};
use std::path::PathBuf;

use sets::{Data, Failure};
use table::Figure;

/// The figures of one kind.
type Section = fn(&Data) -> Result<Vec<Figure>, Failure>;

const SECTIONS: [Section; 17] = [
    categories::classification,
    categories::ordinal,
    categories::multi_label,
    marks::bounding_boxes,
    marks::text_spans,
    masks::binary,
    masks::several_classes,
    marks::polygons,
    marks::keypoints,
    texts::transcriptions,
    texts::translations,
    orders::comparisons,
    orders::rankings,
    orders::numbers,
    marks::polylines,
    marks::cuboids,
    marks::tracks,
];

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
    let data = Data(path);
    let mut figures = Vec::new();
    for section in SECTIONS {
        figures.extend(section(&data)?);
    }
    table::write(&mut out, &figures)?;
    small_batches::write(&mut out, &data, 10)?;
    small_batches::write(&mut out, &data, 50)
}
