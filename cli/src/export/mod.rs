//! Labels of a finished job in the formats of other tools.
//!
//! - `Export`: the job's labels, whatever format they came in. `marks`: their boxes, outlines and spans.
//! - One file per format. Each is a function from the labels to files, listed in [`Format`].
//!
//! What a format cannot hold is counted and said, never dropped in silence.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use ground_truth::annotation_kinds::{ALL, AnnotationKind};
use ground_truth::label::{FieldLabel, Label};
use ground_truth::label_content::Decided;

use crate::files::whole_file::{self, WholeFile};
use crate::finished_job::{FinishedJob, Source};

mod coco;
mod cvat;
mod ground_truth_manifest;
mod hugging_face;
mod label_studio;
mod marks;
mod pascal_voc;
mod spacy;
mod tables;
mod text_units;
mod xml;
mod yolo;

/// A format of another tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// COCO: boxes, polygons, masks as run lengths, key points
    Coco,
    /// Ultralytics YOLO, detection: boxes
    YoloDetect,
    /// Ultralytics YOLO, segmentation: polygons
    YoloSegment,
    /// Ultralytics YOLO, pose: key points
    YoloPose,
    /// Pascal VOC: boxes, one XML file per image
    PascalVoc,
    /// CSV: one row per object
    Csv,
    /// JSON Lines: one object per line, every field
    JsonLines,
    /// Hugging Face imagefolder: metadata.jsonl beside the images
    HuggingFaceImages,
    /// Hugging Face token classification: tokens and their tags
    HuggingFaceTokens,
    /// spaCy: texts with their spans
    Spacy,
    /// Augmented manifest in the shape of a built-in task type, for training on SageMaker and Rekognition Custom Labels
    GroundTruth,
    /// Label Studio: tasks to import, and the labeling interface
    LabelStudio,
    /// CVAT for images 1.1
    Cvat,
}

/// What is exported, and how.
pub(crate) struct Export<'a> {
    job: &'a FinishedJob,
    /// Categories in the order of the job, then those that only labels name, by name.
    categories: Vec<String>,
    objects: Vec<ObjectLabels<'a>>,
    options: Options<'a>,
}

/// What the command line says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options<'a> {
    /// The field to export, where a format holds one.
    pub(crate) field: Option<&'a str>,
    /// Marks that are less sure are left out.
    pub(crate) min_confidence: f64,
    /// The folder that all files of the export are written to.
    pub(crate) folder: &'a Path,
}

/// The labels of one object.
pub(super) struct ObjectLabels<'a> {
    id: &'a str,
    /// Index in the job.
    idx: usize,
    source: Option<&'a Source>,
    /// A name that no other object has: the path below the folder that all files have in common, or the id.
    file_name: String,
    fields: BTreeMap<String, FieldLabel<'static>>,
}

/// What was written, and what was not.
#[derive(Debug, Default, serde::Serialize)]
pub(crate) struct Report {
    /// Files, relative to the folder.
    pub(crate) files: Vec<String>,
    /// Objects that are in them.
    pub(crate) objects: usize,
    /// Marks, texts or other labels that are in them.
    pub(crate) labels: usize,
    /// Why something was left out, and how often.
    #[serde(rename = "leftOut")]
    pub(crate) left_out: BTreeMap<LeftOut, usize>,
}

/// Why something was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LeftOut {
    /// The object has no label.
    ObjectWithoutLabel,
    /// The object's label is none of a format that is understood.
    LabelOfAnotherFormat,
    /// Positions are relative to the image, and its size is not known.
    ImageSizeUnknown,
    /// The object shows no text, or none is on file.
    NoText,
    /// The mark has a shape that the format does not know.
    ShapeUnknownToFormat,
    /// The mark's shape cannot be read, such as that of a mask whose picture is damaged.
    ShapeUnreadable,
    /// The span lies outside the text, or cuts a character in two.
    SpanOutsideText,
    /// The category is in no list, so it has no index.
    CategoryWithoutIndex,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ObjectWithoutLabel => "objects without a label",
            Self::LabelOfAnotherFormat => {
                "objects whose label is in no format that is understood; `gtruth reconsolidate` makes new ones of the answers"
            }
            Self::ImageSizeUnknown => "objects whose image size is not known (the form did not send it)",
            Self::NoText => "objects whose text is not on file",
            Self::ShapeUnknownToFormat => "marks of a shape that the format does not know",
            Self::ShapeUnreadable => "marks whose shape cannot be read",
            Self::SpanOutsideText => "spans that lie outside their text",
            Self::CategoryWithoutIndex => "labels of a category that is in no list; give them with --label-categories",
        })
    }
}

