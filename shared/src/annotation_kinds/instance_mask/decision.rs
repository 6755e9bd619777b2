//! Steps 2 and 3: which clusters are kept, as what, and which pixels they have.

use super::matching::match_instances;
use super::{DrawnInstances, InstanceLabel, InstancesLabel, Params};
use crate::annotation_kinds::marks::{MIN_THRESHOLD, Method, Names, count_votes, in_range, settled};
use crate::annotation_kinds::masks::{LabeledImage, of_one_size, rejection};
use crate::batch::{FieldBatch, FieldObject, RejectedAnswer, Unresolved};
use crate::consolidation::mark_consensus::{self, JudgedCluster, JudgedObject, Mark, MarkedObject};
use crate::consolidation::mask_overlay::Overlay;
use crate::consolidation::smoothed_mask_vote::{self, MaskedObject};
use crate::geometry::mask::{LabelMap, Mask};
use crate::mask_png::{Color, ColorMap};
use crate::typed::{Consensus, bounded};
use crate::vocabulary::{Confidence, DatasetObjectId, LabelCategory, WorkerId};

/// One object's answers, read.
struct Answered<'a> {
    id: &'a DatasetObjectId,
    answers: Vec<(&'a WorkerId, DrawnInstances)>,
    rejected: Vec<RejectedAnswer>,
    unresolved: Option<Unresolved>,
}

/// A cluster that is kept, by its index among the object's.
struct Kept {
    cluster: usize,
    label: Option<LabelCategory>,
    confidence: Confidence,
    votes: Vec<(LabelCategory, usize)>,
}

/// A kept cluster with its pixels.
struct FusedInstance {
    kept: Kept,
    n_members: usize,
    mask: Mask,
}

pub(super) fn decide<V: Copy, E: std::fmt::Display>(
    batch: &FieldBatch<'_, V>,
    parse: impl Fn(V) -> Result<Option<DrawnInstances>, E>,
    params: &Params,
) -> Vec<Consensus<InstancesLabel>> {
    // Sums run in the order of ids, so that the order of the batch changes nothing.
    let mut order: Vec<usize> = (0..batch.objects.len()).collect();
    order.sort_by_key(|idx| batch.objects[*idx].id);
    let answered: Vec<Answered<'_>> =
        order.iter().map(|idx| read_object(batch, &batch.objects[*idx], &parse)).collect();
    let answers = || answered.iter().flat_map(|answered| &answered.answers);
    let named = answers().flat_map(|(_, drawn)| &drawn.labels).flatten();
    let names = Names::of(batch.categories, answers().map(|(worker_id, _)| *worker_id), named);
    let threshold = bounded(params.iou_threshold, MIN_THRESHOLD..=1.0, Params::STANDARD.iou_threshold);
    let (objects, clusters): (Vec<MarkedObject<Mask>>, Vec<Vec<Vec<usize>>>) =
        answered.iter().map(|answered| match_instances(&answered.answers, &names, threshold, params.search)).unzip();
    let assumed = &mark_consensus::Params::STANDARD;
    let judged = (params.method == Method::Weighted)
        .then(|| mark_consensus::fit(&objects, &clusters, names.workers.len(), names.categories.len(), assumed));
    let of_object = |object_idx: usize| judged.as_ref().map(|judged| &judged[object_idx]);
    let kept: Vec<Vec<Kept>> = answered
        .iter()
        .enumerate()
        .map(|(object_idx, answered)| match answered.unresolved {
            Some(_) => Vec::new(),
            None => keep(&objects[object_idx], &clusters[object_idx], of_object(object_idx), &names, params),
        })
        .collect();
    let parts = objects.iter().zip(&clusters).zip(&kept);
    let members = parts.flat_map(|((object, clusters), kept)| {
        kept.iter().map(|kept| clusters[kept.cluster].iter().map(|mark| &object.marks[*mark]).collect())
    });
    let mut masks = fuse_masks(members, &names, params).into_iter();
    let mut outcomes: Vec<(usize, Consensus<InstancesLabel>)> = Vec::with_capacity(order.len());
    for ((object_idx, answered), kept) in answered.iter().enumerate().zip(kept) {
        let fused = kept.into_iter().zip(&mut masks).map(|(kept, mask)| {
            let n_members = clusters[object_idx][kept.cluster].len();
            FusedInstance { kept, n_members, mask }
        });
        let fused = fused.collect();
        outcomes.push((order[object_idx], outcome(answered, fused, emptiness(answered, of_object(object_idx)))));
    }
    outcomes.sort_by_key(|(idx, _)| *idx);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

fn read_object<'a, V: Copy, E: std::fmt::Display>(
    batch: &FieldBatch<'_, V>,
    object: &FieldObject<'a, V>,
    parse: impl Fn(V) -> Result<Option<DrawnInstances>, E>,
) -> Answered<'a> {
    let (answers, mut rejected) = object.parse(parse);
    let (answers, misfits) = of_one_size(answers, |drawn| drawn.map.size());
    rejected.extend(misfits);
    for (worker_id, drawn) in &answers {
        rejected.extend(drawn.faults.iter().map(|fault| rejection(worker_id, fault)));
    }
    let unresolved = batch.shortfall(object, answers.len());
    Answered { id: object.id, answers, rejected, unresolved }
}

