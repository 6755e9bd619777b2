//! How far workers agree about one field.

use std::collections::BTreeMap;

use ground_truth::agreement::bootstrap::{self, Interval};
use ground_truth::agreement::cohen_kappa;
use ground_truth::agreement::distance_alpha::{Distances, Params};
use ground_truth::agreement::krippendorff_alpha::{Scale, alpha};
use ground_truth::agreement::vote_patterns::{Sample, VotePatterns};
use ground_truth::agreement::{ColumnsError, Undefined, fleiss_kappa};
use ground_truth::annotation_kinds::ReadValues;
use ground_truth::vocabulary::WorkerId;
use serde::Serialize;

use super::Settings;
use crate::crowd::CrowdField;
use crate::crowd::names::WorkerNames;

/// How many pairs of answers the expected disagreement of distances rests on: its error is then near 0.001.
const MAX_PAIRS: usize = 1_000_000;

/// What is known of one field's agreement.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FieldAgreement {
    pub(crate) field: String,
    pub(crate) kind: &'static str,
    /// Data objects with at least two usable answers.
    pub(crate) objects: usize,
    /// Answers that consolidation did not set aside.
    pub(crate) answers: usize,
    /// Pairs of answers to the same object.
    pub(crate) pairs: usize,
    /// On which scale alpha compares answers: `nominal`, `ordinal`, `interval`, or `distance`, the kind's own.
    pub(crate) scale: &'static str,
    /// Krippendorff's alpha: 1 for full agreement, 0 for what chance would give.
    pub(crate) alpha: Statistic,
    /// Fleiss' kappa, of categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fleiss_kappa: Option<Statistic>,
    /// The mean over objects of one minus the distance of two answers; of categories the share of equal pairs.
    pub(crate) agreement: Statistic,
    /// Every two workers with a common object, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) worker_pairs: Option<Vec<PairAgreement>>,
}

/// A statistic, or why it has no value.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Statistic {
    #[serde(rename_all = "camelCase")]
    Value {
        value: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        interval: Option<Ends>,
    },
    #[serde(rename_all = "camelCase")]
    Undefined { undefined: String },
}

/// The ends of a bootstrap interval.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ends {
    low: f64,
    high: f64,
    /// Replicates that have no value.
    #[serde(skip_serializing_if = "is_zero")]
    undefined_replicates: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// Two workers who answered the same objects.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PairAgreement {
    pub(crate) worker_a: String,
    pub(crate) worker_b: String,
    /// How many both answered.
    pub(crate) objects: u64,
    /// The mean over these of one minus the distance.
    pub(crate) agreement: f64,
    /// Cohen's kappa; none where both always gave the same category, or for other values than categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kappa: Option<f64>,
}

impl Statistic {
    fn of(value: Result<f64, Undefined>, interval: impl FnOnce() -> Option<Interval>) -> Self {
        match value {
            Ok(value) => Self::Value {
                value,
                interval: interval().map(|Interval { low, high, n_undefined }| Ends {
                    low,
                    high,
                    undefined_replicates: n_undefined,
                }),
            },
            Err(why) => Self::Undefined { undefined: why.to_string() },
        }
    }

    /// `0.56`, or `-` without a value.
    pub(crate) fn text(&self) -> String {
        self.value().map_or("-".to_owned(), |value| format!("{value:.2}"))
    }

    /// `56%`, or `-` without a value.
    pub(crate) fn percent(&self) -> String {
        self.value().map_or("-".to_owned(), |value| format!("{:.0}%", 100.0 * value))
    }

    /// `0.31 to 0.80`, or `-` without an interval.
    pub(crate) fn interval_text(&self) -> String {
        match self {
            Self::Value { interval: Some(Ends { low, high, .. }), .. } => format!("{low:.2} to {high:.2}"),
            _ => "-".to_owned(),
        }
    }

    fn value(&self) -> Option<f64> {
        match self {
            Self::Value { value, .. } => Some(*value),
            Self::Undefined { .. } => None,
        }
    }
}

/// The columns of a field's answers, as the statistics take them.
struct Columns {
    object_of: Vec<u32>,
    worker_of: Vec<u32>,
    n_objects: usize,
    n_workers: usize,
}

impl FieldAgreement {
    /// # Errors
    /// When there are more objects, workers or answers than the statistics can count.
    pub(crate) fn of(
        field: &CrowdField,
        workers: &[WorkerId],
        settings: &Settings,
        names: &WorkerNames,
    ) -> Result<Self, ColumnsError> {
        let columns = Columns {
            object_of: field.rows.iter().map(|row| row.object as u32).collect(),
            worker_of: field.rows.iter().map(|row| row.worker as u32).collect(),
            n_objects: settings.n_objects,
            n_workers: workers.len(),
        };
        let sizes: Vec<usize> = field.by_object().map(<[_]>::len).collect();
        let (scale, alpha, fleiss_kappa) = statistics(field, &columns, settings)?;
        Ok(Self {
            field: field.name.clone(),
            kind: field.kind.name,
            objects: sizes.iter().filter(|n| **n > 1).count(),
            answers: field.rows.len(),
            pairs: sizes.iter().map(|n| n * (n - 1) / 2).sum(),
            scale,
            alpha,
            fleiss_kappa,
            agreement: mean_agreement(field),
            worker_pairs: if settings.with_pairs { Some(worker_pairs(field, &columns, workers, names)?) } else { None },
        })
    }

