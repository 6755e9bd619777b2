//! Spans by their tokens: every token gets a class (outside, first of a span, further inside one, the latter two for each
//! category), classes are consolidated like any single choice, and the spans are read off the winning classes (Rodrigues,
//! Pereira and Ribeiro, "Sequence labeling with multiple annotators", Machine Learning 95, 2014, have it as a baseline).
//!
//! **Tokens** are the pieces of text between two borders that some worker used: no worker divides them, so nothing is
//! lost, and nothing need be known of the language. Each worker who answered the object votes on each of its tokens.
//! **Classes** are those of [`auto`]: the mean of the weighted vote's share and of hierarchical Dawid-Skene,
//! or one-coin where there are few tokens.
//! **Spans.** A first token opens a span, an inside token of the same category goes on with it, any other one opens a
//! span of its own.
//!
//! **Left out**: spans that overlap. Of a worker's overlapping spans the one that starts first counts, of equal starts the
//! longer one, of equal spans the first category. Also what comes before or after: a class is decided token by token.
//! **Ties** go to outside, then to the first category. **Cost**: tokens times workers times classes, per round.
//! **Confidence** of a span: the smallest probability of any of the decisions that make it, its tokens' classes and that
//! the next token does not go on with it.

use super::auto;
use super::posteriors::{Posteriors, best_of};
use super::votes::{Sizes, Votes, WorkerPrior};

/// A span of a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabeledSpan {
    /// Offset of the first unit.
    pub start: u64,
    /// One past the last unit.
    pub end: u64,
    /// Index of the category.
    pub category: usize,
}

/// One worker's answer to one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanAnswer {
    /// Index of the worker; each answers an object once.
    pub worker: usize,
    /// All their spans.
    pub spans: Vec<LabeledSpan>,
}

/// A span that was read off the tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecidedSpan {
    /// Offsets and category.
    pub span: LabeledSpan,
    /// How probable it is that both borders and the category are right.
    pub probability: f64,
}

const OUTSIDE: u32 = 0;

fn first(category: usize) -> u32 {
    1 + 2 * category as u32
}

fn inside(category: usize) -> u32 {
    2 + 2 * category as u32
}

/// The spans of each object, in the order of the text. Gives `None` where there are too many categories or tokens for a
/// model, or where a worker answered an object twice.
pub fn fit(objects: &[Vec<SpanAnswer>], n_workers: usize, n_categories: usize) -> Option<Vec<Vec<DecidedSpan>>> {
    let tokens: Vec<Vec<u64>> = objects.iter().map(|answers| borders(answers)).collect();
    let n_tokens: usize = tokens.iter().map(|borders| borders.len().saturating_sub(1)).sum();
    let (mut of_tokens, mut workers, mut classes) = (Vec::new(), Vec::new(), Vec::new());
    let mut start = 0_u32;
    for (answers, borders) in objects.iter().zip(&tokens) {
        for answer in answers {
            let of_answer = classes_of(answer, borders);
            of_tokens.extend(start..start + of_answer.len() as u32);
            workers.extend(std::iter::repeat_n(answer.worker as u32, of_answer.len()));
            classes.extend(of_answer);
        }
        start += borders.len().saturating_sub(1) as u32;
    }
    let sizes = Sizes { n_objects: n_tokens, n_workers, n_categories: (1 + 2 * n_categories).max(2) };
    let votes = Votes::new(sizes, &of_tokens, &workers, &classes).ok()?;
    let (fit, _) = auto::fit(&votes, &WorkerPrior::none(n_workers))?;
    let mut token = 0;
    let spans = tokens.iter().map(|borders| {
        let spans = read_off(borders, &fit.posteriors, token);
        token += borders.len().saturating_sub(1);
        spans
    });
    Some(spans.collect())
}

/// All borders that workers used, ascending.
fn borders(answers: &[SpanAnswer]) -> Vec<u64> {
    let spans = answers.iter().flat_map(|answer| &answer.spans);
    let mut borders: Vec<u64> = spans.flat_map(|span| [span.start, span.end]).collect();
    borders.sort_unstable();
    borders.dedup();
    borders
}

