//! N: the names of the job and of its label.

use super::super::{Evidence, RefSuffix, SourceMember, TaskType, path, pattern};
use super::{Level, Problem, Rule, Verdict, broken};
use crate::console::words::counted;

const LABEL: &str = path::LABEL_ATTRIBUTE_NAME;

pub(super) static RULES: &[Rule] = &[
    Rule::at_aws(
        "N1",
        Level::Error,
        "the name of a job is unique in its account and region, upper and lower case being the same",
        "API",
        "that no job has the name",
        |_| true,
    ),
    Rule::here("N2", Level::Error, "the label attribute name does not end with -metadata", "API", n2_metadata_suffix)
        .anywhere(),
    Rule::here(
        "N3",
        Level::Error,
        "the label attribute name is neither source nor source-ref",
        "sms-reusing-data",
        n3_source_names,
    )
    .anywhere(),
    Rule::here(
        "N4",
        Level::Error,
        "tasks whose labels are files need a label attribute name that ends with -ref",
        "API",
        n4_ref_is_needed,
    ),
    Rule::here(
        "N5",
        Level::Error,
        "the label attribute name of a semantic segmentation verification does not end with -ref",
        "API",
        n5_ref_of_a_verification,
    ),
    Rule::here(
        "N6",
        Level::Error,
        "the label attribute name of every other built-in task does not end with -ref",
        "sms-data-output, sms-reusing-data",
        n6_ref_is_refused,
    ),
    Rule::here(
        "N7",
        Level::Warning,
        "a custom job should not end its label attribute name with -ref",
        "sms-data-output; inferred",
        n7_ref_of_a_custom_job,
    ),
    Rule::here(
        "N8",
        Level::Error,
        "a job that looks at earlier labels has another label attribute name than they have",
        "API",
        n8_name_of_the_earlier_label,
    ),
    Rule::here(
        "N9",
        Level::Error,
        "the label attribute name holds letters, digits and hyphens only, and no hyphen at its ends",
        "API; sms-streaming-labeling-job",
        n9_characters,
    )
    .anywhere(),
    Rule::here(
        "N10",
        Level::Info,
        "data objects that have the label attribute already are not labeled: another name labels all of them",
        "sms-reusing-data",
        n10_labeled_already,
    ),
    Rule::fact(
        "N11",
        Level::Info,
        "when a data object is labeled, a value that its manifest line held under the label attribute name is replaced",
        "sms-data-output",
        |_| true,
    ),
    Rule::fact(
        "N12",
        Level::Info,
        "the console proposes the job's name as the label attribute name; the API has no default",
        "sms-reusing-data",
        |_| true,
    ),
];

/// `<label>-metadata` is where Ground Truth keeps the metadata of a label.
fn n2_metadata_suffix(evidence: &Evidence) -> Verdict {
    match evidence.text(LABEL) {
        Some(name) if name.ends_with("-metadata") => {
            broken(LABEL, "ends with `-metadata`, the suffix of Ground Truth's own members", "drop the suffix")
        }
        _ => Verdict::Kept,
    }
}

/// The label would overwrite the data object.
fn n3_source_names(evidence: &Evidence) -> Verdict {
    match evidence.text(LABEL) {
        Some(name @ ("source" | "source-ref")) => broken(
            LABEL,
            format!("is `{name}`, the member that holds the data object itself"),
            "name the label after what it tells",
        ),
        _ => Verdict::Kept,
    }
}

fn n4_ref_is_needed(evidence: &Evidence) -> Verdict {
    let Some((name, task_type)) = named(evidence, RefSuffix::Must) else { return Verdict::NotApplicable };
    if name.ends_with("-ref") {
        return Verdict::Kept;
    }
    broken(
        LABEL,
        format!("is `{name}`, while the labels of {} are files in S3", task_type.name),
        format!("call it `{name}-ref`"),
    )
}

fn n5_ref_of_a_verification(evidence: &Evidence) -> Verdict {
    match named(evidence, RefSuffix::MustNot) {
        Some((name, task_type)) if is_segmentation_verification(task_type) => refuse_ref(name, task_type),
        _ => Verdict::NotApplicable,
    }
}

