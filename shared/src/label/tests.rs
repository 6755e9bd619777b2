//! What every label promises, of whatever kind and in whatever format: it is read as it was written, can be shown, and differs
//! from labels that say something else.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::*;
use crate::annotation_kinds::tests::{batch, examples, simulated};
use crate::annotation_kinds::{ALL, AnnotationKind};
use crate::batch::Batch;
use crate::document::Problems;
use crate::field_value::FieldValueBuf;
use crate::label_content::Decided;
use crate::plan::{ConsolidationPlan, Outcome};
use crate::vocabulary::LabelCategory;

const JOB: JobFacts<'_> = JobFacts { label_attribute_name: "survey", labeling_job_name: None, creation_date: None };

/// A plan for a field of the kind under one of its methods, with these members beside it.
fn plan(kind: &AnnotationKind, method: Option<&str>, members: Value) -> Result<ConsolidationPlan, Problems> {
    let mut plan = members;
    plan["fields"] = json!({ "field": { "kind": kind.name } });
    if let Some(method) = method {
        plan["fields"]["field"]["method"] = json!(method);
    }
    ConsolidationPlan::from_value(&plan)
}

/// Objects on which workers agree, objects on which they do not, objects with a lone worker, one whose answers are of another
/// kind, and one whose answer is empty.
fn crowd(kind: &AnnotationKind) -> Batch {
    let examples = examples(kind);
    let unanimous = examples.iter().map(|example| vec![example.clone(); 3]);
    let lone = examples.iter().map(|example| vec![example.clone()]);
    let others = [vec![FieldValueBuf::object([("torn", 1)]); 2], vec![FieldValueBuf::default()]];
    batch(&unanimous.chain(simulated(kind, 6)).chain(lone).chain(others).collect::<Vec<_>>())
}

/// Writes the labels of a batch in a format, and hands each to `check` as a job has it, with the outcome behind it.
fn each_written(kind: &AnnotationKind, format: &str, batch: &Batch, mut check: impl FnMut(&Outcome, Label, &Value)) {
    let members = json!({ "outputFormat": format, "noUsableAnswer": "unresolved-label" });
    let plan = plan(kind, None, members).expect("a plan");
    let outcomes = plan.consolidate(batch);
    let labels = write(&plan, batch, &outcomes, JOB);
    for (idx, outcome) in outcomes.iter().enumerate() {
        let content = labels.content(idx).expect("every object gets an entry");
        // A job's labels are texts on their way.
        let line: Map<String, Value> = serde_json::from_str(&json!(content).to_string()).expect("JSON");
        let label = &line["survey"];
        check(outcome, Label::read(label, line.get("survey-metadata").and_then(Value::as_object)), label);
    }
}

/// The label of the one field.
fn own(outcome: &Outcome) -> FieldLabel<'_> {
    outcome.fields[0].label()
}

fn outcomes(kind: &AnnotationKind, batch: &Batch) -> Vec<Outcome> {
    plan(kind, None, json!({})).expect("a plan").consolidate(batch)
}

#[test]
fn fields_are_read_as_they_were_written() {
    for kind in ALL {
        each_written(kind, "fields", &crowd(kind), |outcome, label, written| match label {
            Label::Fields(fields) => {
                assert_eq!(fields["field"], own(outcome), "{}", kind.name);
                assert_eq!(json!(fields).to_string(), written.to_string(), "{}", kind.name);
            }
            Label::Nothing => assert!(outcome.unresolved().is_some(), "{}: {written}", kind.name),
            other => panic!("{}: {other:?}", kind.name),
        });
    }
}

#[test]
fn labels_of_built_in_task_types_say_what_fields_say() {
    for kind in ALL {
        let mut batch = crowd(kind);
        let outcomes = outcomes(kind, &batch);
        let labels: Vec<FieldLabel<'_>> = outcomes.iter().map(own).collect();
        let named: BTreeSet<&str> = labels.iter().flat_map(FieldLabel::named_categories).collect();
        batch.categories = named.into_iter().chain(["another"]).map(LabelCategory::new).collect();
        let is_built_in = kind.particulars.built_in.is_some_and(|task| task.is_written());
        let mut n_built_in = 0;
        each_written(kind, "ground-truth", &batch, |outcome, label, written| match label {
            Label::BuiltIn(built_in) => {
                let own = own(outcome);
                assert_eq!(built_in.kind_name(), kind.name);
                let decisions = built_in.decision().zip(own.decision());
                assert!(decisions.is_some_and(|(read, own)| read.decides_as(&own)), "{}: {written}", kind.name);
                n_built_in += 1;
            }
            Label::Fields(fields) if !is_built_in => assert_eq!(fields["field"], own(outcome), "{}", kind.name),
            Label::Nothing => {
                let own = own(outcome);
                let lacks_category =
                    own.marks().is_some_and(|marks| marks.iter().any(|mark| mark.category().is_none()));
                assert!(
                    outcome.unresolved().is_some() || !own.is_resolved() || lacks_category,
                    "{}: {own:?}",
                    kind.name
                );
            }
            other => panic!("{}: {other:?}", kind.name),
        });
        assert_eq!(n_built_in > 0, is_built_in, "{}", kind.name);
    }
}

