//! Rankings, comparisons of pairs, and numbers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::score::{correlation, kendall, mean, rank_correlation};
use crate::sets::{Data, Failure, Labels, columns, list, number};
use crate::table::{Aim, Figure};

pub(crate) fn rankings(data: &Data) -> Result<Vec<Figure>, Failure> {
    let set = "synth_ranking";
    let answers = data.answers(set, |row| json!({"ranking": row["ranking"]}))?;
    let gold = data.gold(set)?;
    let ours = ranking_scores(&answers.consolidate("ranking", Value::Null)?, &gold);
    let plain = ranking_scores(&answers.consolidate("ranking", json!({"workerWeights": false}))?, &gold);
    let figure = |metric: &str, idx: usize, of_peer| Figure {
        kind: "ranking",
        set,
        metric: metric.to_owned(),
        ours: ours[idx],
        simplest: Some(plain[idx]),
        peer: Some(("our prototype", of_peer)),
        aim: Aim::AtLeast(of_peer),
    };
    Ok(vec![figure("mean Kendall", 0, 0.7556), figure("first item", 1, 0.7667)])
}

/// Kendall's tau with the true order, on average, and how often the best item comes first.
fn ranking_scores(labels: &Labels, gold: &BTreeMap<String, Value>) -> [f64; 2] {
    let scores: Vec<(f64, f64)> = gold
        .iter()
        .map(|(object, row)| {
            let ranking = list(&labels[object].members["dimensions"][0]["ranking"]);
            let rank_of = |item: &Value| ranking.iter().position(|other| other == item).unwrap_or(ranking.len()) as f64;
            let ranks: Vec<f64> = list(&row["ranking"]).iter().map(rank_of).collect();
            let truth: Vec<f64> = (0..ranks.len()).map(|idx| idx as f64).collect();
            (kendall(&ranks, &truth), f64::from(u8::from(ranks[0] < 0.5)))
        })
        .collect();
    [mean(scores.iter().map(|score| score.0)), mean(scores.iter().map(|score| score.1))]
}

pub(crate) fn comparisons(data: &Data) -> Result<Vec<Figure>, Failure> {
    pairwise(data, "crowdea_olympic", ("crowd-kit NoisyBradleyTerry", [0.7269, 0.8726]), [0.755, 0.8956])
}

pub(crate) fn simulated_comparisons(data: &Data) -> Result<Vec<Figure>, Failure> {
    pairwise(data, "synth_pairwise", ("choix ilsr_pairwise", [0.7215, 0.9005]), [0.7285, 0.9027])
}

fn pairwise(
    data: &Data,
    set: &'static str,
    (peer, of_peer): (&'static str, [f64; 2]),
    aims: [f64; 2],
) -> Result<Vec<Figure>, Failure> {
    let mut answers = data.no_answers(set);
    // Some workers compared a pair twice, so each comparison is an object of its own.
    for (n, row) in data.csv(set, "answers.csv")?.into_iter().enumerate() {
        let [left, right, winner, worker] = columns(row)?;
        let loser = if winner == left { right } else { left };
        answers.add(format!("{n:05}"), worker, json!({"winner": winner, "loser": loser}));
    }
    let truth = data.gold_column(set)?;
    let correlations = |parameters: Value| -> Result<[f64; 2], Failure> {
        let scores = scores(&answers.consolidate("pairwise", parameters)?);
        let pairs = truth.iter().filter_map(|(item, truth)| Some((*scores.get(item)?, truth.parse::<f64>().ok()?)));
        let (ours, truth): (Vec<f64>, Vec<f64>) = pairs.unzip();
        Ok([kendall(&ours, &truth), rank_correlation(&ours, &truth)])
    };
    let (ours, plain) = (correlations(Value::Null)?, correlations(json!({"method": "bradley-terry"}))?);
    let figure = |metric: &str, idx: usize| Figure {
        kind: "pairwise",
        set,
        metric: metric.to_owned(),
        ours: ours[idx],
        simplest: Some(plain[idx]),
        peer: Some((peer, of_peer[idx])),
        aim: Aim::AtLeast(aims[idx]),
    };
    Ok(vec![figure("Kendall", 0), figure("Spearman", 1)])
}

/// The score of every item: each label repeats those of its two.
fn scores(labels: &Labels) -> BTreeMap<String, f64> {
    let of_labels = labels.values().filter_map(|label| label.members["scores"].as_object());
    of_labels.flatten().map(|(item, score)| (item.clone(), number(score))).collect()
}

pub(crate) fn numbers(data: &Data) -> Result<Vec<Figure>, Failure> {
    let set = "emotion_a";
    let mut answers = data.no_answers(set);
    for row in data.csv(set, "answers.csv")? {
        let [object, worker, value] = columns(row)?;
        answers.add(object, worker, json!(value));
    }
    let truth = data.gold_column(set)?;
    let errors = |parameters: Value| -> Result<[f64; 3], Failure> {
        let labels = answers.consolidate("number", parameters)?;
        let pairs = truth.iter().filter_map(|(object, truth)| {
            Some((number(&labels.get(object)?.members["value"]), truth.parse::<f64>().ok()?))
        });
        let (ours, truth): (Vec<f64>, Vec<f64>) = pairs.unzip();
        let error = |power: i32| mean(ours.iter().zip(&truth).map(|(a, b)| (a - b).abs().powi(power)));
        Ok([error(1), error(2).sqrt(), correlation(&ours, &truth)])
    };
    let (ours, median) = (errors(Value::Null)?, errors(json!({"method": "median"}))?);
    let figure = |metric: &str, idx: usize, peer: (&'static str, f64), aim: fn(f64) -> Aim| Figure {
        kind: "number",
        set,
        metric: metric.to_owned(),
        ours: ours[idx],
        simplest: Some(median[idx]),
        peer: Some(peer),
        aim: aim(peer.1),
    };
    Ok(vec![
        figure("MAE", 0, ("our prototype", 12.7071), Aim::AtMost),
        figure("RMSE", 1, ("mean", 18.8198), Aim::AtMost),
        figure("Pearson", 2, ("mean", 0.6862), Aim::AtLeast),
    ])
}
