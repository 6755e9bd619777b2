use serde_json::{Value, json};

use super::*;
use crate::annotation_kinds::recognize;
use crate::annotation_kinds::tests::{label_of, mistakes};
use crate::annotation_kinds::typed_tests::{Crowd, check_range};

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

fn check(parameters: Value, values: Value, expected: &str) {
    let outcome = label_of(&KIND, parameters, values.clone());
    let label = match (outcome.unresolved, outcome.members["text"].as_str()) {
        (None, Some(text)) => format!("{text} {}", outcome.members["confidence"]),
        (reason, text) => format!("{reason:?} {text:?}"),
    };
    assert_eq!(label, expected, "{values}");
}

#[test]
fn the_label_is_what_most_workers_come_near_to() {
    check(json!({}), json!(["2024-05-17"]), "2024-05-17 0.8");
    check(json!({}), json!(["2024-05-17", "2024-05-17", "2024-05-17"]), "2024-05-17 0.97");
    check(json!({}), json!(["2024-05-17", "2024-05-18", "2024-05-17"]), "2024-05-17 0.91");
    let three = json!(["09:30", "09:31", "09:31:30", "11:00", "11:00"]);
    check(json!({"tolerance": 90}), three.clone(), "09:31 0.92");
    check(json!({"method": "majority-vote", "tolerance": 90}), three, "11:00 0.08");
    check(json!({}), json!([" ", ""]), "Some(NoUsableAnswer) None");
}

#[test]
fn ties_fall_to_the_nearest_to_all_then_to_the_earlier() {
    check(json!({}), json!(["2024-05", "2024-06", "2024-12"]), "2024-06 0.28");
    check(json!({}), json!(["2024-05", "2024-06"]), "2024-05 0.42");
    check(json!({"method": "majority-vote"}), json!(["2024-W20", "2024-W02"]), "2024-W02 0.42");
    check(json!({"tolerance": 1000}), json!(["09:30", "2024-05-17"]), "2024-05-17 0.42");
}

#[test]
fn all_different_answers_are_kept() {
    let outcome = label_of(&KIND, json!({"tolerance": 2}), json!(["2024-05-17", "2024-05-16", "2024-05-17"]));
    let expected = json!({
        "text": "2024-05-17", "confidence": 0.97, "tolerance": 2,
        "answers": [{"text": "2024-05-17", "workers": 2}, {"text": "2024-05-16", "workers": 1}], "workers": 3,
    });
    assert_eq!(Value::Object(outcome.members), expected);
}

#[test]
fn what_cannot_be_read_is_set_aside() {
    let outcome = label_of(&KIND, json!({}), json!(["2024-05-17", "yesterday", "2023-02-29", 2024, {}]));
    let reasons: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
    let (other, none) = (DateError::NotADate.to_string(), DateError::NoSuchDate.to_string());
    assert_eq!(reasons, [&other, &none, &other]);
    assert_eq!(outcome.n_workers, 1);
}

/// Workers who are right this often, and otherwise anywhere: the label's confidence comes true.
#[test]
fn confidence_is_learned_from_the_batch() {
    for right in [0.6, 0.9] {
        let mut dice = Dice::new(7);
        let mut answers = Answers::default();
        let truth = |object: usize| Date { date_type: DateType::Date, count: object as i64 * 40 };
        for object in 0..400 {
            for worker in 0..3 {
                let off = if dice.chance(right) { 0 } else { 1 + dice.below(300) as i64 };
                let date = Date { count: truth(object).count + off, ..truth(object) };
                answers.add(object.to_string(), worker.to_string(), date);
            }
        }
        let consensus = consolidate(&answers, &Params::STANDARD);
        let n_right = (0..400).filter(|object| consensus[*object].label.date == Some(truth(*object))).count();
        let confidence = Confidence::mean(consensus.iter().filter_map(|one| one.confidence)).expect("confidences");
        let gap = (confidence.value() - n_right as f64 / 400.0).abs();
        assert!(gap < 0.05, "{right}: {confidence:?}, {n_right} of 400");
    }
}

#[test]
fn only_complete_dates_and_times_are_recognized() {
    let check = |values: Value, expected: &str| {
        let values = FieldValueBuf::from(values);
        let list: Vec<FieldValue<'_>> = values.view().elements().expect("a list").collect();
        assert_eq!(recognize(&list, &["10:30"].map(LabelCategory::new)).name, expected, "{values}");
    };
    check(json!(["2024-05-17", "", "2023-01-01"]), "date");
    check(json!(["2024-05-17T09:30", "2024-05-17 09:30:15"]), "date");
    check(json!(["09:30", "09:30:15"]), "date");
    check(json!(["2024-05-17", "yesterday"]), "free-text");
    check(json!(["2024-05-17", "09:30"]), "free-text");
    check(json!(["2024-05-17", "2023-02-29"]), "free-text");
    check(json!(["2024-05", "2024-06"]), "free-text");
    check(json!(["2024-W20"]), "free-text");
    check(json!(["10:30", "09:30", "09:31"]), "free-text");
}

