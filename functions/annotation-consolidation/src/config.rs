//! Configuration: environment variables, read once at cold start, every mistake reported at once.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;

use crate::plan_source::{PlanSource, Plans};

/// The consolidation plan itself, as JSON text. Not together with [`CONSOLIDATION_PLAN_S3_URI`].
pub const CONSOLIDATION_PLAN: &str = "CONSOLIDATION_PLAN";

/// Where the plan of each job lies: an S3 URI in which `{job}` stands for the labeling job's name in lower case, so that
/// one deployed function serves many jobs. A job without such an object gets the standard plan.
pub const CONSOLIDATION_PLAN_S3_URI: &str = "CONSOLIDATION_PLAN_S3_URI";

/// `true` to read and write with the job's own role (the event's `roleArn`) instead of the function's; default `false`.
pub const ASSUME_JOB_ROLE: &str = "ASSUME_JOB_ROLE";

/// Buckets that answers may be read from besides the job's own, separated by commas.
pub const ALLOWED_BUCKETS: &str = "ALLOWED_BUCKETS";

/// How many answers given by reference, or earlier batches, are read at a time, 1 to 256; default 16.
pub const MAX_CONCURRENT_READS: &str = "MAX_CONCURRENT_READS";

/// How many megabytes of a job's earlier batches are read to judge its workers by, 0 to 1024; 0, the default, reads none.
pub const JOB_HISTORY_MEGABYTES: &str = "JOB_HISTORY_MEGABYTES";

const DEFAULT_CONCURRENT_READS: NonZeroUsize = NonZeroUsize::new(16).expect("16 is not 0");

/// What is configured: plain data, whose default is that of a function without any variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where the consolidation plan of a job comes from.
    pub plan_source: PlanSource,
    /// Whether to act as the job's role.
    pub assume_job_role: bool,
    /// Buckets that answers may be read from besides the job's own.
    pub allowed_buckets: BTreeSet<String>,
    /// How many answers, or earlier batches, are read at a time.
    pub max_concurrent_reads: NonZeroUsize,
    /// How many megabytes (of 2^20 bytes) of a job's earlier batches are read.
    pub job_history_megabytes: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            plan_source: PlanSource::default(),
            assume_job_role: false,
            allowed_buckets: BTreeSet::new(),
            max_concurrent_reads: DEFAULT_CONCURRENT_READS,
            job_history_megabytes: 0,
        }
    }
}