/// Writes a job's labels in a format.
///
/// # Errors
/// When nothing of the job fits the format, or a file cannot be written.
pub(crate) fn export(job: &FinishedJob, format: Format, options: Options<'_>) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let export = Export::of(job, options, &mut report);
    fs::create_dir_all(options.folder)
        .with_context(|| format!("cannot make the folder {}", options.folder.display()))?;
    match format {
        Format::Coco => coco::write(&export, &mut report),
        Format::YoloDetect => yolo::write(&export, yolo::Task::Detect, &mut report),
        Format::YoloSegment => yolo::write(&export, yolo::Task::Segment, &mut report),
        Format::YoloPose => yolo::write(&export, yolo::Task::Pose, &mut report),
        Format::PascalVoc => pascal_voc::write(&export, &mut report),
        Format::Csv => tables::write_csv(&export, &mut report),
        Format::JsonLines => tables::write_json_lines(&export, &mut report),
        Format::HuggingFaceImages => hugging_face::write_images(&export, &mut report),
        Format::HuggingFaceTokens => hugging_face::write_tokens(&export, &mut report),
        Format::Spacy => spacy::write(&export, &mut report),
        Format::GroundTruth => ground_truth_manifest::write(&export, &mut report),
        Format::LabelStudio => label_studio::write(&export, &mut report),
        Format::Cvat => cvat::write(&export, &mut report),
    }?;
    Ok(report)
}

impl Report {
    fn leave_out(&mut self, why: LeftOut) {
        *self.left_out.entry(why).or_default() += 1;
    }
}

impl<'a> Export<'a> {
    fn of(job: &'a FinishedJob, options: Options<'a>, report: &mut Report) -> Self {
        let names = file_names(job);
        let mut objects = Vec::new();
        for (idx, (object, file_name)) in job.batch.objects.iter().zip(names).enumerate() {
            let mut fields = match job.state(idx).label() {
                Label::Fields(fields) => fields,
                // The form's field has no name in such a label: the attribute's serves.
                Label::BuiltIn(field) => {
                    BTreeMap::from([(job.label_attribute_name.clone().unwrap_or_default(), field)])
                }
                Label::Nothing | Label::AllAnswers => {
                    report.leave_out(LeftOut::ObjectWithoutLabel);
                    continue;
                }
                Label::Unrecognized(_) => {
                    report.leave_out(LeftOut::LabelOfAnotherFormat);
                    continue;
                }
            };
            fields.retain(|_, field| field.is_resolved());
            let source = job.details[idx].source.as_ref();
            objects.push(ObjectLabels { id: object.id.as_str(), idx, source, file_name, fields });
        }
        let mut export = Self { job, categories: Vec::new(), objects, options };
        export.categories = job.batch.categories.iter().map(|category| category.as_str().to_owned()).collect();
        let named: BTreeSet<&str> =
            export.objects.iter().flat_map(|object| object.fields.values()).flat_map(categories_of).collect();
        let unknown = named.into_iter().filter(|name| !export.categories.iter().any(|known| known == name));
        let unknown: Vec<String> = unknown.map(str::to_owned).collect();
        export.categories.extend(unknown);
        export
    }

