//! What the other workers of a job say: each answer is compared with a consensus that it has no part in, else a worker
//! would agree with himself, and the more the fewer others there are.
//!
//! Workers are split into groups, and for each group the job is consolidated without it. As many groups as workers leave out
//! one worker at a time; a large job gets fewer, so that the work stays bounded, and loses some more answers of others.

use std::collections::{BTreeMap, HashMap, HashSet};

use ground_truth::batch::{Batch, WorkerAnswer};
use ground_truth::field_value::{FieldValue, FieldValueBuf};
use ground_truth::plan::{ConsolidationPlan, Outcome};
use ground_truth::vocabulary::WorkerId;
use rayon::prelude::*;

use crate::console::progress::Progress;

/// How many answers are consolidated in all, where so many groups as workers would be more.
const MAX_ANSWERS: usize = 1_000_000;

/// The text of the progress bar.
const BAR: &str = "{bar:24} each worker beside the others, {pos} of {len} groups ({eta})";

/// The least number of groups: each consensus keeps nine tenths of the answers.
const MIN_GROUPS: usize = 10;

/// The consensus of every field and object without each group of workers.
#[derive(Debug)]
pub(crate) struct OthersConsensus {
    fields: BTreeMap<String, OfField>,
    n_groups: usize,
}

/// What is said of one field.
#[derive(Debug)]
struct OfField {
    /// Of each object the different values.
    values: Vec<FieldValueBuf>,
    /// The same over all objects: of choices most are equal.
    common: HashSet<FieldValueBuf>,
    /// Of each object the groups without which something is said of it, ascending, and the index of that among the values.
    /// Most groups make no difference, and what they have in common is kept once.
    of_object: Vec<Vec<(u32, u32)>>,
}

impl OfField {
    fn add(&mut self, object: usize, group: usize, value: FieldValueBuf) {
        let of_object = &mut self.of_object[object];
        let known = of_object.iter().map(|(_, idx)| *idx).find(|idx| self.values[*idx as usize] == value);
        let idx = known.unwrap_or_else(|| {
            let value = self.common.get(&value).cloned().unwrap_or(value);
            self.common.insert(value.clone());
            self.values.push(value);
            self.values.len() as u32 - 1
        });
        of_object.push((group as u32, idx));
    }

    fn of(&self, object: usize, group: usize) -> Option<(usize, FieldValue<'_>)> {
        let of_object = self.of_object.get(object)?;
        let idx = of_object.binary_search_by_key(&(group as u32), |(group, _)| *group).ok()?;
        let value_idx = of_object[idx].1 as usize;
        Some((value_idx, self.values.get(value_idx)?.view()))
    }
}

impl OthersConsensus {
    /// Consolidates the job once for each group. The batch is left as it was.
    pub(crate) fn of(plan: &ConsolidationPlan, batch: &mut Batch, workers: &[WorkerId], progress: Progress) -> Self {
        let n_answers: usize = batch.objects.iter().map(|object| object.answers.len()).sum();
        let n_groups = n_groups(workers.len(), n_answers);
        let group_of: HashMap<&WorkerId, usize> =
            workers.iter().enumerate().map(|(idx, id)| (id, idx % n_groups)).collect();
        let n_objects = batch.objects.len();
        let mut fields: BTreeMap<String, OfField> = BTreeMap::new();
        let kinds: BTreeMap<String, &str> =
            plan.map_fields(batch, |name, kind, _| (name.to_owned(), kind.name)).into_iter().collect();
        let bar = progress.bar(Some(n_groups as u64), BAR);
        for group in 0..n_groups {
            let taken = take(batch, |worker_id| group_of.get(worker_id) == Some(&group));
            let said = |(outcome, taken): (Outcome, &Vec<WorkerAnswer>)| -> Vec<(String, FieldValueBuf)> {
                let fields = outcome.fields.into_iter().filter(|_| !taken.is_empty());
                // Without some of its values a field can look like another kind.
                let fields = fields.filter(|field| kinds.get(&field.name) == Some(&field.kind.name));
                let fields = fields.filter(|field| field.outcome.n_workers > 0);
                fields.filter_map(|field| field.label().as_answer().map(|answer| (field.name, answer))).collect()
            };
            let said: Vec<Vec<(String, FieldValueBuf)>> =
                plan.consolidate(batch).into_par_iter().zip(&taken).map(said).collect();
            for (object, said) in said.into_iter().enumerate() {
                for (name, answer) in said {
                    let empty = || OfField {
                        values: Vec::new(),
                        common: HashSet::new(),
                        of_object: vec![Vec::new(); n_objects],
                    };
                    fields.entry(name).or_insert_with(empty).add(object, group, answer);
                }
            }
            give_back(batch, taken);
            bar.inc(1);
        }
        Self { fields, n_groups }
    }

