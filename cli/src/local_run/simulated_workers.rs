//! Workers who know the truth and err at times, each with a skill of their own.
//!
//! Every data object goes to some of the workers, chosen by the seed and the object. One who answers is careful with a
//! field with the probability of their skill; what careful and careless look like is for the field's annotation kind to
//! say. Each roll of the dice is named after object, worker and field, so that an answer depends on nothing else: the
//! same seed gives the same answers, however many objects or fields there are besides.

use std::collections::BTreeMap;

use ground_truth::annotation_kinds::AnnotationKind;
use ground_truth::contract::worker_response::WorkerAnswer;
use ground_truth::dice::Dice;
use ground_truth::field_value::FieldValueBuf;
use ground_truth::vocabulary::{LabelCategory, WorkerId};
use serde_json::{Map, Number, Value, json};
use time::{Duration, UtcDateTime};

use crate::files::wire_time;

/// Everyone who works on the job.
#[derive(Debug)]
pub(crate) struct SimulatedWorkers {
    pub(crate) workers: Vec<SimulatedWorker>,
    pub(crate) n_per_object: usize,
    pub(crate) seed: u64,
    pub(crate) answer_rate: f64,
    /// What each field of the form holds.
    pub(crate) fields: BTreeMap<String, SimulatedField>,
}

/// A worker with an id and a skill.
#[derive(Debug)]
pub(crate) struct SimulatedWorker {
    pub(crate) name: String,
    pub(crate) skill: f64,
    /// When the worker is done with the last task taken.
    busy_until: UtcDateTime,
}

/// What a field of the form holds.
#[derive(Debug)]
pub(crate) struct SimulatedField {
    pub(crate) kind: &'static AnnotationKind,
    pub(crate) categories: Vec<LabelCategory>,
}

impl SimulatedWorker {
    pub(crate) fn new(name: String, skill: f64) -> Self {
        Self { name, skill, busy_until: UtcDateTime::MIN }
    }
}

impl SimulatedWorkers {
    /// The answers to an object that workers see from `published` on, and when the last of them was sent.
    pub(crate) fn answer(
        &mut self,
        object: &str,
        truth: &Map<String, Value>,
        published: UtcDateTime,
    ) -> (Vec<WorkerAnswer>, UtcDateTime) {
        let truth: Vec<(&String, FieldValueBuf)> =
            truth.iter().map(|(name, right)| (name, right.clone().into())).collect();
        let (mut answers, mut last) = (Vec::new(), published);
        for worker_idx in self.chosen(object) {
            let worker = &mut self.workers[worker_idx];
            let mut dice = Dice::named(self.seed, &format!("{object}/{}", worker.name));
            if !dice.chance(self.answer_rate) {
                continue;
            }
            let accepted = published.max(worker.busy_until) + milliseconds(500.0, 4_500.0, &mut dice);
            let spent = milliseconds(4_000.0, 40_000.0, &mut dice);
            let submitted = accepted + spent + milliseconds(0.0, 3_000.0, &mut dice);
            worker.busy_until = submitted;
            last = last.max(submitted);
            answers.push(WorkerAnswer {
                acceptance_time: Some(wire_time::answer_time(accepted)),
                submission_time: Some(wire_time::answer_time(submitted)),
                time_spent_in_seconds: Number::from_f64(spent.as_seconds_f64()),
                answer_content: form(self.seed, object, worker, &truth, &self.fields).into(),
                worker_id: WorkerId::new(worker.name.as_str()),
                worker_metadata: None,
            });
        }
        (answers, last)
    }

    /// The indices of those who get the object, in ascending order.
    fn chosen(&self, object: &str) -> Vec<usize> {
        let mut dice = Dice::named(self.seed, object);
        let mut left: Vec<usize> = (0..self.workers.len()).collect();
        let n = self.n_per_object.min(left.len());
        let mut chosen: Vec<usize> = (0..n).map(|_| left.swap_remove(dice.below(left.len()))).collect();
        chosen.sort_unstable();
        chosen
    }
}