    /// The statistics without a value, and why; those that lack it for one reason together.
    pub(crate) fn reasons(&self) -> Vec<(String, &str)> {
        let named =
            [("alpha", Some(&self.alpha)), ("kappa", self.fleiss_kappa.as_ref()), ("agreement", Some(&self.agreement))];
        let mut reasons: Vec<(String, &str)> = Vec::new();
        for (name, statistic) in named {
            let Some(Statistic::Undefined { undefined }) = statistic else { continue };
            match reasons.iter_mut().find(|(_, why)| why == undefined) {
                Some((names, _)) => *names += &format!(" or {name}"),
                None => reasons.push((name.to_owned(), undefined)),
            }
        }
        reasons
    }
}

/// The scale, Krippendorff's alpha on it, and Fleiss' kappa where answers are categories.
fn statistics(
    field: &CrowdField,
    columns: &Columns,
    settings: &Settings,
) -> Result<(&'static str, Statistic, Option<Statistic>), ColumnsError> {
    let of_patterns = |patterns: &VotePatterns, statistic: &dyn Fn(Sample<'_>) -> Result<f64, Undefined>| {
        Statistic::of(statistic(patterns.all()), || {
            bootstrap::interval(patterns, statistic, settings.bootstrap.as_ref()?)
        })
    };
    match &field.values {
        ReadValues::Categories { names, chosen, is_scale } => {
            let categories: Vec<u32> = field.rows.iter().filter_map(|row| chosen[row.value]).collect();
            let patterns =
                VotePatterns::of_categories(&columns.object_of, &categories, columns.n_objects, names.len())?;
            let (name, scale) = if *is_scale { ("ordinal", Scale::Ordinal) } else { ("nominal", Scale::Nominal) };
            let kappa = of_patterns(&patterns, &fleiss_kappa::kappa);
            Ok((name, of_patterns(&patterns, &|sample| alpha(sample, scale)), Some(kappa)))
        }
        ReadValues::Numbers { numbers, .. } => {
            let numbers: Vec<f64> = field.rows.iter().filter_map(|row| numbers[row.value]).collect();
            let patterns = VotePatterns::of_numbers(&columns.object_of, &numbers, columns.n_objects)?;
            Ok(("interval", of_patterns(&patterns, &|sample| alpha(sample, Scale::Interval)), None))
        }
        ReadValues::Others(_) => {
            let params = Params { max_pairs: MAX_PAIRS, seed: settings.seed };
            let distance = |a: usize, b: usize| distance(field, a, b);
            let Columns { object_of, worker_of, n_objects, n_workers } = columns;
            let measured = Distances::measure(object_of, worker_of, *n_objects, *n_workers, distance, &params)?;
            let interval = || measured.interval(settings.bootstrap.as_ref()?);
            Ok(("distance", Statistic::of(measured.alpha(), interval), None))
        }
    }
}

/// The distance of the values of two rows, which are usable.
fn distance(field: &CrowdField, a: usize, b: usize) -> f64 {
    field.values.distance(field.rows[a].value, field.rows[b].value).unwrap_or(1.0)
}

/// The mean over objects of one minus the distance of two of their answers.
fn mean_agreement(field: &CrowdField) -> Statistic {
    let (mut sum, mut n_objects) = (0.0, 0);
    for of_object in field.by_object().filter_map(|rows| field.agreement_within(rows)) {
        sum += of_object;
        n_objects += 1;
    }
    let mean = if n_objects == 0 { Err(Undefined::NoPairs) } else { Ok(sum / f64::from(n_objects)) };
    Statistic::of(mean, || None)
}

fn worker_pairs(
    field: &CrowdField,
    columns: &Columns,
    workers: &[WorkerId],
    names: &WorkerNames,
) -> Result<Vec<PairAgreement>, ColumnsError> {
    let kappas = kappas(field, columns)?;
    // Of two workers how many objects both answered, and their summed agreement there.
    let mut sums: BTreeMap<(usize, usize), (u64, f64)> = BTreeMap::new();
    for rows in field.by_object() {
        for (n, a) in rows.iter().enumerate() {
            for b in &rows[n + 1..] {
                let (n_common, sum) = sums.entry((a.worker, b.worker)).or_default();
                *n_common += 1;
                *sum += field.agreement(a.value, b.value).unwrap_or_default();
            }
        }
    }
    let pair = |((a, b), (objects, sum)): ((usize, usize), (u64, f64))| PairAgreement {
        worker_a: names.of(&workers[a]),
        worker_b: names.of(&workers[b]),
        objects,
        agreement: sum / objects as f64,
        kappa: kappas.get(&(a, b)).copied(),
    };
    Ok(sums.into_iter().map(pair).collect())
}

/// Cohen's kappa of every two workers, where answers are categories and it has a value.
fn kappas(field: &CrowdField, columns: &Columns) -> Result<BTreeMap<(usize, usize), f64>, ColumnsError> {
    let ReadValues::Categories { chosen, .. } = &field.values else { return Ok(BTreeMap::new()) };
    let categories: Vec<u32> = field.rows.iter().filter_map(|row| chosen[row.value]).collect();
    let Columns { object_of, worker_of, n_objects, n_workers } = columns;
    let pairs = cohen_kappa::worker_pairs(object_of, worker_of, &categories, *n_objects, *n_workers)?;
    let kappa =
        |pair: &cohen_kappa::WorkerPair| Some(((pair.worker_a as usize, pair.worker_b as usize), pair.kappa().ok()?));
    Ok(pairs.iter().filter_map(kappa).collect())
}
