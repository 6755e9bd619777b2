//! Whose consolidation plan: one for all jobs, or one object in S3 for each.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ground_truth::plan::ConsolidationPlan;
use ground_truth::s3_uri::{S3Uri, S3UriError};
use ground_truth::store::{ObjectStore, StoreErrorCause};

use crate::error::HandleError;

/// How long a warm function trusts a plan that it has read: long enough to save a read per batch, short enough that a
/// corrected plan takes hold within the job.
const TRUSTED_FOR: Duration = Duration::from_secs(60);

/// The most bytes of a plan document: one with gold and the skills of workers can be large.
const MOST_BYTES: u64 = 16 << 20;

/// What stands for the labeling job's name in a pattern.
const JOB: &str = "{job}";

/// Where plans come from.
#[derive(Debug)]
pub struct PlanSource(Source);

#[derive(Debug)]
enum Source {
    Fixed(Arc<ConsolidationPlan>),
    PerJob { pattern: String, read: Mutex<BTreeMap<S3Uri, (Instant, Arc<ConsolidationPlan>)>> },
}

impl PlanSource {
    /// The same plan for every job.
    pub fn fixed(plan: ConsolidationPlan) -> Self {
        Self(Source::Fixed(Arc::new(plan)))
    }

    /// A plan per job, at the S3 URI that `pattern` becomes when `{job}` is replaced by the job's name.
    pub fn per_job(pattern: String) -> Self {
        Self(Source::PerJob { pattern, read: Mutex::default() })
    }

    /// Checks a pattern before there is a job.
    ///
    /// # Errors
    /// When it would be no S3 URI.
    pub fn check_pattern(pattern: &str) -> Result<(), S3UriError> {
        pattern.parse::<S3Uri>().map(drop)
    }

    /// The plan for the labeling job of this name, as its ARN spells it: in lower case. A job without a plan object gets
    /// the standard plan, with a warning.
    ///
    /// # Errors
    /// [`HandleError::PlanUnreadable`] and [`HandleError::BadPlan`].
    pub async fn plan_for(
        &self,
        labeling_job_name: Option<&str>,
        store: &dyn ObjectStore,
    ) -> Result<Arc<ConsolidationPlan>, HandleError> {
        let (pattern, read) = match &self.0 {
            Source::Fixed(plan) => return Ok(plan.clone()),
            Source::PerJob { pattern, read } => (pattern, read),
        };
        let place = match labeling_job_name {
            Some(name) => pattern.replace(JOB, name),
            None if pattern.contains(JOB) => {
                tracing::warn!(
                    "the event names no labeling job, so none has a plan; every field is recognized by its answers"
                );
                return Ok(Arc::new(ConsolidationPlan::standard()));
            }
            None => pattern.clone(),
        };
        let uri: S3Uri = place.parse().map_err(HandleError::PlanUri)?;
        let known = read.lock().unwrap_or_else(PoisonError::into_inner).get(&uri).cloned();
        if let Some((_, plan)) = known.filter(|(since, _)| since.elapsed() < TRUSTED_FOR) {
            return Ok(plan);
        }
        let plan = match store.get(&uri, MOST_BYTES).await {
            Ok(bytes) => ConsolidationPlan::parse(&String::from_utf8_lossy(&bytes))
                .map_err(|problems| HandleError::BadPlan { uri: uri.clone(), problems })?,
            Err(error) if matches!(error.cause, StoreErrorCause::NotFound) => {
                tracing::warn!(%uri, "there is no plan for this labeling job; every field is recognized by its answers");
                ConsolidationPlan::standard()
            }
            Err(error) => return Err(HandleError::PlanUnreadable(error)),
        };
        let plan = Arc::new(plan);
        read.lock().unwrap_or_else(PoisonError::into_inner).insert(uri, (Instant::now(), plan.clone()));
        Ok(plan)
    }
}
