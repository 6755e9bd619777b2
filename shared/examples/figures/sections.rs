//! All figures, in the order of the table.

use std::io::{self, Write};

use crate::sets::{Data, Failure, MissingSet};
use crate::table::Figure;
use crate::{categories, marks, masks, orders, texts};

/// The figures of one kind on one set, or on several where they are compared with each other.
type Section = fn(&Data) -> Result<Vec<Figure>, Failure>;

const SECTIONS: [Section; 20] = [
    categories::classification,
    categories::ordinal,
    categories::multi_label,
    marks::pedestrians,
    marks::simulated_boxes,
    marks::text_spans,
    masks::binary,
    masks::several_classes,
    marks::polygons,
    marks::polygons_without_gold,
    marks::keypoints,
    texts::transcriptions,
    texts::translations,
    orders::comparisons,
    orders::simulated_comparisons,
    orders::rankings,
    orders::numbers,
    marks::polylines,
    marks::cuboids,
    marks::tracks,
];

/// What was measured, and the sets that it could not be measured on.
pub(crate) struct Measured {
    pub(crate) figures: Vec<Figure>,
    missing: Vec<String>,
}

impl Measured {
    /// Says what is missing, after the table.
    pub(crate) fn write_missing(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.missing.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nLeft out, as the folder does not have them: {}.", self.missing.join(", "))
    }
}

pub(crate) fn measure(data: &Data) -> Result<Measured, Failure> {
    let (mut figures, mut missing) = (Vec::new(), Vec::new());
    for section in SECTIONS {
        match section(data) {
            Ok(of_section) => figures.extend(of_section),
            Err(failure) => missing.push(failure.downcast::<MissingSet>()?.0),
        }
    }
    Ok(Measured { figures, missing })
}
