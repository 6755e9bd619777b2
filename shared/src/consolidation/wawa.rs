//! Worker agreement with aggregate: a vote in which each worker counts as much as they agree with the plain majority (the
//! quality measure of Appen, formerly CrowdFlower; as in Toloka's crowd-kit).
//!
//! Skill is the share of a worker's answers that equal the majority's label (the first of equals; the known category,
//! where there is one), and the weight of their votes. Two passes, no iteration.
//!
//! Left out: any correction for guessing, so that a worker who guesses still counts.
//! Cost: votes + objects · categories. Ties fall to the first category.
//! Confidence: the weighted share, and no probability: 1 for unanimity, for a lone worker, and in a batch of one object
//! even for one against one, because whoever never agrees with the label has no weight.

use super::StopReason;
use super::posteriors::{Fit, Posteriors};
use super::votes::Votes;

/// Weighs by agreement with the majority.
#[doc(alias("worker agreement with aggregate"))]
pub fn fit(votes: &Votes) -> Fit {
    let n_votes = votes.n_votes_of_workers();
    let skill = agreement(votes, &Posteriors::shares(votes, |_| 1.0), &n_votes);
    let posteriors = Posteriors::shares(votes, |worker| skill[worker as usize]);
    Fit { posteriors, skill, n_iterations: 1, stop: StopReason::Converged }
}

/// Each worker's share of answers that equal the most probable category; 0 for a worker without answers.
pub(super) fn agreement(votes: &Votes, posteriors: &Posteriors, n_votes: &[usize]) -> Vec<f64> {
    let mut agreed = vec![0_usize; n_votes.len()];
    for (object, of_object) in votes.by_object().enumerate().filter(|(_, of_object)| !of_object.is_empty()) {
        let best = posteriors.best(object);
        for vote in of_object.iter().filter(|vote| vote.category as usize == best) {
            agreed[vote.worker as usize] += 1;
        }
    }
    agreed.iter().zip(n_votes).map(|(agreed, n_votes)| *agreed as f64 / (*n_votes).max(1) as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::super::posteriors::tests::{labels, votes};
    use super::*;

    #[test]
    fn who_agrees_with_the_majority_counts_more() {
        let fit = fit(&votes("aab aab aab bb- a-b"));
        assert_eq!(fit.skill, [1.0, 1.0, 0.0]);
        assert_eq!(labels(&fit.posteriors), "a100 a100 a100 b100 a100");
    }
}
