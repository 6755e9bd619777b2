//! Boxes in an image: `crowd-bounding-box`, or the list of boxes that a script put into a hidden input.
//!
//! Method `iou-clusters`, our own (Ground Truth publishes no formula for its boxes):
//! 1. Boxes of different workers are matched by intersection over union, whatever their category, no worker twice in a
//!    cluster ([`mark_clusters`]; `iouThreshold`, default 0.4).
//! 2. A cluster is kept when enough of the workers who answered the field drew it (`keep`, default half of them; a
//!    worker who drew nothing answered).
//! 3. The cluster's category is voted among its members; ties fall as in a classification.
//! 4. Each edge of the box is the median of its members' edges.
//!
//! The confidence of a box is the number of its supporters (members with the winning category) over the number of
//! workers who could have drawn it (all who answered the field), in (0, 1]. The confidence of the label is the mean over
//! its boxes; without any box it is the share of workers who drew none.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::classification::{as_map, single_worker_is_zero};
use super::{AnnotationKind, BuiltInLabel, Consolidator, members};
use crate::answer::{scalar_text, structured};
use crate::batch::{FieldBatch, FieldObject, FieldOutcome, Quorum, RejectedAnswer, Unresolved};
use crate::consolidation::majority_vote::Tally;
use crate::consolidation::mark_clusters::{self, Pair};
use crate::dice::Dice;
use crate::document::Reader;
use crate::geometry::rect::{Rect, RectError};
use crate::vocabulary::{Confidence, LabelCategory, Pixels, WorkerId};

const IOU_CLUSTERS: &str = "iou-clusters";

/// The most boxes that one answer may hold; hand-made answers stay far below.
const MOST_BOXES: usize = 5_000;

/// The most overlapping pairs of boxes that are compared for one object: nine workers with the same 300 places each stay
/// below, while the answers of one who draws thousands of boxes over each other do not tie the function up.
const MOST_PAIRS: usize = 2_000_000;

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "bounding-box",
    summary: "boxes in an image: crowd-bounding-box",
    methods: &[IOU_CLUSTERS],
    claims: |values, _| values.iter().filter(|value| boxes(&structured(value)).is_some()).count(),
    configure,
    built_in_label: Some(built_in_label),
    simulate,
    examples: &[
        r#"{"boundingBoxes": [{"label": "otter", "left": 40, "top": 22, "width": 90, "height": 60}],
            "inputImageProperties": {"width": 1280, "height": 720}}"#,
        r#"{"boundingBoxes": [], "inputImageProperties": {"width": 1280, "height": 720}}"#,
        r#"[{"label": "otter", "left": 40, "top": 22, "width": 90, "height": 60}]"#,
        r#""[{\"left\": 40.5, \"top\": 22, \"width\": 90, \"height\": 60}]""#,
    ],
};

#[derive(Debug, Clone, Copy)]
struct Params {
    iou_threshold: f64,
    keep: Quorum,
}

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    reader.choice("method", &[(IOU_CLUSTERS, ())]);
    let params = Params {
        iou_threshold: reader.number("iouThreshold", 0.05..=1.0).unwrap_or(0.4),
        keep: Quorum::read(reader, "keep").unwrap_or(Quorum::Share(0.5)),
    };
    Box::new(move |batch| batch.objects.iter().map(|object| consolidate(batch, object, params)).collect())
}

/// One worker's answer: the boxes, and the size of the image where the form sent it.
struct BoxAnswer {
    marks: Vec<Mark>,
    faults: Vec<BoxError>,
    image_size: Option<(f64, f64)>,
}

/// One box as a worker drew it.
#[derive(Debug, Clone, PartialEq)]
struct Mark {
    category: Option<LabelCategory>,
    rect: Rect,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BoxesLabel {
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    workers: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_size: Option<ImageSize>,
    annotations: Vec<FusedBox>,
}

#[derive(Serialize)]
struct ImageSize {
    width: Pixels,
    height: Pixels,
}

/// `votes` is there only when the members disagree about the category; `workers` counts all who drew the box.
#[derive(Serialize)]
struct FusedBox {
    label: Option<LabelCategory>,
    left: Pixels,
    top: Pixels,
    width: Pixels,
    height: Pixels,
    confidence: Confidence,
    workers: usize,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "votes_as_map")]
    votes: Vec<(LabelCategory, usize)>,
}

fn votes_as_map<S: serde::Serializer>(votes: &[(LabelCategory, usize)], serializer: S) -> Result<S::Ok, S::Error> {
    as_map(&votes, serializer)
}

