//! Sequence files: the frames of a video or of a point cloud over time, listed in a file that `source-ref` names.
//!
//! AWS: sms-video-manual-data-setup and sms-point-cloud-multi-frame-input-data. About the order of video frames the guide
//! says two things: `frame-no` decides, and the names decide as UTF-8 bytes. Frames whose numbers and names agree are
//! safe under both.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::expectations::FileKind;
use super::point_cloud;
use super::problems::Found;
use super::rules::s3_parts;

const MAX_VIDEO_FRAMES: usize = 2_000;
const MAX_POINT_CLOUD_FRAMES: usize = 500;

/// A sequence file on this computer.
#[derive(Debug)]
pub(crate) struct SequenceFile {
    /// Its content, or why it has none.
    pub(crate) document: Result<Value, String>,
    /// The first earlier line whose sequence has the same prefix.
    pub(crate) same_prefix_as: Option<u64>,
}

impl SequenceFile {
    /// Reads a file; what is wrong with it is for [`check`] to say.
    pub(crate) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).map_err(|error| error.to_string());
        let document = text.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
        Self { document, same_prefix_as: None }
    }

    /// Where its frames lie.
    pub(crate) fn prefix(&self) -> Option<&str> {
        self.document.as_ref().ok()?.get("prefix")?.as_str()
    }
}

/// Everything that stands against a sequence file; `kind` tells whose.
pub(crate) fn check(file: &SequenceFile, kind: FileKind, found: &mut Found<'_>) {
    let document = match &file.document {
        Ok(document @ Value::Object(_)) => document,
        Ok(_) => return found.error("source-ref", || "names a file that holds no JSON object".to_owned(), WRITE_FILE),
        Err(why) => {
            return found.error("source-ref", || format!("names a file that cannot be read: {why}"), WRITE_FILE);
        }
    };
    if !document["seq-no"].is_i64() && !document["seq-no"].is_u64() {
        found.error("seq-no", || "must be a whole number".to_owned(), "number the sequences of the manifest");
    }
    check_prefix(document, file.same_prefix_as, found);
    let Some(frames) = document["frames"].as_array().filter(|frames| !frames.is_empty()) else {
        return found.error("frames", || "must be a list of frames".to_owned(), "list every frame, in order");
    };
    if document["number-of-frames"].as_u64() != Some(frames.len() as u64) {
        let message = || format!("must be {}, the length of `frames`", frames.len());
        found.error("number-of-frames", message, "count the frames");
    }
    let max = if kind == FileKind::PointCloudSequence { MAX_POINT_CLOUD_FRAMES } else { MAX_VIDEO_FRAMES };
    if frames.len() > max {
        found.error("frames", || format!("has {} frames", frames.len()), &format!("stay within {max}: split it"));
    }
    if kind == FileKind::PointCloudSequence {
        check_point_cloud_frames(frames, found);
    } else {
        check_video_frames(frames, found);
    }
}

const WRITE_FILE: &str = "write one JSON object with seq-no, prefix, number-of-frames and frames";

fn check_prefix(document: &Value, same_as: Option<u64>, found: &mut Found<'_>) {
    let Some(prefix) = document["prefix"].as_str() else {
        return found.error("prefix", || "must be the S3 URI of the frames' folder".to_owned(), WRITE_PREFIX);
    };
    match s3_parts(prefix) {
        Ok((_, "")) => found.error("prefix", || "is a whole bucket".to_owned(), "put the frames into a folder"),
        Ok((_, key)) if key.ends_with('/') => {}
        Ok(_) => found.error("prefix", || "does not end with a slash".to_owned(), WRITE_PREFIX),
        Err(_) => found.error("prefix", || "does not start with s3:// and a bucket".to_owned(), WRITE_PREFIX),
    }
    if let Some(line) = same_as {
        let message = || format!("is that of line {line}, too");
        found.error("prefix", message, "give each sequence a folder of its own");
    }
}

const WRITE_PREFIX: &str = "write it as s3://bucket/folder/";

fn check_video_frames(frames: &[Value], found: &mut Found<'_>) {
    let mut numbered = Vec::new();
    for (idx, frame) in frames.iter().enumerate() {
        let name = frame["frame"].as_str().filter(|name| !name.is_empty());
        if name.is_none() {
            let message = || "must be the name of a file below the prefix".to_owned();
            found.error(&format!("frames[{idx}].frame"), message, "name the picture");
        }
        let number = frame["frame-no"].as_i64();
        if number.is_none() {
            let message = || "must be a whole number".to_owned();
            found.error(&format!("frames[{idx}].frame-no"), message, "number the frames in order");
        }
        let time = &frame["unix-timestamp"];
        if !time.is_null() && time.as_i64().is_none() {
            let message = || "must be a whole number of seconds".to_owned();
            found.error(&format!("frames[{idx}].unix-timestamp"), message, "round it, or leave it out");
        }
        numbered.extend(number.zip(name));
    }
    numbered.sort_unstable();
    for pair in numbered.windows(2) {
        let [(number, name), (next_number, next_name)] = pair else { continue };
        if number == next_number {
            let message = || format!("has frame-no {number} twice");
            return found.error("frames", message, "give each frame a number of its own");
        }
        if name >= next_name {
            let message = || format!("puts `{name}` before `{next_name}` by number, and behind it by name");
            return found.warning("frames", message, "pad the numbers in the names with zeros, as in 0007.png");
        }
    }
}