#[test]
fn distances_are_those_of_numbers_and_of_one_type() {
    let check = |values: Value, expected: Option<f64>| {
        let values = FieldValueBuf::from(values);
        let list: Vec<FieldValue<'_>> = values.view().elements().expect("a list").collect();
        assert_eq!(read_values(&list, &[]).distance(0, 1), expected, "{values}");
    };
    check(json!(["2024-05-17", "2024-05-18", "2024-05-21"]), Some(0.25));
    check(json!(["2024-05-17", "2024-05-17"]), Some(0.0));
    check(json!(["2024-05-17", "09:30", "2024-05-17"]), None);
    assert_eq!(date("23:59").distance(&date("00:00")), Some(86_340.0));
    assert_eq!(date("2024-W52").distance(&date("2025-W01")), Some(1.0));
    assert_eq!(date("2024-05").distance(&date("2024-05-17")), None);
}

#[test]
fn simulated_workers_stay_in_the_form_of_the_field() {
    let mut dice = Dice::new(3);
    for text in ["2024-05-17", "0001-01-01", "2024-05-17T09:30", "00:00", "23:59:15", "2024-12", "2020-W53"] {
        let truth = FieldValueBuf::of(text);
        let mut sent = |careful| {
            let all: Vec<FieldValueBuf> = (0..200).map(|_| simulate(truth.view(), careful, &[], &mut dice)).collect();
            for value in &all {
                let sent = parse(value.view()).expect("a date").expect("no blank");
                assert_eq!(sent.date_type, date(text).date_type);
            }
            all.iter().filter(|value| **value == truth).count()
        };
        assert!(sent(true) > 170 && sent(false) < 150, "{text}");
    }
}

#[test]
fn parameters_are_checked() {
    assert_eq!(
        mistakes(&KIND, json!({"method": "median", "tolerance": -1})),
        "fields.field.method: must be `medoid` or `majority-vote`; fields.field.tolerance: must be a number from 0 on"
    );
}

#[test]
fn typed_answers_give_the_same() {
    let crowd = Crowd::new(|wobble, odd| {
        let text = format!("2024-05-{:02}T09:3{odd}", 15 + wobble(5.0) as i64);
        (json!(text), date(&text))
    });
    for method in Method::ALL {
        let params = Params { method: *method, tolerance: 86_400.0 };
        crowd.check(&KIND, json!({"method": method.name(), "tolerance": 86_400}), consolidate(&crowd.answers, &params));
    }
    let tolerant = |tolerance| consolidate(&crowd.answers, &Params { tolerance, ..Params::STANDARD });
    check_range(&[[-1.0, 0.0], [f64::NAN, 0.0], [1e20, MAX_TOLERANCE]], tolerant);
}

/// The table of docs/METHODS.md, for 3, 5 and 9 answers: how often the medoid is right within the tolerance, how often the
/// median, and how often the plain vote. Seven answers in ten are careful.
#[test]
fn the_medoid_is_right_at_least_as_often_as_the_median_and_the_vote() {
    /// A slip is off by a year, by months, by ten days, or by anything.
    fn slip(dice: &mut Dice, right: i64) -> i64 {
        let sign = if dice.chance(0.5) { 1 } else { -1 };
        right + sign * [365, 30 * (1 + dice.below(8) as i64), 10, 1 + dice.below(4_000) as i64][dice.below(4)]
    }
    /// An estimate is a few days off, or anywhere.
    fn estimate(dice: &mut Dice, right: i64, is_careful: bool) -> i64 {
        let furthest = if is_careful { 15.0 } else { 2_000.0 };
        right + (dice.noise() * furthest).round() as i64
    }
    let shares = |tolerance: i64, n_workers: usize| {
        let mut dice = Dice::new(5);
        let (mut n_right, n_objects) = ([0; 3], 2_000);
        for object in 0..n_objects {
            let right = object * 40;
            let answer = |dice: &mut Dice| {
                let is_careful = dice.chance(0.7);
                match (tolerance, is_careful) {
                    (0, true) => right,
                    (0, false) => slip(dice, right),
                    _ => estimate(dice, right, is_careful),
                }
            };
            let mut counts: Vec<i64> = (0..n_workers).map(|_| answer(&mut dice)).collect();
            counts.sort_unstable();
            let dates = counts.iter().map(|count| Date { date_type: DateType::Date, count: *count });
            let rows = dates.enumerate().map(|(worker, date)| ("day", worker.to_string(), date));
            let params = Params { tolerance: tolerance as f64, ..Params::STANDARD };
            let label = consolidate(&Answers::from_rows(rows), &params)[0].label.date.expect("a date").count;
            let n_equal = |count: &i64| counts.iter().filter(|other| *other == count).count();
            let vote = *counts.iter().min_by_key(|count| (Reverse(n_equal(count)), **count)).expect("an answer");
            for (n, label) in n_right.iter_mut().zip([label, counts[(n_workers - 1) / 2], vote]) {
                *n += i32::from((label - right).abs() <= tolerance);
            }
        }
        n_right.map(|n| (f64::from(n) / n_objects as f64 * 1000.0).round() / 1000.0)
    };
    let exact = [3, 5, 9].map(|n_workers| shares(0, n_workers));
    let estimated = [3, 5, 9].map(|n_workers| shares(7, n_workers));
    assert_eq!(exact, [[0.858, 0.858, 0.817], [0.962, 0.933, 0.952], [0.998, 0.99, 0.998]]);
    assert_eq!(estimated, [[0.801, 0.801, 0.542], [0.928, 0.89, 0.452], [0.987, 0.967, 0.624]]);
}
