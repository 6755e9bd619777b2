//! A form field of an object as the page shows it: what came out and who said what, in words, and where marks are drawn.
//! The members of labels end here; the page's script knows none of them.

use ground_truth::batch::RejectedAnswer;
use ground_truth::label::FieldLabel;
use ground_truth::label_content::{
    Decided, Decision, DrawnBox, LabelContent, Mark, MarkGeometry, Marks, Shape, Surface,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::cut;
use super::names::WorkerNames;
use crate::console::words::counted;
use crate::crowd::single_answers::AnswerByField;
use crate::labels::label_diff::{Change, FieldDiff};

/// A mask larger than this (in base64) is left out of the page; 640 × 480 pixels with some classes take a tenth.
const MAX_MASK_CHARACTERS: usize = 200_000;

/// One field: what came out, and who said what.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FieldData {
    name: String,
    /// What shape its marks have; none of other fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    geometry: Option<MarkGeometry>,
    /// What they are drawn on.
    #[serde(skip_serializing_if = "Option::is_none")]
    surface: Option<Surface>,
    /// Width and height of the image in pixels, where a form told them.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<(f64, f64)>,
    /// Whether a mask is missing because it is too large.
    #[serde(skip_serializing_if = "is_false")]
    lacks_mask: bool,
    label: LabelData,
    /// What each answer says, in the order of the answers; null where it says nothing.
    said: Vec<Option<AnsweredValueData>>,
    /// Whether each decides as the label does.
    same: Vec<bool>,
    /// How near each comes to the label, where that says more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) near: Vec<Option<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) diff: Option<DiffData>,
}

/// What came out. Without a kind: a field that only the job's own label has.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct LabelData {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// What was decided, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<String>,
    /// Whether values are kept as they were answered, and nothing was to be decided.
    #[serde(skip_serializing_if = "is_false")]
    as_answered: bool,
    /// Why there is no label.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_reason: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    gold: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    workers: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tolerance: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
    /// What workers chose, the most probable first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    choices: Vec<ChoiceData>,
    #[serde(flatten)]
    drawing: Drawing,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rejected: Vec<RejectedData>,
}

/// A category or an item that somebody chose, or that the model thinks of.
#[derive(Debug, Serialize)]
struct ChoiceData {
    name: String,
    votes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
}

/// What one answer says.
#[derive(Debug, Serialize)]
struct AnsweredValueData {
    says: String,
    #[serde(flatten)]
    drawing: Drawing,
}

/// What the page draws: marks, and a mask.
#[derive(Debug, Default, Serialize)]
struct Drawing {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marks: Vec<MarkData>,
    /// A PNG in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    mask: Option<String>,
}

#[derive(Debug, Serialize)]
struct MarkData {
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workers: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    votes: Vec<(String, u64)>,
    /// Where it is, in words.
    #[serde(rename = "where", skip_serializing_if = "String::is_empty")]
    location: String,
    /// Where it is drawn; by its geometry.
    #[serde(skip_serializing_if = "Option::is_none")]
    shape: Option<Value>,
}

#[derive(Debug, Serialize)]
struct RejectedData {
    #[serde(skip_serializing_if = "Option::is_none")]
    worker: Option<String>,
    reason: String,
}

/// What the job's own label decided, and how the new one compares.
#[derive(Debug, Serialize)]
pub(super) struct DiffData {
    change: Change,
    /// What the job's own label decided, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_false(is_so: &bool) -> bool {
    !is_so
}

impl FieldData {
    /// A field with its label and what each answer says of it.
    pub(super) fn new(name: &str, label: &FieldLabel<'_>, answers: &[AnswerByField], names: &WorkerNames) -> Self {
        let said: Vec<Option<&FieldLabel<'static>>> = answers.iter().map(|answer| answer.get(name)).collect();
        let decision = label.decision();
        // Each could say less than the other, such as nothing about how a box is turned.
        let is_same = |said: &Option<&FieldLabel<'static>>| {
            let said = said.and_then(|said| said.decision());
            said.zip(decision.as_ref())
                .is_some_and(|(said, decision)| said.decides_as(decision) && decision.decides_as(&said))
        };
        let sizes = label.image_size().into_iter().chain(said.iter().flatten().filter_map(|said| said.image_size()));
        let is_known = |(width, height): &(f64, f64)| *width > 0.0 && *height > 0.0;
        let geometry = label.content().geometry();
        Self {
            name: name.to_owned(),
            geometry,
            surface: geometry.and_then(MarkGeometry::surface),
            size: { sizes }.find(is_known),
            lacks_mask: lacks_mask(label) || said.iter().flatten().any(|said| lacks_mask(said)),
            label: LabelData::new(label, names),
            said: said.iter().map(|said| AnsweredValueData::new((*said)?)).collect(),
            same: said.iter().map(is_same).collect(),
            near: Vec::new(),
            diff: None,
        }
    }

    /// A field that only the job's own label decided.
    pub(super) fn lost(diff: &FieldDiff, n_answers: usize, names: &WorkerNames) -> Self {
        Self {
            name: diff.field.clone(),
            geometry: None,
            surface: None,
            size: None,
            lacks_mask: false,
            label: LabelData::default(),
            said: std::iter::repeat_with(|| None).take(n_answers).collect(),
            same: vec![false; n_answers],
            near: Vec::new(),
            diff: Some(DiffData::new(diff, names)),
        }
    }
}

