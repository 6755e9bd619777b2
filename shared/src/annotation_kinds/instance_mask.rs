//! The pixels of each single thing in an image: `crowd-instance-segmentation`.
//!
//! A worker sends a PNG and, for each color in it, the label of the thing that has it. Colors and their order mean nothing
//! from one worker to the next. Sizes, unnamed colors and faulty answers as in [`super::semantic_mask`].
//!
//! 1. Instances of different workers are matched by intersection over union of their pixels, whatever their label, no
//!    worker twice in a cluster ([`mark_clusters`](crate::consolidation::mark_clusters); `iouThreshold`, default 0.4;
//!    `matching`, as for marks).
//! 2. Which clusters are real and what their label is, is decided as for all [marks](super::marks): with `weighted-clusters` (default)
//!    by what the whole batch says of each worker, with `iou-clusters` by counting (a worker who drew nothing answered).
//! 3. The pixels of a kept cluster are voted among its members by [`smoothed_mask_vote`], over all clusters of the batch
//!    (`radius`, default 1). Where two instances claim a pixel, the more confident one has it.
//!
//! Confidences, too, are those of marks: the estimated probability that the instance is real and has that label, or with
//! `iou-clusters` the share of supporters. How well the pixels fit is not part of them.

mod decision;
mod matching;

use serde::Serialize;

use self::decision::decide;
use super::classification::as_map;
pub use super::marks::{KeepRules, Method};
use super::marks::{MIN_THRESHOLD, category_of, read_search};
use super::masks::{
    LabeledImage, LabelsError, MAX_LABELS, MaskError, SizeLabel, check_labels, color_of, png_of, read_colors,
    read_radius, redraw, shared_pixels,
};
use super::read_values::of_marks;
use super::{AnnotationKind, Consolidator, Particulars, ReadValues, written};
use crate::consolidation::mark_clusters::Search;
use crate::consolidation::smoothed_mask_vote;
use crate::dice::Dice;
use crate::document::Reader;
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::geometry::mask::{LabelMap, Mask};
use crate::label_content::{Decided, LabelContent, Mark, MarkGeometry};
use crate::mask_png::{self, Color};
use crate::typed::{Answers, Consensus};
use crate::vocabulary::{Confidence, LabelCategory};

const IOU_CLUSTERS: &str = "iou-clusters";

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "instance-mask",
    summary: "the pixels of each single thing: crowd-instance-segmentation",
    methods: &[Method::Weighted.name(), IOU_CLUSTERS],
    lone_method: Some(IOU_CLUSTERS),
    claims: |values, _| values.iter().filter(|value| is_instance_mask(value.structured().view())).count(),
    configure,
    read_values: |values, _| ReadValues::others(values, parse, distance),
    label: LabelContent::Marks(MarkGeometry::Mask),
    as_answer,
    simulate,
    examples: &[
        r##"{"instances": [{"color": "#1f77b4", "label": "otter"}, {"color": "#ff7f0e", "label": "otter"}],
            "labeledImage": {"pngImageData": "iVBORw0KGgoAAAANSUhEUgAAAAwAAAAJAgMAAAB71iXHAAAACVBMVEX/////fw4fd7S6wH5VAAAAJElEQVR42mNgYGBg0GpgYGJQYGBiYAhhYnjIwMDFGMLyjQEOAD5qA19BL1KrAAAAAElFTkSuQmCC"},
            "inputImageProperties": {"width": 12, "height": 9}}"##,
        r##"{"instances": [],
            "labeledImage": {"pngImageData": "iVBORw0KGgoAAAANSUhEUgAAAAwAAAAJAQMAAAA8dl8XAAAAA1BMVEX///+nxBvIAAAAC0lEQVR42mNgwAkAABsAAVmYPeoAAAAASUVORK5CYII="}}"##,
    ],
    particulars: Particulars::NONE,
};

/// How instances are consolidated.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// Whether workers weigh what the whole batch says of them (`weighted-clusters`) or all the same (`iou-clusters`).
    pub method: Method,
    /// The least intersection over union of two instances that are the same, from 0.05 to 1; beyond, the nearer bound counts.
    pub iou_threshold: f64,
    /// How the instances that are the same are looked for.
    pub search: Search,
    /// Which instances are kept.
    pub keep: KeepRules,
    /// How the pixels of an instance are voted.
    pub smoothing: smoothed_mask_vote::Params,
}

impl Params {
    /// What the plan takes where it says nothing: the method `weighted-clusters`.
    pub const STANDARD: Self = Self::with_method(Method::Weighted);

    /// The method that looks at each object alone, with the plan's parameters for it.
    pub const PLAIN: Self = Self::with_method(Method::Plain);

