//! The rules between members that no table of types can say.
//!
//! **Adding a rule.** Write a function named after its id that returns a finding for each place where the rule is
//! broken, and add its entry to [`RULES`], in the order of the ids. A rule reads what is there: members that are
//! missing or of another type are reported elsewhere.

use super::builtin_arns::is_builtin_function;
use super::job_spec::path;
use super::problem::{Level, Problem, Scope};
use super::{Arn, Evidence, pattern};

/// One rule of AWS's, or of reason.
struct Rule {
    id: &'static str,
    level: Level,
    scope: Scope,
    check: fn(&Evidence) -> Vec<Finding>,
}

/// Where a rule is broken, how, and what to do.
struct Finding {
    path: &'static str,
    message: String,
    remedy: &'static str,
}

static RULES: &[Rule] = &[
    Rule { id: "N2", level: Level::Error, scope: Scope::Anywhere, check: n2_metadata_suffix },
    Rule { id: "N3", level: Level::Error, scope: Scope::Anywhere, check: n3_source_names },
    Rule { id: "N9", level: Level::Error, scope: Scope::Anywhere, check: n9_characters },
    Rule { id: "U1", level: Level::Error, scope: Scope::AtAws, check: u1_one_worker_interface },
    Rule { id: "F3", level: Level::Warning, scope: Scope::AtAws, check: f3_managed_policy },
    Rule { id: "F4", level: Level::Warning, scope: Scope::AtAws, check: f4_two_of_a_kind },
    Rule { id: "F6", level: Level::Info, scope: Scope::AtAws, check: f6_no_functions },
    Rule { id: "S1", level: Level::Error, scope: Scope::AtAws, check: s1_data_source },
];

/// Every finding of every rule.
pub(super) fn check(evidence: &Evidence) -> Vec<Problem> {
    let findings = |rule: &'static Rule| {
        (rule.check)(evidence).into_iter().map(|Finding { path, message, remedy }| Problem {
            level: rule.level,
            rule: Some(rule.id),
            path: path.to_owned(),
            message,
            remedy: remedy.to_owned(),
            scope: rule.scope,
        })
    };
    RULES.iter().flat_map(findings).collect()
}

fn finding(path: &'static str, message: impl Into<String>, remedy: &'static str) -> Vec<Finding> {
    vec![Finding { path, message: message.into(), remedy }]
}

/// `<label>-metadata` is where Ground Truth keeps the metadata of a label.
fn n2_metadata_suffix(Evidence { spec, .. }: &Evidence) -> Vec<Finding> {
    match spec.text(path::LABEL_ATTRIBUTE_NAME) {
        Some(name) if name.ends_with("-metadata") => finding(
            path::LABEL_ATTRIBUTE_NAME,
            "ends with `-metadata`, the suffix of Ground Truth's own members",
            "drop the suffix",
        ),
        _ => Vec::new(),
    }
}

/// The label would overwrite the data object.
fn n3_source_names(Evidence { spec, .. }: &Evidence) -> Vec<Finding> {
    match spec.text(path::LABEL_ATTRIBUTE_NAME) {
        Some(name @ ("source" | "source-ref")) => finding(
            path::LABEL_ATTRIBUTE_NAME,
            format!("is `{name}`, the member that holds the data object itself"),
            "name the label after what it tells",
        ),
        _ => Vec::new(),
    }
}

fn n9_characters(Evidence { spec, .. }: &Evidence) -> Vec<Finding> {
    let broken = |name: &&str| !name.is_empty() && !pattern::LABEL_ATTRIBUTE_NAME.matches(name);
    let Some(name) = spec.text(path::LABEL_ATTRIBUTE_NAME).filter(broken) else { return Vec::new() };
    let foreign = name.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-');
    let message = match foreign {
        Some(c) => format!("holds {c:?}"),
        None if name.starts_with('-') => "starts with a hyphen".to_owned(),
        None => "ends with a hyphen".to_owned(),
    };
    finding(path::LABEL_ATTRIBUTE_NAME, message, "use letters, digits and hyphens, with a letter or digit at both ends")
}

