//! Which objects of a finished job need more work, and why. Pure.

use std::collections::BTreeMap;

use ground_truth::batch::Unresolved;
use ground_truth::contract::manifest::DataObject;
use ground_truth::plan::{FieldResult, Outcome};
use serde::Serialize;

use super::doubt::{self, Measure};
use crate::crowd::Crowd;
use crate::finished_job::{FinishedJob, State};

/// Why an object needs more work.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub(crate) enum Reason {
    /// Nobody answered in time.
    Expired {
        /// In the service's words.
        why: String,
    },
    /// The job gave up on it for another reason.
    Failed {
        /// In the service's words.
        why: String,
    },
    /// It has neither an answer nor a label.
    Unlabeled,
    /// Its answers gave no label.
    Unresolved {
        /// The field without one; none where no answer could be read at all.
        #[serde(skip_serializing_if = "Option::is_none")]
        field: Option<String>,
        /// Why the answers gave no label.
        why: Unresolved,
    },
    /// A label is less sure than was asked for.
    LowConfidence { field: String, confidence: f64, below: f64 },
    /// Its answers agree less than was asked for.
    LowAgreement { field: String, agreement: f64, below: f64 },
    /// One more worker would likely change a label.
    Doubtful {
        field: String,
        doubt: f64,
        measure: Measure,
        /// Among all objects, from 1.
        rank: usize,
    },
}

impl Reason {
    /// The name of every reason and what it says, in the order of reports.
    pub(crate) const ALL: &'static [(&'static str, &'static str)] = &[
        ("expired", "nobody answered in time"),
        ("failed", "the job gave up on them"),
        ("unlabeled", "neither an answer nor a label"),
        ("unresolved", "their answers gave no label"),
        ("low-confidence", "a label is not sure enough"),
        ("low-agreement", "workers disagree"),
        ("doubtful", "one more worker would most likely change a label"),
    ];

    pub(super) fn name(&self) -> &'static str {
        let idx = match self {
            Self::Expired { .. } => 0,
            Self::Failed { .. } => 1,
            Self::Unlabeled => 2,
            Self::Unresolved { .. } => 3,
            Self::LowConfidence { .. } => 4,
            Self::LowAgreement { .. } => 5,
            Self::Doubtful { .. } => 6,
        };
        Self::ALL[idx].0
    }
}

/// What is chosen unless it is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Skipped {
    /// Objects that the job gave up on, expired ones too.
    Failed,
    /// Objects without a label and without an answer.
    Unlabeled,
    /// Objects whose answers gave no label.
    Unresolved,
}

/// Which objects are chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// Not these, which are chosen otherwise.
    pub(crate) skip: &'a [Skipped],
    /// Those with a label that is less sure than this.
    pub(crate) below_confidence: Option<f64>,
    /// Those whose answers agree less than this.
    pub(crate) below_agreement: Option<f64>,
    /// So many that one more worker would most likely change.
    pub(crate) most_doubtful: Option<u32>,
    /// The only field that is looked at.
    pub(crate) field: Option<&'a str>,
}

/// How the objects of a job are chosen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice<'a> {
    pub(super) wanted: Wanted<'a>,
    /// Which objects no worker needs to see, by the configuration of PreHumanTaskLambda.
    pub(super) pre_function: &'a pre_human_task::Config,
}

/// Whatever needs more work.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// The reasons by the index of the object in the job.
    pub(super) reasons: BTreeMap<usize, Vec<Reason>>,
    /// How many objects have no label because no worker needs to see them.
    pub(super) n_settled: usize,
}

