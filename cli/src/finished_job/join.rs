//! Several jobs on the same data objects as one: a job with the rounds that followed it, or the parts of a divided dataset.

use std::collections::BTreeMap;
use std::mem;

use ground_truth::batch::DatasetObject;
use ground_truth::label::Label;
use ground_truth::vocabulary::DatasetObjectId;
use serde_json::{Map, Value};

use super::answers::ObjectAnswers;
use super::{FinishedJob, ManifestLine, Note, ObjectDetails, Source, State};
use crate::labels::output_line;

impl FinishedJob {
    /// Takes in another job. An object of it that shows the same as one of this job is the same object: the answers to both
    /// count, of one worker the newest, and so does its label, if it has one. All others come after the objects of this
    /// job. What shows the same as another object of its own job cannot be told apart, and is not matched.
    pub(super) fn join(&mut self, mut other: Self) {
        let places = self.places_of(&other);
        self.notes.add(mem::take(&mut other.notes));
        self.label_attribute_name = self.label_attribute_name.take().or(other.label_attribute_name.clone());
        for category in other.batch.categories {
            if !self.batch.categories.contains(&category) {
                self.batch.categories.push(category);
            }
        }
        let is_of_other = self.label_attribute_name != other.label_attribute_name;
        for ((object, details), place) in other.batch.objects.into_iter().zip(other.details).zip(places) {
            let state = other.label_attribute_name.as_deref().map(|name| details.state(name));
            match place {
                Some(place) => {
                    self.notes.count(Note::ObjectOfSeveralJobs);
                    self.add_answers(place, object, details);
                    if let Some(State::Labeled { label, metadata }) = state {
                        self.set_label(place, label, metadata, is_of_other);
                    }
                }
                None => {
                    if is_of_other && matches!(state, Some(State::Labeled { .. })) {
                        self.notes.count(Note::LabelOfOtherAttribute);
                    }
                    let id = format!("{}/{}", other.name.as_deref().unwrap_or("joined"), object.id);
                    self.batch.objects.push(DatasetObject { id: DatasetObjectId::new(id), ..object });
                    self.details.push(details);
                }
            }
        }
    }

    /// Of each object of another job the place of the one in this job that shows the same.
    fn places_of(&self, other: &Self) -> Vec<Option<usize>> {
        let (own, others) = (only_places(&self.details), only_places(&other.details));
        let place = |details: &ObjectDetails| {
            let source = details.source.as_ref()?;
            others.get(source).copied().flatten().and(own.get(source).copied().flatten())
        };
        other.details.iter().map(place).collect()
    }

    fn set_label(&mut self, place: usize, label: Value, metadata: Option<Map<String, Value>>, is_of_other: bool) {
        let Some(name) = &self.label_attribute_name else { return };
        if is_of_other {
            self.notes.count(Note::LabelOfOtherAttribute);
        } else if !Label::read(&label, metadata.as_ref()).is_nothing() {
            let line = self.details[place].line_or_source(place);
            let text = output_line::relabeled(&line, name, label, metadata);
            self.details[place].line = Some(ManifestLine::new(place, &text));
        }
    }

    fn add_answers(&mut self, place: usize, object: DatasetObject, details: ObjectDetails) {
        let (own, own_details) = (&mut self.batch.objects[place], &mut self.details[place]);
        let timings = mem::take(&mut own_details.timings);
        let mut all = ObjectAnswers {
            answers: mem::take(&mut own.answers).into_iter().zip(timings).collect(),
            replaced: mem::take(&mut own_details.replaced),
            ..ObjectAnswers::default()
        };
        for (answer, timing) in object.answers.into_iter().zip(details.timings) {
            all.add_read(answer, timing);
        }
        self.notes.count_many(Note::ReplacedAnswer, all.n_replaced);
        (own.answers, own_details.timings) = all.answers.into_iter().unzip();
        own.n_replaced += object.n_replaced + all.n_replaced;
        own.rejected.extend(object.rejected);
        own.rejected.sort();
        own_details.replaced = all.replaced;
        own_details.replaced.extend(details.replaced);
    }
}

