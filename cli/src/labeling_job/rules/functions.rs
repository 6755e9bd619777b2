//! F: the two functions of a job.

use super::super::builtin_arns::{
    CONSOLIDATION_PREFIX, FUNCTION_ACCOUNTS, PRE_PREFIX, function_account, is_builtin_function,
};
use super::super::{Arn, Evidence, TaskType, path};
use super::{Level, Problem, Rule, Verdict, broken};

pub(super) static RULES: &[Rule] = &[
    Rule::here(
        "F1",
        Level::Error,
        "a built-in task has PRE- and ACS- functions of one suffix, from AWS's account in the region of the job",
        "API",
        f1_functions_of_one_task,
    ),
    Rule::here("F2", Level::Error, "built-in tasks exist in twelve regions", "API", f2_region_without_functions),
    Rule::here(
        "F3",
        Level::Warning,
        "a function's name holds SageMaker, Sagemaker, sagemaker, LabelingFunction or GtRecipe, if the role relies on the \
         managed policy AmazonSageMakerGroundTruthExecution",
        "security-iam-awsmanpol-ground-truth",
        f3_managed_policy,
    ),
    Rule::here(
        "F4",
        Level::Warning,
        "a job has both functions or neither, and both from the same side",
        "inferred",
        f4_two_of_a_kind,
    ),
    Rule::here("F5", Level::Error, "a built-in task needs both of its functions", "API", f5_both_functions),
    Rule::here(
        "F6",
        Level::Info,
        "a custom job may go without functions: workers see the manifest line, and answers stay as they are",
        "API; sms-custom-templates-step3",
        f6_no_functions,
    ),
    Rule::here(
        "F7",
        Level::Error,
        "the functions of video classification end with VideoMultiClass",
        "API",
        f7_video_classification,
    ),
];

const PRE: &str = path::PRE_HUMAN_TASK_LAMBDA_ARN;
const POST: &str = path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN;

/// The suffix that the guide's page of video classification prints, and that does not exist.
const NO_SUFFIX: &str = "VideoClassification";

/// The functions that are AWS's: their member, ARN and prefix.
fn builtin_functions<'a>(evidence: &Evidence<'a>) -> Vec<(&'static str, Arn<'a>, &'static str)> {
    let functions = [(PRE, PRE_PREFIX), (POST, CONSOLIDATION_PREFIX)];
    let builtin = |(path, prefix)| {
        let arn = evidence.arn(path).filter(is_builtin_function)?;
        Some((path, arn, prefix))
    };
    functions.into_iter().filter_map(builtin).collect()
}

fn f1_functions_of_one_task(evidence: &Evidence) -> Verdict {
    let functions = builtin_functions(evidence);
    if functions.is_empty() {
        return Verdict::NotApplicable;
    }
    let mut problems = Vec::new();
    let mut suffixes = Vec::new();
    for (path, arn, prefix) in &functions {
        let name = arn.function_name().unwrap_or(arn.resource);
        let suffix = name.strip_prefix(prefix).filter(|suffix| TaskType::by_suffix(suffix).is_some());
        match (suffix, function_account(arn.region)) {
            (None, _) if name.ends_with(NO_SUFFIX) => {}
            (None, _) => {
                let message = format!("names `{name}`, which is not a function of AWS's account {}", arn.account);
                problems.push(Problem::in_job(
                    *path,
                    message,
                    format!("name a function that begins with {prefix} and ends with a task type"),
                ));
            }
            (Some(_), Some(account)) if account != arn.account => {
                let message =
                    format!("names account {}, while AWS's account in {} is {account}", arn.account, arn.region);
                problems.push(Problem::in_job(*path, message, format!("write {account}")));
            }
            (Some(suffix), _) => suffixes.push(suffix),
        }
    }
    if let [pre, post] = suffixes[..]
        && pre != post
    {
        let message = format!("is the function of {post}, while PreHumanTaskLambdaArn is that of {pre}");
        problems.push(Problem::in_job(POST, message, "take both functions of one task"));
    }
    Verdict::of(problems)
}

fn f2_region_without_functions(evidence: &Evidence) -> Verdict {
    let functions = builtin_functions(evidence);
    if functions.is_empty() {
        return Verdict::NotApplicable;
    }
    let known: Vec<&str> = FUNCTION_ACCOUNTS.iter().map(|&(region, _)| region).collect();
    let foreign = functions.iter().filter(|(_, arn, _)| function_account(arn.region).is_none());
    Verdict::of(
        foreign
            .map(|(path, arn, _)| {
                let message = format!("is in `{}`, where AWS has no functions for built-in tasks", arn.region);
                Problem::in_job(*path, message, format!("create the job in one of {}", known.join(", ")))
            })
            .collect(),
    )
}

