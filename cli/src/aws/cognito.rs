//! Cognito: the people of a private work team.

use serde_json::{Value, json};

use super::endpoint::COGNITO;
use super::{Aws, AwsError};

impl Aws {
    /// Whether anybody is in a group of a user pool.
    pub(crate) async fn group_has_users(&self, user_pool_id: &str, group: &str) -> Result<bool, AwsError> {
        let input = json!({ "UserPoolId": user_pool_id, "GroupName": group, "Limit": 1 });
        let answer = self.json(&COGNITO, "ListUsersInGroup", &input).await?;
        Ok(answer.get("Users").and_then(Value::as_array).is_some_and(|users| !users.is_empty()))
    }
}
