//! Every read of a request: the payload, then the answers it gives by reference. What comes out is pure data.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use ground_truth::answer::Answer;
use ground_truth::batch::{Batch, DatasetObject, RejectedAnswer, SourceKind, WorkerAnswer};
use ground_truth::contract::annotation_consolidation::{AnnotationConsolidationRequest, PayloadLocation};
use ground_truth::contract::payload::{self, ElementError, PayloadObject};
use ground_truth::s3_uri::S3Uri;
use ground_truth::store::{ObjectStore, StoreErrorCause};
use ground_truth::vocabulary::{DatasetObjectId, WorkerId};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::config::{ALLOWED_BUCKETS, Config};
use crate::error::HandleError;

/// The most bytes of a payload file.
const MOST_PAYLOAD_BYTES: u64 = 1 << 30;

/// The most bytes of one answer that is given by reference.
const MOST_ANSWER_BYTES: u64 = 64 << 20;

/// A batch, and what was left aside on the way to it.
#[derive(Debug)]
pub struct Fetched {
    /// The batch.
    pub batch: Batch,
    /// How many answers were read by reference.
    pub n_references: usize,
    /// The places of elements without a readable id, which nothing can be answered about.
    pub without_id: Vec<usize>,
}

/// Reads the whole batch of a request.
///
/// # Errors
/// [`HandleError`] for what concerns the batch as a whole. An answer that is missing, too large, elsewhere or unreadable
/// is a rejected answer instead.
pub async fn fetch(
    request: &AnnotationConsolidationRequest,
    store: &impl ObjectStore,
    config: &Config,
) -> Result<Fetched, HandleError> {
    let (file, mut buckets) = match &request.payload {
        PayloadLocation::S3(uri) => {
            let uri: S3Uri = uri.parse().map_err(HandleError::PayloadUri)?;
            let file = store.get(&uri, MOST_PAYLOAD_BYTES).await.map_err(HandleError::PayloadUnreadable)?;
            (file, vec![uri.bucket().to_owned()])
        }
        // Read like a file, so that there is one way to read a payload.
        PayloadLocation::Inline(elements) => (Value::from(elements.as_slice()).to_string().into_bytes(), Vec::new()),
    };
    let output = request.output_config.as_deref().and_then(|uri| uri.parse::<S3Uri>().ok());
    buckets.extend(output.map(|uri| uri.bucket().to_owned()));
    buckets.extend(config.allowed_buckets.iter().cloned());

    let pending = read(&file).map_err(HandleError::BadPayload)?;
    let n_references =
        pending.objects.iter().flat_map(|object| &object.answers).filter(|one| one.is_reference()).count();
    let objects = stream::iter(pending.objects.into_iter().map(|object| resolve(object, store, &buckets)))
        .buffered(config.max_concurrent_reads)
        .try_collect()
        .await?;
    let batch = Batch {
        objects,
        categories: request.category_names(),
        n_workers_asked: request.max_human_workers_per_data_object,
    };
    Ok(Fetched { batch, n_references, without_id: pending.without_id })
}

/// Reads a payload by its inline answers alone, from its bytes: for the companion, which has no job around it, and for
/// earlier batches. An answer by reference is rejected.
///
/// # Errors
/// [`payload::PayloadError`] when the file is no batch.
pub fn batch_of_file(file: &[u8]) -> Result<Batch, payload::PayloadError> {
    let reject = |answer| match answer {
        PendingAnswer::Read(read) => read,
        PendingAnswer::Reference { worker_id, .. } => {
            Err(rejected(Some(worker_id), "the answer lies in S3 and not in this file"))
        }
    };
    let objects = read(file)?.objects.into_iter();
    let objects =
        objects.map(|object| DatasetObject::new(object.id, object.source, object.answers.into_iter().map(reject)));
    Ok(Batch { objects: objects.collect(), ..Batch::default() })
}

struct Pending {
    objects: Vec<PendingObject>,
    without_id: Vec<usize>,
}

struct PendingObject {
    id: DatasetObjectId,
    source: Option<SourceKind>,
    answers: Vec<PendingAnswer>,
}

enum PendingAnswer {
    Read(Result<WorkerAnswer, RejectedAnswer>),
    Reference { worker_id: WorkerId, uri: String },
}

impl PendingAnswer {
    fn is_reference(&self) -> bool {
        matches!(self, Self::Reference { .. })
    }
}

/// Splits and decodes a payload file. An object that stands twice in it (the service does not do that) is one object with
/// all its answers, so that the response never has an id twice.
fn read(file: &[u8]) -> Result<Pending, payload::PayloadError> {
    let (mut objects, mut without_id) = (Vec::<PendingObject>::new(), Vec::new());
    let mut place_of = BTreeMap::new();
    for (place, element) in payload::elements(file)?.into_iter().enumerate() {
        let object = match payload::object(element) {
            Ok(object) => pending_object(object),
            Err(ElementError::Annotations { id }) => {
                let reason = ElementError::Annotations { id: id.clone() }.to_string();
                PendingObject { id, source: None, answers: vec![PendingAnswer::Read(Err(rejected(None, reason)))] }
            }
            Err(ElementError::NoId) => {
                without_id.push(place);
                continue;
            }
        };
        let known = *place_of.entry(object.id.clone()).or_insert(objects.len());
        match objects.get_mut(known) {
            Some(same) => same.answers.extend(object.answers),
            None => objects.push(object),
        }
    }
    Ok(Pending { objects, without_id })
}

