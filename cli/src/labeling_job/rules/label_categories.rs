//! L: the label category file.

use super::super::label_category_file::{LabelCategoryFile, location, repeated};
use super::super::{Evidence, Modality, Stage, TaskType, path};
use super::{Level, Problem, Rule, Verdict, broken};
use crate::console::words::counted;

const ATTRIBUTES: &str = "sms-label-cat-config-attributes";
const AUDIT: &str = "sms-verification-data";

pub(super) static RULES: &[Rule] = &[
    Rule::here(
        "L1",
        Level::Error,
        "every built-in task has a label category file; a custom job may have one",
        "API",
        l1_file,
    ),
    Rule::here("L2", Level::Error, "classification has two labels or more, other tasks one", "API", l2_enough_labels),
    Rule::here("L3", Level::Error, "no two labels are the same", "API", l3_different_labels),
    Rule::here("L4", Level::Error, "a label has at most 256 characters", "input-data-limits", l4_label_length),
    Rule::here(
        "L5",
        Level::Error,
        "video frames and point clouds have at most 30 labels, of at most 16 characters",
        ATTRIBUTES,
        l5_labels_of_frames,
    ),
    Rule::here(
        "L6",
        Level::Error,
        "multi-label classification and boxes have at most 50 labels, video classification 30, and semantic segmentation \
         20 with automated labeling",
        "input-data-limits",
        l6_not_too_many_labels,
    ),
    Rule::fact(
        "L7",
        Level::Info,
        "single-label classification, verification, named entities and segmentation have no quota of labels",
        "input-data-limits",
        l7_no_quota,
    ),
    Rule::here("L8", Level::Error, "named entities need a short and a full instruction", "API", l8_instructions),
    Rule::here(
        "L9",
        Level::Error,
        "on earlier labels of video frames and point clouds the file names their attribute, and in no other job",
        ATTRIBUTES,
        l9_audit_label,
    ),
    Rule::here(
        "L10",
        Level::Error,
        "for the verification of video frames and point clouds every label has editsAllowed none",
        ATTRIBUTES,
        l10_no_edits,
    ),
    Rule::here("L11", Level::Error, "the file lists every label of the earlier job", AUDIT, l11_earlier_labels),
    Rule::here(
        "L12",
        Level::Error,
        "the earlier job had the same task type and annotation type",
        AUDIT,
        l12_earlier_task,
    ),
    Rule::here("L13", Level::Error, "the lines of the manifest carry the earlier label", AUDIT, l13_lines_to_audit),
    Rule::here(
        "L14",
        Level::Warning,
        "for the verification of images the file lists the verdicts that workers choose from",
        AUDIT,
        l14_plain_file,
    ),
];

const FILE: &str = path::LABEL_CATEGORY_CONFIG_S3_URI;

/// The longest name of a label.
const MAX_LABEL: usize = 256;
const MAX_LABEL_OF_FRAMES: usize = 16;
const MAX_LABELS_OF_FRAMES: usize = 30;

/// More labels than that do not fit beside a picture with boxes, says the description of a job in the API.
const COMFORTABLE_BOX_LABELS: usize = 10;
const MAX_LABELS_OF_AUTOMATED_SEGMENTATION: usize = 20;

/// What a rule looks at: the file, and the task type where it is known.
type Seen<'a> = (LabelCategoryFile<'a>, &'static TaskType);

/// The verdict of a rule that concerns some task types, once the file can be seen.
fn judge<'a>(
    evidence: &Evidence<'a>,
    concerns: impl Fn(&TaskType) -> bool,
    problems: impl FnOnce(Seen<'a>) -> Vec<Problem>,
) -> Verdict {
    let Some(task_type) = evidence.task_type().ok().filter(|task_type| concerns(task_type)) else {
        return Verdict::NotApplicable;
    };
    match evidence.label_categories {
        Some(document) => Verdict::of(problems((LabelCategoryFile::new(document), task_type))),
        None if evidence.has(FILE) => Verdict::Unseen("a local copy of the label category file"),
        // That it is missing is L1's to tell.
        None => Verdict::NotApplicable,
    }
}

fn any_task(_: &TaskType) -> bool {
    true
}

fn l1_file(evidence: &Evidence) -> Verdict {
    let Some(task_type) = evidence.builtin_task().filter(|task_type| !task_type.is_custom()) else {
        return Verdict::NotApplicable;
    };
    if evidence.has(FILE) || evidence.has(path::GTRUTH_LABEL_CATEGORIES) {
        return Verdict::Kept;
    }
    broken(
        FILE,
        format!("is missing, while {} needs label categories", task_type.name),
        "give the s3:// URI of a label category file, or the categories as gtruth.labelCategories",
    )
}

