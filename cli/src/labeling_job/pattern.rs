//! The patterns of the API model, as AWS prints them.
//!
//! The service matches whole values with Java's regular expressions. Two things are spelled out here because Rust's
//! mean something else by them: `\d`, which Java limits to ASCII, and `.`, which in Java stops at every line terminator
//! and not at `\n` alone.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use regex::Regex;

/// A pattern for a whole value.
pub(super) struct Pattern {
    pub(super) regex: &'static str,
    /// What the pattern asks for, in words that follow "give".
    pub(super) wants: &'static str,
}

impl Pattern {
    pub(super) fn matches(&self, text: &str) -> bool {
        // Patterns are constants, so their compiled forms are kept apart, by their text.
        static COMPILED: Mutex<BTreeMap<&str, Regex>> = Mutex::new(BTreeMap::new());
        let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        let compile = || Regex::new(&format!("^(?:{})$", self.regex)).expect("a test compiles every pattern");
        compiled.entry(self.regex).or_insert_with(compile).is_match(text)
    }
}

pub(super) const LABELING_JOB_NAME: Pattern = Pattern {
    regex: "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
    wants: "letters, digits and hyphens, with a letter or digit at both ends",
};
pub(super) const LABEL_ATTRIBUTE_NAME: Pattern = Pattern {
    regex: "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,126}",
    wants: "letters, digits and hyphens, with a letter or digit at both ends",
};
pub(super) const ROLE_ARN: Pattern = Pattern {
    regex: r"arn:aws[a-z\-]*:iam::[0-9]{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+",
    wants: "the ARN of a role, such as arn:aws:iam::111122223333:role/NAME",
};
pub(super) const S3_URI: Pattern = Pattern {
    regex: r"(https|s3)://([^/]+)/?([^\n\r\u{85}\u{2028}\u{2029}]*)",
    wants: "a URI such as s3://BUCKET/KEY",
};
pub(super) const TAG: Pattern = Pattern {
    regex: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*",
    wants: "letters, digits, blanks and _ . : / = + - @, as tags may hold no other characters",
};
pub(super) const SNS_TOPIC_ARN: Pattern = Pattern {
    regex: r"arn:aws[a-z\-]*:sns:[a-z0-9\-]*:[0-9]{12}:[a-zA-Z0-9_.-]+",
    wants: "the ARN of a topic, such as arn:aws:sns:us-east-1:111122223333:NAME",
};
pub(super) const KMS_KEY_ID: Pattern = Pattern {
    regex: "[a-zA-Z0-9:/_-]*",
    wants: "the id or the ARN of a key, such as arn:aws:kms:us-east-1:111122223333:key/ID",
};
pub(super) const ALGORITHM_SPECIFICATION_ARN: Pattern =
    Pattern { regex: "arn:[^\n\r\u{85}\u{2028}\u{2029}]*", wants: "the ARN of a labeling job algorithm" };
pub(super) const MODEL_ARN: Pattern = Pattern {
    regex: "arn:aws[a-z\\-]*:sagemaker:[a-z0-9\\-]*:[0-9]{12}:model/[^\n\r\u{85}\u{2028}\u{2029}]*",
    wants: "the ARN of a model, such as arn:aws:sagemaker:us-east-1:111122223333:model/NAME",
};
pub(super) const VPC_ID: Pattern =
    Pattern { regex: "[-0-9a-zA-Z]+", wants: "an id of letters, digits and hyphens, such as subnet-0abc" };
pub(super) const WORKTEAM_ARN: Pattern = Pattern {
    regex: "arn:aws[a-z\\-]*:sagemaker:[a-z0-9\\-]*:[0-9]{12}:workteam/[^\n\r\u{85}\u{2028}\u{2029}]*",
    wants: "the ARN of a work team, such as arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/NAME",
};
pub(super) const HUMAN_TASK_UI_ARN: Pattern = Pattern {
    regex: "arn:aws[a-z\\-]*:sagemaker:[a-z0-9\\-]+:[0-9]{12}:human-task-ui/[^\n\r\u{85}\u{2028}\u{2029}]*",
    wants: "the ARN of a worker interface, such as arn:aws:sagemaker:us-east-1:394669845002:human-task-ui/NAME",
};
pub(super) const FUNCTION_ARN: Pattern = Pattern {
    regex: "arn:aws[a-z\\-]*:lambda:[a-z0-9\\-]*:[0-9]{12}:function:[^\n\r\u{85}\u{2028}\u{2029}]*",
    wants: "the ARN of a function, such as arn:aws:lambda:us-east-1:111122223333:function:NAME",
};
pub(super) const TASK_TITLE: Pattern =
    Pattern { regex: r"[\t\n\r -\u{D7FF}\u{E000}-\u{FFFD}]*", wants: "text without emoji and control characters" };
