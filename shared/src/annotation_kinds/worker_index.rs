//! Algorithms see workers as indices.

use std::collections::{HashMap, HashSet};

use crate::vocabulary::WorkerId;

/// The workers of a batch, counted in the order of their ids. Ids are long and begin alike, so they are compared only while
/// they are put in order; every answer looks its worker up by hash.
pub(super) struct WorkerIndex<'a> {
    workers: Vec<&'a WorkerId>,
    idx_of: HashMap<&'a WorkerId, usize>,
}

impl<'a> WorkerIndex<'a> {
    pub(super) fn new(ids: impl IntoIterator<Item = &'a WorkerId>) -> Self {
        let mut workers: Vec<&WorkerId> = ids.into_iter().collect::<HashSet<_>>().into_iter().collect();
        workers.sort_unstable();
        let idx_of = workers.iter().copied().zip(0..).collect();
        Self { workers, idx_of }
    }

    /// The workers in their order.
    pub(super) fn workers(&self) -> &[&'a WorkerId] {
        &self.workers
    }

    pub(super) fn index_of(&self, worker_id: &WorkerId) -> usize {
        self.idx_of.get(worker_id).copied().unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.workers.len()
    }
}