/// What one worker sends: a member per field, without those left empty.
fn form(
    seed: u64,
    object: &str,
    worker: &SimulatedWorker,
    truth: &[(&String, FieldValueBuf)],
    fields: &BTreeMap<String, SimulatedField>,
) -> Map<String, Value> {
    let answer = |(name, right): &(&String, FieldValueBuf)| {
        let field = fields.get(*name)?;
        let mut dice = Dice::named(seed, &format!("{object}/{}/{name}", worker.name));
        let careful = dice.chance(worker.skill);
        let value = (field.kind.simulate)(right.view(), careful, &field.categories, &mut dice);
        (value != FieldValueBuf::default()).then(|| ((*name).clone(), json!(value)))
    };
    truth.iter().filter_map(answer).collect()
}

/// A time span between two bounds.
fn milliseconds(from: f64, to: f64, dice: &mut Dice) -> Duration {
    Duration::milliseconds((from + dice.unit() * (to - from)) as i64)
}

#[cfg(test)]
mod tests {
    use ground_truth::annotation_kinds;
    use serde_json::json;
    use time::macros::utc_datetime;

    use super::*;

    const START: UtcDateTime = utc_datetime!(2024-05-06 07:00:00);

    fn workers(skill: f64, answer_rate: f64) -> SimulatedWorkers {
        let kind = annotation_kinds::by_name("classification").expect("a kind");
        let categories = ["otter", "heron"].map(LabelCategory::new).to_vec();
        SimulatedWorkers {
            workers: ["ana", "bo", "cy", "dee"].map(|name| SimulatedWorker::new(name.to_owned(), skill)).into(),
            n_per_object: 3,
            seed: 7,
            answer_rate,
            fields: BTreeMap::from([("animal".to_owned(), SimulatedField { kind, categories })]),
        }
    }

    fn truth() -> Map<String, Value> {
        json!({"animal": {"label": "otter"}}).as_object().expect("an object").clone()
    }

    fn answers(workers: &mut SimulatedWorkers, n_objects: usize) -> Vec<Vec<WorkerAnswer>> {
        (0..n_objects).map(|idx| workers.answer(&idx.to_string(), &truth(), START).0).collect()
    }

    #[test]
    fn the_perfect_tell_the_truth_and_the_careless_do_not() {
        for (skill, label) in [(1.0, "otter"), (0.0, "heron")] {
            for answer in answers(&mut workers(skill, 1.0), 20).concat() {
                assert_eq!(answer.answer_content, json!({"animal": {"label": label}}));
            }
        }
    }

    #[test]
    fn as_many_workers_as_the_job_asks_for_and_every_worker_gets_work() {
        let answers = answers(&mut workers(0.8, 1.0), 100);
        assert!(answers.iter().all(|answers| answers.len() == 3));
        for name in ["ana", "bo", "cy", "dee"] {
            let n = answers.iter().flatten().filter(|answer| answer.worker_id.as_str() == name).count();
            assert!((60..=90).contains(&n), "{name} got {n} of 100 objects");
        }
        assert_eq!(self::answers(&mut workers(0.8, 0.0), 10).concat(), []);
    }

    #[test]
    fn an_answer_depends_on_no_other_object() {
        let all = answers(&mut workers(0.5, 0.8), 10);
        let (one, _) = workers(0.5, 0.8).answer("9", &truth(), START);
        let contents = |answers: &[WorkerAnswer]| -> Vec<Value> {
            answers.iter().map(|answer| answer.answer_content.clone()).collect()
        };
        assert_eq!(contents(&all[9]), contents(&one));
    }

    #[test]
    fn a_worker_does_one_task_after_the_other() {
        let mut workers = workers(0.8, 1.0);
        let mut submitted = BTreeMap::new();
        for answer in answers(&mut workers, 50).concat() {
            let accepted = answer.acceptance_time.expect("a time");
            if let Some(before) = submitted.insert(answer.worker_id, answer.submission_time.clone()) {
                assert!(before < Some(accepted.clone()), "{before:?} {accepted}");
            }
            assert!(Some(accepted) < answer.submission_time);
        }
    }
}
