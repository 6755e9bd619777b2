//! Contract and consolidation engine for Amazon SageMaker Ground Truth custom labeling jobs.
//!
//! In reading order:
//!
//! - [`vocabulary`]: workers, dataset objects, label categories, confidence.
//! - [`contract`]: what AWS sends and expects, field by field.
//! - [`s3_uri`], [`store`]: where things lie, and the one trait to reach them.
//! - [`answer`]: one worker's decoded form; every oddity of the wire undone.
//! - [`mask_png`]: masks as the PNG that workers' browsers send.
//! - [`batch`]: what consolidation reads and what it yields.
//! - [`geometry`], [`consolidation`]: shapes, and the algorithms after their papers.
//! - [`agreement`]: how far workers agree.
//! - [`calibration`]: whether confidences come true, and how to make them.
//! - [`annotation_kinds`]: what a form field can hold, one file each, and the registry.
//! - [`plan`]: which field is consolidated how; [`document`] reads such configuration.
//! - [`worker_skills`]: how good workers are known to be.
//! - [`label`]: outcomes as the label that goes into the manifest.
//! - [`dice`]: reproducible randomness for simulated workers.
//!
//! The crate does no I/O, keeps no clock, starts no thread and logs nothing: the same payload gives the same bytes.

pub mod agreement;
pub mod annotation_kinds;
pub mod answer;
pub mod batch;
pub mod calibration;
pub mod consolidation;
pub mod contract;
pub mod dice;
pub mod document;
pub mod geometry;
mod gold;
pub mod label;
pub mod mask_png;
pub mod plan;
pub mod s3_uri;
pub mod store;
pub mod vocabulary;
pub mod worker_skills;
