//! Algorithms see indices: the workers and categories of a batch, counted.

use std::collections::{BTreeMap, BTreeSet};

use super::super::worker_index::WorkerIndex;
use crate::vocabulary::{LabelCategory, WorkerId};

/// Workers and categories of a batch by index.
pub(in crate::annotation_kinds) struct Names<'a> {
    /// The batch's workers, numbered.
    pub(in crate::annotation_kinds) workers: WorkerIndex<'a>,
    /// The declared categories in their order, then the others in alphabetical order.
    pub(in crate::annotation_kinds) categories: Vec<&'a LabelCategory>,
    category_idx: BTreeMap<&'a LabelCategory, usize>,
}

impl<'a> Names<'a> {
    pub(in crate::annotation_kinds) fn of(
        declared: &'a [LabelCategory],
        workers: impl IntoIterator<Item = &'a WorkerId>,
        named: impl IntoIterator<Item = &'a LabelCategory>,
    ) -> Self {
        let (mut categories, mut category_idx) = (Vec::new(), BTreeMap::new());
        let named: BTreeSet<&LabelCategory> = named.into_iter().collect();
        for category in declared.iter().chain(named) {
            category_idx.entry(category).or_insert_with(|| {
                categories.push(category);
                categories.len() - 1
            });
        }
        Self { workers: WorkerIndex::new(workers), categories, category_idx }
    }

    /// The index of a category that a mark names, if it names one.
    pub(in crate::annotation_kinds) fn index_of(&self, category: Option<&LabelCategory>) -> Option<usize> {
        category.and_then(|category| self.category_idx.get(category).copied())
    }
}
