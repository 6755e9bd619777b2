//! M: the lines of the manifest. `gtruth manifest check` decides these; they are listed here so that the catalogue is
//! whole.

use super::{Level, Rule};

const LINES: &str = "sms-input-data-input-manifest";

pub(super) static RULES: &[Rule] = &[
    Rule::in_manifest("M1", Level::Error, "a manifest is UTF-8, one JSON object a line", LINES),
    Rule::in_manifest("M2", Level::Error, "a line has at most 100,000 characters", LINES),
    Rule::in_manifest("M3", Level::Error, "a member has at most 20,000 characters", LINES),
    Rule::in_manifest("M4", Level::Error, "the names of members do not begin with a dollar sign", LINES),
    Rule::in_manifest("M5", Level::Error, "each line has source or source-ref, as text, and not both", LINES),
    Rule::in_manifest(
        "M6",
        Level::Error,
        "texts are in source and everything else is behind source-ref; a custom job keeps to one of them",
        LINES,
    ),
    Rule::in_manifest("M7", Level::Info, "all other members arrive in the output unchanged", LINES),
    Rule::in_manifest(
        "M8",
        Level::Error,
        "there is no empty line, no byte order mark, no member twice in one object, no NaN and no infinity",
        "inferred",
    ),
    Rule::in_manifest("M9", Level::Warning, "no two lines name the same data object", "inferred"),
    Rule::in_manifest("M10", Level::Error, "a manifest has at least one line", "inferred"),
    Rule::in_manifest(
        "M11",
        Level::Error,
        "a manifest lists at most 100,000 data objects, and 20,000 for semantic segmentation",
        "input-data-limits",
    ),
    Rule::in_manifest("M12", Level::Error, "source-ref is s3://bucket/key, in the region of the job", LINES),
    Rule::in_manifest(
        "M13",
        Level::Warning,
        "file names end as the task expects: images .jpg .jpeg .png, clips .mp4 .ogg .webm, sequences .json, point \
         clouds .bin .txt",
        "sms-supported-data-formats",
    ),
    Rule::in_data_objects(
        "M14",
        Level::Error,
        "an image for a built-in task has at most 40 MB and 100 million pixels",
        "input-data-limits",
    ),
    Rule::in_manifest(
        "M15",
        Level::Warning,
        "lengths also hold when counted as Java counts, in UTF-16 units",
        "inferred",
    ),
    Rule::in_manifest(
        "M16",
        Level::Info,
        "isHumanAnnotationRequired in a line does nothing unless the pre function returns it",
        "sms-custom-templates-step2",
    ),
    Rule::in_manifest(
        "M17",
        Level::Error,
        "the value under the label attribute name is a label of the same type",
        "inferred",
    ),
    Rule::in_manifest("M18", Level::Info, "numbers keep their digits from input to output", "inferred"),
];
