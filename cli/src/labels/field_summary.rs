//! What became of each field of a form, over all data objects.

use std::collections::BTreeMap;

use ground_truth::label_content::Decided;
use ground_truth::plan::{FieldResult, Outcome};
use ground_truth::vocabulary::Confidence;
use serde::{Serialize, Serializer};

/// One summary per field, in alphabetical order. A field that was recognized differently in different batches has one
/// for each kind.
#[derive(Debug, Default)]
pub struct FieldSummaries(BTreeMap<(String, &'static str), FieldSummary>);

/// What became of one field.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldSummary {
    /// The field's name in the form.
    pub field: String,
    /// The name of the field's annotation kind.
    pub kind: &'static str,
    /// How it was consolidated, if it was.
    pub method: Option<&'static str>,
    /// How many data objects have a label for it.
    pub resolved: usize,
    /// How many have none.
    pub unresolved: usize,
    /// How sure the method is, over the labels.
    pub mean_confidence: Mean,
    /// How many labels name the category, or the categories, that a perfect crowd would have given them.
    pub as_in_truth: Share,
}

impl FieldSummaries {
    /// Counts what became of one data object; `truth` is what becomes of the answers of workers who make no mistake.
    pub fn count(&mut self, outcome: &Outcome, truth: Option<&Outcome>) {
        for field in &outcome.fields {
            let summary = self.of(field);
            match field.outcome.unresolved {
                None => summary.resolved += 1,
                Some(_) => summary.unresolved += 1,
            }
            summary.mean_confidence.add(field.outcome.confidence);
            let same = |other: &&FieldResult| other.name == field.name && other.kind.name == field.kind.name;
            let right = truth.and_then(|truth| categories(truth.fields.iter().find(same)?));
            if let (Some(right), Some(given)) = (right, categories(field)) {
                summary.as_in_truth.of += 1;
                summary.as_in_truth.labels += usize::from(given == right);
            }
        }
    }

    fn of(&mut self, field: &FieldResult) -> &mut FieldSummary {
        self.0.entry((field.name.clone(), field.kind.name)).or_insert_with(|| FieldSummary {
            field: field.name.clone(),
            kind: field.kind.name,
            method: field.outcome.method,
            resolved: 0,
            unresolved: 0,
            mean_confidence: Mean::default(),
            as_in_truth: Share::default(),
        })
    }

    /// The summary of each field, by name.
    pub fn iter(&self) -> impl Iterator<Item = &FieldSummary> {
        self.0.values()
    }
}

impl Serialize for FieldSummaries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// The categories that a label consists of, sorted; `None` when there is no label, or one that is more than categories.
fn categories(field: &FieldResult) -> Option<Vec<String>> {
    let label = field.label();
    let decided = label.decided().filter(|decided| matches!(decided, Decided::Category(_) | Decided::Categories(_)))?;
    let mut categories: Vec<String> = decided.categories().into_iter().map(str::to_owned).collect();
    categories.sort_unstable();
    Some(categories)
}

/// A mean of confidences; on the wire with two decimals, or null for a mean of none.
#[derive(Debug, Default)]
pub struct Mean {
    sum: f64,
    n: usize,
}

impl Mean {
    fn add(&mut self, confidence: Option<Confidence>) {
        if let Some(confidence) = confidence {
            self.sum += confidence.value();
            self.n += 1;
        }
    }

    /// The mean; `None` of none.
    pub fn confidence(&self) -> Option<Confidence> {
        // A sum of ones is exact; anything less stays below 1 by more than it can be rounded.
        (self.n > 0).then(|| Confidence::new(self.sum / self.n as f64).ok()).flatten()
    }
}

impl Serialize for Mean {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.confidence().serialize(serializer)
    }
}

/// How many labels of how many.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Labels that match the truth.
    pub labels: usize,
    /// Labels whose truth is known.
    pub of: usize,
}

#[cfg(test)]
mod tests {
    use ground_truth::answer::Answer;
    use ground_truth::batch::{Batch, DatasetObject, WorkerAnswer};
    use ground_truth::plan::ConsolidationPlan;
    use ground_truth::vocabulary::{DatasetObjectId, WorkerId};
    use serde_json::{Value, json};

    use super::*;

    fn outcomes(answers_of_objects: &[&[Value]]) -> Vec<Outcome> {
        let object = |(idx, answers): (usize, &&[Value])| {
            let answers = answers.iter().enumerate().map(|(worker_idx, answer)| {
                let answer = Answer::from_value(answer.clone()).expect("a form");
                Ok(WorkerAnswer { worker_id: WorkerId::new(worker_idx.to_string()), answer })
            });
            DatasetObject::new(DatasetObjectId::new(idx.to_string()), None, answers)
        };
        let objects = answers_of_objects.iter().enumerate().map(object).collect();
        let plan = ConsolidationPlan::from_value(&json!({
            "kinds": {"classification": {"method": "majority-vote"}, "multi-label": {"method": "majority-vote"}},
        }));
        plan.expect("a plan").consolidate(&Batch { objects, ..Batch::default() })
    }

    #[test]
    fn labels_are_compared_with_the_truth_where_they_are_categories() {
        let form = |animal: &str, tags: Value, clicks: &str| json!({"animal": {"label": animal}, "tags": tags, "track": {"clicks": clicks}});
        let given = outcomes(&[
            &[form("otter", json!(["wet", "dark"]), "x"), form("otter", json!(["dark", "wet"]), "y")],
            &[form("heron", json!(["wet"]), "z")],
            &[json!({"animal": {"label": ""}, "tags": {}})],
        ]);
        let truth = outcomes(&[
            &[form("otter", json!(["dark", "wet"]), "x")],
            &[form("otter", json!(["wet", "dark"]), "x")],
            &[form("otter", json!(["wet"]), "x")],
        ]);
        let mut summaries = FieldSummaries::default();
        for (outcome, truth) in given.iter().zip(&truth) {
            summaries.count(outcome, Some(truth));
        }
        assert_eq!(
            json!(summaries),
            json!([
                {"field": "animal", "kind": "classification", "method": "majority-vote", "resolved": 2, "unresolved": 1,
                 "meanConfidence": 1.0, "asInTruth": {"labels": 1, "of": 2}},
                {"field": "tags", "kind": "multi-label", "method": "majority-vote", "resolved": 2, "unresolved": 1,
                 "meanConfidence": 1.0, "asInTruth": {"labels": 1, "of": 2}},
                {"field": "track", "kind": "verbatim", "method": null, "resolved": 2, "unresolved": 0,
                 "meanConfidence": null, "asInTruth": {"labels": 0, "of": 0}},
            ])
        );
    }
}
