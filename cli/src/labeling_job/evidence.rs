//! What the rules judge by: the job, and what is known of the files that it names. Whoever can read files gathers it;
//! the rules only look.

use std::collections::BTreeMap;

use serde_json::Value;

use super::label_category_file::LabelCategoryFile;
use super::scope::RunsOn;
use super::{Arn, JobSpec, SourceMember, TaskType, UnknownFunction, path, rules, schema, shape};
use crate::problem::Problem;

/// Everything that a rule may look at. What is `None` could not be seen, and a rule that needs it says so.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The job file as it was read.
    pub spec: &'a JobSpec,
    /// The region that the request is sent to, where that is known apart from the job's ARNs.
    pub endpoint_region: Option<&'a str>,
    /// What the manifest holds.
    pub manifest: Option<&'a ManifestFacts>,
    /// The label category file, or what inline label categories become.
    pub label_categories: Option<&'a Value>,
    /// The text of the worker template; `None` where it is not on this computer.
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

/// Whose workers the job uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Workforce {
    /// Amazon Mechanical Turk.
    Public,
    /// The job owner's own people.
    Private,
    /// A vendor of the AWS Marketplace.
    Vendor,
}

impl<'a> Evidence<'a> {
    /// The job alone, without any file.
    pub fn of(spec: &'a JobSpec) -> Self {
        Self { spec, endpoint_region: None, manifest: None, label_categories: None, template: None }
    }

    /// The member at a path, if it is there and text.
    pub(super) fn text(&self, path: &str) -> Option<&'a str> {
        self.spec.text(path)
    }

    /// The member at a path, if it is there and a whole number.
    pub(super) fn integer(&self, path: &str) -> Option<u64> {
        self.spec.get(path)?.as_u64()
    }

    /// Whether there is a member at a path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.spec.get(path).is_some()
    }

    /// The ARN at a path, split.
    pub(super) fn arn(&self, path: &str) -> Option<Arn<'a>> {
        self.text(path).and_then(Arn::parse)
    }

    /// The task type if its functions are AWS's.
    pub(super) fn builtin_task(&self) -> Option<&'static TaskType> {
        self.task_type().ok().filter(|task_type| task_type.is_builtin())
    }

    /// Whether data objects arrive by a topic.
    pub(super) fn is_streaming(&self) -> bool {
        self.has(path::INPUT_SNS_TOPIC_ARN)
    }

    /// Whose workers the job uses; `None` where its ARN does not tell.
    pub(super) fn workforce(&self) -> Option<Workforce> {
        let resource = self.arn(path::WORKTEAM_ARN)?.resource;
        let known = [
            ("workteam/public-crowd/", Workforce::Public),
            ("workteam/private-crowd/", Workforce::Private),
            ("workteam/vendor-crowd/", Workforce::Vendor),
        ];
        known.into_iter().find(|(prefix, _)| resource.starts_with(prefix)).map(|(_, workforce)| workforce)
    }

    /// The price of one answer in tenths of a US cent, if one is given. Members that are left out count as 0.
    pub(super) fn price(&self) -> Option<u64> {
        let amount = self.spec.get(path::PRICE)?.as_object()?;
        let part = |name: &str| amount.get(name).map_or(Some(0), Value::as_u64);
        let (dollars, cents, tenths) = (part("Dollars")?, part("Cents")?, part("TenthFractionsOfACent")?);
        dollars.checked_mul(1000)?.checked_add(cents.checked_mul(10)?)?.checked_add(tenths)
    }

    /// Everything that stands against the job: the types and bounds of its members first, in the order of the file,
    /// and those of the label category file, then the rules.
    pub fn problems(&self) -> Vec<Problem> {
        self.problems_where(RunsOn::Aws)
    }

    /// Those of [`problems`](Self::problems) that concern a job which runs there.
    pub(super) fn problems_where(&self, runs_on: RunsOn) -> Vec<Problem> {
        let document = self.spec.document();
        let mut problems = shape::check(&schema::JOB_FILE, document, runs_on);
        // A document that has no members at all has been told so; what each rule misses in it would drown that.
        if document.is_object() {
            let file = self.label_categories.map(LabelCategoryFile::new);
            problems.extend(file.into_iter().flat_map(|file| file.problems(self.task_type().ok())));
            problems.extend(rules::check(self, runs_on));
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

    /// The members that are labels of earlier jobs, which their metadata gives away.
    pub fn labels(&self) -> Vec<&str> {
        let has_metadata = |name: &str| self.n_lines_with(&format!("{name}-metadata")) > 0;
        // Point clouds keep what the frame is like in `source-ref-metadata`.
        let is_label = |name: &&str| !matches!(*name, "source" | "source-ref") && has_metadata(name);
        self.n_lines_with.keys().map(String::as_str).filter(is_label).collect()
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
