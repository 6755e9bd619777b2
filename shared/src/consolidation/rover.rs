//! ROVER: answers become one text by a vote on every word (Fiscus, "A post-processing system to yield reduced word error
//! rates: recognizer output voting error reduction", ASRU 1997).
//!
//! 1. The answers are aligned one after another into a network of slots, the first one as the skeleton. A slot holds per
//!    answer its word there, or nothing. The cheapest alignment is found by dynamic programming: to pair a word with a slot
//!    costs 1 minus the share of answers that have this word there, to skip a slot 1 minus the share that have nothing
//!    there, and a new slot costs 1. Equal costs prefer to pair, then to skip.
//! 2. Each slot goes to the word, or the nothing, with the most weight.
//!
//! Fiscus aligned the systems in the order of their names; the caller gives the medoid first and then the answers by
//! their distance to it, so that the network starts from the best text and does not depend on who answered. Left out: the
//! confidence of single words that speech recognizers have, which people do not give.
//!
//! Cost: time and memory are the product of an answer's length and the network's, per answer.

/// A column of the network: per answer, in the order of the alignment, the index of its word in the answer; `None` where
/// the answer has no word there.
pub type Slot = Vec<Option<usize>>;

/// Aligns answers, given as word numbers, into a network. The first is the skeleton.
pub fn align(answers: &[&[u32]]) -> Vec<Slot> {
    let Some((skeleton, rest)) = answers.split_first() else { return Vec::new() };
    let mut network =
        Network { slots: skeleton.iter().enumerate().map(|(idx, word)| Draft::new(idx, *word, 0)).collect() };
    let mut table = Table::default();
    for (n_aligned, words) in (1..).zip(rest) {
        table.fill(&network, n_aligned, words);
        network.add(words, &table.steps, n_aligned);
    }
    network.slots.into_iter().map(|draft| draft.word_idx).collect()
}

/// How a cell of the table is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The word stands in the slot.
    Pair,
    /// The answer has nothing in the slot.
    Skip,
    /// The word gets a slot of its own.
    Insert,
}

/// The network of the answers aligned so far.
struct Network {
    slots: Vec<Draft>,
}

/// A slot, and what the answers have in it.
struct Draft {
    word_idx: Slot,
    /// The word that came first, and how many answers have it.
    first: (u32, usize),
    /// The other words with their counts: seldom any.
    others: Vec<(u32, usize)>,
    n_nothing: usize,
}

impl Draft {
    /// A slot for a word of the answer after `n_before` others.
    fn new(idx: usize, word: u32, n_before: usize) -> Self {
        let mut word_idx = vec![None; n_before];
        word_idx.push(Some(idx));
        Self { word_idx, first: (word, 1), others: Vec::new(), n_nothing: n_before }
    }

    /// How many answers have this word here.
    fn n_of(&self, word: u32) -> usize {
        if word == self.first.0 {
            return self.first.1;
        }
        self.others.iter().find(|(known, _)| *known == word).map_or(0, |(_, n)| *n)
    }

    fn add(&mut self, idx: usize, word: u32) {
        self.word_idx.push(Some(idx));
        if word == self.first.0 {
            self.first.1 += 1;
        } else if let Some((_, n)) = self.others.iter_mut().find(|(known, _)| *known == word) {
            *n += 1;
        } else {
            self.others.push((word, 1));
        }
    }

    fn skip(&mut self) {
        self.word_idx.push(None);
        self.n_nothing += 1;
    }
}

/// The table of the dynamic program: per slot, from none on, a step for each number of words, from none on.
#[derive(Default)]
struct Table {
    steps: Vec<Step>,
    /// One row: the cost of the slots so far and the first 0, 1, 2 … words. Costs are counted in answers, so that equal ones
    /// are equal.
    row: Vec<usize>,
}

impl Table {
    fn fill(&mut self, network: &Network, n_aligned: usize, words: &[u32]) {
        let width = words.len() + 1;
        self.steps.clear();
        self.steps.resize((network.slots.len() + 1) * width, Step::Insert);
        self.row.clear();
        self.row.extend((0..width).map(|n| n * n_aligned));
        let row = &mut self.row;
        for (slot, steps) in network.slots.iter().zip(self.steps.chunks_exact_mut(width).skip(1)) {
            let cost_of_skip = n_aligned - slot.n_nothing;
            let mut diagonal = row[0];
            row[0] += cost_of_skip;
            steps[0] = Step::Skip;
            let mut left = row[0];
            for ((word, cell), step) in words.iter().zip(&mut row[1..]).zip(&mut steps[1..]) {
                let pair = diagonal + n_aligned - slot.n_of(*word);
                let (skip, insert) = (*cell + cost_of_skip, left + n_aligned);
                diagonal = *cell;
                (*cell, *step) = if pair <= skip && pair <= insert {
                    (pair, Step::Pair)
                } else if skip <= insert {
                    (skip, Step::Skip)
                } else {
                    (insert, Step::Insert)
                };
                left = *cell;
            }
        }
    }
}

