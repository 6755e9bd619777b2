//! What AWS keeps for every labeling job, by region and account: the functions of its built-in tasks (`PRE-…`,
//! `ACS-…`), its worker interfaces, the algorithms of automated labeling, the public workforce and its prices.
//!
//! Source: the API model of SageMaker (`HumanTaskConfig`, `UiConfig`, `LabelingJobAlgorithmsConfig`,
//! `PublicWorkforceTaskPrice`).

use super::Arn;

/// The regions that have built-in functions, each with the account that owns them there.
pub const FUNCTION_ACCOUNTS: [(&str, &str); 12] = [
    ("ap-northeast-1", "477331159723"),
    ("ap-northeast-2", "845288260483"),
    ("ap-south-1", "565803892007"),
    ("ap-southeast-1", "377565633583"),
    ("ap-southeast-2", "454466003867"),
    ("ca-central-1", "918755190332"),
    ("eu-central-1", "203001061592"),
    ("eu-west-1", "568282634449"),
    ("eu-west-2", "487402164563"),
    ("us-east-1", "432418664414"),
    ("us-east-2", "266458841044"),
    ("us-west-2", "081040173940"),
];

/// What the names of AWS's pre functions begin with.
pub const PRE_PREFIX: &str = "PRE-";
/// What the names of AWS's consolidation functions begin with.
pub const CONSOLIDATION_PREFIX: &str = "ACS-";

/// The account of AWS's worker interfaces, in every region.
pub const HUMAN_TASK_UI_ACCOUNT: &str = "394669845002";
/// The account of the public workforce, Amazon Mechanical Turk, in every region.
pub const PUBLIC_WORKTEAM_ACCOUNT: &str = "394669845002";
/// The public work team, after its account.
pub const PUBLIC_WORKTEAM: &str = "workteam/public-crowd/default";
/// The account of the algorithms of automated labeling, in every region.
pub const ALGORITHM_ACCOUNT: &str = "027400017018";
/// What stands before the name of an algorithm.
pub const ALGORITHM_RESOURCE: &str = "labeling-job-algorithm-specification/";
/// The algorithms of automated labeling.
pub const ALGORITHMS: [&str; 4] =
    ["image-classification", "text-classification", "object-detection", "semantic-segmentation"];

/// Whether a function is AWS's own. Every function of another account is custom.
pub fn is_builtin_function(arn: &Arn) -> bool {
    FUNCTION_ACCOUNTS.iter().any(|&(_, account)| account == arn.account)
}

/// The account of the built-in functions in a region; `None` where there are none.
pub fn function_account(region: &str) -> Option<&'static str> {
    FUNCTION_ACCOUNTS.iter().find(|&&(known, _)| known == region).map(|&(_, account)| account)
}

/// The ARN of a built-in function; `None` in a region without them.
pub(super) fn function_arn(region: &str, prefix: &str, suffix: &str) -> Option<String> {
    let account = function_account(region)?;
    Some(format!("arn:aws:lambda:{region}:{account}:function:{prefix}{suffix}"))
}

/// The ARN of one of AWS's worker interfaces.
pub fn human_task_ui_arn(region: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:{region}:{HUMAN_TASK_UI_ACCOUNT}:human-task-ui/{name}")
}

/// The ARN of an algorithm of automated labeling.
pub fn algorithm_arn(region: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:{region}:{ALGORITHM_ACCOUNT}:{ALGORITHM_RESOURCE}{name}")
}

/// The ARN of the public work team.
pub fn public_workteam_arn(region: &str) -> String {
    format!("arn:aws:sagemaker:{region}:{PUBLIC_WORKTEAM_ACCOUNT}:{PUBLIC_WORKTEAM}")
}

/// The prices per answer that the public workforce may be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceTable {
    /// Bounding boxes.
    BoundingBox,
    /// Classification of images and texts, and custom jobs.
    ClassificationAndCustom,
    /// Semantic segmentation.
    SemanticSegmentation,
}

/// In tenths of a US cent, ascending.
const PRICES: [u64; 16] = [12, 24, 36, 48, 60, 72, 120, 240, 360, 480, 600, 720, 840, 960, 1080, 1200];

impl PriceTable {
    /// The prices in tenths of a US cent, ascending.
    pub fn prices(self) -> &'static [u64] {
        match self {
            Self::ClassificationAndCustom => &PRICES,
            Self::BoundingBox => &PRICES[2..],
            Self::SemanticSegmentation => &PRICES[12..],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_has_its_account() {
        let mut regions: Vec<&str> = FUNCTION_ACCOUNTS.iter().map(|&(region, _)| region).collect();
        let mut accounts: Vec<&str> = FUNCTION_ACCOUNTS.iter().map(|&(_, account)| account).collect();
        assert!(accounts.iter().all(|account| account.len() == 12));
        regions.dedup();
        accounts.sort_unstable();
        accounts.dedup();
        assert_eq!((regions.len(), accounts.len()), (12, 12));
        assert_eq!(function_account("us-west-2"), Some("081040173940"));
        assert_eq!(function_account("us-west-1"), None);
    }

    #[test]
    fn arns_are_spelled_as_aws_spells_them() {
        assert_eq!(
            function_arn("us-east-1", PRE_PREFIX, "BoundingBox").as_deref(),
            Some("arn:aws:lambda:us-east-1:432418664414:function:PRE-BoundingBox")
        );
        assert_eq!(
            human_task_ui_arn("us-east-1", "PointCloudObjectTracking"),
            "arn:aws:sagemaker:us-east-1:394669845002:human-task-ui/PointCloudObjectTracking"
        );
        assert_eq!(
            algorithm_arn("us-east-1", ALGORITHMS[2]),
            "arn:aws:sagemaker:us-east-1:027400017018:labeling-job-algorithm-specification/object-detection"
        );
        assert_eq!(
            public_workteam_arn("us-east-1"),
            "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"
        );
    }

    #[test]
    fn prices_of_a_task() {
        let bounds = |table: PriceTable| {
            let prices = table.prices();
            (prices.len(), prices[0], prices[prices.len() - 1])
        };
        assert_eq!(bounds(PriceTable::ClassificationAndCustom), (16, 12, 1200));
        assert_eq!(bounds(PriceTable::BoundingBox), (14, 36, 1200));
        assert_eq!(bounds(PriceTable::SemanticSegmentation), (4, 840, 1200));
        assert!(PRICES.is_sorted());
    }
}
