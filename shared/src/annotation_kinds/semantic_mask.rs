//! The class of every pixel of an image: `crowd-semantic-segmentation`.
//!
//! A worker sends a PNG and the color of each label in it. Labels are matched by name: the same one can have another color
//! in every answer. Pixels whose color is no label's are background; how many there were is told as a rejected part of the
//! answer, unless they are white, black or transparent. Masks of another size than most are set aside.
//!
//! Methods:
//! - `smoothed-vote` (default): [`smoothed_mask_vote`], which weighs workers by how often they are right where workers
//!   disagree, over the whole batch, and looks at the pixels around (`radius`, default 1: 3 by 3 pixels).
//! - `pixel-vote`: [`mask_vote`], every pixel for itself, every worker alike.
//! - `staple`: [`mod@staple`], banded and with a prior, every image for itself.
//!
//! The confidence of a class is the expected intersection over union of its pixels with the true ones, in words: how
//! probable it is that a pixel which belongs to the class here or in truth does so in both. A lone worker of whom nothing
//! is known has 0.8, two who agree 0.96, three 0.99; with `smoothed-vote` what workers agree on in the batch moves that.
//! The confidence of the label is the mean over its classes, without the background; of an image without any it is that
//! of the background.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::{AnnotationKind, Consolidator, written};
use crate::answer::{scalar_text, structured};
use crate::batch::{FieldBatch, FieldObject, RejectedAnswer, Unresolved};
use crate::consolidation::mask_overlay::Overlay;
use crate::consolidation::mask_vote::{self, FusedMap};
use crate::consolidation::smoothed_mask_vote::{self, MaskedObject};
use crate::consolidation::staple;
use crate::dice::Dice;
use crate::document::Reader;
use crate::geometry::mask::{ImageSize, LabelMap};
use crate::mask_png::{self, Color, ColorMap, MaskPngError};
use crate::parallel;
use crate::typed::{Answers, Consensus};
use crate::vocabulary::{Confidence, LabelCategory, WorkerId};

const SMOOTHED_VOTE: &str = "smoothed-vote";
const PIXEL_VOTE: &str = "pixel-vote";
const STAPLE: &str = "staple";

/// The most labels or instances that one answer may name.
pub(super) const MOST_LABELS: usize = 4_000;

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "semantic-mask",
    summary: "the class of every pixel: crowd-semantic-segmentation",
    methods: &[SMOOTHED_VOTE, PIXEL_VOTE, STAPLE],
    claims: |values, _| values.iter().filter(|value| is_semantic_mask(&structured(value))).count(),
    configure,
    // Ground Truth's own label is the S3 URI of a PNG file, and consolidation writes no files.
    built_in_label: None,
    simulate,
    examples: &[
        r##"{"labelMappings": {"otter": {"color": "#1f77b4"}, "heron": {"color": "#ff7f0e"}},
            "labeledImage": {"pngImageData": "iVBORw0KGgoAAAANSUhEUgAAAAwAAAAJAgMAAAB71iXHAAAACVBMVEX/////fw4fd7S6wH5VAAAAJElEQVR42mNgYGBg0GpgYGJQYGBiYAhhYnjIwMDFGMLyjQEOAD5qA19BL1KrAAAAAElFTkSuQmCC"},
            "inputImageProperties": {"width": 12, "height": 9}}"##,
        r##"{"labelMappings": {}, "labeledImage": {"pngImageData": "iVBORw0KGgoAAAANSUhEUgAAAAwAAAAJAQMAAAA8dl8XAAAAA1BMVEX///+nxBvIAAAAC0lEQVR42mNgwAkAABsAAVmYPeoAAAAASUVORK5CYII="}}"##,
    ],
};

/// How masks are brought together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// The default: workers weigh by how often they are right, and pixels by their neighbors.
    SmoothedVote(smoothed_mask_vote::Params),
    /// Every pixel for itself, every worker alike.
    PixelVote,
    /// Every image for itself.
    Staple,
}