fn consolidate(batch: &FieldBatch<'_>, object: &FieldObject<'_>, params: Params) -> FieldOutcome {
    let (answers, mut rejected) = object.parse(parse);
    for (worker_id, answer) in &answers {
        let worker_id = Some((*worker_id).clone());
        rejected.extend(
            answer
                .faults
                .iter()
                .map(|fault| RejectedAnswer { worker_id: worker_id.clone(), reason: fault.to_string() }),
        );
    }
    let n_workers = answers.len();
    let fused = match batch.shortfall(object, n_workers) {
        Some(reason) => Err(reason),
        None => fuse(batch, &answers, params),
    };
    let unresolved = fused.as_ref().err().copied();
    let annotations = fused.unwrap_or_default();
    // Who drew nothing but faulty boxes has seen something, and does not vouch for an empty image.
    let n_empty = answers.iter().filter(|(_, answer)| answer.marks.is_empty() && answer.faults.is_empty()).count();
    let confidence = Confidence::mean(annotations.iter().map(|annotation| annotation.confidence))
        .or_else(|| Some(Confidence::share(n_empty, n_workers)))
        .filter(|_| unresolved.is_none());
    let image_size = image_size(&answers);
    FieldOutcome {
        method: Some(IOU_CLUSTERS),
        members: members(BoxesLabel { confidence, workers: n_workers, image_size, annotations }),
        n_workers,
        confidence,
        unresolved,
        rejected,
    }
}

/// Steps 1 to 4 of the module's doc. The boxes come out by falling confidence, then from top to bottom and left to right.
fn fuse(
    batch: &FieldBatch<'_>,
    answers: &[(&WorkerId, BoxAnswer)],
    params: Params,
) -> Result<Vec<FusedBox>, Unresolved> {
    let mut marks: Vec<(usize, &Mark)> = answers
        .iter()
        .enumerate()
        .flat_map(|(worker_idx, (_, answer))| answer.marks.iter().map(move |mark| (worker_idx, mark)))
        .collect();
    marks.sort_by(|(worker_a, a), (worker_b, b)| {
        let by_place = a.rect.left().total_cmp(&b.rect.left()).then(a.rect.top().total_cmp(&b.rect.top()));
        let by_size = a.rect.width().total_cmp(&b.rect.width()).then(a.rect.height().total_cmp(&b.rect.height()));
        by_place.then(by_size).then_with(|| a.category.cmp(&b.category)).then(worker_a.cmp(worker_b))
    });
    let worker_of: Vec<usize> = marks.iter().map(|(worker_idx, _)| *worker_idx).collect();
    let iou = |a: usize, b: usize| marks[a].1.rect.iou(&marks[b].1.rect);
    let pairs = overlapping_pairs(&marks, params.iou_threshold)?;
    let needed = params.keep.needed(answers.len());
    let mut annotations: Vec<FusedBox> = mark_clusters::cluster(&worker_of, pairs, iou, params.iou_threshold)
        .into_iter()
        .filter(|members| members.len() >= needed)
        .filter_map(|members| {
            let members: Vec<&Mark> = members.into_iter().map(|mark| marks[mark].1).collect();
            fuse_cluster(&members, batch.categories, answers.len())
        })
        .collect();
    annotations.sort_by(|a, b| {
        let by_confidence = b.confidence.value().total_cmp(&a.confidence.value());
        by_confidence.then(a.top.0.total_cmp(&b.top.0)).then(a.left.0.total_cmp(&b.left.0))
    });
    Ok(annotations)
}

/// The pairs of different workers' boxes that overlap by at least the threshold. `marks` stand in the order of their left
/// edges, so that only neighbors need a look.
fn overlapping_pairs(marks: &[(usize, &Mark)], threshold: f64) -> Result<Vec<Pair>, Unresolved> {
    let mut pairs = Vec::new();
    for (a, (worker_a, mark_a)) in marks.iter().enumerate() {
        for (b, (worker_b, mark_b)) in marks.iter().enumerate().skip(a + 1) {
            if mark_b.rect.left() >= mark_a.rect.right() {
                break;
            }
            let similarity = mark_a.rect.iou(&mark_b.rect);
            if worker_a != worker_b && similarity >= threshold {
                pairs.push(Pair { a, b, similarity });
            }
        }
        if pairs.len() > MOST_PAIRS {
            return Err(Unresolved::TooManyOverlaps);
        }
    }
    Ok(pairs)
}

