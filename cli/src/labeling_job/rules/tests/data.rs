//! A and S: automated labeling; how data objects arrive, and when a job stops.

use serde_json::json;

use super::*;

const ALGORITHMS: &str = "/LabelingJobAlgorithmsConfig";
const SOURCE: &str = "/InputConfig/DataSource";
const OUTPUT_TOPIC: &str = "/OutputConfig/SnsTopicArn";
const STOP: &str = "/StoppingConditions";

fn algorithm(name: &str) -> (&'static str, Value) {
    let arn = format!("arn:aws:sagemaker:us-east-2:027400017018:labeling-job-algorithm-specification/{name}");
    (ALGORITHMS, json!({"LabelingJobAlgorithmSpecificationArn": arn}))
}

fn topic(name: &str) -> String {
    format!("arn:aws:sns:us-east-2:111122223333:{name}")
}

fn streaming(topic: &str) -> (&'static str, Value) {
    (SOURCE, json!({"SnsDataSource": {"SnsTopicArn": topic}}))
}

#[test]
fn a1() {
    let arn = |arn: &str| [(ALGORITHMS, json!({"LabelingJobAlgorithmSpecificationArn": arn}))];
    builtin("bounding-box", &arn("arn:aws:sagemaker:us-east-2:1:x")).breaks(&["A1"]);
    builtin("bounding-box", &[algorithm("boxes")]).breaks(&["A1"]);
    let tasks = [
        ("image-classification", "image-classification"),
        ("text-classification", "text-classification"),
        ("bounding-box", "object-detection"),
        ("semantic-segmentation", "semantic-segmentation"),
    ];
    for (task, name) in tasks {
        builtin(task, &[algorithm(name)]).keeps_all();
    }
}

#[test]
fn a2() {
    builtin("bounding-box", &[algorithm("image-classification")]).breaks(&["A2"]);
}

#[test]
fn a3() {
    let case = |n: u64| builtin("bounding-box", &[algorithm("object-detection")]).manifest(n, &[("source-ref", n)]);
    case(1249).breaks_as(Level::Error, "A3");
    case(1250).breaks_as(Level::Warning, "A3");
    case(4999).breaks_as(Level::Warning, "A3");
    case(5000).keeps_all();
}

#[test]
fn a4() {
    custom(&[algorithm("image-classification")]).breaks(&["A4"]);
    for task in ["text-classification-multi-label", "named-entity-recognition", "video-object-tracking"] {
        builtin(task, &[algorithm("text-classification")]).breaks(&["A4"]);
    }
    let stream = streaming(&topic("GroundTruth-in"));
    builtin("bounding-box", &[algorithm("object-detection"), stream]).breaks(&["A4"]);
}

#[test]
fn a5() {
    builtin("bounding-box-adjustment", &[algorithm("object-detection")]).breaks(&["A5"]);
    builtin("semantic-segmentation-verification", &[algorithm("semantic-segmentation")]).breaks(&["A5"]);
}

#[test]
fn a6() {
    let config = json!({"LabelingJobResourceConfig": {"VolumeKmsKeyId": "alias/volume"}});
    builtin("bounding-box", &[(ALGORITHMS, config)]).breaks(&["A6"]);
}

#[test]
fn s1() {
    custom(&[(SOURCE, json!({}))]).breaks(&["S1"]);
    custom(&[(SOURCE, Value::Null)]).breaks(&["S1"]);
    custom(&[streaming(&topic("GroundTruth-in"))]).keeps_all();
    custom(&[(SOURCE, json!({})), ("/gtruth", json!({"manifest": "watch.manifest"}))]).keeps_all();
}

#[test]
fn s2() {
    let stream = streaming(&topic("GroundTruth-in"));
    let stop = (STOP, json!({"MaxPercentageOfInputDatasetLabeled": 50}));
    custom(&[stream.clone(), stop.clone()]).breaks_as(Level::Warning, "S2");
    custom(&[stream, (STOP, json!({}))]).keeps_all();
    custom(&[stop]).keeps_all();
}

#[test]
fn s3() {
    custom(&[streaming(&topic("GroundTruth-in").replace("us-east-2", "us-east-1"))]).breaks(&["S3"]);
    custom(&[streaming(&topic("GroundTruth-in.fifo"))]).breaks(&["S3"]);
}

#[test]
fn s4() {
    custom(&[streaming(&topic("harbor-in"))]).breaks_as(Level::Warning, "S4");
    for name in ["groundTruth-in", "my-sageMaker", "Groundtruth"] {
        custom(&[streaming(&topic(name))]).keeps_all();
    }
}

#[test]
fn s5() {
    let (input, output) = (topic("GroundTruth-in"), topic("GroundTruth-out"));
    custom(&[streaming(&input), (OUTPUT_TOPIC, json!(input))]).breaks(&["S5"]);
    custom(&[streaming(&input), (OUTPUT_TOPIC, json!(output))]).keeps_all();
}

#[test]
fn s9() {
    custom(&[(OUTPUT_TOPIC, json!(topic("GroundTruth-out")))]).breaks_as(Level::Warning, "S9");
}

#[test]
fn s10() {
    let stop =
        |count: u64| custom(&[(STOP, json!({"MaxHumanLabeledObjectCount": count}))]).manifest(7, &[("source", 7)]);
    stop(8).breaks_as(Level::Warning, "S10");
    stop(7).keeps_all();
}
