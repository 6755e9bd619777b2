//! The marks of a label: what every format that knows boxes, outlines or spans starts from.

use ground_truth::geometry::point::Point;
use ground_truth::label::FieldLabel;
use ground_truth::label_content::Shape;

use super::{Export, LeftOut, Report};

/// The category of a mark that nobody gave one.
pub(super) const WITHOUT_CATEGORY: &str = "object";

/// A mark of a label, with its shape: pixels, characters or seconds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark<'a> {
    pub(super) category: &'a str,
    pub(super) confidence: Option<f64>,
    pub(super) shape: Shape,
}

impl Export<'_> {
    /// The marks of a label that are sure enough; none of a label without marks. What has no shape that can be read, such as a
    /// mask whose picture is damaged, is left out and counted.
    pub(super) fn marks<'l>(&self, label: &'l FieldLabel<'_>, report: &mut Report) -> Vec<Mark<'l>> {
        let Some(marks) = label.marks() else { return Vec::new() };
        let is_sure = |confidence: Option<f64>| confidence.is_none_or(|sure| sure >= self.options.min_confidence);
        let shaped = marks.with_shapes().filter(|(mark, _)| is_sure(mark.confidence()));
        let shaped: Vec<Mark<'l>> = shaped
            .map(|(mark, shape)| Mark {
                category: mark.category().unwrap_or(WITHOUT_CATEGORY),
                confidence: mark.confidence(),
                shape,
            })
            .collect();
        let n_sure = marks.iter().filter(|mark| is_sure(mark.confidence())).count();
        (shaped.len()..n_sure).for_each(|_| report.leave_out(LeftOut::ShapeUnreadable));
        shaped
    }
}

/// The first point of each name, in the order of the names.
pub(super) fn named_points(marks: &[Mark<'_>], names: &[&str]) -> Vec<Option<Point>> {
    let point = |mark: &Mark<'_>, name: &str| match mark.shape {
        Shape::Point(point, _) if mark.category == name => Some(point),
        _ => None,
    };
    names.iter().map(|name| marks.iter().find_map(|mark| point(mark, name))).collect()
}

/// At most two decimals, as labels have them.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
