//! Labels as a job leaves them: compared, summed up by field, and written as lines of an output manifest. What they say is
//! read by [`ground_truth::label`].

pub(crate) mod field_summary;
pub(crate) mod label_diff;
pub(crate) mod output_line;
