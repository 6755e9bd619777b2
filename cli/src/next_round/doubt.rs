//! How probably one more worker would change a label: expected label change, a form of uncertainty sampling. Pure.
//!
//! After Lewis and Gale 1994 (uncertainty sampling) and Sheng, Provost and Ipeirotis, "Get another label?", KDD 2008
//! (whom to ask again); the model of the next answer is ours and as small as it can be. For a field of single choices or of
//! steps of a scale,
//!
//! - *p(c)* is how probable the engine says each category is (`confidences`); where it only counted votes, their share
//!   with one more vote spread evenly. Categories that nobody chose share what is left evenly;
//! - the next worker is one like those who answered, each as probable as their share of the answers; *a* is how often that
//!   worker is right: the mean of *p* over the worker's answers, ten answers of the crowd's mean added, and to the crowd's
//!   ten of 0.8. So what would end in a tie with a worker like all others is never decided by rounding;
//! - the next answer is *y* with probability *P(y) = p(y)·a + (1 − p(y))·(1 − a)/(K − 1)*: right with probability *a*,
//!   else any of the other *K − 1* categories;
//! - after it, *p'(c)* is proportional to *p(c)* times *a* for *c = y* and *(1 − a)/(K − 1)* otherwise, and the label
//!   is decided anew as the method decides: most probable, median, or most votes.
//!
//! The doubt is the sum of *P(y)* over the answers that change the label, averaged over the workers. Other kinds have no such probabilities: there
//! it is one minus the confidence, and for what has none, one minus the agreement of the answers.

use std::collections::BTreeMap;

use ground_truth::annotation_kinds::ReadValues;
use ground_truth::label::FieldLabel;
use ground_truth::label_content::Decided;
use ground_truth::plan::Outcome;
use ground_truth::vocabulary::LabelCategory;
use serde::Serialize;

use crate::crowd::{Crowd, CrowdField, Row};

/// What a doubt is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Measure {
    /// The probability that one more answer changes the label.
    ChanceOfChange,
    /// One minus the confidence.
    LackOfConfidence,
    /// One minus the mean agreement of two answers.
    Disagreement,
}

/// The doubt about one field of one object, from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Doubt {
    pub(super) field: String,
    pub(super) doubt: f64,
    pub(super) measure: Measure,
    /// What decides between equal doubts: the less sure label is the more doubtful.
    confidence: f64,
}

/// How often a worker is right whom nobody knows, and of how many answers that counts as known.
const ASSUMED_ACCURACY: f64 = 0.8;
const ASSUMED_ANSWERS: f64 = 10.0;

/// The objects with a doubt, by index, most doubtful first: each with the most doubtful of its labels. Objects that one
/// more answer would change with probability 0 are not among them; ties go to the less sure label, then to the object that comes first.
pub(super) fn ranking(crowd: &Crowd, outcomes: &[Outcome], field: Option<&str>) -> Vec<(usize, Doubt)> {
    let mut most: Vec<Option<Doubt>> = vec![None; outcomes.len()];
    for of_field in crowd.fields.iter().filter(|of_field| field.is_none_or(|name| name == of_field.name)) {
        for (idx, doubt) in doubts(of_field, outcomes) {
            if most[idx].as_ref().is_none_or(|most| is_before(&doubt, most)) {
                most[idx] = Some(doubt);
            }
        }
    }
    let doubted = most.into_iter().enumerate().filter_map(|(idx, doubt)| Some((idx, doubt?)));
    let mut ranked: Vec<(usize, Doubt)> = doubted.filter(|(_, doubt)| doubt.doubt > 0.0).collect();
    ranked.sort_by(|(_, a), (_, b)| by_doubt(a, b));
    ranked
}

fn is_before(a: &Doubt, b: &Doubt) -> bool {
    by_doubt(a, b).is_lt()
}

fn by_doubt(a: &Doubt, b: &Doubt) -> std::cmp::Ordering {
    b.doubt.total_cmp(&a.doubt).then(a.confidence.total_cmp(&b.confidence))
}

