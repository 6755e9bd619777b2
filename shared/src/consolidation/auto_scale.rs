//! The default for ordered scales: the average of two models that fits the evidence, of whose posterior the label is the
//! median.
//!
//! One half is the share of the [weighted vote](super::weighted_vote), with one more vote spread evenly. The other half is
//! - the posterior of hierarchical Dawid-Skene, which is [`auto`]'s, where workers have given at least ten
//!   answers for every step of the scale, on average: enough to see who is always a step too high or too low, which on
//!   planted crowds of such workers is worth ten points of accuracy;
//! - that of the [discrete Laplace model](super::weighted_median), where they have given fewer: it knows that near misses
//!   are likelier than far ones and learns one number per worker, which on planted crowds of three or four answers per
//!   object is worth two to five points.
//!
//! Cost: that of the models. The label is [`median_of`](super::weighted_median::median_of) its row.
//! Confidence: the probability that this very step is right. An object without answers has equal probabilities.

use super::auto::{self, Basis, mean};
use super::posteriors::Fit;
use super::votes::{Votes, WorkerPrior};
use super::weighted_median::{self, discrete_laplace};
use super::weighted_vote;

/// How many answers a worker must have given per step of the scale, on average, for a confusion matrix to pay.
const ANSWERS_PER_STEP: usize = 10;

/// Which models were averaged, and so why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScaleBasis {
    /// Ten answers per worker and step or more: weighted vote and hierarchical Dawid-Skene.
    ManyAnswers,
    /// Fewer: weighted vote and discrete Laplace.
    FewAnswers,
}

impl ScaleBasis {
    /// What the evidence in these votes allows.
    pub fn choose(votes: &Votes) -> Self {
        let sizes = votes.sizes();
        let wanted = sizes.n_workers.saturating_mul(sizes.n_categories).saturating_mul(ANSWERS_PER_STEP);
        let pays = sizes.n_workers > 0 && votes.len() >= wanted && Basis::choose(votes) == Basis::ManyObjects;
        if pays { Self::ManyAnswers } else { Self::FewAnswers }
    }
}

/// Averages. The categories of the votes are the steps of the scale, in their order.
pub fn fit(votes: &Votes) -> (Fit, ScaleBasis) {
    let nobody = WorkerPrior::none(votes.sizes().n_workers);
    let basis = ScaleBasis::choose(votes);
    if let (ScaleBasis::ManyAnswers, Some((fit, _))) = (basis, auto::fit(votes, &nobody)) {
        return (fit, basis);
    }
    let model = discrete_laplace(votes, &weighted_median::Params::STANDARD);
    let shares = weighted_vote::fit(votes, &nobody, &weighted_vote::Params::STANDARD).posteriors;
    (Fit { posteriors: mean(votes, &shares, model.posteriors), ..model }, ScaleBasis::FewAnswers)
}

#[cfg(test)]
mod tests {
    use super::super::votes::Sizes;
    use super::super::weighted_median::median_of;
    use super::*;
    use crate::dice::Dice;

    const N_STEPS: usize = 5;

    /// A planted crowd and the truth: each object gets answers of some workers, who miss by a step with a chance of their
    /// own and by two with half of it again, after a shift that is theirs.
    fn crowd(seed: u64, n_objects: usize, n_answers: usize, shifts: &[i64]) -> (Votes, Vec<usize>) {
        let mut dice = Dice::new(seed);
        let looseness: Vec<f64> = shifts.iter().map(|_| 0.15 + 0.5 * dice.unit()).collect();
        let (mut objects, mut workers, mut categories, mut truths) = (vec![], vec![], vec![], vec![]);
        for object in 0..n_objects {
            let truth = dice.below(N_STEPS);
            truths.push(truth);
            let mut rest: Vec<usize> = (0..shifts.len()).collect();
            for _ in 0..n_answers {
                let worker = rest.swap_remove(dice.below(rest.len()));
                let mut answer = truth as i64 + shifts[worker] * i64::from(dice.chance(0.7));
                while dice.chance(looseness[worker] * 0.6) {
                    answer += if dice.chance(0.5) { 1 } else { -1 };
                }
                objects.push(object as u32);
                workers.push(worker as u32);
                categories.push(answer.clamp(0, N_STEPS as i64 - 1) as u32);
            }
        }
        let sizes = Sizes { n_objects, n_workers: shifts.len(), n_categories: N_STEPS };
        (Votes::new(sizes, &objects, &workers, &categories).expect("votes"), truths)
    }

    /// Steps off, on average over objects and seeds.
    fn steps_off(shape: (usize, usize, &[i64]), label: impl Fn(&Votes) -> Vec<usize>) -> f64 {
        let (n_objects, n_answers, shifts) = shape;
        let of_seed = |seed| {
            let (votes, truths) = crowd(seed, n_objects, n_answers, shifts);
            let off = label(&votes).iter().zip(&truths).map(|(label, truth)| label.abs_diff(*truth)).sum::<usize>();
            off as f64 / n_objects as f64
        };
        (0..6).map(of_seed).sum::<f64>() / 6.0
    }

    fn medians(fit: &Fit) -> Vec<usize> {
        fit.posteriors.rows().map(median_of).collect()
    }

    fn of_model(votes: &Votes) -> Vec<usize> {
        medians(&discrete_laplace(votes, &weighted_median::Params::STANDARD))
    }

    fn of_average(votes: &Votes) -> Vec<usize> {
        medians(&fit(votes).0)
    }

    fn of_categories(votes: &Votes) -> Vec<usize> {
        let nobody = WorkerPrior::none(votes.sizes().n_workers);
        let (fit, _) = auto::fit(votes, &nobody).expect("few categories");
        (0..votes.sizes().n_objects).map(|object| fit.posteriors.best(object)).collect()
    }

    #[test]
    fn with_few_answers_the_scale_helps() {
        let shape: (usize, usize, &[i64]) = (60, 3, &[0; 10]);
        assert_eq!(ScaleBasis::choose(&crowd(0, 60, 3, &[0; 10]).0), ScaleBasis::FewAnswers);
        let (ours, categories) = (steps_off(shape, of_average), steps_off(shape, of_categories));
        assert!(ours < categories, "{ours} {categories}");
    }

    #[test]
    fn with_many_answers_shifted_workers_are_seen_through() {
        let shape: (usize, usize, &[i64]) = (500, 4, &[1, 1, -1, 0, 0, 1, 0, -1, 1, 0]);
        assert_eq!(ScaleBasis::choose(&crowd(0, 500, 4, shape.2).0), ScaleBasis::ManyAnswers);
        let (ours, model) = (steps_off(shape, of_average), steps_off(shape, of_model));
        assert!(ours < 0.9 * model, "{ours} {model}");
    }
}