pub(super) const TASK_DESCRIPTION: Pattern =
    Pattern { regex: r"[^\n\r\u{85}\u{2028}\u{2029}]+", wants: "text of a single line" };
pub(super) const TASK_KEYWORD: Pattern =
    Pattern { regex: "[A-Za-z0-9]+( [A-Za-z0-9]+)*", wants: "words of letters and digits with single blanks between" };

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &Pattern, fits: &[&str], misfits: &[&str]) {
        for text in fits {
            assert!(pattern.matches(text), "{text:?} fits {}", pattern.regex);
        }
        for text in misfits {
            assert!(!pattern.matches(text), "{text:?} does not fit {}", pattern.regex);
        }
    }

    #[test]
    fn names() {
        check(&LABELING_JOB_NAME, &["a", "River-Survey-7", "a--b"], &["", "-a", "a-", "a_b", "a.b", "ä", "a\n"]);
        check(&LABEL_ATTRIBUTE_NAME, &["survey", "hulls-ref", &"a".repeat(127)], &["$a", "survey-", "a b"]);
    }

    #[test]
    fn arns() {
        let account = "111122223333";
        check(
            &ROLE_ARN,
            &[
                &format!("arn:aws:iam::{account}:role/service-role/gt+exec@x"),
                &format!("arn:aws-cn:iam::{account}:role/r"),
            ],
            &[
                "arn:aws:iam::1111:role/r",
                "*",
                &format!("arn:aws:iam::{account}:user/u"),
                "arn:aws:iam::١١١١٢٢٢٢٣٣٣٣:role/r",
            ],
        );
        check(
            &SNS_TOPIC_ARN,
            &[&format!("arn:aws:sns:eu-west-1:{account}:GroundTruth-in.fifo")],
            &[&format!("arn:aws:sns:eu-west-1:{account}:a b"), &format!("arn:aws:sqs:eu-west-1:{account}:q")],
        );
        check(&ALGORITHM_SPECIFICATION_ARN, &["arn:", "arn:aws:x"], &["urn:x", "arn:a\nb"]);
        check(
            &MODEL_ARN,
            &[&format!("arn:aws:sagemaker:r:{account}:model/m")],
            &[&format!("arn:aws:sagemaker:r:{account}:m")],
        );
        check(
            &WORKTEAM_ARN,
            &[&format!("arn:aws:sagemaker:us-east-1:{account}:workteam/private-crowd/t")],
            &[&format!("arn:aws:sagemaker:us-east-1:{account}:team/t"), ""],
        );
        check(
            &HUMAN_TASK_UI_ARN,
            &["arn:aws:sagemaker:us-east-1:394669845002:human-task-ui/VideoObjectTracking"],
            &["arn:aws:sagemaker::394669845002:human-task-ui/VideoObjectTracking"],
        );
        check(
            &FUNCTION_ARN,
            &[
                &format!("arn:aws:lambda:us-east-1:{account}:function:f"),
                &format!("arn:aws:lambda:us-east-1:{account}:function:f:1"),
            ],
            &[&format!("arn:aws:lambda:us-east-1:{account}:layer:l"), "f"],
        );
    }

    #[test]
    fn locations() {
        check(
            &S3_URI,
            &["s3://b", "s3://b/", "s3://b/a b:c%20+ü.json", "https://b/k"],
            &["", "b/k", "s3://", "s3:///k", "http://b/k", "s3://b/a\nb"],
        );
        check(&KMS_KEY_ID, &["", "alias/x", "arn:aws:kms:r:1:key/a-b"], &["a b", "a+b"]);
        check(&VPC_ID, &["subnet-0abc"], &["", "subnet_0"]);
    }

    #[test]
    fn texts() {
        check(&TASK_TITLE, &["", "Río\t7 – 水", "two\nlines"], &["\u{1F9A6}", "\u{7}", "\u{FFFE}"]);
        check(&TASK_DESCRIPTION, &["a", "\u{1F9A6}"], &["", "a\nb", "a\rb", "a\u{2028}b"]);
        check(&TASK_KEYWORD, &["image", "image label 2"], &["", "Multi-label", "a  b", " a", "été"]);
        check(&TAG, &["", "cost center", "été=2/3@x", "水\u{3000}½"], &["a,b", "a#b", "tab\t", "e\u{301}"]);
    }
}
