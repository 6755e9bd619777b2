//! L: the label category file.

use serde_json::json;

use super::*;

/// The tasks of each kind that the rules tell apart.
const VIDEO: &str = "video-object-tracking";
const VIDEO_AUDIT: &str = "video-object-tracking-audit";

fn file(names: &[&str]) -> Value {
    json!({"labels": names.iter().map(|name| json!({"label": name})).collect::<Vec<_>>()})
}

/// So many different labels.
fn labels(n: usize) -> Value {
    file(&(0..n).map(|idx| format!("label {idx}")).collect::<Vec<_>>().iter().map(String::as_str).collect::<Vec<_>>())
}

fn with(mut file: Value, name: &str, value: Value) -> Value {
    file[name] = value;
    file
}

fn task(name: &str, file: Value) -> Case {
    builtin(name, &[]).labels(file)
}

fn audit(file: Value) -> Case {
    task(VIDEO_AUDIT, with(file, "auditLabelAttributeName", json!("old-ref")))
}

#[test]
fn l1() {
    let none = ("/LabelCategoryConfigS3Uri", Value::Null);
    builtin("text-classification", std::slice::from_ref(&none)).breaks(&["L1"]);
    builtin("text-classification", &[none.clone(), ("/gtruth", json!({"labelCategories": ["a", "b"]}))]).keeps_all();
    builtin("pass-through", &[none]).keeps_all();
}

#[test]
fn l2() {
    for name in ["image-classification", "text-classification-multi-label"] {
        task(name, labels(1)).breaks_as(Level::Error, "L2");
        task(name, labels(2)).keeps_all();
    }
    task("bounding-box", labels(0)).breaks(&["L2"]);
    task("bounding-box", labels(1)).keeps_all();
    custom(&[]).labels(labels(1)).keeps_all();
}

#[test]
fn l3() {
    task("bounding-box", file(&["otter", "heron", "otter"])).breaks_as(Level::Error, "L3");
    task("bounding-box", file(&["otter", "Otter "])).breaks_as(Level::Warning, "L3");
    task("bounding-box", file(&["otter", "otters"])).keeps_all();
}

#[test]
fn l4() {
    task("bounding-box", file(&[&"é".repeat(257)])).breaks(&["L4"]);
    task("bounding-box", file(&[&"é".repeat(256)])).keeps_all();
}

#[test]
fn l5() {
    task(VIDEO, file(&[&"é".repeat(17)])).breaks(&["L5"]);
    task(VIDEO, labels(31)).breaks(&["L5"]);
    task(VIDEO, labels(30)).keeps_all();
    task(VIDEO, file(&[&"é".repeat(16)])).keeps_all();
}

#[test]
fn l6() {
    task("image-classification-multi-label", labels(51)).breaks_as(Level::Error, "L6");
    task("image-classification-multi-label", labels(50)).keeps_all();
    task("bounding-box", labels(51)).breaks_as(Level::Error, "L6");
    task("bounding-box", labels(11)).breaks_as(Level::Warning, "L6");
    task("bounding-box", labels(10)).keeps_all();
    task("video-classification", labels(31)).breaks(&["L6"]);
    task("image-classification", labels(500)).keeps_all();
    let arn = "arn:aws:sagemaker:us-east-2:027400017018:labeling-job-algorithm-specification/semantic-segmentation";
    let automated = [("/LabelingJobAlgorithmsConfig", json!({"LabelingJobAlgorithmSpecificationArn": arn}))];
    builtin("semantic-segmentation", &automated).labels(labels(21)).breaks(&["L6"]);
    builtin("semantic-segmentation", &automated).labels(labels(20)).keeps_all();
    task("semantic-segmentation", labels(21)).keeps_all();
}

#[test]
fn l8() {
    let name = "named-entity-recognition";
    let both = json!({"shortInstruction": "Mark names", "fullInstruction": "<p>Mark names</p>"});
    task(name, labels(1)).breaks(&["L8", "L8"]);
    task(name, with(labels(1), "instructions", both)).keeps_all();
    task("text-classification", labels(2)).keeps_all();
}

#[test]
fn l9() {
    let named = with(labels(1), "auditLabelAttributeName", json!("old-ref"));
    task(VIDEO_AUDIT, labels(1)).breaks(&["L9"]);
    task(VIDEO, named.clone()).breaks(&["L9"]);
    task(VIDEO_AUDIT, named).keeps_all();
    // With the manifest at hand, the name must be one of its members; L13 tells the same of the lines.
    audit(labels(1)).manifest(2, &[("source-ref", 2), ("old", 2), ("old-metadata", 2)]).breaks(&["L9", "L13"]);
}

#[test]
fn l10() {
    let frozen = |edits: &[&str]| {
        let label = |(idx, edits): (usize, &&str)| json!({"label": idx.to_string(), "editsAllowed": edits});
        json!({"labels": edits.iter().enumerate().map(label).collect::<Vec<_>>()})
    };
    audit(frozen(&["none", "any"])).breaks_as(Level::Warning, "L10");
    audit(frozen(&["none", "none"])).keeps_all();
    audit(frozen(&["any", "any"])).keeps_all();
}

#[test]
fn l11_and_l12_need_the_earlier_job() {
    let unseen = |name: &str| {
        let case = builtin(name, &[]);
        let verdict = |rule: &&Rule| matches!(rule.verdict(&case.evidence(), &[]), Verdict::Unseen(_));
        let ids = ["L11", "L12"];
        all().filter(|rule| ids.contains(&rule.id)).filter(verdict).map(|rule| rule.id).collect::<Vec<_>>()
    };
    assert_eq!(unseen("bounding-box-adjustment"), ["L11", "L12"]);
    assert_eq!(unseen("bounding-box-verification"), ["L12"]);
    assert_eq!(unseen(VIDEO_AUDIT), ["L11", "L12"]);
    assert_eq!(unseen("bounding-box"), Vec::<&str>::new());
}

#[test]
fn l13() {
    let lines = |n: u64| audit(labels(1)).manifest(3, &[("source-ref", 3), ("old-ref", n), ("old-ref-metadata", 3)]);
    lines(2).breaks_as(Level::Warning, "L13");
    lines(3).keeps_all();
    let image = |members: &[(&str, u64)]| task("bounding-box-adjustment", labels(1)).manifest(3, members);
    image(&[("source-ref", 3)]).breaks_as(Level::Error, "L13");
    image(&[("source-ref", 3), ("old", 2), ("old-metadata", 2)]).breaks_as(Level::Warning, "L13");
    image(&[("source-ref", 3), ("old", 3), ("old-metadata", 3)]).keeps_all();
}

#[test]
fn l14() {
    for (member, version, broken) in [
        ("documentVersion", "2020-03-01", true),
        ("document-version", "2020-03-01", true),
        ("document-version", "2018-11-28", false),
    ] {
        let case = task("bounding-box-verification", with(labels(2), member, json!(version)));
        if broken {
            case.breaks_as(Level::Warning, "L14");
        } else {
            case.keeps_all();
        }
    }
}
