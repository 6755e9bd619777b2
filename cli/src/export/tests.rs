use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::finished_job::testing::{JobFolder, metadata};

/// A job whose labels are these, one per image or text.
fn job(labels: &[(&str, Value)]) -> JobFolder {
    let line = |(source, label): &(&str, Value)| {
        let name = if source.starts_with("s3://") { "source-ref" } else { "source" };
        json!({name: source, "survey": label, "survey-metadata": metadata("river-7")})
    };
    JobFolder::new("River-7").output(&labels.iter().map(line).collect::<Vec<_>>())
}

/// Every file that is written, by name, and the report.
fn files(
    folder: &JobFolder,
    format: Format,
    field: Option<&str>,
) -> anyhow::Result<(BTreeMap<String, String>, Report)> {
    let out = folder.path().with_extension("export");
    let job = folder.open();
    let report = export(&job, format, Options { field, min_confidence: 0.0, folder: &out })?;
    let read = |name: &String| (name.clone(), fs::read_to_string(out.join(name)).expect("written"));
    Ok((report.files.iter().map(read).collect(), report))
}

fn check(name: &str, folder: &JobFolder, format: Format) {
    let (files, report) = files(folder, format, None).expect("an export");
    let mut text = String::new();
    for (name, content) in &files {
        text.push_str(&format!("== {name}\n{}\n", content.trim_end()));
    }
    text.push_str(&format!("== {} objects, {} labels, left out {:?}", report.objects, report.labels, report.left_out));
    insta::with_settings!({omit_expression => true}, { insta::assert_snapshot!(name, text) });
}

fn boxes() -> JobFolder {
    let field = |annotations: Value| json!({"shapes": {"kind": "bounding-box", "confidence": 0.9, "imageSize": {"width": 200, "height": 100}, "annotations": annotations}});
    let plain = json!({"label": "otter", "left": 20, "top": 10, "width": 40.5, "height": 20, "confidence": 0.9});
    let turned = json!({"label": "<heron>", "left": 100, "top": 40, "width": 40, "height": 20, "rotation": 90, "confidence": 0.6});
    job(&[
        ("s3://river-in/cam3/0.png", field(json!([plain, turned]))),
        ("s3://river-in/cam4/0.png", field(json!([]))),
        ("s3://river-in/cam4/../1.png", json!({})),
        ("s3://river-in/cam4/2.png", json!({"mine": [1]})),
    ])
}

#[test]
fn boxes_in_every_format_that_knows_them() {
    check("boxes_coco", &boxes(), Format::Coco);
    check("boxes_yolo", &boxes(), Format::YoloDetect);
    check("boxes_voc", &boxes(), Format::PascalVoc);
    check("boxes_cvat", &boxes(), Format::Cvat);
    check("boxes_label_studio", &boxes(), Format::LabelStudio);
    check("boxes_hugging_face", &boxes(), Format::HuggingFaceImages);
    check("boxes_ground_truth", &boxes(), Format::GroundTruth);
    check("boxes_csv", &boxes(), Format::Csv);
}

