//! How often workers are right, as an earlier pass estimated it: what the plan's member `workerSkills` holds and
//! [`ConsolidationPlan::worker_skills`](crate::plan::ConsolidationPlan::worker_skills) makes.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::document::{Problem, Reader};
use crate::vocabulary::WorkerId;

/// Of how many answers of a worker how many were right. Both may be fractions, for answers that are only probably right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WorkerSkill {
    right: f64,
    asked: f64,
}

impl WorkerSkill {
    /// The most answers that are believed.
    pub const MAX_ASKED: f64 = 1e6;

    /// `None` unless 0 <= `right` <= `asked` <= a million.
    pub fn new(right: f64, asked: f64) -> Option<Self> {
        ((0.0..=Self::MAX_ASKED).contains(&asked) && (0.0..=asked).contains(&right)).then_some(Self { right, asked })
    }

    /// The number of right answers, and of all answers.
    pub fn counts(self) -> (f64, f64) {
        (self.right, self.asked)
    }

    fn read(value: &Value, path: String) -> (Option<Self>, Vec<Problem>) {
        let mut reader = Reader::new(value, path);
        let right = reader.number("right", 0.0..=Self::MAX_ASKED);
        let asked = reader.number("asked", 0.0..=Self::MAX_ASKED);
        let skill = right.zip(asked).and_then(|(right, asked)| Self::new(right, asked));
        match (right, asked) {
            (Some(_), Some(_)) if skill.is_none() => reader.problem("right", "must be at most `asked`"),
            // What is there but not a number has its problem already.
            _ if value.is_object() && ["right", "asked"].iter().any(|name| value.get(name).is_none()) => {
                reader.problem_here("must have `right` and `asked`: of how many answers how many were right");
            }
            _ => {}
        }
        (skill, reader.finish())
    }
}

/// The skills of workers in one form field.
pub type FieldSkills = BTreeMap<WorkerId, WorkerSkill>;

static NOTHING_KNOWN: FieldSkills = BTreeMap::new();

/// The skills of workers by form field. As JSON it is the plan's member `workerSkills`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct WorkerSkills(BTreeMap<String, FieldSkills>);

impl WorkerSkills {
    /// What is known of workers in a form field; empty when nothing is.
    pub fn for_field(&self, name: &str) -> &FieldSkills {
        self.0.get(name).unwrap_or(&NOTHING_KNOWN)
    }

    /// Every form field with its workers, in alphabetical order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &FieldSkills)> {
        self.0.iter().map(|(name, skills)| (name.as_str(), skills))
    }

    /// Reads the member `workerSkills`. `objection` says why nothing can be known of a field's workers.
    pub(crate) fn read(reader: &mut Reader<'_>, objection: impl Fn(&str) -> Option<String>) -> Self {
        let mut fields = Self::default();
        for (name, workers, path) in reader.entries("workerSkills") {
            let Some(workers) = workers.as_object() else {
                reader.add_problems(vec![Problem { path, message: "must be a JSON object".to_owned() }]);
                continue;
            };
            if let Some(message) = objection(name) {
                reader.add_problems(vec![Problem { path, message }]);
                continue;
            }
            let of_field = fields.0.entry(name.to_owned()).or_default();
            for (worker_id, value) in workers {
                let (skill, problems) = WorkerSkill::read(value, format!("{path}.{worker_id}"));
                reader.add_problems(problems);
                of_field.extend(skill.map(|skill| (WorkerId::new(worker_id.as_str()), skill)));
            }
        }
        fields
    }
}

/// Fields about whose workers nothing is known are left out.
impl FromIterator<(String, FieldSkills)> for WorkerSkills {
    fn from_iter<I: IntoIterator<Item = (String, FieldSkills)>>(fields: I) -> Self {
        Self(fields.into_iter().filter(|(_, skills)| !skills.is_empty()).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(skills: Value) -> (WorkerSkills, Vec<String>) {
        let document = json!({ "workerSkills": skills });
        let mut reader = Reader::new(&document, "");
        let skills = WorkerSkills::read(&mut reader, |name| (name == "note").then(|| "no".to_owned()));
        (skills, reader.finish().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let document = json!({"animal": {"ana": {"right": 8.5, "asked": 10.0}, "bo": {"right": 0.0, "asked": 0.0}}});
        let (skills, problems) = read(document.clone());
        assert_eq!((serde_json::to_value(&skills).expect("JSON"), problems), (document, vec![]));
        let ana = skills.for_field("animal").get(&WorkerId::new("ana")).copied();
        assert_eq!((ana, skills.for_field("other").len()), (WorkerSkill::new(8.5, 10.0), 0));
        assert_eq!(skills.fields().map(|(name, workers)| (name, workers.len())).collect::<Vec<_>>(), [("animal", 2)]);
    }

    #[test]
    fn impossible_counts_are_named() {
        let skills = json!({
            "animal": {"a": {"right": 3, "asked": 2}, "b": {"right": -1, "asked": "many"}, "c": {"right": 1}, "d": 0.9,
                       "e": {"right": 1, "asked": 2, "skill": 0.5}},
            "note": {"a": {"right": 1, "asked": 1}},
            "shape": []
        });
        assert_eq!(
            read(skills).1,
            [
                "workerSkills.animal.a.right: must be at most `asked`",
                "workerSkills.animal.b.right: must be a number from 0 to 1000000",
                "workerSkills.animal.b.asked: must be a number from 0 to 1000000",
                "workerSkills.animal.c: must have `right` and `asked`: of how many answers how many were right",
                "workerSkills.animal.d: must be a JSON object",
                "workerSkills.animal.e.skill: unknown member; known are `right` or `asked`",
                "workerSkills.note: no",
                "workerSkills.shape: must be a JSON object",
            ]
        );
    }
}
