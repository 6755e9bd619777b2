use ground_truth::geometry::mask::{ImageSize, LabelMap};
use ground_truth::mask_png::{self, Color};
use serde_json::{Value, json};

use super::*;

fn diffs(before: &Label, after: &Value) -> Vec<FieldDiff> {
    let Label::Fields(after) = Label::read(after, None) else { panic!("a label by field: {after}") };
    compare(before, &after.iter().map(|(name, label)| (name.as_str(), label.clone())).collect())
}

/// `field change` per field.
fn check(before: Value, metadata: Value, after: Value, expected: &[(&str, Change)]) {
    let before = if before.is_null() { Label::Nothing } else { Label::read(&before, metadata.as_object()) };
    let diffs = diffs(&before, &after);
    let found: Vec<(&str, Change)> = diffs.iter().map(|diff| (diff.field.as_str(), diff.change)).collect();
    assert_eq!(found, expected, "{before:?}\n{after}");
}

fn animal(label: &str, confidence: f64) -> Value {
    json!({"kind": "classification", "method": "auto", "label": label, "confidence": confidence, "votes": {label: 2}, "workers": 2})
}

#[test]
fn labels_of_ours_are_compared_by_what_they_decide() {
    let after = json!({"animal": animal("otter", 0.9)});
    check(json!({"animal": animal("otter", 0.5)}), json!({}), after.clone(), &[("animal", Change::Same)]);
    check(json!({"animal": animal("heron", 0.5)}), json!({}), after.clone(), &[("animal", Change::Changed)]);
    check(Value::Null, json!({}), after.clone(), &[("animal", Change::Gained)]);
    check(json!({}), json!({}), after.clone(), &[("animal", Change::Gained)]);
    check(json!({"status": "unresolved", "reason": "tie"}), json!({}), after, &[("animal", Change::Gained)]);
    let tied = json!({"animal": {"kind": "classification", "label": null, "reason": "tie", "workers": 2}});
    check(json!({"animal": animal("heron", 0.5)}), json!({}), tied, &[("animal", Change::Lost)]);
}

#[test]
fn sets_are_the_same_in_any_order_and_numbers_when_they_are_near() {
    let marks = |marks: Value| json!({"shapes": {"kind": "bounding-box", "confidence": 0.9, "annotations": marks}});
    let (a, b) =
        (json!({"label": "x", "left": 1, "confidence": 0.9}), json!({"label": "x", "left": 2.0, "workers": 3}));
    check(marks(json!([a, b])), json!({}), marks(json!([b, a])), &[("shapes", Change::Same)]);
    check(marks(json!([a])), json!({}), marks(json!([a, b])), &[("shapes", Change::Changed)]);
    let at = |left: f64| marks(json!([{"label": "x", "left": left}, {"label": "x", "left": 9.99}]));
    check(at(10.02), json!({}), at(9.6), &[("shapes", Change::Same)]);
    check(at(12.0), json!({}), at(12.6), &[("shapes", Change::Changed)]);
    let cuboid = |x: f64| marks(json!([{"label": "x", "center": {"x": x, "y": 0, "z": 0}}]));
    check(cuboid(1.0), json!({}), cuboid(1.2), &[("shapes", Change::Changed)]);
    let number = |value: f64| json!({"depth": {"kind": "number", "value": value, "tolerance": value / 10.0}});
    check(number(12.5), json!({}), number(12.500_000_01), &[("depth", Change::Same)]);
    check(number(12.5), json!({}), number(12.51), &[("depth", Change::Changed)]);
}

