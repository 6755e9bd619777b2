//! What the kinds that choose among categories share: the names of the methods, the way from workers' choices to votes
//! and back, and what may be known beforehand: answers (gold) and skills of workers.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::named;
use super::worker_index::WorkerIndex;
use crate::batch::{BLANK_GOLD, FieldBatch, FieldObject, RejectedAnswer};
use crate::consolidation::auto::{self, Basis};
use crate::consolidation::auto_scale::ScaleBasis;
use crate::consolidation::dawid_skene;
use crate::consolidation::ebcc;
use crate::consolidation::glad;
use crate::consolidation::ground_truth_em;
use crate::consolidation::mace;
use crate::consolidation::majority_vote::Tally;
use crate::consolidation::one_coin;
use crate::consolidation::posteriors::{Fit, Posteriors, best_of, is_tied};
use crate::consolidation::votes::{Sizes, Votes, WorkerPrior};
use crate::consolidation::wawa;
use crate::consolidation::weighted_vote;
use crate::consolidation::zero_based_skill;
use crate::document::Reader;
use crate::parallel;
use crate::vocabulary::{Confidence, LabelCategory, WorkerId};
use crate::worker_skills::{FieldSkills, WorkerSkill};

/// What a known answer must be: a value that can be read, and says something.
pub(super) fn says_something<T, E: std::fmt::Display>(parsed: Result<Option<T>, E>) -> Result<(), String> {
    parsed.map_err(|error| error.to_string())?.map(drop).ok_or_else(|| BLANK_GOLD.to_owned())
}

/// How categories are decided on. `docs/METHODS.md` tells when to use which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Method {
    /// The default: the mean of two models, chosen by how much there is to learn from; see [auto].
    Auto,
    /// The category with the most votes.
    MajorityVote,
    /// [Weighted vote](crate::consolidation::weighted_vote).
    WeightedVote,
    /// [Worker agreement with aggregate](crate::consolidation::wawa).
    Wawa,
    /// [One-coin](crate::consolidation::one_coin).
    OneCoin,
    /// [Dawid-Skene](crate::consolidation::dawid_skene), maximum likelihood.
    DawidSkene,
    /// [Dawid-Skene](crate::consolidation::dawid_skene::fit_map), with hierarchical priors.
    DawidSkeneMap,
    /// [GLAD](crate::consolidation::glad).
    Glad,
    /// [MACE](crate::consolidation::mace).
    Mace,
    /// [Zero-based skill](crate::consolidation::zero_based_skill).
    ZeroBasedSkill,
    /// [EBCC](crate::consolidation::ebcc).
    Ebcc,
    /// [Ground Truth's EM](crate::consolidation::ground_truth_em), with the parameters that AWS published.
    GroundTruthEm,
}

named!(
    Method, "method":
    Auto = "auto",
    MajorityVote = "majority-vote",
    WeightedVote = "weighted-vote",
    Wawa = "wawa",
    OneCoin = "one-coin",
    DawidSkene = "dawid-skene",
    DawidSkeneMap = "dawid-skene-map",
    Glad = "glad",
    Mace = "mace",
    ZeroBasedSkill = "zero-based-skill",
    Ebcc = "ebcc",
    GroundTruthEm = "ground-truth-em",
);