impl LabelData {
    fn new(label: &FieldLabel<'_>, names: &WorkerNames) -> Self {
        let text = |text: Option<&str>| text.map(cut::text);
        let rejected = |rejected: &RejectedAnswer| RejectedData {
            worker: rejected.worker_id.as_ref().and_then(|id| names.of_id(id.as_str())).map(str::to_owned),
            reason: cut::text(&rejected.reason),
        };
        Self {
            kind: text(Some(label.kind_name())),
            says: label.decided().map(|decided| in_words(&decided)),
            as_answered: label.content() == LabelContent::Values,
            reason: text(label.reason()),
            method: text(label.method()),
            model: text(label.model()),
            model_reason: text(label.model_reason()),
            gold: label.is_gold(),
            workers: label.n_workers(),
            tolerance: label.tolerance(),
            confidence: label.confidence(),
            choices: choices(label),
            drawing: label.marks().map(Drawing::new).unwrap_or_default(),
            rejected: label.rejected().iter().map(rejected).collect(),
        }
    }
}

/// What workers chose with how many votes; where a model was used, its probabilities first, in their order.
fn choices(label: &FieldLabel<'_>) -> Vec<ChoiceData> {
    let Some(votes) = label.votes() else { return Vec::new() };
    let mut votes: Vec<(&str, u64)> = votes.collect();
    let mut choices = Vec::new();
    for (name, confidence) in label.confidences().into_iter().flatten() {
        let of_name = votes.iter().position(|(voted, _)| *voted == name).map(|idx| votes.remove(idx));
        let votes = of_name.map_or(0, |(_, votes)| votes);
        choices.push(ChoiceData { name: cut::text(name), votes, confidence: Some(confidence) });
    }
    choices.extend(votes.into_iter().map(|(name, votes)| ChoiceData {
        name: cut::text(name),
        votes,
        confidence: None,
    }));
    choices
}

impl AnsweredValueData {
    fn new(answer: &FieldLabel<'static>) -> Option<Self> {
        let decided = answer.decided()?;
        let mut drawing = answer.marks().map(Drawing::new).unwrap_or_default();
        // An answer has no table: of its marks only what is drawn is shown.
        drawing.marks.retain(|mark| mark.shape.is_some());
        for mark in &mut drawing.marks {
            (mark.confidence, mark.workers, mark.location) = (None, None, String::new());
        }
        Some(Self { says: in_words(&decided), drawing })
    }
}

impl Drawing {
    fn new(marks: Marks<'_>) -> Self {
        let picture = marks.picture().filter(|picture| !is_too_large(picture));
        Self { marks: marks.iter().map(MarkData::new).collect(), mask: picture.map(str::to_owned) }
    }
}

fn is_too_large(picture: &str) -> bool {
    picture.len() > MAX_MASK_CHARACTERS
}

fn lacks_mask(label: &FieldLabel<'_>) -> bool {
    label.marks().and_then(Marks::picture).is_some_and(is_too_large)
}

impl MarkData {
    fn new(mark: Mark<'_>) -> Self {
        let shape = mark.shape();
        Self {
            category: mark.category().map(cut::text),
            confidence: mark.confidence(),
            workers: mark.n_workers(),
            votes: mark.votes().map(|(name, votes)| (cut::text(name), votes)).collect(),
            location: location(mark, shape.as_ref()),
            shape: shape.as_ref().map(coordinates),
        }
    }
}

/// What was decided, in words. Numbers have six digits at most.
fn in_words(decided: &Decided<'_>) -> String {
    match decided {
        Decided::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            format!("{number:.5e}").parse::<f64>().unwrap_or(number).to_string()
        }
        decided => cut::text(&decided.in_words()),
    }
}

/// `148, 130 · 185 × 80`, `5 corners`, `1.25 to 4.5`.
fn location(mark: Mark<'_>, shape: Option<&Shape>) -> String {
    match shape {
        Some(Shape::Box(one)) => sides(one),
        Some(Shape::Polygon(corners)) => counted(corners.len(), "corner"),
        Some(Shape::Polyline(points)) => counted(points.len(), "point"),
        Some(Shape::Point(point, _)) => format!("{}, {}", point.x, point.y),
        Some(Shape::Track(boxes)) => counted(boxes.len(), "frame"),
        Some(Shape::Span { start, end }) => format!("{start} to {end}"),
        Some(Shape::Segment { start, end }) => format!("{start} to {end}"),
        Some(Shape::Cuboid { center: [x, y, z], .. }) => format!("{x}, {y}, {z}"),
        // The pixels of a mask are in the picture; a label tells of an instance where it is, of a class how large.
        Some(Shape::Mask(_)) | None => match (mark.bounding_box(), mark.n_pixels()) {
            (Some(bounds), _) => sides(&bounds),
            (None, Some(n_pixels)) => counted(grouped(n_pixels), "pixel"),
            (None, None) => String::new(),
        },
    }
}

