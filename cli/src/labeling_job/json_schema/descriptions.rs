//! What each member of a job file is for, in a sentence that an editor shows.

/// By path; elements of lists share the path of their list.
pub(super) static ALL: &[(&str, &str)] = &[
    ("LabelingJobName", "The name of the job, unique in the account and the region; it names the output folder"),
    ("LabelAttributeName", "The member of each output line that holds the label"),
    ("InputConfig", "Where data objects come from, and what they are declared free of"),
    ("InputConfig.DataSource", "A manifest, a topic, or a manifest to begin with and a topic after it"),
    ("InputConfig.DataSource.S3DataSource", "Data objects from a manifest"),
    (
        "InputConfig.DataSource.S3DataSource.ManifestS3Uri",
        "The S3 URI of the manifest, or a local path from the folder of this file, which is uploaded",
    ),
    ("InputConfig.DataSource.SnsDataSource", "Data objects from a topic: a streaming job"),
    ("InputConfig.DataSource.SnsDataSource.SnsTopicArn", "The topic whose messages are data objects"),
    ("InputConfig.DataAttributes", "What the data is declared free of"),
    ("InputConfig.DataAttributes.ContentClassifiers", "Declarations that the public workforce asks for"),
    ("OutputConfig", "Where labels go"),
    ("OutputConfig.S3OutputPath", "The S3 URI that the output folder of the job is made under"),
    ("OutputConfig.KmsKeyId", "The key that encrypts the output; none for the key that S3 keeps"),
    ("OutputConfig.SnsTopicArn", "The topic that a streaming job sends finished labels to"),
    ("RoleArn", "The execution role: it reads the input, writes the output and invokes the functions"),
    (
        "LabelCategoryConfigS3Uri",
        "The S3 URI of the label category file, or a local path, which is uploaded; gtruth.labelCategories can stand for it",
    ),
    ("StoppingConditions", "When the job stops before every data object is labeled"),
    ("StoppingConditions.MaxHumanLabeledObjectCount", "Stop after so many data objects labeled by people"),
    ("StoppingConditions.MaxPercentageOfInputDatasetLabeled", "Stop after so much of the input is labeled, in percent"),
    ("LabelingJobAlgorithmsConfig", "Automated labeling: a model labels what it is sure of"),
    ("LabelingJobAlgorithmsConfig.LabelingJobAlgorithmSpecificationArn", "The algorithm of the task"),
    ("LabelingJobAlgorithmsConfig.InitialActiveLearningModelArn", "The final model of an earlier job, to begin with"),
    ("LabelingJobAlgorithmsConfig.LabelingJobResourceConfig", "The machines that train the model"),
    (
        "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VolumeKmsKeyId",
        "The key that encrypts the machines' volumes",
    ),
    ("LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VpcConfig", "The network that the machines work in"),
    (
        "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VpcConfig.SecurityGroupIds",
        "The security groups of that network",
    ),
    ("LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VpcConfig.Subnets", "The subnets of that network"),
    ("HumanTaskConfig", "Who works, what they see, and what comes before and after"),
    ("HumanTaskConfig.WorkteamArn", "The work team; its region is the job's"),
    ("HumanTaskConfig.UiConfig", "What workers see: a template of yours, or an interface of AWS's"),
    (
        "HumanTaskConfig.UiConfig.UiTemplateS3Uri",
        "The S3 URI of the worker template, or a local path from the folder of this file, which is uploaded",
    ),
    ("HumanTaskConfig.UiConfig.HumanTaskUiArn", "AWS's interface for named entities, video frames and point clouds"),
    ("HumanTaskConfig.PreHumanTaskLambdaArn", "The function that makes the task input of each data object"),
    ("HumanTaskConfig.TaskKeywords", "Words by which workers find the task"),
    ("HumanTaskConfig.TaskTitle", "What the task is called in the list of tasks"),
    ("HumanTaskConfig.TaskDescription", "What the task asks for, in a line"),
    ("HumanTaskConfig.NumberOfHumanWorkersPerDataObject", "How many workers answer each data object"),
    ("HumanTaskConfig.TaskTimeLimitInSeconds", "How long a worker may take for one task"),
    (
        "HumanTaskConfig.TaskAvailabilityLifetimeInSeconds",
        "How long a task stays open to workers; by default 30 days, and 6 hours for the public workforce",
    ),
    ("HumanTaskConfig.MaxConcurrentTaskCount", "How many data objects are open to workers at once; 1000 by default"),
    ("HumanTaskConfig.AnnotationConsolidationConfig", "What makes one label of several answers"),
    (
        "HumanTaskConfig.AnnotationConsolidationConfig.AnnotationConsolidationLambdaArn",
        "The function that makes one label of several answers",
    ),
    ("HumanTaskConfig.PublicWorkforceTaskPrice", "What the public workforce is paid for an answer"),
    ("HumanTaskConfig.PublicWorkforceTaskPrice.AmountInUsd", "The sum of three parts, in US dollars"),
    ("HumanTaskConfig.PublicWorkforceTaskPrice.AmountInUsd.Dollars", "Whole dollars"),
    ("HumanTaskConfig.PublicWorkforceTaskPrice.AmountInUsd.Cents", "Whole cents"),
    ("HumanTaskConfig.PublicWorkforceTaskPrice.AmountInUsd.TenthFractionsOfACent", "Tenths of a cent"),
    ("Tags", "Labels on the job itself, for searching and billing"),
    ("Tags.Key", "What the tag is called; unique among the tags"),
    ("Tags.Value", "What the tag says"),
    ("gtruth", "Settings that AWS does not have; paths start from the folder of this file"),
    ("gtruth.manifest", "A local copy of the manifest; it is uploaded where ManifestS3Uri is absent"),
    ("gtruth.template", "A local copy of the worker template; it is uploaded where UiTemplateS3Uri is absent"),
    (
        "gtruth.labelCategories",
        "The label categories by name, or a whole label category file; uploaded where LabelCategoryConfigS3Uri is absent",
    ),
    ("gtruth.plan", "The consolidation plan: a file, or the plan itself"),
    ("gtruth.taskInput", "The configuration of PreHumanTaskLambda: a file, or the configuration itself"),
    ("gtruth.inputPrefix", "The S3 URI that local files are uploaded under; beside the output unless it is given"),
    ("gtruth.localRun", "Where `gtruth run` takes workers' answers from"),
];

/// What a member is for.
pub(super) fn of(path: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == path).map(|(_, says)| *says)
}
