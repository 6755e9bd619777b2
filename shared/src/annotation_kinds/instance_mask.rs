//! The pixels of each single thing in an image: `crowd-instance-segmentation`.
//!
//! A worker sends a PNG and, for each color in it, the label of the thing that has it. Colors and their order mean nothing
//! from one worker to the next. Sizes, unnamed colors and faulty answers as in [`super::semantic_mask`].
//!
//! Method `iou-clusters`:
//! 1. Instances of different workers are matched by intersection over union of their pixels, whatever their label, no
//!    worker twice in a cluster ([`mark_clusters`]; `iouThreshold`, default 0.4; `matching`, as for marks).
//! 2. A cluster is kept when enough of the workers who answered the field drew it (`keep`, default half of them; a worker
//!    who drew nothing answered).
//! 3. The cluster's label is voted among its members; ties fall as in a classification.
//! 4. Its pixels are voted among its members by [`smoothed_mask_vote`], over all clusters of the batch (`radius`, default
//!    1). Where two instances claim a pixel, the more confident one has it.
//!
//! The confidence of an instance is the number of its supporters (members with the winning label) over the number of
//! workers who could have drawn it (all who answered the field), in (0, 1]. The confidence of the label is the mean over
//! its instances; without any it is the share of workers who drew none.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::classification::as_map;
use super::marks::read_search;
use super::semantic_mask::{
    LabeledImage, LabelsError, MOST_LABELS, MaskError, SizeLabel, WorkerIndex, check_labels, color_of, of_one_size,
    png_of, read_colors, read_radius, redraw, rejection,
};
use super::{AnnotationKind, Consolidator, written};
use crate::answer::{scalar_text, structured};
use crate::batch::{FieldBatch, FieldObject, Quorum, RejectedAnswer, Unresolved};
use crate::consolidation::majority_vote::Tally;
use crate::consolidation::mark_clusters::{self, Pair, Search};
use crate::consolidation::mask_overlay::Overlay;
use crate::consolidation::smoothed_mask_vote::{self, MaskedObject};
use crate::dice::Dice;
use crate::document::Reader;
use crate::geometry::mask::{LabelMap, Mask};
use crate::mask_png::{self, Color, ColorMap};
use crate::typed::{Answers, Consensus};
use crate::vocabulary::{Confidence, LabelCategory, WorkerId};

const IOU_CLUSTERS: &str = "iou-clusters";

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "instance-mask",
    summary: "the pixels of each single thing: crowd-instance-segmentation",
    methods: &[IOU_CLUSTERS],
    claims: |values, _| values.iter().filter(|value| is_instance_mask(&structured(value))).count(),
    configure,
    // Ground Truth has no built-in task of this kind.
    built_in_label: None,
    simulate,
    examples: &[
        r##"{"instances": [{"color": "#1f77b4", "label": "otter"}, {"color": "#ff7f0e", "label": "otter"}],
            "labeledImage": {"pngImageData": "iVBORw0KGgoAAAANSUhEUgAAAAwAAAAJAgMAAAB71iXHAAAACVBMVEX/////fw4fd7S6wH5VAAAAJElEQVR42mNgYGBg0GpgYGJQYGBiYAhhYnjIwMDFGMLyjQEOAD5qA19BL1KrAAAAAElFTkSuQmCC"},
            "inputImageProperties": {"width": 12, "height": 9}}"##,
        r##"{"instances": [],
            "labeledImage": {"pngImageData": "iVBORw0KGgoAAAANSUhEUgAAAAwAAAAJAQMAAAA8dl8XAAAAA1BMVEX///+nxBvIAAAAC0lEQVR42mNgwAkAABsAAVmYPeoAAAAASUVORK5CYII="}}"##,
    ],
};

/// How instances are consolidated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// The least intersection over union of two instances that are the same, from 0.05 to 1; beyond, the nearer bound counts.
    pub iou_threshold: f64,
    /// How the instances that are the same are looked for.
    pub search: Search,
    /// How many of the workers who answered must have drawn an instance.
    pub keep: Quorum,
    /// How the pixels of an instance are voted.
    pub smoothing: smoothed_mask_vote::Params,
}

