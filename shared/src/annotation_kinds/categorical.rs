//! What the kinds that choose among categories share: the names of the methods, and the way from workers' choices to votes
//! and back.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::batch::RejectedAnswer;
use crate::consolidation::auto::{Basis, auto};
use crate::consolidation::dawid_skene::{self, dawid_skene, dawid_skene_map};
use crate::consolidation::ebcc::{self, ebcc};
use crate::consolidation::glad::{self, glad};
use crate::consolidation::ground_truth_em::ground_truth_em;
use crate::consolidation::mace::{self, mace};
use crate::consolidation::majority_vote::Tally;
use crate::consolidation::one_coin::{self, one_coin};
use crate::consolidation::posteriors::{Posteriors, best_of, is_tied};
use crate::consolidation::votes::{Sizes, Votes, WorkerPrior};
use crate::consolidation::wawa::wawa;
use crate::consolidation::weighted_vote::{self, weighted_vote};
use crate::consolidation::zero_based_skill::{self, zero_based_skill};
use crate::document::Reader;
use crate::vocabulary::{Confidence, LabelCategory, WorkerId};

/// How categories are decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Auto,
    MajorityVote,
    WeightedVote,
    Wawa,
    OneCoin,
    DawidSkene,
    DawidSkeneMap,
    Glad,
    Mace,
    ZeroBasedSkill,
    Ebcc,
    GroundTruthEm,
}

impl Method {
    const ALL: &'static [(&'static str, Self)] = &[
        ("auto", Self::Auto),
        ("majority-vote", Self::MajorityVote),
        ("weighted-vote", Self::WeightedVote),
        ("wawa", Self::Wawa),
        ("one-coin", Self::OneCoin),
        ("dawid-skene", Self::DawidSkene),
        ("dawid-skene-map", Self::DawidSkeneMap),
        ("glad", Self::Glad),
        ("mace", Self::Mace),
        ("zero-based-skill", Self::ZeroBasedSkill),
        ("ebcc", Self::Ebcc),
        ("ground-truth-em", Self::GroundTruthEm),
    ];

    /// The names in configuration, the default first.
    pub(super) const NAMES: &'static [&'static str] = &{
        let mut names = [""; Self::ALL.len()];
        let mut place = 0;
        while place < names.len() {
            names[place] = Self::ALL[place].0;
            place += 1;
        }
        names
    };

    /// Reads the member `method`.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.choice("method", Self::ALL)
    }

    /// The name in configuration.
    pub(super) fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Fits the method's model; `None` when votes are only to be counted. The second is what `auto` chose.
    pub(super) fn fit(self, votes: &Votes) -> Option<(Posteriors, Option<&'static str>)> {
        let prior = WorkerPrior::none(votes.sizes().n_workers);
        let coin = || one_coin(votes, &prior, &one_coin::Params::STANDARD);
        if self == Self::MajorityVote || Basis::of(votes) == Basis::ManyCategories {
            return None;
        }
        let fit = match self {
            Self::MajorityVote => return None,
            Self::Auto => {
                let (fit, basis) = auto(votes, &prior)?;
                return Some((fit.posteriors, Some(models(basis))));
            }
            Self::WeightedVote => weighted_vote(votes, &prior, &weighted_vote::Params::STANDARD),
            Self::Wawa => wawa(votes),
            Self::OneCoin => coin(),
            Self::DawidSkene => dawid_skene(votes, dawid_skene::STANDARD_STOPPING).fit,
            Self::DawidSkeneMap => dawid_skene_map(votes, &coin(), &prior, &dawid_skene::MapParams::STANDARD).fit,
            Self::Glad => glad(votes, &glad::Params::STANDARD),
            Self::Mace => mace(votes, &mace::Params::STANDARD),
            Self::ZeroBasedSkill => zero_based_skill(votes, &zero_based_skill::Params::STANDARD),
            Self::Ebcc => ebcc(votes, &coin().posteriors, &ebcc::Params::STANDARD),
            Self::GroundTruthEm => ground_truth_em(votes),
        };
        Some((fit.posteriors, None))
    }

    /// What stands under `model` in a label that was made by counting votes: that, where a model was asked for.
    pub(super) fn model_when_counted(self) -> Option<&'static str> {
        (self != Self::MajorityVote).then_some("majority-vote")
    }
}

/// What stands under `model` in labels of method `auto`.
fn models(basis: Basis) -> &'static str {
    match basis {
        Basis::ManyObjects => "weighted-vote+dawid-skene-map",
        Basis::FewObjects => "weighted-vote+one-coin",
        Basis::ManyCategories => "majority-vote",
    }
}

/// What the workers of one object chose.
pub(super) type ObjectChoices<'a> = [(&'a WorkerId, LabelCategory)];

/// The same with the answers that were set aside.
pub(super) type ParsedChoices<'a> = (Vec<(&'a WorkerId, LabelCategory)>, Vec<RejectedAnswer>);

/// The choices of a batch.
pub(super) struct Choices<'a> {
    categories: Vec<&'a LabelCategory>,
    of_objects: Vec<&'a ObjectChoices<'a>>,
}

