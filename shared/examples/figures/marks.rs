//! Boxes, spans, polygons, key points, lines, cuboids and tracks.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::TAU;

use ground_truth::geometry::point::Point;
use ground_truth::geometry::raster::Raster;
use ground_truth::geometry::rect::Rect;
use ground_truth::geometry::{angle, polyline};
use serde_json::{Value, json};

use crate::score::{calibration_error, f1, mean};
use crate::sets::{Answers, Data, Failure, Labels, list, number, text};
use crate::table::{Aim, Figure};

/// How alike a predicted mark and a true one are.
type Similarity = fn(&Value, &Value) -> f64;

/// One label's marks compared with gold's.
struct Match<'a> {
    predicted: &'a Value,
    /// The true mark it found, and how alike the two are.
    found: Option<(&'a Value, f64)>,
}

/// Gives each predicted mark, the most confident first, the most similar true mark of its label that is still free, if
/// it is at least `least` similar.
fn matches<'a>(predicted: &'a [Value], gold: &'a [Value], similarity: Similarity, least: f64) -> Vec<Match<'a>> {
    let mut order: Vec<&Value> = predicted.iter().collect();
    order.sort_by(|a, b| number(&b["confidence"]).total_cmp(&number(&a["confidence"])));
    let mut free: Vec<&Value> = gold.iter().collect();
    order
        .into_iter()
        .map(|predicted| {
            let alike = free.iter().enumerate().filter(|(_, gold)| gold["label"] == predicted["label"]);
            let best = alike
                .map(|(idx, gold)| (idx, similarity(predicted, gold)))
                .filter(|(_, similarity)| *similarity >= least)
                .max_by(|a, b| a.1.total_cmp(&b.1));
            Match { predicted, found: best.map(|(idx, similarity)| (free.remove(idx), similarity)) }
        })
        .collect()
}

/// F1 and calibration error over all objects with gold, and the pairs that were found.
struct MarkScore<'a> {
    f1: f64,
    error: f64,
    found: Vec<(&'a Value, &'a Value, f64)>,
}

fn score<'a>(
    labels: &'a Labels,
    gold: &'a BTreeMap<String, Value>,
    member: &str,
    similarity: Similarity,
    least: f64,
) -> MarkScore<'a> {
    let (mut n_predicted, mut n_gold, mut judged, mut found) = (0, 0, Vec::new(), Vec::new());
    for (object, row) in gold {
        let predicted = labels.get(object).map_or(&[][..], |label| list(&label.members["annotations"]));
        n_predicted += predicted.len();
        n_gold += list(&row[member]).len();
        for Match { predicted, found: one } in matches(predicted, list(&row[member]), similarity, least) {
            judged.push((number(&predicted["confidence"]), f64::from(u8::from(one.is_some()))));
            found.extend(one.map(|(gold, similarity)| (predicted, gold, similarity)));
        }
    }
    MarkScore { f1: f1(found.len(), n_predicted, n_gold), error: calibration_error(&judged), found }
}

/// The labels of the default method, and of the plain clusters of the kind.
fn both(answers: &Answers, kind: &str, plain: &str) -> Result<[Labels; 2], Failure> {
    Ok([answers.consolidate(kind, Value::Null)?, answers.consolidate(kind, json!({"method": plain}))?])
}

fn rect(mark: &Value) -> Option<Rect> {
    let [left, top, width, height] = ["left", "top", "width", "height"].map(|side| number(&mark[side]));
    Rect::new(left, top, width, height).ok()
}

fn box_overlap(a: &Value, b: &Value) -> f64 {
    rect(a).zip(rect(b)).map_or(0.0, |(a, b)| a.iou(&b))
}

pub(crate) fn pedestrians(data: &Data) -> Result<Vec<Figure>, Failure> {
    bounding_boxes(data, "pedestrians", ("datumaro IntersectMerge, 3 of 7", [0.9214, 0.7455, 0.2258]), [0.94, 0.81])
}

