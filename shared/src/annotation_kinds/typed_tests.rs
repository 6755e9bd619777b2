//! Typed answers and the same answers as JSON under a plan are two ways to one result, for every kind.

use serde::Serialize;
use serde_json::json;

use super::marks::{Drawn, MarkAnswer};
use super::tests::batch;
use super::*;
use crate::geometry::mask::{ImageSize, LabelMap};
use crate::geometry::point::Point;
use crate::geometry::rect::Rect;
use crate::mask_png::{self, Color};
use crate::plan::ConsolidationPlan;
use crate::typed::Answers;

/// A crowd's answers in both forms: `answer` makes those of one worker to one object, whose numbers it may move a little.
fn crowd<A>(answer: impl Fn(&mut dyn FnMut(f64) -> f64, usize) -> (Value, A)) -> (Vec<Vec<Value>>, Answers<A>) {
    let mut dice = Dice::new(11);
    let (mut objects, mut answers) = (Vec::new(), Answers::default());
    for object in 0..4 {
        let mut values = Vec::new();
        for worker in 0..4 {
            let odd = usize::from(dice.chance(0.25));
            let (value, typed) = answer(&mut |looseness| (dice.wobble() * looseness * 8.0).round() / 8.0, odd);
            values.push(value);
            answers.add(object.to_string(), format!("w{worker}"), typed);
        }
        objects.push(values);
    }
    (objects, answers)
}

/// Holds what a typed call gives to what the plan gives for the same answers.
fn check<L: Serialize + Send>(name: &str, parameters: Value, objects: &[Vec<Value>], consensus: Vec<Consensus<L>>) {
    let mut field = parameters;
    field["kind"] = json!(name);
    let plan = ConsolidationPlan::from_value(&json!({ "fields": { "field": field } })).expect("a plan");
    let planned = plan.consolidate(&batch(objects)).into_iter().map(|mut outcome| outcome.fields.remove(0).outcome);
    let typed = written("typed", consensus);
    assert_eq!(typed.len(), objects.len());
    for (planned, typed) in planned.zip(typed) {
        assert_eq!(Value::Object(typed.members), Value::Object(planned.members), "{name}");
        assert_eq!((typed.n_workers, typed.confidence), (planned.n_workers, planned.confidence), "{name}");
        assert_eq!((typed.unresolved, typed.rejected), (planned.unresolved, planned.rejected), "{name}");
        assert!(typed.confidence.is_some(), "{name} decides nothing");
    }
}

/// The same for a kind of marks, one to an answer, under both of its methods.
fn check_marks<S: Clone + Send + Serialize>(
    name: &str,
    plain: &str,
    list: &str,
    consolidate: marks::Consolidate<S>,
    mark: impl Fn(&mut dyn FnMut(f64) -> f64) -> (Value, S),
) {
    let (objects, answers) = crowd(|wobble, odd| {
        let (mut members, shape) = mark(wobble);
        let label = ["otter", "heron"][odd];
        members["label"] = json!(label);
        (json!({ list: [members] }), MarkAnswer::of([Drawn::new(label, shape)]))
    });
    check(name, json!({}), &objects, consolidate(&answers, &marks::Params::STANDARD));
    check(name, json!({ "method": plain }), &objects, consolidate(&answers, &marks::Params::PLAIN));
}

fn names(odd: usize) -> LabelCategory {
    LabelCategory::new(["otter", "heron"][odd])
}

#[test]
fn categories() {
    let (objects, answers) = crowd(|_, odd| (json!({ "label": names(odd) }), names(odd)));
    check(
        "classification",
        json!({}),
        &objects,
        classification::consolidate(&answers, &classification::Params::STANDARD),
    );
    check("ordinal", json!({}), &objects, ordinal::consolidate(&answers, &ordinal::Params::STANDARD));
    let (objects, answers) = crowd(|_, odd| {
        let chosen = vec![names(0), names(odd)];
        (json!(chosen), chosen)
    });
    check("multi-label", json!({}), &objects, multi_label::consolidate(&answers, &multi_label::Params::STANDARD));
}

