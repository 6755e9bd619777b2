//! Against other implementations, and what every statistic promises.

use proptest::prelude::*;

use super::bootstrap::{self, Bootstrap};
use super::cohen_kappa::{WorkerPair, worker_pairs};
use super::distance_alpha::{Distances, Params};
use super::krippendorff_alpha::{Scale, alpha};
use super::vote_patterns::{Sample, VotePatterns};
use super::*;

/// Four workers, twelve objects, five categories; made for this test.
const TABLE: [&str; 4] = ["0122103.12.3", "012211301.2.", ".222133014..", "01.21330.4.0"];

/// Columns of objects, workers and categories.
#[derive(Debug)]
struct Columns {
    object_of: Vec<u32>,
    worker_of: Vec<u32>,
    category_of: Vec<u32>,
}

impl Columns {
    fn of(table: &[&str]) -> Self {
        let mut columns = Self { object_of: Vec::new(), worker_of: Vec::new(), category_of: Vec::new() };
        for (worker, row) in table.iter().enumerate() {
            for (object, category) in row.chars().enumerate() {
                if let Some(category) = category.to_digit(10) {
                    columns.object_of.push(object as u32);
                    columns.worker_of.push(worker as u32);
                    columns.category_of.push(category);
                }
            }
        }
        columns
    }

    fn patterns(&self) -> VotePatterns {
        VotePatterns::of_categories(&self.object_of, &self.category_of, 100, 5).expect("columns that fit")
    }

    fn distances(&self, distance: impl Fn(usize, usize) -> f64, params: &Params) -> Distances {
        Distances::measure(&self.object_of, &self.worker_of, 1000, 4, distance, params).expect("columns that fit")
    }

    fn worker_pairs(&self) -> Vec<WorkerPair> {
        worker_pairs(&self.object_of, &self.worker_of, &self.category_of, 100, 4).expect("columns that fit")
    }

    /// The rows in another order.
    fn shuffled(&self, order: &[usize]) -> Self {
        let pick = |column: &[u32]| order.iter().map(|row| column[*row]).collect();
        Self {
            object_of: pick(&self.object_of),
            worker_of: pick(&self.worker_of),
            category_of: pick(&self.category_of),
        }
    }
}

fn near(found: Result<f64, Undefined>, expected: f64) {
    let found = found.expect("the statistic has a value");
    assert!((found - expected).abs() < 1e-12, "{found} instead of {expected}");
}

const SCALES: [Scale; 4] = [Scale::Nominal, Scale::Ordinal, Scale::Interval, Scale::Ratio];

/// Against krippendorff 0.9.0, `alpha`, at its four levels of measurement.
#[test]
fn alpha_is_that_of_the_package_krippendorff() {
    let columns = Columns::of(&TABLE);
    let patterns = columns.patterns();
    let expected = [0.68, 0.568797458678037, 0.5619047619047619, 0.6872451073601306];
    for (scale, expected) in SCALES.into_iter().zip(expected) {
        near(alpha(patterns.all(), scale), expected);
    }
    let numbers: Vec<f64> =
        columns.category_of.iter().map(|category| [0.5, 1.25, 2.0, 7.5, 40.0][*category as usize]).collect();
    let patterns = VotePatterns::of_numbers(&columns.object_of, &numbers, 12).expect("columns that fit");
    let expected = [0.68, 0.568797458678037, 0.476221883013656, 0.5556968889116893];
    for (scale, expected) in SCALES.into_iter().zip(expected) {
        near(alpha(patterns.all(), scale), expected);
    }
}

/// Against irrCAC 0.4.4, `CAC.fleiss` and `CAC.gwet`.
#[test]
fn fleiss_kappa_and_ac1_are_those_of_irrcac() {
    let patterns = Columns::of(&TABLE).patterns();
    near(pairwise::agreement(patterns.all()), 0.7272727272727273);
    near(fleiss_kappa::kappa(patterns.all()), 0.6434703866301396);
    near(gwet_ac1::ac1(patterns.all()), 0.6627844889971839);
}

