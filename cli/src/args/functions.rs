//! Which two functions a job calls.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueHint};

use crate::job_file::function_arns::{FunctionArns, FunctionChoice};
use crate::job_file::job_on_aws::ChoiceOnAws;

/// The functions by ARN, by name, or by the outputs of the stack that they were deployed with.
#[derive(Debug, Clone, Default, Args)]
#[command(
    next_help_heading = "The two functions (those of the job file, unless they are named here)",
    group = ArgGroup::new("arns").args(["pre_arn", "post_arn"]).multiple(true).conflicts_with_all(["names", "stack_outputs"]),
    group = ArgGroup::new("names").args(["pre_name", "post_name"]).multiple(true).conflicts_with("stack_outputs"),
)]
pub struct FunctionArgs {
    /// The ARN of PreHumanTaskLambda
    #[arg(long, value_name = "ARN")]
    pub pre_arn: Option<String>,
    /// The ARN of AnnotationConsolidationLambda
    #[arg(long, value_name = "ARN")]
    pub post_arn: Option<String>,
    /// The function name of PreHumanTaskLambda
    #[arg(long, value_name = "NAME")]
    pub pre_name: Option<String>,
    /// The function name of AnnotationConsolidationLambda
    #[arg(long, value_name = "NAME")]
    pub post_name: Option<String>,
    /// The account of the named functions [default: the account in RoleArn]
    #[arg(long, value_name = "ID", requires = "names")]
    pub account: Option<String>,
    /// A file with the outputs of the deployed stack
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub stack_outputs: Option<PathBuf>,
}

impl FunctionArgs {
    /// Which of the three ways was taken: clap admits only one.
    pub(crate) fn choice(&self) -> FunctionChoice {
        if let Some(path) = &self.stack_outputs {
            FunctionChoice::StackOutputs(path.clone())
        } else if self.pre_name.is_some() || self.post_name.is_some() {
            FunctionChoice::Names {
                pre: self.pre_name.clone(),
                post: self.post_name.clone(),
                account: self.account.clone(),
            }
        } else {
            FunctionChoice::Arns(FunctionArns { pre: self.pre_arn.clone(), post: self.post_arn.clone() })
        }
    }
}

/// The functions, where AWS can be asked for them too.
#[derive(Debug, Clone, Default, Args)]
pub struct FunctionsOnAwsArgs {
    /// The functions, as the arguments or a file name them
    #[command(flatten)]
    pub known: FunctionArgs,
    /// The name of the deployed stack, whose outputs CloudFormation is asked for
    #[arg(long, value_name = "NAME", conflicts_with_all = ["arns", "names", "stack_outputs"])]
    pub stack_name: Option<String>,
}

impl FunctionsOnAwsArgs {
    pub(crate) fn choice(&self) -> ChoiceOnAws {
        self.stack_name.clone().map_or_else(|| ChoiceOnAws::Known(self.known.choice()), ChoiceOnAws::Stack)
    }
}
