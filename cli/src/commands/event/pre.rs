//! `gtruth event pre`: the event that PreHumanTaskLambda gets for one data object.

use std::fs;

use anyhow::{Context, bail};

use crate::args::{DataObjectArgs, EventPreArgs};
use crate::console::{Console, ExitStatus};
use crate::events::{self, s3_notification};
use crate::manifest;

pub(super) fn run(args: &EventPreArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let data_object = match &args.from {
        DataObjectArgs { manifest: Some(path), .. } => manifest::data_object(path, args.line)?,
        DataObjectArgs { s3_notification: Some(path), .. } => {
            let notification = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            s3_notification::data_object(&notification).with_context(|| format!("cannot use {}", path.display()))?
        }
        DataObjectArgs { manifest: None, s3_notification: None } => bail!("give --manifest or --s3-notification"),
    };
    console.write_json(&events::pre_human_task(&args.labeling_job_arn, data_object))?;
    Ok(ExitStatus::Success)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::testing::gtruth;

    const MANIFEST: &str =
        "{\"source\":\"a\"}\r\n{\"z\":1.40,\"source-ref\":\"s3://b/k\",\"big\":123456789012345678901}\n[1]\n";

    fn event(flags: &str) -> anyhow::Result<String> {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("m.manifest");
        fs::write(&path, MANIFEST).expect("writable");
        let line = format!("event pre --manifest {} {flags}", path.display());
        gtruth(line.split_whitespace()).map(|ran| ran.out)
    }

    #[test]
    fn numbers_and_order_are_those_of_the_manifest() {
        assert_eq!(
            event("--line 2 --labeling-job-arn arn").expect("an event"),
            r#"{
  "version": "2018-10-16",
  "labelingJobArn": "arn",
  "dataObject": {
    "z": 1.40,
    "source-ref": "s3://b/k",
    "big": 123456789012345678901
  }
}
"#
        );
        assert!(event("").expect("an event").contains(r#""source": "a""#));
    }

    #[test]
    fn a_line_that_is_none_says_why() {
        let check = |flags: &str, reason: &str| {
            let err = format!("{:#}", event(flags).expect_err("no event"));
            assert!(err.contains(reason), "{err}");
        };
        check("--line 4", "m.manifest has 3 lines, and no line 4");
        check("--line 3", "m.manifest, line 3: the line is not a JSON object");
    }
}