fn u1_one_worker_interface(Evidence { spec, .. }: &Evidence) -> Vec<Finding> {
    let has = |name: &str| spec.get(path::UI_CONFIG).is_some_and(|ui| ui.get(name).is_some());
    match (has("UiTemplateS3Uri"), has("HumanTaskUiArn")) {
        (true, true) => finding(
            path::UI_CONFIG,
            "has both UiTemplateS3Uri and HumanTaskUiArn",
            "keep UiTemplateS3Uri for a template of your own, HumanTaskUiArn for one of AWS's",
        ),
        (false, false) => {
            finding(path::UI_CONFIG, "names no worker interface", "give the template's s3:// URI as UiTemplateS3Uri")
        }
        _ => Vec::new(),
    }
}

/// The parts of a name that let the managed policy AmazonSageMakerGroundTruthExecution (version 3) invoke a function.
/// Case counts.
const INVOCABLE: [&str; 5] = ["GtRecipe", "LabelingFunction", "SageMaker", "sagemaker", "Sagemaker"];

fn f3_managed_policy(Evidence { spec, .. }: &Evidence) -> Vec<Finding> {
    let broken = |path: &'static str| {
        let arn = Arn::parse(spec.text(path)?).filter(|arn| !is_builtin_function(arn))?;
        let name = arn.function_name()?;
        let invocable = INVOCABLE.iter().any(|part| name.contains(part));
        (!invocable).then(|| Finding {
            path,
            message: format!(
                "names `{name}`, which the managed policy AmazonSageMakerGroundTruthExecution does not let a job invoke"
            ),
            remedy: "put SageMaker or LabelingFunction into the function's name, or let the role invoke it by a \
                     statement of its own",
        })
    };
    [path::PRE_HUMAN_TASK_LAMBDA_ARN, path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN]
        .into_iter()
        .filter_map(broken)
        .collect()
}

fn f4_two_of_a_kind(Evidence { spec, .. }: &Evidence) -> Vec<Finding> {
    let pre = spec.text(path::PRE_HUMAN_TASK_LAMBDA_ARN);
    let post = spec.text(path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN);
    let is_builtin = |arn: &str| Arn::parse(arn).is_some_and(|arn| is_builtin_function(&arn));
    match (pre, post) {
        (Some(_), None) => finding(
            path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN,
            "is missing although the job has a pre function",
            "give both functions or neither",
        ),
        (None, Some(_)) => finding(
            path::PRE_HUMAN_TASK_LAMBDA_ARN,
            "is missing although the job has a consolidation function",
            "give both functions or neither",
        ),
        (Some(pre), Some(post)) if is_builtin(pre) != is_builtin(post) => finding(
            path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN,
            "and PreHumanTaskLambdaArn pair a function of yours with one of AWS's",
            "take both from the same side",
        ),
        _ => Vec::new(),
    }
}

fn f6_no_functions(Evidence { spec, .. }: &Evidence) -> Vec<Finding> {
    let functions = [path::PRE_HUMAN_TASK_LAMBDA_ARN, path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN];
    if functions.iter().any(|path| spec.get(path).is_some()) {
        return Vec::new();
    }
    finding(
        path::PRE_HUMAN_TASK_LAMBDA_ARN,
        "and AnnotationConsolidationLambdaArn are absent: task.input is the manifest line, and answers stay unconsolidated",
        "name both functions unless that is wanted",
    )
}

fn s1_data_source(Evidence { spec, .. }: &Evidence) -> Vec<Finding> {
    let has = |name: &str| spec.get(path::DATA_SOURCE).is_some_and(|source| source.get(name).is_some());
    if has("S3DataSource") || has("SnsDataSource") {
        return Vec::new();
    }
    finding(
        path::DATA_SOURCE,
        "names no data",
        "give S3DataSource with the manifest, or SnsDataSource for a streaming job",
    )
}

#[cfg(test)]
mod tests;
