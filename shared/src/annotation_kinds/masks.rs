//! What both kinds of masks share: the PNG and its colors on the wire, labels for the classes of a map, masks of one size,
//! and the color map that comes out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::batch::RejectedAnswer;
use crate::consolidation::mask_overlay::Overlay;
use crate::consolidation::smoothed_mask_vote;
use crate::dice::Dice;
use crate::document::Reader;
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::geometry::mask::{ImageSize, LabelMap};
use crate::mask_png::{self, Color, ColorMap, MaskPngError};
use crate::vocabulary::WorkerId;

/// The most labels or instances that one answer may name.
pub(super) const MAX_LABELS: usize = 4_000;

/// Reads the parameters of the smoothed vote.
pub(super) fn read_radius(reader: &mut Reader<'_>) -> smoothed_mask_vote::Params {
    let radius = reader.integer("radius", 0..=10);
    radius
        .and_then(|radius| smoothed_mask_vote::Params::with_radius(radius as u32).ok())
        .unwrap_or(smoothed_mask_vote::Params::STANDARD)
}

/// Why labels do not fit the classes of a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
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
    #[error("{n} labels or instances, more than {MAX_LABELS}")]
    TooMany {
        /// Number of labels found.
        n: usize,
    },
}

/// Whether every class of a mask has a label.
pub(super) fn check_labels(map: &LabelMap, n_labels: usize) -> Result<(), LabelsError> {
    if n_labels > MAX_LABELS {
        return Err(LabelsError::TooMany { n: n_labels });
    }
    match map.runs().iter().map(|run| run.class).max() {
        Some(class) if usize::from(class) > n_labels => Err(LabelsError::NoLabel { class, n_labels }),
        _ => Ok(()),
    }
}

/// The size of an image, as labels tell it.
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

/// A map with a color for each class but 0, written as a PNG.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LabeledImage(pub(super) ColorMap);

impl Serialize for LabeledImage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ColorMap { map, colors } = &self.0;
        serializer.collect_map([("pngImageData", mask_png::write(map, colors))])
    }
}

/// What is set aside of a worker's answer.
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

/// Why an answer, or a part of it, is not a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum MaskError {
    #[error("the value has no `labeledImage` with `pngImageData`")]
    NoImage,
    #[error("the value has no `labelMappings`")]
    NoLabels,
    #[error("the value has no list of `instances`")]
    NoInstances,
    #[error("the answer names {n} labels or instances, more than {MAX_LABELS}")]
    TooManyLabels { n: usize },
    #[error("label or instance {idx} has no color such as #1f77b4")]
    NoColor { idx: usize },
    #[error("label or instance {idx} has the color of another one")]
    SameColor { idx: usize },
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

/// The base64 text of the mask in a value of a segmentation element's shape.
pub(super) fn png_of(value: FieldValue<'_>) -> Option<Cow<'_, str>> {
    value.member("labeledImage")?.member("pngImageData")?.text()
}

/// The color of a label or an instance: `{"color": "#1f77b4"}`, or the color itself.
pub(super) fn color_of(mapping: FieldValue<'_>) -> Option<Color> {
    mapping.member("color").unwrap_or(mapping).scalar_text().and_then(|text| Color::parse(&text))
}

/// The mask with class `n` for the `n - 1`th of the named colors that can be read, those names, and what is wrong.
#[expect(clippy::type_complexity, reason = "the parts of what a worker drew, for either kind of mask to put together")]
pub(super) fn read_colors<T>(
    drawn: ColorMap,
    named: impl IntoIterator<Item = (T, Option<Color>)>,
) -> Result<(LabelMap, Vec<(T, Color)>, Vec<MaskError>), MaskError> {
    let (mut names, mut faults) = (Vec::new(), Vec::new());
    let mut class_of: BTreeMap<Color, u16> = BTreeMap::new();
    for (idx, (name, color)) in named.into_iter().enumerate() {
        let Some(color) = color else {
            faults.push(MaskError::NoColor { idx });
            continue;
        };
        names.push((name, color));
        if class_of.insert(color, names.len() as u16).is_some() {
            return Err(MaskError::SameColor { idx });
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
    let of_color = |class: u16| usize::from(class).checked_sub(1).map_or(LabelMap::BACKGROUND, |idx| classes[idx]);
    Ok((drawn.map.recoded(of_color), names, faults))
}

/// How many pixels every two classes of two maps share, the background aside; `None` for maps of different sizes.
pub(super) fn shared_pixels(a: &LabelMap, b: &LabelMap) -> Option<BTreeMap<(usize, usize), u32>> {
    let mut shared = BTreeMap::new();
    for pattern in Overlay::new(&[a, b]).ok()?.patterns() {
        let (class_a, class_b) = (pattern.votes[0], pattern.votes[1]);
        if class_a != LabelMap::BACKGROUND && class_b != LabelMap::BACKGROUND {
            *shared.entry((usize::from(class_a), usize::from(class_b))).or_default() += pattern.n_pixels;
        }
    }
    Some(shared)
}

/// The same answer with every border moved: by a pixel at most, or by up to a tenth of the image's width.
pub(super) fn redraw(truth: FieldValue<'_>, careful: bool, dice: &mut Dice) -> FieldValueBuf {
    let Some(ColorMap { map, colors }) = png_of(truth).and_then(|text| mask_png::read(&text).ok()) else {
        return truth.to_buf();
    };
    let reach = if careful { 1.4 } else { (0.1 * f64::from(map.size().width())).max(2.0) };
    let n_pixels = f64::from(map.size().n_pixels());
    let mut start = 0;
    let mut runs: Vec<(u16, u32)> = Vec::with_capacity(map.runs().len());
    for run in map.runs() {
        let is_last = run.end == map.size().n_pixels();
        let moved = f64::from(run.end) + if is_last { 0.0 } else { dice.noise() * reach };
        let end = (moved.round().clamp(0.0, n_pixels) as u32).max(start);
        runs.push((run.class, end - start));
        start = end;
    }
    let colors: Vec<Color> = std::iter::once(Color::WHITE).chain(colors).collect();
    match LabelMap::from_runs(map.size(), runs) {
        Ok(map) => truth.to_buf().with_member("labeledImage", LabeledImage(ColorMap { map, colors })),
        Err(_) => truth.to_buf(),
    }
}
