//! Labels in the shapes of Ground Truth's built-in task types: classes by their index in a list, confidences in the
//! metadata.

use serde_json::{Map, Value, json};

use super::field_label::FieldLabel;
use crate::annotation_kinds::ALL;
use crate::batch::SourceKind;
use crate::label_content::{BuiltInTask, Decided, Marks, Shape};
use crate::mask_png::{self, Color};
use crate::vocabulary::{Confidence, LabelCategory, Pixels};

/// The class that Ground Truth gives all pixels that nobody painted.
const BACKGROUND: &str = "BACKGROUND";

/// A label in the shape of a built-in task type, and its metadata.
#[derive(Debug, Clone, PartialEq)]
pub struct BuiltInLabel {
    /// The value under the label attribute.
    pub label: Value,
    /// The members of `<label>-metadata` that depend on the label, in kebab-case.
    pub metadata: Map<String, Value>,
}

/// A category, and its index in the list of categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class<'a> {
    /// Index in the list of categories, from 0.
    pub index: usize,
    /// The category's name.
    pub name: &'a str,
}

impl BuiltInLabel {
    fn new<const N: usize>(label: Value, metadata: [(&str, Value); N]) -> Self {
        Self { label, metadata: metadata.map(|(name, value)| (name.to_owned(), value)).into_iter().collect() }
    }

    /// Image or text classification with a single label.
    pub fn classification(class: Class<'_>, confidence: f64, source: Option<SourceKind>) -> Self {
        let label_type = format!("groundtruth/{}-classification", text_or_image(source));
        Self::new(
            json!(class.index),
            [("class-name", json!(class.name)), ("confidence", json!(confidence)), ("type", json!(label_type))],
        )
    }