impl Network {
    /// Follows the steps from the end of the table, and adds each word to its slot.
    fn add(&mut self, words: &[u32], steps: &[Step], n_aligned: usize) {
        let (mut n_slots, mut idx) = (self.slots.len(), words.len());
        let mut slots = std::mem::take(&mut self.slots).into_iter().rev();
        let mut reversed = Vec::with_capacity(n_slots.max(idx) + 1);
        while n_slots > 0 || idx > 0 {
            let step = steps[n_slots * (words.len() + 1) + idx];
            idx -= usize::from(step != Step::Skip);
            let slot = if step == Step::Insert { None } else { slots.next() };
            n_slots -= usize::from(slot.is_some());
            reversed.push(match slot {
                None => Draft::new(idx, words[idx], n_aligned),
                Some(mut slot) => {
                    if step == Step::Skip {
                        slot.skip();
                    } else {
                        slot.add(idx, words[idx]);
                    }
                    slot
                }
            });
        }
        reversed.reverse();
        self.slots = reversed;
    }
}

/// Weights that differ by less are equal: they come from sums in which rounding errors differ.
const SAME_WEIGHT: f64 = 1e-9;

/// What a slot was decided to hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Winner {
    /// The word; `None` when the slot is empty.
    pub word: Option<u32>,
    /// Its share of the weight, in (0, 1].
    pub share: f64,
}

/// Votes on every slot. Equal weights go to what the earlier answer has, so to the skeleton first.
#[doc(alias("ROVER"))]
pub fn vote(network: &[Slot], answers: &[&[u32]], weights: &[f64]) -> Vec<Winner> {
    let total: f64 = weights.iter().sum();
    let mut tally: Vec<(Option<u32>, f64)> = Vec::new();
    let mut of_slot = |slot: &Slot| {
        tally.clear();
        for ((words, idx), weight) in answers.iter().zip(slot).zip(weights) {
            let word = idx.map(|idx| words[idx]);
            match tally.iter_mut().find(|(known, _)| *known == word) {
                Some((_, sum)) => *sum += weight,
                None => tally.push((word, *weight)),
            }
        }
        let heaviest = |best: (Option<u32>, f64), next: (Option<u32>, f64)| {
            if next.1 > best.1 + SAME_WEIGHT { next } else { best }
        };
        let (word, weight) = tally.iter().copied().reduce(heaviest).unwrap_or((None, 0.0));
        Winner { word, share: if total > 0.0 { weight / total } else { 0.0 } }
    };
    network.iter().map(&mut of_slot).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consolidation::edit_distance::Symbols;

    /// The winning words of answers separated by `/`, all of weight 1 unless given.
    fn check(answers: &str, weights: &[f64], expected: &str) {
        let mut symbols = Symbols::default();
        let texts: Vec<Vec<&str>> = answers.split('/').map(|answer| answer.split_whitespace().collect()).collect();
        let numbers: Vec<Vec<u32>> =
            texts.iter().map(|words| words.iter().map(|word| symbols.number(*word)).collect()).collect();
        let numbers: Vec<&[u32]> = numbers.iter().map(Vec::as_slice).collect();
        let weights: Vec<f64> = (0..texts.len()).map(|n| weights.get(n).copied().unwrap_or(1.0)).collect();
        let network = align(&numbers);
        assert!(network.iter().all(|slot| slot.len() == texts.len()), "{network:?}");
        let all_words: Vec<&str> = texts.concat();
        let words: Vec<&str> = vote(&network, &numbers, &weights)
            .into_iter()
            .filter_map(|winner| all_words.iter().copied().find(|word| Some(symbols.number(*word)) == winner.word))
            .collect();
        assert_eq!(words.join(" "), expected, "{answers}");
    }

    #[test]
    fn every_word_is_voted_on() {
        check("the otter swims / the other swims / an otter swims", &[], "the otter swims");
        check("a b / a b c / a b c", &[], "a b c");
        check("a x b / a b / a b", &[], "a b");
        check("", &[], "");
        check("a / ", &[], "a");
        check(" / a / a", &[], "a");
    }

    #[test]
    fn ties_go_to_the_skeleton() {
        check("a b / a c", &[], "a b");
        check("a / a b", &[], "a");
        check("a b / a", &[], "a b");
    }

    #[test]
    fn weights_count() {
        check("a b / a c", &[1.0, 1.1], "a c");
        check("x y / a b / c d", &[1.0, 3.0, 1.0], "a b");
    }

    #[test]
    fn words_meet_in_the_slot_where_others_have_them() {
        check("a b c d / b z d e / b c d e f", &[], "b c d e");
    }

    #[test]
    fn shares_count_all_answers() {
        let answers: [&[u32]; 3] = [&[0, 1], &[0, 2], &[0]];
        let winners = vote(&align(&answers), &answers, &[1.0; 3]);
        assert_eq!(winners.iter().map(|winner| winner.word).collect::<Vec<_>>(), [Some(0), Some(1)]);
        assert!((winners[0].share - 1.0).abs() < 1e-12 && (winners[1].share - 1.0 / 3.0).abs() < 1e-12);
    }
}
