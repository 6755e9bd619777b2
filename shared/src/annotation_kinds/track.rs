//! Tracks in a video, as they arrive in adjustment and offline work: boxes frame by frame that share an `objectId`, which
//! is local to its worker. Read are lists of frames (`frames`, or Ground Truth's `trackingAnnotations` and
//! `tracking-annotations`) and lists of whole tracks (`tracks`, each with `label` and `boxes`).
//!
//! Tracks are similar by the mean intersection over union of their boxes over all frames in which either has one
//! (`iouThreshold`). The rest is common to all marks: see [`marks`]. A fused track has the frames that at least half of its
//! members have; in each, the box is fused like a box in an image. A track's category is the one of most of its boxes.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::marks::{self, Entry, Fused, MarkKind, Members, ReadError, compare_numbers, settled};
pub use super::marks::{Drawn, MarkAnswer, MarksLabel, Method, Params, ShapeError};
use super::{AnnotationKind, Particulars};
use crate::consolidation::mark_consensus::Shape;
use crate::consolidation::robust_mean::{self, Versions};
use crate::dice::Dice;
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::geometry::rect::Rect;
use crate::label_content::{LabelContent, MarkGeometry};
use crate::typed::{Answers, Consensus};
use crate::vocabulary::{LabelCategory, Pixels};

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "track",
    summary: "boxes that follow things through the frames of a video",
    methods: marks::METHODS,
    lone_method: Some(Method::Plain.name()),
    claims: |values, _| marks::claims(values, &TRACKS),
    configure: |reader| marks::configure(reader, &TRACKS),
    read_values: |values, _| marks::read_values(values, &TRACKS),
    label: LabelContent::Marks(MarkGeometry::Track),
    as_answer: |decided| marks::as_answer(decided, &TRACKS),
    simulate: |truth, careful, categories, dice| {
        let looseness = if careful { 0.06 } else { 0.35 };
        marks::redraw(&TRACKS, truth, careful, categories, dice, |drawn, dice| redraw(drawn, looseness, dice))
    },
    examples: &[
        r#"{"frames": [{"frame": 0, "boxes": [{"objectId": "o1", "label": "car", "left": 4, "top": 5, "width": 60, "height": 40}]},
            {"frame": 1, "boxes": [{"objectId": "o1", "label": "car", "left": 9, "top": 5, "width": 60, "height": 40}]}]}"#,
        r#"{"tracks": [{"label": "car", "boxes": [{"frame": 0, "left": 4, "top": 5, "width": 60, "height": 40}]}]}"#,
        r#"{"trackingAnnotations": [{"frameNumber": 7, "boundingBoxes":
            [{"objectId": "a", "label": "car", "left": 4, "top": 5, "width": 60, "height": 40}]}]}"#,
        r#"{"tracks": []}"#,
    ],
    particulars: Particulars::NONE,
};

/// Consolidates the tracks that workers drew: one consensus per object, in their order.
///
/// Answers name a category per mark or none; [`Answers::categories`] breaks their ties. What the confidence means, and how
/// marks are matched and kept, stands in [`marks`].
///
/// ```
/// use ground_truth::Answers;
/// use ground_truth::annotation_kinds::track::{self, Drawn, MarkAnswer, Params, ShapeError, Track};
/// use ground_truth::geometry::rect::Rect;
///
/// // A car that moves five pixels to the right per frame, drawn in as many frames as each worker had patience for.
/// let car = |n_frames: u32| {
///     let boxes = (0..n_frames).map(|frame| Ok((frame.into(), Rect::new(4.0 + 5.0 * f64::from(frame), 5.0, 60.0, 40.0)?)));
///     let boxes: Vec<(u64, Rect)> = boxes.collect::<Result<_, ShapeError>>()?;
///     Track::new(boxes).map(|track| MarkAnswer::of([Drawn::new("car", track)]))
/// };
/// let answers = Answers::from_rows([("video-1", "ana", car(5)?), ("video-1", "bo", car(4)?), ("video-1", "cy", car(3)?)]);
///
/// let consensus = track::consolidate(&answers, &Params::STANDARD);
/// let car = &consensus[0].label.marks[0];
/// assert_eq!((car.shape.boxes().len(), car.n_workers), (4, 3));
/// # Ok::<(), ShapeError>(())
/// ```
pub fn consolidate(answers: &Answers<MarkAnswer<Track>>, params: &Params) -> Vec<Consensus<MarksLabel<Track>>> {
    marks::consolidate_drawn(answers, &TRACKS, params)
}