    /// Image or text classification with several labels, each with its confidence.
    pub fn multi_label_classification(classes: &[(Class<'_>, f64)], source: Option<SourceKind>) -> Self {
        let mut indices: Vec<usize> = classes.iter().map(|(class, _)| class.index).collect();
        indices.sort_unstable();
        let confidence = |(class, confidence): &(Class<'_>, f64)| (class.index.to_string(), json!(confidence));
        let confidence_map: Map<String, Value> = classes.iter().map(confidence).collect();
        let label_type = format!("groundtruth/{}-classification-multilabel", text_or_image(source));
        Self::new(
            json!(indices),
            [
                ("class-map", class_map(classes.iter().map(|(class, _)| *class))),
                ("confidence-map", confidence_map.into()),
                ("type", json!(label_type)),
            ],
        )
    }

    /// Boxes in an image, each with left, top, width and height in pixels and with its confidence.
    pub fn object_detection(boxes: &[(Class<'_>, [f64; 4], f64)], image_size: Option<(f64, f64)>) -> Self {
        let annotation = |(class, sides, _): &(Class<'_>, [f64; 4], f64)| {
            let [left, top, width, height] = sides.map(|side| side.round() as i64);
            json!({"class_id": class.index, "left": left, "top": top, "width": width, "height": height})
        };
        let annotations: Vec<Value> = boxes.iter().map(annotation).collect();
        let objects: Vec<Value> = boxes.iter().map(|(.., confidence)| json!({ "confidence": confidence })).collect();
        let size = |(width, height)| json!({"width": Pixels(width), "height": Pixels(height), "depth": 3});
        let sizes: Vec<Value> = image_size.into_iter().map(size).collect();
        Self::new(
            json!({"image_size": sizes, "annotations": annotations}),
            [
                ("objects", json!(objects)),
                ("class-map", class_map(boxes.iter().map(|(class, ..)| *class))),
                ("type", json!("groundtruth/object-detection")),
            ],
        )
    }

    /// Spans of a text, each with its category, first unit, one past the last, and confidence.
    pub fn named_entity_recognition<'a>(
        spans: &[(&str, usize, usize, f64)],
        categories: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let entity = |(label, start, end, _): &(&str, usize, usize, f64)| json!({"label": label, "startOffset": start, "endOffset": end});
        let entities: Vec<Value> = spans.iter().map(entity).collect();
        let confidences: Vec<Value> =
            spans.iter().map(|(.., confidence)| json!({ "confidence": confidence })).collect();
        let labels: Vec<Value> = categories.into_iter().map(|category| json!({ "label": category })).collect();
        Self::new(
            json!({"annotations": {"labels": labels, "entities": entities}}),
            [("entities", json!(confidences)), ("type", json!("groundtruth/text-span"))],
        )
    }
}

fn text_or_image(source: Option<SourceKind>) -> &'static str {
    if source == Some(SourceKind::Text) { "text" } else { "image" }
}

fn class_map<'a>(classes: impl Iterator<Item = Class<'a>>) -> Value {
    Value::Object(classes.map(|class| (class.index.to_string(), json!(class.name))).collect())
}

/// Writes a field's label as Ground Truth's own consolidation would. `None` where there is no label, where it names a
/// category outside the list, or no category at all, and for a task whose labels are never written.
pub(super) fn write(
    task: BuiltInTask,
    field: &FieldLabel<'_>,
    categories: &[LabelCategory],
    source: Option<SourceKind>,
) -> Option<BuiltInLabel> {
    let class = |name| {
        let index = categories.iter().position(|category| category.as_str() == name)?;
        Some(Class { index, name })
    };
    let confidence = |value: f64| Some(single_worker_is_zero(field, Confidence::new(value).ok()?).rounded());
    match (task, field.decided()?) {
        (BuiltInTask::Classification, Decided::Category(name)) => {
            Some(BuiltInLabel::classification(class(name)?, confidence(field.confidence()?)?, source))
        }
        (BuiltInTask::MultiLabelClassification, Decided::Categories(names)) => {
            let with_confidence = |name| {
                let (_, share) = field.confidences()?.find(|(category, _)| *category == name)?;
                Some((class(name)?, confidence(share)?))
            };
            let classes: Vec<(Class<'_>, f64)> = names.into_iter().map(with_confidence).collect::<Option<_>>()?;
            Some(BuiltInLabel::multi_label_classification(&classes, source))
        }
        (BuiltInTask::ObjectDetection, Decided::Marks(marks)) => {
            let drawn = |(name, shape, share)| {
                let Shape::Box(one) = shape else { return None };
                Some((class(name)?, [one.left, one.top, one.width, one.height], confidence(share)?))
            };
            let boxes: Vec<(Class<'_>, [f64; 4], f64)> = told(marks)?.into_iter().map(drawn).collect::<Option<_>>()?;
            Some(BuiltInLabel::object_detection(&boxes, field.image_size()))
        }
        (BuiltInTask::NamedEntityRecognition, Decided::Marks(marks)) => {
            let span = |(name, shape, share)| {
                let Shape::Span { start, end } = shape else { return None };
                Some((class(name)?.name, start, end, confidence(share)?))
            };
            let spans: Vec<(&str, usize, usize, f64)> = told(marks)?.into_iter().map(span).collect::<Option<_>>()?;
            Some(BuiltInLabel::named_entity_recognition(&spans, categories.iter().map(LabelCategory::as_str)))
        }
        _ => None,
    }
}

/// Every mark with its category, shape and confidence; `None` where one lacks any of them.
fn told(marks: Marks<'_>) -> Option<Vec<(&str, Shape, f64)>> {
    let told: Vec<_> = marks
        .with_shapes()
        .map(|(mark, shape)| Some((mark.category()?, shape, mark.confidence()?)))
        .collect::<Option<_>>()?;
    (told.len() == marks.iter().len()).then_some(told)
}

/// Ground Truth's convention: a label that rests on one worker has the confidence 0, whatever the method says. A known
/// answer rests on none.
fn single_worker_is_zero(field: &FieldLabel<'_>, confidence: Confidence) -> Confidence {
    if field.n_workers() == Some(1) && !field.is_gold() { Confidence::ZERO } else { confidence }
}

/// Reads a label of a built-in task type, whose metadata tell what its numbers or colors stand for.
pub(super) fn read(label: &Value, metadata: &Map<String, Value>) -> Option<FieldLabel<'static>> {
    let (task, members) = if let Some(color_map) = metadata.get("internal-color-map") {
        (BuiltInTask::SemanticSegmentation, segmentation(label, color_map.as_object()?)?)
    } else if let Some(name) = metadata.get("class-name").filter(|_| !label.is_object()) {
        (BuiltInTask::Classification, json!({"label": name, "confidence": metadata.get("confidence")}))
    } else if let Value::Array(indices) = label {
        let labels: Vec<&Value> = indices.iter().map(|index| class(index, metadata)).collect::<Option<_>>()?;
        (BuiltInTask::MultiLabelClassification, json!({ "labels": labels }))
    } else {
        marks(label, metadata)?
    };
    let kind = ALL.iter().find(|kind| kind.particulars.built_in == Some(task))?;
    let Value::Object(members) = members else { return None };
    Some(FieldLabel::of_kind(kind.name, members))
}

/// The class with an index, which is a number or its text.
fn class<'a>(index: &Value, metadata: &'a Map<String, Value>) -> Option<&'a Value> {
    let index = index.as_str().map_or_else(|| index.to_string(), str::to_owned);
    metadata.get("class-map")?.get(&index)
}

fn marks(label: &Value, metadata: &Map<String, Value>) -> Option<(BuiltInTask, Value)> {
    let (task, marks) = match label.get("annotations")? {
        Value::Array(marks) => (BuiltInTask::ObjectDetection, marks),
        spans => (BuiltInTask::NamedEntityRecognition, spans.get("entities")?.as_array()?),
    };
    let of_marks = metadata.get("objects").or_else(|| metadata.get("entities")).and_then(Value::as_array);
    let mark = |(idx, mark): (usize, &Value)| {
        let mut members = mark.as_object()?.clone();
        if let Some(index) = members.shift_remove("class_id") {
            members.insert("label".to_owned(), class(&index, metadata)?.clone());
        }
        if let Some(confidence) = of_marks.and_then(|of_marks| of_marks.get(idx)?.get("confidence")) {
            members.insert("confidence".to_owned(), confidence.clone());
        }
        Some(Value::Object(members))
    };
    let marks: Vec<Value> = marks.iter().enumerate().map(mark).collect::<Option<_>>()?;
    let mut members = json!({ "annotations": marks });
    if let Some(size) = label.get("image_size").and_then(|sizes| sizes.get(0)) {
        members["imageSize"] = json!({"width": size.get("width"), "height": size.get("height")});
    }
    Some((task, members))
}

/// The metadata of the built-in semantic segmentation tell what the colors of the picture stand for. Without `hex-color` a
/// class has the gray of its number.
fn segmentation(label: &Value, color_map: &Map<String, Value>) -> Option<Value> {
    let labeled_image = label.get("labeledImage")?;
    let image = mask_png::read(labeled_image.get("pngImageData")?.as_str()?).ok()?;
    let areas = image.map.areas();
    let class = |(number, class): (&String, &Value)| {
        let name = class.get("class-name")?.as_str().filter(|name| *name != BACKGROUND)?;
        let color = match class.get("hex-color").and_then(Value::as_str) {
            Some(color) => Color::parse(color)?,
            None => Color([number.parse().ok()?; 3]),
        };
        let idx = image.colors.iter().position(|known| *known == color)?;
        let mut annotation = json!({"label": name, "color": color, "pixels": areas.get(idx + 1)});
        if let Some(confidence) = class.get("confidence") {
            annotation["confidence"] = confidence.clone();
        }
        Some(annotation)
    };
    let annotations: Vec<Value> = color_map.iter().filter_map(class).collect();
    let size = image.map.size();
    Some(json!({
        "annotations": annotations,
        "imageSize": {"width": size.width(), "height": size.height()},
        "labeledImage": labeled_image,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::mask::{ImageSize, LabelMap, Mask};

    fn image_size() -> ImageSize {
        ImageSize::new(3, 1).expect("a size")
    }

    /// Three pixels in a row: background, the first class, the second one.
    fn picture(colors: [Color; 3]) -> Value {
        let map = LabelMap::from_runs(image_size(), [(0, 1), (1, 1), (2, 1)]).expect("a map");
        json!({"labeledImage": {"pngImageData": mask_png::write(&map, &colors)}})
    }

    fn color(text: &str) -> Color {
        Color::parse(text).expect("a color")
    }

    fn read_masks(label: &Value, color_map: Value) -> Option<FieldLabel<'static>> {
        read(label, &Map::from_iter([("internal-color-map".to_owned(), color_map)]))
    }

    #[test]
    fn classes_are_found_by_their_color() {
        let color_map = json!({
            "0": {"class-name": "BACKGROUND", "hex-color": "#ffffff", "confidence": 0.8},
            "1": {"class-name": "water", "hex-color": "#1f77b4", "confidence": 0.77},
            "2": {"class-name": "sand", "hex-color": "#FF7F0E"},
            "3": {"class-name": "reed", "hex-color": "#2ca02c"},
        });
        let label = picture([Color::WHITE, color("#1f77b4"), color("#ff7f0e")]);
        let field = read_masks(&label, color_map).expect("a label");
        assert_eq!((field.kind_name(), field.image_size()), ("semantic-mask", Some((3.0, 1.0))));
        let marks = field.marks().expect("marks");
        let told: Vec<_> = marks.iter().map(|mark| (mark.category(), mark.confidence())).collect();
        assert_eq!(told, [(Some("water"), Some(0.77)), (Some("sand"), None)]);
        let masks =
            [[1, 1, 1].as_slice(), &[2, 1]].map(|counts| Mask::from_counts(image_size(), counts).expect("a mask"));
        assert_eq!(marks.with_shapes().map(|(_, shape)| shape).collect::<Vec<_>>(), masks.map(Shape::Mask));
    }

    /// A field's label under its kind, written for a job with these categories.
    fn written(task: BuiltInTask, field: Value, categories: &[&str]) -> Option<BuiltInLabel> {
        let categories: Vec<LabelCategory> = categories.iter().copied().map(LabelCategory::new).collect();
        write(task, &FieldLabel::read(&field).expect("a label"), &categories, Some(SourceKind::File))
    }

    #[test]
    fn entities_are_written_with_the_jobs_categories() {
        let field = json!({"kind": "text-span", "confidence": 0.9, "workers": 3,
            "annotations": [{"label": "river", "startOffset": 4, "endOffset": 9, "confidence": 0.9, "workers": 3}]});
        let task = BuiltInTask::NamedEntityRecognition;
        let built_in = written(task, field.clone(), &["date", "river"]).expect("a label");
        assert_eq!(
            built_in.label,
            json!({"annotations": {"labels": [{"label": "date"}, {"label": "river"}],
                "entities": [{"label": "river", "startOffset": 4, "endOffset": 9}]}})
        );
        let metadata = json!({"entities": [{"confidence": 0.9}], "type": "groundtruth/text-span"});
        assert_eq!(Value::Object(built_in.metadata), metadata);
        assert_eq!(written(task, field, &["date"]), None);
    }

    #[test]
    fn what_the_shape_cannot_say_is_not_written() {
        let categories = ["otter"];
        let boxes =
            |mark: Value| json!({"kind": "bounding-box", "confidence": 0.9, "workers": 3, "annotations": [mark]});
        let without_category = json!({"left": 1, "top": 2, "width": 3, "height": 4, "confidence": 0.9});
        assert_eq!(written(BuiltInTask::ObjectDetection, boxes(without_category), &categories), None);
        let without_shape = json!({"label": "otter", "confidence": 0.9});
        assert_eq!(written(BuiltInTask::ObjectDetection, boxes(without_shape), &categories), None);
        let tied = json!({"kind": "classification", "label": null, "workers": 2, "reason": "tie"});
        assert_eq!(written(BuiltInTask::Classification, tied, &categories), None);
        let mask = json!({"kind": "semantic-mask", "annotations": [], "confidence": 0.9, "workers": 3});
        assert_eq!(written(BuiltInTask::SemanticSegmentation, mask, &categories), None);
    }

    #[test]
    fn a_lone_worker_has_no_confidence_but_a_known_answer_has() {
        let confidence = |field: Value| {
            let built_in = written(BuiltInTask::Classification, field, &["otter"]).expect("a label");
            built_in.metadata["confidence"].as_f64()
        };
        let of_workers =
            |n: usize| json!({"kind": "classification", "label": "otter", "confidence": 0.8, "workers": n});
        assert_eq!((confidence(of_workers(1)), confidence(of_workers(2))), (Some(0.0), Some(0.8)));
        let known = json!({"kind": "classification", "label": "otter", "confidence": 1.0, "workers": 1, "gold": true});
        assert_eq!(confidence(known), Some(1.0));
    }

    #[test]
    fn without_colors_a_class_has_the_gray_of_its_number() {
        let color_map =
            json!({"0": {"class-name": "BACKGROUND"}, "1": {"class-name": "water"}, "2": {"class-name": "sand"}});
        let label = picture([0, 1, 2].map(|gray| Color([gray; 3])));
        let field = read_masks(&label, color_map).expect("a label");
        let names: Vec<_> = field.marks().expect("marks").iter().filter_map(|mark| mark.category()).collect();
        assert_eq!(names, ["water", "sand"]);
        assert_eq!(read_masks(&json!({"labeledImage": {"pngImageData": "no"}}), json!({})), None);
    }
}
