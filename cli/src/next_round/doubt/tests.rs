use ground_truth::answer::Answer;
use ground_truth::batch::{Batch, DatasetObject, WorkerAnswer};
use ground_truth::dice::Dice;
use ground_truth::plan::ConsolidationPlan;
use ground_truth::vocabulary::{DatasetObjectId, WorkerId};
use serde_json::{Value, json};

use super::*;
use crate::crowd::NoReferences;

const NAMES: [&str; 4] = ["bad", "fair", "good", "fine"];

fn belief(members: &Value, n_categories: usize, is_scale: bool) -> Belief {
    let mut label = members.clone();
    label["kind"] = json!(if is_scale { "ordinal" } else { "classification" });
    let label = FieldLabel::read(&label).expect("a label");
    let names: Vec<LabelCategory> = NAMES[..n_categories].iter().map(|name| LabelCategory::new(*name)).collect();
    Belief::of(&label, &names, is_scale).expect("a label among the names")
}

/// The formula beside many next workers: draw what is true, what the worker answers, and decide anew.
fn check(members: Value, n_categories: usize, is_scale: bool, accuracy: f64, expected: f64) {
    let belief = belief(&members, n_categories, is_scale);
    let chance = belief.chance_of_change(accuracy);
    let mut dice = Dice::new(7);
    let n_draws = 100_000;
    let truth = |dice: &mut Dice| {
        let mut left = dice.unit() * (0..n_categories).map(|idx| belief.probability(idx)).sum::<f64>();
        (0..n_categories)
            .find(|idx| {
                left -= belief.probability(*idx);
                left < 0.0
            })
            .unwrap_or(n_categories - 1)
    };
    let before = decided(&belief, None, accuracy);
    let mut n_changed = 0;
    for _ in 0..n_draws {
        let truth = truth(&mut dice);
        let others: Vec<usize> = (0..n_categories).filter(|idx| *idx != truth).collect();
        let is_right = dice.chance(accuracy);
        let answer = if is_right { truth } else { *dice.pick(&others).expect("another category") };
        n_changed += u32::from(decided(&belief, Some(answer), accuracy) != before);
    }
    let simulated = f64::from(n_changed) / f64::from(n_draws);
    assert!((chance - simulated).abs() < 0.006, "{members}: {chance}, simulated {simulated}");
    assert!((chance - expected).abs() < 0.0005, "{members}: {chance}, expected {expected}");
}

/// The label after an answer, by the definitions and not by the shortcuts of the code.
fn decided(belief: &Belief, answer: Option<usize>, accuracy: f64) -> usize {
    let indices: Vec<usize> = (0..belief.n_categories).collect();
    let votes =
        |idx: usize| belief.listed_at(idx).map_or(0, |listed| listed.votes) as usize + usize::from(answer == Some(idx));
    let wrong = (1.0 - accuracy) / (belief.n_categories - 1) as f64;
    let likelihood = |idx: usize| match answer {
        None => 1.0,
        Some(answer) if answer == idx => accuracy,
        Some(_) => wrong,
    };
    let median = |weights: Vec<f64>| {
        let half = weights.iter().sum::<f64>() / 2.0;
        let mut sum = 0.0;
        weights.iter().position(|weight| {
            sum += weight;
            sum >= half - 1e-12
        })
    };
    match belief.rule {
        Rule::MostVotes => indices.into_iter().rev().max_by_key(|idx| votes(*idx)).expect("a category"),
        Rule::MedianOfVotes => median(indices.iter().map(|idx| votes(*idx) as f64).collect()).expect("a middle"),
        Rule::Median => {
            median(indices.iter().map(|idx| belief.probability(*idx) * likelihood(*idx)).collect()).expect("one")
        }
        Rule::MostProbable => {
            let posterior = |idx: usize| belief.probability(idx) * likelihood(idx);
            // The label stays unless another is more probable.
            let best = indices.iter().map(|idx| posterior(*idx)).fold(0.0, f64::max);
            let label = belief.label;
            if posterior(label) >= best {
                label
            } else {
                indices.into_iter().find(|p| posterior(*p) >= best).expect("one")
            }
        }
    }
}

#[test]
fn the_chance_is_that_of_many_next_workers() {
    let sure = json!({"label": "bad", "confidences": {"bad": 0.9, "fair": 0.1}, "votes": {"bad": 3}});
    check(sure.clone(), 2, false, 0.8, 0.0);
    // A worker who is right nineteen times in twenty would be believed: 0.1 * 0.95 + 0.9 * 0.05.
    check(sure, 2, false, 0.95, 0.14);
    check(json!({"label": "bad", "confidences": {"bad": 0.6, "fair": 0.4}}), 2, false, 0.8, 0.44);
    check(json!({"label": "bad", "confidences": {"bad": 0.4, "fair": 0.35}}), 4, false, 0.7, 0.66);
    check(json!({"label": "bad", "votes": {"bad": 1}}), 2, false, 0.8, 0.0);
    check(json!({"label": "fair", "votes": {"fair": 1}}), 2, false, 0.8, 0.35);
    check(json!({"label": "bad", "votes": {"bad": 2, "fair": 2}}), 2, false, 0.8, 0.5);
    check(json!({"label": "fair", "votes": {"fair": 2, "bad": 1}}), 3, false, 0.8, 0.3333);
    check(json!({"label": "bad", "votes": {"bad": 3, "fair": 1}}), 3, false, 0.8, 0.0);
    check(json!({"label": "fair", "confidences": {"fair": 0.5, "bad": 0.3, "good": 0.2}}), 3, true, 0.6, 0.32);
    check(json!({"label": "fair", "votes": {"bad": 1, "fair": 2, "good": 1}}), 3, true, 0.8, 0.0);
    check(json!({"label": "bad", "votes": {"bad": 1, "good": 1}}), 3, true, 0.8, 0.5889);
}

