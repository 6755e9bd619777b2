//! AnnotationConsolidationLambda: from many workers' answers to one label per data object.
//!
//! In reading order: [`config`] (what is read once, at cold start), [`handler`] (the journey of a request), `fetch` (every
//! read of the batch), `history` (the job's earlier batches), [`respond`] (what is returned, and the policy for objects
//! without a label), [`plan_source`] (whose plan), [`role`] (whose permissions), `s3_store` (the only file that names the
//! S3 client), [`error`] (what fails an invocation).
//!
//! # A function of your own
//!
//! [`Function::handle`] is the whole function but for S3. With `default-features = false` no AWS crate is built, and any
//! [`ObjectStore`](ground_truth::store::ObjectStore) will do: a database, a folder, another cloud.
//!
//! ```
//! use annotation_consolidation::{Config, Function, HandleError, Handled};
//! use ground_truth::contract::read_request;
//! use ground_truth::s3_uri::S3Uri;
//! use ground_truth::store::{Listed, ObjectStore, StoreAction, StoreError, StoreErrorCause, StoreFuture};
//! use serde_json::{Value, json};
//!
//! /// The payload of the day, whatever is asked for.
//! struct Archive;
//!
//! const PAYLOAD: &[u8] = br#"[{"datasetObjectId": "0", "annotations": [
//!     {"workerId": "ana", "annotationData": {"content": "{\"animal\": {\"label\": \"otter\"}}"}}]}]"#;
//!
//! impl ObjectStore for Archive {
//!     fn get<'a>(&'a self, _: &'a S3Uri, _: u64) -> StoreFuture<'a, Vec<u8>> {
//!         Box::pin(async { Ok(PAYLOAD.to_vec()) })
//!     }
//!
//!     fn put<'a>(&'a self, uri: &'a S3Uri, _: Vec<u8>, _: Option<&'a str>) -> StoreFuture<'a, ()> {
//!         let cause = StoreErrorCause::Other("the archive takes nothing".into());
//!         Box::pin(async move { Err(StoreError { action: StoreAction::Put, uri: uri.clone(), cause }) })
//!     }
//!
//!     fn list<'a>(&'a self, _: &'a S3Uri, _: usize) -> StoreFuture<'a, Vec<Listed>> {
//!         Box::pin(async { Ok(Vec::new()) })
//!     }
//! }
//!
//! /// With `lambda_runtime` it is called by `run(service_fn(…))`; its error is a `Diagnostic` already.
//! async fn answer(function: &Function, event: &Value) -> Result<Handled, HandleError> {
//!     let request = read_request(event).map_err(HandleError::BadEvent)?;
//!     let plan = function.plan_for(&request, &Archive).await?;
//!     function.handle(&request, &Archive, &plan).await
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let function = Function::new(Config::default())?;
//! let event = json!({"labelAttributeName": "survey", "payload": {"s3Uri": "s3://archive/today.json"}});
//! let handled = answer(&function, &event).await?;
//! assert_eq!(handled.entries[0].consolidated_annotation.content["survey"]["animal"]["label"], "otter");
//! assert_eq!(handled.outcomes[0].n_answers, 1);
//! # Ok(())
//! # })
//! # }
//! ```

pub mod config;
pub mod error;
mod fetch;
pub mod handler;
mod history;
pub mod plan_source;
pub mod respond;
pub mod role;
#[cfg(feature = "s3")]
pub mod s3_store;

pub use config::{Config, ConfigError};
pub use error::HandleError;
pub use handler::{Function, Handled};
