//! A finished job as one HTML file that opens from disk, without a server.
//!
//! - `data`: what the page shows of each object. `field_data`: of one form field of it. `cut`: of long texts. `overview`: of the job and its fields. `worker_page`: of each worker.
//! - `disagreement`: how far answers are apart, object by object.
//! - `images`: where the page finds them. `names`: what workers are called in it.
//! - `page`: the file itself, of `page.html`, `page.css`, `page.js` and the data.
//!
//! Whatever came from workers, manifests and labels is hostile. It enters the page as JSON that no HTML parser can leave
//! (`page::json`), its script puts it into the document as text only, and a content security policy lets nothing run or
//! load but the page's own style and script, by their hashes, and images.

mod cut;
mod data;
mod disagreement;
mod field_data;
mod images;
mod names;
mod overview;
pub(crate) mod page;
mod worker_page;

pub(crate) use data::Report;
pub use images::Images;
pub(crate) use images::{ImageOptions, PageImages};
pub(crate) use names::WorkerNames;
