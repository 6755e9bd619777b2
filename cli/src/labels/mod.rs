//! Labels as a job leaves them: read, compared, summed up by field, and written as lines of an output manifest.

pub(crate) mod field_summary;
pub(crate) mod job_label;
pub(crate) mod label_diff;
pub(crate) mod output_line;
