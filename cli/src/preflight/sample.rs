//! The first lines of the manifest, which several checks look at.

use std::io::Read;
use std::time::Duration;

use ground_truth::s3_uri::S3Uri;
use serde_json::{Map, Value};

use super::observation::Observation;
use crate::aws::Aws;
use crate::job_file::JobFile;
use crate::labeling_job::path;

/// How much of the manifest is read, in bytes: ten of the longest lines.
const MAX_BYTES: u64 = 1 << 20;

/// The first data objects of the manifest, or what keeps us from them.
pub(super) struct Sample {
    /// Where they come from.
    pub(super) location: String,
    pub(super) lines: Result<Vec<Map<String, Value>>, Observation>,
}

impl Sample {
    /// From S3 where the job names a manifest there, since that is what AWS reads; else from the copy on this computer, which
    /// will be uploaded.
    pub(super) async fn take(aws: &Aws, file: &JobFile, n_lines: usize) -> Self {
        let uri = file.spec().text(path::MANIFEST_S3_URI).and_then(|uri| uri.parse::<S3Uri>().ok());
        if let Some(uri) = uri {
            let location = uri.to_string();
            let lines = match aws.read_start(&uri, MAX_BYTES).await {
                Ok(Some(bytes)) => parse(&bytes, n_lines, &location),
                Ok(None) => {
                    Err(Observation::problem(format!("{location} does not exist"), "upload the manifest there"))
                }
                Err(error) => Err(Observation::unanswered(format!("what {location} holds"), &error)),
            };
            return Self { location, lines };
        }
        match file.manifest_path() {
            Some(path) => {
                let location = path.display().to_string();
                let mut bytes = Vec::new();
                let read = std::fs::File::open(&path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes));
                let lines = match read {
                    Ok(_) => parse(&bytes, n_lines, &location),
                    Err(error) => Err(Observation::problem(
                        format!("{location} cannot be read: {error}"),
                        "correct its path in the job file",
                    )),
                };
                Self { location, lines }
            }
            // A streaming job needs none.
            None => Self { location: String::new(), lines: Ok(Vec::new()) },
        }
    }

    /// What is known when they did not come in time.
    pub(super) fn late(time_limit: Duration) -> Self {
        Self { location: String::new(), lines: Err(Observation::late(time_limit)) }
    }

    /// The first data object.
    pub(super) fn first(&self) -> Option<&Map<String, Value>> {
        self.lines.as_ref().ok()?.first()
    }

    /// The data objects that are objects in S3: their `source-ref`.
    pub(super) fn sources(&self) -> Vec<S3Uri> {
        let lines = self.lines.iter().flatten();
        lines.filter_map(|line| line.get("source-ref")?.as_str()?.parse().ok()).collect()
    }
}

fn parse(bytes: &[u8], n_lines: usize, location: &str) -> Result<Vec<Map<String, Value>>, Observation> {
    let is_whole = (bytes.len() as u64) < MAX_BYTES;
    let mut lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
    // What follows the last line end is an empty rest, or the start of a line that is cut off.
    if !is_whole || lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    if lines.is_empty() && !is_whole {
        let message = format!("the first line of {location} has more than {MAX_BYTES} bytes");
        return Err(Observation::problem(message, "see `gtruth manifest check`"));
    }
    if lines.is_empty() {
        return Err(Observation::problem(format!("{location} has no line"), "write one data object on each line"));
    }
    let parsed = lines.iter().take(n_lines.max(1)).enumerate().map(|(idx, line)| {
        serde_json::from_slice(line).map_err(|error| {
            Observation::problem(
                format!("line {} of {location} is not a JSON object: {error}", idx + 1),
                "see `gtruth manifest check`",
            )
        })
    });
    parsed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_by_lines() {
        let n_lines =
            |text: &str| parse(text.as_bytes(), 5, "m").map(|lines| lines.len()).map_err(|fault| fault.message());
        assert_eq!(n_lines("{}\n{}\n"), Ok(2));
        assert_eq!(n_lines("{}\r\n{}"), Ok(2));
        assert_eq!(n_lines("{}\n{}\n{}\n{}\n{}\nnot read"), Ok(5));
        assert_eq!(n_lines(""), Err("m has no line".to_owned()));
        assert!(n_lines("{}\n[1]\n").expect_err("a fault").starts_with("line 2 of m is not a JSON object"));
    }
}
