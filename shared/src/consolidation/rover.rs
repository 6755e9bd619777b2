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

/// One place of the network: per answer, in the order of the alignment, the place of its word there; `None` where it has
/// nothing.
pub type Slot = Vec<Option<usize>>;

/// Aligns answers, given as word numbers, into a network. The first is the skeleton.
pub fn align(answers: &[&[u32]]) -> Vec<Slot> {
    let Some((skeleton, rest)) = answers.split_first() else { return Vec::new() };
    let mut network: Vec<Slot> = (0..skeleton.len()).map(|place| vec![Some(place)]).collect();
    for (n_aligned, words) in (1..).zip(rest) {
        network = align_next(network, &answers[..n_aligned], words);
    }
    network
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

/// A slot as the alignment sees it.
struct Costs {
    /// The words in the slot, each with the cost of pairing it; any other word costs 1.
    pairs: Vec<(u32, f64)>,
    skip: f64,
}

impl Costs {
    fn of(slot: &Slot, aligned: &[&[u32]]) -> Self {
        let share = 1.0 / aligned.len() as f64;
        let (mut pairs, mut skip): (Vec<(u32, f64)>, f64) = (Vec::new(), 1.0);
        for (words, place) in aligned.iter().zip(slot) {
            match place.map(|place| words[place]) {
                None => skip -= share,
                Some(word) => match pairs.iter_mut().find(|(known, _)| *known == word) {
                    Some((_, cost)) => *cost -= share,
                    None => pairs.push((word, 1.0 - share)),
                },
            }
        }
        Self { pairs, skip }
    }

    fn pair(&self, word: u32) -> f64 {
        self.pairs.iter().find(|(known, _)| *known == word).map_or(1.0, |(_, cost)| *cost)
    }
}

/// Costs that differ by less are equal: they come from sums in which rounding errors differ.
const SAME_COST: f64 = 1e-9;

fn align_next(network: Vec<Slot>, aligned: &[&[u32]], words: &[u32]) -> Vec<Slot> {
    let width = words.len() + 1;
    let mut steps = vec![Step::Insert; (network.len() + 1) * width];
    // One row of the table: the cost of the network up to a slot and the first 0, 1, 2 … words.
    let mut row: Vec<f64> = (0..width).map(|n| n as f64).collect();
    for (slot, steps) in network.iter().zip(steps.chunks_exact_mut(width).skip(1)) {
        let costs = Costs::of(slot, aligned);
        let mut diagonal = row[0];
        row[0] += costs.skip;
        steps[0] = Step::Skip;
        let mut left = row[0];
        for ((word, cell), step) in words.iter().zip(&mut row[1..]).zip(&mut steps[1..]) {
            let (pair, skip, insert) = (diagonal + costs.pair(*word), *cell + costs.skip, left + 1.0);
            diagonal = *cell;
            (*cell, *step) = if pair <= skip + SAME_COST && pair <= insert + SAME_COST {
                (pair, Step::Pair)
            } else if skip <= insert + SAME_COST {
                (skip, Step::Skip)
            } else {
                (insert, Step::Insert)
            };
            left = *cell;
        }
    }
    trace_back(network, &steps, words.len(), aligned.len())
}

/// Follows the steps from the end of the table, and adds each word to its slot.
fn trace_back(network: Vec<Slot>, steps: &[Step], n_words: usize, n_aligned: usize) -> Vec<Slot> {
    let (mut n_slots, mut place) = (network.len(), n_words);
    let mut slots = network.into_iter().rev();
    let mut reversed = Vec::with_capacity(n_slots.max(place));
    while n_slots > 0 || place > 0 {
        let step = steps[n_slots * (n_words + 1) + place];
        let mut slot = match step {
            Step::Insert => vec![None; n_aligned],
            Step::Pair | Step::Skip => {
                n_slots -= 1;
                slots.next().unwrap_or_default()
            }
        };
        place -= usize::from(step != Step::Skip);
        slot.push((step != Step::Skip).then_some(place));
        reversed.push(slot);
    }
    reversed.reverse();
    reversed
}

/// What a slot was decided to hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Winner {
    /// The word; `None` when the slot is empty.
    pub word: Option<u32>,
    /// Its share of the weight, in (0, 1].
    pub share: f64,
}

/// Votes on every slot. Equal weights go to what the earlier answer has, so to the skeleton first.
pub fn vote(network: &[Slot], answers: &[&[u32]], weights: &[f64]) -> Vec<Winner> {
    let total: f64 = weights.iter().sum();
    let of_slot = |slot: &Slot| {
        let mut tally: Vec<(Option<u32>, f64)> = Vec::new();
        for ((words, place), weight) in answers.iter().zip(slot).zip(weights) {
            let word = place.map(|place| words[place]);
            match tally.iter_mut().find(|(known, _)| *known == word) {
                Some((_, sum)) => *sum += weight,
                None => tally.push((word, *weight)),
            }
        }
        let heaviest = |best: (Option<u32>, f64), next: (Option<u32>, f64)| {
            if next.1 > best.1 + SAME_COST { next } else { best }
        };
        let (word, weight) = tally.into_iter().reduce(heaviest).unwrap_or((None, 0.0));
        Winner { word, share: if total > 0.0 { weight / total } else { 0.0 } }
    };
    network.iter().map(of_slot).collect()
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
