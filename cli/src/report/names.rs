//! What workers are called in the page: their id, or a hash in its place.

use std::collections::{BTreeMap, BTreeSet};

use ground_truth::vocabulary::WorkerId;
use sha2::{Digest, Sha256};

use crate::finished_job::FinishedJob;

/// Workers by number, in the order of the names that the page shows.
#[derive(Debug)]
pub(super) struct WorkerNames {
    names: Vec<String>,
    places: BTreeMap<WorkerId, usize>,
}

impl WorkerNames {
    /// Everybody by id.
    pub(super) fn plain(job: &FinishedJob) -> Self {
        Self::of(job, |id| id.as_str().to_owned())
    }

    /// Everybody by the first 48 bits of the SHA-256 of salt and id: two of 10,000 workers share a name once in five
    /// million jobs.
    pub(super) fn hashed(job: &FinishedJob, salt: &str) -> Self {
        Self::of(job, |id| {
            let hash = Sha256::new().chain_update(salt).chain_update([0]).chain_update(id.as_str()).finalize();
            let hex: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
            format!("worker-{hex}")
        })
    }

    fn of(job: &FinishedJob, name: impl Fn(&WorkerId) -> String) -> Self {
        let answered = job.batch.objects.iter().flat_map(|object| &object.answers).map(|one| &one.worker_id);
        let rejected = job.batch.objects.iter().flat_map(|object| &object.rejected);
        let ids: BTreeSet<&WorkerId> = answered.chain(rejected.filter_map(|one| one.worker_id.as_ref())).collect();
        let mut named: Vec<(String, &WorkerId)> = ids.into_iter().map(|id| (name(id), id)).collect();
        named.sort();
        let places = named.iter().zip(0..).map(|((_, id), place)| ((*id).clone(), place)).collect();
        Self { names: named.into_iter().map(|(name, _)| name).collect(), places }
    }

    /// Number of workers.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// What the worker at `place` is called.
    pub(super) fn name(&self, place: usize) -> &str {
        &self.names[place]
    }

    /// The place of a worker of the job.
    pub(super) fn place(&self, id: &WorkerId) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// What a worker is called, whom a label names by id.
    pub(super) fn of_id(&self, id: &str) -> Option<&str> {
        self.place(&WorkerId::new(id)).map(|place| self.name(place))
    }
}
