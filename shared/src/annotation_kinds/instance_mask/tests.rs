use serde_json::{Value, json};

use super::super::tests::{label_of, mistakes};
use super::super::typed_tests::{Crowd, category, check_range, picture};
use super::*;
use crate::geometry::mask::ImageSize;

/// A worker's answer: rows of pixels separated by `/`, one digit each, 0 for the background; `labels[n]` is the label
/// of digit `n + 1`.
fn drawn(rows: &str, labels: &str) -> Value {
    let width = rows.split('/').next().expect("a row").len();
    let size = ImageSize::new(width as u32, rows.split('/').count() as u32).expect("a size");
    let class = |pixel: char| (pixel.to_digit(10).expect("a digit") as u16, 1);
    let map = LabelMap::from_runs(size, rows.chars().filter(|pixel| *pixel != '/').map(class)).expect("a map");
    let labels: Vec<&str> = labels.split_whitespace().collect();
    let color = |n: usize| Color::numbered(n + 7);
    let colors: Vec<Color> = std::iter::once(Color::WHITE).chain((0..labels.len()).map(color)).collect();
    let instances: Vec<Value> =
        labels.iter().enumerate().map(|(n, label)| json!({"label": label, "color": color(n)})).collect();
    json!({ "instances": instances, "labeledImage": { "pngImageData": mask_png::write(&map, &colors) } })
}

/// The instances as `label:left,top,width,height=pixels confidence/workers`.
fn check(parameters: Value, answers: &[Value], expected: &str) {
    let outcome = label_of(&KIND, parameters, json!(answers));
    let text = |one: &Value| {
        let number = |name: &str| one[name].to_string();
        let bounds = ["left", "top", "width", "height"].map(number).join(",");
        let label = one["label"].as_str().unwrap_or("?");
        format!("{label}:{bounds}={} {}/{}", one["pixels"], one["confidence"], one["workers"])
    };
    let annotations = outcome.members["annotations"].as_array().expect("a list").iter().map(text);
    let confidence = outcome.confidence.map(|confidence| format!("= {}", confidence.rounded()));
    assert_eq!(annotations.chain(confidence).collect::<Vec<_>>().join(" "), expected);
}

#[test]
fn instances_are_matched_whatever_their_colors() {
    check(
        json!({"radius": 0}),
        &[drawn("1102/1102", "ant bee"), drawn("2201/2201", "bee ant"), drawn("1100/1000", "ant")],
        "ant:0,0,2,2=4 0.99/3 bee:3,0,1,2=2 0.98/2 = 0.99",
    );
}

#[test]
fn touching_instances_stay_apart() {
    let answer = drawn("1122/1122", "ant ant");
    check(json!({}), &[answer.clone(), answer], "ant:0,0,2,2=4 0.99/2 ant:2,0,2,2=4 0.99/2 = 0.99");
}

#[test]
fn the_quorum_counts_all_who_answered() {
    let (some, none) = (drawn("11", "ant"), drawn("00", ""));
    let answers = [some.clone(), none.clone(), none.clone()];
    let counted = |keep: Value| json!({"method": "iou-clusters", "keep": keep});
    check(json!({"method": "iou-clusters"}), &answers, "= 0.67");
    check(counted(json!({"workers": 1})), &answers, "ant:0,0,2,1=2 0.33/1 = 0.33");
    check(json!({}), &answers, "= 0.75");
    check(json!({"quorum": {"workers": 2}}), &[none], "");
}

#[test]
fn a_pixel_belongs_to_one_instance() {
    let (ant, bee) = (drawn("11100", "ant"), drawn("00111", "bee"));
    let answers = [ant.clone(), ant, bee.clone(), bee];
    check(json!({}), &answers, "ant:0,0,3,1=3 0.82/2 bee:3,0,2,1=2 0.82/2 = 0.82");
    check(json!({"method": "iou-clusters"}), &answers, "ant:0,0,3,1=3 0.5/2 bee:3,0,2,1=2 0.5/2 = 0.5");
}

#[test]
fn agreement_has_stated_confidences() {
    let ant = drawn("0110", "ant");
    let confidence = |method: &str, n: usize| {
        let outcome = label_of(&KIND, json!({"method": method}), json!(vec![ant.clone(); n]));
        outcome.members["confidence"].to_string()
    };
    assert_eq!([1, 2, 3].map(|n| confidence("weighted-clusters", n)), ["0.87", "0.99", "0.99"]);
    assert_eq!([1, 2, 3].map(|n| confidence("iou-clusters", n)), ["1.0"; 3]);
}

#[test]
fn what_is_no_mask_is_set_aside() {
    let good = drawn("01", "ant");
    let values = json!([
        good,
        {"labeledImage": good["labeledImage"]},
        {"instances": []},
        {"instances": [{"label": "ant"}], "labeledImage": good["labeledImage"]},
        "",
    ]);
    let outcome = label_of(&KIND, json!({}), values);
    let reasons: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "the value has no list of `instances`",
            "the value has no `labeledImage` with `pngImageData`",
            "label or instance 0 has no color such as #1f77b4",
            "1 pixels have colors that no label has: they count as background",
        ]
    );
    assert_eq!(outcome.n_workers, 2);
}

#[test]
fn parameters_are_checked() {
    assert_eq!(
        mistakes(&KIND, json!({"iouThreshold": 2, "radius": "x"})),
        "fields.field.iouThreshold: must be a number from 0.05 to 1; \
         fields.field.radius: must be a whole number from 0 to 10"
    );
}

#[test]
fn a_label_tells_each_instance() {
    let rows = ["0".repeat(12), "0".repeat(12)].into_iter().chain((0..5).map(|_| "011110000000".to_owned()));
    let rows: Vec<String> = rows.chain(["0".repeat(12), "0".repeat(12)]).collect();
    let answers = ["otter", "heron", "otter"].map(|label| drawn(&rows.join("/"), label));
    let mut members = label_of(&KIND, json!({}), json!(answers)).members;
    let image = members.remove("labeledImage").expect("an image");
    assert!(image["pngImageData"].is_string());
    assert_eq!(
        Value::Object(members),
        json!({
            "confidence": 0.9, "workers": 3, "imageSize": {"width": 12, "height": 9},
            "annotations": [{"label": "otter", "color": "#800000", "left": 1, "top": 2, "width": 4, "height": 5,
                             "pixels": 20, "confidence": 0.9, "workers": 3, "votes": {"otter": 2, "heron": 1}}],
        })
    );
}

#[test]
fn typed_answers_give_the_same() {
    let crowd = Crowd::new(|wobble, _| {
        let (map, [mut otter, mut heron], image) = picture(wobble);
        (otter["label"], heron["label"]) = (json!("otter"), json!("heron"));
        let labels = [0, 1].map(|odd| Some(category(odd))).to_vec();
        let value = json!({ "instances": [otter, heron], "labeledImage": image });
        (value, InstanceMasks::new(map, labels).expect("instances"))
    });
    crowd.check(&KIND, json!({}), consolidate(&crowd.answers, &Params::STANDARD));
    let labels = |iou_threshold| consolidate(&crowd.answers, &Params { iou_threshold, ..Params::STANDARD });
    check_range(&[[7.0, 1.0], [-1.0, 0.05], [f64::NAN, 0.4]], labels);
}
