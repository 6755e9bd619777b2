//! What every method for single choices promises.

use super::StopReason;
use super::auto::{self, Basis};
use super::auto_scale;
use super::dawid_skene;
use super::ebcc;
use super::glad;
use super::ground_truth_em;
use super::mace;
use super::one_coin;
use super::posteriors::tests::{labels, votes};
use super::posteriors::{Fit, Posteriors, Stopping};
use super::votes::{Sizes, Votes, WorkerPrior};
use super::wawa;
use super::weighted_median;
use super::weighted_vote;
use super::zero_based_skill;
use crate::dice::Dice;

fn coin(votes: &Votes) -> Fit {
    one_coin::fit(votes, &unknown(votes), &one_coin::Params::STANDARD)
}

fn map(votes: &Votes) -> Fit {
    dawid_skene::fit_map(votes, &coin(votes), &unknown(votes), &dawid_skene::MapParams::STANDARD).fit
}

fn unknown(votes: &Votes) -> WorkerPrior {
    WorkerPrior::none(votes.sizes().n_workers)
}

/// A method with its standard parameters.
type Method = (&'static str, fn(&Votes) -> Fit);

const METHODS: &[Method] = &[
    ("auto", |votes| auto::fit(votes, &unknown(votes)).expect("few categories").0),
    ("weighted-vote", |votes| weighted_vote::fit(votes, &unknown(votes), &weighted_vote::Params::STANDARD)),
    ("wawa", wawa::fit),
    ("one-coin", coin),
    ("dawid-skene", |votes| dawid_skene::fit(votes, &dawid_skene::Params::STANDARD).fit),
    ("dawid-skene-map", map),
    ("glad", |votes| glad::fit(votes, &glad::Params::STANDARD)),
    ("mace", |votes| mace::fit(votes, &mace::Params::STANDARD)),
    ("zero-based-skill", |votes| zero_based_skill::fit(votes, &zero_based_skill::Params::STANDARD)),
    ("ebcc", |votes| ebcc::fit(votes, &coin(votes).posteriors, &ebcc::Params::STANDARD)),
    ("ground-truth-em", ground_truth_em::fit),
    ("auto on a scale", |votes| auto_scale::fit(votes).0),
    ("weighted-median", |votes| weighted_median::fit(votes, &weighted_median::Params::STANDARD)),
];

/// Rows of votes on objects whose truth is known, by workers of these accuracies, who answer four objects in five.
struct Crowd {
    rows: Vec<(u32, u32, u32)>,
    truth: Vec<u32>,
    sizes: Sizes,
}

fn crowd(n_objects: u32, n_categories: u32, accuracies: &[f64]) -> Crowd {
    let mut dice = Dice::new(20);
    let (mut rows, mut truth) = (Vec::new(), Vec::new());
    for object in 0..n_objects {
        let right = dice.below(n_categories as usize) as u32;
        truth.push(right);
        for (worker, accuracy) in (0..).zip(accuracies) {
            let wrong = (right + 1 + dice.below(n_categories as usize - 1) as u32) % n_categories;
            let answer = if dice.chance(*accuracy) { right } else { wrong };
            if dice.chance(0.8) {
                rows.push((object, worker, answer));
            }
        }
    }
    let sizes =
        Sizes { n_objects: n_objects as usize, n_workers: accuracies.len(), n_categories: n_categories as usize };
    Crowd { rows, truth, sizes }
}

impl Crowd {
    /// The votes after objects and workers got these other indices.
    fn votes(&self, object: impl Fn(u32) -> u32, worker: impl Fn(u32) -> u32) -> Votes {
        let objects: Vec<u32> = self.rows.iter().map(|row| object(row.0)).collect();
        let workers: Vec<u32> = self.rows.iter().map(|row| worker(row.1)).collect();
        let categories: Vec<u32> = self.rows.iter().map(|row| row.2).collect();
        Votes::new(self.sizes, &objects, &workers, &categories).expect("votes")
    }

    fn n_right(&self, posteriors: &Posteriors) -> usize {
        (0..self.truth.len()).filter(|object| posteriors.best(*object) == self.truth[*object] as usize).count()
    }
}

const ACCURACIES: [f64; 8] = [0.9, 0.85, 0.8, 0.7, 0.5, 0.4, 0.34, 0.33];

#[test]
fn planted_truth_and_skill_are_found() {
    let crowd = crowd(300, 3, &ACCURACIES);
    let votes = crowd.votes(|object| object, |worker| worker);
    for (name, method) in METHODS {
        let fit = method(&votes);
        let n_right = crowd.n_right(&fit.posteriors);
        assert!(n_right >= 255, "{name}: {n_right} of 300");
        assert!(fit.skill[0] > fit.skill[4] && fit.skill[4] > fit.skill[7], "{name}: {:?}", fit.skill);
        assert!(fit.skill.iter().all(|skill| (0.0..=1.0).contains(skill)), "{name}: {:?}", fit.skill);
    }
}

#[test]
fn probabilities_sum_to_one() {
    let crowd = crowd(40, 5, &ACCURACIES);
    for (name, method) in METHODS {
        for row in method(&crowd.votes(|object| object, |worker| worker)).posteriors.rows() {
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-6, "{name}: {row:?}");
        }
    }
}

