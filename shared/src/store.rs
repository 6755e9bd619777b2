//! The one seam between the engine and the world: reading, writing and listing whole objects by S3 URI.
//!
//! [`MemoryStore`] stands beside the trait for tests and examples. The Lambda function brings the store over S3, the
//! companion one over a folder; all of them pass one shared suite of tests.
//!
//! A store of your own is three methods, each an asynchronous block in a box:
//!
//! ```
//! use ground_truth::s3_uri::S3Uri;
//! use ground_truth::store::{Listed, MemoryStore, ObjectStore, StoreAction, StoreError, StoreErrorCause, StoreFuture};
//!
//! /// A store that takes no writes.
//! struct ReadOnly<S>(S);
//!
//! impl<S: ObjectStore> ObjectStore for ReadOnly<S> {
//!     fn get<'a>(&'a self, uri: &'a S3Uri, limit: u64) -> StoreFuture<'a, Vec<u8>> {
//!         self.0.get(uri, limit)
//!     }
//!
//!     fn put<'a>(&'a self, uri: &'a S3Uri, _: Vec<u8>, _: Option<&'a str>) -> StoreFuture<'a, ()> {
//!         Box::pin(async move {
//!             let cause = StoreErrorCause::AccessDenied { needs: "s3:PutObject" };
//!             Err(StoreError { action: StoreAction::Put, uri: uri.clone(), cause })
//!         })
//!     }
//!
//!     fn list<'a>(&'a self, prefix: &'a S3Uri, limit: usize) -> StoreFuture<'a, Vec<Listed>> {
//!         self.0.list(prefix, limit)
//!     }
//! }
//!
//! let any: Box<dyn ObjectStore> = Box::new(ReadOnly(MemoryStore::new()));
//! ```

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::s3_uri::S3Uri;

/// What a store will have to say about one request. In a box, so that a store can be chosen at run time (`&dyn ObjectStore`):
/// nothing beside a read over the network.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Whole objects by S3 URI.
pub trait ObjectStore: Send + Sync {
    /// The bytes of the object at `uri`, if they are at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`], whose cause tells a missing object from a refused or failed read.
    fn get<'a>(&'a self, uri: &'a S3Uri, limit: u64) -> StoreFuture<'a, Vec<u8>>;

    /// Writes `bytes` to `uri`, over what was there; encrypted with `kms_key_id` when one is given.
    ///
    /// # Errors
    /// [`StoreError`] when the object could not be written.
    fn put<'a>(&'a self, uri: &'a S3Uri, bytes: Vec<u8>, kms_key_id: Option<&'a str>) -> StoreFuture<'a, ()>;

    /// The objects whose key starts with the key of `prefix`, which need not end at a slash, in the order of the bytes of
    /// their keys: at most the first `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the bucket could not be listed.
    fn list<'a>(&'a self, prefix: &'a S3Uri, limit: usize) -> StoreFuture<'a, Vec<Listed>>;
}

/// An object, as a store lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The object's URI.
    pub uri: S3Uri,
    /// Its size in bytes.
    pub n_bytes: u64,
}

/// What went wrong with one object.
#[derive(Debug, thiserror::Error)]
#[error("{action} `{uri}`")]
pub struct StoreError {
    /// The request that failed.
    pub action: StoreAction,
    /// The object, or the prefix that was listed.
    pub uri: S3Uri,
    /// What the store said.
    #[source]
    pub cause: StoreErrorCause,
}

/// A request to a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreAction {
    /// Read one object.
    Get,
    /// Write one object.
    Put,
    /// List the objects below a prefix.
    List,
}

impl std::fmt::Display for StoreAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Get => "cannot read",
            Self::Put => "cannot write",
            Self::List => "cannot list",
        })
    }
}

/// Why a request to a store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreErrorCause {
    /// There is no such object. S3 says so only to those who may list the bucket.
    #[error("there is no such object")]
    NotFound,
    /// The caller may not. S3 says this also of a missing object to those who may not list the bucket.
    #[error(
        "access denied: the function's role needs {needs} there, and the use of the bucket's KMS key if it has one"
    )]
    AccessDenied {
        /// The permission that would help.
        needs: &'static str,
    },
    /// The object is larger than the reader is willing to hold.
    #[error("the object has more than {limit} bytes")]
    TooLarge {
        /// The reader's bound, in bytes.
        limit: u64,
    },
    /// Anything else, after the store's own retries.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

/// A store that lives in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    objects: Mutex<BTreeMap<S3Uri, Vec<u8>>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same store with one object more.
    #[must_use]
    pub fn with(self, uri: &S3Uri, bytes: impl Into<Vec<u8>>) -> Self {
        self.lock().insert(uri.clone(), bytes.into());
        self
    }

    /// Every object that is there, in the order of their URIs.
    pub fn uris(&self) -> Vec<S3Uri> {
        self.lock().keys().cloned().collect()
    }

    /// A poisoned lock only means that another test thread panicked; the map itself is whole.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<S3Uri, Vec<u8>>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ObjectStore for MemoryStore {
    fn get<'a>(&'a self, uri: &'a S3Uri, limit: u64) -> StoreFuture<'a, Vec<u8>> {
        Box::pin(async move {
            let failed = |cause| StoreError { action: StoreAction::Get, uri: uri.clone(), cause };
            let bytes = self.lock().get(uri).cloned().ok_or_else(|| failed(StoreErrorCause::NotFound))?;
            if bytes.len() as u64 > limit {
                return Err(failed(StoreErrorCause::TooLarge { limit }));
            }
            Ok(bytes)
        })
    }

    fn put<'a>(&'a self, uri: &'a S3Uri, bytes: Vec<u8>, _kms_key_id: Option<&'a str>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.lock().insert(uri.clone(), bytes);
            Ok(())
        })
    }

    fn list<'a>(&'a self, prefix: &'a S3Uri, limit: usize) -> StoreFuture<'a, Vec<Listed>> {
        Box::pin(async move {
            let objects = self.lock();
            let from_prefix = objects.range(prefix..);
            let below = from_prefix
                .take_while(|(uri, _)| uri.bucket() == prefix.bucket() && uri.key().starts_with(prefix.key()))
                .map(|(uri, bytes)| Listed { uri: uri.clone(), n_bytes: bytes.len() as u64 });
            Ok(below.take(limit).collect())
        })
    }
}
