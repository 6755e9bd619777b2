//! Transcriptions and translations.

use std::collections::BTreeMap;

use ground_truth::consolidation::edit_distance::{Pattern, Symbols};
use serde_json::{Value, json};

use crate::score::mean;
use crate::sets::{Answers, Data, Failure, Gold, Labels, columns, text};
use crate::table::{Aim, Figure};

fn texts(data: &Data, set: &'static str) -> Result<(Answers, Gold), Failure> {
    let mut answers = data.no_answers(set);
    for row in data.csv(set, "answers.csv")? {
        let [object, worker, text] = columns(row)?;
        answers.add(object, worker, json!(text));
    }
    Ok((answers, data.gold_column(set)?))
}

/// What scores look at: words in lower case, apart at every character but letters, digits and apostrophes.
fn words(text: &str) -> Vec<String> {
    let is_border = |c: char| !c.is_ascii_alphanumeric() && c != '\'';
    text.to_lowercase().split(is_border).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Words to replace, leave out and put in, over all texts, per word of gold.
fn word_error_rate(said: &BTreeMap<&str, String>, gold: &Gold) -> f64 {
    let (mut n_edits, mut n_words) = (0, 0);
    for (object, truth) in gold {
        let (truth, said) = (words(truth), words(&said[object.as_str()]));
        let mut symbols = Symbols::default();
        let [truth, said] =
            [truth, said].map(|words| words.into_iter().map(|word| symbols.number(word)).collect::<Vec<_>>());
        n_edits += Pattern::new(&truth).distance(&said);
        n_words += truth.len();
    }
    n_edits as f64 / n_words as f64
}

/// GLEU (Wu et al. 2016), averaged over the texts: runs of one to four words that both have, over the larger number of
/// such runs.
fn gleu(said: &BTreeMap<&str, String>, gold: &Gold) -> f64 {
    mean(gold.iter().map(|(object, truth)| {
        let (truth, said) = (tokens(truth), tokens(&said[object.as_str()]));
        let (truth, said) = (runs_of_words(&truth), runs_of_words(&said));
        let n_shared: usize = truth.iter().map(|(run, n)| n.min(said.get(run).unwrap_or(&0))).sum();
        n_shared as f64 / truth.values().sum::<usize>().max(said.values().sum()).max(1) as f64
    }))
}

/// Words in lower case, and every punctuation mark by itself.
fn tokens(text: &str) -> Vec<String> {
    let mut spaced = String::new();
    for c in text.to_lowercase().chars() {
        if c.is_alphanumeric() || ['\'', '_'].contains(&c) {
            spaced.push(c);
        } else {
            spaced.extend([' ', c, ' ']);
        }
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}

fn runs_of_words(words: &[String]) -> BTreeMap<&[String], usize> {
    let mut runs = BTreeMap::new();
    for run in (1..=4).flat_map(|n| words.windows(n)) {
        *runs.entry(run).or_default() += 1;
    }
    runs
}

fn said(labels: &Labels) -> BTreeMap<&str, String> {
    labels.iter().map(|(object, label)| (object.as_str(), text(&label.members["text"]))).collect()
}

fn first_answers(answers: &Answers) -> BTreeMap<&str, String> {
    answers.by_object.iter().map(|(object, answers)| (object.as_str(), text(&answers[0].1))).collect()
}

pub(crate) fn transcriptions(data: &Data) -> Result<Vec<Figure>, Failure> {
    let set = "crowdspeech_dev_clean";
    let (answers, gold) = texts(data, set)?;
    let first = word_error_rate(&first_answers(&answers), &gold);
    let figure = |metric: &str, parameters, aim| -> Result<Figure, Failure> {
        Ok(Figure {
            kind: "free-text",
            set,
            metric: metric.to_owned(),
            ours: word_error_rate(&said(&answers.consolidate("free-text", parameters)?), &gold),
            simplest: Some(first),
            peer: Some(("crowd-kit ROVER", 0.0592)),
            aim,
        })
    };
    Ok(vec![
        figure("WER, default (medoid)", Value::Null, Aim::None)?,
        figure("WER, `rover`", json!({"method": "rover"}), Aim::AtMost(0.053))?,
    ])
}

pub(crate) fn translations(data: &Data) -> Result<Vec<Figure>, Failure> {
    let set = "crowdwsa_j1";
    let (answers, gold) = texts(data, set)?;
    Ok(vec![Figure {
        kind: "free-text",
        set,
        metric: "GLEU".to_owned(),
        ours: gleu(&said(&answers.consolidate("free-text", Value::Null)?), &gold),
        simplest: Some(gleu(&first_answers(&answers), &gold)),
        peer: Some(("crowd-kit TextRASA", 0.2872)),
        aim: Aim::AtLeast(0.33),
    }])
}
