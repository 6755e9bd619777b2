//! The answer that is nearest to all others: the medoid under edit distance, with answers weighted by how near they and
//! their workers' other answers are to the rest.
//!
//! The distance of two texts is the mean of their distances as words and as characters, each the number of edits over the
//! mean length. Words see order and choice, characters see that "colour" is nearly "color"; together they did better on
//! transcriptions and on translations than either alone. Case does not count, nor does the width of white space; a
//! punctuation mark is a word of its own.
//!
//! An answer's weight is `exp(-sharpness * excess / typical)`. `excess` is how much farther than the object's mean pair the
//! worker's answers lie from the answers of others: the mean over the worker's objects, in which this object counts
//! `own_objects` times more, and to which `prior_objects` objects without any excess are added. `typical` is the mean
//! distance of all pairs. So a poor worker weighs little, a good worker's slip too, and a worker of whom little is known
//! weighs about 1. An answer never counts for itself, and a lone answer says nothing about its worker.
//!
//! The medoid of strings is Kohonen's set median ("Median strings", Pattern Recognition Letters 1985); to weight it so is
//! ours. Left out: any model of meaning, which would be needed to tell a free translation from a wrong one.
//! Cost: for each object the square of its answers times the square of their length over 64; memory the squares of the
//! answers per object.

use std::borrow::Cow;

use super::edit_distance::{Comparison, Symbols};

/// The distances between any two answers to one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Distances {
    n: usize,
    /// Row by row the pairs `(a, b)` with `a < b`.
    of_pairs: Vec<f64>,
}

impl Distances {
    /// Measures the distances between texts: 0 for equal ones, at most 2.
    pub fn between_texts(texts: &[impl AsRef<str>]) -> Self {
        let (mut words, mut characters) = (Symbols::default(), Symbols::default());
        let folded: Vec<Cow<'_, str>> = texts.iter().map(|text| fold(text.as_ref())).collect();
        let sequences: Vec<[Vec<u32>; 2]> = folded
            .iter()
            .map(|text| {
                let in_words = split(text).into_iter().map(|word| words.number(word)).collect();
                // Below 128 the numbers are those of ASCII, which spares most texts the table.
                let of_character = |c: char| if c.is_ascii() { u32::from(c) } else { 128 + characters.number(c) };
                [in_words, text.chars().map(of_character).collect()]
            })
            .collect();
        let mut comparison = Comparison::default();
        let mut of_pair = |a: usize, b: usize| {
            if texts[a].as_ref() == texts[b].as_ref() {
                return 0.0;
            }
            let sequences = sequences[a].iter().zip(&sequences[b]);
            sequences.map(|(a, b)| relative_distance(&mut comparison, a, b)).sum::<f64>() / 2.0
        };
        let n = texts.len();
        let mut of_pairs = Vec::with_capacity(n * n.saturating_sub(1) / 2);
        for a in 0..n {
            of_pairs.extend((a + 1..n).map(|b| of_pair(a, b)));
        }
        Self { n, of_pairs }
    }

    /// How many answers there are.
    pub fn len(&self) -> usize {
        self.n
    }

    /// Whether there is no answer.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// The distance between two answers, by their indices.
    pub fn between(&self, a: usize, b: usize) -> f64 {
        match (a.min(b), a.max(b)) {
            (a, b) if a == b => 0.0,
            (a, b) => self.of_pairs[a * (2 * self.n - a - 1) / 2 + b - a - 1],
        }
    }

    /// The weighted mean distance from one answer to the others; `None` for a lone answer.
    fn to_others(&self, idx: usize, weights: &[f64]) -> Option<f64> {
        let others = (0..self.n).filter(|other| *other != idx);
        let (sum, total) = others.fold((0.0, 0.0), |(sum, total), other| {
            (sum + weights[other] * self.between(idx, other), total + weights[other])
        });
        (total > 0.0).then(|| sum / total)
    }
}

/// The edits between two sequences over their mean length.
fn relative_distance(comparison: &mut Comparison, a: &[u32], b: &[u32]) -> f64 {
    let mean_length = (a.len() + b.len()) as f64 / 2.0;
    comparison.distance(a, b) as f64 / mean_length.max(0.5)
}