    /// The one field of a kind that the format holds, or the one that was asked for.
    ///
    /// # Errors
    /// When there is none, or several and nobody chose.
    fn field_of(&self, holds: impl Fn(&AnnotationKind) -> bool) -> anyhow::Result<String> {
        let kinds: Vec<&str> = ALL.iter().filter(|kind| holds(kind)).map(|kind| kind.name).collect();
        let mut fields: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, field) in self.objects.iter().flat_map(|object| &object.fields) {
            fields.insert(name, field.kind_name());
        }
        let all = fields.iter().map(|(name, kind)| format!("{name} ({kind})")).collect::<Vec<_>>().join(", ");
        let all = if all.is_empty() { "nothing that is labeled".to_owned() } else { all };
        let fitting: Vec<&str> = fields
            .iter()
            .filter(|(name, kind)| kinds.contains(kind) && self.options.field.is_none_or(|asked| asked == **name))
            .map(|(name, _)| *name)
            .collect();
        match (fitting.as_slice(), self.options.field) {
            ([only], _) => Ok((*only).to_owned()),
            ([], Some(asked)) => bail!("no field `{asked}` of kind {} is labeled; the job has {all}", kinds.join(", ")),
            ([], None) => bail!("this format holds {}, and the job has {all}", kinds.join(", ")),
            ([first, ..], _) => {
                bail!("several fields fit, {}; choose one with --field, as in --field {first}", fitting.join(", "))
            }
        }
    }

    /// The names of all fields that are labeled, in alphabetical order.
    fn field_names(&self) -> Vec<String> {
        let names: BTreeSet<&String> = self.objects.iter().flat_map(|object| object.fields.keys()).collect();
        names.into_iter().cloned().collect()
    }

    /// The categories that a field's labels name, in the order of the job's.
    fn categories_of(&self, field: &str) -> Vec<&str> {
        let named: BTreeSet<&str> =
            self.objects.iter().filter_map(|object| object.fields.get(field)).flat_map(categories_of).collect();
        let of_job = self.job.batch.categories.iter().any(|category| named.contains(category.as_str()));
        // A job's list is the list of the field that uses it: categories that nobody chose keep their index.
        let kept = |name: &&String| named.contains(name.as_str()) || (of_job && self.is_of_job(name));
        self.categories.iter().filter(kept).map(String::as_str).collect()
    }

    fn is_of_job(&self, name: &str) -> bool {
        self.job.batch.categories.iter().any(|category| category.as_str() == name)
    }

    /// Writes one file below the folder, and notes that it is there.
    fn file(
        &self,
        name: &str,
        report: &mut Report,
        write: impl FnOnce(&mut WholeFile) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let path = self.options.folder.join(name);
        let folder = path.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        whole_file::write(&path, write)?;
        report.files.push(name.to_owned());
        Ok(())
    }
}

/// Every category that a label names, with the one that stands for none.
fn categories_of<'l>(label: &'l FieldLabel<'_>) -> Vec<&'l str> {
    match label.decided() {
        Some(Decided::Marks(marks)) => {
            marks.iter().map(|mark| mark.category().unwrap_or(marks::WITHOUT_CATEGORY)).collect()
        }
        decided => decided.map(|decided| decided.categories()).unwrap_or_default(),
    }
}

impl ObjectLabels<'_> {
    /// The file's S3 URI or the text.
    fn source_text(&self) -> &str {
        match self.source {
            Some(Source::File(text) | Source::Text(text)) => text,
            None => "",
        }
    }

    /// The text that workers saw.
    fn text(&self) -> Option<&str> {
        match self.source {
            Some(Source::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// `file_name` without its extension.
    fn stem(&self) -> &str {
        let name_starts = self.file_name.rfind('/').map_or(0, |slash| slash + 1);
        match self.file_name.rfind('.') {
            Some(dot) if dot > name_starts => &self.file_name[..dot],
            _ => &self.file_name,
        }
    }
}

/// The path of every object's file below the folder that all have in common; the id of an object that shows text. Parts
/// that would lead out of a folder are made harmless, for they come from a manifest that anyone may have written.
fn file_names(job: &FinishedJob) -> Vec<String> {
    let uri = |idx: usize| match &job.details[idx].source {
        Some(Source::File(uri)) => Some(uri.as_str()),
        _ => None,
    };
    let indices = 0..job.details.len();
    let folders = indices.clone().filter_map(uri).map(|uri| uri.rfind('/').map_or("", |slash| &uri[..=slash]));
    let common = folders.reduce(common_folder).unwrap_or_default();
    let safe = |path: &str| -> String {
        let parts = path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != "." && *part != "..");
        let parts: Vec<String> = parts.map(|part| part.replace([':', '\0'], "_")).collect();
        parts.join("/")
    };
    let mut taken = BTreeSet::new();
    let name = |idx: usize| {
        let id = safe(job.batch.objects[idx].id.as_str());
        let name = uri(idx).map(|uri| safe(&uri[common.len()..])).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| id.clone());
        // Two objects may show the same file.
        if taken.insert(name.clone()) { name } else { format!("{id}-{}", name.replace('/', "-")) }
    };
    indices.map(name).collect()
}

fn common_folder<'a>(a: &'a str, b: &'a str) -> &'a str {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    a[..a.len().min(same)].rfind('/').map_or("", |slash| &a[..=slash])
}

#[cfg(test)]
mod tests;
