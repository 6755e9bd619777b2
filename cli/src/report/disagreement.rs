//! How far workers are apart: in every field, as `gtruth agreement` has it, and on each object.

use std::collections::BTreeMap;

use ground_truth::plan::{ConsolidationPlan, Outcome};

use crate::agreement::{FieldAgreement, REPLICATES, Settings};
use crate::crowd::names::WorkerNames;
use crate::crowd::{Crowd, CrowdField, NoReferences};
use crate::finished_job::FinishedJob;

/// With more workers the page compares no two of them: the matrix could not be read.
const MOST_WORKERS_IN_PAIRS: usize = 16;

/// By field, of each object the mean distance of two of its answers, from 0 to 1; `None` of fewer than two.
#[derive(Debug, Default)]
pub(super) struct Disagreement(BTreeMap<String, Vec<Option<f64>>>);

impl Disagreement {
    /// The agreement of every field beside it, computed as `gtruth agreement` does unless told otherwise.
    ///
    /// # Errors
    /// As [`FieldAgreement::of`].
    pub(super) fn measure(
        job: &FinishedJob,
        plan: &ConsolidationPlan,
        outcomes: &[Outcome],
        names: &WorkerNames,
    ) -> anyhow::Result<(Vec<FieldAgreement>, Self)> {
        let crowd = Crowd::read(plan, &job.batch, outcomes, &NoReferences);
        let with_pairs = crowd.workers.len() <= MOST_WORKERS_IN_PAIRS;
        let settings = Settings::new(REPLICATES, 0, outcomes.len(), with_pairs)?;
        let agreements = crowd.fields.iter().map(|field| FieldAgreement::of(field, &crowd.workers, &settings, names));
        let of_field = |field: &CrowdField| (field.name.clone(), of_objects(field, outcomes.len()));
        Ok((agreements.collect::<Result<_, _>>()?, Self(crowd.fields.iter().map(of_field).collect())))
    }

    /// On one object, with three decimals.
    pub(super) fn of(&self, field: &str, object: usize) -> Option<f64> {
        let distance = self.0.get(field)?.get(object).copied()??;
        Some((1000.0 * distance).round() / 1000.0)
    }
}

fn of_objects(field: &CrowdField, n_objects: usize) -> Vec<Option<f64>> {
    let mut distances = vec![None; n_objects];
    for rows in field.by_object() {
        if let [first, ..] = rows {
            distances[first.object] = field.agreement_within(rows).map(|agreement| 1.0 - agreement);
        }
    }
    distances
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::finished_job::testing::JobFolder;

    #[test]
    fn an_object_disagrees_as_much_as_two_of_its_answers_do() {
        let form = |label: &str| json!({"animal": {"label": label}});
        let job = JobFolder::new("survey")
            .answers(1, "0", &[("ana", 1, form("otter")), ("bo", 2, form("otter")), ("cy", 3, form("heron"))])
            .answers(1, "1", &[("ana", 4, form("otter")), ("bo", 5, form("otter"))])
            .answers(1, "2", &[("ana", 6, form("heron"))])
            .open();
        let plan = ConsolidationPlan::standard();
        let outcomes = plan.consolidate(&job.batch);
        let (fields, disagreement) = Disagreement::measure(&job, &plan, &outcomes, &WorkerNames::Ids).expect("figures");
        let of = |object| disagreement.of("animal", object);
        assert_eq!([of(0), of(1), of(2), of(3)], [Some(0.667), Some(0.0), None, None]);
        assert_eq!(fields.iter().map(|field| field.field.as_str()).collect::<Vec<_>>(), ["animal"]);
    }
}
