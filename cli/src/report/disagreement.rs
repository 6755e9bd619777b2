//! How far workers are apart: in every field, as `gtruth agreement` has it, and on each object; and how near each comes to
//! the result.

use std::collections::BTreeMap;

use ground_truth::annotation_kinds::{ALL, AnnotationKind};
use ground_truth::field_value::{FieldValue, FieldValueBuf};
use ground_truth::plan::{ConsolidationPlan, Outcome};

use crate::crowd::agreement::{FieldAgreement, REPLICATES, Settings};
use crate::crowd::names::WorkerNames;
use crate::crowd::{Crowd, CrowdField, References};
use crate::finished_job::FinishedJob;

/// With more workers the page compares no two of them: the matrix could not be read.
const MAX_WORKERS_IN_PAIRS: usize = 16;

/// The disagreement of each form field, by the field's name.
#[derive(Debug, Default)]
pub(super) struct Disagreement(BTreeMap<String, OfField>);

/// The disagreement on one field, by object.
#[derive(Debug)]
struct OfField {
    /// The mean distance of two answers, from 0 to 1; `None` of fewer than two.
    distances: Vec<Option<f64>>,
    /// By answer, one minus its distance from the result.
    nearness: Vec<Vec<Option<f64>>>,
}

/// The results by field and object, as answers: of kinds with a distance of their own. Of the others answers are the result or
/// are not, or differ by a number, and how near they come says no more.
struct Results(BTreeMap<String, Vec<Option<FieldValueBuf>>>);

impl Results {
    fn of(outcomes: &[Outcome]) -> Self {
        let kinds: Vec<&str> = ALL.iter().filter(|kind| kind.has_own_distance()).map(|kind| kind.name).collect();
        let mut results: BTreeMap<String, Vec<Option<FieldValueBuf>>> = BTreeMap::new();
        for (object, outcome) in outcomes.iter().enumerate() {
            for field in outcome.fields.iter().filter(|field| kinds.contains(&field.kind.name)) {
                let of_field = results.entry(field.name.clone()).or_insert_with(|| vec![None; outcomes.len()]);
                of_field[object] = field.label().as_answer();
            }
        }
        Self(results)
    }
}

impl References for Results {
    fn consensus(&self, field: &str, object: usize, _: usize) -> Option<(usize, FieldValue<'_>)> {
        Some((object, self.0.get(field)?.get(object)?.as_ref()?.view()))
    }

    fn gold(&self, _: &str, _: &AnnotationKind, _: usize) -> Option<FieldValueBuf> {
        None
    }
}

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
        let crowd = Crowd::read(plan, &job.batch, outcomes, &Results::of(outcomes));
        let with_pairs = crowd.workers.len() <= MAX_WORKERS_IN_PAIRS;
        let settings = Settings::new(REPLICATES, 0, outcomes.len(), with_pairs)?;
        let agreements = crowd.fields.iter().map(|field| FieldAgreement::of(field, &crowd.workers, &settings, names));
        let of_field = |field: &CrowdField| (field.name.clone(), OfField::of(field, &crowd, job));
        Ok((agreements.collect::<Result<_, _>>()?, Self(crowd.fields.iter().map(of_field).collect())))
    }

    /// The mean distance of two answers to an object.
    pub(super) fn of(&self, field: &str, object: usize) -> Option<f64> {
        self.0.get(field)?.distances.get(object).copied().flatten()
    }

    /// How near each answer to an object comes to its result; empty where that is not said.
    pub(super) fn nearness(&self, field: &str, object: usize) -> &[Option<f64>] {
        self.0.get(field).and_then(|field| field.nearness.get(object)).map_or(&[], Vec::as_slice)
    }
}

impl OfField {
    fn of(field: &CrowdField, crowd: &Crowd, job: &FinishedJob) -> Self {
        let objects = &job.batch.objects;
        let (mut distances, mut nearness) = (vec![None; objects.len()], vec![Vec::new(); objects.len()]);
        for rows in field.by_object() {
            let [first, ..] = rows else { continue };
            let answers = &objects[first.object].answers;
            distances[first.object] = field.agreement_within(rows).map(|agreement| rounded(1.0 - agreement));
            for row in rows {
                let Some(near) = row.consensus.and_then(|result| field.agreement(row.value, result)) else { continue };
                let answer = answers.iter().position(|answer| answer.worker_id == crowd.workers[row.worker]);
                nearness[first.object].resize(answers.len(), None);
                if let Some(answer) = answer {
                    nearness[first.object][answer] = Some(rounded(near));
                }
            }
        }
        Self { distances, nearness }
    }
}

/// To three decimals.
fn rounded(share: f64) -> f64 {
    (1000.0 * share).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::finished_job::testing::JobFolder;

    #[test]
    fn marks_come_near_the_result() {
        let form = |width: u32| {
            let drawn = json!({"label": "otter", "left": 0, "top": 0, "width": width, "height": 10});
            json!({"shapes": {"boundingBoxes": [drawn]}, "animal": {"label": "otter"}})
        };
        let job = JobFolder::new("survey")
            .answers(1, "0", &[("ana", 1, form(10)), ("bo", 2, form(10)), ("cy", 3, form(20))])
            .open();
        let plan = json!({"kinds": {"bounding-box": {"method": "iou-clusters"}}});
        let plan = ConsolidationPlan::from_value(&plan).expect("a plan");
        let outcomes = plan.consolidate(&job.batch);
        let (_, disagreement) = Disagreement::measure(&job, &plan, &outcomes, &WorkerNames::Ids).expect("figures");
        let near = disagreement.nearness("shapes", 0);
        assert!(near.len() == 3 && near[0] == near[1] && near[0] > near[2], "{near:?}");
        assert!(disagreement.nearness("animal", 0).is_empty());
    }

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
