use super::*;
use crate::dice::Dice;

fn confidence(value: f64) -> Confidence {
    Confidence::new(value).expect("a confidence")
}

fn judged(confidences: &[f64], right: &[u8]) -> Vec<Judged> {
    let pairs = confidences.iter().zip(right);
    pairs.map(|(value, right)| Judged { confidence: confidence(*value), is_right: *right == 1 }).collect()
}

fn sample() -> Vec<Judged> {
    judged(
        &[0.95, 0.9, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.55, 0.4, 0.3, 0.2],
        &[1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0],
    )
}

fn near(found: Option<f64>, expected: f64) {
    let found = found.expect("there are labels");
    assert!((found - expected).abs() < 1e-9, "{found} instead of {expected}");
}

/// Against scikit-learn 1.9.1, `brier_score_loss` and `log_loss`.
#[test]
fn losses_are_those_of_scikit_learn() {
    near(brier_score(&sample()), 0.22964285714285718);
    near(log_loss(&sample()), 0.6620879295182976);
    near(log_loss(&judged(&[1.0], &[0])), -f64::EPSILON.ln());
}

/// Against scikit-learn 1.9.1, `IsotonicRegression(out_of_bounds="clip")`.
#[test]
fn isotonic_regression_is_that_of_scikit_learn() {
    let fit = Isotonic::fit(&sample(), Ends::AsCounted).expect("there are labels");
    for (value, expected) in [
        (0.0, 0.0),
        (0.2, 0.0),
        (0.25, 0.2),
        (0.35, 0.4),
        (0.55, 0.4),
        (0.6, 0.4),
        (0.72, 0.6666666666666666),
        (0.8, 0.75),
        (0.9, 0.75),
        (0.92, 0.85),
        (0.95, 1.0),
        (1.0, 1.0),
    ] {
        near(Some(fit.apply(confidence(value)).value()), expected);
    }
}

#[test]
fn few_labels_never_make_certainty() {
    let check = |labels: &[Judged], expected: &[(f64, f64)]| {
        let fit = Isotonic::fit(labels, Ends::Shrunk).expect("there are labels");
        for (value, expected) in expected {
            near(Some(fit.apply(confidence(*value)).value()), *expected);
        }
    };
    check(&judged(&[0.9, 0.9, 0.9], &[1, 1, 1]), &[(0.9, 0.8), (0.1, 0.8)]);
    check(&judged(&[0.9], &[0]), &[(0.9, 1.0 / 3.0)]);
    check(&judged(&[0.2, 0.3, 0.8, 0.9], &[0, 0, 1, 1]), &[(0.2, 0.25), (0.9, 0.75)]);
    // The highest label alone would make 2/3, less than those below it.
    check(&judged(&[0.7, 0.7, 0.7, 0.7, 0.9], &[1, 1, 1, 0, 1]), &[(0.7, 0.75), (0.9, 0.75)]);
}

/// Against the root that scipy 1.12.0, `brentq`, finds of the same slope.
#[test]
fn the_temperature_has_the_least_log_loss() {
    let fit = Temperature::fit(&sample()).expect("there are labels");
    near(Some(fit.value()), 1.8432452717954981);
    let cooled: Vec<Judged> =
        sample().into_iter().map(|judged| Judged { confidence: fit.apply(judged.confidence), ..judged }).collect();
    near(log_loss(&cooled), 0.6292112855352235);
}

#[test]
fn a_temperature_stays_in_its_range() {
    for (right, expected) in [(1, Temperature::RANGE.0), (0, Temperature::RANGE.1)] {
        let fit = Temperature::fit(&judged(&[0.9, 1.0], &[right, right])).expect("there are labels");
        near(Some(fit.value()), expected);
    }
    assert_eq!(Temperature::fit(&judged(&[0.5], &[1])), None);
}

#[test]
fn bins_hold_their_upper_bound() {
    let table = reliability_table(&judged(&[0.0, 0.1, 0.3, 0.6, 0.7, 0.8, 0.81, 1.0], &[0, 0, 1, 1, 1, 0, 1, 1]));
    assert_eq!(table.map(|bin| bin.n), [2, 0, 1, 0, 0, 1, 1, 1, 1, 1]);
    near(Some(table[0].mean_confidence), 0.05);
    near(Some(table[9].share_right), 1.0);
}

#[test]
fn the_calibration_error_weighs_bins_by_their_labels() {
    near(expected_calibration_error(&judged(&[0.8, 0.8, 0.8, 0.8, 0.95], &[1, 1, 0, 0, 1])), 0.8 * 0.3 + 0.2 * 0.05);
    assert_eq!(expected_calibration_error(&[]), None);
    assert_eq!((brier_score(&[]), log_loss(&[])), (None, None));
    assert!(Isotonic::fit(&[], Ends::Shrunk).is_none() && Temperature::fit(&[]).is_none());
}

/// Confidences that are too bold by a known temperature, and new ones of the same kind to measure on.
#[test]
fn planted_overconfidence_is_found_and_mended() {
    let mut dice = Dice::new(5);
    let mut draw = || -> Vec<Judged> {
        let label = |_| {
            let (odds, temperature) = (dice.noise() * 3.0, 2.5);
            Judged { is_right: dice.chance(logistic(odds)), confidence: confidence(logistic(odds * temperature)) }
        };
        (0..4000).map(label).collect()
    };
    let (fitted_on, others) = (draw(), draw());
    let isotonic = Isotonic::fit(&fitted_on, Ends::Shrunk).expect("there are labels");
    let temperature = Temperature::fit(&fitted_on).expect("there are labels");
    assert!((temperature.value() - 2.5).abs() < 0.15, "{}", temperature.value());
    let error = |map: &dyn Fn(Confidence) -> Confidence| {
        let mapped = others.iter().map(|judged| Judged { confidence: map(judged.confidence), ..*judged });
        expected_calibration_error(&mapped.collect::<Vec<_>>()).expect("there are labels")
    };
    assert!(error(&|confidence| confidence) > 0.1);
    assert!(error(&|confidence| temperature.apply(confidence)) < 0.03);
    assert!(error(&|confidence| isotonic.apply(confidence)) < 0.04);
}

#[test]
fn the_order_of_labels_changes_no_bit() {
    let (labels, mut reversed) = (sample(), sample());
    reversed.reverse();
    assert_eq!(Isotonic::fit(&labels, Ends::Shrunk), Isotonic::fit(&reversed, Ends::Shrunk));
    assert_eq!(Temperature::fit(&labels), Temperature::fit(&reversed));
    assert_eq!(log_loss(&labels), log_loss(&reversed));
    assert_eq!(reliability_table(&labels), reliability_table(&reversed));
}
