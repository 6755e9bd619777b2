//! K: buckets, keys and permissions. Most of it only the account can tell.

use super::super::{Evidence, Modality, TaskType, path};
use super::{Level, Rule};

pub(super) static RULES: &[Rule] = &[
    Rule::at_aws(
        "K1",
        Level::Warning,
        "the bucket of images shown in a browser has a CORS rule: GET from any origin, exposing \
         Access-Control-Allow-Origin",
        "sms-cors-update",
        "the CORS rules of the input bucket",
        shows_images,
    ),
    Rule::at_aws(
        "K2",
        Level::Warning,
        "for video frames and point clouds the input and output buckets have a CORS rule with GET, HEAD and PUT",
        "sms-cors-update",
        "the CORS rules of both buckets",
        shows_frames_or_points,
    ),
    Rule::at_aws(
        "K3",
        Level::Error,
        "the role can read manifest, data, template and label category file, and write the output; the managed policy \
         covers buckets and keys whose names hold sagemaker or groundtruth",
        "security-iam-awsmanpol-ground-truth",
        "the role's permissions",
        |_| true,
    ),
    Rule::at_aws(
        "K4",
        Level::Error,
        "the policy of the output key lets the role encrypt and decrypt",
        "sms-security-kms-permissions",
        "the key and its policy",
        has_key,
    ),
    Rule::fact(
        "K5",
        Level::Info,
        "a bucket policy that forces encryption tests s3:x-amz-server-side-encryption for aws:kms",
        "API",
        has_key,
    ),
    Rule::fact(
        "K6",
        Level::Info,
        "without a key, output is encrypted with the key that S3 keeps for the role's account",
        "API",
        |evidence| !has_key(evidence),
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
        |_| true,
    ),
    Rule::fact("K9", Level::Info, "whoever creates a job with tags also needs sagemaker:AddTags", "inferred", has_tags),
    Rule::at_aws(
        "K10",
        Level::Warning,
        "the output folder is empty: jobs cannot be deleted, and one of the same name in another region can share it",
        "inferred",
        "the output folder",
        |_| true,
    ),
];

fn has_tags(evidence: &Evidence) -> bool {
    evidence.spec.get(path::TAGS).and_then(|tags| tags.as_array()).is_some_and(|tags| !tags.is_empty())
}

/// The empty key id means none.
fn has_key(evidence: &Evidence) -> bool {
    evidence.text(path::OUTPUT_KMS_KEY_ID).is_some_and(|key| !key.is_empty())
}

/// What a custom job shows is known to its template alone.
fn shows_images(evidence: &Evidence) -> bool {
    evidence.task_type().is_ok_and(|task_type| matches!(task_type.modality, Modality::Image | Modality::Any))
}

fn shows_frames_or_points(evidence: &Evidence) -> bool {
    evidence.task_type().is_ok_and(TaskType::is_video_frame_or_3d)
}