impl Method {
    /// Reads the member `method`.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.choice("method", Self::BY_NAME)
    }

    /// Fits the method's model; `None` when votes are only to be counted. The second is what `auto` chose. What is known
    /// of workers counts for `auto`, `weighted-vote`, `one-coin`, `dawid-skene-map` and `ebcc`.
    pub fn fit(self, votes: &Votes, prior: &WorkerPrior) -> Option<(Fit, Option<Model>)> {
        let coin = || one_coin::fit(votes, prior, &one_coin::Params::STANDARD);
        if self == Self::MajorityVote || Basis::choose(votes) == Basis::ManyCategories {
            return None;
        }
        let fit = match self {
            Self::MajorityVote => return None,
            Self::Auto => {
                let (fit, basis) = auto::fit(votes, prior)?;
                return Some((fit, Some(Model::of(basis))));
            }
            Self::WeightedVote => weighted_vote::fit(votes, prior, &weighted_vote::Params::STANDARD),
            Self::Wawa => wawa::fit(votes),
            Self::OneCoin => coin(),
            Self::DawidSkene => dawid_skene::fit(votes, &dawid_skene::Params::STANDARD).fit,
            Self::DawidSkeneMap => dawid_skene::fit_map(votes, &coin(), prior, &dawid_skene::MapParams::STANDARD).fit,
            Self::Glad => glad::fit(votes, &glad::Params::STANDARD),
            Self::Mace => mace::fit(votes, &mace::Params::STANDARD),
            Self::ZeroBasedSkill => zero_based_skill::fit(votes, &zero_based_skill::Params::STANDARD),
            Self::Ebcc => ebcc::fit(votes, &coin().posteriors, &ebcc::Params::STANDARD),
            Self::GroundTruthEm => ground_truth_em::fit(votes),
        };
        Some((fit, None))
    }

    /// The model of a label that was made by counting votes: that, where a model was asked for.
    pub(crate) fn model_when_counted(self) -> Option<Model> {
        (self != Self::MajorityVote).then_some(Model::of(Basis::ManyCategories))
    }
}

/// What was used where that was not asked for by name, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Model {
    /// The models that were averaged, or the only one.
    #[serde(rename = "model")]
    pub name: &'static str,
    /// What in the answers decided on them: one of few words.
    #[serde(rename = "modelReason")]
    pub reason: &'static str,
}

impl Model {
    /// The one for answers that name several categories.
    pub(super) const TWO_COIN: Self = Self { name: "two-coin", reason: "several-may-hold" };

    fn of(basis: Basis) -> Self {
        let (name, reason) = match basis {
            Basis::ManyObjects => ("weighted-vote+dawid-skene-map", "many-objects"),
            Basis::FewObjects => ("weighted-vote+one-coin", "few-objects"),
            Basis::ManyCategories => ("majority-vote", "many-categories"),
        };
        Self { name, reason }
    }

    /// What was used for a scale.
    pub(super) fn of_scale(basis: ScaleBasis) -> Self {
        let (name, reason) = match basis {
            ScaleBasis::ManyAnswers => ("weighted-vote+dawid-skene-map", "many-answers"),
            ScaleBasis::FewAnswers => ("weighted-vote+discrete-laplace", "few-answers"),
        };
        Self { name, reason }
    }
}

/// What the workers of one object chose.
pub(super) type ObjectChoices<'a> = [(&'a WorkerId, LabelCategory)];

/// What was answered about one object, and what is known about it.
pub(super) struct ParsedChoices<'a> {
    pub(super) choices: Vec<(&'a WorkerId, LabelCategory)>,
    pub(super) gold: Option<LabelCategory>,
    /// The answers that were set aside.
    pub(super) rejected: Vec<RejectedAnswer>,
}

impl<'a> ParsedChoices<'a> {
    /// Parses the answers of every object of a batch.
    pub(super) fn of_batch<V: Copy + Sync, E: std::fmt::Display>(
        batch: &FieldBatch<'a, V>,
        parse: impl Fn(V) -> Result<Option<LabelCategory>, E> + Send + Sync,
    ) -> Vec<Self> {
        let of_object = |object: &FieldObject<'a, V>| {
            let (choices, mut rejected) = object.parse(&parse);
            let gold = object.parse_gold(&parse).unwrap_or_else(|reason| {
                rejected.push(reason);
                None
            });
            Self { choices, gold, rejected }
        };
        parallel::map(batch.objects.iter().collect(), of_object)
    }

    /// Whether nobody chose.
    fn is_empty(&self) -> bool {
        self.choices.is_empty()
    }

    /// The categories that the object's workers chose, and the one that is known to be right.
    fn named(&self) -> impl Iterator<Item = &LabelCategory> {
        self.choices.iter().map(|(_, category)| category).chain(&self.gold)
    }
}

