//! Whose permissions: the function's own role, or the labeling job's.
//!
//! AWS's sample assumes whatever role the event names. Whoever may invoke the function could then choose a role, so the
//! job's role is assumed only when the configuration says so, and only when it belongs to the account of the job.

use ground_truth::contract::annotation_consolidation::AnnotationConsolidationRequest;

use crate::config::Config;
use crate::error::HandleError;

/// The role to assume for this request; `None` to stay with the function's own.
///
/// # Errors
/// [`HandleError::RoleRefused`] when the job's role should be assumed and may not be.
pub fn to_assume<'a>(
    request: &'a AnnotationConsolidationRequest,
    config: &Config,
) -> Result<Option<&'a str>, HandleError> {
    if !config.assume_job_role {
        return Ok(None);
    }
    let refused = |reason| HandleError::RoleRefused { reason };
    let role_arn = request.role_arn.as_deref().ok_or_else(|| refused("the event has no `roleArn`"))?;
    let job_arn = request.labeling_job_arn.as_deref().ok_or_else(|| refused("the event has no `labelingJobArn`"))?;
    let role_account = account(role_arn, "iam").ok_or_else(|| refused("`roleArn` is not the ARN of a role"))?;
    let job_account =
        account(job_arn, "sagemaker").ok_or_else(|| refused("`labelingJobArn` is not the ARN of a labeling job"))?;
    if role_account == job_account {
        Ok(Some(role_arn))
    } else {
        Err(refused("`roleArn` belongs to another account than the labeling job"))
    }
}

/// The role that a request is handled with, once [`to_assume`] has let it pass; `None` for the function's own.
pub fn acting<'a>(request: &'a AnnotationConsolidationRequest, config: &Config) -> Option<&'a str> {
    request.role_arn.as_deref().filter(|_| config.assume_job_role)
}

/// The account in `arn:partition:service:region:account:resource`; `None` when it is not an ARN of that service.
fn account<'a>(arn: &'a str, service: &str) -> Option<&'a str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, of, _, account, resource] if *of == service && !account.is_empty() && !resource.is_empty() => {
            Some(account)
        }
        _ => None,
    }
}

/// The name of the labeling job, as its ARN spells it: in lower case.
pub fn labeling_job_name(request: &AnnotationConsolidationRequest) -> Option<&str> {
    request
        .labeling_job_arn
        .as_deref()?
        .split_once(":labeling-job/")
        .map(|(_, name)| name)
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const JOB: &str = "arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/river-survey";

    fn check(
        assume_job_role: bool,
        job_arn: Option<&str>,
        role_arn: Option<&str>,
        expected: Result<Option<&str>, &str>,
    ) {
        let request = json!({"labelingJobArn": job_arn, "roleArn": role_arn, "labelAttributeName": "x", "payload": []});
        let request: AnnotationConsolidationRequest = serde_json::from_value(request).expect("a request");
        let config = Config { assume_job_role, ..Config::default() };
        let role = to_assume(&request, &config).map_err(|error| error.to_string());
        assert_eq!(role.as_ref().map(|role| *role).map_err(String::as_str), expected);
    }

    #[test]
    fn the_jobs_role_is_assumed_only_when_configured_and_of_the_jobs_account() {
        let role = Some("arn:aws:iam::111122223333:role/service-role/gt:exec");
        check(false, Some(JOB), role, Ok(None));
        check(true, Some(JOB), role, Ok(role));
        let refused = |reason: &str| {
            format!(
                "the job's role is not assumed: {reason}; give the function's own role access and set ASSUME_JOB_ROLE to false"
            )
        };
        check(
            true,
            Some(JOB),
            Some("arn:aws:iam::999999999999:role/x"),
            Err(&refused("`roleArn` belongs to another account than the labeling job")),
        );
        check(true, None, role, Err(&refused("the event has no `labelingJobArn`")));
        check(true, Some(JOB), None, Err(&refused("the event has no `roleArn`")));
        check(true, Some(JOB), Some("role"), Err(&refused("`roleArn` is not the ARN of a role")));
        check(
            true,
            Some("arn:aws:sagemaker:x"),
            role,
            Err(&refused("`labelingJobArn` is not the ARN of a labeling job")),
        );
    }
}
