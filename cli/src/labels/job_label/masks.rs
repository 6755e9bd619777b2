//! Labels that are masks: a picture, and what its colors stand for.

use ground_truth::geometry::mask::Mask;
use ground_truth::mask_png::{self, Color};
use serde_json::{Map, Value, json};

use super::FieldLabel;

/// The class that Ground Truth gives all pixels that nobody painted.
const BACKGROUND: &str = "BACKGROUND";

/// The pixels of each annotation of a label, in their order: `None` for one without any. `None` for a label that is no
/// mask, or whose picture cannot be read.
pub(crate) fn masks(members: &Map<String, Value>) -> Option<Vec<Option<Mask>>> {
    let image = mask_png::read(members.get("labeledImage")?.get("pngImageData")?.as_str()?).ok()?;
    let mask = |annotation: &Value| {
        let color = Color::parse(annotation.get("color")?.as_str()?)?;
        let class = image.colors.iter().position(|known| *known == color)? + 1;
        Some(image.map.mask_of(class as u16))
    };
    Some(members.get("annotations").and_then(Value::as_array).into_iter().flatten().map(mask).collect())
}

/// A label of the built-in semantic segmentation, whose metadata tell what the colors of its picture stand for. Without
/// `hex-color` a class has the gray of its number.
pub(super) fn built_in(label: &Value, color_map: &Map<String, Value>) -> Option<FieldLabel> {
    let image = mask_png::read(label.get("labeledImage")?.get("pngImageData")?.as_str()?).ok()?;
    let areas = image.map.areas();
    let class = |(number, class): (&String, &Value)| {
        let name = class.get("class-name")?.as_str().filter(|name| *name != BACKGROUND)?;
        let color = match class.get("hex-color").and_then(Value::as_str) {
            Some(color) => Color::parse(color)?,
            None => Color([number.parse().ok()?; 3]),
        };
        let place = image.colors.iter().position(|known| *known == color)?;
        let mut annotation = json!({"label": name, "color": color, "pixels": areas.get(place + 1)});
        if let (Some(confidence), Value::Object(annotation)) = (class.get("confidence"), &mut annotation) {
            annotation.insert("confidence".to_owned(), confidence.clone());
        }
        Some(annotation)
    };
    let annotations: Vec<Value> = color_map.iter().filter_map(class).collect();
    let size = image.map.size();
    let members = json!({
        "annotations": annotations,
        "imageSize": {"width": size.width(), "height": size.height()},
        "labeledImage": label.get("labeledImage"),
    });
    Some(FieldLabel::new("semantic-mask", members))
}

#[cfg(test)]
mod tests {
    use ground_truth::geometry::mask::{ImageSize, LabelMap};

    use super::*;

    /// Three pixels in a row: background, the first class, the second one.
    fn picture(colors: [Color; 3]) -> Value {
        let size = ImageSize::new(3, 1).expect("a size");
        let map = LabelMap::from_runs(size, [(0, 1), (1, 1), (2, 1)]).expect("a map");
        json!({"labeledImage": {"pngImageData": mask_png::write(&map, &colors)}})
    }

    fn color(text: &str) -> Color {
        Color::parse(text).expect("a color")
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
        let field = built_in(&label, color_map.as_object().expect("an object")).expect("a label");
        assert_eq!(field.kind, "semantic-mask");
        assert_eq!(
            field.members["annotations"],
            json!([{"label": "water", "color": "#1f77b4", "pixels": 1, "confidence": 0.77},
                {"label": "sand", "color": "#ff7f0e", "pixels": 1}])
        );
        assert_eq!(field.image_size(), Some((3.0, 1.0)));
        let masks = masks(&field.members).expect("masks");
        let counts: Vec<_> = masks.iter().flatten().map(Mask::counts).collect();
        assert_eq!(counts, [vec![1, 1, 1], vec![2, 1]]);
    }

    #[test]
    fn without_colors_a_class_has_the_gray_of_its_number() {
        let color_map =
            json!({"0": {"class-name": "BACKGROUND"}, "1": {"class-name": "water"}, "2": {"class-name": "sand"}});
        let label = picture([0, 1, 2].map(|gray| Color([gray; 3])));
        let field = built_in(&label, color_map.as_object().expect("an object")).expect("a label");
        let names: Vec<_> = field.list("annotations").iter().map(|annotation| &annotation["label"]).collect();
        assert_eq!(names, ["water", "sand"]);
        assert_eq!(built_in(&json!({"labeledImage": {"pngImageData": "no"}}), &Map::new()), None);
    }
}
