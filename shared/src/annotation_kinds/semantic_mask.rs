//! The class of every pixel of an image: `crowd-semantic-segmentation`.
//!
//! A worker sends a PNG and the color of each label in it. Labels are matched by name: the same one can have another color
//! in every answer. Pixels whose color no label has are background; how many there were is told as a rejected part of the
//! answer, unless they are white, black or transparent. Masks of another size than most are set aside.
//!
//! Methods:
//! - `smoothed-vote` (default): [`smoothed_mask_vote`], which weighs workers by how often they are right where workers
//!   disagree, over the whole batch, and looks at the pixels around (`radius`, default 1: 3 by 3 pixels).
//! - `pixel-vote`: [`mask_vote`], every pixel for itself, every worker alike.
//! - `staple`: [`staple`], banded and with a prior, every image for itself.
//!
//! The confidence of a class is the expected intersection over union of its pixels with the true ones, in words: how
//! probable it is that a pixel which belongs to the class here or in truth does so in both. A lone worker of whom nothing
//! is known has 0.8, two who agree 0.96, three 0.99; with `smoothed-vote` what workers agree on in the batch moves that.
//! The confidence of the label is the mean over its classes, without the background; of an image without any it is that
//! of the background.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::masks::{
    LabeledImage, LabelsError, MAX_LABELS, MaskError, SizeLabel, check_labels, color_of, of_one_size, png_of,
    read_colors, read_radius, redraw, rejection, shared_pixels,
};
use super::worker_index::WorkerIndex;
use super::{AnnotationKind, Consolidator, Particulars, ReadValues, named, written};
use crate::batch::{FieldBatch, FieldObject, RejectedAnswer, Unresolved};
use crate::consolidation::mask_overlay::Overlay;
use crate::consolidation::mask_vote::{self, FusedMap};
use crate::consolidation::smoothed_mask_vote::{self, MaskedObject};
use crate::consolidation::staple;
use crate::dice::Dice;
use crate::document::Reader;
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::geometry::mask::LabelMap;
use crate::label_content::{BuiltInTask, Decided, LabelContent, Mark, MarkGeometry};
use crate::mask_png::{self, Color, ColorMap};
use crate::parallel;
use crate::typed::{Answers, Consensus};
use crate::vocabulary::{Confidence, DatasetObjectId, LabelCategory, WorkerId};

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "semantic-mask",
    summary: "the class of every pixel: crowd-semantic-segmentation",
    methods: Method::NAMES,
    lone_method: Some(Method::PixelVote.name()),
    claims: |values, _| values.iter().filter(|value| is_semantic_mask(value.structured().view())).count(),
    configure,
    read_values: |values, _| ReadValues::others(values, parse, distance),
    label: LabelContent::Marks(MarkGeometry::Mask),
    as_answer,
    simulate,
    examples: &[
        r##"{"labelMappings": {"otter": {"color": "#1f77b4"}, "heron": {"color": "#ff7f0e"}},
            "labeledImage": {"pngImageData": "iVBORw0KGgoAAAANSUhEUgAAAAwAAAAJAgMAAAB71iXHAAAACVBMVEX/////fw4fd7S6wH5VAAAAJElEQVR42mNgYGBg0GpgYGJQYGBiYAhhYnjIwMDFGMLyjQEOAD5qA19BL1KrAAAAAElFTkSuQmCC"},
            "inputImageProperties": {"width": 12, "height": 9}}"##,
        r##"{"labelMappings": {}, "labeledImage": {"pngImageData": "iVBORw0KGgoAAAANSUhEUgAAAAwAAAAJAQMAAAA8dl8XAAAAA1BMVEX///+nxBvIAAAAC0lEQVR42mNgwAkAABsAAVmYPeoAAAAASUVORK5CYII="}}"##,
    ],
    particulars: Particulars { built_in: Some(BuiltInTask::SemanticSegmentation), ..Particulars::NONE },
};

/// How masks are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Method {
    /// The default: workers weigh by how often they are right, and pixels by their neighbors.
    SmoothedVote,
    /// Every pixel for itself, every worker alike.
    PixelVote,
    /// Every image for itself.
    Staple,
}