/// The doubts about a field, of every object that has a label for it.
fn doubts(field: &CrowdField, outcomes: &[Outcome]) -> Vec<(usize, Doubt)> {
    let labeled = |rows: &&[Row]| Some((rows[0].object, label_of(&outcomes[rows[0].object], field)?));
    let beliefs: Vec<Option<Belief>> = match &field.values {
        ReadValues::Categories { names, is_scale, .. } => {
            let belief = |rows: &[Row]| Belief::of(&labeled(&rows)?.1.label, names, *is_scale);
            field.by_object().map(belief).collect()
        }
        ReadValues::Numbers { .. } | ReadValues::Others(_) => Vec::new(),
    };
    let workers = next_workers(field, &beliefs);
    let doubt = |(field_object, rows): (usize, &[Row])| {
        let (idx, label) = labeled(&rows)?;
        let confidence = label.confidence.unwrap_or_default();
        let chance = beliefs
            .get(field_object)
            .and_then(Option::as_ref)
            .map(|belief| workers.iter().map(|(accuracy, share)| share * belief.chance_of_change(*accuracy)).sum());
        let (doubt, measure) = match (chance, label.confidence) {
            (Some(chance), _) => (chance, Measure::ChanceOfChange),
            (None, Some(confidence)) => (1.0 - confidence, Measure::LackOfConfidence),
            (None, None) => (1.0 - field.agreement_within(rows)?, Measure::Disagreement),
        };
        Some((idx, Doubt { field: field.name.clone(), doubt, measure, confidence }))
    };
    field.by_object().enumerate().filter_map(doubt).collect()
}

struct Label<'a> {
    label: FieldLabel<'a>,
    /// How sure it is, with all digits.
    confidence: Option<f64>,
}

fn label_of<'a>(outcome: &'a Outcome, field: &CrowdField) -> Option<Label<'a>> {
    let of_field = outcome.fields.iter().find(|of_field| of_field.name == field.name)?;
    let is_label = of_field.outcome.unresolved.is_none() && of_field.kind.name == field.kind.name;
    let confidence = of_field.outcome.confidence.map(|confidence| confidence.value());
    is_label.then(|| Label { label: of_field.label(), confidence })
}

/// Who may be asked next: how often such a worker is right, in steps of a hundredth, and how probably it is one.
fn next_workers(field: &CrowdField, beliefs: &[Option<Belief>]) -> Vec<(f64, f64)> {
    let ReadValues::Categories { chosen, .. } = &field.values else { return Vec::new() };
    // Of how many answers of each worker how many are right, as far as they are probable.
    let mut of_worker: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for (rows, belief) in field.by_object().zip(beliefs) {
        let Some(belief) = belief else { continue };
        for (worker, category) in rows.iter().filter_map(|row| Some((row.worker, chosen[row.value]?))) {
            let (right, asked) = of_worker.entry(worker).or_default();
            *right += belief.probability(category as usize);
            *asked += 1.0;
        }
    }
    let shrunk = |(right, asked): (f64, f64), mean: f64| (right + mean * ASSUMED_ANSWERS) / (asked + ASSUMED_ANSWERS);
    let crowd = of_worker.values().fold((0.0, 0.0), |sum, (right, asked)| (sum.0 + right, sum.1 + asked));
    let mean = shrunk(crowd, ASSUMED_ACCURACY);
    let mut share_of: BTreeMap<u32, f64> = BTreeMap::new();
    for counts in of_worker.into_values() {
        let hundredths = (100.0 * shrunk(counts, mean)).round().clamp(1.0, 99.0) as u32;
        *share_of.entry(hundredths).or_default() += counts.1 / crowd.1;
    }
    share_of.into_iter().map(|(hundredths, share)| (f64::from(hundredths) / 100.0, share)).collect()
}

/// How a label is decided.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Rule {
    MostProbable,
    /// The lower of two middle steps, by probability.
    Median,
    /// The same by votes.
    MedianOfVotes,
    /// Ties go to the category that comes first.
    MostVotes,
}