impl Params {
    /// What the plan takes where it says nothing.
    pub const STANDARD: Self = Self {
        iou_threshold: 0.4,
        search: Search::Greedy,
        keep: Quorum::Share(0.5),
        smoothing: smoothed_mask_vote::Params::STANDARD,
    };
}

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    reader.choice("method", &[(IOU_CLUSTERS, ())]);
    let params = Params {
        iou_threshold: reader.number("iouThreshold", 0.05..=1.0).unwrap_or(Params::STANDARD.iou_threshold),
        search: read_search(reader),
        keep: Quorum::read(reader, "keep").unwrap_or(Params::STANDARD.keep),
        smoothing: read_radius(reader),
    };
    Box::new(move |batch| written(IOU_CLUSTERS, decide(batch, parse, params)))
}

/// One worker's instances.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceMasks {
    map: LabelMap,
    labels: Vec<Option<LabelCategory>>,
}

impl InstanceMasks {
    /// The map in which class `n` is the instance with label `n - 1`, if it has one; class 0 is the background.
    ///
    /// # Errors
    /// [`LabelsError`] when a class has no entry in `labels`, or when there are more than 4,000.
    pub fn new(map: LabelMap, labels: Vec<Option<LabelCategory>>) -> Result<Self, LabelsError> {
        check_labels(&map, labels.len())?;
        Ok(Self { map, labels })
    }

    fn drawn(&self) -> DrawnInstances {
        DrawnInstances { map: self.map.clone(), labels: self.labels.clone(), faults: Vec::new() }
    }
}

/// One worker's instances with what is wrong in their file: class `n` of the map is the instance with label `n - 1`.
struct DrawnInstances {
    map: LabelMap,
    labels: Vec<Option<LabelCategory>>,
    faults: Vec<MaskError>,
}

/// One instance as a worker drew it; `place` is its class in the worker's map.
struct Mark {
    worker_idx: usize,
    place: usize,
    label: Option<LabelCategory>,
    mask: Mask,
}

/// One object on the way to its label.
struct ObjectInstances<'a> {
    answers: Vec<(&'a WorkerId, DrawnInstances)>,
    clusters: Vec<Vec<Mark>>,
    rejected: Vec<RejectedAnswer>,
    unresolved: Option<Unresolved>,
}

/// The instances of an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstancesLabel {
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    workers: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_size: Option<SizeLabel>,
    /// By falling confidence, then in the order of their first pixels.
    #[serde(rename = "annotations")]
    pub instances: Vec<InstanceLabel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labeled_image: Option<LabeledImage>,
}

/// One instance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InstanceLabel {
    /// Its label, unless nobody gives one.
    pub label: Option<LabelCategory>,
    color: Color,
    /// Its pixels. Each pixel belongs to one instance.
    #[serde(skip)]
    pub mask: Mask,
    left: u32,
    top: u32,
    width: u32,
    height: u32,
    pixels: u32,
    /// The share of the workers who drew it with this label.
    pub confidence: Confidence,
    /// How many workers drew it, with this label or another.
    #[serde(rename = "workers")]
    pub n_workers: usize,
    /// The labels that they give, most first; empty when all give one.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_map")]
    pub votes: Vec<(LabelCategory, usize)>,
}

/// A cluster with its pixels.
struct FusedInstance {
    mask: Mask,
    tally: Tally,
    n_members: usize,
    confidence: Confidence,
}

