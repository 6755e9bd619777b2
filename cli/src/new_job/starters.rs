//! What a new job begins with, by annotation kind: a worker template of ours, categories, and three data objects with the
//! answers of a worker who makes no mistake.

use anyhow::Context;

use crate::labeling_job::TaskType;

/// What a new job begins with.
#[derive(Debug)]
pub(crate) struct Starter {
    /// The annotation kind of the form's field.
    pub(crate) kind: &'static str,
    /// The worker template, whose field is called `label`; none where the task has an interface of AWS's.
    pub(super) template: Option<&'static str>,
    /// The tasks of AWS's that show this form.
    tasks: &'static [&'static str],
    categories: &'static [&'static str],
    /// Manifest lines and answers. `<BUCKET>`, `<0>`, `<1>` and `<2>` stand for the bucket and the categories.
    samples: &'static [(&'static str, &'static str)],
    /// Whether the categories are a scale, which the consolidation plan has to know.
    pub(super) is_scale: bool,
}

macro_rules! template {
    ($name:literal) => {
        Some(include_str!(concat!("../../templates/", $name, ".liquid.html")))
    };
}

const IMAGES: [&str; 3] = [
    r#"{"source-ref": "s3://<BUCKET>/images/1.png"}"#,
    r#"{"source-ref": "s3://<BUCKET>/images/2.png"}"#,
    r#"{"source-ref": "s3://<BUCKET>/images/3.png"}"#,
];

const TEXTS: [&str; 3] = [
    r#"{"source": "The ferry left on time, and the sun came out over the bay."}"#,
    r#"{"source": "We waited for an hour in the rain before anybody told us."}"#,
    r#"{"source": "The crossing takes forty minutes."}"#,
];

const MOODS: &[&str] = &["praise", "complaint", "fact"];
const ANIMALS: &[&str] = &["heron", "otter"];

/// A picture of 32 by 24 pixels: the lower half in the first color, a rectangle above it in the second.
macro_rules! picture {
    () => {
        "iVBORw0KGgoAAAANSUhEUgAAACAAAAAYCAIAAAAUMWhjAAAANklEQVR42mP4T2PAMGoB+RbU8+FDoxaMWjCsLJAv34IV4bcAly5MNHAWUAuNWjBqwagFdLAAAKpR/KR4iHuwAAAAAElFTkSuQmCC"
    };
}

const MASK: &str = concat!(
    r##"{"label": {"inputImageProperties": {"width": 32, "height": 24}, "labelMappings": {"##,
    r##"<0>: {"color": "#1f77b4"}, <1>: {"color": "#ff7f0e"}}, "labeledImage": {"pngImageData": ""##,
    picture!(),
    r#""}}}"#
);

const INSTANCES: &str = concat!(
    r##"{"label": {"inputImageProperties": {"width": 32, "height": 24}, "instances": ["##,
    r##"{"color": "#1f77b4", "label": <0>}, {"color": "#ff7f0e", "label": <1>}], "labeledImage": {"pngImageData": ""##,
    picture!(),
    r#""}}}"#
);

