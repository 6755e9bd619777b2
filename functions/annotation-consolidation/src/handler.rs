//! The journey of one request.

use std::sync::Arc;
use std::time::Instant;

use ground_truth::contract::annotation_consolidation::{AnnotationConsolidationRequest, ConsolidatedObject};
use ground_truth::label::Fallback;
use ground_truth::plan::{ConsolidationPlan, Outcome};
use ground_truth::store::ObjectStore;

use crate::config::{Config, ConfigError};
use crate::error::{HandleError, with_sources};
use crate::fetch::{self, Fetched};
use crate::history::{EarlierBatches, JobHistory};
use crate::plan_source::Plans;
use crate::respond::{self, Response};
use crate::role;

/// The most warnings of one sort in one invocation; the closing line counts them all.
const MAX_WARNINGS: usize = 20;

/// The function as it runs: what is configured, and what a warm function remembers of plans and earlier batches.
#[derive(Debug)]
pub struct Function {
    config: Config,
    plans: Plans,
    history: JobHistory,
}

/// What became of one batch.
#[derive(Debug)]
pub struct Handled {
    /// The response, as the service expects it: a bare array.
    pub entries: Vec<ConsolidatedObject>,
    /// What the plan made of every object, in payload order, whether it has an entry or not.
    pub outcomes: Vec<Outcome>,
    /// The indices of payload elements without a readable id: nothing is answered about them.
    pub elements_without_id: Vec<usize>,
    /// Why the labels are not in the format that the plan asks for.
    pub fallback: Option<Fallback>,
}

impl Function {
    /// A function at its cold start.
    ///
    /// # Errors
    /// [`ConfigError`] when the plan of the configuration has mistakes, or its pattern is not an S3 URI.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let plans = Plans::new(&config.plan_source)?;
        let history = JobHistory::with_megabytes(config.job_history_megabytes);
        Ok(Self { config, plans, history })
    }

    /// Answers one event as Lambda delivers it: reads the request, picks the plan (with the function's own role) and the
    /// role for everything else, and handles it.
    ///
    /// # Errors
    /// [`HandleError`], for what concerns the batch as a whole.
    #[cfg(feature = "s3")]
    pub async fn handle_event(
        &self,
        event: &serde_json::Value,
        stores: &crate::s3_store::S3Stores,
    ) -> Result<Handled, HandleError> {
        let request = ground_truth::contract::read_request(event).map_err(HandleError::BadEvent)?;
        let plan = self.plan_for(&request, stores.own()).await?;
        match role::to_assume(&request, &self.config)? {
            None => self.handle(&request, stores.own(), &plan).await,
            Some(role_arn) => self.handle(&request, &stores.assuming(role_arn).await, &plan).await,
        }
    }

    /// The plan for the labeling job of a request. A job without a plan object gets the standard plan, with a warning.
    ///
    /// # Errors
    /// [`HandleError::PlanUri`], [`HandleError::PlanUnreadable`] and [`HandleError::BadPlan`].
    pub async fn plan_for(
        &self,
        request: &AnnotationConsolidationRequest,
        store: &dyn ObjectStore,
    ) -> Result<Arc<ConsolidationPlan>, HandleError> {
        self.plans.plan_for(role::labeling_job_name(request), store).await
    }

    /// Consolidates one batch: read everything, think, answer. The same request gives the same bytes, as what a warm
    /// function remembers of the job's earlier batches is what it would read again. Only a history that was cut short can
    /// differ, and that is warned of.
    ///
    /// # Errors
    /// [`HandleError`], for what concerns the batch as a whole.
    pub async fn handle(
        &self,
        request: &AnnotationConsolidationRequest,
        store: &dyn ObjectStore,
        plan: &ConsolidationPlan,
    ) -> Result<Handled, HandleError> {
        let started = Instant::now();
        let Fetched { batch, n_references, elements_without_id } = fetch::fetch(request, store, &self.config).await?;
        let fetch_ms = started.elapsed().as_millis() as u64;
        let role = role::acting(request, &self.config);
        let earlier = self.history.before(&request.payload, store, role, self.config.max_concurrent_reads).await;
        let history_ms = started.elapsed().as_millis() as u64 - fetch_ms;

        let outcomes = plan.consolidate_after(earlier.objects(), &batch);
        let Response { mut entries, n_omitted, fallback } = respond::respond(plan, &batch, &outcomes, request);
        let n_large_labels = respond::fit(&mut entries, request, store).await?;
        let handled = Handled { entries, outcomes, elements_without_id, fallback };

        warn_of_failures(&handled);
        warn_of_missing_history(&earlier);
        let total = |count: fn(&Outcome) -> usize| handled.outcomes.iter().map(count).sum::<usize>();
        tracing::info!(
            labeling_job_arn = request.labeling_job_arn,
            objects = handled.outcomes.len(),
            answers = total(|outcome| outcome.n_answers),
            answers_by_reference = n_references,
            answers_rejected = total(Outcome::n_rejected),
            answers_replaced = total(|outcome| outcome.n_replaced),
            objects_without_usable_answer = total(|outcome| usize::from(outcome.unresolved().is_some())),
            objects_omitted = n_omitted,
            elements_without_id = handled.elements_without_id.len(),
            fields_unresolved =
                total(|outcome| outcome.fields.iter().filter(|field| field.outcome.unresolved.is_some()).count()),
            large_labels = n_large_labels,
            history_files = earlier.n_files(),
            history_objects = earlier.objects().count(),
            fetch_ms,
            history_ms,
            total_ms = started.elapsed().as_millis() as u64,
            "consolidated one batch"
        );
        Ok(handled)
    }
}

/// Warns of objects without a label, of rejected answers, and of what else the response does not show, by the object's id
/// and the reason: never by their content, never by the worker.
fn warn_of_failures(handled: &Handled) {
    let without_label = handled.outcomes.iter().filter_map(|outcome| Some((&outcome.id, outcome.unresolved()?)));
    for (dataset_object_id, reason) in without_label.take(MAX_WARNINGS) {
        tracing::warn!(%dataset_object_id, %reason, "a data object has no label");
    }
    let rejected = handled.outcomes.iter().flat_map(|outcome| {
        let of_fields = outcome.fields.iter().flat_map(|field| &field.outcome.rejected);
        outcome.unreadable.iter().chain(of_fields).map(|rejected| (&outcome.id, rejected))
    });
    for (dataset_object_id, rejected) in rejected.take(MAX_WARNINGS) {
        tracing::warn!(%dataset_object_id, reason = rejected.reason, "rejected an answer, or a part of one");
    }
    for element_idx in handled.elements_without_id.iter().take(MAX_WARNINGS) {
        tracing::warn!(element_idx, "an element of the payload has no `datasetObjectId` and is left out");
    }
    if let Some(fallback) = &handled.fallback {
        tracing::warn!(reason = %fallback, "the labels are written in the format `fields`");
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