/// Consolidates the instances that each worker drew in each object: one consensus per object, in their order. Masks of another
/// size than most of an object's are set aside.
///
/// The confidence of a consensus is the mean over its instances; without any, the share of workers who drew none.
///
/// ```
/// use ground_truth::annotation_kinds::instance_mask::{self, InstanceMasks, Params};
/// use ground_truth::geometry::mask::{ImageSize, LabelMap};
/// use ground_truth::typed::Answers;
/// use ground_truth::vocabulary::LabelCategory;
///
/// // Two ants side by side in a picture of eight by one pixels; the third worker saw the first alone.
/// let size = ImageSize::new(8, 1)?;
/// let ants = |runs: &[(u16, u32)]| -> Result<InstanceMasks, Box<dyn std::error::Error>> {
///     let ant = Some(LabelCategory::new("ant"));
///     Ok(InstanceMasks::new(LabelMap::from_runs(size, runs.iter().copied())?, vec![ant.clone(), ant])?)
/// };
/// let answers = Answers::from_rows([
///     ("photo-1", "ana", ants(&[(1, 4), (2, 3), (0, 1)])?),
///     ("photo-1", "bo", ants(&[(1, 4), (2, 3), (0, 1)])?),
///     ("photo-1", "cy", ants(&[(1, 4), (0, 4)])?),
/// ]);
///
/// let consensus = instance_mask::consolidate(&answers, &Params::STANDARD);
/// let found: Vec<(u32, usize)> =
///     consensus[0].label.instances.iter().map(|ant| (ant.mask.area(), ant.n_workers)).collect();
/// assert_eq!(found, [(4, 3), (3, 2)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn consolidate(answers: &Answers<InstanceMasks>, params: &Params) -> Vec<Consensus<InstancesLabel>> {
    let drawn = |instances: &InstanceMasks| Ok::<_, LabelsError>(Some(instances.drawn()));
    decide(&answers.field(), drawn, *params)
}

fn decide<V: Copy, E: std::fmt::Display>(
    batch: &FieldBatch<'_, V>,
    parse: impl Fn(V) -> Result<Option<DrawnInstances>, E>,
    params: Params,
) -> Vec<Consensus<InstancesLabel>> {
    let params = Params { iou_threshold: params.iou_threshold.clamp(0.05, 1.0), ..params };
    let objects: Vec<ObjectInstances<'_>> =
        batch.objects.iter().map(|object| read_object(batch, object, &parse, params)).collect();
    let mut masks = fuse_masks(&objects, params).into_iter();
    let outcome = |object: ObjectInstances<'_>| {
        let fused: Vec<FusedInstance> = object
            .clusters
            .iter()
            .zip(&mut masks)
            .map(|(members, mask)| fuse(members, mask, &object, batch.categories))
            .collect();
        outcome(object, fused)
    };
    objects.into_iter().map(outcome).collect()
}

