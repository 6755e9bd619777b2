//! The ARNs of the two functions of a job, however they are chosen.

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::files::document_file;
use crate::labeling_job::{Arn, JobSpec, path};

/// The two functions, as somebody names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FunctionChoice {
    /// By the ARN of each.
    Arns(FunctionArns),
    /// By their names. An account that is not given is that of the job's role.
    Names { pre: Option<String>, post: Option<String>, account: Option<String> },
    /// By a file with the outputs of the stack that they were deployed with.
    StackOutputs(PathBuf),
}

/// The ARNs of chosen functions; one that is not named is left to the job file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FunctionArns {
    pub(crate) pre: Option<String>,
    pub(crate) post: Option<String>,
}

/// A function of the job file that another takes the part of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Overridden {
    /// The member of the job file.
    path: &'static str,
    /// The ARN in the job file.
    of_job_file: String,
    /// What takes its part.
    chosen: String,
}

impl fmt::Display for Overridden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, of_job_file, chosen } = self;
        write!(f, "{path} is {chosen} from the command line; the job file's {of_job_file} is not used")
    }
}

impl FunctionArns {
    /// The ARNs of what was chosen. Names are completed with `region`, or the region of the work team.
    pub(crate) fn of(choice: &FunctionChoice, region: Option<&str>, spec: &JobSpec) -> anyhow::Result<Self> {
        let (pre, post, account) = match choice {
            FunctionChoice::Arns(arns) => return Ok(arns.clone()),
            FunctionChoice::StackOutputs(path) => {
                let outputs = document_file::read(path)?;
                return Self::from_stack_outputs(&outputs).with_context(|| format!("cannot use {}", path.display()));
            }
            FunctionChoice::Names { pre, post, account } => (pre, post, account),
        };
        let role = spec.text(path::ROLE_ARN).and_then(Arn::parse);
        let workteam = spec.text(path::WORKTEAM_ARN).and_then(Arn::parse);
        let partition = role.map_or("aws", |role| role.partition);
        let account = account.as_deref().or(role.map(|role| role.account));
        let account =
            account.context("the account of the functions is unknown; give --account, or RoleArn in the file")?;
        let region = region.or(workteam.map(|workteam| workteam.region));
        let region =
            region.context("the region of the functions is unknown; give --region, or WorkteamArn in the file")?;
        let arn = |name: &String| format!("arn:{partition}:lambda:{region}:{account}:function:{name}");
        Ok(Self { pre: pre.as_ref().map(arn), post: post.as_ref().map(arn) })
    }

    /// Puts the ARNs in place, and tells which others they override.
    pub(crate) fn put_into(self, spec: &mut JobSpec) -> Vec<Overridden> {
        let mut overridden = Vec::new();
        for (path, chosen) in
            [(path::PRE_HUMAN_TASK_LAMBDA_ARN, self.pre), (path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN, self.post)]
        {
            let Some(chosen) = chosen else { continue };
            let of_job_file = spec.text(path).filter(|of_job_file| *of_job_file != chosen).map(str::to_owned);
            spec.set_text(path, &chosen);
            overridden.extend(of_job_file.map(|of_job_file| Overridden { path, of_job_file, chosen }));
        }
        overridden
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
    use serde_json::json;

    use super::*;
    use crate::labeling_job::testing::job;

    fn of_names(names: [&str; 4], changes: &[(&str, Value)]) -> anyhow::Result<FunctionArns> {
        let [pre, post, account, region] = names.map(|name| (!name.is_empty()).then(|| name.to_owned()));
        FunctionArns::of(&FunctionChoice::Names { pre, post, account }, region.as_deref(), &job(changes))
    }

    fn arns(pre: &str, post: &str) -> FunctionArns {
        let some = |arn: &str| (!arn.is_empty()).then(|| arn.to_owned());
        FunctionArns { pre: some(pre), post: some(post) }
    }

    #[test]
    fn names_are_completed_from_the_job_file() {
        let check = |names: [&str; 4], changes: &[(&str, Value)], expected: FunctionArns| {
            assert_eq!(of_names(names, changes).expect("ARNs"), expected);
        };
        let lambda = "arn:aws:lambda:us-east-2:111122223333:function";
        check(["p", "q", "", ""], &[], arns(&format!("{lambda}:p"), &format!("{lambda}:q")));
        check(["", "q", "5", "r"], &[], arns("", "arn:aws:lambda:r:5:function:q"));
        let china = ("/RoleArn", json!("arn:aws-cn:iam::444455556666:role/r"));
        check(["p", "", "", ""], &[china], arns("arn:aws-cn:lambda:us-east-2:444455556666:function:p", ""));
    }

    #[test]
    fn a_name_without_account_or_region_says_what_to_give() {
        let check = |missing: &str, flag: &str| {
            let err = of_names(["p", "", "", ""], &[(missing, Value::Null)]).expect_err("incomplete").to_string();
            assert!(err.contains(flag), "{err}");
        };
        check("/RoleArn", "--account");
        check("/HumanTaskConfig/WorkteamArn", "--region");
    }

    #[test]
    fn a_function_of_the_job_file_is_overridden_by_another() {
        let put = |chosen: FunctionArns| {
            let mut spec = job(&[("/HumanTaskConfig/PreHumanTaskLambdaArn", json!("a"))]);
            let overridden = chosen.put_into(&mut spec);
            let said: Vec<String> = overridden.iter().map(Overridden::to_string).collect();
            (spec.text(path::PRE_HUMAN_TASK_LAMBDA_ARN).map(str::to_owned), said)
        };
        assert_eq!(put(arns("", "")), (Some("a".to_owned()), Vec::new()));
        assert_eq!(put(arns("a", "")), (Some("a".to_owned()), Vec::new()));
        let text = "HumanTaskConfig.PreHumanTaskLambdaArn is b from the command line; the job file's a is not used";
        assert_eq!(put(arns("b", "")), (Some("b".to_owned()), vec![text.to_owned()]));
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
