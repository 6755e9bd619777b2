//! U: what workers see.

use regex::Regex;

use super::super::builtin_arns::{HUMAN_TASK_UI_ACCOUNT, human_task_ui_arn};
use super::super::{Evidence, Interface, TaskType, path};
use super::{Level, Problem, Rule, Verdict, broken};
use crate::worker_template::MAX_CHARACTERS;

pub(super) static RULES: &[Rule] = &[
    Rule::here(
        "U1",
        Level::Error,
        "a job has one worker interface: UiTemplateS3Uri or HumanTaskUiArn",
        "API",
        u1_one_worker_interface,
    ),
    Rule::here(
        "U2",
        Level::Error,
        "named entities, video frames and point clouds take HumanTaskUiArn, that of the task and the region",
        "API",
        u2_interface_of_the_task,
    ),
    Rule::here("U3", Level::Error, "all other jobs take UiTemplateS3Uri", "API", u3_template),
    Rule::here("U4", Level::Warning, "the template's file name ends with .html or .liquid", "API", u4_file_name),
    Rule::here(
        "U5",
        Level::Error,
        "the interfaces of point clouds are called PointCloud…, and jobs on earlier labels use the interface of the task",
        "API",
        u5_name_of_the_interface,
    ),
    Rule::here(
        "U6",
        Level::Warning,
        "a template has one form that workers submit, loads the crowd elements, and keeps the element name that a \
         built-in task reads",
        "sms-custom-templates-step2; inferred",
        u6_template,
    ),
    Rule::here(
        "U7",
        Level::Warning,
        "a template has at most 128,000 characters; `gtruth job render` shows it as workers will see it",
        "API",
        u7_size_of_the_template,
    ),
];

const UI_ARN: &str = path::HUMAN_TASK_UI_ARN;
const TEMPLATE: &str = path::UI_TEMPLATE_S3_URI;

/// A template that is only named in our own section is uploaded, and then it is there.
fn has_template(evidence: &Evidence) -> bool {
    evidence.has(TEMPLATE) || evidence.has(path::GTRUTH_TEMPLATE)
}

fn u1_one_worker_interface(evidence: &Evidence) -> Verdict {
    match (has_template(evidence), evidence.has(UI_ARN)) {
        (true, true) => broken(
            path::UI_CONFIG,
            "has both UiTemplateS3Uri and HumanTaskUiArn",
            "keep UiTemplateS3Uri for a template of your own, HumanTaskUiArn for one of AWS's",
        ),
        (false, false) => {
            broken(path::UI_CONFIG, "names no worker interface", "give the template's s3:// URI as UiTemplateS3Uri")
        }
        _ => Verdict::Kept,
    }
}

/// The name of the interface that a task type takes, if it takes one of AWS's.
fn interface(evidence: &Evidence) -> Option<(&'static TaskType, &'static str)> {
    let task_type = evidence.builtin_task()?;
    match task_type.interface {
        Interface::HumanTaskUi(name) => Some((task_type, name)),
        Interface::Template => None,
    }
}

/// What stands before the name of the right interface, where it does not belong.
fn needless_prefix<'a>(given: &'a str, name: &str) -> Option<&'a str> {
    let given = given.strip_prefix("human-task-ui/")?;
    given.strip_suffix(name).filter(|prefix| matches!(*prefix, "3D" | "Adjustment" | "Adjustment3D" | "Verification"))
}

fn u2_interface_of_the_task(evidence: &Evidence) -> Verdict {
    let Some((task_type, name)) = interface(evidence) else { return Verdict::NotApplicable };
    let remedy = || match evidence.region() {
        Some(region) => format!("give HumanTaskUiArn as {}", human_task_ui_arn(region, name)),
        None => format!("give HumanTaskUiArn as {}", human_task_ui_arn("REGION", name)),
    };
    if has_template(evidence) && !evidence.has(UI_ARN) {
        let message = format!("is given, while {} takes an interface of AWS's", task_type.name);
        return broken(TEMPLATE, message, remedy());
    }
    // Another region than the job's is for rule R1 to report, and a needless prefix for U5.
    let Some(arn) = evidence.arn(UI_ARN) else { return Verdict::NotApplicable };
    let is_right = arn.account == HUMAN_TASK_UI_ACCOUNT && arn.resource == format!("human-task-ui/{name}");
    if is_right || needless_prefix(arn.resource, name).is_some() {
        return Verdict::Kept;
    }
    broken(
        UI_ARN,
        format!("names `{}` of account {}, while the task is {}", arn.resource, arn.account, task_type.name),
        remedy(),
    )
}