    /// How many groups the workers are split into.
    pub(crate) fn n_groups(&self) -> usize {
        self.n_groups
    }

    /// What the others say of an object that a worker answered, with a number that the same values of a field share.
    pub(crate) fn of_answer(&self, field: &str, object: usize, worker: usize) -> Option<(usize, FieldValue<'_>)> {
        self.fields.get(field)?.of(object, worker % self.n_groups)
    }
}

/// One group for each worker where that is affordable.
fn n_groups(n_workers: usize, n_answers: usize) -> usize {
    let affordable = MAX_ANSWERS / n_answers.max(1);
    affordable.max(MIN_GROUPS).min(n_workers).max(1)
}

/// Takes the answers of some workers out of a batch.
fn take(batch: &mut Batch, is_taken: impl Fn(&WorkerId) -> bool) -> Vec<Vec<WorkerAnswer>> {
    let of_object = |answers: &mut Vec<WorkerAnswer>| {
        let (taken, kept) = std::mem::take(answers).into_iter().partition(|one| is_taken(&one.worker_id));
        *answers = kept;
        taken
    };
    batch.objects.iter_mut().map(|object| of_object(&mut object.answers)).collect()
}

fn give_back(batch: &mut Batch, taken: Vec<Vec<WorkerAnswer>>) {
    for (object, taken) in batch.objects.iter_mut().zip(taken) {
        if !taken.is_empty() {
            object.answers.extend(taken);
            object.answers.sort_by(|a, b| a.worker_id.cmp(&b.worker_id));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::workers_of;
    use super::*;
    use crate::finished_job::testing::JobFolder;

    #[test]
    fn nobody_agrees_with_himself() {
        let form = |label: &str| json!({"animal": {"label": label}});
        let folder = JobFolder::new("survey")
            .answers(1, "0", &[("ana", 1, form("otter")), ("bo", 2, form("heron"))])
            .answers(1, "1", &[("ana", 3, form("otter"))]);
        let mut batch = folder.open().batch;
        let before: Vec<_> = batch.objects.iter().map(|object| object.answers.clone()).collect();
        let workers = workers_of(&batch);
        let others = OthersConsensus::of(&ConsolidationPlan::standard(), &mut batch, &workers, Progress::HIDDEN);
        let said = |object, worker| others.of_answer("animal", object, worker).map(|(_, answer)| answer.to_string());
        assert_eq!(said(0, 0).as_deref(), Some(r#"{"label":"heron"}"#));
        assert_eq!(said(0, 1).as_deref(), Some(r#"{"label":"otter"}"#));
        assert_eq!(said(1, 0), None);
        let after: Vec<_> = batch.objects.iter().map(|object| object.answers.clone()).collect();
        assert_eq!(before, after);
    }

    #[test]
    fn large_jobs_get_fewer_groups() {
        assert_eq!(
            [(1, 5), (40, 4_000), (500, 1_000_000), (5, 9_000_000)].map(|(w, n)| n_groups(w, n)),
            [1, 40, 10, 5]
        );
    }
}