fn fuse_cluster(members: &[&Mark], categories: &[LabelCategory], n_workers: usize) -> Option<FusedBox> {
    let rect = Rect::median(&members.iter().map(|mark| mark.rect).collect::<Vec<_>>())?;
    let tally = Tally::count(members.iter().filter_map(|mark| mark.category.as_ref()), categories, n_workers);
    let n_supporters = tally.winner().map_or(members.len(), |(_, votes)| votes);
    Some(FusedBox {
        label: tally.winner().map(|(category, _)| category.clone()),
        left: Pixels(rect.left()),
        top: Pixels(rect.top()),
        width: Pixels(rect.width()),
        height: Pixels(rect.height()),
        confidence: Confidence::share(n_supporters, n_workers),
        workers: members.len(),
        votes: if tally.votes.len() > 1 { tally.votes } else { Vec::new() },
    })
}

/// The size that most answers give; between equally frequent ones the smallest.
fn image_size(answers: &[(&WorkerId, BoxAnswer)]) -> Option<ImageSize> {
    let mut sizes: Vec<(f64, f64)> = answers.iter().filter_map(|(_, answer)| answer.image_size).collect();
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let runs = sizes.chunk_by(|a, b| a == b);
    let (width, height) = *runs.rev().max_by_key(|run| run.len())?.first()?;
    Some(ImageSize { width: Pixels(width), height: Pixels(height) })
}

/// Why an answer, or one box of it, was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum BoxError {
    #[error("the value is no list of boxes")]
    NoList,
    #[error("the answer has {n} boxes, more than {MOST_BOXES}")]
    TooMany { n: usize },
    #[error("box {place} lacks left, top, width or height")]
    NoNumbers { place: usize },
    #[error("box {place}: {cause}")]
    NoBox { place: usize, cause: RectError },
}

/// One worker's boxes. Boxes without an area (a click without a drag) are set aside one by one; a box drawn twice counts
/// once. Empty text is a field left blank, while an empty list says that there is nothing.
fn parse(value: &Value) -> Result<Option<BoxAnswer>, BoxError> {
    let value = structured(value);
    if value.as_str().is_some_and(str::is_empty) || value.as_object().is_some_and(Map::is_empty) {
        return Ok(None);
    }
    let list = value.get("boundingBoxes").unwrap_or(&value).as_array().ok_or(BoxError::NoList)?;
    if list.len() > MOST_BOXES {
        return Err(BoxError::TooMany { n: list.len() });
    }
    let (mut marks, mut faults) = (Vec::with_capacity(list.len()), Vec::new());
    for (place, drawn) in list.iter().enumerate() {
        match parse_mark(drawn, place) {
            Ok(mark) if marks.contains(&mark) => {}
            Ok(mark) => marks.push(mark),
            Err(fault) => faults.push(fault),
        }
    }
    let image_size = value.get("inputImageProperties").and_then(|size| {
        let (width, height) = (coordinate(size.get("width")?)?, coordinate(size.get("height")?)?);
        Rect::new(0.0, 0.0, width, height).ok().map(|_| (width, height))
    });
    Ok(Some(BoxAnswer { marks, faults, image_size }))
}

fn parse_mark(drawn: &Value, place: usize) -> Result<Mark, BoxError> {
    let number = |name| drawn.get(name).and_then(coordinate).ok_or(BoxError::NoNumbers { place });
    let rect = Rect::new(number("left")?, number("top")?, number("width")?, number("height")?)
        .map_err(|cause| BoxError::NoBox { place, cause })?;
    let category = drawn.get("label").and_then(scalar_text).filter(|label| !label.is_empty());
    Ok(Mark { category: category.map(LabelCategory::new), rect })
}