/// What is believed of one object.
#[derive(Debug, Clone, PartialEq)]
struct Belief {
    /// The categories that somebody chose, and the label: their indices, probabilities and votes.
    listed: Vec<Listed>,
    /// The probability of each of the others.
    each_other: f64,
    n_categories: usize,
    /// The index of the label among all categories.
    label: usize,
    rule: Rule,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Listed {
    idx: usize,
    probability: f64,
    votes: u64,
}

impl Belief {
    /// What a label says; `None` where its category is in no list.
    fn of(label: &FieldLabel<'_>, names: &[LabelCategory], is_scale: bool) -> Option<Self> {
        let index_of = |name: &str| names.iter().position(|category| category.as_str() == name);
        let Decided::Category(category) = label.decided()? else { return None };
        let n_categories = names.len().max(2);
        let votes: Option<Vec<(&str, u64)>> = label.votes().map(Iterator::collect);
        let (rule, mut listed) = match label.confidences() {
            Some(confidences) => {
                let votes = votes.unwrap_or_default();
                let votes_of = |name: &str| votes.iter().find(|(voted, _)| *voted == name).map_or(0, |(_, n)| *n);
                let listed = confidences.filter_map(|(name, probability)| {
                    Some(Listed { idx: index_of(name)?, probability, votes: votes_of(name) })
                });
                (if is_scale { Rule::Median } else { Rule::MostProbable }, listed.collect::<Vec<_>>())
            }
            None => {
                let votes = votes?;
                let n_votes: u64 = votes.iter().map(|(_, n)| n).sum();
                let share = |n: u64| (n as f64 + 1.0 / n_categories as f64) / (n_votes as f64 + 1.0);
                let listed = votes
                    .iter()
                    .filter_map(|(name, n)| Some(Listed { idx: index_of(name)?, probability: share(*n), votes: *n }));
                (if is_scale { Rule::MedianOfVotes } else { Rule::MostVotes }, listed.collect())
            }
        };
        let sum: f64 = listed.iter().map(|listed| listed.probability).sum();
        let n_others = n_categories - listed.len().min(n_categories);
        // They have two decimals, and so may pass 1 by a little.
        if sum > 1.0 || n_others == 0 {
            listed.iter_mut().for_each(|listed| listed.probability /= sum);
        }
        let each_other = if n_others == 0 { 0.0 } else { (1.0 - sum).max(0.0) / n_others as f64 };
        Some(Self { listed, each_other, n_categories, label: index_of(category)?, rule })
    }

    fn listed_at(&self, idx: usize) -> Option<&Listed> {
        self.listed.iter().find(|listed| listed.idx == idx)
    }

    /// The probability of a category.
    fn probability(&self, idx: usize) -> f64 {
        self.listed_at(idx).map_or(self.each_other, |listed| listed.probability)
    }

    /// How probably a worker who is right with probability `accuracy` gives an answer that changes the label.
    fn chance_of_change(&self, accuracy: f64) -> f64 {
        let wrong = (1.0 - accuracy) / (self.n_categories - 1) as f64;
        let of_answer = |probability: f64| probability * accuracy + (1.0 - probability) * wrong;
        if matches!(self.rule, Rule::Median | Rule::MedianOfVotes) {
            let before = self.median_after(None, 1.0, 1.0);
            let changes = |answer: &usize| self.median_after(Some(*answer), accuracy, wrong) != before;
            return (0..self.n_categories).filter(changes).map(|answer| of_answer(self.probability(answer))).sum();
        }
        let label = self.listed_at(self.label);
        let (label_probability, label_votes) = label.map_or((self.each_other, 0), |one| (one.probability, one.votes));
        let wins = |idx: usize, probability: f64, votes: u64| match self.rule {
            Rule::MostVotes => (votes + 1, std::cmp::Reverse(idx)) > (label_votes, std::cmp::Reverse(self.label)),
            _ => probability * accuracy > label_probability * wrong,
        };
        let of_listed = |one: &Listed| {
            let changes = one.idx != self.label && wins(one.idx, one.probability, one.votes);
            if changes { of_answer(one.probability) } else { 0.0 }
        };
        let of_other = |idx: usize| {
            let is_other = idx != self.label && self.listed_at(idx).is_none();
            if is_other && wins(idx, self.each_other, 0) { of_answer(self.each_other) } else { 0.0 }
        };
        // Nobody chose most of them, and then what one does all do.
        let listed: f64 = self.listed.iter().map(of_listed).sum();
        listed + (0..self.n_categories).map(of_other).sum::<f64>()
    }

    /// The median of the scale after an answer.
    fn median_after(&self, answer: Option<usize>, right: f64, wrong: f64) -> usize {
        let weight = |idx: usize| {
            let is_answer = answer == Some(idx);
            match self.rule {
                Rule::MedianOfVotes => {
                    (self.listed_at(idx).map_or(0, |listed| listed.votes) + u64::from(is_answer)) as f64
                }
                _ => self.probability(idx) * if is_answer { right } else { wrong },
            }
        };
        let half = (0..self.n_categories).map(weight).sum::<f64>() / 2.0;
        let mut below = 0.0;
        let is_middle = |idx: &usize| {
            below += weight(*idx);
            // What misses the half by rounding reaches it.
            below >= half * (1.0 - 1e-9)
        };
        (0..self.n_categories).find(is_middle).unwrap_or(self.n_categories - 1)
    }
}

#[cfg(test)]
mod tests;
