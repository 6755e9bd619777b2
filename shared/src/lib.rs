//! Consolidation engine for crowdsourced labels (label aggregation, truth inference), and the contract of Amazon SageMaker
//! Ground Truth custom labeling jobs.
//!
//! Several workers (annotators, raters) answered the same questions; this crate says what the answers come to, and how sure
//! that is. It needs no AWS, no runtime and no configuration file.
//!
//! | you have | you call |
//! |---|---|
//! | one category per object and worker: majority vote, Dawid-Skene, GLAD, MACE, EBCC and others by name | [`annotation_kinds::classification::consolidate`]; millions of them, as columns: [`ChoiceTable`] |
//! | several categories each | [`annotation_kinds::multi_label::consolidate`] |
//! | a step of a scale | [`annotation_kinds::ordinal::consolidate`] |
//! | boxes, also turned: what weighted boxes fusion is for | [`annotation_kinds::bounding_box::consolidate`] |
//! | polygons, lines, points | [`polygon`](annotation_kinds::polygon::consolidate), [`polyline`](annotation_kinds::polyline::consolidate), [`keypoint`](annotation_kinds::keypoint::consolidate) |
//! | spans of a text, stretches of a recording | [`text_span`](annotation_kinds::text_span::consolidate), [`time_segment`](annotation_kinds::time_segment::consolidate) |
//! | tracks through a video, cuboids in a point cloud | [`track`](annotation_kinds::track::consolidate), [`cuboid`](annotation_kinds::cuboid::consolidate) |
//! | a class per pixel (STAPLE among others); the pixels of each thing | [`semantic_mask`](annotation_kinds::semantic_mask::consolidate), [`instance_mask`](annotation_kinds::instance_mask::consolidate) |
//! | transcriptions (ROVER), translations, any text | [`annotation_kinds::free_text::consolidate`] |
//! | numbers; dates and times of day | [`number`](annotation_kinds::number::consolidate), [`date`](annotation_kinds::date::consolidate) |
//! | orders of items (Borda, Kemeny, Plackett-Luce); which of two is better (Bradley-Terry, Crowd-BT) | [`ranking`](annotation_kinds::ranking::consolidate), [`pairwise`](annotation_kinds::pairwise::consolidate) |
//! | answers as JSON, of any form | [`ConsolidationPlan::consolidate`] over a [`Batch`] |
//! | columns of indices, and a method in mind | [`consolidation::votes::Votes`] and the functions of [`consolidation`] |
//! | the question how far workers agree (inter-annotator agreement): Krippendorff's alpha, Fleiss' and Cohen's kappa, Gwet's AC1 | [`agreement`] |
//! | labels with gold, and doubts about confidences: calibration error, Brier score, isotonic regression | [`calibration`] |
//! | events and payloads of a labeling job | [`contract`] |
//!
//! All kinds are called alike: [`Answers`] in, one [`Consensus`] per object out, with the kind's `Params` between, whose
//! `STANDARD` (and `Default`) is what the Lambda function uses. Every such function has a complete example where it stands in
//! this documentation, which is also a test; `cargo run -p ground-truth --example every_kind` runs all of them over made-up
//! crowds.
//!
//! ```
//! use ground_truth::Answers;
//! use ground_truth::annotation_kinds::classification::{self, Params};
//!
//! let answers = Answers::from_rows([
//!     ("photo-1", "ana", "otter"),
//!     ("photo-1", "bo", "otter"),
//!     ("photo-1", "cy", "heron"),
//! ]);
//!
//! for consensus in classification::consolidate(&answers, &Params::default()) {
//!     println!("{consensus}"); // photo-1: otter (0.75)
//! }
//! ```
//!
//! # Modules in reading order
//!
//! - [`vocabulary`]: workers, dataset objects, label categories, confidence.
//! - [`typed`]: answers as a program has them, and what comes of them.
//! - [`annotation_kinds`]: what can be answered, one file each, and the registry for answers as JSON.
//! - [`choice_table`]: single choices by the million.
//! - [`geometry`], [`consolidation`]: shapes, and the algorithms after their papers.
//! - [`agreement`]: how far workers agree.
//! - [`calibration`]: whether confidences come true, and how to make them.
//! - [`contract`]: what AWS sends and expects, field by field.
//! - [`s3_uri`], [`store`]: where things lie, and the one trait to reach them.
//! - [`answer`]: one worker's decoded form; every oddity of the wire undone.
//! - [`field_value`]: the value of one field of it, as kinds read it.
//! - [`mask_png`]: masks as the PNG that workers' browsers send.
//! - [`batch`]: what consolidation reads and what it yields; [`payload_batch`] makes the one of a payload file.
//! - [`plan`]: which field is consolidated how; [`document`] reads such configuration.
//! - [`worker_skills`]: how good workers are known to be.
//! - [`label`]: outcomes as the label that goes into the manifest, and labels of finished jobs; [`label_content`]: what they
//!   say.
//! - [`dice`]: reproducible randomness for simulated workers.
//!
//! The crate does no I/O, keeps no clock and logs nothing. It works on one thread, or with the feature `rayon` on as many as
//! there are: either way the same answers give the same bytes.

pub mod agreement;
pub mod annotation_kinds;
pub mod answer;
pub mod batch;
pub mod calibration;
pub mod choice_table;
pub mod consolidation;
pub mod contract;
pub mod dice;
pub mod document;
pub mod field_value;
pub mod geometry;
mod gold;
pub mod label;
pub mod label_content;
pub mod mask_png;
mod parallel;
pub mod payload_batch;
pub mod plan;
pub mod s3_uri;
pub mod store;
pub mod typed;
pub mod vocabulary;
pub mod worker_skills;

// What a first program needs. Within the crate every item is named by its module, so that tests can tell who knows whom.
pub use answer::Answer;
pub use batch::{Batch, DatasetObject, Quorum, RejectedAnswer, Unresolved, WorkerAnswer};
pub use choice_table::ChoiceTable;
pub use plan::{ConsolidationPlan, Outcome};
pub use typed::{Answers, Consensus};
pub use vocabulary::{Confidence, DatasetObjectId, LabelCategory, WorkerId};
