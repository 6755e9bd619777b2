use super::super::mask_overlay::tests::{overlay, text};
use super::*;

/// A batch of objects, each with its workers' masks; worker `n` draws mask `n`.
fn fused(objects: &[&[&str]], radius: u32) -> (Vec<String>, Fit) {
    let object = |masks: &&[&str]| MaskedObject { overlay: overlay(masks), workers: (0..masks.len()).collect() };
    let objects: Vec<MaskedObject> = objects.iter().map(object).collect();
    let n_workers = objects.iter().map(|object| object.workers.len()).max().unwrap_or_default();
    let vote = fit(&objects, n_workers, &Params::with_radius(radius).expect("parameters"));
    (vote.maps.iter().map(|fused| text(&fused.map)).collect(), vote)
}

#[test]
fn neighbors_speak_for_a_disputed_pixel() {
    let masks = ["000/010/000", "000/010/000", "000/000/000"];
    assert_eq!(fused(&[&masks], 0).0, ["000/010/000"]);
    assert_eq!(fused(&[&masks], 1).0, ["000/000/000"]);
    let agreed = ["000/010/000"; 3];
    assert_eq!(fused(&[&agreed], 1).0, ["000/010/000"]);
}

#[test]
fn a_worker_who_was_right_elsewhere_counts_more() {
    let good = "0001111000";
    let bad = ["1100111000", "0001100011", "0101111100"];
    let (_, vote) = fused(&[&[good, bad[0], good], &[good, bad[1], good], &[good, bad[2], good]], 0);
    assert!(vote.quality[0] > 0.8 && vote.quality[1] < 0.3, "{:?}", vote.quality);
    assert_eq!((vote.n_iterations, vote.stop), (5, StopReason::MaxIterations));
}

#[test]
fn without_dispute_there_is_nothing_to_learn() {
    let (maps, vote) = fused(&[&["0110"], &["11/00", "11/00"], &["2"]], 1);
    assert_eq!(maps, ["0110", "11/00", "2"]);
    assert_eq!(vote.stop, StopReason::Converged);
    assert_eq!(vote.maps[2].confidences.iter().flatten().count(), 1);
    assert_eq!(confidences(&vote), [0.85, 0.85, 0.98, 0.98, 0.85]);
}

/// The confidences of all classes with pixels, object by object.
fn confidences(vote: &Fit) -> Vec<f64> {
    vote.maps.iter().flat_map(|map| map.confidences.iter().flatten()).map(|c| c.rounded()).collect()
}

#[test]
fn agreement_has_stated_confidences_that_the_batch_moves() {
    let of = |n: usize| confidences(&fused(&[&["0110"; 3][..n]], 1).1);
    assert_eq!([of(1), of(2), of(3)], [vec![0.8; 2], vec![0.98; 2], vec![0.99; 2]]);
    // The first worker agrees with the second on many images, and the third with nobody.
    let (drawn, beside) = ("00111000", "11000111");
    let mut objects: Vec<MaskedObject> =
        (0..30).map(|_| MaskedObject { overlay: overlay(&[drawn, drawn, beside]), workers: vec![0, 1, 2] }).collect();
    objects.extend([0, 2].map(|worker| MaskedObject { overlay: overlay(&[drawn]), workers: vec![worker] }));
    let vote = fit(&objects, 3, &Params::STANDARD);
    let alone: Vec<f64> = vote.maps[30..].iter().filter_map(|map| map.confidences[1]).map(|c| c.rounded()).collect();
    assert!(alone[0] > 0.8 && alone[1] < 0.4, "{alone:?} {:?}", vote.overlaps);
}

