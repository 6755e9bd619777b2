//! Scores that several kinds share.

/// Expected calibration error over ten bins of equal width, each with its upper end: how far confidence and the share
/// of right labels lie apart in a bin, on average over the labels. `labels` are confidences and whether the label is
/// right, as 0 or 1.
pub(crate) fn calibration_error(labels: &[(f64, f64)]) -> f64 {
    let mut excess = [0.0; 10];
    for (confidence, right) in labels {
        excess[((confidence * 10.0).ceil() as usize).saturating_sub(1)] += confidence - right;
    }
    excess.iter().map(|excess: &f64| excess.abs()).sum::<f64>() / labels.len() as f64
}

/// Harmonic mean of precision and recall.
pub(crate) fn f1(n_right: usize, n_predicted: usize, n_gold: usize) -> f64 {
    2.0 * n_right as f64 / (n_predicted + n_gold) as f64
}

pub(crate) fn mean(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, n) = numbers.into_iter().fold((0.0, 0.0), |(sum, n), number| (sum + number, n + 1.0));
    sum / n
}

/// Pearson's correlation.
pub(crate) fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a.iter().copied()), mean(b.iter().copied()));
    let covariance = |x: &[f64], mean_x: f64, y: &[f64], mean_y: f64| -> f64 {
        x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum()
    };
    covariance(a, mean_a, b, mean_b) / (covariance(a, mean_a, a, mean_a) * covariance(b, mean_b, b, mean_b)).sqrt()
}

/// Spearman's correlation: that of the ranks, ties at their middle.
pub(crate) fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    correlation(&ranks(a), &ranks(b))
}

fn ranks(numbers: &[f64]) -> Vec<f64> {
    let rank = |number: &f64| {
        let n_below = numbers.iter().filter(|other| *other < number).count() as f64;
        let n_equal = numbers.iter().filter(|other| other.total_cmp(number).is_eq()).count() as f64;
        n_below + (n_equal + 1.0) / 2.0
    };
    numbers.iter().map(rank).collect()
}

/// Kendall's tau-b: pairs in the same order less pairs in opposite orders, over the pairs without ties.
pub(crate) fn kendall(a: &[f64], b: &[f64]) -> f64 {
    let (mut agreement, mut n_a, mut n_b) = (0.0, 0.0, 0.0);
    for i in 0..a.len() {
        for j in 0..i {
            let (of_a, of_b) = (sign(a[i] - a[j]), sign(b[i] - b[j]));
            agreement += of_a * of_b;
            n_a += of_a.abs();
            n_b += of_b.abs();
        }
    }
    agreement / f64::sqrt(n_a * n_b)
}

fn sign(number: f64) -> f64 {
    if number > 0.0 {
        1.0
    } else if number < 0.0 {
        -1.0
    } else {
        0.0
    }
}
