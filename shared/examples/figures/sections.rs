//! All figures, in the order of the table.

use crate::sets::{Data, Failure};
use crate::table::Figure;
use crate::{categories, marks, masks, orders, texts};

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

pub(crate) fn figures(data: &Data) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for section in SECTIONS {
        figures.extend(section(data)?);
    }
    Ok(figures)
}
