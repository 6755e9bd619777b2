//! W, T and P: who works, how long, and for how much.

use serde_json::json;

use super::*;

const DATA: &str = "/InputConfig/DataAttributes";
const PRICE: &str = "/HumanTaskConfig/PublicWorkforceTaskPrice";
const LIMIT: &str = "/HumanTaskConfig/TaskTimeLimitInSeconds";
const LIFETIME: &str = "/HumanTaskConfig/TaskAvailabilityLifetimeInSeconds";

fn price(dollars: u64, cents: u64, tenths: u64) -> Value {
    json!({"AmountInUsd": {"Dollars": dollars, "Cents": cents, "TenthFractionsOfACent": tenths}})
}

fn public_team() -> (&'static str, Value) {
    (TEAM, json!("arn:aws:sagemaker:us-east-2:394669845002:workteam/public-crowd/default"))
}

fn declared(classifiers: &[&str]) -> (&'static str, Value) {
    (DATA, json!({"ContentClassifiers": classifiers}))
}

fn all_declared() -> (&'static str, Value) {
    declared(&["FreeOfPersonallyIdentifiableInformation", "FreeOfAdultContent"])
}

/// Every job of the public workforce is told that it closed, and what it costs.
fn public(changes: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    let mut all = vec![public_team(), all_declared(), (PRICE, price(0, 7, 2))];
    all.extend(changes.iter().cloned());
    all
}

#[test]
fn the_public_workforce_has_closed() {
    let case = custom(&public(&[]));
    case.breaks(&["W7", "P5"]);
    assert_eq!(
        case.problems()[0].to_string(),
        "warning[W7]: HumanTaskConfig.WorkteamArn names the public workforce, Amazon Mechanical Turk, which closed for \
         Ground Truth on 2026-09-30; name a private or vendor work team"
    );
}

#[test]
fn w1() {
    let changes = [public_team(), all_declared(), (PRICE, price(0, 7, 2))];
    for name in ["video-object-tracking", "point-cloud-object-detection"] {
        builtin(name, &changes).breaks(&["W1", "W7", "P5"]);
        builtin(name, &[]).keeps_all();
    }
}

#[test]
fn w2_and_w3() {
    custom(&public(&[declared(&["FreeOfAdultContent"])])).breaks(&["W2", "W7", "P5"]);
    custom(&public(&[declared(&["FreeOfPersonallyIdentifiableInformation"])])).breaks(&["W3", "W7", "P5"]);
}

#[test]
fn w4() {
    custom(&[public_team(), all_declared()]).breaks(&["W4", "W7"]);
}

