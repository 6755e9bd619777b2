//! K: buckets, keys and permissions. Most of it only the account can tell.

use super::super::{Evidence, path};
use super::{Level, Rule};

pub(super) static RULES: &[Rule] = &[
    Rule::at_aws(
        "K1",
        Level::Warning,
        "the bucket of images shown in a browser has a CORS rule: GET from any origin, exposing \
         Access-Control-Allow-Origin",
        "sms-cors-update",
        "the CORS rules of the input bucket",
    ),
    Rule::at_aws(
        "K2",
        Level::Warning,
        "for video frames and point clouds the input and output buckets have a CORS rule with GET, HEAD and PUT",
        "sms-cors-update",
        "the CORS rules of both buckets",
    ),
    Rule::at_aws(
        "K3",
        Level::Error,
        "the role can read manifest, data, template and label category file, and write the output; the managed policy \
         covers buckets and keys whose names hold sagemaker or groundtruth",
        "security-iam-awsmanpol-ground-truth",
        "the role's permissions",
    ),
    Rule::at_aws(
        "K4",
        Level::Error,
        "the policy of the output key lets the role encrypt and decrypt",
        "sms-security-kms-permissions",
        "the key and its policy",
    ),
    Rule::fact(
        "K5",
        Level::Info,
        "a bucket policy that forces encryption tests s3:x-amz-server-side-encryption for aws:kms",
        "API",
        |evidence| evidence.has(path::OUTPUT_KMS_KEY_ID),
    ),
    Rule::fact(
        "K6",
        Level::Info,
        "without a key, output is encrypted with the key that S3 keeps for the role's account",
        "API",
        |evidence| evidence.text(path::OUTPUT_KMS_KEY_ID).is_none_or(str::is_empty),
    ),
    Rule::fact(
        "K7",
        Level::Warning,
        "a bucket policy that is changed while the job runs can make it fail",
        "samurai-vpc-labeling-job",
        |_| true,
    ),
    Rule::at_aws(
        "K8",
        Level::Error,
        "whoever creates the job may do sagemaker:CreateLabelingJob, and iam:PassRole on the role",
        "api-permissions-reference",
        "the caller's permissions",
    ),
    Rule::fact("K9", Level::Info, "whoever creates a job with tags also needs sagemaker:AddTags", "inferred", has_tags),
    Rule::at_aws(
        "K10",
        Level::Warning,
        "the output folder is empty: jobs cannot be deleted, and one of the same name in another region can share it",
        "inferred",
        "the output folder",
    ),
];

fn has_tags(evidence: &Evidence) -> bool {
    evidence.spec.get(path::TAGS).and_then(|tags| tags.as_array()).is_some_and(|tags| !tags.is_empty())
}
