//! IAM: the execution role, and what it may do.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::endpoint::IAM;
use super::{Aws, AwsError};

/// What IAM's simulator says of one action on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Simulated {
    /// The action that is simulated, such as `s3:GetObject`.
    pub(crate) action: String,
    /// The ARN of what the action is simulated on.
    pub(crate) resource: String,
    /// Whether the policies of the principal allow it.
    pub(crate) allowed: bool,
}

impl Aws {
    /// The trust policy of a role, by name; `None` when there is no such role.
    pub(crate) async fn role_trust_policy(&self, role_name: &str) -> Result<Option<Value>, AwsError> {
        let parameters = [("RoleName".to_owned(), role_name.to_owned())];
        let answer = match self.query(&IAM, "GetRole", &parameters).await {
            Err(error) if error.has_code("NoSuchEntity") => return Ok(None),
            answer => answer?,
        };
        let policy = answer.text(&["GetRoleResult", "Role", "AssumeRolePolicyDocument"]).unwrap_or_default();
        let policy = percent_decode_str(policy).decode_utf8_lossy();
        Ok(Some(serde_json::from_str(&policy).unwrap_or_default()))
    }

    /// Asks the simulator about each action on each resource. It knows the principal's own policies, boundaries and
    /// organization, and not the policies of buckets, keys and functions.
    pub(crate) async fn simulate(
        &self,
        role_arn: &str,
        actions: &[&str],
        resources: &[String],
    ) -> Result<Vec<Simulated>, AwsError> {
        let mut parameters = vec![("PolicySourceArn".to_owned(), role_arn.to_owned())];
        let members = |name: &'static str, values: Vec<String>| {
            (1..).zip(values).map(move |(n, value)| (format!("{name}.member.{n}"), value))
        };
        parameters.extend(members("ActionNames", actions.iter().map(|&action| action.to_owned()).collect()));
        parameters.extend(members("ResourceArns", resources.to_vec()));
        let answer = self.query(&IAM, "SimulatePrincipalPolicy", &parameters).await?;
        let results = answer.get(&["SimulatePrincipalPolicyResult", "EvaluationResults"]);
        let results = results.into_iter().flat_map(|results| results.all("member"));
        let simulated = |result: &super::xml::Element| {
            Some(Simulated {
                action: result.text(&["EvalActionName"])?.to_owned(),
                resource: result.text(&["EvalResourceName"]).unwrap_or("*").to_owned(),
                allowed: result.text(&["EvalDecision"])? == "allowed",
            })
        };
        Ok(results.filter_map(simulated).collect())
    }
}