named!(
    Method, "method":
    SmoothedVote = "smoothed-vote",
    PixelVote = "pixel-vote",
    Staple = "staple",
);

/// How masks are consolidated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How they are brought together.
    pub method: Method,
    /// How far [`Method::SmoothedVote`] looks around a pixel.
    pub smoothing: smoothed_mask_vote::Params,
}

impl Params {
    /// What the plan takes where it says nothing.
    pub const STANDARD: Self = Self { method: Method::SmoothedVote, smoothing: smoothed_mask_vote::Params::STANDARD };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    let params = Params {
        method: reader.choice("method", Method::BY_NAME).unwrap_or(Params::STANDARD.method),
        smoothing: read_radius(reader),
    };
    Box::new(move |batch| written(params.method.name(), decide(batch, parse, &params)))
}

/// One worker's mask.
#[derive(Debug, Clone, PartialEq)]
pub struct SemanticMask {
    map: LabelMap,
    labels: Vec<LabelCategory>,
}

impl SemanticMask {
    /// The mask in which the pixels of class `n` have label `n - 1`; class 0 is the background.
    ///
    /// # Errors
    /// [`LabelsError`] when a class has no label, when two have the same one, or when there are more than 4,000.
    pub fn new(map: LabelMap, labels: Vec<LabelCategory>) -> Result<Self, LabelsError> {
        check_labels(&map, labels.len())?;
        let distinct: BTreeSet<&LabelCategory> = labels.iter().collect();
        if distinct.len() < labels.len() { Err(LabelsError::SameLabel) } else { Ok(Self { map, labels }) }
    }

    fn drawn(&self) -> DrawnLabels {
        let colors = (0..).map(Color::numbered);
        DrawnLabels {
            map: self.map.clone(),
            labels: self.labels.iter().cloned().zip(colors).collect(),
            faults: Vec::new(),
        }
    }
}

/// One worker's mask with what its file adds: class `n` is label `n - 1`.
#[derive(PartialEq)]
struct DrawnLabels {
    map: LabelMap,
    labels: Vec<(LabelCategory, Color)>,
    faults: Vec<MaskError>,
}

/// The masks of one object that can be compared.
struct ObjectMasks<'a> {
    id: &'a DatasetObjectId,
    answers: Vec<(&'a WorkerId, DrawnLabels)>,
    /// Every label that is named in an answer; class `n` of the consolidated mask is label `n - 1`.
    labels: Vec<LabelCategory>,
    rejected: Vec<RejectedAnswer>,
    unresolved: Option<Unresolved>,
}

/// The mask of an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SemanticMaskLabel {
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    workers: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_size: Option<SizeLabel>,
    /// Every class that has pixels.
    #[serde(rename = "annotations")]
    pub classes: Vec<ClassLabel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labeled_image: Option<LabeledImage>,
}

impl SemanticMaskLabel {
    /// The class of every pixel, as [`ClassLabel::class`] counts them; `None` where nothing was decided.
    pub fn map(&self) -> Option<&LabelMap> {
        self.labeled_image.as_ref().map(|image| &image.0.map)
    }
}

/// One class of a mask.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassLabel {
    /// The label of its pixels.
    pub label: LabelCategory,
    color: Color,
    /// Which class of the map it is.
    #[serde(skip)]
    pub class: u16,
    /// How many pixels it has.
    #[serde(rename = "pixels")]
    pub n_pixels: u64,
    /// The expected intersection over union of these pixels with the true ones.
    pub confidence: Confidence,
    /// How many workers drew it.
    #[serde(rename = "workers")]
    pub n_workers: usize,
}

