use super::*;
use crate::dice::Dice;

/// Answers as text: objects separated by blanks, workers by `/`, each the letters of the categories they named.
fn fit(text: &str, n_categories: usize) -> Fit {
    fit_knowing(&KnownCategories::new(), text, n_categories)
}

fn fit_knowing(known: &KnownCategories, text: &str, n_categories: usize) -> Fit {
    let chosen = |letters: &str| letters.bytes().map(|letter| u32::from(letter - b'a')).collect();
    let answers = |object: &str| {
        (0..).zip(object.split('/')).map(|(worker, letters)| Selection { worker, chosen: chosen(letters) }).collect()
    };
    let objects: Vec<Vec<Selection>> = text.split_whitespace().map(answers).collect();
    let n_workers = objects.iter().map(Vec::len).max().unwrap_or(0);
    super::fit(&objects, known, n_workers, n_categories, &Params::STANDARD)
}

fn check(text: &str, n_categories: usize, expected: &str) {
    let percent: Vec<String> =
        fit(text, n_categories).probabilities.iter().map(|p| format!("{:.0}", 100.0 * p)).collect();
    assert_eq!(percent.join(" "), expected, "{text}");
}

#[test]
fn few_answers_have_the_stated_values() {
    check("a", 2, "78 17");
    check("a/a", 2, "91 11");
    check("a/a/a", 2, "94 8");
    check("a/a/", 2, "80 8");
    check("a/", 2, "53 11");
    check("a//", 2, "33 8");
    check("", 3, "");
    check("a", 0, "");
}

#[test]
fn a_crowd_that_misses_much_is_believed_at_a_lower_share() {
    // Ten workers; each category that is there is named by four of them, and nothing is ever invented.
    let object = "a/a/a/a/b/b/b/b//";
    let text = [object; 20].join(" ");
    let probabilities = fit(&text, 4).probabilities;
    assert!(probabilities[0] > 0.6 && probabilities[1] > 0.6, "{probabilities:?}");
    assert!(probabilities[2] < 0.1 && probabilities[3] < 0.1, "{probabilities:?}");
}

#[test]
fn known_categories_are_kept_and_judge_workers() {
    let text = ["a/b"; 9].join(" ");
    let known: KnownCategories = (0..8).map(|object| (object, vec![1])).collect();
    let fit = fit_knowing(&known, &text, 2);
    assert_eq!(fit.probabilities[..2], [0.0, 1.0]);
    assert!(fit.probabilities[17] > 0.6 && fit.probabilities[16] < 0.4, "{:?}", &fit.probabilities[16..]);
    assert!(fit.rates[0].0 < fit.rates[1].0 && fit.rates[0].1 > fit.rates[1].1, "{:?}", fit.rates);
}

#[test]
fn who_names_everything_counts_for_little() {
    let text = ["ab/a/a/a"; 30].join(" ") + " ab/b/b/b ab///";
    let fit = fit(&text, 2);
    let (hit, invention) = fit.rates[0];
    assert!(hit > 0.9 && invention > 0.3, "{hit} {invention}");
    assert!(fit.probabilities[30 * 2] < 0.5 && fit.probabilities[31 * 2] < 0.5, "named by that worker alone");
}

/// A planted crowd: objects of four sorts, in each of which some of eight categories are frequent; a third of what holds
/// is hard to see; seven answers each.
struct Planted {
    objects: Vec<Vec<Selection>>,
    holds: Vec<bool>,
}

const N_CATEGORIES: u32 = 8;
const N_WORKERS: usize = 30;

fn planted(seed: u64, tick_one_only: bool) -> Planted {
    let mut dice = Dice::new(seed);
    let frequent: Vec<bool> = (0..4 * N_CATEGORIES).map(|_| dice.chance(0.3)).collect();
    let hits: Vec<f64> = (0..N_WORKERS).map(|_| 0.5 + 0.4 * dice.unit()).collect();
    let mut planted = Planted { objects: Vec::new(), holds: Vec::new() };
    for _ in 0..200 {
        let sort = dice.below(4);
        let row: Vec<f64> = (0..N_CATEGORIES as usize)
            .map(|category| {
                let is_frequent = frequent[sort * N_CATEGORIES as usize + category];
                let holds = dice.chance(if is_frequent { 0.7 } else { 0.04 });
                planted.holds.push(holds);
                let plainness = if dice.chance(1.0 / 3.0) { 0.3 } else { 1.0 };
                if holds { plainness } else { 0.0 }
            })
            .collect();
        let mut rest: Vec<u32> = (0..N_WORKERS as u32).collect();
        let answers = (0..7).map(|_| {
            let worker = rest.swap_remove(dice.below(rest.len()));
            let mut chosen: Vec<u32> = (0..N_CATEGORIES)
                .zip(&row)
                .filter(|(_, visibility)| dice.chance((hits[worker as usize] * **visibility).max(0.04)))
                .map(|(category, _)| category)
                .collect();
            while tick_one_only && chosen.len() > 1 {
                chosen.swap_remove(dice.below(chosen.len()));
            }
            Selection { worker, chosen }
        });
        planted.objects.push(answers.collect());
    }
    planted
}

impl Planted {
    /// F1 over all objects and categories of what reaches a threshold.
    fn f1(&self, probabilities: &[f64], threshold: f64) -> f64 {
        let chosen = || probabilities.iter().map(|probability| *probability >= threshold);
        let n_right = chosen().zip(&self.holds).filter(|(chosen, holds)| *chosen && **holds).count();
        let n_chosen = chosen().filter(|chosen| *chosen).count();
        let n_holding = self.holds.iter().filter(|holds| **holds).count();
        2.0 * n_right as f64 / (n_chosen + n_holding) as f64
    }

    /// How much better the model does at its threshold than the share of the vote at the best of all thresholds.
    fn gain(&self) -> f64 {
        let n = N_CATEGORIES as usize;
        let fit = super::fit(&self.objects, &KnownCategories::new(), N_WORKERS, n, &Params::STANDARD);
        let shares = shares(&self.objects, n);
        let of_share = |threshold: i32| self.f1(&shares, f64::from(threshold) / 7.0 - 1e-9);
        self.f1(&fit.probabilities, 0.4) - (1..=7).map(of_share).fold(0.0, f64::max)
    }
}

#[test]
fn planted_categories_are_found_better_than_by_any_share() {
    for tick_one_only in [false, true] {
        let gains: Vec<f64> = (0..4).map(|seed| planted(seed, tick_one_only).gain()).collect();
        assert!(gains.iter().sum::<f64>() > 0.0, "{tick_one_only}: {gains:?}");
    }
}