impl Config {
    /// Reads the configuration through `lookup`, which gives a variable's value. Empty text counts as unset.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake.
    pub fn from_vars(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let lookup = |name| lookup(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let default = Self::default();
        let mut problems = Vec::new();

        let plan_source = match (lookup(CONSOLIDATION_PLAN), lookup(CONSOLIDATION_PLAN_S3_URI)) {
            (None, None) => PlanSource::Standard,
            (Some(document), None) => PlanSource::Document(document),
            (None, Some(pattern)) => PlanSource::PerJob { pattern },
            (Some(_), Some(_)) => {
                problems
                    .push(format!("{CONSOLIDATION_PLAN}: set either this or {CONSOLIDATION_PLAN_S3_URI}, not both"));
                PlanSource::Standard
            }
        };
        // Made for its mistakes alone, which are to be told together with all others.
        if let Err(ConfigError(of_plan)) = Plans::new(&plan_source) {
            problems.extend(of_plan);
        }
        let mut problem = |name: &str, what: String| problems.push(format!("{name}: {what}"));
        let assume_job_role = match lookup(ASSUME_JOB_ROLE).as_deref() {
            None => default.assume_job_role,
            Some("false") => false,
            Some("true") => true,
            Some(other) => {
                problem(ASSUME_JOB_ROLE, format!("must be true or false, not `{other}`"));
                false
            }
        };
        let mut number = |name, range: RangeInclusive<u64>| {
            let text = lookup(name)?;
            let number = text.parse().ok().filter(|number| range.contains(number));
            if number.is_none() {
                let (min, max) = (range.start(), range.end());
                problem(name, format!("must be a whole number from {min} to {max}, not `{text}`"));
            }
            number
        };
        let max_concurrent_reads = number(MAX_CONCURRENT_READS, 1..=256).and_then(|n| NonZeroUsize::new(n as usize));
        let job_history_megabytes = number(JOB_HISTORY_MEGABYTES, 0..=1024);
        let allowed_buckets = lookup(ALLOWED_BUCKETS).unwrap_or_default();
        let allowed_buckets = allowed_buckets.split(',').map(str::trim).filter(|bucket| !bucket.is_empty());
        let allowed_buckets: BTreeSet<String> = allowed_buckets.map(str::to_owned).collect();
        if let Some(uri) = allowed_buckets.iter().find(|bucket| bucket.contains('/')) {
            problem(ALLOWED_BUCKETS, format!("must be bucket names without s3:// and slashes, not `{uri}`"));
        }
        if !problems.is_empty() {
            return Err(ConfigError(problems));
        }
        Ok(Self {
            plan_source,
            assume_job_role,
            allowed_buckets,
            max_concurrent_reads: max_concurrent_reads.unwrap_or(default.max_concurrent_reads),
            job_history_megabytes: job_history_megabytes.unwrap_or(default.job_history_megabytes),
        })
    }
}

/// A configuration that the function cannot start with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct ConfigError(pub(crate) Vec<String>);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_vars(|name| Some(vars.iter().find(|(var, _)| *var == name)?.1.to_owned()))
    }

    #[test]
    fn nothing_set_is_the_default() {
        for vars in [&[][..], &[(CONSOLIDATION_PLAN, ""), (ASSUME_JOB_ROLE, " "), (MAX_CONCURRENT_READS, "")]] {
            assert_eq!(read(vars), Ok(Config::default()));
        }
    }

    #[test]
    fn every_variable_has_its_value() {
        let pattern = "s3://plans/{job}.json".to_owned();
        let config = Config {
            plan_source: PlanSource::PerJob { pattern: pattern.clone() },
            assume_job_role: true,
            allowed_buckets: ["answers", "more"].map(str::to_owned).into(),
            max_concurrent_reads: NonZeroUsize::MIN,
            job_history_megabytes: 1024,
        };
        let vars = [
            (CONSOLIDATION_PLAN_S3_URI, &*pattern),
            (ASSUME_JOB_ROLE, "true"),
            (ALLOWED_BUCKETS, "more, answers,"),
            (MAX_CONCURRENT_READS, "1"),
            (JOB_HISTORY_MEGABYTES, "1024"),
        ];
        assert_eq!(read(&vars), Ok(config));

        let document = r#"{"quorum": {"workers": 2}}"#;
        let config = Config { plan_source: PlanSource::Document(document.to_owned()), ..Config::default() };
        assert_eq!(read(&[(CONSOLIDATION_PLAN, document)]), Ok(config));
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let error = read(&[
            (CONSOLIDATION_PLAN, r#"{"outputFormat": "feilds"}"#),
            (ASSUME_JOB_ROLE, "yes"),
            (MAX_CONCURRENT_READS, "0"),
            (JOB_HISTORY_MEGABYTES, "32 MB"),
            (ALLOWED_BUCKETS, "a, s3://b/c"),
        ]);
        assert_eq!(
            error.expect_err("five mistakes").to_string(),
            "CONSOLIDATION_PLAN: outputFormat: must be `fields`, `ground-truth` or `all-answers`; did you mean `fields`?; \
             ASSUME_JOB_ROLE: must be true or false, not `yes`; \
             MAX_CONCURRENT_READS: must be a whole number from 1 to 256, not `0`; \
             JOB_HISTORY_MEGABYTES: must be a whole number from 0 to 1024, not `32 MB`; \
             ALLOWED_BUCKETS: must be bucket names without s3:// and slashes, not `s3://b/c`"
        );
        let error = read(&[(CONSOLIDATION_PLAN, "{}"), (CONSOLIDATION_PLAN_S3_URI, "s3://b/{job}.json")]);
        assert_eq!(
            error.expect_err("both").to_string(),
            "CONSOLIDATION_PLAN: set either this or CONSOLIDATION_PLAN_S3_URI, not both"
        );
        let error = read(&[(CONSOLIDATION_PLAN_S3_URI, "b/{job}.json")]);
        assert_eq!(
            error.expect_err("no URI").to_string(),
            "CONSOLIDATION_PLAN_S3_URI: `b/{job}.json` does not start with s3://"
        );
    }
}
