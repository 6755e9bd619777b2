//! A job to begin with: a commented job file, a worker template of ours beside it, and a few data objects to rehearse on.
//!
//! - [`NewJob`]: what `gtruth job init` writes; `job_text` is the file, `starters` are forms and samples by kind.
//! - `form`: a job for the fields of a form, as a next round needs it.

use std::collections::BTreeMap;

use anyhow::ensure;

use crate::labeling_job::{Interface, TaskType};

mod form;
mod job_text;
mod starters;

pub(crate) use form::{FormField, JobOfFields};
pub(crate) use starters::Starter;

use job_text::{JobText, job_text};

const TEMPLATE: &str = "template.liquid.html";
const MANIFEST: &str = "manifest.jsonl";
const TRUTH: &str = "truth.jsonl";

/// The account of AWS's own documentation.
pub(crate) const EXAMPLE_ACCOUNT: &str = "111122223333";
pub(crate) const EXAMPLE_REGION: &str = "us-east-1";
pub(crate) const EXAMPLE_BUCKET: &str = "my-sagemaker-bucket";
pub(crate) const EXAMPLE_TEAM: &str = "my-team";

/// What a new job is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewJob<'a> {
    pub(crate) name: &'a str,
    pub(crate) task_type: &'static TaskType,
    /// What workers do.
    pub(crate) starter: &'static Starter,
    /// The label categories; those of the starter, where none are given.
    pub(crate) categories: &'a [String],
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    pub(crate) bucket: &'a str,
    pub(crate) role_arn: Option<&'a str>,
    /// The work team: the name of a private one, or an ARN.
    pub(crate) workteam: &'a str,
    /// The manifest, from the folder of the job file; samples, where none is given.
    pub(crate) manifest: Option<&'a str>,
    pub(crate) n_workers: Option<u64>,
}

/// What is written.
#[derive(Debug)]
pub(crate) struct NewFiles {
    /// The job file.
    pub(crate) job: String,
    /// What stands beside it, by name.
    pub(crate) beside: BTreeMap<&'static str, String>,
}

impl NewFiles {
    /// Whether there are data objects to rehearse on.
    pub(crate) fn can_be_rehearsed(&self) -> bool {
        self.beside.contains_key(TRUTH)
    }
}

impl NewJob<'_> {
    /// Every file of the new job.
    pub(crate) fn files(&self) -> NewFiles {
        let Self { name, task_type, starter, region, account, bucket, workteam, .. } = *self;
        let team = private_team(region, account, workteam);
        let workteam_arn = if workteam.starts_with("arn:") { workteam } else { &team };
        let of_starter = starter.categories();
        let categories = if self.categories.is_empty() { &of_starter } else { self.categories };
        let field = task_type.widget_name.unwrap_or("label");
        let samples = if self.manifest.is_some() { None } else { starter.samples(categories, bucket, field) };
        let job = job_text(&JobText {
            name,
            task_type,
            starter,
            field,
            categories,
            region,
            account,
            bucket,
            role_arn: self.role_arn,
            workteam_arn,
            manifest: self.manifest.or(samples.is_some().then_some(MANIFEST)),
            is_rehearsed: samples.is_some(),
            n_workers: self.n_workers,
        });
        let mut beside = BTreeMap::new();
        if let Some(template) = starter.template.filter(|_| task_type.interface == Interface::Template) {
            beside.insert(TEMPLATE, template.replace("name=\"label\"", &format!("name=\"{field}\"")));
        }
        if let Some((manifest, truth)) = samples {
            beside.extend([(MANIFEST, manifest), (TRUTH, truth)]);
        }
        NewFiles { job, beside }
    }
}

/// AWS's own functions for built-in tasks are not everywhere.
///
/// # Errors
/// When the task type is built in and its functions are not in the region.
pub(crate) fn check_region(task_type: &TaskType, region: &str) -> anyhow::Result<()> {
    ensure!(
        !task_type.is_builtin() || task_type.pre_function_arn(region).is_some(),
        "AWS has no functions for built-in tasks in {region}; choose another region, or the task type custom"
    );
    Ok(())
}

fn private_team(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:{region}:{account}:workteam/private-crowd/{name}")
}

/// A text, with something after it, as the name of a job: at most 63 letters, digits and hyphens.
pub(crate) fn job_name(text: &str, end: &str) -> String {
    let name: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name: String = name.trim_matches('-').chars().take(MAX_NAME_CHARACTERS.saturating_sub(end.len())).collect();
    let name = name.trim_end_matches('-');
    format!("{}{end}", if name.is_empty() { "job" } else { name })
}

/// How many characters the name of a job has at most.
const MAX_NAME_CHARACTERS: usize = 63;

#[cfg(test)]
mod tests {
    use ground_truth::annotation_kinds;

    use super::*;

    #[test]
    fn every_template_asks_for_a_kind() {
        for starter in Starter::with_templates() {
            assert!(annotation_kinds::by_name(starter.kind).is_some(), "{}", starter.kind);
        }
    }

    #[test]
    fn a_kind_without_a_template_is_told_which_have_one() {
        let error = Starter::of_kind("cuboid").expect_err("no crowd element asks for it").to_string();
        assert!(
            error.starts_with("there is no template for `cuboid`; there are templates for classification, "),
            "{error}"
        );
    }
}
