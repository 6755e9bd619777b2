//! The journey of one request.

use std::time::Instant;

use ground_truth::contract;
use ground_truth::contract::annotation_consolidation::{AnnotationConsolidationRequest, ConsolidatedObject};
use ground_truth::plan::{ConsolidationPlan, Outcome};
use ground_truth::store::ObjectStore;
use serde_json::Value;

use crate::config::Config;
use crate::error::{HandleError, with_sources};
use crate::history::EarlierBatches;
use crate::respond::Response;
use crate::s3_store::S3Stores;
use crate::{fetch, respond, role};

/// The most warnings of one sort in one invocation; the closing line counts them all.
const MOST_WARNINGS: usize = 20;

/// Answers one event as Lambda delivers it: reads the request, picks the plan (with the function's own role) and the role
/// for everything else, and handles it.
///
/// # Errors
/// [`HandleError`], for what concerns the batch as a whole.
pub async fn handle_event(
    event: &Value,
    stores: &S3Stores,
    config: &Config,
) -> Result<Vec<ConsolidatedObject>, HandleError> {
    let request: AnnotationConsolidationRequest = contract::read_request(event).map_err(HandleError::BadEvent)?;
    let plan = config.plan_source.plan_for(role::labeling_job_name(&request), stores.own()).await?;
    match role::to_assume(&request, config)? {
        None => handle(&request, stores.own(), &plan, config).await,
        Some(role_arn) => handle(&request, &stores.assuming(role_arn).await, &plan, config).await,
    }
}

/// Consolidates one batch: read everything, think, answer. Stateless: the same request gives the same bytes, as what a
/// warm function remembers of the job's earlier batches is what it would read again. Only a history that was cut short can
/// differ, and that is warned of.
///
/// # Errors
/// [`HandleError`], for what concerns the batch as a whole.
pub async fn handle(
    request: &AnnotationConsolidationRequest,
    store: &dyn ObjectStore,
    plan: &ConsolidationPlan,
    config: &Config,
) -> Result<Vec<ConsolidatedObject>, HandleError> {
    let started = Instant::now();
    let fetched = fetch::fetch(request, store, config).await?;
    let fetch_ms = started.elapsed().as_millis() as u64;
    let role = role::acting(request, config);
    let earlier = config.job_history.before(&request.payload, store, role, config.max_concurrent_reads).await;
    let history_ms = started.elapsed().as_millis() as u64 - fetch_ms;

    let outcomes = plan.consolidate_after(earlier.objects(), &fetched.batch);
    let Response { mut entries, n_omitted, fallback } = respond::respond(plan, &fetched.batch, &outcomes, request);
    let n_large_labels = respond::fit(&mut entries, request, store).await?;

    warn_of_failures(&outcomes);
    warn_of_missing_history(&earlier);
    for place in &fetched.elements_without_id {
        tracing::warn!(place, "an element of the payload has no `datasetObjectId` and is left out");
    }
    if let Some(fallback) = fallback {
        tracing::warn!(reason = %fallback, "the labels are written in the format `fields`");
    }
    let total = |count: fn(&Outcome) -> usize| outcomes.iter().map(count).sum::<usize>();
    tracing::info!(
        labeling_job_arn = request.labeling_job_arn,
        objects = outcomes.len(),
        answers = total(|outcome| outcome.n_answers),
        answers_by_reference = fetched.n_references,
        answers_rejected = total(Outcome::n_rejected),
        answers_replaced = total(|outcome| outcome.n_replaced),
        objects_without_usable_answer = total(|outcome| usize::from(outcome.unresolved().is_some())),
        objects_omitted = n_omitted,
        elements_without_id = fetched.elements_without_id.len(),
        fields_unresolved =
            total(|outcome| { outcome.fields.iter().filter(|field| field.outcome.unresolved.is_some()).count() }),
        large_labels = n_large_labels,
        history_files = earlier.n_files(),
        history_objects = earlier.objects().count(),
        fetch_ms,
        history_ms,
        total_ms = started.elapsed().as_millis() as u64,
        "consolidated one batch"
    );
    Ok(entries)
}

/// Warns of objects without a label and of rejected answers, by the object's id and the reason: never by their content,
/// never by the worker.
fn warn_of_failures(outcomes: &[Outcome]) {
    let without_label = outcomes.iter().filter_map(|outcome| Some((&outcome.id, outcome.unresolved()?)));
    for (dataset_object_id, reason) in without_label.take(MOST_WARNINGS) {
        tracing::warn!(%dataset_object_id, %reason, "a data object has no label");
    }
    let rejected = outcomes.iter().flat_map(|outcome| {
        let of_fields = outcome.fields.iter().flat_map(|field| &field.outcome.rejected);
        outcome.unreadable.iter().chain(of_fields).map(|rejected| (&outcome.id, rejected))
    });
    for (dataset_object_id, rejected) in rejected.take(MOST_WARNINGS) {
        tracing::warn!(%dataset_object_id, reason = rejected.reason, "rejected an answer, or a part of one");
    }
}

/// Warns of earlier batches that workers could have been judged by, and were not.
fn warn_of_missing_history(earlier: &EarlierBatches) {
    if let Some(refusal) = &earlier.refusal {
        let reason = with_sources(refusal);
        tracing::warn!(reason, "the job's earlier batches cannot be read; this batch is consolidated on its own");
    }
    if earlier.n_unreadable > 0 || earlier.n_too_late > 0 {
        let (unreadable, too_late) = (earlier.n_unreadable, earlier.n_too_late);
        tracing::warn!(unreadable, too_late, "some of the job's earlier batches are left out");
    }
}