fn pending_object(object: PayloadObject<'_>) -> PendingObject {
    let source = object.data_object.and_then(|data_object| {
        let members: BTreeMap<&str, &RawValue> = serde_json::from_str(data_object.get()).ok()?;
        let has = |name| members.contains_key(name);
        if has("s3Uri") { Some(SourceKind::File) } else { has("content").then_some(SourceKind::Text) }
    });
    let annotations = object.annotations.unwrap_or_default();
    PendingObject {
        id: object.dataset_object_id,
        source,
        answers: annotations.into_iter().map(pending_answer).collect(),
    }
}

fn pending_answer(annotation: &RawValue) -> PendingAnswer {
    let annotation = match payload::annotation(annotation) {
        Ok(annotation) => annotation,
        Err(error) => {
            let reason = error.to_string();
            let worker_id = match error {
                payload::AnnotationError::Data { worker_id } => Some(worker_id),
                payload::AnnotationError::NoWorker => None,
            };
            return PendingAnswer::Read(Err(rejected(worker_id, reason)));
        }
    };
    let worker_id = annotation.worker_id;
    match (annotation.annotation_data.content, annotation.annotation_data.reference()) {
        (Some(content), _) => PendingAnswer::Read(decode(worker_id, &content_text(content))),
        (None, Some(uri)) => PendingAnswer::Reference { worker_id, uri: uri.to_owned() },
        (None, None) => {
            PendingAnswer::Read(Err(rejected(Some(worker_id), "`annotationData` has neither `content` nor `s3Uri`")))
        }
    }
}

/// The answer's JSON text: the string's content, or, where somebody wrote the answer as an object, that object itself.
fn content_text(content: &RawValue) -> String {
    serde_json::from_str::<String>(content.get()).unwrap_or_else(|_| content.get().to_owned())
}

fn decode(worker_id: WorkerId, text: &str) -> Result<WorkerAnswer, RejectedAnswer> {
    match Answer::decode(text) {
        Ok(answer) => Ok(WorkerAnswer { worker_id, answer }),
        Err(error) => Err(rejected(Some(worker_id), error.to_string())),
    }
}

fn rejected(worker_id: Option<WorkerId>, reason: impl Into<String>) -> RejectedAnswer {
    RejectedAnswer { worker_id, reason: reason.into() }
}

/// Reads the answers that an object has by reference, one after the other; objects are read side by side.
async fn resolve(
    object: PendingObject,
    store: &impl ObjectStore,
    buckets: &[String],
) -> Result<DatasetObject, HandleError> {
    let mut answers = Vec::with_capacity(object.answers.len());
    for answer in object.answers {
        answers.push(match answer {
            PendingAnswer::Read(answer) => answer,
            PendingAnswer::Reference { worker_id, uri } => read_reference(worker_id, &uri, store, buckets).await?,
        });
    }
    Ok(DatasetObject::new(object.id, object.source, answers))
}

async fn read_reference(
    worker_id: WorkerId,
    uri: &str,
    store: &impl ObjectStore,
    buckets: &[String],
) -> Result<Result<WorkerAnswer, RejectedAnswer>, HandleError> {
    let uri: S3Uri = match uri.parse() {
        Ok(uri) => uri,
        Err(_) => return Ok(Err(rejected(Some(worker_id), "the answer's `s3Uri` is no S3 URI"))),
    };
    if !buckets.iter().any(|bucket| bucket == uri.bucket()) {
        let reason = format!("the answer lies in bucket `{}`; name it in {ALLOWED_BUCKETS} to trust it", uri.bucket());
        return Ok(Err(rejected(Some(worker_id), reason)));
    }
    match store.get(&uri, MOST_ANSWER_BYTES).await {
        Ok(bytes) => Ok(match String::from_utf8(bytes) {
            Ok(text) => decode(worker_id, &text),
            Err(_) => Err(rejected(Some(worker_id), "the answer is not UTF-8")),
        }),
        Err(error) => match error.cause {
            StoreErrorCause::NotFound => Ok(Err(rejected(Some(worker_id), "the answer's object does not exist"))),
            StoreErrorCause::TooLarge { limit } => {
                Ok(Err(rejected(Some(worker_id), format!("the answer has more than {limit} bytes"))))
            }
            StoreErrorCause::AccessDenied { .. } | StoreErrorCause::Other(_) => {
                Err(HandleError::AnswerUnreadable(error))
            }
        },
    }
}
