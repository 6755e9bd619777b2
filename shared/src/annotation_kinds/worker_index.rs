//! Algorithms see workers as indices.

use std::collections::BTreeMap;

use crate::vocabulary::WorkerId;

/// The workers of a batch, counted in the order of their ids.
pub(super) struct WorkerIndex<'a>(BTreeMap<&'a WorkerId, usize>);

impl<'a> WorkerIndex<'a> {
    pub(super) fn new(ids: impl IntoIterator<Item = &'a WorkerId>) -> Self {
        let mut index: BTreeMap<&WorkerId, usize> = ids.into_iter().map(|worker_id| (worker_id, 0)).collect();
        for (place, worker_idx) in index.values_mut().enumerate() {
            *worker_idx = place;
        }
        Self(index)
    }

    pub(super) fn of(&self, worker_id: &WorkerId) -> usize {
        self.0.get(worker_id).copied().unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
