//! Single choices, scales and several choices.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::score::{calibration_error, f1, mean};
use crate::sets::{Answers, Data, Failure, Gold, Labels, columns, list, number, text};
use crate::table::{Aim, Figure};

/// The nominal sets, with the accuracy that the best peer on average (peerannot's Dawid-Skene) has on each.
pub(crate) const NOMINAL: [(&str, f64); 9] = [
    ("bluebird", 0.898),
    ("dog", 0.843),
    ("face", 0.640),
    ("product", 0.940),
    ("quiz_chinese", 0.625),
    ("quiz_english", 0.467),
    ("rte", 0.927),
    ("sp", 0.915),
    ("sp_amt", 0.944),
];

/// The sets whose categories are a scale, with the best accuracy of crowd-kit 1.4.1's methods.
const ORDINAL: [(&str, f64); 2] = [("adult", 0.7688), ("web", 0.8292)];

/// The answers and the gold of a set of single choices.
pub(crate) fn single_choices(data: &Data, set: &'static str) -> Result<(Answers, Gold), Failure> {
    let mut answers = Answers { categories: data.categories(set)?, ..data.no_answers(set) };
    for row in data.csv(set, "answers.csv")? {
        let [object, worker, label] = columns(row)?;
        answers.add(object, worker, json!({"label": label}));
    }
    Ok((answers, data.gold_column(set)?))
}

/// The share of right labels, and the calibration error of their confidences.
fn accuracy(labels: &Labels, gold: &Gold) -> (f64, f64) {
    let judged = gold.iter().filter_map(|(object, category)| {
        let label = labels.get(object)?;
        let is_right = text(&label.members["label"]) == *category;
        Some((label.confidence.map_or(0.0, |confidence| confidence.value()), f64::from(u8::from(is_right))))
    });
    let judged: Vec<(f64, f64)> = judged.collect();
    (mean(judged.iter().map(|(_, right)| *right)), calibration_error(&judged))
}

pub(crate) fn classification(data: &Data) -> Result<Vec<Figure>, Failure> {
    let (mut figures, mut ours, mut simplest) = (Vec::new(), Vec::new(), Vec::new());
    for (set, peer) in NOMINAL {
        let (answers, gold) = single_choices(data, set)?;
        let of_default = accuracy(&answers.consolidate("classification", Value::Null)?, &gold);
        let majority = accuracy(&answers.consolidate("classification", json!({"method": "majority-vote"}))?, &gold);
        figures.push(Figure {
            kind: "classification",
            set,
            metric: format!("accuracy (ECE {:.3}, majority's {:.3})", of_default.1, majority.1),
            ours: of_default.0,
            simplest: Some(majority.0),
            peer: Some(("peerannot Dawid-Skene", peer)),
            aim: Aim::AtLeast(majority.0),
        });
        ours.push(of_default);
        simplest.push(majority);
    }
    let means = |scores: &[(f64, f64)]| (mean(scores.iter().map(|s| s.0)), mean(scores.iter().map(|s| s.1)));
    let ((accuracy, error), (majority, majority_error)) = (means(&ours), means(&simplest));
    let of_nine = |metric: &str, ours, simplest, peer, aim| Figure {
        kind: "classification",
        set: "mean of the nine",
        metric: metric.to_owned(),
        ours,
        simplest: Some(simplest),
        peer: Some(peer),
        aim,
    };
    figures.push(of_nine("accuracy", accuracy, majority, ("peerannot Dawid-Skene", 0.7999), Aim::AtLeast(0.81)));
    figures.push(of_nine("ECE", error, majority_error, ("crowd-kit Wawa", 0.132), Aim::AtMost(0.10)));
    Ok(figures)
}

/// Scales, as the standard plan takes them (single choices) and as the kind that must be configured for them.
pub(crate) fn ordinal(data: &Data) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for (set, peer) in ORDINAL {
        let (answers, gold) = single_choices(data, set)?;
        for (kind, default, simplest) in
            [("classification", Value::Null, "majority-vote"), ("ordinal", json!({}), "median")]
        {
            let default = answers.consolidate(kind, default)?;
            let simplest = answers.consolidate(kind, json!({"method": simplest}))?;
            let (score, simplest_score) = (accuracy(&default, &gold), accuracy(&simplest, &gold));
            figures.push(Figure {
                kind,
                set,
                metric: format!("accuracy (ECE {:.3}, simplest {:.3})", score.1, simplest_score.1),
                ours: score.0,
                simplest: Some(simplest_score.0),
                peer: Some(("crowd-kit Dawid-Skene", peer)),
                aim: Aim::AtLeast(peer),
            });
            figures.push(Figure {
                kind,
                set,
                metric: "steps off, on average".to_owned(),
                ours: steps_off(&default, &gold, &answers),
                simplest: Some(steps_off(&simplest, &gold, &answers)),
                peer: None,
                aim: Aim::None,
            });
        }
    }
    Ok(figures)
}

/// How many steps of the scale a label is away from the truth.
fn steps_off(labels: &Labels, gold: &Gold, answers: &Answers) -> f64 {
    let step_of = |name: &str| answers.categories.iter().position(|category| category.as_str() == name);
    mean(gold.iter().filter_map(|(object, truth)| {
        let label = step_of(&text(&labels.get(object)?.members["label"]))?;
        Some(label.abs_diff(step_of(truth)?) as f64)
    }))
}

pub(crate) fn multi_label(data: &Data) -> Result<Vec<Figure>, Failure> {
    let set = "relex_a";
    let answers = data.answers(set, |row| json!({"labels": row["labels"]}))?;
    let gold = data.gold(set)?;
    let (default, error) = micro_f1(&answers.consolidate("multi-label", Value::Null)?, &gold);
    let majority = micro_f1(&answers.consolidate("multi-label", json!({"method": "majority-vote"}))?, &gold).0;
    Ok(vec![Figure {
        kind: "multi-label",
        set,
        metric: format!("micro F1 (ECE {error:.3})"),
        ours: default,
        simplest: Some(majority),
        peer: Some(("vote share ≥ 0.25", 0.7856)),
        aim: Aim::AtLeast(0.80),
    }])
}

/// F1 over all pairs of object and category that gold judges, and the calibration error of their probabilities.
fn micro_f1(labels: &Labels, gold: &BTreeMap<String, Value>) -> (f64, f64) {
    let (mut n_right, mut n_chosen, mut n_gold, mut judged) = (0, 0, 0, Vec::new());
    for (object, row) in gold {
        let Some(label) = labels.get(object) else { continue };
        for (category, holds) in row["labels"].as_object().into_iter().flatten() {
            let is_chosen = list(&label.members["labels"]).iter().any(|chosen| chosen == category.as_str());
            let holds = number(holds) > 0.5;
            n_right += usize::from(is_chosen && holds);
            n_chosen += usize::from(is_chosen);
            n_gold += usize::from(holds);
            let probability = label.members["confidences"].get(category).map_or(0.0, number);
            judged.push((probability, f64::from(u8::from(holds))));
        }
    }
    (f1(n_right, n_chosen, n_gold), calibration_error(&judged))
}
