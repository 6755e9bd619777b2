//! The ARNs of the two functions of a job, however the command line names them.

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::args::FunctionArgs;
use crate::files::document_file;
use crate::labeling_job::{Arn, JobSpec, path};

/// The ARNs that the command line gives; a function that it does not name is left to the job file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FunctionArns {
    pub(crate) pre: Option<String>,
    pub(crate) post: Option<String>,
}

impl FunctionArns {
    /// From flags, names or a stack-outputs file: clap admits only one of the three.
    ///
    /// Names are completed with `region`, or the region of the work team.
    pub(crate) fn from_args(args: &FunctionArgs, region: Option<&str>, spec: &JobSpec) -> anyhow::Result<Self> {
        if let Some(path) = &args.stack_outputs {
            let outputs = document_file::read(path)?;
            return Self::from_stack_outputs(&outputs).with_context(|| format!("cannot use {}", path.display()));
        }
        if args.pre_name.is_none() && args.post_name.is_none() {
            return Ok(Self { pre: args.pre_arn.clone(), post: args.post_arn.clone() });
        }
        let role = spec.text(path::ROLE_ARN).and_then(Arn::parse);
        let workteam = spec.text(path::WORKTEAM_ARN).and_then(Arn::parse);
        let partition = role.map_or("aws", |role| role.partition);
        let account = args.account.as_deref().or(role.map(|role| role.account));
        let account =
            account.context("the account of the functions is unknown; give --account, or RoleArn in the file")?;
        let region = region.or(workteam.map(|workteam| workteam.region));
        let region =
            region.context("the region of the functions is unknown; give --region, or WorkteamArn in the file")?;
        let arn = |name: &String| format!("arn:{partition}:lambda:{region}:{account}:function:{name}");
        Ok(Self { pre: args.pre_name.as_ref().map(arn), post: args.post_name.as_ref().map(arn) })
    }

    /// What CloudFormation's `describe-stacks` prints, what `sam list stack-outputs` prints, or an object with the two
    /// outputs as members.
    pub(crate) fn from_stack_outputs(outputs: &Value) -> anyhow::Result<Self> {
        let outputs: Vec<(&str, &str)> = match (outputs.get("Stacks"), outputs) {
            (Some(Value::Array(stacks)), _) => stacks
                .iter()
                .filter_map(|stack| stack.get("Outputs")?.as_array())
                .flatten()
                .filter_map(output)
                .collect(),
            (_, Value::Array(outputs)) => outputs.iter().filter_map(output).collect(),
            (_, Value::Object(members)) => {
                members.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect()
            }
            _ => bail!("it holds no outputs of a stack"),
        };
        let find = |wanted: &str| {
            let mut found = outputs.iter().filter(|(name, _)| *name == wanted).map(|(_, value)| *value);
            let arn = found.next().with_context(|| {
                let names: Vec<&str> = outputs.iter().map(|(name, _)| *name).collect();
                format!("it has no output {wanted}; its outputs are: {}", names.join(", "))
            })?;
            ensure!(found.next().is_none(), "more than one stack has an output {wanted}; keep the one you mean");
            Ok(Some(arn.to_owned()))
        };
        Ok(Self { pre: find("PreHumanTaskLambdaArn")?, post: find("AnnotationConsolidationLambdaArn")? })
    }
}

fn output(output: &Value) -> Option<(&str, &str)> {
    Some((output.get("OutputKey")?.as_str()?, output.get("OutputValue")?.as_str()?))
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::json;

    use super::*;
    use crate::args::{Args, Command, JobCommand};
    use crate::labeling_job::testing::job;

    fn from_args(flags: &str, changes: &[(&str, Value)]) -> anyhow::Result<FunctionArns> {
        let line = format!("gtruth job plan job.yaml {flags}");
        let args = Args::try_parse_from(line.split_whitespace()).expect("arguments");
        let Command::Job { command: JobCommand::Plan(args) } = args.command else { panic!("another command") };
        FunctionArns::from_args(&args.functions, args.region.as_deref(), &job(changes))
    }

    fn arns(pre: &str, post: &str) -> FunctionArns {
        let some = |arn: &str| (!arn.is_empty()).then(|| arn.to_owned());
        FunctionArns { pre: some(pre), post: some(post) }
    }

    #[test]
    fn names_are_completed_from_the_job_file() {
        let check = |flags: &str, changes: &[(&str, Value)], expected: FunctionArns| {
            assert_eq!(from_args(flags, changes).expect("ARNs"), expected);
        };
        let lambda = "arn:aws:lambda:us-east-2:111122223333:function";
        check("", &[], arns("", ""));
        check("--pre-arn a --post-arn b", &[], arns("a", "b"));
        check("--pre-name p --post-name q", &[], arns(&format!("{lambda}:p"), &format!("{lambda}:q")));
        check("--post-name q --account 5 --region r", &[], arns("", "arn:aws:lambda:r:5:function:q"));
        let china = ("/RoleArn", json!("arn:aws-cn:iam::444455556666:role/r"));
        check("--pre-name p", &[china], arns("arn:aws-cn:lambda:us-east-2:444455556666:function:p", ""));
    }

    #[test]
    fn a_name_without_account_or_region_says_what_to_give() {
        let check = |missing: &str, flag: &str| {
            let err = from_args("--pre-name p", &[(missing, Value::Null)]).expect_err("incomplete").to_string();
            assert!(err.contains(flag), "{err}");
        };
        check("/RoleArn", "--account");
        check("/HumanTaskConfig/WorkteamArn", "--region");
    }

    #[test]
    fn stack_outputs_come_in_three_forms() {
        let list = json!([
            {"OutputKey": "PreHumanTaskLambdaArn", "OutputValue": "a", "Description": "pre"},
            {"OutputKey": "AnnotationConsolidationLambdaArn", "OutputValue": "b"}
        ]);
        let object = json!({"PreHumanTaskLambdaArn": "a", "AnnotationConsolidationLambdaArn": "b"});
        for outputs in [json!({"Stacks": [{"StackName": "s", "Outputs": list}, {"StackName": "t"}]}), list, object] {
            assert_eq!(FunctionArns::from_stack_outputs(&outputs).expect("outputs"), arns("a", "b"));
        }
    }

    #[test]
    fn stack_outputs_that_do_not_fit_say_why() {
        let check = |outputs: Value, expected: &str| {
            assert_eq!(FunctionArns::from_stack_outputs(&outputs).expect_err("a misfit").to_string(), expected);
        };
        check(json!("x"), "it holds no outputs of a stack");
        check(json!({"Url": "u"}), "it has no output PreHumanTaskLambdaArn; its outputs are: Url");
        let stack = json!({"Outputs": [{"OutputKey": "PreHumanTaskLambdaArn", "OutputValue": "a"}]});
        check(
            json!({"Stacks": [stack, stack]}),
            "more than one stack has an output PreHumanTaskLambdaArn; keep the one you mean",
        );
    }
}