fn l2_enough_labels(evidence: &Evidence) -> Verdict {
    judge(evidence, any_task, |(file, task_type)| {
        // A custom job without labels needs no file, so one that is there has some.
        let min = task_type.min_label_categories.max(1);
        let n = file.labels().len();
        let message = || format!("has {}, while {} needs {min}", counted(n, "label"), task_type.name);
        (file.lists_labels() && n < min)
            .then(|| Problem::in_job(location("labels"), message(), "add the others"))
            .into_iter()
            .collect()
    })
}

fn l3_different_labels(evidence: &Evidence) -> Verdict {
    judge(evidence, any_task, |(file, _)| {
        let same = repeated(file.names());
        let folded: Vec<(usize, String)> = file.names().map(|(idx, name)| (idx, name.trim().to_lowercase())).collect();
        let alike = repeated(folded.iter().map(|(idx, name)| (*idx, name.as_str())));
        let alike = alike.into_iter().filter(|(_, _, last)| same.iter().all(|(_, _, other)| other != last));
        let is_same = |(name, first, last): &(&str, usize, usize)| {
            Problem::in_job(
                location(&format!("labels[{last}].label")),
                format!("is `{name}`, as that of labels[{first}]"),
                DROP,
            )
        };
        let is_alike = |(_, first, last): (&str, usize, usize)| {
            let message = format!("differs from that of labels[{first}] in blanks or capitals alone");
            Problem::in_job(location(&format!("labels[{last}].label")), message, DROP).at(Level::Warning)
        };
        same.iter().map(is_same).chain(alike.map(is_alike)).collect()
    })
}

const DROP: &str = "drop one of them";

fn l4_label_length(evidence: &Evidence) -> Verdict {
    judge(evidence, |task_type| !task_type.is_video_frame_or_3d(), |(file, _)| too_long(file, MAX_LABEL))
}

fn too_long(file: LabelCategoryFile<'_>, max: usize) -> Vec<Problem> {
    let long = file.names().filter(|(_, name)| name.chars().count() > max);
    long.map(|(idx, name)| {
        let message = format!("has {} characters", name.chars().count());
        Problem::in_job(location(&format!("labels[{idx}].label")), message, format!("stay within {max}"))
    })
    .collect()
}

fn l5_labels_of_frames(evidence: &Evidence) -> Verdict {
    judge(evidence, TaskType::is_video_frame_or_3d, |(file, _)| {
        let mut problems = too_long(file, MAX_LABEL_OF_FRAMES);
        problems.extend(too_many(file, MAX_LABELS_OF_FRAMES));
        problems
    })
}

fn too_many(file: LabelCategoryFile<'_>, max: usize) -> Option<Problem> {
    let n = file.labels().len();
    (n > max).then(|| Problem::in_job(location("labels"), format!("has {n} labels"), format!("keep at most {max}")))
}

fn l6_not_too_many_labels(evidence: &Evidence) -> Verdict {
    let is_automated = evidence.has("LabelingJobAlgorithmsConfig");
    let max = |task_type: &TaskType| match task_type.name {
        "semantic-segmentation" if is_automated => Some(MAX_LABELS_OF_AUTOMATED_SEGMENTATION),
        _ if task_type.is_video_frame_or_3d() => None,
        _ => task_type.max_label_categories,
    };
    judge(
        evidence,
        |task_type| max(task_type).is_some(),
        |(file, task_type)| {
            let too_many = max(task_type).and_then(|max| too_many(file, max));
            let n = file.labels().len();
            let draws_boxes = matches!(task_type.name, "bounding-box" | "bounding-box-adjustment");
            let crowded = || {
                let message = format!("has {n} labels; one page of AWS allows 50, another {COMFORTABLE_BOX_LABELS}");
                Problem::in_job(location("labels"), message, "see that workers can choose among them")
                    .at(Level::Warning)
            };
            too_many.or_else(|| (draws_boxes && n > COMFORTABLE_BOX_LABELS).then(crowded)).into_iter().collect()
        },
    )
}

fn l7_no_quota(evidence: &Evidence) -> bool {
    evidence.builtin_task().is_some_and(|task_type| task_type.max_label_categories.is_none())
}

fn l8_instructions(evidence: &Evidence) -> Verdict {
    judge(
        evidence,
        |task_type| task_type.name == "named-entity-recognition",
        |(file, _)| {
            let missing = |name: &&str| !file.has_instruction(name);
            let problem = |name: &str| {
                Problem::in_job(
                    location(&format!("instructions.{name}")),
                    "is missing",
                    "tell workers what to mark, and how",
                )
            };
            ["shortInstruction", "fullInstruction"].into_iter().filter(missing).map(problem).collect()
        },
    )
}