#[test]
fn labels_of_built_in_task_types_are_set_beside_the_one_field_of_their_shape() {
    let after = json!({"animal": animal("otter", 0.9), "note": {"kind": "free-text", "text": "x", "confidence": 0.8}});
    check(
        json!(1),
        json!({"class-name": "otter", "confidence": 0.7}),
        after.clone(),
        &[("animal", Change::Same), ("note", Change::Gained)],
    );
    check(
        json!("0"),
        json!({"class-name": "heron"}),
        json!({"animal": animal("otter", 0.9)}),
        &[("animal", Change::Changed)],
    );

    let tags = json!({"tags": {"kind": "multi-label", "labels": ["late", "calm"], "confidence": 0.8}});
    let map = json!({"class-map": {"0": "calm", "3": "late"}});
    check(json!([0, 3]), map.clone(), tags.clone(), &[("tags", Change::Same)]);
    check(json!([0]), map, tags, &[("tags", Change::Changed)]);

    let boxes = json!({"shapes": {"kind": "bounding-box", "confidence": 0.9,
        "annotations": [{"label": "otter", "left": 40, "top": 22, "width": 90, "height": 60, "confidence": 0.9}]}});
    let label = json!({"image_size": [{"width": 9, "height": 9, "depth": 3}],
        "annotations": [{"class_id": 1, "left": 40, "top": 22, "width": 90, "height": 60}]});
    check(label, json!({"class-map": {"1": "otter"}}), boxes, &[("shapes", Change::Same)]);
}

#[test]
fn labels_of_hand_written_functions_are_compared_where_they_can_be() {
    let after = json!({"animal": animal("otter", 0.9), "depth": {"kind": "number", "value": 3, "confidence": 0.9}});
    check(
        json!({"animal": "otter", "depth": 4}),
        json!({}),
        after.clone(),
        &[("animal", Change::Same), ("depth", Change::Changed)],
    );
    check(json!("otter"), json!({}), json!({"animal": animal("otter", 0.9)}), &[("animal", Change::Same)]);
    check(
        json!({"annotationsFromAllWorkers": []}),
        json!({}),
        json!({"animal": animal("otter", 0.9)}),
        &[("animal", Change::Gained)],
    );
    check(json!([[1]]), json!({}), json!({"animal": animal("otter", 0.9)}), &[("animal", Change::Incomparable)]);
}

#[test]
fn a_summary_counts_and_averages() {
    let mut summary = DiffSummary::default();
    for (before, after) in [(0.5, 0.9), (0.7, 0.9)] {
        let before = Label::read(&json!({"animal": animal("otter", before)}), None);
        diffs(&before, &json!({"animal": animal("otter", after)})).iter().for_each(|diff| summary.count(diff));
    }
    let (name, changes) = summary.fields().next().expect("a field");
    assert_eq!((name.as_str(), changes.of(Change::Same), changes.of(Change::Lost)), ("animal", 2, 0));
    assert_eq!(changes.mean_confidence, Some(ConfidenceMove { before: 0.6, after: 0.9 }));
}

#[test]
fn masks_are_the_same_where_their_pixels_are() {
    let picture = |water: &str, runs: [(u16, u32); 2]| {
        let size = ImageSize::new(4, 1).expect("a size");
        let map = LabelMap::from_runs(size, runs).expect("a map");
        json!({"pngImageData": mask_png::write(&map, &[Color::WHITE, Color::parse(water).expect("a color")])})
    };
    let built_in = |runs| json!({"labeledImage": picture("#0000ff", runs)});
    let color_map = json!({"internal-color-map": {
        "0": {"class-name": "BACKGROUND", "hex-color": "#ffffff"}, "1": {"class-name": "water", "hex-color": "#0000ff"}}});
    let cover = |label: &str| {
        json!({"cover": {"kind": "semantic-mask", "confidence": 0.9, "labeledImage": picture("#1f77b4", [(0, 1), (1, 3)]),
            "annotations": [{"label": label, "color": "#1f77b4", "pixels": 3}]}})
    };
    let same = built_in([(0, 1), (1, 3)]);
    check(same.clone(), color_map.clone(), cover("water"), &[("cover", Change::Same)]);
    check(same, color_map.clone(), cover("sand"), &[("cover", Change::Changed)]);
    check(built_in([(0, 2), (1, 2)]), color_map, cover("water"), &[("cover", Change::Changed)]);
}
