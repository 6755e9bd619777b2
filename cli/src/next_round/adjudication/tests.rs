use ground_truth::plan::ConsolidationPlan;

use super::*;
use crate::crowd::single_answers;
use crate::finished_job::testing::JobFolder;

fn words(kind: &str, mut label: Value) -> String {
    label["kind"] = json!(kind);
    let label = FieldLabel::read(&label).expect("a label");
    in_words(&label.decided().expect("a decision"), Some("An \u{1F9A6} and a heron"))
}

#[test]
fn answers_are_words() {
    let check = |kind: &str, label: Value, expected: &str| assert_eq!(words(kind, label), expected);
    check("classification", json!({"label": "otter"}), "otter");
    check("multi-label", json!({"labels": ["wet", "dark"]}), "wet, dark");
    check("multi-label", json!({"labels": []}), "none of them");
    check("number", json!({"value": 2.5}), "2.5");
    check("free-text", json!({"text": "two\nlines"}), "two\nlines");
    check("pairwise", json!({"preferred": "ferry", "over": "swim"}), "ferry over swim");
    let drawn = json!([{"label": "otter", "left": 4, "top": 2}, {"vertices": [{"x": 1, "y": 2}, {"x": 3.5, "y": 4}],
                        "color": "#fff"}]);
    check("bounding-box", json!({"annotations": drawn, "imageSize": {"width": 3}}), "otter: left 4, top 2\n1,2 3.5,4");
    check(
        "text-span",
        json!({"annotations": [{"label": "animal", "startOffset": 3, "endOffset": 5}]}),
        "animal: “\u{1F9A6}”, startOffset 3, endOffset 5",
    );
    let ranks = json!({"ranks": {"swim": 2, "by ferry": 1, "walk": 2}});
    check("ranking", json!({"dimensions": [ranks]}), "1. by ferry, 2. swim, 2. walk");
    check("ranking", json!({"dimensions": [{"name": "safe", "ranks": {"swim": 1}}, {"ranks": {}}]}), "safe: 1. swim\n");
    check("polygon", json!({"annotations": []}), "nothing");
    check("one-of-a-newer-version", json!({"labeledImage": {"pngImageData": "AAAA"}}), "labeledImage (a picture)");
}

fn adjudication(answers: &[(&str, u32, Value)]) -> Adjudication {
    let job = JobFolder::new("job").answers(1, "0", answers).open();
    let outcomes = ConsolidationPlan::standard().consolidate(&job.batch);
    let said = single_answers::read(&job, &json!({})).expect("answers");
    Adjudication::of(&said[0], &outcomes[0], None)
}

#[test]
fn nobody_is_known_by_the_name_or_the_place_of_an_answer() {
    let form = |label: &str| json!({"animal": {"label": label}});
    let shown = json!(adjudication(&[("ana", 1, form("otter")), ("bo", 2, form("heron")), ("cy", 3, form("otter"))]));
    let swapped = json!(adjudication(&[("ana", 1, form("heron")), ("bo", 2, form("otter")), ("cy", 3, form("otter"))]));
    assert_eq!(shown, swapped);
    assert_eq!(shown["answers"][0], json!({"name": "A", "says": [{"field": "animal", "text": "heron"}]}));
    assert_eq!(shown["label"], json!([{"field": "animal", "text": "otter"}]));
    assert!(["ana", "bo", "cy"].iter().all(|worker| !shown.to_string().contains(worker)), "{shown}");
    assert_eq!([0, 25, 26, 51, 52, 701, 702].map(letters), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
}

#[test]
fn marks_are_what_the_element_starts_with() {
    let form = |left: u32| {
        json!({"shapes": {"boundingBoxes": [{"label": "otter", "left": left, "top": 2, "width": 40, "height": 30}],
                          "inputImageProperties": {"width": 320, "height": 200}}})
    };
    let shown = json!(adjudication(&[("ana", 1, form(10)), ("bo", 2, form(10))]));
    assert_eq!(
        shown["initial"],
        json!({"shapes": [{"label": "otter", "left": 10, "top": 2, "width": 40, "height": 30}]})
    );
    assert_eq!(shown["answers"][0]["says"][0]["text"], "otter: left 10, top 2, width 40, height 30");
}

#[test]
fn what_is_too_long_is_cut() {
    let form = |text: &str| json!({"note": text, "animal": {"label": "otter"}});
    let long = |c: &str| c.repeat(9_000);
    let shown = adjudication(&[("ana", 1, form(&long("a "))), ("bo", 2, form(&long("\u{1F9A6}")))]);
    for n_line in [100, 95_000, 99_000] {
        let (member, is_cut) = shown.clone().fitted(n_line);
        let length = member.to_string().encode_utf16().count();
        assert!(is_cut && length <= 20_000 && length + n_line < 100_000, "{length} beside {n_line}");
    }
    let short = adjudication(&[("ana", 1, form("x"))]);
    assert_eq!(short.clone().fitted(100), (json!(short), false));
}