static TRACKS: MarkKind<Track> = MarkKind {
    lists: &["tracks", "frames", "trackingAnnotations", "tracking-annotations"],
    arrange: Some(tracks_of_frames),
    telling: &[],
    nouns: ("track", "tracks"),
    plain: Method::Plain.name(),
    threshold: ("iouThreshold", 0.3, 0.2),
    // Categories break ties between neighbors; a disagreement about the category alone separates nothing.
    other_category: 0.75,
    max_pairs: marks::MAX_COSTLY_PAIRS,
    read,
    prepare: |_, _| {},
    compare: |a, b| compare_numbers(a.numbers(), b.numbers()),
    fuse,
    reading_order: |track| track.boxes.first().map_or((0.0, 0.0), |(frame, rect)| (*frame as f64, rect.left())),
};

/// The most boxes of one track.
const MAX_BOXES: usize = 100_000;

/// Boxes of one thing by ascending frame, each frame once; not empty. Pixels, origin top left.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    boxes: Vec<(u64, Rect)>,
    reach: (f64, f64),
}

impl Track {
    /// The boxes of a thing, each with the number of its frame, in any order; of several in one frame the first counts.
    ///
    /// # Errors
    /// [`ShapeError`] for no box, or more than 100,000.
    pub fn new(boxes: impl IntoIterator<Item = (u64, Rect)>) -> Result<Self, ShapeError> {
        let mut by_frame: BTreeMap<u64, Rect> = BTreeMap::new();
        let mut n = 0;
        for (frame, rect) in boxes {
            by_frame.entry(frame).or_insert(rect);
            n += 1;
        }
        check_n_boxes(n)?;
        Self::of(by_frame.into_iter().collect()).ok_or(ShapeError::EmptyTrack)
    }

    /// The boxes by ascending frame.
    pub fn boxes(&self) -> &[(u64, Rect)] {
        &self.boxes
    }

    fn of(boxes: Vec<(u64, Rect)>) -> Option<Self> {
        let left = boxes.iter().map(|(_, rect)| rect.left()).fold(f64::INFINITY, f64::min);
        let right = boxes.iter().map(|(_, rect)| rect.right()).fold(f64::NEG_INFINITY, f64::max);
        (!boxes.is_empty()).then_some(Self { boxes, reach: (left, right) })
    }

    fn numbers(&self) -> impl Iterator<Item = f64> + '_ {
        self.boxes
            .iter()
            .flat_map(|(frame, rect)| [*frame as f64, rect.left(), rect.top(), rect.right(), rect.bottom()])
    }
}

impl Shape for Track {
    fn reach(&self) -> (f64, f64) {
        self.reach
    }

    fn similarity(&self, other: &Self) -> f64 {
        let (mut i, mut j, mut n_both, mut sum) = (0, 0, 0, 0.0);
        while let (Some((frame, rect)), Some((other_frame, other_rect))) = (self.boxes.get(i), other.boxes.get(j)) {
            if frame == other_frame {
                sum += rect.iou(other_rect);
                n_both += 1;
            }
            i += usize::from(frame <= other_frame);
            j += usize::from(other_frame <= frame);
        }
        sum / (self.boxes.len() + other.boxes.len() - n_both) as f64
    }
}

fn check_n_boxes(n: usize) -> Result<(), ShapeError> {
    if n > MAX_BOXES { Err(ShapeError::TooMany { n, parts: "boxes", max: MAX_BOXES }) } else { Ok(()) }
}

impl Serialize for Track {
    /// The members that it has in a label.
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        TrackMembers::of(self).serialize(serializer)
    }
}

#[derive(Serialize)]
struct TrackMembers {
    boxes: Vec<BoxOfFrame>,
}

#[derive(Serialize)]
struct BoxOfFrame {
    frame: u64,
    left: Pixels,
    top: Pixels,
    width: Pixels,
    height: Pixels,
}

impl TrackMembers {
    fn of(track: &Track) -> Self {
        let of_frame = |(frame, rect): &(u64, Rect)| BoxOfFrame {
            frame: *frame,
            left: Pixels(settled(rect.left())),
            top: Pixels(settled(rect.top())),
            width: Pixels(settled(rect.width())),
            height: Pixels(settled(rect.height())),
        };
        Self { boxes: track.boxes.iter().map(of_frame).collect() }
    }
}

/// The number of a frame, however the list spells it.
fn frame_number(value: FieldValue<'_>) -> Option<u64> {
    let names = ["frame", "frameNumber", "frame-no", "frame-number"];
    let frame = names.into_iter().find_map(|name| value.member(name)?.number())?;
    ((0.0..=1e12).contains(&frame) && (frame - frame.trunc()).abs() < f64::EPSILON).then_some(frame as u64)
}