/// The class of each token between these borders in one answer.
fn classes_of(answer: &SpanAnswer, borders: &[u64]) -> Vec<u32> {
    let mut classes = vec![OUTSIDE; borders.len().saturating_sub(1)];
    let mut spans = answer.spans.clone();
    spans.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)).then(a.category.cmp(&b.category)));
    let mut reached = 0;
    for span in spans {
        let idx = |border| borders.partition_point(|other| *other < border);
        let (start, end) = (idx(span.start), idx(span.end));
        if start >= reached && start < end {
            classes[start..end].fill(inside(span.category));
            classes[start] = first(span.category);
            reached = end;
        }
    }
    classes
}

/// The spans of the winning classes of one object's tokens, which begin with `token`.
fn read_off(borders: &[u64], posteriors: &Posteriors, token: usize) -> Vec<DecidedSpan> {
    let mut decided: Vec<DecidedSpan> = Vec::new();
    let mut is_open = false;
    for (idx, border) in borders.windows(2).enumerate() {
        let row = posteriors.row(token + idx);
        let class = best_of(row);
        let open = decided.last_mut().filter(|_| is_open);
        is_open = class != OUTSIDE as usize;
        match open {
            Some(open) if class == inside(open.span.category) as usize => {
                open.span.end = border[1];
                open.probability = open.probability.min(row[class]);
                continue;
            }
            Some(open) => {
                open.probability = open.probability.min(1.0 - row[inside(open.span.category) as usize]);
            }
            None => {}
        }
        if is_open {
            let span = LabeledSpan { start: border[0], end: border[1], category: (class - 1) / 2 };
            decided.push(DecidedSpan { span, probability: row[class] });
        }
    }
    decided
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Workers' spans as text: objects separated by `;`, workers by `/`, spans by blanks, each `category:start-end` with
    /// a letter for the category.
    fn check(text: &str, expected: &str) {
        let span = |text: &str| {
            let (category, borders) = text.split_once(':').expect("category:borders");
            let (start, end) = borders.split_once('-').expect("start-end");
            let [start, end] = [start, end].map(|border| border.parse().expect("a number"));
            LabeledSpan { start, end, category: usize::from(category.as_bytes()[0] - b'a') }
        };
        let answer =
            |(worker, spans): (usize, &str)| SpanAnswer { worker, spans: spans.split_whitespace().map(span).collect() };
        let objects: Vec<Vec<SpanAnswer>> =
            text.split(';').map(|object| object.split('/').enumerate().map(answer).collect()).collect();
        let written = |decided: &DecidedSpan| {
            let LabeledSpan { start, end, category } = decided.span;
            format!("{}:{start}-{end}", char::from(b'a' + category as u8))
        };
        let spans = fit(&objects, 4, 3).expect("few categories");
        let spans = spans.iter().map(|spans| spans.iter().map(written).collect::<Vec<_>>().join(" "));
        assert_eq!(spans.collect::<Vec<_>>().join(";"), expected, "{text}");
    }

    #[test]
    fn tokens_are_voted() {
        check("a:4-9/a:4-9/a:4-12", "a:4-9");
        check("a:4-9 b:20-24/a:4-9 b:20-24/a:4-9 c:20-24", "a:4-9 b:20-24");
        check("a:4-9//", "");
        check(";a:1-2/a:1-2", ";a:1-2");
        check("", "");
    }

    #[test]
    fn neighbors_stay_apart() {
        check("a:4-9 a:9-12/a:4-9 a:9-12/a:4-12", "a:4-9 a:9-12");
    }

    #[test]
    fn the_outer_of_overlapping_spans_counts() {
        check("a:0-20 b:5-10/a:0-20 b:5-10", "a:0-20");
    }

    #[test]
    fn careful_workers_outvote_careless_ones() {
        let text = ["a:0-4/a:0-4//b:0-4", "a:9-12/a:9-12/b:9-12/", "/ /a:3-4/b:1-2"].repeat(12).join(";");
        check(&(text + ";a:0-2/a:0-2/b:0-2/b:0-2"), &(["a:0-4", "a:9-12", ""].repeat(12).join(";") + ";a:0-2"));
    }
}