fn check_point_cloud_frames(frames: &[Value], found: &mut Found<'_>) {
    let mut last_time: Option<f64> = None;
    for (idx, frame) in frames.iter().enumerate() {
        let path = format!("frames[{idx}]");
        if frame["frame"].as_str().is_none_or(str::is_empty) {
            let message = || "must be the name of a file below the prefix".to_owned();
            found.error(&format!("{path}.frame"), message, "name the file of points");
        }
        let time = frame["unix-timestamp"].as_f64();
        if let (Some(time), Some(last)) = (time, last_time)
            && time <= last
        {
            let message = || "is not later than that of the frame before".to_owned();
            found.error(&format!("{path}.unix-timestamp"), message, "sort the frames by time, each at its own");
        }
        last_time = time.or(last_time);
        point_cloud::check_frame(frame, &path, found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::problems::CountedProblems;
    use super::*;

    fn said(document: Value, kind: FileKind) -> Vec<String> {
        let mut problems = CountedProblems::new(100);
        let file = SequenceFile { document: Ok(document), same_prefix_as: None };
        check(&file, kind, &mut problems.of("sequence-file", Some(1)));
        problems.kept().iter().map(ToString::to_string).collect()
    }

    fn video(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut document = json!({
            "seq-no": 1, "prefix": "s3://b/v/", "number-of-frames": 2,
            "frames": [{"frame-no": 0, "frame": "00.png"}, {"frame-no": 1, "frame": "01.png", "unix-timestamp": 7}],
        });
        change(&mut document);
        said(document, FileKind::VideoFrameSequence)
    }

    #[track_caller]
    fn check_video(change: impl FnOnce(&mut Value), expected: &str) {
        let said = video(change);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains(expected), "{said:?} does not say {expected:?}");
    }

    #[test]
    fn a_video_needs_every_member() {
        assert_eq!(video(|_| {}), Vec::<String>::new());
        check_video(|file| file["seq-no"] = json!("1"), "seq-no must be a whole number");
        check_video(|file| file["prefix"] = json!("s3://b/"), "prefix is a whole bucket");
        check_video(|file| file["prefix"] = json!("s3://b/v"), "prefix does not end with a slash");
        check_video(|file| file["prefix"] = json!("b/v/"), "prefix does not start with s3://");
        check_video(|file| file["prefix"] = json!(null), "prefix must be the S3 URI");
        check_video(|file| file["number-of-frames"] = json!(3), "number-of-frames must be 2");
        check_video(|file| file["frames"] = json!([]), "frames must be a list of frames");
        check_video(|file| file["frames"][1]["frame-no"] = json!(null), "frames[1].frame-no must be a whole number");
        check_video(|file| file["frames"][1]["frame"] = json!(7), "frames[1].frame must be the name");
        check_video(
            |file| file["frames"][1]["unix-timestamp"] = json!(7.5),
            "frames[1].unix-timestamp must be a whole",
        );
        check_video(|file| *file = json!([]), "holds no JSON object");
    }

    #[test]
    fn numbers_and_names_of_video_frames_agree() {
        check_video(|file| file["frames"][1]["frame-no"] = json!(0), "frame-no 0 twice");
        check_video(|file| file["frames"][1]["frame"] = json!("00.png"), "before `00.png` by number");
        // As numbers 9 comes first, as bytes 10.
        let padded = |file: &mut Value| {
            file["frames"] = json!([{"frame-no": 9, "frame": "9.png"}, {"frame-no": 10, "frame": "10.png"}]);
        };
        check_video(padded, "pad the numbers in the names");
        // The list itself may be in any order.
        assert_eq!(video(|file| file["frames"].as_array_mut().expect("a list").reverse()), Vec::<String>::new());
    }

    #[test]
    fn a_sequence_has_a_largest_length() {
        let frames = |n: usize| {
            let frame = |idx| json!({"frame-no": idx, "frame": format!("{idx:05}.png")});
            (0..n).map(frame).collect::<Vec<Value>>()
        };
        let long = |n: usize| {
            move |file: &mut Value| (file["frames"], file["number-of-frames"]) = (json!(frames(n)), json!(n))
        };
        assert_eq!(video(long(2_000)), Vec::<String>::new());
        check_video(long(2_001), "frames has 2001 frames; stay within 2000");
    }

    #[test]
    fn point_clouds_are_in_the_order_of_time() {
        let sequence = |times: &[f64]| {
            let frame = |time: &f64| json!({"frame": "a.bin", "unix-timestamp": time});
            let frames: Vec<Value> = times.iter().map(frame).collect();
            let document =
                json!({"seq-no": 1, "prefix": "s3://b/v/", "number-of-frames": times.len(), "frames": frames});
            said(document, FileKind::PointCloudSequence)
        };
        assert_eq!(sequence(&[1.0, 1.5, 2.0]), Vec::<String>::new());
        assert!(sequence(&[1.0, 1.0])[0].contains("frames[1].unix-timestamp is not later"));
        let many: Vec<f64> = (0..501).map(f64::from).collect();
        assert!(sequence(&many)[0].contains("frames has 501 frames; stay within 500"));
    }
}
