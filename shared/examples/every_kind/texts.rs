//! Texts, numbers and orders.

use std::error::Error;

use ground_truth::annotation_kinds::date::{self, Date};
use ground_truth::annotation_kinds::pairwise::{self, Preference};
use ground_truth::annotation_kinds::ranking::{self, Order, Orders};
use ground_truth::annotation_kinds::{free_text, number};

use crate::Line;
use crate::crowd::{answers, line};

pub(crate) fn free_text() -> Result<Line, Box<dyn Error>> {
    let answers = answers(|_, eye| {
        let words = [("an", "and"), ("otter", "other"), ("near", "nearly"), ("the", "a"), ("weir", "wire")];
        let heard = words.map(|(right, wrong)| if eye.errs() { wrong } else { right });
        Ok(heard.join(" "))
    })?;
    let params = free_text::Params { method: free_text::Method::Rover, ..free_text::Params::STANDARD };
    line("free-text", &free_text::consolidate(&answers, &params), |_, label| {
        let text = label.text.clone().unwrap_or_default();
        let is_right = text == "an otter near the weir";
        (text, is_right)
    })
}

pub(crate) fn number() -> Result<Line, Box<dyn Error>> {
    let answers = answers(|object, eye| Ok(20.0 + object as f64 + eye.off(10.0)))?;
    let params = number::Params { tolerance: Some(1.0), ..number::Params::STANDARD };
    line("number", &number::consolidate(&answers, &params), |object, label| {
        let value = label.value.unwrap_or(f64::NAN);
        (format!("{value:.2}"), (value - 20.0 - object as f64).abs() <= 1.0)
    })
}

pub(crate) fn date() -> Result<Line, Box<dyn Error>> {
    let answers = answers(|object, eye| {
        let seen = if eye.errs() { format!("2042-05-{:02}", object + 1) } else { format!("2024-05-{:02}", object + 1) };
        Ok(seen.parse::<Date>()?)
    })?;
    line("date", &date::consolidate(&answers, &date::Params::STANDARD), |object, label| {
        let date = label.to_string();
        let is_right = date == format!("2024-05-{:02}", object + 1);
        (date, is_right)
    })
}

pub(crate) fn ranking() -> Result<Line, Box<dyn Error>> {
    let answers = answers(|_, eye| {
        let mut items = ["dawn", "noon", "dusk", "night"];
        for idx in 0..3 {
            if eye.errs() {
                items.swap(idx, idx + 1);
            }
        }
        Ok(Orders::from(Order::best_first(items)))
    })?;
    line("ranking", &ranking::consolidate(&answers, &ranking::Params::STANDARD), |_, label| {
        let items = label.dimensions.first().map(|order| order.ranking.join(" > ")).unwrap_or_default();
        let is_right = items == "dawn > noon > dusk > night";
        (items, is_right)
    })
}

pub(crate) fn pairwise() -> Result<Line, Box<dyn Error>> {
    // Object n compares design n with design n + 1, and the larger number is the better design.
    let answers = answers(|object, eye| {
        let [worse, better] = [object, object + 1].map(|number| format!("design-{number:02}"));
        let is_wrong = eye.errs();
        let preference = if is_wrong { Preference::new(worse, better) } else { Preference::new(better, worse) };
        Ok(preference?)
    })?;
    line("pairwise", &pairwise::consolidate(&answers, &pairwise::Params::STANDARD), |object, label| {
        let preferred = label.preferred.clone().unwrap_or_default();
        let is_right = preferred == format!("design-{:02}", object + 1);
        (preferred, is_right)
    })
}
