//! Which clusters of marks are kept: what a project calls enough differs, so it is a setting, and may differ by category.

use serde_json::Value;

use super::Method;
use crate::batch::Quorum;
use crate::document::{Problem, Reader};
use crate::typed::bounded;
use crate::vocabulary::LabelCategory;

/// What makes a cluster worth keeping.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Keep {
    /// At least this many of the workers who answered made it.
    Made(Quorum),
    /// It stands for something real with at least this probability, from 0 to 1; beyond, the nearer bound counts.
    /// [`Method::Plain`], which has no probabilities, takes the share of the workers who made it and name its category.
    Posterior(f64),
}

/// The rule, and its exceptions by category.
#[derive(Debug, Clone, PartialEq)]
pub struct KeepRules {
    /// What holds for every category without a rule of its own.
    pub rule: Keep,
    /// Categories with a rule of their own, which replaces the common one.
    pub by_category: Vec<(LabelCategory, Keep)>,
}

/// Why this much: see [`marks`](super).
const MIN_POSTERIOR: f64 = 0.45;

/// Rounding error keeps no mark out.
const SLACK: f64 = 1e-9;

impl KeepRules {
    /// What the plan takes where it says nothing: half of those who answered made it, or a posterior of 0.45.
    pub const fn standard(method: Method) -> Self {
        let rule = match method {
            Method::Plain => Keep::Made(Quorum::Share(0.5)),
            Method::Weighted => Keep::Posterior(MIN_POSTERIOR),
        };
        Self { rule, by_category: Vec::new() }
    }

    /// Reads `keep` and `keepByCategory`.
    pub(in crate::annotation_kinds) fn read(reader: &mut Reader<'_>, method: Method) -> Self {
        let Self { rule, mut by_category } = Self::standard(method);
        let rule = reader.read("keep", must_be(method), |value| Keep::from_json(value, method)).unwrap_or(rule);
        for (name, value, path) in reader.entries("keepByCategory") {
            match Keep::from_json(value, method) {
                Some(keep) => by_category.push((LabelCategory::new(name), keep)),
                None => reader.add_problems(vec![Problem { path, message: format!("must be {}", must_be(method)) }]),
            }
        }
        Self { rule, by_category }
    }

    /// Whether a cluster of this category is kept, which `n_members` of `n_workers` made.
    pub(in crate::annotation_kinds) fn keeps(
        &self,
        category: Option<&LabelCategory>,
        n_members: usize,
        n_workers: usize,
        existence: f64,
    ) -> bool {
        let exception = self.by_category.iter().find(|(name, _)| Some(name) == category);
        match exception.map_or(self.rule, |(_, keep)| *keep) {
            Keep::Made(quorum) => n_members >= quorum.needed(n_workers),
            Keep::Posterior(least) => existence + SLACK >= bounded(least, 0.0..=1.0, MIN_POSTERIOR),
        }
    }
}

impl Keep {
    fn from_json(value: &Value, method: Method) -> Option<Self> {
        let posterior = || {
            let members = value.as_object().filter(|members| members.len() == 1)?;
            let least = members.get("posterior").and_then(Value::as_f64)?;
            (method == Method::Weighted && (0.0..=1.0).contains(&least)).then_some(Self::Posterior(least))
        };
        Quorum::from_json(value).map(Self::Made).or_else(posterior)
    }
}

fn must_be(method: Method) -> &'static str {
    match method {
        Method::Plain => r#"{"workers": 1 to 1000} or {"share": above 0, at most 1}"#,
        Method::Weighted => r#"{"posterior": 0 to 1}, {"workers": 1 to 1000} or {"share": above 0, at most 1}"#,
    }
}