#[test]
fn quorum_gold_and_categories_mean_the_same() {
    let (objects, mut answers) = crowd(|_, odd| (json!(names(odd)), names(odd)));
    answers.categories = vec![names(1), names(0)];
    answers.quorum = crate::batch::Quorum::Share(0.75);
    answers.set_gold("2", names(1));
    let consensus = classification::consolidate(&answers, &classification::Params::STANDARD);
    let plan = json!({
        "fields": {"field": {"kind": "classification", "quorum": {"share": 0.75}, "categories": ["heron", "otter"]}},
        "gold": {"field": {"2": "heron"}},
    });
    let plan = ConsolidationPlan::from_value(&plan).expect("a plan");
    for (outcome, typed) in plan.consolidate(&batch(&objects)).iter().zip(written("typed", consensus)) {
        assert_eq!(outcome.fields[0].outcome.members, typed.members);
    }
}

#[test]
fn texts_numbers_and_orders() {
    let (objects, answers) = crowd(|_, odd| {
        let text = ["an otter near the weir", "an other near a weir"][odd];
        (json!(text), text.to_owned())
    });
    check("free-text", json!({}), &objects, free_text::consolidate(&answers, &free_text::Params::STANDARD));

    let (objects, answers) = crowd(|wobble, _| {
        let number = 12.0 + wobble(4.0);
        (json!(number), number)
    });
    check("number", json!({}), &objects, number::consolidate(&answers, &number::Params::STANDARD));

    let (objects, answers) = crowd(|_, odd| {
        let items = [["dawn", "dusk", "noon"], ["dusk", "noon", "dawn"]][odd];
        (json!({ "ranking": items }), ranking::Orders::from(ranking::Order::best_first(items)))
    });
    check("ranking", json!({}), &objects, ranking::consolidate(&answers, &ranking::Params::STANDARD));

    let (objects, answers) = crowd(|_, odd| {
        let [better, worse] = [["dawn", "dusk"], ["dusk", "dawn"]][odd];
        let preference = pairwise::Preference::new(better, worse).expect("two items");
        (json!({ "winner": better, "loser": worse }), preference)
    });
    check("pairwise", json!({}), &objects, pairwise::consolidate(&answers, &pairwise::Params::STANDARD));
}

#[test]
fn shapes_in_an_image() {
    use bounding_box::BoundingBox;
    check_marks("bounding-box", "iou-clusters", "boundingBoxes", bounding_box::consolidate, |wobble| {
        let [left, top] = [40.0 + wobble(6.0), 20.0 + wobble(6.0)];
        let members = json!({"left": left, "top": top, "width": 90, "height": 60, "rotation": 30});
        (members, BoundingBox::new(left, top, 90.0, 60.0).and_then(|upright| upright.rotated(30.0)).expect("a box"))
    });
    let both = |points: Vec<Point>| {
        let vertices: Vec<Value> = points.iter().map(|point| json!([point.x, point.y])).collect();
        (json!({ "vertices": vertices }), points)
    };
    let corners = |wobble: &mut dyn FnMut(f64) -> f64| {
        let (x, y) = (100.0 + wobble(9.0), 50.0 + wobble(9.0));
        both([(x, y), (x + 90.0, y), (x + 60.0, y + 80.0)].map(|(x, y)| Point { x, y }).to_vec())
    };
    let plain = marks::Method::Plain.name();
    check_marks("polygon", plain, "polygons", polygon::consolidate, |wobble| {
        let (members, points) = corners(wobble);
        (members, polygon::Polygon::new(points).expect("a polygon"))
    });
    check_marks("polyline", plain, "polylines", polyline::consolidate, |wobble| {
        let (members, points) = corners(wobble);
        (members, polyline::Polyline::new(points).expect("a line"))
    });
    check_marks("keypoint", plain, "keypoints", keypoint::consolidate, |wobble| {
        let (x, y) = (100.0 + wobble(5.0), 50.0 + wobble(5.0));
        (json!({"x": x, "y": y}), keypoint::Keypoint::new(x, y).expect("a point"))
    });
}

