use super::*;
use crate::dice::Dice;

const PARAMS: Params = Params {
    hit_rate: 0.8,
    false_marks: 0.1,
    crowd_strength: 10.0,
    worker_strength: 10.0,
    hard_step: 1.5,
    hard_share: 0.3,
    repeat_rate: 0.03,
    max_iterations: 200,
    tolerance: 1e-6,
};

/// Existence of each cluster of one object with this many workers, in percent.
fn check(n_workers: usize, clusters: &[&[usize]], expected: &[i64]) {
    let clusters = clusters.iter().map(|members| members.to_vec()).collect();
    let fit = fit(&[ObjectClusters { workers: (0..n_workers).collect(), clusters }], n_workers, &PARAMS);
    let percent: Vec<i64> = fit.existence[0].iter().map(|existence| (existence * 100.0).round() as i64).collect();
    assert_eq!(percent, expected);
}

#[test]
fn a_lone_object_is_judged_by_what_is_assumed() {
    check(1, &[&[0]], &[87]);
    check(2, &[&[0]], &[58]);
    check(2, &[&[0, 1]], &[99]);
    check(3, &[&[0]], &[23]);
    check(3, &[&[0, 1]], &[97]);
    check(3, &[&[0, 1, 2], &[0]], &[100, 28]);
    check(3, &[], &[]);
}

/// Objects with `n_things` things each, marked by five workers with these hit rates and these numbers of false marks
/// per object; real clusters come first, as many as the second value says.
fn crowd(seed: u64, hit_rates: [f64; 5], false_marks: [f64; 5]) -> (Vec<ObjectClusters>, Vec<usize>) {
    let mut dice = Dice::new(seed);
    let object = |_| {
        let mut object = ObjectClusters { workers: (0..5).collect(), clusters: Vec::new() };
        for _ in 0..4 {
            let members: Vec<usize> = (0..5).filter(|worker| dice.chance(hit_rates[*worker])).collect();
            object.clusters.extend(Some(members).filter(|members| !members.is_empty()));
        }
        let n_real = object.clusters.len();
        object.clusters.extend((0..5).filter(|worker| dice.chance(false_marks[*worker])).map(|worker| vec![worker]));
        (object, n_real)
    };
    (0..300).map(object).unzip()
}

#[test]
fn planted_rates_are_recovered() {
    let (hit_rates, false_marks) = ([0.9, 0.8, 0.8, 0.5, 0.2], [0.05, 0.1, 0.0, 0.3, 0.9]);
    let (objects, _) = crowd(7, hit_rates, false_marks);
    // All things of this crowd are equally easy to see.
    let fit = fit(&objects, 5, &Params { hard_step: 0.0, ..PARAMS });
    assert_eq!(fit.stop, StopReason::Converged);
    for worker in 0..5 {
        assert!((fit.hit_rates[worker] - hit_rates[worker]).abs() < 0.05, "{:?}", fit.hit_rates);
        assert!((fit.false_marks[worker] - false_marks[worker]).abs() < 0.1, "{:?}", fit.false_marks);
    }
}

/// However careless the crowd, most of what is there is kept, and existence is right about as often as it says.
#[test]
fn no_crowd_makes_the_model_collapse() {
    for (seed, hit_rates, false_marks) in [
        (1, [0.3; 5], [0.1; 5]),
        (2, [0.9, 0.9, 0.05, 0.05, 0.05], [0.0, 0.0, 0.9, 0.9, 0.9]),
        (3, [0.5; 5], [0.9; 5]),
        (4, [1.0; 5], [0.0; 5]),
    ] {
        let (objects, n_real) = crowd(seed, hit_rates, false_marks);
        let fit = fit(&objects, 5, &PARAMS);
        let (mut n_seen, mut n_believed, mut expected) = (0.0, 0.0, 0.0);
        for (existence, n_real) in fit.existence.iter().zip(&n_real) {
            n_seen += *n_real as f64;
            n_believed += existence[..*n_real].iter().filter(|existence| **existence >= 0.45).count() as f64;
            expected += existence.iter().sum::<f64>();
        }
        assert!(n_believed / n_seen > 0.6, "{seed}: {n_believed} of {n_seen}");
        assert!((expected / n_seen - 1.0).abs() < 0.3, "{seed}: {expected} expected, {n_seen} seen");
    }
}

#[test]
fn objects_without_marks_tell_nothing() {
    let marked = ObjectClusters { workers: vec![0, 1, 2], clusters: vec![vec![0, 1], vec![2]] };
    let empty = ObjectClusters { workers: vec![0, 1, 2], clusters: Vec::new() };
    let alone = fit(std::slice::from_ref(&marked), 3, &PARAMS);
    let among = fit(&[marked, empty], 3, &PARAMS);
    assert_eq!(alone.existence[0], among.existence[0]);
}