/// The pixels of every cluster of the batch, in the order of objects and clusters.
fn fuse_masks(objects: &[ObjectInstances<'_>], params: Params) -> Vec<Mask> {
    let ids = objects.iter().flat_map(|object| object.answers.iter().map(|(worker_id, _)| *worker_id));
    let index = WorkerIndex::new(ids);
    let masked = objects.iter().flat_map(|object| {
        object.clusters.iter().filter_map(|members| {
            let maps: Vec<LabelMap> = members.iter().map(|mark| LabelMap::from(&mark.mask)).collect();
            let workers = members.iter().map(|mark| index.of(object.answers[mark.worker_idx].0)).collect();
            // The masks of an object have one size, and a cluster has a member.
            let overlay = Overlay::new(&maps.iter().collect::<Vec<_>>()).ok()?;
            Some(MaskedObject { overlay, workers })
        })
    });
    let masked: Vec<MaskedObject> = masked.collect();
    let fused = smoothed_mask_vote::fuse(&masked, index.len(), &params.smoothing);
    fused.maps.iter().map(|fused| fused.map.mask_of(1)).collect()
}

fn fuse(members: &[Mark], mask: Mask, object: &ObjectInstances<'_>, categories: &[LabelCategory]) -> FusedInstance {
    let n_workers = object.answers.len();
    let tally = Tally::count(members.iter().filter_map(|mark| mark.label.as_ref()), categories, n_workers);
    let n_supporters = tally.winner().map_or(members.len(), |(_, votes)| votes);
    FusedInstance { mask, tally, n_members: members.len(), confidence: Confidence::share(n_supporters, n_workers) }
}

/// The instances come out by falling confidence, then in the order of their first pixels.
fn outcome(object: ObjectInstances<'_>, mut fused: Vec<FusedInstance>) -> Consensus<InstancesLabel> {
    let n_workers = object.answers.len();
    fused.sort_by(|a, b| {
        let first = |instance: &FusedInstance| instance.mask.spans().first().map(|span| span.start);
        b.confidence.value().total_cmp(&a.confidence.value()).then(first(a).cmp(&first(b)))
    });
    let size = object.answers.first().map(|(_, drawn)| drawn.map.size());
    let map = size.map(|size| LabelMap::painted(size, fused.iter().map(|instance| &instance.mask)));
    let masks = map.as_ref().map(LabelMap::masks).unwrap_or_default();
    let colors: Vec<Color> = std::iter::once(Color::WHITE).chain((0..fused.len()).map(Color::numbered)).collect();
    let instances: Vec<InstanceLabel> = fused
        .into_iter()
        .zip(masks.iter().zip(&colors).skip(1))
        .filter_map(|(instance, (mask, color))| instance_label(instance, mask, *color))
        .collect();
    let unresolved = object.unresolved;
    let n_empty = object.answers.iter().filter(|(_, drawn)| is_blank(&drawn.map)).count();
    let confidence = Confidence::mean(instances.iter().map(|instance| instance.confidence))
        .or_else(|| Some(Confidence::share(n_empty, n_workers)))
        .filter(|_| unresolved.is_none());
    let labeled_image = map.filter(|_| unresolved.is_none()).map(|map| LabeledImage(ColorMap { map, colors }));
    let image_size = size.map(SizeLabel::from);
    let label = InstancesLabel { confidence, workers: n_workers, image_size, instances, labeled_image };
    Consensus { label, n_workers, confidence, unresolved, rejected: object.rejected }
}

fn is_blank(map: &LabelMap) -> bool {
    map.runs().iter().all(|run| run.class == LabelMap::BACKGROUND)
}

/// `None` for an instance whose pixels all went to others.
fn instance_label(instance: FusedInstance, mask: &Mask, color: Color) -> Option<InstanceLabel> {
    let bounds = mask.bounds()?;
    Some(InstanceLabel {
        label: instance.tally.winner().map(|(label, _)| label.clone()),
        color,
        left: bounds.left,
        top: bounds.top,
        width: bounds.width,
        height: bounds.height,
        pixels: mask.area(),
        mask: mask.clone(),
        confidence: instance.confidence,
        n_workers: instance.n_members,
        votes: if instance.tally.votes.len() > 1 { instance.tally.votes } else { Vec::new() },
    })
}

/// Steps 1 and 2.
fn read_object<'a, V: Copy, E: std::fmt::Display>(
    batch: &FieldBatch<'_, V>,
    object: &FieldObject<'a, V>,
    parse: impl Fn(V) -> Result<Option<DrawnInstances>, E>,
    params: Params,
) -> ObjectInstances<'a> {
    let (answers, mut rejected) = object.parse(parse);
    let (answers, misfits) = of_one_size(answers, |drawn| drawn.map.size());
    rejected.extend(misfits);
    for (worker_id, drawn) in &answers {
        rejected.extend(drawn.faults.iter().map(|fault| rejection(worker_id, fault)));
    }
    let unresolved = batch.shortfall(object, answers.len());
    let clusters = if unresolved.is_none() { clusters(&answers, params) } else { Vec::new() };
    ObjectInstances { answers, clusters, rejected, unresolved }
}

fn clusters(answers: &[(&WorkerId, DrawnInstances)], params: Params) -> Vec<Vec<Mark>> {
    let mut marks: Vec<Mark> = answers.iter().enumerate().flat_map(|(idx, (_, drawn))| marks(idx, drawn)).collect();
    marks.sort_by(|a, b| {
        let spans = |mark: &Mark| mark.mask.spans().iter().map(|span| (span.start, span.end)).collect::<Vec<_>>();
        let first = |mark: &Mark| mark.mask.spans().first().map(|span| span.start);
        let by_pixels = first(a).cmp(&first(b)).then_with(|| spans(a).cmp(&spans(b)));
        by_pixels.then_with(|| a.label.cmp(&b.label)).then(a.worker_idx.cmp(&b.worker_idx))
    });
    let overlaps = overlaps(answers, &marks);
    let iou = |a: usize, b: usize| overlaps.get(&(a.min(b), a.max(b))).copied().unwrap_or(0.0);
    let pairs = overlaps
        .iter()
        .filter(|(_, similarity)| **similarity >= params.iou_threshold)
        .map(|((a, b), similarity)| Pair { a: *a, b: *b, similarity: *similarity });
    let worker_of: Vec<usize> = marks.iter().map(|mark| mark.worker_idx).collect();
    let clusters = mark_clusters::cluster(&worker_of, pairs.collect(), iou, params.iou_threshold, params.search);
    let needed = params.keep.needed(answers.len());
    let mut marks: Vec<Option<Mark>> = marks.into_iter().map(Some).collect();
    let kept = clusters.into_iter().filter(|members| members.len() >= needed);
    kept.map(|members| members.into_iter().filter_map(|mark| marks[mark].take()).collect()).collect()
}

