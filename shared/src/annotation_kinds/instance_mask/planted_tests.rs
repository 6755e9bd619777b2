//! Crowds whose instances are known, because they were planted: what either method finds, and whether confidences come true.

use super::*;
use crate::calibration::{Judged, expected_calibration_error};
use crate::geometry::mask::ImageSize;

const WIDTH: usize = 40;
const HEIGHT: usize = 30;
const LABELS: [&str; 3] = ["ant", "bee", "cricket"];

/// A rectangle of pixels with a label, by its index in [`LABELS`].
#[derive(Debug, Clone, Copy)]
struct Planted {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    label: usize,
}

impl Planted {
    /// Somewhere in one of the cells of a grid of four by three, so that instances of one image do not touch.
    fn somewhere(cell: usize, dice: &mut Dice) -> Self {
        let (width, height) = (4 + dice.below(4), 4 + dice.below(4));
        let (left, top) = (10 * (cell % 4) + 1 + dice.below(9 - width), 10 * (cell / 4) + 1 + dice.below(9 - height));
        Self { left, top, width, height, label: dice.below(LABELS.len()) }
    }

    fn has(&self, pixel: usize) -> bool {
        let (x, y) = (pixel % WIDTH, pixel / WIDTH);
        (self.left..self.left + self.width).contains(&x) && (self.top..self.top + self.height).contains(&y)
    }

    /// As a worker draws it: each edge off by a pixel now and then, the label wrong now and then.
    fn drawn(&self, carelessness: f64, dice: &mut Dice) -> Self {
        let mut drawn = *self;
        drawn.left -= usize::from(dice.chance(carelessness));
        drawn.top -= usize::from(dice.chance(carelessness));
        drawn.width += usize::from(dice.chance(carelessness));
        drawn.height += usize::from(dice.chance(carelessness));
        if dice.chance(0.3 * carelessness) {
            drawn.label = dice.below(LABELS.len());
        }
        drawn
    }

    fn iou(&self, mask: &Mask) -> f64 {
        let pixels = || mask.spans().iter().flat_map(|span| span.start..span.end);
        let both = pixels().filter(|pixel| self.has(*pixel as usize)).count();
        both as f64 / (self.width * self.height + pixels().count() - both) as f64
    }
}

fn answer(instances: &[Planted]) -> InstanceMasks {
    let class = |pixel: usize| instances.iter().position(|one| one.has(pixel)).map_or(0, |idx| idx as u16 + 1);
    let size = ImageSize::new(WIDTH as u32, HEIGHT as u32).expect("a size");
    let map = LabelMap::from_runs(size, (0..WIDTH * HEIGHT).map(|pixel| (class(pixel), 1))).expect("a map");
    let labels = instances.iter().map(|one| Some(LabelCategory::new(LABELS[one.label]))).collect();
    InstanceMasks::new(map, labels).expect("labels for all classes")
}

/// Images with some instances each, drawn by workers of whom some are careless: they miss more, and invent instances.
struct Crowd {
    truth: Vec<Vec<Planted>>,
    answers: Answers<InstanceMasks>,
}

impl Crowd {
    fn simulated(n_images: usize, n_workers: usize, dice: &mut Dice) -> Self {
        let carelessness: Vec<f64> = (0..12).map(|_| 0.1 + 0.5 * dice.unit()).collect();
        let mut truth = Vec::new();
        let mut rows = Vec::new();
        for image in 0..n_images {
            let cells: Vec<usize> = (0..12).filter(|_| dice.chance(0.4)).collect();
            let planted: Vec<Planted> = cells.iter().map(|cell| Planted::somewhere(*cell, dice)).collect();
            let first = dice.below(carelessness.len());
            for worker in (first..first + n_workers).map(|worker| worker % carelessness.len()) {
                let carelessness = carelessness[worker];
                let mut seen: Vec<Planted> =
                    planted.iter().copied().filter(|_| !dice.chance(0.8 * carelessness)).collect();
                seen.iter_mut().for_each(|one| *one = one.drawn(carelessness, dice));
                for cell in (0..12).filter(|cell| !cells.contains(cell)) {
                    if dice.chance(0.15 * carelessness) {
                        seen.push(Planted::somewhere(cell, dice));
                    }
                }
                rows.push((format!("image-{image:03}"), format!("worker-{worker:02}"), answer(&seen)));
            }
            truth.push(planted);
        }
        Self { truth, answers: Answers::from_rows(rows) }
    }
}

/// What a method makes of a crowd.
#[derive(Debug, Default)]
struct Found {
    n_planted: usize,
    n_found: usize,
    n_right: usize,
    /// The confidence of every instance, and whether it is there and has its label.
    judged: Vec<Judged>,
}

impl Found {
    fn add(&mut self, crowd: &Crowd, params: &Params) {
        self.n_planted += crowd.truth.iter().map(Vec::len).sum::<usize>();
        for (planted, consensus) in crowd.truth.iter().zip(consolidate(&crowd.answers, params)) {
            for instance in consensus.label.instances {
                let real = planted.iter().find(|one| one.iou(&instance.mask) >= 0.5);
                let is_right = real.is_some_and(|one| instance.label == Some(LabelCategory::new(LABELS[one.label])));
                self.n_found += usize::from(real.is_some());
                self.n_right += usize::from(is_right);
                self.judged.push(Judged { confidence: instance.confidence, is_right });
            }
        }
    }

    fn f1(&self) -> f64 {
        2.0 * self.n_right as f64 / (self.n_planted + self.judged.len()) as f64
    }
}

/// Both methods, by default, on batches of `n_images`: 120 images in all.
fn found(n_workers: usize, n_images: usize) -> [Found; 2] {
    let [mut weighted, mut plain] = [Found::default(), Found::default()];
    for seed in 0..120 / n_images as u64 {
        let crowd = Crowd::simulated(n_images, n_workers, &mut Dice::new(seed));
        weighted.add(&crowd, &Params::STANDARD);
        plain.add(&crowd, &Params::PLAIN);
    }
    [weighted, plain]
}

#[test]
fn weighing_finds_more_than_counting() {
    for (n_workers, n_images) in [(3, 10), (3, 60), (5, 10), (5, 60)] {
        let [weighted, plain] = found(n_workers, n_images);
        let case = format!("{n_workers} workers, batches of {n_images}");
        assert!(weighted.n_found >= plain.n_found, "{case}: {} and {}", weighted.n_found, plain.n_found);
        assert!(weighted.f1() >= plain.f1(), "{case}: {} and {}", weighted.f1(), plain.f1());
        let error = expected_calibration_error(&weighted.judged).expect("instances");
        assert!(error <= 0.05, "{case}: calibration error {error}");
    }
}
