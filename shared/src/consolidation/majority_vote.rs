//! Majority (plurality) vote over categories, with a declared rule for ties.

use std::collections::BTreeMap;

use crate::vocabulary::{Confidence, LabelCategory};

/// The votes of one field of one object.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias("majority vote", "plurality"))]
pub struct Tally {
    /// Every category that was voted for and its number of votes: most first, ties by [`Tally::count`]'s rule.
    pub votes: Vec<(LabelCategory, usize)>,
    /// How many workers voted: the whole of every share. For a single choice this is the sum of the votes; for several
    /// choices it is not.
    pub n_workers: usize,
}

impl Tally {
    /// Counts votes. Categories with equally many votes stand in the order of `categories`; those outside the list come
    /// after it, in lexicographic order (of Unicode code points).
    pub fn count<'a>(
        votes: impl IntoIterator<Item = &'a LabelCategory>,
        categories: &[LabelCategory],
        n_workers: usize,
    ) -> Self {
        let mut counts: BTreeMap<&LabelCategory, usize> = BTreeMap::new();
        for category in votes {
            *counts.entry(category).or_default() += 1;
        }
        let idx: BTreeMap<&LabelCategory, usize> = categories.iter().rev().zip((0..categories.len()).rev()).collect();
        let mut votes: Vec<(LabelCategory, usize)> =
            counts.into_iter().map(|(category, n)| (category.clone(), n)).collect();
        votes.sort_by_key(|(category, n)| (std::cmp::Reverse(*n), idx.get(category).copied().unwrap_or(usize::MAX)));
        Self { votes, n_workers }
    }

    /// The category with the most votes, and its number of them.
    pub fn winner(&self) -> Option<(&LabelCategory, usize)> {
        self.votes.first().map(|(category, n)| (category, *n))
    }

    /// Whether more than one category has the most votes.
    pub fn is_tied(&self) -> bool {
        matches!(self.votes.as_slice(), [(_, first), (_, second), ..] if first == second)
    }

    /// Each category's share of the workers, in [0, 1], in the order of `votes`.
    pub fn shares(&self) -> impl Iterator<Item = (&LabelCategory, Confidence)> {
        self.votes.iter().map(|(category, n)| (category, Confidence::share(*n, self.n_workers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(votes: &str, categories: &str) -> Tally {
        let names = |text: &str| text.split_whitespace().map(LabelCategory::new).collect::<Vec<_>>();
        let votes = names(votes);
        Tally::count(&votes, &names(categories), votes.len())
    }

    #[test]
    fn ties_fall_by_category_order_then_lexicographically() {
        let check = |votes: &str, categories: &str, expected: &str| {
            let tally = tally(votes, categories);
            let order: Vec<String> = tally.votes.iter().map(|(category, n)| format!("{category}={n}")).collect();
            assert_eq!(order.join(" "), expected, "{votes}");
        };
        check("otter heron otter", "heron otter", "otter=2 heron=1");
        check("otter heron", "heron otter", "heron=1 otter=1");
        check("otter heron", "otter heron", "otter=1 heron=1");
        check("zebra ant otter", "otter", "otter=1 ant=1 zebra=1");
        check("b a", "", "a=1 b=1");
        check("b a", "b a b", "b=1 a=1");
        check("", "a", "");
    }

    #[test]
    fn shares_count_all_workers() {
        let tally = tally("a a b", "");
        let shares: Vec<f64> = tally.shares().map(|(_, share)| share.rounded()).collect();
        assert_eq!(shares, [0.67, 0.33]);
        assert!(!tally.is_tied());
    }
}
