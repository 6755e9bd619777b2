//! What workers are called in the page: their id, or a hash instead.

use std::collections::BTreeMap;

use ground_truth::vocabulary::WorkerId;

use crate::crowd;
use crate::finished_job::FinishedJob;

/// Workers by number, in the order of the names that the page shows.
#[derive(Debug)]
pub(crate) struct WorkerNames {
    by_id: crowd::names::WorkerNames,
    names: Vec<String>,
    indices: BTreeMap<WorkerId, usize>,
}

impl WorkerNames {
    /// Every worker of a job.
    pub(crate) fn of_job(job: &FinishedJob, names: &crowd::names::WorkerNames) -> Self {
        let ids = crowd::workers_of(&job.batch).into_iter();
        let mut named: Vec<(String, WorkerId)> = ids.map(|id| (names.of(&id), id)).collect();
        named.sort();
        let indices = named.iter().zip(0..).map(|((_, id), idx)| (id.clone(), idx)).collect();
        Self { by_id: names.clone(), names: named.into_iter().map(|(name, _)| name).collect(), indices }
    }

    /// How an id becomes a name.
    pub(super) fn by_id(&self) -> &crowd::names::WorkerNames {
        &self.by_id
    }

    /// Number of workers in the job.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// What the worker at `idx` is called.
    pub(super) fn name(&self, idx: usize) -> &str {
        &self.names[idx]
    }

    /// The index of a worker; `None` for who is not in the job.
    pub(super) fn index_of(&self, id: &WorkerId) -> Option<usize> {
        self.indices.get(id).copied()
    }

    /// What a worker is called, whom a label names by id.
    pub(super) fn of_id(&self, id: &str) -> Option<&str> {
        self.index_of(&WorkerId::new(id)).map(|idx| self.name(idx))
    }
}