/// Workers who draw a square with shaken edges: the confidence of a lone mask is its mean overlap with the truth.
#[test]
fn a_lone_mask_is_trusted_as_far_as_the_crowd_is_right() {
    let mut dice = crate::dice::Dice::new(3);
    let side = 40_usize;
    for (reach, n_workers) in [(1.0, 3), (3.0, 3), (6.0, 5)] {
        let mut square = |reach: f64| -> String {
            let mut edge = |at: f64| at + reach * dice.noise();
            let (left, right, top, bottom) = (edge(10.0), edge(30.0), edge(10.0), edge(30.0));
            let inside = |n: usize, from: f64, to: f64| (from..to).contains(&(n as f64 + 0.5));
            let row = |y: usize| -> String {
                let pixel = |x: usize| if inside(x, left, right) && inside(y, top, bottom) { '1' } else { '0' };
                (0..side).map(pixel).collect()
            };
            (0..side).map(row).collect::<Vec<_>>().join("/")
        };
        let truth = square(0.0);
        let mut overlaps = 0.0;
        let mut objects = Vec::new();
        for n in 0..40 {
            let workers: Vec<usize> = if n % 2 == 0 { (0..n_workers).collect() } else { vec![n % n_workers] };
            let masks: Vec<String> = workers.iter().map(|_| square(reach)).collect();
            if let [alone] = masks.as_slice() {
                let both = |a: u8, b: u8| (f64::from(a & b & 1), f64::from((a | b) & 1));
                let pixels = alone.bytes().zip(truth.bytes()).filter(|(pixel, _)| *pixel != b'/');
                let (shared, either) =
                    pixels.map(|(a, b)| both(a, b)).fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
                overlaps += shared / either / 20.0;
            }
            let masks: Vec<&str> = masks.iter().map(String::as_str).collect();
            objects.push(MaskedObject { overlay: overlay(&masks), workers });
        }
        let vote = fit(&objects, n_workers, &Params::STANDARD);
        let alone = vote.maps.iter().zip(&objects).filter(|(_, object)| object.workers.len() == 1);
        let expected = alone.filter_map(|(map, _)| map.confidences[1]).map(|c| c.value()).sum::<f64>() / 20.0;
        assert!((expected - overlaps).abs() < 0.06, "{reach}: {expected} against {overlaps}");
    }
}

#[test]
fn ties_are_background() {
    assert_eq!(fused(&[&["01", "10"]], 0).0, ["00"]);
    assert_eq!(fused(&[&["1", "2"]], 1).0, ["0"]);
    assert!(fit(&[], 0, &Params::STANDARD).maps.is_empty());
    assert_eq!(Params::with_radius(11), Err(ParamsError { radius: 11 }));
}

/// Smoothing row by row equals smoothing pixel by pixel.
#[test]
fn a_window_ends_where_the_image_does() {
    let masks = ["01102/01100/00120", "01100/01100/00000", "11100/00011/00022"];
    let overlay = overlay(&masks);
    let map = smooth(&overlay, &[3, 2, 2], 1, 1.0).map;
    let pixel = |mask: &str, x: usize, y: usize| mask.as_bytes()[y * 6 + x] - b'0';
    let mut expected = String::new();
    for y in 0..3_usize {
        expected.push_str(if y > 0 { "/" } else { "" });
        for x in 0..5_usize {
            let mut votes = [0; 3];
            for (dx, dy) in (0..3).flat_map(|dx| (0..3).map(move |dy| (dx, dy))) {
                let (x, y) = ((x + dx).saturating_sub(1).min(4), (y + dy).saturating_sub(1).min(2));
                for (mask, weight) in masks.iter().zip([3, 2, 2]) {
                    votes[usize::from(pixel(mask, x, y))] += weight;
                }
            }
            let is_agreed = masks.iter().all(|mask| pixel(mask, x, y) == pixel(masks[0], x, y));
            let most = votes.iter().max().expect("votes");
            let first = votes.iter().position(|votes| votes == most).expect("a class");
            let is_tied = votes.iter().filter(|votes| *votes == most).count() > 1;
            let class = if is_agreed {
                usize::from(pixel(masks[0], x, y))
            } else if is_tied {
                0
            } else {
                first
            };
            expected.push_str(&class.to_string());
        }
    }
    assert_eq!(text(&map), expected);
}