/// Every kind that a crowd element or a small form can ask for. The first of a kind is the one for custom jobs.
static ALL: &[Starter] = &[
    Starter {
        kind: "classification",
        template: template!("classification"),
        tasks: &["text-classification"],
        categories: MOODS,
        samples: &[
            (TEXTS[0], r#"{"label": {"label": <0>}}"#),
            (TEXTS[1], r#"{"label": {"label": <1>}}"#),
            (TEXTS[2], r#"{"label": {"label": <0>}}"#),
        ],
        is_scale: false,
    },
    Starter {
        kind: "classification",
        template: template!("image-classification"),
        tasks: &["image-classification"],
        categories: ANIMALS,
        samples: &[
            (IMAGES[0], r#"{"label": {"label": <0>}}"#),
            (IMAGES[1], r#"{"label": {"label": <1>}}"#),
            (IMAGES[2], r#"{"label": {"label": <0>}}"#),
        ],
        is_scale: false,
    },
    Starter {
        kind: "classification",
        template: template!("video-classification"),
        tasks: &["video-classification"],
        categories: ANIMALS,
        samples: &[
            (r#"{"source-ref": "s3://<BUCKET>/clips/1.mp4"}"#, r#"{"label": {"label": <0>}}"#),
            (r#"{"source-ref": "s3://<BUCKET>/clips/2.mp4"}"#, r#"{"label": {"label": <1>}}"#),
            (r#"{"source-ref": "s3://<BUCKET>/clips/3.mp4"}"#, r#"{"label": {"label": <0>}}"#),
        ],
        is_scale: false,
    },
    Starter {
        kind: "multi-label",
        template: template!("multi-label"),
        tasks: &["text-classification-multi-label"],
        categories: MOODS,
        samples: &[
            (TEXTS[0], r#"{"label": {"labels": [<0>]}}"#),
            (TEXTS[1], r#"{"label": {"labels": [<0>, <1>]}}"#),
            (TEXTS[2], r#"{"label": {"labels": [<1>]}}"#),
        ],
        is_scale: false,
    },
    Starter {
        kind: "multi-label",
        template: template!("image-multi-label"),
        tasks: &["image-classification-multi-label"],
        categories: ANIMALS,
        samples: &[
            (IMAGES[0], r#"{"label": {"labels": [<0>]}}"#),
            (IMAGES[1], r#"{"label": {"labels": [<0>, <1>]}}"#),
            (IMAGES[2], r#"{"label": {"labels": [<1>]}}"#),
        ],
        is_scale: false,
    },
    Starter {
        kind: "ordinal",
        template: template!("ordinal"),
        tasks: &[],
        categories: &["bad", "fair", "good"],
        samples: &[(TEXTS[0], r#"{"label": <1>}"#), (TEXTS[1], r#"{"label": <0>}"#), (TEXTS[2], r#"{"label": <1>}"#)],
        is_scale: true,
    },
    Starter {
        kind: "ranking",
        template: template!("ranking"),
        tasks: &[],
        categories: &[],
        samples: &[
            (
                r#"{"source": "How do I reach the island?", "items": ["by ferry", "ask somebody", "swim"]}"#,
                r#"{"label": {"ranking": ["by ferry", "ask somebody", "swim"]}}"#,
            ),
            (
                r#"{"source": "When does it leave?", "items": ["soon", "at nine", "every day at nine"]}"#,
                r#"{"label": {"ranking": ["every day at nine", "at nine", "soon"]}}"#,
            ),
            (
                r#"{"source": "What does it cost?", "items": ["nothing", "four dollars", "I cannot say"]}"#,
                r#"{"label": {"ranking": ["four dollars", "I cannot say", "nothing"]}}"#,
            ),
        ],
        is_scale: false,
    },
    Starter {
        kind: "pairwise",
        template: template!("pairwise"),
        tasks: &[],
        categories: &[],
        samples: &[
            (
                r#"{"source": "How do I reach the island?", "left": "by ferry", "right": "swim"}"#,
                r#"{"label": {"left": "by ferry", "right": "swim", "preferred": "left"}}"#,
            ),
            (
                r#"{"source": "How do I reach the island with a bicycle?", "left": "swim", "right": "ask somebody"}"#,
                r#"{"label": {"left": "swim", "right": "ask somebody", "preferred": "right"}}"#,
            ),
            (
                r#"{"source": "How do I reach the island at night?", "left": "by ferry", "right": "ask somebody"}"#,
                r#"{"label": {"left": "by ferry", "right": "ask somebody", "preferred": "left"}}"#,
            ),
        ],
        is_scale: false,
    },
    Starter {
        kind: "number",
        template: template!("number"),
        tasks: &[],
        categories: &[],
        samples: &[(TEXTS[0], r#"{"label": "9"}"#), (TEXTS[1], r#"{"label": "1"}"#), (TEXTS[2], r#"{"label": "5"}"#)],
        is_scale: false,
    },
    Starter {
        kind: "date",
        template: template!("date"),
        tasks: &[],
        categories: &[],
        samples: &[
            (
                r#"{"source": "Sailings resume on Friday, 17 May 2024, at half past nine."}"#,
                r#"{"label": "2024-05-17"}"#,
            ),
            (r#"{"source": "The last boat of the season leaves on 3.11.2024."}"#, r#"{"label": "2024-11-03"}"#),
            (
                r#"{"source": "Printed on 1 March 2024. No boat today, the next one sails tomorrow."}"#,
                r#"{"label": "2024-03-02"}"#,
            ),
        ],
        is_scale: false,
    },
    Starter {
        kind: "free-text",
        template: template!("free-text"),
        tasks: &[],
        categories: &[],
        samples: &[
            (IMAGES[0], r#"{"label": "To the ferry, ten minutes on foot"}"#),
            (IMAGES[1], r#"{"label": "No bathing beyond the buoys"}"#),
            (IMAGES[2], r#"{"label": "Last boat at half past nine"}"#),
        ],
        is_scale: false,
    },
    Starter {
        kind: "bounding-box",
        template: template!("bounding-box"),
        tasks: &["bounding-box"],
        categories: ANIMALS,
        samples: &marks(concat!(
            r#"{"label": {"boundingBoxes": [{"label": <0>, "left": 40, "top": 60, "width": 200, "height": 120}, "#,
            r#"{"label": <1>, "left": 330, "top": 210, "width": 140, "height": 90}], "#,
            r#""inputImageProperties": {"width": 640, "height": 480}}}"#
        )),
        is_scale: false,
    },
    Starter {
        kind: "keypoint",
        template: template!("keypoint"),
        tasks: &[],
        categories: &["head", "tail"],
        samples: &marks(concat!(
            r#"{"label": {"keypoints": [{"label": <0>, "x": 120, "y": 80}, {"label": <1>, "x": 300, "y": 200}], "#,
            r#""inputImageProperties": {"width": 640, "height": 480}}}"#
        )),
        is_scale: false,
    },
    Starter {
        kind: "polygon",
        template: template!("polygon"),
        tasks: &[],
        categories: ANIMALS,
        samples: &marks(concat!(
            r#"{"label": {"polygons": [{"label": <0>, "vertices": [{"x": 40, "y": 60}, {"x": 240, "y": 60}, "#,
            r#"{"x": 200, "y": 180}]}], "inputImageProperties": {"width": 640, "height": 480}}}"#
        )),
        is_scale: false,
    },
    Starter {
        kind: "polyline",
        template: template!("polyline"),
        tasks: &[],
        categories: &["shore", "path"],
        samples: &marks(concat!(
            r#"{"label": {"polylines": [{"label": <0>, "vertices": [{"x": 10, "y": 400}, {"x": 300, "y": 380}, "#,
            r#"{"x": 620, "y": 420}]}], "inputImageProperties": {"width": 640, "height": 480}}}"#
        )),
        is_scale: false,
    },
    Starter {
        kind: "semantic-mask",
        template: template!("semantic-mask"),
        tasks: &["semantic-segmentation"],
        categories: &["water", "boat"],
        samples: &marks(MASK),
        is_scale: false,
    },
    Starter {
        kind: "instance-mask",
        template: template!("instance-mask"),
        tasks: &[],
        categories: &["water", "boat"],
        samples: &marks(INSTANCES),
        is_scale: false,
    },
    Starter {
        kind: "text-span",
        template: template!("text-span"),
        tasks: &["named-entity-recognition"],
        categories: &["vessel", "time"],
        samples: &[
            (TEXTS[0], r#"{"label": {"entities": [{"label": <0>, "startOffset": 4, "endOffset": 9}]}}"#),
            (TEXTS[1], r#"{"label": {"entities": [{"label": <1>, "startOffset": 14, "endOffset": 21}]}}"#),
            (TEXTS[2], r#"{"label": {"entities": [{"label": <1>, "startOffset": 19, "endOffset": 32}]}}"#),
        ],
        is_scale: false,
    },
    Starter {
        kind: "track",
        template: None,
        tasks: &["video-object-detection", "video-object-tracking"],
        categories: ANIMALS,
        samples: &[],
        is_scale: false,
    },
    Starter {
        kind: "cuboid",
        template: None,
        tasks: &["point-cloud-object-detection", "point-cloud-object-tracking", "point-cloud-semantic-segmentation"],
        categories: &["car", "pedestrian"],
        samples: &[],
        is_scale: false,
    },
];

/// The same answer for three images.
const fn marks(truth: &'static str) -> [(&'static str, &'static str); 3] {
    [(IMAGES[0], truth), (IMAGES[1], truth), (IMAGES[2], truth)]
}

impl Starter {
    /// The one for custom jobs of an annotation kind.
    ///
    /// # Errors
    /// A kind that is unknown, or for which Ground Truth has no element.
    pub(crate) fn of_kind(kind: &str) -> anyhow::Result<&'static Self> {
        let starter = ALL.iter().find(|starter| starter.kind == kind && starter.template.is_some());
        starter.with_context(|| {
            let mut kinds: Vec<&str> = Self::with_templates().map(|starter| starter.kind).collect();
            kinds.dedup();
            format!("there is no template for `{kind}`; there are templates for {}", kinds.join(", "))
        })
    }

    /// The one for custom jobs of an annotation kind about files, or about texts; none without a template.
    pub(super) fn of_source(kind: &str, is_file: bool) -> Option<&'static Self> {
        let of_kind = || Self::with_templates().filter(|starter| starter.kind == kind);
        let shows_files = |starter: &&Self| starter.samples.iter().any(|(line, _)| line.contains("source-ref"));
        of_kind().find(|starter| shows_files(starter) == is_file).or_else(|| of_kind().next())
    }

    /// The one for a task of AWS's; none for tasks on earlier labels.
    pub(crate) fn of_task(task_type: &TaskType) -> Option<&'static Self> {
        ALL.iter().find(|starter| starter.tasks.contains(&task_type.name))
    }

    /// Those that come with a template.
    pub(crate) fn with_templates() -> impl Iterator<Item = &'static Self> {
        ALL.iter().filter(|starter| starter.template.is_some())
    }

    pub(super) fn categories(&self) -> Vec<String> {
        self.categories.iter().map(|category| (*category).to_owned()).collect()
    }

    /// A manifest, and the answers of a worker who makes no mistake, in a field of this name. `None` where there are no
    /// samples, or too few categories for them.
    pub(super) fn samples(&self, categories: &[String], bucket: &str, field: &str) -> Option<(String, String)> {
        if self.samples.is_empty() || categories.len() < self.categories.len().min(2) {
            return None;
        }
        let fill = |text: &str| {
            let mut filled = text.replace("<BUCKET>", bucket);
            for (idx, category) in categories.iter().enumerate() {
                filled = filled.replace(&format!("<{idx}>"), &serde_json::Value::from(category.as_str()).to_string());
            }
            filled + "\n"
        };
        let manifest = self.samples.iter().map(|(line, _)| fill(line)).collect();
        let in_field = |truth: &str| truth.replacen("{\"label\":", &format!("{{\"{field}\":"), 1);
        let truth = self.samples.iter().map(|(_, truth)| fill(&in_field(truth))).collect();
        Some((manifest, truth))
    }
}
