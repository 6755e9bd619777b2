//! Workers who see objects, and what is counted of their labels.

use std::error::Error;

use ground_truth::dice::Dice;
use ground_truth::typed::{Answers, Consensus};

use crate::Line;

pub(crate) const N_OBJECTS: usize = 12;

const WORKERS: [&str; 4] = ["ana", "bo", "cy", "dee"];

/// How one worker sees one object.
pub(crate) struct Eye {
    dice: Dice,
    is_careful: bool,
}

impl Eye {
    /// How far off a worker's number is: a tenth of `scale` at most, or all of it.
    pub(crate) fn off(&mut self, scale: f64) -> f64 {
        self.dice.noise() * if self.is_careful { scale / 10.0 } else { scale }
    }

    /// Whether a worker errs: once in ten objects, or in two.
    pub(crate) fn errs(&mut self) -> bool {
        self.dice.chance(if self.is_careful { 0.1 } else { 0.5 })
    }
}

/// Everybody's answers to every object, by its number.
pub(crate) fn answers<A>(
    answer: impl Fn(usize, &mut Eye) -> Result<A, Box<dyn Error>>,
) -> Result<Answers<A>, Box<dyn Error>> {
    let mut answers = Answers::default();
    for object in 0..N_OBJECTS {
        for (idx, worker) in WORKERS.into_iter().enumerate() {
            let dice = Dice::named(5, &format!("{worker} {object}"));
            let mut eye = Eye { dice, is_careful: idx < 3 };
            answers.add(format!("object-{object}"), worker, answer(object, &mut eye)?);
        }
    }
    Ok(answers)
}

/// The line for these labels; `read` says what a label is in words, and whether it is right for the object of this number.
pub(crate) fn line<L>(
    kind: &'static str,
    consensus: &[Consensus<L>],
    read: impl Fn(usize, &L) -> (String, bool),
) -> Result<Line, Box<dyn Error>> {
    let first = consensus.first().ok_or("there is an object")?;
    let (label, _) = read(0, first.decided()?);
    let is_right =
        |(object, consensus): (usize, &Consensus<L>)| consensus.decided().is_ok_and(|label| read(object, label).1);
    Ok(Line {
        kind,
        label,
        confidence: first.confidence.map_or(0.0, |confidence| confidence.rounded()),
        n_right: consensus.iter().enumerate().filter(|one| is_right(*one)).count(),
        n_objects: consensus.len(),
    })
}