fn animals(answers: &[&[&str]]) -> Batch {
    let object = |(idx, animals): (usize, &&[&str])| {
        let answers = animals.iter().enumerate().map(|(worker, animal)| {
            let answer = Answer::from_value(json!({"animal": {"label": animal}})).expect("a form");
            Ok(WorkerAnswer { worker_id: WorkerId::new(format!("w{worker}")), answer })
        });
        DatasetObject::new(DatasetObjectId::new(idx.to_string()), None, answers)
    };
    Batch { objects: answers.iter().enumerate().map(object).collect(), ..Batch::default() }
}

fn ranked(plan: &ConsolidationPlan, batch: &Batch) -> Vec<(usize, Doubt)> {
    let outcomes = plan.consolidate(batch);
    ranking(&Crowd::read(plan, batch, &outcomes, &NoReferences), &outcomes, None)
}

/// The engine with a real answer more, of each category, to one object at a time.
#[test]
fn the_ranking_is_that_of_the_engine_with_one_more_worker() {
    for method in ["auto", "one-coin", "majority-vote"] {
        let plan = json!({"fields": {"animal": {"kind": "classification", "method": method,
                                                "categories": ["heron", "otter"]}}});
        let plan = ConsolidationPlan::from_value(&plan).expect("a plan");
        let batch =
            animals(&[&["otter"; 4], &["otter", "otter", "heron"], &["heron", "otter"], &["otter"; 3], &["otter"]]);
        let labels = |batch: &Batch| -> Vec<Value> {
            plan.consolidate(batch).iter().map(|outcome| outcome.fields[0].outcome.members["label"].clone()).collect()
        };
        let before = labels(&batch);
        let changes = |idx: usize| {
            let one_more = |animal: &&str| {
                let mut batch = batch.clone();
                let answer = Answer::from_value(json!({"animal": {"label": animal}})).expect("a form");
                batch.objects[idx].answers.push(WorkerAnswer { worker_id: WorkerId::new("w9"), answer });
                labels(&batch)[idx] != before[idx]
            };
            ["heron", "otter"].iter().any(one_more)
        };
        let changeable: Vec<usize> = (0..5).filter(|idx| changes(*idx)).collect();
        let doubted: Vec<usize> = ranked(&plan, &batch).iter().map(|(idx, _)| *idx).collect();
        assert_eq!(doubted[0], 2, "{method}");
        // One-coin is nearly sure of two against one, and learns from the next answer that it was not.
        let is_close = method != "one-coin";
        assert!(
            !is_close || changeable.iter().all(|idx| doubted.contains(idx)),
            "{method}: {doubted:?}, {changeable:?}"
        );
        // Three and four who agree are not outvoted by one.
        assert!(doubted.iter().all(|idx| ![0, 3].contains(idx)), "{method}: {doubted:?}");
    }
}

#[test]
fn other_kinds_have_a_measure_of_their_own() {
    let plan = ConsolidationPlan::from_value(&json!({"fields": {
        "tags": {"kind": "multi-label"}, "clicks": {"kind": "verbatim"}, "count": {"kind": "number"}}}));
    let object = |idx: &str, forms: [Value; 2]| {
        let answers = forms.into_iter().enumerate().map(|(worker, form)| {
            let answer = Answer::from_value(form).expect("a form");
            Ok(WorkerAnswer { worker_id: WorkerId::new(worker.to_string()), answer })
        });
        DatasetObject::new(DatasetObjectId::new(idx), None, answers)
    };
    let objects = vec![
        object("0", [json!({"clicks": "x y"}), json!({"clicks": "z"})]),
        object("1", [json!({"tags": {"labels": ["wet"]}}), json!({"tags": {"labels": ["dark"]}})]),
        object("2", [json!({"count": 3}), json!({"count": 300})]),
        object("3", [json!({"clicks": "x"}), json!({"clicks": "x"})]),
    ];
    let ranked = ranked(&plan.expect("a plan"), &Batch { objects, ..Batch::default() });
    let measures: Vec<(usize, Measure)> = ranked.iter().map(|(idx, doubt)| (*idx, doubt.measure)).collect();
    assert_eq!(measures[0], (0, Measure::Disagreement));
    let mut indices: Vec<usize> = measures.iter().map(|(idx, _)| *idx).collect();
    indices.sort_unstable();
    assert_eq!(indices, [0, 1, 2]);
    assert!(measures[1..].iter().all(|(_, measure)| *measure == Measure::LackOfConfidence), "{measures:?}");
    assert!(ranked.iter().all(|(_, doubt)| (0.0..=1.0).contains(&doubt.doubt)));
}
