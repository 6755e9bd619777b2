//! KMS: the key of a job's output.

use serde_json::{Value, json};

use super::endpoint::KMS;
use super::{Aws, AwsError};

impl Aws {
    /// The metadata of a key, by id, ARN or alias; `None` when there is no such key.
    pub(crate) async fn describe_key(&self, key_id: &str) -> Result<Option<Value>, AwsError> {
        match self.json(&KMS, "DescribeKey", &json!({ "KeyId": key_id })).await {
            Ok(mut answer) => Ok(Some(answer["KeyMetadata"].take())),
            Err(error) if error.has_code("NotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }
}