/// Consolidates the mask that each worker drew of each object: one consensus per object, in their order. Masks of another
/// size than most of an object's are set aside.
///
/// The confidence of a consensus is the mean over its classes, or that of the background where there is no other.
///
/// ```
/// use ground_truth::{Answers, LabelCategory};
/// use ground_truth::annotation_kinds::semantic_mask::{self, Params, SemanticMask};
/// use ground_truth::geometry::mask::{ImageSize, LabelMap};
///
/// // A picture of four by two pixels; the workers do not agree how far the otter reaches.
/// let size = ImageSize::new(4, 2)?;
/// let otter = |n_pixels: u32| -> Result<SemanticMask, Box<dyn std::error::Error>> {
///     let map = LabelMap::from_runs(size, [(1, n_pixels), (0, 8 - n_pixels)])?;
///     Ok(SemanticMask::new(map, vec![LabelCategory::new("otter")])?)
/// };
/// let answers =
///     Answers::from_rows([("photo-1", "ana", otter(4)?), ("photo-1", "bo", otter(4)?), ("photo-1", "cy", otter(6)?)]);
///
/// let consensus = semantic_mask::consolidate(&answers, &Params::STANDARD);
/// let label = consensus[0].decided()?;
/// assert_eq!((label.classes[0].label.as_str(), label.classes[0].n_pixels), ("otter", 4));
/// assert_eq!(label.map().map(LabelMap::areas), Some(vec![4, 4]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias("STAPLE", "segmentation"))]
pub fn consolidate(answers: &Answers<SemanticMask>, params: &Params) -> Vec<Consensus<SemanticMaskLabel>> {
    let drawn = |mask: &SemanticMask| Ok::<_, LabelsError>(Some(mask.drawn()));
    decide(&answers.field(), drawn, params)
}

fn decide<V: Copy, E: std::fmt::Display>(
    batch: &FieldBatch<'_, V>,
    parse: impl Fn(V) -> Result<Option<DrawnLabels>, E>,
    params: &Params,
) -> Vec<Consensus<SemanticMaskLabel>> {
    let objects: Vec<ObjectMasks<'_>> = batch.objects.iter().map(|object| read_object(batch, object, &parse)).collect();
    let fused = fuse(&objects, params);
    objects.into_iter().zip(fused).map(|(object, fused)| outcome(object, fused)).collect()
}

