//! What an expert sees of an object whose workers disagree: a member of its manifest line with every answer and the
//! present label in words, and the marks that the form starts with. Pure.
//!
//! Answers are called A, B, C in the order of what they say, so that neither name nor place tells whose they are.
//!
//! - `template`: the worker template that shows it.

use std::collections::BTreeMap;

use ground_truth::label::FieldLabel;
use ground_truth::label_content::Decided;
use ground_truth::plan::{FieldResult, Outcome};
use serde::Serialize;
use serde_json::{Value, json};

use crate::crowd::single_answers::AnswerByField;

pub(super) mod template;

/// The member of a manifest line.
pub(super) const MEMBER: &str = "adjudication";

/// How long a member and a line may be (rules M2 and M3), counted as Java counts, which is never less.
const MOST_OF_MEMBER: usize = 20_000;
const MOST_OF_LINE: usize = 100_000;

/// What is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Adjudication {
    answers: Vec<ShownAnswer>,
    label: Vec<Part>,
    /// What elements that draw marks start with, by field.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    initial: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct ShownAnswer {
    name: String,
    says: Vec<Part>,
}

/// What is said of one field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Part {
    field: String,
    text: String,
}

impl Adjudication {
    /// Of an object, what each worker said and what came out; and its text, if it is one, which spans are cited from.
    pub(super) fn of(answers: &[AnswerByField], outcome: &Outcome, text: Option<&str>) -> Self {
        let part = |field: &str, label: &FieldLabel<'_>| {
            let text = in_words(&label.decided()?, text);
            // A field that is kept as it was answered, and was left blank.
            (!text.is_empty()).then(|| Part { field: field.to_owned(), text })
        };
        let says = |answer: &AnswerByField| -> Vec<Part> {
            answer.iter().filter_map(|(field, label)| part(field, label)).collect()
        };
        let mut answers: Vec<Vec<Part>> = answers.iter().map(says).filter(|says| !says.is_empty()).collect();
        answers.sort();
        let named = |(idx, says): (usize, Vec<Part>)| ShownAnswer { name: letters(idx), says };
        let initial = |field: &FieldResult| {
            field.kind.particulars.prefilled_element?;
            Some((field.name.clone(), field.label().marks()?.initial_value()))
        };
        Self {
            answers: answers.into_iter().enumerate().map(named).collect(),
            initial: outcome.fields.iter().filter_map(initial).collect(),
            label: outcome.fields.iter().filter_map(|field| part(&field.name, &field.label())).collect(),
        }
    }

    /// The member for a line of `n_line` UTF-16 units, and whether something was left out or cut so that it fits: first
    /// the marks that elements start with, largest first, then the ends of long texts.
    pub(super) fn fitted(mut self, n_line: usize) -> (Value, bool) {
        let n_around = MEMBER.len() + 4;
        let most = MOST_OF_MEMBER.min(MOST_OF_LINE.saturating_sub(n_line + n_around));
        let length = |shown: &Self| json!(shown).to_string().encode_utf16().count();
        let mut is_cut = false;
        while length(&self) > most
            && let Some(largest) = self.initial.iter().max_by_key(|(_, value)| value.to_string().len())
        {
            let name = largest.0.clone();
            self.initial.remove(&name);
            is_cut = true;
        }
        let mut most_characters = MOST_OF_MEMBER;
        while length(&self) > most && most_characters > 0 {
            most_characters /= 2;
            self.cut(most_characters);
            is_cut = true;
        }
        (json!(self), is_cut)
    }

    fn cut(&mut self, most_characters: usize) {
        let parts = self.answers.iter_mut().flat_map(|answer| &mut answer.says).chain(&mut self.label);
        for part in parts {
            if part.text.chars().count() > most_characters + 1 {
                part.text = part.text.chars().take(most_characters).chain(['…']).collect();
            }
        }
    }
}

/// A, B, …, Z, AA, AB, …
fn letters(idx: usize) -> String {
    let letter = char::from(b'A' + (idx % 26) as u8);
    match (idx / 26).checked_sub(1) {
        Some(before) => format!("{}{letter}", letters(before)),
        None => letter.to_string(),
    }
}

/// What a label or an answer says, its marks one a line.
fn in_words(decided: &Decided<'_>, text: Option<&str>) -> String {
    match decided {
        Decided::Marks(marks) if marks.iter().len() == 0 => "nothing".to_owned(),
        Decided::Marks(marks) => marks.iter().map(|mark| mark.in_words(text)).collect::<Vec<_>>().join("\n"),
        decided => decided.in_words(),
    }
}

#[cfg(test)]
mod tests;
