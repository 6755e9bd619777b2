//! STS: who is calling.

use super::endpoint::STS;
use super::{Aws, AwsError};

impl Aws {
    /// The account of the credentials in use.
    pub(crate) async fn caller_account(&self) -> Result<String, AwsError> {
        let answer = self.query(&STS, "GetCallerIdentity", &[]).await?;
        Ok(answer.text(&["GetCallerIdentityResult", "Account"]).unwrap_or_default().to_owned())
    }
}