/// One map for each object that has a label; `None` for the others.
fn fuse(objects: &[ObjectMasks<'_>], params: &Params) -> Vec<Option<FusedMap>> {
    let overlays: Vec<Option<Overlay>> = parallel::map(objects.iter().collect(), overlay);
    match params.method {
        Method::PixelVote => overlays.iter().map(|overlay| overlay.as_ref().map(mask_vote::vote)).collect(),
        Method::Staple => {
            let fused = |overlay: &Option<Overlay>| {
                overlay.as_ref().map(|overlay| staple::fit(overlay, &staple::Params::STANDARD).fused)
            };
            parallel::map(overlays.iter().collect(), fused)
        }
        Method::SmoothedVote => {
            let ids = objects.iter().flat_map(|object| object.answers.iter().map(|(worker_id, _)| *worker_id));
            let index = WorkerIndex::new(ids);
            let has_overlay: Vec<bool> = overlays.iter().map(Option::is_some).collect();
            let masked: Vec<MaskedObject> = overlays
                .into_iter()
                .zip(objects)
                .filter_map(|(overlay, object)| {
                    let workers = object.answers.iter().map(|(worker_id, _)| index.index_of(worker_id)).collect();
                    overlay.map(|overlay| MaskedObject { overlay, workers })
                })
                .collect();
            let mut maps = smoothed_mask_vote::fit(&masked, index.len(), &params.smoothing).maps.into_iter();
            has_overlay.into_iter().map(|has_overlay| if has_overlay { maps.next() } else { None }).collect()
        }
    }
}

fn overlay(object: &ObjectMasks<'_>) -> Option<Overlay> {
    let class_of: BTreeMap<&LabelCategory, u16> = object.labels.iter().zip(1..=u16::MAX).collect();
    let map = |drawn: &DrawnLabels| {
        let of_label = |(label, _): &(LabelCategory, Color)| class_of.get(label).copied().unwrap_or_default();
        let classes: Vec<u16> = drawn.labels.iter().map(of_label).collect();
        drawn.map.recoded(|class| usize::from(class).checked_sub(1).map_or(LabelMap::BACKGROUND, |idx| classes[idx]))
    };
    let maps: Vec<LabelMap> = object.answers.iter().map(|(_, drawn)| map(drawn)).collect();
    Overlay::new(&maps.iter().collect::<Vec<_>>()).ok().filter(|_| object.unresolved.is_none())
}

fn outcome(object: ObjectMasks<'_>, fused: Option<FusedMap>) -> Consensus<SemanticMaskLabel> {
    let n_workers = object.answers.len();
    let colors = label_colors(&object);
    let classes: Vec<ClassLabel> = object
        .labels
        .iter()
        .enumerate()
        .filter_map(|(idx, label)| {
            let fused = fused.as_ref()?;
            let (n_pixels, confidence) = (*fused.n_pixels.get(idx + 1)?, (*fused.confidences.get(idx + 1)?)?);
            let drew = |drawn: &DrawnLabels| {
                let own_class = drawn.labels.iter().position(|(own, _)| own == label).map(|idx| idx as u16 + 1);
                own_class.is_some_and(|class| drawn.map.runs().iter().any(|run| run.class == class))
            };
            let n_workers = object.answers.iter().filter(|(_, drawn)| drew(drawn)).count();
            let (color, class) = (colors[idx + 1], idx as u16 + 1);
            Some(ClassLabel { label: label.clone(), color, class, n_pixels, confidence, n_workers })
        })
        .collect();
    let of_background = fused.as_ref().and_then(|fused| fused.confidences[usize::from(LabelMap::BACKGROUND)]);
    let confidence = Confidence::mean(classes.iter().map(|class| class.confidence)).or(of_background);
    let label = SemanticMaskLabel {
        confidence,
        workers: n_workers,
        image_size: object.answers.first().map(|(_, drawn)| drawn.map.size().into()),
        classes,
        labeled_image: fused.map(|fused| LabeledImage(ColorMap { map: fused.map, colors })),
    };
    Consensus {
        object_id: object.id.clone(),
        label,
        n_workers,
        confidence,
        unresolved: object.unresolved,
        rejected: object.rejected,
    }
}

/// White for the background, and for each label the color that most workers gave it, between equals the smallest. A label
/// whose color is taken gets one of ours.
fn label_colors(object: &ObjectMasks<'_>) -> Vec<Color> {
    let mut colors = vec![Color::WHITE];
    let mut own = (0..).map(Color::numbered);
    for label in &object.labels {
        let named = object.answers.iter().flat_map(|(_, drawn)| &drawn.labels).filter(|(name, _)| name == label);
        let mut counts: BTreeMap<Color, usize> = BTreeMap::new();
        for (_, color) in named {
            *counts.entry(*color).or_default() += 1;
        }
        let favorite = counts.into_iter().rev().max_by_key(|(_, n)| *n).map(|(color, _)| color);
        let is_free = |color: &Color| !colors.contains(color);
        let color = favorite.filter(is_free).or_else(|| own.find(is_free)).unwrap_or(Color::WHITE);
        colors.push(color);
    }
    colors
}

fn read_object<'a, V: Copy, E: std::fmt::Display>(
    batch: &FieldBatch<'_, V>,
    object: &FieldObject<'a, V>,
    parse: impl Fn(V) -> Result<Option<DrawnLabels>, E>,
) -> ObjectMasks<'a> {
    let (answers, mut rejected) = object.parse(parse);
    let (answers, misfits) = of_one_size(answers, |drawn| drawn.map.size());
    rejected.extend(misfits);
    for (worker_id, drawn) in &answers {
        rejected.extend(drawn.faults.iter().map(|fault| rejection(worker_id, fault)));
    }
    let order: BTreeMap<&LabelCategory, usize> = batch.categories.iter().zip(0..).collect();
    let mut labels: Vec<LabelCategory> =
        answers.iter().flat_map(|(_, drawn)| drawn.labels.iter().map(|(label, _)| label.clone())).collect();
    labels.sort_by(|a, b| {
        let order = |label| order.get(label).copied().unwrap_or(usize::MAX);
        order(a).cmp(&order(b)).then_with(|| a.cmp(b))
    });
    labels.dedup();
    let unresolved = batch.shortfall(object, answers.len());
    ObjectMasks { id: object.id, answers, labels, rejected, unresolved }
}

