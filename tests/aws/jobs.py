"""A job for every task type of Ground Truth, and some that use what these leave out."""

import copy

REGION = "eu-west-1"
ACCOUNT = "111122223333"
AWS_FUNCTIONS = f"arn:aws:lambda:{REGION}:568282634449:function"
AWS_INTERFACES = f"arn:aws:sagemaker:{REGION}:394669845002:human-task-ui"

# Suffix of both functions; AWS's worker interface, where the task has no template; what the label is called.
TASKS = [
    ("ImageMultiClass", None, "label"),
    ("ImageMultiClassMultiLabel", None, "label"),
    ("BoundingBox", None, "label"),
    ("SemanticSegmentation", None, "label-ref"),
    ("VerificationBoundingBox", None, "checked"),
    ("AdjustmentBoundingBox", None, "adjusted"),
    ("VerificationSemanticSegmentation", None, "checked"),
    ("AdjustmentSemanticSegmentation", None, "adjusted-ref"),
    ("TextMultiClass", None, "label"),
    ("TextMultiClassMultiLabel", None, "label"),
    ("NamedEntityRecognition", "NamedEntityRecognition", "label"),
    ("VideoMultiClass", None, "label"),
    ("VideoObjectDetection", "VideoObjectDetection", "label-ref"),
    ("VideoObjectTracking", "VideoObjectTracking", "label-ref"),
    ("AdjustmentVideoObjectDetection", "VideoObjectDetection", "adjusted-ref"),
    ("AdjustmentVideoObjectTracking", "VideoObjectTracking", "adjusted-ref"),
    ("3DPointCloudObjectDetection", "PointCloudObjectDetection", "label"),
    ("3DPointCloudObjectTracking", "PointCloudObjectTracking", "label-ref"),
    ("3DPointCloudSemanticSegmentation", "PointCloudSemanticSegmentation", "label-ref"),
    ("Adjustment3DPointCloudObjectDetection", "PointCloudObjectDetection", "adjusted"),
    ("Adjustment3DPointCloudObjectTracking", "PointCloudObjectTracking", "adjusted-ref"),
    ("Adjustment3DPointCloudSemanticSegmentation", "PointCloudSemanticSegmentation", "adjusted-ref"),
    ("PassThrough", None, "label"),
]

CUSTOM = {
    "LabelingJobName": "River-Survey-7",
    "LabelAttributeName": "survey",
    "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://river-sagemaker/in/7.manifest"}}},
    "OutputConfig": {"S3OutputPath": "s3://river-sagemaker/jobs"},
    "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/river",
    "HumanTaskConfig": {
        "WorkteamArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/private-crowd/rangers",
        "UiConfig": {"UiTemplateS3Uri": "s3://river-sagemaker/in/survey.liquid.html"},
        "PreHumanTaskLambdaArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:SageMaker-river-pre",
        "AnnotationConsolidationConfig": {
            "AnnotationConsolidationLambdaArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:SageMaker-river-post"
        },
        "TaskTitle": "River survey: Tamar – 水",
        "TaskDescription": "Name the animal & rate the picture",
        "NumberOfHumanWorkersPerDataObject": 3,
        "TaskTimeLimitInSeconds": 600,
    },
}


def jobs():
    """Name and request of each job."""
    yield "custom", CUSTOM
    for suffix, interface, label in TASKS:
        yield suffix, builtin(suffix, interface, label)
    yield "without functions", without_functions()
    yield "guide's examples", every_optional_member()
    yield "automated", automated()
    yield "streaming", streaming()


def builtin(suffix, interface, label):
    job = copy.deepcopy(CUSTOM)
    job["LabelAttributeName"] = label
    job["LabelCategoryConfigS3Uri"] = "s3://river-sagemaker/in/labels.json"
    task = job["HumanTaskConfig"]
    task["PreHumanTaskLambdaArn"] = f"{AWS_FUNCTIONS}:PRE-{suffix}"
    task["AnnotationConsolidationConfig"]["AnnotationConsolidationLambdaArn"] = f"{AWS_FUNCTIONS}:ACS-{suffix}"
    if interface:
        task["UiConfig"] = {"HumanTaskUiArn": f"{AWS_INTERFACES}/{interface}"}
    if "Video" in suffix or "3D" in suffix:
        task["NumberOfHumanWorkersPerDataObject"] = 1
    return job


def without_functions():
    job = copy.deepcopy(CUSTOM)
    del job["HumanTaskConfig"]["PreHumanTaskLambdaArn"], job["HumanTaskConfig"]["AnnotationConsolidationConfig"]
    return job


def every_optional_member():
    """What the two examples of the developer guide set between them, with values that the service takes."""
    job = builtin("ImageMultiClassMultiLabel", None, "label")
    classifiers = ["FreeOfPersonallyIdentifiableInformation", "FreeOfAdultContent"]
    job["InputConfig"]["DataAttributes"] = {"ContentClassifiers": classifiers}
    job["OutputConfig"]["KmsKeyId"] = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000"
    job["StoppingConditions"] = {"MaxHumanLabeledObjectCount": 5000, "MaxPercentageOfInputDatasetLabeled": 80}
    job["HumanTaskConfig"] |= {
        "TaskKeywords": ["Images", "Classification", "Multi label"],
        "TaskAvailabilityLifetimeInSeconds": 21600,
        "MaxConcurrentTaskCount": 1000,
    }
    job["Tags"] = [{"Key": "project", "Value": "river"}, {"Key": "cost center", "Value": ""}]
    return job


def automated():
    job = builtin("BoundingBox", None, "label")
    job["LabelingJobAlgorithmsConfig"] = {
        "LabelingJobAlgorithmSpecificationArn": f"arn:aws:sagemaker:{REGION}:027400017018:"
        "labeling-job-algorithm-specification/object-detection",
        "InitialActiveLearningModelArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/river",
        "LabelingJobResourceConfig": {
            "VolumeKmsKeyId": "00000000-0000-4000-8000-000000000000",
            "VpcConfig": {"SecurityGroupIds": ["sg-0a1b2c3d"], "Subnets": ["subnet-0a1b2c3d"]},
        },
    }
    return job


def streaming():
    job = copy.deepcopy(CUSTOM)
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:GroundTruth-river"
    job["InputConfig"]["DataSource"] = {"SnsDataSource": {"SnsTopicArn": f"{topic}-in"}}
    job["OutputConfig"]["SnsTopicArn"] = f"{topic}-out"
    return job