/// What was decided about one object.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) label: LabelCategory,
    pub(super) confidence: Confidence,
    /// Whether another category is as probable.
    pub(super) is_tied: bool,
    /// The probability of the label and of every category that was voted for, most probable first; empty when votes were
    /// counted.
    pub(super) confidences: Vec<(LabelCategory, Confidence)>,
    /// Which models were used, where that was not asked for by name.
    pub(super) model: Option<&'static str>,
}

impl Decision {
    /// The category with the most votes.
    pub(super) fn by_majority(tally: &Tally, method: Method) -> Option<Self> {
        let (label, n_votes) = tally.winner()?;
        Some(Self {
            label: label.clone(),
            confidence: Confidence::share(n_votes, tally.n_workers),
            is_tied: tally.is_tied(),
            confidences: Vec::new(),
            model: method.model_when_counted(),
        })
    }
}

impl<'a> Choices<'a> {
    /// The choices of each object among the declared categories; those that were chosen and are not declared come after
    /// them, sorted by `order`.
    pub(super) fn new(
        declared: &'a [LabelCategory],
        of_objects: Vec<&'a ObjectChoices<'a>>,
        order: impl Fn(&LabelCategory, &LabelCategory) -> Ordering,
    ) -> Self {
        let mut known = BTreeSet::new();
        let mut categories: Vec<&LabelCategory> = declared.iter().filter(|category| known.insert(*category)).collect();
        let mut others: Vec<&LabelCategory> = of_objects
            .iter()
            .copied()
            .flatten()
            .map(|(_, category)| category)
            .filter(|category| known.insert(category))
            .collect();
        others.sort_by(|a, b| order(a, b).then_with(|| a.cmp(b)));
        categories.extend(others);
        Self { categories, of_objects }
    }

    /// Decides about every object that someone chose a category for; nothing when votes are to be counted.
    pub(super) fn decide(&self, method: Method) -> Vec<Option<Decision>> {
        let fitted =
            (method != Method::MajorityVote).then(|| self.votes()).flatten().and_then(|votes| method.fit(&votes));
        match fitted {
            Some((posteriors, model)) => self.decisions(&posteriors, best_of, model),
            None => self.of_objects.iter().map(|_| None).collect(),
        }
    }

    /// Decides by these probabilities, one row for each object that someone chose for, of which `label_of` chooses the label's place.
    pub(super) fn decisions(
        &self,
        posteriors: &Posteriors,
        label_of: impl Fn(&[f64]) -> usize,
        model: Option<&'static str>,
    ) -> Vec<Option<Decision>> {
        let decide = |choices: &ObjectChoices<'a>, row: &[f64]| {
            let place = label_of(row);
            let label = (*self.categories.get(place)?).clone();
            let voted: BTreeSet<&LabelCategory> = choices.iter().map(|(_, category)| category).collect();
            let mut listed: Vec<usize> = (0..self.categories.len())
                .filter(|idx| *idx == place || voted.contains(self.categories[*idx]))
                .collect();
            listed.sort_by(|a, b| row[*b].total_cmp(&row[*a]).then(a.cmp(b)));
            let confidences =
                listed.into_iter().map(|idx| (self.categories[idx].clone(), confidence(row[idx]))).collect();
            Some(Decision { label, confidence: confidence(row[place]), is_tied: is_tied(row), confidences, model })
        };
        let mut rows = posteriors.rows();
        let answered =
            |choices: &&ObjectChoices<'a>| if choices.is_empty() { None } else { decide(choices, rows.next()?) };
        self.of_objects.iter().map(answered).collect()
    }

    /// The choices as columns, without the objects that nobody chose for: they can teach nothing. `None` when a worker chose twice for one object, which cannot be told apart.
    pub(super) fn votes(&self) -> Option<Votes> {
        let everybody = self.of_objects.iter().copied().flatten();
        let workers: BTreeSet<&WorkerId> = everybody.map(|(worker_id, _)| *worker_id).collect();
        let worker_idx: BTreeMap<&WorkerId, u32> = workers.into_iter().zip(0..).collect();
        let category_idx: BTreeMap<&LabelCategory, u32> = self.categories.iter().copied().zip(0..).collect();
        let (mut objects, mut voters, mut voted) = (Vec::new(), Vec::new(), Vec::new());
        let answered = || self.of_objects.iter().filter(|choices| !choices.is_empty());
        for (object, choices) in (0..).zip(answered()) {
            for (worker_id, category) in *choices {
                objects.push(object);
                voters.push(*worker_idx.get(worker_id)?);
                voted.push(*category_idx.get(category)?);
            }
        }
        let sizes = Sizes {
            n_objects: answered().count(),
            n_workers: worker_idx.len(),
            // Where only one category is known, there is at least one more that nobody has chosen so far.
            n_categories: self.categories.len().max(2),
        };
        Votes::new(sizes, &objects, &voters, &voted).ok()
    }
}

/// A probability that may have left [0, 1] by rounding error.
pub(super) fn confidence(probability: f64) -> Confidence {
    Confidence::new(probability.clamp(0.0, 1.0)).unwrap_or(Confidence::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_its_name() {
        for (name, method) in Method::ALL {
            assert_eq!(method.name(), *name);
        }
    }
}