fn n6_ref_is_refused(evidence: &Evidence) -> Verdict {
    match named(evidence, RefSuffix::MustNot) {
        Some((name, task_type)) if !is_segmentation_verification(task_type) => refuse_ref(name, task_type),
        _ => Verdict::NotApplicable,
    }
}

fn n7_ref_of_a_custom_job(evidence: &Evidence) -> Verdict {
    let Some((name, _)) = named(evidence, RefSuffix::Avoid) else { return Verdict::NotApplicable };
    // Rule N3 speaks of that one.
    if !name.ends_with("-ref") || name == "source-ref" {
        return Verdict::Kept;
    }
    broken(
        LABEL,
        format!("is `{name}`, as if labels were S3 URIs: the guide asks for another name"),
        "drop `-ref`, unless your consolidation function returns S3 URIs and a trial job has worked",
    )
}

/// The label attribute name and the task type, where that asks for this of the name.
fn named<'a>(evidence: &Evidence<'a>, asked: RefSuffix) -> Option<(&'a str, &'static TaskType)> {
    let task_type = evidence.task_type().ok().filter(|task_type| task_type.ref_suffix == asked)?;
    Some((evidence.text(LABEL)?, task_type))
}

fn is_segmentation_verification(task_type: &TaskType) -> bool {
    task_type.name == "semantic-segmentation-verification"
}

fn refuse_ref(name: &str, task_type: &TaskType) -> Verdict {
    match name.strip_suffix("-ref") {
        Some(stem) if name != "source-ref" => broken(
            LABEL,
            format!("is `{name}`, while the labels of {} are not files in S3", task_type.name),
            format!("call it `{stem}`"),
        ),
        _ => Verdict::Kept,
    }
}

fn n8_name_of_the_earlier_label(evidence: &Evidence) -> Verdict {
    let audits = evidence.task_type().is_ok_and(TaskType::is_audit);
    let (true, Some(name)) = (audits, evidence.text(LABEL)) else { return Verdict::NotApplicable };
    let declared = evidence.label_categories.and_then(|file| file.get("auditLabelAttributeName")?.as_str());
    let earlier_is = |earlier: Option<&str>, member: &str| match earlier {
        Some(earlier) if earlier == name => broken(
            LABEL,
            format!("is `{name}`, which {member} names as the label that workers look at"),
            "give the labels of this job a name of their own",
        ),
        _ => Verdict::Kept,
    };
    if declared.is_some() {
        return earlier_is(declared, "the label category file");
    }
    let Some(manifest) = evidence.manifest else { return Verdict::Unseen("the manifest") };
    // A job that is run again finds its own labels beside the earlier ones.
    let labels = manifest.labels();
    earlier_is(labels.first().copied().filter(|_| labels.len() == 1), "the manifest")
}

fn n9_characters(evidence: &Evidence) -> Verdict {
    let is_broken = |name: &&str| !name.is_empty() && !pattern::LABEL_ATTRIBUTE_NAME.matches(name);
    let Some(name) = evidence.text(LABEL).filter(is_broken) else { return Verdict::Kept };
    let foreign = name.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-');
    let message = match foreign {
        Some(c) => format!("holds {c:?}"),
        None if name.starts_with('-') => "starts with a hyphen".to_owned(),
        None => "ends with a hyphen".to_owned(),
    };
    broken(LABEL, message, "use letters, digits and hyphens, with a letter or digit at both ends")
}

fn n10_labeled_already(evidence: &Evidence) -> Verdict {
    let Some(manifest) = evidence.manifest else { return Verdict::Unseen("the manifest") };
    let Some(name) = evidence.text(LABEL) else { return Verdict::NotApplicable };
    // That name is refused for another reason, and then every line has it.
    if matches!(name, "source" | "source-ref") && manifest.source() != Some(SourceMember::Either) {
        return Verdict::NotApplicable;
    }
    let n_labeled = manifest.n_lines_with(name);
    if n_labeled == 0 {
        return Verdict::Kept;
    }
    let message = format!(
        "stands on {} of {} already, whose objects will not be labeled",
        counted(n_labeled, "line"),
        counted(manifest.n_objects, "data object")
    );
    let remedy = "choose another name to label all of them, or keep it to finish an earlier job";
    Verdict::Broken(vec![Problem::in_job(LABEL, message, remedy).at(Level::Warning)])
}
