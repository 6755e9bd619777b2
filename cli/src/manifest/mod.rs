//! Manifests: checked by every rule of the service, mended, and made.
//!
//! In reading order:
//! - [`check`]: the pass over the bytes, line by line, and what it reports.
//! - `rules`: one small function per rule, named by its id; `expectations`: what they measure by.
//! - `problems`: what they find, capped. `facts`: what the manifest holds, for the summary and for the rules of the job.
//! - `local_files`: the data objects themselves, where they are at hand; `sequence_file`, `point_cloud`: files that
//!   list frames.
//! - `of_a_job`: the same for the plan of a job. `data_object`: one line.
//! - `repair`: what can be mended without guessing.
//! - `new_manifest`: one that is made line by line, of `folder_lines`, of `table_lines`, or of what is in S3.
//! - `input_file`, `output_file`: where manifests are read from and written to.
//!
//! Source: the developer guide (sms-input-data-input-manifest, input-data-limits, sms-supported-data-formats and the
//! pages of video frames and point clouds).

pub(crate) mod check;
mod data_object;
pub(crate) mod expectations;
mod facts;
pub(crate) mod folder_lines;
pub(crate) mod input_file;
pub(crate) mod local_files;
pub(crate) mod new_manifest;
mod of_a_job;
pub(crate) mod output_file;
mod point_cloud;
mod problems;
pub(crate) mod repair;
pub(crate) mod rules;
mod sequence_file;
pub(crate) mod table_lines;

pub(crate) use data_object::data_object;
pub(crate) use of_a_job::facts_and_problems;