impl Method {
    /// The name in configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::SmoothedVote(_) => SMOOTHED_VOTE,
            Self::PixelVote => PIXEL_VOTE,
            Self::Staple => STAPLE,
        }
    }
}

/// How masks are consolidated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How they are brought together.
    pub method: Method,
}

impl Params {
    /// What the plan takes where it says nothing.
    pub const STANDARD: Self = Self { method: Method::SmoothedVote(smoothed_mask_vote::Params::STANDARD) };
}

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    let method = reader.choice("method", &[(SMOOTHED_VOTE, SMOOTHED_VOTE), (PIXEL_VOTE, PIXEL_VOTE), (STAPLE, STAPLE)]);
    let smoothing = read_radius(reader);
    let method = match method {
        Some(PIXEL_VOTE) => Method::PixelVote,
        Some(STAPLE) => Method::Staple,
        _ => Method::SmoothedVote(smoothing),
    };
    Box::new(move |batch| written(method.name(), decide(batch, parse, method)))
}

/// Reads the parameters of the smoothed vote.
pub(super) fn read_radius(reader: &mut Reader<'_>) -> smoothed_mask_vote::Params {
    let radius = reader.integer("radius", 0..=10);
    radius
        .and_then(|radius| smoothed_mask_vote::Params::with_radius(radius as u32).ok())
        .unwrap_or(smoothed_mask_vote::Params::STANDARD)
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

/// Why labels do not fit the classes of a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LabelsError {
    /// The mask has more classes.
    #[error("class {class} of the mask has no label: there are {n_labels}")]
    NoLabel {
        /// The largest class of the mask.
        class: u16,
        /// How many labels there are.
        n_labels: usize,
    },
    /// Two classes have one label.
    #[error("two classes have the same label: give them one class")]
    SameLabel,
    /// More than an answer may have.
    #[error("{n} labels or instances, more than {MOST_LABELS}")]
    TooMany {
        /// How many there are.
        n: usize,
    },
}

/// Whether every class of a mask has a label.
pub(super) fn check_labels(map: &LabelMap, n_labels: usize) -> Result<(), LabelsError> {
    if n_labels > MOST_LABELS {
        return Err(LabelsError::TooMany { n: n_labels });
    }
    match map.runs().iter().map(|run| run.class).max() {
        Some(class) if usize::from(class) > n_labels => Err(LabelsError::NoLabel { class, n_labels }),
        _ => Ok(()),
    }
}

/// One worker's mask with what its file adds: class `n` is label `n - 1`.
struct DrawnLabels {
    map: LabelMap,
    labels: Vec<(LabelCategory, Color)>,
    faults: Vec<MaskError>,
}

/// The masks of one object that can be compared.
struct ObjectMasks<'a> {
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

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct SizeLabel {
    width: u32,
    height: u32,
}

impl From<ImageSize> for SizeLabel {
    fn from(size: ImageSize) -> Self {
        Self { width: size.width(), height: size.height() }
    }
}

/// One class of a mask.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassLabel {
    /// Its label.
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

/// A map with a color for each class but 0, written as a PNG.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LabeledImage(pub(super) ColorMap);

impl Serialize for LabeledImage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ColorMap { map, colors } = &self.0;
        serializer.collect_map([("pngImageData", mask_png::write(map, colors))])
    }
}

/// Consolidates the mask that each worker drew of each object: one consensus per object, in their order. Masks of another
/// size than most of an object's are set aside.
///
/// The confidence of a consensus is the mean over its classes, or that of the background where there is no other.
///
/// ```
/// use ground_truth::annotation_kinds::semantic_mask::{self, Params, SemanticMask};
/// use ground_truth::geometry::mask::{ImageSize, LabelMap};
/// use ground_truth::typed::Answers;
/// use ground_truth::vocabulary::LabelCategory;
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
pub fn consolidate(answers: &Answers<SemanticMask>, params: &Params) -> Vec<Consensus<SemanticMaskLabel>> {
    let drawn = |mask: &SemanticMask| Ok::<_, LabelsError>(Some(mask.drawn()));
    decide(&answers.field(), drawn, params.method)
}

