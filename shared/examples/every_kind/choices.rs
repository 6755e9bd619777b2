//! Kinds that choose among categories.

use std::error::Error;

use ground_truth::annotation_kinds::{categorical::Method, classification, multi_label, ordinal};
use ground_truth::choice_table::ChoiceTable;
use ground_truth::vocabulary::LabelCategory;

use crate::Line;
use crate::crowd::{Eye, answers, line};

const ANIMALS: [&str; 3] = ["heron", "otter", "vole"];

fn seen(object: usize, eye: &mut Eye) -> &'static str {
    ANIMALS[(object + usize::from(eye.errs())) % 3]
}

pub(crate) fn classification() -> Result<Line, Box<dyn Error>> {
    let answers = answers(|object, eye| Ok(LabelCategory::new(seen(object, eye))))?;
    let consensus = classification::consolidate(&answers, &classification::Params::STANDARD);
    line("classification", &consensus, |object, label| {
        let name = label.label.as_ref().map_or("?", LabelCategory::as_str);
        (name.to_owned(), name == ANIMALS[object % 3])
    })
}

pub(crate) fn classification_in_columns() -> Result<Line, Box<dyn Error>> {
    let (mut objects, mut workers, mut categories) = (Vec::new(), Vec::new(), Vec::new());
    for object in 0..1000_u32 {
        for worker in 0..5_u32 {
            // Every third answer of worker 4 is wrong.
            let is_wrong = worker == 4 && object % 3 == 0;
            objects.push(object);
            workers.push(worker);
            categories.push(ANIMALS[(object as usize + usize::from(is_wrong)) % 3]);
        }
    }
    let table = ChoiceTable::from_columns(&objects, &workers, &categories, &ANIMALS)?;
    let result = table.consolidate(Method::Auto);
    let names: Vec<&str> = result.labels.iter().map(|label| table.categories()[*label as usize]).collect();
    let truth = objects.chunk_by(|a, b| a == b).map(|rows| ANIMALS[rows[0] as usize % 3]);
    Ok(Line {
        kind: "classification, columns",
        label: format!("{}; skill of worker 4: {:.2}", names[0], result.skill[4]),
        confidence: result.confidences[0],
        n_right: truth.zip(&names).filter(|(truth, name)| truth == *name).count(),
        n_objects: names.len(),
    })
}

pub(crate) fn multi_label() -> Result<Line, Box<dyn Error>> {
    let truth = |object: usize| if object.is_multiple_of(2) { vec!["wet", "dark"] } else { vec!["dry"] };
    let answers = answers(|object, eye| {
        let mut names = truth(object);
        if eye.errs() {
            names.truncate(1);
        }
        Ok(names.into_iter().map(LabelCategory::new).collect())
    })?;
    let consensus = multi_label::consolidate(&answers, &multi_label::Params::STANDARD);
    line("multi-label", &consensus, |object, label| {
        let mut names: Vec<&str> = label.labels.iter().map(LabelCategory::as_str).collect();
        names.sort_unstable();
        let mut truth = truth(object);
        truth.sort_unstable();
        (names.join(", "), names == truth)
    })
}

pub(crate) fn ordinal() -> Result<Line, Box<dyn Error>> {
    const SCALE: [&str; 4] = ["bad", "fair", "good", "superb"];
    let mut answers = answers(|object, eye| {
        let step = object % 3 + usize::from(eye.errs());
        Ok(LabelCategory::new(SCALE[step]))
    })?;
    answers.categories = SCALE.map(LabelCategory::new).to_vec();
    let consensus = ordinal::consolidate(&answers, &ordinal::Params::STANDARD);
    line("ordinal", &consensus, |object, label| {
        let name = label.label.as_ref().map_or("?", LabelCategory::as_str);
        (name.to_owned(), name == SCALE[object % 3])
    })
}
