//! AnnotationConsolidationLambda: from many workers' answers to one label per data object.
//!
//! In reading order: [`config`] (what is read once, at cold start), [`handler`] (the journey of a request), `fetch` (every
//! read of the batch), `history` (the job's earlier batches), [`respond`] (what is returned, and the policy for objects
//! without a label), [`plan_source`] (whose plan), [`role`] (whose permissions), [`s3_store`] (the only file that names the
//! S3 client), [`error`] (what fails an invocation).

pub mod config;
pub mod error;
mod fetch;
pub mod handler;
mod history;
pub mod plan_source;
pub mod respond;
pub mod role;
pub mod s3_store;

pub use config::{Config, ConfigError};
pub use error::HandleError;
pub use handler::{Function, Handled};
