//! How far the workers of a finished job agree, field by field.

use ground_truth::agreement::bootstrap::{Bootstrap, BootstrapError};
use serde::Serialize;

use super::Crowd;
use super::names::WorkerNames;

mod field;

pub(crate) use field::{FieldAgreement, Statistic};

/// How much of the replicates an interval holds.
const LEVEL: f64 = 0.95;

/// How many times the objects are drawn anew for an interval, unless somebody asks otherwise.
pub(crate) const REPLICATES: usize = 1000;

/// How statistics are computed.
pub(crate) struct Settings {
    /// How intervals are drawn, if they are.
    bootstrap: Option<Bootstrap>,
    /// Where the draw of pairs starts, where there are too many to measure all.
    seed: u64,
    n_objects: usize,
    /// Whether every two workers are compared.
    with_pairs: bool,
}

impl Settings {
    /// No replicates give no interval.
    ///
    /// # Errors
    /// As [`Bootstrap::new`].
    pub(crate) fn new(
        replicates: usize,
        seed: u64,
        n_objects: usize,
        with_pairs: bool,
    ) -> Result<Self, BootstrapError> {
        let bootstrap = (replicates > 0).then(|| Bootstrap::new(replicates, LEVEL, seed)).transpose()?;
        Ok(Self { bootstrap, seed, n_objects, with_pairs })
    }
}

/// How far the workers of a job agree.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) labeling_job_name: Option<String>,
    pub(crate) objects: usize,
    pub(crate) workers: usize,
    pub(crate) fields: Vec<FieldAgreement>,
}

impl Report {
    /// # Errors
    /// As [`FieldAgreement::of`].
    pub(crate) fn of(
        crowd: &Crowd,
        job: Option<&str>,
        settings: &Settings,
        names: &WorkerNames,
    ) -> anyhow::Result<Self> {
        let fields = crowd.fields.iter().map(|field| FieldAgreement::of(field, &crowd.workers, settings, names));
        Ok(Self {
            labeling_job_name: job.map(str::to_owned),
            objects: settings.n_objects,
            workers: crowd.workers.len(),
            fields: fields.collect::<Result<_, _>>()?,
        })
    }
}