/// A coordinate: a number, or a number written as text.
fn coordinate(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The list of boxes in a value of this kind's shape: under `boundingBoxes`, or a list of nothing but boxes.
fn boxes(value: &Value) -> Option<&Vec<Value>> {
    let is_box = |drawn: &Value| ["left", "top", "width", "height"].iter().all(|name| drawn.get(name).is_some());
    match value.get("boundingBoxes") {
        Some(list) => list.as_array(),
        None => value.as_array().filter(|list| !list.is_empty() && list.iter().all(is_box)),
    }
}

/// `groundtruth/object-detection`: whole pixels, classes by their index.
fn built_in_label(outcome: &FieldOutcome, categories: &[LabelCategory]) -> Option<BuiltInLabel> {
    if outcome.unresolved.is_some() {
        return None;
    }
    let (mut annotations, mut objects, mut class_map) = (Vec::new(), Vec::new(), Map::new());
    for annotation in outcome.members.get("annotations")?.as_array()? {
        let name = annotation.get("label")?.as_str()?;
        let class_id = categories.iter().position(|category| category.as_str() == name)?;
        let whole = |name| Some(annotation.get(name)?.as_f64()?.round() as i64);
        annotations.push(json!({
            "class_id": class_id,
            "left": whole("left")?, "top": whole("top")?, "width": whole("width")?, "height": whole("height")?,
        }));
        let share = Confidence::new(annotation.get("confidence")?.as_f64()?).ok()?;
        objects.push(json!({ "confidence": single_worker_is_zero(outcome, share) }));
        class_map.insert(class_id.to_string(), json!(name));
    }
    let image_size: Vec<Value> = outcome
        .members
        .get("imageSize")
        .iter()
        .map(|size| json!({ "width": size["width"], "height": size["height"], "depth": 3 }))
        .collect();
    let metadata = json!({ "objects": objects, "class-map": class_map, "type": "groundtruth/object-detection" });
    Some(BuiltInLabel {
        label: json!({ "image_size": image_size, "annotations": annotations }),
        metadata: members(metadata),
    })
}

/// A careful worker's hand is off by a few percent of a box's size; a careless one also misses boxes, draws loosely and
/// mistakes categories.
fn simulate(truth: &Value, careful: bool, categories: &[LabelCategory], dice: &mut Dice) -> Value {
    let mut answer = truth.clone();
    let list = match answer.get("boundingBoxes") {
        Some(_) => answer.get_mut("boundingBoxes"),
        None => Some(&mut answer),
    };
    let Some(list) = list.and_then(Value::as_array_mut) else {
        return answer;
    };
    list.retain(|_| careful || !dice.chance(0.3));
    for drawn in list.iter_mut() {
        *drawn = redraw(drawn, if careful { 0.06 } else { 0.35 }, dice);
        let right = drawn.get("label").and_then(Value::as_str);
        let others: Vec<&LabelCategory> =
            categories.iter().filter(|category| Some(category.as_str()) != right).collect();
        let is_mistaken = !careful && dice.chance(0.4);
        if let Some(other) = dice.pick(&others).filter(|_| is_mistaken) {
            drawn["label"] = json!(other);
        }
    }
    answer
}

/// The same box with each number moved by up to `looseness` of the box's size.
fn redraw(drawn: &Value, looseness: f64, dice: &mut Dice) -> Value {
    let mut redrawn = drawn.clone();
    let size = |name| drawn.get(name).and_then(coordinate).unwrap_or_default();
    for (name, side) in [("left", "width"), ("top", "height"), ("width", "width"), ("height", "height")] {
        let moved = size(name) + dice.wobble() * looseness * size(side);
        redrawn[name] = json!(Pixels(if name == side { moved.round().max(1.0) } else { moved.round() }));
    }
    redrawn
}

#[cfg(test)]
mod tests {
    use super::super::tests::{label_of, mistakes};
    use super::*;

    /// Workers' boxes as text: workers separated by `/`, boxes by blanks, each `label:left,top,width,height`.
    fn values(workers: &str) -> Value {
        let drawn = |text: &str| {
            let (label, numbers) = text.split_once(':').expect("label:numbers");
            let numbers: Vec<f64> = numbers.split(',').map(|number| number.parse().expect("a number")).collect();
            json!({"label": label, "left": numbers[0], "top": numbers[1], "width": numbers[2], "height": numbers[3]})
        };
        let answer = |boxes: &str| json!({ "boundingBoxes": boxes.split_whitespace().map(drawn).collect::<Vec<_>>() });
        workers.split('/').map(answer).collect()
    }

    fn check(parameters: Value, workers: &str, expected: &str) {
        let outcome = label_of(&KIND, parameters, values(workers));
        let boxes = outcome.members["annotations"].as_array().expect("a list").iter().map(|fused| {
            let number = |name| &fused[name];
            format!(
                "{}:{},{},{},{} {}/{}",
                fused["label"].as_str().expect("a label"),
                number("left"),
                number("top"),
                number("width"),
                number("height"),
                number("confidence"),
                number("workers"),
            )
        });
        let confidence = outcome.confidence.map(|confidence| format!("= {}", confidence.rounded()));
        let text: Vec<String> =
            boxes.chain(confidence).chain(outcome.unresolved.map(|reason| reason.to_string())).collect();
        assert_eq!(text.join(" "), expected, "{workers}");
    }

    #[test]
    fn boxes_are_matched_and_each_edge_is_a_median() {
        check(json!({}), "a:0,0,10,10 / a:1,0,10,10 / a:2,1,10,10", "a:1,0,10,10 1.0/3 = 1");
        check(json!({}), "a:0,0,10,10 / a:1,0,10,10", "a:0.5,0,10,10 1.0/2 = 1");
    }

    #[test]
    fn the_class_is_voted_after_matching() {
        check(json!({}), "a:0,0,10,10 / b:0,0,10,10 / b:0,0,10,10", "b:0,0,10,10 0.67/3 = 0.67");
        check(json!({"categories": ["b", "a"]}), "a:0,0,10,10 / b:0,0,10,10", "b:0,0,10,10 0.5/2 = 0.5");
    }

    #[test]
    fn the_quorum_counts_all_who_answered() {
        check(json!({}), "a:0,0,10,10 / / ", "= 0.67");
        check(json!({}), "a:0,0,10,10 / a:0,0,10,10 / ", "a:0,0,10,10 0.67/2 = 0.67");
        check(json!({"keep": {"workers": 1}}), "a:0,0,10,10 / / ", "a:0,0,10,10 0.33/1 = 0.33");
        check(json!({"keep": {"share": 0.7}}), "a:0,0,10,10 / a:0,0,10,10 / ", "= 0.33");
        check(json!({"quorum": {"workers": 2}}), "a:0,0,10,10", "quorum-not-reached");
        check(json!({}), " / / ", "= 1");
    }

    #[test]
    fn no_worker_stands_twice_in_a_cluster() {
        check(
            json!({}),
            "a:0,0,10,10 b:2,0,10,10 / a:0,0,10,10 b:2,0,10,10",
            "a:0,0,10,10 1.0/2 b:2,0,10,10 1.0/2 = 1",
        );
        check(json!({}), "a:0,0,10,10 a:0,0,10,10 / ", "a:0,0,10,10 0.5/1 = 0.5");
    }

    #[test]
    fn the_threshold_is_the_callers() {
        let workers = "a:0,0,10,10 / a:5,0,10,10";
        check(json!({"iouThreshold": 0.3}), workers, "a:2.5,0,10,10 1.0/2 = 1");
        check(json!({"iouThreshold": 0.4, "keep": {"workers": 2}}), workers, "= 0");
    }

    #[test]
    fn a_bad_box_costs_the_box_and_a_bad_answer_the_answer() {
        let good = json!({"label": "a", "left": "1", "top": 1, "width": 5, "height": 5});
        let outcome = label_of(
            &KIND,
            json!({}),
            json!([[good, {"left": 1, "top": 1, "width": 0, "height": 5}, {"left": 1}], {"boundingBoxes": 7}, "text"]),
        );
        let reasons: Vec<&str> = outcome.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "the value is no list of boxes",
                "the value is no list of boxes",
                "box 1: the box has no area",
                "box 2 lacks left, top, width or height"
            ]
        );
        assert_eq!((outcome.n_workers, outcome.members["annotations"].as_array().map(Vec::len)), (1, Some(1)));
    }

    #[test]
    fn the_image_size_is_the_most_frequent_one() {
        let sized = |width| json!({"boundingBoxes": [], "inputImageProperties": {"width": width, "height": 480}});
        let outcome = label_of(&KIND, json!({}), json!([sized(640), sized(640), sized(1), {"boundingBoxes": []}]));
        assert_eq!(outcome.members["imageSize"], json!({"width": 640, "height": 480}));
    }

    #[test]
    fn boxes_without_labels_stay_without() {
        let unlabeled = json!([{"left": 0, "top": 0, "width": 5, "height": 5}]);
        let outcome = label_of(&KIND, json!({}), json!([unlabeled, unlabeled]));
        assert_eq!(
            outcome.members["annotations"],
            json!([{"label": null, "left": 0, "top": 0, "width": 5, "height": 5, "confidence": 1.0, "workers": 2}])
        );
    }

    #[test]
    fn overlaps_beyond_comparison_leave_the_object_unresolved() {
        let pile = |shift: usize| -> Value {
            (0..1500).map(|n| json!({"left": shift, "top": 0, "width": 100_000 + n, "height": 100})).collect()
        };
        let outcome = label_of(&KIND, json!({}), json!([pile(0), pile(1)]));
        assert_eq!(outcome.unresolved, Some(Unresolved::TooManyOverlaps));
        let outcome = label_of(&KIND, json!({}), json!([vec![json!({}); MOST_BOXES + 1]]));
        assert_eq!(outcome.rejected[0].reason, "the answer has 5001 boxes, more than 5000");
    }

    #[test]
    fn parameters_are_checked() {
        assert_eq!(
            mistakes(&KIND, json!({"iouThreshold": 0, "keep": 2})),
            "fields.field.iouThreshold: must be a number from 0.05 to 1; \
             fields.field.keep: must be {\"workers\": 1 to 1000} or {\"share\": above 0, at most 1}"
        );
    }
}