#[test]
fn polygons_masks_and_points() {
    let size = json!({"width": 12, "height": 9});
    let corner = |x: u32, y: u32| json!({"x": x, "y": y});
    let polygons = job(&[(
        "s3://b/0.png",
        json!({"shapes": {"kind": "polygon", "imageSize": size,
        "annotations": [{"label": "pond", "vertices": [corner(3, 4), corner(9, 4), corner(6, 8)], "confidence": 0.9}]}}),
    )]);
    check("polygons_coco", &polygons, Format::Coco);
    check("polygons_yolo", &polygons, Format::YoloSegment);

    // The PNG of the label format's page: an otter of four columns and five rows.
    let png = "iVBORw0KGgoAAAANSUhEUgAAAAwAAAAJCAMAAAAxZj1mAAAABlBMVEX///8fd7Tuyq+XAAAAI0lEQVR4nIzJsQ0AAAgCQWX/nZUSEgqu+zxGwGMpnzKO0nkAAAD//6iAuu4AAAAGSURBVAMAYAsEE2HD91YAAAAASUVORK5CYII=";
    let masks = job(&[(
        "s3://b/0.png",
        json!({"cover": {"kind": "semantic-mask", "imageSize": size,
        "annotations": [{"label": "otter", "color": "#1f77b4", "pixels": 20, "confidence": 0.92}],
        "labeledImage": {"pngImageData": png}}}),
    )]);
    check("masks_coco", &masks, Format::Coco);
    check("masks_cvat", &masks, Format::Cvat);

    let points = job(&[
        (
            "s3://b/0.png",
            json!({"parts": {"kind": "keypoint", "imageSize": size,
        "annotations": [{"label": "bill", "x": 3, "y": 4.5, "confidence": 0.99}, {"label": "tail", "x": 9, "y": 6, "confidence": 0.9}]}}),
        ),
        (
            "s3://b/1.png",
            json!({"parts": {"kind": "keypoint", "imageSize": size,
        "annotations": [{"label": "tail", "x": 1, "y": 2, "confidence": 0.99}]}}),
        ),
    ]);
    check("points_coco", &points, Format::Coco);
    check("points_yolo", &points, Format::YoloPose);
}

fn spans() -> JobFolder {
    // Units of UTF-16: the otter takes two.
    let span = |label: &str, start: u32, end: u32| json!({"label": label, "startOffset": start, "endOffset": end, "confidence": 0.9});
    job(&[(
        "The 🦦 in the Tamar, 1903.",
        json!({"spans": {"kind": "text-span",
        "annotations": [span("river", 14, 19), span("animal", 4, 6), span("date", 21, 99)]}}),
    )])
}

#[test]
fn spans_count_characters() {
    check("spans_spacy", &spans(), Format::Spacy);
    check("spans_tokens", &spans(), Format::HuggingFaceTokens);
    check("spans_label_studio", &spans(), Format::LabelStudio);
}

#[test]
fn forms_with_several_fields() {
    let label = json!({
        "animal": {"kind": "classification", "label": "otter", "confidence": 0.8},
        "tags": {"kind": "multi-label", "labels": ["wet", "dark"], "confidence": 0.7, "confidences": {"wet": 0.9, "dark": 0.6}},
        "note": {"kind": "free-text", "text": "=cmd|' /C calc'!A0", "confidence": 0.9},
        "depth": {"kind": "number", "value": -1.5, "confidence": 0.9},
        "tied": {"kind": "classification", "label": null, "reason": "tie"},
    });
    let folder = job(&[("s3://b/0.png", label)]);
    check("fields_csv", &folder, Format::Csv);
    check("fields_json_lines", &folder, Format::JsonLines);
    check("fields_label_studio", &folder, Format::LabelStudio);

    let error = files(&folder, Format::GroundTruth, None).expect_err("two fields").to_string();
    assert_eq!(error, "several fields fit, animal, tags; choose one with --field, as in --field animal");
    let (written, _) = files(&folder, Format::GroundTruth, Some("tags")).expect("an export");
    assert!(
        written["output.manifest"].contains(r#""survey":[0,1]"#)
            || written["output.manifest"].contains(r#""survey":[0,2]"#)
    );
    let error = files(&folder, Format::Coco, None).expect_err("no marks").to_string();
    assert!(
        error
            .ends_with("and the job has animal (classification), depth (number), note (free-text), tags (multi-label)"),
        "{error}"
    );
}

#[test]
fn file_names_stay_inside_the_folder() {
    let label = json!({"animal": {"kind": "classification", "label": "otter"}});
    let folder = job(&[
        ("s3://b/a/../../../etc/passwd", label.clone()),
        ("s3://b/a/x.png", label.clone()),
        ("s3://b/a/x.png", label.clone()),
        ("text", label),
    ]);
    assert_eq!(file_names(&folder.open()), ["etc/passwd", "x.png", "2-x.png", "3"]);
}
