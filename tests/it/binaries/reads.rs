//! Reading payloads and answers from S3.

use serde_json::json;

use super::{Consolidation, PAYLOAD, animal, annotation, answer, content, event_with, herons_and_an_otter, payload};
use crate::loopback::Fault;

#[test]
fn throttling_is_waited_out() {
    let mut consolidation = Consolidation::start(&[]);
    consolidation.s3.fail(PAYLOAD, Fault::SlowDown, 2);
    assert_eq!(animal(&consolidation.consolidate(&herons_and_an_otter()), 0)["label"], "heron");
    assert_eq!(consolidation.s3.requests().len(), 3);
}

#[test]
fn any_key_can_be_a_payloads() {
    let mut consolidation = Consolidation::start(&[]);
    for (idx, key) in
        ["2024-05-06_07:08:09.json", "with blank", "100%", "a%20b", "a+b", "straße/日本", "?a=1&b=2#c", "=;,@!$'()*~"]
            .iter()
            .enumerate()
    {
        let uri = format!("s3://survey/{key}");
        // A batch of its own, so that no key can be mistaken for another.
        let batch = payload([vec![answer("ana", &idx.to_string())]]);
        consolidation.s3.put(&uri, batch.to_string());
        let response = consolidation.invoke(&event_with(json!({"payload": {"s3Uri": uri}}))).expect("the key is found");
        assert_eq!(animal(&response, 0)["label"], idx.to_string(), "{key}");
    }
}

#[test]
fn answers_are_read_where_they_lie() {
    let mut consolidation = Consolidation::start(&[]);
    for worker in ["bo", "cy"] {
        consolidation.s3.put(&format!("s3://survey/answers/{worker}: 100%.json"), content("otter"));
    }
    let response = consolidation.consolidate(&payload([vec![
        answer("ana", "heron"),
        annotation("bo", json!({"s3Uri": "s3://survey/answers/bo: 100%.json"})),
        annotation("cy", json!({"s3uri": "s3://survey/answers/cy: 100%.json"})), // AWS's sample spells it so.
        annotation("di", json!({"s3Uri": "s3://survey/answers/missing.json"})),
    ]]));
    assert_eq!(animal(&response, 0)["votes"], json!({"otter": 2, "heron": 1}));
    assert_eq!(
        animal(&response, 0)["rejected"],
        json!([{"worker": "di", "reason": "the answer's object does not exist"}])
    );
}

#[test]
fn a_foreign_bucket_is_read_only_when_it_is_named() {
    let elsewhere = "s3://elsewhere/answer.json";
    let batch = payload([vec![answer("ana", "heron"), annotation("bo", json!({"s3Uri": elsewhere}))]]);

    let mut consolidation = Consolidation::start(&[]);
    consolidation.s3.put(elsewhere, content("heron"));
    let response = consolidation.consolidate(&batch);
    assert_eq!(animal(&response, 0)["votes"], json!({"heron": 1}));
    let reason = "the answer lies in bucket `elsewhere`; name it in ALLOWED_BUCKETS to trust it";
    assert_eq!(animal(&response, 0)["rejected"], json!([{"worker": "bo", "reason": reason}]));
    assert!(consolidation.readers(elsewhere).is_empty(), "it is not even tried");

    let mut consolidation = Consolidation::start(&[("ALLOWED_BUCKETS", "archive, elsewhere")]);
    consolidation.s3.put(elsewhere, content("heron"));
    let response = consolidation.consolidate(&batch);
    assert_eq!(animal(&response, 0)["votes"], json!({"heron": 2}));
    assert_eq!(animal(&response, 0).get("rejected"), None);
}

#[test]
fn the_batch_may_stand_in_the_event_itself() {
    let mut consolidation = Consolidation::start(&[]);
    let response = consolidation.invoke(&event_with(json!({"payload": herons_and_an_otter()}))).expect("a batch");
    assert_eq!(animal(&response, 0)["label"], "heron");
    assert!(consolidation.s3.requests().is_empty());
}

#[test]
fn side_by_side_reads_keep_the_order_of_the_objects() {
    let mut consolidation = Consolidation::start(&[("MAX_CONCURRENT_READS", "3")]);
    let by_reference = |idx: usize| {
        let uri = format!("s3://survey/answers/{idx}.json");
        consolidation.s3.put(&uri, content(&format!("animal {idx}")));
        vec![annotation("ana", json!({"s3Uri": uri}))]
    };
    let batch = payload((0..20).map(by_reference));
    // The first answer arrives after its neighbors'.
    consolidation.s3.fail("s3://survey/answers/0.json", Fault::SlowDown, 1);
    let response = consolidation.consolidate(&batch);
    for idx in 0..20 {
        assert_eq!(animal(&response, idx)["label"], format!("animal {idx}"));
    }
}
