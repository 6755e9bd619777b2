//! Frames of points: what stands about them in a manifest line (`source-ref-metadata`) or in a sequence file.
//!
//! AWS: sms-point-cloud-single-frame-input-data, sms-point-cloud-multi-frame-input-data.

use serde_json::Value;

use super::problems::Found;

/// What a file of points may hold: the first part says how, the second what.
const FORMATS: [&str; 8] = [
    "binary/xyz",
    "binary/xyzi",
    "binary/xyzrgb",
    "binary/xyzirgb",
    "text/xyz",
    "text/xyzi",
    "text/xyzrgb",
    "text/xyzirgb",
];

const MAX_IMAGES: usize = 8;

/// Real files spell it both ways.
const CAMERA_MODEL: [&str; 2] = ["camera-model", "camera_model"];

/// Numbers that a camera may have beside those it must have.
const OPTIONAL_OF_A_CAMERA: [&str; 7] = ["k1", "k2", "k3", "k4", "p1", "p2", "skew"];

/// Everything that stands against a frame; `path` is the member that holds it.
pub(crate) fn check_frame(frame: &Value, path: &str, found: &mut Found<'_>) {
    let at = |name: &str| format!("{path}.{name}");
    if !frame.is_object() {
        return found.error(path, || "must be an object".to_owned(), "give at least its unix-timestamp");
    }
    number(frame, "unix-timestamp", path, found);
    if let Some(format) = frame.get("format")
        && !format.as_str().is_some_and(|format| FORMATS.contains(&format))
    {
        let message = || format!("is not one of {}", FORMATS.join(", "));
        found.error(&at("format"), message, "leave it out for x, y, z and intensity");
    }
    if let Some(prefix) = frame.get("prefix")
        && !prefix.as_str().is_some_and(|prefix| prefix.ends_with('/'))
    {
        found.error(&at("prefix"), || "does not end with a slash".to_owned(), "write it as s3://bucket/folder/");
    }
    if let Some(pose) = frame.get("ego-vehicle-pose") {
        check_pose(pose, &at("ego-vehicle-pose"), found);
    }
    match frame.get("images") {
        None => {}
        Some(Value::Array(images)) => {
            if images.len() > MAX_IMAGES {
                let message = || format!("has {} pictures", images.len());
                found.error(&at("images"), message, &format!("keep at most {MAX_IMAGES}"));
            }
            for (idx, image) in images.iter().enumerate() {
                check_image(image, &at(&format!("images[{idx}]")), found);
            }
        }
        Some(_) => found.error(&at("images"), || "must be a list".to_owned(), "leave it out without pictures"),
    }
}

fn check_image(image: &Value, path: &str, found: &mut Found<'_>) {
    if image["image-path"].as_str().is_none_or(str::is_empty) {
        let message = || "must be the name of a picture".to_owned();
        found.error(&format!("{path}.image-path"), message, "name it, below the prefix");
    }
    for name in ["unix-timestamp", "fx", "fy", "cx", "cy"] {
        number(image, name, path, found);
    }
    for name in OPTIONAL_OF_A_CAMERA.into_iter().filter(|name| image.get(name).is_some()) {
        number(image, name, path, found);
    }
    check_pose(image, path, found);
    for name in CAMERA_MODEL {
        if let Some(model) = image.get(name)
            && !matches!(model.as_str(), Some("pinhole" | "fisheye"))
        {
            found.error(&format!("{path}.{name}"), || "is neither pinhole nor fisheye".to_owned(), "write one of them");
        }
    }
}

/// `position` and `heading` of a vehicle or a camera.
fn check_pose(pose: &Value, path: &str, found: &mut Found<'_>) {
    for (part, names) in [("position", &["x", "y", "z"][..]), ("heading", &["qx", "qy", "qz", "qw"])] {
        for name in names {
            number(&pose[part], name, &format!("{path}.{part}"), found);
        }
    }
}

fn number(object: &Value, name: &str, path: &str, found: &mut Found<'_>) {
    if !object[name].is_number() {
        found.error(&format!("{path}.{name}"), || "must be a number".to_owned(), "give it");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::problems::CountedProblems;
    use super::*;

    fn said(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let position = json!({"x": 1, "y": 2.5, "z": 0});
        let heading = json!({"qx": 0, "qy": 0, "qz": 0, "qw": 1});
        let mut frame = json!({
            "format": "binary/xyzi", "unix-timestamp": 1.5, "prefix": "s3://b/p/",
            "ego-vehicle-pose": {"position": position, "heading": heading},
            "images": [{"image-path": "a.jpg", "unix-timestamp": 1.5, "fx": 1, "fy": 1, "cx": 1, "cy": 1,
                        "position": position, "heading": heading, "camera_model": "fisheye", "k1": 0.1}],
        });
        change(&mut frame);
        let mut problems = CountedProblems::new(100);
        check_frame(&frame, "f", &mut problems.of("point-cloud-frame", Some(1)));
        problems.kept().iter().map(ToString::to_string).collect()
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Value), expected: &str) {
        let said = said(change);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains(expected), "{said:?} does not say {expected:?}");
    }

    #[test]
    fn every_member_of_a_frame_is_looked_at() {
        assert_eq!(said(|_| {}), Vec::<String>::new());
        assert_eq!(said(|frame| *frame = json!({"unix-timestamp": 0})), Vec::<String>::new());
        check(|frame| *frame = json!([]), "f must be an object");
        check(|frame| frame["unix-timestamp"] = json!("1"), "f.unix-timestamp must be a number");
        check(|frame| frame["format"] = json!("binary/xy"), "f.format is not one of binary/xyz");
        check(|frame| frame["prefix"] = json!("s3://b/p"), "f.prefix does not end with a slash");
        check(
            |frame| frame["ego-vehicle-pose"]["heading"]["qw"] = json!(null),
            "f.ego-vehicle-pose.heading.qw must be",
        );
        check(|frame| frame["images"] = json!({}), "f.images must be a list");
        check(|frame| frame["images"] = json!(vec![frame["images"][0].clone(); 9]), "f.images has 9 pictures");
        check(|frame| frame["images"][0]["image-path"] = json!(""), "f.images[0].image-path must be the name");
        check(|frame| frame["images"][0]["cy"] = json!(null), "f.images[0].cy must be a number");
        check(|frame| frame["images"][0]["k1"] = json!("x"), "f.images[0].k1 must be a number");
        check(|frame| frame["images"][0]["position"]["z"] = json!("0"), "f.images[0].position.z must be a number");
        check(|frame| frame["images"][0]["camera_model"] = json!("pin"), "f.images[0].camera_model is neither");
        check(|frame| frame["images"][0]["camera-model"] = json!("pin"), "f.images[0].camera-model is neither");
    }
}
