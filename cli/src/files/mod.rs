//! Files that the companion reads and writes, whatever they are about.

pub mod document_file;
pub(crate) mod json_lines;
pub(crate) mod output_folder;
pub(crate) mod whole_file;
pub(crate) mod wire_time;
pub(crate) mod worker_response_tree;