fn sides(DrawnBox { left, top, width, height, rotation }: &DrawnBox) -> String {
    let turned = if rotation.abs() > 0.0 { format!(" · {rotation}°") } else { String::new() };
    format!("{left}, {top} · {width} × {height}{turned}")
}

/// A number with a comma after every three digits, as `20,480`.
fn grouped(n: u64) -> String {
    if n < 1000 { n.to_string() } else { format!("{},{:03}", grouped(n / 1000), n % 1000) }
}

/// A shape as the script draws it. Masks are drawn from their picture.
fn coordinates(shape: &Shape) -> Value {
    let of_box = |one: &DrawnBox| {
        let mut drawn = json!({"left": one.left, "top": one.top, "width": one.width, "height": one.height});
        if one.rotation.abs() > 0.0 {
            drawn["rotation"] = json!(one.rotation);
        }
        drawn
    };
    match shape {
        Shape::Box(one) => of_box(one),
        Shape::Polygon(points) | Shape::Polyline(points) => {
            json!({"points": points.iter().map(|point| [point.x, point.y]).collect::<Vec<_>>()})
        }
        Shape::Point(point, _) => json!({"x": point.x, "y": point.y}),
        Shape::Track(boxes) => {
            let frames = boxes.iter().map(|(frame, one)| json!({"frame": frame, "box": of_box(one)}));
            json!({ "frames": frames.collect::<Vec<_>>() })
        }
        Shape::Span { start, end } => json!({"start": start, "end": end}),
        Shape::Segment { start, end } => json!({"start": start, "end": end}),
        Shape::Cuboid { center, dimensions, yaw } => json!({"center": center, "dimensions": dimensions, "yaw": yaw}),
        Shape::Mask(_) => Value::Null,
    }
}

impl DiffData {
    /// What the job had, which may name workers anywhere where somebody else wrote it.
    pub(super) fn new(diff: &FieldDiff, names: &WorkerNames) -> Self {
        let rename = |text: &str| names.of_id(text).map(str::to_owned);
        let before = diff.before.clone().map(|before| before.with_texts(&rename));
        let words = |before: &Decision| before.decided().map(|decided| in_words(&decided)).unwrap_or_default();
        Self {
            change: diff.change,
            before: before.as_ref().map(words),
            confidence: before.and_then(|before| before.confidence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crowd;
    use crate::finished_job::testing::JobFolder;

    fn label(value: Value) -> FieldLabel<'static> {
        FieldLabel::read(&value).expect("a label")
    }

    #[test]
    fn masks_that_are_too_large_are_left_out_and_that_is_said() {
        let job = JobFolder::new("survey").output(&[json!({"source": "a"})]).open();
        let names = WorkerNames::of_job(&job, &crowd::names::WorkerNames::Ids);
        let field = |n: usize| {
            let picture = json!({"pngImageData": "A".repeat(n)});
            let label = label(json!({"kind": "semantic-mask", "annotations": [], "labeledImage": picture}));
            FieldData::new("cover", &label, &[], &names)
        };
        let shown = |field: FieldData| (field.label.drawing.mask.map(|mask| mask.len()), field.lacks_mask);
        assert_eq!(shown(field(50_000)), (Some(50_000), false));
        assert_eq!(shown(field(200_001)), (None, true));
    }

    #[test]
    fn numbers_have_six_digits() {
        let check = |value: Value, expected: &str| {
            let label = label(json!({"kind": "number", "value": value}));
            assert_eq!(in_words(&label.decided().expect("a number")), expected);
        };
        check(json!(3), "3");
        check(json!(-1.5), "-1.5");
        check(json!(12.345_678_9), "12.3457");
        check(json!(1_234_567), "1234570");
        check(json!(0.000_012_345_678), "0.0000123457");
    }

    #[test]
    fn marks_say_where_they_are() {
        let check = |kind: &str, mark: Value, expected: &str| {
            let label = label(json!({"kind": kind, "annotations": [mark]}));
            let mark = label.marks().expect("marks").iter().next().expect("a mark");
            assert_eq!(location(mark, mark.shape().as_ref()), expected);
        };
        let corner = |x: u32, y: u32| json!({"x": x, "y": y});
        check("bounding-box", json!({"left": 1.5, "top": 2, "width": 30, "height": 4}), "1.5, 2 · 30 × 4");
        check(
            "bounding-box",
            json!({"left": 1, "top": 2, "width": 30, "height": 4, "rotation": 8}),
            "1, 2 · 30 × 4 · 8°",
        );
        check("polygon", json!({"vertices": [corner(1, 2), corner(3, 4), corner(1, 4)]}), "3 corners");
        check("polyline", json!({"vertices": [corner(1, 2)]}), "1 point");
        check("semantic-mask", json!({"label": "water", "pixels": 1_020_480}), "1,020,480 pixels");
        check("instance-mask", json!({"left": 5, "top": 2, "width": 3, "height": 4, "pixels": 9}), "5, 2 · 3 × 4");
        check("keypoint", json!({"x": "nowhere"}), "");
    }
}
