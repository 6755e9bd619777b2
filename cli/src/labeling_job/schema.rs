//! Every member of a job file: AWS's CreateLabelingJob with its types and bounds, and our `gtruth`.
//!
//! Source: the API model of SageMaker, 2017-07-24. The AWS clients check required members, types and minimums only;
//! everything else comes back from the service as an error, so it is checked here.

use super::pattern::{self, Pattern};
use super::scope::Scope;
use super::shape::{Member, Shape};

const fn required(name: &'static str, shape: Shape) -> Member {
    Member { name, required: Some(Scope::AtAws), missed_by_rule: false, shape }
}

/// Required by AWS, and by a run on this computer too.
const fn essential(name: &'static str, shape: Shape) -> Member {
    Member { name, required: Some(Scope::Anywhere), missed_by_rule: false, shape }
}

const fn optional(name: &'static str, shape: Shape) -> Member {
    Member { name, required: None, missed_by_rule: false, shape }
}

/// Required, and a rule says so.
const fn required_by_rule(name: &'static str, shape: Shape) -> Member {
    Member { name, required: Some(Scope::AtAws), missed_by_rule: true, shape }
}

const fn text(min: usize, max: usize, pattern: Pattern) -> Shape {
    Shape::Text { min, max, pattern: Some(pattern) }
}

const fn list(of: &'static Shape, min: usize, max: usize) -> Shape {
    Shape::List { of, min, max, unique: None }
}

const fn integer(min: u64, max: u64) -> Shape {
    Shape::Integer { min, max, rule: None }
}

/// Bounds that are a rule.
const fn integer_by_rule(min: u64, max: u64, rule: &'static str) -> Shape {
    Shape::Integer { min, max, rule: Some(rule) }
}

const KMS_KEY_ID: Shape = text(0, 2048, pattern::KMS_KEY_ID);
const SNS_TOPIC_ARN: Shape = text(0, 2048, pattern::SNS_TOPIC_ARN);
const FUNCTION_ARN: Shape = text(0, 2048, pattern::FUNCTION_ARN);
const VPC_ID: Shape = text(0, 32, pattern::VPC_ID);

/// A whole job file.
pub(super) static JOB_FILE: Shape = Shape::Structure(&[
    essential("LabelingJobName", text(1, 63, pattern::LABELING_JOB_NAME)),
    // Rule N9.
    essential("LabelAttributeName", Shape::TextByRule { min: 1, max: 127, pattern: pattern::LABEL_ATTRIBUTE_NAME }),
    required("InputConfig", INPUT_CONFIG),
    required("OutputConfig", OUTPUT_CONFIG),
    required("RoleArn", text(20, 2048, pattern::ROLE_ARN)),
    optional("LabelCategoryConfigS3Uri", Shape::S3UriOrLocalPath),
    optional("StoppingConditions", STOPPING_CONDITIONS),
    optional("LabelingJobAlgorithmsConfig", LABELING_JOB_ALGORITHMS_CONFIG),
    essential("HumanTaskConfig", HUMAN_TASK_CONFIG),
    optional("Tags", Shape::List { of: &TAG, min: 0, max: 50, unique: Some("Key") }),
    optional("gtruth", GTRUTH),
]);

const INPUT_CONFIG: Shape = Shape::Structure(&[
    required(
        "DataSource",
        Shape::Structure(&[
            optional("S3DataSource", Shape::Structure(&[required("ManifestS3Uri", Shape::S3UriOrLocalPath)])),
            optional("SnsDataSource", Shape::Structure(&[required("SnsTopicArn", SNS_TOPIC_ARN)])),
        ]),
    ),
    optional("DataAttributes", Shape::Structure(&[optional("ContentClassifiers", list(&CONTENT_CLASSIFIER, 0, 256))])),
]);

const CONTENT_CLASSIFIER: Shape = Shape::OneOf(&["FreeOfPersonallyIdentifiableInformation", "FreeOfAdultContent"]);