pub(crate) fn simulated_boxes(data: &Data) -> Result<Vec<Figure>, Failure> {
    bounding_boxes(data, "synth_boxes", ("ensemble-boxes WBF", [0.9849, 0.9811, 0.2443]), [0.985, 0.981])
}

fn bounding_boxes(
    data: &Data,
    set: &'static str,
    (peer, of_peer): (&'static str, [f64; 3]),
    aims: [f64; 2],
) -> Result<Vec<Figure>, Failure> {
    let answers = data.answers(set, |row| {
        let size = json!({"width": row["image_width"], "height": row["image_height"]});
        json!({"boundingBoxes": row["boxes"], "inputImageProperties": size})
    })?;
    let gold = data.gold(set)?;
    let labels = both(&answers, "bounding-box", "iou-clusters")?;
    let at = |least| [0, 1].map(|which: usize| score(&labels[which], &gold, "boxes", box_overlap, least));
    let ([half, plain_half], [strict, plain_strict]) = (at(0.5), at(0.75));
    let figure = |metric: &str, ours, plain, of_peer, aim| Figure {
        kind: "bounding-box",
        set,
        metric: metric.to_owned(),
        ours,
        simplest: Some(plain),
        peer: Some((peer, of_peer)),
        aim,
    };
    Ok(vec![
        figure("F1@0.5", half.f1, plain_half.f1, of_peer[0], Aim::AtLeast(aims[0])),
        figure("F1@0.75", strict.f1, plain_strict.f1, of_peer[1], Aim::AtLeast(aims[1])),
        figure("ECE@0.5", half.error, plain_half.error, of_peer[2], Aim::AtMost(0.02)),
    ])
}

fn same_borders(a: &Value, b: &Value) -> f64 {
    let is_same = ["startOffset", "endOffset"].iter().all(|border| a[border].as_u64() == b[border].as_u64());
    f64::from(u8::from(is_same))
}

pub(crate) fn text_spans(data: &Data) -> Result<Vec<Figure>, Failure> {
    let set = "conll_val";
    let answers = data.answers(set, |row| json!({"entities": row["entities"]}))?;
    let gold = data.gold(set)?;
    let labels = both(&answers, "text-span", "plain-clusters")?;
    let [ours, plain] = [0, 1].map(|which: usize| score(&labels[which], &gold, "entities", same_borders, 1.0));
    Ok(vec![Figure {
        kind: "text-span",
        set,
        metric: format!("exact F1 (ECE {:.3})", ours.error),
        ours: ours.f1,
        simplest: Some(plain.f1),
        peer: Some(("crowd-kit token Dawid-Skene", 0.7449)),
        aim: Aim::AtLeast(0.76),
    }])
}

fn vertices(mark: &Value) -> Vec<Point> {
    list(&mark["vertices"]).iter().filter_map(|vertex| Point::new(number(&vertex["x"]), number(&vertex["y"]))).collect()
}

/// The pixels inside or on the outline of any of the polygons, whose vertices stand at the centers of pixels: fills the
/// outlines where they are, and half a pixel off to every side.
fn filled(polygons: &[Value]) -> Raster {
    let shifts = [(0.5, 0.5), (0.0, 0.5), (1.0, 0.5), (0.5, 0.0), (0.5, 1.0)];
    let filled: Vec<Raster> = polygons
        .iter()
        .flat_map(|polygon| {
            let vertices = vertices(polygon);
            shifts.map(|(right, down)| {
                let moved = vertices.iter().filter_map(|vertex| Point::new(vertex.x + right, vertex.y + down));
                Raster::fill(&moved.collect::<Vec<_>>(), 1.0)
            })
        })
        .collect();
    Raster::vote(&filled.iter().collect::<Vec<_>>(), 1)
}

pub(crate) fn polygons(data: &Data) -> Result<Vec<Figure>, Failure> {
    let set = "bubil_a_poly";
    let answers = data.answers(set, |row| json!({"polygons": row["polygons"]}))?;
    let gold = data.gold(set)?;
    let labels = both(&answers, "polygon", "plain-clusters")?;
    let overlap = |labels: &Labels| {
        mean(gold.iter().map(|(object, row)| {
            let predicted = labels.get(object).map_or(&[][..], |label| list(&label.members["annotations"]));
            filled(predicted).iou(&filled(list(&row["polygons"])))
        }))
    };
    Ok(vec![Figure {
        kind: "polygon",
        set,
        metric: "mean IoU".to_owned(),
        ours: overlap(&labels[0]),
        simplest: Some(overlap(&labels[1])),
        peer: Some(("medoid", 0.8434)),
        aim: Aim::AtLeast(0.865),
    }])
}

pub(crate) fn polygons_without_gold(data: &Data) -> Result<Vec<Figure>, Failure> {
    let set = "cats_poly";
    let [ours, plain] = left_out(data, set)?;
    Ok(vec![Figure {
        kind: "polygon",
        set,
        metric: "mean IoU with a worker left out".to_owned(),
        ours,
        simplest: Some(plain),
        peer: None,
        aim: Aim::None,
    }])
}

/// For a set without gold: how far the label of all workers but one overlaps with what that one drew, on average over the
/// answers; by the default method and by plain clusters.
fn left_out(data: &Data, set: &'static str) -> Result<[f64; 2], Failure> {
    let answers = data.answers(set, |row| json!({"polygons": row["polygons"]}))?;
    let drawn = || answers.by_object.values().flatten();
    let workers: BTreeSet<&String> = drawn().map(|(worker, _)| worker).collect();
    let mut overlaps = [Vec::new(), Vec::new()];
    for left_out in workers {
        let mut others = Answers { set: None, ..answers.clone() };
        others.by_object.values_mut().for_each(|of_object| of_object.retain(|(worker, _)| worker != left_out));
        others.by_object.retain(|_, of_object| of_object.len() > 1);
        for (labels, overlaps) in both(&others, "polygon", "plain-clusters")?.iter().zip(&mut overlaps) {
            for (object, label) in labels {
                let own = answers.by_object[object].iter().filter(|(worker, _)| worker == left_out);
                let fused = filled(list(&label.members["annotations"]));
                overlaps.extend(own.map(|(_, answer)| fused.iou(&filled(list(&answer["polygons"])))));
            }
        }
    }
    Ok(overlaps.map(mean))
}

pub(crate) fn keypoints(data: &Data) -> Result<Vec<Figure>, Failure> {
    let set = "birds_semi_a";
    let answers = data.answers(set, |row| json!({"keypoints": row["keypoints"]}))?;
    let gold = data.gold(set)?;
    let labels = both(&answers, "keypoint", "plain-clusters")?;
    let [ours, plain] = [0, 1].map(|which: usize| {
        [0.05, 0.02]
            .map(|tolerance| mean(gold.iter().flat_map(|(object, row)| found(&labels[which], object, row, tolerance))))
    });
    let figure = |metric: &str, idx: usize, of_peer, aim| Figure {
        kind: "keypoint",
        set,
        metric: metric.to_owned(),
        ours: ours[idx],
        simplest: Some(plain[idx]),
        peer: Some(("median of visible", of_peer)),
        aim,
    };
    Ok(vec![figure("PCK@0.05", 0, 0.8046, Aim::AtLeast(0.88)), figure("PCK@0.02", 1, 0.3105, Aim::None)])
}

/// For each visible part of one object, 1 when the label has it within `tolerance` of the object's size, else 0.
fn found(labels: &Labels, object: &str, row: &Value, tolerance: f64) -> Vec<f64> {
    let predicted = labels.get(object).map_or(&[][..], |label| list(&label.members["annotations"]));
    let visible = list(&row["keypoints"]).iter().filter(|part| part["visible"] == true);
    let is_found = |part: &Value| {
        let point = predicted.iter().find(|point| point["label"] == part["label"])?;
        let [dx, dy] = ["x", "y"].map(|axis| number(&point[axis]) - number(&part[axis]));
        Some(dx.hypot(dy) <= tolerance * number(&row["scale"]))
    };
    visible.map(|part| f64::from(u8::from(is_found(part) == Some(true)))).collect()
}

/// Less than 0 by the mean distance between two lines, both ways.
fn line_nearness(a: &Value, b: &Value) -> f64 {
    let [a, b] = [a, b].map(|line| polyline::resample(&vertices(line), 30));
    -polyline::mean_distance(&a, &b)
}

pub(crate) fn polylines(data: &Data) -> Result<Vec<Figure>, Failure> {
    let set = "synth_polylines";
    let answers = data.answers(set, |row| json!({"polylines": row["polylines"]}))?;
    let gold = data.gold(set)?;
    let labels = both(&answers, "polyline", "plain-clusters")?;
    let [ours, plain] =
        [0, 1].map(|which: usize| score(&labels[which], &gold, "polylines", line_nearness, -FARTHEST_LINE));
    let distance = |score: &MarkScore<'_>| mean(score.found.iter().map(|(_, _, nearness)| -nearness));
    let figure = |metric: String, ours, plain, of_peer, aim| Figure {
        kind: "polyline",
        set,
        metric,
        ours,
        simplest: Some(plain),
        peer: Some(("our prototype", of_peer)),
        aim,
    };
    Ok(vec![
        figure(format!("F1 (ECE {:.3})", ours.error), ours.f1, plain.f1, 0.9567, Aim::AtLeast(0.9567)),
        figure("mean distance, px".to_owned(), distance(&ours), distance(&plain), 4.6946, Aim::AtMost(4.6946)),
    ])
}

/// How many pixels a line may lie away from the true one, on average.
const FARTHEST_LINE: f64 = 15.0;

/// How many meters the center of a cuboid may lie away from the true one.
const FARTHEST_CENTER: f64 = 2.0;

/// Less than 0 by the distance of the centers.
fn center_nearness(a: &Value, b: &Value) -> f64 {
    let squares = ["x", "y", "z"].map(|axis| (number(&a["center"][axis]) - number(&b["center"][axis])).powi(2));
    -squares.iter().sum::<f64>().sqrt()
}

pub(crate) fn cuboids(data: &Data) -> Result<Vec<Figure>, Failure> {
    let set = "synth_cuboids";
    let answers = data.answers(set, |row| json!({"cuboids": row["cuboids"]}))?;
    let gold = data.gold(set)?;
    let labels = both(&answers, "cuboid", "plain-clusters")?;
    let [ours, plain] =
        [0, 1].map(|which: usize| score(&labels[which], &gold, "cuboids", center_nearness, -FARTHEST_CENTER));
    let center = |score: &MarkScore<'_>| mean(score.found.iter().map(|(_, _, nearness)| -nearness));
    let size = |score: &MarkScore<'_>| {
        let ratios = score.found.iter().flat_map(|(a, b, _)| {
            ["length", "width", "height"].map(|side| number(&a["dimensions"][side]) / number(&b["dimensions"][side]))
        });
        mean(ratios.map(|ratio| (ratio - 1.0).abs()))
    };
    let yaw = |score: &MarkScore<'_>| {
        mean(score.found.iter().map(|(a, b, _)| angle::difference(number(&a["yaw"]), number(&b["yaw"]), TAU).abs()))
    };
    let figure = |metric: String, ours, plain, peer, aim| Figure {
        kind: "cuboid",
        set,
        metric,
        ours,
        simplest: Some(plain),
        peer: Some(peer),
        aim,
    };
    let with_error = format!("F1 (ECE {:.3})", ours.error);
    Ok(vec![
        figure(with_error, ours.f1, plain.f1, ("our prototype", 0.9635), Aim::AtLeast(0.9635)),
        figure("center, m".to_owned(), center(&ours), center(&plain), ("first worker", 0.1632), Aim::AtMost(0.1632)),
        figure("size, relative".to_owned(), size(&ours), size(&plain), ("first worker", 0.0595), Aim::AtMost(0.0595)),
        figure("yaw, rad".to_owned(), yaw(&ours), yaw(&plain), ("our prototype", 0.2992), Aim::AtMost(0.2992)),
    ])
}

