//! What the rules judge by: the job, and what is known of the files that it names. Whoever can read files gathers it;
//! the rules only look.

use std::collections::BTreeMap;

use serde_json::Value;

use super::problem::Problem;
use super::{Arn, JobSpec, SourceMember, TaskType, UnknownFunction, path, rules, schema, shape};

/// Everything that a rule may look at. What is `None` could not be seen, and a rule that needs it says so.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The job.
    pub spec: &'a JobSpec,
    /// The region that the request is sent to, where that is known apart from the job's ARNs.
    pub endpoint_region: Option<&'a str>,
    /// What the manifest holds.
    pub manifest: Option<&'a ManifestFacts>,
    /// The label category file, or what inline label categories become.
    pub label_categories: Option<&'a Value>,
    /// The worker template.
    pub template: Option<&'a str>,
}

/// What a manifest holds, as far as rules of the job ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ManifestFacts {
    /// How many data objects it lists.
    pub n_objects: u64,
    /// On how many lines each member stands.
    pub n_lines_with: BTreeMap<String, u64>,
    /// The longest line, in Unicode characters.
    pub longest_line: u64,
}

impl<'a> Evidence<'a> {
    /// The job alone, without any file.
    pub fn of(spec: &'a JobSpec) -> Self {
        Self { spec, endpoint_region: None, manifest: None, label_categories: None, template: None }
    }

    /// Everything that stands against the job: the types and bounds of its members first, in the order of the file,
    /// then the rules.
    pub fn problems(&self) -> Vec<Problem> {
        let document = self.spec.document();
        let mut problems = shape::check(&schema::JOB_FILE, document);
        // A document that has no members at all has been told so; what each rule misses in it would drown that.
        if document.is_object() {
            problems.extend(rules::check(self));
        }
        problems
    }

    /// The task type; see [`TaskType::of`].
    ///
    /// # Errors
    /// [`UnknownFunction`].
    pub fn task_type(&self) -> Result<&'static TaskType, UnknownFunction<'a>> {
        TaskType::of(self.spec)
    }

    /// The region of the job: that of the endpoint, else of the work team, else of the first ARN that names one.
    pub fn region(&self) -> Option<&'a str> {
        let members = [
            path::WORKTEAM_ARN,
            path::PRE_HUMAN_TASK_LAMBDA_ARN,
            path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN,
            path::HUMAN_TASK_UI_ARN,
        ];
        let of_arn = |member: &&str| Some(Arn::parse(self.spec.text(member)?)?.region);
        let named = || members.iter().filter_map(of_arn).find(|region| !region.is_empty());
        self.endpoint_region.or_else(named)
    }
}

impl ManifestFacts {
    /// On how many lines a member stands.
    pub fn n_lines_with(&self, member: &str) -> u64 {
        self.n_lines_with.get(member).copied().unwrap_or(0)
    }

    /// Which member holds the data objects: `Either` when both occur, `None` when neither does.
    pub fn source(&self) -> Option<SourceMember> {
        match (self.n_lines_with("source") > 0, self.n_lines_with("source-ref") > 0) {
            (true, true) => Some(SourceMember::Either),
            (true, false) => Some(SourceMember::Source),
            (false, true) => Some(SourceMember::SourceRef),
            (false, false) => None,
        }
    }
}
