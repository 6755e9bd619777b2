//! Scores of an object's items after Plackett and Luce: a ranking is made by choosing the best item, then the best of the
//! rest, and so on, each with a probability in proportion to its strength (Luce, "Individual choice behavior", 1959;
//! Plackett, "The analysis of permutations", 1975).
//!
//! The strengths maximize the weighted likelihood of the workers' rankings, found by Hunter's minorization ("MM algorithms
//! for generalized Bradley-Terry models", Annals of Statistics 32, 2004). A Gamma prior (Caron and Doucet, "Efficient
//! Bayesian inference for generalized Bradley-Terry models", 2012), as if each item had been chosen once among its equals,
//! keeps the strength of an item finite that everybody puts first, or last. Tied items are chosen from the same rest
//! (Breslow's rule). Items without a rank are tied behind all others, and of the last ones nothing is learned.
//!
//! Cost: the length of all rankings per round, `MAX_ROUNDS` at most.

use super::rank_aggregation::RankedObject;

/// After how many rounds to stop; what moves then decides nothing.
const MAX_ROUNDS: usize = 500;

/// Strengths that change by a smaller share stand still.
const TOLERANCE: f64 = 1e-10;

/// How often each item is thought to have been chosen beforehand.
const PRIOR_CHOICES: f64 = 1.0;

/// The natural logarithm of each item's strength, with mean 0; `weights` are those of the workers, 0 or more.
#[doc(alias("Plackett-Luce"))]
pub fn strengths(object: &RankedObject, weights: &[f64]) -> Vec<f64> {
    let n = object.n_items;
    // Each ranking as groups of tied items, best first, without the last group, which is not a choice any more.
    let rankings: Vec<(f64, Vec<Vec<usize>>)> = object
        .rankings
        .iter()
        .map(|(worker, ranking)| {
            let rank = |item: &usize| ranking.ranks[*item].unwrap_or(u32::MAX);
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by_key(rank);
            (weights[*worker], order.chunk_by(|a, b| rank(a) == rank(b)).map(<[usize]>::to_vec).collect())
        })
        .filter(|(weight, _)| *weight > 0.0)
        .collect();
    let mut strengths = vec![1.0; n];
    for _ in 0..MAX_ROUNDS {
        let (mut chosen, mut chances) = (vec![PRIOR_CHOICES; n], vec![PRIOR_CHOICES; n]);
        for (weight, groups) in &rankings {
            let of_group = |group: &Vec<usize>| group.iter().map(|item| strengths[*item]).sum::<f64>();
            let mut rest: f64 = groups.iter().map(of_group).sum();
            // Whoever is among the rest could have been chosen at every choice so far.
            let mut so_far = 0.0;
            for (idx, group) in groups.iter().enumerate() {
                if idx + 1 < groups.len() {
                    so_far += weight * group.len() as f64 / rest;
                    group.iter().for_each(|item| chosen[*item] += weight);
                }
                group.iter().for_each(|item| chances[*item] += so_far);
                rest = (rest - of_group(group)).max(f64::MIN_POSITIVE);
            }
        }
        let next: Vec<f64> = chosen.iter().zip(&chances).map(|(chosen, chances)| chosen / chances).collect();
        let mean = next.iter().map(|strength: &f64| strength.ln()).sum::<f64>() / n as f64;
        let next: Vec<f64> = next.iter().map(|strength| strength / mean.exp()).collect();
        let moved = next.iter().zip(&strengths).map(|(next, now)| (next / now - 1.0).abs()).fold(0.0, f64::max);
        strengths = next;
        if moved <= TOLERANCE {
            break;
        }
    }
    strengths.into_iter().map(f64::ln).collect()
}

#[cfg(test)]
mod tests {
    use super::super::rank_aggregation::{Ranking, ranks_of};
    use super::*;
    use crate::dice::Dice;

    fn object(rankings: &[&[u32]]) -> RankedObject {
        let ranking =
            |ranks: &&[u32]| Ranking { ranks: ranks.iter().map(|rank| (*rank > 0).then_some(*rank)).collect() };
        RankedObject { n_items: rankings[0].len(), rankings: rankings.iter().map(ranking).enumerate().collect() }
    }

    #[test]
    fn orders_and_ties_come_back() {
        let check = |rankings: &[&[u32]], ranks: &[usize]| {
            assert_eq!(ranks_of(&strengths(&object(rankings), &[1.0; 9])), ranks, "{rankings:?}");
        };
        check(&[&[1, 2, 3]], &[1, 2, 3]);
        check(&[&[2, 1, 2]], &[2, 1, 2]);
        check(&[&[1, 2], &[2, 1]], &[1, 1]);
        // 0 stands for an item without a rank.
        check(&[&[0, 1, 0, 2]], &[3, 1, 3, 2]);
        check(&[&[1]], &[1]);
        let long: Vec<u32> = (1..=200).collect();
        check(&[&long], &(1..=200).collect::<Vec<_>>());
    }

    #[test]
    fn a_worker_without_weight_has_no_say() {
        let both = object(&[&[1, 2, 3], &[3, 2, 1]]);
        assert_eq!(ranks_of(&strengths(&both, &[1.0, 0.0])), [1, 2, 3]);
        assert_eq!(ranks_of(&strengths(&both, &[0.0, 0.0])), [1, 1, 1]);
    }

    #[test]
    fn planted_strengths_are_found() {
        let mut dice = Dice::new(6);
        let truth = [1.5, 0.75, 0.0, -0.75, -1.5];
        let rankings: Vec<Vec<u32>> = (0..3000)
            .map(|_| {
                let (mut rest, mut ranks) = ((0..5).collect::<Vec<usize>>(), vec![0; 5]);
                for rank in 1..=5 {
                    let total: f64 = rest.iter().map(|item| f64::exp(truth[*item])).sum();
                    let mut left = dice.unit() * total;
                    let idx = rest.iter().position(|item| {
                        left -= f64::exp(truth[*item]);
                        left <= 0.0
                    });
                    ranks[rest.remove(idx.unwrap_or(0))] = rank;
                }
                ranks
            })
            .collect();
        let rankings: Vec<&[u32]> = rankings.iter().map(Vec::as_slice).collect();
        let found = strengths(&object(&rankings), &[1.0; 3000]);
        assert!(found.iter().zip(truth).all(|(found, truth)| (found - truth).abs() < 0.08), "{found:?}");
    }
}