fn marks(worker_idx: usize, drawn: &DrawnInstances) -> Vec<Mark> {
    let with_pixels = drawn.map.masks().into_iter().enumerate().skip(1).filter(|(_, mask)| !mask.spans().is_empty());
    with_pixels.map(|(place, mask)| Mark { worker_idx, place, label: drawn.labels[place - 1].clone(), mask }).collect()
}

/// The intersection over union of every two marks of different workers that share a pixel, by their indices, the smaller
/// first. Two maps laid over each other tell the overlaps of all their instances at once.
fn overlaps(answers: &[(&WorkerId, DrawnInstances)], marks: &[Mark]) -> BTreeMap<(usize, usize), f64> {
    let mark_of: BTreeMap<(usize, usize), usize> =
        marks.iter().enumerate().map(|(idx, mark)| ((mark.worker_idx, mark.place), idx)).collect();
    let areas: Vec<u32> = marks.iter().map(|mark| mark.mask.area()).collect();
    let mut overlaps = BTreeMap::new();
    for (first, (_, a)) in answers.iter().enumerate() {
        for (second, (_, b)) in answers.iter().enumerate().skip(first + 1) {
            let Ok(overlay) = Overlay::new(&[&a.map, &b.map]) else {
                continue;
            };
            for pattern in overlay.patterns() {
                let mark = |worker_idx, vote: u16| mark_of.get(&(worker_idx, usize::from(vote)));
                if let (Some(a), Some(b)) = (mark(first, pattern.votes[0]), mark(second, pattern.votes[1])) {
                    let union = areas[*a] + areas[*b] - pattern.n_pixels;
                    overlaps.insert((*a.min(b), *a.max(b)), f64::from(pattern.n_pixels) / f64::from(union));
                }
            }
        }
    }
    overlaps
}

/// One worker's instances. Empty text is a field left blank.
fn parse(value: &Value) -> Result<Option<DrawnInstances>, MaskError> {
    let value = structured(value);
    if super::is_blank(&value) {
        return Ok(None);
    }
    let text = png_of(&value).ok_or(MaskError::NoImage)?;
    let instances = value.get("instances").and_then(Value::as_array).ok_or(MaskError::NoInstances)?;
    if instances.len() > MOST_LABELS {
        return Err(MaskError::TooManyLabels { n: instances.len() });
    }
    let label = |instance: &Value| {
        let label = instance.get("label").and_then(scalar_text).filter(|label| !label.is_empty());
        label.map(LabelCategory::new)
    };
    let named = instances.iter().map(|instance| (label(instance), color_of(instance)));
    let (map, labels, faults) = read_colors(mask_png::read(text)?, named)?;
    Ok(Some(DrawnInstances { map, labels: labels.into_iter().map(|(label, _)| label).collect(), faults }))
}

fn is_instance_mask(value: &Value) -> bool {
    png_of(value).is_some() && value.get("instances").is_some_and(Value::is_array)
}

