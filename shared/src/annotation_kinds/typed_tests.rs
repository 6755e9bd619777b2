//! Typed answers and the same answers as JSON under a plan are two ways to one result. Every kind that consolidates is held to it
//! by a test of its own, with what stands here.

use serde::Serialize;
use serde_json::json;

use super::marks::{Drawn, MarkAnswer};
use super::tests::batch;
use super::*;
use crate::geometry::mask::{ImageSize, LabelMap};
use crate::geometry::point::Point;
use crate::mask_png::{self, Color};
use crate::plan::ConsolidationPlan;
use crate::typed::Answers;

/// A crowd's answers in both forms.
pub(super) struct Crowd<A> {
    /// What each worker sends for each object.
    values: Vec<Vec<Value>>,
    /// The same with types.
    pub(super) answers: Answers<A>,
}

/// Moves a worker's number by about as much as it is told.
pub(super) type Wobble<'a> = &'a mut dyn FnMut(f64) -> f64;

impl<A> Crowd<A> {
    /// Four workers answer four objects. `answer` makes one answer in both forms, and is told which of two things to say: 0, or
    /// now and then 1.
    pub(super) fn new(answer: impl Fn(Wobble<'_>, usize) -> (Value, A)) -> Self {
        let mut dice = Dice::new(11);
        let (mut values, mut answers) = (Vec::new(), Answers::default());
        for object in 0..4 {
            let mut of_object = Vec::new();
            for worker in 0..4 {
                let odd = usize::from(dice.chance(0.25));
                let (value, typed) = answer(&mut |looseness| (dice.noise() * looseness * 8.0).round() / 8.0, odd);
                of_object.push(value);
                answers.add(object.to_string(), format!("w{worker}"), typed);
            }
            values.push(of_object);
        }
        Self { values, answers }
    }

    /// Holds what the kind's typed call gives to what a plan with these parameters gives for the same answers.
    pub(super) fn check<L: Serialize + Send>(
        &self,
        kind: &AnnotationKind,
        parameters: Value,
        consensus: Vec<Consensus<L>>,
    ) {
        let mut field = parameters;
        field["kind"] = json!(kind.name);
        self.check_plan(&json!({ "fields": { "field": field } }), consensus);
    }

    /// The same for any plan.
    pub(super) fn check_plan<L: Serialize + Send>(&self, plan: &Value, consensus: Vec<Consensus<L>>) {
        let plan = ConsolidationPlan::from_value(plan).expect("a plan");
        let planned = plan.consolidate(&batch(&self.values)).into_iter();
        let planned = planned.map(|mut outcome| outcome.fields.remove(0).outcome);
        let typed = written("typed", consensus);
        assert_eq!(typed.len(), self.values.len());
        for (planned, typed) in planned.zip(typed) {
            assert_eq!(Value::Object(typed.members), Value::Object(planned.members));
            assert_eq!((typed.n_workers, typed.confidence), (planned.n_workers, planned.confidence));
            assert_eq!((typed.unresolved, typed.rejected), (planned.unresolved, planned.rejected));
            assert!(typed.confidence.is_some(), "nothing was decided");
        }
    }
}

/// One of two categories.
pub(super) fn category(odd: usize) -> LabelCategory {
    LabelCategory::new(["otter", "heron"][odd])
}

/// The check for a kind of marks, one to an answer, under each of its methods with the parameters that it starts from. `list`
/// is the member of an answer that holds them.
pub(super) fn check_marks<S: Clone + Send + Serialize>(
    kind: &AnnotationKind,
    list: &str,
    params: [&marks::Params; 2],
    consolidate: marks::Consolidate<S>,
    mark: impl Fn(Wobble<'_>) -> (Value, S),
) {
    let crowd = Crowd::new(|wobble, odd| {
        let (mut members, shape) = mark(wobble);
        members["label"] = json!(category(odd));
        let drawn = Drawn { category: Some(category(odd)), shape };
        (json!({ list: [members] }), MarkAnswer::of([drawn]))
    });
    assert_eq!(kind.methods.len(), params.len());
    for (method, params) in kind.methods.iter().zip(params) {
        crowd.check(kind, json!({ "method": method }), consolidate(&crowd.answers, params));
    }
}

/// Three points, as a mark and as a program has them.
pub(super) fn three_points(wobble: Wobble<'_>) -> (Value, Vec<Point>) {
    let (x, y) = (100.0 + wobble(9.0), 50.0 + wobble(9.0));
    let points = [(x, y), (x + 90.0, y), (x + 60.0, y + 80.0)];
    let vertices: Vec<Value> = points.iter().map(|(x, y)| json!([x, y])).collect();
    (json!({ "vertices": vertices }), points.map(|(x, y)| Point { x, y }).to_vec())
}

/// Two things side by side and the border between them moved: as a map of pixels, and as a picture with the members that tell
/// the things' colors, which are those that the typed form takes for them.
pub(super) fn picture(wobble: Wobble<'_>) -> (LabelMap, [Value; 2], Value) {
    let border = (6.0 + wobble(2.0)).round() as u32;
    let size = ImageSize::new(12, 1).expect("a size");
    let map = LabelMap::from_runs(size, [(1, border), (2, 11 - border), (0, 1)]).expect("a map");
    let colors = [0, 1].map(Color::numbered);
    let png = mask_png::write(&map, &[Color::WHITE, colors[0], colors[1]]);
    (map, colors.map(|color| json!({ "color": color })), json!({ "pngImageData": png }))
}

/// Holds a parameter to its range: each first number gives the labels that the second one gives.
pub(super) fn check_range<L: PartialEq + std::fmt::Debug>(
    pairs: &[[f64; 2]],
    labels: impl Fn(f64) -> Vec<Consensus<L>>,
) {
    for [beyond, counts_as] in pairs {
        assert_eq!(labels(*beyond), labels(*counts_as), "{beyond} counts as {counts_as}");
    }
}