#[test]
fn answers_are_returned_as_they_came() {
    for kind in ALL {
        let batch = crowd(kind);
        let mut objects = batch.objects.iter();
        each_written(kind, "all-answers", &batch, |_, label, written| {
            assert_eq!(label, Label::AllAnswers);
            assert!(label.is_nothing());
            let returned = written["annotationsFromAllWorkers"].as_array().expect("a list");
            let returned =
                returned.iter().map(|answer| answer["annotationData"]["content"].as_str().expect("a text").to_owned());
            let sent = objects.next().expect("an object").answers.iter().map(|one| one.answer.to_text());
            assert!(returned.eq(sent), "{}: {written}", kind.name);
        });
    }
}

#[test]
fn every_label_can_be_shown() {
    for kind in ALL {
        let outcomes = outcomes(kind, &crowd(kind));
        let labels: Vec<FieldLabel<'_>> = outcomes.iter().map(own).collect();
        assert!(labels.iter().any(FieldLabel::is_resolved), "{}", kind.name);
        for label in labels {
            let Some(decided) = label.decided() else {
                assert!(!label.is_resolved(), "{}: {label:?}", kind.name);
                assert_eq!((label.headline(), label.cell(), label.as_answer()), (None, String::new(), None));
                continue;
            };
            // What was only counted has no headline.
            let is_counted = matches!(decided, Decided::Values(_));
            assert_eq!(label.headline().is_none(), is_counted, "{}", kind.name);
            assert!(label.headline().is_none_or(|line| !line.is_empty() && !line.contains('\n')), "{label:?}");
            assert_eq!(decided.in_words().is_empty(), label.n_workers() == Some(0), "{label:?}");
            let is_empty_choice = matches!(&decided, Decided::Categories(categories) if categories.is_empty());
            assert_eq!(label.cell().is_empty(), is_empty_choice, "{label:?}");
            assert_eq!(label.as_answer().is_none(), is_counted, "{label:?}");
            let named = label.named_categories();
            assert!(decided.categories().iter().all(|category| named.contains(category)), "{label:?}");
            if let Some(marks) = label.marks() {
                assert_eq!(Some(marks.geometry()), kind.label.geometry());
                assert_eq!(marks.with_shapes().count(), marks.iter().len(), "{label:?}");
            }
        }
    }
}

#[test]
fn labels_of_lone_workers_decide_the_same_only_where_these_said_the_same() {
    for kind in ALL {
        let values = [examples(kind), simulated(kind, 6).concat()].concat();
        let read = (kind.read_values)(&values.iter().map(FieldValueBuf::view).collect::<Vec<_>>(), &[]);
        let objects: Vec<Vec<FieldValueBuf>> = values.iter().map(|value| vec![value.clone()]).collect();
        let plan = plan(kind, kind.lone_method, json!({})).expect("a plan");
        let outcomes = plan.consolidate(&batch(&objects));
        let decisions: Vec<_> = outcomes.iter().map(|outcome| own(outcome).decision()).collect();
        let mut n_different = 0;
        for (a, before) in decisions.iter().enumerate() {
            for (b, after) in decisions.iter().enumerate() {
                let Some(distance) = read.distance(a, b) else { continue };
                let (before, after) = before.as_ref().zip(after.as_ref()).expect("decisions");
                let is_same = before.decides_as(after) && after.decides_as(before);
                let told = format!("{}: {} {} {distance}", kind.name, values[a], values[b]);
                if values[a] == values[b] {
                    assert!(is_same, "{told}");
                } else if distance > 0.1 {
                    assert!(!is_same, "{told}");
                    n_different += 1;
                }
            }
        }
        assert!(n_different > 0, "{}: all values say the same", kind.name);
    }
}

#[test]
fn known_answers_are_labels_of_the_kinds_that_take_them() {
    for kind in ALL {
        for example in examples(kind) {
            let plan = plan(kind, None, json!({"gold": {"field": {"0": example}}}));
            let Some(check) = kind.particulars.check_gold else {
                assert!(plan.is_err(), "{} takes no known answers", kind.name);
                continue;
            };
            assert_eq!(check(example.view()), Ok(()), "{}", kind.name);
            let outcomes = plan.expect("a plan").consolidate(&batch(&[Vec::<FieldValueBuf>::new()]));
            let label = own(&outcomes[0]);
            assert!(label.is_gold(), "{label:?}");
            let said = label.as_answer().expect("an answer");
            assert_eq!(
                (kind.read_values)(&[example.view(), said.view()], &[]).distance(0, 1),
                Some(0.0),
                "{example} {said}"
            );
        }
    }
}

#[test]
fn skills_of_workers_are_estimated_and_taken_by_the_same_kinds() {
    for kind in ALL {
        let takes_skills = kind.particulars.worker_skills.is_some();
        let skilled = plan(kind, None, json!({"workerSkills": {"field": {"w0": {"right": 3, "asked": 4}}}}));
        assert_eq!(skilled.is_ok(), takes_skills, "{}", kind.name);
        let estimated = plan(kind, None, json!({})).expect("a plan").worker_skills(&crowd(kind));
        assert_eq!(estimated.fields().count(), usize::from(takes_skills), "{}", kind.name);
    }
}
