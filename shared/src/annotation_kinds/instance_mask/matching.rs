//! Step 1: which instances of different workers are the same.

use std::collections::BTreeMap;

use super::DrawnInstances;
use crate::annotation_kinds::marks::Names;
use crate::consolidation::mark_clusters::{self, Pair, Search};
use crate::consolidation::mark_consensus::{Mark, MarkedObject};
use crate::consolidation::mask_overlay::Overlay;
use crate::geometry::mask::Mask;
use crate::vocabulary::WorkerId;

/// An instance, and where it comes from: the index of its answer, and its class there.
struct Origin {
    answer: usize,
    class: usize,
    mark: Mark<Mask>,
}

/// The instances of one object, by their content, and their clusters: indices into them, ascending.
pub(super) fn match_instances(
    answers: &[(&WorkerId, DrawnInstances)],
    names: &Names<'_>,
    iou_threshold: f64,
    search: Search,
) -> (MarkedObject<Mask>, Vec<Vec<usize>>) {
    let mut origins: Vec<Origin> = answers.iter().enumerate().flat_map(|answer| origins(answer, names)).collect();
    origins.sort_by(|Origin { mark: a, .. }, Origin { mark: b, .. }| {
        let spans =
            |mark: &Mark<Mask>| mark.shape.spans().iter().map(|span| (span.start, span.end)).collect::<Vec<_>>();
        let first = |mark: &Mark<Mask>| mark.shape.spans().first().map(|span| span.start);
        let by_pixels = first(a).cmp(&first(b)).then_with(|| spans(a).cmp(&spans(b)));
        by_pixels.then(a.category.cmp(&b.category)).then(a.worker.cmp(&b.worker))
    });
    let overlaps = overlaps(answers, &origins);
    let iou = |a: usize, b: usize| overlaps.get(&(a.min(b), a.max(b))).copied().unwrap_or(0.0);
    let pairs = overlaps
        .iter()
        .filter(|(_, similarity)| **similarity >= iou_threshold)
        .map(|((a, b), similarity)| Pair { a: *a, b: *b, similarity: *similarity });
    let worker_of: Vec<usize> = origins.iter().map(|origin| origin.mark.worker).collect();
    let clusters = mark_clusters::cluster(&worker_of, pairs.collect(), iou, iou_threshold, search);
    let workers = answers.iter().map(|(worker_id, _)| names.workers.index_of(worker_id)).collect();
    let marks = origins.into_iter().map(|origin| origin.mark).collect();
    (MarkedObject { workers, marks }, clusters)
}

/// The instances of one answer that have pixels.
fn origins<'a>(
    (answer, (worker_id, drawn)): (usize, &'a (&WorkerId, DrawnInstances)),
    names: &'a Names<'_>,
) -> impl Iterator<Item = Origin> + 'a {
    let worker = names.workers.index_of(worker_id);
    let with_pixels = drawn.map.masks().into_iter().enumerate().skip(1).filter(|(_, mask)| !mask.spans().is_empty());
    with_pixels.map(move |(class, shape)| {
        let category = names.index_of(drawn.labels[class - 1].as_ref());
        Origin { answer, class, mark: Mark { worker, category, shape } }
    })
}

/// The intersection over union of every two instances of different answers that share a pixel, by their indices, the smaller
/// first. Two maps laid over each other tell the overlaps of all their instances at once.
fn overlaps(answers: &[(&WorkerId, DrawnInstances)], origins: &[Origin]) -> BTreeMap<(usize, usize), f64> {
    let idx_of: BTreeMap<(usize, usize), usize> =
        origins.iter().enumerate().map(|(idx, origin)| ((origin.answer, origin.class), idx)).collect();
    let areas: Vec<u32> = origins.iter().map(|origin| origin.mark.shape.area()).collect();
    let mut overlaps = BTreeMap::new();
    for (first, (_, a)) in answers.iter().enumerate() {
        for (second, (_, b)) in answers.iter().enumerate().skip(first + 1) {
            let Ok(overlay) = Overlay::new(&[&a.map, &b.map]) else {
                continue;
            };
            for pattern in overlay.patterns() {
                let idx = |answer, class: u16| idx_of.get(&(answer, usize::from(class)));
                if let (Some(a), Some(b)) = (idx(first, pattern.votes[0]), idx(second, pattern.votes[1])) {
                    let union = areas[*a] + areas[*b] - pattern.n_pixels;
                    overlaps.insert((*a.min(b), *a.max(b)), f64::from(pattern.n_pixels) / f64::from(union));
                }
            }
        }
    }
    overlaps
}
