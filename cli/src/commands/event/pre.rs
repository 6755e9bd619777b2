//! `gtruth event pre`: the event that PreHumanTaskLambda gets for one data object.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use ground_truth::contract::manifest::DataObject;
use ground_truth::contract::pre_human_task::PreHumanTaskRequest;
use serde_json::Map;

use super::s3_notification;
use crate::EVENT_VERSION;
use crate::args::{DataObjectArgs, EventPreArgs};
use crate::console::{ExitStatus, write_json};
use crate::files::json_lines::JsonLines;

pub(crate) fn run(args: &EventPreArgs, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    let data_object = match &args.from {
        DataObjectArgs { manifest: Some(path), .. } => manifest_line(path, args.line)?,
        DataObjectArgs { s3_notification: Some(path), .. } => {
            let notification = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            s3_notification::data_object(&notification).with_context(|| format!("cannot use {}", path.display()))?
        }
        DataObjectArgs { manifest: None, s3_notification: None } => bail!("give --manifest or --s3-notification"),
    };
    let request = PreHumanTaskRequest {
        version: Some(EVENT_VERSION.into()),
        labeling_job_arn: Some(args.labeling_job_arn.clone()),
        data_object,
        other: Map::new(),
    };
    write_json(out, &request)?;
    Ok(ExitStatus::Success)
}

/// The data object on a line of a manifest, counted from 1.
pub(crate) fn manifest_line(path: &Path, number: u64) -> anyhow::Result<DataObject> {
    let mut lines = JsonLines::open(path)?;
    match lines.nth(usize::try_from(number - 1)?) {
        Some(line) => Ok(DataObject { members: line?.members }),
        None => bail!("{} has {} lines, and no line {number}", path.display(), lines.n_read()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Args, Command, EventCommand};

    const MANIFEST: &str =
        "{\"source\":\"a\"}\r\n{\"z\":1.40,\"source-ref\":\"s3://b/k\",\"big\":123456789012345678901}\n[1]\n";

    fn event(flags: &str) -> anyhow::Result<String> {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("m.manifest");
        fs::write(&path, MANIFEST).expect("writable");
        let line = format!("gtruth event pre --manifest {} {flags}", path.display());
        let args = Args::try_parse_from(line.split_whitespace()).expect("arguments");
        let Command::Event { command: EventCommand::Pre(pre) } = args.command else { panic!("another command") };
        let mut out = Vec::new();
        run(&pre, &mut out).map(|_| String::from_utf8(out).expect("UTF-8"))
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
        check("--line 3", "m.manifest, line 3: the line is no JSON object");
    }
}