/// Against statsmodels 0.15.0, `fleiss_kappa`.
#[test]
fn fleiss_kappa_is_that_of_statsmodels() {
    let patterns = Columns::of(&["00101201", "00112201", "10122222"]).patterns();
    near(fleiss_kappa::kappa(patterns.all()), 0.3125);
}

/// Against scikit-learn 1.9.1, `cohen_kappa_score` of the objects that both workers answered.
#[test]
fn cohen_kappa_is_that_of_scikit_learn() {
    let columns = Columns::of(&TABLE);
    let pairs = columns.worker_pairs();
    let expected = [
        (0, 1, 8, 7, 0.8222222222222222),
        (0, 2, 8, 5, 0.4893617021276596),
        (0, 3, 8, 5, 0.52),
        (1, 2, 8, 6, 0.6595744680851063),
        (1, 3, 7, 6, 0.8055555555555556),
        (2, 3, 7, 6, 0.8205128205128205),
    ];
    assert_eq!(pairs.len(), expected.len());
    for (pair, (worker_a, worker_b, n_common, n_equal, kappa)) in pairs.iter().zip(expected) {
        assert_eq!(
            (pair.worker_a, pair.worker_b, pair.n_common, pair.n_equal),
            (worker_a, worker_b, n_common, n_equal)
        );
        near(pair.kappa(), kappa);
    }
}

/// The squared difference gives the interval scale, which has its own formula.
#[test]
fn any_distance_agrees_with_the_scales() {
    let columns = Columns::of(&TABLE);
    let patterns = columns.patterns();
    let bootstrap = Bootstrap::new(200, 0.9, 5).expect("parameters");
    for max_pairs in [1000, 600] {
        let difference =
            |a: usize, b: usize| f64::from(columns.category_of[a].abs_diff(columns.category_of[b])).powi(2);
        let unequal = |a: usize, b: usize| f64::from(u8::from(columns.category_of[a] != columns.category_of[b]));
        let params = Params { max_pairs, seed: 11 };
        let (interval, nominal) = (columns.distances(difference, &params), columns.distances(unequal, &params));
        for (distances, scale) in [(interval, Scale::Interval), (nominal, Scale::Nominal)] {
            let expected = alpha(patterns.all(), scale).expect("an alpha");
            if max_pairs == 1000 {
                near(distances.alpha(), expected);
            }
            assert!((distances.alpha().expect("an alpha") - expected).abs() < 0.05, "{scale:?} {max_pairs}");
            let (a, b) = (
                distances.interval(&bootstrap),
                bootstrap::interval(&patterns, |drawn| alpha(drawn, scale), &bootstrap),
            );
            let (a, b) = (a.expect("an interval"), b.expect("an interval"));
            assert!((a.low - b.low).abs() < 0.15 && (a.high - b.high).abs() < 0.1, "{a:?} {b:?}");
        }
    }
}

#[test]
fn a_sample_of_the_pairs_is_enough() {
    let mut dice = crate::dice::Dice::new(3);
    let columns = Columns {
        object_of: (0..3000).map(|row| row / 3).collect(),
        worker_of: (0..3000).map(|row| row % 3).collect(),
        category_of: (0..3000).map(|row| if dice.chance(0.7) { row / 3 % 5 } else { dice.below(5) as u32 }).collect(),
    };
    let patterns = VotePatterns::of_categories(&columns.object_of, &columns.category_of, 1000, 5).expect("columns");
    let unequal = |a: usize, b: usize| f64::from(u8::from(columns.category_of[a] != columns.category_of[b]));
    let distances = columns.distances(unequal, &Params { max_pairs: 100_000, seed: 1 });
    let (sampled, exact) =
        (distances.alpha().expect("an alpha"), alpha(patterns.all(), Scale::Nominal).expect("an alpha"));
    assert!((sampled - exact).abs() < 0.004, "{sampled} {exact}");
    // The same seed for both draws, and still the interval lies around the value.
    let interval = distances.interval(&Bootstrap::new(100, 0.95, 1).expect("parameters")).expect("an interval");
    assert!(interval.low > sampled - 0.06 && interval.high < sampled + 0.06, "{sampled} {interval:?}");
}

