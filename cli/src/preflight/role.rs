//! The execution role: whom it trusts, and what it may do.

use ground_truth::s3_uri::S3Uri;
use serde_json::Value;

use super::functions::is_own;
use super::observation::Observation;
use super::{Preflight, role_arn};
use crate::labeling_job::{Arn, path};

/// Who assumes the role.
const SERVICE: &str = "sagemaker.amazonaws.com";

pub(super) async fn trust(job: &Preflight<'_>) -> Vec<Observation> {
    let Some(arn) = role_arn(job.spec) else { return Vec::new() };
    let Some(parsed) = Arn::parse(arn) else { return Vec::new() };
    if parsed.account != job.account {
        return vec![Observation::problem(
            format!("{arn} is of the account {}, and you are of {}", parsed.account, job.account),
            "use a role of the account that runs the job",
        )];
    }
    let name = parsed.resource.rsplit('/').next().unwrap_or_default();
    vec![match job.aws.role_trust_policy(name).await {
        Ok(Some(policy)) if trusts(&policy, SERVICE) => Observation::ok(format!("{name} trusts {SERVICE}")),
        Ok(Some(_)) => Observation::problem(
            format!("{name} does not trust {SERVICE}"),
            format!(
                r#"add {{"Effect":"Allow","Principal":{{"Service":"{SERVICE}"}},"Action":"sts:AssumeRole"}} to its trust policy"#
            ),
        ),
        Ok(None) => Observation::problem(format!("{arn} does not exist"), "create the role, or correct RoleArn"),
        Err(error) => Observation::unanswered(format!("which principals {name} trusts"), &error),
    }]
}

fn trusts(policy: &Value, service: &str) -> bool {
    // One statement, one principal and one action stand alone as often as in a list.
    let list = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        value => vec![value.clone()],
    };
    let holds = |value: &Value, wanted: &[&str]| {
        list(value).iter().any(|item| item.as_str().is_some_and(|item| wanted.contains(&item)))
    };
    list(&policy["Statement"]).iter().any(|statement| {
        statement["Effect"] == "Allow"
            && holds(&statement["Action"], &["sts:AssumeRole", "sts:*", "*"])
            && holds(&statement["Principal"]["Service"], &[service])
    })
}

/// Rules K3, K4 and F3, as IAM's simulator sees them.
pub(super) async fn permissions(job: &Preflight<'_>) -> Vec<Observation> {
    let Some(role) = role_arn(job.spec) else { return Vec::new() };
    let partition = Arn::parse(role).map_or("aws", |arn| arn.partition);
    let uri = |member: &str| job.spec.text(member)?.parse::<S3Uri>().ok();
    let object = |uri: S3Uri| format!("arn:{partition}:s3:::{}/{}", uri.bucket(), uri.key());

    let inputs = [path::MANIFEST_S3_URI, path::UI_TEMPLATE_S3_URI, path::LABEL_CATEGORY_CONFIG_S3_URI];
    let mut read: Vec<String> = inputs.into_iter().filter_map(uri).map(object).collect();
    read.extend(job.sample.sources().into_iter().take(1).map(object));
    let output = uri(path::S3_OUTPUT_PATH);
    let name = job.spec.text(path::LABELING_JOB_NAME).unwrap_or_default();
    let written = output.as_ref().map(|output| object(output.join(name).join("manifests/output/output.manifest")));
    let listed = output.as_ref().map(|output| format!("arn:{partition}:s3:::{}", output.bucket()));
    let members = [path::PRE_HUMAN_TASK_LAMBDA_ARN, path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN];
    let functions = members.into_iter().filter_map(|member| job.spec.text(member)).filter(|arn| is_own(arn));
    let functions = functions.map(str::to_owned).collect();

    let own = "let its policies allow that; AmazonSageMakerGroundTruthExecution does where names match its patterns";
    let groups: [(&[&str], Vec<String>); 4] = [
        (&["s3:GetObject"], read),
        (&["s3:PutObject", "s3:AbortMultipartUpload"], written.into_iter().collect()),
        (&["s3:ListBucket", "s3:GetBucketLocation"], listed.into_iter().collect()),
        (&["lambda:InvokeFunction"], functions),
    ];
    let mut observations = Vec::new();
    for (actions, resources) in groups {
        if resources.is_empty() {
            continue;
        }
        let simulated = match job.aws.simulate(role, actions, &resources).await {
            Ok(simulated) => simulated,
            // The other groups would get the same answer.
            Err(error) => return vec![Observation::unanswered("what the role may do", &error)],
        };
        let denied: Vec<_> = simulated.iter().filter(|result| !result.allowed).collect();
        if denied.is_empty() {
            observations.push(Observation::ok(format!("the role may {}", actions.join(", "))));
        }
        for result in denied {
            observations
                .push(Observation::problem(format!("the role may not {} on {}", result.action, result.resource), own));
        }
    }
    if let Some(key) = job.spec.text(path::OUTPUT_KMS_KEY_ID).filter(|key| !key.is_empty()) {
        observations.push(key_permissions(job, role, key).await);
    }
    observations
}

/// Here a refusal tells little: the policy of the key, which the simulator does not see, is as good.
async fn key_permissions(job: &Preflight<'_>, role: &str, key: &str) -> Observation {
    let arn = match job.aws.describe_key(key).await {
        Ok(Some(key)) => key.get("Arn").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let Some(arn) = arn else {
        return Observation::unknown(format!("whether the role may use the key {key} is unknown"));
    };
    let actions = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey"];
    match job.aws.simulate(role, &actions, std::slice::from_ref(&arn)).await {
        Ok(simulated) if simulated.iter().all(|result| result.allowed) => Observation::ok("the role may use the key"),
        Ok(_) => Observation::unknown(format!(
            "the role's own policies do not allow it to use {arn}; then the key's policy has to name the role for \
             kms:Encrypt, kms:Decrypt, kms:ReEncrypt*, kms:GenerateDataKey* and kms:DescribeKey"
        )),
        Err(error) => Observation::unanswered("whether the role may use the key", &error),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_trust_policy_is_read_in_every_form() {
        let check = |statement: Value, expected: bool| {
            assert_eq!(trusts(&json!({ "Statement": statement }), SERVICE), expected, "{statement}");
        };
        let one = |principal: Value| json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
        check(one(json!({ "Service": SERVICE })), true);
        check(json!([one(json!({"Service": ["lambda.amazonaws.com", SERVICE]}))]), true);
        check(json!([one(json!({"Service": "lambda.amazonaws.com"}))]), false);
        check(one(json!({"AWS": SERVICE})), false);
        check(json!({"Effect": "Deny", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"}), false);
        check(json!(null), false);
    }
}