#[test]
fn shapes_in_texts_recordings_and_space() {
    let plain = marks::Method::Plain.name();
    check_marks("text-span", plain, "entities", text_span::consolidate, |wobble| {
        let (start, end) = ((4.5 + wobble(1.0)).floor() as u64, 12);
        (json!({"startOffset": start, "endOffset": end}), text_span::TextSpan::new(start, end).expect("a span"))
    });
    check_marks("time-segment", plain, "segments", time_segment::consolidate, |wobble| {
        let (start, end) = (1.0 + wobble(0.5), 4.5 + wobble(0.5));
        (json!({"start": start, "end": end}), time_segment::TimeSegment::new(start, end).expect("a segment"))
    });
    check_marks("track", plain, "tracks", track::consolidate, |wobble| {
        let lefts = [4.0 + wobble(3.0), 9.0 + wobble(3.0), 14.0 + wobble(3.0)];
        let boxes = (0_u64..).zip(lefts).map(|(frame, left)| (frame, Rect::new(left, 5.0, 60.0, 40.0).expect("a box")));
        let of_frame =
            |(frame, left): (u64, f64)| json!({"frame": frame, "left": left, "top": 5, "width": 60, "height": 40});
        let members: Vec<Value> = (0_u64..).zip(lefts).map(of_frame).collect();
        (json!({ "boxes": members }), track::Track::new(boxes).expect("a track"))
    });
    check_marks("cuboid", plain, "cuboids", cuboid::consolidate, |wobble| {
        let (x, length, yaw) = (4.5 + wobble(0.5), 4.25 + wobble(0.25), 0.5 + wobble(0.25));
        let members = json!({"center": {"x": x, "y": -2, "z": 0.75}, "yaw": yaw,
            "dimensions": {"length": length, "width": 1.75, "height": 1.5}});
        (members, cuboid::Cuboid::new([x, -2.0, 0.75], [length, 1.75, 1.5], yaw).expect("a cuboid"))
    });
}

#[test]
fn masks() {
    /// Two things side by side, the border between them moved, in the colors that the typed form takes for them.
    fn drawn(wobble: &mut dyn FnMut(f64) -> f64) -> (LabelMap, [Value; 2], Value) {
        let border = (6.0 + wobble(2.0)).round() as u32;
        let size = ImageSize::new(12, 1).expect("a size");
        let map = LabelMap::from_runs(size, [(1, border), (2, 11 - border), (0, 1)]).expect("a map");
        let colors = [0, 1].map(Color::numbered);
        let png = mask_png::write(&map, &[Color::WHITE, colors[0], colors[1]]);
        (map, colors.map(|color| json!({ "color": color })), json!({ "pngImageData": png }))
    }
    let labels = || vec![names(0), names(1)];
    let (objects, answers) = crowd(|wobble, _| {
        let (map, [otter, heron], image) = drawn(wobble);
        let value = json!({ "labelMappings": { "otter": otter, "heron": heron }, "labeledImage": image });
        (value, semantic_mask::SemanticMask::new(map, labels()).expect("a mask"))
    });
    check("semantic-mask", json!({}), &objects, semantic_mask::consolidate(&answers, &semantic_mask::Params::STANDARD));

    let (objects, answers) = crowd(|wobble, _| {
        let (map, [mut otter, mut heron], image) = drawn(wobble);
        (otter["label"], heron["label"]) = (json!("otter"), json!("heron"));
        let value = json!({ "instances": [otter, heron], "labeledImage": image });
        let labels = labels().into_iter().map(Some).collect();
        (value, instance_mask::InstanceMasks::new(map, labels).expect("instances"))
    });
    check("instance-mask", json!({}), &objects, instance_mask::consolidate(&answers, &instance_mask::Params::STANDARD));
}