#[test]
fn distances_have_the_same_conventions() {
    let check = |table: &[&str], expected: Result<f64, Undefined>| {
        let columns = Columns::of(table);
        let unequal = |a: usize, b: usize| f64::from(u8::from(columns.category_of[a] != columns.category_of[b]));
        let distances = columns.distances(unequal, &Params { max_pairs: 1000, seed: 1 });
        assert_eq!(distances.alpha(), expected, "{table:?}");
        let interval = distances.interval(&Bootstrap::new(20, 0.9, 1).expect("parameters"));
        assert_eq!(interval.is_some(), expected.is_ok(), "{table:?}");
    };
    check(&["0120", "0120"], Ok(1.0));
    check(&["01..", "..10"], Err(Undefined::NoPairs));
    check(&["00.", "00."], Err(Undefined::NoVariation));
}

#[test]
fn where_nothing_can_be_said_the_reason_is_given() {
    let statistics: [fn(Sample<'_>) -> Result<f64, Undefined>; 4] = [
        |sample| alpha(sample, Scale::Nominal),
        |sample| alpha(sample, Scale::Interval),
        fleiss_kappa::kappa,
        |sample| pairwise::agreement(sample),
    ];
    let check = |table: &[&str], expected: [Result<f64, Undefined>; 4]| {
        let patterns = Columns::of(table).patterns();
        assert_eq!(statistics.map(|statistic| statistic(patterns.all())), expected, "{table:?}");
    };
    check(&[], [Err(Undefined::NoPairs); 4]);
    check(&["01..", "..10"], [Err(Undefined::NoPairs); 4]);
    check(
        &["33", "33"],
        [Err(Undefined::NoVariation), Err(Undefined::NoVariation), Err(Undefined::NoVariation), Ok(1.0)],
    );
    // The lone answer makes no pair: Krippendorff passes it over, Fleiss counts its category.
    check(&["332", "33."], [Err(Undefined::NoVariation), Err(Undefined::NoVariation), Ok(1.0), Ok(1.0)]);
    let patterns = Columns::of(&["33", "33"]).patterns();
    near(gwet_ac1::ac1(patterns.all()), 1.0);
    let negative = VotePatterns::of_numbers(&[0, 0], &[-1.0, 1.0], 1).expect("columns that fit");
    assert_eq!(alpha(negative.all(), Scale::Ratio), Err(Undefined::NegativeValue));
}

#[test]
fn columns_are_checked() {
    let check = |found: Result<VotePatterns, ColumnsError>, expected: &str| {
        assert_eq!(found.map_err(|error| error.to_string()), Err(expected.to_owned()));
    };
    check(
        VotePatterns::of_categories(&[0, 1], &[0], 2, 1),
        "column `category` has 1 rows, but there are 2 answers: give one row per answer",
    );
    check(VotePatterns::of_categories(&[0, 2], &[0, 0], 2, 1), "row 1 of column `object` is 2, but must be below 2");
    check(VotePatterns::of_categories(&[0, 1], &[3, 0], 2, 3), "row 0 of column `category` is 3, but must be below 3");
    check(
        VotePatterns::of_numbers(&[0, 0], &[1.0, f64::NAN], 1),
        "row 1 is not a finite number: leave such answers out",
    );
    let distance = |_, _| -1.0;
    let found = Distances::measure(&[0, 0], &[0, 1], 1, 2, distance, &Params { max_pairs: 9, seed: 0 });
    assert_eq!(found, Err(ColumnsError::NoDistance { row_a: 0, row_b: 1 }));
}

#[test]
fn huge_and_tiny_numbers_do_not_overflow() {
    for scale in [1e300, 1e-300] {
        let numbers = [-1.0, -0.9, 0.5, 0.4, 1.0, 1.0].map(|number| number * scale);
        let patterns = VotePatterns::of_numbers(&[0, 0, 1, 1, 2, 2], &numbers, 3).expect("columns that fit");
        let value = alpha(patterns.all(), Scale::Interval).expect("an alpha");
        assert!((0.9..1.0).contains(&value), "{value}");
    }
}

/// Four workers, each with an answer to some of eight objects.
fn any_columns() -> impl Strategy<Value = Columns> {
    prop::collection::vec(prop::option::weighted(0.8, 0..4_u32), 32).prop_map(|answers| {
        let rows =
            || answers.iter().enumerate().filter_map(|(idx, category)| category.map(|category| (idx as u32, category)));
        Columns {
            object_of: rows().map(|(idx, _)| idx / 4).collect(),
            worker_of: rows().map(|(idx, _)| idx % 4).collect(),
            category_of: rows().map(|(_, category)| category).collect(),
        }
    })
}

/// Every statistic of patterns; `true` for those that know nothing of an order of categories.
fn statistics(patterns: &VotePatterns) -> Vec<(bool, Result<f64, Undefined>)> {
    let mut found: Vec<_> =
        SCALES.into_iter().map(|scale| (scale == Scale::Nominal, alpha(patterns.all(), scale))).collect();
    found.push((true, pairwise::agreement(patterns.all())));
    found.push((true, fleiss_kappa::kappa(patterns.all())));
    found.push((true, gwet_ac1::ac1(patterns.all())));
    found
}

proptest! {
    #[test]
    fn order_changes_no_bit(columns in any_columns(), seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..columns.object_of.len()).collect();
        let mut dice = crate::dice::Dice::new(seed);
        order.sort_by_cached_key(|_| dice.below(1_000_000));
        let mut shuffled = columns.shuffled(&order);
        let distance = |columns: &Columns, a: usize, b: usize| f64::from(columns.category_of[a].abs_diff(columns.category_of[b])).sqrt();
        let params = Params { max_pairs: 50, seed: 2 };
        prop_assert_eq!(
            columns.distances(|a, b| distance(&columns, a, b), &params),
            shuffled.distances(|a, b| distance(&shuffled, a, b), &params)
        );
        prop_assert_eq!(columns.worker_pairs(), shuffled.worker_pairs());
        // The objects in the opposite order.
        for object in &mut shuffled.object_of {
            *object = 99 - *object;
        }
        prop_assert_eq!(columns.patterns(), shuffled.patterns());
    }

    #[test]
    fn names_of_categories_change_nothing(columns in any_columns(), shift in 1..4_u32) {
        let mut renamed = columns.shuffled(&(0..columns.object_of.len()).collect::<Vec<_>>());
        for category in &mut renamed.category_of {
            *category = (*category + shift) % 4;
        }
        for ((is_nominal, found), (_, renamed)) in statistics(&columns.patterns()).into_iter().zip(statistics(&renamed.patterns())) {
            match (found, renamed) {
                (Ok(found), Ok(renamed)) if is_nominal => prop_assert!((found - renamed).abs() < 1e-12),
                (found, renamed) => prop_assert_eq!(found.is_ok(), renamed.is_ok()),
            }
        }
        prop_assert_eq!(columns.worker_pairs(), renamed.worker_pairs());
    }

    #[test]
    fn no_statistic_exceeds_1_and_perfect_agreement_reaches_it(columns in any_columns()) {
        for (_, found) in statistics(&columns.patterns()) {
            prop_assert!(found.is_err() || found.is_ok_and(|value| value <= 1.0), "{:?}", found);
        }
        let category_of = columns.object_of.iter().map(|object| object % 3).collect();
        let perfect = Columns { category_of, ..columns };
        for (_, found) in statistics(&perfect.patterns()) {
            prop_assert!(found.is_err() || found == Ok(1.0), "{:?}", found);
        }
        for pair in perfect.worker_pairs() {
            prop_assert!(pair.kappa().is_err() || pair.kappa() == Ok(1.0));
        }
    }
}