/// A careful worker's hand shakes by a pixel; a careless one also cuts corners, misses instances and mistakes labels.
fn simulate(truth: &Value, careful: bool, categories: &[LabelCategory], dice: &mut Dice) -> Value {
    let mut answer = redraw(truth, careful, dice);
    if let Some(instances) = answer.get_mut("instances").and_then(Value::as_array_mut).filter(|_| !careful) {
        instances.retain(|_| !dice.chance(0.3));
        for instance in instances {
            let is_mistaken = dice.chance(0.4);
            if let Some(other) = dice.pick(categories).filter(|_| is_mistaken) {
                instance["label"] = json!(other);
            }
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::super::tests::{label_of, mistakes};
    use super::*;
    use crate::geometry::mask::ImageSize;

    /// A worker's answer: rows of pixels separated by `/`, one digit each, 0 for the background; `labels[n]` is the label
    /// of digit `n + 1`.
    fn drawn(rows: &str, labels: &str) -> Value {
        let width = rows.split('/').next().expect("a row").len();
        let size = ImageSize::new(width as u32, rows.split('/').count() as u32).expect("a size");
        let class = |pixel: char| (pixel.to_digit(10).expect("a digit") as u16, 1);
        let map = LabelMap::from_runs(size, rows.chars().filter(|pixel| *pixel != '/').map(class)).expect("a map");
        let labels: Vec<&str> = labels.split_whitespace().collect();
        let color = |n: usize| Color::numbered(n + 7);
        let colors: Vec<Color> = std::iter::once(Color::WHITE).chain((0..labels.len()).map(color)).collect();
        let instances: Vec<Value> =
            labels.iter().enumerate().map(|(n, label)| json!({"label": label, "color": color(n)})).collect();
        json!({ "instances": instances, "labeledImage": { "pngImageData": mask_png::write(&map, &colors) } })
    }

    /// The instances as `label:left,top,width,height=pixels confidence/workers`.
    fn check(parameters: Value, answers: &[Value], expected: &str) {
        let outcome = label_of(&KIND, parameters, json!(answers));
        let text = |one: &Value| {
            let number = |name: &str| one[name].to_string();
            let place = ["left", "top", "width", "height"].map(number).join(",");
            let label = one["label"].as_str().unwrap_or("?");
            format!("{label}:{place}={} {}/{}", one["pixels"], one["confidence"], one["workers"])
        };
        let annotations = outcome.members["annotations"].as_array().expect("a list").iter().map(text);
        let confidence = outcome.confidence.map(|confidence| format!("= {}", confidence.rounded()));
        assert_eq!(annotations.chain(confidence).collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn instances_are_matched_whatever_their_colors() {
        check(
            json!({"radius": 0}),
            &[drawn("1102/1102", "ant bee"), drawn("2201/2201", "bee ant"), drawn("1100/1000", "ant")],
            "ant:0,0,2,2=4 1.0/3 bee:3,0,1,2=2 0.67/2 = 0.83",
        );
    }

    #[test]
    fn touching_instances_stay_apart() {
        let answer = drawn("1122/1122", "ant ant");
        check(json!({}), &[answer.clone(), answer], "ant:0,0,2,2=4 1.0/2 ant:2,0,2,2=4 1.0/2 = 1");
    }

    #[test]
    fn the_quorum_counts_all_who_answered() {
        let (some, none) = (drawn("11", "ant"), drawn("00", ""));
        check(json!({}), &[some.clone(), none.clone(), none.clone()], "= 0.67");
        check(json!({"keep": {"workers": 1}}), &[some, none.clone(), none.clone()], "ant:0,0,2,1=2 0.33/1 = 0.33");
        check(json!({"quorum": {"workers": 2}}), &[none], "");
    }

    #[test]
    fn a_pixel_belongs_to_one_instance() {
        let (ant, bee) = (drawn("11100", "ant"), drawn("00111", "bee"));
        check(json!({}), &[ant.clone(), ant, bee.clone(), bee], "ant:0,0,3,1=3 0.5/2 bee:3,0,2,1=2 0.5/2 = 0.5");
    }

    #[test]
    fn what_is_no_mask_is_set_aside() {
        let good = drawn("01", "ant");
        let values = json!([
            good,
            {"labeledImage": good["labeledImage"]},
            {"instances": []},
            {"instances": [{"label": "ant"}], "labeledImage": good["labeledImage"]},
            "",
        ]);
        let outcome = label_of(&KIND, json!({}), values);
        let reasons: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "the value has no list of `instances`",
                "the value has no `labeledImage` with `pngImageData`",
                "label or instance 0 has no color such as #1f77b4",
                "1 pixels have colors that no label has: they count as background",
            ]
        );
        assert_eq!(outcome.n_workers, 2);
    }

    #[test]
    fn parameters_are_checked() {
        assert_eq!(
            mistakes(&KIND, json!({"iouThreshold": 2, "radius": "x"})),
            "fields.field.iouThreshold: must be a number from 0.05 to 1; \
             fields.field.radius: must be a whole number from 0 to 10"
        );
    }
}
