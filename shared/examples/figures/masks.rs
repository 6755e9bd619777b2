//! Semantic masks.

use std::collections::BTreeMap;

use ground_truth::geometry::mask::{ImageSize, LabelMap, Mask};
use ground_truth::mask_png::{self, Color};
use serde_json::{Value, json};

use crate::score::{calibration_error, mean};
use crate::sets::{Answers, Data, Failure, Labels, list, number, text};
use crate::table::{Aim, Figure};

/// A row of a set as a label map: run lengths that begin with the background, or pairs of class and length.
pub(crate) fn label_map(row: &Value) -> Result<LabelMap, Failure> {
    let whole = |value: &Value| number(value) as u32;
    let size = ImageSize::new(whole(&row["width"]), whole(&row["height"]))?;
    if let Some(counts) = row.get("counts") {
        let counts: Vec<u32> = list(counts).iter().map(whole).collect();
        return Ok((&Mask::from_counts(size, &counts)?).into());
    }
    let runs = list(&row["runs"]).iter().map(|run| (whole(&run[0]) as u16, whole(&run[1])));
    Ok(LabelMap::from_runs(size, runs)?)
}

/// A map as the browser sends it; class `n` has the color numbered `n`.
pub(crate) fn drawn(map: &LabelMap, classes: &[String]) -> Value {
    let colors: Vec<Color> =
        (0..classes.len()).map(|n| if n == 0 { Color::WHITE } else { Color::numbered(n) }).collect();
    let mappings: serde_json::Map<String, Value> =
        (1..classes.len()).map(|n| (classes[n].clone(), json!({"color": colors[n].to_string()}))).collect();
    json!({"labelMappings": mappings, "labeledImage": {"pngImageData": mask_png::write(map, &colors)}})
}

/// The map of a label, in the numbers of `classes`.
fn consolidated(members: &serde_json::Map<String, Value>, classes: &[String]) -> Result<LabelMap, Failure> {
    let read = mask_png::read(&text(&members["labeledImage"]["pngImageData"]))?;
    let class_of = |class: u16| {
        let color = read.colors.get(usize::from(class).checked_sub(1)?)?.to_string();
        let annotation = list(&members["annotations"]).iter().find(|one| one["color"] == color.as_str())?;
        classes.iter().position(|name| annotation["label"] == name.as_str())
    };
    Ok(read.map.recoded(|class| class_of(class).map_or(LabelMap::BACKGROUND, |class| class as u16)))
}

struct MaskSet {
    classes: Vec<String>,
    answers: Answers,
    gold: BTreeMap<String, LabelMap>,
}

impl MaskSet {
    fn read(data: &Data, set: &'static str) -> Result<Self, Failure> {
        let categories = data.categories(set)?;
        let classes: Vec<String> = categories.iter().map(|category| category.as_str().to_owned()).collect();
        let mut answers = Answers { categories: categories[1..].to_vec(), ..data.no_answers(set) };
        for row in data.json_lines(set, "answers.jsonl")? {
            answers.add(text(&row["task"]), text(&row["worker"]), drawn(&label_map(&row)?, &classes));
        }
        let gold: Result<_, Failure> =
            data.gold(set)?.into_iter().map(|(object, row)| Ok((object, label_map(&row)?))).collect();
        Ok(Self { classes, answers, gold: gold? })
    }

    /// Per image and class the pixels in both label and gold, and in either.
    fn overlaps(&self, labels: &Labels) -> Result<Vec<Vec<(f64, f64)>>, Failure> {
        let of_image = |(object, truth): (&String, &LabelMap)| {
            let ours = consolidated(&labels[object].members, &self.classes)?;
            let of_class = |class: usize| {
                let (ours, truth) = (ours.mask_of(class as u16), truth.mask_of(class as u16));
                (f64::from(ours.intersection_area(&truth)), f64::from(ours.union(&truth).area()))
            };
            Ok((0..self.classes.len()).map(of_class).collect())
        };
        self.gold.iter().map(of_image).collect()
    }

    /// The overlap of the classes but the background, averaged over all that some image has, and how far the labels'
    /// confidences lie off it.
    fn mean_overlap(&self, labels: &Labels) -> Result<(f64, f64), Failure> {
        let mut judged = Vec::new();
        for (object, of_class) in self.gold.keys().zip(self.overlaps(labels)?) {
            let annotations = list(&labels[object].members["annotations"]);
            for (name, (shared, either)) in self.classes.iter().zip(of_class).skip(1).filter(|(_, one)| one.1 > 0.0) {
                let annotation = annotations.iter().find(|one| one["label"] == name.as_str());
                let confidence = annotation.map_or(0.0, |one| number(&one["confidence"]));
                judged.push((confidence, shared / either));
            }
        }
        Ok((mean(judged.iter().map(|(_, overlap)| *overlap)), calibration_error(&judged)))
    }
}

/// Intersection over union of the one class, averaged over the images, with 1, 3, 5 and 7 answers to each.
pub(crate) fn binary(data: &Data) -> Result<Vec<Figure>, Failure> {
    let set = "bubil_a";
    let masks = MaskSet::read(data, set)?;
    let mut figures = Vec::new();
    for (n, peer) in [
        (1, None),
        (3, Some(("crowd-kit RASA", 0.8503))),
        (5, Some(("crowd-kit EM", 0.8608))),
        (7, Some(("crowd-kit RASA", 0.8680))),
    ] {
        let answers = masks.answers.first(n);
        let (ours, error) = masks.mean_overlap(&answers.consolidate("semantic-mask", Value::Null)?)?;
        let (plain, _) = masks.mean_overlap(&answers.consolidate("semantic-mask", json!({"method": "pixel-vote"}))?)?;
        figures.push(Figure {
            kind: "semantic-mask",
            set,
            metric: format!("mean IoU, {n} {} (ECE {error:.3})", if n == 1 { "answer" } else { "answers" }),
            ours,
            simplest: Some(plain),
            peer,
            aim: peer.map_or(Aim::None, |(_, of_peer)| Aim::AtLeast(of_peer)),
        });
    }
    Ok(figures)
}

/// Intersection over union of each class over all images together, averaged over the classes.
pub(crate) fn several_classes(data: &Data) -> Result<Vec<Figure>, Failure> {
    let set = "synth_semseg";
    let masks = MaskSet::read(data, set)?;
    let mean_overlap = |parameters: Value| -> Result<f64, Failure> {
        let overlaps = masks.overlaps(&masks.answers.consolidate("semantic-mask", parameters)?)?;
        Ok(mean((0..masks.classes.len()).map(|class| {
            let sum = |part: fn(&(f64, f64)) -> f64| overlaps.iter().map(|image| part(&image[class])).sum::<f64>();
            sum(|overlap| overlap.0) / sum(|overlap| overlap.1)
        })))
    };
    let (_, error) = masks.mean_overlap(&masks.answers.consolidate("semantic-mask", Value::Null)?)?;
    Ok(vec![Figure {
        kind: "semantic-mask",
        set,
        metric: format!("mIoU (ECE {error:.3})"),
        ours: mean_overlap(Value::Null)?,
        simplest: Some(mean_overlap(json!({"method": "pixel-vote"}))?),
        peer: Some(("SimpleITK MultiLabelSTAPLE", 0.9267)),
        aim: Aim::AtLeast(0.94),
    }])
}
