//! Whose permissions the function reads and writes with.

use serde_json::json;

use super::{Consolidation, JOB_ROLE, PAYLOAD, event, event_with, herons_and_an_otter};
use crate::loopback::{ASSUMED_ROLE, FUNCTION_ROLE};

#[test]
fn the_role_of_the_event_is_not_assumed_unasked() {
    let mut consolidation = Consolidation::start(&[]);
    consolidation.consolidate(&herons_and_an_otter());
    assert!(consolidation.sts.assumed_roles().is_empty());
    assert_eq!(consolidation.readers(PAYLOAD), [FUNCTION_ROLE.access_key_id]);
}

#[test]
fn the_jobs_role_is_assumed_once_for_many_events() {
    let mut consolidation = Consolidation::start(&[("ASSUME_JOB_ROLE", "true")]);
    for _ in 0..20 {
        consolidation.consolidate(&herons_and_an_otter());
    }
    assert_eq!(consolidation.sts.assumed_roles(), [JOB_ROLE]);
    assert_eq!(consolidation.readers(PAYLOAD), [ASSUMED_ROLE.access_key_id; 20]);
}

#[test]
fn a_role_of_another_account_is_refused() {
    let mut consolidation = Consolidation::start(&[("ASSUME_JOB_ROLE", "true")]);
    for (role, reason) in [
        (json!("arn:aws:iam::999999999999:role/ground-truth"), "another account"),
        (json!("arn:aws:iam::999999999999:user/ana"), "another account"),
        (json!("ground-truth"), "not the ARN of a role"),
        (json!(null), "no `roleArn`"),
    ] {
        let message = consolidation.failure(&event_with(json!({"roleArn": role})), "RoleRefused");
        assert!(message.contains(reason) && message.contains("set ASSUME_JOB_ROLE to false"), "{message}");
    }
    assert!(consolidation.sts.assumed_roles().is_empty());
    assert!(consolidation.s3.requests().is_empty());
}

#[test]
fn a_role_that_does_not_trust_the_function_fails_by_name_until_it_does() {
    let mut consolidation = Consolidation::start(&[("ASSUME_JOB_ROLE", "true")]);
    consolidation.s3.put(PAYLOAD, herons_and_an_otter().to_string());
    consolidation.sts.refuse(1);
    let message = consolidation.failure(&event(), "PayloadUnreadable");
    assert!(message.contains(JOB_ROLE), "{message}");
    assert_eq!(message.matches("sts:AssumeRole").count(), 1, "the cause stands there once and in words: {message}");
    consolidation.consolidate(&herons_and_an_otter());
    assert_eq!(consolidation.sts.assumed_roles(), [JOB_ROLE]);
}
