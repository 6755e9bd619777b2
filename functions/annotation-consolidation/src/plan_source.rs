//! Whose consolidation plan: one for all jobs, or one object in S3 for each.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ground_truth::plan::ConsolidationPlan;
use ground_truth::s3_uri::S3Uri;
use ground_truth::store::{ObjectStore, StoreErrorCause};

use crate::config::{CONSOLIDATION_PLAN, CONSOLIDATION_PLAN_S3_URI, ConfigError};
use crate::error::HandleError;

/// How long a warm function trusts a plan that it has read: long enough to save a read per batch, short enough that a
/// corrected plan takes hold within the job.
const TRUSTED_FOR: Duration = Duration::from_secs(60);

/// The most bytes of a plan document: one with gold and the skills of workers can be large.
const MAX_BYTES: u64 = 16 << 20;

/// What stands for the labeling job's name in a pattern.
const JOB: &str = "{job}";

/// Where the function finds the plan of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PlanSource {
    /// The standard plan for every job.
    #[default]
    Standard,
    /// The same plan for every job: its document as JSON text.
    Document(String),
    /// A document in S3 for each job. A job without one has the standard plan.
    PerJob {
        /// The S3 URI of the plan, when `{job}` in it is replaced by the job's name.
        pattern: String,
    },
}

/// The plans of a running function, as far as it has read them.
#[derive(Debug)]
pub(crate) struct Plans(Source);

#[derive(Debug)]
enum Source {
    Fixed(Arc<ConsolidationPlan>),
    PerJob { pattern: String, read: Mutex<BTreeMap<S3Uri, (Instant, Arc<ConsolidationPlan>)>> },
}

impl Plans {
    /// The plans from this source.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake of the plan that is given, and for a pattern that would not be an S3 URI.
    pub(crate) fn new(source: &PlanSource) -> Result<Self, ConfigError> {
        let problem = |name: &str, what: &dyn Display| ConfigError(vec![format!("{name}: {what}")]);
        Ok(Self(match source {
            PlanSource::Standard => Source::Fixed(Arc::new(ConsolidationPlan::standard())),
            PlanSource::Document(document) => Source::Fixed(Arc::new(
                ConsolidationPlan::parse(document).map_err(|mistakes| problem(CONSOLIDATION_PLAN, &mistakes))?,
            )),
            PlanSource::PerJob { pattern } => {
                pattern.parse::<S3Uri>().map_err(|mistake| problem(CONSOLIDATION_PLAN_S3_URI, &mistake))?;
                Source::PerJob { pattern: pattern.clone(), read: Mutex::default() }
            }
        }))
    }

    /// The plan for the labeling job of this name, as its ARN spells it: in lower case. A job without a plan object gets
    /// the standard plan, with a warning.
    ///
    /// # Errors
    /// [`HandleError::PlanUnreadable`] and [`HandleError::BadPlan`].
    pub(crate) async fn plan_for(
        &self,
        labeling_job_name: Option<&str>,
        store: &dyn ObjectStore,
    ) -> Result<Arc<ConsolidationPlan>, HandleError> {
        let (pattern, read) = match &self.0 {
            Source::Fixed(plan) => return Ok(plan.clone()),
            Source::PerJob { pattern, read } => (pattern, read),
        };
        let uri = match labeling_job_name {
            Some(name) => pattern.replace(JOB, name),
            None if pattern.contains(JOB) => {
                tracing::warn!(
                    "the event names no labeling job, so none has a plan; every field is recognized by its answers"
                );
                return Ok(Arc::new(ConsolidationPlan::standard()));
            }
            None => pattern.clone(),
        };
        let uri: S3Uri = uri.parse().map_err(HandleError::PlanUri)?;
        let known = read.lock().unwrap_or_else(PoisonError::into_inner).get(&uri).cloned();
        if let Some((_, plan)) = known.filter(|(since, _)| since.elapsed() < TRUSTED_FOR) {
            return Ok(plan);
        }
        let plan = match store.get(&uri, MAX_BYTES).await {
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
