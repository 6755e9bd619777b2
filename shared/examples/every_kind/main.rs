//! Every annotation kind at work, each in a function that can be copied: typed answers in, labels out.
//!
//! ```text
//! cargo run -p ground-truth --example every_kind
//! ```
//!
//! The crowds are made up here, from a fixed seed: three careful workers and one careless one. What is printed is the label
//! of the first object, how sure it is, and for how many of the objects the label is right.

mod choices;
mod crowd;
mod marks;
mod masks;
mod texts;

use std::error::Error;
use std::io::{self, Write};

/// One line of what is printed.
struct Line {
    kind: &'static str,
    /// The label of the first object.
    label: String,
    confidence: f64,
    n_right: usize,
    n_objects: usize,
}

/// A kind at work.
type Demonstration = fn() -> Result<Line, Box<dyn Error>>;

const ALL: [Demonstration; 19] = [
    choices::classification,
    choices::classification_in_columns,
    choices::multi_label,
    choices::ordinal,
    marks::bounding_box,
    marks::polygon,
    marks::polyline,
    marks::keypoint,
    marks::text_span,
    marks::time_segment,
    marks::track,
    marks::cuboid,
    masks::semantic_mask,
    masks::instance_mask,
    texts::free_text,
    texts::number,
    texts::date,
    texts::ranking,
    texts::pairwise,
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    for demonstration in ALL {
        let Line { kind, label, confidence, n_right, n_objects } = demonstration()?;
        writeln!(out, "{kind:<26} {label:<44} {confidence:.2}   {n_right:>2} of {n_objects} right")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_shown_and_mostly_right() {
        let lines: Vec<Line> = ALL.iter().map(|demonstration| demonstration().expect("a line")).collect();
        for kind in ground_truth::annotation_kinds::ALL.iter().filter(|kind| kind.name != "verbatim") {
            assert!(lines.iter().any(|line| line.kind == kind.name), "show {} at work", kind.name);
        }
        for Line { kind, n_right, n_objects, .. } in lines {
            assert!(2 * n_right > n_objects, "{kind}: {n_right} of {n_objects}");
        }
    }
}