/// The clusters of one object that are kept.
fn keep(
    object: &MarkedObject<Mask>,
    clusters: &[Vec<usize>],
    judged: Option<&JudgedObject>,
    names: &Names<'_>,
    params: &Params,
) -> Vec<Kept> {
    let n_workers = object.workers.len();
    let verdict = |(cluster, members): (usize, &Vec<usize>)| {
        let votes = count_votes(members.iter().filter_map(|mark| object.marks[*mark].category));
        let (category, existence, confidence) = match judged.map(|judged| judged.clusters[cluster]) {
            Some(JudgedCluster { existence, category }) => {
                let of_category = category.map_or(1.0, |(_, probability)| probability);
                let confidence = in_range(settled(existence * of_category));
                (category.map(|(category, _)| category), settled(existence), confidence)
            }
            None => {
                let n_supporters = votes.first().map_or(members.len(), |(_, n)| *n);
                let confidence = Confidence::share(n_supporters, n_workers);
                (votes.first().map(|(category, _)| *category), confidence.value(), confidence)
            }
        };
        let label = category.map(|category| names.categories[category]);
        let named = |(category, n): &(usize, usize)| (names.categories[*category].clone(), *n);
        params.keep.keeps(label, members.len(), n_workers, existence).then(|| Kept {
            cluster,
            label: label.cloned(),
            confidence,
            votes: if votes.len() > 1 { votes.iter().map(named).collect() } else { Vec::new() },
        })
    };
    clusters.iter().enumerate().filter_map(verdict).collect()
}

/// How sure it is that there is nothing in an image.
fn emptiness(answered: &Answered<'_>, judged: Option<&JudgedObject>) -> Confidence {
    match judged {
        Some(judged) => in_range(settled(judged.probability_empty())),
        None => {
            let n_empty = answered.answers.iter().filter(|(_, drawn)| is_blank(&drawn.map)).count();
            Confidence::share(n_empty, answered.answers.len())
        }
    }
}

fn is_blank(map: &LabelMap) -> bool {
    map.runs().iter().all(|run| run.class == LabelMap::BACKGROUND)
}

/// The pixels of every cluster.
fn fuse_masks<'a>(
    clusters: impl Iterator<Item = Vec<&'a Mark<Mask>>>,
    names: &Names<'_>,
    params: &Params,
) -> Vec<Mask> {
    let masked = clusters.filter_map(|members| {
        let maps: Vec<LabelMap> = members.iter().map(|mark| LabelMap::from(&mark.shape)).collect();
        let workers = members.iter().map(|mark| mark.worker).collect();
        // The masks of an object have one size, and a cluster has a member.
        let overlay = Overlay::new(&maps.iter().collect::<Vec<_>>()).ok()?;
        Some(MaskedObject { overlay, workers })
    });
    let masked: Vec<MaskedObject> = masked.collect();
    let fused = smoothed_mask_vote::fit(&masked, names.workers.len(), &params.smoothing);
    fused.maps.iter().map(|fused| fused.map.mask_of(1)).collect()
}

/// The instances come out by falling confidence, then in the order of their first pixels.
fn outcome(
    answered: &Answered<'_>,
    mut fused: Vec<FusedInstance>,
    of_nothing: Confidence,
) -> Consensus<InstancesLabel> {
    let n_workers = answered.answers.len();
    fused.sort_by(|a, b| {
        let first = |instance: &FusedInstance| instance.mask.spans().first().map(|span| span.start);
        b.kept.confidence.value().total_cmp(&a.kept.confidence.value()).then(first(a).cmp(&first(b)))
    });
    let size = answered.answers.first().map(|(_, drawn)| drawn.map.size());
    let map = size.map(|size| LabelMap::painted(size, fused.iter().map(|instance| &instance.mask)));
    let masks = map.as_ref().map(LabelMap::masks).unwrap_or_default();
    let colors: Vec<Color> = std::iter::once(Color::WHITE).chain((0..fused.len()).map(Color::numbered)).collect();
    let instances: Vec<InstanceLabel> = fused
        .into_iter()
        .zip(masks.iter().zip(&colors).skip(1))
        .filter_map(|(instance, (mask, color))| instance_label(instance, mask, *color))
        .collect();
    let unresolved = answered.unresolved;
    let confidence = Confidence::mean(instances.iter().map(|instance| instance.confidence))
        .or(Some(of_nothing))
        .filter(|_| unresolved.is_none());
    let labeled_image = map.filter(|_| unresolved.is_none()).map(|map| LabeledImage(ColorMap { map, colors }));
    let image_size = size.map(Into::into);
    let label = InstancesLabel { confidence, workers: n_workers, image_size, instances, labeled_image };
    Consensus {
        object_id: answered.id.clone(),
        label,
        n_workers,
        confidence,
        unresolved,
        rejected: answered.rejected.clone(),
    }
}

/// `None` for an instance whose pixels all went to others.
fn instance_label(instance: FusedInstance, mask: &Mask, color: Color) -> Option<InstanceLabel> {
    let bounds = mask.bounds()?;
    let Kept { label, confidence, votes, .. } = instance.kept;
    Some(InstanceLabel {
        label,
        color,
        left: bounds.left,
        top: bounds.top,
        width: bounds.width,
        height: bounds.height,
        pixels: mask.area(),
        mask: mask.clone(),
        confidence,
        n_workers: instance.n_members,
        votes,
    })
}