/// The labels of a typed call under each of some numbers for one of its parameters.
fn under<L: PartialEq + std::fmt::Debug>(numbers: [f64; 2], label: impl Fn(f64) -> Vec<Consensus<L>>) {
    let [beyond, counts_as] = numbers;
    assert_eq!(label(beyond), label(counts_as), "{beyond} counts as {counts_as}");
}

#[test]
fn beyond_its_range_a_parameter_counts_as_the_nearer_bound() {
    let categories = ["otter", "heron"].map(LabelCategory::new);
    let (_, choices) = crowd(|_, odd| (Value::Null, categories[odd].clone()));
    let share = |min_share| {
        classification::consolidate(&choices, &classification::Params { min_share, ..classification::Params::STANDARD })
    };
    [[7.0, 1.0], [-1.0, 0.0], [f64::NAN, 0.0]].into_iter().for_each(|numbers| under(numbers, share));

    let (_, selections) = crowd(|_, odd| (Value::Null, categories[..=odd].to_vec()));
    let threshold = |threshold| {
        multi_label::consolidate(&selections, &multi_label::Params { threshold, ..multi_label::Params::STANDARD })
    };
    [[7.0, 1.0], [-1.0, 0.0], [f64::NAN, 0.4]].into_iter().for_each(|numbers| under(numbers, threshold));

    let (_, numbers) = crowd(|wobble, _| (Value::Null, 20.0 + wobble(5.0)));
    let trimmed = |trim| {
        let params = number::Params { method: number::Method::TrimmedMean, trim, ..number::Params::STANDARD };
        number::consolidate(&numbers, &params)
    };
    [[7.0, 0.5], [-1.0, 0.0], [f64::NAN, 0.2]].into_iter().for_each(|numbers| under(numbers, trimmed));
    let tolerant = |tolerance| {
        number::consolidate(&numbers, &number::Params { tolerance: Some(tolerance), ..number::Params::STANDARD })
    };
    under([-1.0, 0.0], tolerant);
    let from = |minimum| number::consolidate(&numbers, &number::Params { minimum, ..number::Params::STANDARD });
    under([f64::NAN, number::Params::STANDARD.minimum], from);

    let (_, boxes) = crowd(|wobble, _| {
        let shape = bounding_box::BoundingBox::new(40.0 + wobble(30.0), 20.0, 90.0, 60.0).expect("a box");
        (Value::Null, MarkAnswer::from_iter([Drawn { category: None, shape }]))
    });
    let boxes_under = |params: marks::Params| bounding_box::consolidate(&boxes, &params);
    let similar = |threshold| boxes_under(marks::Params { threshold: Some(threshold), ..marks::Params::STANDARD });
    [[7.0, 1.0], [-1.0, 0.05], [f64::NAN, 0.35]].into_iter().for_each(|numbers| under(numbers, similar));
    let kept = |rule| {
        let keep = marks::KeepRules { rule, by_category: Vec::new() };
        boxes_under(marks::Params { keep, ..marks::Params::STANDARD })
    };
    let posterior = |least| kept(marks::Keep::Posterior(least));
    [[7.0, 1.0], [-1.0, 0.0], [f64::NAN, 0.45]].into_iter().for_each(|numbers| under(numbers, posterior));
    let made = |share| kept(marks::Keep::Made(crate::batch::Quorum::Share(share)));
    [[7.0, 1.0], [-1.0, 1e-6], [f64::NAN, 1e-6]].into_iter().for_each(|numbers| under(numbers, made));

    let size = ImageSize::new(4, 1).expect("a size");
    let (_, instances) = crowd(|_, odd| {
        let map = LabelMap::from_runs(size, [(1, 2 + odd as u32), (0, 2 - odd as u32)]).expect("a map");
        (Value::Null, instance_mask::InstanceMasks::new(map, vec![None]).expect("instances"))
    });
    let alike = |iou_threshold| {
        let params = instance_mask::Params { iou_threshold, ..instance_mask::Params::STANDARD };
        instance_mask::consolidate(&instances, &params)
    };
    [[7.0, 1.0], [-1.0, 0.05], [f64::NAN, 0.4]].into_iter().for_each(|numbers| under(numbers, alike));
}