fn decide<V: Copy, E: std::fmt::Display>(
    batch: &FieldBatch<'_, V>,
    parse: impl Fn(V) -> Result<Option<DrawnLabels>, E>,
    method: Method,
) -> Vec<Consensus<SemanticMaskLabel>> {
    let objects: Vec<ObjectMasks<'_>> = batch.objects.iter().map(|object| read_object(batch, object, &parse)).collect();
    let fused = fuse(&objects, method);
    objects.into_iter().zip(fused).map(|(object, fused)| outcome(object, fused)).collect()
}

/// One map for each object that has a label; `None` for the others.
fn fuse(objects: &[ObjectMasks<'_>], method: Method) -> Vec<Option<FusedMap>> {
    let overlays: Vec<Option<Overlay>> = parallel::map(objects.iter().collect(), overlay);
    match method {
        Method::PixelVote => overlays.iter().map(|overlay| overlay.as_ref().map(mask_vote::vote)).collect(),
        Method::Staple => {
            let fused = |overlay: &Option<Overlay>| {
                overlay.as_ref().map(|overlay| staple::staple(overlay, &staple::Params::STANDARD).fused)
            };
            parallel::map(overlays.iter().collect(), fused)
        }
        Method::SmoothedVote(params) => {
            let ids = objects.iter().flat_map(|object| object.answers.iter().map(|(worker_id, _)| *worker_id));
            let index = WorkerIndex::new(ids);
            let has_overlay: Vec<bool> = overlays.iter().map(Option::is_some).collect();
            let masked: Vec<MaskedObject> = overlays
                .into_iter()
                .zip(objects)
                .filter_map(|(overlay, object)| {
                    let workers = object.answers.iter().map(|(worker_id, _)| index.of(worker_id)).collect();
                    overlay.map(|overlay| MaskedObject { overlay, workers })
                })
                .collect();
            let mut maps = smoothed_mask_vote::fuse(&masked, index.len(), &params).maps.into_iter();
            has_overlay.into_iter().map(|has_overlay| if has_overlay { maps.next() } else { None }).collect()
        }
    }
}

/// The workers of a batch, counted in the order of their ids.
pub(super) struct WorkerIndex<'a>(BTreeMap<&'a WorkerId, usize>);

impl<'a> WorkerIndex<'a> {
    pub(super) fn new(ids: impl IntoIterator<Item = &'a WorkerId>) -> Self {
        let mut index: BTreeMap<&WorkerId, usize> = ids.into_iter().map(|worker_id| (worker_id, 0)).collect();
        for (place, worker_idx) in index.values_mut().enumerate() {
            *worker_idx = place;
        }
        Self(index)
    }

