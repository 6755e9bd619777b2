//! The same bits on any number of threads: labels of whole forms, and the models whose rounds are divided.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::batch::{Batch, DatasetObject, WorkerAnswer};
use crate::consolidation::posteriors::{Posteriors, Stopping};
use crate::consolidation::votes::{Sizes, Votes, WorkerPrior};
use crate::consolidation::{dawid_skene, ebcc, ground_truth_em, one_coin};
use crate::dice::Dice;
use crate::label;
use crate::plan::ConsolidationPlan;
use crate::vocabulary::{DatasetObjectId, WorkerId};

/// What `work` gives on one thread, after it has given the same on two, three and seven.
fn check<T: PartialEq + std::fmt::Debug + Send>(work: impl Fn() -> T + Send + Sync) {
    let on = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().expect("threads");
        pool.install(&work)
    };
    let on_one = on(1);
    for n_threads in [2, 3, 7] {
        assert!(on(n_threads) == on_one, "{n_threads} threads give something else than one");
    }
}

/// Enough objects for three parts, the last one smaller.
fn votes() -> Votes {
    let sizes = Sizes { n_objects: 6_001, n_workers: 40, n_categories: 3 };
    let (mut objects, mut workers, mut categories) = (Vec::new(), Vec::new(), Vec::new());
    let mut dice = Dice::new(5);
    for object in 0..sizes.n_objects as u32 {
        let (truth, first) = (dice.below(3), dice.below(40) as u32);
        for n in 0..3 {
            let worker = (first + 7 * n) % 40;
            let is_right = dice.chance(0.4 + 0.01 * f64::from(worker));
            objects.push(object);
            workers.push(worker);
            categories.push(if is_right { truth } else { dice.below(3) } as u32);
        }
    }
    Votes::new(sizes, &objects, &workers, &categories).expect("votes")
}

#[test]
fn models_of_votes_give_the_same_bits_on_any_number_of_threads() {
    let votes = votes();
    let stopping = Stopping { tolerance: 1e-6, max_iterations: 5 };
    let prior = WorkerPrior::none(40);
    let bits = |posteriors: &Posteriors| posteriors.as_flat().iter().map(|p| p.to_bits()).collect::<Vec<u64>>();
    check(|| bits(&dawid_skene::fit(&votes, &dawid_skene::Params { stopping }).fit.posteriors));
    check(|| {
        bits(&one_coin::fit(&votes, &prior, &one_coin::Params { stopping, ..one_coin::Params::STANDARD }).posteriors)
    });
    let start = Posteriors::vote_shares(&votes);
    check(|| bits(&ebcc::fit(&votes, &start, &ebcc::Params { stopping, ..ebcc::Params::STANDARD }).posteriors));
    check(|| bits(&ground_truth_em::fit(&votes).posteriors));
}

#[test]
fn labels_of_a_form_are_the_same_on_any_number_of_threads() {
    let mut dice = Dice::new(6);
    let mut form = || -> Value {
        let left = 100.0 + 10.0 * dice.noise();
        json!({
            "animal": {"label": if dice.chance(0.7) { "otter" } else { "heron" }},
            "note": if dice.chance(0.5) { "an otter near the weir" } else { "the otter at the weir" },
            "shapes": {"boundingBoxes": [{"label": "otter", "left": left, "top": 40.0 + dice.noise(), "width": 60, "height": 30}]},
        })
    };
    let object = |n: usize| {
        let answers: Vec<_> = (0..3)
            .map(|worker| {
                let answer = Answer::from_value(form()).expect("a form");
                Ok(WorkerAnswer { worker_id: WorkerId::new(worker.to_string()), answer })
            })
            .collect();
        DatasetObject::new(DatasetObjectId::new(n.to_string()), None, answers)
    };
    let batch = Batch { objects: (0..60).map(object).collect(), ..Batch::default() };
    let plan = ConsolidationPlan::standard();
    check(|| plan.consolidate(&batch).iter().map(|outcome| json!(label::by_field(outcome))).collect::<Vec<_>>());
}
