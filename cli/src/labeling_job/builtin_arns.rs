//! Where AWS keeps the functions of its built-in tasks, `PRE-…` and `ACS-…`: one account per region. Regions that are
//! not here have none. Source: the API model of SageMaker, `HumanTaskConfig`.

use super::Arn;

const FUNCTION_ACCOUNTS: &[(&str, &str)] = &[
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

/// Whether a function is AWS's own. Every function of another account is custom.
pub(super) fn is_builtin_function(arn: &Arn) -> bool {
    FUNCTION_ACCOUNTS.iter().any(|&(_, account)| account == arn.account)
}
