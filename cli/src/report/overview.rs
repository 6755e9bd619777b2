//! The first view: what the job came to, and the figures behind its plots.

use std::collections::BTreeMap;

use ground_truth::plan::Outcome;
use serde::Serialize;

use super::data::{IndexRow, ObjectState};
use crate::crowd::agreement::FieldAgreement;
use crate::crowd::workers;
use crate::finished_job::FinishedJob;
use crate::labels::label_diff::{Change, DiffSummary, FieldDiff};

const N_CONFIDENCE_BINS: usize = 20;
const N_PROGRESS_STEPS: usize = 60;
/// Where the bins of answer times end, in seconds; the last one has no end.
const SECONDS: &[u32] = &[2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600];

/// The job as a whole.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Overview {
    job: Option<String>,
    label_attribute: Option<String>,
    pub(crate) counts: Counts,
    notes: Vec<String>,
    /// How many groups of workers were left out in turn of what each is compared with.
    groups: usize,
    fields: Vec<FieldOverview>,
    seconds: Seconds,
    progress: Option<Progress>,
    /// Unix time when the addresses of images expire, if they do.
    pub(super) images_until: Option<i64>,
}

/// How many.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Counts {
    pub(crate) objects: usize,
    pub(crate) answers: usize,
    pub(crate) workers: usize,
    labeled: usize,
    unresolved: usize,
    failed: usize,
    unlabeled: usize,
    changed: usize,
    /// Answers, or parts of answers, that were set aside.
    rejected: usize,
}

/// One form field over all objects.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FieldOverview {
    name: String,
    kind: &'static str,
    method: Option<&'static str>,
    resolved: usize,
    unresolved: usize,
    mean_confidence: Option<f64>,
    /// Labels by confidence, in bins of equal width; exactly 1 is in the last one.
    confidence: Vec<usize>,
    agreement: Option<FieldAgreement>,
    changes: BTreeMap<Change, usize>,
}

/// How long answers took.
#[derive(Debug, Serialize)]
struct Seconds {
    ends: &'static [u32],
    counts: Vec<usize>,
    median: Option<f64>,
}

/// How the answers came in: after each of equal steps, how many there were.
#[derive(Debug, Serialize)]
struct Progress {
    /// Unix time of the first and last answer.
    start: i64,
    end: i64,
    answers: Vec<usize>,
}

impl Overview {
    pub(super) fn of(
        job: &FinishedJob,
        outcomes: &[Outcome],
        agreements: Vec<FieldAgreement>,
        diffs: &[Vec<FieldDiff>],
        groups: usize,
    ) -> Self {
        let mut changes = DiffSummary::default();
        diffs.iter().flatten().for_each(|diff| changes.count(diff));
        let mut fields: BTreeMap<&str, FieldOverview> = BTreeMap::new();
        for field in outcomes.iter().flat_map(|outcome| &outcome.fields) {
            let overview =
                fields.entry(&field.name).or_insert_with(|| FieldOverview::empty(&field.name, field.kind.name));
            overview.method = overview.method.or(field.outcome.method);
            match (field.outcome.unresolved, field.outcome.confidence) {
                (Some(_), _) => overview.unresolved += 1,
                (None, confidence) => {
                    overview.resolved += 1;
                    if let Some(confidence) = confidence.map(|confidence| confidence.value()) {
                        let bin = (confidence * N_CONFIDENCE_BINS as f64) as usize;
                        overview.confidence[bin.min(N_CONFIDENCE_BINS - 1)] += 1;
                        *overview.mean_confidence.get_or_insert(0.0) += confidence;
                    }
                }
            }
        }
        for (name, field) in &mut fields {
            let n = field.confidence.iter().sum::<usize>().max(1);
            // Rounded down, as labels are: it never claims certainty.
            field.mean_confidence = field.mean_confidence.map(|sum| (100.0 * sum / n as f64 + 1e-9).floor() / 100.0);
            field.changes = changes
                .fields()
                .find(|(field, _)| field == name)
                .map(|(_, changes)| changes.objects.clone())
                .unwrap_or_default();
        }
        for agreement in agreements {
            if let Some(field) = fields.get_mut(agreement.field.as_str()) {
                field.agreement = Some(agreement);
            }
        }
        let counts = Counts {
            objects: outcomes.len(),
            answers: job.n_answers(),
            workers: job.n_workers(),
            changed: diffs.iter().filter(|diffs| diffs.iter().any(super::data::is_change)).count(),
            rejected: outcomes.iter().map(Outcome::n_rejected).sum(),
            ..Counts::default()
        };
        let timings = || job.details.iter().flat_map(|details| &details.timings);
        Self {
            job: job.name.clone(),
            label_attribute: job.label_attribute_name.clone(),
            counts,
            notes: job.notes.sentences().collect(),
            groups,
            fields: fields.into_values().collect(),
            seconds: Seconds::of(timings().filter_map(workers::seconds).collect()),
            progress: Progress::of(
                timings().filter_map(|timing| timing.submitted).map(|at| at.unix_timestamp()).collect(),
            ),
            images_until: None,
        }
    }

    /// Fields in the order in which the page numbers them.
    pub(super) fn field_names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name.as_str())
    }

    pub(super) fn count_states(&mut self, index: &[IndexRow]) {
        for row in index {
            *match row.state {
                ObjectState::Labeled => &mut self.counts.labeled,
                ObjectState::Unresolved => &mut self.counts.unresolved,
                ObjectState::Failed => &mut self.counts.failed,
                ObjectState::Unlabeled => &mut self.counts.unlabeled,
            } += 1;
        }
    }
}

impl FieldOverview {
    fn empty(name: &str, kind: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            method: None,
            resolved: 0,
            unresolved: 0,
            mean_confidence: None,
            confidence: vec![0; N_CONFIDENCE_BINS],
            agreement: None,
            changes: BTreeMap::new(),
        }
    }
}

impl Seconds {
    fn of(mut seconds: Vec<f64>) -> Self {
        let mut counts = vec![0; SECONDS.len() + 1];
        for one in &seconds {
            counts[SECONDS.iter().take_while(|end| *one >= f64::from(**end)).count()] += 1;
        }
        Self { ends: SECONDS, counts, median: workers::median(&mut seconds) }
    }
}

impl Progress {
    fn of(mut times: Vec<i64>) -> Option<Self> {
        times.sort_unstable();
        let (start, end) = (*times.first()?, *times.last()?);
        let answers = (1..=N_PROGRESS_STEPS as i64).map(|step| {
            let until = start + (end - start) * step / N_PROGRESS_STEPS as i64;
            times.partition_point(|time| *time <= until)
        });
        Some(Self { start, end, answers: answers.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_fall_into_bins() {
        let seconds = Seconds::of(vec![1.0, 2.0, 4.9, 5.0, 1e9]);
        assert_eq!((&seconds.counts[..3], seconds.counts.last()), (&[1, 2, 1][..], Some(&1)));
        assert_eq!(seconds.median, Some(4.9));
        assert_eq!(Seconds::of(Vec::new()).median, None);
    }

    #[test]
    fn progress_ends_with_all_answers() {
        let progress = Progress::of(vec![60, 0, 30]).expect("answers");
        assert_eq!((progress.answers[0], progress.answers[29], progress.answers[59]), (1, 2, 3));
        assert_eq!(Progress::of(vec![7]).map(|progress| progress.answers[0]), Some(1));
        assert!(Progress::of(Vec::new()).is_none());
    }
}