fn l9_audit_label(evidence: &Evidence) -> Verdict {
    const AT: &str = "auditLabelAttributeName";
    judge(evidence, TaskType::is_video_frame_or_3d, |(file, task_type)| {
        let problem = match (file.audit_label(), task_type.is_audit()) {
            (None, true) => Some(("is missing".to_owned(), "name the label attribute of the earlier job")),
            (Some(_), false) => Some(("is given in a job that uses no earlier labels".to_owned(), "drop it")),
            (Some(name), true) => {
                let is_unknown = evidence.manifest.is_some_and(|facts| facts.n_lines_with(name) == 0);
                let message = || format!("is `{name}`, which is on no line of the manifest");
                is_unknown.then(|| (message(), "name the label attribute of the earlier job"))
            }
            (None, false) => None,
        };
        problem.map(|(message, remedy)| Problem::in_job(location(AT), message, remedy)).into_iter().collect()
    })
}

/// One function adjusts and verifies, so only a file that is half of each shows a mistake.
fn l10_no_edits(evidence: &Evidence) -> Verdict {
    judge(
        evidence,
        |task_type| task_type.stage == Stage::AdjustOrVerify,
        |(file, _)| {
            let allows_edits = |idx: &usize| file.labels()[*idx]["editsAllowed"] != "none";
            let editable: Vec<usize> = (0..file.labels().len()).filter(allows_edits).collect();
            if editable.len() == file.labels().len() {
                return Vec::new();
            }
            let message =
                "lacks editsAllowed none, which other labels have: workers adjust it, and only look at the others";
            let problem = |idx: usize| {
                let remedy = "set it on every label to verify, on none to adjust";
                Problem::in_job(location(&format!("labels[{idx}]")), message, remedy).at(Level::Warning)
            };
            editable.into_iter().map(problem).collect()
        },
    )
}

fn l11_earlier_labels(evidence: &Evidence) -> Verdict {
    let concerns = |task_type: &TaskType| matches!(task_type.stage, Stage::Adjust | Stage::AdjustOrVerify);
    match evidence.task_type() {
        Ok(task_type) if concerns(task_type) => Verdict::Unseen("the label category file of the earlier job"),
        _ => Verdict::NotApplicable,
    }
}

fn l12_earlier_task(evidence: &Evidence) -> Verdict {
    match evidence.task_type() {
        Ok(task_type) if task_type.is_audit() => Verdict::Unseen("the earlier job"),
        _ => Verdict::NotApplicable,
    }
}

fn l13_lines_to_audit(evidence: &Evidence) -> Verdict {
    const MANIFEST: &str = path::MANIFEST_S3_URI;
    const REMEDY: &str = "give the output manifest of the earlier job";
    if !evidence.task_type().is_ok_and(TaskType::is_audit) {
        return Verdict::NotApplicable;
    }
    let Some(facts) = evidence.manifest else { return Verdict::Unseen("a local copy of the manifest") };
    let named = evidence.label_categories.and_then(|document| LabelCategoryFile::new(document).audit_label());
    // The template of an image job names the label, the label category file of other jobs.
    let earlier = named.map_or_else(|| facts.labels(), |name| vec![name]);
    let own = evidence.text(path::LABEL_ATTRIBUTE_NAME);
    // Labels of this very name are N8's to tell.
    let (own, others): (Vec<&str>, Vec<&str>) = earlier.into_iter().partition(|name| Some(*name) == own);
    if others.is_empty() && !own.is_empty() {
        return Verdict::NotApplicable;
    }
    let n_most = others.into_iter().map(|name| facts.n_lines_with(name)).max();
    match n_most.unwrap_or(0) {
        0 => broken(MANIFEST, "carries the earlier label on no line", REMEDY),
        n if n < facts.n_objects => {
            let message =
                format!("lacks the earlier label on {}, whose objects fail", counted(facts.n_objects - n, "line"));
            Verdict::Broken(vec![Problem::in_job(MANIFEST, message, REMEDY).at(Level::Warning)])
        }
        _ => Verdict::Kept,
    }
}

fn l14_plain_file(evidence: &Evidence) -> Verdict {
    let concerns = |task_type: &TaskType| task_type.modality == Modality::Image && task_type.is_audit();
    judge(evidence, concerns, |(file, _)| {
        let message = "is of version 2020-03-01, which is for video frames and point clouds";
        let problem = || Problem::in_job(location("document-version"), message, "write 2018-11-28");
        file.is_of_2020().then(problem).into_iter().collect()
    })
}