/// The parts of a name that let the managed policy AmazonSageMakerGroundTruthExecution (version 3) invoke a function.
/// Case counts.
const INVOCABLE: [&str; 5] = ["GtRecipe", "LabelingFunction", "SageMaker", "sagemaker", "Sagemaker"];

fn f3_managed_policy(evidence: &Evidence) -> Verdict {
    let own: Vec<(&str, &str)> = [PRE, POST]
        .into_iter()
        .filter_map(|path| {
            let arn = evidence.arn(path).filter(|arn| !is_builtin_function(arn))?;
            Some((path, arn.function_name()?))
        })
        .collect();
    if own.is_empty() {
        return Verdict::NotApplicable;
    }
    let is_refused = |name: &str| !INVOCABLE.iter().any(|part| name.contains(part));
    Verdict::of(
        own.into_iter()
            .filter(|(_, name)| is_refused(name))
            .map(|(path, name)| {
                let message = format!(
                    "names `{name}`, which the managed policy AmazonSageMakerGroundTruthExecution does not let a job invoke"
                );
                let remedy = "put SageMaker or LabelingFunction into the function's name, or let the role invoke it by a \
                              statement of its own";
                Problem::in_job(path, message, remedy)
            })
            .collect(),
    )
}

fn f4_two_of_a_kind(evidence: &Evidence) -> Verdict {
    let is_builtin = |path| evidence.arn(path).is_some_and(|arn| is_builtin_function(&arn));
    // Without one of its functions a built-in task is broken, and not merely odd: rule F5.
    let needs_both = evidence.builtin_task().is_some_and(|task_type| !task_type.is_custom());
    match (evidence.has(PRE), evidence.has(POST)) {
        (true, false) if !needs_both => {
            broken(POST, "is missing although the job has a pre function", "give both functions or neither")
        }
        (false, true) if !needs_both => {
            broken(PRE, "is missing although the job has a consolidation function", "give both functions or neither")
        }
        (true, true) if is_builtin(PRE) != is_builtin(POST) => broken(
            POST,
            "and PreHumanTaskLambdaArn pair a function of yours with one of AWS's",
            "use two functions of yours, or both of AWS's",
        ),
        _ => Verdict::Kept,
    }
}

fn f5_both_functions(evidence: &Evidence) -> Verdict {
    let Some(task_type) = evidence.builtin_task().filter(|task_type| !task_type.is_custom()) else {
        return Verdict::NotApplicable;
    };
    let prefixes = [(PRE, PRE_PREFIX), (POST, CONSOLIDATION_PREFIX)];
    let suffix = task_type.function_suffix.unwrap_or_default();
    Verdict::of(
        prefixes
            .into_iter()
            .filter(|(path, _)| !evidence.has(path))
            .map(|(path, prefix)| {
                let message = format!("is missing, while {} needs both of its functions", task_type.name);
                Problem::in_job(path, message, format!("name {prefix}{suffix}"))
            })
            .collect(),
    )
}

fn f6_no_functions(evidence: &Evidence) -> Verdict {
    if [PRE, POST].iter().any(|path| evidence.has(path)) {
        return Verdict::NotApplicable;
    }
    broken(
        PRE,
        "and AnnotationConsolidationLambdaArn are absent: task.input is the manifest line, and answers stay unconsolidated",
        "name both functions unless that is wanted",
    )
}

fn f7_video_classification(evidence: &Evidence) -> Verdict {
    let functions = builtin_functions(evidence);
    if functions.is_empty() {
        return Verdict::NotApplicable;
    }
    let misnamed = |arn: &Arn| arn.function_name().is_some_and(|name| name.ends_with(NO_SUFFIX));
    Verdict::of(
        functions
            .iter()
            .filter(|(_, arn, _)| misnamed(arn))
            .map(|(path, _, prefix)| {
                let message =
                    format!("names `{prefix}{NO_SUFFIX}`, as a page of the guide does, and that does not exist");
                Problem::in_job(*path, message, format!("name {prefix}VideoMultiClass"))
            })
            .collect(),
    )
}