const OUTPUT_CONFIG: Shape = Shape::Structure(&[
    required("S3OutputPath", Shape::S3Uri),
    optional("KmsKeyId", KMS_KEY_ID),
    optional("SnsTopicArn", SNS_TOPIC_ARN),
]);

const STOPPING_CONDITIONS: Shape = Shape::Structure(&[
    optional("MaxHumanLabeledObjectCount", integer(1, u64::MAX)),
    optional("MaxPercentageOfInputDatasetLabeled", integer(1, 100)),
]);

const LABELING_JOB_ALGORITHMS_CONFIG: Shape = Shape::Structure(&[
    required_by_rule("LabelingJobAlgorithmSpecificationArn", text(0, 2048, pattern::ALGORITHM_SPECIFICATION_ARN)),
    optional("InitialActiveLearningModelArn", text(20, 2048, pattern::MODEL_ARN)),
    optional(
        "LabelingJobResourceConfig",
        Shape::Structure(&[
            optional("VolumeKmsKeyId", KMS_KEY_ID),
            optional(
                "VpcConfig",
                Shape::Structure(&[
                    required("SecurityGroupIds", list(&VPC_ID, 1, 5)),
                    required("Subnets", list(&VPC_ID, 1, 16)),
                ]),
            ),
        ]),
    ),
]);

const HUMAN_TASK_CONFIG: Shape = Shape::Structure(&[
    required("WorkteamArn", text(0, 256, pattern::WORKTEAM_ARN)),
    required(
        "UiConfig",
        Shape::Structure(&[
            optional("UiTemplateS3Uri", Shape::S3UriOrLocalPath),
            optional("HumanTaskUiArn", text(0, 1024, pattern::HUMAN_TASK_UI_ARN)),
        ]),
    ),
    optional("PreHumanTaskLambdaArn", FUNCTION_ARN),
    optional("TaskKeywords", list(&TASK_KEYWORD, 1, 5)),
    required("TaskTitle", text(1, 128, pattern::TASK_TITLE)),
    required("TaskDescription", text(1, 255, pattern::TASK_DESCRIPTION)),
    essential("NumberOfHumanWorkersPerDataObject", integer(1, 9)),
    required("TaskTimeLimitInSeconds", integer_by_rule(30, u64::MAX, "T1")),
    optional("TaskAvailabilityLifetimeInSeconds", integer_by_rule(60, u64::MAX, "T5")),
    optional("MaxConcurrentTaskCount", integer_by_rule(1, 5000, "T7")),
    optional(
        "AnnotationConsolidationConfig",
        Shape::Structure(&[required("AnnotationConsolidationLambdaArn", FUNCTION_ARN)]),
    ),
    optional("PublicWorkforceTaskPrice", Shape::Structure(&[optional("AmountInUsd", AMOUNT_IN_USD)])),
]);

const TASK_KEYWORD: Shape = text(1, 30, pattern::TASK_KEYWORD);

const AMOUNT_IN_USD: Shape = Shape::Structure(&[
    optional("Dollars", integer(0, 2)),
    optional("Cents", integer(0, 99)),
    optional("TenthFractionsOfACent", integer(0, 9)),
]);

const TAG: Shape =
    Shape::Structure(&[required("Key", text(1, 128, pattern::TAG)), required("Value", text(0, 256, pattern::TAG))]);

/// Read by [`GtruthSection`](super::GtruthSection).
const GTRUTH: Shape = Shape::Structure(&[
    optional("manifest", LOCAL_PATH),
    optional("template", LOCAL_PATH),
    optional("labelCategories", Shape::LabelCategories),
    optional("plan", Shape::LocalPathOrObject),
    optional("taskInput", Shape::LocalPathOrObject),
    optional("inputPrefix", Shape::S3Uri),
    optional("localRun", Shape::Object),
]);

const LOCAL_PATH: Shape = Shape::Text { min: 1, max: usize::MAX, pattern: None };