#[test]
fn w5() {
    let arn = "arn:aws:sagemaker:us-east-2:027400017018:labeling-job-algorithm-specification/image-classification";
    let config = json!({
        "LabelingJobAlgorithmSpecificationArn": arn,
        "LabelingJobResourceConfig": {"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}}
    });
    let in_vpc = ("/LabelingJobAlgorithmsConfig", config);
    builtin("image-classification", &public(std::slice::from_ref(&in_vpc))).breaks(&["W5", "W7", "P5"]);
    builtin("image-classification", &[in_vpc]).keeps_all();
}

#[test]
fn w6() {
    custom(&[(PRICE, price(0, 7, 2))]).breaks_as(Level::Warning, "W6");
}

#[test]
fn w7() {
    let team = |rest: &str| [(TEAM, json!(format!("arn:aws:sagemaker:us-east-2:{rest}")))];
    custom(&team("111122223333:workteam/pilots")).breaks(&["W7"]);
    custom(&team("394669845002:workteam/vendor-crowd/a1b2")).keeps_all();
}

#[test]
fn w8() {
    builtin("video-object-detection", &[(WORKERS, json!(3))]).breaks(&["W8"]);
    builtin("video-object-detection", &[(WORKERS, json!(1))]).keeps_all();
}

#[test]
fn w9() {
    custom(&[(WORKERS, json!(1))]).breaks_as(Level::Warning, "W9");
    builtin("bounding-box", &[(WORKERS, json!(1))]).breaks(&["W9"]);
    custom(&[(WORKERS, json!(2))]).keeps_all();
}

#[test]
fn w11() {
    let cents_84 = (PRICE, price(0, 84, 0));
    builtin("semantic-segmentation", &public(&[cents_84])).breaks(&["W7", "W11", "P5"]);
    builtin("semantic-segmentation", &[]).keeps_all();
}

#[test]
fn t1() {
    custom(&[(LIMIT, json!(29))]).breaks(&["T1"]);
    custom(&[(LIMIT, json!(30))]).keeps_all();
}

#[test]
fn t2() {
    for name in ["text-classification", "bounding-box", "pass-through"] {
        builtin(name, &[(LIMIT, json!(28_801))]).breaks(&["T2"]);
        builtin(name, &[(LIMIT, json!(28_800))]).keeps_all();
    }
    custom(&[(LIMIT, json!(28_801))]).breaks(&["T2"]);
}

#[test]
fn t3() {
    let limited = |limit: u64| builtin("point-cloud-object-tracking", &[(LIMIT, json!(limit))]);
    limited(604_800).keeps_all();
    limited(604_801).breaks_as(Level::Warning, "T3");
    limited(2_592_000).breaks_as(Level::Warning, "T3");
    limited(2_592_001).breaks_as(Level::Error, "T3");
}

#[test]
fn t4() {
    builtin("video-classification", &[(LIMIT, json!(28_801))]).breaks_as(Level::Warning, "T4");
    builtin("video-classification", &[(LIMIT, json!(28_800))]).keeps_all();
}

#[test]
fn t5() {
    custom(&[(LIFETIME, json!(2_592_001))]).breaks(&["T5"]);
    custom(&[(LIFETIME, json!(59))]).breaks(&["T5", "T6"]);
    custom(&[(LIFETIME, json!(2_592_000))]).keeps_all();
    custom(&public(&[(LIFETIME, json!(43_201))])).breaks(&["W7", "T5", "P5"]);
    custom(&public(&[(LIFETIME, json!(43_200))])).breaks(&["W7", "P5"]);
}

#[test]
fn t6() {
    custom(&[(LIFETIME, json!(599))]).breaks_as(Level::Warning, "T6");
    custom(&[(LIFETIME, json!(600))]).keeps_all();
}

#[test]
fn t7() {
    let concurrent = |count: u64| custom(&[("/HumanTaskConfig/MaxConcurrentTaskCount", json!(count))]);
    concurrent(1000).keeps_all();
    concurrent(1001).breaks_as(Level::Warning, "T7");
    concurrent(5000).breaks_as(Level::Warning, "T7");
    concurrent(5001).breaks_as(Level::Error, "T7");
}

#[test]
fn p1() {
    let paid = |name: &str, price: Value| builtin(name, &public(&[(PRICE, price)]));
    let odd = paid("bounding-box", price(0, 2, 4));
    odd.breaks(&["W7", "P1", "P5"]);
    let message = odd.problems()[1].to_string();
    assert!(message.contains("is $0.024, which is no price of bounding-box; give $0.036"), "{message}");
    paid("text-classification", price(0, 2, 4)).breaks(&["W7", "P5"]);
    paid("image-classification", price(1, 20, 0)).breaks(&["W7", "P5"]);
    paid("image-classification", price(1, 20, 1)).breaks(&["W7", "P1", "P5"]);
    custom(&public(&[(PRICE, price(0, 5, 0))])).breaks(&["W7", "P1", "P5"]);
}

#[test]
fn p2() {
    let paid = |cents: u64, tenths: u64| {
        builtin("text-classification-multi-label", &public(&[(PRICE, price(0, cents, tenths))]))
    };
    paid(7, 2).breaks(&["W7", "P5"]);
    let odd = paid(7, 3);
    odd.breaks(&["W7", "P2", "P5"]);
    assert_eq!(odd.problems()[1].level, Level::Warning);
}

#[test]
fn p4() {
    custom(&public(&[(PRICE, price(0, 0, 0))])).breaks(&["W7", "P4", "P5"]);
    custom(&public(&[(PRICE, json!({"AmountInUsd": {"Cents": 6}}))])).breaks(&["W7", "P5"]);
}

#[test]
fn p5() {
    let cost = |case: Case| case.problems().last().map(ToString::to_string).expect("a cost");
    assert_eq!(
        cost(custom(&public(&[]))),
        "info[P5]: HumanTaskConfig.PublicWorkforceTaskPrice.AmountInUsd makes $0.216 per data object: $0.072 to each of 3 \
         workers; expect the fee of the service beside it"
    );
    let known = cost(custom(&public(&[])).manifest(10_000, &[("source", 10_000)]));
    assert!(known.contains("makes $2160.000 for 10000 data objects"), "{known}");
    custom(&[]).keeps_all();
}
