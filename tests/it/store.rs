//! One suite for every [`ObjectStore`], and what only the store over S3 has to answer for.

use annotation_consolidation::s3_store::S3Store;
use ground_truth::s3_uri::S3Uri;
use ground_truth::store::{Listed, MemoryStore, ObjectStore, StoreAction, StoreError, StoreErrorCause};
use gtruth::local_run::FolderStore;
use tempfile::TempDir;

use crate::loopback::{Fault, S3Server, block_on};

/// Keys that a URL parser, a decoder of percent signs or a careless path would change.
const UNUSUAL_KEYS: &[&str] = &[
    "jobs/River-Survey-7/annotations/consolidated-annotation/consolidation-request/iteration-1/2024-05-06_07:08:09.json",
    "with blank",
    "with%20percent",
    "100%",
    "with+plus",
    "straße/日本",
    "?query=1&more=2#fragment",
    "=;,@!$'()*~",
];

const UNBOUNDED: u64 = u64::MAX;

#[test]
fn memory_store() {
    block_on(suite(&MemoryStore::new()));
}

#[test]
fn folder_store() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let store = FolderStore::default()
        .with(&uri("s3://answers"), folder.path().join("answers"))
        .with(&uri("s3://labels"), folder.path().join("labels"));
    block_on(suite(&store));
}

#[test]
fn s3_store() {
    let s3 = S3Server::start();
    block_on(suite(&S3Store::new(s3.client())));
}

/// What any store does, starting from an empty one.
async fn suite(store: &dyn ObjectStore) {
    what_is_written_can_be_read(store).await;
    a_second_write_replaces_the_first(store).await;
    unusual_keys_name_different_objects(store).await;
    buckets_are_apart(store).await;
    a_missing_object_is_not_found(store).await;
    a_read_is_bounded(store).await;
    a_list_is_by_prefix_and_in_the_order_of_keys(store).await;
    unusual_keys_are_listed_as_they_are(store).await;
}

async fn what_is_written_can_be_read(store: &dyn ObjectStore) {
    for bytes in [&b""[..], b"[]", &[0, 255, 13, 10], &[7; 1_000_000]] {
        let location = uri("s3://answers/written");
        store.put(&location, bytes.to_vec(), None).await.expect("can be written");
        assert_eq!(store.get(&location, UNBOUNDED).await.expect("can be read"), bytes);
    }
}

async fn a_second_write_replaces_the_first(store: &dyn ObjectStore) {
    let location = uri("s3://answers/replaced");
    store.put(&location, b"the first, and longer".to_vec(), None).await.expect("can be written");
    store.put(&location, b"second".to_vec(), None).await.expect("can be written again");
    assert_eq!(store.get(&location, UNBOUNDED).await.expect("can be read"), b"second");
}

async fn unusual_keys_name_different_objects(store: &dyn ObjectStore) {
    for key in UNUSUAL_KEYS {
        store.put(&unusual(key), key.as_bytes().to_vec(), None).await.expect("can be written");
    }
    for key in UNUSUAL_KEYS {
        assert_eq!(store.get(&unusual(key), UNBOUNDED).await.expect("can be read"), key.as_bytes());
    }
}

async fn buckets_are_apart(store: &dyn ObjectStore) {
    store.put(&uri("s3://answers/same-key"), b"answers".to_vec(), None).await.expect("can be written");
    store.put(&uri("s3://labels/same-key"), b"labels".to_vec(), None).await.expect("can be written");
    assert_eq!(store.get(&uri("s3://answers/same-key"), UNBOUNDED).await.expect("can be read"), b"answers");
}

async fn a_missing_object_is_not_found(store: &dyn ObjectStore) {
    let location = uri("s3://answers/missing");
    let error = store.get(&location, UNBOUNDED).await.expect_err("there is no such object");
    assert!(matches!(error.cause, StoreErrorCause::NotFound), "{error:?}");
    assert_eq!((error.action, error.uri), (StoreAction::Get, location));
}

async fn a_read_is_bounded(store: &dyn ObjectStore) {
    let location = uri("s3://answers/bounded");
    store.put(&location, b"12345".to_vec(), None).await.expect("can be written");
    assert_eq!(store.get(&location, 5).await.expect("has 5 bytes"), b"12345");
    let error = store.get(&location, 4).await.expect_err("has more than 4 bytes");
    assert!(matches!(error.cause, StoreErrorCause::TooLarge { limit: 4 }), "{error:?}");
}