/// The place of the object that shows something; `None` where several do.
fn only_places(details: &[ObjectDetails]) -> BTreeMap<&Source, Option<usize>> {
    let mut places = BTreeMap::new();
    for (place, source) in
        details.iter().enumerate().filter_map(|(place, details)| Some((place, details.source.as_ref()?)))
    {
        places.entry(source).and_modify(|only| *only = None).or_insert(Some(place));
    }
    places
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use ground_truth::field_value::FieldValue;
    use serde_json::json;

    use super::super::testing::{JobFolder, metadata};
    use super::*;

    fn form(animal: &str) -> Value {
        json!({ "animal": { "label": animal } })
    }

    fn labeled(source: &str, job: &str, label: &str) -> Value {
        json!({"source": source, "tags": label, "tags-metadata": metadata(job)})
    }

    /// `id: worker=animal …; state` per object.
    fn text(job: &FinishedJob) -> Vec<String> {
        let of_object = |(place, object): (usize, &DatasetObject)| {
            let animal = |value: FieldValue<'_>| value.member("label")?.text().map(Cow::into_owned);
            let answers = object.answers.iter().zip(&job.details[place].timings).map(|(one, timing)| {
                assert!(timing.submitted.is_some());
                format!(" {}={}", one.worker_id, one.answer.field("animal").and_then(animal).unwrap_or_default())
            });
            let state = match job.state(place) {
                State::Labeled { label, .. } => label.to_string(),
                State::Failed { reason } => reason,
                State::Unlabeled => "-".to_owned(),
            };
            format!("{}:{}; {state}", object.id, answers.collect::<String>())
        };
        job.batch.objects.iter().enumerate().map(of_object).collect()
    }

    #[test]
    fn a_follow_up_adds_answers_and_labels() {
        let failed = json!({"source": "b", "tags-metadata": {"failure-reason": "expired"}});
        let mut job = JobFolder::new("river")
            .answers(1, "0", &[("ana", 1, form("otter")), ("bo", 2, form("heron"))])
            .answers(1, "2", &[("ana", 3, form("otter"))])
            .output(&[
                labeled("a", "river", "otter"),
                failed,
                labeled("c", "river", "otter"),
                labeled("d", "river", "mink"),
            ])
            .open();
        let round = JobFolder::new("river-2")
            .answers(1, "0", &[("bo", 9, form("heron"))])
            .answers(1, "1", &[("bo", 9, form("otter")), ("cy", 10, form("otter"))])
            .output(&[
                labeled("b", "river-2", "heron"),
                labeled("a", "river-2", "mink"),
                json!({"source": "d", "tags": {}, "tags-metadata": metadata("river-2")}),
            ])
            .open();
        job.join(round);
        assert_eq!(
            text(&job),
            [
                "0: ana=otter bo=otter cy=otter; \"mink\"",
                "1: bo=heron; \"heron\"",
                "2: ana=otter; \"otter\"",
                "3:; \"mink\""
            ]
        );
        assert_eq!((job.batch.objects[0].n_replaced, job.details[0].replaced.len()), (1, 1));
        assert_eq!(job.notes.of(Note::ObjectOfSeveralJobs), 3);
        assert_eq!(job.notes.of(Note::ReplacedAnswer), 1);
        assert_eq!(job.name.as_deref(), Some("river"));
    }

    #[test]
    fn parts_of_a_dataset_come_one_after_the_other() {
        let part = |name: &str, sources: [&str; 3]| {
            JobFolder::new(name)
                .answers(1, "0", &[("ana", 1, form("otter"))])
                .output(&sources.map(|source| json!({ "source": source })))
                .open()
        };
        let mut job = part("river", ["a", "twice", "twice"]);
        job.join(part("lake", ["b", "twice", "c"]));
        assert_eq!(
            text(&job),
            ["0: ana=otter; -", "1:; -", "2:; -", "lake/0: ana=otter; -", "lake/1:; -", "lake/2:; -"]
        );
    }

    #[test]
    fn a_label_of_another_attribute_is_counted_and_left() {
        let mut job = JobFolder::new("river").output(&[labeled("a", "river", "otter")]).open();
        let check = json!({"source": "a", "audit": "heron", "audit-metadata": metadata("audit-1")});
        job.join(JobFolder::new("audit-1").output(&[check]).open());
        assert_eq!(text(&job), ["0:; \"otter\""]);
        assert_eq!(job.notes.of(Note::LabelOfOtherAttribute), 1);
    }
}