/// A box as it was drawn, with the number of its frame.
type BoxDrawn<'a> = (Option<u64>, FieldValue<'a>);

/// The tracks in a list of frames; `None` for a list of tracks. A box without an object id is a track of its own.
fn tracks_of_frames(list: FieldValue<'_>) -> Option<Vec<Entry<Track>>> {
    let mut tracks: BTreeMap<(String, usize), Vec<BoxDrawn<'_>>> = BTreeMap::new();
    let mut n_alone = 0;
    for frame in list.elements()? {
        let number = frame_number(frame)?;
        let boxes =
            ["boxes", "boundingBoxes", "annotations"].into_iter().find_map(|name| frame.member(name)?.elements());
        for drawn in boxes? {
            let id = drawn.any_member(&["objectId", "object-id"]).and_then(FieldValue::scalar_text);
            n_alone += usize::from(id.is_none());
            let key = id.map_or((String::new(), n_alone), |id| (id.into_owned(), 0));
            tracks.entry(key).or_default().push((Some(number), drawn));
        }
    }
    let entry =
        |boxes: Vec<BoxDrawn<'_>>| Entry { category: most_frequent_category(&boxes), shape: read_boxes(&boxes) };
    Some(tracks.into_values().map(entry).collect())
}

/// Of equally frequent ones the smaller.
fn most_frequent_category(boxes: &[BoxDrawn<'_>]) -> Option<LabelCategory> {
    let mut labels: Vec<_> = boxes.iter().filter_map(|(_, drawn)| drawn.member("label")?.scalar_text()).collect();
    labels.sort_unstable();
    let most_frequent = labels.chunk_by(|a, b| a == b).rev().max_by_key(|run| run.len())?.first()?;
    (!most_frequent.is_empty()).then(|| LabelCategory::new(&**most_frequent))
}

fn read(drawn: FieldValue<'_>) -> Result<Option<Track>, ReadError> {
    let boxes = drawn.member("boxes").and_then(FieldValue::elements).ok_or("boxes are missing")?;
    let boxes: Vec<BoxDrawn<'_>> = boxes.map(|drawn| (frame_number(drawn), drawn)).collect();
    read_boxes(&boxes)
}

fn read_boxes(boxes: &[BoxDrawn<'_>]) -> Result<Option<Track>, ReadError> {
    check_n_boxes(boxes.len())?;
    let read = |(frame, drawn): &BoxDrawn<'_>| {
        let [left, top, width, height] = drawn.numbers(["left", "top", "width", "height"])?;
        Some(((*frame)?, Rect::new(left, top, width, height).ok()?))
    };
    let boxes: Option<Vec<(u64, Rect)>> = boxes.iter().map(read).collect();
    Ok(Some(Track::new(boxes.ok_or("a box has no frame or no area")?)?))
}

fn fuse(clusters: &[Members<'_, Track>], n_workers: usize, method: Method) -> Vec<Option<Fused<Track>>> {
    let frames: Vec<Vec<(u64, Versions)>> = clusters.iter().map(frames).collect();
    let versions: Vec<Versions> = frames.iter().flatten().map(|(_, versions)| versions.clone()).collect();
    let centers = match method {
        Method::Plain => versions.iter().map(robust_mean::coordinate_median).collect(),
        Method::Weighted => robust_mean::fit(&versions, n_workers, &robust_mean::Params::EDGES_OF_BOXES).centers,
    };
    let mut centers = centers.into_iter();
    let mut fused = |frames: &Vec<(u64, Versions)>| {
        let mut boxes = Vec::with_capacity(frames.len());
        for ((frame, _), center) in frames.iter().zip(centers.by_ref().take(frames.len())) {
            if let &[left, top, right, bottom] = center.as_slice() {
                boxes.extend(Rect::new(left, top, right - left, bottom - top).ok().map(|rect| (*frame, rect)));
            }
        }
        Some(Fused::near(Track::of(boxes)?))
    };
    frames.iter().map(&mut fused).collect()
}

/// The frames that at least half of the members have, with their boxes in it.
fn frames(members: &Members<'_, Track>) -> Vec<(u64, Versions)> {
    let mut frames: BTreeMap<u64, Versions> = BTreeMap::new();
    for (worker, track) in members.workers.iter().zip(&members.shapes) {
        for (frame, rect) in &track.boxes {
            let versions = frames.entry(*frame).or_default();
            versions.workers.push(*worker);
            versions.coordinates.extend([rect.left(), rect.top(), rect.right(), rect.bottom()]);
            versions.size += (rect.width() + rect.height()) / 2.0;
        }
    }
    frames.retain(|_, versions| 2 * versions.workers.len() >= members.workers.len());
    for versions in frames.values_mut() {
        versions.size = (versions.size / versions.workers.len() as f64).max(1e-3).sqrt();
    }
    frames.into_iter().collect()
}

/// Every box moved by up to `looseness` of its size.
fn redraw(drawn: FieldValue<'_>, looseness: f64, dice: &mut Dice) -> FieldValueBuf {
    let mut redraw_box = |drawn: FieldValue<'_>| {
        let number = |name| drawn.member(name).and_then(FieldValue::number).unwrap_or_default();
        [("left", "width"), ("top", "height")].into_iter().fold(drawn.to_buf(), |redrawn, (edge, side)| {
            let moved = number(edge) + dice.noise() * looseness * number(side);
            redrawn.with_member(edge, Pixels(moved.round()))
        })
    };
    ["boxes", "boundingBoxes"].into_iter().fold(drawn.to_buf(), |redrawn, name| {
        match drawn.member(name).and_then(FieldValue::elements) {
            Some(boxes) => redrawn.with_member(name, FieldValueBuf::list(boxes.map(&mut redraw_box))),
            None => redrawn,
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::label_of;
    use super::super::typed_tests::check_marks;
    use super::*;

    fn boxes(left: f64) -> Value {
        json!({"objectId": "o1", "label": "car", "left": left, "top": 0, "width": 60, "height": 40})
    }

    fn frames(frames: &[(u64, f64)]) -> Value {
        let frame = |(frame, left): &(u64, f64)| json!({"frame": frame, "boxes": [boxes(*left)]});
        json!({ "frames": frames.iter().map(frame).collect::<Vec<_>>() })
    }

    #[test]
    fn a_track_has_the_frames_that_half_of_its_members_have() {
        let answers = json!([
            frames(&[(0, 0.0), (1, 4.0), (2, 8.0)]),
            frames(&[(0, 2.0), (1, 6.0)]),
            frames(&[(1, 5.0), (2, 10.0), (3, 12.0)])
        ]);
        let outcome = label_of(&KIND, json!({"method": "plain-clusters"}), answers);
        let tracks = outcome.members["annotations"].as_array().expect("a list");
        let lefts: Vec<(u64, f64)> = tracks[0]["boxes"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|fused| (fused["frame"].as_u64().expect("a frame"), fused["left"].as_f64().expect("a number")))
            .collect();
        assert_eq!((tracks.len(), lefts), (1, vec![(0, 1.0), (1, 5.0), (2, 9.0)]));
    }

    #[test]
    fn object_ids_are_local_to_their_worker() {
        let track = |id: &str, left: f64| json!({"objectId": id, "label": "car", "left": left, "top": 0, "width": 60, "height": 40});
        let answer = |first: &str, second: &str| json!({"frames": [{"frame": 0, "boxes": [track(first, 0.0), track(second, 500.0)]}]});
        let outcome = label_of(&KIND, json!({}), json!([answer("a", "b"), answer("b", "a")]));
        let workers: Vec<&Value> =
            outcome.members["annotations"].as_array().expect("a list").iter().map(|fused| &fused["workers"]).collect();
        assert_eq!(workers, [2, 2]);
    }

    #[test]
    fn a_box_without_an_object_id_is_a_track_of_its_own() {
        let alone = json!({"label": "car", "left": 0, "top": 0, "width": 60, "height": 40});
        let answer = json!({"trackingAnnotations": [{"frameNumber": 0, "boundingBoxes": [alone]}, {"frameNumber": 1, "boundingBoxes": [alone]}]});
        let outcome = label_of(&KIND, json!({}), json!([answer]));
        assert_eq!(outcome.members["annotations"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn typed_answers_give_the_same() {
        check_marks(&KIND, "tracks", [&Params::STANDARD, &Params::PLAIN], consolidate, |wobble| {
            let lefts = [4.0 + wobble(3.0), 9.0 + wobble(3.0), 14.0 + wobble(3.0)];
            let boxes =
                (0_u64..).zip(lefts).map(|(frame, left)| (frame, Rect::new(left, 5.0, 60.0, 40.0).expect("a box")));
            let of_frame =
                |(frame, left): (u64, f64)| json!({"frame": frame, "left": left, "top": 5, "width": 60, "height": 40});
            let members: Vec<Value> = (0_u64..).zip(lefts).map(of_frame).collect();
            (json!({ "boxes": members }), Track::new(boxes).expect("a track"))
        });
    }
}