    const fn with_method(method: Method) -> Self {
        let smoothing = smoothed_mask_vote::Params::STANDARD;
        Self { method, iou_threshold: 0.4, search: Search::Greedy, keep: KeepRules::standard(method), smoothing }
    }
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    let methods = [(Method::Weighted.name(), Method::Weighted), (IOU_CLUSTERS, Method::Plain)];
    let method = reader.choice("method", &methods).unwrap_or(Method::Weighted);
    let params = Params {
        method,
        iou_threshold: reader.number("iouThreshold", MIN_THRESHOLD..=1.0).unwrap_or(Params::STANDARD.iou_threshold),
        search: read_search(reader),
        keep: KeepRules::read(reader, method),
        smoothing: read_radius(reader),
    };
    let name = if method == Method::Weighted { method.name() } else { IOU_CLUSTERS };
    Box::new(move |batch| written(name, decide(batch, parse, &params)))
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
#[derive(PartialEq)]
struct DrawnInstances {
    map: LabelMap,
    labels: Vec<Option<LabelCategory>>,
    faults: Vec<MaskError>,
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
    /// The estimated probability that it is real and has this label; by `iou-clusters` the share of the workers who drew it
    /// with this label.
    pub confidence: Confidence,
    /// How many workers drew it, with this label or another.
    #[serde(rename = "workers")]
    pub n_workers: usize,
    /// The labels that they give, most first; empty when all give one.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_map")]
    pub votes: Vec<(LabelCategory, usize)>,
}

/// Consolidates the instances that each worker drew in each object: one consensus per object, in their order. Masks of another
/// size than most of an object's are set aside.
///
/// The confidence of a consensus is the mean over its instances; without any, the probability that there is none (by
/// `iou-clusters` the share of workers who drew none).
///
/// ```
/// use ground_truth::{Answers, LabelCategory};
/// use ground_truth::annotation_kinds::instance_mask::{self, InstanceMasks, Params};
/// use ground_truth::geometry::mask::{ImageSize, LabelMap};
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
    decide(&answers.field(), drawn, params)
}

/// One worker's instances. Empty text is a field left blank.
fn parse(value: FieldValue<'_>) -> Result<Option<DrawnInstances>, MaskError> {
    let decoded = value.structured();
    let value = decoded.view();
    if value.is_blank() {
        return Ok(None);
    }
    let text = png_of(value).ok_or(MaskError::NoImage)?;
    let instances = value.member("instances").and_then(FieldValue::elements).ok_or(MaskError::NoInstances)?;
    let n_instances = instances.clone().count();
    if n_instances > MAX_LABELS {
        return Err(MaskError::TooManyLabels { n: n_instances });
    }
    let named = instances.map(|instance| (category_of(instance), color_of(instance)));
    let (map, labels, faults) = read_colors(mask_png::read(&text)?, named)?;
    Ok(Some(DrawnInstances { map, labels: labels.into_iter().map(|(label, _)| label).collect(), faults }))
}

/// How far two sets of instances are apart, by the overlap of each with its best match of the same label.
fn distance(a: &DrawnInstances, b: &DrawnInstances) -> f64 {
    let Some(shared) = shared_pixels(&a.map, &b.map) else { return 1.0 };
    let iou = |a: &Drawn, b: &Drawn| {
        let both = shared.get(&(a.class, b.class)).copied().unwrap_or_default();
        f64::from(both) / f64::from(a.n_pixels + b.n_pixels - both)
    };
    of_marks(&drawn_instances(a), &drawn_instances(b), |drawn| drawn.label.as_ref(), iou)
}

/// An instance that has pixels.
struct Drawn {
    class: usize,
    label: Option<LabelCategory>,
    n_pixels: u32,
}

fn drawn_instances(answer: &DrawnInstances) -> Vec<Drawn> {
    let areas = answer.map.areas().into_iter().enumerate().skip(1).zip(&answer.labels);
    let with_pixels = areas.filter(|((_, n_pixels), _)| *n_pixels > 0);
    with_pixels.map(|((class, n_pixels), label)| Drawn { class, label: label.clone(), n_pixels }).collect()
}

/// As `crowd-instance-segmentation` sends it.
fn as_answer(decided: &Decided<'_>) -> Option<FieldValueBuf> {
    let Decided::Marks(marks) = decided else { return None };
    let instance =
        |one: Mark<'_>| Some(FieldValueBuf::object([("label", one.category()), ("color", Some(one.color()?))]));
    let instances: Vec<FieldValueBuf> = marks.iter().map(instance).collect::<Option<_>>()?;
    Some(FieldValueBuf::object([
        ("instances", FieldValueBuf::list(instances)),
        ("labeledImage", marks.labeled_image()?),
    ]))
}

fn is_instance_mask(value: FieldValue<'_>) -> bool {
    png_of(value).is_some() && value.member("instances").is_some_and(|instances| instances.elements().is_some())
}

/// A careful worker's hand shakes by a pixel; a careless one also cuts corners, misses instances and mistakes labels.
fn simulate(truth: FieldValue<'_>, careful: bool, categories: &[LabelCategory], dice: &mut Dice) -> FieldValueBuf {
    let answer = redraw(truth, careful, dice);
    let Some(instances) = truth.member("instances").and_then(FieldValue::elements).filter(|_| !careful) else {
        return answer;
    };
    let seen: Vec<FieldValue<'_>> = instances.filter(|_| !dice.chance(0.3)).collect();
    let labeled = |instance: FieldValue<'_>| {
        let is_mistaken = dice.chance(0.4);
        match dice.pick(categories).filter(|_| is_mistaken) {
            Some(other) => instance.to_buf().with_member("label", other),
            None => instance.to_buf(),
        }
    };
    answer.with_member("instances", FieldValueBuf::list(seen.into_iter().map(labeled)))
}

#[cfg(test)]
mod planted_tests;
#[cfg(test)]
mod tests;
