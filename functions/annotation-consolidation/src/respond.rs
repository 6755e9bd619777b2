//! From outcomes to the response: one entry per object in payload order, the policy for objects without a label, and the
//! bound of Lambda's responses.

use ground_truth::batch::Batch;
use ground_truth::contract::annotation_consolidation::{
    AnnotationConsolidationRequest, ConsolidatedAnnotation, ConsolidatedObject, PayloadLocation,
};
use ground_truth::label::{self, Fallback, JobFacts};
use ground_truth::plan::{ConsolidationPlan, Outcome};
use ground_truth::s3_uri::S3Uri;
use ground_truth::store::ObjectStore;
use serde_json::json;

use crate::error::HandleError;
use crate::role;

/// The most bytes of a response that Lambda surely returns: 6 MB, less a little for the envelope it does not show.
const MAX_RESPONSE_BYTES: usize = 6 * 1024 * 1024 - 16 * 1024;

/// The folder below the job's `annotations` folder that large labels go to: beside Ground Truth's own, never inside.
const LARGE_LABELS: &str = "large-labels";

/// What to do about a response that cannot be made smaller.
const NEEDS_OUTPUT_PATH: &str = "the event has no usable `outputConfig` to put large labels into: \
                                 give the labeling job an output path, or consolidate fewer objects at a time";
const NEEDS_FEWER_OBJECTS: &str =
    "it would be too large even with its labels in S3: consolidate fewer objects at a time";

/// The most characters of a text in a key: S3 takes 1024 bytes in all.
const MAX_SEGMENT_CHARACTERS: usize = 128;

/// What goes back to Ground Truth, and what there is to say about it.
#[derive(Debug)]
pub struct Response {
    /// The entries: the bare array that the service expects.
    pub entries: Vec<ConsolidatedObject>,
    /// How many objects got no entry.
    pub n_omitted: usize,
    /// Why the labels are not in the shape that the plan asks for.
    pub fallback: Option<Fallback>,
}

/// Writes each object's entry. An object without a usable answer is omitted or gets a label that says so, as the plan
/// has it: only here can an object be left out.
pub fn respond(
    plan: &ConsolidationPlan,
    batch: &Batch,
    outcomes: &[Outcome],
    request: &AnnotationConsolidationRequest,
) -> Response {
    let creation_date = batch_time(&request.payload);
    let labels = label::write(
        plan,
        batch,
        outcomes,
        JobFacts {
            label_attribute_name: &request.label_attribute_name,
            labeling_job_name: role::labeling_job_name(request),
            creation_date: creation_date.as_deref(),
        },
    );
    let entry = |(idx, outcome): (usize, &Outcome)| {
        Some(ConsolidatedObject {
            dataset_object_id: outcome.id.clone(),
            consolidated_annotation: ConsolidatedAnnotation { content: labels.content(idx)? },
        })
    };
    let entries: Vec<ConsolidatedObject> = outcomes.iter().enumerate().filter_map(entry).collect();
    Response { n_omitted: outcomes.len() - entries.len(), entries, fallback: labels.fallback }
}

/// When the batch was made: the service names the payload file after it (`2024-05-06_07:08:09.json`).
fn batch_time(payload: &PayloadLocation) -> Option<String> {
    let PayloadLocation::S3(uri) = payload else { return None };
    let (date, time) = uri.rsplit('/').next()?.strip_suffix(".json")?.split_once('_')?;
    let looks_like = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.chars().zip(shape.chars()).all(|(c, s)| if s == '0' { c.is_ascii_digit() } else { c == s })
    };
    (looks_like(date, "0000-00-00") && looks_like(time, "00:00:00")).then(|| format!("{date}T{time}.000000"))
}

/// Brings the response under Lambda's bound: the largest labels are written to S3, one object each, and replaced by
/// `{"s3Uri": …, "bytes": …}`, until the rest fits. Nothing is written when even that would not be enough. Repeating an
/// invocation writes the same bytes to the same URIs.
///
/// # Errors
/// [`HandleError::ResponseTooLarge`] and [`HandleError::LabelNotWritten`], which say what to configure.
pub(crate) async fn fit(
    entries: &mut [ConsolidatedObject],
    request: &AnnotationConsolidationRequest,
    store: &dyn ObjectStore,
) -> Result<usize, HandleError> {
    let sizes: Vec<usize> = entries.iter().map(|entry| json_bytes(entry) + 1).collect();
    let n_bytes = sizes.iter().sum::<usize>() + 1;
    if n_bytes <= MAX_RESPONSE_BYTES {
        return Ok(0);
    }
    let too_large = |remedy| HandleError::ResponseTooLarge { n_bytes, remedy };
    let folder = large_label_folder(request).ok_or_else(|| too_large(NEEDS_OUTPUT_PATH))?;
    let mut n_left = n_bytes;
    let mut largest_first: Vec<usize> = (0..entries.len()).collect();
    largest_first.sort_by_key(|idx| (std::cmp::Reverse(sizes[*idx]), *idx));
    let mut large_labels = Vec::new();
    for idx in largest_first {
        if n_left <= MAX_RESPONSE_BYTES {
            break;
        }
        let entry = &mut entries[idx];
        let uri = folder.join(&format!("{idx}-{}.json", in_a_key(entry.dataset_object_id.as_str())));
        let Some(label) = entry.consolidated_annotation.content.get_mut(&request.label_attribute_name) else {
            continue;
        };
        let bytes = label.to_string().into_bytes();
        *label = json!({ "s3Uri": uri, "bytes": bytes.len() });
        n_left = n_left - sizes[idx] + json_bytes(entry) + 1;
        large_labels.push((uri, bytes));
    }
    if n_left > MAX_RESPONSE_BYTES {
        return Err(too_large(NEEDS_FEWER_OBJECTS));
    }
    let n_moved = large_labels.len();
    let kms_key_id = request.kms_key_id.as_deref().filter(|key| !key.is_empty());
    for (uri, bytes) in large_labels {
        store.put(&uri, bytes, kms_key_id).await.map_err(|cause| HandleError::LabelNotWritten { n_bytes, cause })?;
    }
    Ok(n_moved)
}

/// `<outputConfig>/large-labels/<payload file>`, so that no two batches share a folder.
fn large_label_folder(request: &AnnotationConsolidationRequest) -> Option<S3Uri> {
    let output: S3Uri = request.output_config.as_deref()?.parse().ok()?;
    let batch = match &request.payload {
        PayloadLocation::S3(uri) => uri.rsplit('/').next().map(|file| file.trim_end_matches(".json"))?,
        PayloadLocation::Inline(_) => "inline",
    };
    Some(output.join(LARGE_LABELS).join(&in_a_key(batch)))
}

/// A text as a segment of a key, as far as it fits: ids of streaming jobs are URIs, and hold slashes.
fn in_a_key(text: &str) -> String {
    text.chars()
        .take(MAX_SEGMENT_CHARACTERS)
        .map(|c| if c.is_ascii_alphanumeric() || "-_.:".contains(c) { c } else { '_' })
        .collect()
}

/// The length of the entry as JSON, without writing it anywhere.
fn json_bytes(entry: &ConsolidatedObject) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Entries have text keys, so they always serialize; should one not, its size stays 0 and the runtime reports it.
    let _ = serde_json::to_writer(&mut count, entry);
    count.0
}
