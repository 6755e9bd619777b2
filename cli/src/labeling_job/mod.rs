//! What AWS demands of a labeling job: the members of CreateLabelingJob and the rules between them. Pure: no files, no
//! network, no AWS.
//!
//! - [`JobSpec`]: the request as it stands in a job file, our `gtruth` member included; [`JobSpec::problems`] checks it.
//! - `schema`: every member with its type and bounds, as one table; `shape` checks a value against it.
//! - `rules`: what no table of types can say, one small function per rule, named by its id. They judge by [`Evidence`].
//! - `label_category_file`: the members of such a file, checked. [`WorkerCost`]: what the workers of a job are paid.
//! - [`TaskType`]: what each task of AWS's asks of a job. [`builtin_arns`]: what AWS keeps where.
//! - `scope`: what matters only for a job that AWS runs. [`Arn`]: what the ARNs of a job tell.
//!
//! Source: the API model of SageMaker (CreateLabelingJob) and the developer guide. A check reports all it finds, since
//! a job file is mended faster once than line by line.

mod arn;
pub mod builtin_arns;
mod evidence;
mod gtruth_section;
pub(crate) mod inline_label_categories;
mod job_spec;
mod json_schema;
mod label_category_file;
mod pattern;
mod rules;
mod schema;
mod scope;
mod shape;
mod task_types;
#[cfg(test)]
pub(crate) mod testing;
mod uploads;
mod variables;
mod worker_cost;

pub use arn::Arn;
pub use evidence::{Evidence, ManifestFacts};
pub use gtruth_section::{FileOrInline, GtruthSection};
pub use inline_label_categories::InlineLabelCategories;
pub use job_spec::{JobSpec, path};
pub use json_schema::json_schema;
pub use rules::{CatalogueEntry, Rule, Verdict};
pub use shape::is_local_path;
pub use task_types::{CUSTOM, Interface, Modality, RefSuffix, SourceMember, Stage, TaskType, UnknownFunction};
pub use uploads::{Upload, UploadContent};
pub use variables::fill_in;
pub use worker_cost::{WorkerCost, dollars};
