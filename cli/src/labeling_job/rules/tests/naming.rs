//! N: the names of the job and of its label.

use serde_json::json;

use super::*;

#[test]
fn n2() {
    custom(&[(NAME, json!("watch-metadata"))]).breaks(&["N2"]);
    custom(&[(NAME, json!("metadata"))]).keeps_all();
}

#[test]
fn n3() {
    custom(&[(NAME, json!("source"))]).breaks(&["N3"]);
    custom(&[(NAME, json!("source-ref"))]).breaks(&["N3"]);
    custom(&[(NAME, json!("source-2"))]).keeps_all();
}

#[test]
fn n4() {
    let tasks = TaskType::all().filter(|task_type| task_type.ref_suffix == crate::labeling_job::RefSuffix::Must);
    let names: Vec<&str> = tasks.map(|task_type| task_type.name).collect();
    assert_eq!(names.len(), 10);
    for name in names {
        builtin(name, &[(NAME, json!("watch"))]).breaks(&["N4"]);
        builtin(name, &[(NAME, json!("hulls-ref"))]).keeps_all();
    }
}

#[test]
fn n5() {
    builtin("semantic-segmentation-verification", &[(NAME, json!("watch-ref"))]).breaks(&["N5"]);
    builtin("semantic-segmentation-verification", &[(NAME, json!("watch"))]).keeps_all();
}

#[test]
fn n6() {
    for name in ["bounding-box", "text-classification", "point-cloud-object-detection", "bounding-box-verification"] {
        builtin(name, &[(NAME, json!("watch-ref"))]).breaks(&["N6"]);
        builtin(name, &[(NAME, json!("watch-reference"))]).keeps_all();
    }
}

#[test]
fn n7() {
    custom(&[(NAME, json!("watch-ref"))]).breaks_as(Level::Warning, "N7");
    builtin("pass-through", &[(NAME, json!("watch-ref"))]).breaks(&["N7"]);
    custom(&[(NAME, json!("ref-watch"))]).keeps_all();
}

#[test]
fn n8() {
    let earlier = [("source-ref", 5), ("watch", 5), ("watch-metadata", 5)];
    let later = [(NAME, json!("watch-check"))];
    builtin("bounding-box-verification", &[]).manifest(5, &earlier).breaks(&["N8", "N10"]);
    builtin("bounding-box-verification", &later).manifest(5, &earlier).keeps_all();
    let audit = json!({"labels": [{"label": "skiff"}], "auditLabelAttributeName": "watch-ref"});
    builtin("video-object-tracking-audit", &[]).labels(audit.clone()).breaks(&["N8"]);
    builtin("video-object-tracking-audit", &[(NAME, json!("check-ref"))]).labels(audit).keeps_all();
}

#[test]
fn n9() {
    for name in ["$watch", "harbor_watch", "harbor.watch", "watch-", "-watch", "bøye"] {
        custom(&[(NAME, json!(name))]).breaks(&["N9"]);
    }
    custom(&[(NAME, json!("Harbor--watch-3"))]).keeps_all();
}

#[test]
fn n10() {
    let case = custom(&[]).manifest(9, &[("source", 9), ("watch", 2), ("watch-metadata", 3)]);
    case.breaks_as(Level::Warning, "N10");
    assert_eq!(
        case.problems()[0].to_string(),
        "warning[N10]: LabelAttributeName stands on 2 lines of 9 data objects already, whose objects will not be labeled; \
         choose another name to label all of them, or keep it to finish an earlier job"
    );
    // An object that failed has metadata and no label, and is labeled again.
    custom(&[]).manifest(9, &[("source", 9), ("watch-metadata", 3)]).keeps_all();
}