/// One worker's mask. Empty text is a field left blank.
fn parse(value: FieldValue<'_>) -> Result<Option<DrawnLabels>, MaskError> {
    let decoded = value.structured();
    let value = decoded.view();
    if value.is_blank() {
        return Ok(None);
    }
    let text = png_of(value).ok_or(MaskError::NoImage)?;
    let mappings = value.member("labelMappings").and_then(FieldValue::members).ok_or(MaskError::NoLabels)?;
    let n_labels = mappings.clone().count();
    if n_labels > MAX_LABELS {
        return Err(MaskError::TooManyLabels { n: n_labels });
    }
    let named = mappings.map(|(name, mapping)| (LabelCategory::new(name), color_of(mapping)));
    let (map, labels, faults) = read_colors(mask_png::read(&text)?, named)?;
    Ok(Some(DrawnLabels { map, labels, faults }))
}

/// One minus the mean intersection over union of the classes that have pixels in either mask, the background aside.
fn distance(a: &DrawnLabels, b: &DrawnLabels) -> f64 {
    let Some(shared) = shared_pixels(&a.map, &b.map) else { return 1.0 };
    // Of each label its pixels in either mask, and in both.
    let mut pixels: BTreeMap<&LabelCategory, (u32, u32)> = BTreeMap::new();
    for drawn in [a, b] {
        for (area, (label, _)) in drawn.map.areas().into_iter().skip(1).zip(&drawn.labels) {
            pixels.entry(label).or_default().0 += area;
        }
    }
    for ((class_a, class_b), n_pixels) in shared {
        let (label_a, label_b) = (&a.labels[class_a - 1].0, &b.labels[class_b - 1].0);
        if label_a == label_b {
            let (either, both) = pixels.entry(label_a).or_default();
            *either -= n_pixels;
            *both += n_pixels;
        }
    }
    pixels.retain(|_, (either, _)| *either > 0);
    let ious = pixels.values().map(|(either, both)| f64::from(*both) / f64::from(*either));
    if pixels.is_empty() { 0.0 } else { 1.0 - ious.sum::<f64>() / pixels.len() as f64 }
}

/// As `crowd-semantic-segmentation` sends it.
fn as_answer(decided: &Decided<'_>) -> Option<FieldValueBuf> {
    let Decided::Marks(classes) = decided else { return None };
    let color =
        |class: Mark<'_>| Some((class.category()?.to_owned(), FieldValueBuf::object([("color", class.color()?)])));
    let mappings: Vec<(String, FieldValueBuf)> = classes.iter().map(color).collect::<Option<_>>()?;
    Some(FieldValueBuf::object([
        ("labelMappings", FieldValueBuf::object(mappings)),
        ("labeledImage", classes.labeled_image()?),
    ]))
}

fn is_semantic_mask(value: FieldValue<'_>) -> bool {
    png_of(value).is_some() && value.member("labelMappings").is_some_and(|mappings| mappings.members().is_some())
}

/// A careful worker's hand shakes by a pixel; a careless one cuts corners, and mistakes labels.
fn simulate(truth: FieldValue<'_>, careful: bool, categories: &[LabelCategory], dice: &mut Dice) -> FieldValueBuf {
    let answer = redraw(truth, careful, dice);
    let Some(mappings) = truth.member("labelMappings").and_then(FieldValue::members).filter(|_| !careful) else {
        return answer;
    };
    let mut renamed: Vec<(String, FieldValue<'_>)> = Vec::new();
    for (name, color) in mappings {
        let is_taken = |other: &str| renamed.iter().any(|(taken, _)| taken == other);
        let is_free = |other: &&LabelCategory| other.as_str() != name && !is_taken(other.as_str());
        let others: Vec<&LabelCategory> = categories.iter().filter(is_free).collect();
        let is_mistaken = dice.chance(0.2);
        let other = dice.pick(&others).filter(|_| is_mistaken).map(|other| other.as_str().to_owned());
        let sent = other.unwrap_or_else(|| name.into_owned());
        if !is_taken(&sent) {
            renamed.push((sent, color));
        }
    }
    answer.with_member("labelMappings", FieldValueBuf::object(renamed))
}

#[cfg(test)]
mod tests;