fn u3_template(evidence: &Evidence) -> Verdict {
    let Ok(task_type) = evidence.task_type() else { return Verdict::NotApplicable };
    if task_type.interface != Interface::Template {
        return Verdict::NotApplicable;
    }
    // Rule U1 speaks of both at once.
    if !evidence.has(UI_ARN) || has_template(evidence) {
        return Verdict::Kept;
    }
    broken(
        UI_ARN,
        format!("is given, while a job of type {} shows a template", task_type.name),
        "give the template's s3:// URI as UiTemplateS3Uri",
    )
}

fn u4_file_name(evidence: &Evidence) -> Verdict {
    let Some(name) = evidence.text(TEMPLATE) else { return Verdict::NotApplicable };
    if [".html", ".liquid"].iter().any(|ending| name.ends_with(ending)) {
        return Verdict::Kept;
    }
    broken(TEMPLATE, format!("is `{name}`, whose ending is not that of a template"), "let it end with .html or .liquid")
}

fn u5_name_of_the_interface(evidence: &Evidence) -> Verdict {
    let Some((_, name)) = interface(evidence) else { return Verdict::NotApplicable };
    let Some(arn) = evidence.arn(UI_ARN) else { return Verdict::NotApplicable };
    let Some(prefix) = needless_prefix(arn.resource, name) else { return Verdict::Kept };
    broken(
        UI_ARN,
        format!("names `{prefix}{name}`, which does not exist"),
        format!("name `{name}`, without `{prefix}`"),
    )
}

fn u6_template(evidence: &Evidence) -> Verdict {
    let Some(template) = evidence.template else { return Verdict::Unseen("the worker template") };
    let mut problems = Vec::new();
    let mut find = |message: String, remedy: &str| problems.push(Problem::in_job(TEMPLATE, message, remedy));
    let shown = without_comments(template);
    let n_forms = ["<crowd-form", "<crowd-entity-annotation"].iter().map(|tag| n_elements(&shown, tag)).max();
    match n_forms.unwrap_or(0) {
        1 => {}
        0 => find("has no form that workers could submit".to_owned(), "put the questions into one <crowd-form>"),
        n => find(format!("has {n} forms, of which only one is submitted"), "put all questions into one <crowd-form>"),
    }
    if !shown.contains("crowd-html-elements") {
        find(
            "does not load the crowd elements".to_owned(),
            "begin it with <script src=\"https://assets.crowd.aws/crowd-html-elements.js\"></script>",
        );
    }
    if let Some(name) = evidence.builtin_task().and_then(|task_type| task_type.widget_name) {
        let quoted = [format!("name=\"{name}\""), format!("name='{name}'")];
        if !quoted.iter().any(|attribute| shown.contains(attribute.as_str())) {
            find(
                format!("has no element with name=\"{name}\", under which the built-in function reads answers"),
                "give the element that name, otherwise every label comes out empty",
            );
        }
    }
    Verdict::of(problems)
}

/// Without HTML and Liquid comments, which may quote anything.
fn without_comments(template: &str) -> String {
    let comments = r"(?s)<!--.*?-->|\{%-?[ \t\r\n]*comment[ \t\r\n]*-?%\}.*?\{%-?[ \t\r\n]*endcomment[ \t\r\n]*-?%\}";
    Regex::new(comments).expect("a test compiles it").replace_all(template, "").into_owned()
}

/// How many elements there are of a tag, such as `<crowd-form`.
fn n_elements(template: &str, tag: &str) -> usize {
    let ends = |rest: &str| rest.starts_with(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/');
    template.match_indices(tag).filter(|(at, _)| ends(&template[at + tag.len()..])).count()
}

fn u7_size_of_the_template(evidence: &Evidence) -> Verdict {
    let Some(template) = evidence.template else { return Verdict::Unseen("the worker template") };
    let n_chars = template.chars().count();
    Verdict::unless((n_chars > MAX_CHARACTERS).then(|| {
        Problem::in_job(
            TEMPLATE,
            format!("has {n_chars} characters, of which RenderUiTemplate takes {MAX_CHARACTERS}"),
            "move scripts and styles into files of their own",
        )
    }))
}
