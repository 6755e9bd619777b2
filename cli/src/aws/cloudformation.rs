//! CloudFormation: the outputs of the deployed stack.

use serde_json::{Value, json};

use super::endpoint::CLOUDFORMATION;
use super::{Aws, AwsError};

impl Aws {
    /// The outputs of a stack, as `aws cloudformation describe-stacks` lists them.
    pub(crate) async fn stack_outputs(&self, stack_name: &str) -> Result<Value, AwsError> {
        let parameters = [("StackName".to_owned(), stack_name.to_owned())];
        let answer = self.query(&CLOUDFORMATION, "DescribeStacks", &parameters).await?;
        let outputs = answer.get(&["DescribeStacksResult", "Stacks", "member", "Outputs"]);
        let outputs = outputs.into_iter().flat_map(|outputs| outputs.all("member"));
        let output = |output: &super::xml::Element| json!({ "OutputKey": output.text(&["OutputKey"]), "OutputValue": output.text(&["OutputValue"]) });
        Ok(outputs.map(output).collect())
    }
}