/// To the last bit: sums over workers and objects are exact.
#[test]
fn the_order_of_objects_and_workers_changes_nothing() {
    let crowd = crowd(60, 4, &ACCURACIES);
    let (objects, workers) = (crowd.truth.len() as u32, ACCURACIES.len() as u32);
    let forward = crowd.votes(|object| object, |worker| worker);
    let backward = crowd.votes(|object| objects - 1 - object, |worker| workers - 1 - worker);
    for (name, method) in METHODS {
        let (forward, backward) = (method(&forward), method(&backward));
        let bits = |row: &[f64]| row.iter().map(|probability| probability.to_bits()).collect::<Vec<_>>();
        let forward_bits: Vec<Vec<u64>> = forward.posteriors.rows().map(bits).collect();
        let mut backward_bits: Vec<Vec<u64>> = backward.posteriors.rows().map(bits).collect();
        backward_bits.reverse();
        assert_eq!(forward_bits, backward_bits, "{name}");
        assert_eq!(forward.n_iterations, backward.n_iterations, "{name}");
    }
}

#[test]
fn known_categories_are_kept_and_judge_workers() {
    let text = "aab aab aab aab aab aab aab aab aab aab ab-";
    let gold: Vec<(u32, u32)> = (0..10).map(|object| (object, 1)).collect();
    let judged = votes(text).with_gold(&gold).expect("gold");
    for (name, method) in METHODS {
        let fit = method(&judged);
        assert!(fit.posteriors.row(0)[1] > 0.999, "{name}");
        assert!(fit.skill[2] > fit.skill[0], "{name}: {:?}", fit.skill);
    }
}

#[test]
fn nothing_and_little_are_handled() {
    for (name, method) in METHODS {
        assert!(method(&votes("")).posteriors.as_flat().is_empty(), "{name}");
        let fit = method(&votes("--- aaa bbb"));
        assert_eq!(fit.posteriors.best(1), 0, "{name}");
        assert_eq!(fit.posteriors.best(2), 1, "{name}");
        assert!(fit.posteriors.as_flat().iter().chain(&fit.skill).all(|number| number.is_finite()), "{name}");
        let lone = Votes::new(Sizes { n_objects: 1, n_workers: 1, n_categories: 1 }, &[0], &[0], &[0]).expect("votes");
        assert!(method(&lone).posteriors.row(0)[0] > 0.999, "{name}: one category");
    }
}

#[test]
fn auto_says_what_it_rests_on() {
    let basis = |votes: &Votes| auto::fit(votes, &unknown(votes)).map(|(_, basis)| basis);
    let crowd = crowd(50, 5, &ACCURACIES);
    assert_eq!(basis(&crowd.votes(|object| object, |worker| worker)), Some(Basis::ManyObjects));
    assert_eq!(basis(&votes("aab abb")), Some(Basis::FewObjects));
    let sizes = Sizes { n_objects: 1, n_workers: 1, n_categories: 1 << 20 };
    assert_eq!(basis(&Votes::new(sizes, &[0], &[0], &[0]).expect("votes")), None);
}

#[test]
fn history_decides_between_strangers() {
    let tie = votes("ab");
    let prior = WorkerPrior::new([(10.0, 20.0), (19.0, 20.0)]).expect("possible");
    assert_eq!(labels(&auto::fit(&tie, &unknown(&tie)).expect("few categories").0.posteriors), "a50");
    assert_eq!(labels(&auto::fit(&tie, &prior).expect("few categories").0.posteriors), "b80");
    let many = votes(&["ab"; 30].join(" "));
    assert!(labels(&auto::fit(&many, &prior).expect("few categories").0.posteriors).starts_with('b'));
}

#[test]
fn every_method_says_why_it_stopped() {
    let easy = votes("aaa bbb aab");
    for (name, method) in METHODS {
        let fit = method(&easy);
        // This one makes all its rounds, whatever happens.
        let expected = if *name == "zero-based-skill" { StopReason::MaxIterations } else { StopReason::Converged };
        assert_eq!(fit.stop, expected, "{name} after {}", fit.n_iterations);
    }
    let stopping = Stopping { tolerance: -1.0, max_iterations: 1 };
    let nobody = unknown(&easy);
    let hurried = [
        weighted_vote::fit(&easy, &nobody, &weighted_vote::Params { stopping, ..weighted_vote::Params::STANDARD }),
        one_coin::fit(&easy, &nobody, &one_coin::Params { stopping, ..one_coin::Params::STANDARD }),
        dawid_skene::fit(&easy, &dawid_skene::Params { stopping }).fit,
        dawid_skene::fit_map(
            &easy,
            &coin(&easy),
            &nobody,
            &dawid_skene::MapParams { stopping, ..dawid_skene::MapParams::STANDARD },
        )
        .fit,
        glad::fit(&easy, &glad::Params { stopping }),
        mace::fit(&easy, &mace::Params { stopping, ..mace::Params::STANDARD }),
        ebcc::fit(&easy, &coin(&easy).posteriors, &ebcc::Params { stopping, ..ebcc::Params::STANDARD }),
        weighted_median::fit(&easy, &weighted_median::Params { stopping, ..weighted_median::Params::STANDARD }),
    ];
    for fit in hurried {
        assert_eq!((fit.n_iterations, fit.stop), (1, StopReason::MaxIterations), "{fit:?}");
    }
}

/// An object that nobody voted on has equal probabilities, in every method without a class prior that others teach it.
#[test]
fn nobody_knows_what_nobody_voted_on() {
    for (name, method) in METHODS {
        let fit = method(&votes("---"));
        for probability in fit.posteriors.row(0) {
            assert!((probability - 0.5).abs() < 1e-6, "{name}: {:?}", fit.posteriors.row(0));
        }
    }
}
