use serde_json::{Map, Value, json};

use super::super::tests::{label_of, mistakes};
use super::super::typed_tests::{Crowd, category, picture};
use super::*;
use crate::batch::FieldOutcome;
use crate::geometry::mask::ImageSize;

/// A worker's answer: rows of pixels separated by `/`, one digit each; `labels[n]` is the name and color of digit
/// `n + 1`, and 0 is transparent.
fn drawn(rows: &str, labels: &[(&str, &str)]) -> Value {
    let colors = labels.iter().map(|(_, color)| Color::parse(color).expect("a color"));
    let colors: Vec<Color> = std::iter::once(Color::WHITE).chain(colors).collect();
    let mappings: Map<String, Value> =
        labels.iter().map(|(name, color)| ((*name).to_owned(), json!({ "color": color }))).collect();
    json!({ "labelMappings": mappings, "labeledImage": { "pngImageData": mask_png::write(&map(rows), &colors) } })
}

fn map(rows: &str) -> LabelMap {
    let width = rows.split('/').next().expect("a row").len();
    let size = ImageSize::new(width as u32, rows.split('/').count() as u32).expect("a size");
    let class = |pixel: char| (pixel.to_digit(10).expect("a digit") as u16, 1);
    LabelMap::from_runs(size, rows.chars().filter(|pixel| *pixel != '/').map(class)).expect("a map")
}

/// The consolidated pixels by the first letter of their label, `.` for the background.
fn pixels(outcome: &FieldOutcome) -> String {
    let text = outcome.members["labeledImage"]["pngImageData"].as_str().expect("a mask");
    let ColorMap { map, colors } = mask_png::read(text).expect("a mask");
    let annotations = outcome.members["annotations"].as_array().expect("a list");
    let letter = |class: u16| {
        let color = json!(colors[usize::from(class) - 1]);
        let label = annotations.iter().find(|one| one["color"] == color).map(|one| &one["label"]);
        label.map_or('.', |label| label.as_str().expect("a name").chars().next().expect("a letter"))
    };
    map.spans().flat_map(|(class, span)| span.map(move |_| letter(class))).collect()
}

fn check(parameters: Value, answers: &[Value], expected: &str) {
    assert_eq!(pixels(&label_of(&KIND, parameters, json!(answers))), expected);
}

const ANT: (&str, &str) = ("ant", "#aa0000");
const BEE: (&str, &str) = ("bee", "#00bb00");

#[test]
fn labels_are_matched_by_name() {
    let answers =
        [drawn("0112", &[ANT, BEE]), drawn("0221", &[("bee", "#aa0000"), ("ant", "#00bb00")]), drawn("0110", &[ANT])];
    for method in KIND.methods {
        check(json!({"method": method, "radius": 0}), &answers, ".aab");
    }
}

#[test]
fn agreement_has_stated_confidences() {
    let ant = drawn("0110", &[ANT]);
    let confidence = |method: &str, n: usize| {
        let outcome = label_of(&KIND, json!({"method": method}), json!(vec![ant.clone(); n]));
        outcome.members["confidence"].clone()
    };
    for (method, expected) in
        [("smoothed-vote", [0.8, 0.98, 0.99]), ("pixel-vote", [0.8, 0.96, 0.99]), ("staple", [0.8, 0.96, 0.99])]
    {
        assert_eq!([1, 2, 3].map(|n| confidence(method, n)), expected.map(|one| json!(one)), "{method}");
    }
}

#[test]
fn neighbors_count_unless_the_radius_is_0() {
    let answers = [drawn("000/010/000", &[ANT]), drawn("000/010/000", &[ANT]), drawn("000/000/000", &[])];
    check(json!({}), &answers, ".........");
    check(json!({"radius": 0}), &answers, "....a....");
    check(json!({"method": "pixel-vote"}), &answers, "....a....");
}

#[test]
fn ties_are_background() {
    check(json!({"method": "pixel-vote"}), &[drawn("12", &[ANT, BEE]), drawn("22", &[ANT, BEE])], ".b");
}