impl Choice<'_> {
    /// Chooses among the objects of a job, which are as many as the outcomes.
    pub(super) fn among(self, job: &FinishedJob, outcomes: &[Outcome], crowd: &Crowd) -> Chosen {
        let mut chosen = Chosen::default();
        for (idx, outcome) in outcomes.iter().enumerate() {
            let has_answers = outcome.n_answers > 0 || !outcome.unreadable.is_empty();
            match job.state(idx) {
                State::Failed { reason } => chosen.add(idx, self.failed(&reason)),
                State::Unlabeled if !has_answers && self.is_settled(job, idx) => chosen.n_settled += 1,
                State::Unlabeled if !has_answers && !self.skips(Skipped::Unlabeled) => {
                    chosen.add(idx, Some(Reason::Unlabeled));
                }
                State::Unlabeled | State::Labeled { .. } => {}
            }
            if has_answers {
                chosen.add(idx, self.of_labels(outcome));
            }
        }
        self.by_agreement(crowd, &mut chosen);
        self.by_doubt(crowd, outcomes, &mut chosen);
        chosen
    }

    fn skips(self, what: Skipped) -> bool {
        self.wanted.skip.contains(&what)
    }

    fn is_asked(self, field: &str) -> bool {
        self.wanted.field.is_none_or(|name| name == field)
    }

    fn failed(self, why: &str) -> Option<Reason> {
        let why = why.to_owned();
        let reason = if why.contains("tasks expired") { Reason::Expired { why } } else { Reason::Failed { why } };
        (!self.skips(Skipped::Failed)).then_some(reason)
    }

    /// Whether the pre function keeps the object from workers, as it did in the job.
    fn is_settled(self, job: &FinishedJob, idx: usize) -> bool {
        let Some(line) = &job.details[idx].line else { return false };
        let data_object = DataObject { members: line.read().members };
        !pre_human_task::human_annotation::is_required(&data_object, &self.pre_function.human_annotation)
    }

    fn of_labels(self, outcome: &Outcome) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if let (Some(why), true) = (outcome.unresolved(), outcome.fields.is_empty()) {
            reasons.push(Reason::Unresolved { field: None, why });
        }
        for field in outcome.fields.iter().filter(|field| self.is_asked(&field.name)) {
            if let Some(why) = field.outcome.unresolved.filter(|_| self.is_missed(field, outcome)) {
                reasons.push(Reason::Unresolved { field: Some(field.name.clone()), why });
            }
            let confidence = field.outcome.confidence.filter(|_| field.outcome.unresolved.is_none());
            if let (Some(confidence), Some(below)) = (confidence, self.wanted.below_confidence)
                && confidence.value() < below
            {
                let confidence = rounded(confidence.value());
                reasons.push(Reason::LowConfidence { field: field.name.clone(), confidence, below });
            }
        }
        reasons.retain(|reason| !matches!(reason, Reason::Unresolved { .. }) || !self.skips(Skipped::Unresolved));
        reasons
    }

    /// Whether a field without a label should have one. One that all workers left blank need not, unless nothing else
    /// was said or it is the one asked for.
    fn is_missed(self, field: &FieldResult, outcome: &Outcome) -> bool {
        let is_blank =
            field.outcome.unresolved == Some(Unresolved::NoUsableAnswer) && field.outcome.rejected.is_empty();
        !is_blank
            || self.wanted.field.is_some()
            || outcome.fields.iter().all(|field| field.outcome.unresolved.is_some())
    }

    fn by_agreement(self, crowd: &Crowd, chosen: &mut Chosen) {
        let Some(below) = self.wanted.below_agreement else { return };
        for field in crowd.fields.iter().filter(|field| self.is_asked(&field.name)) {
            for rows in field.by_object() {
                if let Some(agreement) = field.agreement_within(rows).filter(|agreement| *agreement < below) {
                    let agreement = rounded(agreement);
                    let reason = Reason::LowAgreement { field: field.name.clone(), agreement, below };
                    chosen.add(rows[0].object, [reason]);
                }
            }
        }
    }

    fn by_doubt(self, crowd: &Crowd, outcomes: &[Outcome], chosen: &mut Chosen) {
        let Some(n_wanted) = self.wanted.most_doubtful else { return };
        let ranking = doubt::ranking(crowd, outcomes, self.wanted.field);
        for (rank, (idx, doubt)) in (1..).zip(ranking.into_iter().take(n_wanted as usize)) {
            let reason =
                Reason::Doubtful { field: doubt.field, doubt: rounded(doubt.doubt), measure: doubt.measure, rank };
            chosen.add(idx, [reason]);
        }
    }
}

impl Chosen {
    fn add(&mut self, idx: usize, reasons: impl IntoIterator<Item = Reason>) {
        let mut reasons = reasons.into_iter().peekable();
        if reasons.peek().is_some() {
            self.reasons.entry(idx).or_default().extend(reasons);
        }
    }
}

/// To four decimals.
fn rounded(number: f64) -> f64 {
    (number * 10_000.0).round() / 10_000.0
}