/// In lower case, with single blanks.
fn fold(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let is_blank_twice = |pair: &[u8]| pair[0] == b' ' && pair[1] == b' ';
    let is_folded = bytes.iter().all(|byte| matches!(byte, b' '..=b'~') && !byte.is_ascii_uppercase())
        && !bytes.windows(2).any(is_blank_twice)
        && !text.starts_with(' ')
        && !text.ends_with(' ');
    if is_folded {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
}

/// Words of letters, digits and apostrophes; every other character but blanks is a word of its own.
fn split(text: &str) -> Vec<&str> {
    let is_inner = |c: char| c.is_alphanumeric() || c == '\'' || c == '_';
    let (mut words, mut start) = (Vec::new(), None);
    for (idx, c) in text.char_indices() {
        if is_inner(c) {
            start.get_or_insert(idx);
            continue;
        }
        words.extend(start.take().map(|start| &text[start..idx]));
        if !c.is_whitespace() {
            words.push(&text[idx..idx + c.len_utf8()]);
        }
    }
    words.extend(start.map(|start| &text[start..]));
    words
}

/// One object: which worker gave which answer, by index, and how far the answers lie apart.
#[derive(Debug, Clone, PartialEq)]
pub struct AnsweredObject {
    /// The worker of each answer.
    pub workers: Vec<usize>,
    /// The distances between the answers, in the same order.
    pub distances: Distances,
}

/// What the weights of answers depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How strongly distance lowers a weight, 0 or more; 0 gives equal weights.
    pub sharpness: f64,
    /// How many objects without any excess are added to each worker's own, 0 or more.
    pub prior_objects: f64,
    /// How many times more the object itself counts than each of the worker's others, 0 or more.
    pub own_objects: f64,
}