#[test]
fn a_label_tells_each_class() {
    let answers = [drawn("0112", &[ANT, BEE]), drawn("0112", &[ANT, BEE]), drawn("0111", &[ANT, BEE])];
    let outcome = label_of(&KIND, json!({"method": "pixel-vote", "categories": ["bee"]}), json!(answers));
    let mut members = outcome.members;
    members.remove("labeledImage");
    assert_eq!(
        Value::Object(members),
        json!({
            "confidence": 0.76, "workers": 3, "imageSize": {"width": 4, "height": 1},
            "annotations": [
                {"label": "bee", "color": "#00bb00", "pixels": 1, "confidence": 0.66, "workers": 2},
                {"label": "ant", "color": "#aa0000", "pixels": 2, "confidence": 0.85, "workers": 3},
            ],
        })
    );
}

#[test]
fn nothing_can_be_the_answer() {
    let outcome = label_of(&KIND, json!({}), json!([drawn("00", &[]), drawn("00", &[])]));
    assert_eq!((&outcome.members["annotations"], &outcome.members["confidence"]), (&json!([]), &json!(0.96)));
    assert_eq!(pixels(&outcome), "..");
}

#[test]
fn labels_of_one_color_get_another() {
    let (both, alone) = (drawn("12", &[ANT, ("bee", "#aa0001")]), drawn("01", &[("bee", ANT.1)]));
    let answers = json!([drawn("10", &[ANT]), both, both, alone, alone]);
    let outcome = label_of(&KIND, json!({"method": "pixel-vote"}), answers);
    let colors: Vec<&Value> =
        outcome.members["annotations"].as_array().expect("a list").iter().map(|one| &one["color"]).collect();
    assert_eq!((pixels(&outcome), colors), ("ab".to_owned(), vec![&json!("#aa0000"), &json!("#800000")]));
}

#[test]
fn what_is_no_mask_is_set_aside() {
    let good = drawn("01", &[ANT]);
    let text = good.to_string();
    let outcome = label_of(
        &KIND,
        json!({}),
        json!([
            good,
            text,
            drawn("01/11", &[ANT]),
            {"labeledImage": {"pngImageData": "?"}, "labelMappings": {}},
            {"labeledImage": good["labeledImage"]},
            {"labelMappings": {}},
            {"labeledImage": good["labeledImage"], "labelMappings": {"ant": "#aa0000", "bee": {"color": "#A00"}}},
            {"labeledImage": good["labeledImage"], "labelMappings": {"ant": {"color": 3}, "bee": {}}},
            "",
        ]),
    );
    let reasons: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "the mask's PNG is not in base64",
            "the value has no `labelMappings`",
            "the value has no `labeledImage` with `pngImageData`",
            "label or instance 1 has the color of another one",
            "the mask is 2 by 2 pixels, and most others are 2 by 1",
            "label or instance 0 has no color such as #1f77b4",
            "label or instance 1 has no color such as #1f77b4",
            "1 pixels have colors that no label has: they count as background",
        ]
    );
    assert_eq!((outcome.n_workers, pixels(&outcome)), (3, ".a".to_owned()));
}

#[test]
fn parameters_are_checked() {
    assert_eq!(
        mistakes(&KIND, json!({"radius": 11, "method": "vote"})),
        "fields.field.method: must be `smoothed-vote`, `pixel-vote` or `staple`; \
         fields.field.radius: must be a whole number from 0 to 10"
    );
}

#[test]
fn typed_answers_give_the_same() {
    let crowd = Crowd::new(|wobble, _| {
        let (map, [otter, heron], image) = picture(wobble);
        let value = json!({ "labelMappings": { "otter": otter, "heron": heron }, "labeledImage": image });
        (value, SemanticMask::new(map, [0, 1].map(category).to_vec()).expect("a mask"))
    });
    crowd.check(&KIND, json!({}), consolidate(&crowd.answers, &Params::STANDARD));
}
