//! For each rule an input that breaks only it, and one that keeps it.

mod data;
mod functions;
mod labels;
mod naming;
mod people;

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::labeling_job::testing::{builtin_document, changed, sound_document};
use crate::labeling_job::{JobSpec, ManifestFacts, TaskType};

const NAME: &str = "/LabelAttributeName";
const TEAM: &str = "/HumanTaskConfig/WorkteamArn";
const UI: &str = "/HumanTaskConfig/UiConfig";
const PRE: &str = "/HumanTaskConfig/PreHumanTaskLambdaArn";
const POST_CONFIG: &str = "/HumanTaskConfig/AnnotationConsolidationConfig";
const WORKERS: &str = "/HumanTaskConfig/NumberOfHumanWorkersPerDataObject";

/// What the rules get to see.
struct Case {
    spec: JobSpec,
    endpoint_region: Option<&'static str>,
    manifest: Option<ManifestFacts>,
    label_categories: Option<Value>,
    template: Option<String>,
}

/// A sound custom job with some members replaced.
fn custom(changes: &[(&str, Value)]) -> Case {
    Case::of(changed(sound_document(), changes))
}

/// A sound job of a built-in task with some members replaced.
fn builtin(task_type: &str, changes: &[(&str, Value)]) -> Case {
    let task_type = TaskType::by_name(task_type).expect("a task type");
    Case::of(changed(builtin_document(task_type), changes))
}

impl Case {
    fn of(spec: JobSpec) -> Self {
        Self { spec, endpoint_region: None, manifest: None, label_categories: None, template: None }
    }

    fn manifest(self, n_objects: u64, members: &[(&str, u64)]) -> Self {
        let n_lines_with = members.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
        Self { manifest: Some(ManifestFacts { n_objects, n_lines_with, longest_line: 100 }), ..self }
    }

    fn labels(self, label_categories: Value) -> Self {
        Self { label_categories: Some(label_categories), ..self }
    }

    fn template(self, template: impl Into<String>) -> Self {
        Self { template: Some(template.into()), ..self }
    }

    fn evidence(&self) -> Evidence<'_> {
        Evidence {
            spec: &self.spec,
            endpoint_region: self.endpoint_region,
            manifest: self.manifest.as_ref(),
            label_categories: self.label_categories.as_ref(),
            template: self.template.as_deref(),
        }
    }

    fn problems(&self) -> Vec<Problem> {
        self.evidence().problems()
    }

    /// The ids of everything that stands against the job.
    #[track_caller]
    fn breaks(&self, expected: &[&str]) {
        let problems = self.problems();
        let ids: Vec<&str> = problems.iter().map(|problem| problem.rule.unwrap_or(problem.location.member())).collect();
        assert_eq!(ids, expected, "{problems:#?}");
    }

    #[track_caller]
    fn keeps_all(&self) {
        self.breaks(&[]);
    }

    /// One broken rule, weighed as this.
    #[track_caller]
    fn breaks_as(&self, level: Level, rule: &str) {
        self.breaks(&[rule]);
        assert_eq!(self.problems()[0].level, level);
    }
}

/// The ids of the specification.
const IDS: &str = "\
N1 N2 N3 N4 N5 N6 N7 N8 N9 N10 N11 N12
W1 W2 W3 W4 W5 W6 W7 W8 W9 W10 W11
U1 U2 U3 U4 U5 U6 U7
F1 F2 F3 F4 F5 F6 F7
R1 R2 R3 R4 R5
T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12
P1 P2 P3 P4 P5
L1 L2 L3 L4 L5 L6 L7 L8 L9 L10 L11 L12 L13 L14
A1 A2 A3 A4 A5 A6 A7 A8 A9 A10
S1 S2 S3 S4 S5 S6 S7 S8 S9 S10
K1 K2 K3 K4 K5 K6 K7 K8 K9 K10
M1 M2 M3 M4 M5 M6 M7 M8 M9 M10 M11 M12 M13 M14 M15 M16 M17 M18";

#[test]
fn every_rule_of_the_specification_is_in_the_catalogue() {
    let ids: Vec<&str> = all().map(|rule| rule.id).collect();
    assert_eq!(ids, IDS.split_whitespace().collect::<Vec<_>>());
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
}

#[test]
fn every_rule_is_told_in_a_sentence_with_its_source() {
    for rule in all() {
        assert!(!rule.says.is_empty() && !rule.says.ends_with('.'), "{}", rule.id);
        assert!(!rule.says.contains("  ") && !rule.source.is_empty(), "{}", rule.id);
    }
}

#[test]
fn sound_jobs_break_no_rule() {
    custom(&[]).keeps_all();
    for task_type in TaskType::all().filter(|task_type| task_type.is_builtin()) {
        builtin(task_type.name, &[]).keeps_all();
    }
}

#[test]
fn a_rule_that_is_broken_by_bounds_says_so() {
    let case = custom(&[("/HumanTaskConfig/TaskTimeLimitInSeconds", 29.into())]);
    let (evidence, problems) = (case.evidence(), case.problems());
    let broken: Vec<&str> = all()
        .filter(|rule| matches!(rule.verdict(&evidence, &problems), Verdict::Broken(_)))
        .map(|rule| rule.id)
        .collect();
    assert_eq!(broken, ["T1"]);
}