    pub(super) fn of(&self, worker_id: &WorkerId) -> usize {
        self.0.get(worker_id).copied().unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

fn overlay(object: &ObjectMasks<'_>) -> Option<Overlay> {
    let class_of: BTreeMap<&LabelCategory, u16> = object.labels.iter().zip(1..=u16::MAX).collect();
    let map = |drawn: &DrawnLabels| {
        let of_label = |(label, _): &(LabelCategory, Color)| class_of.get(label).copied().unwrap_or_default();
        let classes: Vec<u16> = drawn.labels.iter().map(of_label).collect();
        drawn
            .map
            .recoded(|class| usize::from(class).checked_sub(1).map_or(LabelMap::BACKGROUND, |place| classes[place]))
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
        .filter_map(|(place, label)| {
            let fused = fused.as_ref()?;
            let (n_pixels, confidence) = (*fused.n_pixels.get(place + 1)?, (*fused.confidences.get(place + 1)?)?);
            let drew = |drawn: &DrawnLabels| {
                let own_class = drawn.labels.iter().position(|(own, _)| own == label).map(|place| place as u16 + 1);
                own_class.is_some_and(|class| drawn.map.runs().iter().any(|run| run.class == class))
            };
            let n_workers = object.answers.iter().filter(|(_, drawn)| drew(drawn)).count();
            let (color, class) = (colors[place + 1], place as u16 + 1);
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
    Consensus { label, n_workers, confidence, unresolved: object.unresolved, rejected: object.rejected }
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
    let place: BTreeMap<&LabelCategory, usize> = batch.categories.iter().zip(0..).collect();
    let mut labels: Vec<LabelCategory> =
        answers.iter().flat_map(|(_, drawn)| drawn.labels.iter().map(|(label, _)| label.clone())).collect();
    labels.sort_by(|a, b| {
        let place = |label| place.get(label).copied().unwrap_or(usize::MAX);
        place(a).cmp(&place(b)).then_with(|| a.cmp(b))
    });
    labels.dedup();
    let unresolved = batch.shortfall(object, answers.len());
    ObjectMasks { answers, labels, rejected, unresolved }
}

pub(super) fn rejection(worker_id: &WorkerId, reason: impl std::fmt::Display) -> RejectedAnswer {
    RejectedAnswer { worker_id: Some(worker_id.clone()), reason: reason.to_string() }
}

/// The answers whose image has the most frequent size, between equals the smallest, and why the others do not count.
pub(super) fn of_one_size<T>(
    answers: Vec<(&WorkerId, T)>,
    size_of: impl Fn(&T) -> ImageSize,
) -> (Vec<(&WorkerId, T)>, Vec<RejectedAnswer>) {
    let mut counts: BTreeMap<ImageSize, usize> = BTreeMap::new();
    for (_, answer) in &answers {
        *counts.entry(size_of(answer)).or_default() += 1;
    }
    let Some((most, _)) = counts.into_iter().rev().max_by_key(|(_, n)| *n) else {
        return (answers, Vec::new());
    };
    let (fitting, others): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(_, answer)| size_of(answer) == most);
    let misfits = others
        .iter()
        .map(|(worker_id, answer)| rejection(worker_id, MaskError::OtherSize { size: size_of(answer), most }));
    (fitting, misfits.collect())
}

/// Why an answer, or a part of it, is no mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum MaskError {
    #[error("the value has no `labeledImage` with `pngImageData`")]
    NoImage,
    #[error("the value has no `labelMappings`")]
    NoLabels,
    #[error("the value has no list of `instances`")]
    NoInstances,
    #[error("the answer names {n} labels or instances, more than {MOST_LABELS}")]
    TooManyLabels { n: usize },
    #[error("label or instance {place} has no color such as #1f77b4")]
    NoColor { place: usize },
    #[error("label or instance {place} has the color of another one")]
    SameColor { place: usize },
    #[error("{n} pixels have colors that no label has: they count as background")]
    UnnamedColors { n: u32 },
    #[error(
        "the mask is {} by {} pixels, and most others are {} by {}",
        .size.width(), .size.height(), .most.width(), .most.height()
    )]
    OtherSize { size: ImageSize, most: ImageSize },
    #[error(transparent)]
    Png(#[from] MaskPngError),
}

/// One worker's mask. Empty text is a field left blank.
fn parse(value: &Value) -> Result<Option<DrawnLabels>, MaskError> {
    let value = structured(value);
    if super::is_blank(&value) {
        return Ok(None);
    }
    let text = png_of(&value).ok_or(MaskError::NoImage)?;
    let mappings = value.get("labelMappings").and_then(Value::as_object).ok_or(MaskError::NoLabels)?;
    if mappings.len() > MOST_LABELS {
        return Err(MaskError::TooManyLabels { n: mappings.len() });
    }
    let named = mappings.iter().map(|(name, mapping)| (LabelCategory::new(name.as_str()), color_of(mapping)));
    let (map, labels, faults) = read_colors(mask_png::read(text)?, named)?;
    Ok(Some(DrawnLabels { map, labels, faults }))
}

/// The base64 text of the mask in a value of a segmentation element's shape.
pub(super) fn png_of(value: &Value) -> Option<&str> {
    value.get("labeledImage")?.get("pngImageData")?.as_str()
}

/// The color of a label or an instance: `{"color": "#1f77b4"}`, or the color itself.
pub(super) fn color_of(mapping: &Value) -> Option<Color> {
    scalar_text(mapping.get("color").unwrap_or(mapping)).and_then(|text| Color::parse(&text))
}

/// The mask with class `n` for the `n - 1`th of the named colors that can be read, those names, and what is wrong.
#[expect(clippy::type_complexity, reason = "the parts of what a worker drew, for either kind of mask to put together")]
pub(super) fn read_colors<T>(
    drawn: ColorMap,
    named: impl IntoIterator<Item = (T, Option<Color>)>,
) -> Result<(LabelMap, Vec<(T, Color)>, Vec<MaskError>), MaskError> {
    let (mut names, mut faults) = (Vec::new(), Vec::new());
    let mut class_of: BTreeMap<Color, u16> = BTreeMap::new();
    for (place, (name, color)) in named.into_iter().enumerate() {
        let Some(color) = color else {
            faults.push(MaskError::NoColor { place });
            continue;
        };
        names.push((name, color));
        if class_of.insert(color, names.len() as u16).is_some() {
            return Err(MaskError::SameColor { place });
        }
    }
    let areas = drawn.map.areas();
    let is_background = |color: &Color| [Color::WHITE, Color([0; 3])].contains(color);
    let unnamed = drawn.colors.iter().zip(areas.iter().skip(1)).filter(|(color, _)| !class_of.contains_key(color));
    let n: u32 = unnamed.filter(|(color, _)| !is_background(color)).map(|(_, area)| area).sum();
    if n > 0 {
        faults.push(MaskError::UnnamedColors { n });
    }
    let classes: Vec<u16> =
        drawn.colors.iter().map(|color| class_of.get(color).copied().unwrap_or(LabelMap::BACKGROUND)).collect();
    let of_color = |class: u16| usize::from(class).checked_sub(1).map_or(LabelMap::BACKGROUND, |place| classes[place]);
    Ok((drawn.map.recoded(of_color), names, faults))
}

fn is_semantic_mask(value: &Value) -> bool {
    png_of(value).is_some() && value.get("labelMappings").is_some_and(Value::is_object)
}

/// A careful worker's hand shakes by a pixel; a careless one cuts corners, and mistakes labels.
fn simulate(truth: &Value, careful: bool, categories: &[LabelCategory], dice: &mut Dice) -> Value {
    let mut answer = redraw(truth, careful, dice);
    if let Some(mappings) = answer.get_mut("labelMappings").and_then(Value::as_object_mut).filter(|_| !careful) {
        let mut renamed = Map::new();
        for (name, color) in std::mem::take(mappings) {
            let is_free = |other: &&LabelCategory| other.as_str() != name && !renamed.contains_key(other.as_str());
            let others: Vec<&LabelCategory> = categories.iter().filter(is_free).collect();
            let is_mistaken = dice.chance(0.2);
            let other = dice.pick(&others).filter(|_| is_mistaken).map(|other| other.as_str().to_owned());
            renamed.entry(other.unwrap_or(name)).or_insert(color);
        }
        *mappings = renamed;
    }
    answer
}

/// The same answer with every border moved: by a pixel at most, or by up to a tenth of the image's width.
pub(super) fn redraw(truth: &Value, careful: bool, dice: &mut Dice) -> Value {
    let mut answer = truth.clone();
    let Some(ColorMap { map, colors }) = png_of(truth).and_then(|text| mask_png::read(text).ok()) else {
        return answer;
    };
    let reach = if careful { 1.4 } else { (0.1 * f64::from(map.size().width())).max(2.0) };
    let n_pixels = f64::from(map.size().n_pixels());
    let mut start = 0;
    let mut runs: Vec<(u16, u32)> = Vec::with_capacity(map.runs().len());
    for run in map.runs() {
        let is_last = run.end == map.size().n_pixels();
        let moved = f64::from(run.end) + if is_last { 0.0 } else { dice.wobble() * reach };
        let end = (moved.round().clamp(0.0, n_pixels) as u32).max(start);
        runs.push((run.class, end - start));
        start = end;
    }
    let colors: Vec<Color> = std::iter::once(Color::WHITE).chain(colors).collect();
    if let Ok(redrawn) = LabelMap::from_runs(map.size(), runs) {
        answer["labeledImage"] = json!({ "pngImageData": mask_png::write(&redrawn, &colors) });
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::super::tests::{label_of, mistakes};
    use super::*;
    use crate::batch::FieldOutcome;

    /// A worker's answer: rows of pixels separated by `/`, one digit each; `labels[n]` is the name and color of digit
    /// `n + 1`, and 0 is transparent.
    pub(crate) fn drawn(rows: &str, labels: &[(&str, &str)]) -> Value {
        let colors = labels.iter().map(|(_, color)| Color::parse(color).expect("a color"));
        let colors: Vec<Color> = std::iter::once(Color::WHITE).chain(colors).collect();
        let mappings: Map<String, Value> =
            labels.iter().map(|(name, color)| ((*name).to_owned(), json!({ "color": color }))).collect();
        json!({ "labelMappings": mappings, "labeledImage": { "pngImageData": mask_png::write(&map(rows), &colors) } })
    }

    fn map(rows: &str) -> LabelMap {
        let width = rows.split('/').next().expect("a row").len();
        let size = ImageSize::new(width as u32, rows.split('/').count() as u32).expect("a size");
        let class = |pixel: char| (pixel.to_digit(10).expect("a digit") as u16, 1);
        LabelMap::from_runs(size, rows.chars().filter(|pixel| *pixel != '/').map(class)).expect("a map")
    }

    /// The consolidated pixels by the first letter of their label, `.` for the background.
    fn pixels(outcome: &FieldOutcome) -> String {
        let text = outcome.members["labeledImage"]["pngImageData"].as_str().expect("a mask");
        let ColorMap { map, colors } = mask_png::read(text).expect("a mask");
        let annotations = outcome.members["annotations"].as_array().expect("a list");
        let letter = |class: u16| {
            let color = json!(colors[usize::from(class) - 1]);
            let label = annotations.iter().find(|one| one["color"] == color).map(|one| &one["label"]);
            label.map_or('.', |label| label.as_str().expect("a name").chars().next().expect("a letter"))
        };
        map.spans().flat_map(|(class, span)| span.map(move |_| letter(class))).collect()
    }

    fn check(parameters: Value, answers: &[Value], expected: &str) {
        assert_eq!(pixels(&label_of(&KIND, parameters, json!(answers))), expected);
    }

    const ANT: (&str, &str) = ("ant", "#aa0000");
    const BEE: (&str, &str) = ("bee", "#00bb00");

    #[test]
    fn labels_are_matched_by_name() {
        let answers = [
            drawn("0112", &[ANT, BEE]),
            drawn("0221", &[("bee", "#aa0000"), ("ant", "#00bb00")]),
            drawn("0110", &[ANT]),
        ];
        for method in KIND.methods {
            check(json!({"method": method, "radius": 0}), &answers, ".aab");
        }
    }

    #[test]
    fn agreement_has_stated_confidences() {
        let ant = drawn("0110", &[ANT]);
        let confidence = |method: &str, n: usize| {
            let outcome = label_of(&KIND, json!({"method": method}), json!(vec![ant.clone(); n]));
            outcome.members["confidence"].clone()
        };
        for (method, expected) in
            [("smoothed-vote", [0.8, 0.98, 0.99]), ("pixel-vote", [0.8, 0.96, 0.99]), ("staple", [0.8, 0.96, 0.99])]
        {
            assert_eq!([1, 2, 3].map(|n| confidence(method, n)), expected.map(|one| json!(one)), "{method}");
        }
    }

    #[test]
    fn neighbors_count_unless_the_radius_is_0() {
        let answers = [drawn("000/010/000", &[ANT]), drawn("000/010/000", &[ANT]), drawn("000/000/000", &[])];
        check(json!({}), &answers, ".........");
        check(json!({"radius": 0}), &answers, "....a....");
        check(json!({"method": "pixel-vote"}), &answers, "....a....");
    }

    #[test]
    fn ties_are_background() {
        check(json!({"method": "pixel-vote"}), &[drawn("12", &[ANT, BEE]), drawn("22", &[ANT, BEE])], ".b");
    }

    #[test]
    fn a_label_tells_each_class() {
        let answers = [drawn("0112", &[ANT, BEE]), drawn("0112", &[ANT, BEE]), drawn("0111", &[ANT, BEE])];
        let outcome = label_of(&KIND, json!({"method": "pixel-vote", "categories": ["bee"]}), json!(answers));
        let mut members = outcome.members;
        members.remove("labeledImage");
        assert_eq!(
            Value::Object(members),
            json!({
                "confidence": 0.76, "workers": 3, "imageSize": {"width": 4, "height": 1},
                "annotations": [
                    {"label": "bee", "color": "#00bb00", "pixels": 1, "confidence": 0.66, "workers": 2},
                    {"label": "ant", "color": "#aa0000", "pixels": 2, "confidence": 0.85, "workers": 3},
                ],
            })
        );
    }

    #[test]
    fn nothing_can_be_the_answer() {
        let outcome = label_of(&KIND, json!({}), json!([drawn("00", &[]), drawn("00", &[])]));
        assert_eq!((&outcome.members["annotations"], &outcome.members["confidence"]), (&json!([]), &json!(0.96)));
        assert_eq!(pixels(&outcome), "..");
    }

    #[test]
    fn labels_of_one_color_get_another() {
        let (both, alone) = (drawn("12", &[ANT, ("bee", "#aa0001")]), drawn("01", &[("bee", ANT.1)]));
        let answers = json!([drawn("10", &[ANT]), both, both, alone, alone]);
        let outcome = label_of(&KIND, json!({"method": "pixel-vote"}), answers);
        let colors: Vec<&Value> =
            outcome.members["annotations"].as_array().expect("a list").iter().map(|one| &one["color"]).collect();
        assert_eq!((pixels(&outcome), colors), ("ab".to_owned(), vec![&json!("#aa0000"), &json!("#800000")]));
    }

    #[test]
    fn what_is_no_mask_is_set_aside() {
        let good = drawn("01", &[ANT]);
        let text = good.to_string();
        let outcome = label_of(
            &KIND,
            json!({}),
            json!([
                good,
                text,
                drawn("01/11", &[ANT]),
                {"labeledImage": {"pngImageData": "?"}, "labelMappings": {}},
                {"labeledImage": good["labeledImage"]},
                {"labelMappings": {}},
                {"labeledImage": good["labeledImage"], "labelMappings": {"ant": "#aa0000", "bee": {"color": "#A00"}}},
                {"labeledImage": good["labeledImage"], "labelMappings": {"ant": {"color": 3}, "bee": {}}},
                "",
            ]),
        );
        let reasons: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "the mask's PNG is not in base64",
                "the value has no `labelMappings`",
                "the value has no `labeledImage` with `pngImageData`",
                "label or instance 1 has the color of another one",
                "the mask is 2 by 2 pixels, and most others are 2 by 1",
                "label or instance 0 has no color such as #1f77b4",
                "label or instance 1 has no color such as #1f77b4",
                "1 pixels have colors that no label has: they count as background",
            ]
        );
        assert_eq!((outcome.n_workers, pixels(&outcome)), (3, ".a".to_owned()));
    }

    #[test]
    fn parameters_are_checked() {
        assert_eq!(
            mistakes(&KIND, json!({"radius": 11, "method": "vote"})),
            "fields.field.method: must be `smoothed-vote`, `pixel-vote` or `staple`; \
             fields.field.radius: must be a whole number from 0 to 10"
        );
    }
}
