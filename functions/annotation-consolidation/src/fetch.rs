//! Every read of a request: the payload, then the answers it gives by reference. What comes out is pure data.

use futures_util::{StreamExt, TryStreamExt, stream};
use ground_truth::batch::{Batch, DatasetObject, RejectedAnswer, WorkerAnswer};
use ground_truth::contract::annotation_consolidation::{AnnotationConsolidationRequest, PayloadLocation};
use ground_truth::payload_batch::{PayloadAnswer, PayloadBatch, PayloadBatchObject};
use ground_truth::s3_uri::S3Uri;
use ground_truth::store::{ObjectStore, StoreErrorCause};
use ground_truth::vocabulary::WorkerId;
use serde_json::Value;

use crate::config::{ALLOWED_BUCKETS, Config};
use crate::error::HandleError;

/// The most bytes of a payload file.
const MAX_PAYLOAD_BYTES: u64 = 1 << 30;

/// The most bytes of one answer that is given by reference.
const MAX_ANSWER_BYTES: u64 = 64 << 20;

/// A batch, and what was left aside on the way to it.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// All objects of the payload, with the answers given by reference.
    pub(crate) batch: Batch,
    /// How many answers were read by reference.
    pub(crate) n_references: usize,
    /// The indices of elements without a readable id: nothing can be answered about them.
    pub(crate) elements_without_id: Vec<usize>,
}

/// Reads the whole batch of a request.
///
/// # Errors
/// [`HandleError`] for what concerns the batch as a whole. An answer that is missing, too large, elsewhere or unreadable
/// is a rejected answer instead.
pub(crate) async fn fetch(
    request: &AnnotationConsolidationRequest,
    store: &dyn ObjectStore,
    config: &Config,
) -> Result<Fetched, HandleError> {
    let (file, mut buckets) = match &request.payload {
        PayloadLocation::S3(uri) => {
            let uri: S3Uri = uri.parse().map_err(HandleError::PayloadUri)?;
            let file = store.get(&uri, MAX_PAYLOAD_BYTES).await.map_err(HandleError::PayloadUnreadable)?;
            (file, vec![uri.bucket().to_owned()])
        }
        // Read like a file, so that there is one way to read a payload.
        PayloadLocation::Inline(elements) => (Value::from(elements.as_slice()).to_string().into_bytes(), Vec::new()),
    };
    let output = request.output_config.as_deref().and_then(|uri| uri.parse::<S3Uri>().ok());
    buckets.extend(output.map(|uri| uri.bucket().to_owned()));
    buckets.extend(config.allowed_buckets.iter().cloned());

    let payload = PayloadBatch::read(&file).map_err(HandleError::BadPayload)?;
    let n_references = payload.n_references();
    let objects = stream::iter(payload.objects.into_iter().map(|object| resolve(object, store, &buckets)))
        .buffered(config.max_concurrent_reads.get())
        .try_collect()
        .await?;
    let elements_without_id = payload.elements_without_id;
    Ok(Fetched { batch: request.batch_of(objects), n_references, elements_without_id })
}

/// Reads the answers that an object has by reference, one after the other; objects are read side by side.
async fn resolve(
    object: PayloadBatchObject,
    store: &dyn ObjectStore,
    buckets: &[String],
) -> Result<DatasetObject, HandleError> {
    let mut answers = Vec::with_capacity(object.answers.len());
    for answer in object.answers {
        answers.push(match answer {
            PayloadAnswer::Inline(answer) => answer,
            PayloadAnswer::Reference { worker_id, uri } => read_reference(worker_id, &uri, store, buckets).await?,
        });
    }
    Ok(DatasetObject::new(object.id, object.source, answers))
}

async fn read_reference(
    worker_id: WorkerId,
    uri: &str,
    store: &dyn ObjectStore,
    buckets: &[String],
) -> Result<Result<WorkerAnswer, RejectedAnswer>, HandleError> {
    let uri: S3Uri = match uri.parse() {
        Ok(uri) => uri,
        Err(_) => return Ok(Err(RejectedAnswer::new(Some(worker_id), "the answer's `s3Uri` is not a valid S3 URI"))),
    };
    if !buckets.iter().any(|bucket| bucket == uri.bucket()) {
        let reason = format!("the answer lies in bucket `{}`; name it in {ALLOWED_BUCKETS} to trust it", uri.bucket());
        return Ok(Err(RejectedAnswer::new(Some(worker_id), reason)));
    }
    match store.get(&uri, MAX_ANSWER_BYTES).await {
        Ok(bytes) => Ok(match String::from_utf8(bytes) {
            Ok(text) => WorkerAnswer::decode(worker_id, &text),
            Err(_) => Err(RejectedAnswer::new(Some(worker_id), "the answer is not UTF-8")),
        }),
        Err(error) => match error.cause {
            StoreErrorCause::NotFound => {
                Ok(Err(RejectedAnswer::new(Some(worker_id), "the answer's object does not exist")))
            }
            StoreErrorCause::TooLarge { limit } => {
                Ok(Err(RejectedAnswer::new(Some(worker_id), format!("the answer has more than {limit} bytes"))))
            }
            StoreErrorCause::AccessDenied { .. } | StoreErrorCause::Other(_) => {
                Err(HandleError::AnswerUnreadable(error))
            }
        },
    }
}