/// The choices of a batch.
pub(super) struct Choices<'a> {
    categories: Vec<&'a LabelCategory>,
    of_objects: &'a [ParsedChoices<'a>],
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
    pub(super) model: Option<Model>,
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
    /// The choices of each object among the declared categories; those that were chosen, or are known to be right, and are
    /// not declared come after them, sorted by `order`.
    pub(super) fn new(
        declared: &'a [LabelCategory],
        of_objects: &'a [ParsedChoices<'a>],
        order: impl Fn(&LabelCategory, &LabelCategory) -> Ordering,
    ) -> Self {
        let declared = of_this_field(declared, of_objects.iter().flat_map(ParsedChoices::named));
        let mut known = BTreeSet::new();
        let mut categories: Vec<&LabelCategory> = declared.iter().filter(|category| known.insert(*category)).collect();
        let named = of_objects.iter().flat_map(ParsedChoices::named);
        let mut others: Vec<&LabelCategory> = named.filter(|category| known.insert(*category)).collect();
        others.sort_by(|a, b| order(a, b).then_with(|| a.cmp(b)));
        categories.extend(others);
        Self { categories, of_objects }
    }

    /// Decides about every object that someone chose a category for, or whose category is known; only about the latter when
    /// votes are to be counted.
    pub(super) fn decide(&self, method: Method, skills: &FieldSkills) -> Vec<Option<Decision>> {
        let votes = (method != Method::MajorityVote).then(|| self.votes()).flatten();
        match votes.and_then(|(votes, workers)| method.fit(&votes, &prior_of(&workers, skills))) {
            Some((fit, model)) => self.decisions(&fit.posteriors, best_of, model),
            None => self.known(method.model_when_counted()),
        }
    }

    /// Decides about the objects whose category is known, where there are no probabilities.
    pub(super) fn known(&self, model: Option<Model>) -> Vec<Option<Decision>> {
        let decide = |parsed: &ParsedChoices<'a>| {
            let label = parsed.gold.clone()?;
            Some(Decision { label, confidence: confidence(1.0), is_tied: false, confidences: Vec::new(), model })
        };
        self.of_objects.iter().map(decide).collect()
    }

    /// Decides by these probabilities, one row for each object that someone chose for, of which `label_of` chooses the
    /// label's index. A known category has probability 1, to the last bit.
    pub(super) fn decisions(
        &self,
        posteriors: &Posteriors,
        label_of: impl Fn(&[f64]) -> usize + Send + Sync,
        model: Option<Model>,
    ) -> Vec<Option<Decision>> {
        let decide = |choices: &ObjectChoices<'a>, row: &[f64]| {
            let label = label_of(row);
            let name = (*self.categories.get(label)?).clone();
            let voted: BTreeSet<&LabelCategory> = choices.iter().map(|(_, category)| category).collect();
            let mut listed: Vec<usize> = (0..self.categories.len())
                .filter(|idx| *idx == label || voted.contains(self.categories[*idx]))
                .collect();
            listed.sort_by(|a, b| row[*b].total_cmp(&row[*a]).then(a.cmp(b)));
            let confidences =
                listed.into_iter().map(|idx| (self.categories[idx].clone(), confidence(row[idx]))).collect();
            Some(Decision {
                label: name,
                confidence: confidence(row[label]),
                is_tied: is_tied(row),
                confidences,
                model,
            })
        };
        let mut rows = posteriors.rows();
        let with_row = |parsed| (parsed, if ParsedChoices::is_empty(parsed) { None } else { rows.next() });
        let objects: Vec<(&ParsedChoices<'a>, Option<&[f64]>)> = self.of_objects.iter().map(with_row).collect();
        parallel::map(objects, |(parsed, row)| match &parsed.gold {
            Some(gold) => {
                let certain = |category: &&LabelCategory| f64::from(*category == gold);
                decide(&parsed.choices, &self.categories.iter().map(certain).collect::<Vec<f64>>())
            }
            None => decide(&parsed.choices, row?),
        })
    }

    /// The choices as columns, without the objects that nobody chose for: they can teach nothing; and the workers in the
    /// order of their indices. `None` when a worker chose twice for one object, which cannot be told apart.
    pub(super) fn votes(&self) -> Option<(Votes, Vec<&'a WorkerId>)> {
        let everybody = self.of_objects.iter().flat_map(|parsed| &parsed.choices);
        let index = WorkerIndex::new(everybody.map(|(worker_id, _)| *worker_id));
        let category_idx: BTreeMap<&LabelCategory, u32> = self.categories.iter().copied().zip(0..).collect();
        let (mut objects, mut voters, mut voted) = (Vec::new(), Vec::new(), Vec::new());
        let mut gold = Vec::new();
        let answered = || self.of_objects.iter().filter(|parsed| !parsed.is_empty());
        for (object, parsed) in (0..).zip(answered()) {
            for (worker_id, category) in &parsed.choices {
                objects.push(object);
                voters.push(index.index_of(worker_id) as u32);
                voted.push(*category_idx.get(category)?);
            }
            gold.extend(parsed.gold.as_ref().and_then(|gold| Some((object, *category_idx.get(gold)?))));
        }
        let sizes = Sizes {
            n_objects: answered().count(),
            n_workers: index.len(),
            // Where only one category is known, there is at least one more that nobody has chosen so far.
            n_categories: self.categories.len().max(2),
        };
        let votes = Votes::new(sizes, &objects, &voters, &voted).ok()?.with_gold(&gold).ok()?;
        Some((votes, index.workers().to_vec()))
    }

    /// Of how many answers of each worker how many are right, as `auto` expects it: each answer counts as much as it is
    /// probable. Answers that stand alone, where nothing is known either, tell nothing and do not count.
    pub(super) fn worker_skills(&self, skills: &FieldSkills) -> FieldSkills {
        let Some((votes, workers)) = self.votes() else { return FieldSkills::new() };
        let Some((fit, _)) = auto::fit(&votes, &prior_of(&workers, skills)) else { return FieldSkills::new() };
        let mut counts = vec![(0.0, 0.0); workers.len()];
        for ((object, of_object), row) in votes.by_object().enumerate().zip(fit.posteriors.rows()) {
            if of_object.len() > 1 || votes.gold(object).is_some() {
                for vote in of_object {
                    let (right, asked) = &mut counts[vote.worker as usize];
                    *right += row[vote.category as usize];
                    *asked += 1.0;
                }
            }
        }
        let judged = workers.into_iter().zip(counts).filter(|(_, (_, asked))| *asked > 0.0);
        let skill = |(right, asked): (f64, f64)| WorkerSkill::new(thousandths(right).min(asked), asked);
        judged.filter_map(|(worker_id, counts)| Some((worker_id.clone(), skill(counts)?))).collect()
    }
}