pub(crate) fn tracks(data: &Data) -> Result<Vec<Figure>, Failure> {
    let set = "synth_tracks";
    let answers = data.answers(set, |row| json!({"frames": row["frames"]}))?;
    let gold = data.gold(set)?;
    let labels = both(&answers, "track", "plain-clusters")?;
    let [ours, plain] = [0, 1].map(|which: usize| track_scores(&labels[which], &gold));
    let figure = |metric: &str, idx: usize, of_peer| Figure {
        kind: "track",
        set,
        metric: metric.to_owned(),
        ours: ours[idx],
        simplest: Some(plain[idx]),
        peer: Some(("our prototype", of_peer)),
        aim: Aim::AtLeast(of_peer),
    };
    Ok(vec![figure("F1 of boxes@0.5", 0, 0.9106), figure("IDF1", 1, 0.9297)])
}

/// F1 of the boxes frame by frame, and IDF1: the same, but every box must belong to the one true track that its whole
/// track was assigned to, in the assignment that makes most boxes right.
fn track_scores(labels: &Labels, gold: &BTreeMap<String, Value>) -> [f64; 2] {
    let (mut n_right, mut n_identified, mut n_predicted, mut n_gold) = (0, 0, 0, 0);
    for (object, row) in gold {
        let tracks = labels.get(object).map_or(&[][..], |label| list(&label.members["annotations"]));
        let mut names: Vec<String> = Vec::new();
        let mut n_shared = vec![Vec::new(); tracks.len()];
        for frame in list(&row["frames"]) {
            let truth = list(&frame["boxes"]);
            n_gold += truth.len();
            let at = |track: &Value| list(&track["boxes"]).iter().find(|one| one["frame"] == frame["frame"]).cloned();
            let mut predicted = Vec::new();
            for (track_idx, track) in tracks.iter().enumerate() {
                let Some(mut one) = at(track) else { continue };
                for other in truth.iter().filter(|other| box_overlap(&one, other) >= 0.5) {
                    let name = text(&other["objectId"]);
                    let name_idx = names.iter().position(|known| *known == name).unwrap_or(names.len());
                    if name_idx == names.len() {
                        names.push(name);
                    }
                    n_shared[track_idx].push(name_idx);
                }
                one["label"] = track["label"].clone();
                one["confidence"] = track["confidence"].clone();
                predicted.push(one);
            }
            n_right += matches(&predicted, truth, box_overlap, 0.5).iter().filter(|one| one.found.is_some()).count();
        }
        n_predicted += tracks.iter().map(|track| list(&track["boxes"]).len()).sum::<usize>();
        n_identified += best_assignment(&n_shared, names.len());
    }
    [f1(n_right, n_predicted, n_gold), f1(n_identified, n_predicted, n_gold)]
}

/// The most boxes that one-to-one pairs of tracks and names can share, where `shared[track]` lists a name once per
/// shared box. Tries all sets of names, of which a sequence has a few.
fn best_assignment(shared: &[Vec<usize>], n_names: usize) -> usize {
    let mut best = vec![Some(0)];
    best.resize(1 << n_names, None);
    for names in shared {
        let mut with_track = best.clone();
        for (taken, n_before) in best.iter().enumerate() {
            for name in (0..n_names).filter(|name| taken & (1 << name) == 0) {
                let n = n_before.map(|before| before + names.iter().filter(|other| **other == name).count());
                let best = &mut with_track[taken | (1 << name)];
                *best = n.max(*best);
            }
        }
        best = with_track;
    }
    best.into_iter().flatten().max().unwrap_or_default()
}
