//! What a Lambda function sees: a job's objects in small batches with three answers each, in arrival order, without and
//! with the job's earlier batches.

use std::io::Write;

use ground_truth::batch::{Batch, DatasetObject};
use ground_truth::dice::Dice;
use ground_truth::plan::{ConsolidationPlan, Outcome};
use serde_json::{Value, json};

use crate::categories::{NOMINAL, single_choices};
use crate::score::mean;
use crate::sets::{Answers, Data, Failure, Gold, dataset_object, plan, text};

const N_ANSWERS: usize = 3;

/// The objects of one simulated job; larger sets are sampled.
const MAX_OBJECTS: usize = 600;

/// How many jobs are simulated per set, each with its own sample, order and choice of answers.
const N_JOBS: u64 = 10;

/// How a job's batches are consolidated.
#[derive(Clone, Copy)]
enum Way {
    Majority,
    Alone,
    AfterEarlier,
    AllAtOnce,
}

const WAYS: [Way; 4] = [Way::Majority, Way::Alone, Way::AfterEarlier, Way::AllAtOnce];

pub(crate) fn write(out: &mut dyn Write, data: &Data, batch_size: usize) -> Result<(), Failure> {
    let sets: Result<Vec<_>, Failure> = NOMINAL.iter().map(|(set, _)| Ok((set, single_choices(data, set)?))).collect();
    let sets = sets?;
    writeln!(
        out,
        "\n| batches of {batch_size}, {N_ANSWERS} answers | majority | `auto` | noise | `auto` with history | all at once |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    let mut accuracies = Vec::new();
    for (set, (answers, gold)) in sets {
        let mut right = WAYS.map(|_| Vec::new());
        for seed in 0..N_JOBS {
            let job = simulated_job(&answers, &gold, &mut Dice::named(seed, set))?;
            for (way, right) in WAYS.into_iter().zip(&mut right) {
                right.extend(judge(&job, &gold, way, batch_size)?);
            }
        }
        let of_set = [0, 1, 2, 3].map(|way: usize| mean(right[way].iter().map(|right| f64::from(u8::from(*right)))));
        let n_differing = right[0].iter().zip(&right[1]).filter(|(majority, auto)| majority != auto).count();
        // Two standard errors of the difference between auto and majority, had every decision been drawn for itself.
        let noise = 2.0 * (n_differing as f64).sqrt() / right[0].len() as f64;
        write_row(out, set, of_set, noise)?;
        accuracies.push((of_set, noise));
    }
    let means = [0, 1, 2, 3].map(|way: usize| mean(accuracies.iter().map(|(of_set, _)| of_set[way])));
    let noise = accuracies.iter().map(|(_, noise)| noise * noise).sum::<f64>().sqrt() / accuracies.len() as f64;
    write_row(out, "mean", means, noise)
}

fn write_row(out: &mut dyn Write, set: &str, accuracies: [f64; 4], noise: f64) -> Result<(), Failure> {
    let [majority, alone, after, at_once] = accuracies;
    Ok(writeln!(out, "| {set} | {majority:.4} | {alone:.4} | ± {noise:.4} | {after:.4} | {at_once:.4} |")?)
}

/// Objects with gold, drawn and put in order by chance, each with some of its answers.
fn simulated_job(answers: &Answers, gold: &Gold, dice: &mut Dice) -> Result<Batch, Failure> {
    let mut rest: Vec<&String> = gold.keys().filter(|object| answers.by_object.contains_key(*object)).collect();
    let mut objects: Vec<DatasetObject> = Vec::new();
    while objects.len() < MAX_OBJECTS && !rest.is_empty() {
        let id = rest.swap_remove(dice.below(rest.len()));
        let mut of_object = answers.by_object[id].clone();
        while of_object.len() > N_ANSWERS {
            of_object.swap_remove(dice.below(of_object.len()));
        }
        objects.push(dataset_object(id, &of_object)?);
    }
    Ok(Batch { objects, categories: answers.categories.clone(), n_workers_asked: Some(N_ANSWERS) })
}

/// For each object in order whether its label is right.
fn judge(job: &Batch, gold: &Gold, way: Way, batch_size: usize) -> Result<Vec<bool>, Failure> {
    let plan = match way {
        Way::Majority => plan("classification", json!({"method": "majority-vote"}))?,
        _ => plan("classification", Value::Null)?,
    };
    let outcomes = match way {
        Way::AllAtOnce => plan.consolidate(job),
        Way::Majority | Way::Alone => in_batches(&plan, job, batch_size, false),
        Way::AfterEarlier => in_batches(&plan, job, batch_size, true),
    };
    let is_right = |outcome: &Outcome| {
        let label = outcome.fields.first().map(|field| text(&field.outcome.members["label"]));
        label.as_deref() == gold.get(outcome.id.as_str()).map(String::as_str)
    };
    Ok(outcomes.iter().map(is_right).collect())
}

fn in_batches(plan: &ConsolidationPlan, job: &Batch, batch_size: usize, with_earlier: bool) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (n, objects) in job.objects.chunks(batch_size).enumerate() {
        let batch = Batch { objects: objects.to_vec(), ..Batch { objects: Vec::new(), ..job.clone() } };
        let earlier = if with_earlier { &job.objects[..n * batch_size] } else { &[] };
        outcomes.extend(plan.consolidate_after(earlier, &batch));
    }
    outcomes
}