/// What is known of these workers, as pseudo-answers.
fn prior_of(workers: &[&WorkerId], skills: &FieldSkills) -> WorkerPrior {
    let counts = workers.iter().map(|worker_id| skills.get(*worker_id).map_or((0.0, 0.0), |skill| skill.counts()));
    // Skills are checked where they are made.
    WorkerPrior::new(counts).unwrap_or_else(|_| WorkerPrior::none(workers.len()))
}

/// Short enough to read in a file.
fn thousandths(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

/// The declared categories, as far as a field is about them. A job declares one list for its whole form, and a field whose
/// answers name none of it has other categories; the list would only make its choice look harder than it is.
pub(super) fn of_this_field<'a, 'c>(
    declared: &'a [LabelCategory],
    chosen: impl IntoIterator<Item = &'c LabelCategory>,
) -> &'a [LabelCategory] {
    let declared_set: BTreeSet<&LabelCategory> = declared.iter().collect();
    let mut chosen = chosen.into_iter().peekable();
    if chosen.peek().is_none() || chosen.any(|category| declared_set.contains(category)) { declared } else { &[] }
}

/// A probability that may have left [0, 1] by rounding error.
pub(super) fn confidence(probability: f64) -> Confidence {
    Confidence::new(probability.clamp(0.0, 1.0)).unwrap_or(Confidence::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_about_something_else_does_not_have_the_jobs_categories() {
        let names = |names: &[&str]| names.iter().copied().map(LabelCategory::new).collect::<Vec<_>>();
        let declared = names(&["otter", "heron"]);
        assert_eq!(of_this_field(&declared, &names(&["dark", "otter"])), declared);
        assert_eq!(of_this_field(&declared, &names(&["dark", "blurry"])), []);
        assert_eq!(of_this_field(&declared, &[]), declared);
    }
}
