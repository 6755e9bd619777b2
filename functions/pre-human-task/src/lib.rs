//! PreHumanTaskLambda: from a manifest line to what the worker template sees under `task.input`, and whether workers see
//! the object at all. No I/O: the binary hands in the configuration, the companion calls the very same [`handle`].

pub mod config;
pub mod error;
pub mod handler;
pub mod human_annotation;
pub mod task_input;

pub use config::Config;
pub use error::HandleError;
pub use handler::{handle, handle_event};