impl Params {
    /// For a choice among answers, whose good ones differ. Where good answers are equal, as transcriptions are, distance can
    /// count more (a sharpness of 3).
    pub const STANDARD: Self = Self { sharpness: 0.5, prior_objects: 10.0, own_objects: 3.0 };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// The first round weighs all answers alike, each next one by the weights before it; they hardly move after the third.
const ROUNDS: usize = 3;

/// The largest logarithm of a weight: no answer counts twenty times more or less than a common one.
const MAX_LOG: f64 = 3.0;

/// The weight of each answer of each object, between e^-3 and e^3.
pub fn answer_weights(objects: &[AnsweredObject], n_workers: usize, params: &Params) -> Vec<Vec<f64>> {
    let mut weights: Vec<Vec<f64>> = objects.iter().map(|object| vec![1.0; object.workers.len()]).collect();
    for _ in 0..ROUNDS {
        let (mut sums, mut counts) = (vec![0.0; n_workers], vec![0.0; n_workers]);
        let (mut typical, mut n_judged) = (0.0, 0_usize);
        let mut excesses = Vec::with_capacity(objects.len());
        for (object, weights) in objects.iter().zip(&weights) {
            let n = object.workers.len();
            let means: Vec<f64> = (0..n).filter_map(|idx| object.distances.to_others(idx, weights)).collect();
            let mean = means.iter().sum::<f64>() / n.max(1) as f64;
            for (worker, of_answer) in object.workers.iter().zip(&means) {
                sums[*worker] += of_answer - mean;
                counts[*worker] += 1.0;
            }
            typical += mean;
            n_judged += usize::from(n > 1);
            excesses.push(means.into_iter().map(|of_answer| of_answer - mean).collect::<Vec<f64>>());
        }
        if typical <= 0.0 {
            break;
        }
        let typical = typical / n_judged as f64;
        for ((object, excesses), weights) in objects.iter().zip(&excesses).zip(&mut weights) {
            for ((worker, excess), weight) in object.workers.iter().zip(excesses).zip(weights) {
                let sum = sums[*worker] + params.own_objects * excess;
                let n_objects = counts[*worker] + params.own_objects + params.prior_objects;
                let log = -params.sharpness * sum / n_objects.max(1.0) / typical;
                // Rounded, so that the order in which the sums were taken leaves no trace.
                *weight = (log.clamp(-MAX_LOG, MAX_LOG).exp() * 1e9).round() / 1e9;
            }
        }
    }
    weights
}

/// Costs that differ by less are equal: they come from sums in which rounding errors differ.
const SAME_COST: f64 = 1e-9;

/// The index of the answer with the smallest weighted sum of distances to the others; equal sums go to the first, so the
/// caller sorts the answers by content. `None` without answers.
///
/// Answers that are the same but for case and white space and hold more than half of the weight win outright.
pub fn medoid(distances: &Distances, weights: &[f64]) -> Option<usize> {
    let total: f64 = weights.iter().sum();
    let indices = 0..distances.len();
    let support = |idx: usize| -> f64 {
        let same = indices.clone().filter(|other| distances.between(idx, *other) <= 0.0);
        same.map(|other| weights[other]).sum()
    };
    if let Some(idx) = indices.clone().find(|idx| support(*idx) > total / 2.0 + SAME_COST) {
        return Some(idx);
    }
    let cost =
        |idx: usize| -> f64 { indices.clone().map(|other| weights[other] * distances.between(idx, other)).sum() };
    let mut best: Option<(usize, f64)> = None;
    for idx in indices.clone() {
        let cost = cost(idx);
        if best.is_none_or(|(_, least)| cost < least - SAME_COST) {
            best = Some((idx, cost));
        }
    }
    best.map(|(idx, _)| idx)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: Params = Params { sharpness: 3.0, prior_objects: 5.0, own_objects: 3.0 };

    #[test]
    fn distances_see_words_and_characters() {
        let distance = |a: &str, b: &str| Distances::between_texts(&[a, b]).between(0, 1);
        assert!(distance("An  Otter", "an otter").abs() < 1e-12);
        // One of two words, one of 8 and 9 characters.
        assert!((distance("an otter", "an otters") - (1.0 / 2.0 + 1.0 / 8.5) / 2.0).abs() < 1e-12);
        assert!((distance("", "otter") - 2.0).abs() < 1e-12);
        assert!(distance("colour", "color") < distance("colour", "heron"));
        assert!(distance("", "").abs() < 1e-12);
    }

    #[test]
    fn folding_takes_away_case_and_width() {
        for (text, expected) in [
            ("an otter", "an otter"),
            (" an otter", "an otter"),
            ("an otter ", "an otter"),
            ("an  otter", "an otter"),
            ("an\totter", "an otter"),
            ("An otter", "an otter"),
            ("Ärger", "ärger"),
            ("", ""),
        ] {
            assert_eq!(fold(text), expected, "{text:?}");
        }
    }

    #[test]
    fn pairs_are_found_from_either_side() {
        let distances = Distances::between_texts(&["a", "a b", "a b c", "d"]);
        for a in 0..4 {
            for b in 0..4 {
                let alone = Distances::between_texts(&[["a", "a b", "a b c", "d"][a], ["a", "a b", "a b c", "d"][b]]);
                assert!((distances.between(a, b) - alone.between(0, 1)).abs() < 1e-12, "{a} {b}");
            }
        }
    }

    #[test]
    fn the_medoid_is_near_to_all() {
        let check = |texts: &[&str], weights: &[f64], expected: Option<usize>| {
            assert_eq!(medoid(&Distances::between_texts(texts), weights), expected, "{texts:?}");
        };
        check(&[], &[], None);
        check(&["only"], &[1.0], Some(0));
        check(&["the old otter", "the otter", "an otter swims"], &[1.0; 3], Some(1));
        check(&["cat", "cat", "dog", "dot", "dob"], &[1.0, 1.0, 1.0, 1.0, 2.5], Some(4));
        check(&["dog", "dot", "cat", "cat", "cat"], &[1.0; 5], Some(2));
        check(&["b", "a"], &[1.0; 2], Some(0));
    }

    #[test]
    fn careless_workers_and_slips_weigh_less() {
        let object =
            |texts: [&str; 3]| AnsweredObject { workers: vec![0, 1, 2], distances: Distances::between_texts(&texts) };
        let objects: Vec<AnsweredObject> =
            (0..20).map(|_| object(["the otter swims", "the otter swim", "no idea"])).collect();
        let weights = answer_weights(&objects, 3, &PARAMS);
        assert!(weights[0][2] < 0.2 && weights[0][0] > 1.0 && weights[0][1] > 1.0, "{:?}", weights[0]);
        let lone = AnsweredObject { workers: vec![0], distances: Distances::between_texts(&["x"]) };
        assert_eq!(answer_weights(&[lone], 1, &PARAMS), [[1.0]]);
        let flat = answer_weights(&objects, 3, &Params { sharpness: 0.0, ..PARAMS });
        assert!(flat.iter().flatten().all(|weight| (weight - 1.0).abs() < 1e-12));
    }
}
