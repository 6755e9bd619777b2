//! The work team: there, and with people in it.

use serde_json::Value;

use super::Preflight;
use super::observation::Observation;
use crate::labeling_job::{Arn, path};

pub(super) async fn members(job: &Preflight<'_>) -> Vec<Observation> {
    let Some(arn) = job.spec.text(path::WORKTEAM_ARN) else { return Vec::new() };
    let resource = Arn::parse(arn).map_or("", |arn| arn.resource);
    // Only a private team belongs to the account.
    let Some(name) = resource.strip_prefix("workteam/private-crowd/") else {
        return vec![Observation::ok(format!("{arn} is not a private team, so its workers are managed elsewhere"))];
    };
    let team = match job.aws.describe_workteam(name).await {
        Ok(Some(team)) => team,
        Ok(None) => {
            return vec![Observation::problem(
                format!("the work team {name} does not exist in {}", job.aws.region()),
                "create it, or correct WorkteamArn",
            )];
        }
        Err(error) => return vec![Observation::unanswered(format!("whether the work team {name} is there"), &error)],
    };
    let groups = cognito_groups(&team);
    if groups.is_empty() {
        return vec![Observation::ok(format!(
            "the work team {name} is there; its members come from your own identity provider"
        ))];
    }
    for (pool, group) in &groups {
        match job.aws.group_has_users(pool, group).await {
            Ok(true) => return vec![Observation::ok(format!("the work team {name} has members"))],
            Ok(false) => {}
            Err(error) => {
                return vec![Observation::unanswered(format!("whether the work team {name} has members"), &error)];
            }
        }
    }
    vec![Observation::problem(
        format!("the work team {name} has no members"),
        "invite workers to it in the SageMaker console, under labeling workforces",
    )]
}

/// User pool and group of each of a team's member definitions.
fn cognito_groups(team: &Value) -> Vec<(String, String)> {
    let definitions = team.get("MemberDefinitions").and_then(Value::as_array).into_iter().flatten();
    let group = |definition: &Value| {
        let cognito = definition.get("CognitoMemberDefinition")?;
        Some((cognito.get("UserPool")?.as_str()?.to_owned(), cognito.get("UserGroup")?.as_str()?.to_owned()))
    };
    definitions.filter_map(group).collect()
}
