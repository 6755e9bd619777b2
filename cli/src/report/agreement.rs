//! How far workers agree about a field: Krippendorff's alpha, on the scale or with the distance that its kind has.

use std::collections::BTreeMap;
use std::ops::Range;

use ground_truth::agreement::distance_alpha::{Distances, Params};
use ground_truth::agreement::krippendorff_alpha::{Scale, alpha};
use ground_truth::agreement::mark_distance;
use ground_truth::agreement::vote_patterns::VotePatterns;
use ground_truth::geometry::rect::Rect;
use serde::Serialize;
use serde_json::Value;

use crate::label_diff::Decision;

/// What the workers of a job said about one field, as columns.
#[derive(Debug, Default)]
pub(super) struct Column<'a> {
    object_of: Vec<u32>,
    worker_of: Vec<u32>,
    said: Vec<&'a Decision>,
}

/// An alpha, and what stands behind it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Alpha {
    /// At most 1, rounded to three decimals.
    pub(super) alpha: f64,
    /// What a difference is.
    pub(super) distance: &'static str,
}

impl<'a> Column<'a> {
    pub(super) fn push(&mut self, object: usize, worker: usize, said: &'a Decision) {
        self.object_of.push(object as u32);
        self.worker_of.push(worker as u32);
        self.said.push(said);
    }

    /// Alpha of a field of this kind; `None` for kinds without a distance here, and where no two workers answered an
    /// object or everybody always said the same.
    pub(super) fn alpha(&self, kind: &str, scale: &[&str], n_objects: usize, n_workers: usize) -> Option<Alpha> {
        let (alpha, distance) = match kind {
            "classification" | "multi-label" | "pairwise" => (self.nominal(n_objects), "nominal"),
            "ordinal" => (self.ordinal(scale, n_objects), "ordinal"),
            "number" => (self.interval(n_objects), "interval"),
            "bounding-box" => (self.of_marks(n_objects, n_workers, rect, mark_distance::boxes), "overlap of boxes"),
            "text-span" | "time-segment" => {
                (self.of_marks(n_objects, n_workers, span, mark_distance::spans), "overlap of spans")
            }
            _ => (None, ""),
        };
        Some(Alpha { alpha: (alpha? * 1000.0).round() / 1000.0, distance })
    }

    fn nominal(&self, n_objects: usize) -> Option<f64> {
        let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
        let mut category_of = Vec::with_capacity(self.said.len());
        for said in &self.said {
            let n_known = numbers.len() as u32;
            category_of.push(*numbers.entry(category(said)).or_insert(n_known));
        }
        let patterns = VotePatterns::of_categories(&self.object_of, &category_of, n_objects, numbers.len()).ok()?;
        alpha(patterns.all(), Scale::Nominal).ok()
    }

    fn ordinal(&self, scale: &[&str], n_objects: usize) -> Option<f64> {
        let rank = |said: &&Decision| {
            let label = said.members.get("label")?.as_str()?;
            scale.iter().position(|category| *category == label).map(|place| place as u32)
        };
        let category_of: Option<Vec<u32>> = self.said.iter().map(rank).collect();
        let patterns = VotePatterns::of_categories(&self.object_of, &category_of?, n_objects, scale.len()).ok()?;
        alpha(patterns.all(), Scale::Ordinal).ok()
    }

    fn interval(&self, n_objects: usize) -> Option<f64> {
        let numbers: Option<Vec<f64>> = self.said.iter().map(|said| said.members.get("value")?.as_f64()).collect();
        let patterns = VotePatterns::of_numbers(&self.object_of, &numbers?, n_objects).ok()?;
        alpha(patterns.all(), Scale::Interval).ok()
    }

    fn of_marks<M>(
        &self,
        n_objects: usize,
        n_workers: usize,
        read: fn(&Value) -> Option<M>,
        distance: fn(&[M], &[M]) -> f64,
    ) -> Option<f64> {
        let marks = |said: &&Decision| -> Vec<M> {
            let list = said.members.get("annotations").and_then(Value::as_array);
            list.into_iter().flatten().filter_map(read).collect()
        };
        let marks: Vec<Vec<M>> = self.said.iter().map(marks).collect();
        let distance = |a: usize, b: usize| distance(&marks[a], &marks[b]);
        // A page shows two decimals: a hundred thousand pairs are as exact.
        let params = Params { max_pairs: 100_000, seed: 1 };
        let distances =
            Distances::measure(&self.object_of, &self.worker_of, n_objects, n_workers, distance, &params).ok()?;
        distances.alpha().ok()
    }
}

/// What a choice is, as text: sets whatever their order.
fn category(said: &Decision) -> String {
    let mut labels: Vec<String> =
        said.members.get("labels").and_then(Value::as_array).into_iter().flatten().map(Value::to_string).collect();
    labels.sort();
    let one = ["label", "preferred"].iter().find_map(|name| said.members.get(*name)).map(Value::to_string);
    one.unwrap_or_else(|| labels.join(","))
}

/// A box as it stands before it is turned.
fn rect(mark: &Value) -> Option<Rect> {
    let number = |name: &str| mark.get(name)?.as_f64();
    Rect::new(number("left")?, number("top")?, number("width")?, number("height")?).ok()
}

fn span(mark: &Value) -> Option<Range<f64>> {
    let number = |names: [&str; 2]| names.iter().find_map(|name| mark.get(*name)?.as_f64());
    Some(number(["startOffset", "start"])?..number(["endOffset", "end"])?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(kind: &str, said: &[(usize, usize, Value)], expected: Option<f64>) {
        let decisions: Vec<Decision> = said
            .iter()
            .map(|(_, _, members)| Decision {
                members: members.as_object().cloned().unwrap_or_default(),
                confidence: None,
            })
            .collect();
        let mut column = Column::default();
        for ((object, worker, _), decision) in said.iter().zip(&decisions) {
            column.push(*object, *worker, decision);
        }
        assert_eq!(column.alpha(kind, &["bad", "fair", "good"], 2, 2).map(|alpha| alpha.alpha), expected, "{kind}");
    }

    #[test]
    fn agreement_is_one_where_all_agree_and_lower_where_not() {
        let label = |label: &str| json!({ "label": label });
        let agreed = [(0, 0, label("bad")), (0, 1, label("bad")), (1, 0, label("good")), (1, 1, label("good"))];
        check("classification", &agreed, Some(1.0));
        check("ordinal", &agreed, Some(1.0));
        // Four answers, two of each: two of the six pairs are alike.
        let torn = [(0, 0, label("bad")), (0, 1, label("good")), (1, 0, label("bad")), (1, 1, label("good"))];
        check("classification", &torn, Some(-0.5));
        let set = |labels: [&str; 2]| json!({ "labels": labels });
        let sets = [(0, 0, set(["a", "b"])), (0, 1, set(["b", "a"])), (1, 0, set(["a", "c"])), (1, 1, set(["a", "c"]))];
        check("multi-label", &sets, Some(1.0));
        let value = |value: u32| json!({ "value": value });
        check("number", &[(0, 0, value(1)), (0, 1, value(1)), (1, 0, value(9)), (1, 1, value(9))], Some(1.0));
        let boxes = |left: u32| json!({"annotations": [{"left": left, "top": 0, "width": 10, "height": 10}]});
        check("bounding-box", &[(0, 0, boxes(0)), (0, 1, boxes(0)), (1, 0, boxes(50)), (1, 1, boxes(50))], Some(1.0));
        check("free-text", &agreed, None);
    }
}