async fn a_list_is_by_prefix_and_in_the_order_of_keys(store: &dyn ObjectStore) {
    // Byte by byte: what stands in a folder does not stand together.
    let keys = ["listed-1", "listed/a-1/x", "listed/a/x", "listed/a/y", "listed/a0", "listed/b/x"];
    for key in keys.iter().rev() {
        store.put(&unusual(key), key.as_bytes().to_vec(), None).await.expect("can be written");
    }
    let check = async |prefix: &str, limit: usize, expected: &[&str]| {
        let listed = store.list(&uri(prefix), limit).await.expect("can be listed");
        let listed_as = |key: &&str| Listed { uri: unusual(key), n_bytes: key.len() as u64 };
        assert_eq!(listed, expected.iter().map(listed_as).collect::<Vec<_>>(), "{prefix}");
    };
    check("s3://answers/listed/", usize::MAX, &["listed/a-1/x", "listed/a/x", "listed/a/y", "listed/a0", "listed/b/x"])
        .await;
    check("s3://answers/listed/a", 3, &["listed/a-1/x", "listed/a/x", "listed/a/y"]).await;
    check("s3://answers/listed/a/", 1, &["listed/a/x"]).await;
    check("s3://answers/listed/a/x", 9, &["listed/a/x"]).await;
    check("s3://answers/listed/a/x/", 9, &[]).await;
    check("s3://answers/listed", 1, &["listed-1"]).await;
    check("s3://answers/listed/", 0, &[]).await;
    check("s3://answers/nothing/is/here", 9, &[]).await;

    let whole_bucket = store.list(&uri("s3://labels"), 9).await.expect("can be listed");
    assert_eq!(whole_bucket, [Listed { uri: uri("s3://labels/same-key"), n_bytes: 6 }]);
}

async fn unusual_keys_are_listed_as_they_are(store: &dyn ObjectStore) {
    for key in UNUSUAL_KEYS {
        let listed = store.list(&unusual(key), 9).await.expect("can be listed");
        assert_eq!(listed, [Listed { uri: unusual(key), n_bytes: key.len() as u64 }]);
    }
}

#[test]
fn s3_lists_more_than_one_page() {
    let s3 = S3Server::start();
    let location = |n: usize| format!("s3://answers/pages/{n:04}");
    (0..2300).for_each(|n| s3.put(&location(n), "x"));
    let store = S3Store::new(s3.client());
    for (limit, n_listed, n_requests) in [(usize::MAX, 2300, 3), (2200, 2200, 3), (2000, 2000, 2), (7, 7, 1)] {
        let before = s3.requests().len();
        let listed = block_on(store.list(&uri("s3://answers/pages/"), limit)).expect("can be listed");
        assert!(listed.iter().enumerate().all(|(n, listed)| listed.uri == uri(&location(n))));
        assert_eq!((listed.len(), s3.requests().len() - before), (n_listed, n_requests), "at most {limit}");
    }
}

#[test]
fn s3_keys_arrive_as_they_are() {
    let s3 = S3Server::start();
    let store = S3Store::new(s3.client());
    for key in UNUSUAL_KEYS {
        let location = unusual(key);
        block_on(store.put(&location, key.as_bytes().to_vec(), None)).expect("can be written");
        assert_eq!(s3.get(&location.to_string()).expect("is there"), key.as_bytes());
    }
}

#[test]
fn s3_writes_are_encrypted_with_the_key_of_the_job() {
    let s3 = S3Server::start();
    let store = S3Store::new(s3.client());
    let key_id = "arn:aws:kms:eu-west-1:123456789012:key/river";
    block_on(store.put(&uri("s3://labels/plain"), b"{}".to_vec(), None)).expect("can be written");
    block_on(store.put(&uri("s3://labels/encrypted"), b"{}".to_vec(), Some(key_id))).expect("can be written");

    let requests = s3.requests();
    let [plain, encrypted] = requests.as_slice() else { panic!("two writes are two requests") };
    assert_eq!(plain.header("x-amz-server-side-encryption"), None);
    assert_eq!(encrypted.header("x-amz-server-side-encryption"), Some("aws:kms"));
    assert_eq!(encrypted.header("x-amz-server-side-encryption-aws-kms-key-id"), Some(key_id));
}

#[test]
fn s3_throttling_is_retried() {
    let s3 = S3Server::start();
    s3.put("s3://answers/batch", "[]");
    s3.fail("s3://answers/batch", Fault::SlowDown, 2);
    let bytes = block_on(S3Store::new(s3.client()).get(&uri("s3://answers/batch"), UNBOUNDED));
    assert_eq!(bytes.expect("the third attempt succeeds"), b"[]");
    assert_eq!(s3.requests().len(), 3);
}

#[test]
fn s3_refusals_are_not_retried_and_name_the_permission() {
    let s3 = S3Server::start();
    let store = S3Store::new(s3.client());
    s3.fail("s3://answers/batch", Fault::AccessDenied, 2);
    let read = block_on(store.get(&uri("s3://answers/batch"), UNBOUNDED)).expect_err("refused");
    let write = block_on(store.put(&uri("s3://answers/batch"), b"[]".to_vec(), None)).expect_err("refused");
    s3.fail("s3://answers/", Fault::AccessDenied, 1);
    let list = block_on(store.list(&uri("s3://answers/"), 9)).expect_err("refused");
    check_denied(&read, StoreAction::Get, "s3:GetObject");
    check_denied(&write, StoreAction::Put, "s3:PutObject");
    check_denied(&list, StoreAction::List, "s3:ListBucket");
    assert_eq!(s3.requests().len(), 3);
}

fn check_denied(error: &StoreError, action: StoreAction, permission: &str) {
    assert_eq!(error.action, action);
    assert!(matches!(error.cause, StoreErrorCause::AccessDenied { needs } if needs == permission), "{error:?}");
}

fn uri(text: &str) -> S3Uri {
    text.parse().expect("is an S3 URI")
}

fn unusual(key: &str) -> S3Uri {
    S3Uri::new("answers", key).expect("the bucket is named")
}
